"""`tokentrack review`: a week in the terminal, closed, changed since, opened again."""

from __future__ import annotations

import re

import pytest
from claude_logs import Machine, a_session_each
from command_line import Run
from reviewed import DAY, MONDAY, link
from waiting import session

from tokentrack import clock
from tokentrack.review.steps import steps
from tokentrack.ui.week_figures import Figures

WEEK = "2026-W47"
WORDS = re.compile(r"missed|late\b|streak|overdue|behind|forgot", re.IGNORECASE)


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch, machine: Machine) -> Run:
    """The command line on a Sunday; one session in each of two weeks."""
    a_session_each(machine, {"A": "2026-11-18", "B": "2026-11-11"})
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")
    return run


def test_a_week_is_shown_closed_changed_and_opened_again(run: Run, machine: Machine) -> None:
    """AC 41: the JSON is that of cli.md; a closed week refuses with exit code 3."""
    told = run("review", "--json").json["week"]
    assert [told[name] for name in ("week", "from", "to", "closed", "revision", "sha256")] == [
        WEEK, "2026-11-16", "2026-11-22", False, 0, None,
    ]  # fmt: skip
    assert set(told) >= {
        "paid",
        "paid_complete",
        "list_value",
        "unpriced_requests",
        "accounted_for",
        "outcomes",
        "tasks",
    }
    assert told["accounted_for"] == {"list_value": 0, "share": 0.0}
    assert told["changed_since_close"] is None
    closed = run("review", "close", WEEK, "--note", "a note", "--intent", "one thing", "--json").json["week"]
    assert (closed["closed"], closed["revision"], closed["note"], closed["intent"]) == (True, 1, "a note", "one thing")
    again = run("review", "close", WEEK)
    assert (again.code, again.out) == (3, "")
    assert again.err.strip() == f"Week {WEEK} is closed; `tokentrack review reopen {WEEK}` opens it again."
    session = run("sessions", "--since", "2026-11-16", "--json").json["sessions"][0]["id"]
    task = run("task", "add", "Refunds", "--key", "PAY-30", "--json").json["task"]["id"]
    run("link", session, "PAY-30")
    later = run("review", WEEK, "--json").json["week"]
    assert later["changed_since_close"] == {
        "list_value": 0,
        "sessions": [session],
        "paid": 0,
        "tasks": [],
        "finished": [],
    }
    assert {**later, "changed_since_close": None} == closed
    assert f"1 session, linked otherwise\n  {session}" in run("review", WEEK).out
    opened = run("review", "reopen", WEEK, "--json").json["week"]
    assert (opened["closed"], opened["revision"], opened["changed_since_close"]) == (False, 1, None)
    assert [row["task"] for row in opened["tasks"]] == [task]
    assert run("review", "reopen", WEEK).code == 1  # 3 is for what is refused for safety
    assert run("review", "close", "--json").json["week"]["revision"] == 2


def test_charges_and_outcomes_that_changed_later_are_told(run: Run) -> None:
    """AC 41: what was paid and which task was judged otherwise stand there like sessions do."""
    session = run("sessions", "--since", "2026-11-16", "--json").json["sessions"][0]["id"]
    task = run("task", "add", "Refunds", "--key", "PAY-30", "--json").json["task"]["id"]
    run("link", session, "PAY-30")
    run("task", "finish", "PAY-30", "delivered")
    run("charge", "add", "5.00", "--date", "2026-11-17")
    run("review", "close", WEEK)
    assert run("review", WEEK, "--json").json["week"]["changed_since_close"] is None
    assert run("charge", "add", "2.50", "--date", "2026-11-18").code == 0
    assert run("task", "reopen", "PAY-30").code == 0
    told = run("review", WEEK, "--json").json["week"]
    assert told["paid"] == 5_000_000
    assert told["changed_since_close"] == {
        "list_value": 0,
        "sessions": [],
        "paid": 2_500_000,
        "tasks": [task],
        "finished": [],
    }
    out = run("review", WEEK).out
    assert "Changed since you closed it: +$2.50 paid; 1 task with another outcome\n" in out
    assert "Refunds: closed as delivered, now open\n" in out


