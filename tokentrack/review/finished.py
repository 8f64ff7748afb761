"""Whose outcomes a week's review tells: of tasks that were finished in the week, or when it was looked back on."""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.review import snapshot
from tokentrack.store import read, reviews, tasks
from tokentrack.store.read import Where
from tokentrack.store.reviews import Revision


def finished(db: sqlite3.Connection, monday: date, now: int) -> frozenset[str]:
    """Ids of tasks whose outcome this week's review tells; each is told by one review.

    A week is looked back on when it is over: until a later week that was used is over too, what is finished counts here. It
    counts from the closing of the week before, where that was closed while it ran. What that week was closed with is told there.
    """
    name, until = clock.week_name(monday), clock.start_of(monday + 7 * clock.DAY)
    last = reviews.latest(db, name, 1)
    since = clock.start_of(monday)
    if last and last[0].week == clock.week_name(monday - 7 * clock.DAY):
        since = min(since, last[0].closed_at)
    end = until if _later_week(db, until, now) else max(until, now + 1)
    here = _told(reviews.revisions(db, name)[-1:])
    before = _told(last)
    return frozenset(
        task.id
        for task in tasks.finished_since(db, since)
        if task.finished_at is not None
        and task.created_at < until
        and (task.finished_at < end or task.id in here)
        and not (before.get(task.id) == task.outcome and task.finished_at <= last[0].closed_at)
    )


def _told(closed: list[Revision]) -> dict[str, str | None]:
    """Task ▶ the outcome that a week was closed with."""
    return {row.task: row.outcome for one in closed for row in snapshot.read(one.snapshot).tasks if row.outcome}


def _later_week(db: sqlite3.Connection, until: int, now: int) -> bool:
    """Whether anything was used in a week that began at `until` or later and is over."""
    running = clock.start_of(clock.monday_of(clock.day_of(now)))
    return until < running and read.total(db, Where(until, running)).requests > 0
