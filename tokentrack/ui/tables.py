"""One table model and one table view for every list: rows are plain data, columns are functions of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QMetaMethod,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import link
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, roles_of, scaled
from tokentrack.ui.words import tip

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT, BAR = 36, 3
BESIDE_WORDS = 18
"""Pixels of a cell that are not its words'."""
SEEN, LONGEST = 200, 8
"""Rows whose words are read, and texts by whose pixels a column is measured: that of most letters need not be the widest."""
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`key` sorts (None: not sortable), `tip` is the whole text of what may be elided.

    A column is as wide as what stands in it: of figures never narrower than `widest`, of words never wider. `drawn` are pixels
    of what is drawn before the words. `why` names the figure in a cell, so that a click asks what it is made of; None where the
    cell has none. `kept` is the end of the text that is never cut: a figure of which a part is another figure.
    """

    name: str
    text: Callable[[Row], str]
    key: Callable[[Row], Any] | None = None
    figure: bool = False
    tip: Callable[[Row], str] | None = None
    widest: str = ""
    drawn: int = 0
    why: Callable[[Row], Figure | None] | None = None
    kept: Callable[[Row], str] | None = None


class Rows(QAbstractTableModel, Generic[Row]):
    """Sorts and filters in Python: a proxy model would call back per comparison, which 5,000 rows can be felt by."""

    def __init__(self, columns: Iterable[Column[Row]], haystack: Callable[[Row], str] | None = None) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._haystack = haystack
        self._all: list[Row] = []
        self.shown: list[Row] = []
        self._needle = ""
        self._order: tuple[int, bool] | None = None

    # what is shown ---------------------------------------------------------------------------------------------------

    def put(self, rows: Iterable[Row]) -> None:
        self._all = list(rows)
        self._arrange()

    def filter(self, text: str) -> None:
        """Keeps rows that hold every word of `text`."""
        self._needle = text.casefold()
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self.columns) and self.columns[column].key:
            self._order = column, order == Qt.SortOrder.DescendingOrder
            self._arrange()

    def _arrange(self) -> None:
        self.beginResetModel()
        self.shown = [row for row in self._all if self._matches(row)]
        if self._order:
            self._sort(*self._order)
        self.endResetModel()

    def _matches(self, row: Row) -> bool:
        if not self._needle or not self._haystack:
            return True
        text = self._haystack(row).casefold()
        return all(word in text for word in self._needle.split())

    def _sort(self, column: int, falling: bool) -> None:
        """What is not known stands last in either order."""
        key = self.columns[column].key
        assert key is not None
        known = [row for row in self.shown if key(row) is not None]
        unknown = [row for row in self.shown if key(row) is None]
        self.shown = sorted(known, key=key, reverse=falling) + unknown

    def measured(self) -> list[Row]:
        """The rows that decide how wide a column is: all, so that no column moves while somebody filters."""
        return self._all

    # Qt's questions --------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.FontRole and getattr(row, "is_sum", False):
            return font(BODY, STRONG)  # the sum stands out
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGN_RIGHT if column.figure else ALIGN_LEFT
        if role == Qt.ItemDataRole.ToolTipRole and column.tip and (whole := column.tip(row)):
            return tip(whole)
        if role == Qt.ItemDataRole.ToolTipRole and (figure := self.figure_at(index)):
            return tip(figure.question)
        return None

    def row_at(self, index: Index) -> Row | None:
        """The row at an index, such as a table's current one; None: there is none."""
        return self.shown[index.row()] if 0 <= index.row() < len(self.shown) else None

    def figure_at(self, index: Index) -> Figure | None:
        """The figure in a cell, where it has one that can be asked."""
        if not index.isValid():
            return None
        why = self.columns[index.column()].why
        return why(self.shown[index.row()]) if why else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.name
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGN_RIGHT if column.figure else ALIGN_LEFT
        return None


