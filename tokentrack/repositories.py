"""Local git history ▶ store. Read on the person's word or after a pass; bounded in time, and what is read stays read.

A repository is asked only when its files' times changed, or sessions told of another commit or branch of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from tokentrack.agents.marks import find
from tokentrack.git import history, merging, project_of
from tokentrack.git.running import Git, GitError, OutOfTime
from tokentrack.linking.keys import SEVERAL, Prefixes, is_trunk, may_be_new, numbers_in, offered_in, prefix_of, title_in
from tokentrack.model.repositories import Repository
from tokentrack.model.tasks import Task
from tokentrack.store import StoreError, landed, transaction
from tokentrack.store import history as stored
from tokentrack.store import repositories as archive
from tokentrack.store import tasks as ledger
from tokentrack.store.history import Asked, State, Worked

SECONDS = 5.0
"""The most that a command waits for one repository; what is missing then is read by the next, or by the app."""
LEAST_SECONDS = 0.2
"""Less is not worth beginning with."""
BATCH = 1000
"""Commits in a transaction: others get their turn, and so much is lost at most when the time is over."""
LISTED = 10_000
"""Names of commits that are looked up together."""
SETTLED_MS = 60 * 86_400_000
"""How long after its last commit a deleted branch is looked for in what is merged."""
NO_REPOSITORY = "repository not found"

Stop = Callable[[], bool]
OnRead = Callable[[str], None]


def refresh_all(
    db: sqlite3.Connection,
    now: int,
    projects: Iterable[str] | None = None,
    *,
    seconds: float = SECONDS,
    total: float = float("inf"),
    stop: Stop = lambda: False,
    on_read: OnRead = lambda _: None,
) -> bool:
    """Each repository in turn, those last used first, within `total` seconds. Returns whether anything changed.

    `on_read` is told the path of each that is read; of those in which nothing is new it hears nothing.
    """
    until = time.monotonic() + total
    changed = False
    for project in archive.projects(db) if projects is None else projects:
        left = until - time.monotonic()
        if stop() or left < LEAST_SECONDS:
            break
        changed |= refresh(db, project, now, seconds=min(seconds, left), stop=stop, on_read=on_read)
    return changed


def refresh(
    db: sqlite3.Connection,
    project: str,
    now: int,
    *,
    seconds: float = SECONDS,
    stop: Stop = lambda: False,
    on_read: OnRead = lambda _: None,
) -> bool:
    """Reads what is new in the repository of a project. Returns whether anything changed; never raises for the repository."""
    state = stored.state(db, project)
    if state is None:
        return False
    folder = Path(project)
    try:
        place = history.place(folder)
    except OSError as error:
        return _failed(db, state, f"{folder} cannot be read ({error.strerror}).", now)
    if place is None:  # a folder that never held one is a project without a repository, and nothing is wrong with it
        return (state.refs is not None or not os.path.lexists(folder)) and _failed(db, state, NO_REPOSITORY, now)
    looked = f"{history.looks(place)} {stored.sessions_known(db, state.project_id)}"
    if looked == state.looked and state.error is None:
        return False
    on_read(project)
    try:
        return _Reading(db, state, Git(folder, seconds, stop), place, now).run(looked)
    except OutOfTime as error:  # who was stopped, or had little time, cannot blame the repository
        return not stop() and seconds >= SECONDS and _failed(db, state, str(error), now)
    except GitError as error:
        return _failed(db, state, str(error), now)


def _failed(db: sqlite3.Connection, state: State, error: str, now: int) -> bool:
    """Notes it, and returns whether that is news."""
    with transaction(db):
        stored.put_error(db, state.project_id, error, now)
    return state.error != error


class _Reading:
    """One look at one repository."""

    def __init__(self, db: sqlite3.Connection, state: State, git: Git, place: Path, now: int) -> None:
        self.db, self.was, self.git, self.place, self.now = db, state, git, place, now
        self.project_id = state.project_id

    def run(self, looked: str) -> bool:
        """Raises GitError; what the time was too short for is left to the next look, and what was read stays read."""
        refs = history.refs(self.git)
        settings = history.settings(self.git)
        digest = history.digest(refs)
        default = history.default_of(self.git, refs)
        branches = {ref.name: ref.sha for ref in refs if history.branch_name(ref.name)}
        tips = history.tips_of(default, branches) if default else {}
        state = State(self.project_id, "", self.was.refs, default, self.was.tips)
        changed = False
        whole = False
        failed: GitError | None = None
        try:
            changed = self._read_commits([ref.sha for ref in refs], unless=digest == self.was.refs)
            self._land(tips)
            state = state._replace(refs=digest, tips=tips)
            with transaction(self.db):
                stored.put_branches(self.db, self.project_id, branches, self.now)
            changed |= self._find_merges(default, tips)
            whole = True
        except OutOfTime:
            pass
        except GitError as error:
            failed = error
        with transaction(self.db):
            told = state._replace(looked=looked if whole else "")
            stored.put_state(self.db, told, self.now, hosts=settings.hosts, addresses=settings.addresses)
        if failed:
            raise failed
        return changed or state.refs != self.was.refs or self.was.error is not None

    # ---------------------------------------------------------------------------------------------------- commits

    def _read_commits(self, tips: list[bytes], *, unless: bool) -> bool:
        """All that refs lead to, and what sessions made that no ref leads to any more. Raises OutOfTime, also when stopped."""
        changed = False
        if not unless:
            read = stored.tips(self.db, self.project_id).values() if self.was.refs else ()
            changed = self._read(history.listed(self.git, tips, read))
        loose = history.whole_names(self.git, stored.session_commits(self.db, self.project_id))
        return self._read(history.listed(self.git, loose.values(), tips)) or changed

    def _read(self, listed: Iterable[bytes]) -> bool:
        """Stores those of the commits that are not there yet, the newest first."""
        found = False
        for names in _together(listed):
            commits = history.commits(self.git, stored.unknown(self.db, self.project_id, names), find)
            while batch := list(islice(commits, BATCH)):
                with transaction(self.db):
                    found = bool(stored.add_commits(self.db, self.project_id, batch)) or found
                self.git.go_on()
        return found

    def _land(self, tips: dict[str, bytes]) -> None:
        """Which commit brought each into the default branch; from the start where that branch was rewritten."""
        if tips == self.was.tips:
            return
        anew = any(not self._still_in(sha, tips.values()) for sha in self.was.tips.values())
        parents = stored.parents(self.db, self.project_id, all_of_them=anew)
        landings = merging.landings(parents, tips.values())
        with transaction(self.db):
            stored.put_landings(self.db, self.project_id, landings, anew=anew)

    def _still_in(self, sha: bytes, tips: Iterable[bytes]) -> bool:
        try:
            return any(sha == tip or merging.ancestor(self.git, sha, tip) for tip in tips)
        except OutOfTime:
            raise
        except GitError:  # it was thrown away with the history that it ended
            return False

    # ---------------------------------------------------------------------------------------------------- merges

    def _find_merges(self, default: str | None, tips: dict[str, bytes]) -> bool:
        """Whether the branches that sessions worked on were merged. Raises OutOfTime."""
        if default is None:
            return False
        worked = {
            work.name: work for work in stored.worked_on(self.db, self.project_id) if not is_trunk(work.name, default)
        }
        self._name_lost(worked)
        changed = False
        targets = list(dict.fromkeys(tips.values()))
        for branch in stored.asked(self.db, self.project_id, worked):
            tip, there = branch.tip.hex(), hashlib.blake2b(b"".join(targets), digest_size=8).hexdigest()
            checked = branch.checked or ""
            settled = branch.stands or (branch.gone and branch.authored_at < self.now - SETTLED_MS)
            if checked == f"{tip} {there}" or (settled and checked.startswith(tip)):
                continue
            merged = self._merge_of(branch, worked[archive.name_of(branch.ref)], targets)
            copies = list(history.listed(self.git, [branch.tip], targets)) if merged and branch.landed is None else []
            with transaction(self.db):
                stored.put_merge(self.db, self.project_id, branch, merged, f"{tip} {there}")
                if merged:
                    stored.put_copies(self.db, self.project_id, copies, merged[1])
            changed = True
        return changed

    def _name_lost(self, worked: dict[str, Worked]) -> None:
        """A branch that was deleted before it was ever seen is known by the last commit that a session made on it."""
        seen = stored.names_seen(self.db, self.project_id)
        lost = {name: work.commits[-1] for name, work in worked.items() if name not in seen and work.commits}
        if lost:
            with transaction(self.db):
                stored.put_lost(self.db, self.project_id, lost)

    def _merge_of(self, branch: Asked, work: Worked, targets: list[bytes]) -> tuple[str, bytes] | None:
        if branch.landed is not None:
            if branch.landed != branch.tip:
                return "merge", branch.landed
            return ("fast-forward", branch.tip) if self._has_own_work(branch, work) else None
        for target in targets:
            try:
                if merged := merging.merged_otherwise(self.git, branch.tip, target):
                    return merged
            except OutOfTime:
                raise
            except GitError:  # its commits are gone, and with them what could be compared
                return None
        return None

    def _has_own_work(self, branch: Asked, work: Worked) -> bool:
        """A branch that was begun and never committed to lies in the default branch too, and is no merge."""
        made = history.committed_here(self.place, branch.ref)
        if made is not None:
            return made
        if branch.tip in work.commits:
            return True
        return branch.mine and work.since is not None and branch.authored_at >= work.since


def _together(listed: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Names of commits in lots; what was listed before something was found missing counts. Raises GitError after that."""
    names: list[bytes] = []
    failed: GitError | None = None
    try:
        for sha in listed:
            names.append(sha)
            if len(names) == LISTED:
                yield names
                names = []
    except GitError as error:
        failed = error
    if names:
        yield names
    if failed:
        raise failed


