"""What the interface needs of the core about the inbox: what waits, what is decided about sessions, and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tokentrack.model.tasks import Rule, Span, Task
from tokentrack.model.usage import Session, Total

if TYPE_CHECKING:
    from tokentrack.review.inbox import Inbox


class Choice(NamedTuple):
    """Turns of a session (its id) belong to a task; None: to none, on purpose. `source` is as in `Link`."""

    session: str
    turns: Span
    task: Task | None
    source: str = "manual"


class Moved(NamedTuple):
    """Turns of a session that a rule would link, and what they used."""

    session: Session
    turns: Span
    total: Total


class Held(NamedTuple):
    """Turns of a session that a rule matches and leaves to the person, and why: in words."""

    session: Session
    turns: Span
    why: str


class Tried(NamedTuple):
    """What a rule would do with what waits, each the newest first."""

    moved: tuple[Moved, ...]
    held: tuple[Held, ...]


class Waiting(Protocol):
    """What waits for a task. Suggesting takes a while: made, asked and closed on one thread, never the main one."""

    def inbox(self, cuts: Mapping[str, Collection[int]]) -> Inbox:
        """`cuts` are where the person means to cut sessions: session ▶ turns before whose prompt a part begins."""

    def preview(self, rule: Rule) -> Tried:
        """What a rule would link that has no link yet, and what it would leave; nothing is kept."""

    def close(self) -> None: ...


class Linking(Protocol):
    """What the person decides about sessions and rules. The main thread asks; what changes something it leaves to `Deciding`.

    What changes something is one step of the journal, named by `what`, and raises an error whose text is one sentence.
    """

    def tasks(self) -> list[Task]: ...

    def projects(self) -> list[tuple[str, str]]:
        """(path, name) of each."""

    def link(self, what: str, choices: Iterable[Choice]) -> None:
        """A task whose id is empty is made first, and one that `review.inbox.reopened` tells is opened again, once."""

    def reject(self, what: str, pairs: Iterable[tuple[str, str]]) -> str:
        """(session, task): they are never suggested for each other again.

        What a rule linked of the one to the other is taken out, what the person linked stays; a sentence says so, "": neither.
        """

    def rules(self) -> list[tuple[Rule, int, str | None]]:
        """Each with how many links there are that it made, and why it links nothing now, if so."""

    def add_rule(self, what: str, rule: Rule, task: Task, choices: Iterable[Choice] = ()) -> int:
        """Keeps a rule and links what it matches and these choices; how many links came of it."""

    def pause_rule(self, what: str, rule: Rule, why: str | None) -> None:
        """None wakes it up."""

    def remove_rule(self, what: str, rule: Rule, with_links: bool) -> int:
        """`with_links`: what it linked and the person did not touch waits again; how many links that were."""
