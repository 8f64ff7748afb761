"""How a Codex log is read: which lines are looked into, and who takes what they tell.

Newer versions write a `token_usage_record` for each response of the API: exact, by response id. In a file, or in the part of a
file, that has none, the `token_count` events tell a running total (`codex_counting`). Threads repeat each other's history
(`codex_history`): copies are dropped where the log tells them apart, else they get the key of the original (`codex_requests`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import accumulate, repeat
from typing import BinaryIO, cast

from stringzilla import find

from tokentrack.agents import codex_words, jsonl, marks, zst
from tokentrack.agents.codex_counting import exact
from tokentrack.agents.codex_limits import Limits
from tokentrack.agents.codex_records import (
    Event,
    Line,
    Meta,
    RateLimits,
    Settings,
    TurnContext,
    count_line_of,
    event_of,
    line_of,
    tolerant,
)
from tokentrack.agents.codex_requests import Requests
from tokentrack.agents.codex_standing import Cursor, Standing
from tokentrack.agents.codex_words import Words
from tokentrack.agents.reading import NOT_TYPED, Count, cursor_of, read_as
from tokentrack.model.logs import Chunk, Log, Piece

TIERS = {"priority": "priority", "fast": "priority", "flex": "flex"}
"""Service tiers with prices of their own."""
_beginning = re.compile(
    rb'\{"timestamp":"([0-9T:.Z+-]{1,64})","(?:type|ordinal":(\d{1,15}),"type)":"'
    rb'(?:response_item","payload":\{"type":"(?:(message|reasoning|agent_message)|([a-z_]+))"'
    rb'|event_msg","payload":\{"type":"(?:(token_count)|([a-z_]+))")'
).match
"""How almost every line begins; what begins otherwise is read as a whole."""
STAMP, ORDINAL, WORDS, ITEM, COUNT, EVENT = range(1, 7)
"""`WORDS` are items that are the conversation's own text."""
_CALL_ID = re.compile(rb',"call_id":"([^"\\]+)"')
_OTHER_ITEM = re.compile(rb'[^{}]*"item":\{"type":"(?!UserMessage"|CommandExecution"|[^"]*\\)')
"""How an `item_completed` goes on of which nothing is read."""
_READ_EVENTS = {b"task_started", *map(str.encode, codex_words.EVENTS)}


def read(log: Log, cursor: str | None) -> Chunk:
    """The requests, turns, titles, marks and limits of the whole lines past the cursor. Raises OSError."""
    file, stream = zst.opened(log.path)
    with file:
        state = cursor_of(cursor, Cursor)
        if stream is not None:
            return _compressed(log, state, stream)
        restarted = not jsonl.still_there(file, state.place)
        return _Reading(log, Cursor() if restarted else state).chunk(file, restarted)


def _compressed(log: Log, state: Cursor, stream: zst.Stream) -> Chunk:
    """A compressed log is written once, whole: another size or time is another file, read from its start."""
    identity = hashlib.blake2b(f"{log.size} {log.mtime_ns}".encode(), digest_size=6).hexdigest()
    restarted = state.head not in ("", identity)
    return _Reading(log, Cursor() if restarted else state, identity).chunk(cast("BinaryIO", stream), restarted)


