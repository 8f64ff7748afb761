"""Tasks as the interface sees them, over a store file; their sums on a thread of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack import clock
from tokentrack.linking import urls
from tokentrack.linking.urls import Proposed
from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session
from tokentrack.store import StoreError, journal, links, repositories, tasks
from tokentrack.ui import words
from tokentrack.ui.live_store import Connected, Read, Write, noted
from tokentrack.ui.outcomes import word
from tokentrack.ui.source_tasks import Found, Linked, Offered

if TYPE_CHECKING:
    from tokentrack.review.calibration import Calibration
    from tokentrack.review.ledger import Ledger
    from tokentrack.review.task_page import Moving, TaskPage

MOST = 120
"""Characters of a task's name in a sentence."""
MOST_EVIDENCE = 12
"""Commits and branches that are named one by one."""
GIT_SECONDS = 20.0
"""The most that one repository is waited for; what is missing then is read by the next question."""


class LiveTasks:
    """`Tasks` over a connection."""

    def __init__(self, read: Read, write: Write) -> None:
        self._read, self._write = read, write

    def projects(self) -> list[tuple[str, str]]:
        return self._read(tasks.projects, list)

    def every(self) -> list[Task]:
        return self._read(tasks.tasks, list)

    def linked(self, session: str | None = None) -> dict[str, list[Linked]]:
        def read(db: sqlite3.Connection) -> dict[str, list[Linked]]:
            known = {task.id: task for task in tasks.tasks(db)}
            by_session = links.by_session(db, None if session is None else [session])
            return {
                uid: [Linked(link.turns, None if link.task is None else known.get(link.task)) for link in found]
                for uid, found in by_session.items()
            }

        return self._read(read, dict)

    def proposed(self, text: str) -> tuple[Proposed, str | None] | None:
        found = urls.proposed(text)
        if found is None:
            return None
        return found, self._read(lambda db: _project_of(db, found), lambda: None)

    def add(self, given: Sequence[Task], spend: tuple[int, int] | None = None) -> str:
        def one(db: sqlite3.Connection, task: Task) -> None:
            made = tasks.add(db, replace(task, url=task.url and urls.bare(task.url)))
            if spend:
                tasks.add_estimate(db, made.id, "spend", *spend, clock.now_ms())

        return self._do(f"Added {_named(given)}", one, given)

    def edit(self, given: Sequence[Task], **fields: object) -> str:
        if isinstance(url := fields.get("url"), str):
            fields["url"] = urls.bare(url)
        return self._do(f"Changed {_named(given)}", lambda db, task: tasks.edit(db, task.id, **fields), given)

    def alias(self, task: Task, alias: str | None) -> int:
        def change(db: sqlite3.Connection) -> int:
            with journal.change(db, f"Changed {_named([task])}", clock.now_ms()) as number:
                tasks.edit(db, task.id, alias=alias)
            return number

        return self._write(change)

    def finish(self, given: Sequence[Task], outcome: str, note: str) -> str:
        def one(db: sqlite3.Connection, task: Task) -> None:
            tasks.finish(db, task.id, outcome, note, clock.now_ms())
            if note:
                tasks.edit(db, task.id, note=note)

        return self._do(f"Finished {_named(given)}: {word(outcome)}", one, given)

    def reopen(self, given: Sequence[Task]) -> str:
        return self._do(f"Reopened {_named(given)}", lambda db, task: tasks.reopen(db, task.id, clock.now_ms()), given)

    def delete(self, given: Sequence[Task]) -> str:
        return self._do(f"Deleted {_named(given)}", lambda db, task: tasks.delete(db, task.id), given)

    def merge(self, kept: Task, gone: Sequence[Task]) -> str:
        what = f"Merged {_named(gone)} into {_named([kept])}"
        return self._do(what, lambda db, task: tasks.merge(db, kept.id, task.id, clock.now_ms()), gone)

    def estimate(self, task: Task, what: str, low: int, high: int) -> str:
        return self._do(
            f"Added an estimate to {_named([task])}",
            lambda db, one: tasks.add_estimate(db, one.id, what, low, high, clock.now_ms()),
            [task],
        )

    def link(self, session: Session, task: Task | None, turns: Span) -> str:
        to = f"linked to {_named([task])}" if task else "set aside: no task, on purpose"
        what = f"{words.first(words.turns(turns))} of {_called(session)} {to}"

        def change(db: sqlite3.Connection) -> str:
            from tokentrack import rules

            told = rules.goes_on(db, session.id, turns, clock.now_ms(), task.id if task else None)
            made = tasks.add(db, task) if task and not task.id else task
            links.cut_out(db, session.id, turns)
            links.put(db, session.id, made.id if made else None, turns, "manual", clock.now_ms())
            return told

        return _and(what, noted(self._write, what, change))

    def unlink(self, session: Session, turns: Sequence[Span]) -> str:
        what = f"Unlinked {', '.join(map(words.turns, turns))} of {_called(session)}"

        def change(db: sqlite3.Connection) -> str:
            from tokentrack import rules

            told = [rules.goes_on(db, session.id, one, clock.now_ms()) for one in turns]
            for one in turns:
                links.cut_out(db, session.id, one)
            return next(filter(None, told), "")

        return _and(what, noted(self._write, what, change))

    def _do(self, what: str, one: Callable[[sqlite3.Connection, Task], object], given: Sequence[Task]) -> str:
        def change(db: sqlite3.Connection) -> None:
            for task in given:
                one(db, task)

        noted(self._write, what, change)
        return what


