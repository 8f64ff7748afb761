"""What speaks for a task, one small function for each signal, from what was recorded (A) down to weak hints (D).

A function gives `Ground`s for one part of a session; which of them are pre-selected is decided in `suggest.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tokentrack.linking.cuts import Part
from tokentrack.linking.facts import Declaration
from tokentrack.linking.keys import keys_in, numbers_in
from tokentrack.linking.known import Known, day
from tokentrack.linking.rules import rule_for
from tokentrack.linking.words import denied, words
from tokentrack.model.repositories import Commit
from tokentrack.model.tasks import Task

AFTER_MS = 15 * 60 * 1000
"""A commit that comes so soon after a session may be of it."""
NEAR_MS = 30 * 60 * 1000
LATELY = 6
"""How many of the tasks last worked on or entered are offered where nothing else speaks."""
CLEAR = 0.5
"""How much alike a title and a session are that share most of their words."""


FEW = 3
"""Words beside an address that leave it to say what is meant."""
IN_COMMON = 2
"""Words of a task's title among which its address is its own."""


class Ground(NamedTuple):
    """A reason, in words, why turns may belong to a task. `rule` is the rule that says so."""

    task: str
    signal: str
    reason: str
    rule: str | None = None


Signal = Callable[[Part, Known], Iterator[Ground]]


def grounds(part: Part, known: Known, signals: Sequence[Signal]) -> list[Ground]:
    """All that speaks for any task, the best first. What the person said of a branch outweighs its name and its past."""
    found = [ground for signal in signals for ground in signal(part, known)]
    if any(ground.rule and known.rule_kinds[ground.rule] == "branch" for ground in found):
        return [ground for ground in found if ground.signal not in ("A4", "B2")]
    return found


# ---------------------------------------------------------------------------------------------------------- A recorded


def declared(part: Part, known: Known) -> Iterator[Ground]:
    """`task start KEY` where the session runs, as it ran; a trailer of its commit; the name that the person gave it."""
    for one in _declarations(part, known):
        if len(one.sessions) == 1:
            yield Ground(one.task, "A6", "declared with “tokentrack task start”")
        else:
            yield Ground(one.task, "C6", "declared with “tokentrack task start” while several sessions ran here")
    for commit in known.made_in(part):
        if any(kind == "task" for kind, _ in commit.marks):
            for task in known.named_by(commit):
                yield Ground(task.id, "A6", f"commit {_short(commit)} declares {_called(task)}")
    if part.session.named is not None:
        one_of_several = part.branch is not None and len(known.parts(part.session)) > 1  # of which its branch may tell
        for task in known.in_text(part.session.project, part.session.named):
            signal = "C6" if one_of_several else "A6"
            yield Ground(task.id, signal, f"you named the session “{part.session.named}”")


def _declarations(part: Part, known: Known) -> list[Declaration]:
    """What was declared during the part; else the last before it began, within half an hour and in no other part."""
    begins, ends = part.begins, part.ends
    told = known.declared.get(part.session.id, [])
    if not told or begins is None or ends is None:
        return []
    others = [(one.begins, one.ends) for one in known.parts(part.session) if one.first != part.first]
    meanwhile = [one for one in told if begins <= one.at <= ends]
    shortly = [one for one in told if begins - NEAR_MS <= one.at < begins]
    return meanwhile or [one for one in shortly if not any((a or 0) <= one.at <= (b or 0) for a, b in others)][-1:]


def trailer(part: Part, known: Known) -> Iterator[Ground]:
    """A commit that bears the session's id and names the task."""
    session = part.session
    for commit in known.trailing(session):
        inside = part.first == 0 and part.last == len(session.turns) - 1
        if inside or commit.authored_at in range(part.begins or 0, (part.ends or 0) + AFTER_MS):
            for task in known.named_by(commit):
                yield Ground(task.id, "A1", f"commit {_short(commit)} of this session {_verb(commit)} {_called(task)}")


