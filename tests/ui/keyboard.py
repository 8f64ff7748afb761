"""The person at the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import written

KEY, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Keyboard:
    """Presses keys wherever the keyboard is, until what each decides is written, and counts them; free text is not counted."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.pressed = qtbot, 0

    def __call__(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        for key in keys:
            self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
            self.qtbot.keyClick(QApplication.focusWidget(), key, held)
            self.pressed += 1
            written(self.qtbot)

    def type(self, text: str) -> None:
        focus = QApplication.focusWidget()
        assert isinstance(focus, QLineEdit | QPlainTextEdit), focus
        self.qtbot.keyClicks(focus, text)


def in_turn(first: QWidget, *parts: QWidget) -> bool:
    """Whether `Tab` comes to these parts in this order, from `first` on."""
    order, at = list[QWidget](), first.nextInFocusChain()
    while at is not first:
        order.append(at)
        at = at.nextInFocusChain()
    places = [order.index(part) for part in parts]
    return places == sorted(places)
