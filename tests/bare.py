"""Amounts, percents and counts in a window that cannot be asked how they were computed (AC 24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QTableView, QWidget

from tokentrack.ui.figure import Number
from tokentrack.ui.tables import Table

FIGURE = re.compile(
    r"\$\d|\d ?%|\b\d[\d,.]*(?: [kMB])? (?:tokens?|sessions?|requests?|turns?|tasks?|minutes?|hours?)\b"
)
ASKS = ("why?", "how computed")
ROWS = 6
"""Of a table so many are looked at: the others have the same columns."""

NO_FIGURES = {
    r"^of \$[\d,.]+ planned$": "what the person planned",
    r"Planned until now: \$|^Next week: \$|^Budgets: Planned ": "what the person planned",
    r": \$[\d,.]+ to \$[\d,.]+ list value( · |$)|: [\d.]+ to [\d.]+ hours with": "what the person estimated",
    r"^Paid by plan: |^Plans: Fee, paid |^Charges: Charge, paid ": "what the person entered",
    r"^(What waits for a task|Tasks): Sessions \d|^Sessions: Turns \d": "the line opens to as many lines",
    r"^Turns of the session: Turn \d": "a place in an order",
    r"^\d+ tasks?( · \d+ finished without a session)?$": "how many rows the list below has",
    r"^\d+ finished tasks? had no agent session\.$": "tasks of the list above with nothing used",
    r"^Work on the page: Share ": "rounded for the page that is made here, which tells how itself",
}
"""What looks like a figure and is none, and why."""


class Bare(NamedTuple):
    place: str
    text: str


def bare(place: str, inside: QWidget) -> Iterator[Bare]:
    for part in inside.findChildren(QWidget):
        if not part.isVisibleTo(inside):
            continue
        if isinstance(part, QTableView):
            texts = _cells(part)
        elif isinstance(part, QLabel | QAbstractButton) and not _asked(part, inside):
            texts = [part.text()] if FIGURE.search(part.text()) or _number(part) else []
        else:
            texts = []
        yield from (Bare(place, text) for text in texts if not any(re.search(known, text) for known in NO_FIGURES))


def _number(part: QWidget) -> bool:
    return isinstance(part, Number) and any(letter.isdigit() for letter in part.text())


def _cells(table: QTableView) -> list[str]:
    """What a column of figures shows, or what looks like one anywhere, after the table's and the column's names."""
    model: Any = table.model()
    found = []
    for row in range(min(ROWS, model.rowCount())):
        for column in range(model.columnCount()):
            cell = model.index(row, column)
            text = str(model.data(cell) or "")
            right = isinstance(table, Table) and model.columns[column].figure and any(map(str.isdigit, text))
            if (right or FIGURE.search(text)) and not (isinstance(table, Table) and model.figure_at(cell)):
                head = model.headerData(column, Qt.Orientation.Horizontal)
                found.append(f"{table.accessibleName()}: {head} {text}")
    return [] if _asked(table, None) else found


def _asked(part: QWidget, page: QWidget | None) -> bool:
    """A figure that asks, or words under a heading with a button that does."""
    if getattr(part, "figure", None):
        return True
    at = part.parentWidget()
    while at is not None and at is not page:
        beside = at.findChildren(QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if any(one.text() in ASKS and not one.isHidden() for one in beside):
            return True
        at = at.parentWidget()
    return False
