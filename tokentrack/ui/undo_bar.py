"""What was just done, in a line, with the way back: a button, or Ctrl+Z."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from tokentrack.ui.asking import Doing
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_spend import Undo
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, STRONG, font, set_role


class UndoBar(QFrame):
    """Hidden until something was done. Each `Ctrl+Z` takes one more step back, the newest first."""

    undone = Signal()

    def __init__(self, doing: Doing[Deciding]) -> None:
        super().__init__()
        self._doing = doing
        self.setProperty("role", "notice")
        self._steps: list[tuple[str, Undo]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        self.text = Text()
        self.button = QPushButton("Undo   Ctrl+Z")
        self.button.setFont(font(BODY, STRONG))
        self.button.setAccessibleName("Undo")
        self.button.clicked.connect(self.undo)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def did(self, text: str, undo: Undo) -> None:
        self._steps.append((text, undo))
        self._say(text, "notice")

    def failed(self, sentence: str) -> None:
        self._say(sentence, "trouble")

    def undo(self) -> None:
        """After what is still being written."""
        if self._steps:
            text, back = self._steps.pop()
            self._doing.do(
                lambda to: back(to.entries), partial(self._on_undone, text), partial(self._on_not, text, back)
            )

    def _on_undone(self, text: str, _: None) -> None:
        self._say(f"Undone: {text[:1].lower()}{text[1:]}", "notice")
        self.undone.emit()

    def _on_not(self, text: str, back: Undo, sentence: str) -> None:
        """The step stays to be tried again."""
        self._steps.append((text, back))
        self.failed(sentence)

    def _say(self, text: str, role: str) -> None:
        self.text.setText(text)
        self.setAccessibleName(text)
        set_role(self, role)
        self.button.setVisible(bool(self._steps) and role == "notice")
        self.show()
