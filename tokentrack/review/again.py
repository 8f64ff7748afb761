"""A figure read again from its logs, as a first scan would: whether they still tell what was counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tokentrack.agents import Agent, agent_named
from tokentrack.agents import roots as agent_roots
from tokentrack.agents.values import better
from tokentrack.model.logs import Log, Request
from tokentrack.review.why import NO_READER, missing, reason
from tokentrack.store import logs, read
from tokentrack.store.sources import Source


@dataclass(frozen=True, slots=True)
class Again:
    """What a source says now about a request that was counted; `text` is one sentence.

    `state` is `same` or `moved`, which prove the figure, `different`, `missing`, `shorter`, `gone` or `unreadable`.
    """

    state: str
    text: str

    @property
    def proved(self) -> bool:
        return self.state in ("same", "moved")


SAME = Again("same", "Read again: the same.")
GoOn = Callable[[], bool]


def read_again(
    found: Iterable[Source], db: sqlite3.Connection, home: Path, env: Mapping[str, str], go_on: GoOn = lambda: True
) -> Iterator[tuple[Source, Again]]:
    """Reads each log behind these requests from its start, as a first scan would, and compares what it counts with the store.

    They come log by log, or a log is read several times; so does what is found, and a caller may tell how far it is. `go_on` is
    asked between two pieces of a log.
    """
    readings: dict[str, _Again | None] = {}
    for (name, path), together in groupby(found, key=lambda one: (one.agent, one.log)):
        if not go_on():
            return
        if name not in readings:
            readings[name] = _reading(name, db, home, env, go_on)
        reading, counted = readings[name], list(together)
        if reading is None:
            yield from ((one, Again("unreadable", NO_READER)) for one in counted)
        else:
            yield from reading.log(Path(path), counted)


def _reading(name: str, db: sqlite3.Connection, home: Path, env: Mapping[str, str], go_on: GoOn) -> _Again | None:
    try:
        agent = agent_named(name)
    except KeyError:
        return None
    roots = [*map(Path, logs.roots_met(db, name)), *agent_roots(agent, home, env, read.extra_roots(db, name))]
    return _Again(agent, list(dict.fromkeys(roots)), go_on)


class _Again:
    """Reads logs of one agent again."""

    def __init__(self, agent: Agent, roots: list[Path], go_on: GoOn) -> None:
        self.agent, self.roots, self.go_on = agent, roots, go_on
        self._listed: dict[str, list[Log]] | None = None

    def log(self, path: Path, counted: list[Source]) -> Iterator[tuple[Source, Again]]:
        """What became of these requests of one log; nothing where the caller does not go on."""
        try:
            log = self._at(path)
            wanted = {one.request.key for one in counted}
            now = self._now(log, wanted) if log else {}
            place = path
            for other in [] if log else self._elsewhere(path):
                place, now = other.path, self._now(other, wanted)
                if now:
                    break
            told = [(one, _compared(one, now.get(one.request.key), place)) for one in counted]
        except Exception as error:  # noqa: BLE001  # one log that cannot be read says nothing about the others
            unreadable = Again("unreadable", f"The log cannot be read: {reason(error)}.")
            told = [(one, unreadable) for one in counted]
        if self.go_on():
            yield from told

    def _at(self, path: Path) -> Log | None:
        """The log at a path; of a folder of records, any of them would lead there."""
        if not path.exists():
            return None
        inside = path / "any.json" if path.is_dir() else path
        roots = (root for root in self.roots if root in (path, *path.parents))
        return next((log for root in roots if (log := self.agent.log_at(root, inside))), None)

    def _elsewhere(self, path: Path) -> list[Log]:
        """Logs of the same name in other folders: agents move sessions into an archive, people rename folders."""
        if self._listed is None:
            self._listed = {}
            for root in self.roots:
                for log in self.agent.logs(root):
                    self._listed.setdefault(_stem(log.path), []).append(log)
        return [log for log in self._listed.get(_stem(path), []) if log.path != path]

    def _now(self, log: Log, wanted: set[str]) -> dict[str, Request]:
        """The wanted requests as a first reading of this log counts them. Raises OSError."""
        held: dict[str, Request] = {}
        cursor: str | None = None
        while True:
            chunk = self.agent.read(log, cursor)
            for request in chunk.requests:
                if request.key in wanted:
                    held[request.key] = better(held[request.key], request) if request.key in held else request
            if not chunk.more or not self.go_on():
                return held
            cursor = chunk.cursor


def _stem(path: Path) -> str:
    """Cold logs are compressed under the same name."""
    return path.name.removesuffix(".zst")


_COMPARED = ("model", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning")


def _compared(counted: Source, now: Request | None, place: Path) -> Again:
    if now is None:
        return Again(*missing(counted))
    before = counted.request
    differing = [name for name in _COMPARED if getattr(now, name) != getattr(before, name)]
    if now.web_searches not in (0, before.web_searches):  # a tool's result may have told what the counter does not
        differing.append("web_searches")
    if differing:
        told = ", ".join(
            f"{n.replace('_', ' ')} {_amount(before, n)} counted, {_amount(now, n)} now" for n in differing
        )
        return Again("different", f"Read again: different: {told}.")
    if str(place) != counted.log:
        return Again("moved", f"Read again: the same. The log has moved to {place}.")
    if now.offset != before.offset and not _same_record(counted, now):
        return Again("moved", f"Read again: the same. The record has moved to byte {now.offset:,}.")
    return SAME


def _same_record(counted: Source, now: Request) -> bool:
    """Agents write a record several times; which of the equal ones is named is nothing to tell."""
    agent, path = agent_named(counted.agent), Path(counted.log)
    there = agent.raw(path, counted.request.offset, now.key)
    return there is not None and there == agent.raw(path, now.offset, now.key)


def _amount(request: Request, name: str) -> str:
    value = getattr(request, name)
    return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
