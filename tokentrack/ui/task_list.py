"""The list of tasks with its filters, and what can be done to those that are chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokentrack.model.tasks import Task
from tokentrack.review.ledger import Ledger, Row
from tokentrack.ui import outcomes, words
from tokentrack.ui.choices import Choices
from tokentrack.ui.empty import Empty
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.flow import flow
from tokentrack.ui.pick import Pick
from tokentrack.ui.tables import ALIGN_LEFT, ALIGN_RIGHT, Cells, Index, Rows, Table
from tokentrack.ui.task_rows import (
    KEY,
    LAST,
    OUTCOME,
    PROJECT,
    SESSIONS,
    SHOWN,
    TITLE,
    chosen,
    columns,
)
from tokentrack.ui.theme import STRONG, font, label, roles_of, scaled

EVERY, NOWHERE = "", None
"""Of the project filter: any project, and tasks of no one project."""
TITLE_ROOM = 220
"""So much the title has before other columns have room; `GIVE_WAY` in this order."""
GIVE_WAY = (PROJECT, SESSIONS, LAST, KEY)
LOW = 150
"""So low a list has no room for filters and rows."""
NO_TASK_YET = "No task yet. A task is what you recognise as one piece of work; sessions are linked to it."


class TaskCells(Cells):
    """All of a cell by hand: a stylesheet's cells take three times as long. The outcome's shape stands before its word."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._plain, self._asked = font(), font()
        self._asked.setUnderline(True)
        self._metrics = QFontMetrics(self._plain)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, cell, at = self._table, option.rect, (index.row(), index.column())
        column, row = table.rows.columns[at[1]], table.rows.shown[at[0]]
        roles, words_ = roles_of(table.palette()), cell.adjusted(8, 0, -8, -1)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, QColor(roles.accent_soft))
        painter.fillRect(cell.left(), cell.bottom(), cell.width(), 1, QColor(roles.line))
        if at[1] == OUTCOME:
            mark = QRectF(words_.left(), words_.center().y() - outcomes.MARK / 2 + 1, outcomes.MARK, outcomes.MARK)
            outcomes.paint_mark(painter, mark, row.task.outcome, roles)
            words_.setLeft(words_.left() + outcomes.MARK + 6)
        painter.setFont(self._asked if table.pointed == at else self._plain)
        painter.setPen(QColor(roles.text))
        text = self._metrics.elidedText(column.text(row), Qt.TextElideMode.ElideMiddle, words_.width())
        painter.drawText(words_, ALIGN_RIGHT if column.figure else ALIGN_LEFT, text)
        self.show_keyboard(painter, QRectF(cell), index)


