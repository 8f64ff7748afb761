"""What came of a task: one of six outcomes on the keys 1 to 6, and one sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tokentrack.ui import outcomes
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import primary
from tokentrack.ui.option import Option
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import BODY, STRONG, font

MOST = 280
"""Characters of the sentence (product section 2.2)."""


class FinishBar(QWidget):
    """`given` tells the outcome and the sentence once `Enter` is pressed in the sentence; `cancelled` that nothing comes of it.

    The sentence is asked for, never demanded: skipping is free.
    """

    given = Signal(str, str)
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.about = Elided("What came of it?", BODY, STRONG)
        self.buttons = {outcome: self._button(key, outcome) for key, outcome in outcomes.KEYS.items()}
        self.note = QLineEdit()
        self.note.setFont(font())
        self.note.setMaxLength(MOST)
        self.note.setAccessibleName("One sentence about the outcome")
        self.note.returnPressed.connect(self.give)
        self.note.installEventFilter(self)
        self.finish = primary("Finish   ↵", self.give)
        self.finish.setAccessibleName("Finish with this outcome")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.note, 1)
        row.addWidget(self.finish)
        column.addWidget(self.about)
        column.addWidget(flow(*self.buttons.values()))
        column.addLayout(row)
        self._show(None)

    def _button(self, key: str, outcome: str) -> Option:
        return Option(key, outcomes.word(outcome), "Outcome", lambda: self.choose(outcome), mark=outcome)

    @property
    def outcome(self) -> str | None:
        return next((name for name, button in self.buttons.items() if button.isChecked()), None)

    def choose(self, outcome: str) -> None:
        """Takes an outcome and leads on to the sentence."""
        self._show(outcome)
        self.note.setFocus()

    def reset(self, about: str = "What came of it?") -> None:
        self.about.setText(about)
        self.note.clear()
        self._show(None)

    def give(self) -> None:
        if (outcome := self.outcome) is not None:
            self.given.emit(outcome, self.note.text().strip())

    def _show(self, outcome: str | None) -> None:
        for name, button in self.buttons.items():
            button.put(name == outcome)
        self.note.setVisible(outcome is not None)
        self.finish.setVisible(outcome is not None)
        if outcome:
            self.note.setPlaceholderText(outcomes.ASKED[outcome])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        escape = (
            isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape
        )
        if watched is self.note and escape:
            self.reset(self.about.text())
            self.cancelled.emit()
            return True
        return False
