"""A paragraph, as high as its words need at the width it has; and a line that is elided where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from tokentrack.ui.theme import BODY, LEFT, PLAIN, font
from tokentrack.ui.words import breakable, tip


class Text(QLabel):
    """A plain QLabel that wraps asks for the height of its narrowest shape, and pages that scroll grow far too long.

    Words that no line holds, such as a path, go on in the next one.
    """

    def __init__(self, text: str = "", size: int = BODY, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size))
        self.setProperty("role", role)
        self.setAlignment(LEFT)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(breakable(text))

    def text(self) -> str:
        """As it was given."""
        return self._text

    def minimumSizeHint(self) -> QSize:
        return QSize(1, QFontMetrics(self.font()).height())


class Elided(QLabel):
    """A line that gives way in its middle; what is cut then stands in the tooltip. Screen readers hear all of it."""

    def __init__(self, text: str = "", size: int = BODY, weight: QFont.Weight = PLAIN) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size, weight))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(tip(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
