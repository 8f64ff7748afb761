"""What suggestions are made of: plain values, gathered by `store/facts.py`. Times are UTC milliseconds, ids are text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tokentrack.model.repositories import Commit
from tokentrack.model.tasks import Link, Rule, Span, Task


class TurnFacts(NamedTuple):
    """A turn from its prompt to its last request. `branch` is the last one told in it; None: not told."""

    at: int | None
    ended_at: int | None
    branch: str | None


class MarkFacts(NamedTuple):
    """A mark (`model.Mark`) with the number of the turn it stands in."""

    turn: int
    kind: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as far as linking needs it. `turns` has at least one; `texts` are its title and its first prompt.

    `named` is what the person called it. `worktree` are the names of folders between the project and where the session ran, if
    it ran beside the project; `root` is the working tree's own folder, the project's or that of a worktree. `parent` is the
    session that it resumes or is a fork of. `waiting` are the turns to suggest for.
    """

    id: str
    native_id: str
    texts: tuple[str, ...]
    named: str | None
    project: str | None
    folder: str | None
    worktree: tuple[str, ...]
    root: str | None
    turns: tuple[TurnFacts, ...]
    marks: tuple[MarkFacts, ...]
    parent: str | None = None
    waiting: tuple[Span, ...] = ()


class Declaration(NamedTuple):
    """The person or an agent said in a working tree, at a time, what is worked on there.

    `sessions` are those that ran there then; where none did, the next to begin, within half an hour.
    """

    task: str
    at: int
    sessions: tuple[str, ...]


class Former(NamedTuple):
    """What a task was before it was merged into another one, `task`: its key and its address still mean that one."""

    project: str | None
    key: str | None
    url: str | None
    task: str


class RepositoryFacts(NamedTuple):
    """`gone` are branches that are no longer there, with the time since when; `merged` those that were merged, with when.

    `passing`: it is the home folder or a temporary one, so no branch in it stands for one piece of work (the trunk rule).
    """

    default_branch: str | None = None
    gone: Mapping[str, int] = {}
    merged: Mapping[str, int] = {}
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known at `now`, and nothing newer. `asked` are the sessions to suggest for, in the order of the answer.

    `sessions` holds these and the ones that links and parents name; `commits` are by project. `rejected` are (session, task),
    `overridden` (rule, session) where the person changed what the rule linked. `stopped` are tiers that do not pre-select,
    because too few of their suggestions were accepted. `decided` tells, of sessions that are asked about although the person
    linked them, when: what was linked from then on is no ground. `former` are tasks that were merged into others.
    """

    now: int
    asked: Sequence[str]
    sessions: Mapping[str, SessionFacts]
    tasks: Sequence[Task]
    links: Sequence[Link] = ()
    rejected: frozenset[tuple[str, str]] = frozenset()
    overridden: frozenset[tuple[str, str]] = frozenset()
    declarations: Sequence[Declaration] = ()
    rules: Sequence[Rule] = ()
    commits: Mapping[str, Sequence[Commit]] = field(default_factory=dict)
    repositories: Mapping[str, RepositoryFacts] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    decided: Mapping[str, int] = field(default_factory=dict)
    former: Sequence[Former] = ()
