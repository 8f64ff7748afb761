"""Which days the Spend page shows: a week or a month, the running one or one before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.phrases import day, month

UNITS = (("week", "Week"), ("month", "Month"))


@dataclass(frozen=True, slots=True)
class Period:
    """`last` may lie ahead: a running period is shown whole."""

    unit: str
    first: date
    last: date

    @classmethod
    def of(cls, unit: str, day: date) -> Period:
        """The one that holds `day`."""
        first, after = clock.period(unit, day)
        return cls(unit, first, after - clock.DAY)

    @property
    def before(self) -> Period:
        return Period.of(self.unit, self.first - clock.DAY)

    @property
    def after(self) -> Period:
        return Period.of(self.unit, self.last + clock.DAY)

    def to(self, unit: str, today: date) -> Period:
        """The week or month of the same days: the running one from the running one."""
        return Period.of(unit, min(self.last, today))

    def runs(self, today: date) -> bool:
        return self.first <= today <= self.last

    def until(self, today: date) -> date:
        """The last day that has come."""
        return max(self.first, min(self.last, today))

    def name(self, today: date) -> str:
        """`This week`, `Last month`, and further back the dates."""
        if self.runs(today):
            return f"This {self.unit}"
        if self.after.runs(today):
            return f"Last {self.unit}"
        return month(self.first) if self.unit == "month" else self.days

    @property
    def days(self) -> str:
        return days(self.first, self.last)


def days(first: date, last: date) -> str:
    """`16 to 22 Nov 2026`, `30 Nov to 6 Dec 2026`: what both have in common is said once."""
    if first == last:
        return day(last)
    if clock.month_start(first) == clock.month_start(last):
        return f"{first.day} to {day(last)}"
    return f"{day(first, year=first.year != last.year)} to {day(last)}"
