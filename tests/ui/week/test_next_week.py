"""What stands out in the week, what is planned for the next one, and a note (issue 6)."""

from __future__ import annotations

import pytest
from claude_logs import Machine, ms
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from reviewed import DAY, MONDAY, closed_weeks, finished_tasks, link, reference_week
from ui.keyboard import CTRL, KEY, Keyboard
from ui.samples import texts, written
from ui.week.parts import WEEK, Open, at_step, settled
from waiting import add_tasks, session

from tokentrack import clock
from tokentrack.review.insights import KEPT
from tokentrack.review.week import week
from tokentrack.store import read, reviews, tasks, transaction
from tokentrack.ui.windows.week_stack import CLOSE, INSIGHTS, NEXT


def test_a_kept_sentence_is_kept_until_it_is_undone(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    reference_week(machine)
    page = app()
    at_step(qtbot, page, INSIGHTS)
    assert len(page.stack.insights.frames) <= 3
    settled(qtbot, page)
    assert reviews.shown(machine.db, WEEK, WEEK)[0].answer is None, "that it was shown is kept"
    keys(KEY.Key_K)
    written(qtbot)
    assert reviews.shown(machine.db, WEEK, WEEK)[0].answer == KEPT
    settled(qtbot, page)
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(lambda: page.stack.insights.frames[0].insight.answer is None)
    assert reviews.shown(machine.db, WEEK, WEEK)[0].answer is None


def test_an_unremarkable_week_says_so(app: Open, qtbot: QtBot, machine: Machine) -> None:
    page = app()
    at_step(qtbot, page, INSIGHTS)
    assert "Nothing unusual this week." in texts(page.stack.insights)


def test_the_budget_is_prefilled_with_the_median_of_closed_weeks(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """From five closed weeks on, and with n; planned by Enter, in force from the next Monday, and one step back."""
    closed_weeks(machine, 6)
    page = app()
    at_step(qtbot, page, NEXT)
    values = sorted(week(machine.db, MONDAY - n * 7 * clock.DAY, clock.now_ms()).told.list_value for n in range(1, 7))
    median = (values[2] + values[3]) / 2
    assert page.stack.next.amount.text() == f"{round(median / 1e6)}"
    assert "n = 6" in page.stack.next._about.text()
    keys(KEY.Key_Return)
    (budget,) = read.budgets(machine.db)
    assert (budget.measure, budget.period, budget.since) == ("list_value", "week", MONDAY + 7 * clock.DAY)
    keys(KEY.Key_Escape)
    keys(KEY.Key_Z, held=CTRL)
    assert not read.budgets(machine.db)


def test_too_few_weeks_prefill_nothing(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """AC 27: fewer than five closed weeks are compared with nothing."""
    closed_weeks(machine, 4)
    page = app()
    at_step(qtbot, page, NEXT)
    assert page.stack.next.amount.text() == ""
    assert "usual" in page.stack.next.columns.caption.text()
    assert "n =" not in page.stack.next.columns.caption.text()


def estimated(machine: Machine, many: int, inside: int, late: int = 0) -> None:
    """So many finished tasks with a range of list value, the last of them made when all was spent."""
    made = add_tasks(machine, *(f"EST-{n} Estimated {n}" for n in range(1, many + late + 1)))
    for n in range(len(made)):
        session(machine, f"est{n}", f"Estimated {n}", f"feat/est-{n}", -20 * DAY + n * 600)
    machine.scan()
    for n, one in enumerate(made.values()):
        low, high = (0, 10**9) if n < inside else (10**9, 2 * 10**9)
        if n < many:
            with transaction(machine.db):
                tasks.add_estimate(machine.db, one.id, "spend", low, high, ms(-30 * DAY))
        link(machine, f"est{n}", one)
        with transaction(machine.db):
            if n >= many:
                tasks.add_estimate(machine.db, one.id, "spend", low, high, ms(-18 * DAY))
            tasks.finish(machine.db, one.id, "learned", "", ms(-17 * DAY))


@pytest.mark.parametrize(
    ("many", "late", "told"),
    [
        (9, 0, "List value: too few to say (n = 9)."),
        (11, 2, "List value: 6 of 11 actuals fell in your 80% range, 28% to 79% (95% interval): too narrow so far."),
    ],
)
def test_q11_how_the_own_ranges_fared_stands_beside_the_plan(
    app: Open, qtbot: QtBot, machine: Machine, many: int, late: int, told: str
) -> None:
    """AC 27: stated from ten on, with n and the interval. AC 28: those made late are marked and not counted."""
    estimated(machine, many, 6, late)
    page = app()
    at_step(qtbot, page, NEXT)
    assert page.stack.next.ranges.text().startswith(told)
    assert ("2 made late, not counted." in page.stack.next.ranges.text()) == bool(late)
    assert "Your ranges so far, self-reported" in texts(page.stack.next)
    qtbot.mouseClick(page.stack.next.why, Qt.MouseButton.LeftButton)  # AC 24
    qtbot.waitUntil(lambda: any("Wilson" in text for text in texts(page.window().why)), timeout=10_000)


def test_without_an_estimate_nothing_is_told_of_ranges(app: Open, qtbot: QtBot, machine: Machine) -> None:
    page = app()
    at_step(qtbot, page, NEXT)
    assert not page.stack.next.ranges.isVisible()
    assert not page.stack.next.why.isVisible()


def test_q24_finished_tasks_without_a_session_are_told_where_there_are_some(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """Those of this week, and none that has a session or was finished before."""
    finished_tasks(machine)  # one of them this week, with sessions
    made = add_tasks(machine, "MAN-1 By hand", "MAN-2 By hand too", "MAN-3 By hand before")
    page = app()
    at_step(qtbot, page, CLOSE)
    assert "no agent session" not in page.stack.close_step.lines.text()
    for key, when in (("MAN-1", -DAY), ("MAN-2", -2 * DAY), ("MAN-3", -9 * DAY)):
        with transaction(machine.db):
            tasks.finish(machine.db, made[key].id, "delivered", "", ms(when))
    page.refresh()
    settled(qtbot, page)
    assert "2 finished tasks had no agent session." in page.stack.close_step.lines.text().split("\n")


def test_ac29_outcomes_say_that_they_are_self_reported(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """In the bar's heading and table and in the table of tasks; what git tells stands in a column of its own."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, CLOSE)
    summary = page.stack.close_step.summary
    assert "Outcome of use (self-reported), list value" in texts(summary.bar)
    assert summary.bar.rows.columns[0].name == "What came of it, self-reported"
    assert [column.name for column in summary.rows.columns][1:3] == ["Self-reported", "Found in git"]


def test_an_amount_that_is_none_is_told_and_changes_nothing(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    page = app()
    at_step(qtbot, page, NEXT)
    keys.type("a lot")
    keys(KEY.Key_Return)
    assert page.stack.next.fault.isVisible()
    assert page.step is page.stack.next
    assert not read.budgets(machine.db)
