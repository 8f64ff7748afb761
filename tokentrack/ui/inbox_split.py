"""Where a session is cut: its turns, and before which prompts a new part begins. Cuts are suggested, none is made by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QDialog, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from tokentrack.clock import now
from tokentrack.linking.cuts import Cut
from tokentrack.model.tasks import Span
from tokentrack.model.usage import Session, Total
from tokentrack.ui import inbox_rows, words
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import in_dialog
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import TurnRow
from tokentrack.ui.tables import Cells, Column, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, label, roles_of

Index = QModelIndex | QPersistentModelIndex
BRANCH, CUT, REQUESTS = 2, 3, 4
CUT_ROOM = 240
"""Why a cut is suggested is what most come for."""
ONE_TURN = "This session is one turn and cannot be split."


@dataclass(frozen=True, slots=True)
class Prompt:
    """A turn, whether a part begins with it, and why one may."""

    turn: TurnRow
    cut: bool
    why: str

    @property
    def text(self) -> str:
        """What stands in the column of cuts."""
        if self.cut:
            return "new part"
        return f"suggested: {self.why}" if self.why else ""


def parts(turns: Sequence[TurnRow], within: Span, cuts: Collection[int]) -> list[tuple[Span, Total]]:
    """The parts that cuts make of waiting turns, and what each used."""
    starts = [within.first, *sorted(at for at in cuts if within.first < at and within.holds(at))]
    spans = [Span(a, b - 1) for a, b in pairwise(starts)] + [Span(starts[-1], within.last)]
    return [(span, sum((turn[3] for turn in turns if span.holds(turn[0])), Total())) for span in spans]


def around(turns: Span, waiting: Iterable[Span]) -> Span:
    """The waiting turns without a gap around some of them."""
    first, last = turns
    ordered = sorted(waiting, key=lambda span: span.first)
    for span in reversed(ordered):
        if span.last is not None and span.last + 1 == first:
            first = span.first
    for span in ordered:
        if last is not None and span.first == last + 1:
            last = span.last
    return Span(first, last)


def _value(total: Total) -> str:
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


COLUMNS: tuple[Column[Prompt], ...] = (
    Column("Turn", lambda row: f"{row.turn[0]}", figure=True, widest="1,234"),
    Column("When", lambda row: words.moment(row.turn[1], now()), widest="22 Nov 2026 22:22"),
    Column(
        "Branch",
        lambda row: row.turn[2] or "–",
        tip=lambda row: row.turn[2] or "",
        widest="feat/PAY-12-refunds",
    ),
    Column("Cut", lambda row: row.text, tip=lambda row: row.text),
    Column("Requests", lambda row: f"{row.turn[3].requests:,}", figure=True, widest="1,234"),
    Column("List value", lambda row: _value(row.turn[3]), figure=True, widest="$1,234.56"),
)


class CutCells(Cells):
    """A line above the prompt that a part begins with."""

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        super().paint(painter, option, index)
        if self._table.rows.shown[index.row()].cut:
            box = QRectF(option.rect)
            painter.fillRect(
                QRectF(box.left(), box.top(), box.width(), 2), QColor(roles_of(self._table.palette()).accent)
            )


class Turns(Table):
    """`Space` cuts before the chosen prompt, and joins again; `Enter` is done."""

    switched = Signal(int)
    done = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.switched.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit()
        else:
            super().keyPressEvent(event)


class Split(QDialog):
    """`cut` tells the session's id and the turns before whose prompt a part begins."""

    cut = Signal(str, object)

    def __init__(
        self,
        session: Session,
        within: Span,
        turns: Sequence[TurnRow],
        suggested: Sequence[Cut],
        cuts: Collection[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self._within = session, within
        self._turns = [turn for turn in turns if within.holds(turn[0])]
        self._suggested = {one.turn: one.reason for one in suggested}
        self.cuts = {at for at in cuts if within.holds(at)}
        self.setWindowTitle("Split the session")
        self.setModal(True)
        self.resize(QSize(880, 480).boundedTo(self.screen().availableSize() * 0.9))
        self.rows = Rows(COLUMNS)
        self.table = Turns(self.rows, "Turns of the session", stretch=CUT)
        self.table.setItemDelegate(CutCells(self.table))
        self.table.give_way((BRANCH, REQUESTS), CUT_ROOM)
        self.table.switched.connect(self.switch)
        self.table.done.connect(self.give)
        self.table.doubleClicked.connect(lambda index: self.switch(index.row()))
        self.sum = Text(size=CAPTION, role="secondary")
        self._build()
        self._show(1)

    def _build(self) -> None:
        column = in_dialog(self)
        title = label(words.cut(words.title(self.session), 70), EMPHASIS, STRONG)
        column.addWidget(title)
        column.addWidget(Text("A part begins with the prompt it is cut before. Each part then waits in a row of its own.",
                              CAPTION, "secondary"))  # fmt: skip
        column.addWidget(self.table, 1)
        column.addWidget(self.sum)
        hints = [
            KeyHint("Space", "cut or join", lambda: self.switch(self.table.currentIndex().row())),
            KeyHint("a", "take the suggested cuts", self.take_suggested),
            KeyHint("↵", "done", self.give),
            KeyHint("Esc", "close", self.reject),
        ]
        hints[1].setVisible(bool(self._suggested))
        column.addWidget(flow(*hints, gap=12))
        QShortcut(QKeySequence("a"), self, self.take_suggested)

    def _show(self, row: int) -> None:
        self.rows.put(Prompt(turn, turn[0] in self.cuts, self._suggested.get(turn[0], "")) for turn in self._turns)
        self.table.setCurrentIndex(self.rows.index(max(0, min(row, len(self._turns) - 1)), 1))
        found = parts(self._turns, self._within, self.cuts)
        said = [f"{inbox_rows.turns_text(span) or 'the whole session'} {_value(total)}" for span, total in found]
        self.sum.setText(f"{words.plural(len(found), 'part')}, list value: " + " · ".join(said))

    def switch(self, row: int) -> None:
        if 0 < row < len(self._turns):  # a part begins with the first turn anyway
            self.cuts ^= {self._turns[row][0]}
        self._show(row)

    def take_suggested(self) -> None:
        self.cuts |= {at for at in self._suggested if at > self._within.first and self._within.holds(at)}
        self._show(self.table.currentIndex().row())

    def give(self) -> None:
        self.accept()
        self.cut.emit(self.session.id, frozenset(self.cuts))
