"""What waits for a task: parts of sessions, in groups that one key empties. All of it is pure; `waiting` asks the store.

A group is what one decision is about: sessions of one project and branch with the same suggested tasks (product 3.3).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from tokentrack.linking.cuts import Cut
from tokentrack.model.tasks import Span, Suggestion, Task
from tokentrack.model.usage import Session, Total

MOST_OFFERS = 3
"""Tasks that a group offers, each on its number key."""


class Key(NamedTuple):
    """Which turns of which session: what a part is found again by."""

    session: str
    turns: Span


@dataclass(frozen=True, slots=True)
class Part:
    """Turns of a session that belong to no task yet. `count` is how many, `at` when they were used last.

    `suggestions` are for these turns, best first. `new` is a task that a key in them names and that is not there yet.
    `offers` are the tasks that they come to: one, where it is pre-selected.
    """

    session: Session
    turns: Span
    total: Total
    count: int
    at: int | None
    branches: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    cuts: tuple[Cut, ...] = ()
    new: Task | None = None
    offers: tuple[Task, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.session.id, self.turns)

    @property
    def whole(self) -> bool:
        return self.turns == Span()

    @property
    def ready(self) -> bool:
        return bool(self.suggestions) and self.suggestions[0].preselected

    @property
    def weak(self) -> bool:
        """Whether nothing names a task: what is offered is a guess."""
        return self.new is None and not any(one.tier < "D" for one in self.suggestions)

    def offered(self, tasks: Mapping[str, Task]) -> Part:
        """The same with its `offers`: guesses are offered where nothing names a task."""
        told = [one for one in self.suggestions if one.tier < "D"] or (() if self.new else self.suggestions)
        found = list(dict.fromkeys(tasks[one.task] for one in told if one.task in tasks))
        named = bool(found) and (told[0].tier < "C" or (told[0].tier == "C" and len(found) == 1))
        if named and not self.ready and found[0].outcome is not None:
            found = after_the_end(found[0])
        elif self.new:
            found.append(self.new)
        return replace(self, offers=tuple(found[: 1 if self.ready else MOST_OFFERS]))


def after_the_end(task: Task) -> list[Task]:
    """What may be meant by work on a finished task: it goes on, something follows it, or it stays as it is (product 3.4).

    The first has lost its outcome but not the time when it was finished: `reopened` knows it by that.
    """
    follow_up = Task("", task.title, None, None, task.project, 0, follow_up_of=task.id)
    return [replace(task, outcome=None), follow_up, task]


def reopened(task: Task) -> bool:
    """Whether an offer is to open a finished task again."""
    return bool(task.id) and task.outcome is None and task.finished_at is not None


@dataclass(frozen=True)
class Group:
    """Parts for which one decision is made. `offers` are on keys 1 to 3; one whose `id` is empty is made when it is taken.

    `ready`: the first offer is pre-selected (●), `Enter` accepts it. Else a choice is needed (○).
    """

    project: str | None
    branches: tuple[str, ...]
    ready: bool
    offers: tuple[Task, ...]
    parts: tuple[Part, ...]

    @cached_property
    def key(self) -> tuple[object, ...]:
        names = () if self.weak else tuple(name_of(task) for task in self.offers)
        return self.project, self.branches, self.weak, self.ready, names

    @cached_property
    def total(self) -> Total:
        return sum((part.total for part in self.parts), Total())

    @cached_property
    def sessions(self) -> int:
        return len({part.session.id for part in self.parts})

    @cached_property
    def unrecorded(self) -> int:
        """Parts of sessions of whose tokens some are recorded nowhere: their list value comes on top, unknown."""
        return sum(part.session.unrecorded for part in self.parts)

    @property
    def weak(self) -> bool:
        return self.parts[0].weak

    @cached_property
    def why(self) -> str:
        """In words, why these tasks; empty where nothing names one."""
        if self.weak:
            return ""
        said = Counter(_said(part) for part in self.parts)
        return min(said, key=lambda text: (-said[text], text))

    def reasons(self, task: Task) -> tuple[str, ...]:
        """All that speaks for a task, in words, each once."""
        found = (one for part in self.parts for one in part.suggestions if one.task == task.id)
        return tuple(dict.fromkeys(reason for one in found for reason in one.reasons))


@dataclass(frozen=True)
class Inbox:
    """`week` is what lies in this week of what waits, `of_week` all of this week; None: not asked since the last decision.

    `tasks` are all there are, by their ids.
    """

    groups: tuple[Group, ...]
    tasks: Mapping[str, Task]
    week: Total | None = None
    of_week: Total | None = None

    @cached_property
    def total(self) -> Total:
        return sum((group.total for group in self.groups), Total())

    @cached_property
    def sessions(self) -> int:
        return len({part.session.id for group in self.groups for part in group.parts})

    @cached_property
    def unrecorded(self) -> int:
        return sum(group.unrecorded for group in self.groups)

    @property
    def share(self) -> float | None:
        """How much of this week's list value waits, 0 to 1; None where that is not known."""
        if self.week is None or self.of_week is None or not self.of_week.list_value or self.week.list_value is None:
            return None
        return self.week.list_value / self.of_week.list_value

    def without(self, gone: Collection[Key]) -> Inbox:
        """What waits once these parts are decided upon."""
        turns: dict[str, list[Span]] = defaultdict(list)
        for session, span in gone:
            turns[session].append(span)
        held = [
            (group, tuple(part for part in group.parts if part.turns not in turns.get(part.session.id, ())))
            for group in self.groups
        ]
        kept = (
            group if len(parts) == len(group.parts) else replace(group, parts=parts) for group, parts in held if parts
        )
        return Inbox(tuple(kept), self.tasks)

    def rejected(self, pairs: Collection[tuple[str, str]]) -> Inbox:
        """The same waits, without what is suggested by these (session, task). Groups that it does not touch stay as they are."""
        sessions = {session for session, _ in pairs}
        moved = [
            _without(part, pairs).offered(self.tasks)
            for group in self.groups
            for part in group.parts
            if part.session.id in sessions
        ]
        joined = {_kind(part) for part in moved}
        groups: list[Group] = []
        loose: dict[tuple[object, ...], list[Part]] = defaultdict(list)
        for group in self.groups:
            stay = [part for part in group.parts if part.session.id not in sessions]
            if len(stay) == len(group.parts) and group.key not in joined:
                groups.append(group)
            elif stay:
                loose[group.key] += stay
        for part in moved:
            loose[_kind(part)].append(part)
        groups += map(_group, loose.values())
        return Inbox(tuple(sorted(groups, key=_order)), self.tasks, self.week, self.of_week)


