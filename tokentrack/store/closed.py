"""The weeks that the person has closed: no scan and no price changes what they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date

from tokentrack import clock


def mondays(db: sqlite3.Connection) -> frozenset[date]:
    return frozenset(clock.parse_week(row[0]) for row in db.execute("select week from closed_weeks"))


def close(db: sqlite3.Connection, monday: date, now: int) -> None:
    """Closes the week that begins with this Monday. What it says then is the review's to keep."""
    db.execute("insert or ignore into closed_weeks values (?, ?)", [clock.week_name(monday), now])


def reopen(db: sqlite3.Connection, monday: date) -> None:
    db.execute("delete from closed_weeks where week = ?", [clock.week_name(monday)])


def spans(mondays: Iterable[date]) -> list[tuple[int, int]]:
    """Each of these weeks as UTC milliseconds [since, until)."""
    return [clock.week_span(monday) for monday in sorted(mondays)]


def lies_open(db: sqlite3.Connection) -> str:
    """The condition that a request, table `r`, lies in no closed week; what has no time lies in none."""
    inside = [f"r.at >= {since} and r.at < {until}" for since, until in spans(mondays(db))]
    return f"(r.at is null or not ({' or '.join(inside) or '0'}))"
