"""Budgets: which one is in force, and how much of it is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.model.costs import Budget
from tokentrack.review.paid import paid
from tokentrack.store import read
from tokentrack.store.read import Where

FOLLOWED = "budget.followed"
"""Setting: the project whose budget the counter shows; empty: the one over everything."""
PAID_UNKNOWN = "paid is not known: no plan or charge is entered"


@dataclass(frozen=True, slots=True)
class Spent:
    """A budget and how much of it is used in its running period. `used` is in the budget's own measure.

    `at_least`: of what was paid, further charges may not be entered yet. `unknown`: nothing of what was used is known; of what
    was paid, that neither a plan nor a charge is entered.
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


def followed(found: Sequence[Spent], project: str) -> Spent | None:
    """Of the budgets in force the one that the counter shows: that of `project`, if the person chose one that has any.

    Else the one over everything; where only projects have budgets, that of the project set last.
    """
    chosen = next((one for one in found if project and one.budget.project == project), None)
    whole = next((one for one in found if one.budget.project is None), None)
    return chosen or whole or max(found, key=lambda one: (one.budget.since, one.budget.id), default=None)


def spent(db: sqlite3.Connection, day: date, *, by: bool = False) -> Spent | None:
    """The budget that the counter shows, and what its running period used so far, or `by` the end of this day."""
    return followed(all_spent(db, day, by=by), read.setting(db, FOLLOWED))


def all_spent(db: sqlite3.Connection, day: date, *, by: bool = False) -> list[Spent]:
    """Every budget in force on a day, that over everything first, then the projects' by name."""
    return [used_of(db, budget, day, by=by) for budget in all_in_force(db, day)]


def all_in_force(db: sqlite3.Connection, day: date) -> list[Budget]:
    projects = sorted({budget.project for budget in read.budgets(db) if budget.project is not None})
    found = [in_force(db, day, project) for project in (None, *projects)]
    return [budget for budget in found if budget is not None]


def to_come(db: sqlite3.Connection, day: date) -> list[Budget]:
    """Budgets that begin after a day, the earliest first."""
    return [budget for budget in read.budgets(db) if budget.since > day and budget.amount]


def used_of(db: sqlite3.Connection, budget: Budget, day: date, *, by: bool = False) -> Spent:
    """What a budget's period that holds this day used so far, or `by` the end of this day."""
    first, after = clock.period(budget.period, day)
    last = after - clock.DAY
    through = day if by else last
    if budget.measure == "paid":
        known = paid(db, first, through)
        return Spent(budget, known.amount or 0, 0, first, last, known.at_least, unknown=known.amount is None)
    total = read.total(db, Where(*clock.span(first, through), project=budget.project))
    used = total.tokens if budget.measure == "tokens" else total.list_value or 0
    unknown = budget.measure != "tokens" and total.list_value is None and total.requests > 0
    return Spent(budget, used, total.unpriced_requests, first, last, unknown=unknown)
