"""When to ingest: at once when a log changes, and all logs every few minutes, because no watcher can be trusted alone.

The observer's thread only collects paths. The ingest thread owns its store connection and does all reading and writing of logs. A
lost event therefore costs minutes, never data. Repositories are read after a pass, on a thread of their own: a long history
must not hold up the counter.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack import clock, paths, pricing, repositories, rules
from tokentrack.agents import AGENTS
from tokentrack.ingest import Ingest, Progress, Report
from tokentrack.store import StoreError, open_store, read, sentence, transaction, write

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

PASS_SECONDS = 180.0
POLL_SECONDS = 10.0
"""Between passes where the folders cannot be watched."""
ROOTS_SECONDS = 5.0
"""A root that vanished and came back is silent for every watcher; looking at it costs nothing."""
REWATCH_SECONDS = 60.0
"""Between attempts to watch again where that failed: the kernel's limits are shared with other programs, which end."""
RETRY_SECONDS = 5.0
BUSY_MS = 2000
"""How long another program may hold the store before the person is told; also the longest that quitting waits for it."""
HISTORY_SECONDS = 60.0
"""For one repository after one pass; what is missing then is read after the next."""
SETTLE_SECONDS = 0.08
LONGEST_SETTLE = 0.4
STALE_SECONDS = 15 * 60.0
WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
OPEN_FILES = Path("/proc/self/fdinfo")

logger = logging.getLogger(__name__)

Place = tuple[int, int]
"""(device, inode): another one at the same path is another folder to watch, or another store to write."""


@dataclass(slots=True)
class State:
    """What the ingest thread is doing; read by others, written by it alone."""

    reading: float | None = None
    error: str | None = None
    polling: bool = False
    passed_at: float | None = None
    """`time.monotonic()` at the end of the last pass."""
    read_at: int | None = None
    """When anything new was last read, UTC milliseconds."""
    unreadable: tuple[str, ...] = ()
    """A sentence for each folder of logs that cannot be read, and for what is wrong with a file of prices."""
    repositories: bool = False
    """Whether the histories' thread, which alone writes this, reads what is new in one."""


@dataclass(slots=True)
class _Hints:
    """What changed since the ingest thread last looked. Guarded by `Watch._wake`."""

    paths: set[str] = field(default_factory=set)
    everything: bool = True


