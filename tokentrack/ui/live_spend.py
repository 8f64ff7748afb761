"""Spending as the interface sees it, over a store file: what it was, asked on a thread of its own, and what the person enters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack import clock, money, paths
from tokentrack.model.costs import Budget, Charge, Plan
from tokentrack.review import budgets
from tokentrack.store import account, write
from tokentrack.store import money as entries
from tokentrack.ui.live_store import Connected, Read, Write
from tokentrack.ui.source_spend import Undo

if TYPE_CHECKING:
    from tokentrack.model.usage import Total
    from tokentrack.review.closer import Diagnostic, WhatIf
    from tokentrack.review.limits import LimitSeen
    from tokentrack.review.repriced import Repriced
    from tokentrack.review.spend import Row, Spend


class LiveSpending(Connected):
    """`Spending` with a connection of its own. Modules come with the first question: they bring the readers along."""

    def __init__(self, store: Path) -> None:
        from tokentrack.pricing import own

        super().__init__(store)
        self._mine = own.read(paths.own_prices(store))

    def spend(self, first: date, last: date) -> Spend:
        from tokentrack.review import spend

        return self._ask(lambda: spend.spend(self._db, first, last, self._mine))

    def rows(self, by: str, first: date, last: date, within: str = "") -> tuple[Row, ...]:
        from tokentrack.review import spend

        return self._ask(lambda: spend.rows(self._db, by, first, last, within))

    def days(self, first: date, last: date) -> tuple[tuple[date, dict[str, Total]], ...]:
        from tokentrack.review import usage

        every = [first + n * clock.DAY for n in range((last - first).days + 1)]
        return self._ask(lambda: tuple(usage.days_by_agent(self._db, every)))

    def unrecorded(self, first: date, last: date) -> tuple[tuple[str, int], ...]:
        return self._ask(lambda: tuple(account.unrecorded(self._db, *clock.span(first, last))))

    def repriced(self, monday: date) -> Repriced:
        from tokentrack.review import repriced

        return self._ask(lambda: repriced.in_week(self._db, monday, self._mine))

    def diagnostics(self, first: date, last: date) -> tuple[Diagnostic, ...]:
        from tokentrack.review import closer

        return self._ask(lambda: closer.diagnostics(self._db, first, last))

    def what_if(self, model: str, first: date, last: date) -> WhatIf:
        from tokentrack.review import closer

        return self._ask(lambda: closer.what_if(self._db, model, first, last, self._mine))

    def what_if_models(self, last: date) -> tuple[str, ...]:
        from tokentrack.review import closer

        return self._ask(lambda: closer.what_if_models(self._db, last, self._mine))

    def limits(self) -> tuple[LimitSeen, ...]:
        from tokentrack.review import limits

        return self._ask(lambda: limits.limits(self._db))


class LiveEntries:
    """`Entries` over a connection."""

    def __init__(self, read: Read, write: Write) -> None:
        self._read, self._write = read, write

    def plans(self) -> list[Plan]:
        return self._read(entries.plans, list)

    def charges(self) -> list[Charge]:
        return self._read(entries.charges, list)

    def confirmed(self) -> dict[str, date]:
        return self._read(entries.confirmed, dict)

    def add_plan(self, plan: Plan, beside: bool = False) -> Undo:
        def add(db: sqlite3.Connection) -> int:
            if not beside:
                money.take_over(entries.plans(db), plan)
            return entries.add_plan(db, plan, clock.now_ms(), beside=beside)

        number = self._write(add)
        return _back(lambda db: entries.remove_plan(db, number))

    def remove_plan(self, plan: Plan) -> Undo:
        taken = self._write(lambda db: entries.remove_plan(db, plan.id))
        return _back(lambda db: entries.put_back(db, taken))

    def add_charge(self, charge: Charge) -> Undo:
        number = self._write(lambda db: entries.add_charge(db, charge, clock.now_ms()))
        return _back(lambda db: entries.remove_charge(db, number))

    def remove_charge(self, charge: Charge) -> Undo:
        taken = self._write(lambda db: entries.remove_charge(db, charge.id))
        return _back(lambda db: entries.put_back(db, taken))

    def budgets(self) -> list[Budget]:
        def found(db: sqlite3.Connection) -> list[Budget]:
            return [*budgets.all_in_force(db, clock.today()), *budgets.to_come(db, clock.today())]

        return self._read(found, list)

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        self._write(lambda db: write.add_budget(db, measure, amount, period, None, clock.today(), clock.now_ms()))

    def remove_budget(self, budget: Budget) -> Undo:
        return _back(self._write(lambda db: entries.end_budget(db, budget, clock.today(), clock.now_ms())))

    def confirm(self, month: str, through: date | None) -> Undo:
        def change(db: sqlite3.Connection) -> date | None:
            before = entries.confirmed(db).get(month)
            entries.confirm(db, month, through)
            return before

        before = self._write(change)
        return _back(lambda db: entries.confirm(db, month, before))

    def take_back(self, step: Callable[[sqlite3.Connection], object]) -> None:
        self._write(step)


def _back(step: Callable[[sqlite3.Connection], object]) -> Undo:
    """The connection of what was done may be closed by the time it is taken back."""
    return lambda to: to.take_back(step)