def pull_request(part: Part, known: Known) -> Iterator[Ground]:
    """A pull request that the session opened, or that its own branch became, is the task."""
    for url in _urls(part, "output"):
        for task in known.at_url(part.session.project, url):
            yield Ground(task.id, "A2", f"this session opened {_called(task)}")
        for commit in known.landed(part.session.project, url):
            for task in known.named_by(commit):
                yield Ground(task.id, "A2", f"its pull request {_verb(commit)} {_called(task)}")
    pulls = known.pulls_of(part)
    for url in _urls(part, "pr-link"):
        if url.rpartition("/")[2] in pulls:
            for task in known.at_url(part.session.project, url):
                yield Ground(task.id, "A2", f"{_called(task)} was merged from branch {part.branch}")


def address(part: Part, known: Known) -> Iterator[Ground]:
    """The task's exact address in a prompt or in the title; among words that speak of something else it is a mere quotation."""
    for url in _urls(part, "prompt"):
        for task in known.at_url(part.session.project, url):
            signal = "A3" if _meant(part, url, task) else "C1"
            yield Ground(task.id, signal, f"the address of {_called(task)} in a prompt")


def _meant(part: Part, url: str, task: Task) -> bool:
    """Whether an address stands nearly alone, or among words of the task that it leads to; not after a word that says no."""
    texts = part.session.texts if part.first == 0 else ()
    if any(denied(text, url) for text in texts):
        return False
    beside = [text for text in texts if url.lower() in text.lower()] or texts
    said = words((*texts, part.branch or ""))
    return len(words(beside)) <= FEW or len(said & words([task.title])) >= IN_COMMON


def branch_key(part: Part, known: Known) -> Iterator[Ground]:
    """A known key in the name of the branch or of the worktree."""
    if part.branch:
        for task in known.in_name(part.session.project, part.branch):
            yield Ground(task.id, "A4", f"branch {part.branch}")
    for folder in part.session.worktree:
        for task in known.in_name(part.session.project, folder):
            yield Ground(task.id, "A4", f"worktree {folder}")


def branch_title(part: Part, known: Known) -> Iterator[Ground]:
    """The branch bears the task's title, word by word, as trackers and agents name the branches they make."""
    if part.branch is not None:
        for task in known.titles(part.session.project).borne_by(part.branch):
            yield Ground(task.id, "A4", f"branch {part.branch} bears its title")


def commit_made(part: Part, known: Known) -> Iterator[Ground]:
    """A commit made inside the session names the task. On a trunk a plain number is no such name: change logs quote many."""
    made = known.made_in(part)
    for commit in made:
        if any(kind == "task" for kind, _ in commit.marks):  # that is a declaration
            continue
        for task in known.named_by(commit, numbers=part.branch is not None):
            yield Ground(task.id, "A5", f"commit {_short(commit)} made here {_verb(commit)} {_called(task)}")
    if not made:  # the repository does not have it any more, but git's own output told its subject
        told = [(mark.kind, mark.value) for mark in part.marks if mark.source == "commit"]
        marks = [mark for mark in told if mark[0] == "key" or part.branch is not None]
        for task in known.in_marks(part.session.project, marks):
            yield Ground(task.id, "A5", f"a commit made here names {_called(task)}")


def commit_on_branch(part: Part, known: Known) -> Iterator[Ground]:
    """A commit that another session made on the branch, or the one that merged it, names the task, and the branch's name none."""
    there = known.life_of(part)
    if there is None or known.in_name(*there):
        return
    own = {commit.sha for commit in known.made_in(part)}
    for commit in known.made_on.get(there, []):
        if commit.sha not in own and known.same_life(part, commit.authored_at, commit.authored_at):
            for task in known.named_by(commit):
                yield Ground(task.id, "A5", f"commit {_short(commit)} on this branch {_verb(commit)} {_called(task)}")
    for commit in known.merges_of(part):
        for task in known.named_by(commit):
            yield Ground(task.id, "A5", f"merge {_short(commit)} of this branch {_verb(commit)} {_called(task)}")


