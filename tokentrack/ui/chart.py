"""A week or a month by day as stacked columns: one pure paint function, and the widget that shows it.

Agents differ by pattern and colour; every column carries its figure, so no axis is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokentrack.agents import labels
from tokentrack.model.usage import Total
from tokentrack.ui.figure import Figure
from tokentrack.ui.pointing import arrow, clicked, place_at, show_hand
from tokentrack.ui.theme import BODY, CAPTION, PLAIN, STRONG, Roles, font, roles_of, scaled
from tokentrack.ui.words import DAYS, agent, day, money, tokens

PATTERNS = ("solid", "rising", "level", "dots", "upright")
WIDEST = 64
ALL_NAMED = 7
"""Days up to which every column carries its figure; of more, the highest, today's and the one that is looked at."""
SWATCH = 10
STEP = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    agent: str
    micro: int


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One day. `label` is its figure as shown, `parts` are stacked from below in the order of `Columns.agents`."""

    on: date
    label: str
    parts: tuple[Part, ...]
    tip: str

    @property
    def figure(self) -> Figure | None:
        """What its label stands for; a day without any use has none."""
        if not self.label:
            return None
        return Figure(f"day:{self.on.isoformat()}", f"{day(self.on)}, list value", self.label)

    @property
    def micro(self) -> int:
        return sum(part.micro for part in self.parts)


@dataclass(frozen=True, slots=True)
class Columns:
    days: tuple[DayColumn, ...]
    agents: tuple[str, ...]
    today: date

    @property
    def highest(self) -> int:
        return max((column.micro for column in self.days), default=0)


def columns_of(days: Sequence[tuple[date, Mapping[str, Total]]], today: date) -> Columns:
    """A glance's days as columns. An agent keeps its place, and so its pattern, from week to week."""
    used = {name for _, by_agent in days for name, total in by_agent.items() if total.requests}
    known = list(labels())
    agents = tuple(sorted(used, key=lambda name: (known.index(name) if name in known else len(known), name)))
    return Columns(tuple(_column(on, by_agent, agents) for on, by_agent in days), agents, today)


def _column(on: date, by_agent: Mapping[str, Total], agents: Sequence[str]) -> DayColumn:
    used = [(name, by_agent[name]) for name in agents if name in by_agent and by_agent[name].requests]
    total = sum((total for _, total in used), Total())
    label = money(total.list_value) if total.requests else ""
    lines = [f"{day(on)}: {_amount(total) if total.requests else 'nothing'}"]
    if len(used) > 1:
        lines += [f"{agent(name)}: {_amount(t)}" for name, t in used]
    parts = tuple(Part(name, t.list_value or 0) for name, t in used)
    if total.unpriced_requests and total.list_value is not None:
        label += " + ?"
    return DayColumn(on, label, parts, "\n".join(lines))


def _amount(total: Total) -> str:
    return f"{money(total.list_value, exact=True, unpriced=total.unpriced_requests)}, {tokens(total.tokens)}"


# painting ------------------------------------------------------------------------------------------------------------


def paint(
    painter: QPainter,
    rect: QRectF,
    data: Columns,
    roles: Roles,
    focus: int | None = None,
    pointed: int | None = None,
) -> list[QRectF]:
    """Draws the columns into `rect` and returns the place of each day, for pointing and keys."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    caption, strong = font(CAPTION), font(CAPTION, STRONG)
    line = QFontMetricsF(caption).height()
    legend = line + 12 if len(data.agents) > 1 else 0.0
    plot = rect.adjusted(0, line + 8, 0, -(line + 8 + legend))
    wide = plot.width() / max(1, len(data.days))
    places = [
        QRectF(plot.left() + at * wide, rect.top(), wide, plot.bottom() - rect.top() + line + 8)
        for at in range(len(data.days))
    ]
    painter.setPen(QPen(QColor(roles.line), 1))
    painter.drawLine(QPointF(plot.left(), plot.bottom() + 0.5), QPointF(plot.right(), plot.bottom() + 0.5))
    named = _named(
        data,
        [_bar_place(plot, place, column, data.highest) for place, column in zip(places, data.days, strict=True)],
        (focus, pointed),
    )
    step = _step(len(data.days), wide)
    now = next((at for at, column in enumerate(data.days) if column.on == data.today), -len(data.days))
    for at, column in enumerate(data.days):
        today = column.on == data.today
        bar = _bar_place(plot, places[at], column, data.highest)
        _stack(painter, bar, column, data.agents, roles)
        if today:
            _outline(painter, _frame(plot, bar), roles)
        painter.setFont(strong if today else caption)
        painter.setPen(QColor(roles.text if today else roles.secondary))
        if today or (at % step == 0 and not 0 < abs(at - now) < step):
            name = QRectF(places[at].left(), plot.bottom() + 5, wide, line)
            painter.drawText(
                name, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, _name(column, today, len(data.days))
            )
        if at in named:
            painter.setPen(QColor(roles.text))
            figure = QFont(painter.font())
            figure.setUnderline(pointed == at)
            painter.setFont(figure)
            painter.drawText(_above(rect, bar, column.label), Qt.AlignmentFlag.AlignCenter, column.label)
        if focus == at:
            _focus_frame(painter, places[at], roles)
    if legend:
        _legend(painter, QPointF(rect.left(), rect.bottom() - line), data.agents, roles)
    return places


def _name(column: DayColumn, today: bool, days: int) -> str:
    if days > ALL_NAMED:
        return f"{column.on.day}"
    return "Today" if today else DAYS[column.on.weekday()]


def _step(days: int, wide: float) -> int:
    """Every so many days are called by their date, so that the dates do not touch."""
    return 1 if days <= ALL_NAMED else max(1, ceil(scaled(24) / max(1.0, wide)))


def _above(rect: QRectF, bar: QRectF, label: str) -> QRectF:
    """Where a column's figure stands; it stays inside at both edges."""
    metrics = QFontMetricsF(font(CAPTION, STRONG))
    wide, high = metrics.horizontalAdvance(label) + 2, metrics.height()
    left = min(max(rect.left(), bar.center().x() - wide / 2), rect.right() - wide)
    return QRectF(left, bar.top() - high - 5, wide, high)


