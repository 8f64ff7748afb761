"""A new task, or what is said of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal

from tokentrack import clock
from tokentrack.linking.urls import Proposed
from tokentrack.model.tasks import Task
from tokentrack.phrases import in_one_line
from tokentrack.review.calibration import Ranges
from tokentrack.ui import words
from tokentrack.ui.card import Card, Fields, button, field, named
from tokentrack.ui.choices import Choices, amount_fault, budget_amount
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.pick import Pick
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, label
from tokentrack.ui.tick import Tick

SIZES = (("", "not said"), ("S", "S"), ("M", "M"), ("L", "L"))
ANYWAY = (("", "not asked"), ("yes", "yes"), ("no", "no"), ("unsure", "unsure"))
"""Would the task have been done without an agent."""
NO_TITLE = "A task needs a title: a few words by which you know it."
NO_RANGE = "Write the estimate as two amounts, such as 20 and 60; the first is the lower one."
NOWHERE = "no one project"
Propose = Callable[[str], tuple[Proposed, str | None] | None]


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
        self.accept = button("Add the task   ↵", self.give, "primary")
        self._url = ""
        self._build()
        for line in (self.title, self.key, self.url, self.low, self.high, self.alias):
            line.returnPressed.connect(self.give)
        self.title.textChanged.connect(self._on_title)

    def _build(self) -> None:
        """`estimate` is asked of a new task alone, `more` of one that is there."""
        usual = flow(named("Key", self.key), named("Project", self.project), named("Size", self.sizes), gap=16)
        self.estimate = flow(
            named("Estimated list value  $", self.low),
            named("to  $", self.high),
            self.caught,
            gap=12,
        )
        self.more = [
            named("Address", self.url),
            flow(label("Would you have done it anyway?", role="secondary"), self.anyway),
            flow(named("Follow-up of", self.follows), gap=16),
            flow(self.private, named("Alias", self.alias), gap=16),
        ]
        self._fields = Fields(usual, self.estimate, *self.more)
        for part in (self.head, self.title, self.told, self._fields):
            self.column.addWidget(part)
        self.column.addLayout(self.foot(self.accept))

    @property
    def shrunk(self) -> int:
        return self._fields.shrunk

    def shrink(self, by: int) -> None:
        self._fields.shrink(by)

    def put(
        self, task: Task | None, projects: Sequence[tuple[str, str]], others: Sequence[Task], project: str | None
    ) -> None:
        """An empty form, or that of a task; `project` is the one that is chosen for a new task."""
        self._task, self._url = task, ""
        self.head.setText("What is said of this task" if task else "New task")
        self.accept.setText("Save   ↵" if task else "Add the task   ↵")
        shown = task or Task("", "", None, None, project, 0)
        _fill_projects(self.project, projects, shown.project, NOWHERE)
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
        self._fields.verticalScrollBar().setValue(0)
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
        title = in_one_line(self.title.text())
        if not title:
            self.say(NO_TITLE, self.title)
            return
        low, high = (budget_amount(line.text()) for line in (self.low, self.high))
        if low is None or high is None or low > high or bool(self.low.text().strip()) != bool(self.high.text().strip()):
            wrong = self.low if low is None else self.high
            self.say(amount_fault(wrong.text(), NO_RANGE), wrong)
            return
        self.say("")
        self.given.emit(self._told(title), (low, high) if high else None)

    def _told(self, title: str) -> Task:
        before = self._task or Task("", title, None, self._url or None, None, clock.now_ms())
        task = replace(
            before, title=title, key=self.key.text().strip() or None, project=self.project.currentData(),
            size=self.sizes.value or None,
        )  # fmt: skip
        if self._task is None:
            return task
        return replace(
            task, url=self.url.text().strip() or None, anyway=self.anyway.value or None,
            follow_up_of=self.follows.currentData(), alias=self.alias.text().strip() or None,
            private=self.private.isChecked(),
        )  # fmt: skip


def _fill_projects(pick: Pick, projects: Iterable[tuple[str, str]], chosen: str | None, first: str) -> None:
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
