"""Totals by day, week, month and the other keys of `tokentrack usage`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date

from tokentrack import clock
from tokentrack.model import Total
from tokentrack.store import read
from tokentrack.store.read import Where

UNKNOWN = "unknown"
BY_TIME: dict[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": clock.week_name,
    "month": lambda day: f"{day:%Y-%m}",
}
KEYS = (*BY_TIME, *read.KEYS)


def totals(db: sqlite3.Connection, by: str, where: Where) -> list[tuple[str, Total]]:
    """(key, total) in the order of the keys; times are local. Raises KeyError for a key that is none of `KEYS`."""
    if by not in BY_TIME:
        return read.totals_by(db, by, where)
    name = BY_TIME[by]
    return _summed((UNKNOWN if day is None else name(day), total) for day, _, total in _by_day(db, where))


def days_by_agent(db: sqlite3.Connection, days: Iterable[date]) -> list[tuple[date, dict[str, Total]]]:
    """Each of these consecutive local days with its totals by agent."""
    wanted: dict[date, dict[str, Total]] = {day: {} for day in days}
    where = Where(clock.start_of(min(wanted)), clock.start_of(max(wanted) + clock.DAY))
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
