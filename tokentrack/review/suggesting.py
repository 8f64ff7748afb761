"""The store ▶ suggestions for what waits, and what a rule would move."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile
from pathlib import PurePath
from sqlite3 import Connection
from typing import NamedTuple

from tokentrack import paths
from tokentrack.git import project_of, worktree_of
from tokentrack.linking import suggest as ranking
from tokentrack.linking.facts import (
    Declaration,
    Facts,
    Former,
    MarkFacts,
    RepositoryFacts,
    SessionFacts,
    TurnFacts,
)
from tokentrack.linking.keys import prefix_of
from tokentrack.linking.known import HISTORY_MS
from tokentrack.linking.rules import refusal, sleeps
from tokentrack.linking.signals import NEAR_MS
from tokentrack.model.repositories import Commit
from tokentrack.model.tasks import Rule, Span, Suggestion, Task
from tokentrack.model.usage import Total
from tokentrack.store import facts as stored
from tokentrack.store import links, repositories, rules, tasks
from tokentrack.store.facts import MarkRow, SessionRow, TurnRow

LAST = 50
"""Decisions by which a tier's accuracy is judged."""
FEWEST = 20
"""Decisions before a tier is judged at all."""
ENOUGH = 0.9
_LOOKED_AT = 120


def suggest(db: Connection, now: int, sessions: Iterable[str] | None = None) -> list[Suggestion]:
    """For each session its suggestions, the best first; None: for all that wait, those used last first.

    A session that is named is suggested for as a whole, also where it is linked. Uses nothing newer than `now`.
    """
    return ranking.suggest(facts(db, now, sessions))


def sleeping(db: Connection, now: int) -> dict[str, str]:
    """Rule ▶ why it links nothing now whatever comes, in words; those that are awake are not in it."""
    kept, known = rules.rules(db), {task.id: task for task in tasks.tasks(db)}
    places = {rule.project for rule in kept if rule.kind == "branch" and rule.project}
    gone = {place: _repository(db, place, now).gone for place in places}
    told = {
        rule.id: sleeps(rule, known.get(rule.task), gone.get(rule.project or "", {}).get(rule.pattern), now)
        for rule in kept
    }
    return {rule: why for rule, why in told.items() if why}


def refused(db: Connection, rule: Rule, now: int) -> str | None:
    """Why there can be no such rule, in one sentence; None: there can."""
    place = _repository(db, rule.project, now) if rule.project else RepositoryFacts()
    keys = (task.key.upper() for task in tasks.tasks(db) if task.key and task.project in (rule.project, None))
    return refusal(rule.kind, rule.pattern, place, rule.project, {prefix_of(key) for key in keys})


class Matched(NamedTuple):
    """What waits and a rule matches: `moved`, with what these turns used, it would link; `held` it would not, and why."""

    moved: list[tuple[str, Span, Total]]
    held: list[tuple[str, Span, str]]


def preview(db: Connection, rule: Rule, now: int) -> Matched:
    """What a rule would link of what waits before it is saved; links stay as they are."""
    found = facts(db, now)
    said = (rule.kind, rule.project, rule.pattern)
    same = next((one.id for one in found.rules if (one.kind, one.project, one.pattern) == said), "preview")
    mine = replace(rule, id=rule.id or same, created_at=rule.created_at or now, paused=None)
    others = [one for one in found.rules if one.id != mine.id]
    known = list(found.tasks)
    if not any(task.id == rule.task for task in known):  # it comes with the rule
        known.append(Task(rule.task, rule.pattern, None, None, rule.project, 0))
    ranked = ranking.suggest(replace(found, rules=[*others, mine], tasks=known), weak=False)
    best = {(one.session, one.turns): one for one in reversed(ranked)}
    names = {task.id: task.name for task in known}
    moved, held = list[tuple[str, Span]](), list[tuple[str, Span, str]]()
    for one in ranked:
        first = best[one.session, one.turns]
        if one.rule == mine.id and one.preselected:
            moved.append((one.session, one.turns))
        elif one.rule == mine.id:
            why = one.reasons[-1] if one is first else f"{names[first.task]} is as likely: {first.reasons[0]}"
            held.append((one.session, one.turns, why))
    return Matched([(*part, total) for part, total in zip(moved, links.totals_of(db, moved), strict=True)], held)


class Accuracy(NamedTuple):
    """Of a tier's last pre-selected suggestions that were decided about, how many the person accepted."""

    accepted: int
    shown: int

    @property
    def enough(self) -> bool:
        """Whether the tier goes on pre-selecting."""
        return self.shown < FEWEST or self.accepted >= ENOUGH * self.shown


