"""A closer look at a period: cache cover, context weight, what ran unattended, and what other prices would make of it.

Each says what it is not. None of them is a goal: a long bloated session also reads much from the cache.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tokentrack import clock
from tokentrack.agents import AGENTS
from tokentrack.model.costs import Price, Rates
from tokentrack.model.usage import Total
from tokentrack.money import dollars, known_sum
from tokentrack.phrases import plural
from tokentrack.pricing import Prices, own, rates_for, worth
from tokentrack.review.paid import How, Line
from tokentrack.review.spend import name_of
from tokentrack.store import read, sources, spending
from tokentrack.store.read import UNKNOWN, Where

MEASURED, HYPOTHETICAL = "measured", "hypothetical"
LATE_MS = 10 * 60 * 1000
LIST_OF_PERIOD = "the period's list value"
HEAVY = 150_000
"""Tokens of context from which a request is named as heavy."""
FEWEST_TO_RANK = 10
"""Requests from which nine in ten are fewer than all."""
FEWEST_TO_GROW = 6
"""Requests that a session needs before its last third is compared with its first."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """`text` states it, `not_claimed` says what it does not mean, `why` names the requests it was computed from."""

    id: str
    title: str
    text: str
    not_claimed: str
    label: str
    how: How
    why: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same tokens at another model's prices, None where these are not known."""

    model: str
    value: int | None
    text: str
    how: How


def diagnostics(db: sqlite3.Connection, first: date, last: date) -> tuple[Diagnostic, ...]:
    """Those that the period has something to say of."""
    where = Where(*clock.span(first, last))
    name = name_of(first, last)
    found = (_cache(db, where, name), _context(db, where, name), unattended(db, where, name))
    return tuple(one for one in found if one is not None)


# ---- M9 cache cover --------------------------------------------------------------------------------------------------


def _cache(db: sqlite3.Connection, where: Where, name: str) -> Diagnostic | None:
    parts = sources.by_price(db, where)
    total = sum((part.total for part in parts), Total())
    written = total.cache_write_5m + total.cache_write_1h
    sent = total.cache_read + written + total.input
    if not sent:
        return None
    priced = [(part.total, rates_for(part.price, part.over + 1)) for part in parts if part.price is not None]
    listed = sum(part.list_value or 0 for part, _ in priced)
    plain = listed + sum(_uncached(part, rates) for part, rates in priced) if priced else None
    text = f"Cache reads covered {percent(total.cache_read, sent)} of input."
    if plain is not None:
        uncached, cached = (dollars(value, unknown=total.unpriced_requests) for value in (plain, listed))
        text += f" Without caching these requests would list at {uncached} instead of {cached} (hypothetical)."
    how = How(
        "cache reads / (cache reads + cache writes + uncached input); effect: all input at the price of uncached input",
        total.requests,
        "requests",
        (
            ("cache reads", f"{total.cache_read:,} tokens"),
            ("cache writes", f"{written:,} tokens"),
            ("uncached input", f"{total.input:,} tokens"),
        ),
        (
            Line(f"as it was{_part(total)}", listed if priced else None, "list value", name),
            Line(f"the same without caching{_part(total)}", plain, HYPOTHETICAL),
        ),
    )
    return Diagnostic(
        "cache", "Cache cover", text, "Higher is not better: long, bloated sessions also read much from the cache.",
        MEASURED, how, name,
    )  # fmt: skip


def _uncached(total: Total, rates: Rates) -> int:
    """Micro-dollars by which these tokens would cost more if all input were plain input."""
    pico = (
        total.cache_read * (rates.input - rates.cache_read)
        + total.cache_write_5m * (rates.input - rates.cache_write_5m)
        + total.cache_write_1h * (rates.input - rates.cache_write_1h)
    )
    return (pico + 500_000) // 1_000_000


# ---- M10 context weight ----------------------------------------------------------------------------------------------


def _context(db: sqlite3.Connection, where: Where, name: str) -> Diagnostic | None:
    sent = spending.sent(db, where)
    if not sent:
        return None
    weights = sorted(one.prompt for one in sent)
    middle = quantile(weights, 1, 2)
    unpriced = sum(one.value is None for one in sent)
    whole = Total(requests=len(sent), list_value=_known(sent), unpriced_requests=unpriced)
    inputs, rows = [("median", f"{middle:,} tokens")], [Line(f"all requests{_part(whole)}", _known(sent), "list value")]
    text = f"Requests carried {middle:,} tokens of context (median)"
    if len(sent) >= FEWEST_TO_RANK:
        high = quantile(weights, 9, 10)
        above, others = ([one for one in sent if (one.prompt > high) == over] for over in (True, False))
        text += f", nine in ten at most {high:,}"
        inputs += [
            ("nine in ten at most", f"{high:,} tokens"),
            ("requests above that", f"{len(above):,}, {_share(_known(above), whole, 'list value')}"),
        ]
        rows = [
            Line(f"requests above {high:,} tokens{_part(whole)}", _known(above), "list value"),
            Line(f"the other requests{_part(whole)}", _known(others), "list value"),
        ]
    text += "."
    heavy = [one for one in sent if one.prompt > HEAVY]
    sessions = {one.session for one in heavy}
    if heavy:
        text += (
            f" In {plural(len(sessions), 'session')} it passed {HEAVY:,}; "
            f"those requests are {_share(_known(heavy), whole, LIST_OF_PERIOD)}."
        )
    growth = _growth(sent)
    grown = f"{growth[0]:.1f} x, n = {growth[1]}" if growth else "too few requests to say"
    how = How(
        "context of a request = uncached input + cache writes + cache reads; growth = a session's last third / its first",
        len(sent),
        "requests",
        (*inputs, ("growth in a session (median)", grown)),
        tuple(rows),
    )
    return Diagnostic("context", "Context weight", text, "A large context is not wrong by itself.", MEASURED, how, name)


