"""One of a few answers: a key, a shape where there is one, a word. The key or a click takes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from tokentrack.ui.keycap import cap_height, cap_width, caps, paint_cap
from tokentrack.ui.outcomes import MARK, paint_mark
from tokentrack.ui.theme import BODY, STRONG, font, roles_of

HIGH, PADDING, BETWEEN = 32, 8, 8


class Option(QAbstractButton):
    """`about` is the question, for screen readers; `mark` is the outcome whose shape stands before the word."""

    def __init__(self, key: str, word: str, about: str, act: Callable[[], object], mark: str | None = None) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.key, self.mark = key, mark
        self.setText(word)
        self.setFont(font())
        self.setCheckable(True)
        self.setAccessibleName(f"{about}: {word}, key {key}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(act)

    def put(self, chosen: bool) -> None:
        self.setChecked(chosen)
        self.update()

    def nextCheckState(self) -> None:
        """What was answered is told by whoever keeps it, not by the click."""

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font(BODY, STRONG)).horizontalAdvance(self.text())
        mark = MARK + BETWEEN if self.mark else 0
        return QSize(PADDING + cap_width(self.key) + BETWEEN + mark + words + PADDING + 3, max(HIGH, cap_height() + 10))

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, focus = self.isChecked(), self.hasFocus()
        line = 2 if focus else 1
        inside = line / 2  # a line lies on both sides of its place: so it fills whole pixels, to the widget's edge
        painter.setPen(QPen(QColor(roles.accent if on or focus else roles.line), line))
        painter.setBrush(QColor(roles.accent_soft if on else roles.rail if self.underMouse() else roles.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inside, inside, -inside, -inside), 6, 6)
        cap = caps([self.key], PADDING, self.height() / 2)[0]
        paint_cap(painter, cap, self.key, roles)
        left = cap.right() + BETWEEN
        if self.mark:
            paint_mark(painter, QRectF(left, (self.height() - MARK) / 2, MARK, MARK), self.mark, roles)
            left += MARK + BETWEEN
        painter.setFont(font(BODY, STRONG) if on else font())
        painter.setPen(QColor(roles.text))
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        painter.end()
