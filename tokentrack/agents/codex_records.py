"""The records of a Codex log (a "rollout"), as far as they are read: typed, loose, and never a reason to stop.

A line is `{timestamp, ordinal, type, payload}`; what stands in the payload is decoded only where it is wanted. What does not fit
the types is taken field by field. Saved output of `codex exec --json` has no payload: its usage stands in the line itself.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

Count = int | float | str | bool | None
"""A counter or a time as written."""
NONE = Raw(b"")


class Line(Struct, gc=False):
    timestamp: Count = None
    ordinal: Count = None
    type: str | None = None
    payload: Raw = NONE
    usage: Raw = NONE
    data: Raw = NONE
    model: str | None = None
    thread_id: str | None = None
    created_at: Count = None


class Usage(Struct, gc=False):
    input_tokens: Count = None
    cached_input_tokens: Count = None
    cache_write_input_tokens: Count = None
    output_tokens: Count = None
    reasoning_output_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens: Count = None
    cached_tokens: Count = None
    completion_tokens: Count = None


class Git(Struct, gc=False):
    branch: str | None = None


class HistoryBase(Struct, gc=False):
    end_ordinal_exclusive: Count = None


class Meta(Struct, gc=False):
    """`session_meta`: the first of a file is its own, those after it belong to threads whose history was copied."""

    id: str | None = None
    session_id: str | None = None
    parent_thread_id: str | None = None
    forked_from_id: str | None = None
    forked_from_ordinal_exclusive: Count = None
    subagent_history_start_ordinal: Count = None
    history_base: HistoryBase | None = None
    timestamp: Count = None
    cwd: str | None = None
    cli_version: str | None = None
    thread_source: str | None = None
    source: Raw = NONE
    git: Git | None = None


class Settings(Struct, gc=False):
    model: str | None = None
    service_tier: Raw = NONE


class TurnContext(Struct, gc=False):
    turn_id: str | None = None
    cwd: str | None = None
    model: str | None = None


class Info(Struct, gc=False):
    total_token_usage: Usage | None = None
    last_token_usage: Usage | None = None
    model: str | None = None


class Window(Struct, gc=False):
    used_percent: Count = None
    window_minutes: Count = None
    resets_at: Count = None
    resets_in_seconds: Count = None


class RateLimits(Struct, gc=False):
    limit_id: str | None = None
    primary: Window | None = None
    secondary: Window | None = None


class Part(Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Item(Struct, gc=False):
    """What `item_completed` tells of: in paginated histories it takes the place of `user_message` and `exec_command_end`."""

    type: str | None = None
    content: list[Part] | None = None
    command: Raw = NONE
    aggregated_output: str | None = None


class Event(Struct, gc=False):
    type: str | None = None
    turn_id: str | None = None
    thread_id: str | None = None
    message: str | None = None
    info: Info | None = None
    rate_limits: RateLimits | None = None
    thread_settings: Settings | None = None
    thread_name: str | None = None
    command: Raw = NONE
    aggregated_output: str | None = None
    item: Item | None = None


class UsageRecord(Struct, gc=False):
    """One response of the API, whatever it was for."""

    thread_id: str | None = None
    turn_id: str | None = None
    response_id: str | None = None
    usage: Usage | None = None
    thread_token_usage: Usage | None = None


class ResponseItem(Struct, gc=False):
    type: str | None = None
    call_id: str | None = None
    output: Raw = NONE


class Saved(Struct, gc=False):
    """`data` of a saved `codex exec --json` line."""

    timestamp: Count = None
    created_at: Count = None
    model: str | None = None
    model_name: str | None = None
    usage: Raw = NONE


_S = TypeVar("_S", bound=Struct)

line_of = msgspec.json.Decoder(Line).decode
"""The line that holds exactly one record, as almost every line does; raises one of `NOT_TYPED` for any other."""
NOT_TYPED = (msgspec.MsgspecError, ValueError, RecursionError)
_event = msgspec.json.Decoder(Event).decode
_objects = json.JSONDecoder()
_BLANK = " \t\r\n\0\ufeff"


def event_of(raw: Raw) -> Event | None:
    try:
        return _event(raw)
    except NOT_TYPED:
        return read_as(raw, Event)


def read_as(raw: Raw, kind: type[_S]) -> _S | None:
    """A value as this type, as far as it fits; None where it is no object at all."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except NOT_TYPED:
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(bytes(raw).decode("utf-8", "replace"))
            if isinstance(value, dict):
                return _fit(value, kind)
    return None


def tolerant(line: memoryview | bytes) -> tuple[list[Line], str | None]:
    """The records of one line, whatever it holds, and what was wrong with it, if anything was."""
    records: list[Line] = []
    try:
        text = bytes(line).decode("utf-8", "replace").strip(_BLANK)
        position = 0
        while position < len(text):
            value, position = _objects.raw_decode(text, position)
            if isinstance(value, dict):
                records.append(_fit(value, Line))
            elif not records:
                return records, "not a record"
            while position < len(text) and text[position] in " \t\r\0,":
                position += 1
    except (ValueError, RecursionError):
        return records, "not JSON"
    return records, None


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
    struct = next((struct for struct in _STRUCTS if struct.__name__ in _names(kind)), None)
    several = "list" in _names(kind)
    if struct and isinstance(value, dict) and not several:
        return _fit(value, struct)
    if struct and isinstance(value, list) and several:
        return [_fit(item, struct) for item in value if isinstance(item, dict)]
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    return msgspec.convert(value, kind)


def _names(kind: Any) -> set[str]:
    inner = {name for part in getattr(kind, "__args__", ()) for name in _names(part)}
    return inner | {getattr(kind, "__name__", "")}


_STRUCTS: tuple[type[Struct], ...] = (Usage, Git, HistoryBase, Settings, Info, Window, RateLimits, Part, Item)
