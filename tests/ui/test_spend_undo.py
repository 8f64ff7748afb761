"""What is taken back one after the other comes back as it was, under its own number."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import Machine

from tokentrack import clock
from tokentrack.model.costs import Charge, Plan
from tokentrack.store import money as ledger
from tokentrack.store import transaction, write
from tokentrack.ui.live import Live
from tokentrack.ui.live_spend import LiveEntries

MILLION = 10**6


@pytest.fixture
def entries(machine: Machine) -> LiveEntries:
    return Live(machine.store, machine.home).entries()


def plan(name: str, since: date, agent: str = "claude-code") -> Plan:
    return Plan(0, name, 20 * MILLION, "month", (agent,), since)


def test_m1_three_steps_back_leave_the_plans_as_they_were(entries: LiveEntries) -> None:
    entries.add_plan(plan("Pro", date(2026, 10, 1)))
    before = entries.plans()
    steps = [
        entries.add_plan(plan("Max", date(2026, 11, 10))),
        entries.add_plan(plan("Plus", date(2026, 11, 1), "codex")),
    ]
    steps.append(entries.remove_plan(next(one for one in entries.plans() if one.name == "Max")))
    for back in reversed(steps):
        back(entries)
    assert entries.plans() == before


def test_m1_a_charge_taken_out_comes_back_and_no_other_goes(entries: LiveEntries) -> None:
    steps = [entries.add_charge(Charge(0, date(2026, 11, 9), amount * MILLION, "")) for amount in (5, 70)]
    steps += [entries.remove_charge(charge) for charge in entries.charges()]
    for left in ([70], [5, 70], [5], []):
        steps.pop()(entries)
        assert [charge.amount // MILLION for charge in entries.charges()] == left


def test_a_charge_that_comes_back_is_known_to_the_next_import(entries: LiveEntries, machine: Machine) -> None:
    rows = [Charge(0, date(2026, 11, 9), MILLION, "a")]
    with transaction(machine.db):
        ledger.import_charges(machine.db, rows, 0)
    entries.remove_charge(entries.charges()[0])(entries)
    with transaction(machine.db):
        assert ledger.import_charges(machine.db, rows, 0) == 0


def test_a_budget_to_come_comes_back_under_its_own_number(entries: LiveEntries, machine: Machine) -> None:
    with transaction(machine.db):
        for project in ("/w/a", "/w/b"):
            write.add_budget(machine.db, "tokens", 9, "week", project, clock.today() + clock.DAY, 0)
    before = entries.budgets()
    steps = [entries.remove_budget(budget) for budget in before]
    for back in steps:  # in any order
        back(entries)
    assert entries.budgets() == before
