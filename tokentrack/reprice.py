"""What the prices in force now make of requests that were priced before: shown first, applied when the person says so.

Requests keep the price of the day on which they were read, so a new price list changes no past figure by itself. A request in a
closed week keeps its price for ever.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokentrack.money import known_sum
from tokentrack.pricing import Prices
from tokentrack.pricing.own import OwnPrices
from tokentrack.store import closed, read, spending, transaction, write
from tokentrack.store.spending import Valued


@dataclass(frozen=True, slots=True)
class ModelChange:
    """The requests of a model whose list value changes. `before` and `after` are micro-dollars, None: none is priced."""

    model: str
    requests: int
    before: int | None
    after: int | None
    unpriced_before: int
    unpriced_after: int


@dataclass(frozen=True, slots=True)
class Repriced:
    """`requests` of open weeks were looked at, `changed` change; `held_back` of closed weeks would, were they open.

    `before` and `after` are of those that change; None: not one of them is priced.
    """

    requests: int
    changed: int
    before: int | None
    after: int | None
    held_back: int
    models: tuple[ModelChange, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    was: Valued
    value: int | None
    price: int | None


def reprice(db: sqlite3.Connection, own: OwnPrices, *, apply: bool = False) -> Repriced:
    """Looks every request up again. Those of weeks that are closed by then keep their prices, whoever asks."""
    if not apply:
        return _told(*_changes(db, Prices(read.prices(db), own)))
    with transaction(db):
        prices = Prices(read.prices(db), own)
        looked, changes, held = _changes(db, prices)
        spending.set_values(db, [(change.value, change.price, change.was.id) for change in changes])
        write.add_prices(db, prices.take_fresh())
    return _told(looked, changes, held)


def _changes(db: sqlite3.Connection, prices: Prices) -> tuple[int, list[_Change], int]:
    """(requests of open weeks, those whose price is another one now, those whose value a closed week keeps)."""
    spans = closed.spans(closed.mondays(db))
    changes: list[_Change] = []
    looked = held = 0
    for was in spending.valued(db):
        value, number = prices.list_value(was.request)
        if _lies_in(was.request.at, spans):
            held += value != was.value
            continue
        looked += 1
        if (value, number) != (was.value, was.price):
            changes.append(_Change(was, value, number))
    return looked, changes, held


def _lies_in(at: int | None, spans: Iterable[tuple[int, int]]) -> bool:
    return at is not None and any(since <= at < until for since, until in spans)


def _told(looked: int, changes: Sequence[_Change], held: int) -> Repriced:
    """Who has another price and the same value does not change; only which list told the price is noted anew."""
    changes = [change for change in changes if change.value != change.was.value]
    by_model: dict[str, list[_Change]] = {}
    for change in changes:
        by_model.setdefault(change.was.request.model or "unknown", []).append(change)
    models = tuple(_of_model(model, found) for model, found in sorted(by_model.items()))
    return Repriced(
        looked, len(changes), known_sum(m.before for m in models), known_sum(m.after for m in models), held, models
    )


def _of_model(model: str, changes: Sequence[_Change]) -> ModelChange:
    before, after = [change.was.value for change in changes], [change.value for change in changes]
    return ModelChange(model, len(changes), known_sum(before), known_sum(after), before.count(None), after.count(None))
