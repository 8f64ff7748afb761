"""When to ingest: at once when a log changes, and all logs every few minutes, because no watcher can be trusted alone.

The observer's thread only collects paths. The ingest thread owns its store connection and does all reading and writing. A lost
event therefore costs minutes, never data.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack import paths
from tokentrack.agents import AGENTS
from tokentrack.ingest import Ingest, Progress
from tokentrack.store import StoreError, open_store, read, sentence, transaction, write

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

PASS_SECONDS = 180.0
POLL_SECONDS = 10.0
"""Between passes where the folders cannot be watched."""
ROOTS_SECONDS = 5.0
"""A root that vanished and came back is silent for every watcher; looking at it costs nothing."""
RETRY_SECONDS = 5.0
SETTLE_SECONDS = 0.08
LONGEST_SETTLE = 0.4
STALE_SECONDS = 15 * 60.0
WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


@dataclass(slots=True)
class State:
    """What the ingest thread is doing; read by others, written by it alone."""

    reading: float | None = None
    error: str | None = None
    polling: bool = False
    passed_at: float | None = None
    """`time.monotonic()` at the end of the last pass."""


@dataclass(slots=True)
class _Hints:
    """What changed since the ingest thread last looked. Guarded by `Watch._wake`."""

    paths: set[str] = field(default_factory=set)
    everything: bool = True


class Watch:
    """The threads that keep a store up to date. `on_change` and `on_progress` are called from the ingest thread."""

    def __init__(
        self,
        store: Path,
        home: Path,
        env: Mapping[str, str],
        on_change: Callable[[], None],
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.home, self.env = store, home, env
        self.on_change, self.on_progress = on_change, on_progress
        self.state = State()
        self._wake = threading.Condition()
        self._hints = _Hints()
        self._stopping = False
        self._paused = False
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, int] = {}
        self._next_pass = self._next_look = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends both threads and returns when they have ended."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def pause(self, paused: bool) -> None:
        with self._wake:
            self._paused = paused
            self._hints.everything = self._hints.everything or not paused
            self._wake.notify()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stale(self) -> bool:
        """Whether nothing could be read for so long that the figures may be old."""
        passed = self.state.passed_at
        return passed is not None and time.monotonic() - passed > STALE_SECONDS and not self._paused

    def look_now(self) -> None:
        """Asks for a pass over all logs, for example after a folder was added in the settings."""
        with self._wake:
            self._hints.everything = True
            self._wake.notify()

    # ------------------------------------------------------------------------------------------ ingest thread

    def _run(self) -> None:
        while not self._stopping:
            try:
                db = open_store(self.store)
            except StoreError as error:
                self._failed(str(error))
                continue
            try:
                self._keep_up(db)
            finally:
                self._unwatch()
                db.close()

    def _keep_up(self, db: sqlite3.Connection) -> None:
        """Reads whenever there is something to read, until stopped or the store fails."""
        ingest = Ingest(db, self.home, self.env, paths.own_prices(self.store))
        self._look_at_roots(ingest)
        while not self._stopping:
            try:
                self._work(ingest, self._wait())
            except sqlite3.Error as error:
                self._failed(sentence(self.store, error))
                return

    def _work(self, ingest: Ingest, hints: _Hints) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + ROOTS_SECONDS
            hints.everything |= self._look_at_roots(ingest)
        if self._paused or self._stopping:
            return
        if hints.everything or now >= self._next_pass:
            self._pass(ingest)
        elif hints.paths:
            report = ingest.read_paths(sorted(Path(path) for path in hints.paths))
            if report.logs_read or report.problems:
                self.on_change()

    def _pass(self, ingest: Ingest) -> None:
        recovered = self.state.error is not None
        report = ingest.scan(on_progress=self._progressed, stop=lambda: self._stopping or self._paused)
        self.state.passed_at = time.monotonic()
        self.state.reading, self.state.error = None, None
        self._next_pass = time.monotonic() + (POLL_SECONDS if self.state.polling else PASS_SECONDS)
        if report.logs_read or report.problems or recovered or report.gone:
            self.on_change()
        else:
            self.on_progress()

    def _progressed(self, progress: Progress) -> None:
        self.state.reading = progress.share
        self.on_change()
        self.on_progress()

    def _failed(self, reason: str) -> None:
        """Says what is wrong and tries again with everything in a while."""
        self.state.error, self.state.reading = reason, None
        self.on_change()
        with self._wake:
            self._hints.everything = True
            self._wake.wait_for(lambda: self._stopping, RETRY_SECONDS)

    def _wait(self) -> _Hints:
        """The hints gathered until it is time to act on them."""
        with self._wake:
            if not (self._hints.everything and not self._paused):
                until = min(self._next_pass, self._next_look) if not self._paused else self._next_look
                self._wake.wait_for(self._asked, max(0.0, until - time.monotonic()))
            self._settle()
            hints, self._hints = self._hints, _Hints(everything=False)
            if self._paused:
                self._hints.everything = True
            return hints

    def _asked(self) -> bool:
        return self._stopping or (not self._paused and (self._hints.everything or bool(self._hints.paths)))

    def _settle(self) -> None:
        """An agent writes several records at once: one round for all of them."""
        if self._stopping or not self._hints.paths:
            return
        deadline = time.monotonic() + LONGEST_SETTLE
        seen = -1
        while seen != len(self._hints.paths) and time.monotonic() < deadline:
            seen = len(self._hints.paths)
            self._wake.wait_for(lambda: self._stopping, SETTLE_SECONDS)

    # ------------------------------------------------------------------------------------------ watching

    def _look_at_roots(self, ingest: Ingest) -> bool:
        """Watches roots that appeared, came back or were added. Returns whether any did."""
        present = {root: inode for agent in AGENTS for root in ingest.roots(agent) if (inode := _inode(root))}
        if present == self._watched and self._observer_works():
            return False
        self._unwatch()
        self._watched = present
        polling = self._too_many(present) or not self._watch(present)
        self.state.polling = polling
        mode = "polling" if polling else "watching"
        if read.setting(ingest.db, "watch.mode") != mode:
            with transaction(ingest.db):
                write.set_setting(ingest.db, "watch.mode", mode)
        return True

    def _observer_works(self) -> bool:
        return self.state.polling or not self._watched or (self._observer is not None and self._observer.is_alive())

    def _too_many(self, roots: Mapping[Path, int]) -> bool:
        """Beyond the kernel's limit watchdog misses folders without a word."""
        try:
            limit = int(WATCH_LIMIT.read_text())
        except (OSError, ValueError):
            return False
        return sum(1 for root in roots for _ in os.walk(root)) > limit * 0.9

    def _watch(self, roots: Mapping[Path, int]) -> bool:
        from watchdog import events
        from watchdog.observers import Observer

        heard = [
            events.FileModifiedEvent,
            events.FileCreatedEvent,
            events.FileDeletedEvent,
            events.FileMovedEvent,
            events.DirCreatedEvent,
            events.DirDeletedEvent,
            events.DirMovedEvent,
        ]
        handler = events.FileSystemEventHandler()
        handler.on_any_event = self._on_event  # type: ignore[method-assign]
        observer = Observer()
        try:
            for root in roots:
                observer.schedule(handler, str(root), recursive=True, event_filter=heard)
            observer.start()
        except OSError:
            return False
        self._observer = observer
        return True

    def _unwatch(self) -> None:
        observer, self._observer = self._observer, None
        self._watched = {}
        if observer is not None:
            observer.stop()
            observer.join()

    def _on_event(self, event: FileSystemEvent) -> None:
        """Observer thread: collects, nothing else."""
        with self._wake:
            if event.is_directory and event.event_type in ("deleted", "moved"):
                self._hints.everything = True
            for path in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
                if path and not event.is_directory:
                    self._hints.paths.add(path)
            self._wake.notify()


def _inode(root: Path) -> int | None:
    try:
        return root.stat().st_ino
    except OSError:
        return None
