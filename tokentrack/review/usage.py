"""Totals by day, week, month and the other keys of `tokentrack usage`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import PurePath

from tokentrack import clock
from tokentrack.model.usage import Session, Total
from tokentrack.store import account, ledger, read, tasks
from tokentrack.store.read import Where

UNKNOWN = "unknown"
BY_TIME: dict[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": clock.week_name,
    "month": lambda day: f"{day:%Y-%m}",
}
EVER = 1 << 62
"""Later than any session."""


def totals(db: sqlite3.Connection, by: str, where: Where) -> list[tuple[str, Total]]:
    """(key, total) in the order of the keys; times are local. `by` is of `BY_TIME` or `read.KEYS`, else it raises KeyError."""
    if by not in BY_TIME:
        return read.totals_by(db, by, where)
    name = BY_TIME[by]
    return _summed((UNKNOWN if day is None else name(day), total) for day, _, total in _by_day(db, where))


def days_by_agent(db: sqlite3.Connection, days: Iterable[date]) -> list[tuple[date, dict[str, Total]]]:
    """Each of these consecutive local days with its totals by agent."""
    wanted: dict[date, dict[str, Total]] = {day: {} for day in days}
    where = Where(*clock.span(min(wanted), max(wanted)))
    for day, agent, total in _by_day(db, where):
        if day in wanted:
            agents = wanted[day]
            agents[agent] = agents.get(agent, Total()) + total
    return list(wanted.items())


def _by_day(db: sqlite3.Connection, where: Where) -> Iterable[tuple[date | None, str, Total]]:
    for quarter, agent, total in read.totals_by_quarter(db, where):
        yield (None if quarter is None else clock.day_of(quarter)), agent, total


def _summed(pairs: Iterable[tuple[str, Total]]) -> list[tuple[str, Total]]:
    sums: dict[str, Total] = {}
    for key, total in pairs:
        sums[key] = sums[key] + total if key in sums else total
    return sorted(sums.items())


# ---- tokens that are recorded nowhere --------------------------------------------------------------------------------


def unrecorded(db: sqlite3.Connection, where: Where) -> list[Session]:
    """Sessions of which some or all tokens are recorded nowhere, the newest first: they are in no sum, and never 0."""
    since, until = where.since or 0, EVER if where.until is None else where.until
    if where.key is not None or not account.unrecorded(db, since, until):
        return []
    found = read.sessions(db, since, until, where.agent)
    return [session for session in found if session.unrecorded and _within(db, where, session)]


def _within(db: sqlite3.Connection, where: Where, session: Session) -> bool:
    if where.session not in (None, session.id) or (where.sessions is not None and session.id not in where.sessions):
        return False
    project = session.project
    if where.project is not None and where.project not in (
        (project, PurePath(project).name) if project else (UNKNOWN,)
    ):
        return False
    if where.model is not None and where.model not in _models(db, session):
        return False
    if where.branch is not None and where.branch not in (session.branches or (UNKNOWN,)):
        return False
    if where.tasks is not None and not _tasks(db, session) & {*where.tasks}:
        return False
    if where.outcome is not None and where.outcome not in {_outcome(db, task) for task in _tasks(db, session)}:
        return False
    return where.turn is None or where.turn in [turn.seq for turn in _silent(db, session)]


def _models(db: sqlite3.Connection, session: Session) -> list[str]:
    return account.models_named(db, session.id) or [UNKNOWN]


def _tasks(db: sqlite3.Connection, session: Session) -> set[str]:
    """Ids of the tasks it is linked to, `no task` and `unlinked` among them."""
    return {task for task, of in ledger.unrecorded(db) if of == session.id}


def _outcome(db: sqlite3.Connection, name: str) -> str:
    task = tasks.task(db, name)
    return name if task is None else task.outcome or "open"


def _silent(db: sqlite3.Connection, session: Session) -> list[read.TurnTotal]:
    """The turns of which nothing is recorded."""
    return [turn for turn in read.turns(db, session.id) if not turn.total.requests]


def unrecorded_by(db: sqlite3.Connection, by: str, where: Where, sessions: Iterable[Session]) -> dict[str, int]:
    """How many of these sessions belong to each key of `totals`; by time, to each in which a turn of it is silent."""
    counts: dict[str, int] = {}
    for session in sessions:
        for key in _keys(db, by, where, session):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _keys(db: sqlite3.Connection, by: str, where: Where, session: Session) -> set[str]:
    if by in BY_TIME:
        since, until = where.since or 0, EVER if where.until is None else where.until
        times = [turn.at for turn in _silent(db, session) if turn.at is not None and since <= turn.at < until]
        if not times and session.ended_at is not None:
            times = [session.ended_at]
        return {BY_TIME[by](clock.day_of(at)) for at in times} or {UNKNOWN}
    if by == "model":
        return {where.model} if where.model else set(_models(db, session))
    if by == "branch":
        return {where.branch} if where.branch else set(session.branches) or {UNKNOWN}
    if by == "task":
        return _tasks(db, session)
    if by == "outcome":
        return {_outcome(db, task) for task in _tasks(db, session)}
    return {{"agent": session.agent, "project": session.project or UNKNOWN, "session": session.id}[by]}
