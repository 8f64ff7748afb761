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
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tokentrack import clock, paths, pricing, repositories, rules
from tokentrack.agents import AGENTS
from tokentrack.ingest import Ingest, Progress, Report
from tokentrack.store import StoreError, open_store, read, sentence, transaction, write
from tokentrack.store.copies import restores
from tokentrack.watched import Watched, refuses

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
MODE = "watch.mode"
"""The setting that tells `tokentrack doctor`, another process, how changes are seen: `watching`, or why not (`State.polling`)."""

logger = logging.getLogger(__name__)


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
        self._watched = Watched(self._on_paths, self._on_refused)
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
            self._watched.end()

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
        store = paths.place_of(self.store), restores(db)
        while not self._stopping:
            hints = self._wait()
            if (paths.place_of(self.store), restores(db)) != store:
                self.look_now()
                self.on_change()
                return
            self._work(ingest, hints)

    def _work(self, ingest: Ingest, hints: _Hints) -> None:
        now = time.monotonic()
        if self._watched.refused:
            self._watched.give_up(self._watched.refused)
            self._note_polling()
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
            if any(map(self._watched.relinked, hints.paths)):
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
        if self._watched.met(report.links):
            self._next_look = 0.0
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
        if self._stopping or self._watched.refused:
            return True
        return not self._paused and (hints.everything or bool(hints.paths))

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
        """Has watched what appeared, came back or was added. Returns whether anything did."""
        folders = {root: agent.NAME for agent in AGENTS for root in ingest.folders(agent)}
        self._note_unreadable(folders, ingest)
        roots = (root for agent in AGENTS for root in ingest.roots(agent))  # asked where something changed
        changed = self._watched.look(folders, roots, again=time.monotonic() >= self._next_try)
        if changed:
            self._note_polling()
        return changed

    def _note_polling(self) -> None:
        """Where nothing is watched, that is tried again in a while."""
        self.state.polling = self._watched.unwatched
        self._next_try = time.monotonic() + REWATCH_SECONDS

    def _note_unreadable(self, roots: Mapping[Path, str], ingest: Ingest) -> None:
        """A folder without permission looks empty to its reader; the person is told that it is not."""
        closed = tuple(
            f"{agent}: {root}: it cannot be read (Permission denied)" for root, agent in roots.items() if refuses(root)
        )
        closed += tuple(pricing.problems(ingest.own_prices))
        if closed != self.state.unreadable:
            self.state.unreadable = closed
            self.on_change()

    def _tell_mode(self, db: sqlite3.Connection) -> None:
        mode = self.state.polling or "watching"
        if read.setting(db, MODE, "watching") != mode:
            with transaction(db):
                write.set_setting(db, MODE, mode)

    def _on_refused(self) -> None:
        """Observer's threads."""
        with self._wake:
            self._wake.notify()

    def _on_paths(self, paths: list[str], everything: bool) -> None:
        """Observer's thread: collects, nothing else."""
        with self._wake:
            if everything:
                self._hints.everything = True
            else:
                self._hints.paths.update(paths)
            self._wake.notify()
