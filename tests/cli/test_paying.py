"""`plan`, `charge`, `prices set`, `reprice`, `budget --measure paid`: what the person tells, since no log does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from claude_logs import HAIKU, Machine, answer, usage
from command_line import Result, Run


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch, machine: Machine) -> Run:
    """The command line in this process, on a Sunday, over an empty store."""
    del machine
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")

    return run


def add(run: Run, name: str, fee: str, since: str, *more: str, agent: str = "claude-code") -> Result:
    return run(
        "plan", "add", name, "--fee", fee, "--period", "month", "--agent", agent, "--from", since, "--json", *more
    )


@pytest.mark.parametrize("name", ["{}", "{} agent:codex", "paid {}", "share {}", "cache {}", "what-if {} model:gpt-5"])
def test_days_that_end_before_they_begin_are_wrong_usage_in_one_sentence(run: Run, name: str) -> None:
    result = run("why", name.format("days:2026-11-20..2026-11-01"))
    assert (result.code, result.out) == (2, "")
    assert "days:2026-11-20..2026-11-01 ends before it begins; write days:2026-11-01..2026-11-20." in result.err


def test_why_takes_the_names_that_the_window_has(run: Run, machine: Machine) -> None:
    """AC 24 on the command line: what is no sum of requests is told by rows that add up to it."""
    machine.log("P/S.jsonl", answer("m1", model=HAIKU, figures=usage(777, 33)))
    machine.scan()
    add(run, "Pro", "30", "2026-11-01")
    for name, whole in (("paid month:2026-11", 22_000_000), ("share days:2026-11-01..2026-11-22", 22_000_000)):
        told = run("why", name, "--json").json
        assert list(told) == ["figure", "requests"]
        assert (told["figure"]["name"], told["requests"]) == (name, [])
        assert sum(row["amount"] for row in told["figure"]["rows"]) == whole
        shown = run("why", name).out
        assert told["figure"]["formula"] in " ".join(shown.split())
        for row in told["figure"]["rows"]:
            assert f"${row['amount'] // 10**6}.{row['amount'] % 10**6:06d}" in shown
    part = next(row["why"] for row in told["figure"]["rows"] if row["why"])
    assert run("why", part, "--json").json["figure"]["rows"]
    assert "project:" in run("why", "--help").out


# ---- plans -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_told_as_it_was_entered(run: Run) -> None:
    told = add(run, "Pro", "20.50", "2026-11-01", "--agent", "codex").json["plan"]
    assert told == {
        "id": 1, "name": "Pro", "fee": 20_500_000, "period": "month", "agents": ["claude-code", "codex"],
        "from": "2026-11-01", "to": None,
    }  # fmt: skip
    assert run("plan", "list", "--json").json == {"plans": [told]}


def test_a_later_plan_of_the_same_agent_ends_the_earlier_and_says_so(run: Run) -> None:
    add(run, "Pro", "20", "2026-10-05")
    said = run("plan", "add", "Max", "--fee", "200", "--agent", "claude-code", "--from", "2026-11-10").out
    assert "Pro ended on 2026-11-09" in said
    assert [(plan["name"], plan["to"]) for plan in run("plan", "list", "--json").json["plans"]] == [
        ("Pro", "2026-11-09"), ("Max", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("since", "more"),
    [
        ("2026-10-05", ()),  # the same day
        ("2026-11-01", ("--to", "2026-11-10")),  # for a while: the old one would never come back
        ("2026-09-01", ("--to", "2026-10-10")),
    ],
)
def test_a_plan_that_would_be_paid_beside_another_is_refused_with_its_name(
    run: Run, since: str, more: tuple[str, ...]
) -> None:
    add(run, "Pro", "20", "2026-10-05")
    before = run("plan", "list", "--json").json
    refused = add(run, "Trial", "5", since, *more)
    assert (refused.code, refused.out) == (1, "")
    assert "Pro " in refused.err
    assert len(refused.err.splitlines()) == 1
    assert run("plan", "list", "--json").json == before
    assert add(run, "Trial", "5", since, *more, "--beside").code == 0


def test_a_plan_without_a_name_and_a_month_of_no_year_are_wrong_usage(run: Run) -> None:
    assert add(run, " ", "20", "2026-10-05").code == 2
    for month in ("0000-01", "9999-12", "2026-13"):
        assert run("charge", "confirm", month).code == 2


def test_days_in_the_wrong_order_and_beyond_the_calendar_are_said(run: Run) -> None:
    refused = run("why", "paid day:9999-12-31")
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)
    refused = run("usage", "--since", "2026-11-20", "--until", "2026-11-01")
    assert (refused.code, refused.out) == (2, "")


def test_charges_in_other_money_or_of_no_day_are_left_out_with_a_reason(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "charges.csv"
    file.write_text(
        "date,amount,currency\n2026-11-01,5,USD\n2026-11-02,6,EUR\n20261103,7,usd\n2026-11-04T10:00,8,\n"
        "9999-12-31,9,USD\n0001-01-01,9,USD\n2026-W47-1,9,USD\n"
    )
    told = run("charge", "import", str(file), "--json").json
    assert (told["new"], [row["line"] for row in told["rejected"]]) == (1, [3, 4, 5, 6, 7, 8])
    assert "EUR" in told["rejected"][0]["reason"]


def test_plans_may_run_beside_each_other(run: Run) -> None:
    add(run, "Pro", "20", "2026-10-05")
    add(run, "Second account", "20", "2026-11-10", "--beside")
    add(run, "Codex", "20", "2026-11-10", agent="codex")
    assert [plan["to"] for plan in run("plan", "list", "--json").json["plans"]] == [None, None, None]


def test_a_plan_is_ended_and_taken_out_by_its_number(run: Run) -> None:
    add(run, "Pro", "20", "2026-10-05")
    assert run("plan", "end", "1", "--to", "2026-10-01").code == 2
    ended = run("plan", "end", "1", "--to", "2026-11-30", "--json").json["plan"]
    assert (ended["to"], run("plan", "list", "--json").json) == ("2026-11-30", {"plans": [ended]})
    assert run("plan", "remove", "1", "--json").json == {"plan": ended, "again": []}
    assert run("plan", "list", "--json").json == {"plans": []}
    assert (run("plan", "remove", "1").code, run("plan", "end", "1", "--to", "2026-11-30").code) == (1, 1)


def test_m1_a_plan_taken_out_leaves_the_days_as_if_it_had_never_been(run: Run) -> None:
    add(run, "Pro", "30", "2026-10-01")
    before = run("why", "paid month:2026-11", "--json").json["figure"]["rows"]
    add(run, "Max", "300", "2026-11-10")
    assert "It had ended Pro, which is now in force from 2026-10-01." in run("plan", "remove", "2").out
    assert run("why", "paid month:2026-11", "--json").json["figure"]["rows"] == before
    run("plan", "end", "1", "--to", "2026-11-09")
    assert run("plan", "end", "1", "--undo").out.endswith("from 2026-10-01\n")
    assert run("why", "paid month:2026-11", "--json").json["figure"]["rows"] == before
    assert run("plan", "end", "1").code == run("plan", "end", "1", "--undo", "--to", "2026-11-09").code == 2


def test_m1_an_end_put_off_does_not_pay_for_the_same_use_twice_in_silence(run: Run) -> None:
    add(run, "Pro", "20", "2026-10-05")
    add(run, "Max", "200", "2026-11-10")
    for later in (("--to", "2026-11-10"), ("--to", "2026-12-31"), ("--undo",)):
        refused = run("plan", "end", "1", *later)
        assert (refused.code, refused.out) == (1, "")
        assert "Pro cannot end later than 2026-11-09" in refused.err
        assert "(`--beside`)" in refused.err
    assert run("plan", "list", "--json").json["plans"][0]["to"] == "2026-11-09"
    assert run("plan", "end", "1", "--to", "2026-10-31").code == 0
    assert run("plan", "end", "1", "--to", "2026-12-31", "--beside").code == 0


def test_a_plans_name_is_one_short_line(run: Run) -> None:
    assert add(run, "Pro\n of\tmine", "20", "2026-10-05").json["plan"]["name"] == "Pro of mine"
    assert add(run, "x" * 300, "20", "2026-11-05").code == 2


@pytest.mark.parametrize(
    "more",
    [("--fee", "-1"), ("--fee", "nan"), ("--agent", "nobody"), ("--from", "soon"), ("--to", "2026-01-01"),
     ("--period", "week")],
)  # fmt: skip
def test_what_is_no_plan_is_wrong_usage_and_changes_nothing(run: Run, more: tuple[str, ...]) -> None:
    result = run("plan", "add", "Pro", "--fee", "20", "--agent", "codex", "--from", "2026-11-01", *more)
    assert (result.code, result.out) == (2, "")
    assert run("plan", "list", "--json").json == {"plans": []}


# ---- charges ---------------------------------------------------------------------------------------------------------


def test_charges_are_typed_in_listed_and_taken_out(run: Run) -> None:
    told = run("charge", "add", "6.25", "--date", "2026-11-18", "--note", "credits", "--json").json["charge"]
    assert told == {"id": 1, "date": "2026-11-18", "amount": 6_250_000, "note": "credits", "agent": None}
    run("charge", "add", "--date", "2026-11-19", "--", "-5")
    assert [charge["amount"] for charge in run("charge", "list", "--json").json["charges"]] == [6_250_000, -5_000_000]
    assert run("charge", "remove", "1", "--json").json == {"id": 1}
    assert run("charge", "remove", "1").code == 1


def test_the_same_csv_again_changes_nothing_and_equal_rows_are_two_charges(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "charges.csv"
    rows = ["Date,Description,Amount", "2026-11-03,API,12.5", "2026-11-03,API,12.5", '2026-11-04,x,"$1,234.50"',
            "2026-11-05,refund,(3.00)", "soon,x,1", "2026-11-06,x,much", ""]  # fmt: skip
    file.write_text("\ufeff" + "\r\n".join(rows), encoding="utf-8")
    told = run("charge", "import", str(file), "--json").json
    assert told == {
        "rows": 6, "new": 4, "duplicates": 0,
        "rejected": [
            {"line": 6, "reason": "soon is no date like 2026-11-22"}, {"line": 7, "reason": "much is no amount of dollars"},
        ],
    }  # fmt: skip
    again = run("charge", "import", str(file), "--json").json
    assert (again["new"], again["duplicates"]) == (0, 4)
    amounts = [charge["amount"] for charge in run("charge", "list", "--json").json["charges"]]
    assert amounts == [12_500_000, 12_500_000, 1_234_500_000, -3_000_000]


def test_no_wrong_amount_is_taken_from_a_csv_in_silence(run: Run, tmp_path: Path) -> None:
    """An amount without quotes falls into two cells, and `1,234` can be read in two ways, as the form says."""
    file = tmp_path / "charges.csv"
    file.write_text('date,amount\n2026-11-09,1,234.50\n2026-11-10,12,50\n2026-11-11,"1,234"\n2026-11-12,7,\n')
    told = run("charge", "import", str(file), "--json").json
    assert told == {
        "rows": 4, "new": 1, "duplicates": 0,
        "rejected": [
            {"line": 2, "reason": "it has 3 cells under 2 heads"},
            {"line": 3, "reason": "it has 3 cells under 2 heads"},
            {"line": 4, "reason": "1,234 can be read in two ways: write 1234 or 1.234"},
        ],
    }  # fmt: skip
    file.write_text("Date;Amount\n2026-11-13;12,50\n2026-11-14;-1.234,50\n")
    assert run("charge", "import", str(file), "--json").json["new"] == 2
    amounts = [charge["amount"] for charge in run("charge", "list", "--json").json["charges"]]
    assert amounts == [7_000_000, 12_500_000, -1_234_500_000]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "date,note\n2026-11-01,x\n", b"date,amount\n\xff,1\n"])
def test_a_file_that_is_no_list_of_charges_is_one_sentence(run: Run, tmp_path: Path, text: str | bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run("charge", "import", str(file))
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert run("charge", "import", str(tmp_path / "nowhere.csv")).code == 1


def test_a_month_is_confirmed_up_to_today_and_not_before_it_begins(run: Run) -> None:
    assert run("charge", "confirm", "2026-10", "--json").json == {"month": "2026-10", "through": "2026-10-31"}
    assert run("charge", "confirm", "2026-11", "--json").json == {"month": "2026-11", "through": "2026-11-22"}
    assert run("charge", "confirm", "2026-12").code == 1
    assert run("charge", "confirm", "2026-13").code == 2
    assert run("charge", "confirm", "2026-11", "--undo", "--json").json["through"] is None
    assert [entry["month"] for entry in run("charge", "list", "--json").json["confirmed"]] == ["2026-10"]


# ---- budgets ---------------------------------------------------------------------------------------------------------


def test_a_budget_of_what_is_paid_is_met_by_plans_and_charges(run: Run) -> None:
    add(run, "Pro", "30", "2026-11-01")
    run("charge", "add", "6", "--date", "2026-11-18")
    told = run("budget", "set", "40", "usd", "week", "--measure", "paid", "--json").json["budgets"]
    assert told == [
        {
            "id": 1, "measure": "paid", "amount": 40_000_000, "period": "week", "project": None, "from": "2026-11-22",
            "in_force": True, "in_tray": True, "used": 13_000_000, "unpriced_requests": 0, "at_least": True,
        }
    ]  # fmt: skip
    assert run("today", "--json").json["budget"]["used"] == 13_000_000
    assert "at least $13.00 used" in run("budget", "show").out
    run("scan")
    said = run("today").out
    assert "This week at least $13.00 of $40.00 (paid) planned" in said
    assert "Paid so far this week: at least $13.00" in said
    run("charge", "confirm", "2026-11")
    assert "Paid so far this week: $13.00" in run("today").out


def test_half_a_token_is_no_plan(run: Run) -> None:
    assert run("budget", "set", "40.5", "tokens", "week").code == 2
    assert run("budget", "set", "40", "tokens", "week").code == 0


def test_ac5_what_is_unknown_is_said_of_what_is_used_and_not_of_the_plan(run: Run, machine: Machine) -> None:
    at = {"timestamp": "2026-11-22T12:00:00Z", "figures": usage(1_000_000, 0)}
    machine.log("P/S.jsonl", answer("a", "a", model=HAIKU, **at), answer("b", "b", model="mystery", **at))
    machine.scan()
    run("budget", "set", "2", "usd", "week")
    assert "This week $1.00 + unknown of $2.00 (list value) planned" in run("today").out


def test_what_is_paid_is_planned_in_dollars_for_everything(run: Run) -> None:
    assert run("budget", "set", "4", "usd", "week", "--measure", "paid", "--project", "shop").code == 2
    assert run("budget", "set", "4", "tokens", "week", "--measure", "paid").code == 2


def test_ac5_what_is_paid_is_not_known_where_nothing_is_entered(run: Run, machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_1", t=0, model=HAIKU, figures=usage(1000, 0)))
    run("scan")
    told = run("budget", "set", "40", "usd", "month", "--measure", "paid", "--json").json["budgets"]
    assert told[0]["used"] is None
    assert run("today", "--json").json["budget"]["used"] is None
    for command in (("budget", "show"), ("today",)):
        said = run(*command).out
        assert "paid is not known: no plan or charge is entered" in said
        assert "at least" not in said
    run("charge", "confirm", "2026-11")
    assert run("today", "--json").json["budget"]["used"] == 0  # now it is known: nothing


@pytest.fixture
def projects(run: Run, machine: Machine) -> Run:
    """A thousand tokens, $0.001, in each of three projects, two of which have one name."""
    for at, path in enumerate(("/w/shop", "/w/shop-api", "/old/shop-api")):
        machine.log(
            f"P{at}/S{at}.jsonl", answer(f"m{at}", request=f"r{at}", model=HAIKU, cwd=path, figures=usage(1000, 0))
        )
    run("scan")
    return run


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shopp", "No project is called shopp; near it are shop"),
        ("nosuch", "No project is called nosuch; `tokentrack usage --by project` lists those that were met."),
        ("shop-api", "shop-api may be /old/shop-api or /w/shop-api; give its path."),
    ],
)
def test_a_budget_of_a_project_that_is_not_there_is_refused_in_one_sentence(
    projects: Run, name: str, said: str
) -> None:
    result = projects("budget", "set", "4", "usd", "week", "--project", name)
    assert (result.code, result.out) == (1, "")
    assert said in result.err
    assert len(result.err.splitlines()) == 1
    assert projects("budget", "show", "--json").json["budgets"] == []


def test_a_project_is_meant_by_its_path_or_by_a_name_that_one_alone_has(projects: Run) -> None:
    for name in ("shop", "/w/shop", "/w/shop/"):
        told = projects("budget", "set", "4", "usd", "week", "--project", name, "--json").json["budgets"]
        assert (told[-1]["project"], told[-1]["used"]) == ("/w/shop", 1000)


def test_of_several_budgets_each_is_told_and_one_is_chosen_for_the_tray(projects: Run) -> None:
    projects("budget", "set", "40", "usd", "week")
    projects("budget", "set", "5", "usd", "month", "--project", "shop")
    said = projects("today").out
    assert "This week <$0.01 of $40.00 (list value) planned\n" in said
    assert "This month <$0.01 of $5.00 (list value) planned for /w/shop" in said
    assert projects("today", "--json").json["budget"]["amount"] == 40_000_000
    told = projects("budget", "follow", "2", "--json").json["budgets"]
    assert [entry["in_tray"] for entry in told] == [False, True]
    assert projects("today", "--json").json["budget"]["amount"] == 5_000_000
    assert "shown in the tray" in projects("budget", "show").out.splitlines()[1]
    told = projects("budget", "remove", "2", "--json").json["budgets"]
    assert [(entry["amount"], entry["in_force"], entry["in_tray"]) for entry in told] == [
        (40_000_000, True, True), (5_000_000, False, False), (0, False, False),
    ]  # fmt: skip
    assert "nothing planned for /w/shop" in projects("budget", "show").out
    assert projects("budget", "follow", "2").code == 1


def test_a_removed_budget_leaves_earlier_periods_what_they_had_and_brings_no_older_one_back(run: Run) -> None:
    run("budget", "set", "20", "usd", "week", "--from", "2026-11-02")
    run("budget", "set", "40", "usd", "week")
    run("budget", "remove", "2")
    assert [entry["in_force"] for entry in run("budget", "show", "--json").json["budgets"]] == [False] * 3
    for number in ("1", "2", "9"):
        result = run("budget", "remove", number)
        assert (result.code, len(result.err.splitlines())) == (1, 1)
    run("budget", "set", "9", "usd", "week", "--from", "2026-12-01")
    run("budget", "remove", "4")
    assert len(run("budget", "show", "--json").json["budgets"]) == 3  # it never was in force


# ---- prices ----------------------------------------------------------------------------------------------------------


def test_what_is_not_given_follows_the_published_price(run: Run) -> None:
    """An own price equal to the published one is that price; half of it is half of every token, and the same search fee."""
    published = run("prices", "claude-sonnet-4-5", "--json").json["prices"][0]
    same = run("prices", "set", "claude-sonnet-4-5", "--input", "3", "--output", "15", "--json").json["price"]
    assert (same["per_mtok"], same["tiers"]) == (published["per_mtok"], published["tiers"])
    half = run("prices", "set", "claude-sonnet-4-5", "--input", "1.5", "--output", "7.5", "--json").json["price"]
    assert half["per_mtok"] == {
        kind: rate if kind == "web_searches" else rate // 2 for kind, rate in published["per_mtok"].items()
    }
    assert half["tiers"][0]["per_mtok"]["input"] == published["tiers"][0]["per_mtok"]["input"] // 2
    dear = ("--cache-read", "1", "--web-search", "25")
    given = run("prices", "set", "claude-sonnet-4-5", "--input", "3", "--output", "15", *dear, "--json").json["price"]
    assert (given["per_mtok"]["cache_read"], given["per_mtok"]["web_searches"]) == (1_000_000, 25_000_000)
    assert given["matched"] == "your price, else as anthropic/claude-sonnet-4-5"


def test_a_search_of_a_model_that_no_list_knows_has_the_price_that_is_given(run: Run) -> None:
    said = run("prices", "set", "composer-1", "--input", "1.25", "--output", "10").out
    assert "Requests with web searches stay without a price; `--web-search USD` gives one." in said
    assert run("prices", "composer-1", "--json").json["prices"][0]["per_mtok"]["web_searches"] is None
    assert "unknown" in run("prices", "composer-1").out
    said = run("prices", "set", "composer-1", "--input", "1.25", "--output", "10", "--web-search", "10").out
    assert "web searches" not in said
    assert run("prices", "composer-1", "--json").json["prices"][0]["per_mtok"]["web_searches"] == 10_000_000


def test_a_price_is_set_from_a_day_on_and_a_preview_tells_what_it_changes(run: Run, machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model=HAIKU, timestamp="2026-11-20T12:00:00Z", figures=usage(1000, 0)))
    assert run("scan").code == 0
    told = run("prices", "set", HAIKU, "--from", "2026-11-01", "--input", "3", "--output", "15", "--json").json["price"]
    assert (told["per_mtok"]["input"], told["per_mtok"]["cache_read"], told["from"]) == (
        3_000_000, 300_000, "2026-11-01T00:00:00.000Z",
    )  # fmt: skip
    preview = run("reprice", "--json").json
    assert {key: preview[key] for key in ("applied", "requests", "changed", "before", "after", "closed_weeks")} == {
        "applied": False, "requests": 1, "changed": 1, "before": 1000, "after": 3000, "closed_weeks": [],
    }  # fmt: skip
    assert preview["models"] == [
        {"model": HAIKU, "requests": 1, "before": 1000, "after": 3000, "unpriced_before": 0, "unpriced_after": 0}
    ]
    assert run("usage", "--json").json["total"]["list_value"] == 1000
    assert "`tokentrack reprice --apply` changes it" in run("reprice").out
    assert run("reprice", "--apply", "--json").json["applied"] is True
    assert run("usage", "--json").json["total"]["list_value"] == 3000
    assert run("reprice", "--json").json["changed"] == 0


def test_a_price_by_a_plain_name_is_that_of_every_name_that_logs_write(run: Run, machine: Machine) -> None:
    dated = "claude-sonnet-4-5-20250929"
    machine.log("P/S.jsonl", answer(model=dated, timestamp="2026-11-20T12:00:00Z", figures=usage(1000, 0)))
    machine.scan()
    said = run("prices", "set", "claude-sonnet-4-5", "--input", "1", "--output", "2").out
    assert f"It is the price of {dated}." in said
    assert "in weeks that are not closed" in said
    assert [row["per_mtok"]["input"] for row in run("prices", "--json").json["prices"]] == [1_000_000]
    assert run("reprice", "--json").json["changed"] == 1
    said = run("prices", "set", "claude-sonet-4-5", "--input", "1", "--output", "2").out
    assert f"No log names claude-sonet-4-5 yet; there are {dated}." in said
    assert [row["model"] for row in run("prices", "--json").json["prices"]] == [dated, "claude-sonet-4-5"]


def test_cursors_own_models_have_no_price_until_the_person_gives_one(run: Run) -> None:
    for name in ("composer-1", "auto", "default"):
        assert run("prices", name, "--json").json["unpriced"] == [name]
    run("prices", "set", "auto", "--input", "1.25", "--output", "6")
    assert run("prices", "auto", "--json").json["prices"][0]["matched"] == "your price"


@pytest.mark.parametrize("more", [("--input", "-1"), ("--input", "inf"), ("--from", "soon"), ("--output", "x")])
def test_what_is_no_price_is_refused(run: Run, more: tuple[str, str]) -> None:
    given = {"--input": "1", "--output": "2"} | {more[0]: more[1]}
    result = run("prices", "set", "x", *(word for pair in given.items() for word in pair))
    assert (result.code in (1, 2), result.out) == (True, "")
    assert run("prices", "x", "--json").json["unpriced"] == ["x"]


def test_requests_that_a_closed_week_holds_back_are_told(run: Run, machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model=HAIKU, timestamp="2026-11-11T12:00:00Z", figures=usage(1000, 0)))
    machine.scan()
    assert run("review", "close", "2026-W46").code == 0
    run("prices", "set", HAIKU, "--input", "3", "--output", "15")
    assert run("reprice").out == ("No request lies in an open week. Closed weeks keep the price of 1 request.\n")


# ---- what has no price -----------------------------------------------------------------------------------------------


def test_ac5_budgets_and_reprice_never_call_the_unpriced_nothing(run: Run, machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model="mystery", timestamp="2026-11-22T12:00:00Z", figures=usage(1000, 0)))
    machine.scan()
    assert run("budget", "set", "5", "usd", "week", "--json").json["budgets"][0]["used"] is None
    assert ", unknown used since 2026-11-16" in run("budget", "show").out
    assert run("today", "--json").json["budget"]["used"] is None
    run("prices", "set", "mystery", "--input", "3", "--output", "3")
    told = run("reprice", "--json").json
    assert (told["before"], told["after"]) == (None, 3000)
    assert "unknown before, <$0.01 after" in run("reprice").out


def test_a_price_is_shown_from_the_day_it_was_given(run: Run, timezone: Callable[[str], None]) -> None:
    timezone("America/Los_Angeles")
    run("prices", "set", "mystery", "--from", "2026-11-05", "--input", "3", "--output", "3")
    assert "2026-11-05" in run("prices", "mystery").out
