"""A week as the person judges it: what it cost, what came of it, how sure that is. Closed ones are read, open ones computed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from tokentrack import clock
from tokentrack.model.tasks import OUTCOMES, Task
from tokentrack.model.usage import Session, Total
from tokentrack.money import known_sum, signed, spread
from tokentrack.phrases import plural
from tokentrack.pricing import published
from tokentrack.review import budgets, evidence, insights, ledger, snapshot, usage
from tokentrack.review.budgets import Spent
from tokentrack.review.finished import finished
from tokentrack.review.glance import log_problems
from tokentrack.review.ledger import BY_OUTCOME, OPEN, REWORK, Used
from tokentrack.review.paid import items_of, paid, paid_of
from tokentrack.review.snapshot import (
    BudgetRow,
    InsightRow,
    ModelRow,
    OutcomeRow,
    PaidRow,
    SessionRow,
    Snapshot,
    TaskRow,
    TokensRow,
)
from tokentrack.store import ledger as booked
from tokentrack.store import read, reviews, tasks
from tokentrack.store.read import NO_TASK, UNLINKED, Where

GONE = "gone"
"""What a task says that is there no more."""
ALWAYS = (NO_TASK, UNLINKED)
"""Shown also where nothing was used for them (AC 30)."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a closed week would say otherwise now: list value now minus then, and the sessions that make the difference.

    `paid` is the same of what was paid; None: it was not known then, or is not now. `tasks` are those that have another outcome
    than they were closed with, or of which another part is rework; `finished` were closed open, which is the normal course.
    """

    list_value: int
    sessions: tuple[str, ...]
    paid: int | None = 0
    tasks: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is more than what was open then and came to an end since, which is the normal course."""
        return bool(self.sessions or self.paid != 0 or self.tasks)

    def in_words(self) -> Iterator[str]:
        """`+$1.20 list value in 2 sessions`, `+$5.00 paid`, `1 task finished since`: what there is of these."""
        if self.sessions:
            sessions = plural(len(self.sessions), "session")
            value = f"{signed(self.list_value)} list value in {sessions}"
            yield value if self.list_value else f"{sessions}, linked otherwise"
        if self.paid != 0:
            yield "paid: not known then, or not now" if self.paid is None else f"{signed(self.paid)} paid"
        if self.tasks:
            yield f"{plural(len(self.tasks), 'task')} with another outcome"
        if self.finished:
            yield f"{plural(len(self.finished), 'task')} finished since"


class JudgedRow(NamedTuple):
    """A task that says otherwise than when the week was closed: as what its `list_value` of the week counted then, and now does.

    `then` and `now` are outcomes, `open`, `rework` or `gone` (deleted, or merged into another). `list_value` is micro-dollars.
    """

    name: str
    then: str
    now: str
    list_value: int | None

    @property
    def finished(self) -> bool:
        """Whether it was open and came to an end since, which is the normal course."""
        return self.then == OPEN and self.now in OUTCOMES


@dataclass(frozen=True, slots=True)
class Week:
    """`revision` 0: never closed. `changed` is None while nothing differs from what was closed."""

    monday: date
    told: Snapshot
    closed: bool
    revision: int
    sha256: str | None
    changed: Changed | None


def week(db: sqlite3.Connection, monday: date, now: int) -> Week:
    """The week that begins on this Monday."""
    name = clock.week_name(monday)
    closed = reviews.standing(db, name)
    if closed is not None:
        told = snapshot.read(closed.snapshot)
        return Week(
            monday, told, True, closed.revision, closed.sha256, changed_since(db, monday, told, closed.closed_at)
        )
    before = reviews.revisions(db, name)
    return Week(monday, take(db, monday, now), False, before[-1].revision if before else 0, None, None)


# ---- an open week ----------------------------------------------------------------------------------------------------


