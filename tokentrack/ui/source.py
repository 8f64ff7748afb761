"""What the interface needs of the core: plain callables, so that `ui` knows neither SQL nor threads.

What a part of it needs is in `source_<part>.py`, as `live_<part>.py` gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokentrack.model.usage import Session, Total
from tokentrack.review.glance import Glance

if TYPE_CHECKING:
    from tokentrack.review.again import Again
    from tokentrack.review.paid import How
    from tokentrack.review.why import Made, Record, Traced
    from tokentrack.ui.source_deciding import Deciding
    from tokentrack.ui.source_export import Exporting
    from tokentrack.ui.source_linking import Linking, Waiting
    from tokentrack.ui.source_spend import Entries, Spending
    from tokentrack.ui.source_tasks import Ledgers, Tasks
    from tokentrack.ui.source_week import Weeks


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
    repositories: bool = False
    """Whether what is new in a repository is read."""


class Reasons(Protocol):
    """What figures are made of. Reading logs takes long: made, asked and closed on one thread, never on the main one.

    Every method may raise an error whose text is one sentence for the person.
    """

    def made_of(self, name: str, dearest: bool) -> Made:
        """How the figure adds up, and the row numbers of its requests, the newest or the dearest first."""

    def how(self, name: str) -> How:
        """How a figure was computed that is no sum of requests; its names are those of `review/how.py`."""

    def traced(self, ids: Sequence[int]) -> list[Traced]: ...

    def record(self, found: Traced) -> Record:
        """What stands in the log now."""

    def read_again(self, ids: Sequence[int], go_on: Callable[[], bool]) -> Iterator[tuple[int, Again]]:
        """Reads the logs of these requests from their start; (row number, what they say now), log by log."""

    def close(self) -> None: ...


class Importing(Protocol):
    """Takes files in, which may take long: made, asked and closed on one thread, never on the main one."""

    def import_usage(self, path: Path, told: Callable[[float], None]) -> str:
        """Adds an agent's usage export to the store; what came of it, in a sentence or two.

        `told` hears now and then which share is done; what it raises ends the import. What is in then stays.
        """

    def close(self) -> None: ...


class Source(Protocol):
    """The core as the interface sees it. Every method is called on the main thread and answers at once.

    `on_change` and `on_progress` may be called from any thread; they carry nothing, the interface reads again.
    """

    def glance(self) -> Glance: ...

    def status(self) -> Status: ...

    def sessions(self) -> list[Session]:
        """Raises StoreError."""

    def session_turns(self, session_id: str) -> list[TurnRow]: ...

    def reasons(self) -> Reasons:
        """Called on the thread that will ask; see there."""

    def spending(self) -> Spending:
        """Called on the thread that will ask; see there."""

    def entries(self) -> Entries: ...

    def waiting(self) -> Waiting:
        """Called on the thread that will ask; see there."""

    def linking(self) -> Linking: ...

    def deciding(self) -> Deciding:
        """Called on the thread that will decide; see there."""

    def tasks(self) -> Tasks: ...

    def ledgers(self) -> Ledgers:
        """Called on the thread that will ask; see there."""

    def weeks(self) -> Weeks:
        """Called on the thread that will ask; see there."""

    def exporting(self) -> Exporting:
        """Called on the thread that will ask; see there."""

    def settings(self) -> dict[str, str]: ...

    def importing(self) -> Importing:
        """Called on the thread that will import; see there."""

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None: ...

    def stop(self) -> None:
        """Ends all threads and returns when they have ended."""

    def pause(self, paused: bool) -> None: ...
