"""A review that another page was opened over: nothing of it takes the keyboard, and it goes on when it is shown again."""

from __future__ import annotations

from claude_logs import Machine
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reviewed import finished_tasks
from ui.keyboard import KEY, Keyboard
from ui.samples import written
from ui.week.parts import Open, at_step, settled

from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.week import OUTCOMES, Page


def test_a_review_that_is_left_right_after_an_answer_takes_no_keyboard(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """AC 43: what follows from an answer is asked when it pauses; it led the keyboard back to a card that nobody saw."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, OUTCOMES)
    settled(qtbot, page)
    window = page.window()
    assert isinstance(page, Page)
    assert isinstance(window, MainWindow)
    keys(KEY.Key_1)
    assert page.now.settle.isActive()
    window.open_("tasks")
    assert not page.now.settle.isActive()
    assert not page.now.asking.waiting
    page.stack.outcomes.judge("yes")  # written while the page is hidden, as an answer that waited for another program
    written(qtbot)
    page.now.settle.timeout.emit()
    page.now.on_idle()
    assert not page.now.asking.waiting
    page.open_week(page.steps.week.monday)
    assert not page.isAncestorOf(QApplication.focusWidget() or window)
    window.open_("week")
    qtbot.waitUntil(lambda: page.step is page.stack.outcomes)
    assert page.stack.outcomes.isAncestorOf(QApplication.focusWidget())
    assert page.stack.outcomes.items[0].worth == "yes"
