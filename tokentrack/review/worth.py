"""From how many minutes of the person's own time on a task pays (M5). It asks for worth; it claims no time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tokentrack.model.usage import Total
from tokentrack.money import dollars
from tokentrack.review.paid import How, Line
from tokentrack.store import ledger, read, reviews, tasks
from tokentrack.store.read import Where
from tokentrack.store.reviews import Verdict

RATE = "rate"
"""Setting: what an hour of the person is worth to them, micro-dollars; empty: not given."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """`minutes` of the person's time have the task's list value. `at_least`: not everything of the task has a known price."""

    minutes: int
    list_value: int
    rate: int
    at_least: bool


def rate(db: sqlite3.Connection) -> int | None:
    """Micro-dollars an hour; None: not given."""
    text = read.setting(db, RATE)
    return int(text) if text.isdecimal() and int(text) else None


def minutes_of(list_value: int, per_hour: int) -> int:
    """60 x list value / rate, rounded half up; what is less than half a minute is not nothing."""
    return max(int(list_value > 0), (120 * list_value + per_hour) // (2 * per_hour))


def break_even(db: sqlite3.Connection, task: str) -> BreakEven | None:
    """None: no rate is given, the task is gone, or nothing is known of what it used."""
    per_hour = rate(db)
    used = Total() if per_hour is None else read.total(db, Where(tasks=(task,)))
    if per_hour is None or tasks.task(db, task) is None or not used.list_value:
        return None
    more = used.unpriced_requests > 0 or any(name == task for name, _ in ledger.unrecorded(db))
    return BreakEven(minutes_of(used.list_value, per_hour), used.list_value, per_hour, more)


def answer(db: sqlite3.Connection, task: str, worth: str, now: int) -> None:
    """Keeps `yes`, `no` or `unsure` with what it was asked about. Inside `transaction` and `journal.change`. Raises Unknown."""
    value = read.total(db, Where(tasks=(task,))).list_value
    reviews.judge(db, task, Verdict(now, worth, value, rate(db)))


def how(db: sqlite3.Connection, task: str) -> How | None:
    """The sessions that the list value comes from; None where there is no such figure."""
    found = break_even(db, task)
    if found is None:
        return None
    booked = ledger.booked(db, Where(tasks=(task,)))
    return How(
        "minutes = 60 x list value of the task / your rate by the hour",
        len(booked),
        "sessions",
        (
            ("list value", dollars(found.list_value, unknown=found.at_least)),
            ("your rate, self-reported", f"{dollars(found.rate)}/h"),
            ("minutes", f"{found.minutes:,}"),
            ("not claimed", "that this time was won"),
        ),
        tuple(
            Line(one.session, one.total.list_value, "list value", f"task:{task} session:{one.session}")
            for one in booked
        ),
    )
