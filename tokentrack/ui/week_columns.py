"""The last eight weeks as columns of one hue, with what is usual for the person and what is planned. Open weeks are outlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from tokentrack.review.drift import FEWEST, Band, Column
from tokentrack.ui import words
from tokentrack.ui.as_table import AsTable
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import head_link, picture_head
from tokentrack.ui.pointing import arrow, clicked, place_at, show_hand
from tokentrack.ui.tables import Column as TableColumn
from tokentrack.ui.tables import Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, STRONG, Roles, font, label, roles_of, scaled

TITLE = "Last 8 weeks, list value"
GAP, TOP, HIGH, MOST_WIDE = 10.0, 18, 96, 480
FARTHEST = 3
"""A plan so many times higher than all else is told in words: with its line in the picture, the columns would be flat."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Columns from the oldest to the week itself; `plan` is micro-dollars of list value a week, None: none is planned so."""

    columns: tuple[Column, ...]
    usual: Band | None
    plan: int | None

    @property
    def _used(self) -> int:
        return max([*(one.list_value or 0 for one in self.columns), self.usual.high if self.usual else 0])

    @property
    def line(self) -> int | None:
        """The plan, where the picture reaches up to it."""
        return self.plan if self.plan and (self.plan <= FARTHEST * self._used or not self._used) else None

    @property
    def highest(self) -> int:
        return max(self._used, self.line or 0)

    @property
    def caption(self) -> str:
        if self.usual is None:
            usual = f"what is usual is told from {FEWEST} closed weeks on"
        else:
            span = f"{words.money(self.usual.low)} to {words.money(self.usual.high)}"
            usual = f"your usual list value {span}, n = {self.usual.n}"
        where = "dotted" if self.line else "far above"
        plan = f" · planned {words.money(self.plan)} ({where})" if self.plan else ""
        return usual[0].upper() + usual[1:] + plan


def name(one: Column) -> str:
    return str(int(one.week.partition("-W")[2]))


def value(one: Column, exact: bool = False) -> str:
    return words.money(one.list_value, exact=exact, unpriced=one.unpriced if exact else 0)


def told(one: Column) -> str:
    state = "closed" if one.closed else "open"
    return f"Week {name(one)}, {state}: {value(one, exact=True)} list value"


# painting ------------------------------------------------------------------------------------------------------------


