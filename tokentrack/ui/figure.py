"""A figure that can be asked why: a name for it, and the number on screen that is clicked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, PLAIN, font, roles_of
from tokentrack.ui.words import tip

HOW = (
    "paid", "share", "idle", "unspread", "cache", "context", "unattended", "what-if", "accounted", "outcomes", "list", "rework",
    "drift", "pace", "insight", "attended", "changed", "usual", "break-even", "effect", "calibration",
)  # fmt: skip
"""What a figure's name begins with that is no sum of requests, as `review/how.py` has them: it brings the readers along."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a number on screen is: its name as `tokentrack why` takes it, what it is called, and how it is shown."""

    name: str
    caption: str
    text: str

    @property
    def question(self) -> str:
        return f"Why {self.text.replace('+ ?', '+ unknown')}?"

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum of requests; else it is computed from several of them."""
        kind, _, days = self.name.partition(" ")
        return not (days and kind in HOW)


class Number(QAbstractButton):
    """A number in a line of text. At rest it looks like one; pointed at it is underlined, and a click asks why.

    Without a figure it is plain text. `role` colours it as it does a label.
    """

    asked = Signal(object)

    def __init__(self, text: str = "", size: int = BODY, weight: QFont.Weight = PLAIN, role: str = "") -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.figure: Figure | None = None
        self._stops = True
        self.setText(text)
        self.setFont(font(size, weight))
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)
        self.put(text)

    def beside(self) -> Number:
        """This one stands beside another number of the same figure, so the keyboard does not stop at it."""
        self._stops = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return self

    def put(self, text: str, name: str = "", caption: str = "", tooltip: str = "") -> None:
        """Shows a text; with a name it is a figure that can be asked."""
        self.figure = Figure(name, caption, text.strip(" ·")) if name and text else None
        self.setText(text)
        asks = self.figure is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if asks and self._stops else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if asks else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(f"{caption}: {text.strip()}" if caption else text)
        self.setAccessibleDescription("Opens what it is made of" if asks else "")
        self.setToolTip(tip(tooltip or (self.figure.question if self.figure else "")))
        self.updateGeometry()
        self.update()

    def _on_clicked(self) -> None:
        if self.figure:
            self.asked.emit(self.figure)

    # Qt's questions --------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text()) + 1, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.figure and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit(self.figure)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        metrics, role = QFontMetrics(self.font()), self.property("role")
        wide = min(self.width(), metrics.horizontalAdvance(self.text()))
        asks = self.figure is not None
        if asks and self.hasFocus():
            painter.fillRect(QRectF(0, 0, wide, self.height()), QColor(roles.accent_soft))
            painter.fillRect(QRectF(0, self.height() - 2, wide, 2), QColor(roles.accent))
        shown = self.font()
        shown.setUnderline(asks and self.underMouse() and not self.hasFocus())
        painter.setFont(shown)
        painter.setPen(QColor({"secondary": roles.secondary, "attention": roles.attention}.get(role, roles.text)))
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() + 1)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
        painter.drawText(self.rect(), flags, text)
        painter.end()


class Sentence(Text):
    """Words with a figure in them, over as many lines as they need. Like a `Number`, a click on them asks why."""

    asked = Signal(object)

    def __init__(self, text: str = "", size: int = BODY, role: str = "", weight: QFont.Weight = PLAIN) -> None:
        super().__init__("", size, role)
        self.setFont(font(size, weight))
        self.figure: Figure | None = None
        self._stops = True
        self.put(text)

    def beside(self) -> Sentence:
        """This one stands beside a number of the same figure, so the keyboard does not stop at it."""
        self._stops = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return self

    def put(self, text: str, name: str = "", caption: str = "", shown: str = "this") -> None:
        """Shows words; with a name they are a figure that can be asked, `shown` in them."""
        figure = Figure(name, caption, shown) if name and text else None
        if (text, figure) == (self.text(), self.figure):
            return
        self.figure = figure
        self.setText(text)
        asks = figure is not None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if asks and self._stops else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if asks else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(text)
        self.setAccessibleDescription("Opens what it is made of" if asks else "")
        self.setToolTip(tip(figure.question) if figure else "")
        self._underline(False)

    def _underline(self, on: bool) -> None:
        shown = self.font()
        if shown.underline() != on:
            shown.setUnderline(on)
            self.setFont(shown)

    # Qt's questions --------------------------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        self._underline(self.figure is not None)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._underline(self.hasFocus())
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._underline(True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._underline(False)
        super().focusOutEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.figure and event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.asked.emit(self.figure)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.figure and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self.figure)
        else:
            super().keyPressEvent(event)
