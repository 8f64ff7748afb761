"""The turns that Cursor's `stop` hook told (`cursor_stop.py` writes them): exact, all kinds, one line a turn.

`input_tokens` holds what was read from and written to the cache; where it is smaller than those it is told without them, as
the headless program does. A line is only ever appended, so reading goes on where it ended, unless the file is another one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tokentrack.agents import appended
from tokentrack.agents import cursor_records as records
from tokentrack.agents.cursor_pieces import HOOK, OWN, named_piece, row_key
from tokentrack.agents.cursor_records import Faults
from tokentrack.agents.reading import Problems, cursor_of, text_of
from tokentrack.model.logs import NAMED, Chunk, Log, Piece, Request

LONGEST = 64 << 10
MOST_LINES = 20_000


class Cursor(msgspec.Struct, omit_defaults=True):
    offset: int = 0
    head: str = ""


class Line(msgspec.Struct):
    at: Any = None
    conversation_id: Any = None
    generation_id: Any = None
    loop_count: Any = None
    model: Any = None
    input_tokens: Any = None
    output_tokens: Any = None
    cache_read_tokens: Any = None
    cache_write_tokens: Any = None


def read(log: Log, cursor: str | None) -> Chunk:
    """The turns after the cursor. Raises OSError."""
    state = cursor_of(cursor, Cursor)
    found: dict[str, Piece] = {}
    problems = Problems()
    with log.path.open("rb") as file:
        same = state.offset <= log.size and appended.head(file, state.offset) == state.head
        start = offset = state.offset if same else 0
        file.seek(start)
        lines = 0
        while lines < MOST_LINES and (line := file.readline(LONGEST)).endswith(b"\n"):
            _add(line, offset, found, problems)
            offset += len(line)
            lines += 1
        if len(line) == LONGEST:  # no line of ours: what follows it cannot be told apart
            problems.tell(offset, "a line too long to be a turn")
            offset = log.size
        head = appended.head(file, offset)
    return Chunk(
        cursor=text_of(Cursor(offset, head)),
        pieces=list(found.values()),
        problems=problems,
        version=None,
        bytes_read=offset - start,
        more=lines == MOST_LINES,
        restarted=not same,
    )


def _add(line: bytes, offset: int, found: dict[str, Piece], problems: Problems) -> None:
    told = records.record(line, Line) if line.strip() else None
    if told is None:
        if line.strip():
            problems.tell(offset, "not a turn")
        return
    session, turn = records.name(told.conversation_id), records.name(told.generation_id)
    if session is None:
        problems.tell(offset, "a turn without a conversation")
        return
    faults = Faults()
    request = _request(told, session, turn or f"@{records.moment(told.at)}", offset, faults)
    for reason in faults[:1]:
        problems.tell(offset, reason)
    piece = found.setdefault(session, named_piece(session))
    if request.prompt_tokens or request.output:
        piece.requests.append(request)


def _request(told: Line, session: str, turn: str, offset: int, faults: Faults) -> Request:
    read, write = (
        records.counter(getattr(told, name), name, faults) for name in ("cache_read_tokens", "cache_write_tokens")
    )
    whole = records.counter(told.input_tokens, "input_tokens", faults)
    loop = records.counter(told.loop_count, "loop_count", faults)
    return Request(
        key=row_key(session, turn) + (f":{loop}" if loop else ""),
        at=records.moment(told.at),
        model=records.name(told.model),
        input=whole - read - write if whole >= read + write else whole,
        output=records.counter(told.output_tokens, "output_tokens", faults),
        cache_read=read,
        cache_write_5m=write,
        cache_write_1h=0,
        reasoning=None,
        web_searches=0,
        variant="",
        recorded_cost=None,
        tokens_from="recorded",
        standing=HOOK,
        claim=OWN,
        cwd=None,
        branch=None,
        offset=offset,
        twin=f"{NAMED}{session}",
    )


def raw(path: Path, offset: int) -> dict[str, object] | None:
    """The line at an offset."""
    with path.open("rb") as file:
        file.seek(offset)
        told = records.record(file.readline(LONGEST), Line)
    if told is None:
        return None
    return {name: value for name in Line.__struct_fields__ if (value := getattr(told, name)) is not None}