class LiveLedgers(Connected):
    """`Ledgers` with a connection of its own."""

    def ledger(self) -> Ledger:
        from tokentrack.review import ledger

        return self._ask(lambda: ledger.ledger(self._db))

    def page(self, task: str) -> TaskPage | None:
        from tokentrack.review import task_page

        return self._ask(lambda: task_page.page(self._db, task))

    def calibration(self) -> Calibration:
        from tokentrack.review import calibration

        return self._ask(lambda: calibration.calibration(self._db, clock.now_ms()))

    def evidence(self, task: str) -> list[Found]:
        from tokentrack.review import evidence

        def told() -> list[Found]:
            found = evidence.evidence(self._db, task, clock.now_ms())
            if not found:
                return []
            git, unread = evidence.found(found), evidence.unread(found)
            first = [Found(evidence.summary(git, clock.now_ms()))] if git else []
            missing = [Found(f"git cannot be asked: {unread}")] if unread else []
            rest = [Found(evidence.in_words(one), one.at) for one in git]
            return [
                *first,
                *missing,
                *rest[:MOST_EVIDENCE],
                *([Found(f"{len(rest) - MOST_EVIDENCE:,} more")] if rest[MOST_EVIDENCE:] else []),
            ]

        return self._ask(told)

    def moving(self, kept: Task, gone: Sequence[Task]) -> Moving:
        from tokentrack.review import task_page

        return self._ask(lambda: task_page.moving(self._db, [task.id for task in gone]))

    def from_csv(self, path: Path) -> Offered:
        from tokentrack import task_csv
        from tokentrack.csv_rows import NotThatFile

        def read() -> Offered:
            found, rejected = task_csv.read_tasks(path, tasks.projects(self._db), clock.now_ms())
            new, known = task_csv.not_there(self._db, found)
            faults = tuple(f"Line {line}: {reason}." for line, reason in rejected)
            return Offered(tuple(one.task for one in new), known, faults)

        try:
            return self._ask(read)
        except NotThatFile as error:
            raise StoreError(str(error)) from error
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from error

    def from_git(self, go_on: Callable[[], bool]) -> Offered:
        from tokentrack import repositories as history

        found, faults, asked = list[Task](), list[str](), 0
        for project in self._ask(lambda: repositories.projects(self._db)):
            if not go_on():
                break
            try:
                found += self._ask(partial(history.candidates, self._db, project, clock.now_ms(), seconds=GIT_SECONDS))
                asked += 1
            except StoreError as error:
                if history.NO_REPOSITORY not in str(error):
                    faults.append(str(error))
        if not asked and not faults:
            raise StoreError("No repository was found: the folders in which agents ran hold none, or are gone.")
        return Offered(tuple(found), 0, tuple(faults))


def _named(given: Sequence[Task]) -> str:
    return words.cut(given[0].name, MOST) if len(given) == 1 else words.plural(len(given), "task")


def _and(what: str, told: str) -> str:
    """What was done, and a sentence about it."""
    return f"{what}. {told}" if told else what


def _called(session: Session) -> str:
    return f"“{words.cut(words.title(session), MOST)}”"


def _project_of(db: sqlite3.Connection, found: Proposed) -> str | None:
    return repositories.project_at(db, found.repository) if found.repository else None