def _named(data: Columns, bars: Sequence[QRectF], looked_at: tuple[int | None, ...]) -> set[int]:
    """The columns that carry their figure: all of a week; of more days as many as keep clear of each other's columns."""
    if len(data.days) <= ALL_NAMED:
        return set(range(len(data.days)))
    order = [at for at in looked_at if at is not None and at < len(bars)]
    order += sorted(range(len(bars)), key=lambda at: (data.days[at].on != data.today, -data.days[at].micro))
    around = QRectF(bars[0].left(), -1e6, bars[-1].right() - bars[0].left(), 2e6)
    taken: list[tuple[int, QRectF]] = []
    for at in order:
        label = data.days[at].label
        place = _above(around, bars[at], label).adjusted(-3, 0, 3, 0)
        free = all(other != at and not place.intersects(there) for other, there in taken)
        clear = all(not place.intersects(bar) for n, bar in enumerate(bars) if n != at)
        told = any(data.days[other].label == label for other, _ in taken)
        if label and free and ((clear and not told) or at in looked_at):
            taken.append((at, place))
    return {at for at, _ in taken}


def _bar_place(plot: QRectF, place: QRectF, column: DayColumn, highest: int) -> QRectF:
    wide = min(WIDEST, place.width() * 0.62)
    high = plot.height() * column.micro / highest if highest else 0.0
    high = max(high, 2.0) if column.parts else 0.0
    return QRectF(round(place.center().x() - wide / 2), plot.bottom() - high, round(wide), high)


def _stack(painter: QPainter, bar: QRectF, column: DayColumn, agents: Sequence[str], roles: Roles) -> None:
    """The day's agents from below, with rounded corners at the top only."""
    if not column.parts:
        return
    painter.save()
    shape = QPainterPath()
    shape.addRoundedRect(bar.adjusted(0, 0, 0, 6), 3, 3)
    painter.setClipRect(bar.adjusted(-1, -1, 1, 0))
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    bottom = bar.bottom()
    for part in column.parts:
        high = bar.height() * part.micro / column.micro if column.micro else bar.height() / len(column.parts)
        piece = QRectF(bar.left(), bottom - high, bar.width(), high)
        _fill(painter, piece, agents.index(part.agent), roles)
        bottom -= high
    painter.restore()


def _fill(painter: QPainter, piece: QRectF, at: int, roles: Roles) -> None:
    """Colour and pattern of the agent at place `at`; a patterned piece stands on a soft ground of its colour."""
    colour = QColor(roles.series[at % len(roles.series)])
    pattern = PATTERNS[at % len(PATTERNS)]
    ground = QColor(colour)
    if pattern != "solid":
        ground.setAlphaF(0.25)
    painter.fillRect(piece, ground)
    hatch(painter, piece, pattern, colour)
    painter.setPen(QPen(QColor(roles.window), 1))
    painter.drawLine(piece.topLeft(), piece.topRight())


