"""What a week or a month cost: paid, plan share and list value, never mixed; a closer look; plans and charges."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.ui import words
from tokentrack.ui.asking import Doing, Hand, InPassing
from tokentrack.ui.choices import Choices
from tokentrack.ui.feed import Feed, Spaced
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import header, scrolling
from tokentrack.ui.keycap import KeyHint, tab_after
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_spend import Spending, Undo
from tokentrack.ui.spend_closer import Closer, CloserView, closer_of
from tokentrack.ui.spend_cost import Asked, Cost, CostView, cost_of
from tokentrack.ui.spend_entries import EntriesView
from tokentrack.ui.spend_period import UNITS, Period
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.theme import STRONG, font, label
from tokentrack.ui.undo_bar import UndoBar

V = TypeVar("V", bound=QWidget)
TABS = (("cost", "What it cost", "c"), ("closer", "Look closer", "l"), ("entries", "Plans and charges", "p"))


class Tabs(QWidget):
    """One of a few views: arrow keys move between them."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Views of the page")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for name, text, key in TABS:
            button = QPushButton(text)
            button.setProperty("role", "tab")
            button.setFont(font())
            button.setCheckable(True)
            button.setToolTip(f"{text}   {key}")
            button.setAccessibleDescription(f"Opens the view {text}")
            button.toggled.connect(lambda on, name=name: self.chosen.emit(name) if on else None)
            self._group.addButton(button)
            self.buttons[name] = button
            row.addWidget(button)
        row.addStretch(1)
        self.buttons["cost"].setChecked(True)

    @property
    def value(self) -> str:
        return next(name for name, button in self.buttons.items() if button.isChecked())


