"""Everything a window says, as a person or a screen reader meets it: texts with the role of their colour, and its colours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tokentrack.ui.asking import Asking, InPassing

POLL_MS, SHORT_MS, MOST_MS = 20, 400, 16_000
"""At rest is what nothing is under way in at two polls in a row, and what says the same at both."""
EACH = 23
BUSY = re.compile(r"\breading$|^Looking|^Adding up|^Reading$")


class Said(NamedTuple):
    text: str
    role: str = ""


def said(inside: QWidget) -> list[Said]:
    """Labels, buttons, numbers and fields that are shown, tables row by row, tooltips, and what is told to a screen reader."""
    found = []
    for part in _shown(inside):
        role = str(part.property("role") or "")
        found += [Said(text, role) for text in _texts(part) if text]
    return found


def _shown(part: QWidget) -> Iterator[QWidget]:
    """A part and what is shown in it. Nothing in what is hidden is looked at: most of a window is pages that are not open."""
    yield part
    for child in part.children():
        if isinstance(child, QWidget) and not child.isHidden():
            yield from _shown(child)


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
    """What a window says once its answers have come from other threads and nothing changes any more.

    Reading a window takes longer than asking whether anything is under way, so it is read when nothing is: twice, with a
    pause between in which nothing was, and the same both times.
    """
    before: list[Said] | None = None
    for _ in range(MOST_MS // POLL_MS):
        qtbot.wait(POLL_MS)
        now = said(window) if ready() and not _under_way(window) else None
        if now is not None and now == before and not any(BUSY.search(one.text) for one in now):
            return now
        before = now
    raise AssertionError("the window does not come to rest")


def _under_way(window: QWidget) -> bool:
    """Whether a question is being answered, or will be asked when a short pause is over."""
    pauses = (timer for timer in window.findChildren(QTimer) if timer.isSingleShot() and timer.interval() <= SHORT_MS)
    return any(one.waiting for one in window.findChildren(InPassing)) or any(timer.isActive() for timer in pauses)


def leave(window: QWidget) -> None:
    """Closes a window for good, and waits for the threads that it asks on."""
    for asking in window.findChildren(Asking):
        asking.stop()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)


def hues(shown: QWidget, least: int = 120) -> Counter[int]:
    """Hues of what is drawn, in steps of 15 degrees, by how many pixels have them; greys have none.

    Of a window at rest, as it was painted. Each 23rd pixel is looked at: no window is a multiple of that wide, so lines
    of one pixel are met too.
    """
    image = shown.screen().grabWindow(shown.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    found: Counter[int] = Counter()
    for pixel, many in Counter(memoryview(image.constBits()).cast("I")[::EACH]).items():
        colour = QColor(pixel)
        if colour.saturation() > 70 and colour.value() > 60:
            found[colour.hue() // 15 * 15] += many * EACH
    return Counter({hue: many for hue, many in found.items() if many >= least})
