"""`tokentrack search` and `why` of a review's figures, from the arguments to the exit code."""

from __future__ import annotations

import pytest
from claude_logs import Machine, answer, prompt
from command_line import Run

from tokentrack import clock


@pytest.fixture
def shop(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("TOKENTRACK_STORE", str(machine.store))
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    machine.log("P/S.jsonl", prompt("Fix the refund import"), answer("m1"), answer("m2", t=60))
    machine.scan()
    return machine


def test_search_tells_kind_id_title_and_place(shop: Machine, run: Run) -> None:
    added = run("task", "add", "Refund import", "--key", "PAY-12", "--json").json["task"]["id"]
    run("task", "finish", added, "learned", "--note", "The bank sends refunds twice")
    hits = run("search", "refund", "--json").json["hits"]
    assert {hit["kind"] for hit in hits} == {"task", "learned", "session"}
    (learned,) = (hit for hit in hits if hit["kind"] == "learned")
    assert (learned["id"], learned["title"], learned["snippet"]) == (
        added, "PAY-12 Refund import", "The bank sends refunds twice"
    )  # fmt: skip
    assert learned["at"] == "2026-11-20T12:00:00.000Z"
    assert len(run("search", "refund", "--limit", "1", "--json").json["hits"]) == 1
    shown = run("search", "bank", "twice")
    assert (shown.code, "The bank sends refunds twice" in shown.out) == (0, True)
    assert run("search", "nowhere").out == "Nothing was found.\n"
    assert run("search").code == 2


def test_ac24_a_reviews_figures_are_asked_by_name(shop: Machine, run: Run) -> None:
    for name in ("accounted week:2026-W47", "outcomes week:2026-W47", "drift week:2026-W47", "rework week:2026-W47"):
        figure = run("why", name, "--json").json["figure"]
        assert figure["name"] == name
        assert figure["formula"]
    week = run("review", "2026-W47", "--json").json["week"]
    outcomes = run("why", "outcomes week:2026-W47", "--json").json["figure"]["rows"]
    assert sum(row["amount"] for row in outcomes) == week["list_value"]
    assert {row["unit"] for row in outcomes} == {"micro-dollars"}
    accounted = run("why", "accounted week:2026-W47", "--json").json["figure"]["rows"]
    assert sum(row["amount"] for row in accounted) == week["accounted_for"]["list_value"]
    run("budget", "set", "40", "usd", "week")
    pace = run("why", "pace week:2026-W47", "--json").json["figure"]
    assert [row["amount"] for row in pace["rows"]] == [40_000_000, week["list_value"]]
    assert "kind" in run("why", "outcomes week:2026-W47").out


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("usual task:nobody", "Nothing here is called usual task:nobody."),
        ("attended week:2026-W47", "There is nothing to compute it from."),
        ("drift week:2026-W99", "Nothing here is called drift week:2026-W99."),
    ],
)
def test_what_cannot_be_told_is_one_sentence(shop: Machine, run: Run, name: str, reason: str) -> None:
    told = run("why", name)
    assert (told.code, told.err.strip()) == (1, reason)


def test_a_closed_week_is_explained_as_it_was_closed(shop: Machine, run: Run) -> None:
    """AC 41, AC 24."""
    before = run("why", "outcomes week:2026-W47", "--json").json["figure"]["rows"]
    assert run("review", "close", "2026-W47").code == 0
    shop.log("P/T.jsonl", prompt(sessionId="T"), answer("m9", sessionId="T"))
    shop.scan()
    rows = run("why", "outcomes week:2026-W47", "--json").json["figure"]["rows"]
    assert [(row["what"], row["amount"]) for row in rows] == [(row["what"], row["amount"]) for row in before]
    assert clock.week_name(clock.today()) == "2026-W47"
