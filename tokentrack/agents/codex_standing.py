"""Where the reading of a Codex log stands: what it must know of the records before, and the record that it is at."""

from __future__ import annotations

import math

import msgspec

from tokentrack.agents.codex_counting import Totals
from tokentrack.agents.codex_history import UUID, Lineage, ordinal
from tokentrack.agents.reading import Count, LineCursor, Problems, text_of
from tokentrack.agents.values import parse_time
from tokentrack.model.logs import Log

REMEMBERED = 100
"""Turns, tool calls and marks that a cursor remembers: what they wait for comes within a few records."""


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

    def text(self) -> str:
        self.models = dict(list(self.models.items())[-REMEMBERED:])
        self.prompted = self.prompted[-REMEMBERED:]
        self.calls = self.calls[-REMEMBERED:]
        self.marked = self.marked[-REMEMBERED:]
        return text_of(self)


class Standing:
    """The record that is read. What gathers requests and words from it shares the state, the place and the problems."""

    def __init__(self, log: Log, state: Cursor) -> None:
        self.log = log
        self.state = state
        self.problems = Problems()
        self.offset = self.nth = 0
        self._stamped: tuple[object, int | None] = (None, None)

    def problem(self, reason: str) -> None:
        self.problems.tell(self.offset, reason)

    @property
    def place(self) -> str:
        """Where a record stands in its file: two may have been written on one line."""
        return f"@{self.offset}.{self.nth}" if self.nth else f"@{self.offset}"

    @property
    def file_name(self) -> str:
        """The thread's id as the file's name tells it, else that name."""
        name = self.log.path.name.removesuffix(".zst").removesuffix(".jsonl")
        found = UUID.findall(name)
        return found[0] if found else name

    def stamp(self, told: Count) -> None:
        """Each record begins with its time; what tells none is of the time of the one before it."""
        if told is not None:
            self.state.stamp = told if isinstance(told, str) or not _endless(told) else ""
        if self.state.first_at is None:
            self.state.first_at = self.at

    @property
    def at(self) -> int | None:
        """UTC milliseconds of the last time stamp."""
        stamp = self.state.stamp
        if stamp != self._stamped[0]:
            self._stamped = (stamp, parse_time(stamp))
        return self._stamped[1]

    def begin_turn(self, turn: str) -> None:
        self.state.turn = turn
        self.state.lineage.turn(turn, self.at)

    def inherits(self, number: Count) -> bool:
        """Whether the record of this ordinal was copied. Records have to be asked for in their order."""
        lineage = self.state.lineage
        return not lineage.plain and lineage.inherits(self.at, ordinal(number))


def _endless(stamp: Count) -> bool:
    """What a number of a thousand digits becomes, or none at all: no cursor can hold it."""
    return isinstance(stamp, float) and not math.isfinite(stamp)
