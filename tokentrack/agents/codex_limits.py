"""The plan's limits that Codex's `token_count` events tell: the newest word on each."""

from __future__ import annotations

from collections.abc import Iterator

from tokentrack.agents.codex_records import RateLimits, Window
from tokentrack.agents.reading import Count
from tokentrack.agents.values import parse_time
from tokentrack.model.logs import Limit


class Limits:
    """The limits told in one read. Almost every response brings one, so only what counts is looked into."""

    def __init__(self) -> None:
        self._latest: dict[object, tuple[RateLimits, Count]] = {}

    def take(self, told: RateLimits, stamp: Count) -> None:
        windows = tuple(window and window.window_minutes for window in (told.primary, told.secondary))
        known = self._latest.get((told.limit_id, windows))
        if known is None or not _older(stamp, known[1]):
            self._latest[(told.limit_id, windows)] = told, stamp

    def newest(self) -> tuple[Limit, ...]:
        newest: dict[tuple[str, int], Limit] = {}
        for told, stamp in self._latest.values():
            for limit in _limits(told, parse_time(stamp)):
                known = newest.setdefault((limit.name, limit.window), limit)
                newest[(limit.name, limit.window)] = max(known, limit, key=lambda one: (one.seen_at, one.used_percent))
        return tuple(newest.values())


def _older(stamp: Count, than: Count) -> bool:
    if isinstance(stamp, str) and isinstance(than, str) and len(stamp) == len(than):
        return stamp < than
    return (parse_time(stamp) or 0) < (parse_time(than) or 0)


def _limits(told: RateLimits, at: int | None) -> Iterator[Limit]:
    for window in (told.primary, told.secondary):
        if at is None or window is None:
            continue
        minutes, used = _number(window.window_minutes), _number(window.used_percent)
        if used is not None and 0 <= used <= 1000 and minutes is not None and 0 < minutes < 10**7:
            yield Limit(told.limit_id or "codex", _length(minutes), used, _resets(window, at), at)


def _number(value: Count) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        return None


def _length(minutes: float) -> int:
    """A limit's window; some versions told 299 minutes of five hours."""
    return round(minutes / 60) * 60 if minutes >= 60 else max(1, round(minutes))


def _resets(window: Window, at: int) -> int | None:
    seconds = _number(window.resets_in_seconds)
    if window.resets_at is None and seconds is not None and 0 <= seconds < 10**9:
        return at + round(seconds * 1000)
    return parse_time(window.resets_at)
