"""The opened session: what it was, what it used by kind, and its turns with what they are linked to."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.model.tasks import Span
from tokentrack.model.usage import Session, Total
from tokentrack.ui import words
from tokentrack.ui.figure import Number
from tokentrack.ui.frame import link
from tokentrack.ui.session_rows import project, turn_columns
from tokentrack.ui.source import Source
from tokentrack.ui.source_tasks import Linked, Tasks
from tokentrack.ui.tables import Rows, Table
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, set_role

TURNS_GIVE_WAY = (4, 5, 3)
"""Requests, tokens and time of a turn: its branch needs 140 pixels."""


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
        self._title = Elided("", EMPHASIS, STRONG)
        self._about = Elided("", CAPTION)
        set_role(self._about, "secondary")
        self.kinds = Number("", CAPTION, role="secondary")
        self.close_button = link("close   Esc", "Close the session's turns")
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
        self._title.setText(words.title(session))
        parts = [words.agent(session.agent), project(session), *session.branches[:3]]
        self._about.setText(" · ".join(words.isolated(part) for part in parts if part != "–"))
        if session.cwd:
            self._about.setToolTip(words.tip(f"{self._about.text()} · {session.cwd}"))
        name = session.id if session.total.requests or session.unrecorded else ""
        parts = [kinds(session.total)] if session.total.requests or not session.unrecorded else []
        used = " · ".join(part for part in (*parts, words.unrecorded(session)) if part)
        self.kinds.put(
            used[:1].upper() + used[1:] if not parts else used, name, words.cut(words.title(session), 60), used
        )
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
