"""Tasks: the list, the one that is opened, and the sum over all of them, which adds up under every filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.model.tasks import Task
from tokentrack.review.calibration import Calibration
from tokentrack.review.ledger import Ledger, Row
from tokentrack.ui import words
from tokentrack.ui.asking import Hand, InPassing
from tokentrack.ui.drop import Drop
from tokentrack.ui.feed import Feed, Spaced
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import GAP, MARGIN, UNDER_HEAD, header
from tokentrack.ui.keycap import KeyHint, acts_in, tab_after
from tokentrack.ui.outcomes import KEYS
from tokentrack.ui.source import Source
from tokentrack.ui.source_tasks import Ledgers
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.task_cards import TaskCards
from tokentrack.ui.task_changes import TaskChanges
from tokentrack.ui.task_finish import FinishBar
from tokentrack.ui.task_list import ChosenBar, TaskList
from tokentrack.ui.task_opened import OpenedTask
from tokentrack.ui.task_page import TaskView
from tokentrack.ui.task_rows import foot, foot_by_outcome, lonely
from tokentrack.ui.task_sum import SumRow
from tokentrack.ui.theme import scaled

BESIDE = 900
"""From this width on the opened task stands beside the list; below it takes the list's place, and Esc leads back."""
LEAST, LOW_FOR_KEYS = 200, 540
"""A card stands in the list's place where less than so much would be left for it; so low, keys have no room under the list."""
AROUND = MARGIN + GAP + 88
"""Height of margins, title and gaps."""


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of."""

    why_asked = Signal(object)

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._tasks = source.tasks()
        self._asking: InPassing[Ledgers] = InPassing(source.ledgers, self)
        self._reading: InPassing[Ledgers] = InPassing(source.ledgers, self)
        self._by_outcome = self._changed = False
        self._chosen: set[str] = set()
        self.changes = TaskChanges(source, self)
        self.bar, self.chosen_bar, self.finish = self.changes.bar, ChosenBar(), FinishBar()
        self.cards = TaskCards(source, self.changes, self._reading, self._every, self)
        self._problems = PageProblems(feed, self.refresh)
        self.drop = Drop(self)
        self._build()
        self._connect()
        self._add_keys()
        self._pace = Spaced(self, feed, self.refresh, lambda: "ledger" in self._asking.waiting)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, 0, GAP)
        column.setSpacing(12)
        row, _, self._count = header("Tasks")
        row.setContentsMargins(0, 0, MARGIN, UNDER_HEAD)
        column.addLayout(row)
        inset = QVBoxLayout()
        inset.setContentsMargins(0, 0, MARGIN, 0)
        inset.setSpacing(12)
        column.addLayout(inset)
        inset.addWidget(self._problems)
        inset.addWidget(self.bar)
        inset.addWidget(self.cards)
        self._left = QWidget(self)
        self.list = TaskList(self._left)
        left = self._margins = QVBoxLayout(self._left)
        left.setSpacing(8)
        for widget, stretch in ((self.list, 1), (self.finish, 0), (self.chosen_bar, 0)):
            left.addWidget(widget, stretch)
        self.sum = SumRow()
        self.opened = OpenedTask(lambda: self.view, self._ask, self._reading, self._rows, self)
        self._body = QHBoxLayout()
        self._body.setSpacing(24)
        self._body.addWidget(self._left, 10)
        column.addLayout(self._body, 1)
        under = QVBoxLayout()
        under.setContentsMargins(0, 0, MARGIN, 0)
        under.setSpacing(6)
        self._line = QFrame()
        self._line.setProperty("role", "line")
        self._keys = self._hints()
        for part in (self._line, self.sum, self._keys):
            under.addWidget(part)
        column.addLayout(under)
        self.finish.hide()

    @cached_property
    def view(self) -> TaskView:
        """Made when a task is opened first."""
        view = TaskView(self)
        view.hide()
        self._body.addWidget(view, 9)
        tab_after(self._left, view)
        view.asked.connect(self.why_asked)
        view.finished.connect(partial(self._on_finish, True))
        view.closed.connect(self.close_task)
        view.edited.connect(self._on_edit)
        view.reopened.connect(self._on_reopen)
        view.estimated.connect(self._on_estimated)
        view.unlinked.connect(self.changes.unlink)
        view.link_asked.connect(self._on_link)
        view.failed.connect(self.bar.failed)
        return view

    def _hints(self) -> QWidget:
        first = (
            ("n", "new", self._on_new), ("↵", "open", self._on_open), ("1–6", "finish", self._on_finish_asked),
            ("s", "size", self._on_size), ("p", "private", self._on_private), ("m", "merge", self._on_merge),
            ("Del", "delete", self._on_delete), ("i", "import", self.cards.ask_file), ("g", "git", self.cards.import_git),
        )  # fmt: skip
        hints = [KeyHint(key, word, act) for key, word, act in first]
        self.by = KeyHint("b", "outcomes", self._on_by, "Tells the sum apart by outcome")
        return flow(*hints, self.by, KeyHint("Ctrl Z", "undo", self.bar.undo), gap=8, row_gap=0)

    def _connect(self) -> None:
        self.list.opened.connect(lambda task: self.open_task(task.id))
        self.list.chosen_changed.connect(self._on_chosen)
        self.list.shown_changed.connect(self._show_sum)
        self.list.add_asked.connect(self._on_new)
        for asks in (self.list.table, self.sum, self.cards):
            asks.asked.connect(self.why_asked)
        self.cards.closed.connect(self._on_card_closed)
        self.cards.changed.connect(self._arrange)
        self.cards.wanted.connect(self._ask_moving)
        self.cards.merged.connect(lambda task: self.list.choose({task}))
        self.finish.given.connect(partial(self._on_finish, False))
        self.finish.cancelled.connect(self._on_finish_cancelled)
        self.opened.came.connect(self._on_came)
        self.opened.gone.connect(self._on_gone)
        self.chosen_bar.sized.connect(lambda size: self.changes.edit(self.list.tasks, size=size))
        self.chosen_bar.moved.connect(lambda path: self.changes.edit(self.list.tasks, project=path))
        self.chosen_bar.merge.clicked.connect(self._on_merge)
        self.chosen_bar.private.clicked.connect(self._on_private)
        self.chosen_bar.delete.clicked.connect(self._on_delete)
        self.changes.made.connect(self._on_changed)
        self.drop.dropped.connect(self.import_file)

    def _add_keys(self) -> None:
        for key, act in (
            ("/", self.list.search.setFocus), ("n", self._on_new), ("e", self._on_edit), ("o", self._on_reopen),
            ("b", self._on_by), ("l", self._on_link), ("s", self._on_size), ("p", self._on_private), ("m", self._on_merge),
            ("i", self.cards.ask_file), ("g", self.cards.import_git),
            ("Ctrl+Z", self.bar.undo), ("Ctrl+Shift+Z", self.bar.redo), ("Esc", self._on_escape),
        ):  # fmt: skip
            QShortcut(QKeySequence(key), self, act)
        for key, outcome in KEYS.items():
            QShortcut(QKeySequence(key), self, partial(self._on_outcome, outcome))
        acts_in(self.list.table, "Del", self._on_delete)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """At once: the person asked. What is on screen stays until the answers have come."""
        self._problems.refresh()
        self._pace.asked()
        self._ask("ledger", lambda ledgers, _: ledgers.ledger(), self._on_ledger)
        self.opened.ask_page()

    def _ask(self, topic: str, question: Callable[[Ledgers, Hand], object], answer: Callable[[Any], None]) -> None:
        def failed(sentence: str) -> None:
            self._pace.answered()
            self._problems.say(sentence)

        self._asking.ask(topic, question, answer, failed)

    def _on_ledger(self, ledger: Ledger) -> None:
        self._pace.answered()
        self._problems.say("")
        self.list.put(ledger, self._changed)
        self._changed = False
        alone = lonely(ledger.rows)
        told = f" · {alone:,} finished without a session" if alone else ""
        self._count.setText(words.plural(len(ledger.rows), "task") + told)
        self._show_sum()
        self.opened.show_again()

    def _rows(self) -> Sequence[Row]:
        return self.list.ledger.rows if self.list.ledger else ()

    def _every(self) -> list[Task]:
        return [row.task for row in self._rows()]

    def _show_sum(self) -> None:
        if ledger := self.list.ledger:
            self.sum.put(foot_by_outcome(ledger) if self._by_outcome else foot(ledger, self.list.rows.shown))

    def _on_by(self) -> None:
        self._by_outcome = not self._by_outcome
        self.by.put("tasks" if self._by_outcome else "outcomes")
        self._show_sum()

    # the opened task -------------------------------------------------------------------------------------------------

    def open_task(self, task: str) -> None:
        """Shows one task beside the list, or in its place where the window is narrow."""
        self.opened.open_(task)
        self.list.choose({task})
        self._ask_calibration()

    def _ask_calibration(self) -> None:
        """When a task is opened or made, and after a change: running sessions do not change what finished tasks tell."""
        self._ask("calibration", lambda ledgers, _: ledgers.calibration(), self._on_calibration)

    def _on_calibration(self, found: Calibration) -> None:
        if self.opened.id:
            self.view.put_calibration(found)
        self.cards.put_ranges(found.spend)

    def _on_came(self) -> None:
        opening = not self.view.isVisible()
        self._arrange()
        if opening:
            self._focus_view()

    def _focus_view(self) -> None:
        """Beside the list the arrows go on walking the tasks; in its place there is nothing else to walk."""
        if not self._left.isVisible():
            self.view.back.setFocus()

    def close_task(self) -> None:
        self.opened.close()
        self._arrange()
        self.list.table.setFocus()

    def _on_gone(self) -> None:
        """A search or a card that is being typed in keeps the keyboard."""
        kept = None if self.view.isAncestorOf(self.focusWidget()) else self.focusWidget()
        self.close_task()
        if kept is not None:
            kept.setFocus()

    def _arrange(self) -> None:
        beside = self.width() >= scaled(BESIDE)
        self._keys.setVisible(self.height() >= scaled(LOW_FOR_KEYS))
        covered = self._fit_card()
        opened = self.opened.shown is not None
        if opened:
            self.view.setVisible(not covered)
            self.view.back.setText("close   Esc" if beside else "‹ Tasks   Esc")
        self._left.setVisible((beside or not opened) and not covered)
        self._margins.setContentsMargins(0, 0, 0 if opened and not covered else MARGIN, 0)

    def _fit_card(self) -> bool:
        """Gives the card the room it needs, also that of the sum, which goes with the list where there is none for both; whether
        none is left for what is under it.
        """
        if self.cards.shown is None:
            self._show_sum_row(True)
            return False
        keys = self._keys.height() if self._keys.isVisible() else 0
        under = self.sum.heightForWidth(self.width() - 2 * MARGIN)
        others = sum(part.height() + 12 for part in (self.bar, self._problems) if part.isVisible())
        room, high = self.height() - AROUND - under - keys - others, self.cards.high
        self._show_sum_row(room >= high)
        room += under if room < high else 0
        self.cards.fit(room)
        return room - high < LEAST

    def _show_sum_row(self, on: bool) -> None:
        for part in (self._line, self.sum):
            part.setVisible(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # cards -----------------------------------------------------------------------------------------------------------

    def _on_card_closed(self) -> None:
        (self.view if self._left.isHidden() else self.list.table).setFocus()

    def _on_new(self) -> None:
        project = self.list.project.currentData() or (self.list.current.project if self.list.current else None)
        self._ask_calibration()
        self.cards.new(project)

    def _on_edit(self) -> None:
        """The opened task, else the one that is chosen."""
        task = self.opened.shown.task if self.opened.shown else self.list.current
        if task and self.list.ledger:
            self.cards.edit(task)

    def _on_merge(self) -> None:
        self.cards.ask_merge(self.list.tasks)

    def _ask_moving(self, kept: Task, gone: Sequence[Task]) -> None:
        self._ask("moving", lambda ledgers, _: ledgers.moving(kept, gone), self.cards.merge.show_preview)

    def _on_link(self) -> None:
        if shown := self.opened.shown:
            self.cards.ask_link(shown.task)

    def import_file(self, path: Path) -> None:
        """Shows what a file would add, before it does."""
        self.cards.import_file(path)

    # acting ----------------------------------------------------------------------------------------------------------

    @property
    def _meant(self) -> list[Task]:
        """The tasks that are chosen; where the opened one stands alone, that one."""
        if not self._left.isVisible() and self.opened.shown:
            return [self.opened.shown.task]
        return self.list.tasks

    def _on_open(self) -> None:
        if self.list.current:
            self.open_task(self.list.current.id)

    def _on_chosen(self) -> None:
        tasks = self.list.tasks
        if self.list.ids != self._chosen:
            self._chosen = self.list.ids
            self.bar.went_on()
        self.chosen_bar.put(tasks, self._tasks.projects() if len(tasks) > 1 else ())
        if self.finish.isVisible():
            self._about_finish()
        alone = tasks[0].id if len(tasks) == 1 else None
        if self.opened.shown and alone and alone != self.opened.id and self.view.isVisible():
            self.opened.open_(alone)  # the page beside follows the arrows

    def _on_finish_asked(self) -> None:
        self._on_outcome("")

    def _on_outcome(self, outcome: str) -> None:
        """The bar in the opened task, else the one under the list, which is for all that are chosen."""
        tasks = [task for task in self._meant if task.outcome is None]
        if not tasks:
            if self._meant:
                self.bar.failed("What is chosen is finished already; O reopens it.")
            return
        shown = self.opened.shown
        mine = shown is not None and [task.id for task in tasks] == [shown.task.id]
        bar = self.view.finish if mine and self.view.isVisible() else self.finish
        if bar is self.finish:
            self.finish.reset()
            self.finish.show()
            self._about_finish()
        if outcome:
            bar.choose(outcome)
        else:
            bar.buttons["shipped"].setFocus()

    def _about_finish(self) -> None:
        tasks = [task for task in self.list.tasks if task.outcome is None]
        name = words.cut(tasks[0].name, 48) if len(tasks) == 1 else words.plural(len(tasks), "task")
        self.finish.about.setText(f"What came of {name}?")
        self.finish.setVisible(bool(tasks))

    def _on_finish(self, opened: bool, outcome: str, note: str) -> None:
        shown = self.opened.shown
        tasks = [shown.task] if opened and shown else [task for task in self.list.tasks if task.outcome is None]
        if tasks:
            self.changes.give(self.finish, lambda to: to.finish(tasks, outcome, note), self._on_finish_cancelled)

    def _on_finish_cancelled(self) -> None:
        self.finish.hide()
        self.list.table.setFocus()

    def _on_reopen(self) -> None:
        self.changes.reopen(self._meant)

    def _on_size(self) -> None:
        self.changes.size(self._meant)

    def _on_private(self) -> None:
        self.changes.private(self._meant)

    def _on_delete(self) -> None:
        self.changes.delete(self._meant)

    def _on_estimated(self, what: str, low: int, high: int) -> None:
        if shown := self.opened.shown:
            task = shown.task
            self.changes.do(lambda tasks: tasks.estimate(task, what, low, high))

    def _on_changed(self) -> None:
        """Tray and other pages show tasks too."""
        self._changed = True
        self._feed.hint()
        self.refresh()
        self._ask_calibration()

    def _on_escape(self) -> None:
        """One step back: a card, the finish bar, the opened task, the filters."""
        if self.cards.shown:
            self.cards.close_card()
        elif self.finish.isVisible():
            self._on_finish_cancelled()
        elif self.opened.id:
            self.close_task()
        elif not self.list.show_all():
            self.list.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self._pace.rest()
        self._asking.rest()
        self._reading.rest()
        super().hideEvent(event)
