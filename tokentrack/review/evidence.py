"""What git tells of a task: its commits, whether its branches were merged, and whether that was taken back.

Found in git and read from the store alone. Absence says nothing: "merge not detected" is never "not merged", and work that leaves
no commit has no evidence. Nothing newer than `now` is used.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tokentrack import clock, phrases
from tokentrack.linking.keys import is_trunk, plain_url
from tokentrack.model.repositories import Branch
from tokentrack.model.tasks import Evidence, Task
from tokentrack.store import landed, repositories
from tokentrack.store.landed import Landed, Revert
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
        found = self._found()
        projects = {commit.project for commit in found} | set(self.projects)
        reverted = landed.reverted(db, sorted(projects), now)
        self.commits = _work(found, reverted)
        self.reverts = {project: _standing(told) for project, told in reverted.items()}

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

    def _found(self) -> list[Landed]:
        """The commits that name the task or were made for it."""
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
            called = [one for one in repository.branches if one.name == name]
            merge = self._merge(project, called, name, since)
            if merge is None and called and repository.whole:  # of a branch that git never had it tells nothing (AC 29)
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
        told = self.reverts.get(commit.project, ())
        return min((one.at for one in told if one.takes_back(commit.sha, commit.landed_by)), default=None)

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


def _work(found: Sequence[Landed], reverts: Mapping[str, Sequence[Revert]]) -> list[Landed]:
    """Without what takes the others back, and what brought that in: both quote the task's name, and are no work on it."""
    mine = {(one.project, one.sha) for one in found}
    taking = {
        (project, one.sha)
        for project, told in reverts.items()
        for one in told
        if (project, one.sha) in mine and any(one.takes_back(other.sha, other.landed_by) for other in found)
    }
    back = [one for one in found if (one.project, one.sha) in taking]
    work = [one for one in found if (one.project, one.sha) not in taking]
    brought = {one.landed_by for one in back} - {one.landed_by for one in work if one.landed_by != one.sha}
    return [one for one in work if one.sha not in brought]


def _standing(reverts: Iterable[Revert]) -> list[Revert]:
    """Those that no standing one took back. What is taken back is named by its sha, so it was there before; no clock is asked.

    There may be thousands, each of which takes back the one before. Those whose abbreviated shas fit each other all stand.
    """
    told = list(reverts)
    alive = Counter(one.of for one in told)  # how many that may stand bear a name; those of one name take back the same
    lengths = {len(name) for name in alive}
    against = [
        {name for sha in (one.sha, one.landed_by) for length in lengths if (name := sha.hex()[:length]) in alive}
        for one in told
    ]
    taken_back_by = defaultdict[str, list[int]](list)
    for number, names in enumerate(against):
        for name in names:
            taken_back_by[name].append(number)
    doubted = {number for number, names in enumerate(against) if names}
    standing = [number for number in range(len(told)) if number not in doubted]
    for number in standing:  # it grows meanwhile
        for undone in taken_back_by.pop(told[number].of, ()):
            if undone not in doubted:
                continue
            doubted.remove(undone)
            name = told[undone].of
            alive[name] -= 1
            for freed in taken_back_by.pop(name, ()) if not alive[name] else ():
                against[freed].remove(name)
                if not against[freed]:
                    doubted.remove(freed)
                    standing.append(freed)
    return [told[number] for number in (*standing, *sorted(doubted))]


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
    at = merged_at(found)
    if at is not None:
        passed = (clock.day_of(now) - clock.day_of(at)).days
        if passed < SETTLED_DAYS and not day:
            return f"merged {_day(at, now)}"
        rest = f"no revert in {SETTLED_DAYS} days" if passed >= SETTLED_DAYS else f"day {passed} of {SETTLED_DAYS}"
        return f"merged {_day(at, now)}, {rest}"
    if any(one.state == NOT_DETECTED for one in found):
        return NOT_DETECTED
    return next((one.state for one in found), NO_EVIDENCE)


def merged_at(told: Iterable[Evidence]) -> int | None:
    """When the last pull request or branch was merged, of work without either the last commit; None: no merge was found."""
    merges = [one for one in told if one.state == MERGED]
    best = [one for one in merges if one.kind != "commit"] or merges
    return max((one.at for one in best if one.at is not None), default=None)


def _day(at: int, now: int) -> str:
    """`3 Nov`, with its year where that is another one than today's."""
    on = clock.day_of(at)
    return phrases.day(on, year=on.year != clock.day_of(now).year)


def in_words(one: Evidence) -> str:
    """`PR #318 merged`, `branch feat/x: merge not detected`, `commit 1a2b3c4d reverted`."""
    if one.kind == REPOSITORY:
        return f"{one.ref}: {one.state}" if one.ref not in one.state else one.state
    name = {"pull": "PR", "branch": "branch", "commit": "commit"}[one.kind]
    return f"{name} {one.ref}: {one.state}" if one.state == NOT_DETECTED else f"{name} {one.ref} {one.state}"