# ---------------------------------------------------------------------------------------------------------- B confirmed


def ruled(part: Part, known: Known) -> Iterator[Ground]:
    """A rule that is awake speaks for it; of one that sleeps it is said why (C5)."""
    found = rule_for(part, known)
    if found is not None:
        rule, why = found
        name = f"rule {rule.kind} {rule.pattern} → {_called(known.tasks[rule.task])}"
        yield Ground(rule.task, "B1", name, rule.id) if why is None else Ground(rule.task, "C5", f"{name}: {why}")


def branch_history(part: Part, known: Known) -> Iterator[Ground]:
    """The same branch was linked to this task, and to no other, within two weeks."""
    there = known.life_of(part)
    if there is None:
        return
    worked = [
        one
        for one in known.on_branch.get(there, [])
        if known.same_life(part, one.since, one.until) and known.stood(part.session.id, one.decided_at)
    ]
    tasks = {one.task for one in worked}
    task = tasks.pop() if len(tasks) == 1 else None
    if task is not None:
        since = min(one.since for one in worked)
        yield Ground(task, "B2", f"branch {part.branch} linked to it since {day(since)}")


def continued(part: Part, known: Known) -> Iterator[Ground]:
    """It resumes or is a fork of a session that is linked to the task, and did not go on to another branch."""
    parent = known.facts.sessions.get(part.session.parent or "")
    if parent is None:
        return
    tasks = {link.task for link in known.links_of.get(parent.id, []) if known.stood(part.session.id, link.created_at)}
    task = tasks.pop() if len(tasks) == 1 else None
    if task is not None and (part.told is None or part.branch in {one.branch for one in known.parts(parent)}):
        yield Ground(task, "B3", "continues a session linked to it")


# ---------------------------------------------------------------------------------------------------------- C plausible


def quoted(part: Part, known: Known) -> Iterator[Ground]:
    """A known key in the title or in the part's first prompt: people also quote other tasks."""
    project = part.session.project
    texts = part.session.texts if part.first == 0 else ()
    in_title = [("key", key) for text in texts for key in keys_in(text)]
    for task in known.in_marks(project, in_title):
        yield Ground(task.id, "C1", f"{_called(task)} in the title")
    first = [(mark.kind, mark.value) for mark in part.marks if mark.turn == part.first and mark.source == "prompt"]
    for task in known.in_marks(project, first):
        yield Ground(task.id, "C1", f"{_called(task)} in the first prompt")


def commit_meanwhile(part: Part, known: Known) -> Iterator[Ground]:
    """An own commit in the repository while the session ran, or a quarter of an hour later, names the task."""
    begins, ends = part.begins, part.ends
    if known.life_of(part) is None or begins is None or ends is None:
        return
    for commit in known.history(part.session.project).between(begins, ends + AFTER_MS):
        if commit.mine:
            for task in known.named_by(commit):
                yield Ground(task.id, "C2", f"own commit {_short(commit)} meanwhile {_verb(commit)} {_called(task)}")


def pull_request_met(part: Part, known: Known) -> Iterator[Ground]:
    """The task's pull request showed up in the session."""
    for url in _urls(part, "pr-link"):
        for task in known.at_url(part.session.project, url):
            yield Ground(task.id, "C3", f"{_called(task)} showed up in this session")


def quoted_later(part: Part, known: Known) -> Iterator[Ground]:
    """A known key in a later prompt."""
    later = [(mark.kind, mark.value) for mark in part.marks if mark.turn > part.first and mark.source == "prompt"]
    for task in known.in_marks(part.session.project, later):
        yield Ground(task.id, "C4", f"{_called(task)} in a later prompt")


# ---------------------------------------------------------------------------------------------------------- D weak


