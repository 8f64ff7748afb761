"""Parts of a picture that stand side by side: which one is pointed at, and where an arrow key leads."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

ARROWS = {Qt.Key.Key_Right.value: 1, Qt.Key.Key_Left.value: -1}


def place_at(places: Sequence[QRectF], point: QPointF) -> int | None:
    return next((at for at, place in enumerate(places) if place.contains(point)), None)


def clicked(places: Sequence[QRectF], event: QMouseEvent) -> int | None:
    """The part on which the left button was let go."""
    return place_at(places, event.position()) if event.button() == Qt.MouseButton.LeftButton else None


def show_hand(widget: QWidget, on: bool) -> None:
    """What is pointed at can be asked."""
    widget.setCursor(Qt.CursorShape.PointingHandCursor if on else Qt.CursorShape.ArrowCursor)


def arrow(event: QKeyEvent) -> int | None:
    """1 to the right, -1 to the left; None: another key."""
    return ARROWS.get(event.key())
