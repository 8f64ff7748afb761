"""The facts, looked up: by key, address, branch, commit. Made once for all sessions that are asked about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from tokentrack import clock, phrases
from tokentrack.linking.cuts import Part, parts
from tokentrack.linking.facts import Declaration, Facts, Former, RepositoryFacts, SessionFacts
from tokentrack.linking.keys import keys_in, numbers_in, plain_url, prefix_of
from tokentrack.linking.words import Titles, titles_of
from tokentrack.model.repositories import Commit
from tokentrack.model.tasks import Link, Task

DAY_MS = 24 * 3600 * 1000
HISTORY_MS = 14 * DAY_MS
"""How long what was once on a branch says what is on it."""
_SHORTEST_SHA = 7


class Worked(NamedTuple):
    """Turns on a branch that the person linked; `task` None: to none, on purpose."""

    task: str | None
    since: int
    until: int
    decided_at: int


class Known:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        tasks = [task for task in facts.tasks if task.created_at <= facts.now]
        self.tasks = {task.id: task for task in tasks}
        self.by_key = {(task.project, task.key.upper()): task for task in tasks if task.key}
        self.numbered = {task.project for task in tasks if task.key and task.key.startswith("#")}
        self.by_project: dict[str | None, list[Task]] = defaultdict(list)
        self.by_url: dict[str, list[Task]] = defaultdict(list)
        for task in tasks:
            self.by_project[task.project].append(task)
            if task.url:
                self.by_url[plain_url(task.url)].append(task)
        self.prefixes: dict[str | None, set[str]] = defaultdict(set)
        for project, key in self.by_key:
            if "-" in key:
                self.prefixes[project].add(prefix_of(key))
        for former in facts.former:
            if (now := self.tasks.get(former.task)) is not None:
                self._is_now(former, now)
        self.links_of: dict[str, list[Link]] = defaultdict(list)
        for link in facts.links:
            if link.created_at <= facts.now:
                self.links_of[link.session].append(link)
        self.rules = [rule for rule in facts.rules if rule.created_at <= facts.now]
        self.rule_kinds = {rule.id: rule.kind for rule in self.rules}
        self._latest: dict[str | None, list[Task]] = {}
        self._titles: dict[str | None, Titles] = {}
        self._parts: dict[str, list[Part]] = {}

    def _is_now(self, former: Former, task: Task) -> None:
        if former.key:
            self.by_key.setdefault((former.project, former.key.upper()), task)
        if former.url and not self.by_url[plain_url(former.url)]:
            self.by_url[plain_url(former.url)].append(task)

    # ------------------------------------------------------------------------------------------ sessions and branches

    def repository(self, project: str | None) -> RepositoryFacts:
        return self.facts.repositories.get(project or "", RepositoryFacts())

    def parts(self, session: SessionFacts) -> list[Part]:
        if session.id not in self._parts:
            self._parts[session.id] = parts(session, self.repository(session.project).default_branch)
        return self._parts[session.id]

    def named_in(self, part: Part) -> frozenset[str]:
        """Keys and numbers (`PAY-12`, `#12`) in the names of the part's branch and worktree, whether tasks have them or not."""
        return _named_in(part.names)

    def life_of(self, part: Part) -> tuple[str, str] | None:
        """(project, branch) by which other work on the part's branch is found. None where that is of any kind (the trunk rule):
        on a trunk, at home and in temporary folders.
        """
        project, branch = part.session.project, part.branch
        return None if project is None or branch is None or self.repository(project).passing else (project, branch)

    @cached_property
    def declared(self) -> dict[str, list[Declaration]]:
        """Session ▶ what was declared where and while it ran, the oldest first."""
        found: dict[str, list[Declaration]] = defaultdict(list)
        for one in self.facts.declarations:
            for session in one.sessions:
                found[session].append(one)
        return found

    @cached_property
    def parts_on(self) -> dict[tuple[str, str], list[Part]]:
        """(project, branch) ▶ parts of sessions on it, in the order of the sessions' ids. A trunk is no such branch."""
        found: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for _, session in sorted(self.facts.sessions.items()):
            for part in self.parts(session):
                if part.branch is not None and session.project is not None:
                    found[session.project, part.branch].append(part)
        return found

    @cached_property
    def on_branch(self) -> dict[tuple[str, str], list[Worked]]:
        """(project, branch) ▶ what the person linked on it. A trunk is no such branch."""
        found: dict[tuple[str, str], list[Worked]] = defaultdict(list)
        for branch, parts_there in self.parts_on.items():
            for part in parts_there:
                for link in self.links_of.get(part.session.id, ()):
                    times = [
                        turn.at
                        for number, turn in enumerate(part.turns, part.first)
                        if link.turns.holds(number) and turn.at is not None
                    ]
                    if times:
                        found[branch].append(Worked(link.task, min(times), max(times), link.created_at))
        return found

    @cached_property
    def merges(self) -> dict[tuple[str, str], list[Commit]]:
        """(project, branch) ▶ the commits that merged it: by name, or as the pull request that a session on it opened."""
        found = self._marked("branch")
        for branch, parts_there in self.parts_on.items():
            for part in parts_there:
                for mark in part.marks:
                    if mark.kind == "url" and mark.source == "output":
                        found[branch] += self.landed(branch[0], mark.value)
        return found

    def merges_of(self, part: Part) -> list[Commit]:
        """What merged the part's branch after the part, before anything else was merged under that name."""
        begins = part.begins
        merges = self.merges.get((part.session.project or "", part.branch or ""), [])
        later = sorted(
            (one.committed_at, one.sha) for one in merges if begins is not None and one.committed_at > begins
        )
        return [one for one in merges if later and one.sha == later[0][1] and later[0][0] <= (begins or 0) + HISTORY_MS]

    def landed(self, project: str | None, url: str) -> list[Commit]:
        """Commits of the project that a pull request came in with, if the address is that of one."""
        number = url.rpartition("/")[2]
        return self._by_pull.get((project or "", number), []) if "/pull" in url or "/merge_requests/" in url else []

    @cached_property
    def _by_pull(self) -> dict[tuple[str, str], list[Commit]]:
        return self._marked("pull")

    def stood(self, session: str, decided_at: int) -> bool:
        """Whether a link was there before the session itself was decided about, if it was."""
        before = self.facts.decided.get(session)
        return before is None or decided_at < before

    def rested(self, project: str, branch: str, begins: int, since: int) -> int | None:
        """When a branch was last worked on or ruled about, if that is two weeks before a time or it was merged since."""
        worked = [one.until for one in self.on_branch.get((project, branch), []) if one.until <= begins]
        last = max([since, *worked]) if since <= begins else begins
        merged = any(last < at <= begins for at in self.merge_times(project, branch))
        return last if merged or last + HISTORY_MS < begins else None

    def merge_times(self, project: str, branch: str) -> list[int]:
        """When a branch was merged, as far as git tells: what bears its name later may be another piece of work."""
        times = [one.committed_at for one in self.merges.get((project, branch), [])]
        at = self.repository(project).merged.get(branch)
        return times if at is None else [*times, at]

    def same_life(self, part: Part, since: int, until: int) -> bool:
        """Whether what happened on the part's branch in a span of time was in the branch's present life."""
        begins = part.begins
        if begins is None or part.branch is None or part.session.project is None:
            return False
        if until < begins - HISTORY_MS or since > begins + HISTORY_MS:
            return False
        times = self.merge_times(part.session.project, part.branch)
        return not any(until < at <= begins or begins < at < since for at in times)

    @cached_property
    def in_folder(self) -> dict[str, list[tuple[int, int, str]]]:
        """Folder ▶ (beginning, end, session) of the sessions there that have links."""
        found: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for session_id, (begins, ends) in self._spans.items():
            if (folder := self.facts.sessions[session_id].folder) is not None:
                found[folder].append((begins, ends, session_id))
        return found

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """When the sessions that have links began and ended."""
        found = {}
        for session_id in self.links_of:
            turns = self.facts.sessions[session_id].turns if session_id in self.facts.sessions else ()
            times = [at for turn in turns for at in (turn.at, turn.ended_at) if at is not None]
            if times:
                found[session_id] = (min(times), max(times))
        return found

    def latest(self, project: str | None, before: int) -> Iterator[Task]:
        """The project's tasks that were not finished before a time, those first that were last worked on or entered."""
        if project not in self._latest:
            worked = self._worked
            self._latest[project] = sorted(
                self.tasks_of(project),
                key=lambda task: (-max(task.created_at, worked.get(task.id, 0)), task.name, task.id),
            )
        return (task for task in self._latest[project] if task.finished_at is None or task.finished_at > before)

    @cached_property
    def _worked(self) -> dict[str, int]:
        """Task ▶ when a session linked to it last ended."""
        found: dict[str, int] = {}
        for session_id, (_, ends) in self._spans.items():
            for link in self.links_of[session_id]:
                if link.task is not None:
                    found[link.task] = max(found.get(link.task, 0), ends)
        return found

    def tasks_of(self, project: str | None) -> list[Task]:
        """The project's tasks, and those of no one project."""
        return [*self.by_project.get(project, ()), *(self.by_project.get(None, ()) if project is not None else ())]

    def task_called(self, project: str | None, key: str) -> Task | None:
        """The project's task of a key (`PAY-12`, `#12`), or one of no project."""
        return self.by_key.get((project, key)) or self.by_key.get((None, key))

    def in_name(self, project: str | None, name: str) -> list[Task]:
        """Tasks that a branch or a folder names: by key, and by a plain number where the project numbers its tasks."""
        names = list(keys_in(name))
        if project in self.numbered:
            names += [f"#{number}" for number in numbers_in(name)]
        return self._called(project, names)

    def in_text(self, project: str | None, text: str) -> list[Task]:
        """Tasks whose key stands in a text: `PAY-12`, and `#12`."""
        return self._called(project, [*keys_in(text), *re.findall(r"(?<![\w#&/])#[1-9]\d{0,5}(?!\w)", text)])

    def in_marks(self, project: str | None, marks: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> list[Task]:
        """Tasks that marks of kind `key` or `number` name."""
        return self._called(
            project, [value if kind == "key" else f"#{value}" for kind, value in marks if kind in ("key", "number")]
        )

    def _called(self, project: str | None, names: list[str]) -> list[Task]:
        found = {
            task.id: task for name in names if (task := self.task_called(project, name.upper()) or self.tasks.get(name))
        }
        return list(found.values())

    def at_url(self, project: str | None, url: str) -> list[Task]:
        return [task for task in self.by_url.get(plain_url(url), []) if task.project in (project, None)]

    def titles(self, project: str | None) -> Titles:
        if project not in self._titles:
            self._titles[project] = titles_of(tuple(self.tasks_of(project)))
        return self._titles[project]

    # ------------------------------------------------------------------------------------------ commits

    @cached_property
    def commits(self) -> dict[str, History]:
        now = self.facts.now
        return {
            project: History([commit for commit in commits if commit.committed_at <= now])
            for project, commits in self.facts.commits.items()
        }

    def history(self, project: str | None) -> History:
        return self.commits.get(project or "", _NO_HISTORY)

    @cached_property
    def made_on(self) -> dict[tuple[str, str], list[Commit]]:
        """(project, branch) ▶ commits that sessions on it made."""
        found: dict[tuple[str, str], list[Commit]] = defaultdict(list)
        for branch, parts_there in self.parts_on.items():
            for part in parts_there:
                found[branch] += self.made_in(part)
        return found

    def made_in(self, part: Part) -> list[Commit]:
        """Commits that git, in the session's own log, reports as made in the part."""
        history = self.history(part.session.project)
        shas = [mark.value for mark in part.marks if mark.kind == "commit"]
        return list({commit.sha: commit for sha in shas if (commit := history.of(sha))}.values())

    def trailing(self, session: SessionFacts) -> list[Commit]:
        """Commits that bear the session's id in a trailer."""
        return self._trailers.get((session.project or "", session.native_id), [])

    @cached_property
    def _trailers(self) -> dict[tuple[str, str], list[Commit]]:
        """By the end of what the trailer says, which may be an address."""
        return self._marked("session", lambda value: value.rpartition("/")[2])

    def pulls_of(self, part: Part) -> set[str]:
        """Numbers of the pull requests that the part's branch was merged as."""
        return self._pulls.get((part.session.project or "", part.branch or ""), set())

    @cached_property
    def _pulls(self) -> dict[tuple[str, str], set[str]]:
        return {
            branch: {value for commit in commits for kind, value in commit.marks if kind == "pull"}
            for branch, commits in self._marked("branch").items()
        }

    def _marked(self, kind: str, named: Callable[[str], str] = str) -> dict[tuple[str, str], list[Commit]]:
        """(project, value) ▶ the commits that bear a mark of a kind; `named` is by what of its value it is looked for."""
        found: dict[tuple[str, str], list[Commit]] = defaultdict(list)
        for project, history in self.commits.items():
            for commit in history.commits:
                for of, value in commit.marks:
                    if of == kind:
                        found[project, named(value)].append(commit)
        return found

    def named_by(self, commit: Commit, *, numbers: bool = True) -> list[Task]:
        """What a commit is for: the tasks it declares, else those it closes, else those it names. Quoted ones are none.

        `numbers`: whether a plain number, without a closing word, names a task.
        """
        for kinds in (("task",), ("closes",), ("key", "number") if numbers else ("key",)):
            names = [_as_key(value) for kind, value in commit.marks if kind in kinds]
            if found := self._called(commit.project, names):
                return found
        return []


@lru_cache(4096)
def _named_in(names: tuple[str, ...]) -> frozenset[str]:
    keys = (key for name in names for key in keys_in(name))
    return frozenset(keys) | {f"#{number}" for name in names for number in numbers_in(name)}


def day(ms: int) -> str:
    """`3 Nov`."""
    return phrases.day(clock.day_of(ms), year=False)


def _as_key(value: str) -> str:
    return f"#{value}" if value.isdigit() else value


class History:
    """A project's commits by time and by sha."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self.commits = sorted(commits, key=lambda commit: (commit.authored_at, commit.sha))
        self._times = [commit.authored_at for commit in self.commits]
        self._by_sha = {commit.sha[:_SHORTEST_SHA]: commit for commit in reversed(self.commits)}

    def of(self, sha: str) -> Commit | None:
        commit = self._by_sha.get(sha[:_SHORTEST_SHA])
        return commit if commit and commit.sha.startswith(sha) else None

    def between(self, since: int, until: int) -> list[Commit]:
        """Commits written in [since, until]."""
        return self.commits[bisect_left(self._times, since) : bisect_right(self._times, until)]


_NO_HISTORY = History([])
