"""A check box whose box can be seen: Fusion derives its outline from the window's colour, which vanishes in the dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox

from tokentrack.ui.theme import Roles, font, roles_of

BOX, GAP = 18, 10


class Tick(QCheckBox):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFont(font())
        self.setMinimumHeight(32)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(BOX + GAP + metrics.horizontalAdvance(self.text()) + 8, max(32, metrics.height() + 12))

    def hitButton(self, pos: object) -> bool:
        """The words are part of it."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, (self.height() - BOX) / 2, BOX, BOX)
        paint_box(painter, box, self.isChecked(), self.hasFocus(), roles)
        painter.setPen(QColor(roles.text if self.isEnabled() else roles.secondary))
        words = QRectF(BOX + GAP, 0, self.width() - BOX - GAP, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()


def paint_box(painter: QPainter, box: QRectF, on: bool, focus: bool, roles: Roles) -> None:
    """The box alone, also for cells; `focus`: the keyboard is on it."""
    painter.setPen(QPen(QColor(roles.accent if on or focus else roles.secondary), 2 if focus else 1.2))
    painter.setBrush(QColor(roles.accent if on else roles.card))
    painter.drawRoundedRect(box, 4, 4)
    if not on:
        return
    if focus:  # around the box a ring of its own colour could not be told from it
        painter.setPen(QPen(QColor(roles.on_accent), 1.4))
        painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 2.5, 2.5)
    painter.setPen(QPen(QColor(roles.on_accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    corners = [QPointF(x, y) + box.topLeft() for x, y in ((4.5, 9.5), (7.8, 12.8), (13.8, 5.8))]
    painter.drawPolyline(QPolygonF(corners))
