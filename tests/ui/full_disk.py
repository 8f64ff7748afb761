"""A disk on which no decision and no draft finds room."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_disk(db: sqlite3.Connection) -> Iterator[None]:
    """SQLite itself refuses, in the words that it has for it; afterwards there is room again."""
    for table in ("changes", "drafts"):
        db.execute(
            f"create trigger no_room_{table} before insert on {table} "
            "begin select raise(abort, 'database or disk is full'); end"
        )
    yield
    for table in ("changes", "drafts"):
        db.execute(f"drop trigger no_room_{table}")
