"""What git tells of a task: its commits, whether its branches were merged, and whether that was taken back.

Found in git and read from the store alone. Absence says nothing: "merge not detected" is never "not merged", and work that leaves
no commit has no evidence. Nothing newer than `now` is used.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from tokentrack import clock
from tokentrack.linking.keys import is_trunk, plain_url
from tokentrack.model import Branch, Evidence, Task
from tokentrack.store import landed, repositories
from tokentrack.store.landed import Landed
from tokentrack.store.tasks import task as task_named

MERGED, REVERTED, NOT_DETECTED = "merged", "reverted", "merge not detected"
NO_EVIDENCE = "no git evidence"
REPOSITORY = "repository"
"""The kind of what is no evidence: that a repository could not be asked, and why."""
SETTLED_DAYS = 14
"""Days after a merge before it may be said that nothing was taken back (product M8)."""
SLACK_MS = 86_400_000
"""A merge that names a branch counts for sessions that begin at most so much later: clocks and time zones differ."""


def evidence(db: sqlite3.Connection, task: str, now: int) -> list[Evidence]:
    """What bears on a task, named by its id: pull requests and branches, then commits, then what cannot be asked."""
    found = task_named(db, task)
    return [] if found is None else list(_Case(db, found, now).told())


class _Case:
    """One task at one time."""

    def __init__(self, db: sqlite3.Connection, task: Task, now: int) -> None:
        self.db, self.task, self.now = db, task, now
        self.projects = landed.projects_of(db, task.id)
        self.commits = self._commits()
        projects = {commit.project for commit in self.commits} | set(self.projects)
        self.reverts = {
            project: _standing(told) for project, told in landed.reverted(db, sorted(projects), now).items()
        }

    def told(self) -> Iterator[Evidence]:
        merges, branches = self._branches()
        came = {(commit.project, commit.sha): commit for commit in [*merges, *self.commits] if self._landed(commit)}
        yield from _latest(self._pull(commit) for commit in came.values() if commit.pull)
        yield from branches
        yield from (self._commit(commit) for commit in self.commits)
        for project in self.projects:
            repository = repositories.repository_error(self.db, project)
            if repository:
                yield Evidence(REPOSITORY, project, None, repository)

    def _commits(self) -> list[Landed]:
        named = landed.naming(self.db, _marks(self.task), self.task.project, self.now)
        made = landed.made_for(self.db, self.task.id, self.now)
        both = {(commit.project, commit.sha): commit for commit in [*named, *made]}
        return sorted(both.values(), key=lambda commit: (commit.committed_at, commit.sha))

    def _landed(self, commit: Landed) -> bool:
        return commit.landed_at is not None and commit.landed_at <= self.now

    # ---- branches ---------------------------------------------------------------------------------------------------

    def _branches(self) -> tuple[list[Landed], list[Evidence]]:
        """The commits that brought the task's branches into the default branch, and what there is to say of each branch."""
        merges, told = [], []
        known = {project: repositories.repository(self.db, project, self.now) for project in self.projects}
        for project, name, since in landed.branches_of(self.db, self.task.id, self.now):
            repository = known.get(project)
            if repository is None or is_trunk(name, repository.default):
                continue
            merge = self._merge(project, [one for one in repository.branches if one.name == name], name, since)
            if merge is None and repository.whole:
                told.append(Evidence("branch", name, None, NOT_DETECTED))
            elif merge is not None:
                merges.append(merge)
                state, at = self._state(merge)
                told.append(Evidence("branch", name, at, state, merge.sha.hex()))
        return merges, told

    def _merge(self, project: str, branches: list[Branch], name: str, since: int | None) -> Landed | None:
        merged = [one for one in branches if one.merged_by and one.merged_at is not None]
        if merged:
            first = min(merged, key=lambda one: (one.merged_at or 0, one.ref))
            return landed.by_sha(self.db, project, bytes.fromhex(first.merged_by or ""))
        if any(one.gone_at is None and one.ref != name for one in branches):  # what bore its name was other work
            return None
        named = landed.merges_named(self.db, project, name, (since or 0) - SLACK_MS, self.now)
        return named[0] if named else None

    # ---- one by one -------------------------------------------------------------------------------------------------

    def _state(self, commit: Landed) -> tuple[str, int]:
        """Merged, or taken back, and when; of a commit that has landed."""
        at = commit.landed_at if commit.landed_at is not None else commit.committed_at
        taken_back = self._taken_back(commit)
        return (MERGED, at) if taken_back is None else (REVERTED, taken_back)

    def _taken_back(self, commit: Landed) -> int | None:
        names = [commit.sha.hex()] + ([commit.landed_by.hex()] if commit.landed_by else [])
        times = [
            at for short, at in self.reverts.get(commit.project, ()) if any(sha.startswith(short) for sha in names)
        ]
        return min(times, default=None)

    def _pull(self, commit: Landed) -> Evidence:
        state, at = self._state(commit)
        return Evidence("pull", f"#{commit.pull}", at, state, (commit.landed_by or commit.sha).hex())

    def _commit(self, commit: Landed) -> Evidence:
        sha = commit.sha.hex()
        if self._landed(commit) or self._taken_back(commit) is not None:
            state, at = self._state(commit)
            return Evidence("commit", sha[:8], at, state, sha)
        return Evidence("commit", sha[:8], commit.committed_at, NOT_DETECTED, sha)


