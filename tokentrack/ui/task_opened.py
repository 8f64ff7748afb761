"""The task that is opened on the page of tasks: which one it is, and what was asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from tokentrack import clock
from tokentrack.review.ledger import Row
from tokentrack.review.task_page import TaskPage
from tokentrack.review.usual import chip_of
from tokentrack.ui.asking import Hand, InPassing
from tokentrack.ui.source_tasks import Found, Ledgers
from tokentrack.ui.task_page import TaskView

Ask = Callable[[str, Callable[[Ledgers, Hand], object], Callable[[Any], None]], None]
"""Topic, question and what takes the answer; where it cannot be answered the page says so."""


class OpenedTask(QObject):
    """Puts what is answered into the view, which is made for the first. `came`: there is a page of it to see; `gone`: there is
    no such task any more.

    `rows` are those of the list, among which the task is usual or not; `reading` asks what may take longer than the page.
    """

    came = Signal()
    gone = Signal()

    def __init__(
        self,
        view: Callable[[], TaskView],
        ask: Ask,
        reading: InPassing[Ledgers],
        rows: Callable[[], Sequence[Row]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._view, self._ask, self._reading, self._rows = view, ask, reading, rows
        self.id: str | None = None
        self.shown: TaskPage | None = None
        """What is in the view."""
        self._found: tuple[str, list[Found]] = "", []

    def open_(self, task: str) -> None:
        """What of another is on screen stays until the answers have come."""
        self.id = task
        self.ask_page()
        self._ask_evidence(task)

    def close(self) -> None:
        self.id = None
        if self.shown:
            self.shown = self._view().shown = None
            self._view().hide()

    def ask_page(self) -> None:
        if task := self.id:
            self._ask("page", lambda ledgers, _: ledgers.page(task), self._on_page)

    def _on_page(self, page: TaskPage | None) -> None:
        if page is None:
            self.gone.emit()
        elif page.task.id == self.id:
            self._put(page)
            self._put_evidence()
            self.came.emit()

    def show_again(self) -> None:
        """The rows are others: what is usual among them too."""
        if self.shown:
            self._put(self.shown)

    def _put(self, page: TaskPage) -> None:
        self.shown = page
        self._view().put(page, chip_of(self._rows(), Row(page.task, page.used), clock.now_ms()))

    def _ask_evidence(self, task: str) -> None:
        def heard(found: list[Found]) -> None:
            self._found = task, found
            self._put_evidence()

        def failed(sentence: str) -> None:
            heard([Found(sentence)])

        self._reading.ask("evidence", lambda ledgers, _: ledgers.evidence(task), heard, failed)

    def _put_evidence(self) -> None:
        """It may come before the page, or long after it."""
        task, found = self._found
        if self.shown and self.shown.task.id == task:
            self._view().put_evidence(found)
