"""What a page shows in the place of a list with nothing in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentrack.ui.frame import primary
from tokentrack.ui.text import Text

Act = Callable[[], object]
GO_ON = "Go on"
"""What a button is called that is not shown: a screen reader may find it."""


class Empty(QWidget):
    """What would fill the list, and the one button that leads on, where anything does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Act | None = None
        self._words = Text(role="secondary")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = primary(GO_ON, lambda: self._act and self._act())
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self.put("")

    def text(self) -> str:
        return self._words.text()

    def put(self, text: str, button: str = "", act: Act | None = None) -> None:
        self._words.setText(text)
        self.button.setText(button or GO_ON)
        self.button.setVisible(bool(button))
        self._act = act
