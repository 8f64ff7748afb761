"""A list that opens, drawn like the other controls: Fusion's own is raised, and a styled one loses its arrow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate

from tokentrack.ui.theme import font, high, roles_of, scaled

PADDING, ARROW = 10, 24
MOST = 220
"""How wide the longest name makes it beside other fields; the list that opens shows it whole."""


class Pick(QComboBox):
    """`name` is what a screen reader calls it, `most` how wide its names make it."""

    def __init__(self, name: str, most: int = MOST) -> None:
        super().__init__()
        self._most = most
        self.setFont(font())
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setItemDelegate(QStyledItemDelegate(self))  # a list's own takes no rows from the stylesheet

    def sizeHint(self) -> QSize:
        return QSize(min(self._widest, scaled(self._most)), high())

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
        line = 2 if self.hasFocus() else 1
        inside = line / 2
        painter.setPen(QPen(QColor(roles.accent if self.hasFocus() else roles.line), line))
        painter.setBrush(QColor(roles.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inside, inside, -inside, -inside), 6, 6)
        words = self.rect().adjusted(PADDING, 0, -ARROW, 0)
        text = QFontMetrics(self.font()).elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, words.width())
        painter.setPen(QColor(roles.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        at = QPointF(self.width() - ARROW / 2 - 4, self.height() / 2 - 2)
        painter.setPen(QPen(QColor(roles.secondary), 1.6))
        painter.drawPolyline(QPolygonF([at, at + QPointF(4, 4), at + QPointF(8, 0)]))
        painter.end()
