"""Commands about prices: which are in force, the person's own, and what a new price list would change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.names import ShownByName
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.model.costs import Price
from tokentrack.money import dollars
from tokentrack.phrases import plural
from tokentrack.store import read

if TYPE_CHECKING:
    from tokentrack.reprice import Repriced


@click.group(cls=ShownByName, subcommand_metavar="[MODEL] | set MODEL …")
def prices() -> None:
    """The prices in force: of one MODEL, or of every model met so far; `set` gives one of your own."""


@prices.command(hidden=True)
@click.argument("model", required=False)
@json_option
@click.pass_obj
def show(store: Path, model: str | None, as_json: bool) -> None:
    """The prices in force: of one MODEL, or of every model met so far."""
    from tokentrack.pricing import Prices, own, problems, published

    mine = own.read(paths.own_prices(store))
    prices = Prices([], mine)
    names = [model] if model else []
    if not model:
        with opened(store) as db:
            names = read.models(db)
        names += mine.unmet(names)
    in_force = [(name, prices.find(name, "", clock.now_ms())) for name in names]
    found = [("", entry[1]) for _, entry in in_force if entry]
    unpriced = [name for name, entry in in_force if not entry]
    if as_json:
        rows = [_price_json(variant, price) for variant, price in found]
        print_json({"source": published.source(), "prices": rows, "unpriced": unpriced, "problems": problems(mine)})
        return
    out.table(
        ["model", "priced as", "from", "input", "output", "cache read", "write 5m", "write 1h", "1,000 searches"],
        [
            (
                f"{p.model} {variant}".strip(), p.matched, _from(p),
                *(_rate(getattr(p.rates, kind)) for kind in p.rates.__slots__),
            )
            for variant, p in found
        ],
        left=3,
    )  # fmt: skip
    click.echo(f"\nDollars for a million tokens · {published.source()}, your own prices on top")
    for name in unpriced:
        out.line(f"{name}: no published price; its requests count as unknown, not as free.")
    for problem in problems(mine):
        out.line(problem, err=True)


@prices.command("set")
@click.argument("model")
@click.option("--from", "since", type=out.Day(), help="In force from this day (UTC) on; always if not given.")
@click.option("--input", "input_", type=float, metavar="USD", required=True, help="Dollars for a million tokens.")
@click.option("--output", type=float, metavar="USD", required=True, help="Dollars for a million tokens.")
@click.option("--cache-read", type=float, metavar="USD", help="Dollars for a million tokens.")
@click.option("--cache-write-5m", type=float, metavar="USD", help="Dollars for a million tokens.")
@click.option("--cache-write-1h", type=float, metavar="USD", help="Dollars for a million tokens.")
@click.option("--web-search", type=float, metavar="USD", help="Dollars for a thousand searches.")
@json_option
@click.pass_obj
def set_price(
    store: Path,
    model: str,
    since: date | None,
    input_: float,
    output: float,
    cache_read: float | None,
    cache_write_5m: float | None,
    cache_write_1h: float | None,
    web_search: float | None,
    as_json: bool,
) -> None:
    """Your own price of MODEL from a day on, above the published ones. It counts from the next scan; see `reprice`.

    What is not given follows the published price of MODEL in its ratio to the input, as do long prompts, fast and batch
    requests and service tiers to the standard price; a web search keeps its published price. If no list knows MODEL,
    cached tokens cost as much as input (Claude's: the usual multiples of it), and requests with web searches, or that were
    called in such a way, stay without a price.
    """
    from tokentrack.pricing import Prices, own

    others = {
        "cache_read": cache_read, "cache_write_5m": cache_write_5m, "cache_write_1h": cache_write_1h, "web_search": web_search,
    }  # fmt: skip
    given = {"input": input_, "output": output} | {kind: rate for kind, rate in others.items() if rate is not None}
    path = paths.own_prices(store)
    try:
        own.put(path, model, since, given)
    except ValueError as error:
        raise click.ClickException(f"{error}; nothing was changed.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}.") from None
    at = clock.now_ms() if since is None else round(datetime.combine(since, time.min, UTC).timestamp() * 1000)
    found = Prices([], own.read(path)).find(model.strip(), "", at)
    assert found is not None
    price = found[1]
    with opened(store) as db:
        met = read.models(db)
    if as_json:
        print_json({"price": _price_json("", price)})
        return
    out.line(f"{price.model} has your price{f' from {since}' if since else ''}, kept in {path}.")
    out.line(_met(price.model, met))
    click.echo(
        "Requests without a price, in weeks that are not closed, take it at the next scan; "
        "`tokentrack reprice` shows what it would change in others."
    )
    if price.rates.web_searches is None:
        click.echo("Requests with web searches stay without a price; `--web-search USD` gives one.")


def _met(model: str, met: list[str]) -> str:
    """Which of the models that logs name the price is for; where it is none, which are called much the same."""
    from difflib import get_close_matches

    from tokentrack.pricing.names import meant

    if same := [name for name in met if model.lower() in meant(name)]:
        return f"It is the price of {', '.join(same)}."
    near = get_close_matches(model.lower(), met, n=3)
    return f"No log names {model} yet" + (f"; there are {', '.join(near)}." if near else ".")


def _from(price: Price) -> str:
    """The day it was given: prices begin with a day of UTC."""
    return "–" if price.since is None else datetime.fromtimestamp(price.since / 1000, UTC).date().isoformat()


def _rate(micro: int | None) -> str:
    return "unknown" if micro is None else f"{micro / 1e6:g}"


def _price_json(variant: str, price: Price) -> dict[str, Any]:
    def rates(of: Any) -> dict[str, int | None]:
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
@click.option("--apply", "applied", is_flag=True, help="Change them; without this nothing is changed.")
@json_option
@click.pass_obj
def reprice(store: Path, applied: bool, as_json: bool) -> None:
    """What the prices in force now would change in list values. Closed weeks never change."""
    from tokentrack import reprice as repricing
    from tokentrack.pricing import own, problems
    from tokentrack.store import closed

    mine = own.read(paths.own_prices(store))
    with opened(store) as db:
        mondays = closed.mondays(db)
        found = repricing.reprice(db, mine, apply=applied)
    if as_json:
        print_json({
            "applied": applied,
            "requests": found.requests,
            "changed": found.changed,
            "before": found.before,
            "after": found.after,
            "held_back": found.held_back,
            "closed_weeks": [clock.week_name(monday) for monday in sorted(mondays)],
            "models": [
                {
                    "model": row.model, "requests": row.requests, "before": row.before, "after": row.after,
                    "unpriced_before": row.unpriced_before, "unpriced_after": row.unpriced_after,
                }
                for row in found.models
            ],
            "problems": problems(mine),
        })  # fmt: skip
        return
    _show_repriced(found, applied)
    for problem in problems(mine):
        out.line(problem, err=True)


def _show_repriced(found: Repriced, applied: bool) -> None:
    held = f"Closed weeks keep the price of {plural(found.held_back, 'request')}." if found.held_back else ""
    if not found.changed:
        told = (
            f"The prices in force change none of {plural(found.requests, 'request')}{' in open weeks' if held else ''}"
        )
        out.line(f"{told if found.requests else 'No request lies in an open week'}. {held}".rstrip())
        return
    out.table(
        ["model", "requests", "list value before", "after"],
        [
            (
                row.model, f"{row.requests:,}",
                dollars(row.before, unknown=row.unpriced_before), dollars(row.after, unknown=row.unpriced_after),
            )
            for row in found.models
        ],
    )  # fmt: skip
    if held:
        out.line(held)
    done = "was changed" if applied else "would change; `tokentrack reprice --apply` changes it"
    before = dollars(found.before, unknown=sum(row.unpriced_before for row in found.models))
    after = dollars(found.after, unknown=sum(row.unpriced_after for row in found.models))
    out.line(f"The list value of {plural(found.changed, 'request')} {done}: {before} before, {after} after.")
