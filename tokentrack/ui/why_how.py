"""How a figure that is no sum of requests was computed: the formula, what went into it, and rows that add up to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from tokentrack.money import dollars, exactly
from tokentrack.ui import words
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import clear, plain_area
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import label

if TYPE_CHECKING:
    from tokentrack.review.paid import How, Line


@dataclass(frozen=True, slots=True)
class HowRow:
    """`kind` says what sort of money it is (AC 6)."""

    what: str
    kind: str
    amount: str
    figure: Figure | None = None
    is_sum: bool = False


def how_rows(how: How) -> list[HowRow]:
    """The rows, and their sum where they are all of one kind: what differs in kind is never added.

    Amounts are shown to the micro-dollar as soon as one of them is no whole cent, so that they add up as they stand there.
    """
    kinds = {(line.kind, line.unit) for line in how.rows}
    known = [line.amount for line in how.rows if line.amount is not None]
    cents = all(amount % words.CENT == 0 for amount in known) or len(kinds) > 1
    made = [_row(line, cents) for line in how.rows]
    if how.adds and len(kinds) == 1 and len(how.rows) > 1 and known:
        tail = " + unknown" if len(known) < len(how.rows) else ""
        whole = replace(how.rows[0], what="sum", amount=sum(known), why="")
        shown = whole.counted or (dollars(whole.amount) if cents else exactly(whole.amount))
        made.append(HowRow("sum", whole.kind, shown + tail, is_sum=True))
    return made


def _row(line: Line, cents: bool) -> HowRow:
    if line.counted is not None:
        figure = Figure(line.why, f"{line.what}, {line.kind}", line.counted) if line.why else None
        return HowRow(line.what, line.kind, line.counted, figure)
    amount = words.money(line.amount, exact=True)
    figure = Figure(line.why, f"{line.what}, {line.kind}", amount) if line.why else None
    return HowRow(line.what, line.kind, amount if cents else exactly(line.amount), figure)


class HowRows(Rows[HowRow]):
    """The sum stands out."""

    def __init__(self) -> None:
        super().__init__((
            Column("", lambda row: row.what, tip=lambda row: row.what),
            Column("Kind", lambda row: row.kind, widest="hypothetical"),
            Column("Amount", lambda row: row.amount, figure=True, widest="-$12,345.678901", why=lambda row: row.figure),
        ))  # fmt: skip


class HowView(QScrollArea):
    """`asked` asks what one of the rows is made of."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = plain_area(self)
        column.setSpacing(12)
        self.formula = Text()
        self._inputs = QWidget()
        self._grid = QGridLayout(self._inputs)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.inputs: tuple[tuple[str, str], ...] = ()
        self.rows = HowRows()
        self.table = Table(self.rows, "Rows that make up the figure")
        self.table.asked.connect(self.asked)
        for part in (self.formula, self._inputs, self.table):
            column.addWidget(part)
        column.addStretch(1)

    def put(self, how: How, figure: Figure) -> None:
        self.formula.setText(how.formula)
        self._put_inputs((("n", how.counted), *how.inputs))
        self.rows.put(how_rows(how))
        self.table.setAccessibleDescription(f"{figure.caption}: {how.formula}")
        self.table.fit()
        self.table.setVisible(bool(how.rows))
        if how.rows:
            self.table.setCurrentIndex(self.rows.index(0, 2))
            self.table.setFocus()

    def _put_inputs(self, inputs: Iterable[tuple[str, str]]) -> None:
        self.inputs = tuple(inputs)
        clear(self._grid)
        for at, (name, value) in enumerate(self.inputs):
            self._grid.addWidget(label(name, role="secondary"), at, 0)
            self._grid.addWidget(Text(value), at, 1)