# ---- tasks from what is merged and begun -----------------------------------------------------------------------------


def candidates(db: sqlite3.Connection, folder: str, now: int, *, seconds: float = 60.0) -> list[Task]:
    """Tasks that the person's own branches and merged pull requests in a repository tell of, the oldest first; no ids yet.

    Those whose key a task of the project has are left out. Raises StoreError where the repository cannot be read.
    """
    project, _ = project_of(folder)
    with transaction(db):
        ledger.project_number(db, project)
    refresh(db, project, now, seconds=seconds)
    repository = archive.repository(db, project, now)
    if repository is None or repository.error:
        error = NO_REPOSITORY if repository is None or repository.error is None else repository.error
        raise StoreError(error if project in error else f"{project}: {error}.")
    there = {task.key.upper() for task in ledger.tasks(db) if task.key and task.project == project}
    there |= {key.upper() for place, key, _, _ in ledger.former(db) if key and place == project}
    keys = _Keys(db, repository, there)
    found: dict[str, Task] = {}
    for task in [*_from_pulls(db, repository, keys, now, seconds), *_from_branches(db, repository, keys, now)]:
        known = found.setdefault(task.key or "", task)
        if task.created_at < known.created_at:
            found[task.key or ""] = replace(known, created_at=task.created_at)
    return sorted(
        (task for key, task in found.items() if key.upper() not in there),
        key=lambda task: (task.created_at, task.key or ""),
    )


