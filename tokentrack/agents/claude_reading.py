"""How a Claude Code log is read.

One answer of the model is written as several records that share `message.id`; files repeat each other's records (forks,
resumed and background sessions, `/btw` side questions, repeated compaction). So every record becomes a `Request` under a key
that is the same in each copy, and `Request.standing`, the figures and `Request.claim` decide which copy counts and whose it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct
from stringzilla import find

from tokentrack.agents import jsonl, marks
from tokentrack.agents.claude_prompts import prompt_text, renamed_to
from tokentrack.agents.claude_records import (
    LONG,
    Attachment,
    Block,
    CacheCreation,
    Message,
    Nested,
    Record,
    Tokens,
    ToolResult,
    Usage,
    content_of,
    is_only_output,
    may_hold,
    tolerant,
    typed,
)
from tokentrack.agents.reading import NOT_TYPED, Count, LineCursor, Problems, cursor_of, objects, read_as, text_of
from tokentrack.agents.values import TOO_MANY, better, parse_time, short
from tokentrack.model.logs import Chunk, Log, Mark, Piece, Request, Search, Title, Turn

MAIN, SIDECHAIN, ECHO = 2, 1, 0
OWN_CALL, UNKNOWN_CALL, BACKGROUND_CALL = 0, 1, 2
DEAREST = 10**12
"""Micro-dollars that no request costs: what is recorded beyond them is a fault of the record."""
REMEMBERED = 200
"""Calls and tool uses that a cursor remembers: what they wait for comes within a few records."""


# ---------------------------------------------------------------------------------------------------------------- cursor


def _name(log: Log) -> str:
    """What tells this log from all others and stays as it is where a folder of logs is copied or moved."""
    parts = log.name[len(str(log.root)) :].strip(os.sep).split(os.sep)
    return "/".join(parts[1:]).removesuffix(".jsonl")


class Cursor(LineCursor, omit_defaults=True):
    """What a later read must know of the records before its place."""

    session: str | None = None
    first_at: int | None = None
    stamp: str | int | float | None = None
    cwd: str | None = None
    calls: list[str] = []
    """Ids of this file's own `api-request` records."""
    run: tuple[str, str] | None = None
    """(message id, key) of the answer in progress behind a gateway without usable ids."""
    tools: dict[str, str] = {}
    """Tool uses whose results matter: `commit`, or the key of the request that searches the web."""
    turn: tuple[str, int | None, int] | None = None


# ---------------------------------------------------------------------------------------------------------------- read


def read(log: Log, cursor: str | None) -> Chunk:
    """The requests, turns, titles and marks of the whole lines past the cursor. Raises OSError."""
    with open(log.name, "rb", buffering=0) as file:  # noqa: PTH123  # hundreds of logs a second
        state = cursor_of(cursor, Cursor)
        restarted = not jsonl.still_there(file, state.place)
        if restarted:
            state = Cursor()
        known = (state.first_at is None, log.session is None and state.session is None)
        first = state.offset == 0
        chunk = _Reading(log, state).chunk(file, restarted)
        if first or known == (state.first_at is None, log.session is None and state.session is None):
            return chunk
        # Only now it is told whose log this is and how old: what stands before could not be filed, so it is read again.
        return _Reading(log, Cursor()).chunk(file, restarted=True)


class _Held(Struct, gc=False):
    """An answer whose records still follow each other: only the best of them becomes a request, at the time of the first."""

    key: str
    record: Record
    message: Message
    usage: Usage
    offset: int
    stamp: str | int | float | None

    def takes_up(self, record: Record, message: Message, usage: Usage, offset: int) -> bool:
        """Whether a further record of this answer says the same, but for the output so far, as almost all do.

        Of these the one with the larger output stays, of equals the later one, as `better` would have it.
        """
        mine, old, stamp, first = self.usage, self.record, record.timestamp, self.stamp
        output, most = usage.output_tokens, mine.output_tokens
        mine.output_tokens = output
        same = mine == usage
        mine.output_tokens = most
        if not (
            same
            and type(output) is type(most) is int
            and old.isSidechain == record.isSidechain
            and old.requestRef == record.requestRef
            and old.sessionKind == record.sessionKind
            and type(stamp) is type(first) is str
            and stamp >= first  # texts of one form, in one time zone, are in the order of their times
            and len(stamp) == len(first)
            and stamp[-1:] == first[-1:] == "Z"
        ):
            return False
        if output == most and (self.message.model != message.model or old.costUSD != record.costUSD):
            return False
        if output >= most:
            self.record, self.message, self.usage, self.offset = record, message, usage, offset
        return True


