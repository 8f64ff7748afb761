"""All sessions as a table: filter, sort, and a panel with the turns of the one that was opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack.clock import now
from tokentrack.model import Session, Span, Task, Total
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui import outcomes, words
from tokentrack.ui.asking import Doing
from tokentrack.ui.feed import PAGE_MS, Feed, Follow
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import GAP, MARGIN, header
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Deciding, Linked, Source, Tasks, TurnRow
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, font, label

UNTITLED = "untitled session"
PROJECT, AGENT, TASK, WHEN, TURNS, TOKENS = 1, 2, 3, 4, 5, 6
TITLE_ROOM = 200
"""So much the title has before these have room."""
GIVE_WAY = (TURNS, TOKENS, WHEN, PROJECT)
TURNS_GIVE_WAY = (4, 5, 3)
"""Requests, tokens and time of a turn: its branch needs 140 pixels."""
NOT_LINKED = outcomes.word(UNLINKED)


def _value(total: Total) -> str:
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


def _project(session: Session) -> str:
    return words.folder(session.project)


def _title(session: Session) -> str:
    return " ".join((session.title or UNTITLED).split())


def _haystack(session: Session) -> str:
    parts = (session.title, session.project, words.agent(session.agent), *session.branches, session.native_id)
    return " ".join(part for part in parts if part)


def task_name(task: Task | None) -> str:
    """Its key is enough in a row."""
    return NO_TASK if task is None else task.key or words.cut(task.title, 24)


def tasks_text(session: Session, linked: Sequence[Linked]) -> str:
    """`PAY-12`, `PAY-12, no task, not linked`: every task that has turns of it, in their order, and whether some have none."""
    names = list(dict.fromkeys(task_name(one.task) for one in linked))
    if not linked or not _all_linked(session, linked):
        names.append(NOT_LINKED)
    return ", ".join(names)


def _all_linked(session: Session, linked: Sequence[Linked]) -> bool:
    if any(one.turns == Span() for one in linked):
        return True
    return all(any(one.turns.holds(turn) for one in linked) for turn in range(session.turns))


def tasks_tip(session: Session, linked: Sequence[Linked]) -> str:
    """What is linked where: `turns 0 to 3: PAY-12 Refunds; turns 4 and later: no task, on purpose`."""
    told = [f"{words.turns(one.turns)}: {one.task.name if one.task else outcomes.word(NO_TASK)}" for one in linked]
    return (
        "; ".join(told) if _all_linked(session, linked) or not told else "; ".join([*told, "the others are not linked"])
    )


LinksOf = Callable[[str], Sequence[Linked]]


def _no_links(_: str) -> Sequence[Linked]:
    return ()


def columns(links: LinksOf = _no_links) -> tuple[Column[Session], ...]:
    """`links` tells what is linked of a session."""
    return (
        Column("Title", _title, lambda s: _title(s).casefold(), tip=_title),
        Column(
            "Project",
            _project,
            lambda s: _project(s).casefold(),
            tip=lambda s: s.project or "",
            widest="payments-api",
        ),
        Column("Agent", lambda s: words.agent(s.agent), lambda s: s.agent, widest="Claude Code"),
        Column(
            "Task", lambda s: tasks_text(s, links(s.id)), lambda s: tasks_text(s, links(s.id)).casefold(),
            tip=lambda s: tasks_tip(s, links(s.id)), widest="PAY-12, not linked",
        ),
        Column("When", lambda s: words.when(s.ended_at, now()), lambda s: s.ended_at, widest="yesterday 22:22"),
        Column("Turns", lambda s: f"{s.turns:,}", lambda s: s.turns, figure=True, widest="1,234"),
        Column(
            "Tokens", words.session_tokens, lambda s: s.total.tokens if s.total.requests or not s.unrecorded else None,
            figure=True, tip=words.unrecorded, widest="not recorded",
            why=lambda s: _why(s, s.total, words.tokens(s.total.tokens), words.UNRECORDED),
        ),
        Column(
            "List value", words.session_value,
            lambda s: s.total.list_value if s.total.requests or not s.unrecorded else None, figure=True, widest="$1,234.56",
            why=lambda s: _why(s, s.total, words.session_value(s), words.money(None)),
        ),
    )  # fmt: skip


def _why(session: Session, total: Total, text: str, unknown: str, turn: int | None = None) -> Figure | None:
    """What a session, or a turn of it, used; `unknown` is shown where that is recorded nowhere."""
    if not total.requests and not session.unrecorded:
        return None
    text = text if total.requests else unknown
    name, caption = session.id, words.cut(_title(session), 60)
    if turn is not None:
        name, caption = f"{name} turn:{turn}", f"{caption}, turn {turn}"
    return Figure(name, caption, text)


def turn_columns(
    of: Callable[[], Session | None], linked: Callable[[], Sequence[Linked]] = tuple
) -> tuple[Column[TurnRow], ...]:
    """`of` tells whose turns they are, `linked` what they are linked to."""

    def task(turn: TurnRow) -> str:
        return next((task_name(one.task) for one in linked() if one.turns.holds(turn[0])), NOT_LINKED)

    def why(text: Callable[[TurnRow], str], hidden: str) -> Callable[[TurnRow], Figure | None]:
        return lambda turn: _why(session, turn[3], text(turn), hidden, turn[0]) if (session := of()) else None

    def requests(turn: TurnRow) -> str:
        return words.plural(turn[3].requests, "request")

    def tokens(turn: TurnRow) -> str:
        return words.tokens(turn[3].tokens)

    def unknown(turn: TurnRow) -> bool:
        return not turn[3].requests and bool((session := of()) and session.unrecorded)

    def number(turn: TurnRow) -> str:
        return "–" if unknown(turn) else f"{turn[3].requests:,}"

    def count(turn: TurnRow) -> str:
        return words.UNRECORDED if unknown(turn) else words.count(turn[3].tokens)

    def value(turn: TurnRow) -> str:
        return words.money(None) if unknown(turn) else _value(turn[3])

    return (
        Column("Turn", lambda turn: f"{turn[0]}", figure=True, widest="1,234"),
        Column("Branch", lambda turn: turn[2] or "–", tip=lambda turn: turn[2] or ""),
        Column("Task", task, tip=task, widest="PAY-12, not linked"),
        Column("When", lambda turn: words.when(turn[1], now()), widest="yesterday 22:22"),
        Column("Requests", number, figure=True, widest="1,234", why=why(requests, words.UNRECORDED)),
        Column("Tokens", count, figure=True, widest="not recorded", why=why(tokens, words.UNRECORDED)),
        Column("List value", value, figure=True, widest="$1,234.56 ", why=why(value, words.money(None))),
    )


class Detail(QWidget):
    """The opened session: what it was, what it used by kind, and its turns with what they are linked to."""

    def __init__(self, source: Source, tasks: Tasks) -> None:
        super().__init__()
        self._source, self._tasks = source, tasks
        self.session: Session | None = None
        self.linked: list[Linked] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(4)
        self._title = label("", EMPHASIS, STRONG)
        self._title.setMinimumWidth(1)
        self._about = label("", CAPTION, role="secondary")
        self.kinds = Number("", CAPTION, role="secondary")
        for line in (self._about, self.kinds):
            line.setMinimumWidth(1)
        self.close_button = QPushButton("close")
        self.close_button.setProperty("role", "link")
        self.close_button.setFont(font(CAPTION))
        self.close_button.setAccessibleName("Close the session's turns")
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        row.addWidget(self.close_button)
        self.turns = Rows(turn_columns(lambda: self.session, lambda: self.linked))
        self.table = Table(self.turns, "Turns of the session", stretch=1)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.table.give_way(TURNS_GIVE_WAY, 140)
        column.addLayout(row)
        column.addWidget(self._about)
        column.addWidget(self.kinds)
        column.addSpacing(4)
        column.addWidget(self.table, 1)

    def put(self, session: Session) -> None:
        self.session = session
        self.linked = self._tasks.linked(session.id).get(session.id, [])
        self._title.setText(_title(session))
        self._title.setToolTip(words.tip(_title(session)))
        parts = [words.agent(session.agent), _project(session), *session.branches[:3]]
        self._about.setText(" · ".join(part for part in parts if part != "–"))
        self._about.setToolTip(words.tip(session.cwd or ""))
        name = session.id if session.total.requests or session.unrecorded else ""
        parts = [kinds(session.total)] if session.total.requests or not session.unrecorded else []
        used = " · ".join(part for part in (*parts, words.unrecorded(session)) if part)
        self.kinds.put(used[:1].upper() + used[1:] if not parts else used, name, words.cut(_title(session), 60), used)
        self.turns.put(self._source.session_turns(session.id))

    @property
    def chosen(self) -> Span:
        """The chosen turns; with the last one also those to come. Where none is chosen, all."""
        ats = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        turns = self.turns.shown
        if not ats or len(ats) == len(turns):
            return Span()
        last = None if ats[-1] == len(turns) - 1 else turns[ats[-1]][0]
        return Span(turns[ats[0]][0] if ats[0] else 0, last)


def kinds(total: Total) -> str:
    """Tokens by kind, only those that occur."""
    named = (
        ("input", total.input),
        ("output", total.output),
        ("cache read", total.cache_read),
        ("cache write 5m", total.cache_write_5m),
        ("cache write 1h", total.cache_write_1h),
    )
    return " · ".join(f"{name} {words.count(n)}" for name, n in named if n) or "no tokens"


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of."""

    why_asked = Signal(object)

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
        row.setAlignment(self._count, Qt.AlignmentFlag.AlignBottom)
        right.deleteLater()
        column.addLayout(row)
        self.filter = FindLine("Filter by title, project, task, agent or branch   /", "Filter sessions")
        self.filter.textChanged.connect(self._on_filter)
        self.filter.leads_to(self._on_led)
        column.addWidget(self.bar)
        column.addWidget(self.filter)
        column.addWidget(self._body(), 1)
        hints = (
            ("T", "link to a task", self._on_link),
            ("0", "no task, on purpose", self._on_no_task),
            ("U", "unlink", self._on_unlink),
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
        self._empty = label("", role="secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(split)
        self._stack.addWidget(self._empty)
        return self._stack

    def _add_keys(self) -> None:
        for key, act in (
            ("/", self.filter.setFocus), ("Esc", self._on_close), ("T", self._on_link), ("0", self._on_no_task),
            ("U", self._on_unlink), ("Ctrl+Z", self.bar.undo), ("Ctrl+Shift+Z", self.bar.redo),
        ):  # fmt: skip
            QShortcut(QKeySequence(key), self, act)
        self.bar.changed.connect(self._on_changed)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads the sessions again; selection and place stay where they were."""
        chosen, at = self._chosen(), self.table.verticalScrollBar().value()
        sessions, self._links = self._source.sessions(), self._tasks.linked()
        self.table.setColumnHidden(AGENT, len({session.agent for session in sessions}) < 2)
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
        return " ".join((_haystack(session), tasks_text(session, linked), *names))

    def _reopen(self, session_id: str) -> None:
        found = next((session for session in self.rows.shown if session.id == session_id), None)
        if found and (found != self.detail.session or self._links.get(session_id, []) != self.detail.linked):
            self.detail.put(found)

    def _chosen(self) -> str | None:
        index = self.table.currentIndex()
        return self.rows.shown[index.row()].id if index.isValid() else None

    def _choose(self, session_id: str | None) -> None:
        if session_id is None:
            return
        for at, session in enumerate(self.rows.shown):
            if session.id == session_id:
                self.table.setCurrentIndex(self.rows.index(at, 0))
                return

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
        nothing = "No session yet. This list fills when a coding agent writes its first log."
        self._empty.setText("No session matches. Esc clears the filter." if self.filter.text() else nothing)

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
        at = next((row for row, one in enumerate(self.rows.shown) if one.id == session), None)
        if at is not None:
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
        chosen = self._chosen()
        found = next((session for session in self.rows.shown if session.id == chosen), None)
        return None if found is None else (found, Span())

    def _on_link(self) -> None:
        if (meant := self._meant) is None:
            return
        session, turns = meant
        self.picker = TaskPicker(self._tasks.every(), session.project, self, with_none=True)
        self.picker.chosen.connect(lambda task: self._do(lambda tasks: tasks.link(session, task, turns)))
        self.picker.none_chosen.connect(lambda: self._do(lambda tasks: tasks.link(session, None, turns)))
        self.picker.finished.connect(self.activateWindow)
        said = words.turns(turns)
        self.picker.open_(f"{said[:1].upper()}{said[1:]} of “{words.cut(_title(session), 36)}”")

    def _on_no_task(self) -> None:
        if meant := self._meant:
            self._do(lambda tasks: tasks.link(meant[0], None, meant[1]))

    def _on_unlink(self) -> None:
        if meant := self._meant:
            self._do(lambda tasks: tasks.unlink(meant[0], [meant[1]]))

    def _do(self, act: Callable[[Tasks], str]) -> None:
        self._doing.do(lambda to: act(to.tasks), self._on_done, self.bar.failed)

    def _on_done(self, said: str) -> None:
        self.bar.did(f"{said}.")
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
