"""Copies of a request are found among what was just written, however many requests the store holds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tokentrack.store import open_store, twins, write


def test_copies_are_looked_for_among_what_was_written_alone(empty_store: Path) -> None:
    """A watch event writes one request: SQLite, left to itself, goes through all twins of the store for it."""
    with closing(open_store(empty_store)) as db:
        write.Writer(db, lambda _folder: None)
        plan = [row[3] for row in db.execute(f"explain query plan {twins._GROUPS}")]
    assert "SCAN d" in plan
    assert not [step for step in plan if step.startswith(("SCAN t", "SCAN r"))]