class _Reading:
    """One pass over new lines: takes records in their order and gathers what they tell."""

    def __init__(self, log: Log, state: Cursor) -> None:
        self.log = log
        self.state = state
        self.requests: dict[str, Request] = {}
        self.turns: dict[str, Turn] = {}
        self.titles: dict[tuple[str, str | None], Title] = {}
        self.marks: dict[Mark, None] = {}
        self.searches: list[Search] = []
        self.problems = Problems()
        self.version: str | None = None
        self.calls = set(state.calls)
        self.name = _name(log)
        self.offset = 0
        self.nth = 0
        self.unfiled = True
        self.held: _Held | None = None
        self.passed: bytes | None = None
        """The line before this one, if it was not worth reading yet."""
        self.leaf: str | None = None
        self._stamped: tuple[object, int | None] = (None, None)

    def chunk(self, file: BinaryIO, restarted: bool) -> Chunk:
        start = end = self.state.offset
        rest: bytes | None = None
        for offset, after, lines in jsonl.batches(file, start):
            self.offset = offset
            if after == jsonl.UNFINISHED:
                (rest,) = lines
                break
            if not lines:
                self.problem(f"line longer than {jsonl.LONGEST >> 20} MB")
            self.lines(lines)
            end = after
        self.settle()
        self.catch_up()
        cursor = self.cursor_at(jsonl.here(file, end))
        if rest is not None:
            self.unfinished(rest)
        return Chunk(
            cursor=cursor,
            pieces=list(self.piece()),
            problems=self.problems,
            version=self.version,
            bytes_read=end - start,
            more=end - start >= jsonl.PART,
            restarted=restarted,
        )

    def lines(self, lines: list[bytes]) -> None:
        """Takes lines that follow each other; the first one stands at `offset`."""
        offset, tools = self.offset, self.state.tools
        for line in lines:
            self.offset = offset
            offset += len(line)
            if len(line) > LONG and not self.unfiled and not tools and is_only_output(line):
                self.passed, self.state.run = line, None
                continue
            try:
                record = typed(line)
            except NOT_TYPED:
                self.odd_line(line)
            else:
                self.record(record)

    def piece(self) -> Iterator[Piece]:
        """The one session of this log. One that no path and no record tells is named after the file.

        Its requests are then claimed as weakly as copies are: whoever else tells of them, a later record here too, owns them.
        """
        session = self.log.session or self.state.session
        requests = list(self.requests.values())
        if session is None:
            requests = [request._replace(claim=BACKGROUND_CALL) for request in requests]
        if session is None and not requests:
            return
        yield Piece(
            session=session or self.name,
            requests=requests,
            turns=list(self.turns.values()),
            titles=list(self.titles.values()),
            marks=list(self.marks),
            searches=self.searches,
            first_at=self.state.first_at,
            cwd=self.state.cwd,
        )

    def cursor_at(self, place: jsonl.Place) -> str:
        state = self.state
        state.move(place)
        state.calls = state.calls[-REMEMBERED:]
        state.tools = dict(list(state.tools.items())[-REMEMBERED:])
        return text_of(state)

    def unfinished(self, line: bytes) -> None:
        records, reason = tolerant(line)
        if not reason:
            told = self.problems.copy()
            for self.nth, record in enumerate(records):
                self.record(record)
            self.settle()
            self.nth = 0
            self.problems = told  # what the line has of them is told when it is finished

    def settle(self) -> None:
        self.release()
        self.finish_turn()

    def release(self) -> None:
        """Turns the answer held back into a request."""
        if (held := self.held) is None:
            return
        self.held = None
        standing = SIDECHAIN if held.record.isSidechain or self.log.subagent else MAIN
        offset, self.offset = self.offset, held.offset
        self.request(held.record, held.message, held.usage, held.key, standing, "recorded", held.stamp)
        self.offset = offset

    @property
    def place(self) -> str:
        """Where a record stands in its file: two may have been written on one line."""
        return f"@{self.offset}.{self.nth}" if self.nth else f"@{self.offset}"

    def problem(self, reason: str) -> None:
        self.problems.tell(self.offset, reason)

    def odd_line(self, line: bytes) -> None:
        """A line that is not one record as expected: as many records as it holds, as far as they fit."""
        records, reason = tolerant(line)
        for self.nth, record in enumerate(records):
            self.record(record)
        self.nth = 0
        if reason:
            self.problem(reason)

    def record(self, record: Record) -> None:
        if record.timestamp is not None:
            self.state.stamp = record.timestamp
            self.passed = None
        elif self.passed is not None and (record.version or record.type in _HANDLERS):
            self.catch_up()
        if self.unfiled:
            self.file(record)
        if record.version:
            self.version = record.version
        if handler := _HANDLERS.get(record.type or ""):
            handler(self, record)

    def catch_up(self) -> None:
        """Takes the time of a line that was passed over, for a record after it that has none of its own."""
        line, self.passed = self.passed, None
        if line is not None:
            with suppress(*NOT_TYPED):
                record = typed(line)
                self.state.stamp = self.state.stamp if record.timestamp is None else record.timestamp
                self.version = record.version or self.version

    def file(self, record: Record) -> None:
        """The first record that tells it says when the log begins, whose it is and where that session works."""
        state = self.state
        if state.first_at is None and record.timestamp is not None:
            state.first_at = self.at(record.timestamp)
        if state.session is None and record.sessionId:
            state.session = record.sessionId
        if state.cwd is None and record.cwd:
            state.cwd = record.cwd
        self.unfiled = state.first_at is None or state.session is None or state.cwd is None

    def at(self, stamp: str | int | float | None) -> int | None:
        """UTC milliseconds of a time stamp; of the last one before it where a record has none."""
        return self.moment(self.state.stamp if stamp is None else stamp)

    def moment(self, stamp: str | int | float | None) -> int | None:
        if stamp != self._stamped[0]:
            self._stamped = (stamp, parse_time(stamp))
        return self._stamped[1]

    # ------------------------------------------------------------------------------------------ records, by type

    def assistant(self, record: Record) -> None:
        message = record.message
        if message is None:
            return
        if not record.isSidechain and record.uuid:
            self.leaf = record.uuid
        usage = message.usage
        if usage is None or message.model == "<synthetic>" or record.isApiErrorMessage:
            return
        key = message.id
        if not key or not key.startswith("msg_"):
            key = self.key(record, message)
        content = bytes(message.content)
        if find(content, b'"tool_use"') >= 0:
            self.tool_uses(message, content, key)
        held = self.held
        if held is not None:
            if held.key == key and held.takes_up(record, message, usage, self.offset):
                return
            self.release()
        self.held = _Held(key, record, message, usage, self.offset, self.state.stamp)

    def progress(self, record: Record) -> None:
        """Until 2.1.84 a sub-agent's answers were echoed into its parent's file; the echo has only a first output figure."""
        if not may_hold(record.data, b'"usage"'):
            return None
        try:
            told = msgspec.json.decode(record.data, type=Nested)
        except NOT_TYPED:
            self.problem("sub-agent progress of an unknown shape")
            told = read_as(record.data, Nested) or Nested()
        nested = told.message
        if nested is None or nested.type != "assistant" or nested.message is None or nested.message.usage is None:
            return None
        message = nested.message
        if message.model == "<synthetic>" or nested.isApiErrorMessage:
            return None
        inner = msgspec.structs.replace(
            record,
            uuid=nested.uuid or record.uuid,
            timestamp=nested.timestamp or record.timestamp,
            requestId=nested.requestId,
            requestRef=None,
        )
        key = self.key(inner, message, running=False)
        stamp = self.state.stamp if inner.timestamp is None else inner.timestamp
        return self.request(inner, message, nested.message.usage, key, ECHO, "partial", stamp)

    def user(self, record: Record) -> None:
        self.state.run = None
        message = record.message
        if message is None:
            return
        raw = bytes(message.content)
        if not self.state.tools and raw.startswith(_TOOL_RESULT) and find(raw, b'"text"') < 0:
            return
        content = content_of(message)
        if self.state.tools and isinstance(content, list):
            for block in content:
                if block.tool_use_id in self.state.tools:
                    self.tool_result(block, record)
        if record.isSidechain or self.log.subagent or record.isMeta or record.isCompactSummary:
            return
        if record.promptSource == "system":
            return
        text = prompt_text(content)
        if text is not None:
            self.prompt(record, text)

    def prompt(self, record: Record, text: str) -> None:
        self.finish_turn()
        at = self.at(record.timestamp)
        native_id = record.uuid or self.place
        if native_id not in self.turns:
            self.turns[native_id] = Turn(native_id, at, self.offset, None)
        self.state.turn = (native_id, at, self.offset)
        if text:
            self.titles.setdefault(("prompt", None), Title("prompt", self.offset, short(text)))
            self.mark(at, text, "prompt")

    def finish_turn(self) -> None:
        """Files the turn's last answer with it: the `summary` of an old session stands in another file, under that id."""
        if self.leaf is not None and self.state.turn is not None:
            native_id, at, offset = self.state.turn
            self.turns[native_id] = self.turns.get(native_id, Turn(native_id, at, offset, None))._replace(
                leaf=self.leaf
            )
        self.leaf = None

    def title(self, kind: str, text: str | None, leaf: str | None = None) -> None:
        if text is not None:
            self.titles[(kind, leaf)] = Title(kind, self.offset, short(text), leaf)

    def mark(self, at: int | None, text: str, source: str) -> None:
        for kind, value in marks.find(text):
            self.marks[Mark(at, kind, value, source)] = None

    def on_custom_title(self, record: Record) -> None:
        self.title("custom", record.customTitle)

    def on_ai_title(self, record: Record) -> None:
        self.title("ai", record.aiTitle)

    def on_summary(self, record: Record) -> None:
        self.title("summary", record.summary, record.leafUuid)

    def on_system(self, record: Record) -> None:
        if record.subtype == "local_command" and record.content:
            self.title("rename", renamed_to(record.content))

    def on_pr_link(self, record: Record) -> None:
        if record.prUrl and (url := marks.address(record.prUrl)):
            self.marks[Mark(self.at(record.timestamp), "url", url, "pr-link")] = None

    def on_api_request(self, record: Record) -> None:
        if record.id and record.id not in self.calls:
            self.calls.add(record.id)
            self.state.calls.append(record.id)

    def on_attachment(self, record: Record) -> None:
        """A prompt typed while the agent works belongs to the running turn; only its marks are taken."""
        queued = read_as(record.attachment, Attachment) if may_hold(record.attachment, b'"queued_command"') else None
        if queued and queued.type == "queued_command" and queued.prompt:
            self.mark(self.at(record.timestamp), queued.prompt, "prompt")

    # ------------------------------------------------------------------------------------------ requests

    def key(self, record: Record, message: Message, running: bool = True) -> str:
        """The request's id over all files: `message.id` for the API's own ids, else what tells two answers apart."""
        native = message.id
        if native and native.startswith("msg_"):
            return native
        if native and record.requestId:
            return f"{native} {record.requestId}"
        if native:
            return self.gateway_key(native, message, running)
        if record.uuid:
            return f"uuid {record.uuid}"
        return " ".join(filter(None, (record.requestId, self.name, self.place)))

    def gateway_key(self, native: str, message: Message, running: bool) -> str:
        """Some gateways answer every call with one constant id, others repeat good ids without a request id.

        The prompt's figures tell answers apart; records without a `user` record between them are one answer.
        """
        if running and self.state.run and self.state.run[0] == native:
            return self.state.run[1]
        usage = message.usage or Usage()
        figures = (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens)
        key = " ".join(str(part) for part in (self.log.session or self.state.session or self.name, native, *figures))
        if running:
            self.state.run = (native, key)
        return key

    def request(
        self,
        record: Record,
        message: Message,
        usage: Usage,
        key: str,
        standing: int,
        tokens_from: str,
        stamp: str | int | float | None,
    ) -> None:
        count = self.count
        uncached = n if type(n := usage.input_tokens) is int else count(n)  # as almost all are: a call costs more
        output = n if type(n := usage.output_tokens) is int else count(n)
        cached = n if type(n := usage.cache_read_input_tokens) is int else count(n)
        write_5m, write_1h = n if type(n := usage.cache_creation_input_tokens) is int else count(n), 0
        if usage.cache_creation is not None:
            write_5m, write_1h = self.split(write_5m, usage.cache_creation)
        tools, details = usage.server_tool_use, usage.output_tokens_details
        searches = count(tools.web_search_requests) if tools else 0
        thinking = details.thinking_tokens if details else None
        if uncached or output or cached or write_5m or write_1h or searches:
            found = Request(
                key,
                self.moment(stamp),
                message.model or None,
                uncached,
                output,
                cached,
                write_5m,
                write_1h,
                None if thinking is None else min(output, count(thinking)),
                searches,
                _variant(usage),
                None if record.costUSD is None else _micro_dollars(record.costUSD),
                tokens_from,
                standing,
                self.claim(record),
                record.cwd or self.state.cwd,
                record.gitBranch or None,
                self.offset,
            )
            known = self.requests.get(key)
            self.requests[key] = found if known is None else better(known, found)
        if usage.iterations:
            self.advisors(record, message, usage, key, standing, stamp)

    def advisors(
        self, record: Record, message: Message, usage: Usage, key: str, standing: int, stamp: str | int | float | None
    ) -> None:
        """An advisor's pass has a model and tokens of its own, which the record's main figures leave out."""
        record = msgspec.structs.replace(record, costUSD=None)  # the record's cost is told once, with its main figures
        for index, entry in enumerate(usage.iterations or ()):
            if entry.type == "advisor_message":
                other = Message(id=message.id, model=entry.model, usage=entry)
                self.request(record, other, entry, f"{key}:advisor:{index}", standing, "recorded", stamp)

    def claim(self, record: Record) -> int:
        if record.requestRef and record.requestRef in self.calls:
            return OWN_CALL
        return BACKGROUND_CALL if record.sessionKind == "bg" else UNKNOWN_CALL

    def split(self, flat: int, split: CacheCreation) -> tuple[int, int]:
        """(5 minutes, 1 hour): the larger of flat figure and split is the total; what the split leaves open is 5 minutes."""
        hour = self.count(split.ephemeral_1h_input_tokens)
        total = max(flat, hour + self.count(split.ephemeral_5m_input_tokens))
        return total - hour, hour

    def count(self, value: Tokens) -> int:
        if type(value) is int:
            return value
        if value is None or isinstance(value, bool):
            return 0
        try:
            number = int(float(value))
        except (ValueError, OverflowError):
            self.problem("a counter is no number")  # what it is instead may be anything, and problems are kept
            return 0
        if 0 <= number <= TOO_MANY:
            return number
        self.problem("impossible token count")
        return 0

    # ------------------------------------------------------------------------------------------ tools

    def tool_uses(self, message: Message, raw: bytes, key: str) -> None:
        if find(raw, b'"WebSearch"') < 0 and not marks.makes_commits(raw):
            return
        content = content_of(message)
        for block in content if isinstance(content, list) else ():
            if block.type == "tool_use" and block.id:
                if block.name == "WebSearch":
                    self.state.tools[block.id] = key
                elif marks.makes_commits(bytes(block.input)):
                    self.state.tools[block.id] = "commit"

    def tool_result(self, block: Block, record: Record) -> None:
        wanted = self.state.tools.pop(block.tool_use_id or "")
        result = read_as(record.toolUseResult, ToolResult) or ToolResult()
        if wanted != "commit":
            if searches := self.count(result.searchCount):
                self.searches.append(Search(block.tool_use_id or "", wanted, searches))
            return
        at = self.at(record.timestamp)
        output = result.stdout or _plain(block.content)
        for sha, subject in marks.commits(output):
            self.marks[Mark(at, "commit", sha, "output")] = None
            self.mark(at, subject, "commit")
        for kind, value in marks.find(output):
            if kind == "url":
                self.marks[Mark(at, kind, value, "output")] = None