class TaskTable(Table):
    """Several rows may be chosen."""

    def __init__(self, rows: Rows[Row], parent: QWidget | None = None) -> None:
        super().__init__(rows, "Tasks", stretch=TITLE, parent=parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.cells = TaskCells(self)
        self.setItemDelegate(self.cells)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(LAST, Qt.SortOrder.DescendingOrder)
        self.give_way(GIVE_WAY, TITLE_ROOM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is told above the list takes room from it, but does not hide the row in hand."""
        row = self.currentIndex()
        seen = QRect(QPoint(), event.oldSize()).intersects(self.visualRect(row))
        super().resizeEvent(event)
        if seen:
            self.scrollTo(row)


class TaskList(QWidget):
    """`opened` tells a task, `chosen_changed` that others are chosen, `add_asked` the button of an empty list."""

    opened = Signal(object)
    chosen_changed = Signal()
    shown_changed = Signal()
    add_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ledger: Ledger | None = None
        self.rows: Rows[Row] = Rows(columns(lambda: self.table.isColumnHidden(KEY)))
        self.rows.sort(LAST, Qt.SortOrder.DescendingOrder)
        self.search = FindLine("Search key, title, project, note   /", "Search tasks")
        self.search.setMinimumWidth(160)
        self.shown = Choices("Show", SHOWN, "all")
        self.project = Pick("Project of the tasks that are shown")
        self.project.addItem("every project", EVERY)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.search, 1)
        first.addWidget(self.project)
        column.addLayout(first)
        column.addWidget(self.shown)
        column.addWidget(self._body(), 1)
        self._connect()

    def _body(self) -> QWidget:
        self._stack = QStackedWidget(self)
        self.table = TaskTable(self.rows, self._stack)
        self._nothing = label("", role="secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty = Empty(self._stack)
        empty.put(NO_TASK_YET, "Add a task   N", self.add_asked.emit)
        self.add = empty.button
        for part in (self.table, self._nothing, empty):
            self._stack.addWidget(part)
        return self._stack

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._arrange())
        self.search.leads_to(self._on_led)
        self.shown.chosen.connect(lambda _: self._arrange())
        self.project.activated.connect(lambda _: self._arrange())
        self.table.opened.connect(lambda at: self.opened.emit(self.rows.shown[at].task))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())

    def minimumSizeHint(self) -> QSize:
        """What is asked of the chosen tasks below it comes first."""
        return QSize(super().minimumSizeHint().width(), 0)

    def hasHeightForWidth(self) -> bool:
        """Else the height it would like were the least it takes, and it would lie over the card above it."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the filters give way to the rows."""
        super().resizeEvent(event)
        for part in (self.search, self.project, self.shown):
            part.setVisible(self.height() >= scaled(LOW))

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, ledger: Ledger, changed: bool = False) -> None:
        """The rows anew; what was chosen, and the place, stay. After a change of the person's what is new is chosen, or what came
        back; where what was chosen is gone, the row that takes its place.
        """
        if ledger == self.ledger:
            return
        came, before = self.ledger is None, {row.task.id for row in self.ledger.rows} if self.ledger else set()
        at = min((index.row() for index in self.table.selectionModel().selectedRows()), default=None)
        self.ledger = ledger
        self._fill_projects(ledger.rows)
        self._arrange()
        if changed and not came:
            new = {row.task.id for row in ledger.rows} - before
            if at is not None and not self.chosen and self.rows.shown:  # first: what is new may be another program's
                self.choose({self.rows.shown[min(at, len(self.rows.shown) - 1)].task.id})
            elif new:
                self.choose(new)
        if came and self.search.hasFocus() and not self.search.text():
            (
                self.table if ledger.rows else self.add
            ).setFocus()  # the keys act at once; letters would go into the search

    def _fill_projects(self, rows: Sequence[Row]) -> None:
        paths = sorted({row.task.project for row in rows if row.task.project}, key=words.folder)
        now = self.project.currentData()
        if paths == [self.project.itemData(at) for at in range(1, self.project.count())][: len(paths)]:
            return
        self.project.clear()
        self.project.addItem("every project", EVERY)
        for path in paths:
            self.project.addItem(words.folder(path), path)
        if any(row.task.project is None for row in rows):
            self.project.addItem("no one project", NOWHERE)
        self.project.setCurrentIndex(max(0, self.project.findData(now)))

    def _arrange(self) -> None:
        kept, current, place = self.ids, self.current, self.table.verticalScrollBar().value()
        rows = self.ledger.rows if self.ledger else ()
        project = self.project.currentData()
        found = chosen(rows, self.shown.value, project, self.search.text())
        model = self.table.selectionModel()
        model.blockSignals(True)
        self.rows.put(found)
        self._choose(kept, current.id if current else None)
        model.blockSignals(False)
        self.table.verticalScrollBar().setValue(place)
        nothing = "No task is shown. Esc shows all again."
        self._nothing.setText(nothing)
        self._stack.setCurrentIndex(0 if found else 1 if rows else 2)
        self.shown_changed.emit()
        self.chosen_changed.emit()

    def _choose(self, ids: set[str], current: str | None) -> None:
        picked = QItemSelection()
        for at, row in enumerate(self.rows.shown):
            if row.task.id in ids:
                picked.select(self.rows.index(at, 0), self.rows.index(at, 0))
            if row.task.id == current:
                flags = QItemSelectionModel.SelectionFlag.NoUpdate
                self.table.selectionModel().setCurrentIndex(self.rows.index(at, 0), flags)
        flag = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(picked, flag.ClearAndSelect | flag.Rows)
        self.table.viewport().update()

    def choose(self, tasks: set[str]) -> None:
        """Chooses tasks (their ids), also where a filter hides them."""
        if not tasks <= {row.task.id for row in self.rows.shown}:
            self.show_all()
        self._choose(tasks, next((row.task.id for row in self.rows.shown if row.task.id in tasks), None))
        if (at := self.table.currentIndex()).isValid():
            self.table.scrollTo(at)
        self.chosen_changed.emit()

    def show_all(self) -> bool:
        """Takes every filter away; whether there was one."""
        if not self.search.text() and self.shown.value == "all" and self.project.currentIndex() == 0:
            return False
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.shown.put("all")
        self.project.setCurrentIndex(0)
        self._arrange()
        return True

    # what is chosen --------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> list[Row]:
        """In the order in which they are listed."""
        ats = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.rows.shown[at] for at in ats if at < len(self.rows.shown)]

    @property
    def tasks(self) -> list[Task]:
        return [row.task for row in self.chosen]

    @property
    def ids(self) -> set[str]:
        return {row.task.id for row in self.chosen}

    @property
    def current(self) -> Task | None:
        row = self.rows.row_at(self.table.currentIndex())
        return row.task if row else None

    def _on_led(self) -> None:
        if not self.rows.shown:
            return
        self.table.setFocus()
        if not self.chosen:
            self._choose({self.rows.shown[0].task.id}, self.rows.shown[0].task.id)
            self.chosen_changed.emit()


class ChosenBar(QWidget):
    """What can be done to several tasks at once; the same keys act on one."""

    sized = Signal(object)
    moved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.count = label("", weight=STRONG)
        self.sizes, self.project = Pick("Set the size"), Pick("Move to a project")
        self.merge, self.private, self.delete = (
            QPushButton(text) for text in ("Merge   M", "Private   P", "Delete   Del")
        )
        for made in (self.merge, self.private, self.delete):
            made.setFont(font())
        for key, text in (("", "Size"), ("S", "S"), ("M", "M"), ("L", "L"), (None, "not said")):
            self.sizes.addItem(text, key)
        self.sizes.activated.connect(self._on_size)
        self.project.activated.connect(self._on_project)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(flow(self.count, self.sizes, self.project, self.merge, self.private, self.delete))
        self.hide()

    def put(self, tasks: Sequence[Task], projects: Sequence[tuple[str, str]]) -> None:
        self.setVisible(len(tasks) > 1)
        self.count.setText(f"{words.plural(len(tasks), 'task')} chosen")
        self.private.setText("Not private   P" if tasks and all(task.private for task in tasks) else "Private   P")
        if self.project.count() != len(projects) + 2:
            self.project.clear()
            self.project.addItem("Project", "")
            self.project.addItem("no one project", None)
            for path, name in projects:
                self.project.addItem(name, path)

    def _on_size(self, at: int) -> None:
        if at:
            self.sized.emit(self.sizes.itemData(at))
        self.sizes.setCurrentIndex(0)

    def _on_project(self, at: int) -> None:
        if at:
            self.moved.emit(self.project.itemData(at))
        self.project.setCurrentIndex(0)
