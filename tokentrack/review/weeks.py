"""Which weeks are closed: their figures never change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date

from tokentrack import clock


def closed(db: sqlite3.Connection) -> frozenset[date]:
    """The Mondays of the weeks that the person has closed. Nothing closes a week yet, so there is none."""
    del db
    return frozenset()


def spans(mondays: Iterable[date]) -> list[tuple[int, int]]:
    """Each of these weeks as UTC milliseconds [since, until)."""
    return [(clock.start_of(monday), clock.start_of(monday + 7 * clock.DAY)) for monday in sorted(mondays)]