_TOOL_RESULT = (b'[{"tool_use_id":', b'[{"type":"tool_result",')
_HANDLERS = {
    "assistant": _Reading.assistant,
    "user": _Reading.user,
    "progress": _Reading.progress,
    "custom-title": _Reading.on_custom_title,
    "ai-title": _Reading.on_ai_title,
    "summary": _Reading.on_summary,
    "system": _Reading.on_system,
    "pr-link": _Reading.on_pr_link,
    "api-request": _Reading.on_api_request,
    "attachment": _Reading.on_attachment,
}


def _variant(usage: Usage) -> str:
    """What changes the price of the same tokens: `fast`, `us` (inference there costs more), `batch`."""
    fast, us, batch = usage.speed == "fast", usage.inference_geo == "us", usage.service_tier == "batch"
    if not (fast or us or batch):
        return ""
    return " ".join(name for name, told in (("fast", fast), ("us", us), ("batch", batch)) if told)


def _micro_dollars(cost: Count) -> int | None:
    try:
        amount = round(float(cost or 0) * 1_000_000)
    except (ValueError, OverflowError):
        return None
    return amount if 0 < amount <= DEAREST else None


def _plain(content: msgspec.Raw) -> str:
    try:
        value = json.loads(bytes(content) or b"null")
    except NOT_TYPED:
        return ""
    if isinstance(value, list):
        value = "\n".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------------------------------------------------------- why


