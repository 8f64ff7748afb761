"""Budgets: which one is in force, and how much of it is used."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.model import Budget
from tokentrack.store import read
from tokentrack.store.read import Where


@dataclass(frozen=True, slots=True)
class Spent:
    """A budget and how much of it is used in its running period. `used` is in the budget's own measure."""

    budget: Budget
    used: int
    unpriced_requests: int
    first: date
    last: date

    @property
    def share(self) -> float:
        """Used as a share of planned; 1.0 is exactly the plan."""
        return self.used / self.budget.amount if self.budget.amount else 0.0


def in_force(db: sqlite3.Connection, day: date, project: str | None = None) -> Budget | None:
    """The last budget set from this day or earlier, for one project or for all."""
    found = [budget for budget in read.budgets(db) if budget.since <= day and budget.project == project]
    return found[-1] if found and found[-1].amount else None


def spent(db: sqlite3.Connection, day: date) -> Spent | None:
    """The budget in force over everything and what its running period used so far."""
    budget = in_force(db, day)
    if budget is None:
        return None
    first, after = clock.period(budget.period, day)
    total = read.total(db, Where(clock.start_of(first), clock.start_of(after), project=budget.project))
    used = total.tokens if budget.measure == "tokens" else total.list_value or 0
    return Spent(budget, used, total.unpriced_requests, first, after - clock.DAY)
