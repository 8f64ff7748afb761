"""Prices of the models most agents use, looked up once when the app was built: `resources/prices.json`.

The price package takes a quarter of a second to import, most of what a small first scan costs. Rows made from another version
of it are not used, and a model that is not here is looked up in the package itself. `make prices` writes the file; a test holds
it against the package, row by row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from tokentrack import paths
from tokentrack.model import Price, Rates

RESOURCE = "prices.json"


def find(model: str, variant: str, at: int, source: str) -> Price | None:
    """The price in force at a moment by this version of the price data, None where it is not at hand."""
    for price in _rows(source).get((model, variant), ()):
        if (price.since is None or price.since <= at) and (price.until is None or at < price.until):
            return price
    return None


@cache
def _rows(source: str) -> dict[tuple[str, str], list[Price]]:
    made = json.loads(paths.resource(RESOURCE).read_text(encoding="utf-8"))
    if made["source"] != source:
        return {}
    rows: dict[tuple[str, str], list[Price]] = {}
    for model, variant, since, until, matched, rates, tiers in made["rows"]:
        price = Price(
            model, since, until, Rates(*rates), tuple((start, Rates(*tier)) for start, tier in tiers), source, matched
        )
        rows.setdefault((model, variant), []).append(price)
    return rows


def written(source: str, rows: Iterable[tuple[str, Price]]) -> str:
    """The file's text for these (variant, price) rows: one row a line, so that a change can be read."""

    def plain(rates: Rates) -> list[int]:
        return [getattr(rates, name) for name in Rates.__slots__]

    lines: list[Any] = [
        [
            p.model,
            variant,
            p.since,
            p.until,
            p.matched,
            plain(p.rates),
            [[start, plain(tier)] for start, tier in p.tiers],
        ]
        for variant, p in rows
    ]
    body = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    return f'{{"source": {json.dumps(source)}, "rows": [\n{body}\n]}}\n'
