"""What the person says an agent changed of their time (M6), as a range, and whether that survives a test. Self-reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from tokentrack.model.tasks import Estimate
from tokentrack.review.attended import attended
from tokentrack.review.paid import How, Line
from tokentrack.store import read, tasks

THIRD = Fraction(1, 3)
"""One study's error: people who thought they had been quicker by a fifth had been slower by a fifth (METR, early-2025 tools)."""
MOST = Fraction(1, 2)
CUT = "stress_cut"
"""Setting: by how many per cent the stress test cuts, 0 to 50; empty: a third."""
HOLDS, FAILS, CANNOT_TELL = "holds", "does not hold", "cannot tell"
NOT_OTHERWISE = "time on something you would not otherwise have done"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Effect:
    """Minutes, each low and high: without an agent, with one, and the first less the second.

    `measured`: `with_` is the floor that prompts tell, not what the person said.
    """

    without: Span
    with_: Span
    measured: bool = False

    @property
    def low(self) -> int:
        return self.without[0] - self.with_[1]

    @property
    def high(self) -> int:
        return self.without[1] - self.with_[0]


def stated(estimates: Iterable[Estimate], with_minutes: int | None = None) -> Effect | None:
    """From the last word on each; what was attended (minutes) stands in where nothing was said of the time with an agent.

    None: one side is not known.
    """
    said = {one.what: (one.low, one.high) for one in sorted(estimates, key=lambda one: one.made_at)}
    without, with_ = said.get("without_ai"), said.get("with_ai")
    if without is not None and with_ is not None:
        return Effect(without, with_)
    if without is not None and with_minutes is not None:
        return Effect(without, (with_minutes, with_minutes), measured=True)
    return None


def stress(effect: Effect | None, cut: Fraction = THIRD) -> str:
    """Would it still be so if the time without an agent were cut? Raises ValueError for a cut outside of 0 to 50 %.

    `holds`: even the low end of what remains is more than the high end with an agent. `does not hold`: even its high end is
    less than the low end with one. Where they meet, `cannot tell`.
    """
    if not 0 <= cut <= MOST:
        raise ValueError(f"a cut is 0 to 50%, not {float(cut):.0%}")
    if effect is None:
        return CANNOT_TELL
    low, high = (Fraction(minutes) * (1 - cut) for minutes in effect.without)
    return HOLDS if low > effect.with_[1] else FAILS if high < effect.with_[0] else CANNOT_TELL


def cut_of(db: sqlite3.Connection) -> Fraction:
    text = read.setting(db, CUT)
    return Fraction(int(text), 100) if text.isdecimal() and int(text) <= 50 else THIRD


def of_task(db: sqlite3.Connection, task: str, until: int | None = None) -> Effect | None:
    """None: the person did not say what it would have taken, or nothing tells what it took; up to a moment, or to now."""
    hands_on = attended(db, task, until=until)
    known = [one for one in tasks.estimates(db, task) if until is None or one.made_at <= until]
    return stated(known, hands_on.minutes if hands_on and hands_on.prompts else None)


def told(effect: Effect | None, anyway: str | None, cut: Fraction = THIRD) -> tuple[str, ...]:
    """`Stated time effect 6 to 12 h (self-reported)`, `stress test (self-reported): holds`: parts that stand side by side.

    What would not have been done otherwise is called so, and nothing is concluded from it.
    """
    if effect is None:
        return (f"Time effect (self-reported): {CANNOT_TELL}, an estimate is missing",)
    if anyway == "no":
        return f"{hours(*effect.with_)} ({_label(effect)})", NOT_OTHERWISE
    span = hours(effect.low, effect.high)
    parts = f"Stated time effect {span} (self-reported)", f"stress test (self-reported): {stress(effect, cut)}"
    return (*parts, "your time with an agent measured, a floor") if effect.measured else parts


def hours(low: int, high: int) -> str:
    """`6 to 12 h`, `40 to 90 min`, `-1 to 0.5 h`."""
    if max(abs(low), abs(high)) < 120:
        return f"{low} min" if low == high else f"{low} to {high} min"
    return f"{_tenths(low)} h" if low == high else f"{_tenths(low)} to {_tenths(high)} h"


def _tenths(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _label(effect: Effect) -> str:
    return "measured, a floor" if effect.measured else "self-reported"


def how(db: sqlite3.Connection, task: str) -> How | None:
    """Both ends, each with the two numbers it is the difference of; None where there is no such figure."""
    effect, cut = of_task(db, task), cut_of(db)
    if effect is None:
        return None
    kind = "measured" if effect.measured else "self-reported"
    ends = (("low end", effect.without[0], effect.with_[1]), ("high end", effect.without[1], effect.with_[0]))
    return How(
        "low end = without an agent, low - with one, high; high end = without an agent, high - with one, low",
        1,
        "task",
        (
            ("stated time effect", f"{effect.low:,} to {effect.high:,} min, self-reported"),
            ("stress test", f"{stress(effect, cut)}: the time without an agent cut by {round(cut * 100)}%"),
            ("why so much", "one study's error, early-2025 tools, wide interval"),
            ("not claimed", "a measured effect"),
        ),
        tuple(
            line
            for name, without, with_ in ends
            for line in (
                Line(f"{name}: without an agent", without, "self-reported", unit="min"),
                Line(f"{name}: less the time with one", -with_, kind, unit="min"),
            )
        ),
        adds=False,
    )