def raw(path: Path, offset: int, key: str = "") -> dict[str, Any] | None:
    """The `usage` object of the record at `offset`, as logged."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            line = file.readline(jsonl.LONGEST)
    except OSError:
        return None
    main, _, index = key.partition(":advisor:")
    held: list[tuple[int, int, dict[str, Any]]] = []
    for nth, found in enumerate(objects(line)[0]):
        for record in (found, _at(found, "data", "message")):
            message = _at(record, "message")
            usage = _at(message, "usage")
            if isinstance(record, dict) and isinstance(message, dict) and isinstance(usage, dict):
                output = usage.get("output_tokens")
                likeness = _likeness(main, message.get("id"), record.get("requestId"), record.get("uuid"), offset, nth)
                held.append((likeness, output if isinstance(output, int) else 0, usage))
    if not held:
        return None
    usage = max(reversed(held), key=lambda one: one[:2])[2] if main else held[0][2]
    if not index:
        return usage
    passes = [entry for entry in usage.get("iterations") or () if isinstance(entry, dict)]
    return passes[int(index)] if index.isdecimal() and int(index) < len(passes) else None


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _likeness(key: str, native: object, request: object, uuid: object, offset: int, nth: int) -> int:
    """How well a record fits the key it was counted under: see `_Reading.key`."""
    place = f" @{offset}.{nth}" if nth else f" @{offset}"
    if native:
        return 3 if key in (native, f"{native} {request}") else 2 if f" {native} " in key else 0
    return 3 if key == f"uuid {uuid}" or key.endswith(place) else 0
