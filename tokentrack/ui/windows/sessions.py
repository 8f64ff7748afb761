"""All sessions as a table: filter, sort, and a panel with the turns of the one that was opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack.model.tasks import Span
from tokentrack.model.usage import Session, Total
from tokentrack.store import StoreError
from tokentrack.ui import words
from tokentrack.ui.asking import Doing
from tokentrack.ui.empty import Empty
from tokentrack.ui.feed import PAGE_MS, Feed, Follow
from tokentrack.ui.figure import Number
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import GAP, MARGIN, header
from tokentrack.ui.journal_bar import JournalBar, stepped
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.session_detail import Detail
from tokentrack.ui.session_rows import AGENT, PROJECT, TOKENS, TURNS, WHEN, columns, haystack, tasks_text
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_tasks import Linked, Tasks
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.tables import Rows, Table
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.theme import CAPTION

TITLE_ROOM = 200
"""So much the title has before these have room; the list is in the order of when."""
GIVE_WAY = (TURNS, TOKENS, AGENT, PROJECT, WHEN)


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of, `settings_asked` asks it for where logs are looked for."""

    why_asked = Signal(object)
    settings_asked = Signal()

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._source, self._tasks = feed, source, source.tasks()
        self._links: dict[str, list[Linked]] = {}
        self.rows = Rows(columns(lambda session: self._links.get(session, ())), self._holds)
        self.rows.sort(WHEN, Qt.SortOrder.DescendingOrder)
        self.table = Table(self.rows, "Sessions")
        self.table.give_way(GIVE_WAY, TITLE_ROOM)
        self.detail = Detail(source, self._tasks)
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self._doing)
        self._problems = PageProblems(feed, self.refresh)
        self.picker: TaskPicker | None = None
        self._build()
        self._add_keys()
        Follow(self, feed, self.refresh, PAGE_MS)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(GAP)
        row, _, right = header("Sessions")
        self._count = Number("", CAPTION, role="secondary")
        self._count.asked.connect(self.why_asked)
        row.replaceWidget(right, self._count)
        row.setAlignment(self._count, Qt.AlignmentFlag.AlignVCenter)
        right.deleteLater()
        column.addLayout(row)
        self.filter = FindLine("Filter by title, project, task, agent or branch   /", "Filter sessions")
        self.filter.textChanged.connect(self._on_filter)
        self.filter.leads_to(self._on_led)
        column.addWidget(self._problems)
        column.addWidget(self.bar)
        column.addWidget(self.filter)
        column.addWidget(self._body(), 1)
        hints = (
            ("t", "link to a task", self._on_link),
            ("0", "no task, on purpose", self._on_no_task),
            ("u", "unlink", self._on_unlink),
        )
        self.hints = flow(
            *(KeyHint(*hint) for hint in hints), KeyHint("Ctrl Z", "undo", self.bar.undo), gap=12, row_gap=0
        )
        column.addWidget(self.hints)

    def _body(self) -> QWidget:
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(WHEN, Qt.SortOrder.DescendingOrder)
        self.table.opened.connect(self._on_opened)
        self.detail.close_button.clicked.connect(self._on_close)
        for part in (self.table, self.detail.table, self.detail.kinds):
            part.asked.connect(self.why_asked)
        self.detail.hide()
        self._stack = QStackedWidget(self)
        split = QSplitter(Qt.Orientation.Vertical, self._stack)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setSizes([320, 260])
        self._empty = Empty(self._stack)
        self._stack.addWidget(split)
        self._stack.addWidget(self._empty)
        return self._stack

    def _add_keys(self) -> None:
        for key, act in (
            ("/", self.filter.setFocus), ("Esc", self._on_close), ("t", self._on_link), ("0", self._on_no_task),
            ("u", self._on_unlink), ("Ctrl+Z", self.bar.undo), ("Ctrl+Shift+Z", self.bar.redo),
        ):  # fmt: skip
            QShortcut(QKeySequence(key), self, act)
        self.bar.changed.connect(self._on_changed)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads the sessions again; selection and place stay where they were."""
        chosen, at = self._chosen(), self.table.verticalScrollBar().value()
        try:
            sessions, self._links = self._source.sessions(), self._tasks.linked()
        except StoreError as error:  # what is on screen stays, rather than become nothing
            self._problems.say(str(error))
            return
        self._problems.say("")
        self.table.leave_out(AGENT, len({session.agent for session in sessions}) < 2)
        if sessions and not self.rows.shown and not self.filter.text():
            self.table.setFocus()  # the keys act at once
        self.rows.put(sessions)
        self._choose(chosen)
        self.table.verticalScrollBar().setValue(at)
        self._show_count()
        if self.detail.isVisible() and self.detail.session:
            self._reopen(self.detail.session.id)

    def _holds(self, session: Session) -> str:
        """What the filter looks through: also the tasks that it is linked to, and `not linked`."""
        linked = self._links.get(session.id, ())
        names = (one.task.name for one in linked if one.task)
        return " ".join((haystack(session), tasks_text(session, linked), *names))

    def _reopen(self, session_id: str) -> None:
        at = self._row_of(session_id)
        found = None if at is None else self.rows.shown[at]
        if found and (found != self.detail.session or self._links.get(session_id, []) != self.detail.linked):
            self.detail.put(found)

    def _chosen(self) -> str | None:
        session = self.rows.row_at(self.table.currentIndex())
        return session.id if session else None

    def _choose(self, session_id: str | None) -> None:
        if (at := self._row_of(session_id)) is not None:
            self.table.setCurrentIndex(self.rows.index(at, 0))

    def _row_of(self, session_id: str | None) -> int | None:
        return next((at for at, session in enumerate(self.rows.shown) if session.id == session_id), None)

    def _show_count(self) -> None:
        shown = self.rows.shown
        total = sum((session.total for session in shown), Total())
        unknown = total.unpriced_requests + sum(session.unrecorded for session in shown)
        money = words.money(total.list_value if total.requests or not unknown else None, unpriced=unknown)
        text = f"{words.plural(len(shown), 'session')} · {money} list value"
        everything = not self.filter.text()
        name = "all" if everything else "sessions:" + ",".join(session.id for session in shown)
        caption = "All sessions" if everything else f"Sessions that match “{self.filter.text()}”"
        self._count.put(text, name if total.requests else "", caption)
        self._stack.setCurrentIndex(0 if shown else 1)
        if everything:
            nothing = "No session yet. This list fills when a coding agent writes its first log."
            self._empty.put(nothing, "Add a folder", self.settings_asked.emit)
        else:
            self._empty.put("No session matches. Esc clears the filter.")

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_filter(self, text: str) -> None:
        chosen = self._chosen()
        self.rows.filter(text)
        self._choose(chosen)
        self._show_count()

    def open_session(self, session: str) -> None:
        """Opens a session's turns, named by its id; whatever was sought before is sought no more."""
        self.filter.clear()
        self.refresh()
        if (at := self._row_of(session)) is not None:
            self.table.setCurrentIndex(self.rows.index(at, 0))
            self._on_opened(at)

    def _on_opened(self, row: int) -> None:
        self.detail.put(self.rows.shown[row])
        self.detail.show()
        self.table.scrollTo(self.rows.index(row, 0))

    @property
    def _meant(self) -> tuple[Session, Span] | None:
        """The turns that are chosen in the opened session; else the whole session that is chosen in the list."""
        if self.detail.isVisible() and self.detail.session and not self.table.hasFocus():
            return self.detail.session, self.detail.chosen
        session = self.rows.row_at(self.table.currentIndex())
        return (session, Span()) if session else None

    def _on_link(self) -> None:
        if (meant := self._meant) is None:
            return
        session, turns = meant
        self.picker = TaskPicker(self._tasks.every(), session.project, self, with_none=True)
        self.picker.chosen.connect(lambda task: self._do(lambda tasks: tasks.link(session, task, turns)))
        self.picker.none_chosen.connect(lambda: self._do(lambda tasks: tasks.link(session, None, turns)))
        self.picker.finished.connect(self.activateWindow)
        said = words.turns(turns)
        self.picker.open_(f"{said[:1].upper()}{said[1:]} of “{words.cut(words.title(session), 36)}”")

    def _on_no_task(self) -> None:
        if meant := self._meant:
            self._do(lambda tasks: tasks.link(meant[0], None, meant[1]))

    def _on_unlink(self) -> None:
        if meant := self._meant:
            self._do(lambda tasks: tasks.unlink(meant[0], [meant[1]]))

    def _do(self, act: Callable[[Tasks], str]) -> None:
        self._doing.do(stepped(lambda to: act(to.tasks)), self._on_done, partial(self._on_not_done, act))

    def _on_not_done(self, act: Callable[[Tasks], str], sentence: str) -> None:
        self.bar.failed(sentence, partial(self._do, act))

    def _on_done(self, told: tuple[str, int | None]) -> None:
        said, number = told
        self.bar.did(f"{said}.", number)
        self._on_changed()

    def _on_changed(self) -> None:
        """Tray and other pages show what is linked too."""
        self._feed.hint()
        self.refresh()

    def _on_close(self) -> None:
        """Esc goes one step back: the panel first, then the filter."""
        if self.detail.isVisible():
            self.detail.hide()
            self.table.setFocus()
        elif self.filter.text():
            self.filter.clear()

    def _on_led(self) -> None:
        if self.rows.shown:
            self.table.setFocus()
            self.table.setCurrentIndex(self.rows.index(0, 0))