def hatch(painter: QPainter, piece: QRectF, pattern: str, colour: QColor) -> None:
    """Drawn lines instead of Qt's pattern brushes, which are bitmaps and turn too fine or blocky on dense screens."""
    if pattern == "solid":
        return
    painter.save()
    painter.setClipRect(piece, Qt.ClipOperation.IntersectClip)
    pen = QPen(colour, 2.4 if pattern == "dots" else 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLines(_strokes(piece, pattern))
    painter.restore()


def _strokes(piece: QRectF, pattern: str) -> list[QLineF]:
    left, top, right, bottom = piece.left(), piece.top(), piece.right(), piece.bottom()
    across, down = range(int(piece.width() / STEP) + 2), range(int(piece.height() / STEP) + 2)
    if pattern == "level":
        return [QLineF(left, bottom - (n + 0.5) * STEP, right, bottom - (n + 0.5) * STEP) for n in down]
    if pattern == "upright":
        return [QLineF(left + (n + 0.5) * STEP, top, left + (n + 0.5) * STEP, bottom) for n in across]
    if pattern == "dots":
        at = [QPointF(left + (n + 0.5) * STEP, bottom - (m + 0.5) * STEP) for n in across for m in down]
        return [QLineF(point, point + QPointF(0.01, 0)) for point in at]
    high = piece.height()
    starts = [left - high + n * STEP * 1.4 for n in range(int((piece.width() + high) / (STEP * 1.4)) + 2)]
    return [QLineF(start, bottom, start + high, top) for start in starts]


def _frame(plot: QRectF, bar: QRectF) -> QRectF:
    """Around today's bar, and of a readable height also when nothing was used yet."""
    high = max(bar.height(), 12.0)
    return QRectF(bar.left() - 3.5, plot.bottom() - high - 3.5, bar.width() + 7, high + 3.5)


def _outline(painter: QPainter, frame: QRectF, roles: Roles) -> None:
    painter.setPen(QPen(QColor(roles.text), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, 4, 4)


def _focus_frame(painter: QPainter, place: QRectF, roles: Roles) -> None:
    painter.setPen(QPen(QColor(roles.accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place.adjusted(2, 1, -2, -1), 6, 6)


def _legend(painter: QPainter, at: QPointF, agents: Sequence[str], roles: Roles) -> None:
    painter.setFont(font(CAPTION))
    metrics = QFontMetricsF(painter.font())
    x = at.x()
    for place, name in enumerate(agents):
        swatch = QRectF(x, at.y() + (metrics.height() - SWATCH) / 2, SWATCH, SWATCH)
        _fill(painter, swatch, place, roles)
        painter.setPen(QColor(roles.secondary))
        painter.drawText(QPointF(x + SWATCH + 6, at.y() + metrics.ascent()), agent(name))
        x += SWATCH + 6 + metrics.horizontalAdvance(agent(name)) + 20


# the widget ----------------------------------------------------------------------------------------------------------


class WeekChart(QWidget):
    """Shows `Columns`; pointing or arrow keys tell a day's figures, a click, `Enter` or `Space` asks what it is made of."""

    asked = Signal(object)

    def __init__(self, name: str = "This week by day, list value") -> None:
        super().__init__()
        self._data = Columns((), (), date.min)
        self._places: list[QRectF] = []
        self._focus: int | None = None
        self._pointed: int | None = None
        self.setFont(font(BODY, PLAIN))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(320, 150))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(560, 190)

    def put(self, data: Columns) -> None:
        self._data = data
        text = "; ".join(column.tip.replace("\n", ", ") for column in data.days)
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._focus if self.hasFocus() else None
        self._places = paint(painter, QRectF(self.rect()), self._data, roles_of(self.palette()), shown, self._pointed)
        painter.end()

    def day_at(self, point: QPointF) -> int | None:
        return place_at(self._places, point)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self.day_at(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._data.days[at].tip, self, self._places[at].toRect())
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.day_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def _point_at(self, at: int | None) -> None:
        """Only days with a figure can be asked."""
        at = at if at is not None and self._data.days[at].figure else None
        if at != self._pointed:
            self._pointed = at
            show_hand(self, at is not None)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if (at := clicked(self._places, event)) is not None:
            self._ask(at)

    def _ask(self, at: int) -> None:
        if figure := self._data.days[at].figure:
            self.asked.emit(figure)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        asks = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if asks and self._focus is not None and self._focus < len(self._data.days):
            QToolTip.hideText()
            self._ask(self._focus)
            return
        step = arrow(event)
        if step is None or not self._data.days:
            super().keyPressEvent(event)
            return
        last = len(self._data.days) - 1
        before = self._today_at() - step if self._focus is None else self._focus
        self._focus = max(0, min(last, before + step))
        self.update()
        self._tell()

    def _today_at(self) -> int:
        return next((at for at, column in enumerate(self._data.days) if column.on == self._data.today), 0)

    def _tell(self) -> None:
        """Says the focused day's figures as a tooltip, where the pointer would."""
        if self._focus is None or self._focus >= len(self._places):
            return
        place = self._places[self._focus]
        QToolTip.showText(self.mapToGlobal(place.topRight().toPoint()), self._data.days[self._focus].tip, self)
