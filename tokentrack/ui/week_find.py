"""What is found from a week's review: tasks, sessions, weeks by their notes, and sentences that were learned."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.store.search import Hit
from tokentrack.ui import words
from tokentrack.ui.asking import InPassing
from tokentrack.ui.feed import once
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.source import Source
from tokentrack.ui.source_week import Weeks
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Text

SETTLE_MS = 250
"""What is typed is sought when the typing pauses."""
HINT = "Find tasks, sessions, notes and what you learned"
KINDS = {"learned": "learned", "outcome": "sentence"}
HITS: tuple[Column[Hit], ...] = (
    Column("What", lambda hit: KINDS.get(hit.kind, hit.kind), widest="sentence"),
    Column("Found", lambda hit: hit.title, tip=lambda hit: hit.title),
    Column("Where it says so", lambda hit: hit.snippet, tip=lambda hit: hit.snippet),
    Column("When", lambda hit: words.when(hit.at, clock.now()) if hit.at else "–", widest="yesterday 09:10"),
)


class Hits(QWidget):
    """What was found, with what the chosen row says below in full; or that nothing was."""

    opened = Signal(object)
    """A hit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = Rows(HITS)
        self._stack = QStackedWidget(self)
        self.table = Table(self.rows, "What was found", stretch=(1, 2), parent=self._stack)
        self.table.give_way((3, 0), 400)
        self.nothing = Text("", role="secondary")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.answer = Text("")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._stack, 1)
        column.addWidget(self.answer)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.opened.connect(lambda row: self.opened.emit(self.rows.shown[row]))

    def put(self, hits: Sequence[Hit], sought: str) -> None:
        self.rows.put(hits)
        self.nothing.setText(f"Nothing holds “{words.cut(sought, 60)}”.")
        self._stack.setCurrentWidget(self.table if hits else self.nothing)
        self.table.setCurrentIndex(self.rows.index(0, 1))
        self._on_row(self.table.currentIndex())

    def lead(self) -> None:
        """Takes the keyboard where there is something to choose."""
        if self.rows.shown:
            self.table.setFocus()

    def open_(self) -> None:
        """The row that is chosen, else the first."""
        if self.rows.shown:
            self.opened.emit(self.rows.shown[max(0, self.table.currentIndex().row())])

    def _on_row(self, now: QModelIndex | QPersistentModelIndex) -> None:
        hit = self.rows.row_at(now)
        text = hit.snippet if hit else ""
        self.answer.setText(text)
        self.answer.setVisible(bool(text))


class Finding(QObject):
    """What is typed in `finder`, and `hits`. `found`: they can be shown; `emptied`: nothing is sought any more.

    `failed` says why nothing could be found.
    """

    found = Signal()
    emptied = Signal()
    failed = Signal(str)

    def __init__(self, source: Source, finder: FindLine, hits: Hits, parent: QObject) -> None:
        super().__init__(parent)
        self._finder, self._hits = finder, hits
        self._asking: InPassing[Weeks] = InPassing(source.weeks, self)
        self._pause = once(self, self._seek)
        finder.textEdited.connect(lambda _: self._pause.start(SETTLE_MS))
        finder.led.connect(hits.lead)

    @property
    def on(self) -> bool:
        return not self._finder.isHidden()

    def end(self) -> None:
        self._pause.stop()
        self._finder.clear()
        self._finder.hide()

    def _seek(self) -> None:
        text = self._finder.text().strip()
        if text:
            self._asking.ask("find", lambda weeks, _: weeks.search(text), self._on_hits, self.failed.emit)
        else:
            self.emptied.emit()
            self._finder.setFocus()

    def _on_hits(self, hits: tuple[Hit, ...]) -> None:
        if self.on:
            self._hits.put(hits, self._finder.text().strip())
            self.found.emit()

    def rest(self) -> None:
        self._asking.rest()
