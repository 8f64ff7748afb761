"""What waits for a task: parts of sessions, in groups that one key empties. `inbox` asks the store, all else is pure.

A group is what one decision is about: sessions of one project and branch with the same suggested tasks (product 3.3).
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from tokentrack import clock
from tokentrack.linking.cuts import Cut, cuts
from tokentrack.linking.facts import SessionFacts
from tokentrack.linking.keys import SEVERAL, Prefixes, is_trunk, numbers_in, offered_in
from tokentrack.linking.known import Known
from tokentrack.linking.suggest import suggest_for
from tokentrack.model import Session, Span, Suggestion, Task, Total
from tokentrack.review import suggesting
from tokentrack.store import links, read, repositories
from tokentrack.store.read import UNLINKED, Where

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

    @property
    def ready(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.ready)

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


# ---- parts -----------------------------------------------------------------------------------------------------------


def segments(waiting: Span, suggestions: Sequence[Suggestion], cuts: Collection[int] = ()) -> list[Span]:
    """Waiting turns, cut where the person cut and where other tasks are suggested: each has one set of suggestions."""
    places = {*cuts}
    for one in suggestions:
        places.add(one.turns.first)
        if one.turns.last is not None:
            places.add(one.turns.last + 1)
    inside = sorted(at for at in places if at > waiting.first and (waiting.last is None or at <= waiting.last))
    starts = [waiting.first, *inside]
    found = [Span(a, b - 1) for a, b in pairwise(starts)] + [Span(starts[-1], waiting.last)]
    joined = found[:1]
    for span in found[1:]:
        if span.first not in cuts and _meant(joined[-1], suggestions) == _meant(span, suggestions):
            joined[-1] = Span(joined[-1].first, span.last)
        else:
            joined.append(span)
    return joined


def _meant(span: Span, suggestions: Iterable[Suggestion]) -> list[tuple[str, bool]]:
    return [(one.task, one.preselected) for one in suggestions if one.turns.meets(span)]


def inbox(db: sqlite3.Connection, now: int, cut: Mapping[str, Collection[int]] | None = None) -> Inbox:
    """All that waits. `cut` is where the person means to cut sessions, before these turns, until the parts are linked."""
    facts = suggesting.facts(db, now)
    known = Known(facts)
    forms = _forms(db, known)
    parts: list[Part] = []
    sessions = {session.id: session for session in read.sessions(db)}
    for uid in facts.asked:
        found = facts.sessions[uid]
        if uid in sessions:
            places = (cut or {}).get(uid, ())
            parts += _parts_of(sessions[uid], found, suggest_for(found, known), known, forms[found.project], places)
    totals = links.totals_of(db, [part.key for part in parts])
    used = [
        replace(part, total=total)
        for part, total in zip(parts, totals, strict=True)
        if total.requests or part.session.unrecorded  # turns that used nothing wait for nobody
    ]
    monday = clock.monday_of(clock.day_of(now))
    this_week = Where(clock.start_of(monday), clock.start_of(monday + 7 * clock.DAY))
    week = dict(read.totals_by(db, "task", this_week))
    return Inbox(groups_of(used, known.tasks), known.tasks, week.get(UNLINKED, Total()), sum(week.values(), Total()))


def _parts_of(
    session: Session,
    facts: SessionFacts,
    suggestions: Sequence[Suggestion],
    known: Known,
    form: Form,
    places: Collection[int],
) -> list[Part]:
    """A session's waiting turns as parts, their totals not yet asked for."""
    likely = _cuts(facts, known) if len(facts.turns) > 1 else []
    made = []
    for span in (one for waiting in facts.waiting for one in segments(waiting, suggestions, places)):
        end = len(facts.turns) if span.last is None else span.last + 1
        turns = facts.turns[span.first : end]
        times = [at for turn in turns for at in (turn.at, turn.ended_at) if at is not None]
        told = {turn.branch for turn in turns if turn.branch}
        own = {branch for branch in told if not is_trunk(branch, known.repository(session.project).default_branch)}
        branches = tuple(sorted(own or told))  # what began on the trunk went on where its work lies
        mine = tuple(one for one in suggestions if one.turns.meets(span))
        inner = tuple(cut for cut in likely if span.first < cut.turn < end)
        new = None
        if not any(one.preselected for one in mine):
            new = _new_task(session, [*branches, *facts.worktree], known, form)
        made.append(Part(session, span, Total(), len(turns), max(times, default=None), branches, mine, inner, new))
    return made