def add_candidates(db: sqlite3.Connection, tasks: Iterable[Task]) -> list[Task]:
    """Adds those that are not there yet, inside a transaction. Returns them with their ids."""
    added = []
    for task in tasks:
        try:
            added.append(ledger.add(db, task))
        except ledger.TaskThere:
            continue
    return added


class _Keys:
    """Which keys in a branch's name are its tracker's."""

    def __init__(self, db: sqlite3.Connection, repository: Repository, there: Iterable[str]) -> None:
        self.numbered = archive.numbered(db, repository.project)
        borne = partial(archive.bearing, db, repository.project, most=SEVERAL)
        names = (branch.name for branch in repository.branches)
        self.met = Prefixes({prefix_of(key) for key in there}, names, borne)

    def of(self, branch: str) -> str | None:
        """A key in upper case, or a number after a `#`; None where the name tells neither."""
        for key in offered_in(branch, self.met):
            return key
        return next((f"#{number}" for number in numbers_in(branch)), None) if self.numbered else None


def _from_branches(db: sqlite3.Connection, repository: Repository, keys: _Keys, now: int) -> Iterator[Task]:
    mine = {commit.sha: commit.authored_at for commit in archive.commits(db, repository.project, now, mine=True)}
    for branch in repository.branches:
        key = None if is_trunk(branch.name, repository.default) else keys.of(branch.name)
        if key and branch.tip in mine:
            yield Task("", title_in(branch.name, key) or key, key, None, repository.project, mine[branch.tip])


def _from_pulls(
    db: sqlite3.Connection, repository: Repository, keys: _Keys, now: int, seconds: float
) -> Iterator[Task]:
    pulls = landed.own_pulls(db, repository.project, now)
    try:
        titles = history.titles(Git(Path(repository.project), seconds), [pull.sha for pull in pulls]) if pulls else {}
    except GitError as error:
        raise StoreError(str(error)) from error
    for pull in pulls:
        told = titles.get(pull.sha, "")
        named = [value for kind, value in pull.marks if kind in ("key", "closes") and "-" in value and "/" not in value]
        named = [key for key in named if may_be_new(key, told[: len(key) + 1], keys.met)]
        branch = next((value for kind, value in pull.marks if kind == "branch"), "")
        key = next(iter(named), None) or (keys.of(branch) if branch else None) or f"#{pull.number}"
        title = _without(told, key) or title_in(branch, key) or key
        yield Task("", title, key, _address(repository.hosts, pull.number), repository.project, pull.began_at)


def _without(title: str, key: str) -> str:
    """A title without the key that it begins with: a task's name has both."""
    return re.sub(rf"^\[?{re.escape(key)}\]?[\s:]*(?:-\s+)?", "", title, count=1, flags=re.IGNORECASE).strip()


PULLS = {
    "gitlab": "-/merge_requests",
    "bitbucket": "pull-requests",
    "github": "pull",
    "codeberg": "pulls",
    "gitea": "pulls",
}
"""How hosts call the page of a pull request, by a word in the host's name."""


def _address(hosts: Iterable[str], number: str) -> str | None:
    """The page of a pull request; None where the host is none that is known."""
    for host in hosts:
        for word, page in PULLS.items():
            if word in host.partition("/")[0]:
                return f"https://{host}/{page}/{number}"
    return None
