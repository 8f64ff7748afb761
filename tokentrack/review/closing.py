"""Closing a week keeps what it says to the byte; opening it again loses nothing of that (product 6.5)."""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.review import insights, snapshot, usage
from tokentrack.review.week import take
from tokentrack.store import StoreError, reviews
from tokentrack.store.read import Where
from tokentrack.store.reviews import Revision


class Refused(StoreError):
    """A week that cannot be closed or opened again; the message is one sentence for the person."""


class Closed(Refused):
    """A week that is closed stays as it is. `week` is its name."""

    def __init__(self, week: str) -> None:
        super().__init__(f"Week {week} is closed: nothing was changed.")
        self.week = week


def close(
    db: sqlite3.Connection, monday: date, now: int, note: str | None = None, intent: str | None = None
) -> Revision:
    """Keeps what the week says; the running one may be closed too. Call inside a transaction. Raises Refused."""
    name = clock.week_name(monday)
    if reviews.is_closed(db, name):
        raise Closed(name)
    if clock.start_of(monday) > now:
        raise Refused(f"Week {name} has not begun; nothing was closed.")
    written = reviews.draft(db, name)
    if note is not None or intent is not None:
        written = written._replace(
            note=written.note if note is None else note, intent=written.intent if intent is None else intent
        )
        reviews.keep(db, written, now)
    insights.show(db, monday, now)  # a closed week tells them wherever it is read, so no later week repeats them
    text = snapshot.text_of(take(db, monday, now))
    return reviews.add(db, name, text, snapshot.digest(text), now)


def reopen(db: sqlite3.Connection, monday: date) -> None:
    """The week's figures are the store's again; its revisions stay. Call inside a transaction. Raises Refused."""
    name = clock.week_name(monday)
    if not reviews.is_closed(db, name):
        raise Refused(f"Week {name} is not closed.")
    reviews.reopen(db, name)


def earlier(db: sqlite3.Connection, today: date) -> list[date]:
    """The Mondays of weeks before this one in which anything was used, and which are not closed, the oldest first."""
    until = clock.start_of(clock.monday_of(today))
    used = [clock.parse_week(name) for name, _ in usage.totals(db, "week", Where(until=until)) if name != usage.UNKNOWN]
    return [monday for monday in sorted(used) if not reviews.is_closed(db, clock.week_name(monday))]


def close_earlier(db: sqlite3.Connection, today: date, now: int) -> list[Revision]:
    """Closes them as they are, in one action (AC 42). Call inside a transaction."""
    return [close(db, monday, now) for monday in earlier(db, today)]


def due(db: sqlite3.Connection, today: date) -> date:
    """The Monday of the week to look back on: until Thursday the one before, if it was used and is open; else this one."""
    monday = clock.monday_of(today)
    before = monday - 7 * clock.DAY
    return before if today.weekday() < 4 and before in earlier(db, today) else monday
