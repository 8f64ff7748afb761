"""How figures that are no sums of requests were computed: their rows add up to them, to the micro-dollar (AC 24)."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import HAIKU, OPUS, SONNET, Machine, answer, prompt, usage

from tokentrack.model.costs import Charge, Plan
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import spend
from tokentrack.review.how import KINDS, NoSuchFigure, days_of, how
from tokentrack.review.names import BackwardDays
from tokentrack.review.paid import How
from tokentrack.store import money as entries
from tokentrack.store import transaction
from tokentrack.ui.figure import HOW

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
NOVEMBER = "days:2026-11-01..2026-11-21"
DAY_S = 86_400


@pytest.fixture
def november(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Two days of use by three models in two projects; a plan all month, and a charge."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-21T20:00:00Z")
    for number, (model, cwd) in enumerate(((OPUS, "/w/shop"), (SONNET, "/w/shop"), (HAIKU, "/w/site"))):
        records = [
            answer(
                f"m{number}{n}", f"r{number}{n}", t=n * DAY_S + number + 1, model=model, figures=usage(777 + n, 33, 0, 1),
                cwd=cwd, sessionId=f"S{number}",
            )
            for n in range(2)
        ]  # fmt: skip
        machine.log(f"P/S{number}.jsonl", prompt(sessionId=f"S{number}", cwd=cwd), *records)
    machine.scan()
    with transaction(machine.db):
        entries.add_plan(machine.db, Plan(0, "Max", 100_000_000, "month", ("claude-code",), FIRST), 0)
        entries.add_charge(machine.db, Charge(0, date(2026, 11, 21), 1_000_001, "extra"), 0)
    return machine


def asked(machine: Machine, name: str) -> How:
    return how(machine.db, name, OwnPrices())


def amount(found: How) -> int:
    return sum(line.amount or 0 for line in found.rows)


def test_paid_share_idle_and_their_rows(november: Machine) -> None:
    whole = spend.spend(november.db, FIRST, LAST)
    assert whole.last == date(2026, 11, 21)
    assert whole.paid.amount == whole.share.amount
    assert amount(asked(november, "paid month:2026-11")) == whole.paid.amount
    assert amount(asked(november, "share month:2026-11")) == whole.share.amount
    for line in asked(november, "share month:2026-11").rows:
        assert not line.why or amount(asked(november, line.why)) == line.amount
    idle = asked(november, f"idle {NOVEMBER}")
    assert amount(idle) == whole.share.idle > 0
    assert (idle.n, idle.of) == (19, "days")


@pytest.mark.parametrize("by", ["agent", "model", "project", "session", "day"])
def test_a_rows_plan_share_adds_up_day_by_day(november: Machine, by: str) -> None:
    """The same spreading makes the row and its days: not a micro-dollar is lost between them."""
    rows = spend.rows(november.db, by, FIRST, LAST)
    assert len(rows) == {"agent": 1, "model": 3, "project": 2, "session": 3, "day": 2}[by]
    for row in rows:
        found = asked(november, f"share {row.why}")
        assert row.share
        assert amount(found) == row.share
        assert {line.kind for line in found.rows} == {"plan share"}
    spread = amount(asked(november, f"share {NOVEMBER}")) - amount(asked(november, f"idle {NOVEMBER}"))
    assert sum(row.share or 0 for row in rows) == spread


def test_a_narrowed_rows_plan_share_adds_up_too(november: Machine) -> None:
    project = next(row for row in spend.rows(november.db, "project", FIRST, LAST) if row.key == "/w/shop")
    sessions = spend.rows(november.db, "session", FIRST, LAST, project.why)
    assert len(sessions) == 2
    assert sum(row.share or 0 for row in sessions) == project.share
    for row in sessions:
        assert amount(asked(november, f"share {row.why}")) == row.share


def test_a_branchs_plan_share_is_told_and_that_of_what_has_none_is_not_all_of_it(november: Machine) -> None:
    assert amount(asked(november, f"share {NOVEMBER} branch:main")) == amount(
        asked(november, f"share {NOVEMBER} agent:claude-code")
    )
    for other in ("unlinked", "outcome:shipped", "turn:1", "nonsense"):
        with pytest.raises(NoSuchFigure, match="A plan share is told by"):
            asked(november, f"share {NOVEMBER} {other}")


@pytest.mark.parametrize("kind", ["cache", "context", "unattended"])
def test_a_closer_look_says_how_it_was_computed(november: Machine, kind: str) -> None:
    found = asked(november, f"{kind} {NOVEMBER}")
    assert found.formula
    assert found.n == 6
    assert found.inputs
    assert found.rows


def test_ac29_what_if_is_hypothetical(november: Machine) -> None:
    """AC 29."""
    found = asked(november, f"what-if {NOVEMBER} model:{HAIKU}")
    assert [line.kind for line in found.rows] == ["list value", "hypothetical"]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("day:2028-02-29", date(2028, 2, 29), date(2028, 2, 29)),
        ("week:2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("month:2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("days:2025-12-30..2026-01-02", date(2025, 12, 30), date(2026, 1, 2)),
    ],
)
def test_names_of_days(name: str, first: date, last: date) -> None:
    assert days_of(name) == (first, last)


@pytest.mark.parametrize(
    "name",
    [
        "paid",
        "paid yesterday",
        "paid month:2026-13",
        "share days:x..y",
        "cache week:1",
        "paid day:9999-12-31",
        "paid month:9999-12",
        "paid day:0001-01-01",
    ],
)
def test_what_is_no_figure_is_said(november: Machine, name: str) -> None:
    with pytest.raises(NoSuchFigure, match=f"Nothing here is called {name}"):
        asked(november, name)


@pytest.mark.parametrize("name", ["paid {}", "share {} agent:codex", "cache {}"])
def test_days_that_end_before_they_begin_are_said(november: Machine, name: str) -> None:
    with pytest.raises(BackwardDays, match=r"^days:2026-11-20\.\.2026-11-01 ends before it begins"):
        asked(november, name.format("days:2026-11-20..2026-11-01"))


def test_a_closer_look_at_nothing_is_said(november: Machine) -> None:
    with pytest.raises(NoSuchFigure, match="nothing in these days"):
        asked(november, "cache month:2025-01")


def test_windows_know_the_names() -> None:
    assert HOW == KINDS
