"""From a figure down to the log lines behind it."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.counting import unrecorded
from tokentrack.cli.files import MOST_TOLD
from tokentrack.cli.out import json_option, opened, print_json, total_json
from tokentrack.model.logs import Request
from tokentrack.money import exactly
from tokentrack.phrases import plural
from tokentrack.store.sources import Source

if TYPE_CHECKING:
    from tokentrack.review.again import Again
    from tokentrack.review.paid import How
    from tokentrack.review.why import Why


@click.command()
@click.argument("key")
@click.option("--again", is_flag=True, help="Read the logs again and say whether they still tell the same.")
@json_option
@click.pass_obj
def why(store: Path, key: str, again: bool, as_json: bool) -> None:
    """From a figure down to the log lines behind it.

    KEY is a session, a request, today, all, day:…, days:A..B, week:…, month:…, agent:…, model:…, project:…, branch:… or
    session:…; the last five may follow any of them, and `turn:…` a session: `tokentrack why "today agent:codex"`.

    What is no sum of requests is named as in the window, its days after its kind: paid, share, idle, unspread, cache, context,
    unattended, what-if: `tokentrack why "paid month:2026-11"`, `tokentrack why "share week:2026-W47 agent:codex"`. Those
    of a review follow with a week or a task: accounted, outcomes, list, rework, drift, pace, insight, attended, usual,
    break-even, effect, calibration: `tokentrack why "drift week:2026-W47"`, `tokentrack why "usual task:PAY-12"`. A week
    may say several things: `tokentrack why "insight week:2026-W47"` tells what each is called.
    """
    from tokentrack.review import how, names
    from tokentrack.review import why as reasons

    kind, _, days = key.partition(" ")
    if days and kind in how.KINDS:
        if again:
            raise click.UsageError(f"{key} is no sum of requests, so there is nothing to read again.")
        _why_computed(store, key, as_json)
        return
    with opened(store) as db:
        try:
            found = reasons.why(db, key)
        except names.BackwardDays as error:
            raise click.UsageError(f"{error}.") from None
        except names.UnknownName as error:
            raise click.ClickException(str(error)) from None
        told = _read_again(db, found.sources) if again else None
    if as_json:
        figure = total_json(found.total, len(found.unrecorded)) | {"name": found.figure}
        print_json({"figure": figure, "requests": [_source_json(source, told) for source in found.sources]})
    else:
        _show(found, told)


def _source_json(source: Source, told: dict[int, Again] | None) -> dict[str, object]:
    """`told`: what its log tells now, where that was asked."""
    from tokentrack.review import why as reasons

    again = (told or {}).get(source.id)
    return {
        "id": source.request.key,
        "session": source.session,
        "at": clock.iso(source.request.at),
        "model": source.request.model,
        "log": source.log,
        "log_gone": source.gone,
        "offset": None if source.request.offset < 0 else source.request.offset,
        "row": source.request.key if source.request.offset < 0 else None,
        "raw": reasons.raw_of(source),
        "rule": (reasons.told_at(source) or ("", reasons.rule_of(source)))[1],
        "fault": reasons.fault_in(source),
        "usage": usage_json(source.request),
        "price": reasons.price_of(source),
        "list_value": source.list_value,
        **({"again": {"state": again.state, "text": again.text}} if again else {}),
    }


def _show(found: Why, told: dict[int, Again] | None) -> None:
    out.line(_headline(found))
    if not found.sources and found.unrecorded:
        return
    click.echo("")
    out.table(
        ["request", "log", "at byte", "model", "input", "output", "cache read", "5m", "1h", "list value"],
        [
            (
                source.request.key, Path(source.log).name, place_of(source.request), source.request.model or "unknown",
                *(f"{n:,}" for n in usage_json(source.request).values()),
                exactly(source.list_value),
            )
            for source in found.sources
        ],
        left=2,
    )  # fmt: skip
    if len(found.sources) == 1:
        _show_proof(found.sources[0])
    else:
        click.echo("\nName one request to see its counters as logged, the rule that chose it and its price.")
        _show_faults(found.sources)
    if told is not None:
        _show_again(found.sources, told)


def _headline(found: Why) -> str:
    """Whose tokens nobody wrote down is told by name, and never as $0.00."""
    silent = found.unrecorded
    amount = f"{out.money(found.total, len(silent))} list value in {found.total.requests} requests"
    if not silent:
        return f"{found.figure}: {amount}"
    if found.figure.startswith("session ") and len(silent) == 1:
        told = unrecorded(silent[0]).removesuffix(".").replace("Tokens", "tokens", 1)
        if " turn:" in found.figure:
            told = told.removesuffix(" for some turns")
        return f"{found.figure}: {amount}; {told}" if found.sources else f"{found.figure}: {told}"
    counts = sorted(Counter(session.agent for session in silent).items())
    told = ", ".join(f"{plural(count, 'session')} of {out.agent(agent)}" for agent, count in counts)
    return f"{found.figure}: {amount if found.sources else 'unknown'}; tokens not recorded in {told}"


def _why_computed(store: Path, key: str, as_json: bool) -> None:
    """How a figure that is no sum of requests was computed: the rows that the window shows."""
    from tokentrack.pricing import own
    from tokentrack.review import how, names

    with opened(store) as db:
        kind, _, rest = key.partition(" ")
        try:
            found = how.how(db, key, own.read(paths.own_prices(store)))
            if kind in how.NARROWED and not how.kept(key):
                names.check(db, names.find(db, rest)[1])
        except names.BackwardDays as error:
            raise click.UsageError(f"{error}.") from None
        except (how.NoSuchFigure, names.UnknownName) as error:
            raise click.ClickException(str(error)) from None
    if kind == how.WHAT_IF and not found.rows:
        raise click.ClickException(f"no price is known for {rest.partition('model:')[2]}")
    if as_json:
        print_json({"figure": _computed_json(key, found), "requests": []})
    else:
        _show_computed(key, found)


def _computed_json(key: str, found: How) -> dict[str, object]:
    return {
        "name": key,
        "formula": found.formula,
        "n": found.n,
        "of": found.of,
        "inputs": [{"name": name, "value": value} for name, value in found.inputs],
        "rows": [
            {"what": row.what, "kind": row.kind, "amount": row.amount, "unit": row.unit, "why": row.why or None}
            for row in found.rows
        ],
    }


def _show_computed(key: str, found: How) -> None:
    out.line(f"{key}: {found.formula}")
    click.echo("")
    for name, value in (("n", found.counted), *found.inputs):
        out.line(f"{name}: {value}")
    if not found.rows:
        return
    rows = [(row.what, row.kind, row.counted or exactly(row.amount), row.why or "–") for row in found.rows]
    click.echo("")
    out.table(["", "kind", "amount", "why"], rows, left=2)


def _read_again(db: Connection, sources: list[Source]) -> dict[int, Again]:
    from tokentrack.review.again import read_again

    found = sorted(sources, key=lambda source: (source.agent, source.log))
    return {one.id: told for one, told in read_again(found, db, paths.home(), os.environ)}


def _show_again(sources: list[Source], told: dict[int, Again]) -> None:
    """One sentence where all is the same, else a line for each request that is not."""
    same = sum(one.state == "same" for one in told.values())
    click.echo(f"\nRead again: {same:,} of {len(sources):,} the same.")
    for source in sources:
        if told[source.id].state != "same":
            out.line(f"{source.request.key}: {told[source.id].text}")


def _show_proof(source: Source) -> None:
    """One request down to the byte: where it stands, what stands there, why it counts, what it was multiplied by."""
    from tokentrack.review import why as reasons

    price = reasons.price_of(source)
    raw = reasons.raw_of(source)
    click.echo("")
    out.line(f"log    {source.log}{' (gone)' if source.gone else ''}")
    stands = place_of(source.request) + (f" {source.request.key}" if source.request.offset < 0 else "")
    place, rule = reasons.told_at(source) or (stands, reasons.rule_of(source))
    out.line(f"place  {place}")
    out.line(f"raw    {json.dumps(raw) if raw else 'no longer there'}")
    out.line(f"rule   {rule}")
    if fault := reasons.fault_of(source):
        out.line(f"fault  {fault}")
    if price is None:
        click.echo("price  unknown: no list names this model")
        return
    rates = ", ".join(f"{kind.replace('_', ' ')} ${rate / 1e6:g}" for kind, rate in price["per_mtok"].items())
    out.line(f"price  {price['model']} from {price['from'] or 'the beginning'}: {rates} a million ({price['source']})")


def _show_faults(sources: list[Source]) -> None:
    from tokentrack.review import why as reasons

    faults = [(source.request.key, fault) for source in sources if (fault := reasons.fault_of(source))]
    for key, fault in faults[:MOST_TOLD]:
        out.line(f"{key}: {fault}")
    if len(faults) > MOST_TOLD:
        out.line(f"… and {len(faults) - MOST_TOLD:,} more with such a fault; --json has each.")


def place_of(request: Request) -> str:
    """Where in its log a request stands: a row of a database has no offset but its key."""
    return f"{request.offset:,}" if request.offset >= 0 else "row"


def usage_json(request: Request) -> dict[str, int]:
    return {
        "input": request.input,
        "output": request.output,
        "cache_read": request.cache_read,
        "cache_write_5m": request.cache_write_5m,
        "cache_write_1h": request.cache_write_1h,
    }
