"""Every field of the page, with its switch, and the texts that can be edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tokentrack.export.options import NAME, Field
from tokentrack.export.page import Page
from tokentrack.export.page import Text as PageText
from tokentrack.ui import words
from tokentrack.ui.frame import clear, section
from tokentrack.ui.pick import Pick
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, label, set_role
from tokentrack.ui.tick import Tick
from tokentrack.ui.week_step import Line

ON_PAGE_1 = "in the first line; it is typed on page 1"
AS_IT_IS, OUT = "As it was computed", "Take it out"
PARTS = (
    ("On the page", True, True),
    ("May be added", False, True),
    ("Always on the page", True, False),
    ("Never on a page", False, False),
)
"""Heading, and of which fields: whether they are there by default, and whether they have a switch."""


class LeftOutView(QWidget):
    """`switched` (field, on). `ticks` are those of fields that may be added, `usual` of those that may be taken out."""

    switched = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 12, 0)
        self._column.setSpacing(0)
        self.ticks: dict[str, Tick] = {}
        self.usual: dict[str, Tick] = {}

    def put(self, fields: Sequence[Field]) -> None:
        if not self.ticks:
            self._make(fields)
        for one in fields:
            if one.name is not None:
                (self.usual if one.usual else self.ticks)[one.name].setChecked(one.on)

    def _make(self, fields: Sequence[Field]) -> None:
        """What can be switched first."""
        for title, usual, switched in PARTS:
            self._column.addWidget(section(title))
            for one in (one for one in fields if (one.usual, one.name is not None) == (usual, switched)):
                self._column.addSpacing(0 if switched else 8)
                self._column.addWidget(self._tick(one) if switched else Text(one.what))
                note = ON_PAGE_1 if one.name == NAME else one.note
                if note:
                    self._column.addWidget(self._note(note, 28 if switched else 0))
            self._column.addSpacing(16)
        self._column.addStretch(1)

    def _tick(self, one: Field) -> Tick:
        name = one.name or ""
        tick = Tick(one.what)
        (self.usual if one.usual else self.ticks)[name] = tick
        tick.setEnabled(name != NAME)
        tick.setAccessibleDescription(ON_PAGE_1 if name == NAME else one.note)
        tick.clicked.connect(lambda on: self.switched.emit(name, on))
        return tick

    def _note(self, text: str, left: int = 0) -> QWidget:
        made = Text(text, CAPTION, "secondary")
        made.setContentsMargins(left, 0, 0, 0)
        return made


class TextCard(QFrame):
    """One text. What was computed can be made weaker or taken out; the person's own words can become any others (AC 52).

    `edited` (key, words): None puts it back as it was, "" takes it out.
    """

    edited = Signal(str, object)
    passed = Signal()
    left = Signal()

    def __init__(self, text: PageText, work: str = "") -> None:
        super().__init__()
        self.text = text
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        if work:
            column.addWidget(Text(work, CAPTION, "secondary"))
        column.addWidget(Text(text.text))
        self.line: Line | None = None
        self.pick: Pick | None = None
        column.addWidget(self._choices(text) if text.weaker is not None else self._words(text))
        self.state = label("", CAPTION, role="secondary")
        column.addWidget(self.state)

    def _words(self, text: PageText) -> QWidget:
        line = self.line = Line(f"Your words for: {text.text}", "empty: it is taken out", most=600)
        line.setText(text.text)
        line.typed.connect(lambda said: self.edited.emit(text.key, None if said == text.text else said))
        line.entered.connect(self.passed)
        line.passed.connect(self.passed)
        line.left.connect(self.left)
        return line

    def _choices(self, text: PageText) -> QWidget:
        pick = self.pick = Pick(f"What stands for: {text.text}")
        pick.addItem(AS_IT_IS, None)
        for weaker in text.weaker or ():
            pick.addItem(weaker, weaker)
        pick.addItem(OUT, "")
        pick.activated.connect(lambda at: self.edited.emit(text.key, pick.itemData(at)))
        return pick

    def put(self, said: str | None) -> None:
        """None: it stands as it was."""
        state = "as it was" if said is None else "edited by me" if said else "taken out"
        kind = (
            "computed, can become weaker"
            if self.text.weaker
            else "computed"
            if self.text.weaker is not None
            else self.text.tag
        )
        self.state.setText(f"{words.first(kind)} · {state}")
        set_role(self, "card" if said is None else "chosen")
        if self.line and not self.line.hasFocus():
            self.line.setText(self.text.text if said is None else said)
            self.line.setCursorPosition(0)
        if self.pick:
            self.pick.setCurrentIndex(max(0, self.pick.findData(said)) if said is not None else 0)


def works_of(page: Page) -> dict[str, str]:
    """Of the texts in its table: key ▶ the work that each is of."""
    return {text.key: row.work.text for row in page.rows for text in (row.note, row.evidence) if text.key}


class TextsView(QWidget):
    """Every text that can be edited, in the order of the page. Its cards are made when they are seen."""

    edited = Signal(str, object)
    passed = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 12, 0)
        self._column.setSpacing(8)
        self._made: tuple[tuple[PageText, ...], Mapping[str, str]] | None = None
        self._texts: tuple[PageText, ...] = ()
        self._edits: Mapping[str, str] = {}
        self._works: Mapping[str, str] = {}
        self.cards: dict[str, TextCard] = {}

    def put(self, texts: tuple[PageText, ...], edits: Mapping[str, str], works: Mapping[str, str]) -> None:
        """`works`: key of a text ▶ the work that it is of."""
        self._texts, self._edits, self._works = texts, edits, works
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if (self._texts, self._works) != self._made:
            self._made = self._texts, self._works
            self._make(self._texts)
        for key, one in self.cards.items():
            one.put(self._edits.get(key))

    def _make(self, texts: tuple[PageText, ...]) -> None:
        clear(self._column)
        self.cards = {}
        for text in texts:
            one = self.cards[text.key] = TextCard(text, self._works.get(text.key, ""))
            one.edited.connect(self.edited)
            one.passed.connect(self.passed)
            one.left.connect(self.left)
            self._column.addWidget(one)
        if not texts:
            self._column.addWidget(Text("Nothing on this page can be edited.", role="secondary"))
        self._column.addStretch(1)

    def leave(self) -> None:
        for one in self.cards.values():
            if one.line:
                one.line.tell()
