"""What other prices would change: shown first, applied on demand, never in a closed week (AC 10)."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import HAIKU, Machine, answer, usage

from tokentrack import paths
from tokentrack.pricing import own
from tokentrack.reprice import Repriced, reprice
from tokentrack.review import weeks

WEEK_46, WEEK_47 = date(2026, 11, 9), date(2026, 11, 16)


@pytest.fixture
def used(machine: Machine) -> Machine:
    """A thousand tokens of Haiku, $0.001, in each of two weeks, and as many of a model that nobody prices."""
    machine.log("P/S.jsonl", *(
        answer(name, request=name, model=model, timestamp=f"{day}T12:00:00Z", figures=usage(1000, 0))
        for name, model, day in (
            ("a", HAIKU, "2026-11-10"), ("b", HAIKU, "2026-11-17"),
            ("c", "mystery", "2026-11-10"), ("d", "mystery", "2026-11-17"),
        )
    ))  # fmt: skip
    machine.scan()
    return machine


def give(machine: Machine, model: str, dollars: float, since: date | None = None) -> own.OwnPrices:
    path = paths.own_prices(machine.store)
    own.put(path, model, since, {"input": dollars, "output": dollars})
    return own.read(path)


def values(machine: Machine) -> dict[str, int | None]:
    return {key: value for key, value in machine.rows("select key, list_value from requests order by key")}  # noqa: C416


def closed(*mondays: date) -> list[tuple[int, int]]:
    return weeks.spans(mondays)


def test_without_other_prices_nothing_would_change(used: Machine) -> None:
    assert reprice(used.db, own.OwnPrices(), []) == Repriced(4, 0, 0, 0, 0, ())


def test_a_preview_tells_what_would_change_and_changes_nothing(used: Machine) -> None:
    before, prices = values(used), used.rows("select * from prices")
    mine = give(used, HAIKU, 3)
    found = reprice(used.db, mine, [])
    assert (found.requests, found.changed, found.before, found.after) == (4, 2, 2000, 6000)
    assert [(row.model, row.requests, row.before, row.after) for row in found.models] == [(HAIKU, 2, 2000, 6000)]
    assert (values(used), used.rows("select * from prices")) == (before, prices)


def test_applied_it_changes_requests_sessions_and_the_row_that_tells_the_price(used: Machine) -> None:
    mine = give(used, HAIKU, 3)
    assert reprice(used.db, mine, [], apply=True).changed == 2
    assert used.total().list_value == 6000
    assert used.sessions["S"].total == used.total()
    assert set(used.rows("select p.source from requests r join prices p on p.id = r.price_id")) == {(mine.source,)}
    assert reprice(used.db, mine, [], apply=True).changed == 0


def test_a_price_from_a_day_on_leaves_earlier_days_alone(used: Machine) -> None:
    mine = give(used, HAIKU, 3, date(2026, 11, 16))
    reprice(used.db, mine, [], apply=True)
    found = {key: value for key, value in values(used).items() if value}
    assert sorted(found.values()) == [1000, 3000]


def test_ac10_a_closed_week_keeps_its_prices_and_open_ones_change(used: Machine) -> None:
    mine = give(used, HAIKU, 3)
    give(used, "mystery", 5)
    mine = own.read(paths.own_prices(used.store))
    found = reprice(used.db, mine, closed(WEEK_46), apply=True)
    assert (found.changed, found.held_back) == (2, 2)
    assert [(row.model, row.before, row.after, row.unpriced_before, row.unpriced_after) for row in found.models] == [
        (HAIKU, 1000, 3000, 0, 0), ("mystery", None, 5000, 1, 0),
    ]  # fmt: skip
    by_day = dict(used.rows("select date(at / 1000, 'unixepoch') || model_id, list_value from requests"))
    assert sorted(value for day, value in by_day.items() if str(day) < "2026-11-16" and value is not None) == [1000]
    assert sorted(value for day, value in by_day.items() if str(day) > "2026-11-16") == [3000, 5000]


def test_what_had_no_price_at_all_was_not_nothing_before(used: Machine) -> None:
    """AC 5: nor is what has none afterwards."""
    assert (found := reprice(used.db, give(used, "mystery", 5), [], apply=True)).before is None
    assert found.after == 10_000
    paths.own_prices(used.store).unlink()
    assert reprice(used.db, own.OwnPrices(), []).after is None


def test_ac10_other_prices_change_no_past_value_by_themselves(used: Machine) -> None:
    """Reading everything again does not either; what had no price gets one."""
    before = values(used)
    give(used, HAIKU, 3)
    used.scan()
    used.scan(full=True)
    assert values(used) == before
    used.log(
        "P/T.jsonl", answer("e", request="e", model=HAIKU, timestamp="2026-11-18T12:00:00Z", figures=usage(1000, 0))
    )
    used.scan()
    assert used.total().list_value == 2000 + 3000


def test_ac10_a_scan_prices_nothing_of_a_closed_week(used: Machine) -> None:
    """A price given later is taken by what has none in open weeks only."""
    used.db.execute("insert into closed_weeks values ('2026-W46', 0)")
    in_week = f"select * from requests where at < {weeks.spans([WEEK_47])[0][0]} order by key"
    before = used.rows(in_week)
    assert len(before) == 2
    assert weeks.closed(used.db) == {WEEK_46}
    give(used, "mystery", 5)
    used.scan()
    assert used.rows(in_week) == before
    assert (used.total().list_value, used.total().unpriced_requests) == (2000 + 5000, 1)
    used.db.execute("delete from closed_weeks")
    give(used, "mystery", 6)
    used.scan()
    assert used.total().unpriced_requests == 0


def test_ac10_a_better_copy_gives_no_price_to_what_is_unknown_in_a_closed_week(used: Machine) -> None:
    used.db.execute("insert into closed_weeks values ('2026-W46', 0)")
    give(used, "mystery", 5)
    used.log("P/T.jsonl", *(
        answer(name, request=name, model="mystery", timestamp=f"{day}T12:00:00Z", figures=usage(2000, 0))
        for name, day in (("c", "2026-11-10"), ("d", "2026-11-17"))
    ))  # fmt: skip
    used.scan()
    assert (used.requests, used.total().list_value, used.total().unpriced_requests) == (4, 2000 + 10_000, 1)


def test_ac10_a_model_that_loses_its_price_becomes_unknown_and_not_nothing(used: Machine) -> None:
    """AC 5."""
    mine = give(used, "mystery", 5)
    reprice(used.db, mine, [], apply=True)
    assert used.total().list_value == 12_000
    paths.own_prices(used.store).unlink()
    found = reprice(used.db, own.OwnPrices(), [], apply=True)
    assert [(row.model, row.before, row.after, row.unpriced_after) for row in found.models] == [
        ("mystery", 10_000, None, 2)
    ]
    assert (used.total().list_value, used.total().unpriced_requests) == (2000, 2)


def test_no_week_is_closed_as_long_as_nothing_closes_one(machine: Machine) -> None:
    assert weeks.closed(machine.db) == frozenset()
    assert weeks.spans([WEEK_47]) == [(1_794_787_200_000, 1_795_392_000_000)]
