"""Plans and charges ▶ what is paid by day, and each day's shares. Pure arithmetic: AC 7, AC 8 (product section 8, decision 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentrack import money
from tokentrack.model.costs import Charge, Plan

DAY = timedelta(days=1)
CENT = 10_000
examples = settings(deadline=None, derandomize=True, database=None, max_examples=60)


def plan(fee: int, since: str, until: str | None = None, period: str = "month", name: str = "Pro", id: int = 1) -> Plan:  # noqa: A002
    return Plan(
        id, name, fee, period, ("claude-code",), date.fromisoformat(since), date.fromisoformat(until) if until else None
    )


def paid(plans: list[Plan], first: str, last: str, charges: tuple[Charge, ...] = ()) -> int:
    return sum(item.amount for item in money.items(plans, charges, date.fromisoformat(first), date.fromisoformat(last)))


# ---- AC 7 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fee", "period", "since", "first", "after"),
    [
        (20_000_000, "month", "2026-11-01", "2026-11-01", "2026-12-01"),
        (17_000_000, "month", "2024-01-31", "2024-02-29", "2024-03-31"),  # a leap February; a month without a 31st
        (17_000_000, "month", "2023-01-31", "2023-02-28", "2023-03-31"),
        (200_000_000, "month", "2026-11-22", "2026-12-22", "2027-01-22"),
        (204_000_000, "year", "2024-02-29", "2024-02-29", "2025-02-28"),  # 365 days from a leap day on
        (204_000_000, "year", "2023-03-01", "2023-03-01", "2024-03-01"),  # 366 days
    ],
)
def test_ac7_a_billing_period_adds_up_to_its_fee(fee: int, period: str, since: str, first: str, after: str) -> None:
    entry = plan(fee, since, period=period)
    day = date.fromisoformat(first)
    assert money.billing_period(entry, day) == (day, date.fromisoformat(after))
    assert paid([entry], first, (date.fromisoformat(after) - DAY).isoformat()) == fee


def test_ac7_a_plan_that_changes_within_a_month_costs_each_its_days() -> None:
    old, new = plan(30_000_000, "2026-11-01"), plan(200_000_000, "2026-11-11", name="Max", id=0)
    changed = money.take_over([old], new)
    assert [(one.name, one.until) for one in changed.ended] == [("Pro", date(2026, 11, 10))]
    plans = [*changed.ended, changed.plan]
    assert paid(plans, "2026-11-01", "2026-11-10") == 10_000_000  # ten of thirty days at $1
    assert paid(plans, "2026-11-11", "2026-12-10") == 200_000_000  # its own whole period
    assert paid(plans, "2026-11-11", "2026-11-11") == 200_000_000 // 30


def test_ac7_the_last_day_of_a_period_takes_what_does_not_divide() -> None:
    entry = plan(20_000_000, "2026-11-01")
    days = [money.fee_on(entry, date(2026, 11, day)) for day in range(1, 31)]
    assert days[:29] == [666_666] * 29
    assert days[29] == 20_000_000 - 29 * 666_666


@examples
@given(
    fee=st.integers(0, 10**9).map(lambda cents: cents * CENT),
    since=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    later=st.integers(0, 4000),
    period=st.sampled_from(["month", "year"]),
)
def test_ac7_any_full_period_adds_up_to_the_fee_to_the_cent(fee: int, since: date, later: int, period: str) -> None:
    entry = Plan(1, "p", fee, period, ("codex",), since)
    first, after = money.billing_period(entry, since + later * DAY)
    assert first <= since + later * DAY < after
    days = [money.fee_on(entry, first + n * DAY) for n in range((after - first).days)]
    assert sum(days) == fee
    assert min(days) >= 0
    assert max(days) - min(days) < len(days)  # no day stands out by more than the remainder


@examples
@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 3000))
def test_ac7_periods_follow_one_another_without_gap_or_overlap(since: date, later: int) -> None:
    entry = Plan(1, "p", CENT, "month", ("codex",), since)
    first, after = money.billing_period(entry, since + later * DAY)
    assert money.billing_period(entry, after)[0] == after
    if first > since:
        assert money.billing_period(entry, first - DAY)[1] == first


# ---- which plan is in force ------------------------------------------------------------------------------------------


def test_an_earlier_plan_entered_later_ends_where_the_later_begins() -> None:
    new = money.take_over([plan(200, "2026-11-11")], plan(20, "2026-01-01", id=0))
    assert (new.plan.until, new.ended) == (date(2026, 11, 10), ())


def test_a_plan_between_two_ends_the_first_and_at_the_second() -> None:
    first, second = plan(20, "2026-01-01", "2026-03-09"), plan(200, "2026-03-10", name="Max", id=2)
    changed = money.take_over([first, second], plan(100, "2026-02-01", name="Team", id=0))
    assert [(one.name, one.until) for one in changed.ended] == [("Pro", date(2026, 1, 31))]
    assert changed.plan.until == date(2026, 3, 9)


BOTH = Plan(1, "Both", 10, "month", ("codex", "claude-code"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("there", "new", "says"),
    [
        (plan(20, "2026-11-01"), plan(25, "2026-11-01", id=0), "begins on 2026-11-01 too"),
        (BOTH, plan(20, "2026-02-01", id=0), "end it first"),  # codex would have no plan
        (BOTH, plan(20, "2025-12-01", "2026-01-31", id=0), "a last day up to 2025-12-31"),
        (plan(20, "2026-02-01", name="Both"), replace(BOTH, since=date(2026, 1, 1)), "a last day up to 2026-01-31"),
        (plan(20, "2026-01-01"), plan(25, "2026-11-01", "2026-11-30", id=0), "enter it again from 2026-12-01"),
        (plan(20, "2026-01-01", "2026-12-31"), plan(25, "2026-11-01", "2026-11-30", id=0), "again from 2026-12-01"),
        (plan(20, "2026-11-01", "2026-11-30"), plan(25, "2026-01-01", id=0), "a last day up to 2026-10-31"),
    ],
)
def test_no_use_is_paid_for_twice_or_by_nobody_in_silence(there: Plan, new: Plan, says: str) -> None:
    with pytest.raises(money.Overlap, match=says) as told:
        money.take_over([there], new)
    assert str(told.value).startswith(there.name)
    assert ("beside each other" in str(told.value), "--beside" in told.value.commands) == (True, True)


@examples
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.none() | st.integers(0, 10),
            st.sets(st.sampled_from(["codex", "cursor"]), min_size=1),
        ),
        max_size=6,
    )
)
def test_plans_entered_in_any_order_never_overlap(given_: list[tuple[int, int | None, set[str]]]) -> None:
    plans: dict[int, Plan] = {}
    for number, (since, length, agents) in enumerate(given_):
        begins = date(2026, 1, 1) + since * DAY
        until = None if length is None else begins + length * DAY
        try:
            changed = money.take_over(
                list(plans.values()), Plan(number, "p", 1, "month", tuple(sorted(agents)), begins, until)
            )
        except money.Overlap:
            continue
        plans.update({one.id: one for one in (*changed.ended, changed.plan)})
    for n in range(60):
        day = date(2026, 1, 1) + n * DAY
        paid_for = [agent for one in plans.values() if money.in_force(one, day) for agent in one.agents]
        assert len(paid_for) == len(set(paid_for))
    assert all(one.until is None or one.until >= one.since for one in plans.values())


# ---- at least --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirmed", "missing"),
    [
        ({}, ("2026-10", "2026-11")),
        ({"2026-10": date(2026, 10, 31)}, ("2026-11",)),
        ({"2026-10": date(2026, 10, 31), "2026-11": date(2026, 11, 15)}, ("2026-11",)),
        ({"2026-10": date(2026, 10, 31), "2026-11": date(2026, 11, 16)}, ()),
        ({"2026-10": date(2026, 10, 30), "2026-11": date(2026, 11, 16)}, ("2026-10",)),
    ],
)
def test_a_month_may_have_further_charges_until_it_is_confirmed(
    confirmed: dict[str, date], missing: tuple[str, ...]
) -> None:
    assert money.unconfirmed(confirmed, date(2026, 10, 5), date(2026, 11, 16)) == missing


# ---- plan share ------------------------------------------------------------------------------------------------------

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))
WEEK = (MONDAY, MONDAY + 6 * DAY)
AGENTS = ("claude-code", "codex")
uses = st.lists(
    st.builds(
        money.Use,
        st.integers(0, 6).map(lambda n: MONDAY + n * DAY),
        st.sampled_from(AGENTS),
        st.sampled_from("ABC"),
        st.none() | st.integers(0, 10**10),
    ),
    max_size=12,
)
charges = st.lists(
    st.builds(
        Charge,
        st.just(0),
        st.integers(0, 6).map(lambda n: MONDAY + n * DAY),
        st.integers(-(10**8), 10**9),
        st.just("x"),
        st.none() | st.sampled_from(AGENTS),
    ),
    max_size=4,
)


def week_of(given_charges: list[Charge]) -> list[money.Item]:
    return money.items([plan(200_000_000, "2026-11-03")], given_charges, *WEEK)


@examples
@given(uses, charges)
def test_shares_and_idle_days_add_up_to_what_is_paid(used: list[money.Use], charged: list[Charge]) -> None:
    items = week_of(charged)
    shares = money.shares(items, used, {})
    parts = [shares.parts, shares.idle, shares.unspread]
    assert sum(sum(part.values()) for part in parts) == sum(item.amount for item in items)
    for day in {item.day for item in items}:
        spread = sum(amount for (on, _), amount in shares.parts.items() if on == day)
        costs = sum(item.amount for item in items if item.day == day)
        assert spread + shares.idle.get(day, 0) + shares.unspread.get(day, 0) == costs


@examples
@given(uses, st.integers(0, 10**11))
def test_ac8_unrelated_use_moves_no_other_days_share(used: list[money.Use], junk: int) -> None:
    """Burning tokens on Tuesday does not make Monday's work look cheaper."""
    items = week_of([])
    before = money.shares(items, used, {})
    after = money.shares(items, [*used, money.Use(TUESDAY, "claude-code", "junk", junk)], {})

    def others(shares: money.Shares) -> list[dict[object, int]]:
        parts = {key: part for key, part in shares.parts.items() if key[0] != TUESDAY}
        return [
            parts,
            *({day: part for day, part in some.items() if day != TUESDAY} for some in (shares.idle, shares.unspread)),
        ]

    assert others(before) == others(after)


