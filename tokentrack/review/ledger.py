"""Where the list value went: every task, what belongs to none on purpose, what is not linked. They add up, always (AC 3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tokentrack.model.tasks import OUTCOMES, Task
from tokentrack.model.usage import Total
from tokentrack.store import ledger as store
from tokentrack.store import read, tasks
from tokentrack.store.ledger import Booked
from tokentrack.store.read import NO_TASK, UNLINKED, Where

OPEN, REWORK = "open", "rework"
BY_OUTCOME = (*OUTCOMES, REWORK, OPEN, NO_TASK, UNLINKED)
"""What the list value of a period is told apart by, in the order in which it is shown; not linked always comes last."""
LABELS = {"abandoned": "stopped"}
"""What one of them is called, where that is another word (product decision 8)."""


NOTHING = Total()


@dataclass(frozen=True, slots=True)
class Used:
    """What some sessions used for one thing. `unrecorded` are sessions of it whose tokens are recorded nowhere, in part or all.

    `rework` is the part of `total` that was used within 14 days after the task was shipped, `last_at` UTC milliseconds.
    """

    total: Total = NOTHING
    sessions: int = 0
    unrecorded: int = 0
    rework: Total = NOTHING
    last_at: int | None = None

    @property
    def unknown(self) -> int:
        """Parts whose list value is not known: never 0, never left out in silence (AC 5)."""
        return self.total.unpriced_requests + self.unrecorded

    @property
    def list_value(self) -> int | None:
        """Micro-dollars; None if nothing of it is known, 0 only where nothing was used."""
        return None if not self.total.requests and self.unrecorded else self.total.list_value

    def __add__(self, other: Used) -> Used:
        """Sessions that both have are counted in both: of a sum over tasks, `Ledger.all` tells them once."""
        if not other.sessions:  # most of thousands of tasks in a sum
            return self
        return Used(
            self.total + other.total,
            self.sessions + other.sessions,
            self.unrecorded + other.unrecorded,
            self.rework + other.rework if other.rework.requests else self.rework,
            max((at for at in (self.last_at, other.last_at) if at is not None), default=None),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A task and what it used, in the period that was asked for."""

    task: Task
    used: Used


@dataclass(frozen=True, slots=True)
class Ledger:
    """`rows` are all tasks, also those without sessions; they, `no_task` and `unlinked` add up to `all`, exactly.

    So do `outcomes`, which are those of `BY_OUTCOME` that have any use, in that order; rework is one of them. `after` is the
    rework that the shipping of a task made, on it and on what follows it up.
    """

    rows: tuple[Row, ...]
    no_task: Used
    unlinked: Used
    all: Used
    outcomes: tuple[tuple[str, Used], ...] = ()
    after: Mapping[str, Total] = field(default_factory=dict)


def ledger(db: sqlite3.Connection, where: Where = Where()) -> Ledger:  # noqa: B008  # immutable
    """Every task, the oldest first, with what it used; `where` may be any period, agent or project."""
    booked, silent = store.booked(db, where), _silent(db, where)
    by_task: dict[str, list[Booked]] = {}
    for one in booked:
        by_task.setdefault(one.task, []).append(one)

    def used(key: str) -> Used:
        return used_by(by_task.get(key, ()), silent.get(key, set()))

    rows = tuple(Row(task, used(task.id)) for task in tasks.tasks(db))
    no_task, unlinked = used(NO_TASK), used(UNLINKED)
    sessions, hidden = {one.session for one in booked}, set[str]().union(*silent.values())
    whole = sum((row.used for row in rows), no_task + unlinked)  # of thousands of sessions the sums are there already
    return Ledger(
        rows,
        no_task,
        unlinked,
        replace(whole, sessions=len(sessions | hidden), unrecorded=len(hidden)),
        _by_outcome({row.task.id: row.task.outcome or OPEN for row in rows}, booked, silent),
        by_shipping(booked),
    )


def by_shipping(booked: Iterable[Booked]) -> dict[str, Total]:
    """Task ▶ the rework that its shipping made, on it and on what follows it up (M8). Every rework is made by one shipping."""
    found: dict[str, Total] = {}
    for one in booked:
        for task, total in one.after:
            found[task] = found.get(task, NOTHING) + total
    return found


def _by_outcome(
    outcome: dict[str, str], booked: Sequence[Booked], silent: dict[str, set[str]]
) -> tuple[tuple[str, Used], ...]:
    """Rework stands before what came of the task otherwise (product decision 8)."""
    parts: dict[str, list[Booked]] = {}
    for one in booked:
        if one.rework.requests:
            parts.setdefault(REWORK, []).append(one._replace(plain=one.rework, rework=NOTHING))
        if one.plain.requests:
            parts.setdefault(outcome.get(one.task, one.task), []).append(one._replace(rework=NOTHING))
    hidden: dict[str, set[str]] = {}
    for task, sessions in silent.items():
        hidden.setdefault(outcome.get(task, task), set()).update(sessions)
    return tuple(
        (key, used_by(parts.get(key, ()), hidden.get(key, set())))
        for key in BY_OUTCOME
        if key in parts or key in hidden
    )


def _silent(db: sqlite3.Connection, where: Where) -> dict[str, set[str]]:
    """Task ▶ its sessions whose tokens are recorded nowhere. What narrows to parts of sessions has no place for them."""
    if where != Where(where.since, where.until):
        return {}
    found: dict[str, set[str]] = {}
    for task, session in store.unrecorded(db, where.since, where.until):
        found.setdefault(task, set()).add(session)
    return found


def used_by(booked: Sequence[Booked], silent: set[str]) -> Used:
    """The sum over parts of sessions; `silent` are sessions whose tokens are recorded nowhere."""
    return Used(
        sum((one.total for one in booked), Total()),
        len({one.session for one in booked} | silent),
        len(silent),
        sum((one.rework for one in booked if one.rework.requests), NOTHING),
        max((one.last_at for one in booked if one.last_at is not None), default=None),
    )


def by_outcome(db: sqlite3.Connection, where: Where) -> list[tuple[str, Total]]:
    """(one of `BY_OUTCOME`, total), in that order: the same without the sessions, which takes half the time."""
    found = dict(read.totals_by(db, "outcome", where))
    return [(key, found[key]) for key in BY_OUTCOME if key in found]
