"""One task: what it used and where, what was said of it and when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from tokentrack.model.tasks import Estimate, OutcomeEvent, Span, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review import attended, effect, usage, worth
from tokentrack.review.attended import Attended
from tokentrack.review.effect import Effect
from tokentrack.review.ledger import Used, by_shipping, used_by
from tokentrack.review.worth import BreakEven
from tokentrack.store import ledger as store
from tokentrack.store import links, read, reviews, rules, tasks
from tokentrack.store.ledger import Booked
from tokentrack.store.read import Where
from tokentrack.store.reviews import Verdict

LATE = 10
"""An estimate made when more than a tenth of what the task used was spent is kept, marked, and calibrates nothing (AC 28)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one session used for the task: the turns that are linked to it, in their order."""

    session: Session
    turns: tuple[Span, ...]
    used: Used


@dataclass(frozen=True, slots=True)
class TaskPage:
    """`parts`, `by_model` and `by_week` each add up to `used`. `history` and `estimates` are as they were made, the oldest first.

    A week is `2026-W47`, `unknown` for requests whose time is not known. `break_even` is None without a rate, `verdict` without
    an answer, `effect` where a side of it is not known, `attended` while it is off. `cut` is that of the stress test. `rework` is
    what its own shipping made rework, on it and on what follows it up; `after` what it used itself after `follows` was shipped.
    """

    task: Task
    used: Used
    parts: tuple[Part, ...]
    by_model: tuple[tuple[str, Total], ...]
    by_week: tuple[tuple[str, Total], ...]
    history: tuple[OutcomeEvent, ...]
    estimates: tuple[Estimate, ...]
    follows: Task | None
    follow_ups: tuple[Task, ...]
    break_even: BreakEven | None
    verdict: Verdict | None
    effect: Effect | None
    cut: Fraction
    attended: Attended | None
    rework: Total
    after: Total


def page(db: sqlite3.Connection, uid: str) -> TaskPage | None:
    """Everything about a task; None: it is gone."""
    task = tasks.task(db, uid)
    if task is None:
        return None
    where = Where(tasks=(uid,))
    follow_ups = tuple(one for one in tasks.tasks(db) if one.follow_up_of == uid)
    family = store.booked(db, Where(tasks=(uid, *(one.id for one in follow_ups))))
    booked = {one.session: one for one in family if one.task == uid}
    silent = {session for name, session in store.unrecorded(db) if name == uid}
    return TaskPage(
        task,
        used_by(list(booked.values()), silent),
        _parts(db, uid, booked, silent),
        tuple(read.totals_by(db, "model", where)),
        tuple(usage.totals(db, "week", where)),
        tuple(tasks.outcomes(db, uid)),
        tuple(tasks.estimates(db, uid)),
        tasks.task(db, task.follow_up_of) if task.follow_up_of else None,
        follow_ups,
        worth.break_even(db, uid),
        reviews.verdict(db, uid),
        effect.of_task(db, uid),
        effect.cut_of(db),
        attended.attended(db, uid),
        by_shipping(family).get(uid, Total()),
        by_shipping(booked.values()).get(task.follow_up_of or "", Total()),
    )


def _parts(db: sqlite3.Connection, uid: str, booked: dict[str, Booked], silent: set[str]) -> tuple[Part, ...]:
    """The sessions that are linked to it, the one that ended last first, also those without use."""
    turns: dict[str, list[Span]] = {}
    for link in links.links(db, task=uid):
        turns.setdefault(link.session, []).append(link.turns)
    return tuple(
        Part(
            session,
            tuple(turns[session.id]),
            used_by([booked[session.id]] if session.id in booked else [], silent & {session.id}),
        )
        for session in read.sessions_of(db, turns)
    )


def late(estimate: Estimate, used: Used) -> bool:
    """Whether it was made when more than a tenth of what the task used by now was spent; in tokens, where a price is unknown."""
    if used.total.unpriced_requests:
        return LATE * estimate.tokens > used.total.tokens
    return LATE * estimate.spent > (used.list_value or 0) > 0


# ---- merging ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moving:
    """What moves to the task that is kept when others are merged into it."""

    sessions: int
    used: Used
    estimates: int
    rules: int


def moving(db: sqlite3.Connection, gone: Iterable[str]) -> Moving:
    """What belongs to these tasks, and would move to the one that is kept."""
    named = tuple(gone)
    where = Where(tasks=named)
    silent = {session for task, session in store.unrecorded(db) if task in named}
    used = used_by(store.booked(db, where), silent)
    linked = {link.session for task in named for link in links.links(db, task=task)}
    estimates = sum(len(tasks.estimates(db, task)) for task in named)
    return Moving(len(linked), used, estimates, sum(rule.task in named for rule in rules.rules(db)))