def beside(part: Part, known: Known) -> Iterator[Ground]:
    """Within half an hour of a linked session in the same folder."""
    begins, ends = part.begins, part.ends
    if begins is None or ends is None or part.session.folder is None:
        return
    for began, ended, session in known.in_folder.get(part.session.folder, ()):
        if session != part.session.id and began - NEAR_MS <= ends and begins <= ended + NEAR_MS:
            for link in known.links_of[session]:
                if link.task is not None and known.stood(part.session.id, link.created_at):
                    yield Ground(link.task, "D1", "close in time to a session in this folder that is linked to it")


def one_open(part: Part, known: Known) -> Iterator[Ground]:
    """It is the one open task of the project."""
    opened = (task for task in known.by_project.get(part.session.project, []) if task.outcome is None)
    tasks = list(islice(opened, 2))
    if part.session.project is not None and len(tasks) == 1:
        yield Ground(tasks[0].id, "D2", "the one open task of this project")


def alike(part: Part, known: Known) -> Iterator[Ground]:
    """Words of the title and the branch are words of the task's title."""
    texts = [*(part.session.texts if part.first == 0 else ()), *part.names]
    for _, task in known.titles(part.session.project).nearest(words(texts), LATELY):
        yield Ground(task.id, "D3", "words in common with its title")


def lately(part: Part, known: Known) -> Iterator[Ground]:
    """Worked on or entered last, among the project's tasks."""
    begins = part.begins
    if begins is None:
        return
    for task in islice(known.latest(part.session.project, begins), LATELY):
        yield Ground(task.id, "D4", "worked on or entered lately in this project")


SIGNALS: tuple[Signal, ...] = (
    declared, trailer, pull_request, address, branch_key, branch_title, commit_made, commit_on_branch,
    ruled, branch_history, continued,
    quoted, commit_meanwhile, pull_request_met, quoted_later,
)  # fmt: skip
WEAK: tuple[Signal, ...] = (beside, one_open, alike, lately)


# ---------------------------------------------------------------------------------------------------------- against
# What speaks against a task that the past suggests, in words; None: nothing.


def names_unknown(part: Part, _task: Task, known: Known) -> str | None:
    """The branch names a key of the project's form that is no task yet."""
    unknown = unheard(part, known)
    return f"the branch names {unknown[0]}, which is no task yet" if unknown else None


def quotes_another(part: Part, task: Task, known: Known) -> str | None:
    """The title or the first prompt names another task, and not this one."""
    others = [ground.task for ground in quoted(part, known)]
    return f"but {_called(known.tasks[others[0]])} stands in the prompt" if others and task.id not in others else None


def nearer(part: Part, task: Task, known: Known) -> str | None:
    """Another task to whose title the session's words are much nearer."""
    if part.first:
        return None
    titles = known.titles(part.session.project)
    found = words(part.session.texts)
    near = titles.nearest(found)
    if not near or near[0][0] < CLEAR or near[0][1].id == task.id or 2 * titles.likeness(found, task) >= near[0][0]:
        return None
    return f"but its words are those of {_called(near[0][1])}"


def unheard(part: Part, known: Known) -> list[str]:
    """Keys in the branch of the form that the project's tasks have, which no task has."""
    project = part.session.project
    prefixes = known.prefixes.get(project, set())
    keys = [key for name in part.names for key in keys_in(name) if key.rpartition("-")[0] in prefixes]
    if project in known.numbered:
        keys += [f"#{number}" for name in part.names for number in numbers_in(name)]
    return [key for key in dict.fromkeys(keys) if known.task_called(project, key) is None]


# ---------------------------------------------------------------------------------------------------------- words


def _called(task: Task) -> str:
    return task.key or task.title


def _short(commit: Commit) -> str:
    return commit.sha[:7]


def _verb(commit: Commit) -> str:
    return "closes" if any(kind == "closes" for kind, _ in commit.marks) else "names"


def _urls(part: Part, source: str) -> Iterable[str]:
    return dict.fromkeys(mark.value for mark in part.marks if mark.kind == "url" and mark.source == source)
