"""The one place that knows what time it is, and what a local day, week or month is.

Times are UTC milliseconds (`int`) everywhere below the interface. `TOKENTRACK_NOW` (an ISO time) replaces the clock.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)
BUCKET_MS = 15 * 60 * 1000
"""Every time zone's offset is a multiple of 15 minutes, so a UTC quarter of an hour lies within one local day."""


def now() -> datetime:
    """The present moment, zone-aware, in local time. Raises ValueError where `TOKENTRACK_NOW` is no time of 1971 to 9997."""
    fixed = os.environ.get("TOKENTRACK_NOW")
    if not fixed:
        return datetime.now().astimezone()
    moment = datetime.fromisoformat(fixed)
    if not 1970 < moment.year < 9998:
        raise ValueError(fixed)  # the days and weeks around it must be in the calendar too, in every zone
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone()


def now_ms() -> int:
    return to_ms(now())


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def local(ms: int) -> datetime:
    """UTC milliseconds as a zone-aware local time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone()


def iso(ms: int | None) -> str | None:
    """ISO-8601 in UTC, as the command line prints it."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone() -> str:
    """`Europe/Berlin`, or where the machine does not tell the place the zone's short name."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    try:
        return os.readlink("/etc/localtime").partition("zoneinfo/")[2] or now().tzname() or "UTC"  # noqa: PTH115
    except OSError:
        return now().tzname() or "UTC"


def today() -> date:
    return now().date()


def day_of(ms: int) -> date:
    return local(ms).date()


def start_of(day: date) -> int:
    """The first millisecond of a local day."""
    # Without a zone: the local one, and where clocks jump over midnight the moment after the jump (`astimezone` is before it).
    return to_ms(datetime.combine(day, time.min))


def span(first: date, last: date) -> tuple[int, int]:
    """UTC milliseconds [since, until) of local days, both included."""
    return start_of(first), start_of(last + DAY)


def week_span(monday: date) -> tuple[int, int]:
    """UTC milliseconds [since, until) of the week that begins on this Monday."""
    return span(monday, monday + 6 * DAY)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_name(day: date) -> str:
    """`2026-W47`: the ISO week that the day lies in."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def parse_week(name: str) -> date:
    """The Monday of `2026-W47`. Raises ValueError."""
    year, _, week = name.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def parse_month(name: str) -> date:
    """The first day of `2026-11`. Raises ValueError."""
    return date.fromisoformat(f"{name}-01")


def month_start(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def period(kind: str, day: date) -> tuple[date, date]:
    """First day and the day after the last of the `day`, `week` or `month` that holds `day`."""
    if kind == "day":
        return day, day + DAY
    if kind == "week":
        return monday_of(day), monday_of(day) + 7 * DAY
    if kind == "month":
        return month_start(day), next_month(day)
    raise ValueError(f"no such period: {kind}")
