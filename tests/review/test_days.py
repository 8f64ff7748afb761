"""Local days, weeks and months: what belongs to which, also where clocks change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from claude_logs import Machine, answer, usage

from tokentrack import clock
from tokentrack.review.glance import glance
from tokentrack.review.usage import totals
from tokentrack.store.read import Where


def log_at(machine: Machine, *stamps: str) -> None:
    machine.log(
        "P/S.jsonl", *(answer(f"msg_{n}", timestamp=stamp, figures=usage(1, 0)) for n, stamp in enumerate(stamps))
    )
    machine.scan()


def counts(machine: Machine, by: str, where: Where = Where()) -> dict[str, int]:  # noqa: B008
    return {key: total.requests for key, total in totals(machine.db, by, where)}


def test_a_day_of_twenty_three_hours_and_one_of_twenty_five(machine: Machine, timezone: Callable[[str], None]) -> None:
    timezone("Europe/Berlin")
    log_at(
        machine, "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z",
        "2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z",
    )  # fmt: skip
    right = {"2026-03-28": 1, "2026-03-29": 2, "2026-03-30": 1, "2026-10-24": 1, "2026-10-25": 2, "2026-10-26": 1}
    assert counts(machine, "day") == right
    for day, number in right.items():
        begin = date.fromisoformat(day)
        where = Where(clock.start_of(begin), clock.start_of(begin + clock.DAY))
        assert machine.total(since=where.since, until=where.until).requests == number
        assert counts(machine, "day", where) == {day: number}
    hours = [(clock.start_of(date(2026, month, day + 1)) - clock.start_of(date(2026, month, day))) // 3_600_000
             for month, day in ((3, 28), (3, 29), (10, 25))]  # fmt: skip
    assert hours == [24, 23, 25]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/Havana", date(2026, 3, 8)), ("America/Havana", date(2026, 11, 1)), ("Africa/Cairo", date(2026, 4, 24)),
     ("Asia/Beirut", date(2026, 3, 29)), ("Australia/Lord_Howe", date(2026, 4, 5)), ("Asia/Kathmandu", date(2026, 1, 1)),
     ("Pacific/Kiritimati", date(2026, 1, 1)), ("Pacific/Chatham", date(2026, 9, 27))],
)  # fmt: skip
def test_a_day_begins_at_its_first_moment_where_clocks_change_at_midnight_too(
    timezone: Callable[[str], None], zone: str, day: date
) -> None:
    timezone(zone)
    begin = clock.start_of(day)
    assert clock.day_of(begin) == day
    assert clock.day_of(begin - 1) == day - timedelta(days=1)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham"])
def test_zones_of_odd_offsets_lose_nothing_at_midnight(
    machine: Machine, timezone: Callable[[str], None], zone: str
) -> None:
    timezone(zone)
    begin = clock.start_of(date(2026, 11, 18))
    log_at(machine, *(str(clock.iso(begin + ms)) for ms in (-1, 0)))
    assert counts(machine, "day") == {"2026-11-17": 1, "2026-11-18": 1}


def test_weeks_are_iso_weeks_in_local_time(machine: Machine, timezone: Callable[[str], None]) -> None:
    timezone("America/New_York")
    log_at(machine, "2026-01-01T04:59:59Z", "2027-01-04T04:59:59Z", "2027-01-04T05:00:00Z")
    assert counts(machine, "week") == {"2026-W01": 1, "2026-W53": 1, "2027-W01": 1}
    assert counts(machine, "month") == {"2025-12": 1, "2027-01": 2}


def test_today_and_the_week_follow_the_clock_and_the_zone(
    machine: Machine, timezone: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_at(machine, "2026-11-15T23:30:00Z", "2026-11-16T00:30:00Z", "2026-11-20T08:00:00Z", "2026-11-20T23:30:00Z")
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    seen = glance(machine.db)
    assert (seen.day, seen.today.requests, seen.week.requests) == (date(2026, 11, 20), 2, 3)
    timezone("Europe/Berlin")
    seen = glance(machine.db)
    assert (seen.day, seen.today.requests, seen.week.requests) == (date(2026, 11, 20), 1, 4)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T23:30:00Z")
    assert (glance(machine.db).day, glance(machine.db).today.requests) == (date(2026, 11, 21), 1)
    assert [day for day, _ in seen.days] == [date(2026, 11, 16) + n * clock.DAY for n in range(7)]
    assert sum(total.requests for _, agents in seen.days for total in agents.values()) == seen.week.requests


def test_requests_of_an_unknown_time_stand_under_unknown_and_in_the_total(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_1", timestamp=None), answer("msg_2"))
    machine.scan()
    assert counts(machine, "day") == {"unknown": 1, "2026-11-20": 1}
    for by in ("agent", "model", "project", "branch", "session", "week", "month"):
        assert sum(counts(machine, by).values()) == machine.requests == 2


def test_the_session_in_use_is_the_one_of_the_last_ten_minutes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_at(machine, "2026-11-20T08:00:00Z")
    for now, live in {"2026-11-20T08:09:59Z": "S", "2026-11-20T08:10:01Z": None}.items():
        monkeypatch.setenv("TOKENTRACK_NOW", now)
        session = glance(machine.db).live
        assert (session and session.native_id) == live
