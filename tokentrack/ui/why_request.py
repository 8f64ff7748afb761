"""One request down to its place in a log: how it adds up, where it stands, why it counts, and what the agent wrote."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontDatabase, QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from tokentrack import clock, phrases
from tokentrack.ui import words
from tokentrack.ui.frame import link, plain_area
from tokentrack.ui.tables import Table
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, label, scaled
from tokentrack.ui.why_rows import Sum, addends, model, place

if TYPE_CHECKING:
    from tokentrack.review.why import Record, Traced

ROW = 28
LINES = ("Log", "Request")
"""Facts of one line each, cut where there is no room; the others wrap, since a part of a figure is another figure."""
MOST_LINES = 60
"""The JSON is shown whole up to here; beyond that it scrolls."""


class Elided(QLabel):
    """One line that gives way in its middle; the whole is in the tooltip, and is what a copy takes."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(BODY))
        self.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def put(self, text: str) -> None:
        self.whole = text
        self.setToolTip(words.tip(text))
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(QFontMetrics(self.font()).elidedText(self.whole, Qt.TextElideMode.ElideMiddle, self.width()))


def small_table(model: Sum, name: str) -> Table:
    """For a sum: close rows, as high as they are, nothing to choose."""
    made = Table(model, name)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setSelectionMode(Table.SelectionMode.NoSelection)
    made.verticalHeader().setDefaultSectionSize(max(ROW, QFontMetrics(made.font()).height() + 10))
    return made


class RequestView(QScrollArea):
    """`put` shows what the store knows of a request, `put_record` what stands in its log now."""

    all_asked = Signal()
    walked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Traced | None = None
        column = plain_area(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.raw = QPlainTextEdit()
        self._raw_note = label("", role="attention")
        self.sum = Sum()
        self._sums = small_table(self.sum, "How the request adds up")
        column.addLayout(self._walk())
        column.addWidget(self._sums)
        column.addSpacing(4)
        column.addLayout(self._facts())
        column.addSpacing(4)
        column.addLayout(self._raw_head())
        column.addWidget(self._raw_note)
        column.addWidget(self.raw)
        column.addStretch(1)

    # building --------------------------------------------------------------------------------------------------------

    def _walk(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.back = link("")
        self.back.clicked.connect(self.all_asked)
        self._at = label("", CAPTION, role="secondary")
        self.before, self.after = self._step("↑", "Request before", -1), self._step("↓", "Next request", 1)
        row.addWidget(self.back)
        row.addStretch(1)
        for part in (self._at, self.before, self.after):
            row.addWidget(part)
        return row

    def _step(self, text: str, name: str, by: int) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("role", "gear")
        made.setFont(font())
        made.setAccessibleName(name)
        made.setToolTip(f"{name}   {text}")
        made.clicked.connect(lambda: self.walked.emit(by))
        return made

    def _facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, QLabel] = {}
        for at, name in enumerate(("Log", "Place", "Request", "Rule", "Fault", "Price", "Recorded cost")):
            title = label(name, role="secondary")
            title.setFixedWidth(scaled(96))
            value: QLabel = label("", role="attention" if name == "Fault" else "") if name not in LINES else Elided()
            if name not in LINES:
                value.setWordWrap(True)
                value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            grid.addWidget(title, at, 0, Qt.AlignmentFlag.AlignTop if value.wordWrap() else Qt.AlignmentFlag(0))
            grid.addWidget(value, at, 1, 1, 1 if name == "Log" else 2)
            self.facts[name] = value
        self.copy_log = link("copy", "Copy the log's path")
        self.copy_log.clicked.connect(lambda: _copy(self.found.log if self.found else ""))
        grid.addWidget(self.copy_log, 0, 2)
        self._grid = grid
        return grid

    def _raw_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label("As the agent logged it", BODY, STRONG))
        row.addStretch(1)
        self.copy_raw = link("copy", "Copy what the agent logged")
        self.copy_raw.clicked.connect(lambda: _copy(self.raw.toPlainText()))
        row.addWidget(self.copy_raw)
        self.raw.setReadOnly(True)
        self.raw.setAccessibleName("What the agent logged, as JSON")
        self.raw.setTabChangesFocus(True)
        self.raw.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.raw.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._set_face()
        self._raw_note.setWordWrap(True)
        return row

    def _set_face(self) -> None:
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(font(BODY).pixelSize() - 1)
        self.raw.setFont(face)

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, found: Traced, at: int, of: int) -> None:
        self.found = found
        self.back.setText(f"‹ all {words.plural(of, 'request')}")
        self._at.setText(f"{at + 1:,} of {of:,}")
        for part in (self.back, self._at, self.before, self.after):
            part.setVisible(of > 1)
        self.before.setEnabled(at > 0)
        self.after.setEnabled(at < of - 1)
        request = found.request
        self.sum.put(addends(found.kinds, request.prompt_tokens + request.output, found.list_value, unpriced=False))
        self._sums.fit()
        self._put_facts(found)
        self.raw.hide()
        self.copy_raw.hide()
        self._raw_note.hide()
        self.setAccessibleName(f"Request {at + 1} of {of}: {model(found)}, {words.fine(found.list_value)} list value")
        self.verticalScrollBar().setValue(0)

    def _put_facts(self, found: Traced) -> None:
        cost = found.request.recorded_cost
        for name, text in {
            "Log": found.log + ("   (gone)" if found.gone else ""),
            "Place": place(found),
            "Request": found.request.key,
            "Rule": found.rule[:1].upper() + found.rule[1:] + ".",
            "Fault": f"{found.fault[:1].upper()}{found.fault[1:]}." if found.fault else "",
            "Price": price(found),
            "Recorded cost": "" if cost is None else f"{words.fine(cost)}, as the log itself says",
        }.items():
            self._put_fact(name, text)
        self._show_fact("Fault", found.fault is not None)
        self._show_fact("Recorded cost", cost is not None)

    def _show_fact(self, name: str, shown: bool) -> None:
        row = list(self.facts).index(name)
        for column in (0, 1):
            if (item := self._grid.itemAtPosition(row, column)) and (widget := item.widget()):
                widget.setVisible(shown)

    def _put_fact(self, name: str, text: str) -> None:
        value = self.facts[name]
        value.put(text) if isinstance(value, Elided) else value.setText(text)

    def put_record(self, record: Record) -> None:
        there = record.raw is not None
        text = json.dumps(record.raw, indent=2, ensure_ascii=False) if there else ""
        self.raw.setPlainText(text)
        lines = min(MOST_LINES, text.count("\n") + 1)
        self.raw.setFixedHeight(lines * self.raw.fontMetrics().lineSpacing() + 30)
        self._raw_note.setText(record.note)
        self.raw.setVisible(there)
        self.copy_raw.setVisible(there)
        self._raw_note.setVisible(not there)
        if record.rule:
            self._put_fact("Place", record.place)
            self._put_fact("Rule", record.rule[:1].upper() + record.rule[1:] + ".")

    def put_fault(self, sentence: str) -> None:
        self._raw_note.setText(sentence)
        self._raw_note.show()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange and hasattr(self, "raw"):
            self._set_face()
        super().changeEvent(event)


def price(found: Traced) -> str:
    """The price row with its date."""
    row = found.price
    if row is None:
        return "Unknown: no list names this model, so its tokens count and its value does not."
    since = "the beginning" if row["from"] is None else _day(row["from"])
    return f"{row['model']}, in force from {since} ({row['source']})"


def _day(iso: str) -> str:
    return phrases.day(clock.day_of(clock.to_ms(datetime.fromisoformat(iso))))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
