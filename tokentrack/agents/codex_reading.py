"""How a Codex log is read.

Newer versions write a `token_usage_record` for each response of the API: exact, by response id. In a file, or in the part of a
file, that has none, the `token_count` events tell a running total (`codex_counting`). Threads repeat each other's history
(`codex_history`): copies are dropped where the log tells them apart, else they get the key of the original.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import stringzilla

from tokentrack.agents import jsonl, marks, zst
from tokentrack.agents.codex_counting import BadCount, Figures, Totals, figures
from tokentrack.agents.codex_history import Lineage, ordinal
from tokentrack.agents.codex_prompts import prompt_text
from tokentrack.agents.codex_records import (
    Event,
    Info,
    Line,
    Meta,
    RateLimits,
    ResponseItem,
    Saved,
    TurnContext,
    Usage,
    UsageRecord,
    Window,
    event_line_of,
    event_of,
    line_of,
    tolerant,
)
from tokentrack.agents.reading import NOT_TYPED, Count, LineCursor, Problems, cursor_of, fit, read_as, text_of
from tokentrack.agents.values import better, parse_time, short
from tokentrack.model import Chunk, Limit, Log, Mark, Piece, Request, Title, Turn

MAIN, SUBAGENT = 2, 1
OWN_CALL, UNKNOWN_CALL, COPIED_CALL = 0, 1, 2
REMEMBERED = 100
"""Turns, tool calls and marks that a cursor remembers: what they wait for comes within a few records."""
TIERS = {"priority": "priority", "fast": "priority", "flex": "flex"}
"""Service tiers with prices of their own."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_BEGINNING = re.compile(
    rb'\{"timestamp":"([^"]{1,64})",(?:"ordinal":(\d{1,15}),)?"type":"'
    rb'(?:response_item","payload":\{"type":"([^"]+)"|event_msg","payload":\{"type":"([^"]+)")'
)
"""How almost every line begins; what begins otherwise is read as a whole."""
STAMP, ORDINAL, ITEM, EVENT = range(1, 5)
BACKSLASH = ord("\\")
_WORDS = {b"message", b"reasoning", b"agent_message"}
"""Items that are the conversation's own text."""
_CALL_ID = re.compile(rb',"call_id":"([^"\\]+)"')
_OTHER_ITEM = re.compile(rb'[^{}]*"item":\{"type":"(?!UserMessage"|CommandExecution"|[^"]*\\)')
"""How an `item_completed` goes on of which nothing is read."""


# ---------------------------------------------------------------------------------------------------------------- cursor


class Cursor(LineCursor, omit_defaults=True):
    """What a later read must know of the records before its place."""

    lineage: Lineage = msgspec.field(default_factory=Lineage)
    totals: Totals = msgspec.field(default_factory=Totals)
    records: bool = False
    """Whether the file has told a response by its own record: from there on running totals tell nothing new."""
    first_at: int | None = None
    stamp: Count = None
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    variant: str = ""
    turn: str | None = None
    origin: str = ""
    models: dict[str, str] = {}
    """By turn."""
    prompted: list[str] = []
    """Turns of which the prompt was met."""
    calls: list[str] = []
    """Tool calls whose output may name commits."""
    marked: list[str] = []
    """Marks found in outputs, which the log tells twice."""