def name_of(task: Task) -> str:
    """A task's id, or what one that is to be made is known by."""
    return f"{task.id} {task.outcome}" if task.id else f"new {task.project} {task.key} {task.title} {task.follow_up_of}"


# ---- groups ----------------------------------------------------------------------------------------------------------


def groups_of(parts: Iterable[Part], tasks: Mapping[str, Task]) -> tuple[Group, ...]:
    """In one order: what one key takes, what needs a choice, where nothing names a task; the dearest first in each.

    What is guessed differs from session to session, so it does not part those of a branch.
    """
    found: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        offered = part.offered(tasks)
        found.setdefault(_kind(offered), []).append(offered)
    return tuple(sorted(map(_group, found.values()), key=_order))


def _kind(part: Part) -> tuple[object, ...]:
    """The key of the group in which a part stands, its offers known."""
    names = () if part.weak else tuple(map(name_of, part.offers))
    return part.session.project, part.branches, part.weak, part.ready, names


def _without(part: Part, pairs: Collection[tuple[str, str]]) -> Part:
    return replace(part, suggestions=tuple(one for one in part.suggestions if (one.session, one.task) not in pairs))


def _group(parts: list[Part]) -> Group:
    first = parts[0]
    offers = first.offers
    if first.weak:
        liked = Counter(task for part in parts for task in part.offers)
        offers = tuple(sorted(liked, key=lambda task: (-liked[task], task.name, task.id))[:MOST_OFFERS])
    held = tuple(sorted(parts, key=_newest))
    return Group(first.session.project, first.branches, first.ready, offers, held)


def _newest(part: Part) -> tuple[int, str, int]:
    """Sessions by their end, their parts in the order of their turns."""
    return -(part.session.ended_at or 0), part.session.id, part.turns.first


def _order(group: Group) -> tuple[object, ...]:
    kind = 0 if group.ready else 2 if group.weak else 1
    value = group.total.list_value or 0
    return kind, -value, tuple(task.name for task in group.offers), group.project or "", group.branches


def _said(part: Part) -> str:
    """The best ground of each of the best two, once; of a task to be made, that it is not there."""
    if part.new and part.offers and not part.offers[0].id:
        return f"{part.new.key} is no task yet"
    shown = [one for one in part.suggestions if one.tier < "D"][: 1 if part.ready else 2]
    if not part.ready and shown[0].tier < "C" and (len(shown) < 2 or shown[1].tier > "B"):
        return shown[0].reasons[-1]  # what speaks against taking it
    return " · ".join(dict.fromkeys(one.reasons[0] for one in shown if one.reasons))