class Cells(QStyledItemDelegate):
    """Figures that can be asked are underlined under the pointer; the keyboard's row has a bar, and its figure a frame."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if self._table.pointed == (index.row(), index.column()):
            option.font.setUnderline(True)
        kept, row = self._table.rows.columns[index.column()].kept, self._table.rows.row_at(index)
        if kept and row is not None:
            option.text = _fitting(option.text, kept(row), option.fontMetrics, option.rect.width() - BESIDE_WORDS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        self.show_keyboard(painter, QRectF(option.rect), index)

    def show_keyboard(self, painter: QPainter, cell: QRectF, index: Index) -> None:
        """A bar before the row on which the keyboard is, also where other rows are chosen; a frame around its figure."""
        table, now = self._table, self._table.currentIndex()
        if not table.hasFocus() or now.row() != index.row():
            return
        accent = QColor(roles_of(table.palette()).accent)
        if index.column() == table.first:
            painter.fillRect(QRectF(cell.left(), cell.top(), BAR, cell.height() - 1), accent)
        if now.column() == index.column() and table.rows.figure_at(index):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(accent, 2))
            painter.drawRoundedRect(cell.adjusted(2, 3, -2, -4), 6, 6)
            painter.restore()


class Table(QTableView):
    """Rows of 36 px, no grid, whole rows selected, long text elided in the middle, `Enter` opens a row.

    A click on a figure that has a `why` asks it; so do `Enter` and `Space` when the arrows have led there.
    """

    opened = Signal(int)
    asked = Signal(object)
    opens = True
    """Whether `opened` opens the row, and does nothing else with it."""

    def __init__(
        self, model: Rows[Any], name: str, stretch: int | tuple[int, ...] = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = model
        self._give_way: tuple[int, ...] = ()
        self._left_out: set[int] = set()
        self._least = 0
        self._measured: list[Any] | None = None
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFont(font(BODY))
        self._set_behaviour()
        self._set_headers((stretch,) if isinstance(stretch, int) else stretch)
        self.pointed: tuple[int, int] | None = None
        self.setItemDelegate(Cells(self))
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self._on_double_clicked)

    def _set_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table, arrows move in it
        self.setMouseTracking(True)

    def _set_headers(self, stretch: tuple[int, ...]) -> None:
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(max(ROW_HEIGHT, QFontMetrics(self.font()).height() + 16))
        across.setFont(font(CAPTION))
        across.setHighlightSections(False)
        across.setMinimumSectionSize(40)
        for at in stretch:
            across.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        self._stretch = stretch
        self._fit_columns()
        self.rows.modelReset.connect(self._fit_columns)

    def _fit_columns(self) -> None:
        """Figures are never cut; words are where they would take the room of what the row is known by."""
        rows = self.rows.measured()
        if rows is not self._measured:
            self._measured = rows
            for at, column in enumerate(self.rows.columns):
                if at not in self._stretch:
                    self.setColumnWidth(at, self._needed(column, rows))
        self._make_room()

    def _needed(self, column: Column[Any], rows: list[Any]) -> int:
        plain, strong = QFontMetrics(self.font()), QFontMetrics(font(BODY, STRONG))
        usual = plain.horizontalAdvance(column.widest)
        texts = {column.text(row) for row in (rows if column.figure else _some(rows) if column.widest else ())}
        longest = nlargest(LONGEST, texts, key=len)
        told = max(map(plain.horizontalAdvance, longest), default=usual)
        sums = [row for row in rows if getattr(row, "is_sum", False)]  # they stand out, so they are wider
        wide = max(usual, told) if column.figure else min(usual, told)
        wide = max(wide, *(strong.horizontalAdvance(column.text(row)) for row in sums), 0)
        # the head, in smaller letters, needs room for the sort mark too
        return max(wide + column.drawn, plain.horizontalAdvance(column.name) + 16) + BESIDE_WORDS

    def give_way(self, columns: tuple[int, ...], least: int) -> None:
        """These columns go, the first one first, until the words in what is stretched have so many pixels."""
        self._give_way, self._least = columns, scaled(least)
        self._make_room()

    def leave_out(self, column: int, out: bool) -> None:
        """A column that tells nothing now, whatever room there is."""
        (self._left_out.add if out else self._left_out.discard)(column)
        self.setColumnHidden(column, out)
        self._make_room()

    def _make_room(self) -> None:
        for column in self._give_way:
            self.setColumnHidden(column, column in self._left_out)
        others = [at for at in range(len(self.rows.columns)) if at not in self._stretch]
        room = self.viewport().width() - sum(self.columnWidth(at) for at in others)
        for column in self._give_way:
            if room >= self._least:
                return
            room += self.columnWidth(column)
            self.setColumnHidden(column, True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter, space = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter), event.key() == Qt.Key.Key_Space
        figure = self.rows.figure_at(self.currentIndex()) if enter or space else None
        if figure:
            self.asked.emit(figure)
        elif enter and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    @property
    def first(self) -> int:
        """The column that is seen first."""
        return self.horizontalHeader().logicalIndexAt(0)

    def currentChanged(self, now: Index, before: Index) -> None:
        """Qt draws the two cells anew; the bar before a row may be in other ones."""
        super().currentChanged(now, before)
        for index in (now, before):
            self.update(index.sibling(index.row(), self.first))

    def _on_clicked(self, index: QModelIndex) -> None:
        if figure := self.rows.figure_at(index):
            self.asked.emit(figure)

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if not self.rows.figure_at(index):  # the first click of the two asked it
            self.opened.emit(index.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button, or the keyboard's menu key: then where the keyboard is."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            place = self.visualRect(index).center() if by_key else event.pos()
            self.menu(index).popup(self.viewport().mapToGlobal(place))

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done where a cell is."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows.modelReset.connect(made.close)  # what it offers is about a row, which may be another one now
        if figure := self.rows.figure_at(index):
            made.addAction(figure.question.replace("&", "&&"), lambda: self.asked.emit(figure))
        if self.opens and self.isSignalConnected(QMetaMethod.fromSignal(self.opened)):
            made.addAction("Open" if figure else "Open\tEnter", lambda: self.opened.emit(index.row()))
        text = str(index.data() or "")
        made.addAction("Copy\tCtrl+C", lambda: QGuiApplication.clipboard().setText(text)).setEnabled(bool(text))
        return made

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._point_at((index.row(), index.column()) if self.rows.figure_at(index) else None)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self.pointed:
            self.pointed = cell
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def fit(self) -> None:
        """As high as its rows, for short tables inside a page that scrolls itself."""
        high = self.horizontalHeader().sizeHint().height()
        high += self.rows.rowCount() * self.verticalHeader().defaultSectionSize()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(high + 2)

    def sizeHint(self) -> QSize:
        return QSize(480, 240)


def _fitting(text: str, kept: str, metrics: QFontMetrics, room: int) -> str:
    """What stands before the end that is kept gives way, then of that all but its last word."""
    left = room - metrics.horizontalAdvance(kept)
    if left < 0:
        return kept.rsplit(maxsplit=1)[-1]
    before = metrics.elidedText(text.removesuffix(kept), Qt.TextElideMode.ElideMiddle, left)
    return kept if before == "…" else before + kept


def _some(rows: list[Any]) -> list[Any]:
    """The first ones, which are seen first, and some of the others: words of thousands of rows would take too long to measure."""
    return [*rows[:SEEN], *rows[SEEN :: max(1, len(rows) // SEEN)]]


def take_out(table: Table, what: str, act: Callable[[], None]) -> QPushButton:
    """A link under a table that takes its chosen row out, as `Del` does."""
    made = link("take out   Del", f"Take {what} out")
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.clicked.connect(act)
    table.selectionModel().currentChanged.connect(lambda now, _: made.setEnabled(now.isValid()))
    return made