# ---------------------------------------------------------------------------------------------------------------- read


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
    """One pass over new lines: takes records in their order and gathers what they tell."""

    def __init__(self, log: Log, state: Cursor, identity: str | None = None) -> None:
        self.log = log
        self.state = state
        self.identity = identity
        self.requests: dict[str, Request] = {}
        self.turns: dict[str, Turn] = {}
        self.titles: dict[str, Title] = {}
        self.marks: dict[Mark, None] = {}
        self.limits: dict[object, tuple[RateLimits, Count]] = {}
        self.problems = Problems()
        self.version: str | None = None
        self.offset = self.nth = 0
        self._stamped: tuple[object, int | None] = (None, None)
        self._told, self._event = b"", Event()
        self._ordinal: Count = None
        self._info: Info | None = None
        self._counted: tuple[Figures | None, Figures | None] = (None, None)

    def chunk(self, file: BinaryIO, restarted: bool) -> Chunk:
        start = end = self.state.offset
        rest: bytes | memoryview | None = None
        for offset, after, line in jsonl.whole_lines(file, start):
            self.offset, self.nth = offset, 0
            if after == jsonl.UNFINISHED:
                rest = line
                break
            end = after
            if line is None:
                self.problem(f"line longer than {jsonl.LONGEST >> 20} MB")
            else:
                self.line(line)
        place = jsonl.Place(end, self.identity, "") if self.identity else jsonl.here(file, end)
        cursor = self.cursor_at(place)
        whole = rest is None or self.unfinished(rest)
        if isinstance(file, zst.Stream) and (
            file.damaged or not whole or (start == end and rest is None and not start)
        ):
            self.problem(f"damaged from here on ({file.damaged or 'it ends too early'})")
        thread = self.state.lineage.thread
        return Chunk(
            cursor=cursor,
            pieces=list(self.piece()),
            problems=self.problems,
            version=self.version,
            bytes_read=end - start,
            more=end - start >= jsonl.PART,
            restarted=restarted,
            limits=self.told_limits(),
            subagent=self.state.lineage.subagent if thread else None,
        )

    def piece(self) -> Iterator[Piece]:
        """The one thread of this log; none while there is no record in it."""
        lineage = self.state.lineage
        if lineage.thread:
            yield Piece(
                session=lineage.root,
                requests=list(self.requests.values()),
                turns=list(self.turns.values()),
                titles=list(self.titles.values()),
                marks=list(self.marks),
                searches=[],
                first_at=self.state.first_at,
                cwd=self.state.cwd,
                aliases=() if lineage.root == lineage.thread else (lineage.thread,),
            )

    def cursor_at(self, place: jsonl.Place) -> str:
        state = self.state
        state.move(place)
        state.models = dict(list(state.models.items())[-REMEMBERED:])
        state.prompted = state.prompted[-REMEMBERED:]
        state.calls = state.calls[-REMEMBERED:]
        state.marked = state.marked[-REMEMBERED:]
        return text_of(state)

    # ------------------------------------------------------------------------------------------ lines

    def line(self, line: bytes) -> None:
        begins = _BEGINNING.match(line) if self.state.lineage.thread else None
        if begins is None or BACKSLASH in begins[0]:  # the pattern would look for it ten times as long
            self.whole_line(line)
            return
        item, name = begins[ITEM], begins[EVENT]
        if self.item_tells(item, line, begins) if item else self.event_tells(name, line, begins):
            if name:
                self.event_line(line, begins)
            else:
                self.whole_line(line)
        # Glued to it, behind a whole record or half of one, may stand another; a text has a backslash before its quotes.
        elif stringzilla.find(line, b'"timestamp"', begins.end(STAMP)) >= 0:
            self.whole_line(line)

    def whole_line(self, line: bytes) -> None:
        try:
            record = line_of(line)
        except NOT_TYPED:
            self.odd_line(line)
        else:
            self.record(record)

    def event_line(self, line: bytes, begins: re.Match[bytes]) -> None:
        told = line[begins.start(EVENT) :]
        if told != self._told:  # most totals are told twice, in lines that differ in their time and number alone
            try:
                record = event_line_of(line)
            except NOT_TYPED:
                self.whole_line(line)
                return
            self._told, self._event = told, record.payload
            self._ordinal = record.ordinal if begins[ORDINAL] is None else None  # in what both lines have in common
        self.stamp(begins[STAMP].decode("utf-8", "replace"))
        self.on_event(self._event, self._ordinal if begins[ORDINAL] is None else int(begins[ORDINAL]))

    def item_tells(self, name: bytes, line: bytes, begins: re.Match[bytes]) -> bool:
        """Whether an item may be a call that makes a commit, or the output of such a call."""
        if name in _WORDS:
            return False
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
        if tells or not self.state.lineage.copying or stringzilla.find(line, b'"thread_id"') >= 0:
            return tells or self.state.lineage.copying
        self.stamp(begins[STAMP].decode("utf-8", "replace"))
        self.inherits(None if begins[ORDINAL] is None else int(begins[ORDINAL]))
        return False

    def odd_line(self, line: bytes | memoryview) -> None:
        """A line that is not one record as expected: as many records as it holds, as far as they fit."""
        records, reason = tolerant(line)
        for self.nth, record in enumerate(records):
            self.record(record)
        if reason:
            self.problem(reason)

    def unfinished(self, line: bytes | memoryview) -> bool:
        """A last line without its newline: used if it is whole, and read again when it is finished."""
        records, reason = tolerant(line)
        if reason:
            return False
        told = len(self.problems)
        for self.nth, record in enumerate(records):
            self.record(record)
        del self.problems[told:]  # they are told when the line is finished
        return True

    def problem(self, reason: str) -> None:
        self.problems.tell(self.offset, reason)

    @property
    def place(self) -> str:
        """Where a record stands in its file: two may have been written on one line."""
        return f"@{self.offset}.{self.nth}" if self.nth else f"@{self.offset}"

    def stamp(self, told: Count) -> None:
        """Each record begins with its time; what tells none is of the time of the one before it."""
        if told is not None:
            self.state.stamp = "" if _endless(told) else told
        if self.state.first_at is None:
            self.state.first_at = self.at

    def record(self, record: Line) -> None:
        self.stamp(record.timestamp)
        if record.type == "session_meta":
            self.on_meta(record, self.at)
            return
        if not self.state.lineage.thread:
            self.begin_without_meta(record)
        if handler := _HANDLERS.get(record.type or ""):
            handler(self, record)
        elif not record.payload and (record.usage or record.data):
            self.on_saved(record)

    @property
    def at(self) -> int | None:
        """UTC milliseconds of the last time stamp."""
        stamp = self.state.stamp
        if stamp != self._stamped[0]:
            self._stamped = (stamp, parse_time(stamp))
        return self._stamped[1]

    def inherits(self, number: Count) -> bool:
        """Whether the record of this ordinal was copied."""
        lineage = self.state.lineage
        return lineage.in_doubt and lineage.inherits(self.at, ordinal(number))

    # ------------------------------------------------------------------------------------------ whose log it is

    def on_meta(self, record: Line, at: int | None) -> None:
        meta = read_as(record.payload, Meta)
        if meta is None:
            return self.problem("session_meta of an unknown shape")
        state, lineage = self.state, self.state.lineage
        first = not lineage.thread or (not lineage.named and meta.id == lineage.thread)
        if not first:
            return lineage.meet(meta, at)
        lineage.thread = lineage.thread or self.name_of_file()
        lineage.take(meta, at)
        state.cwd = state.cwd or meta.cwd
        state.branch = (meta.git.branch if meta.git else None) or None
        if meta.forked_from_id and not lineage.subagent:
            self.marks[Mark(at, "session", meta.forked_from_id, "fork")] = None
        self.version = meta.cli_version or self.version
        return None

    def begin_without_meta(self, record: Line) -> None:
        lineage = self.state.lineage
        started = record.thread_id if record.type == "thread.started" else None
        lineage.thread = lineage.root = started or self.name_of_file()

    def name_of_file(self) -> str:
        """The thread's id as the file's name tells it, else that name."""
        name = self.log.path.name.removesuffix(".zst").removesuffix(".jsonl")
        found = _UUID.findall(name)
        return found[0] if found else name

    def on_turn_context(self, record: Line) -> None:
        context = read_as(record.payload, TurnContext)
        if context is None:
            return self.problem("turn_context of an unknown shape")
        state = self.state
        if context.turn_id:
            self.begin_turn(context.turn_id)
        inherited = self.inherits(record.ordinal)
        state.model = context.model or state.model
        if context.model and context.turn_id:
            state.models[context.turn_id] = context.model
        if context.cwd and not inherited:
            state.cwd = state.cwd or context.cwd
        return None

    def begin_turn(self, turn: str) -> None:
        self.state.turn = turn
        self.state.lineage.turn(turn, self.at)

    # ------------------------------------------------------------------------------------------ events

    def on_event_record(self, record: Line) -> None:
        if (event := event_of(record.payload)) is None:
            return self.problem("event_msg of an unknown shape")
        return self.on_event(event, record.ordinal)

    def on_event(self, event: Event, number: Count) -> None:
        if event.turn_id and event.type == "task_started":
            self.begin_turn(event.turn_id)
        self.state.lineage.own(event.thread_id)
        inherited = self.inherits(number)
        if event.type == "token_count":
            self.on_token_count(event, inherited)
        elif event.type == "thread_settings_applied":
            self.on_settings(event)
        elif (handler := _EVENTS.get(event.type or "")) and (not inherited or self.opens(event)):
            handler(self, event)

    def opens(self, event: Event) -> bool:
        """Whether a record that came as fast as a copy is a prompt of a fork that copied nothing."""
        return event.type == "user_message" and self.state.lineage.opens(self.at)

    def on_settings(self, event: Event) -> None:
        if (settings := event.thread_settings) is None:
            return
        self.state.model = settings.model or self.state.model
        if settings.service_tier:
            tier = bytes(settings.service_tier).decode("utf-8", "replace").strip('"')
            self.state.variant = TIERS.get(tier, "")

    def on_user_message(self, event: Event) -> None:
        self.prompt(event.message or "", event.turn_id)

    def on_item(self, event: Event) -> None:
        item = event.item
        if item is None:
            return
        if item.type == "UserMessage":
            texts = [part.text for part in item.content or () if part.text]
            self.prompt("\n".join(texts), event.turn_id)
        elif item.type == "CommandExecution" and marks.makes_commits(bytes(item.command)):
            self.output(item.aggregated_output or "")

    def on_exec_end(self, event: Event) -> None:
        if marks.makes_commits(bytes(event.command)):
            self.output(event.aggregated_output or "")

    def on_named(self, event: Event) -> None:
        if event.thread_name is not None and event.thread_id in (None, self.state.lineage.thread):
            self.titles["custom"] = Title("custom", self.offset, short(event.thread_name))

    def prompt(self, told: str, turn: str | None) -> None:
        """A prompt begins a turn; one typed while the agent works belongs to the running turn."""
        text = prompt_text(told)
        if text is None or self.state.lineage.subagent:
            return
        turn = turn or self.state.turn or self.place
        if turn not in self.state.prompted:
            self.state.prompted.append(turn)
            self.turns[turn] = Turn(turn, self.at, self.offset, None)
        if text:
            self.titles.setdefault("prompt", Title("prompt", self.offset, short(text)))
            self.mark(text, "prompt")

    # ------------------------------------------------------------------------------------------ requests

    def on_token_count(self, event: Event, inherited: bool) -> None:
        if event.rate_limits and not inherited:
            told = event.rate_limits
            windows = tuple(window and window.window_minutes for window in (told.primary, told.secondary))
            known = self.limits.get((told.limit_id, windows))
            if known is None or not _older(self.state.stamp, known[1]):
                self.limits[(told.limit_id, windows)] = told, self.state.stamp
        if (info := event.info) is None:
            return None
        if info is self._info:
            total, last = self._counted
        else:
            total, last = self.figures(info.total_token_usage), self.figures(info.last_token_usage)
            if total is not None and last is not None:  # else there may be a problem, which each line tells by itself
                self._info, self._counted = info, (total, last)
        state = self.state
        if inherited and total is not None and total.same(last) and state.lineage.begins_anew():
            inherited = False
        if inherited:
            state.lineage.copied = True
            state.totals.inherited = True
        if inherited or state.records:
            return state.totals.pass_by(total)
        origin = state.lineage.origin(state.turn)
        if origin != state.origin:
            state.origin, state.totals.falls = origin, 0
        if (taken := state.totals.take(total, last)) is None:
            return None
        if not state.lineage.named and origin == self.name_of_file() and not _UUID.fullmatch(origin):
            origin = f"at {state.stamp}"  # copies of a log that does not name its thread have only their time in common
        claim = OWN_CALL if state.lineage.parent is None else UNKNOWN_CALL
        key = f"{origin} {state.totals.name}"
        return self.request(key, taken[0], info.model or state.model, taken[1], claim)

    def on_usage_record(self, record: Line) -> None:
        told = read_as(record.payload, UsageRecord)
        if told is None:
            return self.problem("token_usage_record of an unknown shape")
        state = self.state
        state.lineage.own(told.thread_id)
        if self.inherits(record.ordinal):
            return None
        state.records = True
        if (counted := self.figures(told.usage)) is None:
            return None
        thread = told.thread_id or state.lineage.thread
        running = self.figures(told.thread_token_usage)
        name = told.response_id or f"{told.turn_id} {running.name if running else self.place}"
        model = state.models.get(told.turn_id or "") or state.model
        claim = OWN_CALL if thread == state.lineage.thread else COPIED_CALL
        return self.request(f"{thread} {name}", counted, model, "recorded", claim)

    def on_saved(self, record: Line) -> None:
        """A line of saved `codex exec --json` output."""
        data = (read_as(record.data, Saved) if record.data else None) or Saved()
        usage = read_as(record.usage or data.usage, Usage) if record.usage or data.usage else None
        if usage is None:
            return
        times = (record.timestamp, record.created_at, data.timestamp, data.created_at)
        self.state.stamp = next((stamp for stamp in times if parse_time(stamp) is not None), None)
        if self.state.first_at is None:
            self.state.first_at = self.at
        if (counted := self.figures(usage)) is None:
            return
        if usage.total_tokens == 0:  # a gateway that does not add up tells reasoning beside the output
            counted = msgspec.structs.replace(counted, output=counted.output + (counted.reasoning or 0))
        key = f"{self.state.lineage.thread} {self.place}"
        self.request(key, counted, record.model or data.model or data.model_name, "recorded", OWN_CALL)

    def figures(self, usage: Usage | None) -> Figures | None:
        try:
            return None if usage is None else figures(usage)
        except BadCount as error:
            self.problem(str(error))
            return None

    def request(self, key: str, told: Figures, model: str | None, tokens_from: str, claim: int) -> None:
        state = self.state
        if not told.possible:
            return self.problem("impossible token count")
        if not told:
            return None
        cached = min(told.cached, told.input)
        written = min(told.written, told.input - cached)
        found = Request(
            key=key,
            at=self.at,
            model=model or None,
            input=told.input - cached - written,
            output=told.output,
            cache_read=cached,
            cache_write_5m=written,
            cache_write_1h=0,
            reasoning=None if told.reasoning is None else min(told.reasoning, told.output),
            web_searches=0,
            variant=state.variant,
            recorded_cost=None,
            tokens_from=tokens_from,
            standing=SUBAGENT if state.lineage.subagent else MAIN,
            claim=claim,
            cwd=state.cwd,
            branch=state.branch,
            offset=self.offset,
        )
        if found.prompt_tokens or found.output:
            known = self.requests.get(key)
            self.requests[key] = found if known is None else better(known, found)
        return None

    # ------------------------------------------------------------------------------------------ limits

    def told_limits(self) -> tuple[Limit, ...]:
        """The newest word on each limit. Almost every response brings one, so only what counts is looked into."""
        newest: dict[tuple[str, int], Limit] = {}
        for told, stamp in self.limits.values():
            for limit in _limits(told, parse_time(stamp)):
                known = newest.setdefault((limit.name, limit.window), limit)
                newest[(limit.name, limit.window)] = max(known, limit, key=lambda one: (one.seen_at, one.used_percent))
        return tuple(newest.values())

    # ------------------------------------------------------------------------------------------ tools and marks

    def on_response_item(self, record: Line) -> None:
        raw = bytes(record.payload)
        makes = marks.makes_commits(raw)
        item = read_as(record.payload, ResponseItem) if makes or self.state.calls else None
        if item is None or not item.call_id:
            return
        printed = (item.type or "").endswith("_output")
        if not (item.call_id in self.state.calls if printed else makes) or self.inherits(record.ordinal):
            return
        if printed:
            self.output(_plain(item.output))
        else:
            self.state.calls.append(item.call_id)

    def output(self, text: str) -> None:
        """What a command printed that makes commits or pull requests; logs tell it twice."""
        for sha, subject in marks.commits(text):
            if self.once("commit", sha):
                self.marks[Mark(self.at, "commit", sha, "output")] = None
                self.mark(subject, "commit")
        for branch in marks.branches(text):  # the log itself tells a branch only at its beginning
            self.state.branch = branch
        for kind, value in marks.find(text):
            if kind == "url" and self.once("url", value):
                self.marks[Mark(self.at, kind, value, "output")] = None

    def once(self, kind: str, value: str) -> bool:
        name = f"{kind} {value}"
        if name in self.state.marked:
            return False
        self.state.marked.append(name)
        return True

    def mark(self, text: str, source: str) -> None:
        for kind, value in marks.find(text):
            self.marks[Mark(self.at, kind, value, source)] = None


