"""What other prices would change: shown first, applied on demand, never in a closed week (AC 10)."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import HAIKU, Machine, answer, usage

from tokentrack import paths
from tokentrack.pricing import own
from tokentrack.reprice import Repriced, reprice
from tokentrack.store import closed, migrations, open_store, transaction

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


def close(machine: Machine, monday: date) -> None:
    with transaction(machine.db):
        closed.close(machine.db, monday, 0)


def test_without_other_prices_nothing_would_change(used: Machine) -> None:
    assert reprice(used.db, own.OwnPrices()) == Repriced(4, 0, 0, 0, 0, ())


def test_a_preview_tells_what_would_change_and_changes_nothing(used: Machine) -> None:
    before, prices = values(used), used.rows("select * from prices")
    mine = give(used, HAIKU, 3)
    found = reprice(used.db, mine)
    assert (found.requests, found.changed, found.before, found.after) == (4, 2, 2000, 6000)
    assert [(row.model, row.requests, row.before, row.after) for row in found.models] == [(HAIKU, 2, 2000, 6000)]
    assert (values(used), used.rows("select * from prices")) == (before, prices)


def test_applied_it_changes_requests_sessions_and_the_row_that_tells_the_price(used: Machine) -> None:
    mine = give(used, HAIKU, 3)
    assert reprice(used.db, mine, apply=True).changed == 2
    assert used.total().list_value == 6000
    assert used.sessions["S"].total == used.total()
    assert set(used.rows("select p.source from requests r join prices p on p.id = r.price_id")) == {(mine.source,)}
    assert reprice(used.db, mine, apply=True).changed == 0


def test_a_price_from_a_day_on_leaves_earlier_days_alone(used: Machine) -> None:
    mine = give(used, HAIKU, 3, date(2026, 11, 16))
    reprice(used.db, mine, apply=True)
    found = {key: value for key, value in values(used).items() if value}
    assert sorted(found.values()) == [1000, 3000]


def test_ac10_a_closed_week_keeps_its_prices_and_open_ones_change(used: Machine) -> None:
    mine = give(used, HAIKU, 3)
    give(used, "mystery", 5)
    mine = own.read(paths.own_prices(used.store))
    close(used, WEEK_46)
    assert reprice(used.db, mine).held_back == 2
    found = reprice(used.db, mine, apply=True)
    assert (found.changed, found.held_back) == (2, 2)
    assert [(row.model, row.before, row.after, row.unpriced_before, row.unpriced_after) for row in found.models] == [
        (HAIKU, 1000, 3000, 0, 0), ("mystery", None, 5000, 1, 0),
    ]  # fmt: skip
    by_day = dict(used.rows("select date(at / 1000, 'unixepoch') || model_id, list_value from requests"))
    assert sorted(value for day, value in by_day.items() if str(day) < "2026-11-16" and value is not None) == [1000]
    assert sorted(value for day, value in by_day.items() if str(day) > "2026-11-16") == [3000, 5000]


def test_what_had_no_price_at_all_was_not_nothing_before(used: Machine) -> None:
    """AC 5: nor is what has none afterwards."""
    assert (found := reprice(used.db, give(used, "mystery", 5), apply=True)).before is None
    assert found.after == 10_000
    paths.own_prices(used.store).unlink()
    assert reprice(used.db, own.OwnPrices()).after is None


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
    close(used, WEEK_46)
    in_week = f"select * from requests where at < {closed.spans([WEEK_47])[0][0]} order by key"
    before = used.rows(in_week)
    assert len(before) == 2
    assert closed.mondays(used.db) == {WEEK_46}
    give(used, "mystery", 5)
    used.scan()
    assert used.rows(in_week) == before
    assert (used.total().list_value, used.total().unpriced_requests) == (2000 + 5000, 1)
    closed.reopen(used.db, WEEK_46)
    give(used, "mystery", 6)
    used.scan()
    assert used.total().unpriced_requests == 0


def test_ac10_a_better_copy_gives_no_price_to_what_is_unknown_in_a_closed_week(used: Machine) -> None:
    close(used, WEEK_46)
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
    reprice(used.db, mine, apply=True)
    assert used.total().list_value == 12_000
    paths.own_prices(used.store).unlink()
    found = reprice(used.db, own.OwnPrices(), apply=True)
    assert [(row.model, row.before, row.after, row.unpriced_after) for row in found.models] == [
        ("mystery", 10_000, None, 2)
    ]
    assert (used.total().list_value, used.total().unpriced_requests) == (2000, 2)


def test_no_week_is_closed_as_long_as_nothing_closes_one(machine: Machine) -> None:
    assert closed.mondays(machine.db) == frozenset()
    assert closed.spans([WEEK_47]) == [(1_794_787_200_000, 1_795_392_000_000)]


def of_the_batch(machine: Machine) -> int | None:
    return machine.rows("select list_value from requests where variant = 'batch'")[0][0]


def test_a_tier_that_an_earlier_version_took_for_the_standard_price_is_found_by_reprice(used: Machine) -> None:
    """A store from before step m011: the row for batches, which the list dates later, has the standard price."""
    day = "2026-07-01T12:00:00Z"
    batch = usage(1000, 0) | {"service_tier": "batch"}
    used.log("P/B.jsonl", answer("e", request="e", model=HAIKU, timestamp=day, figures=batch))
    used.scan()
    assert of_the_batch(used) == 500
    db = used.db
    standard, row = (
        db.execute(f"select id, rates from prices where model = ? and variant {test}", [HAIKU]).fetchone()
        for test in ("= ''", "= 'batch'")
    )
    db.execute("update prices set rates = ? where id = ?", [standard["rates"], row["id"]])
    db.execute("update requests set list_value = 1000 where price_id = ?", [row["id"]])
    assert reprice(db, own.OwnPrices()).changed == 0  # the row itself is taken for what the list says
    db.execute(f"delete from {migrations.LEDGER} where name = 'm011_money'")
    used.close()
    used.db = open_store(used.store)
    assert reprice(used.db, own.OwnPrices(), apply=True).changed == 1
    assert of_the_batch(used) == 500
