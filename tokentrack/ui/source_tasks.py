"""What the interface needs of the core about tasks: what is done to them, and where the list value went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session

if TYPE_CHECKING:
    from tokentrack.linking.urls import Proposed
    from tokentrack.review.calibration import Calibration
    from tokentrack.review.ledger import Ledger
    from tokentrack.review.task_page import Moving, TaskPage


class Linked(NamedTuple):
    """Turns of a session that belong to a task; None: to none, on purpose."""

    turns: Span
    task: Task | None


class Offered(NamedTuple):
    """Tasks that may be added, none of which is there yet; `known` are there already, `faults` say in a sentence each what is not
    taken, and where it stands.
    """

    tasks: tuple[Task, ...]
    known: int = 0
    faults: tuple[str, ...] = ()


class Found(NamedTuple):
    """What a local repository tells of a task: a sentence, and when that was (UTC milliseconds)."""

    text: str
    at: int | None = None


class Tasks(Protocol):
    """What the person does to tasks. The main thread asks; what changes something the pages leave to `Deciding`.

    Whatever changes something is one step of the journal and returns it in a sentence; it raises an error whose text is one
    sentence for the person, and nothing was changed then.
    """

    def projects(self) -> list[tuple[str, str]]:
        """(path, name) of each."""

    def every(self) -> list[Task]:
        """The oldest first."""

    def linked(self, session: str | None = None) -> dict[str, list[Linked]]:
        """Session's id ▶ what its turns are linked to, in their order; sessions without a link are not in it."""

    def proposed(self, text: str) -> tuple[Proposed, str | None] | None:
        """What a pasted address says of a task, and the path of its project; None: it is no such address."""

    def add(self, given: Sequence[Task], spend: tuple[int, int] | None = None) -> str:
        """`spend` is the list value that is expected, micro-dollars from and to."""

    def edit(self, given: Sequence[Task], **fields: object) -> str:
        """`fields` are those of `Task`."""

    def alias(self, task: Task, alias: str | None) -> int:
        """What others read in place of its title. Returns the step's number, by which it alone is taken back."""

    def finish(self, given: Sequence[Task], outcome: str, note: str) -> str: ...

    def reopen(self, given: Sequence[Task]) -> str: ...

    def delete(self, given: Sequence[Task]) -> str:
        """What was linked to them is unlinked again."""

    def merge(self, kept: Task, gone: Sequence[Task]) -> str: ...

    def estimate(self, task: Task, what: str, low: int, high: int) -> str:
        """`what` is `spend` (micro-dollars of list value), `with_ai` or `without_ai` (minutes)."""

    def link(self, session: Session, task: Task | None, turns: Span) -> str:
        """Turns that belong to another task move to this one, which is made first where its id is empty; None: to no task, on
        purpose.
        """

    def unlink(self, session: Session, turns: Sequence[Span]) -> str: ...


class Ledgers(Protocol):
    """Where the list value went, by task. Sums over all requests may take a while: made, asked and closed on one thread.

    Every method may raise an error whose text is one sentence for the person.
    """

    def ledger(self) -> Ledger: ...

    def page(self, task: str) -> TaskPage | None:
        """None: it is gone."""

    def calibration(self) -> Calibration:
        """How the person's own ranges fared so far."""

    def evidence(self, task: str) -> list[Found]:
        """What local repositories tell of it."""

    def moving(self, kept: Task, gone: Sequence[Task]) -> Moving: ...

    def from_csv(self, path: Path) -> Offered: ...

    def from_git(self, go_on: Callable[[], bool]) -> Offered:
        """From branches and merged pull requests in the projects' local history; `go_on` is asked between two of them."""

    def close(self) -> None: ...
