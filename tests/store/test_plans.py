"""Plans end each other, and give back what they ended, and nothing else, when they are taken out (M1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import few

from tokentrack import money
from tokentrack.model.costs import Plan
from tokentrack.store import migrations
from tokentrack.store import money as ledger

DAY = timedelta(days=1)
CLAUDE, BOTH = ("claude-code",), ("claude-code", "codex")


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrations.apply(made)
    made.row_factory = sqlite3.Row
    yield made
    made.close()


@pytest.fixture(autouse=True)
def empty(db: sqlite3.Connection) -> None:
    db.execute("delete from plans")


def enter(
    db: sqlite3.Connection,
    name: str,
    since: str,
    until: str | None = None,
    agents: tuple[str, ...] = CLAUDE,
    **how: bool,
) -> int:
    ends = date.fromisoformat(until) if until else None
    return ledger.add_plan(db, Plan(0, name, 1, "month", agents, date.fromisoformat(since), ends), 0, **how)


def ends(db: sqlite3.Connection) -> dict[str, str | None]:
    return {plan.name: plan.until and plan.until.isoformat() for plan in ledger.plans(db)}


def test_m1_a_plan_that_runs_beside_ends_none_when_another_is_taken_out(db: sqlite3.Connection) -> None:
    enter(db, "Pro", "2026-10-01")
    enter(db, "Side", "2026-11-01", beside=True)
    newest = enter(db, "Max", "2026-11-10")
    assert ends(db) == {"Pro": "2026-11-09", "Side": "2026-11-09", "Max": None}
    ledger.remove_plan(db, newest)
    assert ends(db) == {"Pro": None, "Side": None}


def test_m1_a_plan_of_fewer_agents_beside_it_ends_none_either(db: sqlite3.Connection) -> None:
    enter(db, "Both", "2026-10-01", agents=BOTH)
    newest = enter(db, "Team", "2026-11-10", agents=BOTH)
    enter(db, "Codex", "2026-11-20", agents=("codex",), beside=True)
    ledger.remove_plan(db, newest)
    assert ends(db) == {"Both": None, "Codex": None}


@pytest.mark.parametrize("typed", ["with it", "later"])
def test_m1_the_last_day_that_the_person_gave_stays(db: sqlite3.Connection, typed: str) -> None:
    trial = enter(db, "Trial", "2026-11-01", "2026-11-09" if typed == "with it" else None)
    if typed == "later":
        ledger.end_plan(db, trial, date(2026, 11, 9))
    newest = enter(db, "Max", "2026-11-10")
    ledger.remove_plan(db, newest)
    assert ends(db) == {"Trial": "2026-11-09"}
    enter(db, "Max", "2026-11-12")
    assert ends(db) == {"Trial": "2026-11-09", "Max": None}


def test_m1_a_last_day_given_after_it_was_ended_holds_whatever_is_taken_out(db: sqlite3.Connection) -> None:
    first = enter(db, "Pro", "2026-10-01")
    newest = enter(db, "Max", "2026-11-10")
    ledger.end_plan(db, first, date(2026, 11, 5))
    ledger.remove_plan(db, newest)
    assert ends(db) == {"Pro": "2026-11-05"}


def test_m1_a_number_is_never_given_twice(db: sqlite3.Connection) -> None:
    gone = enter(db, "Pro", "2026-10-01")
    taken = ledger.remove_plan(db, gone)
    enter(db, "Max", "2026-11-10")
    ledger.put_back(db, taken)
    assert [plan.name for plan in ledger.plans(db) if plan.id == gone] == ["Pro"]


def test_m1_plans_entered_before_keep_their_numbers_and_days() -> None:
    old = sqlite3.connect(":memory:", isolation_level=None)
    migrations.apply(old, until="m017_plan_ends")
    old.execute("insert into plans values (7, 'Pro', 20, 'month', '[\"codex\"]', '2026-10-01', '2026-11-09', 0)")
    migrations.apply(old)
    old.row_factory = sqlite3.Row
    assert ledger.plans(old) == [Plan(7, "Pro", 20, "month", ("codex",), date(2026, 10, 1), date(2026, 11, 9))]
    old.close()


@few
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.none() | st.integers(0, 10),
            st.sets(st.sampled_from(["codex", "cursor"]), min_size=1),
        ),
        max_size=5,
    ),
    st.integers(0, 5),
)
def test_m1_a_plan_taken_out_leaves_the_others_as_if_it_had_never_been(
    db: sqlite3.Connection, given_: list[tuple[int, int | None, set[str]]], which: int
) -> None:
    """Whichever of them it is; and what the store keeps is what the person was told when entering each."""

    def enter_all(numbers: list[int]) -> dict[int, int] | None:
        db.execute("delete from plans")
        rows: dict[int, int] = {}
        for number in numbers:
            since, length, agents = given_[number]
            begins = date(2026, 1, 1) + since * DAY
            until = None if length is None else begins + length * DAY
            new = Plan(0, str(number), 1, "month", tuple(sorted(agents)), begins, until)
            try:
                told = money.take_over(ledger.plans(db), new)
            except money.Overlap:
                return None
            rows[number] = ledger.add_plan(db, new, 0)
            kept = {plan.name: plan.until for plan in ledger.plans(db)}
            assert {plan.name: plan.until for plan in (*told.ended, told.plan)}.items() <= kept.items()
        return rows

    numbers = list(range(len(given_)))
    if which not in numbers or enter_all([number for number in numbers if number != which]) is None:
        return
    without_it = ends(db)
    rows = enter_all(numbers)
    if rows is None:
        return
    with_it = ends(db)
    taken = ledger.remove_plan(db, rows[which])
    assert ends(db) == without_it
    ledger.put_back(db, taken)
    assert ends(db) == with_it
