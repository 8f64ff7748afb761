"""A CSV of tasks ▶ tasks in the store: with a column title, and maybe key, url, project and created_at. Again changes nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tokentrack import clock, git
from tokentrack.csv_rows import rows
from tokentrack.linking import urls
from tokentrack.model.tasks import Task
from tokentrack.phrases import in_one_line
from tokentrack.store import tasks as ledger

COLUMNS = {
    "title": ("title", "summary", "name"),
    "key": ("key", "issue key", "id"),
    "url": ("url", "link"),
    "project": ("project", "repository", "repo"),
    "created_at": ("created_at", "created"),
}
"""What columns may be called."""
LONGEST = 500
"""Characters of a title beyond which it is none."""

Rejected = list[tuple[int, str]]
"""(line, reason) of rows that are no task."""


class Found(NamedTuple):
    """The task of a row; `dated`: the row tells when it was made."""

    line: int
    task: Task
    dated: bool


class NoProject(ValueError):
    """No project, or several, are called so; the message says which, without a full stop."""


def project_path(text: str, known: Iterable[tuple[str, str]]) -> str:
    """The path of the project that a person means by a path or a name; `known` are (path, name). Raises NoProject.

    A folder is the project that sessions in it belong to, though there may be none yet.
    """
    known = list(known)
    if any(path == text for path, _ in known):
        return text
    named = [path for path, name in known if name == text]
    if len(named) > 1:
        raise NoProject(f"several projects are called {text}: {', '.join(named)}")
    if named:
        return named[0]
    folder = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100  # not through links: logs name folders as they were typed
    if folder.is_dir() or Path(text).is_absolute():
        return git.project_of(str(folder))[0]
    raise NoProject(f"no project is called {text}; give its path, or scan first")


def read_tasks(path: Path, projects: Iterable[tuple[str, str]], now: int) -> tuple[list[Found], Rejected]:
    """The tasks of its rows, and the rows that are none. A task without a time was made now.

    `projects` are the (path, name) known. Raises `csv_rows.NotThatFile`, and OSError where it cannot be read.
    """
    known = list(projects)
    found: list[Found] = []
    rejected: Rejected = []
    for line, given in rows(path, COLUMNS, ("title",), rejected):
        try:
            found.append(Found(line, _task(given, known, now), bool(given["created_at"])))
        except ValueError as error:
            rejected.append((line, str(error)))
    return found, rejected


def _task(given: dict[str, str], projects: Sequence[tuple[str, str]], now: int) -> Task:
    title, url = in_one_line(urls.bare(given["title"])), urls.bare(given["url"])
    if not title:
        raise ValueError("it has no title")
    if len(title) > LONGEST:
        raise ValueError(f"its title has more than {LONGEST} characters")
    if reason := ledger.unfit(given["key"], url):
        raise ValueError(reason)
    project = project_path(given["project"], projects) if given["project"] else None
    return Task("", title, given["key"] or None, url or None, project, _moment(given["created_at"], now))


def _moment(text: str, now: int) -> int:
    """UTC milliseconds of an ISO time; without a zone it is UTC, a day is its local beginning."""
    if not text:
        return now
    try:
        if len(text) == len("2026-11-22"):
            return clock.start_of(datetime.fromisoformat(text).date())
        moment = datetime.fromisoformat(text)
        found = clock.to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        found = -1
    if found < 0:
        raise ValueError(f"{text} is no time like 2026-11-22T18:00:00Z")
    return found


@dataclass(frozen=True, slots=True)
class Imported:
    """`new` are the tasks added; `known` is how many were there; `rejected` as `read_tasks` has it."""

    new: list[Task]
    known: int
    rejected: Rejected


def not_there(db: sqlite3.Connection, found: Iterable[Found]) -> tuple[list[Found], int]:
    """Those that are no task yet, each once, and how many are.

    One is there if its project has its key; without a key, if its project has that title, of the same time if the row tells one.
    """
    there: set[object] = set()
    for task in ledger.tasks(db):
        there.update(_names(task))
    new, known = list[Found](), 0
    for one in found:
        undated, exact = _names(one.task)
        if (exact if one.dated and not one.task.key else undated) in there:
            known += 1
        else:
            new.append(one)
            there.update((undated, exact))
    return new, known


def add_tasks(db: sqlite3.Connection, found: Iterable[Found], rejected: Rejected) -> Imported:
    """Adds the tasks that are not there yet. Call inside a transaction and a change of the journal."""
    added, refused = list[Task](), list(rejected)
    new, known = not_there(db, found)
    for one in new:
        try:
            added.append(ledger.add(db, one.task))
        except ledger.TaskThere as error:
            refused.append((one.line, str(error).removesuffix(".")))
    return Imported(added, known, sorted(refused))


def _names(task: Task) -> tuple[object, object]:
    """What a task is known by: without its time, and with it."""
    undated = (task.project, "title", task.title) if task.key is None else (task.project, "key", task.key.upper())
    return undated, (undated, task.created_at)