def accuracy(db: Connection, now: int) -> dict[str, Accuracy]:
    """Tier ▶ its accuracy: what was suggested when the person linked a session, against what is linked."""
    decided = stored.decided(db, now, _LOOKED_AT)
    if not decided:
        return {}
    linked = links.by_session(db, decided)
    told: dict[str, list[bool]] = {"A": [], "B": []}
    for session, suggested in _suggested_then(db, now, decided).items():
        for one in suggested:
            mine = [link.task for link in linked[session] if link.turns.meets(one.turns)]
            if mine and len(told[one.tier]) < LAST:
                told[one.tier].append(set(mine) == {one.task})
    return {tier: Accuracy(sum(right), len(right)) for tier, right in told.items()}


def _suggested_then(db: Connection, now: int, decided: Mapping[str, int]) -> dict[str, tuple[Suggestion, ...]]:
    """Session ▶ what was pre-selected for it when it was decided about. That is past, so it is worked out once."""
    known = _worked_out(*stored.read_so_far(db))
    missing = {session: at for session, at in decided.items() if (session, at) not in known}
    found: dict[str, list[Suggestion]] = {session: [] for session in missing}
    if missing:
        for one in ranking.suggest(_facts(db, now, list(missing), missing), weak=False):
            if one.preselected:
                found[one.session].append(one)
    known |= {(session, missing[session]): tuple(mine) for session, mine in found.items()}
    return {session: known[session, at] for session, at in decided.items()}


@lru_cache(4)
def _worked_out(*_store: object) -> dict[tuple[str, int], tuple[Suggestion, ...]]:
    """What `_suggested_then` found, kept until the store knows of other tasks, commits or merges."""
    return {}


def facts(db: Connection, now: int, sessions: Iterable[str] | None = None) -> Facts:
    """What is known at `now` of the sessions that wait, or of these; tiers that were often wrong lately are stopped."""
    stopped = frozenset(tier for tier, one in accuracy(db, now).items() if not one.enough)
    return replace(_facts(db, now, sessions, {}), stopped=stopped)


def _facts(db: Connection, now: int, sessions: Iterable[str] | None, decided: Mapping[str, int]) -> Facts:
    waiting: dict[str, list[Span]] = defaultdict(list)
    if sessions is None:
        for session, span in links.waiting(db, now):
            waiting[session].append(span)
    else:
        waiting.update((session, [Span()]) for session in sessions)
    asked = list(waiting)
    began = stored.began(db, asked)
    since = (now if began is None else min(began, now)) - HISTORY_MS
    parents = _parents(db, asked, now)
    named = dict.fromkeys([*asked, *stored.linked_since(db, since, now), *parents.values()])
    found = _sessions(db, list(named), now, parents, waiting)
    asked = [session for session in asked if session in found]
    projects = sorted({project for session in asked if (project := found[session].project)})
    linked = links.links(db, named)
    if sessions is not None and not decided:  # what was decided about a session is no ground to suggest it again
        linked = [one for one in linked if one.session not in waiting]
    return Facts(
        now=now,
        asked=asked,
        sessions=found,
        tasks=tasks.tasks(db, now),
        links=linked,
        rejected=frozenset() if decided else frozenset(links.rejections(db)),
        overridden=frozenset(rules.overridden(db)),
        declarations=_declarations(db, since, now),
        rules=[] if decided else rules.rules(db),
        commits={project: _commits(db, project, since, now) for project in projects},
        repositories={project: _repository(db, project, now) for project in projects},
        decided=decided,
        former=[Former(*one) for one in tasks.former(db)],
    )


def _declarations(db: Connection, since: int, now: int) -> list[Declaration]:
    """Each with the sessions in its working tree that it may be about."""
    told = links.declarations(db, now, since)
    if not told:
        return []
    there: dict[str, list[stored.Ran]] = defaultdict(list)
    for one in stored.ran(db, told[0][2], min(told[-1][2] + NEAR_MS, now)):
        there[worktree_of(one.folder, one.project or one.folder)].append(one)
    roots = {folder: worktree_of(folder, project_of(folder)[0]) for _, folder, _ in told}
    return [Declaration(task, at, _at_work(there[roots[folder]], at)) for task, folder, at in told]


def _at_work(sessions: Iterable[stored.Ran], at: int) -> tuple[str, ...]:
    """Those that ran at a time; where none did, the next to begin, within half an hour."""
    running = tuple(one.session for one in sessions if one.began <= at <= one.ended)
    following = (one.session for one in sessions if at < one.began <= at + NEAR_MS)
    return running or tuple(islice(following, 1))


