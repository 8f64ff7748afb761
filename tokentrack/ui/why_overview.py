"""The first page of the panel behind a figure: how it adds up, and the requests it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from tokentrack import clock, phrases
from tokentrack.ui import words
from tokentrack.ui.frame import link, plain_area
from tokentrack.ui.tables import Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, STRONG, label
from tokentrack.ui.why_request import small_table
from tokentrack.ui.why_rows import AGAIN, LOG, LOG_ROOM, MODEL, TOKENS, WHEN, Requests, Silent, Sum, addends, said_of

if TYPE_CHECKING:
    from tokentrack.review.why import Made


LOWEST_LIST = 176
MOST_SILENT = 20
"""Sessions that are named of those whose tokens nobody recorded, the newest: years of them would bury the requests."""


class Overview(QScrollArea):
    """How the figure adds up, and the list of its requests; it scrolls as a whole where the window is low."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = plain_area(self)
        column.setSpacing(8)
        self.sum, self.requests = Sum(), Requests()
        self.sums = small_table(self.sum, "How the figure adds up")
        self.table = Table(self.requests, "Requests behind the figure", stretch=LOG)
        self.table.setMinimumHeight(LOWEST_LIST)
        self.table.give_way((TOKENS, MODEL, WHEN), LOG_ROOM)
        self.head = label("", BODY, STRONG)
        self.order = link("")
        row = QHBoxLayout()
        row.addWidget(self.head)
        row.addStretch(1)
        row.addWidget(self.order)
        self.silent_head, self.silent = Text(), Silent()
        self.silent_table = Table(self.silent, "Sessions whose tokens are not recorded")
        column.addWidget(self.sums)
        column.addWidget(self.silent_head)
        column.addWidget(self.silent_table)
        column.addSpacing(8)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self.body = (self.sums, self.head, self.order, self.table)

    def put(self, made: Made) -> None:
        total = made.total
        unpriced = total.unpriced_requests > 0
        self.silent_head.setText(said_of(made.unrecorded))
        self.silent.put(made.unrecorded[:MOST_SILENT])
        self.silent_table.fit()
        self.sum.put(addends(made.kinds, total.tokens, total.list_value, unpriced or bool(made.unrecorded)))
        self.sums.fit()
        self.head.setText(words.plural(len(made.requests), "request"))
        self.show_again(False)
        self.requests.again = {}
        self.requests.put_ids(made.requests)
        self.order.setVisible(len(made.requests) > 1)
        if made.requests:
            self.table.setCurrentIndex(self.requests.index(0, 0))

    def follow(self) -> None:
        """In a low window the list comes up when the arrows walk it."""
        if self.table.hasFocus() and self.table.currentIndex().row() > 0:
            self.ensureWidgetVisible(self.table)

    def show_again(self, shown: bool) -> None:
        """What reading again found stands in the list where it is not the same everywhere; the tokens make room for it."""
        self.table.leave_out(AGAIN, not shown)
        self.table.leave_out(TOKENS, shown)

    def show_body(self, shown: bool, silent: bool) -> None:
        for part in self.body:
            part.setVisible(shown)
        self.silent_head.setVisible(silent)
        self.silent_table.setVisible(silent)
        self._rest.setVisible(not shown)


def behind(made: Made) -> str:
    if not made.requests:
        return "tokens not recorded" if made.unrecorded else "no request is behind it"
    return f"{words.plural(len(made.requests), 'request')} in {words.plural(made.sessions, 'session')}"


def prices(made: Made) -> str:
    """Which price list, and from when its newest row is in force."""
    dates = [price.since for price in made.prices if price.since is not None]
    if not made.prices:
        return ""
    sources = ", ".join(dict.fromkeys(price.source for price in made.prices))
    if not dates:
        return f"Measured · prices: {sources}"
    on = clock.local(max(dates)).date()
    return f"Measured · prices: {sources}, the newest from {phrases.day(on)}"
