"""Budgets: which one is in force, and how much of it is used."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.model import Budget
from tokentrack.review.paid import paid
from tokentrack.store import read
from tokentrack.store.read import Where


@dataclass(frozen=True, slots=True)
class Spent:
    """A budget and how much of it is used in its running period. `used` is in the budget's own measure.

    `at_least`: of what was paid, further charges may not be entered yet. `unknown`: nothing of what was used is known.
    """

    budget: Budget
    used: int
    unpriced_requests: int
    first: date
    last: date
    at_least: bool = False
    unknown: bool = False

    @property
    def known(self) -> int | None:
        """None where something was used or paid and nothing of it is known: that is not 0."""
        return None if self.unknown else self.used

    @property
    def share(self) -> float:
        """Used as a share of planned; 1.0 is exactly the plan."""
        return self.used / self.budget.amount if self.budget.amount else 0.0


def in_force(db: sqlite3.Connection, day: date, project: str | None = None) -> Budget | None:
    """The last budget set from this day or earlier, for one project or for all."""
    found = [budget for budget in read.budgets(db) if budget.since <= day and budget.project == project]
    return found[-1] if found and found[-1].amount else None


def spent(db: sqlite3.Connection, day: date) -> Spent | None:
    """The budget that the counter shows, and what its running period used so far: the one over everything.

    Where only projects have budgets, it is that of the project set last.
    """
    budget = in_force(db, day) or _last_of_projects(db, day)
    return None if budget is None else used_of(db, budget, day)


def all_spent(db: sqlite3.Connection, day: date) -> list[Spent]:
    """Every budget in force on a day, that over everything first, then the projects' by name."""
    projects = sorted({budget.project for budget in read.budgets(db) if budget.project is not None})
    found = [in_force(db, day, project) for project in (None, *projects)]
    return [used_of(db, budget, day) for budget in found if budget is not None]


def used_of(db: sqlite3.Connection, budget: Budget, day: date) -> Spent:
    """What a budget's period that holds this day used so far."""
    first, after = clock.period(budget.period, day)
    last = after - clock.DAY
    if budget.measure == "paid":
        known = paid(db, first, last)
        return Spent(budget, known.amount or 0, 0, first, last, known.at_least or known.amount is None)
    total = read.total(db, Where(clock.start_of(first), clock.start_of(after), project=budget.project))
    used = total.tokens if budget.measure == "tokens" else total.list_value or 0
    unknown = budget.measure != "tokens" and total.list_value is None and total.requests > 0
    return Spent(budget, used, total.unpriced_requests, first, last, unknown=unknown)


def _last_of_projects(db: sqlite3.Connection, day: date) -> Budget | None:
    in_force_ones = [spent for spent in read.budgets(db) if spent.project is not None and spent.since <= day]
    newest = {budget.project: budget for budget in in_force_ones}  # a later one takes the place of an earlier
    return max((b for b in newest.values() if b.amount), key=lambda b: (b.since, b.id), default=None)
