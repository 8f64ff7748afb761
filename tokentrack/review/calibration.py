"""How the person's own ranges fared (M7). A calibrated person is not a productive one; this is about the ranges."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from tokentrack.model.tasks import Estimate, Task
from tokentrack.money import dollars
from tokentrack.review.attended import attended
from tokentrack.review.ledger import Row
from tokentrack.review.paid import How, Line
from tokentrack.review.task_page import late
from tokentrack.review.usual import in_all
from tokentrack.store import tasks

FEWEST = 10
"""Tasks below which nothing is stated (AC 27)."""
Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""
AIM = 0.8
"""Low and high are asked for so that eight of ten fall inside."""
WHAT = ("spend", "with_ai", "without_ai")
ABOUT = {
    "spend": "list value",
    "with_ai": "your time with an agent",
    "without_ai": "your time on tasks without an agent",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """An estimate and what became of it: micro-dollars of list value, or minutes."""

    task: Task
    what: str
    low: int
    high: int
    actual: int

    @property
    def inside(self) -> bool:
        return self.low <= self.actual <= self.high

    @property
    def ratio(self) -> float | None:
        """Actual / middle of the range; None where that is 0."""
        return 2 * self.actual / (self.low + self.high) if self.low + self.high else None


@dataclass(frozen=True, slots=True)
class Ranges:
    """How the ranges of one sort fared. `interval` is Wilson's, 95 %; it and `bias` are None below ten tasks.

    `late` were made after a tenth of the task's list value was spent and are not among them (AC 28).
    """

    what: str
    checked: tuple[Checked, ...]
    late: int

    @property
    def n(self) -> int:
        return len(self.checked)

    @property
    def inside(self) -> int:
        return sum(one.inside for one in self.checked)

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.inside, self.n) if self.n >= FEWEST else None

    @property
    def bias(self) -> float | None:
        ratios = [one.ratio for one in self.checked if one.ratio is not None]
        return median(ratios) if len(ratios) >= FEWEST else None

    @property
    def beside(self) -> str:
        """What stands beside the field of the next range (product 4.2)."""
        if self.interval is None:
            return f"your last ranges: too few to say (n = {self.n})"
        low, high = self.interval
        return f"your last ranges caught {self.inside} of {self.n}, {low:.0%} to {high:.0%} (95% interval)"

    @property
    def text(self) -> str:
        """One sentence or more; too few are called so, with n, and those made late are named."""
        late = f" {self.late:,} made late, not counted." if self.late else ""
        return f"{ABOUT[self.what].capitalize()}: {self.stated}{late}"

    @property
    def stated(self) -> str:
        """The same without what it is about and without those made late."""
        if self.interval is None:
            return f"too few to say (n = {self.n})."
        low, high = self.interval
        verdict = "too narrow so far" if high < AIM else "too wide so far" if low > AIM else "80% is not ruled out"
        said = f"{self.inside} of {self.n} actuals fell in your 80% range, {low:.0%} to {high:.0%} (95% interval): {verdict}."
        more = (
            "" if self.bias is None else f" The middle of your range times {_times(self.bias)} was the actual (median)."
        )
        return f"{said}{more}"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Nobody is asked how likely something is, so M7 ends with ranges and what lies between them and the actuals."""

    spend: Ranges
    with_ai: Ranges
    without_ai: Ranges

    @property
    def all(self) -> tuple[Ranges, Ranges, Ranges]:
        return self.spend, self.with_ai, self.without_ai


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 0.05 else "less than 0.1"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval in which a share of hits lies, 95 %: 8 of 10 is 49 % to 94 %. `n` is at least 1."""
    p, zz = hits / n, Z * Z
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    reach = Z / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def calibration(db: sqlite3.Connection, now: int) -> Calibration:
    """Over the finished tasks: of each sort the first estimate counts, if it was made in time; later ones know more."""
    found: dict[str, list[Checked]] = {what: [] for what in WHAT}
    made_late = dict.fromkeys(WHAT, 0)
    every = tasks.every_estimate(db)
    finished = tasks.first_finished(db) if every else {}
    for row in in_all(db) if every else ():
        done, estimates = finished.get(row.task.id), [one for one in every.get(row.task.id, []) if one.made_at <= now]
        if done is None or done > now:
            continue
        for what in WHAT:
            mine = [one for one in estimates if one.what == what and one.made_at <= done]
            in_time = [one for one in mine if not late(one, row.used)]
            made_late[what] += len(mine) - len(in_time)
            actual = _actual(db, row, what, estimates, done) if in_time else None
            if in_time and actual is not None:
                found[what].append(Checked(row.task, what, in_time[0].low, in_time[0].high, actual))
    return Calibration(*(Ranges(what, tuple(found[what]), made_late[what]) for what in WHAT))


def _actual(db: sqlite3.Connection, row: Row, what: str, estimates: Sequence[Estimate], done: int) -> int | None:
    """What it took, as far as that is known. Time is what the person said when the task was done, else what was attended.

    What a task would have taken without an agent is told by those tasks alone that had none (Q24).
    """
    if what == "spend":
        return row.used.list_value if row.used.sessions and not row.used.unknown else None
    if (what == "without_ai") != (row.used.sessions == 0):
        return None
    said = [one for one in estimates if one.what == "with_ai" and one.made_at > done]
    if said:
        return (said[-1].low + said[-1].high) // 2
    hands_on = attended(db, row.task.id)
    return hands_on.minutes if hands_on and hands_on.prompts else None


def how(db: sqlite3.Connection, now: int) -> How:
    """Every estimate that counts: 1 where the actual fell inside."""
    found = calibration(db, now)
    checked = [one for ranges in found.all for one in ranges.checked]
    return How(
        "coverage = actuals inside your range / n, with Wilson's 95 % interval; bias = median of actual / middle of the range",
        len(checked),
        "finished tasks with an estimate in time",
        tuple(
            line
            for ranges in found.all
            for line in (
                (ABOUT[ranges.what], ranges.stated),
                (f"{ABOUT[ranges.what]}, made late", f"{ranges.late}, not counted"),
            )
        ),
        tuple(
            Line(f"{one.task.name}: {_said(one)}", int(one.inside), "self-reported", f"task:{one.task.id}", unit="")
            for one in checked
        ),
    )


def _said(one: Checked) -> str:
    if one.what == "spend":
        return f"{dollars(one.low)} to {dollars(one.high)} list value, was {dollars(one.actual)}"
    return f"{one.low:,} to {one.high:,} min {ABOUT[one.what]}, was {one.actual:,}"
