"""How Codex's running totals become requests.

A `token_count` event tells the thread's running total and the last response's own figures. Both are written again and again
(a refresh repeats them), the total begins anew when a thread is resumed or compacted (it falls, or is the last response's own),
and a fork's total goes on from its parent's.
Figures are gross, as logged: `input` holds what was cached and written to the cache, `output` holds reasoning.
"""

from __future__ import annotations

import msgspec

from tokentrack.agents.codex_records import TOO_LARGE, Tokens, Usage
from tokentrack.agents.reading import Count
from tokentrack.agents.values import TOO_MANY

STREAMS = 8
"""Totals remembered, so that threads which write into one file in turn are told apart."""


class BadCount(ValueError):
    """A counter that no program writes: negative, no number, or beyond all measure."""


class Figures(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`reasoning` is None where the log does not tell it apart. Made and compared several times an event."""

    input: int
    cached: int
    written: int
    output: int
    reasoning: int | None

    def __bool__(self) -> bool:
        return bool(self.input or self.cached or self.written or self.output or self.reasoning)

    def less(self, other: Figures) -> Figures:
        reasoning = None if self.reasoning is None else self.reasoning - (other.reasoning or 0)
        return Figures(
            self.input - other.input,
            self.cached - other.cached,
            self.written - other.written,
            self.output - other.output,
            reasoning,
        )

    def plus(self, other: Figures) -> Figures:
        reasoning = None if self.reasoning is None else self.reasoning + (other.reasoning or 0)
        return Figures(
            self.input + other.input,
            self.cached + other.cached,
            self.written + other.written,
            self.output + other.output,
            reasoning,
        )

    def same(self, other: Figures | None) -> bool:
        return self == other or (
            other is not None
            and self.input == other.input
            and self.cached == other.cached
            and self.written == other.written
            and self.output == other.output
            and (self.reasoning or 0) == (other.reasoning or 0)
        )

    def fell_from(self, other: Figures) -> bool:
        return (
            self.input < other.input
            or self.output < other.output
            or self.cached < other.cached
            or self.written < other.written
        )

    @property
    def possible(self) -> bool:
        counts = (self.input, self.cached, self.written, self.output, self.reasoning or 0)
        return min(counts) >= 0 and max(counts) <= TOO_MANY

    @property
    def name(self) -> str:
        return f"{self.input}.{self.cached}.{self.written}.{self.output}.{self.reasoning or 0}"


NOTHING = Figures(0, 0, 0, 0, None)


def exact(usage: Tokens) -> Figures:
    """The same counters where there is nothing to doubt."""
    return Figures(
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.cache_write_input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
    )


def figures(usage: Usage) -> Figures:
    """Raises BadCount."""
    reasoning = usage.reasoning_output_tokens
    return Figures(
        _whole(usage.prompt_tokens if usage.input_tokens is None else usage.input_tokens),
        _whole(usage.cached_tokens if usage.cached_input_tokens is None else usage.cached_input_tokens),
        _whole(usage.cache_write_input_tokens),
        _whole(usage.completion_tokens if usage.output_tokens is None else usage.output_tokens),
        None if reasoning is None else _whole(reasoning),
    )


def _whole(value: Count) -> int:
    if type(value) is int and 0 <= value <= TOO_LARGE:
        return value
    if value is None:
        return 0
    try:
        number = int(float(value))
    except (ValueError, OverflowError):
        number = -1
    if not 0 <= number <= TOO_LARGE or value is True or value is False:
        raise BadCount("a counter is no number")
    return number


class Totals(msgspec.Struct, omit_defaults=True):
    """Where a thread's running total stands. Part of the cursor."""

    streams: list[Figures] = []
    """Where each thread that writes into the file stands, the latest last; what a restart left behind stays for a while."""
    last: Figures | None = None
    falls: int = 0
    inherited: bool = False
    """Whether the total was copied from another thread: of the next own event only its own figures tell."""

    @property
    def name(self) -> str:
        """Tells this response from all others of its thread: between two falls no total is met twice."""
        return f"{self.falls}:{self.streams[-1].name if self.streams else ''}"

    def take(self, total: Figures | None, last: Figures | None) -> tuple[Figures, str] | None:
        """The figures that an event adds and where they come from, None where it tells nothing new."""
        before = self.streams[-1] if self.streams else None
        if total is not None and last is not None and total.less(last) == before and total != before:
            self.last, self.inherited = last, False  # as almost always
            self._now(total, before)
            return last, "recorded"
        if total is None:
            if last is None or last.same(self.last):
                return None
            total = last.plus(before or NOTHING)
        self.last = last
        if total.same(before):
            return None
        inherited, self.inherited = self.inherited, False
        since = None if last is None else self._known(total.less(last))
        fell = before is not None and total.fell_from(before)
        anew = last is not None and total.same(last)
        if since is None and not (fell and anew) and self._known(total) is not None:
            self._now(total, total)  # another thread in this file tells again where it stands
            return None
        self._now(total, since if since is not None else None if fell or anew else before)
        self.falls += fell  # not where it began anew and is larger at once: no total was met so far
        if last is not None and (before is None or inherited or fell or anew or since is not None):
            return last, "recorded"
        if before is None or fell:
            return total, "recorded"
        return total.less(before), "derived"

    def pass_by(self, total: Figures | None) -> None:
        """Takes up a total that is counted elsewhere: in the thread it was copied from, or by its own usage record."""
        if total is not None:
            self._now(total, self.streams[-1] if self.streams else None)

    def _known(self, total: Figures) -> Figures | None:
        return next((stream for stream in self.streams if total.same(stream)), None)

    def _now(self, total: Figures, instead_of: Figures | None) -> None:
        if instead_of is not None and len(self.streams) == 1:
            self.streams[0] = total
            return
        others = [stream for stream in self.streams if not total.same(stream) and not stream.same(instead_of)]
        self.streams = [*others[1 - STREAMS :], total]
