"""Commands about budgets: what the person plans to spend, over everything or for one project, and how much of it is used."""

from __future__ import annotations

import math
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.model.costs import Budget
from tokentrack.money import dollars
from tokentrack.review import budgets
from tokentrack.review.budgets import FOLLOWED, PAID_UNKNOWN, Spent
from tokentrack.review.paid import paid
from tokentrack.store import money as ledger
from tokentrack.store import read, tasks, transaction, write


@click.group()
def budget() -> None:
    """What you plan to spend in a day, a week or a month."""


@budget.command("set")
@click.argument("amount", type=float)
@click.argument("unit", type=click.Choice(["usd", "tokens"]))
@click.argument("period", type=click.Choice(["day", "week", "month"]))
@click.option("--measure", type=click.Choice(["list_value", "paid"]), default="list_value")
@click.option("--project", help="For this one project: its path, or its name where one alone has it.")
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
    """Plan AMOUNT (dollars or tokens) for each day, week or month. Earlier periods keep the budget they had.

    There is one budget over everything and one for each project; a later one takes the place of an earlier.
    """
    if measure == "paid" and (project or unit == "tokens"):
        raise click.UsageError("What is paid is an amount of dollars for all projects together.")
    if unit == "tokens" and not amount.is_integer():
        raise click.UsageError(f"{amount} is no number of tokens.")
    whole = round(amount if unit == "tokens" else amount * 1_000_000) if math.isfinite(amount) else 0
    if not 0 < whole < 2**53:
        raise click.UsageError("A budget is more than nothing and has a limit.")
    with opened(store) as db:
        with transaction(db):
            kind = "tokens" if unit == "tokens" else measure
            meant = None if project is None else _project(db, project)
            write.add_budget(db, kind, whole, period, meant, since or clock.today(), clock.now_ms())
        if kind == "paid" and paid(db, clock.today(), clock.today()).amount is None:
            click.echo(
                "Nothing tells yet what you pay: `tokentrack plan add` and `tokentrack charge add` do.", err=True
            )
        _show(db, as_json)


def _project(db: Connection, given: str) -> str:
    """The path of the project that a path or a name means. Raises ClickException, naming what may be meant instead."""
    known = tasks.projects(db)
    plain = given.rstrip("/\\") or given
    if any(path == plain for path, _ in known):
        return plain
    named = [path for path, name in known if name == plain]
    if len(named) == 1:
        return named[0]
    if named:
        raise click.ClickException(f"{given} may be {' or '.join(named)}; give its path.")
    near = get_close_matches(plain, dict.fromkeys(name for one in known for name in one[::-1]), n=3, cutoff=0.5)
    tail = f"near it are {', '.join(near)}" if near else "`tokentrack usage --by project` lists those that were met"
    raise click.ClickException(f"No project is called {given}; {tail}.")


@budget.command("show")
@json_option
@click.pass_obj
def budget_show(store: Path, as_json: bool) -> None:
    """Every budget you have set, each in force from its day on."""
    with opened(store) as db:
        _show(db, as_json)


@budget.command("remove")
@click.argument("number", type=int, metavar="ID")
@json_option
@click.pass_obj
def budget_remove(store: Path, number: int, as_json: bool) -> None:
    """Plan nothing in the place of the budget ID (`budget show` tells it) from today on. Earlier periods keep it."""
    day = clock.today()
    with opened(store) as db:
        with transaction(db):
            found = _budget(db, number)
            if found not in budgets.all_in_force(db, day) + budgets.to_come(db, day):
                raise click.ClickException(f"The budget {number} is not in force any more; earlier periods keep it.")
            ledger.end_budget(db, found, day, clock.now_ms())
        _show(db, as_json)


@budget.command("follow")
@click.argument("number", type=int, metavar="ID")
@json_option
@click.pass_obj
def budget_follow(store: Path, number: int, as_json: bool) -> None:
    """The tray and `today` show the budget ID (`budget show` tells it), and whatever takes its place."""
    with opened(store) as db:
        with transaction(db):
            found = _budget(db, number)
            if found not in budgets.all_in_force(db, clock.today()):
                raise click.ClickException(f"The budget {number} is not in force; nothing was changed.")
            write.set_setting(db, FOLLOWED, found.project or "")
        _show(db, as_json)


def _budget(db: Connection, number: int) -> Budget:
    found = next((entry for entry in read.budgets(db) if entry.id == number), None)
    if found is None:
        raise click.ClickException(f"No budget has the number {number}.")
    return found


def _show(db: Connection, as_json: bool) -> None:
    """Every budget; of those in force also what is used, since the beginning of the running period."""
    found, day = read.budgets(db), clock.today()
    running = {spent.budget.id: spent for spent in budgets.all_spent(db, day)}
    shown = budgets.followed(list(running.values()), read.setting(db, FOLLOWED))
    if as_json:
        print_json({"budgets": [_json(entry, running.get(entry.id), shown) for entry in found]})
    elif not found:
        click.echo("No budget is set. `tokentrack budget set 40 usd week` plans $40 of list value a week.")
    for entry in [] if as_json else found:
        out.line(_line(entry, running.get(entry.id)) + (_in_tray(entry, shown) if len(running) > 1 else ""))


def _line(entry: Budget, spent: Spent | None) -> str:
    whose = f" for {entry.project}" if entry.project else ""
    if not entry.amount:
        return f"{entry.id}  from {entry.since}: nothing planned{whose}"
    amount = f"{_amount(entry, entry.amount)} a {entry.period}{whose} ({entry.measure.replace('_', ' ')})"
    return f"{entry.id}  from {entry.since}: {amount}{f', {_used(spent)}' if spent else ''}"


def _in_tray(entry: Budget, shown: Spent | None) -> str:
    return ", shown in the tray" if shown and entry.id == shown.budget.id else ""


def _used(spent: Spent) -> str:
    if spent.known is None and spent.budget.measure == "paid":
        return PAID_UNKNOWN
    if spent.known is None:
        return f"unknown used since {spent.first}"
    more = " + unknown" if spent.unpriced_requests and spent.budget.measure != "tokens" else ""
    least = "at least " if spent.at_least else ""
    return f"{least}{_amount(spent.budget, spent.known)}{more} used since {spent.first}"


def _amount(entry: Budget, amount: int) -> str:
    return f"{amount:,} tokens" if entry.measure == "tokens" else dollars(amount)


def _json(entry: Budget, spent: Spent | None, shown: Spent | None) -> dict[str, Any]:
    """What is used is None while the budget is not in force."""
    return {
        "id": entry.id,
        "measure": entry.measure,
        "amount": entry.amount,
        "period": entry.period,
        "project": entry.project,
        "from": entry.since.isoformat(),
        "in_force": spent is not None,
        "in_tray": shown is not None and entry.id == shown.budget.id,
        **used_json(spent),
    }


def used_json(spent: Spent | None) -> dict[str, Any]:
    """`used` is None where nothing is known; beside `unpriced_requests` or `at_least` there may be more of it."""
    money = spent is not None and spent.budget.measure != "tokens"
    return {
        "used": spent.known if spent else None,
        "unpriced_requests": spent.unpriced_requests if spent and money else 0,
        "at_least": spent.at_least if spent else False,
    }
