"""What a window says beside its amounts and its claims: the kind of money (AC 6), and the kind of knowing (AC 29)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from amounts import AMOUNT, HYPOTHETICAL, LIST, PAID, SHARE, kinds_in, wrong_in
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTableView, QWidget

from tokentrack.ui.figure import HOW, Figure
from tokentrack.ui.tables import Table

CLAIMS = {
    "found in git": re.compile(
        r"\b(reverted|no revert in|merge not detected|merged (?=\d|[a-z0-9]{8}))|^(branch|PR|commit) \S+ merged"
    ),
    "self-reported": re.compile(
        r"time effect|stress test|\b8 of 10 times\b|expected \$|without the agent: \d", re.IGNORECASE
    ),
    "hypothetical": re.compile(r"instead of \$|\bsame tokens at\b|at the prices of", re.IGNORECASE),
}
"""What can be claimed by each word's kind of knowing, as the app words it."""
LEVELS = 5
"""So far above an amount stands what names it, widget in widget."""
CARD = 3
"""So far above a claim stands its heading."""
TRUE = {"paid": {PAID}, "share": {SHARE}, "idle": {SHARE}, "unspread": {SHARE}, "what-if": {HYPOTHETICAL, LIST}}
"""Kind of a figure ▶ what it truly is; all others are told by their size."""


# ---- AC 6: what names an amount --------------------------------------------------------------------------------------


def wrong_within(inside: QWidget) -> Iterator[str]:
    """Each amount in a window, also in tooltips and in what is told to a screen reader, whose nearest label is another's."""
    shown = [part for part in inside.findChildren(QWidget) if part.isVisibleTo(inside)]
    labels = [one for one in shown if isinstance(one, QLabel | QAbstractButton) and kinds_in(one.text())]
    for part in shown:
        text = _text(part)
        if isinstance(part, QTableView):
            yield from _wrong_cells(part, inside, labels)
        elif AMOUNT.search(text) and not isinstance(part, QComboBox):
            yield from wrong_in(text, _around(part, inside, labels), _true(getattr(part, "figure", None)))
        told = [part.toolTip(), part.accessibleDescription(), part.accessibleName()]
        for one in told:
            if AMOUNT.search(one):
                yield from wrong_in(
                    one, [*reversed(told), text, *_around(part, inside, labels)], _true(getattr(part, "figure", None))
                )


def _wrong_cells(table: QTableView, inside: QWidget, labels: list[QWidget]) -> Iterator[str]:
    model: Any = table.model()
    around = [table.accessibleName(), *_around(table, inside, labels)]
    for row in range(model.rowCount()):
        cells = [model.index(row, column) for column in range(model.columnCount())]
        texts = [str(model.data(cell) or "") for cell in cells]
        for cell, text in zip(cells, texts, strict=True):
            if AMOUNT.search(text) and not table.isColumnHidden(cell.column()):
                head = str(model.headerData(cell.column(), Qt.Orientation.Horizontal) or "")
                figure = model.figure_at(cell) if isinstance(table, Table) else None
                yield from wrong_in(text, [head, " | ".join(texts), *around], _true(figure))


def _true(figure: Figure | None) -> set[str] | None:
    """What a figure that can be asked is, by what it is asked for."""
    kind = figure.name.partition(" ")[0] if figure else ""
    return TRUE.get(kind) if kind in HOW else None


def _text(part: QWidget) -> str:
    return part.text() if isinstance(part, QLabel | QAbstractButton | QLineEdit) else ""


def _around(part: QWidget, inside: QWidget, labels: list[QWidget]) -> Iterator[str]:
    """Texts of labels around a widget, in what it lies in first, and of these the nearest first: beside it, or above it."""
    place, seen = _rect(part, inside), {part}
    at = part.parentWidget()
    for _ in range(LEVELS):
        if at is None:
            return
        found = []
        for one in labels:
            if one in seen or not at.isAncestorOf(one):
                continue
            seen.add(one)
            far = _far(place, _rect(one, inside))
            if far is not None and not _names_another(one, place, inside):
                found.append((far, _text(one)))
        yield from (text for _, text in sorted(found))
        yield at.accessibleName()
        if at is inside:
            return
        at = at.parentWidget()


def _names_another(label: QWidget, place: QRect, inside: QWidget) -> bool:
    """Whether a label above names an amount beside it, and so none below; what is planned goes with what it is planned for."""
    line = QRect(0, _rect(label, inside).top(), inside.width(), label.height())
    if line.bottom() >= place.top():
        return False
    beside = label.parentWidget().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return any(
        AMOUNT.search(_text(one)) and "planned" not in _text(one) and one.isVisibleTo(inside) and one is not label
        and _rect(one, inside).intersects(line.adjusted(0, 4, 0, -4))
        for one in beside
    )  # fmt: skip


def _rect(part: QWidget, inside: QWidget) -> QRect:
    return QRect(part.mapTo(inside, QPoint(0, 0)), part.size())


def _far(place: QRect, label: QRect) -> int | None:
    """How far a label is from what it may name; None: it stands below."""
    if label.top() > place.bottom():
        return None
    if label.bottom() >= place.top():  # on one line
        return max(0, place.left() - label.right(), label.left() - place.right())
    apart = max(0, label.left() - place.right(), place.left() - label.right())
    return 1000 + (place.top() - label.bottom()) + apart


# ---- AC 29: what says how something is known -------------------------------------------------------------------------


def unmarked(inside: QWidget) -> Iterator[str]:
    """Texts that claim something without its word: in the text, over its column, or in the heading of its card."""
    for part in inside.findChildren(QWidget):
        if not part.isVisibleTo(inside):
            continue
        if isinstance(part, QTableView):
            yield from _unmarked_cells(part)
        elif isinstance(part, QLabel | QAbstractButton):
            for word, claim in CLAIMS.items():
                if claim.search(part.text()) and word not in part.text().lower() and not _headed(part, word):
                    yield f"{word}: {part.text()}"


def _unmarked_cells(table: QTableView) -> Iterator[str]:
    model = table.model()
    for column in range(model.columnCount()):
        heading = str(model.headerData(column, Qt.Orientation.Horizontal) or "").lower()
        for row in range(model.rowCount()):
            text = str(model.data(model.index(row, column)) or "")
            for word, claim in CLAIMS.items():
                if claim.search(text) and word not in text.lower() and word not in heading and not _headed(table, word):
                    yield f"{word}: {text}"


def _headed(part: QWidget, word: str) -> bool:
    around = part.parentWidget()
    for _ in range(CARD):
        if around is None:
            return False
        if any(
            word in one.text().lower()
            for one in around.findChildren(QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly)
        ):
            return True
        around = around.parentWidget()
    return False
