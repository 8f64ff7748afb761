"""The limits that Claude Code told its status line (`claude_status.py` writes them): the newest word of each.

Lines are only ever appended, so reading goes on where it ended, unless the file is another one.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tokentrack.agents import appended
from tokentrack.agents.reading import NOT_TYPED, Problems, cursor_of, text_of
from tokentrack.model.logs import Chunk, Limit, Log

LONGEST = 64 << 10
LATEST = 10**15
_WINDOW = re.compile(r"(?P<size>one|five|seven|thirty|\d+)_(?P<unit>hour|day)s?(?:_(?P<name>.+))?")
SIZES = {"one": 1, "five": 5, "seven": 7, "thirty": 30}
UNITS = {"hour": 60, "day": 1440}


class Cursor(msgspec.Struct, omit_defaults=True):
    offset: int = 0
    head: str = ""


class Line(msgspec.Struct):
    at: int
    limits: dict[str, Any]


def read(log: Log, cursor: str | None) -> Chunk:
    """The limits after the cursor. Raises OSError."""
    state = cursor_of(cursor, Cursor)
    found: dict[tuple[str, int], Limit] = {}
    problems = Problems()
    with log.path.open("rb") as file:
        same = state.offset <= log.size and appended.head(file, state.offset) == state.head
        start = offset = state.offset if same else 0
        file.seek(start)
        while (line := file.readline(LONGEST)).endswith(b"\n"):
            if line.strip():
                _add(line, offset, found, problems)
            offset += len(line)
        if len(line) == LONGEST:
            problems.tell(offset, "a line too long to be limits")
            offset = max(offset, log.size)
        head = appended.head(file, offset)
    return Chunk(
        text_of(Cursor(offset, head)), [], problems, None, offset - start, more=False, restarted=not same,
        limits=tuple(found.values()),
    )  # fmt: skip


def _add(line: bytes, offset: int, found: dict[tuple[str, int], Limit], problems: Problems) -> None:
    try:
        told = msgspec.json.decode(line, type=Line)
    except NOT_TYPED:
        problems.tell(offset, "not limits")
        return
    for name, value in told.limits.items():
        limit = _limit(name, value, told.at) if 0 <= told.at < LATEST else None
        if limit is None:
            continue
        known = found.get((limit.name, limit.window))
        if known is None or (limit.seen_at, limit.used_percent) > (known.seen_at, known.used_percent):
            found[limit.name, limit.window] = limit


def _limit(name: str, value: object, at: int) -> Limit | None:
    """`five_hour` ▶ 300 minutes, `seven_day_opus` ▶ 10080 minutes of `opus`; None for what names no length."""
    named = _WINDOW.fullmatch(name)
    match value:
        case [int() | float() as used, int() | float() as resets] if named and 0 <= used <= 1000:
            size = SIZES.get(named["size"]) or int(named["size"][:4])
            window = size * UNITS[named["unit"]]
            resets_at = round(resets * 1000) if 0 < resets < LATEST / 1000 else None
            return Limit(named["name"] or "claude", window, float(used), resets_at, at)
    return None
