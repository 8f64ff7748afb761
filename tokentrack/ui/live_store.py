"""How the store is asked and written for the interface, whatever is asked of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from tokentrack import clock
from tokentrack.store import asking, journal, open_store

T = TypeVar("T")


class Read(Protocol):
    """Asks the store; `otherwise` makes the answer where it cannot be asked. One that has no such answer raises StoreError."""

    def __call__(self, question: Callable[[sqlite3.Connection], T], otherwise: Callable[[], T]) -> T: ...


class Write(Protocol):
    """Does something to the store in one transaction. Raises StoreError."""

    def __call__(self, change: Callable[[sqlite3.Connection], T]) -> T: ...


def noted(write: Write, what: str, change: Callable[[sqlite3.Connection], T]) -> T:
    """Does it as one step of the journal, all or nothing. Raises StoreError."""

    def step(db: sqlite3.Connection) -> T:
        with journal.change(db, what, clock.now_ms()):
            return change(db)

    return write(step)


class Connected:
    """The store with a connection of its own: made, asked and closed on one thread. Raises StoreError."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._db = open_store(store)

    def close(self) -> None:
        self._db.close()

    def _ask(self, question: Callable[[], T]) -> T:
        with asking(self.store):
            return question()
