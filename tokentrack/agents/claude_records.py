"""The records of a Claude Code log, as far as they are read: typed, loose, and never a reason to stop.

Almost every line fits the typed decoder, which skips what it does not name. What does not fit (two objects on one line,
half a surrogate, a counter that is a text, a `message` that is none) goes through the tolerant path, field by field.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from stringzilla import find

from tokentrack.agents.reading import NOT_TYPED, Count, Folder, Name, fit, objects
from tokentrack.agents.values import TOO_MANY

Tokens = Annotated[int, Meta(ge=0, le=TOO_MANY)] | float | Annotated[str, Meta(max_length=64)] | bool | None
"""A counter as written. A whole number is a possible one: any other is no record as expected, and comes as a float (`fit`)."""
Stamp = Annotated[str, Meta(max_length=64)] | int | float | None


class CacheCreation(Struct, gc=False):
    ephemeral_5m_input_tokens: Tokens = None
    ephemeral_1h_input_tokens: Tokens = None


class ServerTools(Struct, gc=False):
    web_search_requests: Tokens = None


class OutputDetails(Struct, gc=False):
    thinking_tokens: Tokens = None


class Usage(Struct, gc=False):
    """Also the shape of an entry of `iterations`: an `advisor_message` there is a call of its own, with its own model."""

    input_tokens: Tokens = None
    cache_creation_input_tokens: Tokens = None
    cache_read_input_tokens: Tokens = None
    cache_creation: CacheCreation | None = None
    output_tokens: Tokens = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    iterations: list[Usage] | None = None
    speed: str | None = None
    type: str | None = None
    model: Name = None


class Block(Struct, gc=False):
    type: str | None = None
    text: str | None = None
    id: Name = None
    name: Name = None
    tool_use_id: Name = None
    input: Raw = Raw(b"")
    content: Raw = Raw(b"")


class Message(Struct, gc=False):
    id: Name = None
    model: Name = None
    usage: Usage | None = None
    content: Raw = Raw(b"")
    """Of what is said in an answer almost nothing is looked at: see `content_of`."""


class Content(Struct, gc=False):
    content: str | list[Block] | None = None


class Record(Struct, gc=False):
    """The fields of an answer stand here as they do in a log: the decoder looks for each one behind the one before."""

    isSidechain: bool | None = None
    cwd: Folder = None
    sessionId: Name = None
    version: Name = None
    gitBranch: Name = None
    message: Message | None = None
    requestId: Name = None
    requestRef: Name = None
    type: str | None = None
    uuid: Name = None
    timestamp: Stamp = None
    subtype: str | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    isApiErrorMessage: bool | None = None
    sessionKind: str | None = None
    promptSource: str | None = None
    costUSD: Count = None
    id: Name = None
    customTitle: str | None = None
    aiTitle: str | None = None
    summary: str | None = None
    leafUuid: Name = None
    content: str | None = None
    prUrl: str | None = None
    attachment: Raw = Raw(b"")
    data: Raw = Raw(b"")
    toolUseResult: Raw = Raw(b"")


class NestedRecord(Struct, gc=False):
    """The sub-agent's record inside a `progress` record."""

    type: str | None = None
    uuid: Name = None
    timestamp: Stamp = None
    requestId: Name = None
    isApiErrorMessage: bool | None = None
    message: Message | None = None


class Nested(Struct, gc=False):
    message: NestedRecord | None = None


class Attachment(Struct, gc=False):
    type: str | None = None
    prompt: str | None = None


class ToolResult(Struct, gc=False):
    stdout: str | None = None
    searchCount: Tokens = None


LONG = 2048
"""Parsing a shorter line is cheaper than asking `is_only_output`."""
_BEGIN = 1024
_CONTENT = b'"message":{"role":"user","content":[{'
_TYPE, _OUTPUT = b'"type"', b'"type":"tool_result"'


def is_only_output(line: bytes) -> bool:
    """Whether a line is a tool's output and nothing besides: four fifths of a log's bytes, of which no figure is made.

    The person's own words and another record on the line would each name a type. Looking for that is fifteen times faster than
    parsing, and those bytes never stand inside a text, where `"` is `\\"`.
    """
    if not line.endswith(b"}\n"):
        return False
    at = line.find(_CONTENT, 0, _BEGIN)
    return (
        at > 0
        and line.count(b"{", 0, at) == 1
        and line.find(b'"type":"user"', 0, at) > 0
        and line.startswith(_OUTPUT, output := line.find(_TYPE, at, at + 200))
        and find(line, _TYPE, output + len(_OUTPUT)) < 0
    )


def may_hold(raw: Raw | bytes, name: bytes) -> bool:
    """Whether a name in quotes stands in JSON, or something in it is written in escapes, where letters need none."""
    raw = bytes(raw)
    return bool(find(raw, name) >= 0 or find(raw, b"\\u00") >= 0)


typed = msgspec.json.Decoder(Record).decode
"""The record of a line that holds exactly one, as almost every line does; raises one of `NOT_TYPED` for any other."""


_content = msgspec.json.Decoder(str | list[Block] | None).decode


def content_of(message: Message) -> str | list[Block] | None:
    """A text, or the blocks of a message; None for none."""
    try:
        return _content(message.content) if message.content else None
    except NOT_TYPED:
        found, _ = objects(b'{"content":%b}' % bytes(message.content))
        return fit(found[0], Content).content if found else None


def tolerant(line: bytes) -> tuple[list[Record], str | None]:
    """The records of one line, whatever it holds, and what was wrong with it, if anything was."""
    found, reason = objects(line)
    return [fit(value, Record) for value in found], reason