def test_a_week_is_told_beside_the_own_past_and_what_is_not_linked(run: Run, machine: Machine) -> None:
    """AC 27, AC 30, M2, M13: as in the window; sentences stand apart from tasks, under a heading of their own."""
    lines = run("review", WEEK).out.splitlines()
    value = run("review", WEEK, "--json").json["week"]["list_value"]
    assert any(re.fullmatch(r"Not linked <?\$0\.01 list value in 1 session", line) for line in lines)
    at = lines.index("What stands out")
    assert (lines[at - 1], lines[at + 1]) == ("", "  Nothing unusual this week.")
    at = lines.index("Last 8 weeks, list value")
    assert [line.split()[0] for line in lines[at + 1 : at + 9]] == [f"2026-W{n}" for n in range(40, 48)]
    assert lines[at + 9] == "  What is usual is told from 5 closed weeks on."
    for back in range(5):
        assert run("review", "close", f"2026-W{42 + back}").code == 0
    assert lines[at + 9] in run("review", WEEK).out.splitlines(), "weeks before the first use are no past"
    a_session_each(machine, {"C": "2026-10-14"})
    assert "  Your usual list value $0.00 to $0.00, n = 5" in run("review", WEEK).out.splitlines()
    told = run("review", WEEK, "--json").json["week"]
    assert told["usual"]["n"] == 5
    assert told["not_linked"] == {"list_value": value, "sessions": 1}


def test_ac5_use_without_a_known_price_is_in_no_share(run: Run, machine: Machine, qapp: object) -> None:
    """M2: what is accounted for is a part of what has a price; in the terminal and above the review."""
    session(machine, "S1", "Priced", "main", -2 * DAY)
    session(machine, "S2", "Mystery", "main", -2 * DAY, model="mystery-9")
    machine.scan()
    for name in ("A", "S1"):
        link(machine, name, None)
    told = run("review", WEEK).out.splitlines()
    assert any(line.startswith("Accounted for 100% of the priced part of list value, $") for line in told)
    assert ["unlinked", "–", "unknown"] in map(str.split, told)
    figures = Figures()
    figures.put(steps(machine.db, MONDAY, clock.now_ms()))
    assert figures.numbers["Accounted for"].text() == "100% of priced"


def test_figures_of_a_closed_week_open_to_what_was_closed(run: Run) -> None:
    """AC 24: what came later is in none of them."""
    run("charge", "add", "5.00", "--date", "2026-11-17")
    closed = run("review", "close", WEEK, "--json").json["week"]
    run("charge", "add", "2.50", "--date", "2026-11-18")
    told = run("why", f"paid week:{WEEK} closed")
    assert told.err == ""
    paid = told.out
    assert "2026-11-17" in paid
    assert "2026-11-18" not in paid
    assert "2026-11-18" in run("why", f"paid week:{WEEK}").out
    assert "as closed on" in run("why", f"list week:{WEEK}").out
    assert closed["list_value"]


def test_a_note_is_one_line_without_control_characters(run: Run) -> None:
    """A second line cannot pose as the digest, nor can a terminal's own signs be typed in."""
    told = run("review", "close", WEEK, "--note", "a\x1b[2J\x07b\nsha256 0000\u2028c", "--intent", "x\ry\u202ez")
    assert told.code == 0
    lines = told.out.splitlines()
    assert "Note: a[2Jb sha256 0000 c" in lines
    assert "To try next: x yz" in lines
    assert sum(line.startswith("sha256") for line in lines) == 1
    assert run("review", WEEK, "--json").json["week"]["note"] == "a[2Jb\nsha256 0000\nc"


@pytest.mark.parametrize(("option", "most"), [("--note", 600), ("--intent", 280)])
def test_what_is_too_long_is_refused_in_a_sentence(run: Run, option: str, most: int) -> None:
    """The same limit as in the window."""
    told = run("review", "close", WEEK, option, "x" * (most + 1))
    assert (told.code, told.out) == (2, "")
    assert f"at most {most} characters." in told.err
    assert run("review", "close", WEEK, option, "x" * most).code == 0


def test_earlier_weeks_close_in_one_action_without_a_word_about_it(run: Run) -> None:
    """AC 42."""
    told = run("review", "close", "--earlier")
    assert told.out == "Closed: 2026-W46.\n"
    assert run("review", "close", "--earlier").out == "No earlier week is open.\n"
    assert run("review", "--json").json["week"]["closed"] is False
    shown = told.out + run("review", "2026-W46").out + run("review", "--help").out
    assert not WORDS.search(shown)
    assert run("review", "close", WEEK, "--earlier").code == 2


@pytest.mark.parametrize("name", ["2026-W60", "2026-47", "W47", "x", "2026-W7"])
def test_what_is_no_week_is_wrong_usage_in_one_sentence(run: Run, name: str) -> None:
    told = run("review", name)
    assert (told.code, told.out) == (2, "")
    assert f"{name} is no week like 2026-W47" in told.err


def test_a_week_to_come_cannot_be_closed(run: Run) -> None:
    told = run("review", "close", "2027-W01")
    assert (told.code, told.err.strip()) == (1, "Week 2027-W01 has not begun; nothing was closed.")
