"""What the interface needs of the core: plain callables, so that `ui` knows neither SQL nor threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokentrack.model import Charge, Plan, Session, Total
from tokentrack.review.glance import Glance

if TYPE_CHECKING:
    from tokentrack.review.closer import Diagnostic, WhatIf
    from tokentrack.review.limits import LimitSeen
    from tokentrack.review.paid import How
    from tokentrack.review.spend import Row, Spend
    from tokentrack.review.why import Again, Evidence, Made, Record

Undo = Callable[[], None]
"""Takes back exactly what was done. Raises an error whose text is one sentence for the person."""

TurnRow = tuple[int, int | None, str | None, Total]
"""A turn of a session: its number, when it began, the branch, what it used."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the readers are doing now. `reading` is the share of a first import, None when nothing long is read.

    `error` is one sentence about all reading; the glance's health has `problems`, sentences about logs that cannot be read.
    """

    reading: float | None = None
    paused: bool = False
    stale: bool = False
    error: str | None = None
    read_at: int | None = None
    """When anything new was last read, UTC milliseconds; the glance knows only of passes over all logs."""


class Reasons(Protocol):
    """What figures are made of. Reading logs takes long: made, asked and closed on one thread, never on the main one.

    Every method may raise an error whose text is one sentence for the person.
    """

    def made_of(self, name: str, dearest: bool) -> Made:
        """How the figure adds up, and the row numbers of its requests, the newest or the dearest first."""

    def how(self, name: str) -> How:
        """How a figure was computed that is no sum of requests; its names are those of `review/how.py`."""

    def evidence(self, ids: Sequence[int]) -> list[Evidence]: ...

    def record(self, found: Evidence) -> Record:
        """What stands in the log now."""

    def read_again(self, ids: Sequence[int], go_on: Callable[[], bool]) -> Iterator[tuple[int, Again]]:
        """Reads the logs of these requests from their start; (row number, what they say now), log by log."""

    def close(self) -> None: ...


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

    def diagnostics(self, first: date, last: date) -> tuple[Diagnostic, ...]: ...

    def what_if(self, model: str, first: date, last: date) -> WhatIf: ...

    def what_if_models(self, last: date) -> tuple[str, ...]: ...

    def limits(self) -> tuple[LimitSeen, ...]: ...

    def close(self) -> None: ...


class Entries(Protocol):
    """What the person types in about money. Called on the main thread, answers at once.

    What changes something returns the way back; it raises an error whose text is one sentence for the person.
    """

    def plans(self) -> list[Plan]: ...

    def charges(self) -> list[Charge]: ...

    def confirmed(self) -> dict[str, date]:
        """Month ▶ the day up to which all its charges are entered."""

    def add_plan(self, plan: Plan) -> Undo:
        """A plan of the same agents that is still in force ends the day before."""

    def remove_plan(self, plan: Plan) -> Undo: ...

    def add_charge(self, charge: Charge) -> Undo: ...

    def remove_charge(self, charge: Charge) -> Undo: ...

    def confirm(self, month: str, through: date | None) -> Undo:
        """All charges of a month are entered up to a day; None: they are not."""


class Source(Protocol):
    """The core as the interface sees it. Every method is called on the main thread and answers at once.

    `on_change` and `on_progress` may be called from any thread; they carry nothing, the interface reads again.
    """

    def glance(self) -> Glance: ...

    def status(self) -> Status: ...

    def sessions(self) -> list[Session]: ...

    def session_turns(self, session_id: str) -> list[TurnRow]: ...

    def reasons(self) -> Reasons:
        """Called on the thread that will ask; see there."""

    def spending(self) -> Spending:
        """Called on the thread that will ask; see there."""

    def entries(self) -> Entries: ...

    def settings(self) -> dict[str, str]: ...

    def save_setting(self, key: str, value: str) -> None: ...

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        """Puts a budget in force from today. `amount` is micro-dollars, or tokens; 0 means that nothing is planned.

        `measure` is `list_value`, `paid` or `tokens`, `period` is `day`, `week` or `month`.
        """

    def import_usage(self, path: Path) -> str:
        """Adds an agent's usage export to the store; what came of it, in a sentence or two."""

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None: ...

    def stop(self) -> None:
        """Ends all threads and returns when they have ended."""

    def pause(self, paused: bool) -> None: ...
