"""Cards above the list of tasks: a new task or what is said of one, merging with a preview, what an import would add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tokentrack import clock
from tokentrack.linking.urls import Proposed
from tokentrack.model import Task
from tokentrack.review.calibration import Ranges
from tokentrack.review.task_page import Moving
from tokentrack.ui import words
from tokentrack.ui.choices import Choices, amount_fault, budget_amount
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import plain_area
from tokentrack.ui.pick import Pick
from tokentrack.ui.source import Offered
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.task_rows import value
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, label
from tokentrack.ui.tick import Tick

SIZES = (("", "not said"), ("S", "S"), ("M", "M"), ("L", "L"))
ANYWAY = (("", "not asked"), ("yes", "yes"), ("no", "no"), ("unsure", "unsure"))
"""Would the task have been done without an agent."""
MOST_FAULTS = 5
LOWEST, HIGHEST = 3, 8
"""Rows of an import that are in view."""
NO_TITLE = "A task needs a title: a few words by which you know it."
NO_RANGE = "Write the estimate as two amounts, such as 20 and 60; the first is the lower one."
Propose = Callable[[str], tuple[Proposed, str | None] | None]
NOWHERE = "no one project"


def field(name: str, placeholder: str = "", wide: int | None = None) -> QLineEdit:
    made = QLineEdit()
    made.setFont(font())
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    if wide:
        made.setFixedWidth(wide)
    return made


def button(text: str, act: Callable[[], object], role: str = "") -> QPushButton:
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setFont(font(BODY, STRONG) if role == "primary" else font())
    made.clicked.connect(act)
    return made


def named(name: str, *parts: QWidget) -> QWidget:
    """What a field is for, and the field."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label(name, role="secondary"))
    for part in parts:
        row.addWidget(part)
    return made


