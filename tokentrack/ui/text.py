"""A paragraph: as high as its words need at the width it has."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QSizePolicy

from tokentrack.ui.theme import BODY, font


class Text(QLabel):
    """A plain QLabel that wraps asks for the height of its narrowest shape, and pages that scroll grow far too long."""

    def __init__(self, text: str = "", size: int = BODY, role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size))
        self.setProperty("role", role)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, QFontMetrics(self.font()).height())
