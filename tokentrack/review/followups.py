"""Is it still in place? Asked 7, 30 and 60 days after a task was shipped, inside the review and nowhere else (product 6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import pairwise

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.review.evidence import evidence, found, summary, unread
from tokentrack.store import reviews, tasks
from tokentrack.store.read import REWORK_MS

REWORK_DAYS = REWORK_MS // 86_400_000
DAYS = (7, 30, 60)
UNTIL = 90
"""Days after which the last question is asked no more: skipping is free."""
MOST = 3
"""Questions a week, so that a review stays short however many were shipped."""


@dataclass(frozen=True, slots=True)
class Question:
    """`task` is an id, `days` one of `DAYS`; `git` is what local git says now, found there and not judged."""

    task: str
    name: str
    days: int
    text: str
    git: str


def due(db: sqlite3.Connection, now: int) -> list[Question]:
    """What may be asked now, the task that was shipped first first; each at one of its times, until the next one comes.

    At most `MOST` a week, answered ones counted: those whose time ends first.
    """
    answered = reviews.follow_ups(db)
    waiting: list[tuple[int, int, Task, int]] = []
    for task in sorted(tasks.tasks(db), key=lambda one: (one.finished_at or 0, one.name, one.id)):
        passed = days_since_shipped(task, now)
        if passed is None:
            continue
        for days, ends in pairwise((*DAYS, UNTIL)):
            if days <= passed < ends and (task.id, days) not in answered:
                waiting.append((ends - passed, len(waiting), task, days))
    monday = clock.start_of(clock.monday_of(clock.day_of(now)))
    room = max(0, MOST - reviews.follow_ups_since(db, monday))
    chosen = sorted(sorted(waiting, key=lambda one: one[:2])[:room], key=lambda one: one[1])
    return [_question(db, task, days, now) for _, _, task, days in chosen]


def _question(db: sqlite3.Connection, task: Task, days: int, now: int) -> Question:
    told, passed = evidence(db, task.id, now), days_since_shipped(task, now)
    git = unread(told) if unread(told) and not found(told) else summary(found(told), now)
    text = f"{task.name} was shipped {passed} days ago. Is it still in place?"
    return Question(task.id, task.name, days, text, git)


def days_since_shipped(task: Task, now: int) -> int | None:
    """Local days since the outcome that stands began; None: that is no shipping."""
    if task.outcome != "shipped" or task.finished_at is None:
        return None
    return (clock.day_of(now) - clock.day_of(task.finished_at)).days


def rework_window(task: Task, now: int) -> str:
    """`day 4 of 14` while use of a shipped task counts as rework (M8), whatever git tells; else empty."""
    days = days_since_shipped(task, now)
    return "" if days is None or days >= REWORK_DAYS else f"day {days} of {REWORK_DAYS}"
