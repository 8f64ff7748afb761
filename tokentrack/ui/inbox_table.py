"""The inbox's list: groups that open, a mark for what is ready, and the keys that decide in the row they act on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from tokentrack.clock import now
from tokentrack.review.inbox import Key
from tokentrack.ui import inbox_rows
from tokentrack.ui.inbox_rows import Line, Pieces
from tokentrack.ui.keycap import caps, paint_cap
from tokentrack.ui.tables import ALIGN_RIGHT, ROW_HEIGHT, Cells, Column, Rows, Table
from tokentrack.ui.theme import BODY, CAPTION, STRONG, Roles, font, roles_of

Index = QModelIndex | QPersistentModelIndex
MARK, TASK, WHY, SESSIONS, VALUE, KEYS = range(6)
MARK_WIDE, INDENT, DOT = 44, 20, 9
LEAST_NAME = 64
"""Pixels of a name by which it is still told from another; where there are fewer, the first stands for all."""
TWO_LINES = 52
"""Height of a row in which the reason stands below the task."""


def columns() -> tuple[Column[Line], ...]:
    return (
        Column("", lambda line: ""),
        Column("Suggested task", inbox_rows.name_text, tip=inbox_rows.name_text),
        Column("Why", lambda line: inbox_rows.why_text(line, now()), tip=lambda line: inbox_rows.why_text(line, now())),
        Column(
            "Sessions", lambda line: "" if line.part else f"{line.group.sessions:,}", figure=True, widest="1,234"
        ),
        Column(
            "List value", inbox_rows.value_text, figure=True, widest="$1,234.56",
            why=inbox_rows.figure,
        ),
        Column("", lambda line: ""),
    )  # fmt: skip


class Lines(Rows[Line]):
    """Spoken with the state that the mark shows."""

    def measured(self) -> list[Line]:
        """The sums are the widest: what is open below them need not be measured."""
        return [line for line in self.shown if not line.part]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.AccessibleTextRole and index.isValid() and index.column() == TASK:
            return inbox_rows.spoken(self.shown[index.row()])
        return super().data(index, role)


class Marks(Cells):
    """Draws what a plain cell cannot: the mark, the task's key in bold, the reason, and key caps."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._plain, self._strong, self._small = font(BODY), font(BODY, STRONG), font(CAPTION)
        self._asked = font(BODY)
        self._asked.setUnderline(True)
        self._draw = {MARK: self._mark, TASK: self._name, WHY: self._why, KEYS: self._keys}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """All of a cell by hand: a stylesheet's cells take three times as long, which 5,000 rows would let feel."""
        roles, cell = roles_of(self._table.palette()), QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillRect(cell, QColor(roles.accent_soft))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(roles.line))
        if draw := self._draw.get(index.column()):
            draw(painter, cell, self._table.rows.shown[index.row()], chosen, roles)
        else:
            painter.setFont(self._asked if self._table.pointed == (index.row(), index.column()) else self._plain)
            painter.setPen(QColor(roles.text))
            painter.drawText(cell.adjusted(8, 0, -8, -1), int(ALIGN_RIGHT), index.data())
        painter.restore()

    def _mark(self, painter: QPainter, cell: QRectF, line: Line, chosen: bool, roles: Roles) -> None:
        if chosen:
            painter.fillRect(QRectF(cell.left(), cell.top(), 3, cell.height() - 1), QColor(roles.accent))
        if line.part:
            return
        middle = cell.center().y()
        left = cell.left() + 10
        painter.setPen(QPen(QColor(roles.secondary), 1.6))
        if line.is_open:
            arrow = [QPointF(left, middle - 2), QPointF(left + 4, middle + 2), QPointF(left + 8, middle - 2)]
        else:
            arrow = [QPointF(left + 2, middle - 4), QPointF(left + 6, middle), QPointF(left + 2, middle + 4)]
        painter.drawPolyline(QPolygonF(arrow))
        ground = QColor(roles.text)
        painter.setPen(QPen(ground, 1.6))
        painter.setBrush(ground if line.group.ready else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(cell.left() + 32, middle), DOT / 2, DOT / 2)

    def _name(self, painter: QPainter, cell: QRectF, line: Line, chosen: bool, roles: Roles) -> None:
        """Where there is no column for the reason it stands below the task."""
        indent = INDENT if line.part else 0
        if self._table.isColumnHidden(WHY):
            half = cell.height() / 2
            self._small_text(painter, cell.adjusted(indent, half, 0, -5), inbox_rows.below(line, now()), roles)
            cell = cell.adjusted(0, 5, 0, -half)
        box = cell.adjusted(8 + indent, 0, -8, -1)
        painter.setPen(QColor(roles.secondary if line.group.weak and not line.part else roles.text))
        left = box.left()
        for text, strong in self.fitting(line, int(box.width())):
            painter.setFont(self._strong if strong else self._plain)
            place = QRectF(left, box.top(), box.right() - left + 2, box.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            left += QFontMetrics(painter.font()).horizontalAdvance(text)

    def fitting(self, line: Line, room: int) -> Pieces:
        """A row's name in so many pixels: of several tasks each is shortened by itself, so that 1, 2 and 3 are told apart."""
        names, pieces = inbox_rows.may_be_cut(line)
        wide = [self._wide(piece) for piece in pieces]
        if sum(wide) <= room:
            return pieces
        kept = sum(one for at, one in enumerate(wide) if at not in names)
        most = share([wide[at] for at in names], room - kept)
        if len(names) > 1 and most < LEAST_NAME:
            first, others = pieces[names[0]], len(names) - 1
            said, short = (f" and {others} more", False), (f" +{others}", False)
            rest = said if room - self._wide(said) >= LEAST_NAME else short
            return [self._cut(first, room - self._wide(rest)), rest]
        return [self._cut(piece, most) if at in names else piece for at, piece in enumerate(pieces)]

    def _wide(self, piece: tuple[str, bool]) -> int:
        return QFontMetrics(self._strong if piece[1] else self._plain).horizontalAdvance(piece[0])

    def _cut(self, piece: tuple[str, bool], room: int) -> tuple[str, bool]:
        metrics = QFontMetrics(self._strong if piece[1] else self._plain)
        return metrics.elidedText(piece[0], Qt.TextElideMode.ElideMiddle, max(0, room)), piece[1]

    def _why(self, painter: QPainter, cell: QRectF, line: Line, chosen: bool, roles: Roles) -> None:
        self._small_text(painter, cell, inbox_rows.why_text(line, now(), inbox_rows.WHOSE), roles)

    def _small_text(self, painter: QPainter, cell: QRectF, text: str, roles: Roles) -> None:
        painter.setFont(self._small)
        painter.setPen(QColor(roles.secondary))
        box = cell.adjusted(8, 0, -8, -1)
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _keys(self, painter: QPainter, cell: QRectF, line: Line, chosen: bool, roles: Roles) -> None:
        if line.part and not chosen:
            return
        texts = inbox_rows.keys(line)
        for place, text in zip(caps(texts, cell.left() + 8, cell.center().y()), texts, strict=True):
            paint_cap(painter, place, text, roles)


def share(wide: Sequence[int], room: int) -> int:
    """The most that each may take, so that all fit into `room` and none is cut that is short."""
    left, most = room, room
    for at, one in enumerate(sorted(wide)):
        most = left // (len(wide) - at)
        if one > most:
            break
        left -= one
    return max(0, most)


class InboxTable(Table):
    """`Enter` accepts, with Shift everything that is ready; Right and Left open and close; a click on a key presses it."""

    accepted = Signal()
    all_accepted = Signal()
    toggled = Signal(int, bool)
    pressed_key = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.lines = Lines(columns())
        super().__init__(self.lines, "What waits for a task", stretch=TASK, parent=parent)
        self.setItemDelegate(Marks(self))
        self._high = self.verticalHeader().defaultSectionSize()
        self.setAccessibleDescription("Enter accepts, Right opens a group, question mark lists all keys")
        self.doubleClicked.disconnect()

    def _fit_columns(self) -> None:
        super()._fit_columns()
        self.setColumnWidth(MARK, MARK_WIDE)
        most = max((inbox_rows.keys(line) for line in self.lines.measured()), key=len, default=("t", "0"))
        self.setColumnWidth(KEYS, int(caps(most, 8, 0)[-1].right()) + 8)
        self._share_room()

    def _share_room(self) -> None:
        """A title is what a row is known by: it has three parts of five, the reason two."""
        others = sum(self.columnWidth(at) for at in (MARK, SESSIONS, VALUE, KEYS))
        if not self.isColumnHidden(WHY):
            self.setColumnWidth(WHY, max(0, self.viewport().width() - others) * 2 // 5)

    def put_why(self, beside: bool) -> None:
        """The reason in a column of its own, or with the number of sessions in a second line, but never out of sight (AC 15)."""
        for column in (WHY, SESSIONS):
            self.setColumnHidden(column, not beside)
        self._share_room()
        self.verticalHeader().setDefaultSectionSize(self._high if beside else self._high - ROW_HEIGHT + TWO_LINES)

    # rows ------------------------------------------------------------------------------------------------------------

    def put(self, lines: Iterable[Line]) -> None:
        """Shows other rows; the chosen one stays chosen, or the one that takes its place."""
        before, at = self.chosen, self.currentIndex().row()
        top = self.verticalScrollBar().value()
        self.lines.put(lines)
        self.verticalScrollBar().setValue(top)
        self.choose(self._row_of(before, at))

    def _row_of(self, before: Line | None, at: int) -> int:
        shown = self.lines.shown
        if before is None:
            return 0
        same = (
            row for row, line in enumerate(shown) if line.group.key == before.group.key and line.place == before.place
        )
        if (row := next(same, None)) is not None:
            return row
        sought = before.parts[0].key  # the same turns under another suggestion, whose group may be closed
        holding = [
            row
            for row, line in enumerate(shown)
            if any(part.session.id == sought.session and part.key == sought for part in line.parts)
        ]
        if holding:
            return holding[-1 if before.part else 0]
        return max(0, min(at, len(shown) - 1))

    @property
    def chosen(self) -> Line | None:
        return self.lines.row_at(self.currentIndex())

    def choose(self, row: int) -> None:
        if 0 <= row < len(self.lines.shown):
            self.setCurrentIndex(self.lines.index(row, TASK))

    def choose_parts(self, keys: Collection[Key]) -> None:
        """The row of these parts, else the first that holds one of them."""
        held = [[part.key in keys for part in line.parts] for line in self.lines.shown]
        rows = (at for test in (all, any) for at, parts in enumerate(held) if test(parts))
        self.choose(next(rows, -1))

    # keys and clicks -------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.all_accepted if shift else self.accepted).emit()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            self.toggled.emit(row, key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Space and (line := self.chosen):
            self.toggled.emit(row, not line.is_open and not line.part)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.choose(0 if key == Qt.Key.Key_Home else len(self.lines.shown) - 1)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position()
        index = self.indexAt(place.toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        line = self.lines.shown[index.row()]
        if index.column() == MARK and not line.part:
            self.toggled.emit(index.row(), not line.is_open)
        elif index.column() == KEYS:
            cell, texts = QRectF(self.visualRect(index)), inbox_rows.keys(line)
            for box, text in zip(caps(texts, cell.left() + 8, cell.center().y()), texts, strict=True):
                if box.contains(place):
                    self.pressed_key.emit(text)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() in (TASK, WHY, SESSIONS):
            line = self.lines.shown[index.row()]
            self.toggled.emit(index.row(), not line.is_open and not line.part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is asked about the chosen row takes room from the list, but does not hide that row."""
        super().resizeEvent(event)
        self._share_room()
        self.scrollTo(self.currentIndex())

    def sizeHint(self) -> QSize:
        return QSize(480, 320)