_HANDLERS = {
    "turn_context": _Reading.on_turn_context,
    "event_msg": _Reading.on_event_record,
    "token_usage_record": _Reading.on_usage_record,
    "response_item": _Reading.on_response_item,
}
_EVENTS = {
    "user_message": _Reading.on_user_message,
    "item_completed": _Reading.on_item,
    "exec_command_end": _Reading.on_exec_end,
    "thread_name_updated": _Reading.on_named,
}


_READ_EVENTS = {b"token_count", b"task_started", *map(str.encode, _EVENTS)}


def _endless(stamp: Count) -> bool:
    """What a number of a thousand digits becomes, or none at all: no cursor can hold it."""
    return isinstance(stamp, float) and not math.isfinite(stamp)


def _older(stamp: Count, than: Count) -> bool:
    if isinstance(stamp, str) and isinstance(than, str) and len(stamp) == len(than):
        return stamp < than
    return (parse_time(stamp) or 0) < (parse_time(than) or 0)


def _limits(told: RateLimits, at: int | None) -> Iterator[Limit]:
    for window in (told.primary, told.secondary):
        if at is None or window is None:
            continue
        minutes, used = _number(window.window_minutes), _number(window.used_percent)
        if used is not None and 0 <= used <= 1000 and minutes is not None and 0 < minutes < 10**7:
            yield Limit(told.limit_id or "codex", _length(minutes), used, _resets(window, at), at)


