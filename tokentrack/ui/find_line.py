"""The line above a list that finds in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from tokentrack.ui.theme import font


class FindLine(QLineEdit):
    """`led`: Down leads on into the list; `entered`: so does Enter."""

    led = Signal()
    entered = Signal()

    def __init__(self, hint: str, name: str) -> None:
        super().__init__()
        self.setFont(font())
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.led.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def leads_to(self, act: Callable[[], object]) -> None:
        """Both do."""
        self.led.connect(act)
        self.entered.connect(act)

    def open_(self) -> None:
        """Takes the keyboard; what was sought before is replaced by what is typed."""
        self.show()
        self.setFocus()
        self.selectAll()