def _cuts(facts: SessionFacts, known: Known) -> list[Cut]:
    named: dict[int, list[str]] = {}
    for mark in facts.marks:
        if mark.source == "prompt":
            for task in known.in_marks(facts.project, [(mark.kind, mark.value)]):
                named.setdefault(mark.turn, []).append(task.key or task.title)
    return cuts(facts, named, known.repository(facts.project).default_branch)


# ---- tasks that are not there yet ------------------------------------------------------------------------------------


class Form(NamedTuple):
    """What names of tasks look like in a project: prefixes of keys, and whether plain numbers (`#12`) are such.

    Both are asked of its history where a name has one: most have none, and a history may be long.
    """

    prefixes: Prefixes
    numbered: Callable[[], bool]


class NewTask(NamedTuple):
    """A task that a branch or a worktree names and that is not there yet; by which turns of which session."""

    session: str
    native_id: str
    turns: Span
    task: Task


def suggest(
    db: sqlite3.Connection, now: int, sessions: Iterable[str] | None = None
) -> tuple[list[Suggestion], list[NewTask]]:
    """What `suggesting.suggest` tells, and the tasks that are not there yet, of the same sessions in the same order."""
    facts = suggesting.facts(db, now, sessions)
    known = Known(facts)
    forms = _forms(db, known)
    there = {session.id: session for session in read.sessions(db)}
    found: list[Suggestion] = []
    new: list[NewTask] = []
    for uid in facts.asked:
        told = facts.sessions[uid]
        mine = suggest_for(told, known)
        found += mine
        if uid in there:
            parts = _parts_of(there[uid], told, mine, known, forms[told.project], ())
            new += [NewTask(uid, told.native_id, part.turns, part.new) for part in parts if part.new]
    return found, new


def _forms(db: sqlite3.Connection, known: Known) -> dict[str | None, Form]:
    """Of each project that something waits in."""
    branches: dict[str | None, set[str]] = defaultdict(set)
    for session in known.facts.sessions.values():
        branches[session.project].update(turn.branch for turn in session.turns if turn.branch)
    asked = {known.facts.sessions[uid].project for uid in known.facts.asked}
    return {project: _form(db, known, project, branches[project]) for project in asked}


def _form(db: sqlite3.Connection, known: Known, project: str | None, branches: Iterable[str]) -> Form:
    """As its tasks have them, and as several of its commits or branches bear them."""
    history = repositories.repository(db, project) if project else None
    names = {*branches, *((branch.name for branch in history.branches) if history else ())}
    borne = partial(repositories.bearing, db, project, most=SEVERAL)
    numbered = lru_cache(None)(lambda: project in known.numbered or repositories.numbered(db, project))
    return Form(Prefixes(known.prefixes[project] | known.prefixes[None], names, borne), numbered)


def _new_task(session: Session, names: Sequence[str], known: Known, form: Form) -> Task | None:
    """The task that a branch or a worktree names and that is not there yet."""
    for name in names:
        keys = offered_in(name, form.prefixes)
        numbers = [] if keys else [f"#{number}" for number in numbers_in(name)]
        if numbers and not form.numbered():
            numbers = []
        for key in (*keys, *numbers):
            if not known.task_called(session.project, key):
                title = title_from(name, key.lstrip("#")) or session.title or key
                return Task("", " ".join(title.split()), key, None, session.project, 0)
    return None


def title_from(branch: str, key: str) -> str:
    """`feat/PAY-31-bulk-refund` without its key: `Bulk refund`; empty where nothing else stands there."""
    rest = re.sub(re.escape(key), " ", branch.rpartition("/")[2], flags=re.IGNORECASE)
    words = re.sub(r"[-_\s]+", " ", rest).strip()
    return words[:1].upper() + words[1:]