def _number(value: Count) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        return None


def _length(minutes: float) -> int:
    """A limit's window; some versions told 299 minutes of five hours."""
    return round(minutes / 60) * 60 if minutes >= 60 else max(1, round(minutes))


def _resets(window: Window, at: int) -> int | None:
    seconds = _number(window.resets_in_seconds)
    if window.resets_at is None and seconds is not None and 0 <= seconds < 10**9:
        return at + round(seconds * 1000)
    return parse_time(window.resets_at)


def _plain(output: msgspec.Raw) -> str:
    """What a tool printed: a text, a text that holds JSON, or parts of text."""
    try:
        value = json.loads(bytes(output) or b"null")
        if isinstance(value, str) and value.startswith("{"):
            value = json.loads(value)
    except (ValueError, RecursionError):
        pass
    if isinstance(value, dict):
        value = value.get("output") or value.get("content")
    if isinstance(value, list):
        value = "\n".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------------------------------------------------------- why


def raw(path: Path, offset: int, key: str = "") -> dict[str, Any] | None:
    """The counters of the record at `offset`, as logged; of several on one line, of the one that `key` was made from."""
    try:
        file, stream = zst.opened(path)
        with file:
            source = cast("BinaryIO", stream or file)
            _, _, line = next(jsonl.whole_lines(source, offset))
    except (OSError, StopIteration):
        return None
    records, _ = tolerant(line or b"")
    found = [(_fits(key, nth, told), told) for nth, record in enumerate(records) if (told := _told(record))]
    return max(found, key=lambda one: one[0])[1] if found else None


def _told(record: Line) -> dict[str, Any] | None:
    """Of an event its `info`, of a usage record everything; of saved output the usage."""
    for told in (record.payload, record.usage, record.data):
        value = json.loads(bytes(told)) if told else None
        if isinstance(value, dict):
            for name in ("info", "usage"):
                if name in value and "response_id" not in value and isinstance(value[name], dict):
                    return cast("dict[str, Any]", value[name])
            return value
    return None


def _fits(key: str, nth: int, told: dict[str, Any]) -> bool:
    """Whether a key was made from these counters: of a response its id, of a total its figures, else its place."""
    if isinstance(name := told.get("response_id"), str) and name:
        return key.endswith(f" {name}")
    total = told.get("total_token_usage") or told.get("thread_token_usage")
    if isinstance(total, dict):
        with suppress(BadCount):
            return key.endswith(figures(fit(total, Usage)).name)
    return key.endswith(f".{nth}") if nth else "." not in key.rpartition("@")[2]
