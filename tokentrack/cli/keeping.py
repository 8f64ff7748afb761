"""Commands about the store and what surrounds it: prices, doctor, budget, backup, restore."""

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
from tokentrack.model import Budget, Price
from tokentrack.store import copy_to, read, restore_from, transaction, write


@click.command()
@click.argument("model", required=False)
@json_option
@click.pass_obj
def prices(store: Path, model: str | None, as_json: bool) -> None:
    """The prices in force: of one MODEL, or of every model met so far."""
    from tokentrack.pricing import Prices, own, published

    mine = own.read(paths.own_prices(store))
    prices = Prices([], mine)
    names = [model] if model else []
    if not model:
        with opened(store) as db:
            names = read.models(db)
    in_force = [(name, prices.find(name, "", clock.now_ms())) for name in names]
    found = [("", entry[1]) for _, entry in in_force if entry]
    unpriced = [name for name, entry in in_force if not entry]
    if as_json:
        rows = [_price_json(variant, price) for variant, price in found]
        print_json({"source": published.source(), "prices": rows, "unpriced": unpriced, "problems": mine.problems})
        return
    out.table(
        ["model", "priced as", "from", "input", "output", "cache read", "write 5m", "write 1h"],
        [
            (
                f"{p.model} {variant}".strip(), p.matched, "–" if p.since is None else clock.day_of(p.since).isoformat(),
                *(f"{getattr(p.rates, kind) / 1e6:g}" for kind in p.rates.__slots__[:5]),
            )
            for variant, p in found
        ],
        left=3,
    )  # fmt: skip
    click.echo(f"\nDollars for a million tokens · {published.source()}, your own prices on top")
    for name in unpriced:
        click.echo(f"{name}: no published price; its requests count as unknown, not as free.")
    for problem in mine.problems:
        click.echo(problem, err=True)


def _price_json(variant: str, price: Price) -> dict[str, Any]:
    def rates(of: Any) -> dict[str, int]:
        return {name: getattr(of, name) for name in of.__slots__}

    return {
        "model": price.model,
        "variant": variant,
        "matched": price.matched,
        "from": clock.iso(price.since),
        "to": clock.iso(price.until),
        "per_mtok": rates(price.rates),
        "tiers": [{"above": threshold, "per_mtok": rates(tier)} for threshold, tier in price.tiers],
        "source": price.source,
    }


@click.command()
@json_option
@click.pass_obj
def doctor(store: Path, as_json: bool) -> None:
    """What is read and what is not: folders, logs, unreadable lines, models without a price."""
    from tokentrack.review.health import examine

    with opened(store) as db:
        found = examine(db, store, paths.home(), os.environ)
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
    if measure == "paid" and unit == "usd":
        raise click.ClickException("What was paid is not known yet: it takes plans and charges, which come later.")
    whole = round(amount if unit == "tokens" else amount * 1_000_000) if math.isfinite(amount) else 0
    if not 0 < whole < 2**53:
        raise click.UsageError("A budget is more than nothing and has a limit.")
    with opened(store) as db:
        with transaction(db):
            kind = "tokens" if unit == "tokens" else measure
            write.add_budget(db, kind, whole, period, project, since or clock.today(), clock.now_ms())
        _show_budgets(db, as_json)


@budget.command("show")
@json_option
@click.pass_obj
def budget_show(store: Path, as_json: bool) -> None:
    """Every budget you have set, each in force from its day on."""
    with opened(store) as db:
        _show_budgets(db, as_json)


def _show_budgets(db: Connection, as_json: bool) -> None:
    found = read.budgets(db)
    if as_json:
        print_json({"budgets": [_budget_json(entry) for entry in found]})
    elif not found:
        click.echo("No budget is set. `tokentrack budget set 40 usd week` plans $40 of list value a week.")
    for entry in [] if as_json else found:
        amount = f"{entry.amount:,} tokens" if entry.measure == "tokens" else f"${entry.amount / 1e6:,.2f}"
        click.echo(f"from {entry.since}: {amount} a {entry.period} ({entry.measure.replace('_', ' ')})")


def _budget_json(entry: Budget) -> dict[str, Any]:
    return {
        "measure": entry.measure,
        "amount": entry.amount,
        "period": entry.period,
        "project": entry.project,
        "from": entry.since.isoformat(),
    }


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(store: Path, file: Path) -> None:
    """Write a consistent copy of the store to FILE, also while the app runs."""
    with opened(store) as db:
        copy_to(db, file)
    click.echo(f"Copied to {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def restore(store: Path, file: Path) -> None:
    """Put the copy FILE in the store's place. The store as it was is kept beside it."""
    kept = restore_from(file, store)
    click.echo(f"Restored {store}." + (f" The store as it was is kept as {kept}." if kept else ""))
