"""What came of a week's use as one bar: patterns as well as colours, each part named, what is not linked always last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from tokentrack.review.snapshot import OutcomeRow, Snapshot
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui import outcomes, words
from tokentrack.ui.as_table import AsTable
from tokentrack.ui.chart import hatch
from tokentrack.ui.figure import Figure
from tokentrack.ui.flow import Flow
from tokentrack.ui.frame import clear, head_link, picture_head
from tokentrack.ui.outcomes import Mark
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import BODY, CAPTION, STRONG, Roles, label, roles_of

HIGH, RADIUS = 22, 5
LEAST = 3.0
"""Pixels of the smallest part: what was used is never nothing."""
TITLE = "Outcome of use (self-reported), list value"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar: micro-dollars of list value (None: not known), and its whole percent; `unknown` parts have no price."""

    outcome: str
    list_value: int | None
    percent: int
    unknown: int = 0

    @property
    def word(self) -> str:
        return outcomes.word(self.outcome)

    @property
    def label(self) -> str:
        """`shipped 34%`; of what nothing is known, that."""
        if self.list_value is None:
            return f"{self.word}: unknown"
        return f"{self.word} {self.percent}%" + (" + ?" if self.unknown else "")

    @property
    def value(self) -> str:
        return words.money(self.list_value, exact=True, unpriced=self.unknown)

    @property
    def told(self) -> str:
        return f"{self.word} {self.percent}%, {self.value} list value"


def pieces(rows: Iterable[OutcomeRow]) -> tuple[Piece, ...]:
    """In the order of the outcomes, which has what is not linked last."""
    return tuple(Piece(row.outcome, row.list_value, row.percent, row.unpriced_requests) for row in rows)


def places(rect: QRectF, shown: Sequence[Piece]) -> list[tuple[Piece, QRectF]]:
    """Where each part with a list value lies, side by side over the whole width."""
    known = [one for one in shown if one.list_value]
    whole = sum(one.list_value or 0 for one in known)
    wide = [max(LEAST, rect.width() * (one.list_value or 0) / whole) for one in known]
    scale = rect.width() / sum(wide) if wide else 1.0
    found, left = [], rect.left()
    for one, width in zip(known, wide, strict=True):
        found.append((one, QRectF(left, rect.top(), width * scale, rect.height())))
        left += width * scale
    return found


def paint(painter: QPainter, rect: QRectF, shown: Sequence[Piece], roles: Roles) -> list[tuple[Piece, QRectF]]:
    """Draws the bar into `rect` and returns where its parts lie."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(rect, RADIUS, RADIUS)
    placed = places(rect, shown)
    painter.save()
    painter.setClipPath(shape)
    for at, (one, place) in enumerate(placed):
        _fill(painter, place, one.outcome, roles)
        if at:
            painter.setPen(QPen(QColor(roles.window), 1))
            painter.drawLine(place.topLeft(), place.bottomLeft())
    painter.restore()
    for one, place in placed:
        if one.outcome in (NO_TASK, UNLINKED):
            _frame(painter, place, rect, one.outcome == UNLINKED, roles)
    if not placed:
        painter.setPen(QPen(QColor(roles.line), 1))
        painter.drawPath(shape)
    return placed


def _fill(painter: QPainter, place: QRectF, outcome: str, roles: Roles) -> None:
    if outcome in outcomes.LOOKS:
        number, pattern = outcomes.LOOKS[outcome]
        colour = QColor(roles.series[number])
        ground = QColor(colour)
        if pattern != "solid":
            ground.setAlphaF(0.16)
        painter.fillRect(place, ground)
        hatch(painter, place, pattern, colour)
    elif outcome == UNLINKED:
        painter.setPen(QPen(QColor(roles.secondary), 1.1))
        high = place.height()
        painter.save()
        painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
        for n in range(int((place.width() + high) / 6) + 1):
            left = place.left() - high + n * 6
            painter.drawLine(QPointF(left, place.bottom()), QPointF(left + high, place.top()))
        painter.restore()
    elif outcome != NO_TASK:
        painter.fillRect(place, QColor(roles.flat))


def _frame(painter: QPainter, place: QRectF, bar: QRectF, dashed: bool, roles: Roles) -> None:
    """Around what belongs to no task; the bar's own round corners are kept at its ends."""
    pen = QPen(QColor(roles.secondary), 1.2)
    if dashed:
        pen.setDashPattern([3, 2.2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = place.adjusted(0.6, 0.6, -0.6, -0.6)
    ends = place.right() >= bar.right() - 1 or place.left() <= bar.left() + 1
    painter.drawRoundedRect(box, RADIUS if ends else 0, RADIUS if ends else 0)


class Strip(QWidget):
    """The bar itself; the parts stand below it in words."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Piece, ...] = ()
        self._placed: list[tuple[Piece, QRectF]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(TITLE)

    def put(self, shown: tuple[Piece, ...]) -> None:
        self._shown = shown
        self.setAccessibleDescription("; ".join(one.told for one in shown))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, HIGH)

    def piece_at(self, point: QPointF) -> Piece | None:
        return next((one for one, place in self._placed if place.contains(point)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._placed = paint(painter, QRectF(self.rect()), self._shown, roles_of(self.palette()))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self.piece_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), found.told if found else "", self)
            return True
        return super().event(event)


COLUMNS: tuple[Column[Piece], ...] = (
    Column("What came of it, self-reported", lambda one: one.word),
    Column("List value", lambda one: one.value, figure=True, widest="$12,345.67 + unknown"),
    Column("Share", lambda one: "–" if one.list_value is None else f"{one.percent}%", figure=True, widest="100%"),
)


class OutcomeBar(QWidget):
    """The bar under its heading, as a picture or as a table. `asked` asks how it was computed."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(TITLE)
        self.shown: tuple[Piece, ...] = ()
        self._week = ""
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.as_table = head_link("as table", "Show the outcomes as a table or as a bar")
        self.why = head_link("why?", "How the outcomes were computed")
        self.strip, self._legend = Strip(), QWidget()
        self._flow = Flow(self._legend, gap=16, row_gap=2)
        policy = self._legend.sizePolicy()
        policy.setHeightForWidth(True)
        policy.setVerticalPolicy(policy.Policy.Minimum)
        self._legend.setSizePolicy(policy)
        picture = QWidget()
        inside = QVBoxLayout(picture)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.strip)
        inside.addWidget(self._legend)
        self.rows = Rows(COLUMNS)
        self.table: Table | None = None
        column.addLayout(picture_head(Elided(TITLE, BODY, STRONG), self.as_table, self.why))
        column.addWidget(picture)
        AsTable(self.as_table, picture, "bar", self._make_table)
        self.why.clicked.connect(self._on_why)

    def put(self, told: Snapshot) -> None:
        self._week = told.week
        shown = pieces(told.outcomes)
        if shown == self.shown:
            return
        self.shown = shown
        self.strip.put(shown)
        clear(self._flow)
        for one in shown:
            self._flow.addWidget(_entry(one))
        self.rows.put(shown)
        if self.table:
            self.table.fit()
        self.updateGeometry()

    def _make_table(self) -> Table:
        self.table = Table(self.rows, TITLE, parent=self)
        self.table.fit()
        self._column.addWidget(self.table)
        self.setTabOrder(self.why, self.table)
        return self.table

    def _on_why(self) -> None:
        self.asked.emit(Figure(f"outcomes week:{self._week}", TITLE, "these shares"))


def _entry(one: Piece) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(Mark(one.outcome))
    row.addWidget(label(one.label, CAPTION, role="secondary"))
    holder.setToolTip(words.tip(one.told))
    return holder
