"""Commands about the store and what surrounds it: doctor, budget, backup, restore."""

from __future__ import annotations

import math
import os
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.model import Budget
from tokentrack.money import dollars
from tokentrack.review import budgets
from tokentrack.review.budgets import Spent
from tokentrack.review.paid import paid
from tokentrack.store import copy_to, read, restore_from, transaction, write


@click.command()
@json_option
@click.pass_obj
def doctor(store: Path, as_json: bool) -> None:
    """What is read and what is not: folders, logs, unreadable lines, models without a price."""
    from tokentrack.review.health import examine
    from tokentrack.review.limits import limits

    with opened(store) as db:
        found = examine(db, store, paths.home(), os.environ)
        told = limits(db)
    if as_json:
        print_json(found)
        return
    for agent in found["agents"]:
        click.echo(
            f"{agent['agent']}: {agent['logs']} logs, {agent['requests']} requests, {agent['gone_logs']} logs gone"
        )
        for root in agent["roots"]:
            click.echo(f"  {'found    ' if root['found'] else 'not there'}  {root['path']}")
        if agent["versions"]:
            click.echo(f"  versions seen: {', '.join(agent['versions'])}")
        if agent["days_without_logs"]:
            days = agent["days_without_logs"]
            click.echo(f"  days without logs: {len(days)}, the last {days[-1]}")
        for limit in told:
            if limit.agent == agent["agent"]:
                click.echo(f"  limit {limit.text}")
        for problem in agent["problems"][:20]:
            click.echo(f"  {problem['log']}: {problem['reason']}")
    for row in found["unpriced"]:
        click.echo(f"no price for {row['model']}: {row['requests']} requests count as unknown")
    click.echo(f"store: {found['store']['path']}, {found['store']['bytes'] / 1e6:.1f} MB")
    click.echo(f"watching: {found['watching']['note']}")
    for problem in found["problems"]:
        click.echo(problem)


@click.group()
def budget() -> None:
    """What you plan to spend in a day, a week or a month."""


@budget.command("set")
@click.argument("amount", type=float)
@click.argument("unit", type=click.Choice(["usd", "tokens"]))
@click.argument("period", type=click.Choice(["day", "week", "month"]))
@click.option("--measure", type=click.Choice(["list_value", "paid"]), default="list_value")
@click.option("--project", help="Only for this project.")
@click.option("--from", "since", type=out.Day(), help="In force from this day on; today if not given.")
@json_option
@click.pass_obj
def budget_set(
    store: Path,
    amount: float,
    unit: str,
    period: str,
    measure: str,
    project: str | None,
    since: date | None,
    as_json: bool,
) -> None:
    """Plan AMOUNT (dollars or tokens) for each day, week or month. Earlier periods keep the budget they had."""
    if measure == "paid" and (project or unit == "tokens"):
        raise click.UsageError("What is paid is an amount of dollars for all projects together.")
    whole = round(amount if unit == "tokens" else amount * 1_000_000) if math.isfinite(amount) else 0
    if not 0 < whole < 2**53:
        raise click.UsageError("A budget is more than nothing and has a limit.")
    with opened(store) as db:
        with transaction(db):
            kind = "tokens" if unit == "tokens" else measure
            write.add_budget(db, kind, whole, period, project, since or clock.today(), clock.now_ms())
        if kind == "paid" and paid(db, clock.today(), clock.today()).amount is None:
            click.echo(
                "Nothing tells yet what you pay: `tokentrack plan add` and `tokentrack charge add` do.", err=True
            )
        _show_budgets(db, as_json)


@budget.command("show")
@json_option
@click.pass_obj
def budget_show(store: Path, as_json: bool) -> None:
    """Every budget you have set, each in force from its day on."""
    with opened(store) as db:
        _show_budgets(db, as_json)


def _show_budgets(db: Connection, as_json: bool) -> None:
    """Every budget; of those in force also what is used, since the beginning of the running period."""
    found = read.budgets(db)
    running = {spent.budget.id: spent for spent in budgets.all_spent(db, clock.today())}
    if as_json:
        print_json({"budgets": [_budget_json(entry, running.get(entry.id)) for entry in found]})
    elif not found:
        click.echo("No budget is set. `tokentrack budget set 40 usd week` plans $40 of list value a week.")
    for entry in [] if as_json else found:
        whose = f" for {entry.project}" if entry.project else ""
        line = f"from {entry.since}: {_amount(entry, entry.amount)} a {entry.period}{whose} ({entry.measure.replace('_', ' ')})"
        if spent := running.get(entry.id):
            line += f", {_used(spent)} used since {spent.first}"
        click.echo(line)


def _used(spent: Spent) -> str:
    if spent.known is None:
        return "unknown"
    more = " + unknown" if spent.unpriced_requests and spent.budget.measure != "tokens" else ""
    return f"{'at least ' if spent.at_least else ''}{_amount(spent.budget, spent.known)}{more}"


def _amount(entry: Budget, amount: int) -> str:
    return f"{amount:,} tokens" if entry.measure == "tokens" else dollars(amount)


def _budget_json(entry: Budget, spent: Spent | None) -> dict[str, Any]:
    return {
        "measure": entry.measure,
        "amount": entry.amount,
        "period": entry.period,
        "project": entry.project,
        "from": entry.since.isoformat(),
        "used": spent.known if spent else None,
    }


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def backup(store: Path, file: Path, as_json: bool) -> None:
    """Write a consistent copy of the store to FILE, also while the app runs."""
    with opened(store) as db:
        copy_to(db, file)
    if as_json:
        return print_json({"backup": str(file), "bytes": file.stat().st_size})
    return click.echo(f"Copied to {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def restore(store: Path, file: Path, as_json: bool) -> None:
    """Put the copy FILE in the store's place. The store as it was is kept beside it."""
    kept = restore_from(file, store)
    if as_json:
        return print_json({"restored": str(store), "kept": str(kept) if kept else None})
    return click.echo(f"Restored {store}." + (f" The store as it was is kept as {kept}." if kept else ""))