def test_a_day_without_use_is_idle_and_one_of_unknown_value_is_not() -> None:
    items = [item for item in week_of([]) if item.day <= WEDNESDAY]
    used = [money.Use(MONDAY, "claude-code", "A", 5), money.Use(TUESDAY, "claude-code", "A", None)]
    shares = money.shares(items, used, {})
    assert (set(shares.parts), set(shares.unspread), set(shares.idle)) == ({(MONDAY, "A")}, {TUESDAY}, {WEDNESDAY})
    recorded_nowhere = money.shares(items, used, {WEDNESDAY: {"claude-code"}})
    assert (set(recorded_nowhere.unspread), recorded_nowhere.idle) == ({TUESDAY, WEDNESDAY}, {})


def test_a_plan_is_spread_over_the_use_of_its_agents_alone() -> None:
    items = [item for item in week_of([]) if item.day == MONDAY]
    used = [money.Use(MONDAY, "claude-code", "A", 1), money.Use(MONDAY, "codex", "B", 10**9)]
    assert money.shares(items, used, {}).parts == {(MONDAY, "A"): items[0].amount}
    assert set(money.shares(items, used[1:], {}).idle) == {MONDAY}


def test_nothing_of_it_is_a_float() -> None:
    assert money.spread(10**15 + 1, {"A": 3, "B": 3, "C": 1}) == {
        "A": 428571428571429, "B": 428571428571429, "C": 142857142857143,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("micro", "text"),
    [(None, "unknown"), (0, "$0.00"), (1, "<$0.01"), (4999, "<$0.01"), (5000, "$0.01"), (-3_500_000, "-$3.50"),
     (1_234_567_890, "$1,234.57"), (47_000_000, "$47.00")],
)  # fmt: skip
def test_ac5_dollars_never_round_something_to_nothing(micro: int | None, text: str) -> None:
    """AC 5."""
    assert money.dollars(micro) == text
