"""What the person types ▶ the session, task or rule that is meant: an id, any unique beginning of it, or another name it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from sqlite3 import Connection
from typing import Any, TypeVar

import click

from tokentrack.model.tasks import Rule, Span, Task
from tokentrack.model.usage import Session
from tokentrack.store import read, rules, tasks
from tokentrack.store.links import turns_of

Noun = TypeVar("Noun", Session, Task, Rule)
NO_TASK = "none"
"""What stands for no task, on purpose."""


def title_of(session: Session) -> str:
    return session.title or Path(session.cwd or session.native_id).name


def one_session(db: Connection, name: str) -> Session:
    """The session that an id or a native id means. Raises ClickException, listing the candidates where there are several."""
    return _one(read.sessions_like(db, name), "session", name, lambda one: f"{one.id} ({title_of(one)[:30]})")


def one_task(db: Connection, name: str, project: str | None = None) -> Task:
    """The task that an id or a key means; of several with that key the one of a project. Raises ClickException."""
    found = tasks.tasks_like(db, name)
    if len(found) > 1 and project is not None:
        found = [task for task in found if task.project == project] or found
    return _one(found, "task", name, lambda one: f"{one.id} ({_where(one)}{one.name[:40]})")


def task_names(db: Connection) -> dict[str | None, str]:
    """Task's id ▶ what it is called; None: no task, on purpose."""
    return {None: read.NO_TASK} | {task.id: task.name for task in tasks.tasks(db)}


def _where(task: Task) -> str:
    return f"{PurePath(task.project).name} " if task.project else ""


def one_rule(db: Connection, name: str) -> Rule:
    """Raises ClickException."""
    return _one(rules.rules_like(db, name), "rule", name, lambda one: f"{one.id} ({one.kind} {one.pattern})")


def _one(found: Sequence[Noun], kind: str, name: str, told: Callable[[Noun], str]) -> Noun:
    if not name.strip():
        raise click.ClickException(f"Name a {kind}: its id, or the beginning of it.")
    if not found:
        raise click.ClickException(f"No {kind} is called {name}.")
    if len(found) > 1:
        raise click.ClickException(f"{name} may be {', '.join(map(told, found))}.")
    return found[0]


def one_project(db: Connection, name: str | None) -> str | None:
    """The path of the project that a path or a name means. Raises ClickException."""
    if not name:
        return None
    from tokentrack import task_csv

    try:
        return task_csv.project_path(name, tasks.projects(db))
    except task_csv.NoProject as error:
        raise click.ClickException(f"{str(error)[0].upper()}{str(error)[1:]}.") from None


class ShownByName(click.Group):
    """A group whose first word may be a name: `review 2026-W47` and `prices MODEL` are short for `… show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


class Turns(click.ParamType[Span]):
    name = "A..B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        if isinstance(value, Span):
            return value
        try:
            return turns_of(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
