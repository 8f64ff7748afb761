"""The first tab of the Spend page: three figures, the days as a picture or a table, and by agent, model or project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.model.usage import Total
from tokentrack.review.spend import Row, Spend
from tokentrack.ui.as_table import AsTable
from tokentrack.ui.chart import WeekChart, columns_of
from tokentrack.ui.choices import Choices
from tokentrack.ui.frame import link, section
from tokentrack.ui.source_spend import Spending
from tokentrack.ui.spend_cards import Cards
from tokentrack.ui.spend_period import Period
from tokentrack.ui.spend_rows import (
    SHARE_COLUMN,
    SpendRow,
    by_day,
    by_key,
    by_session,
    columns,
    share_columns,
)
from tokentrack.ui.tables import Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, scaled

BY = (("agent", "Agent"), ("model", "Model"), ("project", "Project"))
MEASURES = (("list value", "List value"), ("plan share", "Plan share"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tab shows: `within` names the row whose sessions are shown, `opened` is what it is called."""

    period: Period
    by: str
    within: str = ""
    opened: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    asked: Asked
    spend: Spend
    days: tuple[tuple[date, dict[str, Total]], ...]
    rows: tuple[Row, ...]
    unrecorded: tuple[tuple[str, int], ...]
    """(agent, sessions) whose tokens nobody wrote down: they are in no sum, and make every sum incomplete."""
    whole: Row | None
    """The row whose sessions are shown."""


def cost_of(spending: Spending, asked: Asked) -> Cost:
    """On the thread that asks."""
    first, last = asked.period.first, asked.period.last
    rows = spending.rows(asked.by, first, last)
    whole = next((row for row in rows if row.why == asked.within), None)
    return Cost(
        asked,
        spending.spend(first, last),
        spending.days(first, last),
        spending.rows("session", first, last, asked.within) if asked.within else rows,
        spending.unrecorded(first, last),
        whole,
    )


NOTHING = "Nothing was used in these days. What agents write to their logs appears here by itself."
NARROW, FIRST_TO_GO = 560, (1, 2)
"""Below this width requests and tokens make room for what the rows are called."""


class SpendRows(Rows[SpendRow]):
    """The sum stands out."""

    def __init__(self, head: str) -> None:
        super().__init__(columns(head))

    def call(self, head: str) -> None:
        self.columns = columns(head)


