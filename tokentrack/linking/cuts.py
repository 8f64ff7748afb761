"""Parts of a session that may belong to different tasks, and where a person may want to cut it. Nothing is ever cut silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tokentrack.linking.facts import MarkFacts, SessionFacts, TurnFacts
from tokentrack.linking.keys import is_trunk

PAUSE_MS = 4 * 3600 * 1000
"""After a longer pause a session may go on with something else."""


class Part(NamedTuple):
    """Turns `first` to `last` of a session, both included, on one branch; None: on none that says what is worked on.

    `told` is the branch as logged, a trunk too.
    """

    session: SessionFacts
    first: int
    last: int
    branch: str | None
    told: str | None

    @property
    def turns(self) -> tuple[TurnFacts, ...]:
        return self.session.turns[self.first : self.last + 1]

    @property
    def marks(self) -> list[MarkFacts]:
        return [mark for mark in self.session.marks if self.first <= mark.turn <= self.last]

    @property
    def names(self) -> tuple[str, ...]:
        """Of its branch and its worktree."""
        return (*((self.branch,) if self.branch else ()), *self.session.worktree)

    @property
    def begins(self) -> int | None:
        return next((turn.at for turn in self.turns if turn.at is not None), None)

    @property
    def ends(self) -> int | None:
        return max((at for turn in self.turns for at in (turn.at, turn.ended_at) if at is not None), default=None)


def parts(session: SessionFacts, default_branch: str | None = None) -> list[Part]:
    """The session by branches. A turn whose branch is not told is on that of the turn before it.

    Work often begins on the trunk and goes on, in the same sitting, on the branch that it makes: such turns go with that branch.
    """
    found: list[Part] = []
    told: str | None = None
    for number, turn in enumerate(session.turns):
        told = turn.branch if turn.branch is not None else told
        branch = None if is_trunk(told, default_branch) else told
        before = found[-1] if found else None
        if before and before.branch == branch:
            found[-1] = before._replace(last=number)
        elif before and before.branch is None and not _paused(session.turns, number):
            found[-1] = Part(session, before.first, number, branch, told)
        else:
            found.append(Part(session, number, number, branch, told))
    return _joined(found)


def _joined(found: list[Part]) -> list[Part]:
    """Neighbours on one branch, between which only the trunk was visited, as one."""
    joined: list[Part] = []
    for part in found:
        if joined and joined[-1].branch == part.branch:
            joined[-1] = joined[-1]._replace(last=part.last)
        else:
            joined.append(part)
    return joined


def _paused(turns: tuple[TurnFacts, ...], number: int) -> bool:
    """Whether a turn came long after what was before it."""
    before, at = turns[number - 1], turns[number].at
    ended = before.ended_at or before.at
    return at is not None and ended is not None and at - ended > PAUSE_MS


class Cut(NamedTuple):
    """A session may be cut before the prompt of this turn, for a reason in words."""

    turn: int
    reason: str


def cuts(session: SessionFacts, tasks_named: dict[int, list[str]], default_branch: str | None = None) -> list[Cut]:
    """Where a person may want to cut. `tasks_named`: for each turn, the names of known tasks in its prompt."""
    return sorted(
        {cut.turn: cut for cut in reversed(list(_cuts(session, tasks_named, default_branch)))}.values(),
        key=lambda cut: cut.turn,
    )


def _cuts(session: SessionFacts, tasks_named: dict[int, list[str]], default_branch: str | None) -> Iterator[Cut]:
    for part in parts(session, default_branch)[1:]:
        yield Cut(part.first, f"branch {part.told}" if part.told else "another branch")
    named: list[str] = []
    for turn in sorted(tasks_named):
        if turn and named and (fresh := [name for name in tasks_named[turn] if name not in named]):
            yield Cut(turn, f"{fresh[0]} in the prompt")
        named = tasks_named[turn] or named
    for number in range(1, len(session.turns)):
        if _paused(session.turns, number):
            yield Cut(number, "a pause of more than four hours")