class Card(QFrame):
    """`cancelled` says that it may go; `Esc` does it too."""

    cancelled = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 14, 16, 14)
        self.column.setSpacing(10)
        self.head = label(name, BODY, STRONG)
        self.fault = Text(size=CAPTION, role="attention")
        self.fault.hide()

    def foot(self, *buttons: QPushButton) -> QHBoxLayout:
        """The fault at the left, the buttons at the right, the primary one last."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.fault, 1)
        row.addStretch(1)
        row.addWidget(button("Cancel   Esc", self.cancelled.emit))
        for one in buttons:
            row.addWidget(one)
        return row

    def say(self, fault: str, where: QWidget | None = None) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        if where:
            where.setFocus()


class CardSlot(QScrollArea):
    """The place for one card; it scrolls where there is less room than the card is high. `changed`: it became higher or lower."""

    changed = Signal()

    def __init__(self, cards: Sequence[Card], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = cards
        self.shown: Card | None = None
        self._column = plain_area(self)
        for card in cards:
            card.hide()
            self._column.addWidget(card)
        self._column.addStretch(1)
        self.hide()

    def put(self, card: Card | None) -> None:
        self.shown = card
        for other in self._cards:
            other.setVisible(other is card)
        self.setVisible(card is not None)

    @property
    def high(self) -> int:
        """So high the card is at the width there is."""
        self._column.invalidate()
        wide = self.viewport().width()
        return (
            self._column.heightForWidth(wide) if self._column.hasHeightForWidth() else self._column.sizeHint().height()
        )

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.shown:
            self.changed.emit()
        return done


class TaskForm(Card):
    """A new task, or what is said of one. `given` tells the task, and a range of list value in micro-dollars, or None.

    An address pasted as the title fills in the key, a title and the project; nothing is fetched. `asked` asks how earlier
    ranges fared.
    """

    given = Signal(object, object)
    asked = Signal(object)

    def __init__(self, propose: Propose) -> None:
        super().__init__("New task")
        self._propose = propose
        self._task: Task | None = None
        self.title = field(
            "Title, or the address of an issue", "Title, or paste the address of an issue or pull request"
        )
        self.key = field("Key", "PAY-12", 110)
        self.url = field("Address", "https://")
        self.project = Pick("Project")
        self.sizes = Choices("Size", SIZES, "")
        self.low, self.high = (field(name, wide=76) for name in ("Estimate from", "Estimate to"))
        self.caught = Number("", CAPTION, role="secondary")
        self.caught.asked.connect(self.asked)
        self.caught.hide()
        self.anyway = Choices("Would you have done it anyway", ANYWAY, "")
        self.follows = Pick("Follow-up of")
        self.alias = field("Alias for pages that others see", "the title", 220)
        self.private = Tick("Private: other people see the alias")
        self.told = Text(size=CAPTION, role="secondary")
        self.told.hide()
        self.accept = button("Add the task   ⏎", self.give, "primary")
        self.estimate = flow(
            named("Estimated list value, optional  $", self.low, label("to  $", role="secondary"), self.high),
            self.caught,
            gap=12,
        )
        self.more = [
            named("Address", self.url),
            flow(label("Would you have done it anyway?", role="secondary"), self.anyway),
            flow(named("Follow-up of", self.follows), gap=16),
            flow(self.private, named("Alias", self.alias), gap=16),
        ]
        self.column.addWidget(self.head)
        self.column.addWidget(self.title)
        self.column.addWidget(self.told)
        self.column.addWidget(
            flow(named("Key", self.key), named("Project", self.project), named("Size", self.sizes), gap=16)
        )
        self.column.addWidget(self.estimate)
        for part in self.more:
            self.column.addWidget(part)
        self.column.addLayout(self.foot(self.accept))
        for line in (self.title, self.key, self.url, self.low, self.high, self.alias):
            line.returnPressed.connect(self.give)
        self.title.textChanged.connect(self._on_title)
        self._url = ""

    def put(
        self, task: Task | None, projects: Sequence[tuple[str, str]], others: Sequence[Task], project: str | None
    ) -> None:
        """An empty form, or that of a task; `project` is the one that is chosen for a new task."""
        self._task, self._url = task, ""
        self.head.setText("What is said of this task" if task else "New task")
        self.accept.setText("Save   ⏎" if task else "Add the task   ⏎")
        shown = task or Task("", "", None, None, project, 0)
        fill_projects(self.project, projects, shown.project, NOWHERE)
        self.follows.clear()
        self.follows.addItem("nothing", None)
        for other in others:
            if task is None or other.id != task.id:
                self.follows.addItem(words.cut(other.name, 48), other.id)
        self.follows.setCurrentIndex(max(0, self.follows.findData(shown.follow_up_of)))
        for line, text in (
            (self.title, shown.title), (self.key, shown.key), (self.url, shown.url), (self.alias, shown.alias),
            (self.low, ""), (self.high, ""),
        ):  # fmt: skip
            line.setText(text or "")
        self.sizes.put(shown.size or "")
        self.anyway.put(shown.anyway or "")
        self.private.setChecked(shown.private)
        for part in self.more:
            part.setVisible(task is not None)
        self.estimate.setVisible(task is None)
        self.told.hide()
        self.say("")
        self.title.setFocus()

    def put_ranges(self, spend: Ranges) -> None:
        """How earlier ranges fared, beside the field of the next one."""
        self.caught.put(spend.beside, "calibration all", "How your ranges fared")
        self.caught.show()

    def _on_title(self, text: str) -> None:
        """A pasted address is not a title; typing goes on in what it proposes."""
        if self._task is not None or "://" not in text:
            return
        found = self._propose(text)
        if found is None:
            return
        proposed, project = found
        self._url = proposed.url
        self.title.setText(proposed.title)
        self.title.selectAll()
        self.key.setText(proposed.key)
        if project is not None and (at := self.project.findData(project)) >= 0:
            self.project.setCurrentIndex(at)
        self.told.setText(f"From {proposed.url}. Nothing was fetched: change the title as you like.")
        self.told.show()

    def give(self) -> None:
        title = " ".join(self.title.text().split())
        if not title:
            self.say(NO_TITLE, self.title)
            return
        low, high = (budget_amount(line.text()) for line in (self.low, self.high))
        if low is None or high is None or low > high or bool(self.low.text().strip()) != bool(self.high.text().strip()):
            wrong = self.low if low is None else self.high
            self.say(amount_fault(wrong.text(), NO_RANGE), wrong)
            return
        self.say("")
        before = self._task or Task("", title, None, self._url or None, None, clock.now_ms())
        task = replace(
            before, title=title, key=self.key.text().strip() or None, project=self.project.currentData(),
            size=self.sizes.value or None,
        )  # fmt: skip
        if self._task:
            task = replace(
                task, url=self.url.text().strip() or None, anyway=self.anyway.value or None,
                follow_up_of=self.follows.currentData(), alias=self.alias.text().strip() or None,
                private=self.private.isChecked(),
            )  # fmt: skip
        self.given.emit(task, (low, high) if high else None)


def fill_projects(pick: Pick, projects: Iterable[tuple[str, str]], chosen: str | None, first: str) -> None:
    """All projects by name; two of the same name by their paths."""
    listed = list(projects)
    names = [name for _, name in listed]
    pick.blockSignals(True)
    pick.clear()
    pick.addItem(first, None)
    for path, name in listed:
        pick.addItem(name if names.count(name) == 1 else path, path)
    if chosen is not None and pick.findData(chosen) < 0:
        pick.addItem(words.folder(chosen), chosen)
    pick.setCurrentIndex(max(0, pick.findData(chosen)))
    pick.blockSignals(False)


# ---- merging ---------------------------------------------------------------------------------------------------------


class MergeCard(Card):
    """Which task is kept, and what moves to it. `wanted` asks for a preview; `given` tells the kept one and the others."""

    wanted = Signal(object, object)
    given = Signal(object, object)

    def __init__(self) -> None:
        super().__init__("Merge tasks into one")
        self.tasks: list[Task] = []
        self.keep = Pick("The task that is kept")
        self.preview = Text()
        self.accept = button("Merge   ⏎", self.give, "primary")
        self.column.addWidget(self.head)
        self.column.addWidget(flow(named("Keep", self.keep)))
        self.column.addWidget(self.preview)
        self.column.addLayout(self.foot(self.accept))
        self.keep.currentIndexChanged.connect(self._on_kept)
        for key in ("Return", "Enter"):
            QShortcut(QKeySequence(key), self, self.give, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def put(self, tasks: Sequence[Task]) -> None:
        self.tasks = list(tasks)
        self.head.setText(f"Merge {words.plural(len(self.tasks), 'task')} into one")
        self.keep.blockSignals(True)
        self.keep.clear()
        for task in self.tasks:
            self.keep.addItem(words.cut(task.name, 70))
        self.keep.blockSignals(False)
        self.say("")
        self._on_kept()
        self.keep.setFocus()

    def _on_kept(self) -> None:
        self.preview.setText("Looking at what moves …")
        self.wanted.emit(self.kept, self.gone)

    @property
    def kept(self) -> Task | None:
        at = self.keep.currentIndex()
        return self.tasks[at] if 0 <= at < len(self.tasks) else None

    @property
    def gone(self) -> list[Task]:
        return [task for task in self.tasks if task is not self.kept]

    def show_preview(self, moving: Moving) -> None:
        if self.kept is None:
            return
        parts = [words.plural(moving.sessions, "session")]
        if moving.used.sessions:
            parts[0] += f" of {value(moving.used)} list value"
        parts += [words.plural(n, noun) for n, noun in ((moving.estimates, "estimate"), (moving.rules, "rule")) if n]
        whole = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
        one = len(parts) == 1 and moving.sessions == 1
        gone = words.cut(self.gone[0].name, 40) if len(self.gone) == 1 else f"The other {len(self.gone)}"
        self.preview.setText(
            f"{whole} {'moves' if one else 'move'} to {words.cut(self.kept.name, 40)}. "
            f"{gone} will be gone; Ctrl+Z brings all of it back."
        )

    def give(self) -> None:
        if self.kept:
            self.given.emit(self.kept, self.gone)


# ---- importing -------------------------------------------------------------------------------------------------------


OFFERED: tuple[Column[Task], ...] = (
    Column("Key", lambda task: task.key or "–", tip=lambda task: task.url or "", widest="PAYMENT-1234"),
    Column("Title", lambda task: task.title, tip=lambda task: task.title),
    Column(
        "Project", lambda task: words.folder(task.project), tip=lambda task: task.project or "", widest="payments-api"
    ),
    Column("Created", lambda task: words.when(task.created_at, clock.now()), widest="22 Nov 2026"),
)


class OfferCard(Card):
    """What an import would add, before it does: `given` tells the chosen tasks, all of them unless some are taken out."""

    given = Signal(object)

    def __init__(self) -> None:
        super().__init__("Import tasks")
        self.rows = Rows(OFFERED)
        self.table = Table(self.rows, "Tasks that may be added", stretch=1, parent=self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        self.table.opened.connect(self.give)
        self.faults = Text(size=CAPTION, role="attention")
        self.about = Text(role="secondary")
        self.accept = button("Add", self.give, "primary")
        for part in (self.head, self.about, self.table, self.faults):
            self.column.addWidget(part)
        self.column.addLayout(self.foot(self.accept))
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)

    def wait(self, whence: str) -> None:
        """Nothing is known yet."""
        self.head.setText(f"Tasks from {whence}")
        self.put_rows(())
        self.about.setText("Reading …")
        self.faults.hide()
        self.say("")

    def put(self, whence: str, offered: Offered) -> None:
        self.head.setText(f"Tasks from {whence}")
        self.put_rows(offered.tasks)
        parts = [f"{words.plural(len(offered.tasks), 'new task')}"]
        if offered.known:
            parts.append(f"{offered.known:,} there already")
        parts += [words.plural(len(offered.faults), "row") + " not taken"] if offered.faults else []
        hint = " · Space takes one out or in" if offered.tasks else ""
        self.about.setText(" · ".join(parts) + hint)
        more = len(offered.faults) - MOST_FAULTS
        told = [*offered.faults[:MOST_FAULTS], *([f"{words.plural(more, 'more row')} not taken."] if more > 0 else [])]
        self.faults.setText("\n".join(told))
        self.faults.setVisible(bool(told))
        self.say("")

    def fail(self, sentence: str) -> None:
        self.put_rows(())
        self.about.setText("")
        self.faults.hide()
        self.say(sentence)

    def put_rows(self, tasks: Sequence[Task]) -> None:
        self.rows.put(tasks)
        self.table.setVisible(bool(tasks))
        high = self.table.verticalHeader().defaultSectionSize()
        shown = min(max(len(tasks), LOWEST), HIGHEST)
        self.table.setFixedHeight(shown * high + self.table.horizontalHeader().sizeHint().height() + 2)
        self.table.selectAll()
        if tasks:
            at = self.rows.index(0, 0)
            self.table.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.setFocus()
        self._show_chosen()

    @property
    def chosen(self) -> list[Task]:
        return [self.rows.shown[at.row()] for at in self.table.selectionModel().selectedRows()]

    def _show_chosen(self, *_: object) -> None:
        self.accept.setText(f"Add {words.plural(len(self.chosen), 'task')}   ⏎")
        self.accept.setEnabled(bool(self.chosen))

    def give(self, *_: object) -> None:
        if chosen := self.chosen:
            self.given.emit(sorted(chosen, key=self.rows.shown.index))
