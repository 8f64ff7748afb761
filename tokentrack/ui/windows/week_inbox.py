"""The step of a review that links what waits: the inbox itself."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentrack.ui.feed import Feed
from tokentrack.ui.source import Source
from tokentrack.ui.week_step import Step
from tokentrack.ui.windows import inbox


class InboxStep(Step):
    """The inbox itself; its place is the session that is in hand."""

    enter = "Ctrl →"

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inbox = inbox.Page(feed, source, self, within=True)
        self._wanted = ""
        self._began: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.inbox)
        self.inbox.why_asked.connect(self.why_asked)
        self.inbox.settings_asked.connect(self.settings_asked)
        self.inbox.table.selectionModel().currentChanged.connect(lambda *_: self._on_moved())

    def open_(self, place: str) -> None:
        self._wanted, self._began = place, None
        self._on_moved()
        self.inbox.take_keyboard()

    def go_on(self) -> bool:
        """What waits is dealt with here, and until it is found nobody knows that nothing does; `Ctrl+Right` goes on."""
        found = self.inbox.inbox
        return found is None or bool(found.groups)

    @property
    def decided(self) -> bool:
        """Whether anything was linked here: which tasks look finished depends on it."""
        found = self.inbox.inbox
        return found is not None and self._began is not None and found.sessions != self._began

    @property
    def place(self) -> str:
        if self._wanted:
            return self._wanted
        line = self.inbox.table.chosen
        return line.parts[0].session.id if line and line.parts else ""

    def _on_moved(self) -> None:
        """Goes to the row that was in hand once it is there."""
        if self.inbox.inbox is None:
            return
        if self._began is None:
            self._began = self.inbox.inbox.sessions
        wanted, self._wanted = self._wanted, ""
        if wanted:
            shown = self.inbox.table.lines.shown
            at = (n for n, line in enumerate(shown) if any(part.session.id == wanted for part in line.parts))
            self.inbox.table.choose(next(at, 0))
        else:
            self.moved.emit()