def paint(painter: QPainter, rect: QRectF, data: Weeks, roles: Roles, focus: int | None = None) -> list[QRectF]:
    """Draws the columns into `rect` and returns the place of each, for pointing and keys."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    caption = font(CAPTION)
    line = QFontMetricsF(caption).height()
    plot = rect.adjusted(0, scaled(TOP), 0, -(line + 5))
    count = max(1, len(data.columns))
    wide = (plot.width() - GAP * (count - 1)) / count
    found = [
        QRectF(plot.left() + at * (wide + GAP), rect.top(), wide, rect.height()) for at in range(len(data.columns))
    ]
    scale = plot.height() / data.highest if data.highest else 0.0
    bars = [_bar(plot, place, one, scale) for place, one in zip(found, data.columns, strict=True)]
    if data.usual:
        _paint_band(painter, plot, data.usual, scale, roles)
    for one, bar in zip(data.columns, bars, strict=True):
        _column(painter, plot, bar, one, roles)
    figures = [
        _figure(plot, bar, one, wide + GAP) for one, bar in zip(data.columns, bars, strict=True) if one.list_value != 0
    ]
    _paint_lines(painter, plot, data, scale, roles, [place for place, _ in figures])
    painter.setFont(caption)
    for place, text in figures:
        if place.width() > wide + GAP:  # it reaches over the column beside it
            painter.fillRect(place, QColor(roles.window))
        painter.setPen(QColor(roles.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(QPen(QColor(roles.line), 1))
    painter.drawLine(QPointF(plot.left(), plot.bottom() + 0.5), QPointF(plot.right(), plot.bottom() + 0.5))
    for at, one in enumerate(data.columns):
        last = at == len(data.columns) - 1
        painter.setFont(font(CAPTION, STRONG) if last else caption)
        painter.setPen(QColor(roles.text if last else roles.secondary))
        below = QRectF(found[at].center().x() - 24, plot.bottom() + 4, 48, line)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name(one))
        if focus == at:
            painter.setPen(QPen(QColor(roles.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(found[at].adjusted(-3, 1, 3, -1), 5, 5)
    return found


def _paint_band(painter: QPainter, plot: QRectF, usual: Band, scale: float, roles: Roles) -> None:
    top, bottom = plot.bottom() - usual.high * scale, plot.bottom() - usual.low * scale
    painter.fillRect(QRectF(plot.left(), top, plot.width(), max(1.0, bottom - top)), QColor(roles.accent_soft))


def _paint_lines(
    painter: QPainter, plot: QRectF, data: Weeks, scale: float, roles: Roles, figures: Sequence[QRectF]
) -> None:
    """What the columns are compared with lies over them, and stops at their figures."""
    around = QPainterPath()
    around.addRect(plot.adjusted(-2, -scaled(TOP), 2, 2))
    for place in figures:
        taken = QPainterPath()
        taken.addRect(place.adjusted(0, 2, 0, 0))
        around -= taken
    painter.save()
    painter.setClipPath(around)
    lines = [(data.line, roles.text, 1.6, [1.0, 3.0])] if data.line else []
    if data.usual:
        lines += [(value, roles.secondary, 1.0, [5.0, 3.0]) for value in (data.usual.high, data.usual.low)]
    for value, colour, wide, dashes in reversed(lines):
        pen = QPen(QColor(colour), wide)
        pen.setDashPattern(dashes)
        painter.setPen(pen)
        y = plot.bottom() - value * scale
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
    painter.restore()


def _bar(plot: QRectF, place: QRectF, one: Column, scale: float) -> QRectF:
    amount = one.list_value or 0
    high = max(amount * scale, 2.0 if amount else 0.0)
    return QRectF(place.left(), plot.bottom() - high, place.width(), high)


def _column(painter: QPainter, plot: QRectF, bar: QRectF, one: Column, roles: Roles) -> None:
    """A closed week is filled; an open one is an outline, through which the band is seen."""
    painter.save()
    painter.setClipRect(
        QRectF(bar.left() - 4, plot.top() - scaled(TOP), bar.width() + 8, plot.bottom() - plot.top() + scaled(TOP))
    )
    if one.closed:
        colour = QColor(roles.series[0])
        colour.setAlphaF(0.8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(bar.adjusted(0, 0, 0, 4), 3, 3)
    elif one.list_value:
        painter.setPen(QPen(QColor(roles.text), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(bar.adjusted(0.6, 0.6, -0.6, 5), 3, 3)
    painter.restore()


def _figure(plot: QRectF, bar: QRectF, one: Column, room: float) -> tuple[QRectF, str]:
    """Above the column, inside the picture at both ends; what has no room is shorter, and the table tells it in full."""
    metrics = QFontMetricsF(font(CAPTION))
    text = words.money(one.list_value) if one.list_value is not None else "?"
    text += " + ?" if one.unpriced and one.list_value is not None else ""
    if metrics.horizontalAdvance(text) > 1.4 * room:
        text = f"${words.short_money(one.list_value)}" if one.list_value is not None else "?"
    wide, high = metrics.horizontalAdvance(text) + 4, metrics.height()
    left = min(max(plot.left(), bar.center().x() - wide / 2), plot.right() - wide)
    return QRectF(left, bar.top() - high - 2, wide, high), text


class Chart(QWidget):
    """Arrow keys and pointing tell a week's figure; a click or `Enter` asks what it is made of."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._data = Weeks((), None, None)
        self._places: list[QRectF] = []
        self._focus: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(scaled(HIGH))
        self.setMinimumWidth(220)
        self.setMaximumWidth(scaled(MOST_WIDE))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(TITLE)

    def put(self, data: Weeks) -> None:
        self._data = data
        self.setAccessibleDescription("; ".join(map(told, data.columns)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, scaled(HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._focus if self.hasFocus() else None
        self._places = paint(painter, QRectF(self.rect()), self._data, roles_of(self.palette()), shown)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = place_at(self._places, QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if at is None else told(self._data.columns[at]), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        show_hand(self, place_at(self._places, event.position()) is not None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if (at := clicked(self._places, event)) is not None:
            self._ask(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._data.columns) - 1
        step = arrow(event)
        if step is not None and last >= 0 and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._focus = max(0, min(last, (last if self._focus is None else self._focus) + step))
            self.setAccessibleDescription(told(self._data.columns[self._focus]))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._focus is not None:
            self._ask(self._focus)
        else:
            super().keyPressEvent(event)

    def _ask(self, at: int) -> None:
        one = self._data.columns[at]
        if one.list_value or one.unpriced:
            week = f"list week:{one.week}" if one.closed else f"week:{one.week}"
            self.asked.emit(Figure(week, f"Week {name(one)}, list value", value(one)))


TABLE: tuple[TableColumn[Column], ...] = (
    TableColumn("Week", lambda one: one.week),
    TableColumn("List value", lambda one: value(one, exact=True), figure=True, widest="$12,345.67 + unknown"),
    TableColumn("State", lambda one: "closed" if one.closed else "open", widest="closed"),
)


class WeekColumns(QWidget):
    """The columns under their heading, as a picture or as a table."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(TITLE)
        self._week = ""
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.as_table = head_link("as table", "Show the last 8 weeks as a table or as columns")
        self.why = head_link("why?", "How what is usual was computed")
        title = label(TITLE, CAPTION, role="secondary")
        title.setMinimumWidth(1)
        self.chart, self.rows = Chart(), Rows(TABLE)
        self.table: Table | None = None
        self.caption = Text("", CAPTION, "secondary")
        column.addLayout(picture_head(title, self.as_table, self.why))
        for below in (self.chart, self.caption):
            column.addWidget(below)
        self.setMaximumWidth(scaled(MOST_WIDE))
        column.addStretch(1)
        AsTable(self.as_table, self.chart, "columns", self._make_table)
        self.why.clicked.connect(self._on_why)
        self.chart.asked.connect(self.asked)

    def put(self, week: str, columns: Sequence[Column], usual: Band | None, plan: int | None) -> None:
        self._week = week
        data = Weeks(tuple(columns), usual, plan)
        self.chart.put(data)
        self.rows.put(columns)
        if self.table:
            self.table.fit()
        self.caption.setText(data.caption)

    def _make_table(self) -> Table:
        self.table = Table(self.rows, TITLE, parent=self)
        self.table.fit()
        self._column.insertWidget(self._column.indexOf(self.caption), self.table)
        self.setTabOrder(self.chart, self.table)
        return self.table

    def _on_why(self) -> None:
        self.asked.emit(Figure(f"drift week:{self._week}", "What is usual, list value", "these weeks"))
