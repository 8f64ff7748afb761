"""What the person changes of tasks: written on a thread of its own, and told in a bar with the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session
from tokentrack.ui.asking import Doing
from tokentrack.ui.card import Card
from tokentrack.ui.journal_bar import JournalBar, stepped
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_tasks import Tasks
from tokentrack.ui.task_finish import FinishBar

Act = Callable[[Tasks], str]
SIZES = (None, "S", "M", "L")


class TaskChanges(QObject):
    """`made`: tasks are others now, or what was done was taken back."""

    made = Signal()

    def __init__(self, source: Source, parent: QObject) -> None:
        super().__init__(parent)
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self._doing)
        self._giving: set[Card | FinishBar] = set()
        self.bar.changed.connect(self.made)

    def size(self, tasks: Sequence[Task]) -> None:
        """S, M, L, not said, and round again."""
        if tasks:
            now = tasks[0].size
            self.edit(tasks, size=SIZES[(SIZES.index(now) + 1) % len(SIZES)])

    def private(self, tasks: Sequence[Task]) -> None:
        """All of them, unless all are: then none."""
        if tasks:
            self.edit(tasks, private=not all(task.private for task in tasks))

    def edit(self, tasks: Iterable[Task], **fields: Any) -> None:
        changed = [task for task in tasks if replace(task, **fields) != task]
        if changed:
            self.do(lambda to: to.edit(changed, **fields))

    def reopen(self, tasks: Iterable[Task]) -> None:
        if finished := [task for task in tasks if task.outcome is not None]:
            self.do(lambda to: to.reopen(finished))

    def delete(self, tasks: Sequence[Task]) -> None:
        if tasks:
            self.do(lambda to: to.delete(tasks))

    def unlink(self, session: Session, turns: Sequence[Span]) -> None:
        self.do(lambda to: to.unlink(session, turns))

    def give(
        self,
        giver: Card | FinishBar,
        act: Act,
        close: Callable[[], None],
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """What was typed stays until it is written (then `close` lets it go), and where it could not be; it is given once."""
        if giver in self._giving:
            return
        self._giving.add(giver)

        def failed(sentence: str) -> None:
            waits = giver in self._giving
            self._giving.discard(giver)
            if waits and isinstance(giver, Card):
                giver.say(sentence)
            else:
                self.bar.failed(sentence, None if waits else partial(self.do, act, then))

        def given() -> None:
            if giver in self._giving:
                self._giving.discard(giver)
                close()
            then()

        self.do(act, given, failed)

    def forget(self, *givers: Card | FinishBar) -> None:
        """They stand there for something else now, or not at all: what they gave is written without them."""
        self._giving -= {*givers}

    def do(
        self, act: Act, done: Callable[[], None] = lambda: None, failed: Callable[[str], None] | None = None
    ) -> None:
        def did(told: tuple[str, int | None]) -> None:
            said, number = told
            self.bar.did(f"{said}.", number)
            self.made.emit()
            done()

        def undone(sentence: str) -> None:
            self.bar.failed(sentence, partial(self.do, act, done))

        self._doing.do(stepped(lambda to: act(to.tasks)), did, failed or undone)
