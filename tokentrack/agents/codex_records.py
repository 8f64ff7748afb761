"""The records of a Codex log (a "rollout"), as far as they are read: typed, loose, and never a reason to stop.

A line is `{timestamp, ordinal, type, payload}`; what stands in the payload is decoded only where it is wanted. What does not fit
the types is taken field by field. Saved output of `codex exec --json` has no payload: its usage stands in the line itself.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Raw, Struct

from tokentrack.agents.reading import NOT_TYPED, Count, Folder, Name, fit, objects, read_as

NONE = Raw(b"")
TOO_LARGE = 10**13
"""No thread's total is so large."""
Counter = Annotated[int, msgspec.Meta(ge=0, le=TOO_LARGE)]


class Line(Struct, gc=False):
    timestamp: Count = None
    ordinal: Count = None
    type: Name = None
    payload: Raw = NONE
    usage: Raw = NONE
    data: Raw = NONE
    model: Name = None
    thread_id: Name = None
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
    branch: Name = None


class HistoryBase(Struct, gc=False):
    end_ordinal_exclusive: Count = None


class Meta(Struct, gc=False):
    """`session_meta`: the first of a file is its own, those after it belong to threads whose history was copied."""

    id: Name = None
    session_id: Name = None
    parent_thread_id: Name = None
    forked_from_id: Name = None
    forked_from_ordinal_exclusive: Count = None
    subagent_history_start_ordinal: Count = None
    history_base: HistoryBase | None = None
    timestamp: Count = None
    cwd: Folder = None
    cli_version: Name = None
    thread_source: Name = None
    source: Raw = NONE
    git: Git | None = None


class Settings(Struct, gc=False):
    model: Name = None
    service_tier: Raw = NONE


class TurnContext(Struct, gc=False):
    turn_id: Name = None
    cwd: Folder = None
    model: Name = None


class Info(Struct, gc=False):
    total_token_usage: Usage | None = None
    last_token_usage: Usage | None = None
    model: Name = None


class Window(Struct, gc=False):
    used_percent: Count = None
    window_minutes: Count = None
    resets_at: Count = None
    resets_in_seconds: Count = None


class RateLimits(Struct, gc=False):
    limit_id: Name = None
    primary: Window | None = None
    secondary: Window | None = None


class Part(Struct, gc=False):
    type: Name = None
    text: str | None = None


class Item(Struct, gc=False):
    """What `item_completed` tells of: in paginated histories it takes the place of `user_message` and `exec_command_end`."""

    type: Name = None
    content: list[Part] | None = None
    command: Raw = NONE
    aggregated_output: str | None = None


class Event(Struct, gc=False):
    type: Name = None
    info: Info | None = None
    rate_limits: RateLimits | None = None
    turn_id: Name = None
    thread_id: Name = None
    message: str | None = None
    thread_settings: Settings | None = None
    thread_name: str | None = None
    command: Raw = NONE
    aggregated_output: str | None = None
    item: Item | None = None


class Tokens(Struct, gc=False):
    """Counters as almost every `token_count` has them: nothing to doubt, nothing told under another name."""

    input_tokens: Counter
    cached_input_tokens: Counter
    output_tokens: Counter
    cache_write_input_tokens: Counter = 0
    reasoning_output_tokens: Counter | None = None


class Counted(Struct, gc=False):
    total_token_usage: Tokens
    last_token_usage: Tokens
    model: Name = None


class TokenCount(Struct, gc=False):
    info: Counted | None = None
    rate_limits: RateLimits | None = None
    thread_id: Name = None


class CountLine(Struct, gc=False):
    """A whole line that is a `token_count`, as half of those are that are read; its time stands at its beginning."""

    payload: TokenCount
    ordinal: Count = None


class UsageRecord(Struct, gc=False):
    """One response of the API, whatever it was for."""

    thread_id: Name = None
    turn_id: Name = None
    response_id: Name = None
    usage: Usage | None = None
    thread_token_usage: Usage | None = None


class ResponseItem(Struct, gc=False):
    type: Name = None
    call_id: Name = None
    output: Raw = NONE


class Saved(Struct, gc=False):
    """`data` of a saved `codex exec --json` line."""

    timestamp: Count = None
    created_at: Count = None
    model: Name = None
    model_name: Name = None
    usage: Raw = NONE


line_of = msgspec.json.Decoder(Line).decode
"""The line that holds exactly one record, as almost every line does; raises one of `NOT_TYPED` for any other."""
count_line_of = msgspec.json.Decoder(CountLine).decode
"""The same of a line that begins as a `token_count` does."""
_event = msgspec.json.Decoder(Event).decode


def event_of(raw: Raw) -> Event | None:
    try:
        return _event(raw)
    except NOT_TYPED:
        return read_as(raw, Event)


def tolerant(line: memoryview | bytes) -> tuple[list[Line], str | None]:
    """The records of one line, whatever it holds, and what was wrong with it, if anything was."""
    found, reason = objects(line)
    return [fit(value, Line) for value in found], reason
