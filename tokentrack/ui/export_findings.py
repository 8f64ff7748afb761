"""What may leak from the page, one finding at a time: hidden, given an alias, edited, or let through (product 7.5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tokentrack.export.hidden import PRIVATE_WORD
from tokentrack.export.text import Look
from tokentrack.ui import words
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import clear
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source_export import Preview
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, set_role
from tokentrack.ui.week_step import Line

if TYPE_CHECKING:
    from tokentrack.export.scan import Finding

Mark = tuple[str, str, tuple[str, ...]]
"""Kind, text, and the whole lines in which it stands: where one changes or is new, what was let through is asked again."""
NONE = "Nothing was found that may not be meant to leave."
LOOKED_FOR = (
    "Looked for: paths, e-mail addresses, hosts, branches, keys and tokens, session ids, your private words and projects, "
    "work that is private or withheld, what has an alias, and titles and keys that you took out."
)


def mark(finding: Finding, data: bytes) -> Mark:
    return finding.kind, finding.text, lines_of(finding, data)


def lines_of(finding: Finding, data: bytes) -> tuple[str, ...]:
    lines = data.decode("utf-8", "replace").split("\n")
    return tuple(lines[number - 1] for number in finding.lines if number <= len(lines))


class FindingCard(QFrame):
    pressed = Signal()

    def __init__(self, finding: Finding, format: str, through: bool) -> None:  # noqa: A002
        super().__init__()
        self.finding, self.through = finding, through
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(4)
        state = "let through" if through else "open"
        self.setAccessibleName(f"{finding.words(format)}, {state}")
        self.column.addWidget(Elided(finding.text, BODY, STRONG))
        about = filter(None, (words.first(finding.kind), finding.place(format), state))
        self.column.addWidget(Text(" · ".join(about), CAPTION, "secondary"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        super().mousePressEvent(event)


class FindingsView(QWidget):
    """`accepted` (finding, on), `hidden` (task), `aliased` (text, alias), `editing` (key of a text)."""

    accepted = Signal(object, bool)
    hiding = Signal(str)
    aliased = Signal(str, str)
    editing = Signal(str)
    taken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Findings")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 12, 0)
        self._column.setSpacing(8)
        self.preview: Preview | None = None
        self.cards: list[FindingCard] = []
        self.at = 0
        self.line: Line | None = None
        self._actions: QWidget | None = None

    def put(self, preview: Preview, let_through: Callable[[Finding], bool]) -> None:
        """The first that is open is in hand."""
        self.preview = preview
        self._clear()
        for at, finding in enumerate(preview.findings):
            one = FindingCard(finding, preview.format, let_through(finding))
            one.pressed.connect(partial(self.take, at))
            self.cards.append(one)
            self._column.addWidget(one)
        if not self.cards:
            self._column.addWidget(Text(NONE))
        self._column.addWidget(Text(LOOKED_FOR, CAPTION, "secondary"))
        self._column.addStretch(1)
        self.take(next((at for at, one in enumerate(self.cards) if not one.through), 0))

    def _clear(self) -> None:
        self.cards, self.line, self._actions = [], None, None
        clear(self._column)

    @property
    def current(self) -> FindingCard | None:
        return self.cards[self.at] if self.at < len(self.cards) else None

    def take(self, at: int) -> None:
        """Takes a finding in hand: what can be done with it stands in its card."""
        if self._actions is not None:
            self._actions.deleteLater()
            self._actions.hide()
        self._actions, self.line = None, None
        self.at = max(0, min(at, len(self.cards) - 1))
        for one in self.cards:
            set_role(one, "chosen" if one is self.current else "card")
        if in_hand := self.current:
            self._actions = self._made(in_hand)
            in_hand.column.addWidget(self._actions)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if by and 0 <= self.at + by < len(self.cards):
            self.take(self.at + by)
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def _made(self, one: FindingCard) -> QWidget:
        finding, hints = one.finding, []
        if one.through:
            hints.append(KeyHint("x", "ask again", self.let_through, "Not let through after all"))
        else:
            hints.append(KeyHint("x", "let through", self.let_through, "Let this finding through"))
            if self.task_of(finding):
                hints.append(KeyHint("h", "withhold the row", self.hide_row, "Withhold the row in which it stands"))
            if "=" not in finding.text:
                hints.append(KeyHint("a", "alias", self.give_alias, "Give it another name"))
            if self.key_of(finding):
                hints.append(KeyHint("e", "edit", self.edit, "Edit the text in which it stands"))
        return flow(*hints, gap=12, row_gap=0)

    # where it stands -------------------------------------------------------------------------------------------------

    def task_of(self, finding: Finding) -> str | None:
        """Of the row that holds it."""
        rows = self.preview.page.rows if self.preview else ()
        for row in (row for row in rows if row.task):
            texts = (row.work, row.outcome, row.note, row.evidence)
            if any(self._bears(part, finding) for text in texts for part in (text.text, text.link or "")):
                return row.task
        return None

    def key_of(self, finding: Finding) -> str | None:
        """Of the text that holds it and can be edited."""
        texts = self.preview.page.texts if self.preview else ()
        return next((text.key for text in texts if self._bears(text.text, finding)), None)

    def _bears(self, part: str, finding: Finding) -> bool:
        """Whether this part of the page is what stands in a line of the finding, and the finding in it."""
        from tokentrack.export.scan import readings  # takes as long to import as the page to show

        lines = (
            [read for line in lines_of(finding, self.preview.data) for read in readings(line)] if self.preview else ()
        )
        found = Look(part).find(finding.text, within=finding.kind == PRIVATE_WORD)
        return any(found) and any(part in line for line in lines)

    # acting ----------------------------------------------------------------------------------------------------------

    def let_through(self) -> None:
        if one := self.current:
            self.accepted.emit(one.finding, not one.through)

    def hide_row(self) -> None:
        one = self.current
        task = self.task_of(one.finding) if one and not one.through else None
        if task:
            self.hiding.emit(task)

    def edit(self) -> None:
        one = self.current
        key = self.key_of(one.finding) if one and not one.through else None
        if key:
            self.editing.emit(key)

    def give_alias(self) -> None:
        one = self.current
        if one is None or one.through or "=" in one.finding.text or self.line is not None:
            return
        line = self.line = Line(
            f"What others read in place of {one.finding.text}", "what others read instead", most=120
        )
        line.entered.connect(lambda: self._on_alias(one.finding.text, line.text().strip()))
        line.left.connect(lambda: self.take(self.at))
        line.left.connect(self.setFocus)
        one.column.addWidget(line)
        line.show()  # what is not seen cannot take the keyboard
        line.setFocus()

    def _on_alias(self, text: str, alias: str) -> None:
        if alias:
            self.aliased.emit(text, alias)
