"""A list that opens, drawn like the other controls: Fusion's own is raised, and a styled one loses its arrow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox

from tokentrack.ui.theme import font, roles_of, scaled

PADDING, ARROW = 10, 24
MOST = 220
"""How wide the longest name makes it; the list that opens shows it whole."""


class Pick(QComboBox):
    """`name` is what a screen reader calls it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setFont(font())
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def sizeHint(self) -> QSize:
        return QSize(min(self._widest, scaled(MOST)), max(32, QFontMetrics(self.font()).height() + 14))

    @property
    def _widest(self) -> int:
        metrics = QFontMetrics(self.font())
        words = max((metrics.horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        return words + 2 * PADDING + ARROW

    def showPopup(self) -> None:
        self.view().setMinimumWidth(self._widest)
        super().showPopup()

    def minimumSizeHint(self) -> QSize:
        return QSize(96, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it never chooses what happens to lie under the pointer."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(roles.accent if self.hasFocus() else roles.line), 1))
        painter.setBrush(QColor(roles.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        words = self.rect().adjusted(PADDING, 0, -ARROW, 0)
        text = QFontMetrics(self.font()).elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, words.width())
        painter.setPen(QColor(roles.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        at = QPointF(self.width() - ARROW / 2 - 4, self.height() / 2 - 2)
        painter.setPen(QPen(QColor(roles.secondary), 1.6))
        painter.drawPolyline(QPolygonF([at, at + QPointF(4, 4), at + QPointF(8, 0)]))
        painter.end()
