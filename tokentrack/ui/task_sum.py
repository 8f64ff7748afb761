"""The sum at the foot of the tasks: parts, plus signs, and what they add up to. It stays on screen under every filter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.ui.figure import Number
from tokentrack.ui.flow import Flow
from tokentrack.ui.frame import clear
from tokentrack.ui.outcomes import Mark
from tokentrack.ui.task_rows import Addend
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, label

HEAD = 18


class SumRow(QWidget):
    """`asked` asks what a part is made of."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Where the list value went")
        self._flow = Flow(self, gap=12, row_gap=4)
        self.numbers: list[Number] = []
        self.shown: tuple[Addend, ...] = ()
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        policy.setVerticalPolicy(policy.Policy.Minimum)
        self.setSizePolicy(policy)

    def put(self, addends: Sequence[Addend]) -> None:
        """The last one is the sum of the others."""
        if tuple(addends) == self.shown:
            return
        self.shown = tuple(addends)
        clear(self._flow)
        self.numbers = []
        last = len(addends) - 1
        for at, addend in enumerate(addends):
            part = self._part(addend, at == last)
            self._flow.addWidget(self._signed("=" if at == last else "+", part) if at else part)
        self.setAccessibleDescription("; ".join(f"{one.label}: {one.text}" for one in addends))
        self.updateGeometry()

    def _signed(self, sign: str, part: QWidget) -> QWidget:
        """A sign goes into the next line with what it stands before."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        before = label(sign, BODY, role="secondary")
        before.setContentsMargins(0, HEAD, 0, 0)
        row.addWidget(before)
        row.addWidget(part)
        return holder

    def _part(self, addend: Addend, whole: bool) -> QWidget:
        number = Number("", EMPHASIS if whole else BODY, STRONG)
        number.put(addend.text, addend.name if addend.asks else "", addend.label)
        number.asked.connect(self.asked)
        self.numbers.append(number)
        head = QHBoxLayout()
        head.setSpacing(6)
        if addend.mark:
            head.addWidget(Mark(addend.mark))
        name = label(addend.label, CAPTION, role="secondary")
        name.setFixedHeight(max(HEAD, name.sizeHint().height()))
        number.setFixedHeight(Number("", EMPHASIS, STRONG).sizeHint().height())
        head.addWidget(name)
        head.addStretch(1)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(number)
        return holder
