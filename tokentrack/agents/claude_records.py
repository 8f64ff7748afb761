"""The records of a Claude Code log, as far as they are read: typed, loose, and never a reason to stop.

Almost every line fits the typed decoder, which skips what it does not name. What does not fit (two objects on one line,
half a surrogate, a counter that is a text, a `message` that is none) goes through the tolerant path, field by field.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

Count = int | float | str | None
"""A counter as written: some gateways send null, some text."""
Name = Annotated[str, Meta(max_length=200)] | None
"""What is kept as it was written. A longer one is none: a log must not put texts of any kind into the store."""
Stamp = Annotated[str, Meta(max_length=64)] | int | float | None
Folder = Annotated[str, Meta(max_length=4096)] | None


class CacheCreation(Struct, gc=False):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class ServerTools(Struct, gc=False):
    web_search_requests: Count = None


class OutputDetails(Struct, gc=False):
    thinking_tokens: Count = None


class Usage(Struct, gc=False):
    """Also the shape of an entry of `iterations`: an `advisor_message` there is a call of its own, with its own model."""

    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerTools | None = None
    output_tokens_details: OutputDetails | None = None
    speed: str | None = None
    inference_geo: str | None = None
    service_tier: str | None = None
    iterations: list[Usage] | None = None
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
    content: str | list[Block] | None = None


class Record(Struct, gc=False):
    type: str | None = None
    subtype: str | None = None
    uuid: Name = None
    timestamp: Stamp = None
    sessionId: Name = None
    cwd: Folder = None
    gitBranch: Name = None
    version: Name = None
    isSidechain: bool | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    isApiErrorMessage: bool | None = None
    sessionKind: str | None = None
    promptSource: str | None = None
    requestId: Name = None
    requestRef: Name = None
    costUSD: Count = None
    message: Message | None = None
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


class ToolResult(Struct, gc=False):
    stdout: str | None = None
    searchCount: Count = None


_S = TypeVar("_S", bound=Struct)

typed = msgspec.json.Decoder(Record).decode
"""The record of a line that holds exactly one, as almost every line does; raises one of `NOT_TYPED` for any other."""
NOT_TYPED = (msgspec.MsgspecError, ValueError, RecursionError)
_objects = json.JSONDecoder()
_BLANK = b" \t\r\n\0"


def tolerant(line: memoryview) -> tuple[list[Record], str | None]:
    """The records of one line, whatever it holds, and what was wrong with it, if anything was."""
    records: list[Record] = []
    try:
        for value in _values(bytes(line)):
            if isinstance(value, dict):
                records.append(_fit(value, Record))
            elif not records:
                return records, "not a record"
    except (ValueError, RecursionError):
        return records, "not JSON"
    return records, None


def whole_values(line: bytes) -> Iterator[Any]:
    """Every JSON value of a line, until something else comes."""
    with contextlib.suppress(ValueError, RecursionError):
        yield from _values(line)


def _values(line: bytes) -> Iterator[Any]:
    text = line.strip(_BLANK).decode("utf-8", "replace").lstrip("\ufeff")
    position = 0
    while position < len(text):
        value, position = _objects.raw_decode(text, position)
        yield value
        while position < len(text) and text[position] in " \t\r\0,":
            position += 1


def _fit(value: dict[str, Any], kind: type[_S]) -> _S:
    """As much of an object as fits the type; a field that does not fit keeps its default."""
    fields = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in value:
            with contextlib.suppress(msgspec.MsgspecError, ValueError, RecursionError):
                fields[field.name] = _fit_value(value[field.encode_name], field.type)
    return kind(**fields)


def _fit_value(value: Any, kind: Any) -> Any:
    if kind is Raw:
        return Raw(json.dumps(value).encode())
    struct = _STRUCTS.get(str(kind))
    if struct and isinstance(value, dict):
        return _fit(value, struct)
    if struct and isinstance(value, list) and "list[" in str(kind):
        return [_fit(item, struct) for item in value if isinstance(item, dict)]
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    return msgspec.convert(value, kind)


_STRUCTS: dict[str, type[Struct]] = {
    str(field.type): struct
    for owner in (Record, Message, Usage, NestedRecord, Nested)
    for field in msgspec.structs.fields(owner)
    for struct in (Message, Usage, CacheCreation, ServerTools, OutputDetails, Block, NestedRecord)
    if struct.__name__ in str(field.type)
}
"""The struct inside each field type that holds one."""
