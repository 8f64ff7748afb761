"""What fresh eyes found wrong in what the command line says of money, each held by a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import HAIKU, Machine, answer, usage
from command_line import Run

from tokentrack.model.costs import Price, Rates
from tokentrack.pricing import Prices
from tokentrack.store import transaction, write

pytestmark = pytest.mark.usefixtures("machine")  # whose store is there already: to make one takes a while


@pytest.fixture(autouse=True)
def that_sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The week and the month of the logs below have not ended."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")


def use(machine: Machine, *models: str) -> None:
    machine.log("P/S.jsonl", *(
        answer(f"m{n}", model=model, timestamp=f"2026-11-20T12:00:{n:02}Z", figures=usage(1000, 0))
        for n, model in enumerate(models)
    ))  # fmt: skip
    machine.scan()


def inputs(run: Run, name: str) -> dict[str, str]:
    return {row["name"]: row["value"] for row in run("why", name, "--json").json["figure"]["inputs"]}


# ---- plans -----------------------------------------------------------------------------------------------------------


def test_m1_a_plan_taken_out_ends_none_that_ran_beside_it(run: Run) -> None:
    for name, since, *more in (("Pro", "2026-10-01"), ("Side", "2026-11-01", "--beside"), ("Max", "2026-11-10")):
        run("plan", "add", name, "--fee", "20", "--agent", "claude-code", "--from", since, *more)
    said = run("plan", "remove", "3").out
    assert "It had ended Pro, which is now in force from 2026-10-01.\n" in said
    assert [plan["to"] for plan in run("plan", "list", "--json").json["plans"]] == [None, None]


# ---- unknown is no 0 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("models", "says"), [(["mystery"], "unknown"), ([HAIKU, "mystery"], "<$0.01 + unknown"), ([HAIKU], "<$0.01")]
)
def test_ac5_a_shares_list_value_names_what_has_no_price(
    run: Run, machine: Machine, models: list[str], says: str
) -> None:
    use(machine, *models)
    run("plan", "add", "Pro", "--fee", "20", "--agent", "claude-code", "--from", "2026-11-01")
    for name in ("day:2026-11-20", "week:2026-W47"):
        assert inputs(run, f"share {name} agent:claude-code")["list value of these requests"] == says


def test_ac5_json_tells_what_is_no_exact_amount(run: Run, machine: Machine) -> None:
    use(machine, HAIKU, "mystery")
    run("budget", "set", "40", "usd", "week")
    run("charge", "add", "5", "--date", "2026-11-20")
    (shown,) = run("budget", "show", "--json").json["budgets"]
    told = run("today", "--json").json
    for used in (shown, told["budget"]):
        assert (used["unpriced_requests"], used["at_least"]) == (1, False)
    assert told["unlinked"]["unpriced_requests"] == 1
    run("budget", "set", "40", "usd", "week", "--measure", "paid")
    told = run("today", "--json").json
    assert (told["budget"]["measure"], told["budget"]["used"], told["budget"]["at_least"]) == ("paid", 5_000_000, True)
    assert told["paid_this_week"] == {"amount": 5_000_000, "at_least": True}
    assert inputs(run, "paid week:2026-W47")["at least"] == "the charges of Nov 2026 are not confirmed yet"
    run("charge", "confirm", "2026-11")
    assert "at least" not in inputs(run, "paid week:2026-W47")


def test_days_to_come_have_no_plan_share_yet(run: Run, machine: Machine) -> None:
    run("plan", "add", "Pro", "--fee", "20", "--agent", "claude-code", "--from", "2026-11-01")
    for kind in ("paid", "share", "idle"):
        assert run("why", f"{kind} month:2026-12", "--json").json["figure"]["rows"] == []
        assert run("why", f"{kind} month:2026-11", "--json").json["figure"]["rows"] != []


# ---- charges ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("date,amount,note\n2026-11-09,1,234.50\n", []),
        ("date,amount,note\n2026-11-09,12,50\n", []),
        ("date,amount,note\n2026-11-09,$1,234.50\n", []),
        ("date,agent,amount,note\n2026-11-09,codex,1,50\n", []),
        ("date,amount,note\n2026-11-09,12.00,50\n", [12_000_000]),
        ("date,amount,note\n2026-11-09,12,50 credits\n", [12_000_000]),
        ("date,amount,note\n2026-11-09,12,2026\n", [12_000_000]),
        ("date;amount;note\n2026-11-09;12;50\n", [12_000_000]),
        ("date;amount;note\n2026-11-09;1.234;a\n", []),
        ("date;amount;note\n2026-11-09;1.234,50;a\n", [1_234_500_000]),
    ],
)
def test_an_amount_cut_in_two_by_its_comma_is_left_out(run: Run, tmp_path: Path, text: str, kept: list[int]) -> None:
    file = tmp_path / "charges.csv"
    file.write_text(text)
    told = run("charge", "import", str(file), "--json").json
    assert (told["new"], len(told["rejected"])) == (len(kept), 1 - len(kept))
    assert [charge["amount"] for charge in run("charge", "list", "--json").json["charges"]] == kept


# ---- prices ----------------------------------------------------------------------------------------------------------


def test_a_price_kept_for_a_name_that_no_list_is_asked_for_counts_no_more(run: Run, machine: Machine) -> None:
    """An earlier version took a model that costs nothing for the priced one of the same name."""
    free = "deepseek/deepseek-r1:free"
    kept = Price(
        free, None, None, Rates(550_000, 2_190_000, 0, 0, 0), (), Prices([]).source, "deepseek/deepseek-reasoner"
    )
    with transaction(machine.db):
        write.add_prices(machine.db, [(1, "", kept)])
    use(machine, free)
    assert run("usage", "--by", "model", "--json").json["total"]["unpriced_requests"] == 1
    with transaction(machine.db):
        machine.db.execute("update requests set list_value = 550, price_id = 1")
    assert run("reprice", "--json").json["changed"] == 1
