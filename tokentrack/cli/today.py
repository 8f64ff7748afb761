"""Today and this week, against what is planned."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.counting import counted, sessions_in
from tokentrack.cli.out import json_option, opened, print_json, total_json
from tokentrack.model.usage import Total
from tokentrack.money import dollars
from tokentrack.phrases import plural
from tokentrack.store import read

if TYPE_CHECKING:
    from tokentrack.review.budgets import Spent
    from tokentrack.review.glance import Glance
    from tokentrack.review.repriced import Repriced


@click.command()
@json_option
@click.pass_obj
def today(store: Path, as_json: bool) -> None:
    """Today and this week, against your budget."""
    with opened(store) as db:
        show_today(db, as_json)


def show_today(db: Connection, as_json: bool = False) -> None:
    from tokentrack.review.glance import glance

    seen = glance(db)
    if as_json:
        print_json(_json(db, seen))
    elif seen.health.read_at is None:
        click.echo("Nothing is read yet: `tokentrack scan` reads your agents' logs.")
    elif not seen.health.agents:
        click.echo(out.NO_LOGS)
        _show_planned(seen)
    else:
        _show(db, seen)


def _json(db: Connection, seen: Glance) -> dict[str, object]:
    from tokentrack.cli.budgeting import used_json

    spent, waiting = seen.spent, read.unlinked(db)[1]
    return {
        "today": total_json(seen.today, sessions_in(seen.unrecorded_today)),
        "week": total_json(seen.week, sessions_in(seen.unrecorded)),
        "budget": spent and {
            "measure": spent.budget.measure, "amount": spent.budget.amount, "period": spent.budget.period, **used_json(spent),
        },
        "paid_this_week": seen.paid and {"amount": seen.paid.amount, "at_least": seen.paid.at_least},
        "unlinked": {
            "sessions": seen.unlinked_sessions, "list_value": waiting.list_value,
            "unpriced_requests": waiting.unpriced_requests,
        },
        "repriced_requests": sum(_repriced(db, seen)),
    }  # fmt: skip


def _repriced(db: Connection, seen: Glance) -> Repriced:
    """This week's, while it is open (AC 10)."""
    from tokentrack.pricing import own
    from tokentrack.review import repriced

    return repriced.in_week(db, clock.monday_of(seen.day), own.read(paths.own_prices(paths.store_path())))


def _show(db: Connection, seen: Glance) -> None:
    click.echo(f"{seen.day:%A, %d %B %Y} · list value: what these tokens cost at API prices, not what you paid\n")
    silent = dict(seen.unrecorded)
    by_agent = {agent: Total() for agent in silent} | dict(seen.by_agent)
    rows = [
        ("Today", seen.today, sessions_in(seen.unrecorded_today)),
        ("This week", seen.week, sessions_in(seen.unrecorded)),
        *((f"  {agent}", total, silent.get(agent, 0)) for agent, total in sorted(by_agent.items())),
    ]
    out.table(
        ["", "list value", "tokens", "requests"],
        [
            (name, out.money(total, n), out.total_tokens(total, n), counted(total.requests, total, n))
            for name, total, n in rows
        ],
    )
    click.echo("")
    _show_planned(seen)
    for agent, count in seen.unrecorded:
        out.line(f"{out.agent(agent)}: {plural(count, 'session')} this week, tokens not recorded")
    if sum(repriced := _repriced(db, seen)):
        out.line(f"This week: {out.repriced(*repriced)}")
    out.line(f"To link: {plural(seen.unlinked_sessions, 'session')}, {out.money(read.unlinked(db)[1])} list value")
    out.line(f"Read {out.moment(seen.health.read_at)}")
    for problem in seen.health.problems:
        out.line(problem, err=True)


def _show_planned(seen: Glance) -> None:
    for one in seen.budgets:
        out.line(_against(one))
    if seen.paid:
        out.line(f"Paid so far this week: {seen.paid.text}")


def _against(spent: Spent) -> str:
    """What is used of a budget: `This week $18.00 of $40.00 (list value) planned for /w/shop`."""
    from tokentrack.review.budgets import PAID_UNKNOWN

    period = "Today" if spent.budget.period == "day" else f"This {spent.budget.period}"
    whose = f" for {spent.budget.project}" if spent.budget.project else ""
    if spent.budget.measure == "tokens":
        amount = f"{out.tokens(spent.used)} of {out.tokens(spent.budget.amount)} tokens"
        return f"{period} {amount} planned{whose}"
    amount = f"{dollars(spent.budget.amount)} ({spent.budget.measure.replace('_', ' ')}) planned{whose}"
    if spent.known is None and spent.budget.measure == "paid":
        return f"{period} {amount}; {PAID_UNKNOWN}"
    least = "at least " if spent.at_least else ""
    return f"{period} {least}{dollars(spent.known, unknown=spent.unpriced_requests)} of {amount}"
