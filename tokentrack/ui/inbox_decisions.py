"""What the person decides in the inbox, as plain values: what is said of it, what is written, and the list before and after."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tokentrack.model.tasks import Rule, Task
from tokentrack.review.inbox import Group, Inbox, Key, Part, reopened
from tokentrack.ui import words
from tokentrack.ui.inbox_rows import counted, short_name
from tokentrack.ui.source_linking import Choice, Linking, Moved

MOST_STEPS = 50
"""Steps whose list is kept, so that the way back shows it at once."""


class Decision(NamedTuple):
    """One step of the journal: `what` says it, `act` writes it. `before` and `after` are what waits then; it is `about` parts."""

    what: str
    act: Callable[[Linking], object]
    before: Inbox
    after: Inbox
    about: set[Key]


def linked(inbox: Inbox, parts: Sequence[Part], task: Task) -> Decision:
    many, name = _counted(parts), short_name(task)
    what = f"Linked {many} to {name}"
    if not task.id:
        what = f"Created {name}{' as a follow-up' if task.follow_up_of else ''} and linked {many} to it"
    elif reopened(task):
        what = f"Reopened {name} and linked {many} to it"
    keys = _keys(parts)
    return Decision(what, lambda linking: linking.link(what, _choices(parts, task)), inbox, inbox.without(keys), keys)


def accepted(inbox: Inbox, ready: Sequence[Group]) -> Decision:
    """Groups, each with its own task."""
    if len(ready) == 1:
        return linked(inbox, ready[0].parts, ready[0].offers[0])
    parts = [part for group in ready for part in group.parts]
    what = f"Linked {_counted(parts)} to {words.plural(len({group.offers[0].id for group in ready}), 'task')}"

    def link(linking: Linking) -> None:
        linking.link(what, (choice for group in ready for choice in _choices(group.parts, group.offers[0])))

    keys = _keys(parts)
    return Decision(what, link, inbox, inbox.without(keys), keys)


def set_aside(inbox: Inbox, parts: Sequence[Part]) -> Decision:
    what = f"Set {_counted(parts)} aside: no task, on purpose"
    choices = [Choice(part.session.id, part.turns, None) for part in parts]
    keys = _keys(parts)
    return Decision(what, lambda linking: linking.link(what, choices), inbox, inbox.without(keys), keys)


def rejected(inbox: Inbox, parts: Sequence[Part], task: Task) -> Decision:
    """What remains of the suggestions moves up."""
    pairs = {(part.session.id, task.id) for part in parts}
    what = f"Not {short_name(task)}: {_counted(parts)}"
    return Decision(
        what, lambda linking: linking.reject(what, sorted(pairs)), inbox, inbox.rejected(pairs), _keys(parts)
    )


def ruled(inbox: Inbox, parts: Sequence[Part], rule: Rule, task: Task, moved: Iterable[Moved]) -> Decision:
    """`moved` is what the rule links beside these parts."""
    keys = {*_keys(parts), *(Key(one.session.id, one.turns) for one in moved)}
    kind = {"branch": "branch", "key": "key", "path": "folder"}[rule.kind]
    what = f"Linked {counted(keys)} to {short_name(task)}, and always {kind} {rule.pattern}"
    choices = _choices(parts, task)
    return Decision(
        what, lambda linking: linking.add_rule(what, rule, task, choices), inbox, inbox.without(keys), _keys(parts)
    )


def returned(before: Inbox, after: Inbox) -> set[Key]:
    """Parts that did not wait before; where there is none, those of which another task is suggested."""
    old, new = (
        {part.key: [one.task for one in part.suggestions] for group in inbox.groups for part in group.parts}
        for inbox in (before, after)
    )
    return new.keys() - old.keys() or {key for key, tasks in new.items() if old[key] != tasks}


class Way:
    """Back and forth over what was decided here, so that its list is shown before it is asked."""

    def __init__(self) -> None:
        self._back: deque[Decision] = deque(maxlen=MOST_STEPS)
        self._forth: list[Decision] = []

    def add(self, decision: Decision) -> None:
        self._back.append(decision)
        self._forth.clear()

    def drop(self, decision: Decision) -> None:
        """It could not be written."""
        if decision in self._back:
            self._back.remove(decision)

    def go(self, what: str, back: bool) -> Decision | None:
        """What was decided in a step; None: it was not made here, or too long ago."""
        there = self._back if back else self._forth
        if not there or there[-1].what != what:
            return None
        decision = there.pop()
        (self._forth if back else self._back).append(decision)
        return decision


def _keys(parts: Iterable[Part]) -> set[Key]:
    return {part.key for part in parts}


def _counted(parts: Iterable[Part]) -> str:
    return counted([part.key for part in parts])


def _choices(parts: Iterable[Part], task: Task) -> list[Choice]:
    """`suggested` where the person took what was suggested."""
    return [
        Choice(
            part.session.id,
            part.turns,
            task,
            "suggested" if any(one.task == task.id for one in part.suggestions) else "manual",
        )
        for part in parts
    ]
