"""Turns that wait for a task, in parts with one set of suggestions each, and the tasks they name that are not there yet."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from tokentrack import clock
from tokentrack.linking.cuts import Cut, cuts
from tokentrack.linking.facts import SessionFacts
from tokentrack.linking.keys import SEVERAL, Prefixes, is_trunk, numbers_in, offered_in, title_in
from tokentrack.linking.known import Known
from tokentrack.linking.suggest import suggest_for
from tokentrack.model.tasks import Span, Suggestion, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review import suggesting
from tokentrack.review.inbox import Inbox, Part, groups_of
from tokentrack.store import links, read, repositories
from tokentrack.store.read import UNLINKED, Where


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
    this_week = Where(*clock.week_span(monday))
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
    """The task that a branch or a worktree names and that is not there yet.

    It is called by what named it: a session's title is a prompt, and a task's title stands on pages that leave (AC 45).
    """
    for name in names:
        keys = offered_in(name, form.prefixes)
        numbers = [] if keys else [f"#{number}" for number in numbers_in(name)]
        if numbers and not form.numbered():
            numbers = []
        for key in (*keys, *numbers):
            if not known.task_called(session.project, key):
                title = title_in(name, key) or key
                return Task("", title, key, None, session.project, 0)
    return None