class CostView(QWidget):
    """`asked` asks what a figure is made of, `wanted` for what another row or grouping shows."""

    asked = Signal(object)
    wanted = Signal()
    confirm_asked = Signal(str)
    plan_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by, self.within, self.opened = "agent", "", ""
        self.shown: Cost | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.cards = Cards()
        self.cards.asked.connect(self.asked)
        self.cards.confirm_asked.connect(self.confirm_asked)
        self.cards.plan_asked.connect(self.plan_asked)
        self.plans = Text(size=CAPTION, role="secondary")
        column.addWidget(self.cards)
        column.addWidget(self.plans)
        column.addSpacing(8)
        self._build_days(column)
        self._build_table(column)
        self._opened_in = self.table
        QShortcut(QKeySequence("Esc"), self, self.go_back)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for table in (self.table, self.day_table):
            for column in FIRST_TO_GO:
                table.setColumnHidden(column, self.width() < scaled(NARROW))

    # building --------------------------------------------------------------------------------------------------------

    def _build_days(self, column: QVBoxLayout) -> None:
        self.measure = Choices("The chart shows", MEASURES, "list value")
        self.measure.chosen.connect(lambda _: self._show_chart())
        self.as_table = link("as table")
        self._days = QWidget(self)
        inside = QVBoxLayout(self._days)
        inside.setContentsMargins(0, 0, 0, 8)
        inside.setSpacing(12)
        row = QHBoxLayout()
        self._days_title = section("By day, list value")
        row.addWidget(self._days_title)
        row.addStretch(1)
        row.addWidget(self.measure)
        row.addWidget(self.as_table)
        self.chart = WeekChart("By day, list value")
        self.chart.setMinimumHeight(190)
        self.days = SpendRows("Day")
        self.day_table = Table(self.days, "Paid for and used by day")
        self.day_table.hide()
        AsTable(self.as_table, self.chart, "chart", lambda: self.day_table).switched.connect(self._show_chart)
        inside.addLayout(row)
        self.day_table.opened.connect(lambda at: self._open(self.day_table, at))
        for part in (self.chart, self.day_table):
            part.asked.connect(self.asked)
            inside.addWidget(part)
        column.addWidget(self._days)

    def _build_table(self, column: QVBoxLayout) -> None:
        self.choice = Choices("Rows by", BY, self.by)
        self.choice.chosen.connect(self._on_by)
        self.title = section("")
        self.back = link("back   Esc")
        self.back.setAccessibleName("Back to all rows")
        self.back.clicked.connect(self.go_back)
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self.back)
        row.addWidget(self.choice)
        column.addLayout(row)
        self.rows = SpendRows("Agent")
        self.table = Table(self.rows, "Spend by agent", parent=self)
        self.table.asked.connect(self.asked)
        self.table.opened.connect(lambda at: self._open(self.table, at))
        self.nothing = Text(NOTHING, role="secondary")
        self.hint = Text("Enter on a name or a day, or a double click, opens its sessions.", CAPTION, "secondary")
        for part in (self.table, self.nothing, self.hint):
            column.addWidget(part)

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, cost: Cost) -> None:
        if cost == self.shown:
            return
        self.shown = cost
        spend = cost.spend
        self.cards.put(spend, cost.unrecorded)
        self.plans.setText("Paid by plan: " + "; ".join(spend.plans) + "." if spend.plans else "")
        self.plans.setVisible(bool(spend.plans))
        self._show_chart()
        self._show_rows(cost)

    def _show_chart(self) -> None:
        cost = self.shown
        if cost is None:
            return
        declared = not cost.spend.nothing_declared
        shares = declared and self.measure.value == "plan share"
        charted = not self.chart.isHidden()  # the table has both
        self.measure.setVisible(declared and charted)
        title = f"By day, {self.measure.value if shares else 'list value'}" if charted else "By day"
        self._days_title.setText(title)
        today = clock.today()
        self.chart.put(share_columns(cost.spend, cost.days, today) if shares else columns_of(cost.days, today))
        self.chart.setAccessibleName(title)
        self.day_table.setColumnHidden(SHARE_COLUMN, not declared)
        _put(self.day_table, self.days, by_day(cost.spend, cost.days, cost.unrecorded))

    def _show_rows(self, cost: Cost) -> None:
        opened, declared = bool(cost.asked.within), not cost.spend.nothing_declared
        some = bool(cost.rows or cost.unrecorded or cost.spend.paid.amount)
        self._days.setVisible(some)
        by = dict(BY)[cost.asked.by]
        self.rows.call("Session" if opened else by)
        self.table.setColumnHidden(SHARE_COLUMN, not declared)
        _put(
            self.table,
            self.rows,
            self._sessions(cost) if opened else by_key(cost.spend, cost.rows, cost.unrecorded),
        )
        title = f"{cost.asked.opened}, its sessions" if opened else f"By {by.lower()}"
        self.title.setText(title)
        self.table.setAccessibleName(title)
        self.back.setVisible(opened)
        self.choice.setVisible(some and not opened)
        self.title.setVisible(some)
        self.table.setVisible(some)
        self.nothing.setVisible(not some)
        self.hint.setVisible(bool(cost.rows) and not opened)

    def _sessions(self, cost: Cost) -> list[SpendRow]:
        day = next((day for day in cost.spend.share.days if cost.asked.within == f"day:{day.day}"), None)
        return by_session(cost.rows, cost.asked.within, cost.whole, day)

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_by(self, by: str) -> None:
        self.by = by
        self.wanted.emit()

    def _open(self, table: Table, at: int) -> None:
        row: SpendRow = table.rows.shown[at]
        if row.opens:
            self.within, self.opened, self._opened_in = row.opens, row.label, table
            self.table.setFocus()
            self.wanted.emit()

    def go_back(self) -> None:
        if self.within:
            self.within = self.opened = ""
            self.wanted.emit()
            self._opened_in.setFocus()

    def close_rows(self) -> None:
        """Another period has other rows."""
        self.within = self.opened = ""


def _put(table: Table, model: SpendRows, rows: Sequence[SpendRow]) -> None:
    """New rows; the keyboard stays where it was, by what the row is called."""
    at = table.currentIndex()
    label, across = (model.shown[at.row()].label, at.column()) if at.isValid() else ("", 0)
    model.put(rows)
    table.fit()
    down = next((n for n, row in enumerate(model.shown) if row.label == label), 0)
    if model.shown and at.isValid():
        table.setCurrentIndex(model.index(down, across))
