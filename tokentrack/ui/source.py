"""What the interface needs of the core: plain callables, so that `ui` knows neither SQL nor threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tokentrack.model import Session, Total
from tokentrack.review.glance import Glance

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


class Source(Protocol):
    """The core as the interface sees it. Every method is called on the main thread and answers at once.

    `on_change` and `on_progress` may be called from any thread; they carry nothing, the interface reads again.
    """

    def glance(self) -> Glance: ...

    def status(self) -> Status: ...

    def sessions(self) -> list[Session]: ...

    def session_turns(self, session_id: str) -> list[TurnRow]: ...

    def settings(self) -> dict[str, str]: ...

    def save_setting(self, key: str, value: str) -> None: ...

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        """Puts a budget in force from today. `amount` is micro-dollars, or tokens; 0 means that nothing is planned.

        `measure` is `list_value` or `tokens`, `period` is `day`, `week` or `month`.
        """

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None: ...

    def stop(self) -> None:
        """Ends all threads and returns when they have ended."""

    def pause(self, paused: bool) -> None: ...
