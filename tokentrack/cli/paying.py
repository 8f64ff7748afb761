"""Commands about what is really paid: plans and charges. Logs do not tell it, so the person does."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from tokentrack import clock, money
from tokentrack.cli import out
from tokentrack.cli.counting import known_agent
from tokentrack.cli.files import reading, rejected_json, tell_rejected
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.model.costs import Charge, Plan
from tokentrack.money import dollars
from tokentrack.phrases import plural
from tokentrack.store import money as ledger
from tokentrack.store import transaction

MOST = 10**9
"""Dollars beyond which an amount is a slip of the keyboard."""


def _micro(amount: float, least: float = -MOST) -> int:
    if not math.isfinite(amount) or not least <= amount <= MOST:
        raise click.UsageError(f"{amount} is no amount of dollars.")
    return round(amount * 1_000_000)


@click.group()
def plan() -> None:
    """Flat fees, each in force from a day on: what is paid whether or not it is used."""


@plan.command("add")
@click.argument("name")
@click.option("--fee", type=float, required=True, metavar="USD", help="For each billing period.")
@click.option("--period", type=click.Choice(["month", "year"]), default="month", show_default=True)
@click.option("--agent", "agents", multiple=True, required=True, help="Whose use it pays for; may be given again.")
@click.option(
    "--from", "since", type=out.Day(), required=True, help="Its first day; billing periods begin on this day."
)
@click.option(
    "--to", "until", type=out.Day(), help="Its last day; until a later plan of these agents begins if not given."
)
@click.option("--beside", is_flag=True, help="It runs beside the plans that are there, and ends none of them.")
@json_option
@click.pass_obj
def plan_add(
    store: Path,
    name: str,
    fee: float,
    period: str,
    agents: tuple[str, ...],
    since: date,
    until: date | None,
    beside: bool,
    as_json: bool,
) -> None:
    """Add the plan NAME. A plan of the same agents that is still in force ends the day before."""
    if until is not None and until < since:
        raise click.UsageError(f"A plan that ends on {until} cannot begin on {since}.")
    name = money.plan_name(name)
    if not name:
        raise click.UsageError(money.NO_NAME)
    given = Plan(0, name, _micro(fee, 0), period, _agents(agents), since, until)
    with opened(store) as db:
        with transaction(db):
            try:
                changed = money.Changed(given, ()) if beside else money.take_over(ledger.plans(db), given)
            except money.Overlap as error:
                raise _refused(error) from None
            number = ledger.add_plan(db, given, clock.now_ms(), beside=beside)
        added = replace(changed.plan, id=number)
        if as_json:
            print_json({"plan": _plan_json(added), "plans": [_plan_json(entry) for entry in ledger.plans(db)]})
            return
    out.line(_plan_line(added))
    for ended in changed.ended:
        out.line(f"{ended.name} ended on {ended.until}; `--beside` would have kept both.")


def _agents(named: tuple[str, ...]) -> tuple[str, ...]:
    found = [name.strip() for names in named for name in names.split(",") if name.strip()]
    for name in found:
        known_agent(name)
    if not found:
        raise click.UsageError("Name at least one agent whose use the plan pays for.")
    return tuple(dict.fromkeys(found))


@plan.command("list")
@json_option
@click.pass_obj
def plan_list(store: Path, as_json: bool) -> None:
    """Every plan, each in force from its day on."""
    with opened(store) as db:
        found = ledger.plans(db)
    if as_json:
        print_json({"plans": [_plan_json(entry) for entry in found]})
    elif not found:
        click.echo(
            "No plan is entered. `tokentrack plan add Pro --fee 20 --agent claude-code --from 2026-11-01` enters one."
        )
    for entry in [] if as_json else found:
        out.line(_plan_line(entry))


@plan.command("end")
@click.argument("number", type=int, metavar="ID")
@click.option("--to", "until", type=out.Day(), help="Its last day.")
@click.option("--undo", is_flag=True, help="It has no last day, after all.")
@click.option("--beside", is_flag=True, help="It may run beside plans that pay for the same use.")
@json_option
@click.pass_obj
def plan_end(store: Path, number: int, until: date | None, undo: bool, beside: bool, as_json: bool) -> None:
    """End the plan ID (`plan list` tells it) with a day."""
    if undo == (until is not None):
        raise click.UsageError("Give either --to DATE or --undo.")
    with opened(store) as db, transaction(db):
        known = ledger.plans(db)
        found = _plan_of(known, number)
        if until is not None and until < found.since:
            raise click.UsageError(f"{found.name} began on {found.since}; `plan remove {number}` takes it out.")
        try:
            changed = money.ended([] if beside else known, found, until)
        except money.Overlap as error:
            raise _refused(error) from None
        ledger.end_plan(db, number, until)
    if as_json:
        print_json({"plan": _plan_json(changed)})
        return
    out.line(_plan_line(changed))


@plan.command("remove")
@click.argument("number", type=int, metavar="ID")
@json_option
@click.pass_obj
def plan_remove(store: Path, number: int, as_json: bool) -> None:
    """Take the plan ID out, as if it had never been: what was paid changes for its days."""
    with opened(store) as db, transaction(db):
        known = ledger.plans(db)
        found = _plan_of(known, number)
        ledger.remove_plan(db, number)
        again = [plan for plan in ledger.plans(db) if plan not in known]
    if as_json:
        print_json({"plan": _plan_json(found), "again": [_plan_json(entry) for entry in again]})
        return
    out.line(f"Taken out: {_plan_line(found)}")
    for plan in again:
        out.line(f"It had ended {plan.name}, which is now in force {_days(plan)}.")


def _plan_of(known: list[Plan], number: int) -> Plan:
    found = next((entry for entry in known if entry.id == number), None)
    if found is None:
        raise click.ClickException(f"No plan has the number {number}.")
    return found


def _refused(error: money.Overlap) -> click.ClickException:
    return click.ClickException(f"{str(error)[:-1]} ({error.commands}).")


def _days(entry: Plan) -> str:
    return f"from {entry.since}" + (f" to {entry.until}" if entry.until else "")


def _plan_line(entry: Plan) -> str:
    pays = f"fee {dollars(entry.fee)} a {entry.period} for {', '.join(entry.agents)}"
    return f"{entry.id}  {entry.name}: {pays}, {_days(entry)}"


def _plan_json(entry: Plan) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "fee": entry.fee,
        "period": entry.period,
        "agents": list(entry.agents),
        "from": entry.since.isoformat(),
        "to": entry.until.isoformat() if entry.until else None,
    }


# ---- charges ---------------------------------------------------------------------------------------------------------


@click.group()
def charge() -> None:
    """What is billed beside the plans: usage credits, invoices for the API."""


@charge.command("add")
@click.argument("amount", type=float, metavar="USD")
@click.option("--date", "day", type=out.Day(), required=True, help="The day it was billed.")
@click.option("--note", default="", help="What it was for.")
@click.option("--agent", help="Whose use it paid for; everybody's if not given.")
@json_option
@click.pass_obj
def charge_add(store: Path, amount: float, day: date, note: str, agent: str | None, as_json: bool) -> None:
    """Add a charge of USD dollars. A refund is negative: `charge add --date D -- -5`."""
    given = Charge(0, day, _micro(amount), note.strip(), _agents((agent,))[0] if agent else None)
    with opened(store) as db, transaction(db):
        added = replace(given, id=ledger.add_charge(db, given, clock.now_ms()))
    if as_json:
        print_json({"charge": _charge_json(added)})
        return
    out.line(_charge_line(added))


@charge.command("list")
@json_option
@click.pass_obj
def charge_list(store: Path, as_json: bool) -> None:
    """Every charge, and the months of which all are entered."""
    with opened(store) as db:
        found, confirmed = ledger.charges(db), ledger.confirmed(db)
    if as_json:
        through = [{"month": month, "through": day.isoformat()} for month, day in sorted(confirmed.items())]
        print_json({"charges": [_charge_json(entry) for entry in found], "confirmed": through})
        return
    for entry in found:
        out.line(_charge_line(entry))
    for month, day in sorted(confirmed.items()):
        out.line(f"{month}: all charges up to {day} are entered")
    if not found and not confirmed:
        click.echo("No charge is entered. `tokentrack charge confirm 2026-11` says that there was none in a month.")


@charge.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def charge_import(store: Path, file: Path, as_json: bool) -> None:
    """Add the charges of FILE, a CSV with the columns date and amount, and maybe note and agent. Again changes nothing."""
    from tokentrack.cli.charges_csv import read_charges
    from tokentrack.csv_rows import NotThatFile

    with reading(file, NotThatFile):
        found, rejected = read_charges(file)
    with opened(store) as db, transaction(db):
        new = ledger.import_charges(db, found, clock.now_ms())
    if as_json:
        print_json({
            "rows": len(found) + len(rejected),
            "new": new,
            "duplicates": len(found) - new,
            "rejected": rejected_json(rejected),
        })  # fmt: skip
    else:
        known = len(found) - new
        out.line(
            f"{plural(len(found) + len(rejected), 'row')}: {new:,} new, {known:,} known, {len(rejected):,} left out."
        )
    tell_rejected(rejected, len(found))


@charge.command("confirm")
@click.argument("month")
@click.option("--undo", is_flag=True, help="They are not, after all.")
@json_option
@click.pass_obj
def charge_confirm(store: Path, month: str, undo: bool, as_json: bool) -> None:
    """All charges of MONTH (2026-11) are entered; of the running month, all up to today."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month) or not 1970 <= int(month[:4]) < 9999:
        raise click.UsageError(f"{month} is no month like 2026-11.")
    first = clock.parse_month(month)
    through = min(clock.next_month(first) - clock.DAY, clock.today())
    if through < first:
        raise click.ClickException(f"{month} has not begun yet; nothing was changed.")
    with opened(store) as db, transaction(db):
        ledger.confirm(db, month, None if undo else through)
    if as_json:
        print_json({"month": month, "through": None if undo else through.isoformat()})
        return
    out.line(f"{month}: further charges may come." if undo else f"{month}: all charges up to {through} are entered.")


@charge.command("remove")
@click.argument("number", type=int, metavar="ID")
@json_option
@click.pass_obj
def charge_remove(store: Path, number: int, as_json: bool) -> None:
    """Take the charge ID out (`charge list` tells it)."""
    with opened(store) as db, transaction(db):
        if not ledger.remove_charge(db, number):
            raise click.ClickException(f"No charge has the number {number}.")
    if as_json:
        print_json({"id": number})
        return
    out.line(f"Charge {number} is taken out.")


def _charge_line(entry: Charge) -> str:
    tail = "".join(f"  {text}" for text in (entry.agent, entry.note) if text)
    return f"{entry.id}  {entry.day}  {dollars(entry.amount)}{tail}"


def _charge_json(entry: Charge) -> dict[str, Any]:
    return {
        "id": entry.id,
        "date": entry.day.isoformat(),
        "amount": entry.amount,
        "note": entry.note,
        "agent": entry.agent,
    }
