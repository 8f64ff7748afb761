"""The week's review from what was said the week before to a week that is closed, by keyboard (issue 6)."""

from __future__ import annotations

import re

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from reviewed import DAY, closed_weeks, finished_tasks, reference_week
from ui.keyboard import CTRL, KEY, NONE, SHIFT, Keyboard
from ui.samples import texts
from ui.week.parts import WEEK, Open, at_step, settled, told
from waiting import session

from tokentrack.store import read, reviews, tasks
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.week import CLOSE, INBOX
from tokentrack.ui.windows.week import OUTCOMES as JUDGE

# ---- the whole of it -------------------------------------------------------------------------------------------------


def test_ac39_a_reference_week_takes_at_most_60_keystrokes(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """AC 39: thirty sessions in nine groups, four finished tasks; all by keyboard, besides free text."""
    reference_week(machine)
    page = app()
    assert page.step is page.stack.recall
    keys(KEY.Key_P, KEY.Key_Return)
    inbox = page.stack.inbox.inbox
    qtbot.waitUntil(lambda: inbox.inbox is not None and inbox.table.hasFocus())
    keys(KEY.Key_Return, held=SHIFT)
    for key in (KEY.Key_1, KEY.Key_2, KEY.Key_0):
        keys(key)
    qtbot.waitUntil(lambda: not inbox.inbox.groups)
    keys(KEY.Key_Return)
    qtbot.waitUntil(lambda: page.step is page.stack.outcomes)
    assert len(page.stack.outcomes.items) == 4, "what was linked is accounted for before it is asked about"
    for at, key in enumerate((KEY.Key_1, KEY.Key_3, KEY.Key_4, KEY.Key_5)):
        keys(key)
        if at in (1, 2):  # the keyboard is in the sentence
            keys.type("Append tables suffice")
            keys(KEY.Key_Return)
        keys(KEY.Key_Y, KEY.Key_A, KEY.Key_Return)
    assert page.step is page.stack.insights
    settled(qtbot, page)
    keys(KEY.Key_K, KEY.Key_Return)
    keys(KEY.Key_Return)
    keys.type("Smaller prompts")
    keys(KEY.Key_Return)
    assert page.step is page.stack.note
    keys.type("Ask sooner what done means")
    keys(KEY.Key_Return)
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert keys.pressed <= 60
    closed = told(machine)
    assert reviews.is_closed(machine.db, WEEK)
    assert not read.unlinked(machine.db)[0]
    assert {row.outcome for row in closed.tasks} >= {"shipped"}
    assert (closed.tried, closed.intent) == ("partly", "Smaller prompts")
    assert closed.note.startswith("Ask sooner what done means")
    assert [one.outcome for one in tasks.tasks(machine.db) if one.key in {f"PAY-{n}" for n in range(30, 34)}].count(
        None
    ) == 0


def test_every_step_can_be_skipped_and_nothing_is_made_up(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """Enter from step to step; closing with spend that is not linked. What was not answered stays unanswered."""
    finished_tasks(machine)
    session(machine, "late", "Later", "main", 0)
    machine.scan()
    page = app()
    before = [tasks.outcomes(machine.db, one.id) for one in tasks.tasks(machine.db)]
    keys(KEY.Key_Space)  # any key
    assert page.step is page.stack.inbox
    qtbot.waitUntil(lambda: page.stack.inbox.inbox.inbox is not None)
    keys(KEY.Key_Right, held=CTRL)
    for _ in range(4):
        keys(KEY.Key_Return)
    assert page.step is page.stack.insights
    keys(KEY.Key_Return)
    assert page.step is page.stack.next
    keys(KEY.Key_Return, KEY.Key_Return, KEY.Key_Return)
    assert page.step is page.stack.close_step
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert [tasks.outcomes(machine.db, one.id) for one in tasks.tasks(machine.db)] == before
    assert not read.budgets(machine.db)
    assert told(machine).outcomes[-1].list_value


def test_backspace_leads_back_and_ctrl_right_on_from_everywhere(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    reference_week(machine)
    page = app()
    for number in range(1, CLOSE + 1):
        keys(KEY.Key_Right, held=CTRL)
        assert page.kept.draft.step == number, "also from text fields and from the inbox"
        assert page.head.when.text().endswith(f"step {number} of 6")
    keys(KEY.Key_Backspace)
    assert page.step is page.stack.note
    keys.type("not a step back")
    keys(KEY.Key_Backspace)
    assert page.step is page.stack.note, "letters and Backspace act outside text fields"
    keys(KEY.Key_Escape, KEY.Key_Backspace, KEY.Key_Escape, KEY.Key_Backspace)
    assert page.step is page.stack.insights
    assert page.isVisible()
    keys(KEY.Key_Escape)
    assert not page.isVisible()


def test_leaving_keeps_the_state(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    keys(KEY.Key_Return)
    keys(KEY.Key_Escape)
    window = page.window()
    assert isinstance(window, MainWindow)
    window.open_("week")
    qtbot.waitUntil(lambda: page.step is page.stack.outcomes)
    assert page.stack.outcomes._at == 1


# ---- recall ----------------------------------------------------------------------------------------------------------


def test_recall_asks_whether_the_experiment_was_tried(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    closed_weeks(machine, 2, "Ask earlier.", "Set a stop point")
    page = app()
    assert {"Ask earlier.", "Set a stop point", "Did you try it?"} <= set(texts(page.stack.recall))
    keys(KEY.Key_N)
    assert page.step is page.stack.recall, "as with every answer, Enter goes on"
    assert page.stack.recall.options["no"].isChecked()
    keys(KEY.Key_Return)
    assert page.step is page.stack.inbox
    assert reviews.draft(machine.db, WEEK).tried == "no"


# ---- inbox -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", [NONE, SHIFT])
def test_enter_goes_on_from_the_inbox_when_nothing_is_left_in_it(
    app: Open, qtbot: QtBot, machine: Machine, held: Qt.KeyboardModifier
) -> None:
    """6.3: not while it is still looked through, and not where no row is what was sought."""
    session(machine, "late", "Later", "main", 0)
    machine.scan()
    page = app()
    page.open_step(INBOX)
    inbox = page.stack.inbox.inbox
    qtbot.keyClick(page.focusWidget(), KEY.Key_Return, held)
    assert (inbox.inbox, page.step) == (None, page.stack.inbox)
    qtbot.waitUntil(lambda: inbox.inbox is not None)
    inbox.finder.setText("no such row")
    inbox.take_keyboard()
    qtbot.keyClick(page.focusWidget(), KEY.Key_Return, held)
    assert page.step is page.stack.inbox
    inbox.set_aside()
    inbox.finder.clear()
    inbox.set_aside()
    qtbot.keyClick(page.focusWidget(), KEY.Key_Return, held)
    assert (page.step is page.stack.inbox) == (held == SHIFT)


def test_ac42_earlier_weeks_close_in_one_key(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """AC 42: one action; no text mentions missed, late or streak."""
    for back in (3, 2, 1):
        session(machine, f"past{back}", f"Week {back} ago", "main", -back * 7 * DAY)
    machine.scan()
    page = app()
    assert page.stack.recall.earlier.text() == "close 3 earlier weeks as they are"
    said = " ".join([*texts(page), *(one.text() for one in page.findChildren(QPushButton))]).lower()
    assert not re.search(r"missed|\blate\b|streak|behind|overdue", said)
    keys(KEY.Key_C)
    qtbot.waitUntil(lambda: len(reviews.revisions(machine.db)) == 3)
    settled(qtbot, page)
    qtbot.waitUntil(page.stack.recall.earlier.isHidden)
    assert page.bar.text.text() == "Closed 3 earlier weeks as they are."