def take(db: sqlite3.Connection, monday: date, now: int) -> Snapshot:
    """What the week says now."""
    first, last = monday, monday + 6 * clock.DAY
    span = clock.span(first, last)
    where = Where(*span)
    book = ledger.ledger(db, where)
    cost = paid(db, first, last)
    total = book.all.total
    written = reviews.draft(db, clock.week_name(monday))
    return Snapshot(
        week=clock.week_name(monday),
        since=first.isoformat(),
        until=last.isoformat(),
        zone=clock.zone(),
        prices=published.source(),
        paid=cost.amount,
        paid_complete=cost.amount is not None and not cost.at_least,
        list_value=book.all.list_value,
        requests=total.requests,
        unpriced_requests=total.unpriced_requests,
        unrecorded_sessions=book.all.unrecorded,
        accounted=(total.list_value or 0) - (book.unlinked.total.list_value or 0),
        outcomes=outcomes(dict(ledger.by_outcome(db, where))),
        tasks=tuple(_task_rows(db, book, monday, now)),
        sessions=session_rows(db, where),
        budget=_budget(db, min(last, clock.today())),
        budget_before=_budget_before(db, first, last),
        agents=tuple(sorted({agent for agent, used in usage.totals(db, "agent", where) if used.requests})),
        problems=log_problems(db),
        insights=tuple(
            InsightRow(one.kind, one.text, one.subject)
            for one in insights.insights(db, monday, now)
            if one.answer != insights.NOT_USEFUL
        ),
        tried=written.tried,
        note=written.note,
        intent=written.intent,
        begin=where.since,
        end=where.until,
        paid_through=None if first > clock.today() else min(last, clock.today()).isoformat(),
        paid_rows=tuple(PaidRow(line.what, line.amount or 0) for line in cost.how.rows),
        tokens=TokensRow(total.input, total.output, total.cache_read, total.cache_write_5m, total.cache_write_1h),
        partly=tuple(sorted({agent for agent, _ in booked.partly_recorded(db, *span)})),
        models=tuple(ModelRow(name, used.tokens, used.requests) for name, used in usage.totals(db, "model", where)),
        turns=read.turns_begun(db, *span),
    )


def outcomes(totals: Mapping[str, Total]) -> tuple[OutcomeRow, ...]:
    """M3: the list value by what came of it, in the order of the outcomes. Percents are of what is known, and add up to 100."""
    known = {key: total.list_value or 0 for key, total in totals.items()}
    percents = spread(100, known) if any(known.values()) else {}
    rows = []
    for key in BY_OUTCOME:
        total = totals.get(key, Total())
        if total.requests or key in ALWAYS:
            rows.append(OutcomeRow(key, total.list_value, percents.get(key, 0), total.unpriced_requests))
    return tuple(rows)


def session_rows(db: sqlite3.Connection, where: Where) -> tuple[SessionRow, ...]:
    """What every session used in the week, once for each task it was used for."""
    return tuple(
        SessionRow(
            one.session, one.task, one.total.list_value, one.total.requests, one.total.unpriced_requests,
            one.rework.list_value or 0,
        )
        for one in sorted(booked.booked(db, where), key=lambda one: (one.session, one.task))
    )  # fmt: skip


def _task_rows(db: sqlite3.Connection, book: ledger.Ledger, monday: date, now: int) -> list[TaskRow]:
    """The dearest first. A task that its review finished stands there also if no agent was used for it (Q24)."""
    done = finished(db, monday, now)
    shown = [row for row in book.rows if row.used.sessions or row.task.id in done]
    until = clock.start_of(monday + 7 * clock.DAY)
    in_all = tasks.totals(db, until=until, of=tuple(row.task.id for row in shown))
    rows = [_task_row(db, row.task, row.used, in_all.get(row.task.id, Total()), now) for row in shown]
    return sorted(rows, key=lambda row: (-(row.list_value or 0), row.name, row.task))


def _task_row(db: sqlite3.Connection, task: Task, used: Used, in_all: Total, now: int) -> TaskRow:
    told = evidence.evidence(db, task.id, now)
    found, unread = evidence.found(told), evidence.unread(told)
    worth = reviews.verdict(db, task.id)
    return TaskRow(
        task.id, task.name, task.outcome, used.list_value, in_all.list_value, tuple(map(evidence.in_words, found)),
        used.total.unpriced_requests, task.size, worth.worth if worth else None, used.rework.list_value or 0,
        "" if unread and not found else evidence.summary(found, now, task.outcome != "shipped"), unread,
    )  # fmt: skip


def _budget_before(db: sqlite3.Connection, first: date, last: date) -> BudgetRow | None:
    """Of the month that ended in the week: no other week tells what it had used in the end."""
    end = clock.month_start(last) - clock.DAY
    row = _budget(db, end) if first <= end < clock.today() else None
    return row if row and row.period == "month" else None


def _budget(db: sqlite3.Connection, day: date) -> BudgetRow | None:
    """Of the period that holds this day: to its end, and no later week's."""
    spent = budgets.spent(db, day, by=True)
    if spent is None:
        return None
    one = spent.budget
    unknown = spent.at_least if one.measure == "paid" else _unknown_by(db, spent, day)
    return BudgetRow(
        one.measure, one.amount, one.period, spent.known, one.project, spent.first.isoformat(), day.isoformat(), unknown
    )


def _unknown_by(db: sqlite3.Connection, spent: Spent, day: date) -> bool:
    """Something was used by then that has no known price, or is recorded nowhere; of tokens, also in part (AC 5)."""
    span = clock.span(spent.first, day)
    if spent.budget.measure == "tokens":
        return any(spent.budget.project in (None, project) for _, project in booked.partly_recorded(db, *span))
    if spent.unpriced_requests:
        return True
    found = booked.unrecorded(db, *span)
    of = read.sessions_of(db, {session for _, session in found})
    return any(spent.budget.project in (None, one.project) for one in of)