def _commits(db: Connection, project: str, since: int, now: int) -> Sequence[Commit]:
    return repositories.commits(db, project, now, since, marked=True)  # a commit that names nothing says nothing here


def _repository(db: Connection, project: str, now: int) -> RepositoryFacts:
    found = repositories.repository(db, project, now)
    if found is None:
        return RepositoryFacts(passing=paths.passing(project))
    there = {one.name for one in found.branches if one.gone_at is None}
    gone = {one.name: one.gone_at for one in found.branches if one.gone_at is not None and one.name not in there}
    merged = {one.name: one.merged_at for one in found.branches if one.merged_at is not None}
    return RepositoryFacts(found.default, gone, merged, paths.passing(project))


def _sessions(
    db: Connection, named: list[str], now: int, parents: dict[str, str], waiting: dict[str, list[Span]]
) -> dict[str, SessionFacts]:
    turns: dict[str, list[TurnRow]] = defaultdict(list)
    for turn in stored.turns(db, named, now):
        turns[turn.session].append(turn)
    marks: dict[str, list[MarkRow]] = defaultdict(list)
    for mark in stored.marks(db, named, now):
        marks[mark.session].append(mark)
    branches = {
        turn.native_id: turn.branch for rows in turns.values() for turn in rows if turn.native_id and turn.branch
    }
    return {
        row.session: _session(row, turns[row.session], marks[row.session], branches, parents.get(row.session),
                              tuple(waiting.get(row.session, ())))
        for row in stored.sessions(db, named)
        if turns[row.session]
    }  # fmt: skip


def _session(
    row: SessionRow,
    turns: list[TurnRow],
    marks: list[MarkRow],
    branches: dict[str, str],
    parent: str | None,
    waiting: tuple[Span, ...],
) -> SessionFacts:
    """Copied turns have their branch from where they were copied."""
    times = [turn.at or 0 for turn in turns]
    placed = tuple(
        MarkFacts(
            0 if mark.at is None else max(0, bisect_right(times, mark.at) - 1), mark.kind, mark.value, mark.source
        )
        for mark in marks
    )
    made = tuple(TurnFacts(turn.at, turn.ended_at, turn.branch or branches.get(turn.native_id or "")) for turn in turns)
    texts = tuple(dict.fromkeys(text for text in (row.title, row.prompt) if text))
    return SessionFacts(
        row.session, row.native_id, texts, row.named, row.project, row.folder, _worktree(row.folder, row.project),
        worktree_of(row.folder, row.project) if row.folder and row.project else None, made, placed, parent, waiting,
    )  # fmt: skip


@lru_cache(4096)
def _worktree(folder: str | None, project: str | None) -> tuple[str, ...]:
    """Names of the folders, not shared with the project's, of a session that ran beside it: `wt/PAY-12`, `worktrees/x`."""
    if folder is None or project is None:
        return ()
    there, here = PurePath(folder).parts, PurePath(project).parts
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(there, here, strict=False)))
    if shared < len(here):
        return there[shared:]
    inside = there[shared:]
    return inside[inside.index("worktrees") + 1 :][:1] if "worktrees" in inside else ()


def _parents(db: Connection, asked: list[str], now: int) -> dict[str, str]:
    """Session ▶ the one that it resumes or is a fork of: as its log says, or whose turns it holds copies of.

    Of two that share turns, the one that went its own way later is the copy.
    """
    wanted = set(asked)
    pairs = Counter(
        (session, other)
        for sessions in stored.shared(db).values()
        for session in sessions
        if session in wanted
        for other in sessions
        if other != session
    )
    own: dict[str, dict[str, int]] = defaultdict(dict)
    for turn in stored.turns(db, {session for pair in pairs for session in pair}, now) if pairs else ():
        if turn.native_id is not None:
            own[turn.session][turn.native_id] = turn.at or 0
    found: dict[str, tuple[int, str]] = {}
    for (session, other), count in sorted(pairs.items()):
        if _went_on(own[other], own[session]) < _went_on(own[session], own[other]):
            found[session] = max(found.get(session, (0, "")), (count, other))
    return {session: other for session, (_, other) in found.items()} | stored.told_parents(db, asked)


def _went_on(turns: Mapping[str, int], others: Mapping[str, int]) -> int:
    """When a session first did what the other one has not; 0: never."""
    return min((at for name, at in turns.items() if name not in others), default=0)
