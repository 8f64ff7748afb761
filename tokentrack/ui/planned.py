"""Every budget in force or to come: how much of it is used, which one the counter shows, and taking one out."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.model.costs import Budget
from tokentrack.phrases import day
from tokentrack.review.budgets import Spent
from tokentrack.review.glance import Glance
from tokentrack.ui import words
from tokentrack.ui.asking import Doing
from tokentrack.ui.figure import Figure
from tokentrack.ui.keycap import acts_in
from tokentrack.ui.lines import period_of
from tokentrack.ui.pick import Pick
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_spend import Entries, Undo
from tokentrack.ui.tables import Column, Rows, Table, take_out
from tokentrack.ui.theme import label

EVERYTHING = "everything"


class Planned(NamedTuple):
    """`spent` is None as long as the budget is not in force."""

    budget: Budget
    spent: Spent | None


def whose(budget: Budget) -> str:
    return words.project_name(budget.project) if budget.project else EVERYTHING


def amount(budget: Budget) -> str:
    """`$40 a week, list value`."""
    if budget.measure == "tokens":
        return f"{words.tokens(budget.amount)} a {budget.period}"
    return f"{words.money(budget.amount)} a {budget.period}, {budget.measure.replace('_', ' ')}"


def used(row: Planned) -> str:
    return f"from {day(row.budget.since)}" if row.spent is None else words.used(row.spent)


def figure(row: Planned) -> Figure | None:
    return (
        Figure(period_of(row.spent), f"Used of what is planned for {whose(row.budget)}", used(row))
        if row.spent
        else None
    )


COLUMNS: tuple[Column[Planned], ...] = (
    Column("Planned for", lambda row: whose(row.budget), tip=lambda row: row.budget.project or ""),
    Column("Planned", lambda row: amount(row.budget), figure=True, widest="$1,234 a month, list value"),
    Column("Used of it", used, figure=True, widest="$1,234 + unknown", why=figure),
)


class BudgetsView(QWidget):
    """`did` says what was changed and how it is taken back, `failed` why nothing was, `chosen` whose budget is to be shown.

    `asked` asks what is used of one is made of.
    """

    did = Signal(str, object)
    failed = Signal(str)
    chosen = Signal(str)
    asked = Signal(object)

    def __init__(self, entries: Entries, doing: Doing[Deciding]) -> None:
        super().__init__()
        self._entries, self._doing = entries, doing
        self.rows = Rows(COLUMNS)
        self.table = Table(self.rows, "Budgets", parent=self)
        self.table.asked.connect(self.asked)
        self.table.setAccessibleDescription("Delete takes the chosen budget out")
        acts_in(self.table, "Del", self._on_remove)
        self.remove = take_out(self.table, "the chosen budget", self._on_remove)
        self.follow = Pick("The budget that the icon shows")
        self.follow.activated.connect(lambda at: self.chosen.emit(self.follow.itemData(at)))
        self._following = QWidget()
        row = QHBoxLayout(self._following)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("The icon shows that for", role="secondary"))
        row.addWidget(self.follow)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.table, self.remove, self._following):
            column.addWidget(part)

    def refresh(self, glance: Glance | None) -> None:
        running = {spent.budget.id: spent for spent in (glance.budgets if glance else ())}
        rows = [Planned(budget, running.get(budget.id)) for budget in self._entries.budgets()]
        if self.rows.shown != rows:
            self.rows.put(rows)
        self.table.fit()
        self.remove.setEnabled(self.table.currentIndex().isValid())
        self.setVisible(bool(rows))
        self._show_followed([row.budget for row in rows if row.spent], glance.spent if glance else None)

    def _show_followed(self, found: list[Budget], shown: Spent | None) -> None:
        """There is something to choose as soon as two are in force."""
        self._following.setVisible(len(found) > 1)
        choices = [(whose(budget), budget.project or "") for budget in found]
        with QSignalBlocker(self.follow):
            if choices != [(self.follow.itemText(at), self.follow.itemData(at)) for at in range(self.follow.count())]:
                self.follow.clear()
                for text, project in choices:
                    self.follow.addItem(text, project)
            self.follow.setCurrentIndex(self.follow.findData(shown.budget.project or "" if shown else ""))

    def _on_remove(self) -> None:
        row = self.rows.row_at(self.table.currentIndex())
        if row is None or self._doing.busy:
            return  # pressed twice: the row that is being taken out is still there
        budget = row.budget

        def done(undo: Undo) -> None:
            self.did.emit(f"Nothing is planned for {whose(budget)} any more.", undo)

        self._doing.do(lambda to: to.entries.remove_budget(budget), done, self.failed.emit)