# ---- a closed one ----------------------------------------------------------------------------------------------------


def changed_since(db: sqlite3.Connection, monday: date, told: Snapshot, closed_at: int) -> Changed | None:
    """What came or was said otherwise after it was closed (AC 41): late log lines, links, prices, charges, plans, outcomes.

    The fees of days that were to come are the normal course.
    """
    rows = session_rows(db, closed_where(monday, told))
    then, now = _used(told.sessions), _used(rows)
    sessions = sorted({key[0] for key in then.keys() | now.keys() if then.get(key) != now.get(key)})
    cost = _paid_now(db, told, closed_at)
    difference = cost - told.paid if cost is not None and told.paid is not None else 0 if cost == told.paid else None
    judged = list(_judged_since(db, told, rows))
    if not sessions and difference == 0 and not judged:
        return None
    tasks_changed, finished = (
        tuple(dict.fromkeys(task for task, row in judged if row.finished == normal)) for normal in (False, True)
    )
    return Changed(_value(rows) - _value(told.sessions), tuple(sessions), difference, tasks_changed, finished)


def closed_where(monday: date, told: Snapshot) -> Where:
    """The week as it was closed, wherever the person is now."""
    return Where(*clock.week_span(monday)) if told.begin is None else Where(told.begin, told.end)


def _used(rows: Sequence[SessionRow]) -> dict[tuple[str, str], tuple[int | None, int, int]]:
    """What counts as rework follows from outcomes, so it is no change of the session."""
    return {(row.session, row.task): (row.list_value, row.requests, row.unpriced_requests) for row in rows}


def _paid_now(db: sqlite3.Connection, told: Snapshot, closed_at: int) -> int | None:
    """All charges of the week, and plan fees of the days that were counted when it was closed."""
    first, last = date.fromisoformat(told.since), date.fromisoformat(told.until)
    through = date.fromisoformat(told.paid_through) if told.paid_through else min(last, clock.day_of(closed_at))
    items = [item for item in items_of(db, first, last) if item.charged or item.day <= through]
    return paid_of(db, items, first, last).amount


def _value(rows: Sequence[SessionRow]) -> int:
    return sum(row.list_value or 0 for row in rows)


def value_of(rows: Sequence[SessionRow], session: str) -> int | None:
    """What a session used: 0 where the week had none of it; None where nothing of it is known."""
    return known_sum(row.list_value for row in rows if row.session == session)


def sessions_changed(db: sqlite3.Connection, changed: Changed) -> list[Session]:
    """The rows behind a change, those used last first."""
    found = [session for name in changed.sessions for session in read.sessions_like(db, name)[:1]]
    return sorted(found, key=lambda one: (-(one.ended_at or 0), one.id))


def tasks_changed(db: sqlite3.Connection, found: Week) -> Iterator[JudgedRow]:
    """The tasks behind a change, in the order of the week."""
    if found.changed is not None and (found.changed.tasks or found.changed.finished):
        rows = session_rows(db, closed_where(found.monday, found.told))
        yield from (judged for _, judged in _judged_since(db, found.told, rows))


def _judged_since(
    db: sqlite3.Connection, told: Snapshot, rows: Sequence[SessionRow]
) -> Iterator[tuple[str, JudgedRow]]:
    """(task, what differs): its outcome, and how much of what it used counts as rework."""
    outcome = {task.id: task.outcome or OPEN for task in tasks.tasks(db)}
    rework = _rework_since(told, rows)
    for row in told.tasks:
        then, now = row.outcome or OPEN, outcome.get(row.task, GONE)
        if now != then:
            plain = None if row.list_value is None else row.list_value - row.rework
            yield row.task, JudgedRow(row.name, then, now, plain)
        if more := rework.get(row.task):
            was, becomes = (then, REWORK) if more > 0 else (REWORK, now)
            yield row.task, JudgedRow(row.name, was, becomes, abs(more))


def _rework_since(told: Snapshot, rows: Sequence[SessionRow]) -> dict[str, int]:
    """Task ▶ how much more of what it used is rework now: where sessions used what they did, which tell the rest themselves.

    Weeks that were closed early on do not tell of each session how much of it was rework: of these nothing is compared.
    """
    kept = next((row.list_value or 0 for row in told.outcomes if row.outcome == REWORK), 0)
    if kept != sum(row.rework for row in told.sessions):
        return {}
    then, more = {(row.session, row.task): row for row in told.sessions}, Counter[str]()
    for row in rows:
        was = then.get((row.session, row.task))
        if was is not None and replace(row, rework=was.rework) == was:
            more[row.task] += row.rework - was.rework
    return more