def _marks(task: Task) -> list[tuple[str, str]]:
    """The marks of commits that are for a task: what only mentions it is none."""
    marks = []
    if task.key:
        value = task.key.removeprefix("#").upper()
        marks += [(kind, value) for kind in ("key", "number", "closes")]
        marks += [("task", name) for name in dict.fromkeys((task.key, task.key.upper(), task.key.lower(), value))]
    marks.append(("task", task.id))
    if task.url:
        marks += [("url", task.url), ("closes", task.url)]
        number = plain_url(task.url).rpartition("/")[2]
        if number.isdigit():
            marks += [("pull", number), ("number", number), ("closes", number)] if task.project else []
    return marks


def _standing(told: Iterable[tuple[bytes, str, int]]) -> list[tuple[str, int]]:
    """(sha that is named, when) of the reverts that no standing revert took back; those told of are the oldest first."""
    standing: list[tuple[str, int]] = []
    for sha, short, at in reversed(list(told)):
        if not any(sha.hex().startswith(other) for other, _ in standing):
            standing.append((short, at))
    return standing


def _latest(told: Iterable[Evidence]) -> Iterator[Evidence]:
    """Each pull request once: as taken back, if any part of it was."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for one in told:
        found[one.ref].append(one)
    for same in found.values():
        yield next((one for one in same if one.state == REVERTED), same[0])


def found(told: Iterable[Evidence]) -> list[Evidence]:
    """What git tells; not that it could not be asked."""
    return [one for one in told if one.kind != REPOSITORY]


def in_git(told: str) -> str:
    """`merged 18 Nov (found in git)`: what git tells is marked so at every occurrence (AC 29), and nothing else is."""
    return f"{told} (found in git)" if told.startswith((MERGED, REVERTED, NOT_DETECTED)) else told


def unread(told: Iterable[Evidence]) -> str:
    """Why git could not be asked of a repository, `repository not found`; empty: it could be."""
    return "; ".join(dict.fromkeys(in_words(one) for one in told if one.kind == REPOSITORY))


def summary(told: Iterable[Evidence], now: int, day: bool = True) -> str:
    """One line of it: `merged 3 Nov, no revert in 14 days`, `merged 18 Nov, day 4 of 14`, `reverted 9 Nov`.

    That nothing was reverted is said from day 14 on, and of the last merge. Without `day` the days until then are not counted:
    where those since a task was shipped are.
    """
    found = list(told)
    if times := [one.at for one in found if one.state == REVERTED and one.at is not None]:
        return f"reverted {_day(max(times), now)}"
    merges = [one for one in found if one.state == MERGED and one.at is not None]
    best = [one for one in merges if one.kind != "commit"] or merges
    if best:
        at = max(one.at for one in best if one.at is not None)
        passed = (clock.day_of(now) - clock.day_of(at)) // timedelta(days=1)
        if passed < SETTLED_DAYS and not day:
            return f"merged {_day(at, now)}"
        rest = f"no revert in {SETTLED_DAYS} days" if passed >= SETTLED_DAYS else f"day {passed} of {SETTLED_DAYS}"
        return f"merged {_day(at, now)}, {rest}"
    if any(one.state == NOT_DETECTED for one in found):
        return NOT_DETECTED
    return next((one.state for one in found), NO_EVIDENCE)


def _day(at: int, now: int) -> str:
    """`3 Nov`, with its year where that is another one than today's."""
    day = clock.day_of(at)
    return f"{day.day} {day:%b}" + (f" {day.year}" if day.year != clock.day_of(now).year else "")


def in_words(one: Evidence) -> str:
    """`PR #318 merged`, `branch feat/x: merge not detected`, `commit 1a2b3c4d reverted`."""
    if one.kind == REPOSITORY:
        return f"{one.ref}: {one.state}" if one.ref not in one.state else one.state
    name = {"pull": "PR", "branch": "branch", "commit": "commit"}[one.kind]
    return f"{name} {one.ref}: {one.state}" if one.state == NOT_DETECTED else f"{name} {one.ref} {one.state}"
