"""How long the person was at it, at least: told by their prompts alone, and asked for by nobody else (product 4.1).

Off until the setting `attended` is on. Never shown by clock time, never exported.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from tokentrack import clock
from tokentrack.review.paid import How, Line
from tokentrack.store import prompts as store
from tokentrack.store import read
from tokentrack.store.prompts import Prompt

SETTING = "attended"
GAP_MS = 10 * 60 * 1000
"""Between two prompts of a session that are no further apart, the person was there."""
ALONE_MS = 2 * 60 * 1000
"""What a prompt without such a neighbour counts."""
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Attended:
    """`minutes` is the sum over `days` (local day, whole minutes), told by so many prompts. A floor."""

    minutes: int
    days: tuple[tuple[date, int], ...]
    prompts: int


def on(db: sqlite3.Connection) -> bool:
    return read.setting(db, SETTING) == "on"


def attended(
    db: sqlite3.Connection, task: str | None = None, since: int | None = None, until: int | None = None
) -> Attended | None:
    """Of one task (its id) or all, in [since, until); None: the person did not ask for it."""
    return _of(store.prompts(db, task, since, until)) if on(db) else None


def _of(found: list[Prompt]) -> Attended:
    by_day: dict[date, int] = {}
    for since, until in union(stretches(found)):
        for day, length in _by_day(since, until):
            by_day[day] = by_day.get(day, 0) + length
    days = tuple((day, length // MINUTE_MS) for day, length in sorted(by_day.items()))
    return Attended(sum(minutes for _, minutes in days), days, len(found))


def stretches(found: Iterable[Prompt]) -> Iterator[tuple[int, int]]:
    """[since, until) between neighbouring prompts of a session, and after a prompt that has no neighbour near it."""
    for _, together in groupby(found, key=lambda prompt: prompt.session):
        prompts = list(together)
        near = [later.turn == one.turn + 1 and 0 <= later.at - one.at <= GAP_MS for one, later in pairwise(prompts)]
        for one, later, attended in zip(prompts, prompts[1:], near, strict=False):
            if attended:
                yield one.at, later.at
        for one, before, after in zip(prompts, [False, *near], [*near, False], strict=True):
            if not (before or after):
                yield one.at, one.at + ALONE_MS


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is in any of them, in order; sessions beside each other add no time twice (AC 33)."""
    found: list[tuple[int, int]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


def _by_day(since: int, until: int) -> Iterator[tuple[date, int]]:
    while since < until:
        day = clock.day_of(since)
        end = min(until, clock.start_of(day + clock.DAY))
        yield day, end - since
        since = end


def how(db: sqlite3.Connection, task: str | None, since: int | None, until: int | None) -> How | None:
    """Day by day; None where it is off, or nothing was prompted."""
    found = attended(db, task, since, until)
    if found is None or not found.prompts:
        return None
    return How(
        "time between neighbouring prompts of a session, if at most 10 minutes, and 2 minutes for a prompt alone; "
        "over all sessions what overlaps counts once; whole minutes a day",
        found.prompts,
        "prompts",
        (("not claimed", "that this is all: reading and thinking leave no prompt"),),
        tuple(Line(day.isoformat(), minutes, "measured", unit="min") for day, minutes in found.days),
    )
