"""What came of a task as a shape and a word: no state is told by its colour alone (`look.md`)."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tokentrack.model.tasks import OUTCOMES
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui.theme import Roles, roles_of

OPEN, REWORK = "open", "rework"
WORDS = {"abandoned": "stopped", NO_TASK: "no task, on purpose", UNLINKED: "not linked"}
"""Labels that differ from the outcome's own name."""
ASKED = {
    "shipped": "What is in use now? (optional)",
    "delivered": "To whom, and what are they waiting for? (optional)",
    "learned": "What did you learn, in one sentence?",
    "decided not to": "Why not, in one sentence?",
    "abandoned": "Anything you would do differently? (optional)",
    "superseded": "Which task took over?",
}
"""What is asked for in one sentence when a task is finished (product section 2.2)."""
KEYS = {str(at): outcome for at, outcome in enumerate(OUTCOMES, start=1)}
"""The keys 1 to 6."""
MARK = 12
STEP = 3.5

LOOKS = {
    "shipped": (0, "solid"),
    "delivered": (1, "solid"),
    "learned": (2, "level"),
    "decided not to": (2, "dots"),
    "abandoned": (3, "rising"),
    "superseded": (3, "dots"),
    REWORK: (4, "upright"),
}
"""Which of the theme's colours, and the pattern on it."""


def word(outcome: str | None) -> str:
    """As people call it; None: the task is open."""
    return WORDS.get(outcome or OPEN, outcome or OPEN)


def place(outcome: str | None) -> int:
    """Where it stands in a sorted list: open tasks first."""
    return OUTCOMES.index(outcome) + 1 if outcome in OUTCOMES else 0


def paint_mark(painter: QPainter, rect: QRectF, outcome: str | None, roles: Roles) -> None:
    """Draws the outcome's shape into a small square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if outcome in LOOKS:
        place, pattern = LOOKS[outcome]
        _filled(painter, rect, QColor(roles.series[place]), pattern)
    elif outcome in (NO_TASK, UNLINKED):
        _framed(painter, rect, QColor(roles.secondary), outcome == UNLINKED)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(roles.flat))
        painter.drawRoundedRect(rect, 3, 3)
    painter.restore()


def _filled(painter: QPainter, rect: QRectF, colour: QColor, pattern: str) -> None:
    ground = QColor(colour)
    if pattern != "solid":
        ground.setAlphaF(0.2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, 3, 3)
    if pattern == "solid":
        return
    painter.setClipRect(rect)
    pen = QPen(colour, 2.2 if pattern == "dots" else 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap if pattern == "dots" else Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLines(_strokes(rect, pattern))


def _strokes(rect: QRectF, pattern: str) -> list[QLineF]:
    """A dozen pixels have room for three stripes, where a chart's column has many."""
    at = [STEP * (n + 0.5) + 0.75 for n in range(3)]
    left, top = rect.left(), rect.top()
    if pattern == "level":
        return [QLineF(left, top + y, rect.right(), top + y) for y in at]
    if pattern == "upright":
        return [QLineF(left + x, top, left + x, rect.bottom()) for x in at]
    if pattern == "dots":
        points = [QPointF(left + x, top + y) for x in at for y in at]
        return [QLineF(point, point + QPointF(0.01, 0)) for point in points]
    wide = rect.width()
    return [QLineF(left + x - wide, rect.bottom(), left + x, top) for x in (wide * 0.5, wide, wide * 1.5)]


def _framed(painter: QPainter, rect: QRectF, colour: QColor, dashed: bool) -> None:
    pen = QPen(colour, 1.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if dashed:
        painter.setPen(QPen(colour, 0.9))
        painter.save()
        painter.setClipRect(rect)
        painter.drawLines(_strokes(rect, "rising"))
        painter.restore()
        pen.setDashPattern([2, 1.6])
    painter.setPen(pen)
    painter.drawRoundedRect(rect.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)


class Mark(QWidget):
    """The shape on its own, beside a word."""

    def __init__(self, outcome: str | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.setFixedSize(MARK + 2, MARK + 2)

    def put(self, outcome: str | None) -> None:
        self.outcome = outcome
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(1, 1, MARK, MARK), self.outcome, roles_of(self.palette()))
        painter.end()
