"""A week beside the person's own past (M13): what is usual, and the last eight weeks. It tells no cause."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from tokentrack import clock
from tokentrack.money import dollars
from tokentrack.review import snapshot
from tokentrack.review.paid import How, Line
from tokentrack.store import read, reviews
from tokentrack.store.exports import first_use
from tokentrack.store.read import Where

FEWEST = 5
"""Closed weeks below which nothing is compared with them (R6)."""
PAST_WEEKS = 8
MEDIAN_DEVIATIONS = 1.5


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual for the person: the median of `n` closed weeks, and 1.5 median deviations to either side; micro-dollars."""

    low: int
    middle: int
    high: int
    n: int

    def place(self, value: int) -> str:
        return "below" if value < self.low else "above" if value > self.high else "within"


@dataclass(frozen=True, slots=True)
class Column:
    """A week's list value, micro-dollars: as it was closed, else as it is now. None: nothing of it is known."""

    week: str
    list_value: int | None
    closed: bool
    unpriced: int


def band(past: Sequence[int]) -> Band | None:
    """None where there are too few weeks to compare with."""
    if len(past) < FEWEST:
        return None
    middle = median(past)
    reach = MEDIAN_DEVIATIONS * median(abs(one - middle) for one in past)
    return Band(max(0, round(middle - reach)), round(middle), round(middle + reach), len(past))


def past(db: sqlite3.Connection, monday: date) -> list[Column]:
    """The last eight closed weeks before this one, the oldest first, as they were closed; none before the first use."""
    began = first_use(db)
    first = "" if began is None else clock.week_name(clock.monday_of(clock.day_of(began)))
    return [_closed(one) for one in reviews.latest(db, clock.week_name(monday), PAST_WEEKS) if one.week >= first]


def values(columns: Iterable[Column]) -> list[int]:
    """Of those whose list value is known."""
    return [column.list_value for column in columns if column.list_value is not None]


def column(db: sqlite3.Connection, monday: date) -> Column:
    name = clock.week_name(monday)
    closed = reviews.standing(db, name)
    if closed is not None:
        return _closed(closed)
    total = read.total(db, Where(*clock.week_span(monday)))
    return Column(name, total.list_value, False, total.unpriced_requests)


def eight_weeks(db: sqlite3.Connection, monday: date, now: int) -> list[Column]:
    """This week and the seven before it, the oldest first, without those that have not begun."""
    mondays = [monday - back * 7 * clock.DAY for back in reversed(range(PAST_WEEKS))]
    return [column(db, one) for one in mondays if clock.start_of(one) <= now]


def how(db: sqlite3.Connection, monday: date) -> How:
    """The band, and the closed weeks that make it."""
    before, this = past(db, monday), column(db, monday)
    usual = band(values(before))
    told = (
        ("this week's list value", dollars(this.list_value)),
        *(
            (
                ("median, list value", dollars(usual.middle)),
                ("usual, list value", f"{dollars(usual.low)} to {dollars(usual.high)}"),
            )
            if usual
            else (("usual", f"too few closed weeks to say; {FEWEST} are needed"),)
        ),
    )
    return How(
        "usual = median of your last 8 closed weeks before this one, and 1.5 x the median distance from it to either side",
        len(values(before)),
        "closed weeks",
        told,
        tuple(Line(one.week, one.list_value, "list value", f"list week:{one.week}") for one in before),
        adds=False,
    )


def _closed(one: reviews.Revision) -> Column:
    told = snapshot.read(one.snapshot)
    return Column(one.week, told.list_value, True, told.unpriced_requests)
