"""Is it still in place? Asked 7, 30 and 60 days after a task was shipped, inside the review and nowhere else (product 6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import pairwise

from tokentrack import clock
from tokentrack.review.evidence import evidence, summary
from tokentrack.store import reviews, tasks

DAYS = (7, 30, 60)
UNTIL = 90
"""Days after which the last question is asked no more: skipping is free."""
ANSWERS = ("yes", "no", "unsure")


@dataclass(frozen=True, slots=True)
class Question:
    """`task` is an id, `days` one of `DAYS`; `git` is what local git says now, found there and not judged."""

    task: str
    name: str
    days: int
    text: str
    git: str


def due(db: sqlite3.Connection, now: int) -> list[Question]:
    """What may be asked now, the task that was shipped first first; each at one of its times, until the next one comes."""
    answered = reviews.follow_ups(db)
    found = []
    for task in sorted(tasks.tasks(db), key=lambda one: (one.finished_at or 0, one.id)):
        if task.outcome != "shipped" or task.finished_at is None:
            continue
        passed = (clock.day_of(now) - clock.day_of(task.finished_at)).days
        days = next((day for day, after in pairwise((*DAYS, UNTIL)) if day <= passed < after), None)
        if days is None or (task.id, days) in answered:
            continue
        git = summary(evidence(db, task.id, now), now)
        found.append(
            Question(task.id, task.name, days, f"{task.name} was shipped {passed} days ago. Is it still in place?", git)
        )
    return found


def answer(db: sqlite3.Connection, task: str, days: int, answer: str | None, now: int) -> None:
    """Keeps one of `ANSWERS`; None takes it back. Inside `transaction` and `journal.change`. Raises Unknown."""
    reviews.answer_follow_up(db, task, days, answer, now)
