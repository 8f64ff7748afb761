"""What sessions may belong to, asked and shown; the repositories that it takes are read first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.model.tasks import Span, Suggestion
from tokentrack.store import read
from tokentrack.store.links import said

if TYPE_CHECKING:
    from tokentrack.review.waiting import NewTask

MOST_SECONDS = 30.0
"""How long repositories may take before something is suggested or linked by a rule; what is missing then is read next time."""


def suggested(db: Connection, sessions: Sequence[str] | None = None) -> list[Suggestion]:
    """What these sessions may belong to, by what is known now; None: all that wait. Repositories are read for it where needed."""
    from tokentrack.review.suggesting import suggest

    read_repositories(db, None if sessions is None else _projects(db, sessions))
    return suggest(db, clock.now_ms(), sessions)


def suggested_and_new(db: Connection, sessions: Sequence[str] | None = None) -> tuple[list[Suggestion], list[NewTask]]:
    """The same, and the tasks that branches name and that are not there yet."""
    from tokentrack.review.waiting import suggest

    read_repositories(db, None if sessions is None else _projects(db, sessions))
    return suggest(db, clock.now_ms(), sessions)


def read_repositories(db: Connection, projects: Sequence[str] | None = None) -> None:
    """What is new in them, within the time that a command waits; a terminal is told which one is read."""
    from tokentrack import repositories

    with _told() as on_read:
        repositories.refresh_all(db, clock.now_ms(), projects, total=MOST_SECONDS, on_read=on_read)


@contextmanager
def _told() -> Iterator[Callable[[str], None]]:
    """A line on standard error that gives way to the next and is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda project: click.echo(
            f"\r\x1b[KReading repository {out.one_line(Path(project).name)} …", nl=False, err=True
        )
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def _projects(db: Connection, sessions: Iterable[str]) -> list[str]:
    found = (session.project for uid in sessions for session in read.sessions_like(db, uid))
    return list(dict.fromkeys(project for project in found if project))


def show_suggestions(found: Iterable[Suggestion], names: dict[str | None, str]) -> None:
    """A line for each: ● what `accept` takes, ○ what needs a choice."""
    for offer in found:
        mark = "●" if offer.preselected else "○"
        where = "" if offer.turns == Span() else f", {said(offer.turns).lower()}"
        out.line(f"{mark} {offer.session}{where}: {names.get(offer.task, offer.task)} ({'; '.join(offer.reasons)})")


def show_new(found: Iterable[NewTask]) -> None:
    """A line for each session whose branch names a task that is not there yet."""
    for one in found:
        where = "" if one.turns == Span() else f", {said(one.turns).lower()}"
        out.line(f"○ {one.session}{where}: create {one.task.key}? ({one.task.key} is no task yet)")
