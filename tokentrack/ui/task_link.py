"""Linking from a task: a session is found by a few letters, and the turns of it that belong to the task."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from tokentrack.clock import now
from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session
from tokentrack.store.links import turns_of
from tokentrack.ui import words
from tokentrack.ui.card import Card, button, field, named
from tokentrack.ui.flow import flow
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Elided

SHOWN_ROWS = 5
TITLE_ROOM = 180
WHEN, PROJECT = 2, 1
NO_SESSION = "Choose a session first: the arrows walk the list."


def meeting(one: Span, other: Span) -> Span | None:
    """The turns that two ranges have in common."""
    first = max(one.first, other.first)
    lasts = [last for last in (one.last, other.last) if last is not None]
    last = min(lasts, default=None)
    return None if last is not None and last < first else Span(first, last)


COLUMNS: tuple[Column[Session], ...] = (
    Column("Session", words.title, lambda session: words.title(session).casefold(), tip=words.title),
    Column("Project", lambda session: words.folder(session.project), widest="payments-api"),
    Column("When", lambda session: words.when(session.ended_at, now()), widest="yesterday 22:22"),
    Column("Turns", lambda session: f"{session.turns:,}", figure=True, widest="1,234"),
    Column("List value", words.session_value, figure=True, widest="$1,234.56"),
)


def _haystack(session: Session) -> str:
    return " ".join(filter(None, (session.title, session.project, *session.branches, session.native_id)))


class LinkCard(Card):
    """`given` tells a session and the turns of it that belong to the task."""

    given = Signal(object, object)

    def __init__(self) -> None:
        super().__init__("Link a session")
        self.search = field("Find a session", "Title, project or branch")
        self.rows = Rows(COLUMNS, _haystack)
        self.table = Table(self.rows, "Sessions that may be linked", parent=self)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows lead from the line into it
        self.table.give_way((PROJECT, WHEN), TITLE_ROOM)
        self.table.setFixedHeight(self._high(SHOWN_ROWS))
        self.turns = field("Turns", "all", 110)
        self.accept = button("Link   ↵", self.give, "primary")
        self.column.addWidget(self.head)
        self.column.addWidget(self.search)
        self.column.addWidget(self.table)
        hint = Elided("such as 2..4, or 2.. with those to come")
        hint.setProperty("role", "secondary")
        self.column.addWidget(flow(named("Turns", self.turns), hint))
        self.column.addLayout(self.foot(self.accept))
        self.search.textChanged.connect(self._on_search)
        self.search.installEventFilter(self)
        for line in (self.search, self.turns):
            line.returnPressed.connect(self.give)

    def _high(self, rows: int) -> int:
        high = self.table.verticalHeader().defaultSectionSize()
        return rows * high + self.table.horizontalHeader().sizeHint().height() + 2

    @property
    def shrunk(self) -> int:
        return self._high(SHOWN_ROWS) - self.table.height()

    def shrink(self, by: int) -> None:
        """Rows scroll before the button does."""
        self.table.setFixedHeight(max(self._high(1), self._high(SHOWN_ROWS) - by))

    def put(self, task: Task, sessions: Sequence[Session]) -> None:
        self.head.setText(f"Link a session to {words.cut(task.name, 60)}")
        self.rows.put(sessions)
        self.turns.clear()
        self.say("")
        self.search.clear()
        self._on_search("")
        self.search.setFocus()

    def _on_search(self, text: str) -> None:
        self.rows.filter(text)
        self.table.setCurrentIndex(self.rows.index(0, 0))

    def give(self) -> None:
        session = self.rows.row_at(self.table.currentIndex())
        if session is None:
            self.say(NO_SESSION, self.search)
            return
        try:
            turns = turns_of(self.turns.text())
        except ValueError as error:
            self.say(f"{error}.", self.turns)
            return
        self.say("")
        self.given.emit(session, turns)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows choose in the list while the line keeps the keyboard."""
        if not (watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return False
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}.get(
            Qt.Key(event.key()), 0
        )
        if step:
            at = max(0, min(self.table.currentIndex().row() + step, len(self.rows.shown) - 1))
            self.table.setCurrentIndex(self.rows.index(at, 0))
        return bool(step)
