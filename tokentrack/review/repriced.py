"""Which requests today's prices would give another price: open weeks are marked (AC 10), closed ones stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tokentrack import clock
from tokentrack.model.costs import Price
from tokentrack.pricing import Prices, own
from tokentrack.store import read, spending
from tokentrack.store.read import Where


class Repriced(NamedTuple):
    """Requests of open weeks whose price is another one today, because of a list or because of a price of the person's own."""

    by_list: int
    by_own: int


NONE = Repriced(0, 0)


def priced_otherwise(db: sqlite3.Connection, where: Where, mine: own.OwnPrices) -> Repriced:
    """Prices are compared, of which there are few, and not requests. A price of an older list may say the same as today's."""
    known = read.prices(db)
    now = Prices(known, mine)
    others: dict[bool, list[tuple[int, int, int | None]]] = {False: [], True: []}
    for number, variant, price in known:
        for since, until, is_own in _other_days(now, variant, price):
            others[is_own].append((number, since, until))
    return Repriced(*(spending.priced_by(db, where, days) if days else 0 for days in others.values()))


def _other_days(now: Prices, variant: str, price: Price) -> Iterator[tuple[int, int | None, bool]]:
    """[since, until), UTC milliseconds, of the days of a price on which another one is in force now, or none; and whether the
    person gave either of them.
    """
    at: int | None = price.since or 0
    while at is not None and (price.until is None or at < price.until):
        found = now.find(price.model, variant, at)
        until = found[1].until if found else now.own.begins_after(price.model, at)
        if found is None or (found[1].rates, found[1].tiers) != (price.rates, price.tiers):
            end = price.until if until is None else until if price.until is None else min(until, price.until)
            yield at, end, own.gave(price) or (found is not None and own.gave(found[1]))
        at = until


def in_week(db: sqlite3.Connection, monday: date, mine: own.OwnPrices) -> Repriced:
    """Those of the week that begins on this Monday; a closed one has none."""
    return priced_otherwise(db, Where(*clock.week_span(monday)), mine)
