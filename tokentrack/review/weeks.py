"""Which weeks are closed: their figures never change."""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack.store import closed as store


def closed(db: sqlite3.Connection) -> frozenset[date]:
    """The Mondays of the weeks that the person has closed."""
    return store.mondays(db)
