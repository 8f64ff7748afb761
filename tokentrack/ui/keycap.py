"""Keys where they act: in one part of a page; drawn as small caps in rows, and with a word as something to click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QSizePolicy, QWidget

from tokentrack.ui.theme import CAPTION, Roles, font, roles_of, scaled

HEIGHT, PADDING, BETWEEN = 20, 6, 4


def acts_in(part: QWidget, key: str, act: Callable[[], object]) -> None:
    """While the keyboard is in `part`, and nowhere else in its window.

    The context is set afterwards: PySide6 takes `context=` beside a callable without a word, and leaves the whole window.
    """
    made = QShortcut(QKeySequence(key), part, act)
    made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)


def tab_after(before: QWidget, made: QWidget) -> None:
    """What is made late would be the last that `Tab` leads to: it comes after `before`, where it stands.

    Qt moves only what takes the keyboard, which a figure does once there is something to ask.
    """
    parts = [_within(before)[-1], *_within(made)]
    policies = [part.focusPolicy() for part in parts]
    for part in parts:
        part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    for one, other in pairwise(parts):
        QWidget.setTabOrder(one, other)
    for part, policy in zip(parts, policies, strict=True):
        part.setFocusPolicy(policy)


def _within(part: QWidget) -> list[QWidget]:
    """It and what is in it, in the order of `Tab`, but for what a scroll area is made of, which hands the keyboard to the area.

    To ask for the `focusProxy` of such a part leaves PySide6 with an owner of it that destroys it.
    """
    found, at = [part], part.nextInFocusChain()
    while at and part.isAncestorOf(at):
        if not isinstance(at.parent(), QAbstractScrollArea):
            found.append(at)
        at = at.nextInFocusChain()
    return found


def cap_height() -> int:
    return max(HEIGHT, scaled(CAPTION) + 7)


def cap_width(text: str) -> int:
    return max(cap_height(), QFontMetrics(font(CAPTION)).horizontalAdvance(text) + 2 * PADDING)


def caps(texts: Sequence[str], left: float, middle: float) -> list[QRectF]:
    """Where caps stand beside each other, from the left."""
    made, high = [], cap_height()
    for text in texts:
        wide = cap_width(text)
        made.append(QRectF(left, middle - high / 2, wide, high))
        left += wide + BETWEEN
    return made


def paint_cap(painter: QPainter, place: QRectF, text: str, roles: Roles, acts: bool = True) -> None:
    """`acts`: it does something now."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = place.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(QColor(roles.line), 1))
    painter.setBrush(QColor(roles.card))
    painter.drawRoundedRect(box, 4, 4)
    painter.drawLine(box.bottomLeft() + QPointF(3, 0.5), box.bottomRight() + QPointF(-3, 0.5))
    painter.setFont(font(CAPTION))
    painter.setPen(QColor(roles.secondary if acts else roles.faint))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class Caps(QWidget):
    """Keys beside each other, to be read."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self.keys = tuple(keys)
        self.setAccessibleName(" or ".join(keys))
        self.setFixedSize(int(caps(self.keys, 0, 0)[-1].right()) + 1, cap_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, key in zip(caps(self.keys, 0, self.height() / 2), self.keys, strict=True):
            paint_cap(painter, place, key, roles_of(self.palette()))
        painter.end()


class KeyHint(QAbstractButton):
    """A key and what it does; a click does it too."""

    def __init__(self, key: str, word: str, act: Callable[[], object], tip: str = "") -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.key, self.word = key, word
        self.setText(word)
        self.setFont(font(CAPTION))
        self.setAccessibleName(f"{tip or word}, {key}")
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(act)

    def put(self, word: str) -> None:
        self.word = word
        self.setText(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(self.word)
        return QSize(cap_width(self.key) + BETWEEN + 1 + words + 2, cap_height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        box = caps([self.key], 0, self.height() / 2)[0]
        paint_cap(painter, box, self.key, roles, self.isEnabled())
        painter.setFont(self.font())
        strong = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter.setPen(QColor(roles.accent if strong else roles.secondary if self.isEnabled() else roles.faint))
        words = QRectF(box.right() + BETWEEN + 1, 0, self.width() - box.right() - BETWEEN, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.word)
        if self.hasFocus():
            under = QFontMetrics(self.font()).horizontalAdvance(self.word)
            painter.fillRect(QRectF(words.left(), self.height() - 6, under, 2), QColor(roles.accent))
        painter.end()
