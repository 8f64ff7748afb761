"""Every amount in windows, tray and terminal stands under the name of its own kind of money (AC 6), told by its size.

And what is self-reported, found in git or hypothetical says so wherever it stands (AC 29).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from amounts import AMOUNT, CHARGE_USD, FEE_USD, RATE_USD, wrong_in, wrong_in_lines
from claude_logs import HAIKU, Machine, answer, usage
from command_line import run_in
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from reference_month import HISTORIES, LAST_MONDAY, Month
from said import leave, said, settled
from ui.labelled import CLAIMS, unmarked, wrong_within

from tokentrack import clock, paths
from tokentrack.model.costs import Charge, Plan
from tokentrack.pricing import own
from tokentrack.store import money as entries
from tokentrack.store import tasks, transaction, write
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.lines import menu_lines
from tokentrack.ui.live import Live
from tokentrack.ui.popover import Popover
from tokentrack.ui.states import state_of
from tokentrack.ui.windows import WINDOWS, spend, week
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.words import tooltip

MICRO = 10**6


# ---- the weeks -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory, sample_logs: Path) -> Iterator[Month]:
    """Three weeks, two of them closed, in which no two kinds of money have amounts of one size."""
    place, before = tmp_path_factory.mktemp("apart"), dict(os.environ)
    with closing(Machine(place / "home", place / "store.db")) as machine:
        month = Month(machine, sample_logs, HISTORIES, weeks=3)
        first = month.mondays[0]
        own.put(paths.own_prices(machine.store), HAIKU, None, {"input": 900.0, "output": 900.0})
        machine.log("P/dear.jsonl", answer(model=HAIKU, figures=usage(1, 0), sessionId="dear"))
        with transaction(machine.db):
            entries.add_plan(
                machine.db, Plan(0, "Max", FEE_USD * MICRO, "month", ("claude-code",), first.replace(day=1)), 0
            )
            entries.add_charge(machine.db, Charge(0, LAST_MONDAY + clock.DAY, CHARGE_USD * MICRO, "extra usage"), 0)
            write.set_setting(machine.db, "rate", str(RATE_USD * MICRO))
            write.set_setting(machine.db, "attended", "on")
        for monday in month.mondays:
            os.environ["TOKENTRACK_NOW"] = month.sunday(monday)
            month.live(monday)
            month.link(monday, lambda name, monday=monday: monday != LAST_MONDAY or "odd" not in name)
            if monday != LAST_MONDAY:
                month.judge(monday)
                month.close(monday)
        with transaction(machine.db):
            at = month.now(first)
            for what, low, high in (("without_ai", 600, 900), ("with_ai", 200, 300), ("spend", 10 * MICRO, 20 * MICRO)):
                tasks.add_estimate(machine.db, month.long[0].id, what, low, high, at)
            tasks.finish(machine.db, month.long[0].id, "shipped", "", month.now(LAST_MONDAY))
        os.environ.clear()
        os.environ.update(before)
        yield month


@pytest.fixture
def now(weeks: Month, monkeypatch: pytest.MonkeyPatch) -> Month:
    """Saturday evening: on Sunday nothing was used yet."""
    saturday = datetime.fromisoformat(weeks.sunday(LAST_MONDAY)) - clock.DAY
    monkeypatch.setenv("TOKENTRACK_NOW", saturday.isoformat())
    return weeks


def planned(month: Month, measure: str, amount: int, period: str, project: str | None = None) -> None:
    with transaction(month.db):
        write.add_budget(month.db, measure, amount, period, project, month.mondays[0], 0)


BUDGETS = {
    "none": [],
    "list": [("list_value", 2000 * MICRO, "week")],
    "list, over": [("list_value", 1 * MICRO, "day")],
    "paid": [("paid", 5 * FEE_USD * MICRO, "month")],
    "paid, over": [("paid", CHARGE_USD * MICRO, "month")],
    "tokens": [("tokens", 40, "week")],
}


@pytest.fixture
def budget(now: Month, request: pytest.FixtureRequest) -> Iterator[Month]:
    project = str(now.machine.home / "code" / "backup")
    for one in BUDGETS[request.param]:
        planned(now, *one)
    if request.param != "none":
        planned(now, "list_value", 3 * MICRO, "week", project)
    yield now
    with transaction(now.db):
        now.db.execute("delete from budgets")


# ---- the rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", BUDGETS, indirect=True)
def test_ac6_the_tray_says_what_kind_each_amount_is(qtbot: QtBot, budget: Month) -> None:
    live = Live(budget.machine.store, budget.machine.home)
    feed = Feed(live.glance, live.status)
    feed.refresh()
    popover = Popover(feed)
    qtbot.addWidget(popover)
    popover.show()
    popover.refresh()
    qtbot.waitUntil(lambda: any(one.text == "To link" for one in said(popover)))
    assert list(wrong_within(popover)) == []
    glance, status = feed.glance, feed.status
    assert glance
    head, *lines = menu_lines(glance, status)
    tip = tooltip(glance, status, state_of(glance, status))
    live.stop()
    assert AMOUNT.search(tip)
    assert AMOUNT.search(" ".join(lines))
    assert [*wrong_in(tip), *wrong_in(head)] == []
    assert [fault for line in lines for fault in wrong_in(line, [head])] == []


def test_ac6_every_command_says_what_kind_each_amount_is(
    now: Month, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, task = clock.week_name(LAST_MONDAY), now.long[0].id
    closed = clock.week_name(now.mondays[0])
    session = max(now.machine.sessions.values(), key=lambda one: one.ended_at or 0).id
    commands = [
        "today", "usage", "usage --by model", "usage --by project", "sessions", f"session {session}", "task list",
        f"task show {task}", "suggest", "review", f"review {closed}", "reprice", "budget show", "plan list",
        "charge list", "export --weeks 1",
        *(f"why {kind} week:{name}" for kind in ("paid", "share", "idle", "context", "unattended", "accounted", "drift")),
        f"why week:{name}", f"why share week:{name} agent:claude-code", f"why what-if week:{name} model:{HAIKU}",
        f"why break-even task:{task}", f"why usual task:{task}", f"why {session}",
    ]  # fmt: skip
    faults, seen = {}, 0
    for command in commands:
        told = run_in(
            capsys, monkeypatch, "--store", str(now.machine.store), *command.split(maxsplit=1)[:1], *_rest(command)
        )
        seen += len(AMOUNT.findall(told.out))
        if found := list(dict.fromkeys(wrong_in_lines(command, told.out))):
            faults[command] = found
    assert not faults, _listed(faults)
    assert seen > 100


def _listed(faults: dict[str, list[str]]) -> str:
    return "\n".join(f"{place}: {told}" for place, found in faults.items() for told in found)


def _rest(command: str) -> list[str]:
    words = command.split()
    return [" ".join(words[1:])] if words[0] == "why" else words[1:]


@pytest.mark.slow
@pytest.mark.parametrize("budget", ["paid"], indirect=True)
def test_ac6_ac29_every_window_says_what_kind_each_amount_is_and_what_is_not_measured(
    qtbot: QtBot, budget: Month
) -> None:
    month = budget
    live = Live(month.machine.store, month.machine.home)
    feed = Feed(live.glance, live.status)
    feed.refresh()
    window = MainWindow(feed, live)
    window.resize(1000, 900)
    window.raise_up()
    faults: dict[str, list[str]] = {}
    seen = ""

    def look(place: str) -> None:
        nonlocal seen
        seen += "\n".join(one.text for one in settled(qtbot, window))
        if found := list(dict.fromkeys([*wrong_within(window), *unmarked(window)])):
            faults[place] = found

    for name in WINDOWS:
        window.open_(name)
        page: Any = window.page(name)
        look(name)
        if isinstance(page, week.Page):
            for number in range(week.CLOSED):
                page.open_step(number)
                look(f"week, {page.step.title or 'inbox'}")
            page.open_week(month.mondays[0])
            look("week, closed")
        if isinstance(page, spend.Page):
            for tab, button in page.tabs.buttons.items():
                button.setChecked(True)
                look(f"spend, {tab}")
            page.tabs.buttons["cost"].setChecked(True)
            page.cost.as_table.click()
            page.cost.choice.buttons["project"].click()
            look("spend, projects")
            page.cost._open(page.cost.table, 0)
            look("spend, sessions")
            page.closer.model.setCurrentIndex(page.closer.model.findData(HAIKU))
            page.tabs.buttons["closer"].setChecked(True)
            look("spend, what if")
            assert page.closer.chosen == HAIKU
    for task in (month.long[0], month.merged[month.mondays[0]][0]):
        window.open_task(task.id)
        look("task")
    session = max(month.machine.sessions.values(), key=lambda one: one.ended_at or 0)
    window.open_session(session.id)
    look("session")
    leave(window)
    live.stop()
    assert not faults, _listed(faults)
    for claim in CLAIMS.values():
        assert claim.search(seen), f"nothing of the kind is shown: {claim.pattern}"


# ---- the lint itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("List value $12 · paid $9,000,000", False),
        ("Paid $12 · list value $9,000,000", True),
        ("This week $12", True),
        ("This week $12 (list)", False),
        ("This month, paid $9,000,000 of $8,000,000 planned · today $3 (list) · $1,000,000,000 over plan", False),
        ("This month, paid $9,000,000 of $8,000,000 planned · today $3", True),
        ("nothing: $0.00", False),
    ],
)
def test_the_lint_reads_sentences(text: str, wrong: bool) -> None:
    assert bool(list(wrong_in(text))) == wrong


def test_the_lint_reads_the_head_over_an_amount_in_a_table() -> None:
    heads = "model    list value   paid so far"
    rows = "opus          $3.00    $9,000,000"
    assert not list(wrong_in_lines("usage", f"{heads}\n{rows}"))
    assert len(list(wrong_in_lines("usage", f"{heads}\n{rows.replace('$3.00', '$3,000,000')}"))) == 1
    assert len(list(wrong_in_lines("usage", f"{heads.replace('list value', 'paid, then')}\n{rows}"))) == 1


def test_the_lint_finds_a_card_under_another_name_and_a_figure_that_is_something_else(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    caption, number = QLabel("List value", around), Number("$3.00")
    number.setParent(around)
    caption.setGeometry(0, 0, 90, 20)
    number.setGeometry(0, 30, 90, 20)
    assert not list(wrong_within(around))
    caption.setText("Paid")
    assert list(wrong_within(around))
    caption.setText("Plan share")
    number.put("$9,000,000", "share week:2026-W47", "Plan share")
    assert not list(wrong_within(around))
    caption.setText("Paid")
    assert list(wrong_within(around))


# ---- AC 29 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["merged 18 Nov, day 4 of 14", "branch feat/x merged", "Same tokens at Haiku prices: $3 instead of $5."]
)
def test_a_claim_without_its_word_is_found(qtbot: QtBot, text: str) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    label = QLabel(text, around)
    assert list(unmarked(around))
    label.setText(f"{text} (found in git, hypothetical)")
    assert not list(unmarked(around))


def test_ac29_the_terminal_and_json_mark_it_too(
    now: Month, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*words: str) -> str:
        result = run_in(capsys, monkeypatch, "--store", str(now.machine.store), *words)
        assert result.code == 0, result.err
        return result.out

    for line in told("review").splitlines():
        for word, claim in CLAIMS.items():
            assert not claim.search(line) or word in line, line
    assert "What came of it (self-reported)" in told("review")
    task, week_name = now.long[0].id, clock.week_name(LAST_MONDAY)
    kinds = {}
    for name in (
        f"effect task:{task}",
        f"what-if week:{week_name} model:claude-haiku-4-5-20251001",
        "calibration all",
        f"rework task:{task}",
    ):
        figure = json.loads(told("why", name, "--json"))["figure"]
        kinds[name.split()[0]] = {row["kind"] for row in figure["rows"]} | {one["name"] for one in figure["inputs"]}
    assert "self-reported" in kinds["effect"]
    assert "hypothetical" in kinds["what-if"]
    assert "found in git" in kinds["rework"]
