"""Which rule speaks for a part of a session, and why one sleeps. Rules are made by the person; nothing here makes one."""

from __future__ import annotations

import os.path
from collections.abc import Collection
from pathlib import PurePath

from tokentrack.linking.cuts import Part
from tokentrack.linking.facts import RepositoryFacts
from tokentrack.linking.keys import NO_PREFIXES, is_key, is_trunk, prefix_of
from tokentrack.linking.known import HISTORY_MS, Known, day
from tokentrack.model.tasks import Rule, Task

ORDER = ("branch", "key", "path")
"""The more specific rule wins."""
OVERRIDDEN = 2
HITS = 10
"""A rule that the person overrode so often in so many of its last hits pauses itself (product 3.4)."""


def refusal(
    kind: str, pattern: str, place: RepositoryFacts, project: str | None = None, prefixes: Collection[str] = ()
) -> str | None:
    """Why there can be no such rule, in one sentence; None: there can.

    `project`: the path of that whose folders it names, `place` what is known of it; `prefixes`: those of its tasks' keys.
    """
    if kind == "branch" and place.passing:
        return f"{project} is the home folder or a temporary one, so no branch in it stands for one task."
    if kind == "branch" and not pattern:
        return "A branch has a name, such as feat/refunds."
    if kind == "branch" and is_trunk(pattern, place.default_branch):
        return f"{pattern} is where all work comes together, so no rule can say what is worked on there."
    if kind == "key" and not is_key(pattern):
        return f"{pattern or 'Nothing'} is no key such as PAY-12 or #12."
    if kind == "key" and (prefix := prefix_of(pattern.upper())) in NO_PREFIXES and prefix not in prefixes:
        return f"{pattern} is no task's key: no task here begins with {prefix}-."
    if kind == "path" and (not pattern or _outside(pattern, project)):
        return f"{pattern or 'Nothing'} is no folder inside the project, such as docs."
    return None


def _outside(pattern: str, project: str | None) -> bool:
    """Whether no session of a project can have run there."""
    if project is None:  # any project
        return PurePath(pattern).is_absolute() or ".." in PurePath(os.path.normpath(pattern)).parts
    return not PurePath(os.path.normpath(PurePath(project, pattern))).is_relative_to(project)


def rule_for(part: Part, known: Known) -> tuple[Rule, str | None] | None:
    """The rule that speaks for a part, and why it sleeps (None: it is awake). One that is awake goes first.

    Among those the more specific wins, then the newest.
    """
    found = [
        (rule, asleep(rule, part, known))
        for rule in known.rules
        if rule.task in known.tasks and matches(rule, part, known)
    ]
    found.sort(key=lambda one: (one[1] is not None, ORDER.index(one[0].kind), -one[0].created_at, one[0].id))
    return found[0] if found else None


def matches(rule: Rule, part: Part, known: Known) -> bool:
    """Whether a rule is about a part. On a trunk a branch says nothing.

    Where the person overrode the rule, or said that its task is not the session's, it has nothing to say: others then speak.
    """
    session, facts = part.session, known.facts
    if rule.project not in (None, session.project):
        return False
    if (rule.id, session.id) in facts.overridden or (session.id, rule.task) in facts.rejected:
        return False
    if rule.kind == "branch":
        return known.life_of(part) == (session.project, rule.pattern)
    if rule.kind == "key":
        return rule.pattern.upper() in known.named_in(part)
    if session.folder is None or session.project is None or _outside(rule.pattern, session.project):
        return False
    inside = os.path.relpath(
        PurePath(session.project, rule.pattern), session.project
    )  # worktrees hold the same folders
    return PurePath(session.folder).is_relative_to(PurePath(session.root or session.project, inside))


def finished(task: Task, now: int) -> str | None:
    """That a task was finished by now (UTC milliseconds), in the words in which it is offered nevertheless."""
    if task.finished_at is None or task.finished_at > now:
        return None
    return f"task finished {day(task.finished_at)}: reopen, follow-up, or other?"


def sleeps(rule: Rule, task: Task | None, gone_at: int | None, now: int) -> str | None:
    """Why a rule links nothing now whatever comes, in words; None: it is awake. `gone_at`: when its branch was deleted."""
    if rule.paused is not None:
        return rule.paused
    if task is not None and (ended := finished(task, now)):
        return ended.partition(":")[0]
    return _gone(rule.pattern, gone_at, now) if rule.kind == "branch" else None


def _gone(branch: str, gone_at: int | None, now: int) -> str | None:
    if gone_at is None or gone_at + HISTORY_MS > now:
        return None
    return f"branch {branch} is gone since {day(gone_at)}"


def asleep(rule: Rule, part: Part, known: Known) -> str | None:
    """Why a rule links nothing just now, in words: paused, its task finished, or nothing came of its branch for two weeks."""
    if rule.paused is not None:
        return rule.paused
    if ended := finished(known.tasks[rule.task], known.facts.now):
        return ended
    if rule.kind != "branch" or part.session.project is None:
        return None
    if gone := _gone(rule.pattern, known.repository(part.session.project).gone.get(rule.pattern), known.facts.now):
        return gone
    begins = part.begins
    if begins is not None and (rested := known.rested(part.session.project, rule.pattern, begins, rule.created_at)):
        return f"branch {rule.pattern} rested since {day(rested)}, so its name may be used anew"
    return None
