"""Budgets: which is in force, and what of it is used."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import HAIKU, Machine, answer, usage

from tokentrack.review import budgets
from tokentrack.store import transaction, write


def plan(
    machine: Machine, amount: int, period: str, since: str, measure: str = "list_value", project: str | None = None
) -> None:
    with transaction(machine.db):
        write.add_budget(machine.db, measure, amount, period, project, date.fromisoformat(since), 0)


@pytest.fixture
def spending(machine: Machine) -> Machine:
    """A thousand tokens, $0.001, on each of six days."""
    days = ("2026-11-09", "2026-11-15", "2026-11-16", "2026-11-20", "2026-11-22", "2026-11-23")
    machine.log("P/S.jsonl", *(
        answer(f"msg_{n}", model=HAIKU, timestamp=f"{day}T12:00:00Z", figures=usage(1000, 0)) for n, day in enumerate(days)
    ))  # fmt: skip
    machine.scan()
    return machine


@pytest.mark.parametrize(
    ("period", "used", "first", "last"),
    [
        ("day", 1000, "2026-11-20", "2026-11-20"),
        ("week", 3000, "2026-11-16", "2026-11-22"),
        ("month", 6000, "2026-11-01", "2026-11-30"),
    ],
)
def test_what_is_used_is_that_of_the_running_period(
    spending: Machine, period: str, used: int, first: str, last: str
) -> None:
    plan(spending, 2000, period, "2026-01-01")
    spent = budgets.spent(spending.db, date(2026, 11, 20))
    assert spent is not None
    assert (spent.used, spent.first.isoformat(), spent.last.isoformat()) == (used, first, last)
    assert spent.share == used / 2000


def test_a_budget_in_tokens_counts_tokens(spending: Machine) -> None:
    plan(spending, 10_000, "week", "2026-01-01", "tokens")
    spent = budgets.spent(spending.db, date(2026, 11, 20))
    assert spent is not None
    assert (spent.used, spent.budget.measure) == (3000, "tokens")


def test_earlier_periods_keep_the_budget_they_had(spending: Machine) -> None:
    plan(spending, 2000, "week", "2026-11-02")
    plan(spending, 9000, "week", "2026-11-16")
    plan(spending, 0, "week", "2026-11-23")
    found = [budgets.in_force(spending.db, date(2026, 11, day)) for day in (1, 2, 15, 16, 22, 23)]
    assert [budget and budget.amount for budget in found] == [None, 2000, 2000, 9000, 9000, None]


def test_a_projects_budget_is_not_everybodys(spending: Machine) -> None:
    plan(spending, 2000, "week", "2026-11-02", project="/w/other")
    day = date(2026, 11, 20)
    assert budgets.in_force(spending.db, day) is None
    found = budgets.in_force(spending.db, day, "/w/other")
    assert found is not None
    assert found.amount == 2000
    alone = budgets.spent(spending.db, day)  # the only plan there is: the counter shows it, and of its project alone
    assert alone is not None
    assert (alone.budget.project, alone.used) == ("/w/other", 0)
    plan(spending, 9000, "week", "2026-11-02")
    both = budgets.spent(spending.db, day)
    assert both is not None
    assert (both.budget.project, both.used) == (None, 3000)
    assert [one.budget.project for one in budgets.all_spent(spending.db, day)] == [None, "/w/other"]


def test_ac5_unpriced_requests_are_told_beside_what_is_used(spending: Machine) -> None:
    plan(spending, 2000, "day", "2026-11-01")
    spending.log("P/T.jsonl", answer("msg_x", model="mystery", timestamp="2026-11-20T13:00:00Z"))
    spending.scan()
    spent = budgets.spent(spending.db, date(2026, 11, 20))
    assert spent is not None
    assert (spent.used, spent.unpriced_requests) == (1000, 1)
    assert spent.known == 1000


def test_ac5_where_nothing_used_is_priced_what_is_used_is_unknown(spending: Machine) -> None:
    plan(spending, 2000, "day", "2026-11-01")
    spending.log("P/T.jsonl", answer("msg_x", model="mystery", timestamp="2026-11-21T13:00:00Z"))
    spending.scan()
    known = {
        day: one.known for day in (21, 22, 25) if (one := budgets.spent(spending.db, date(2026, 11, day))) is not None
    }
    assert known == {21: None, 22: 1000, 25: 0}
