"""What was learned, and what was decided against: one sentence for each task that ended so (Q22)."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentrack.model import Task
from tokentrack.store import tasks

OUTCOMES = ("learned", "decided not to")


class Learned(NamedTuple):
    """`sentence` is what was said last of it, "" where nothing was; `at` is UTC milliseconds."""

    task: Task
    sentence: str
    outcome: str
    at: int


def learned(db: sqlite3.Connection) -> list[Learned]:
    """The newest first."""
    found = []
    for task in tasks.tasks(db):
        if task.outcome in OUTCOMES:
            events = [one for one in tasks.outcomes(db, task.id) if one.outcome == task.outcome]
            said = next((one for one in reversed(events) if one.note.strip()), events[-1] if events else None)
            if said is not None:
                found.append(Learned(task, said.note.strip(), task.outcome, said.at))
    return sorted(found, key=lambda one: (-one.at, one.task.id))
