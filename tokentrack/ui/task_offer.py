"""What an import of tasks would add, before it does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.ui import words
from tokentrack.ui.card import Card, button
from tokentrack.ui.source_tasks import Offered
from tokentrack.ui.tables import Cells, Column, Index, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, roles_of
from tokentrack.ui.tick import BOX, paint_box

MOST_FAULTS = 5
LEAST, LOWEST, HIGHEST = 1, 3, 8
"""Rows of an import that are in view: where there is no room for more, where there are few, and at most."""
ADD, TITLE, PROJECT, CREATED = 0, 2, 3, 4
TITLE_ROOM = 180

OFFERED: tuple[Column[Task], ...] = (
    Column("Add", lambda task: ""),
    Column("Key", lambda task: task.key or "–", tip=lambda task: task.url or "", widest="PAYMENT-1234"),
    Column("Title", lambda task: task.title, tip=lambda task: task.title),
    Column(
        "Project", lambda task: words.folder(task.project), tip=lambda task: task.project or "", widest="payments-api"
    ),
    Column("Created", lambda task: words.when(task.created_at, clock.now()), widest="22 Nov 2026"),
)


class TickedCells(Cells):
    """A tick before each task that is taken: its soft ground alone could not be told from that of all others."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.column() == ADD:
            box = QRectF(0, 0, BOX, BOX)
            box.moveCenter(QRectF(option.rect).center())
            taken = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_box(painter, box, taken, False, roles_of(self._table.palette()))
            painter.restore()


class OfferCard(Card):
    """What an import would add, before it does: `given` tells the chosen tasks, all of them unless some are taken out."""

    given = Signal(object)

    def __init__(self) -> None:
        super().__init__("Import tasks")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.rows = Rows(OFFERED)
        self.table = Table(self.rows, "Tasks that may be added", stretch=TITLE, parent=self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        self.table.setItemDelegate(TickedCells(self.table))
        self.table.give_way((PROJECT, CREATED), TITLE_ROOM)
        self.table.opens = False
        self.table.opened.connect(self.give)
        self.faults = Text(size=CAPTION, role="attention")
        self.about = Text(role="secondary")
        self.accept = button("Add", self.give, "primary")
        self._liked = self.table.minimumHeight()
        for part in (self.head, self.about, self.table, self.faults):
            self.column.addWidget(part)
        self.column.addLayout(self.foot(self.accept))
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)

    def wait(self, whence: str) -> None:
        """Nothing is known yet."""
        self.head.setText(f"Tasks from {whence}")
        self.put_rows(())
        self.about.setText("Reading …")
        self.faults.hide()
        self.say("")

    def put(self, whence: str, offered: Offered) -> None:
        self.head.setText(f"Tasks from {whence}")
        self.put_rows(offered.tasks)
        parts = [f"{words.plural(len(offered.tasks), 'new task')}"]
        if offered.known:
            parts.append(f"{offered.known:,} there already")
        parts += [words.plural(len(offered.faults), "row") + " not taken"] if offered.faults else []
        hint = " · Space takes one out or in" if offered.tasks else ""
        self.about.setText(" · ".join(parts) + hint)
        more = len(offered.faults) - MOST_FAULTS
        told = [*offered.faults[:MOST_FAULTS], *([f"{words.plural(more, 'more row')} not taken."] if more > 0 else [])]
        self.faults.setText("\n".join(told))
        self.faults.setVisible(bool(told))
        self.say("")

    def fail(self, sentence: str) -> None:
        self.put_rows(())
        self.about.setText("")
        self.faults.hide()
        self.say(sentence)

    def put_rows(self, tasks: Sequence[Task]) -> None:
        self.rows.put(tasks)
        self.table.setVisible(bool(tasks))
        self._liked = self._high(min(max(len(tasks), LOWEST), HIGHEST))
        self.table.setFixedHeight(self._liked)
        self.table.selectAll()
        if not tasks:
            self.setFocus()  # a hidden table would hand the keyboard to the next key hint of the page
        else:
            at = self.rows.index(0, 0)
            self.table.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.setFocus()
        self._show_chosen()

    def _high(self, rows: int) -> int:
        head = self.table.horizontalHeader().sizeHint().height()
        return rows * self.table.verticalHeader().defaultSectionSize() + head + 2

    @property
    def shrunk(self) -> int:
        return 0 if self.table.isHidden() else self._liked - self.table.minimumHeight()

    def shrink(self, by: int) -> None:
        """Rows scroll before the buttons do."""
        self.table.setFixedHeight(max(self._high(LEAST), self._liked - by))

    @property
    def chosen(self) -> list[Task]:
        return [self.rows.shown[at.row()] for at in self.table.selectionModel().selectedRows()]

    def _show_chosen(self, *_: object) -> None:
        what = words.plural(len(self.chosen), "task") if self.chosen else ""
        self.accept.setText(f"Add {what}   ↵" if what else "Add")
        self.accept.setEnabled(bool(self.chosen))

    def give(self, *_: object) -> None:
        if chosen := self.chosen:
            self.given.emit(sorted(chosen, key=self.rows.shown.index))
