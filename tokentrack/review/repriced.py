"""Which requests a new price list would give another price: open weeks are marked (AC 10), closed ones stay as they are."""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.pricing import Prices, own
from tokentrack.store import read, spending
from tokentrack.store.read import Where


def priced_otherwise(db: sqlite3.Connection, where: Where, mine: own.OwnPrices) -> int:
    """Requests of open weeks whose price is another one today. That of an older list may be the same in today's."""
    now, others = Prices([], mine), list[int]()
    for number, variant, price in read.prices(db):
        if price.source not in (now.source, mine.source):
            found = now.find(price.model, variant, price.since or 0)
            if found is None or (found[1].rates, found[1].tiers) != (price.rates, price.tiers):
                others.append(number)
    return spending.priced_by(db, where, others) if others else 0


def in_week(db: sqlite3.Connection, monday: date, mine: own.OwnPrices) -> int:
    """Those of the week that begins on this Monday; a closed one has none."""
    return priced_otherwise(db, Where(clock.start_of(monday), clock.start_of(monday + 7 * clock.DAY)), mine)
