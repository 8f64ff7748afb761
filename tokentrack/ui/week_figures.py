"""What a week's review shows on top: what the week cost, and how much of it is accounted for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.phrases import repriced
from tokentrack.review.paid import Paid
from tokentrack.review.steps import Steps
from tokentrack.ui import words
from tokentrack.ui.figure import Number, Sentence
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, font, label
from tokentrack.ui.week_close import not_linked

BETWEEN = 12
SIZES = ((EMPHASIS, 14), (BODY, 8), (CAPTION, 8))
"""Of figures, with the margin beside them: the first in which all of them fit."""


class Figures(QWidget):
    """What the week cost, and how much of it is accounted for."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(BETWEEN)
        self._columns: list[QVBoxLayout] = []
        self.numbers: dict[str, Number] = {}
        self.notes: dict[str, Sentence] = {}
        for name in ("Paid", "List value", "Accounted for"):
            row.addWidget(self._card(name), 1)

    def _card(self, name: str) -> QFrame:
        made = QFrame()
        made.setProperty("role", "card")
        column = QVBoxLayout(made)
        self._columns.append(column)
        column.setSpacing(2)
        number = self.numbers[name] = Number("–", EMPHASIS, STRONG)
        note = self.notes[name] = Sentence("", CAPTION, "secondary")
        for asks in (number, note):
            asks.asked.connect(self.asked)
        for part in (label(name, CAPTION, role="secondary"), number, note):
            column.addWidget(part)
        column.addStretch(1)
        return made

    def put(self, steps: Steps) -> None:
        told = steps.week.told
        week = told.week
        closed = steps.week.closed
        cost = f"paid week:{week} closed" if closed else f"paid week:{week}"
        self.numbers["Paid"].put(paid(told.paid, told.paid_complete), cost, "Paid")
        self.notes["Paid"].beside().put("as it was closed" if closed else paid_of(steps.paid), cost, "Paid")
        value = words.money(told.list_value, unpriced=told.unknown)
        self.numbers["List value"].put(value, list_value(steps), "List value")
        self.notes["List value"].put(
            repriced(*steps.repriced) if any(steps.repriced) else "what these tokens cost at API prices"
        )
        share = told.accounted_share
        text = "–" if share is None else words.part(share) + (" of priced" if told.unknown else "")
        self.numbers["Accounted for"].put(text, "" if share is None else f"accounted week:{week}", "Accounted for")
        self.notes["Accounted for"].put(*(not_linked(told, closed) if told.requests else ("nothing was used",)))

    def compact(self, low: bool, room: int) -> None:
        """Notes give way where it is low, and sizes in a row of so few pixels: the figures themselves never do."""
        for note in self.notes.values():
            note.setVisible(not low)
        for size, side in SIZES:
            metrics = QFontMetrics(font(size, STRONG))
            wide = (room - 2 * BETWEEN) // 3 - 2 * side - 2
            if all(metrics.horizontalAdvance(number.text()) <= wide for number in self.numbers.values()):
                break
        for column, number in zip(self._columns, self.numbers.values(), strict=True):
            column.setContentsMargins(side, 8, side, 8)
            number.setFont(font(size, STRONG))
            number.updateGeometry()


def list_value(steps: Steps) -> str:
    """What the week's list value is called: of a closed one it is made of what was closed."""
    week = steps.week.told.week
    return f"list week:{week}" if steps.week.closed else f"week:{week}"


def paid(amount: int | None, complete: bool) -> str:
    """`about $53`: a plan's fee is told by day."""
    if amount is None:
        return words.money(None)
    return f"{'about' if complete else 'at least'} {words.money(amount)}"


def paid_of(found: Paid) -> str:
    """`$47 plan + $6 extra`."""
    if found.amount is None:
        return "no plan or charge is entered"
    parts = [f"{words.money(found.fees)} plan"] if found.fees else []
    parts += [f"{words.money(found.charges)} extra"] if found.charges else []
    return " + ".join(parts) or "no plan, no charge"
