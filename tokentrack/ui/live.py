"""The core as the interface sees it: the store read on the main thread, the watch writing it on its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tokentrack import paths
from tokentrack.model.usage import Session
from tokentrack.review.glance import Glance, glance
from tokentrack.store import StoreError, asking, open_store, read, sentence, sources, transaction
from tokentrack.ui.live_deciding import LiveDeciding
from tokentrack.ui.live_export import LiveExporting
from tokentrack.ui.live_linking import LiveLinking, LiveWaiting
from tokentrack.ui.live_spend import LiveEntries, LiveSpending
from tokentrack.ui.live_store import Connected
from tokentrack.ui.live_tasks import LiveLedgers, LiveTasks
from tokentrack.ui.live_week import LiveWeeks
from tokentrack.ui.source import Status, TurnRow

if TYPE_CHECKING:
    from tokentrack.review.again import Again
    from tokentrack.review.paid import How
    from tokentrack.review.why import Made, Record, Traced
    from tokentrack.watch import Watch

T = TypeVar("T")


class Live:
    """A `Source` over a store file. A store that cannot be opened is said and tried again; the app goes on."""

    def __init__(self, store: Path, home: Path | None = None) -> None:
        self.store = store
        self.home = home or paths.home()
        self._db: sqlite3.Connection | None = None
        self._place: paths.Place | None = None
        self._error: str | None = None
        self._watch: Watch | None = None

    def glance(self) -> Glance:
        """Raises StoreError: what is on screen then stays there, marked, rather than become nothing."""
        unreadable = self._watch.state.unreadable if self._watch else ()
        seen = self._read(lambda db: glance(db, unreadable))
        self._error = None
        return seen

    def status(self) -> Status:
        watch = self._watch
        if watch is None:
            return Status(error=self._error)
        state = watch.state
        return Status(
            state.reading, watch.paused, watch.stale, state.error or self._error, state.read_at, state.repositories
        )

    def sessions(self) -> list[Session]:
        return self._read(read.sessions)

    def session_turns(self, session_id: str) -> list[TurnRow]:
        return self._ask(lambda db: [(t.seq, t.at, t.branch, t.total) for t in read.turns(db, session_id)], list)

    def reasons(self) -> LiveReasons:
        return LiveReasons(self.store, self.home)

    def spending(self) -> LiveSpending:
        return LiveSpending(self.store)

    def entries(self) -> LiveEntries:
        return LiveEntries(self._ask, self._write)

    def waiting(self) -> LiveWaiting:
        return LiveWaiting(self.store)

    def linking(self) -> LiveLinking:
        return LiveLinking(self._ask, self._write)

    def deciding(self) -> LiveDeciding:
        return LiveDeciding(self.store, self._on_setting)

    def tasks(self) -> LiveTasks:
        return LiveTasks(self._ask, self._write)

    def ledgers(self) -> LiveLedgers:
        return LiveLedgers(self.store)

    def weeks(self) -> LiveWeeks:
        return LiveWeeks(self.store)

    def exporting(self) -> LiveExporting:
        return LiveExporting(self.store)

    def settings(self) -> dict[str, str]:
        return self._ask(read.settings, dict)

    def importing(self) -> LiveImporting:
        return LiveImporting(self.store)

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None:
        from tokentrack.watch import Watch  # brings the readers along: not before the icon is there

        self._watch = Watch(self.store, self.home, os.environ, on_change, on_progress)
        self._watch.start()

    def stop(self) -> None:
        if self._watch:
            self._watch.stop()
        self._close()

    def pause(self, paused: bool) -> None:
        if self._watch:
            self._watch.pause(paused)

    def _on_setting(self, key: str) -> None:
        """From any thread."""
        if key.startswith("roots.") and self._watch:
            self._watch.look_now()

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Raises StoreError: what the person typed is then still there to be sent again."""
        return self._read(lambda db: _inside(db, change))

    def _ask(self, question: Callable[[sqlite3.Connection], T], otherwise: Callable[[], T]) -> T:
        try:
            answer = self._read(question)
        except StoreError as error:
            self._error = str(error)
            return otherwise()
        self._error = None
        return answer

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Raises StoreError; the next question then opens the store anew."""
        db = self._open()
        try:
            return question(db)
        except sqlite3.Error as error:
            self._close()
            raise StoreError(sentence(self.store, error)) from error

    def _open(self) -> sqlite3.Connection:
        """A connection to the file that is at the store's path now, which may have been put there meanwhile."""
        if self._db is None or paths.place_of(self.store) != self._place:
            self._close()
            self._db = open_store(self.store)
            self._place = paths.place_of(self.store)
        return self._db

    def _close(self) -> None:
        db, self._db = self._db, None
        if db:
            db.close()


class LiveReasons(Connected):
    """`Reasons` over a store file, with a connection of its own, and the readers for what stands in the logs now."""

    AT_ONCE = 500
    """Requests that are looked up together when all are read again."""

    def __init__(self, store: Path, home: Path) -> None:
        super().__init__(store)
        self.home = home

    def made_of(self, name: str, dearest: bool) -> Made:
        from tokentrack.review import why  # brings the readers along: not before somebody asks

        return self._ask(lambda: why.made_of(self._db, name, dearest))

    def how(self, name: str) -> How:
        from tokentrack.pricing import own
        from tokentrack.review.how import how

        return self._ask(lambda: how(self._db, name, own.read(paths.own_prices(self.store))))

    def traced(self, ids: Sequence[int]) -> list[Traced]:
        from tokentrack.review import why

        return self._ask(lambda: [why.traced(source) for source in sources.of(self._db, ids)])

    def record(self, found: Traced) -> Record:
        from tokentrack.review import why

        return why.record_of(found)

    def read_again(self, ids: Sequence[int], go_on: Callable[[], bool]) -> Iterator[tuple[int, Again]]:
        from tokentrack.review.again import read_again

        by_log = self._ask(lambda: sources.in_order_of_logs(self._db, ids))
        starts = range(0, len(by_log), self.AT_ONCE)
        found = (
            one
            for start in starts
            for one in self._ask(partial(sources.of, self._db, by_log[start : start + self.AT_ONCE]))
        )
        for one, told in read_again(found, self._db, self.home, os.environ, go_on):
            yield one.id, told


class LiveImporting(Connected):
    """`Importing` with a connection of its own."""

    def import_usage(self, path: Path, told: Callable[[float], None]) -> str:
        from tokentrack import account

        try:
            with asking(self.store):
                return account.said(account.import_usage(self._db, path, told))
        except account.NotAnExport as error:
            return str(error)
        except OSError as error:
            return f"{path} cannot be read: {error.strerror or error}."


def _inside(db: sqlite3.Connection, change: Callable[[sqlite3.Connection], T]) -> T:
    with transaction(db):
        return change(db)
