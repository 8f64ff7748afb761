"""Limits of the person's plans, as agents told them last: with their age, apart from money, void once they were reset."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tokentrack import clock
from tokentrack.model.logs import Limit
from tokentrack.phrases import plural
from tokentrack.store import logs, read

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class LimitSeen:
    """`used_percent` is None where the limit was reset since: what was read then says nothing about now."""

    agent: str
    used_percent: float | None
    text: str


def limits(db: sqlite3.Connection) -> tuple[LimitSeen, ...]:
    """Every limit that a log told, by agent."""
    now = clock.now_ms()
    return tuple(_seen(agent, limit, now) for agent in logs.agents_seen(db) for limit in read.limits(db, agent))


def _seen(agent: str, limit: Limit, now: int) -> LimitSeen:
    length = window(limit.window)
    name = f"{length} ({limit.name})" if limit.name.lower() not in ("", agent, "claude", "codex") else length
    if limit.resets_at is not None and now >= limit.resets_at:
        text = f"{name}: reset {_ago(now - limit.resets_at)}, no reading since"
        return LimitSeen(agent, None, text)
    if limit.resets_at is None and now - limit.seen_at >= limit.window * MINUTE:  # whenever it was, it was reset since
        text = f"{name}: no reading for {_span(now - limit.seen_at)}"
        return LimitSeen(agent, None, text)
    reset = "" if limit.resets_at is None else f", resets in {_span(limit.resets_at - now)}"
    text = f"{name}: {int(limit.used_percent)}% used{reset}, as of {_ago(now - limit.seen_at)}"
    return LimitSeen(agent, limit.used_percent, text)


def window(minutes: int) -> str:
    for size, noun in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes and minutes % size == 0:
            return plural(minutes // size, noun)
    return "limit"


def _ago(ms: int) -> str:
    return "now" if ms < MINUTE else f"{_span(ms)} ago"


def _span(ms: int) -> str:
    for size, noun in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if ms >= size:
            return plural(ms // size, noun)
    return "less than a minute"
