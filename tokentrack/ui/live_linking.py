"""The inbox over a store file: what waits, asked on a thread of its own, and what is decided of it.

What finds suggestions is imported with the first question: the tray needs none of it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from tokentrack import clock
from tokentrack.model.tasks import Rule, Task
from tokentrack.phrases import plural
from tokentrack.store import StoreError, asking, links, read, rules, tasks
from tokentrack.ui.live_store import Connected, Read, Write, noted
from tokentrack.ui.source_linking import Choice, Held, Moved, Tried

if TYPE_CHECKING:
    from tokentrack.review.inbox import Inbox

T = TypeVar("T")


class LiveWaiting(Connected):
    """`Waiting` with a connection of its own."""

    def inbox(self, cuts: Mapping[str, Collection[int]]) -> Inbox:
        from tokentrack.review import waiting

        return self._ask(lambda: waiting.inbox(self._db, clock.now_ms(), cuts))

    def preview(self, rule: Rule) -> Tried:
        from tokentrack.review import suggesting

        with asking(self.store):
            _refuse(self._db, rule)
            sessions = {session.id: session for session in read.sessions(self._db)}
            found = suggesting.preview(self._db, rule, clock.now_ms())
        moved = [Moved(sessions[uid], turns, total) for uid, turns, total in found.moved if uid in sessions]
        held = [Held(sessions[uid], turns, why) for uid, turns, why in found.held if uid in sessions]
        return Tried(tuple(sorted(moved, key=_newest)), tuple(sorted(held, key=_newest)))


def _newest(one: Moved | Held) -> tuple[int, str, int]:
    return -(one.session.ended_at or 0), one.session.id, one.turns.first


class LiveLinking:
    """`Linking` over a connection."""

    def __init__(self, ask: Read, write: Write) -> None:
        self._ask, self._write = ask, write

    def tasks(self) -> list[Task]:
        return self._ask(tasks.tasks, list)

    def projects(self) -> list[tuple[str, str]]:
        return self._ask(tasks.projects, list)

    def rules(self) -> list[tuple[Rule, int, str | None]]:
        from tokentrack.review.suggesting import sleeping

        def counted(db: sqlite3.Connection) -> list[tuple[Rule, int, str | None]]:
            made = Counter(link.rule for link in links.links(db))
            asleep = sleeping(db, clock.now_ms())
            return [(rule, made[rule.id], asleep.get(rule.id)) for rule in rules.rules(db)]

        return self._ask(counted, list)

    def link(self, what: str, choices: Iterable[Choice]) -> None:
        noted(self._write, what, lambda db: _link(db, choices, {}))

    def reject(self, what: str, pairs: Iterable[tuple[str, str]]) -> str:
        def change(db: sqlite3.Connection) -> tuple[set[str], set[str]]:
            taken_out, kept = set[str](), set[str]()
            for session, task in pairs:
                taken_out |= {link.session for link in links.reject(db, session, task, clock.now_ms())}
                kept |= {link.session for link in links.links(db, [session], task)}
            return taken_out, kept

        return _of_rejected(*noted(self._write, what, change))

    def add_rule(self, what: str, rule: Rule, task: Task, choices: Iterable[Choice] = ()) -> int:
        from tokentrack import rules as applying

        def change(db: sqlite3.Connection) -> int:
            _refuse(db, rule)
            made: dict[Task, str] = {}
            uid = _made(db, task, made)
            linked = _link(db, choices, made)
            rules.add(db, rule.kind, rule.project, rule.pattern, uid, clock.now_ms())
            return linked + applying.apply(db, clock.now_ms())

        return noted(self._write, what, change)

    def pause_rule(self, what: str, rule: Rule, why: str | None) -> None:
        noted(self._write, what, lambda db: rules.pause(db, rule.id, why))

    def remove_rule(self, what: str, rule: Rule, with_links: bool) -> int:
        return noted(self._write, what, lambda db: rules.remove(db, rule.id, with_links))


def _of_rejected(taken_out: Collection[str], kept: Collection[str]) -> str:
    """What became of sessions that were linked to the task which they are said not to belong to."""
    told = []
    if taken_out:
        told.append(f"What a rule linked to it in {plural(len(taken_out), 'session')} waits again")
    if kept:
        told.append(f"What you linked to it in {plural(len(kept), 'session')} stays; U on the Sessions page unlinks it")
    return ". ".join(told)


def _refuse(db: sqlite3.Connection, rule: Rule) -> None:
    """Raises StoreError for a rule that would link what is not one task's, such as a trunk."""
    from tokentrack.review import suggesting

    if why := suggesting.refused(db, rule, clock.now_ms()):
        raise StoreError(why)


def _link(db: sqlite3.Connection, choices: Iterable[Choice], made: dict[Task, str]) -> int:
    """How many links were made."""
    count = 0
    for choice in choices:
        task = None if choice.task is None else _made(db, choice.task, made)
        links.put(db, choice.session, task, choice.turns, choice.source, clock.now_ms())
        count += 1
    return count


def _made(db: sqlite3.Connection, task: Task, made: dict[Task, str]) -> str:
    """The task's id. One that has none yet is made, and one that is to go on is opened again, once."""
    from tokentrack.review.inbox import reopened

    if task not in made:
        made[task] = task.id or tasks.add(db, replace(task, created_at=task.created_at or clock.now_ms())).id
        if reopened(task):
            tasks.reopen(db, task.id, clock.now_ms())
    return made[task]
