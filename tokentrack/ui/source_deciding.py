"""What the interface needs of the core to write what the person decides, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tokentrack.ui.source_linking import Linking
    from tokentrack.ui.source_spend import Entries
    from tokentrack.ui.source_tasks import Tasks
    from tokentrack.ui.source_week import Reviewing


class Journal(Protocol):
    """The way back of what was done to tasks, links and rules, over restarts.

    Both say what they took back or did again, None: there is nothing; they raise an error whose text is one sentence. With the
    `number` of a step it is that one or, where another would be next, an error.
    """

    def undo(self, number: int | None = None) -> str | None: ...

    def redo(self, number: int | None = None) -> str | None: ...

    def went(self) -> int | None:
        """Number of the step that was made, taken back or done again last on this thread; None: none since it was asked last."""


class Deciding(Protocol):
    """What the person decides, which may be thousands of rows or wait for another process, and the way back: made, asked and
    closed on one thread, never the main one.
    """

    @property
    def linking(self) -> Linking: ...

    @property
    def tasks(self) -> Tasks: ...

    @property
    def reviewing(self) -> Reviewing: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def entries(self) -> Entries: ...

    def settings(self) -> dict[str, str]: ...

    def save_setting(self, key: str, value: str) -> None:
        """Raises an error whose text is one sentence for the person."""

    def close(self) -> None: ...