class _Reading:
    """One pass over new lines: takes records in their order and hands them to those who gather."""

    def __init__(self, log: Log, state: Cursor, identity: str | None = None) -> None:
        self.state = state
        self.identity = identity
        self.here = Standing(log, state)
        self.requests = Requests(self.here)
        self.words = Words(self.here)
        self.limits = Limits()
        self.version: str | None = None
        self.told = b""
        """The last `token_count`, while the next one tells nothing new if it is the same."""
        self.told_limits: RateLimits | None = None

    def chunk(self, file: BinaryIO, restarted: bool) -> Chunk:
        here, start = self.here, self.state.offset
        end = start
        rest: bytes | None = None
        for here.offset, after, lines in jsonl.batches(file, start):
            if after == jsonl.UNFINISHED:
                (rest,) = lines
                break
            if not lines:
                here.problem(f"line longer than {jsonl.LONGEST >> 20} MB")
            self.lines(lines)
            end = after
        self.state.move(jsonl.Place(end, self.identity, "") if self.identity else jsonl.here(file, end))
        cursor = self.state.text()
        whole = rest is None or self.unfinished(rest)
        if isinstance(file, zst.Stream) and (
            file.damaged or not whole or (start == end and rest is None and not start)
        ):
            here.problem(f"damaged from here on ({file.damaged or 'it ends too early'})")
        thread = self.state.lineage.thread
        return Chunk(
            cursor=cursor,
            pieces=list(self.piece()),
            problems=here.problems,
            version=self.version,
            bytes_read=end - start,
            more=end - start >= jsonl.PART,
            restarted=restarted,
            limits=self.limits.newest(),
            subagent=self.state.lineage.subagent if thread else None,
        )

    def piece(self) -> Iterator[Piece]:
        """The one thread of this log; none while there is no record in it."""
        lineage = self.state.lineage
        if lineage.thread:
            yield Piece(
                session=lineage.root,
                requests=list(self.requests.found.values()),
                turns=list(self.words.turns.values()),
                titles=list(self.words.titles.values()),
                marks=list(self.words.marks),
                searches=[],
                first_at=self.state.first_at,
                cwd=self.state.cwd,
                aliases=() if lineage.root == lineage.thread else (lineage.thread,),
            )

    # ------------------------------------------------------------------------------------------ lines

    def lines(self, lines: list[bytes]) -> None:
        """Takes lines that follow each other; the first one stands at the place that was set."""
        here, lineage = self.here, self.state.lineage
        offsets = accumulate(map(len, lines), initial=here.offset)
        # Behind a whole record or half of one, another may stand on its line; a text has a backslash before its quotes.
        others = map(find, lines, repeat(b'"timestamp"'), repeat(len(b'{"timestamp"')))
        for line, begins, other, here.offset in zip(lines, map(_beginning, lines), others, offsets, strict=False):
            if begins is None or not lineage.thread:
                self.whole_line(line)
                continue
            kind = begins.lastindex
            if kind == COUNT:
                self.count_line(line, begins)
            elif (
                other >= 0
                or (kind == ITEM and self.item_tells(begins[ITEM], line, begins))
                or (kind == EVENT and self.event_tells(begins[EVENT], line, begins))
            ):
                self.whole_line(line)

    def whole_line(self, line: bytes) -> None:
        self.told = b""
        try:
            record = line_of(line)
        except NOT_TYPED:
            self.odd_line(line)
        else:
            self.record(record)

    def count_line(self, line: bytes, begins: re.Match[bytes]) -> None:
        stamp, told = begins[STAMP].decode(), line[begins.end() :]
        if told == self.told:  # as most totals are told twice, in lines that differ in their time alone
            self.state.stamp = stamp
            if self.told_limits:
                self.limits.take(self.told_limits, stamp)
            return
        try:
            record = count_line_of(line)
        except NOT_TYPED:
            self.whole_line(line)
            return
        state, lineage, count = self.state, self.state.lineage, record.payload
        state.stamp = stamp
        if state.first_at is None:
            state.first_at = self.here.at
        lineage.own(count.thread_id)
        plain = lineage.plain
        inherited = not plain and self.here.inherits(record.ordinal)
        if count.rate_limits and not inherited:
            self.limits.take(count.rate_limits, stamp)
        if info := count.info:
            total, last = exact(info.total_token_usage), exact(info.last_token_usage)
            self.requests.on_totals(total, last, info.model, inherited)
        self.told = told if plain and state.first_at is not None else b""
        self.told_limits = count.rate_limits

    def item_tells(self, name: bytes, line: bytes, begins: re.Match[bytes]) -> bool:
        """Whether an item may be a call that makes a commit, or the output of such a call."""
        if not name.endswith(b"_output"):
            return marks.makes_commits(line)
        if not self.state.calls:
            return False
        call = _CALL_ID.match(line, begins.end())
        return call is None or call[1].decode("utf-8", "replace") in self.state.calls

    def event_tells(self, name: bytes, line: bytes, begins: re.Match[bytes]) -> bool:
        """Whether an event is one that is read, or a command's end that may make a commit, or may say where a copy ends."""
        if name == b"exec_command_end":
            tells = marks.makes_commits(line)
        elif name == b"item_completed":
            tells = not _OTHER_ITEM.match(line, begins.end())
        else:
            tells = name in _READ_EVENTS or name.startswith(b"thread_")
        if tells or not self.state.lineage.copying or find(line, b'"thread_id"') >= 0:
            return tells or self.state.lineage.copying
        self.here.stamp(begins[STAMP].decode())
        self.here.inherits(None if begins[ORDINAL] is None else int(begins[ORDINAL]))
        return False

    def odd_line(self, line: bytes) -> None:
        """A line that is not one record as expected: as many records as it holds, as far as they fit."""
        records, reason = tolerant(line)
        for self.here.nth, record in enumerate(records):
            self.record(record)
        self.here.nth = 0
        if reason:
            self.here.problem(reason)

    def unfinished(self, line: bytes) -> bool:
        """A last line without its newline: used if it is whole, and read again when it is finished."""
        records, reason = tolerant(line)
        if reason:
            return False
        told = self.here.problems.copy()
        for self.here.nth, record in enumerate(records):
            self.record(record)
        self.here.problems = told  # what the line has of them is told when it is finished
        return True

    # ------------------------------------------------------------------------------------------ records

    def record(self, record: Line) -> None:
        self.here.stamp(record.timestamp)
        if record.type == "session_meta":
            self.on_meta(record)
            return
        if not self.state.lineage.thread:
            self.begin_without_meta(record)
        if record.type == "event_msg":
            if (event := event_of(record.payload)) is None:
                self.here.problem("event_msg of an unknown shape")
            else:
                self.on_event(event, record.ordinal)
        elif record.type == "response_item":
            self.words.on_response_item(record)
        elif record.type == "turn_context":
            self.on_turn_context(record)
        elif record.type == "token_usage_record":
            self.requests.on_usage_record(record)
        elif not record.payload and (record.usage or record.data):
            self.requests.on_saved(record)

    def on_meta(self, record: Line) -> None:
        meta = read_as(record.payload, Meta)
        if meta is None:
            return self.here.problem("session_meta of an unknown shape")
        state, lineage, at = self.state, self.state.lineage, self.here.at
        first = not lineage.thread or (not lineage.named and meta.id == lineage.thread)
        if not first:
            return lineage.meet(meta, at)
        lineage.thread = lineage.thread or self.here.file_name
        lineage.take(meta, at)
        state.cwd = state.cwd or meta.cwd
        state.branch = (meta.git.branch if meta.git else None) or None
        if meta.forked_from_id and not lineage.subagent:
            self.words.forked(meta.forked_from_id)
        self.version = meta.cli_version or self.version
        return None

    def begin_without_meta(self, record: Line) -> None:
        lineage = self.state.lineage
        started = record.thread_id if record.type == "thread.started" else None
        lineage.thread = lineage.root = started or self.here.file_name

    def on_turn_context(self, record: Line) -> None:
        context = read_as(record.payload, TurnContext)
        if context is None:
            return self.here.problem("turn_context of an unknown shape")
        state = self.state
        if context.turn_id:
            self.here.begin_turn(context.turn_id)
        inherited = self.here.inherits(record.ordinal)
        state.model = context.model or state.model
        if context.model and context.turn_id:
            state.models[context.turn_id] = context.model
        if context.cwd and not inherited:
            state.cwd = state.cwd or context.cwd
        return None

    def on_event(self, event: Event, number: Count) -> None:
        if event.turn_id and event.type == "task_started":
            self.here.begin_turn(event.turn_id)
        self.state.lineage.own(event.thread_id)
        inherited = self.here.inherits(number)
        if event.type == "token_count":
            if event.rate_limits and not inherited:
                self.limits.take(event.rate_limits, self.state.stamp)
            if event.info is not None:
                self.requests.on_token_count(event.info, inherited)
        elif event.type == "thread_settings_applied":
            self.on_settings(event.thread_settings or Settings())
        elif (handler := codex_words.EVENTS.get(event.type or "")) and (not inherited or self.opens(event)):
            handler(self.words, event)

    def opens(self, event: Event) -> bool:
        """Whether a record that came as fast as a copy is a prompt of a fork that copied nothing."""
        return event.type == "user_message" and self.state.lineage.opens(self.here.at)

    def on_settings(self, settings: Settings) -> None:
        self.state.model = settings.model or self.state.model
        if settings.service_tier:
            tier = bytes(settings.service_tier).decode("utf-8", "replace").strip('"')
            self.state.variant = TIERS.get(tier, "")
