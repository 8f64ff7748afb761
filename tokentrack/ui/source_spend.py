"""What the interface needs of the core about money: what a period cost, and what the person types in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from tokentrack.model.costs import Budget, Charge, Plan
from tokentrack.model.usage import Total

if TYPE_CHECKING:
    from tokentrack.review.closer import Diagnostic, WhatIf
    from tokentrack.review.limits import LimitSeen
    from tokentrack.review.repriced import Repriced
    from tokentrack.review.spend import Row, Spend


Undo = Callable[["Entries"], None]
"""Takes back exactly what was done, over the entries that are open then. Raises an error whose text is one sentence."""


class Spending(Protocol):
    """What a period cost. Sums over many requests may take a while: made, asked and closed on one thread, never the main one.

    Days are local, `first` and `last` included. Every method may raise an error whose text is one sentence for the person.
    """

    def spend(self, first: date, last: date) -> Spend: ...

    def rows(self, by: str, first: date, last: date, within: str = "") -> tuple[Row, ...]:
        """By `day`, `agent`, `model`, `project` or `session`; `within` is the `why` of a row, which narrows them."""

    def days(self, first: date, last: date) -> tuple[tuple[date, dict[str, Total]], ...]:
        """Every day with its totals by agent."""

    def unrecorded(self, first: date, last: date) -> tuple[tuple[str, int], ...]:
        """(agent, sessions) used in these days whose tokens are recorded nowhere, all of them or some."""

    def repriced(self, monday: date) -> Repriced:
        """Requests of the week that begins then, while it is open, whose price is another one today (AC 10)."""

    def diagnostics(self, first: date, last: date) -> tuple[Diagnostic, ...]: ...

    def what_if(self, model: str, first: date, last: date) -> WhatIf: ...

    def what_if_models(self, last: date) -> tuple[str, ...]: ...

    def limits(self) -> tuple[LimitSeen, ...]: ...

    def close(self) -> None: ...


class Entries(Protocol):
    """What the person types in about money. The main thread asks; what changes something the pages leave to `Deciding`.

    What changes something returns the way back; it raises an error whose text is one sentence for the person.
    """

    def plans(self) -> list[Plan]: ...

    def charges(self) -> list[Charge]: ...

    def confirmed(self) -> dict[str, date]:
        """Month ▶ the day up to which all its charges are entered."""

    def add_plan(self, plan: Plan, beside: bool = False) -> Undo:
        """A plan of the same agents that is still in force ends the day before, unless the new one runs beside it."""

    def remove_plan(self, plan: Plan) -> Undo: ...

    def add_charge(self, charge: Charge) -> Undo: ...

    def remove_charge(self, charge: Charge) -> Undo: ...

    def budgets(self) -> list[Budget]:
        """Those in force, that over everything first, then those to come."""

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        """Puts a budget in force from today. `amount` is micro-dollars, or tokens; 0 means that nothing is planned.

        `measure` is `list_value`, `paid` or `tokens`, `period` is `day`, `week` or `month`.
        """

    def remove_budget(self, budget: Budget) -> Undo:
        """Nothing is planned in its place from today on; earlier periods keep it."""

    def confirm(self, month: str, through: date | None) -> Undo:
        """All charges of a month are entered up to a day; None: they are not."""

    def take_back(self, step: Any) -> None:
        """What an `Undo` does, in the way of whatever returned it."""
