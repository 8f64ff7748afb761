"""Prices of the models most agents use, looked up once when the app was built: `resources/prices.json`.

The price package takes a quarter of a second to import, most of what a small first scan costs. Rows made from another version
of it are not used, and a model that is not here is looked up in the package itself: so is every one where the file is damaged.
`make prices` writes the file; a test holds it against the package, row by row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tokentrack import paths
from tokentrack.model.costs import Price, Rates

if TYPE_CHECKING:
    from pathlib import Path

RESOURCE = "prices.json"
MOST = 10**12
"""Micro-dollars, and tokens of a prompt: a price or a threshold above it is none."""


def find(model: str, variant: str, at: int, source: str) -> Price | None:
    """The price in force at a moment by this version of the price data, None where it is not at hand."""
    for price in _shipped(source).rows.get((model, variant), ()):
        if (price.since is None or price.since <= at) and (price.until is None or at < price.until):
            return price
    return None


def problems(source: str) -> list[str]:
    """One sentence where the file cannot be used."""
    return _shipped(source).problems


class Ready(NamedTuple):
    rows: dict[tuple[str, str], list[Price]]
    problems: list[str]


@cache
def _shipped(source: str) -> Ready:
    return read(paths.resource(RESOURCE), source)


def read(file: Path, source: str) -> Ready:
    """All of the file or nothing of it: one damaged row speaks against the others."""
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        return Ready(_rows(made["rows"], source) if made["source"] == source else {}, [])
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "damaged"
        return Ready({}, [f"{file}: not used ({reason}); prices are looked up in {source}, which takes longer"])


def _rows(made: Iterable[Any], source: str) -> dict[tuple[str, str], list[Price]]:
    """Raises ValueError or TypeError where one is no price."""
    rows: dict[tuple[str, str], list[Price]] = {}
    for model, variant, since, until, matched, rates, tiers in made:
        if not all(isinstance(text, str) for text in (model, variant, matched)):
            raise TypeError("no name")
        if not all(moment is None or type(moment) is int for moment in (since, until)):
            raise TypeError("no moment")
        dearer = tuple((_amount(start), _rates(tier)) for start, tier in tiers)
        price = Price(model, since, until, _rates(rates), dearer, source, matched)
        rows.setdefault((model, variant), []).append(price)
    return rows


def _rates(amounts: list[Any]) -> Rates:
    *tokens, search = amounts
    known: list[Any] = [*map(_amount, tokens), None if search is None else _amount(search)]
    return Rates(**dict(zip(Rates.__slots__, known, strict=True)))


def _amount(found: object) -> int:
    if type(found) is not int or not 0 <= found < MOST:
        raise ValueError("no amount")
    return found


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
