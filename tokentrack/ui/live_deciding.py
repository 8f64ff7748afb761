"""What the person decides, written over a store file on a thread of its own; and the way back of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from tokentrack import clock
from tokentrack.store import asking, journal, open_store, read, transaction, write
from tokentrack.ui.live_linking import LiveLinking
from tokentrack.ui.live_spend import LiveEntries
from tokentrack.ui.live_tasks import LiveTasks
from tokentrack.ui.live_week import LiveReviewing

T = TypeVar("T")


class LiveDeciding:
    """`Deciding` with a connection of its own. `on_setting` hears on that thread which setting was written."""

    def __init__(self, store: Path, on_setting: Callable[[str], None] = lambda _: None) -> None:
        self.store, self._on_setting = store, on_setting
        self._db = open_store(store)
        self.linking = LiveLinking(self._ask, self._write)
        self.tasks = LiveTasks(self._ask, self._write)
        self.reviewing = LiveReviewing(self._write)
        self.journal = LiveJournal(self._read)
        self.entries = LiveEntries(self._ask, self._write)

    def settings(self) -> dict[str, str]:
        return self._read(read.settings)

    def save_setting(self, key: str, value: str) -> None:
        self._write(lambda db: write.set_setting(db, key, value))
        self._on_setting(key)

    def close(self) -> None:
        self._db.close()

    def _ask(self, question: Callable[[sqlite3.Connection], T], otherwise: Callable[[], T]) -> T:
        return self._read(question)

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        with asking(self.store):
            return question(self._db)

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        with asking(self.store), transaction(self._db):
            return change(self._db)


class Asks(Protocol):
    def __call__(self, question: Callable[[sqlite3.Connection], T]) -> T: ...


class LiveJournal:
    """`Journal` over a connection; each step is a transaction of its own. Raises StoreError."""

    def __init__(self, do: Asks) -> None:
        self._do = do

    def undo(self, number: int | None = None) -> str | None:
        return self._do(lambda db: journal.step(db, partial(journal.undo, number=number), clock.now_ms()))

    def redo(self, number: int | None = None) -> str | None:
        return self._do(lambda db: journal.step(db, partial(journal.redo, number=number), clock.now_ms()))

    def went(self) -> int | None:
        return self._do(journal.went)
