"""Everything a window says, as a person or a screen reader meets it: texts with the role of their colour, and its colours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tokentrack.ui.asking import Asking, InPassing

SETTLED_MS, POLLS_MS, SHORT_MS = 120, 40, 400
BUSY = re.compile(r"\breading$|^Looking|^Adding up|^Reading$")


class Said(NamedTuple):
    text: str
    role: str = ""


def said(inside: QWidget) -> list[Said]:
    """Labels, buttons, numbers and fields that are shown, tables row by row, tooltips, and what is told to a screen reader."""
    found = []
    for part in [inside, *inside.findChildren(QWidget)]:
        if part is inside or part.isVisibleTo(inside):
            role = str(part.property("role") or "")
            found += [Said(text, role) for text in _texts(part) if text]
    return found


def _texts(part: QWidget) -> Iterator[str]:
    if isinstance(part, QLabel | QAbstractButton):
        yield part.text()
    elif isinstance(part, QLineEdit):
        yield part.text() or part.placeholderText()
    elif isinstance(part, QPlainTextEdit):
        yield part.toPlainText()
    elif isinstance(part, QTableView):
        yield from _rows(part)
    yield _plain(part.toolTip())
    yield part.accessibleName()
    yield part.accessibleDescription()


def _rows(table: QTableView) -> Iterator[str]:
    model = table.model()
    columns = range(model.columnCount())
    yield " | ".join(str(model.headerData(at, Qt.Orientation.Horizontal) or "") for at in columns)
    for row in range(model.rowCount()):
        cells = [model.index(row, column) for column in columns]
        yield " | ".join(str(model.data(cell) or "") for cell in cells)
        for cell in cells:
            yield _plain(str(model.data(cell, Qt.ItemDataRole.ToolTipRole) or ""))


def _plain(tip: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", tip))


def settled(qtbot: QtBot, window: QWidget, ready: Callable[[], bool] = lambda: True) -> list[Said]:
    """What a window says once its answers have come from other threads and nothing changes any more."""
    before, still = said(window), 0
    for _ in range(400):
        qtbot.wait(POLLS_MS)
        now = said(window)
        busy = not ready() or _under_way(window) or any(BUSY.search(one.text) for one in now)
        still = 0 if busy or now != before else still + POLLS_MS
        before = now
        if still >= SETTLED_MS:
            return now
    raise AssertionError("the window does not come to rest")


def _under_way(window: QWidget) -> bool:
    """Whether a question is being answered, or will be asked when a short pause is over."""
    pauses = (timer for timer in window.findChildren(QTimer) if timer.isSingleShot() and timer.interval() <= SHORT_MS)
    return any(one.waiting for one in window.findChildren(InPassing)) or any(timer.isActive() for timer in pauses)


def leave(window: QWidget) -> None:
    """Closes a window, and waits for the threads that it asks on."""
    for asking in window.findChildren(Asking):
        asking.stop()
    window.close()


def hues(shown: QWidget, least: int = 40) -> Counter[int]:
    """Hues of what is drawn, in steps of 15 degrees, by how many of each third pixel have them; greys have none."""
    image = shown.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found: Counter[int] = Counter()
    for pixel, many in Counter(memoryview(image.constBits()).cast("I")[::3]).items():
        colour = QColor(pixel)
        if colour.saturation() > 70 and colour.value() > 60:
            found[colour.hue() // 15 * 15] += many
    return Counter({hue: many for hue, many in found.items() if many >= least})