def _growth(sent: Iterable[spending.Sent]) -> tuple[float, int] | None:
    """(median of last third / first third, sessions that are long enough)."""
    found = []
    for _, requests in groupby(sent, key=lambda one: one.session):
        weights = [one.prompt for one in requests]
        third = len(weights) // 3
        if len(weights) >= FEWEST_TO_GROW and (begun := quantile(sorted(weights[:third]), 1, 2)):
            found.append(quantile(sorted(weights[-third:]), 1, 2) / begun)
    return (sorted(found)[(len(found) - 1) // 2], len(found)) if found else None


# ---- M12 unattended --------------------------------------------------------------------------------------------------


def unattended(db: sqlite3.Connection, where: Where, name: str) -> Diagnostic | None:
    total = read.total(db, where)
    if not total.requests or not total.list_value:
        return None
    common = [agent.NAME for agent in AGENTS if not hasattr(agent, "RULES")]
    (subagents, in_subagents), (late, in_late), (unprompted, in_unprompted) = spending.unattended(
        db, where, LATE_MS, common
    )
    share = _share(in_subagents + in_late, total, "list value")
    known = in_subagents + in_late + in_unprompted
    how = How(
        "requests inside sub-agents, or more than 10 minutes after the last prompt / all, by list value",
        total.requests,
        "requests",
        (
            ("inside sub-agents", f"{subagents:,} requests"),
            ("later than 10 minutes", f"{late:,} requests"),
            ("no prompt recorded before", f"{unprompted:,} requests"),
        ),
        (
            Line(f"inside sub-agents{_part(total)}", in_subagents, "list value"),
            Line(f"more than 10 minutes after the last prompt{_part(total)}", in_late, "list value"),
            Line(f"no prompt recorded before{_part(total)}", in_unprompted, "list value"),
            Line(f"the other requests{_part(total)}", total.list_value - known, "list value"),
        ),
    )
    text = f"{share} was used in sub-agents, or more than 10 minutes after your last prompt."
    if unprompted:
        text += f" Of {_share(in_unprompted, total, 'list value')} it is not known: no prompt is recorded before it."
    return Diagnostic(
        "unattended", "Unattended", text, "Nothing is wrong with it: agents are meant to run.", MEASURED, how, name
    )


# ---- M11 what if -----------------------------------------------------------------------------------------------------


def what_if(db: sqlite3.Connection, model: str, first: date, last: date, mine: own.OwnPrices) -> WhatIf:
    """The period's tokens at the prices that another model has on its last day. It need not have managed in the same tokens."""
    where = Where(*clock.span(first, last))
    listed = read.total(db, where)
    found = Prices([], mine).find(model, "", clock.start_of(last + clock.DAY) - 1)
    if found is None:
        return _no_value(model, "no price is known", listed)
    price = found[1]
    thresholds = [threshold for threshold, _ in price.tiers]
    parts = spending.by_prompt(db, where, thresholds)
    values = [_at(price, thresholds, part) for part in parts]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return _no_value(model, "no price of its web searches is known", listed)
    value, was = sum(known), dollars(listed.list_value, unknown=listed.unpriced_requests)
    text = (
        f"Same tokens at {model} prices: {dollars(value)} instead of {was} list value. "
        "Hypothetical: it may need more turns, or fewer."
    )
    how = How(
        "sum of tokens of each kind x the other model's price of that kind",
        listed.requests,
        "requests",
        (
            ("prices of", f"{price.matched}, on {last}"),
            ("not claimed", "that it would have managed in the same tokens"),
        ),
        (
            Line(f"as it was{_part(listed)}", listed.list_value, "list value", name_of(first, last)),
            Line(f"at {model} prices", value, HYPOTHETICAL),
        ),
    )
    return WhatIf(model, value, text, how)


def _no_value(model: str, why: str, listed: Total) -> WhatIf:
    how = How("tokens x price of the other model", listed.requests, "requests")
    return WhatIf(model, None, f"{model}: {why}, so there is no hypothetical value.", how)


def _at(price: Price, thresholds: Sequence[int], part: spending.Sums) -> int | None:
    return worth(rates_for(price, thresholds[part.passed - 1] + 1 if part.passed else 0), part)


def what_if_models(db: sqlite3.Connection, last: date, mine: own.OwnPrices) -> tuple[str, ...]:
    """The models met so far that have a price."""
    prices = Prices([], mine)
    at = clock.start_of(last + clock.DAY) - 1
    return tuple(name for name in read.models(db) if name != UNKNOWN and prices.find(name, "", at))


# ---- words -----------------------------------------------------------------------------------------------------------


def quantile(ordered: Sequence[int], part: int, of: int) -> int:
    """The nearest rank: the smallest value that `part` of `of` values do not exceed."""
    return ordered[max(0, -(-len(ordered) * part // of) - 1)]


def percent(part: int, whole: int) -> str:
    return f"{(200 * part + whole) // (2 * whole)}%" if whole else "unknown"


def _known(sent: Sequence[spending.Sent]) -> int | None:
    """The list value of those that are priced; None where there are requests and none is."""
    return known_sum(one.value for one in sent)


def _share(part: int | None, whole: Total, of: str) -> str:
    """`4% of list value`; where some of it has no price, only what is priced can be compared."""
    if part is None or not whole.list_value:
        return f"an unknown part of {of}"
    return f"{percent(part, whole.list_value)} of {'the priced part of ' if whole.unpriced_requests else ''}{of}"


def _part(total: Total) -> str:
    """What a row leaves out, said beside it."""
    return ", priced part" if total.unpriced_requests else ""
