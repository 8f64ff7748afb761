"""What came of it: tasks, what is linked to them, and what speaks for a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

OUTCOMES = ("shipped", "delivered", "learned", "decided not to", "abandoned", "superseded")
"""What may come of a task; the label of `abandoned` is "stopped"."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the person recognises as one piece of work. `key` is as its tracker writes it (`PAY-12`, `#12`).

    `project` is a repository's path, None: of no one repository. `outcome` is one of `OUTCOMES`, None while it is open.
    `anyway`: would it have been done without an agent (`yes`, `no`, `unsure`; None: not asked). `finished_at` is when the outcome
    that stands began, UTC milliseconds.
    """

    id: str
    title: str
    key: str | None
    url: str | None
    project: str | None
    created_at: int
    outcome: str | None = None
    finished_at: int | None = None
    size: str | None = None
    anyway: str | None = None
    note: str = ""
    private: bool = False
    alias: str | None = None
    follow_up_of: str | None = None

    @property
    def status(self) -> str:
        return "open" if self.outcome is None else "finished"

    @property
    def name(self) -> str:
        """What it is called in a row: its key and its title, once where they are the same."""
        return f"{self.key} {self.title}" if self.key and self.key != self.title else self.title


class OutcomeEvent(NamedTuple):
    """What came of a task at a moment: one of `OUTCOMES`; None: it was opened again."""

    at: int
    outcome: str | None
    note: str


class Estimate(NamedTuple):
    """What a task was expected to take: `what` is `spend` (micro-dollars of list value), `with_ai` or `without_ai` (minutes).

    Eight of ten times it should fall inside [low, high]. `spent` is what was linked to the task now and used by
    then, micro-dollars of list value, and `tokens` the same in tokens of all sorts.
    """

    made_at: int
    what: str
    low: int
    high: int
    spent: int
    tokens: int = 0


class Span(NamedTuple):
    """Turns of a session from one to another, both included; `last` None: open, later turns too."""

    first: int = 0
    last: int | None = None

    def holds(self, turn: int) -> bool:
        return self.first <= turn and (self.last is None or turn <= self.last)

    def meets(self, other: Span) -> bool:
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)


class Link(NamedTuple):
    """Turns of a session belong to a task; `task` None: to none, on purpose. `session`, `task` and `rule` are ids.

    `source` is `manual`, `suggested` (a suggestion that the person accepted) or `rule`.
    """

    id: int
    session: str
    task: str | None
    turns: Span
    source: str
    rule: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Links what matches to a task, once the person asked for it. `kind` is `branch`, `key` or `path`.

    `project` None: any. `pattern` is an exact branch, a key, or a folder inside the project. `paused` says why it sleeps.
    """

    id: str
    kind: str
    project: str | None
    pattern: str
    task: str
    created_at: int
    paused: str | None = None


class Evidence(NamedTuple):
    """Something about a task that others could check. `kind` is `commit`, `branch`, `pull` or `repository`.

    `ref` is a short sha, a branch, `#12`, or the repository's path; `at` the time of its merge, else its own.
    `state` is `merged`, `reverted`, `merge not detected`, or for a repository why it cannot be asked. `sha` is the whole one.
    """

    kind: str
    ref: str
    at: int | None
    state: str
    sha: str | None = None


class Suggestion(NamedTuple):
    """A task that turns of a session may belong to. `signal` is its best ground, such as `A4`; `reasons` are in words.

    `preselected`: the ground is recorded or confirmed (tier A or B) and no other task has one as good. `rule` is the rule that
    fired, if one did.
    """

    session: str
    native_id: str
    turns: Span
    task: str
    signal: str
    preselected: bool
    reasons: tuple[str, ...]
    rule: str | None = None

    @property
    def tier(self) -> str:
        return self.signal[0]
