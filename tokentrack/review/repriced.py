"""Which requests today's prices would give another price: open weeks are marked (AC 10), closed ones stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date

from tokentrack import clock
from tokentrack.model.costs import Price
from tokentrack.pricing import Prices, own
from tokentrack.store import read, spending
from tokentrack.store.read import Where


def priced_otherwise(db: sqlite3.Connection, where: Where, mine: own.OwnPrices) -> int:
    """Requests of open weeks whose price is another one today: of a newer list, or of the person's own.

    Prices are compared, of which there are few, and not requests. A price of an older list may say the same as today's.
    """
    known = read.prices(db)
    now = Prices(known, mine)
    others = [(number, *days) for number, variant, price in known for days in _other_days(now, variant, price)]
    return spending.priced_by(db, where, others) if others else 0


def _other_days(now: Prices, variant: str, price: Price) -> Iterator[tuple[int, int | None]]:
    """[since, until), UTC milliseconds, of the days of a price on which another one is in force now, or none."""
    at: int | None = price.since or 0
    while at is not None and (price.until is None or at < price.until):
        found = now.find(price.model, variant, at)
        until = found[1].until if found else now.own.begins_after(price.model, at)
        if found is None or (found[1].rates, found[1].tiers) != (price.rates, price.tiers):
            yield at, price.until if until is None else until if price.until is None else min(until, price.until)
        at = until


def in_week(db: sqlite3.Connection, monday: date, mine: own.OwnPrices) -> int:
    """Those of the week that begins on this Monday; a closed one has none."""
    return priced_otherwise(db, Where(clock.start_of(monday), clock.start_of(monday + 7 * clock.DAY)), mine)
