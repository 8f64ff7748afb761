"""A card above a list that asks something of the person, and the fields and buttons that such cards are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tokentrack.ui.frame import plain_area
from tokentrack.ui.keycap import tab_after
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, label, scaled

LEAST = 120
"""Pixels of a card that are in view however low the window is."""


def field(name: str, placeholder: str = "", wide: int | None = None) -> QLineEdit:
    made = QLineEdit()
    made.setFont(font())
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    if wide:
        made.setFixedWidth(scaled(wide))
    return made


def button(text: str, act: Callable[[], object], role: str = "") -> QPushButton:
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setFont(font())
    made.clicked.connect(act)
    return made


def named(name: str, *parts: QWidget) -> QWidget:
    """What a field is for, and the field."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label(name, role="secondary"))
    for part in parts:
        row.addWidget(part)
    return made


class Card(QFrame):
    """`cancelled` says that it may go; `Esc` does it too."""

    cancelled = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 14, 16, 14)
        self.column.setSpacing(10)
        self.head = Elided(name, BODY, STRONG)
        self.fault = Text(size=CAPTION, role="attention")
        self.fault.hide()

    def foot(self, *buttons: QPushButton) -> QHBoxLayout:
        """The fault at the left, the buttons at the right, the primary one last."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.fault, 1)
        row.addStretch(0)  # where nothing is wrong; else a sentence has all of the line
        for one in (button("Cancel   Esc", self.cancelled.emit), *buttons):
            one.setAutoDefault(True)  # outside a dialog, too, Enter presses the one that has the keyboard
            row.addWidget(one)
        return row

    @property
    def shrunk(self) -> int:
        """So many pixels it is lower than it would like."""
        return 0

    def shrink(self, by: int) -> None:
        """Becomes so many pixels lower than it would like, as far as it can; the rest scrolls."""

    def say(self, fault: str, where: QWidget | None = None) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        if where:
            where.setFocus()


class Fields(QScrollArea):
    """What of a card scrolls where there is no room for all of it, so that its buttons stay in view."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        self._column = plain_area(self, gap=10)
        for part in parts:
            self._column.addWidget(part)
        self.setFixedHeight(0)
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._on_focus)

    @property
    def _liked(self) -> int:
        return self._column.heightForWidth(self.viewport().width())

    @property
    def shrunk(self) -> int:
        return self._liked - self.minimumHeight()

    def shrink(self, by: int) -> None:
        self.setFixedHeight(max(min(LEAST, self._liked), self._liked - by))

    def _on_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """Qt leads the eye along within an area, not into it."""
        if now and self.isAncestorOf(now):
            self.ensureWidgetVisible(now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """At another width they are of another height."""
        super().resizeEvent(event)
        self.updateGeometry()


class CardSlot(QScrollArea):
    """The place for one card; it scrolls where there is less room than the card is high. `changed`: it became higher or lower."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Card | None = None
        self._column = plain_area(self)
        self._column.addStretch(1)
        self.hide()

    def add(self, card: Card) -> None:
        """Hidden until it is put."""
        card.hide()
        self._column.insertWidget(0, card)
        tab_after(self, card)

    def put(self, card: Card | None) -> None:
        if self.shown and self.shown is not card:
            self.shown.hide()
        self.shown = card
        if card:
            card.show()
        self.setVisible(card is not None)

    @property
    def high(self) -> int:
        """So high the card would like to be at the width there is."""
        wide = self.viewport().width()
        high = (
            self._column.heightForWidth(wide) if self._column.hasHeightForWidth() else self._column.sizeHint().height()
        )
        return high + (self.shown.shrunk if self.shown else 0)

    def fit(self, room: int) -> None:
        """The card is in view as a whole where it can give way to so little room."""
        high = self.high
        if self.shown:
            self.shown.shrink(max(0, high - room))
        self.setFixedHeight(max(LEAST, min(high, room)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of what is in it."""
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest and self.shown:
            self.changed.emit()
        return done