class Watch:
    """The threads that keep a store up to date. `on_change` and `on_progress` are called from them."""

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
        self._passed = threading.Event()
        self._histories = threading.Thread(target=self._read_histories, name="histories", daemon=True)
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, Place] = {}
        self._next_pass = self._next_look = self._next_try = 0.0

    def start(self) -> None:
        self._thread.start()
        self._histories.start()

    def stop(self) -> None:
        """Ends the threads and returns when they have ended."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._passed.set()
        for thread in (self._thread, self._histories):
            if thread.is_alive():
                thread.join()

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
        try:
            while not self._stopping:
                if reason := self._until_it_fails():
                    self._failed(reason)
        finally:
            self._unwatch()

    def _until_it_fails(self) -> str | None:
        """Keeps up until stopped, or says why it cannot. Whatever happens, this thread lives on and tries again."""
        try:
            with closing(open_store(self.store, busy_ms=BUSY_MS)) as db:
                self._keep_up(db)
        except StoreError as error:
            return str(error)
        except sqlite3.Error as error:
            return sentence(self.store, error)
        except Exception as error:
            if os.environ.get("TOKENTRACK_TRACEBACK"):
                logger.exception("reading failed")
            return f"Reading failed ({type(error).__name__}: {error}); it is tried again every few seconds."
        return None

    def _keep_up(self, db: sqlite3.Connection) -> None:
        """Reads whenever there is something to read, until stopped, or something fails, or the store is another file."""
        ingest = Ingest(db, self.home, self.env, paths.own_prices(self.store))
        place = _place(self.store)
        while not self._stopping:
            hints = self._wait()
            if _place(self.store) != place:
                self.look_now()
                return
            self._work(ingest, hints)

    def _work(self, ingest: Ingest, hints: _Hints) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + ROOTS_SECONDS
            if self._look_at_roots(ingest):
                hints.everything = True
        if self._paused or self._stopping:
            return
        if hints.everything or now >= self._next_pass:
            self._pass(ingest)
        elif hints.paths:
            report = ingest.read_paths(sorted(Path(path) for path in hints.paths))
            self._note_read(report)
            if report.logs_read or report.problems:
                self.on_change()

    def _note_read(self, report: Report) -> None:
        if report.bytes_read:
            self.state.read_at = clock.now_ms()

    def _pass(self, ingest: Ingest) -> None:
        recovered = self.state.error is not None
        report = ingest.scan(on_progress=self._progressed, stop=lambda: self._stopping or self._paused)
        self.state.passed_at = time.monotonic()
        self._passed.set()
        self._note_read(report)
        self.state.reading, self.state.error = None, None
        self._tell_mode(ingest.db)
        self._next_pass = time.monotonic() + (POLL_SECONDS if self.state.polling else PASS_SECONDS)
        if report.logs_read or report.problems or recovered or report.gone:
            self.on_change()
        else:
            self.on_progress()
        if self._observer and _unwatched(self._watched):
            self._unwatch()
            self._next_look = 0.0

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

    # ------------------------------------------------------------------------------------------ histories' thread

    def _read_histories(self) -> None:
        """What repositories tell and what rules link by it, after each pass.

        What is wrong with the store, the ingest thread meets and says as well.
        """
        while not self._stopping:
            self._passed.wait()
            self._passed.clear()
            with suppress(StoreError, sqlite3.Error), closing(open_store(self.store, busy_ms=BUSY_MS)) as db:
                changed = repositories.refresh_all(
                    db, clock.now_ms(), seconds=HISTORY_SECONDS, stop=lambda: self._stopping or self._paused,
                    on_read=lambda _: self._tell_repositories(True),
                )  # fmt: skip
                if due := rules.due(db, now := clock.now_ms()):
                    with transaction(db):
                        rules.do(db, due, now)
                if changed or due:
                    self.on_change()
            self._tell_repositories(False)

    def _tell_repositories(self, reading: bool) -> None:
        if self.state.repositories != reading:
            self.state.repositories = reading
            self.on_progress()

    # ------------------------------------------------------------------------------------------ watching

    def _look_at_roots(self, ingest: Ingest) -> bool:
        """Watches roots that appeared, came back or were added. Returns whether any did."""
        self._note_unreadable(ingest)
        present = {root: place for agent in AGENTS for root in ingest.roots(agent) if (place := _place(root))}
        if present == self._watched and self._watching_works():
            return False
        self._unwatch()
        self._watched = present
        self.state.polling = _too_many(present) or not self._watch(present)
        self._next_try = time.monotonic() + REWATCH_SECONDS
        return True

    def _note_unreadable(self, ingest: Ingest) -> None:
        """A folder without permission looks empty to its reader; the person is told that it is not."""
        closed = tuple(
            f"{agent.NAME}: {root}: it cannot be read (Permission denied)"
            for agent in AGENTS
            for root in ingest.roots(agent)
            if _closed(root)
        )
        closed += tuple(pricing.problems(ingest.own_prices))
        if closed != self.state.unreadable:
            self.state.unreadable = closed
            self.on_change()

    def _watching_works(self) -> bool:
        if self.state.polling:
            return time.monotonic() < self._next_try
        observer = self._observer
        if observer is None:
            return not self._watched
        reader = getattr(observer, "_inotify_fd", observer)  # a thread of its own, which nothing else tells of
        return all(thread.is_alive() for thread in (observer, reader, *observer.emitters))

    def _tell_mode(self, db: sqlite3.Connection) -> None:
        """For `tokentrack doctor`, which is another process."""
        mode = "polling" if self.state.polling else "watching"
        if read.setting(db, "watch.mode", "watching") != mode:
            with transaction(db):
                write.set_setting(db, "watch.mode", mode)

    def _watch(self, roots: Iterable[Path]) -> bool:
        from watchdog.observers import Observer

        # Told for folders made in quick succession, harmless, and as long as the list of all folders watched.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        observer: BaseObserver | None = None
        try:
            observer = Observer()
            for root in roots:
                self._schedule(observer, root)
            observer.start()
        except OSError:
            if observer:
                observer.stop()
            return False
        self._observer = observer
        if _unwatched(roots):
            self._end_observer()
        return self._observer is not None

    def _schedule(self, observer: BaseObserver, root: Path) -> None:
        from watchdog import events

        # An allow-list: the observer's own walk opens and closes folders, and would wake itself for ever.
        heard: list[type[FileSystemEvent]] = [
            events.FileModifiedEvent,
            events.FileCreatedEvent,
            events.FileDeletedEvent,
            events.FileMovedEvent,
            events.DirCreatedEvent,
            events.DirDeletedEvent,
            events.DirMovedEvent,
        ]
        real = os.path.realpath(root)  # of a link, only the link itself would be watched
        handler = events.FileSystemEventHandler()
        handler.on_any_event = partial(self._on_event, str(root), real)  # type: ignore[method-assign]
        observer.schedule(handler, real, recursive=True, event_filter=heard)

    def _unwatch(self) -> None:
        self._watched = {}
        self._end_observer()

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()

    def _on_event(self, root: str, real: str, event: FileSystemEvent) -> None:
        """Observer thread: collects, nothing else."""
        with self._wake:
            if event.is_directory:
                self._hints.everything |= event.event_type in ("deleted", "moved")
            else:
                for path in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
                    if path.startswith(real):
                        self._hints.paths.add(root + path[len(real) :])
            self._wake.notify()


def _place(root: Path) -> Place | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _closed(root: Path) -> bool:
    """Whether the folder, or one above it, is there and refuses to be read."""
    try:
        os.scandir(root).close()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _folders(roots: Iterable[Path]) -> int:
    return len({folder for root in roots for folder, _, _ in os.walk(os.path.realpath(root))})


def _too_many(roots: Iterable[Path]) -> bool:
    """Whether these roots would take (nearly) all the watches that the kernel grants this person's programs."""
    try:
        limit = int(WATCH_LIMIT.read_text())
    except (OSError, ValueError):
        return False
    return _folders(roots) > limit * 0.9


def _unwatched(roots: Iterable[Path]) -> bool:
    """Whether the kernel watches fewer folders than there are; watchdog goes on without a word when it grants no more."""
    for _ in range(2):  # a folder may come or go meanwhile
        if not OPEN_FILES.is_dir() or _folders(roots) <= _watches():
            return False
        time.sleep(SETTLE_SECONDS)
    return True


def _watches() -> int:
    """How many folders the kernel watches for this process."""
    most = 0
    for file in OPEN_FILES.iterdir():
        with suppress(OSError):
            most = max(most, file.read_text().count("inotify wd:"))
    return most
