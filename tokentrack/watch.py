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
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack import clock, paths, pricing, repositories, rules
from tokentrack.agents import AGENTS, places
from tokentrack.ingest import Ingest, Progress, Report
from tokentrack.store import StoreError, open_store, read, sentence, transaction, write
from tokentrack.store.copies import restores

if TYPE_CHECKING:
    from tokentrack.observer import Event, Observer

PASS_SECONDS = 180.0
POLL_SECONDS = 10.0
"""At most, between passes where the folders cannot be watched."""
SHORTEST_POLL = 1.5
BUSY_SHARE, IDLE_SHARE = 1 / 20, 1 / 300
"""Of the time, for passes that nothing but a look can replace: while there is news, and while there is none."""
ROOTS_SECONDS = 1.5
"""A root that vanished and came back is silent for every watcher; looking at it costs half a millisecond."""
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
MODE = "watch.mode"
"""The setting that tells `tokentrack doctor`, another process, how changes are seen: `watching`, or why not (`State.polling`)."""

logger = logging.getLogger(__name__)

Place = tuple[int, int]
"""(device, inode): another one at the same path is another folder to watch, or another store to write."""


@dataclass(slots=True)
class State:
    """What the ingest thread is doing; read by others, written by it alone."""

    reading: float | None = None
    error: str | None = None
    polling: str = ""
    """Why the folders are not watched: the kernel's limit that is reached (`watches`, `instances`), or `failed`."""
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
    refused: str = ""
    """The limit for which the kernel refused to watch a folder."""


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
        self._observer: Observer | None = None
        self._watched: dict[Path, Place] = {}
        self._links: dict[str, places.Target] = {}
        """The links through which logs were read in the last pass, by the paths that the logs have."""
        self._places: places.Places = {}
        self._names: places.Names = {}
        self._next_pass = self._next_look = self._next_try = self._seconds = 0.0

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
        """Reads whenever there is something to read, until stopped, or something fails, or the store is another one."""
        ingest = Ingest(db, self.home, self.env, paths.own_prices(self.store))
        store = _place(self.store), restores(db)
        while not self._stopping:
            hints = self._wait()
            if (_place(self.store), restores(db)) != store:
                self.look_now()
                self.on_change()
                return
            self._work(ingest, hints)

    def _work(self, ingest: Ingest, hints: _Hints) -> None:
        now = time.monotonic()
        if hints.refused:
            self._poll(hints.refused)
            hints.everything = True
        if now >= self._next_look:
            self._next_look = now + ROOTS_SECONDS
            if self._look_at_roots(ingest):
                hints.everything = True
        if self._paused or self._stopping:
            return
        if hints.everything or now >= self._next_pass:
            self._pass(ingest)
        elif hints.paths:
            if any(map(self._relinked, hints.paths)):
                self._next_pass = min(self._next_pass, self._after(self._seconds / BUSY_SHARE))
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
        self._seconds = report.seconds
        self._passed.set()
        self._note_read(report)
        self.state.reading, self.state.error = None, None
        self._look_at_links(report.links)
        self._tell_mode(ingest.db)
        poll = self._seconds / (BUSY_SHARE if report.logs_read else IDLE_SHARE)
        self._next_pass = self._after(max(SHORTEST_POLL, poll) if self.state.polling else PASS_SECONDS)
        if report.logs_read or report.problems or recovered or report.gone:
            self.on_change()
        else:
            self.on_progress()

    def _after(self, seconds: float) -> float:
        """When the next pass is due, if so long after the last one."""
        return (self.state.passed_at or 0) + min(seconds, POLL_SECONDS if self.state.polling else PASS_SECONDS)

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
        hints = self._hints
        return self._stopping or bool(hints.refused) or (not self._paused and (hints.everything or bool(hints.paths)))

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
        """Watches roots that appeared, came back or were added, and what links lead to. Returns whether any did."""
        roots = {root: agent.NAME for agent in AGENTS for root in ingest.folders(agent)}
        self._note_unreadable(roots, ingest)
        folders = [Path(link) for link, (_, folder) in self._links.items() if folder]
        present = {path: place for path in (*roots, *folders) if (place := _place(path))}
        if present == self._watched and self._watching_works():
            return False
        self._unwatch()
        self._watched = present
        self._links = {link: places.target(link) for link in self._links}
        unique = [str(root) for agent in AGENTS for root in ingest.roots(agent) if root in present]
        own = {root: places.target(root) for root in unique}
        self._places, self._names = places.laid_out(own | self._links)
        if refused := self._watch():
            self._poll(refused)
        return True

    def _look_at_links(self, links: Iterable[str]) -> None:
        """Has watched what the links lead to that a pass met, and any folder that was left out for another reason."""
        found = {link: places.target(link) for link in links}
        if found == self._links and not (self._observer and _unwatched(self._places)):
            return
        self._links = found
        self._unwatch()
        self._next_look = 0.0

    def _relinked(self, path: str) -> bool:
        known = self._links.get(path)
        return (known is not None or os.path.islink(path)) and places.target(path) != known  # noqa: PTH114

    def _note_unreadable(self, roots: Mapping[Path, str], ingest: Ingest) -> None:
        """A folder without permission looks empty to its reader; the person is told that it is not."""
        closed = tuple(
            f"{agent}: {root}: it cannot be read (Permission denied)" for root, agent in roots.items() if _closed(root)
        )
        closed += tuple(pricing.problems(ingest.own_prices))
        if closed != self.state.unreadable:
            self.state.unreadable = closed
            self.on_change()

    def _watching_works(self) -> bool:
        if self.state.polling:
            return time.monotonic() < self._next_try
        if self._observer is None:
            return not self._watched
        return all(thread.is_alive() for thread in self._observer.threads)

    def _tell_mode(self, db: sqlite3.Connection) -> None:
        mode = self.state.polling or "watching"
        if read.setting(db, MODE, "watching") != mode:
            with transaction(db):
                write.set_setting(db, MODE, mode)

    def _watch(self) -> str:
        """Returns why the folders cannot be watched, nothing where they are."""
        from tokentrack.observer import LIMITS, Observer

        self.state.polling = ""
        if _too_many(self._places):
            return "watches"
        try:
            self._observer = Observer(self._places, self._on_event, self._on_refused)
        except OSError as error:
            return LIMITS.get(error.errno or 0, "failed")
        return self._hints.refused or ("failed" if _unwatched(self._places) else "")

    def _poll(self, why: str) -> None:
        """Watches no more, so that the watches that there are can serve other programs, and tries again in a while."""
        self._end_observer()
        self.state.polling = why
        self._next_try = time.monotonic() + REWATCH_SECONDS

    def _unwatch(self) -> None:
        self._watched = {}
        self._end_observer()

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
        with self._wake:
            self._hints.refused = ""

    def _on_refused(self, limit: str) -> None:
        """Observer's threads: a folder stays unwatched."""
        with self._wake:
            self._hints.refused = limit
            self._wake.notify()

    def _on_event(self, event: Event) -> None:
        """Observer thread: collects, nothing else."""
        paths = [
            known
            for path in (event.src_path, event.dest_path)
            for known in places.named(self._names, os.fsdecode(path))
        ]
        made = event.is_directory and event.event_type == "created"
        if made:  # watched by now, and what is in it is told; a link is not
            paths = [path for path in paths if os.path.islink(path)]  # noqa: PTH114
        if not paths:
            return
        with self._wake:
            if event.is_directory and not made:
                self._hints.everything = True
            else:
                self._hints.paths.update(paths)
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


def _too_many(watched: places.Places) -> bool:
    """Whether these would take (nearly) all the watches that the kernel grants this person's programs."""
    try:
        limit = int(WATCH_LIMIT.read_text())
    except (OSError, ValueError):
        return False
    return places.count(watched) > limit * 0.9


def _unwatched(watched: places.Places) -> bool:
    """Whether the kernel watches fewer folders than there are: one that was closed and is open now is not told of."""
    for _ in range(2):  # a folder may come or go meanwhile
        if not OPEN_FILES.is_dir() or places.count(watched) <= _watches():
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
