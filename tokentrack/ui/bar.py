"""The budget's bar: how much of the plan is used, over the days of its period."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokentrack.ui.lines import Headline
from tokentrack.ui.theme import CAPTION, STRONG, Roles, font, roles_of

THICK = 8


class PlanBar(QWidget):
    """Filled to used / planned; a tick marks today among the period's days."""

    def __init__(self) -> None:
        super().__init__()
        self._head = Headline("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Used of what is planned")

    def put(self, head: Headline) -> None:
        self._head = head
        self.setAccessibleDescription(f"{head.figure} {head.planned} {head.note}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetrics(font(CAPTION)).height() + 8 if self._head.scale[0] else 0
        return QSize(200, THICK + 2 + line)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        roles = roles_of(self.palette())
        self._paint_bar(painter, roles)
        if self._head.scale[0]:
            self._paint_scale(painter, roles)
        painter.end()

    def _paint_bar(self, painter: QPainter, roles: Roles) -> None:
        bar = QRectF(0, 1, self.width(), THICK)
        shape = QPainterPath()
        shape.addRoundedRect(bar, THICK / 2, THICK / 2)
        painter.setClipPath(shape)
        painter.fillRect(bar, QColor(roles.flat))
        share = min(1.0, self._head.share or 0.0)
        colour = QColor(roles.attention if self._head.over else roles.accent)
        painter.fillRect(QRectF(0, bar.top(), bar.width() * share, THICK), colour)
        painter.setClipping(False)

    def _paint_scale(self, painter: QPainter, roles: Roles) -> None:
        """First and last day at the ends, today at its place; an end gives way where today would touch it."""
        first, now, last = self._head.scale
        plain, strong = QFontMetricsF(font(CAPTION)), QFontMetricsF(font(CAPTION, STRONG))
        width, high = float(self.width()), plain.height()
        x = width * self._head.position
        top = THICK + 7.0
        painter.setPen(QPen(QColor(roles.text), 1.5))
        painter.drawLine(QPointF(x, THICK + 1.0), QPointF(x, top - 1))
        half = strong.horizontalAdvance(now) / 2
        left = max(0.0, min(width - 2 * half, x - half))
        painter.setFont(font(CAPTION, STRONG))
        painter.drawText(QRectF(left - 2, top, 2 * half + 4, high), Qt.AlignmentFlag.AlignCenter, now)
        painter.setFont(font(CAPTION))
        painter.setPen(QColor(roles.secondary))
        if left > plain.horizontalAdvance(first) + 8:
            painter.drawText(QRectF(0, top, width, high), Qt.AlignmentFlag.AlignLeft, first)
        if left + 2 * half < width - plain.horizontalAdvance(last) - 8:
            painter.drawText(QRectF(0, top, width, high), Qt.AlignmentFlag.AlignRight, last)
