"""The head of the inbox: how much waits, what it comes to, and its share of this week."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.review.inbox import Inbox
from tokentrack.ui import inbox_rows
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import HEAD
from tokentrack.ui.theme import EMPHASIS, STRONG, TITLE

READING = "reading repositories"


class InboxHead(QWidget):
    """All that waits, whatever is sought (AC 30)."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.count = Number("", TITLE, STRONG).beside()
        self.value = Number("", TITLE, STRONG)
        self.share = Number("", EMPHASIS, role="secondary")
        figures = QWidget()
        figures.setMinimumHeight(HEAD)
        beside = QHBoxLayout(figures)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        self.count.setFixedHeight(self.value.sizeHint().height())
        for part in (self.count, self.value):
            beside.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(flow(figures, self.share, gap=6, row_gap=0))
        for figure in (self.count, self.value, self.share):
            figure.asked.connect(self.asked)

    def put(self, inbox: Inbox | None, reading: bool) -> None:
        """None: it is still looked through. `reading`: what git tells may still come."""
        if inbox is None:
            self.count.put("Inbox")
            self.share.put(READING if reading else "")
            return
        count, value = inbox_rows.head(inbox)
        waits = "unlinked" if value else ""
        self.count.put(f"{count}, " if value else count, waits, "Not linked")
        self.value.put(value, waits, "Not linked, list value")
        self._put_share(inbox, reading)

    def _put_share(self, inbox: Inbox, reading: bool) -> None:
        """Beside the amount."""
        share, week = inbox_rows.of_week(inbox), f"week:{clock.week_name(clock.today())}"
        told = "list value" if self.value.text() else "", share, READING if reading else ""
        name = f"{week} unlinked" if "$" in share else f"accounted {week}"
        text = " · ".join(part for part in told if part)
        self.share.put(text, name if share else "", "Not linked this week, list value" if share else "")
