"""Logs ▶ store. One function serves the first scan, each watch event, the periodic pass and `tokentrack scan`.

Logs are taken newest first, so that today's counter is right early while the past fills in behind it. A log that cannot be read
is noted on its row and never stops the others.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tokentrack import clock, git
from tokentrack.agents import AGENTS, Agent
from tokentrack.agents import roots as agent_roots
from tokentrack.agents.folders import Looked
from tokentrack.model.logs import Log
from tokentrack.pricing import Prices, own
from tokentrack.readers import Ahead, Found, newest_first, one_by_one, shown, worth_it
from tokentrack.store import logs, read, transaction, write

BATCH_REQUESTS = 4000
BATCH_SECONDS = 0.7
"""A transaction holds at most so much work: the counter moves and other writers get their turn."""
PRICED_WITH = "priced_with"
"""The setting that names the price data with which unpriced requests were last looked up."""


@dataclass(slots=True)
class Report:
    """What a scan did. `problems` are (path, reason)."""

    logs: int = 0
    logs_read: int = 0
    gone: int = 0
    bytes_read: int = 0
    requests_new: int = 0
    requests_changed: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    links: set[str] = field(default_factory=set)
    """The links below the roots through which logs are read, and those that lead nowhere yet."""


@dataclass(frozen=True, slots=True)
class Progress:
    bytes_done: int
    bytes_total: int

    @property
    def share(self) -> float:
        return min(1.0, self.bytes_done / self.bytes_total) if self.bytes_total else 1.0


OnProgress = Callable[[Progress], None]
OF_THE_LOG = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
"""What SQLite says of values that it cannot take; its other errors are of the store and concern every log."""


class Ingest:
    """Reads what is new in the logs into one store. `home` and `env` say where the agents keep them."""

    def __init__(
        self, db: sqlite3.Connection, home: Path, env: Mapping[str, str], own_prices: Path | None = None
    ) -> None:
        self.db = db
        self.home = home
        self.env = env
        self._own_prices = own_prices
        self.own_prices = own.read(own_prices) if own_prices else own.OwnPrices()
        self.writer = write.Writer(db, git.project_of)

    def folders(self, agent: Agent) -> list[Path]:
        """The agent's own folders and those of the settings."""
        return agent_roots(agent, self.home, self.env, read.extra_roots(self.db, agent.NAME))

    def roots(self, agent: Agent) -> list[Path]:
        """These folders, each once whatever links lead to it."""
        unique: dict[str, Path] = {}
        for root in self.folders(agent):
            unique.setdefault(os.path.realpath(root), root)
        return list(unique.values())

    def scan(
        self,
        agents: Sequence[Agent] = AGENTS,
        *,
        full: bool = False,
        workers: int = 0,
        ahead: Ahead | None = None,
        on_progress: OnProgress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Everything that is new in all logs of these agents. `full` reads them from their start and merges.

        `workers` is how many processes may read beside this one; `ahead` is a reading of all logs that began before this new
        store was there.
        """
        started = time.perf_counter()
        report = Report()
        with transaction(self.db):
            write.begin_setting(self.db, PRICED_WITH, self._priced_with(self._known_prices()))
        pending: list[tuple[Log, str | None]] = []
        missing: list[int] = []
        hidden: list[tuple[Log, str]] = []
        for agent in agents:
            known = logs.states(self.db, agent.NAME)
            failing: dict[Path, OSError] = {}
            for root in self.roots(agent):
                looked = Looked(root)
                for log in agent.logs(root, looked):
                    report.logs += 1
                    state = known.pop(shown(log.name), None)
                    if full or state is None or state.gone or state.stat != (log.size, log.mtime_ns, log.inode):
                        pending.append((log, state.cursor if state and not full else None))
                failing = looked.failing | failing
                report.links |= looked.links(agent.log_at)
            left = {Path(path): state.id for path, state in known.items() if not state.gone}
            for folder, error in failing.items():
                reason = f"it cannot be looked into ({error.strerror or error})"
                place = Path(shown(folder))
                below = [path for path in left if path.is_relative_to(place)]
                if not below and not os.path.lexists(folder.parent):  # nothing says that the agent was ever used there
                    continue
                report.problems.append((str(place), reason))
                hidden += [(_unlisted(agent, path), reason) for path in below or [place]]
                for path in below:
                    del left[path]
            missing += left.values()
        if missing or hidden:
            with transaction(self.db):
                report.gone = write.logs_gone(self.db, missing, clock.now_ms())
                for log, reason in hidden:
                    write.log_failed(self.db, log, reason)
        if full:  # what is gone is noted by now: its faults stay
            with transaction(self.db):
                write.forget_cursors(self.db, [agent.NAME for agent in agents])
        pending = newest_first(pending)
        if ahead is None and worth_it(pending, workers):
            ahead = Ahead(pending, workers)
        try:
            self._read(pending, ahead or one_by_one(pending), report, on_progress, stop)
        finally:
            if ahead:
                ahead.close()
        self._price_unpriced()
        with transaction(self.db):
            write.set_setting(self.db, logs.READ_AT, str(clock.now_ms()))
        report.seconds = time.perf_counter() - started
        return report

    def read_paths(self, paths: Iterable[Path]) -> Report:
        """What is new in some logs: the answer to a watch event."""
        report = Report()
        paths = list(paths)
        self._note_gone(paths)
        pending = []
        for log in self._logs_at(paths):
            state = logs.state(self.db, log.agent, shown(log.name))
            if state is None or state.gone or state.stat != (log.size, log.mtime_ns, log.inode):
                pending.append((log, state.cursor if state else None))
        self._read(pending, one_by_one(pending), report)
        return report

    def _note_gone(self, paths: Iterable[Path]) -> None:
        """A log that an agent moved is met again at once, at its new place: its requests are told from there."""
        vanished = [path for path in paths if not os.path.lexists(path)]
        known = [logs.state(self.db, agent.NAME, shown(path)) for agent in AGENTS for path in vanished]
        if missing := [state.id for state in known if state and not state.gone]:
            with transaction(self.db):
                write.logs_gone(self.db, missing, clock.now_ms())

    def _logs_at(self, paths: Iterable[Path]) -> Iterable[Log]:
        found: dict[tuple[str, str], Log] = {}
        for agent in AGENTS:
            roots = self.roots(agent)
            for path in paths:
                for root in roots:
                    if path.is_relative_to(root) and (log := agent.log_at(root, path)):
                        found[agent.NAME, log.name] = log  # a database and its `-wal` are one log
                        break
        return found.values()

    # ------------------------------------------------------------------------------------------ the pipeline

    def _read(
        self,
        pending: list[tuple[Log, str | None]],
        readings: Iterable[Found],
        report: Report,
        on_progress: OnProgress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        if not pending:
            return
        self.writer.project_of = cache(git.project_of)  # a folder that becomes a repository is met by the next reading
        total = sum(log.size for log, _ in pending)
        batch: list[Found] = []
        requests, aside = 0, isinstance(readings, Ahead)
        since = time.perf_counter()
        broken: set[str] = set()
        for found in readings:
            batch.append(found)
            report.bytes_read += found[1].bytes_read if found[1] else 0
            report.logs_read += 0 if found[1] and found[1].more else 1
            requests += len(found[1].requests) if found[1] else 0
            progress = Progress(report.bytes_read, total)
            enough = _enough(progress.share) if aside else BATCH_REQUESTS
            if requests >= enough or time.perf_counter() - since > BATCH_SECONDS:
                self._write(batch, report, broken)
                batch, requests, since = [], 0, time.perf_counter()
                if on_progress:
                    on_progress(progress)
            if stop():
                break
        self._write(batch, report, broken)
        if on_progress:
            on_progress(Progress(total, total))

    def _write(self, batch: list[Found], report: Report, broken: set[str]) -> None:
        """Adds a batch; where something in it cannot be stored, each log by itself, so that only that one is left out.

        What follows in a log of which a part was left out (`broken`) must wait, or its cursor would pass over that part.
        """
        batch = [found for found in batch if found[0].name not in broken]
        if not batch:
            return
        try:
            self._write_together(batch, report)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, OF_THE_LOG):
                raise
            log, chunk, _ = batch[0]
            if len(batch) > 1:
                for found in batch:
                    self._write([found], report, broken)
            elif chunk:
                broken.add(log.name)
                self._write_together([(log, None, f"it cannot be counted ({type(error).__name__})")], report)
            else:
                raise

    def _write_together(self, batch: list[Found], report: Report) -> None:
        try:
            with transaction(self.db):
                prices = self._known_prices()
                added = self.writer.add([(log, chunk) for log, chunk, _ in batch if chunk], clock.now_ms())
                write.add_prices(self.db, prices.take_fresh())
                for log, _, reason in batch:
                    if reason:
                        write.log_failed(self.db, log, reason)
        except BaseException:
            self.writer = write.Writer(self.db, self.writer.project_of)  # numbers given in it are not in the store
            raise
        report.requests_new += added.new
        report.requests_changed += added.changed
        for log, chunk, reason in batch:
            if reason:
                report.problems.append((log.name, reason))
            elif chunk:
                report.problems += [(log.name, problem.text) for problem in chunk.problems]

    def _known_prices(self) -> Prices:
        """The store's own price rows, asked anew in each transaction: another process may have added or restored some."""
        prices = Prices(read.prices(self.db), self.own_prices)
        self.writer.priced = prices.list_value
        return prices

    def _priced_with(self, prices: Prices) -> str:
        return f"{prices.source}, {prices.own.source}"

    def _price_unpriced(self) -> None:
        """Requests without a price are looked up again once the price data or the person's own prices have changed."""
        if self._own_prices:
            self.own_prices = own.read(self._own_prices)
        known = self._known_prices()
        state = self._priced_with(known)
        if read.setting(self.db, PRICED_WITH) == state:
            return
        with transaction(self.db):
            self.writer.price_unpriced()
            write.add_prices(self.db, known.take_fresh())
            write.set_setting(self.db, PRICED_WITH, state)


def _enough(done: float) -> int:
    """Requests of a transaction where others read meanwhile; the last ones hold less, as nobody reads while they are written."""
    return int(BATCH_REQUESTS * max(1 / 8, min(1, 8 - 8 * done)))


def _unlisted(agent: Agent, path: Path) -> Log:
    """Stands for what lies in a folder that cannot be listed, or for that folder."""
    return Log(agent.NAME, str(path), path, None, False, -1, 0, 0)
