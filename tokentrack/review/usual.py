"""Whether a task is dearer than the person's others of its size (M4). Dearer is no verdict, and cheaper is none either."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from tokentrack.model.tasks import Task
from tokentrack.money import dollars
from tokentrack.review.ledger import NOTHING, Row, Used
from tokentrack.review.paid import How, Line
from tokentrack.store import ledger as store
from tokentrack.store import tasks

FEWEST = 5
"""Finished tasks of a size that make a usual range (M4, AC 27)."""
RANGE_MS = 26 * 7 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle half of what the person's own finished tasks of a size used: micro-dollars of list value, and how many."""

    low: int
    high: int
    n: int

    def place(self, value: int) -> str:
        return "below" if value < self.low else "above" if value > self.high else "within"


@dataclass(frozen=True, slots=True)
class Chip:
    """A task beside the usual range of its size. `past`: it is open, and dearer than nine of ten of the others were."""

    usual: Usual
    size: str
    value: int
    place: str
    past: bool

    @property
    def text(self) -> str:
        """`n` comes first: where room is short it must not be what is left out (AC 27)."""
        span = f"n = {self.usual.n}: {dollars(self.usual.low)} to {dollars(self.usual.high)} list value"
        return f"{self.place} your usual range for {self.size} tasks ({span})"


def in_all(db: sqlite3.Connection) -> list[Row]:
    """Every task with what it used in all, as a ledger has it but quicker: its sessions are not counted, 1 stands for any."""
    totals, silent = tasks.totals(db), {task for task, _ in store.unrecorded(db)}
    rows = []
    for task in tasks.tasks(db):
        total = totals.get(task.id, NOTHING)
        rows.append(Row(task, Used(total, int(total.requests > 0 or task.id in silent), int(task.id in silent))))
    return rows


def comparable(rows: Iterable[Row], task: Task, now: int) -> list[Row]:
    """The other tasks of the same size that were finished in the last 26 weeks, the dearest first.

    Tasks without sessions, and tasks of which not everything is priced, are not among them.
    """
    found = [
        row
        for row in rows
        if row.task.id != task.id
        and task.size is not None
        and row.task.size == task.size
        and row.task.finished_at is not None
        and now - RANGE_MS <= row.task.finished_at <= now
        and row.used.sessions
        and not row.used.unknown
        and row.used.list_value is not None
    ]
    return sorted(found, key=lambda row: (-(row.used.list_value or 0), row.task.id))


def usual(rows: Iterable[Row], task: Task, now: int) -> Usual | None:
    """Quartiles over the tasks that can be compared with this one; None: fewer than 5 (AC 27)."""
    values = [row.used.list_value or 0 for row in comparable(rows, task, now)]
    if len(values) < FEWEST:
        return None
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Usual(round(low), round(high), len(values))


def chip_of(rows: Sequence[Row], row: Row, now: int) -> Chip | None:
    """None: there are too few tasks to compare with, or nothing is known of what this one used."""
    found = usual(rows, row.task, now)
    value = row.used.list_value
    if found is None or value is None or not row.used.sessions or row.task.size is None:
        return None
    dearer = sum((one.used.list_value or 0) >= value for one in comparable(rows, row.task, now))
    past = row.task.outcome is None and found.place(value) == "above" and 10 * dearer <= found.n
    return Chip(found, row.task.size, value, found.place(value), past)


def how(db: sqlite3.Connection, task: str, now: int) -> How | None:
    """The tasks that make the range; None where there is no range."""
    rows = in_all(db)
    mine = next((row for row in rows if row.task.id == task), None)
    return None if mine is None else how_of(rows, mine, now)


def how_of(rows: Sequence[Row], mine: Row, now: int) -> How | None:
    found = usual(rows, mine.task, now)
    if found is None:
        return None
    return How(
        "usual range = first to third quartile of your own finished tasks of this size in the last 26 weeks, fully priced",
        found.n,
        "finished tasks",
        (
            ("size", mine.task.size or ""),
            ("list value at the first quartile", dollars(found.low)),
            ("list value at the third quartile", dollars(found.high)),
            ("this task's list value", dollars(mine.used.list_value)),
        ),
        tuple(
            Line(row.task.name, row.used.list_value, "list value", f"task:{row.task.id}")
            for row in comparable(rows, mine.task, now)
        ),
        adds=False,
    )
