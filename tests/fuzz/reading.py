"""Lays a home folder out, reads it with an agent's reader as the app does, and says what no log may ever lead to."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from fuzz.mutate import Specimen

from tokentrack import paths
from tokentrack.agents import Agent
from tokentrack.agents.values import TITLE_LENGTH, TOO_MANY
from tokentrack.ingest import Ingest
from tokentrack.model.logs import TITLE_KINDS, TOKENS_FROM, Chunk, Log, Piece, Request
from tokentrack.store import open_store

CPU_SECONDS = 5.0
"""For one mutation of some tens of kilobytes, which takes a hundredth of a second."""
MOST_CHUNKS = 50
DATABASES = (".db", ".vscdb")
LONGEST = 5000
"""No text in the store is longer: a folder is the longest."""
LATEST = 10**14


class Unsound(AssertionError):
    """A reader told what cannot be."""


class TooLong(BaseException):
    """A reader does not come to an end; no `except Exception` may swallow it."""


@contextmanager
def limited(seconds: float = CPU_SECONDS) -> Iterator[None]:
    """Ends what takes longer than this on the processor, however busy the machine is."""

    def end(_signal: int, _frame: object) -> None:
        raise TooLong(f"not read within {seconds} s")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


_LAID: dict[Path, Specimen] = {}
"""What lies in a home folder, file by file, as it was last laid out there."""


def lay_out(home: Path, specimen: Specimen, before: Specimen | None = None) -> None:
    """These files and no others. Only those are written that differ from what was there."""
    before = _LAID.get(home, {}) if before is None else before
    for name in before.keys() - specimen.keys():
        (home / name).unlink()
    for name, data in specimen.items():
        if before.get(name) is not data and before.get(name) != data:
            path = home / name
            os.makedirs(path.parent, exist_ok=True)  # noqa: PTH103  # a third of the time
            path.write_bytes(data)
    _LAID[home] = specimen


Cursors = dict[Path, str]


def read_all(agent: Agent, home: Path, cursors: Cursors, sound: bool = False) -> int:
    """Reads every log to its end, on from these cursors, and returns how many problems were told. `sound`: none is damaged."""
    problems = 0
    for root in agent.roots(home, {}):
        for log in agent.logs(root, lambda folder, error: None):
            problems += _read_log(agent, log, cursors, sound)
    return problems


def _read_log(agent: Agent, log: Log, cursors: Cursors, sound: bool) -> int:
    cursor = cursors.get(log.path)
    found: dict[str, Request] = {}
    problems = 0
    for _ in range(MOST_CHUNKS):
        try:
            chunk = agent.read(log, cursor)
        except OSError:  # the app says of the log that it cannot be read
            return problems + 1
        check(chunk)
        found |= {request.key: request for request in chunk.requests}
        problems += len(chunk.problems)
        cursor = cursors[log.path] = chunk.cursor
        if not chunk.more:
            break
    else:
        raise Unsound(f"{log.path} has no end")
    _read_again(agent, log, found, cursor, sound)
    return problems


def _read_again(agent: Agent, log: Log, found: dict[str, Request], cursor: str, sound: bool) -> None:
    """Nothing was written since: what is told a second time was told before. A damaged index may not find what it listed."""
    again = agent.read(log, cursor)
    check(again)
    same = _told(again.cursor) == _told(cursor) or (not sound and log.path.suffix in DATABASES)
    if not same or again.more:
        raise Unsound(f"reading {log.path} again gives another cursor")
    if again.restarted and any(found.get(request.key, request) != request for request in again.requests):
        raise Unsound(f"reading {log.path} again gives other requests")
    for request in list(found.values())[:3]:
        told = agent.raw(log.path, request.offset, request.key)
        if told is not None and not isinstance(told, dict):
            raise Unsound("raw counters that are no object")


def _told(cursor: str) -> dict[str, object]:
    """What a cursor says; in one that is JSON, a number that JSON cannot hold is nothing."""
    if not cursor.startswith("{"):
        return {"": cursor}
    return {name: value for name, value in json.loads(cursor).items() if value is not None}


def scan(agent: Agent, home: Path, store: Path) -> None:
    """The whole way into a store, which must take whatever the reader told, all of it."""
    with closing(open_store(store)) as db:
        report = Ingest(db, home, {}, paths.own_prices(store)).scan((agent,))
        for path, reason in report.problems:
            if "it cannot be counted" in reason or "Error" in reason:
                raise Unsound(f"{path}: {reason}")
        if db.execute(
            "select 1 from requests where min(input, output, cache_read, cache_write_5m, cache_write_1h) < 0"
        ).fetchone():
            raise Unsound("a negative count in the store")
        if db.execute(
            "select 1 from requests where session_id not in (select id from sessions) and session_id <> 0"
        ).fetchone():
            raise Unsound("a request without a session")


# ---- what holds of every chunk ---------------------------------------------------------------------------------------


def check(chunk: Chunk) -> None:
    for piece in chunk.pieces:
        _check_piece(piece)
    for problem in chunk.problems:
        _check(0 < len(problem.reason) <= 400, "a problem's length", problem)
        _text(problem.reason, 400)
    for limit in chunk.limits:
        _text(limit.name, 200)
        _check(0 < limit.window < 10**7 and 0 <= limit.used_percent <= 1000, "a limit", limit)
        _time(limit.seen_at)
        _time(limit.resets_at)
    _text(chunk.version, 200)
    _check(len(chunk.cursor) < 200_000, "a cursor's size", len(chunk.cursor))
    _text(chunk.cursor, 200_000)


def _check_piece(piece: Piece) -> None:
    _check(bool(piece.session) and piece.tokens_from in TOKENS_FROM, "a session", piece.session)
    _texts(300, piece.session, *piece.aliases)
    _text(piece.cwd, LONGEST)
    _time(piece.first_at)
    for request in piece.requests:
        _check_request(request)
    for turn in piece.turns:
        _texts(300, turn.native_id, turn.leaf)
        _time(turn.at)
        _number(turn.offset)
    for title in piece.titles:
        _check(title.kind in TITLE_KINDS and len(title.text) <= TITLE_LENGTH, "a title", title)
        _texts(300, title.text, title.leaf)
        _number(title.offset)
    for mark in piece.marks:
        _texts(300, mark.value)
        _time(mark.at)
    for search in piece.searches:
        _texts(700, search.tool_use_id, search.request_key)
        _check(0 <= search.searches <= TOO_MANY, "a count of searches", search)


def _check_request(request: Request) -> None:
    counts = (
        request.input, request.output, request.cache_read, request.cache_write_5m, request.cache_write_1h, request.web_searches
    )  # fmt: skip
    _check(all(type(count) is int and 0 <= count <= TOO_MANY for count in counts), "a count", request)
    _check(request.reasoning is None or 0 <= request.reasoning <= request.output, "a count of reasoning", request)
    _check(request.recorded_cost is None or 0 <= request.recorded_cost <= 10**16, "a recorded cost", request)
    _check(bool(request.key) and request.tokens_from in TOKENS_FROM, "a key", request)
    _check(request.standing in range(4) and request.claim in range(3), "a standing or claim", request)
    _texts(700, request.key, request.twin)
    _texts(200, request.model, request.branch, request.variant)
    _text(request.cwd, LONGEST)
    _time(request.at)
    _number(request.offset)


def _check(holds: bool, what: str, told: object) -> None:
    if not holds:
        raise Unsound(f"{what}: {told!r}"[:2000])


def _texts(most: int, *texts: str | None) -> None:
    for text in texts:
        _text(text, most)


def _text(text: str | None, most: int) -> None:
    if text is not None:
        _check(isinstance(text, str) and len(text) <= most, f"a text of more than {most} letters", text)
        text.encode()  # half a surrogate, which no store takes


def _time(at: int | None) -> None:
    _check(at is None or (type(at) is int and 0 < at < LATEST), "a time", at)


def _number(value: int) -> None:
    _check(type(value) is int and -(2**63) <= value < 2**63, "a number", value)


# ---- one mutation ----------------------------------------------------------------------------------------------------


def attempt(
    agent: Agent, specimen: Specimen, damaged: Specimen, rubbish: bool, home: Path, empty: Path, dice: Random
) -> int:
    """Reads a damaged home folder, sometimes after the sound one, sometimes into a store. Returns the problems told."""
    cursors: Cursors = {}
    before = dice.random() < 0.3
    stored = dice.random() < 0.08
    with limited():
        if before:
            lay_out(home, specimen)
            read_all(agent, home, cursors, sound=True)
        lay_out(home, damaged)
        problems = read_all(agent, home, cursors)
        if rubbish and not before and not problems:
            raise Unsound("rubbish was not told of")
        if stored:
            store = home.with_name("store.db")
            for old in (store, *_beside(store)):
                old.unlink(missing_ok=True)
            shutil.copyfile(empty, store)
            scan(agent, home, store)
    return problems


def _beside(store: Path) -> Iterable[Path]:
    return (store.with_name(f"{store.name}{ending}") for ending in ("-wal", "-shm"))