class PeriodBar(QWidget):
    """Week or month, the one before and the one after."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.period = Period.of("week", clock.today())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.unit = Choices("Period", UNITS, "week")
        self.unit.chosen.connect(self.use)
        self.name = label("", weight=STRONG)
        self.before = self._step("‹", "Earlier", "Alt+Left", lambda: self.show_period(self.period.before))
        self.after = self._step("›", "Later", "Alt+Right", self._on_later)
        for part in (self.unit, self.before, self.after, self.name):
            row.addWidget(part)
        row.addStretch(1)
        self.refresh()

    def _step(self, text: str, name: str, key: str, act: Callable[[], None]) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("role", "gear")
        made.setFont(font())
        made.setAccessibleName(name)
        made.setToolTip(f"{name}   {key.replace('+', ' ')}")
        made.clicked.connect(act)
        return made

    def use(self, unit: str) -> None:
        self.unit.put(unit)
        self.show_period(self.period.to(unit, clock.today()))

    def _on_later(self) -> None:
        if not self.period.runs(clock.today()):
            self.show_period(self.period.after)

    def show_period(self, period: Period) -> None:
        if period != self.period:
            self.period = period
            self.refresh()
            self.changed.emit()

    def refresh(self) -> None:
        today = clock.today()
        self.name.setText(self.period.name(today))
        self.after.setEnabled(not self.period.runs(today))


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of."""

    why_asked = Signal(object)

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._source = feed, source
        self._asking: InPassing[Spending] = InPassing(source.spending, self)
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self._today = clock.today()
        column = scrolling(self)
        (self._area,) = self.findChildren(QScrollArea)
        row, _, self._when = header("Spend")
        self._problems, self.undo_bar = PageProblems(self._feed, self.refresh), UndoBar(self._doing)
        self.tabs, self.bar = Tabs(), PeriodBar()
        column.addLayout(row)
        column.addLayout(self._tab_row())
        for part in (self._problems, self.undo_bar, self.bar):
            column.addWidget(part)
        self._into, self._views = column.parentWidget(), QVBoxLayout()
        self.cost = CostView(self._into)
        self._views.addWidget(self.cost)
        self._made: list[QWidget] = [self.cost]
        column.addLayout(self._views)
        column.addStretch(1)
        column.addWidget(self._hints())
        self._connect()
        self._show_tab()
        self._pace = Spaced(self, feed, self.refresh, lambda: bool(self._asking.waiting))

    def _tab_row(self) -> QVBoxLayout:
        line = QFrame()
        line.setProperty("role", "line")
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(line)
        return column

    def _connect(self) -> None:
        self.tabs.chosen.connect(lambda _: self._on_tab())
        self.bar.changed.connect(self._on_period)
        self.cost.asked.connect(self.why_asked)
        self.cost.wanted.connect(self._ask)
        self.cost.plan_asked.connect(self._on_plan_asked)
        self.cost.confirm_asked.connect(lambda month: self.entries.confirm(month, of_today=True))
        self.undo_bar.undone.connect(self._on_changed)

    # the other views, each of which is made when it is shown first ------------------------------------------------

    @cached_property
    def closer(self) -> CloserView:
        view = self._added(CloserView(self._into))
        view.asked.connect(self.why_asked)
        view.wanted.connect(self._ask)
        return view

    @cached_property
    def entries(self) -> EntriesView:
        view = self._added(EntriesView(self._source.entries(), self._doing, self._into))
        view.did.connect(self._on_did)
        view.failed.connect(self.undo_bar.failed)
        return view

    def _added(self, view: V) -> V:
        view.hide()
        self._made.append(view)
        self._views.addWidget(view)
        tab_after(self.cost, view)
        return view

    @property
    def view(self) -> QWidget:
        """What the chosen tab shows."""
        tab = self.tabs.value
        return self.cost if tab == "cost" else self.closer if tab == "closer" else self.entries

    def _hints(self) -> QWidget:
        """Every key of the page beside what it does. Letters act only outside text fields, which take them first."""
        acts: list[tuple[str, str, Callable[[], object]]] = [
            (key, text.lower(), partial(self.tabs.buttons[name].setChecked, True)) for name, text, key in TABS
        ]
        acts += [(unit[0], text.lower(), partial(self.bar.use, unit)) for unit, text in UNITS]
        acts += [
            ("Alt ←", "earlier", self.bar.before.click),
            ("Alt →", "later", self.bar.after.click),
            ("Ctrl Z", "undo", self.undo_bar.undo),
        ]
        for key, _, act in acts:
            QShortcut(QKeySequence(key.replace("←", "Left").replace("→", "Right").replace(" ", "+")), self, act)
        return flow(*(KeyHint(*one) for one in acts), gap=12, row_gap=0)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """At once: the person asked."""
        self._follow_midnight()
        self.bar.refresh()
        self._problems.refresh()
        if self.tabs.value == "entries":
            self._show_when(reading=False)
            self.entries.refresh()
        else:
            self._ask()

    def _follow_midnight(self) -> None:
        """This week is the week of today, also when it is tomorrow."""
        today = clock.today()
        if today != self._today and self.bar.period.runs(self._today) and not self.bar.period.runs(today):
            self.bar.period = Period.of(self.bar.period.unit, today)
        self._today = today

    def _show_tab(self) -> None:
        shown = self.view
        for view in self._made:
            view.setVisible(view is shown)
        self.bar.setVisible(self.tabs.value != "entries")

    def _show_when(self, reading: bool) -> None:
        if self.tabs.value == "entries":
            self._when.setText("")
            return
        parts = [self.bar.period.days]
        glance = self._feed.glance
        if glance and (read := words.read_at(glance, self._feed.status)):
            parts.append(f"read {words.clock(read)}")
        self._when.setText(" · ".join(parts if not reading else [*parts[:1], "reading"]))

    # asking ----------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """What is on screen stays until the answer has come."""
        period, view = self.bar.period, self.cost
        self._pace.asked()
        self._show_when(reading=self._shown_period() != period)
        if self.tabs.value == "cost":
            asked = Asked(period, view.by, view.within, view.opened)
            self._asking.ask("page", partial(_cost, asked), self._on_cost, self._on_answer)
        elif self.tabs.value == "closer":
            self._asking.ask("page", partial(_closer, period, self.closer.chosen), self._on_closer, self._on_answer)

    def _shown_period(self) -> Period | None:
        if self.tabs.value == "cost":
            return self.cost.shown.asked.period if self.cost.shown else None
        return self.closer.shown.period if self.closer.shown else None

    def _on_cost(self, cost: Cost) -> None:
        before = self.cost.shown.asked.within if self.cost.shown else ""
        self.cost.put(cost)
        if cost.asked.within not in ("", before):  # a day's sessions stand below all days; once they have their height
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.cost.title, 0, 200))
        self._on_answer()

    def _on_closer(self, closer: Closer) -> None:
        self.closer.put(closer)
        self._on_answer()

    def _on_answer(self, fault: str = "") -> None:
        self._pace.answered()
        self._show_when(reading=False)
        self._problems.say(fault)

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_tab(self) -> None:
        self._show_tab()
        self.refresh()

    def _on_period(self) -> None:
        self.cost.close_rows()
        self.refresh()

    def _on_plan_asked(self) -> None:
        self.tabs.buttons["entries"].setChecked(True)
        self.entries.plan_form.name.setFocus()

    def _on_did(self, text: str, undo: Undo) -> None:
        self.undo_bar.did(text, undo)
        self._on_changed()

    def _on_changed(self) -> None:
        """Tray and other pages show what is paid too."""
        self._feed.hint()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._asking.rest()
        super().hideEvent(event)


def _cost(asked: Asked, spending: Spending, _: Hand) -> Cost:
    return cost_of(spending, asked)


def _closer(period: Period, model: str, spending: Spending, _: Hand) -> Closer:
    return closer_of(spending, period, model)
