"""What a request is worth at published prices: its list value. The only place that knows a price list.

A price is looked up once per model, variant and dated period and then multiplied in integers. A model without a known price is
unpriced (None), never free.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from tokentrack.model.costs import Price, Rates
from tokentrack.model.logs import Request
from tokentrack.pricing import published, ready
from tokentrack.pricing.names import candidates
from tokentrack.pricing.own import OwnPrices


class Prices:
    """Prices met so far, each with the number under which the store keeps it. `fresh` holds those not yet stored."""

    def __init__(self, known: Iterable[tuple[int, str, Price]], own: OwnPrices | None = None) -> None:
        self.source = published.source()
        self.own = own or OwnPrices()
        self.fresh: list[tuple[int, str, Price]] = []
        self._by_model: dict[tuple[str, str], list[tuple[int, Price]]] = {}
        self._unlisted: set[tuple[str, str]] = set()
        self.last = 0
        self.learn(known)

    def learn(self, known: Iterable[tuple[int, str, Price]]) -> None:
        """Takes up prices that the store holds, so that each keeps one number whoever looked it up first.

        A list's price of a name that no list is asked for any more is left: an earlier version took it for another model's.
        """
        for number, variant, price in known:
            self.last = max(self.last, number)
            listed = price.source == self.source and bool(candidates(price.model)) and self.own.leaves(price)
            if price.source == self.own.source or listed:
                self._by_model.setdefault((price.model, variant), []).append((number, price))

    def find(self, model: str | None, variant: str, at: int | None) -> tuple[int, Price] | None:
        """The price in force and its number, None where it is not known."""
        if model is None or at is None:
            return None
        for number, price in self._by_model.get((model, variant), ()):
            if (price.since is None or price.since <= at) and (price.until is None or at < price.until):
                return number, price
        given = self.own.in_force(model, at)
        looked_up = self._published(model, variant, at)
        if given is not None:
            standard = self._published(model, "", at) if variant else looked_up
            looked_up = self.own.price(given, variant, standard, looked_up)
        elif looked_up is not None and (since := self.own.since(model)) is not None:
            looked_up = replace(looked_up, until=since if looked_up.until is None else min(since, looked_up.until))
        if looked_up is None:
            return None
        self.last += 1
        self._by_model.setdefault((model, variant), []).append((self.last, looked_up))
        self.fresh.append((self.last, variant, looked_up))
        return self.last, looked_up

    def _published(self, model: str, variant: str, at: int) -> Price | None:
        if (model, variant) in self._unlisted:
            return None
        price = ready.find(model, variant, at, self.source) or published.find(model, variant, at)
        if price is None:
            self._unlisted.add((model, variant))
        return price

    def take_fresh(self) -> list[tuple[int, str, Price]]:
        fresh, self.fresh = self.fresh, []
        return fresh

    def list_value(self, request: Request) -> tuple[int | None, int | None]:
        """(micro-dollars, number of the price) of a request; (None, None) where it is unpriced."""
        if (found := self.find(request.model, request.variant, request.at)) is None:
            return None, None
        number, price = found
        amount = value(price, request)
        return (None, None) if amount is None else (amount, number)


def problems(own: OwnPrices) -> list[str]:
    """A sentence for each thing that is wrong with the files that prices come from."""
    return [*ready.problems(published.source()), *own.problems]


def rates_for(price: Price, prompt_tokens: int) -> Rates:
    """The rates of the tier that the whole request falls in."""
    rates = price.rates
    for threshold, tier in price.tiers:
        if prompt_tokens > threshold:
            rates = tier
    return rates


def value(price: Price, request: Request) -> int | None:
    """Micro-dollars of a request, None where it needs a rate that is not known."""
    return worth(rates_for(price, request.prompt_tokens) if price.tiers else price.rates, request)


class Counted(Protocol):
    """What is multiplied: a request, or sums of some that fall in one tier."""

    @property
    def input(self) -> int: ...
    @property
    def output(self) -> int: ...
    @property
    def cache_read(self) -> int: ...
    @property
    def cache_write_5m(self) -> int: ...
    @property
    def cache_write_1h(self) -> int: ...
    @property
    def web_searches(self) -> int: ...


def worth(rates: Rates, counted: Counted) -> int | None:
    """Micro-dollars, rounded half up once, over the whole. None: it searched, and the price of a search is not known."""
    if rates.web_searches is None and counted.web_searches:
        return None
    pico = (
        counted.input * rates.input
        + counted.output * rates.output
        + counted.cache_read * rates.cache_read
        + counted.cache_write_5m * rates.cache_write_5m
        + counted.cache_write_1h * rates.cache_write_1h
        + counted.web_searches * (rates.web_searches or 0) * 1000
    )
    return (pico + 500_000) // 1_000_000
