"""What the tests of the week's review share: the person at the keyboard, and the way to a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from reviewed import MONDAY

from tokentrack import clock
from tokentrack.model import Task
from tokentrack.review.week import week
from tokentrack.store import tasks
from tokentrack.ui.windows.week import INBOX, Page

Open = Callable[[], Page]
KEY, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
WEEK = "2026-W47"


class Keyboard:
    """Presses keys wherever the keyboard is, and counts them; free text is not counted."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.pressed = qtbot, 0

    def __call__(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        for key in keys:
            self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
            self.qtbot.keyClick(QApplication.focusWidget(), key, held)
            self.pressed += 1

    def type(self, text: str) -> None:
        focus = QApplication.focusWidget()
        assert isinstance(focus, QLineEdit), focus
        self.qtbot.keyClicks(focus, text)


def settled(qtbot: QtBot, page: Page) -> None:
    """Until what was answered has been asked anew."""
    qtbot.waitUntil(lambda: not page._settle.isActive() and not page._asking.waiting and not page._changing.waiting)


def at_step(qtbot: QtBot, page: Page, number: int) -> None:
    while page._draft.step < number:
        qtbot.waitUntil(lambda: page.step is not None)
        page.pass_()
    qtbot.waitUntil(lambda: page.step is not None)
    if number == INBOX:
        qtbot.waitUntil(lambda: page.inbox.inbox.inbox is not None)


def task(machine: Machine, key: str) -> Task:
    return tasks.tasks_like(machine.db, key)[0]


def told(machine: Machine) -> Any:
    return week(machine.db, MONDAY, clock.now_ms()).told
