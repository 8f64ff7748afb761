"""The cards above the list of tasks: what each is shown with, and what comes of what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session
from tokentrack.review.calibration import Ranges
from tokentrack.store import StoreError
from tokentrack.ui.asking import Hand, InPassing
from tokentrack.ui.card import Card, CardSlot
from tokentrack.ui.source import Source
from tokentrack.ui.source_tasks import Ledgers, Offered
from tokentrack.ui.task_changes import Act, TaskChanges
from tokentrack.ui.task_form import TaskForm
from tokentrack.ui.task_link import LinkCard
from tokentrack.ui.task_merge import MergeCard
from tokentrack.ui.task_offer import OfferCard

C = TypeVar("C", bound=Card)
GIT = "git: branches and merged pull requests"
EDITED = ("title", "key", "url", "project", "size", "anyway", "private", "alias", "follow_up_of")


class TaskCards(CardSlot):
    """One of four cards, each made when it is shown first, or none. `closed`: the keyboard is free again.

    `merged` tells the task (its id) that was kept; `wanted` asks what merging would move, `asked` what a figure is made of.
    `every` are the tasks there are now; `reading` asks what a file or the history of repositories would add.
    """

    closed = Signal()
    merged = Signal(str)
    wanted = Signal(object, object)
    asked = Signal(object)

    def __init__(
        self,
        source: Source,
        changes: TaskChanges,
        reading: InPassing[Ledgers],
        every: Callable[[], list[Task]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._source, self._changes, self._reading, self._every = source, changes, reading, every
        self._linked: Task | None = None

    @cached_property
    def form(self) -> TaskForm:
        card = self._added(TaskForm(self._source.tasks().proposed))
        card.given.connect(self._on_form)
        card.asked.connect(self.asked)
        return card

    @cached_property
    def merge(self) -> MergeCard:
        card = self._added(MergeCard())
        card.given.connect(self._on_merged)
        card.wanted.connect(self.wanted)
        return card

    @cached_property
    def offer(self) -> OfferCard:
        card = self._added(OfferCard())
        card.given.connect(self._on_offered)
        return card

    @cached_property
    def link(self) -> LinkCard:
        card = self._added(LinkCard())
        card.given.connect(self._on_linked)
        return card

    def _added(self, card: C) -> C:
        self.add(card)
        card.cancelled.connect(self.close_card)
        return card

    def _show_card(self, card: Card | None) -> None:
        """What the one before it gave is written without it."""
        if card:
            self._changes.bar.went_on()
        if self.shown:
            self._changes.forget(self.shown)
        self.put(card)
        self.changed.emit()

    def close_card(self) -> None:
        self._show_card(None)
        self.closed.emit()

    def _give(self, card: Card, act: Act, then: Callable[[], None] = lambda: None) -> None:
        self._changes.give(card, act, self.close_card, then)

    # adding and editing ----------------------------------------------------------------------------------------------

    def new(self, project: str | None) -> None:
        """In a project (its path), until the person says another."""
        self._show_card(self.form)
        self.form.put(None, self._source.tasks().projects(), (), project)

    def put_ranges(self, spend: Ranges) -> None:
        """How earlier ranges fared, beside the field of the one that is asked for."""
        if isinstance(self.shown, TaskForm):
            self.shown.put_ranges(spend)

    def edit(self, task: Task) -> None:
        self._show_card(self.form)
        self.form.put(task, self._source.tasks().projects(), self._every(), None)

    def _on_form(self, task: Task, spend: tuple[int, int] | None) -> None:
        before = next((one for one in self._every() if one.id == task.id), None)
        if before is None:
            self._give(self.form, lambda tasks: tasks.add([task], spend))
            return
        changed = {name: getattr(task, name) for name in EDITED if getattr(task, name) != getattr(before, name)}
        if changed:
            self._give(self.form, lambda tasks: tasks.edit([before], **changed))
        else:
            self.close_card()

    # merging and linking ---------------------------------------------------------------------------------------------

    def ask_merge(self, tasks: Sequence[Task]) -> None:
        if len(tasks) < 2:
            self._changes.bar.failed(
                "Choose two or more tasks to merge: Shift or Ctrl with the arrows, Space or a click."
            )
            return
        self._show_card(self.merge)
        self.merge.put(tasks)

    def _on_merged(self, kept: Task, gone: Sequence[Task]) -> None:
        self._give(self.merge, lambda tasks: tasks.merge(kept, gone), partial(self.merged.emit, kept.id))

    def ask_link(self, task: Task) -> None:
        try:
            sessions = self._source.sessions()
        except StoreError as error:
            self._changes.bar.failed(str(error))
            return
        self._linked = task
        self._show_card(self.link)
        self.link.put(task, sessions)

    def _on_linked(self, session: Session, turns: Span) -> None:
        if task := self._linked:
            self._give(self.link, lambda tasks: tasks.link(session, task, turns))

    # importing -------------------------------------------------------------------------------------------------------

    def ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import tasks", "", "Tables (*.csv)")
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Shows what a file would add, before it does."""
        self._offer(path.name, lambda ledgers, _: ledgers.from_csv(path))

    def import_git(self) -> None:
        self._offer(GIT, lambda ledgers, hand: ledgers.from_git(hand.go_on))

    def _offer(self, whence: str, question: Callable[[Ledgers, Hand], Offered]) -> None:
        self._show_card(self.offer)
        self.offer.wait(whence)
        self._reading.ask("offer", question, partial(self.offer.put, whence), self.offer.fail)

    def _on_offered(self, tasks: Sequence[Task]) -> None:
        self._give(self.offer, lambda to: to.add(tasks))
