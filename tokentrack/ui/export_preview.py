"""The second page of an export: the bytes that would leave; beside them what was found there, and every field with its switch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from tokentrack.export import FORMATS, PAPERS
from tokentrack.export.options import fields
from tokentrack.ui import words
from tokentrack.ui.choices import Choices
from tokentrack.ui.export_fields import LeftOutView, TextCard, TextsView, works_of
from tokentrack.ui.export_findings import FindingsView
from tokentrack.ui.export_paper import Paper
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import plain_area
from tokentrack.ui.option import Option
from tokentrack.ui.source_export import Preview
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, font, scaled
from tokentrack.ui.week_step import Step

if TYPE_CHECKING:
    from tokentrack.export.scan import Finding

NARROW = 720
"""Pixels of width below which the page and what stands beside it take turns."""
SIDE = 300
FORMAT_WORDS = {"md": "Markdown", "html": "HTML", "pdf": "PDF", "csv": "CSV", "json": "JSON"}
SHEET_WORDS = {"a4": "A4", "letter": "Letter"}
LOOKS = {"html": "much as a browser shows it", "pdf": "as a reader sees it"}
PAPER, FINDINGS, TEXTS, LEFT_OUT = "paper", "findings", "texts", "left out"
TABS = ((PAPER, "Page", "p"), (FINDINGS, "Findings", "f"), (TEXTS, "Texts", "t"), (LEFT_OUT, "Fields", "l"))
MAKING = "Making the page"


def formats(chosen: Callable[[str], None]) -> dict[str, Option]:
    """One of the five, by key or click."""

    def choose(name: str) -> Callable[[], None]:
        return lambda: chosen(name)

    return {
        name: Option(str(at), FORMAT_WORDS[name], "Format", choose(name)) for at, name in enumerate(FORMATS, start=1)
    }


class PreviewStep(Step):
    """`format_asked` and `sheet_asked` (name), `switched` (field, on), `edited` (key, words or None); of findings as their view
    tells. `looked`: the page itself came into sight.
    """

    title = "What would leave"
    word = "Save …"
    format_asked = Signal(str)
    sheet_asked = Signal(str)
    looked = Signal()
    switched = Signal(str, bool)
    edited = Signal(str, object)
    accepted = Signal(object, bool)
    hiding = Signal(str)
    aliased = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.preview: Preview | None = None
        self.tab = FINDINGS
        self._shown = self._seen = b""
        self.paper, self.findings, self.texts, self.left_out = Paper(), FindingsView(), TextsView(), LeftOutView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.formats = formats(self.format_asked.emit)
        self.sheet = Choices("Paper", [(one, SHEET_WORDS[one]) for one in PAPERS], PAPERS[0])
        self.sheet.chosen.connect(self.sheet_asked)
        column.addWidget(flow(flow(*self.formats.values()), self.sheet, gap=24))
        self.about = Text("", CAPTION, "secondary")
        column.addWidget(self._tabs())
        beside = QHBoxLayout()
        beside.setSpacing(16)
        beside.addWidget(self.paper, 1)
        self.side = QStackedWidget()
        self._areas = {name: self._area(view) for name, view in self._views().items()}
        beside.addWidget(self.side)
        column.addLayout(beside, 1)
        self._connect()
        self._add_keys()
        self.open_tab(FINDINGS)

    def _views(self) -> dict[str, QWidget]:
        return {FINDINGS: self.findings, TEXTS: self.texts, LEFT_OUT: self.left_out}

    def _area(self, view: QWidget) -> QScrollArea:
        area = QScrollArea()
        plain_area(area).addWidget(view)
        self.side.addWidget(area)
        return area

    def _tabs(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addWidget(self.about, 1)
        self._group = QButtonGroup(self)
        self.tabs: dict[str, QPushButton] = {}
        for name, text, key in TABS:
            tab = self.tabs[name] = QPushButton(text)
            tab.setProperty("role", "tab")
            tab.setFont(font())
            tab.setCheckable(True)
            tab.setToolTip(f"{text}   {key}")
            tab.setAccessibleDescription(f"Opens the view {text}")
            tab.clicked.connect(lambda _=False, name=name: self.open_tab(name))
            self._group.addButton(tab)
            row.addWidget(tab)
        return made

    def _connect(self) -> None:
        self.left_out.switched.connect(self.switched)
        self.texts.edited.connect(self.edited)
        self.texts.passed.connect(self.passed)
        self.texts.left.connect(self.setFocus)
        self.findings.accepted.connect(self.accepted)
        self.findings.hiding.connect(self.hiding)
        self.findings.aliased.connect(self.aliased)
        self.findings.editing.connect(self.edit_text)
        self.findings.taken.connect(self._on_taken)

    def _add_keys(self) -> None:
        for at, name in enumerate(FORMATS, start=1):
            self.key(str(at), self.formats[name].click)
        for name, text, key in TABS:
            if name == PAPER:
                self.key(key, partial(self.open_tab, name))
            else:
                self.hint(key, text.lower(), partial(self.open_tab, name))
        for keys, act in (
            ("x", self.findings.let_through), ("h", self.findings.hide_row), ("a", self.findings.give_alias),
            ("e", self.findings.edit),
        ):  # fmt: skip
            self.key(keys, partial(self._to_findings, act))

    def _to_findings(self, act: Callable[[], None]) -> None:
        if self.tab == FINDINGS:
            act()

    def _on_taken(self) -> None:
        if one := self.findings.current:
            self._areas[FINDINGS].ensureWidgetVisible(one)

    # showing ---------------------------------------------------------------------------------------------------------

    def making(self, format: str, percent: int | None = None) -> None:  # noqa: A002
        """The page is being made: what is on screen is not yet what would leave. What takes long tells how far it is."""
        for name, option in self.formats.items():
            option.put(name == format)
        self.about.setText(f"{MAKING} …" if percent is None else f"{MAKING}, {percent}% …")

    def show_(
        self,
        preview: Preview,
        let_through: Callable[[Finding], bool],
        data: bytes,
        boxes: str = "",
    ) -> None:
        """`data` are the file's bytes; `boxes` is a sentence about letters that no font has."""
        self.preview = preview
        self.paper.put(preview.format, data)
        self.sheet.setVisible(preview.format == "pdf")
        self._shown = data
        self.findings.put(preview, let_through)
        edits = dict(preview.options.edits)
        self.texts.put(preview.texts, edits, works_of(preview.page))
        every = fields(preview.options)
        self.left_out.put(every)
        for name, option in self.formats.items():
            option.put(name == preview.format)
        standing = sum(not let_through(one) for one in preview.findings)
        kind = LOOKS.get(preview.format, "letter by letter")
        told = f"This is the file, {kind}: {words.count(len(data))} bytes. Nothing is written yet."
        self.about.setText(f"{told} {boxes}".strip())
        self.tabs[FINDINGS].setText(f"Findings {standing}" if standing else "Findings")
        edited = f" {len(edits)}" if edits else ""
        self.tabs[TEXTS].setText(f"Texts{edited}")
        switched = sum(one.on != one.usual for one in every)
        self.tabs[LEFT_OUT].setText(f"Fields {switched}" if switched else "Fields")

    @property
    def seen(self) -> bool:
        """Whether these very bytes have been in sight (AC 46): beside the findings, or in a narrow window by themselves."""
        return bool(self._shown) and self._shown == self._seen

    def look(self) -> None:
        """Notes what is in sight, once it is settled which view that is."""
        if self.paper.isVisible() and not self.seen:
            self._seen = self._shown
            self.looked.emit()

    def see(self) -> None:
        """Leads to the page itself."""
        self.open_tab(PAPER)

    def open_tab(self, name: str) -> None:
        self.tab = name
        self._fit()
        if name in self._areas:
            self.side.setCurrentWidget(self._areas[name])
        if self.isVisible():
            self._take_keyboard(name)

    def _take_keyboard(self, name: str) -> None:
        if name == LEFT_OUT and self.left_out.usual:
            next(iter(self.left_out.usual.values())).setFocus()
        elif name == TEXTS and self.texts.cards:
            self._take_text(next(iter(self.texts.cards.values())))
        elif name == PAPER:
            self.paper.in_sight.setFocus()
        else:
            self.findings.setFocus()

    def _fit(self) -> None:
        narrow = self.width() < scaled(NARROW)
        if not narrow and self.tab == PAPER:
            self.tab = FINDINGS
        self.tabs[PAPER].setVisible(narrow)
        self.tabs[self.tab].setChecked(True)
        self.paper.setVisible(not narrow or self.tab == PAPER)
        self.side.setVisible(not narrow or self.tab != PAPER)
        self.side.setFixedWidth(scaled(SIDE)) if not narrow else self.side.setMaximumWidth(16_777_215)
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def open_(self, place: str) -> None:
        """Findings first, where there are any; a narrow window begins with the page."""
        found = bool(self.preview and self.preview.findings)
        self.open_tab(FINDINGS if found or self.width() >= scaled(NARROW) else PAPER)

    def leave(self) -> None:
        self.texts.leave()

    def edit_text(self, key: str) -> None:
        self.open_tab(TEXTS)
        if one := self.texts.cards.get(key):
            self._take_text(one)

    def _take_text(self, one: TextCard) -> None:
        (one.line or one.pick or one).setFocus()
        self._areas[TEXTS].ensureWidgetVisible(one)
