"""The first page of an export: weeks, what is on it, and what things are called there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.export.options import ALIASES, PRIVATE_PROJECTS, PRIVATE_WORDS
from tokentrack.ui import words
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import section
from tokentrack.ui.keycap import KeyHint, tab_after
from tokentrack.ui.source_export import Offer, Work
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import CAPTION, font, scaled
from tokentrack.ui.tick import Tick
from tokentrack.ui.week_step import Line, Step, leads_out

NARROW = 620
"""Pixels of width below which lists stand one under the other."""
LISTS = (
    (ALIASES, "Aliases", "Acme=Client A", "What a client or project is called, one a line."),
    (PRIVATE_WORDS, "Private words", "Acme", "Looked for before anything leaves, one a line."),
    (PRIVATE_PROJECTS, "Private projects", "shop", "Their work has no name on a page, one a line."),
)


class Entries(QPlainTextEdit):
    """A setting with one entry a line. Tells what was typed when the keyboard leaves."""

    typed = Signal(str)
    passed = Signal()
    left = Signal()

    def __init__(self, name: str, example: str) -> None:
        super().__init__()
        self.setFont(font())
        self.setProperty("role", "field")
        self.setAccessibleName(f"{name}, one a line")
        self.setPlaceholderText(example)
        self.setTabChangesFocus(True)
        self.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 18)
        self._kept = ""

    def put(self, text: str) -> None:
        """What is being typed is left alone."""
        if not self.hasFocus() and text != self._kept:
            self._kept = text
            self.setPlainText(text)

    def tell(self) -> None:
        text = "\n".join(line.strip() for line in self.toPlainText().splitlines() if line.strip())
        if text != self._kept:
            self._kept = text
            self.typed.emit(text)

    def event(self, event: QEvent) -> bool:
        """`Ctrl+Right` goes on and `Esc` leads out also from here."""
        return leads_out(event, self.tell, self.passed, self.left) or super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.tell()
        super().focusOutEvent(event)


class WorkTable(Table):
    """`Space` and a double click switch a row; `Enter` leads on."""

    switched = Signal(int)

    def __init__(self, model: Rows[Work]) -> None:
        super().__init__(model, "Work on the page", stretch=1)
        self.opens = False
        self.opened.connect(self.switched)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.switched.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class ChooseStep(Step):
    """`dated` says that weeks were chosen, `chosen` that rows or the name are others; `aliased` (task, alias), `entered`
    (setting, text).
    """

    title = "What goes on the page"
    word = "Preview"
    dated = Signal()
    chosen = Signal()
    aliased = Signal(object, str)
    entered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.weeks: tuple[date, ...] = ()
        self.without: frozenset[str] = frozenset()
        self.ticks: dict[date, Tick] = {}
        column = self.scrolling()
        column.addWidget(section("Weeks"))
        self._weeks = QVBoxLayout()
        column.addLayout(self._weeks)
        self.no_weeks = Text("", CAPTION, "secondary")
        column.addWidget(self.no_weeks)
        column.addSpacing(8)
        column.addWidget(section("Work"))
        self.rows: Rows[Work] = Rows(self._columns())
        self.table = WorkTable(self.rows)
        self.table.give_way((4, 2), 200)
        self.table.switched.connect(self._switch)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._put_alias())
        column.addWidget(self.table)
        column.addWidget(
            Text("Withheld rows keep their share: the page tells how many there are.", CAPTION, "secondary")
        )
        self._add_lists(column)
        column.addStretch(1)
        self._add_alias()
        put = "Put the row on the page or withhold it"
        self.hints.append(KeyHint("Space", "on the page or withheld", self._on_space, put))
        self.hint("a", "alias", self._edit_alias, "What others read in place of the title")

    def _columns(self) -> tuple[Column[Work], ...]:
        return (
            Column("On the page", self._state, widest="withheld"),
            Column("Work", called, tip=called),
            Column("Outcome", lambda one: one.row.outcome.text, widest="Rework on shipped work"),
            Column("Share", lambda one: one.row.share.text, figure=True, widest="under 5%"),
            Column("Others read", others_read, tip=others_read, widest="Other work A and more"),
        )

    def _add_alias(self) -> None:
        """Below what scrolls, so that it stands near its row also in a long list; shown while it is asked for."""
        self._alias = QWidget(self)
        self._of = Elided("", CAPTION)
        self._of.setProperty("role", "secondary")
        self.alias = Line("Alias of the chosen work", "the title stands", most=120)
        self.alias.typed.connect(self._on_alias)
        self.alias.entered.connect(self._end_alias)
        self.alias.left.connect(self._end_alias)
        self.alias.passed.connect(self.passed)
        column = QVBoxLayout(self._alias)
        column.setContentsMargins(0, 12, 12, 0)
        column.setSpacing(4)
        for part in (self._of, self.alias):
            column.addWidget(part)
        self._alias.hide()
        self.around.addWidget(self._alias)

    def _add_lists(self, column: QVBoxLayout) -> None:
        self.name = Line("Your name, for the first line", "stays off the page", most=80)
        self.name.typed.connect(lambda _: self.chosen.emit())
        self.name.entered.connect(self.passed)
        self.name.passed.connect(self.passed)
        self.name.left.connect(self.table.setFocus)
        column.addSpacing(8)
        column.addWidget(section("Your name"))
        column.addWidget(self.name)
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._beside.setSpacing(12)
        self.lists: dict[str, Entries] = {}
        for key, name, example, about in LISTS:
            self._beside.addWidget(self._list(key, name, example, about), 1)
        column.addLayout(self._beside)

    def _list(self, key: str, name: str, example: str, about: str) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        field = self.lists[key] = Entries(name, example)
        field.typed.connect(lambda text, key=key: self.entered.emit(key, text))
        field.passed.connect(self.passed)
        field.left.connect(self.table.setFocus)
        for part in (section(name), field, Text(about, CAPTION, "secondary")):
            column.addWidget(part)
        if key == PRIVATE_PROJECTS:
            self.unknown = Text("", CAPTION, "attention")
            self.unknown.hide()
            column.addWidget(self.unknown)
        column.addStretch(1)
        return made

    # showing ---------------------------------------------------------------------------------------------------------

    def offer(self, offer: Offer) -> None:
        """Shows what can be chosen; what was chosen before stands."""
        self.weeks = offer.chosen
        if tuple(self.ticks) != tuple(monday for monday, _ in offer.weeks):
            self._make_ticks(offer.weeks)
        for monday, closed in offer.weeks:
            tick = self.ticks[monday]
            tick.setText(week_words(monday, closed))
            tick.setChecked(monday in self.weeks)
        nothing = "No week is closed yet. A closed week cannot change any more; an open one can be taken too."
        self.no_weeks.setText(nothing if not offer.chosen else "")
        self.no_weeks.setVisible(not offer.chosen)
        self.unknown.setText(not_known(offer.unknown) if offer.unknown else "")
        self.unknown.setVisible(bool(offer.unknown))
        at = max(0, self.table.currentIndex().row())
        self.rows.put(offer.work)
        self.table.fit()
        if offer.work:
            self.table.setCurrentIndex(self.rows.index(min(at, len(offer.work) - 1), 1))
        self._put_alias()

    def offer_nothing(self) -> None:
        """No week is chosen."""
        for tick in self.ticks.values():
            tick.setChecked(False)
        self.rows.put(())
        self.table.fit()
        self._put_alias()

    def _make_ticks(self, weeks: Iterable[tuple[date, bool]]) -> None:
        while item := self._weeks.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        self.ticks = {}
        for monday, closed in weeks:
            tick = self.ticks[monday] = Tick(week_words(monday, closed))
            tick.clicked.connect(self._on_week)
        made = flow(*self.ticks.values(), gap=20, row_gap=0, even=True)
        self._weeks.addWidget(made)
        tab_after(self.no_weeks, made)  # which stands before the table

    def put_settings(self, settings: dict[str, str]) -> None:
        for key, field in self.lists.items():
            field.put(settings.get(key, ""))

    def _state(self, one: Work) -> str:
        return "withheld" if one.row.task in self.without else "yes"

    @property
    def current(self) -> Work | None:
        return self.rows.row_at(self.table.currentIndex())

    def _put_alias(self) -> None:
        one = self.current
        if one is None or one.task is None:
            self._alias.hide()
            return
        self._of.setText(f"Others read in place of {called(one)}")
        self.alias.put(one.task.alias or "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._beside.setDirection(down if self.width() < scaled(NARROW) else across)
        self.table.fit()

    def open_(self, place: str) -> None:
        self.table.setFocus()

    def leave(self) -> None:
        for field in self.lists.values():
            field.tell()
        for line in (self.alias, self.name):
            line.tell()

    # choosing --------------------------------------------------------------------------------------------------------

    def _on_week(self) -> None:
        self.weeks = tuple(sorted(monday for monday, tick in self.ticks.items() if tick.isChecked()))
        self.dated.emit()

    def _on_space(self) -> None:
        if self.table.currentIndex().isValid():
            self._switch(self.table.currentIndex().row())

    def _switch(self, at: int) -> None:
        task = self.rows.shown[at].row.task
        if task is not None:
            self.withhold(task, task not in self.without)

    def withhold(self, task: str, on: bool) -> None:
        self.without = self.without | {task} if on else self.without - {task}
        self.table.viewport().update()
        self.chosen.emit()

    def _edit_alias(self) -> None:
        one = self.current
        if one and one.task:
            self._alias.show()
            self.alias.setFocus()
            self.alias.selectAll()
            self.around.activate()  # the row stays in sight above it
            row = self.table.visualRect(self.table.currentIndex())
            inside = cast(QWidget, self.area.widget())
            self.area.ensureVisible(0, self.table.viewport().mapTo(inside, row.center()).y(), 0, row.height())

    def _end_alias(self) -> None:
        self._alias.hide()
        self.table.setFocus()

    def _on_alias(self, text: str) -> None:
        one = self.current
        if one and one.task and text != (one.task.alias or ""):
            self.aliased.emit(one.task, text)


def not_known(projects: Sequence[str]) -> str:
    """Of private projects that none is called by."""
    named = " or ".join(f"“{words.cut(one, 40)}”" for one in projects)
    return f"No known project is called {named}. What leaves is looked through for it all the same."


def called(one: Work) -> str:
    """As the person knows it; work that is gone as the page names it."""
    return one.task.name if one.task else one.row.work.text


def others_read(one: Work) -> str:
    """Its alias, or that they read what it is called."""
    shown = one.row.work.text
    titled = one.task is not None and shown.removesuffix(f" ({one.task.key})").endswith(one.task.title)
    return "its title" if titled else shown


def week_words(monday: date, closed: bool) -> str:
    last = monday + 6 * clock.DAY
    month = "" if monday.month == last.month else f" {words.MONTHS[monday.month - 1]}"
    state = "" if closed else " · open"
    return f"{monday.isocalendar().week} · {monday.day}{month} to {last.day} {words.MONTHS[last.month - 1]}{state}"
