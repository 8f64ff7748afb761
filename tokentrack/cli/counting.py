"""What was used, by whatever is asked; and how the commands about it tell counts, agents and days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from sqlite3 import Connection

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.importing import account_json, account_line
from tokentrack.cli.names import one_project
from tokentrack.cli.out import json_option, opened, print_json, total_json
from tokentrack.model.usage import Session, Total
from tokentrack.phrases import plural
from tokentrack.store import read, tasks
from tokentrack.store.read import Where

GROUPS = ["day", "week", "month", *read.KEYS]


def sessions_in(unrecorded: Iterable[tuple[str, int]]) -> int:
    return sum(count for _, count in unrecorded)


def counted(count: int, total: Total, unrecorded: int) -> str:
    """Nobody knows how many requests the sessions had of which nothing is recorded."""
    return "–" if unrecorded and not total.requests else f"{count:,}"


@click.command()
@click.option("--by", default="day", type=click.Choice(GROUPS))
@click.option("--since", type=out.Day(), help="First local day.")
@click.option("--until", type=out.Day(), help="Last local day.")
@click.option("--agent")
@click.option("--project", help="A project's name or path.")
@json_option
@click.pass_obj
def usage(
    store: Path, by: str, since: date | None, until: date | None, agent: str | None, project: str | None, as_json: bool
) -> None:
    """Totals by day, by agent, by task and more: --by names the key."""
    from tokentrack.account import spend
    from tokentrack.review import usage as totals

    where = between(since, until)._replace(agent=known_agent(agent))
    with opened(store) as db:
        where = where._replace(project=_met(db, project))
        silent = totals.unrecorded(db, where)
        counts = totals.unrecorded_by(db, by, where, silent)
        found = {key: Total() for key in counts} | dict(totals.totals(db, by, where))
        rows = [(key, row, counts.get(key, 0)) for key, row in sorted(found.items())]
        total = read.total(db, where)
        names = {task.id: f"{task.name[:50]} ({task.id})" for task in tasks.tasks(db)} if by == "task" else {}
        imported = spend(db, where.since, where.until) if agent in (None, "cursor") and project is None else None
    shown = imported if imported and (imported.rows or imported.not_charged) else None
    if as_json:
        print_json({
            "by": by,
            "rows": [{"key": key, **total_json(row, count)} for key, row, count in rows],
            "total": total_json(total, len(silent)),
            **({"account": {"cursor": account_json(shown)}} if shown else {}),
        })  # fmt: skip
        return
    shown_rows = [(names.get(key, key), row, count) for key, row, count in rows]
    out.table([by, "list value", *TOKEN_HEADS], [usage_row(*row) for row in [*shown_rows, ("all", total, len(silent))]])
    if silent:
        click.echo("")
    _tell_unrecorded(silent)
    if shown:
        click.echo(
            f"\n{account_line(shown)}\nImported from its export, beside the sums above: the two may be the same spend."
        )


def known_agent(name: str | None) -> str | None:
    """The agent's name as given. Raises UsageError for one that no reader has."""
    if name is not None:
        from tokentrack.agents import AGENTS  # which `today`, importing this, need not wait for

        names = [agent.NAME for agent in AGENTS]
        if name not in names:
            raise click.UsageError(f"No agent is called {name}; there are {', '.join(names)}.")
    return name


def _met(db: Connection, project: str | None) -> str | None:
    """The path or name of a project as a sum is asked of it. Raises ClickException where no session was in one of that name."""
    if project is None or project == read.UNKNOWN or read.known(db, "project", project):
        return project
    path = one_project(db, project)
    if path is None or not read.known(db, "project", path):
        raise click.ClickException(f"No project is called {project}.")
    return path


TOKEN_HEADS = ("requests", "input", "output", "cache read", "cache write 5m", "cache write 1h")


def usage_row(key: str, total: Total, unrecorded: int = 0) -> tuple[str, ...]:
    counts = (total.requests, total.input, total.output, total.cache_read, total.cache_write_5m, total.cache_write_1h)
    return (key, out.money(total, unrecorded), *(counted(count, total, unrecorded) for count in counts))


def _tell_unrecorded(sessions: Iterable[Session]) -> None:
    """One line for each agent."""
    for agent, count in sorted(Counter(session.agent for session in sessions).items()):
        out.line(f"{out.agent(agent)}: {plural(count, 'session')}, tokens not recorded")


def between(since: date | None, until: date | None) -> Where:
    if since is not None and until is not None and until < since:
        raise click.UsageError(f"The last day {until} lies before the first, {since}.")
    return Where(
        since=None if since is None else clock.start_of(since),
        until=None if until is None else clock.start_of(until + clock.DAY),
    )


def unrecorded(session: Session) -> str:
    """That tokens were used which nobody wrote down."""
    some = " for some turns" if session.total.requests else ""
    return f"Tokens not recorded by {out.agent(session.agent)}{some}."
