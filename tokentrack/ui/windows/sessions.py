"""All sessions as a table: filter, sort, and a panel with the turns of the one that was opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack.clock import now
from tokentrack.model import Session, Total
from tokentrack.ui import words
from tokentrack.ui.feed import Feed, Follow
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.frame import GAP, MARGIN, header
from tokentrack.ui.source import Source, TurnRow
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, font, label

UNTITLED = "untitled session"
AGENT, WHEN = 2, 3
PACE_MS = 2000
"""The table follows running sessions, but does not shuffle under the eye."""


def _value(total: Total) -> str:
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


def _project(session: Session) -> str:
    """The folder's name is enough in a row; the whole path is the tooltip."""
    return session.project.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if session.project else "–"


def _title(session: Session) -> str:
    return " ".join((session.title or UNTITLED).split())


def _haystack(session: Session) -> str:
    parts = (session.title, session.project, words.agent(session.agent), *session.branches, session.native_id)
    return " ".join(part for part in parts if part)


def columns() -> tuple[Column[Session], ...]:
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


def turn_columns(of: Callable[[], Session | None]) -> tuple[Column[TurnRow], ...]:
    """`of` tells whose turns they are."""

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
        Column("When", lambda turn: words.when(turn[1], now()), widest="yesterday 22:22"),
        Column("Requests", number, figure=True, widest="1,234", why=why(requests, words.UNRECORDED)),
        Column("Tokens", count, figure=True, widest="not recorded", why=why(tokens, words.UNRECORDED)),
        Column("List value", value, figure=True, widest="$1,234.56 ", why=why(value, words.money(None))),
    )


class Detail(QWidget):
    """The opened session: what it was, what it used by kind, and its turns."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self.session: Session | None = None
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
        self.turns = Rows(turn_columns(lambda: self.session))
        self.table = Table(self.turns, "Turns of the session", stretch=1)
        column.addLayout(row)
        column.addWidget(self._about)
        column.addWidget(self.kinds)
        column.addSpacing(4)
        column.addWidget(self.table, 1)

    def put(self, session: Session) -> None:
        self.session = session
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

    def __init__(self, feed: Feed, source: Source) -> None:
        super().__init__()
        self._source = source
        self.rows = Rows(columns(), _haystack)
        self.rows.sort(WHEN, Qt.SortOrder.DescendingOrder)
        self.table = Table(self.rows, "Sessions")
        self.detail = Detail(source)
        self._build()
        self._add_keys()
        Follow(self, feed, self.refresh, PACE_MS)

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
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by title, project, agent or branch   /")
        self.filter.setAccessibleName("Filter sessions")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFont(font())
        self.filter.textChanged.connect(self._on_filter)
        self.filter.installEventFilter(self)
        column.addWidget(self.filter)
        column.addWidget(self._body(), 1)

    def _body(self) -> QWidget:
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(WHEN, Qt.SortOrder.DescendingOrder)
        self.table.opened.connect(self._on_opened)
        self.detail.close_button.clicked.connect(self._on_close)
        for part in (self.table, self.detail.table, self.detail.kinds):
            part.asked.connect(self.why_asked)
        self.detail.hide()
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setSizes([320, 260])
        self._empty = label("", role="secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(split)
        self._stack.addWidget(self._empty)
        return self._stack

    def _add_keys(self) -> None:
        QShortcut(QKeySequence("/"), self, self.filter.setFocus)
        QShortcut(QKeySequence("Esc"), self, self._on_close)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads the sessions again; selection and place stay where they were."""
        chosen, at = self._chosen(), self.table.verticalScrollBar().value()
        sessions = self._source.sessions()
        self.rows.put(sessions)
        self.table.setColumnHidden(AGENT, len({session.agent for session in sessions}) < 2)
        self._choose(chosen)
        self.table.verticalScrollBar().setValue(at)
        self._show_count()
        if self.detail.isVisible() and self.detail.session:
            self._reopen(self.detail.session.id)

    def _reopen(self, session_id: str) -> None:
        found = next((session for session in self.rows.shown if session.id == session_id), None)
        if found and found != self.detail.session:
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

    def _on_opened(self, row: int) -> None:
        self.detail.put(self.rows.shown[row])
        self.detail.show()
        self.table.scrollTo(self.rows.index(row, 0))

    def _on_close(self) -> None:
        """Esc goes one step back: the panel first, then the filter."""
        if self.detail.isVisible():
            self.detail.hide()
            self.table.setFocus()
        elif self.filter.text():
            self.filter.clear()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Down and Enter lead from the filter into the table."""
        if not (watched is self.filter and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return False
        leads = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and bool(self.rows.shown)
        if leads:
            self.table.setFocus()
            self.table.setCurrentIndex(self.rows.index(0, 0))
        return leads
