"""Prices that the person gives: `prices.toml` beside the store, on top of the published lists.

[[price]]
model = "composer-1"     # as logs write it, or its plain name: claude-sonnet-4-5 is every claude-sonnet-4-5-20250929 too
from = 2026-01-01        # optional
input = 1.25             # dollars for a million tokens
output = 10
cache_read = 0.125       # optional, as are cache_write_5m and cache_write_1h
web_search = 10          # optional: dollars for a thousand web searches

What an entry leaves out follows the published row of the same model on the request's day, if there is one: cache prices keep
their ratio to the input, a web search its fee, and a long prompt or a way of calling (fast, batch, in the US, a service tier)
the ratio to the standard price. So an entry that repeats the published input and output changes no value, and one that halves
both halves every token's price.

Where no list knows the model, cached tokens cost as much as input (Claude's: Anthropic's multiples of it), which is what lists
mean by an entry without them. A web search then has no known price, nor has any way of calling but Anthropic's in the US: such
a request stays unpriced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from tokentrack.model.costs import Price, Rates
from tokentrack.pricing import published
from tokentrack.pricing.names import meant

CLAUDE_MULTIPLES = (0.1, 1.25, 2)
CACHED = ("cache_read", "cache_write_5m", "cache_write_1h")
SEARCH = "web_search"
KINDS = ("input", "output", *CACHED, SEARCH)
YOURS = "your price"
"""How what a price was found by begins, where the person gave it."""


@dataclass(frozen=True, slots=True)
class Given:
    """An entry, in force in [since, until), UTC milliseconds. `rates` are micro-dollars of the kinds that it names."""

    model: str
    since: int | None
    rates: Mapping[str, int]
    until: int | None = None


class OwnPrices:
    """The entries of the file, newest first for each model. `problems` has one sentence for each entry left out.

    `source` names the file's content and the list that it lies on, since what an entry leaves out is that list's.
    """

    def __init__(
        self, prices: list[Given] | None = None, problems: list[str] | None = None, source: str = "own"
    ) -> None:
        self.prices = sorted(prices or [], key=lambda price: price.since or 0, reverse=True)
        self.problems = problems or []
        self.source = source

    def of(self, model: str) -> list[Given]:
        """The entries that mean a model, by its most exact name first and the newest of each first."""
        names = meant(model) if self.prices else []
        return [price for name in names for price in self.prices if price.model == name]

    def in_force(self, model: str, at: int) -> Given | None:
        found = self.of(model)
        given = next((price for price in found if price.since is None or price.since <= at), None)
        return given and replace(given, model=model, until=self.begins_after(model, at))

    def begins_after(self, model: str, at: int) -> int | None:
        """When the next of the person's prices of a model begins after a moment, None where none does."""
        return min((one.since for one in self.of(model) if one.since is not None and one.since > at), default=None)

    def since(self, model: str) -> int | None:
        """When the first of the person's prices of a model begins, None where there is none."""
        return min((price.since or 0 for price in self.of(model)), default=None)

    def unmet(self, models: Iterable[str]) -> list[str]:
        """What prices are given for that means none of these models."""
        known = {name for model in models for name in meant(model)}
        return sorted({price.model for price in self.prices} - known)

    def leaves(self, price: Price) -> bool:
        """Whether a published price applies in its whole period, none of the person's own being in force."""
        since = self.since(price.model)
        return since is None or (price.until is not None and price.until <= since)

    def price(self, given: Given, variant: str, standard: Price | None, called: Price | None) -> Price | None:
        """An entry as the price of a model called in this way; `standard` and `called` are the published rows, if any."""
        if standard is None:
            return self._alone(given, variant)
        if called is None:
            return None
        plain = _filled(given.rates, standard.rates)
        return Price(
            given.model,
            max(_edges(given.since, standard.since, called.since), default=None),
            min(_edges(given.until, standard.until, called.until), default=None),
            published.in_proportion(plain, called.rates, standard.rates),
            tuple((start, published.in_proportion(plain, tier, standard.rates)) for start, tier in called.tiers),
            self.source,
            f"{YOURS}, else as {called.matched}",
        )

    def _alone(self, given: Given, variant: str) -> Price | None:
        if variant not in ("", "us"):
            return None
        read, write_5m, write_1h = CLAUDE_MULTIPLES if given.model.lower().startswith("claude") else (1, 1, 1)
        tokens = given.rates["input"]
        rates = {
            "input": tokens,
            "cache_read": round(tokens * read),
            "cache_write_5m": round(tokens * write_5m),
            "cache_write_1h": round(tokens * write_1h),
            **given.rates,
        }
        factor = published.US_INFERENCE if variant else 1
        each = {kind: round(rates[kind] * factor) for kind in KINDS if kind != SEARCH}
        whole = Rates(**each, web_searches=rates.get(SEARCH))
        return Price(given.model, given.since, given.until, whole, (), self.source, YOURS)


def gave(price: Price) -> bool:
    """Whether a price is the person's own, of whatever file it was."""
    return price.matched.startswith(YOURS)


def _filled(given: Mapping[str, int], standard: Rates) -> Rates:
    """The rates of an entry, the kinds that it leaves out in the published ratio to the input."""
    tokens, listed = given["input"], standard.input
    cached = {kind: published.times(getattr(standard, kind), tokens, listed) if listed else 0 for kind in CACHED}
    cached |= {kind: given[kind] for kind in CACHED if kind in given}
    return Rates(tokens, given["output"], **cached, web_searches=given.get(SEARCH, standard.web_searches))


def _edges(*moments: int | None) -> Iterable[int]:
    return (moment for moment in moments if moment is not None)


def read(path: Path) -> OwnPrices:
    """The person's prices; a missing file is none, a faulty one costs only its faulty entries."""
    try:
        text = _text(path)
        entries = _tables(text).get("price", [])
    except FileNotFoundError:
        return OwnPrices()
    except (OSError, ValueError) as error:
        return OwnPrices(problems=[f"{path.name}: cannot be read ({error}); published prices are used"])
    prices, problems = [], []
    source = f"own {_digest(text)} on {published.source()}"
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        try:
            prices.append(_given(entry))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(f"{path.name}, entry {number}: {_sentence(error)}; it is left out")
    return OwnPrices(prices, problems, source)


def put(path: Path, model: str, since: date | None, rates: Mapping[str, float]) -> None:
    """Writes a price into the file, in the place of the one of the same model and day; everything else in it stays as it is.

    Raises ValueError where the price is none or the file holds something else, OSError where it cannot be written.
    """
    entry = {"model": model.strip(), **({"from": since} if since else {}), **rates}
    price = _given(entry)
    try:
        text = _text(path)
        _tables(text)
    except FileNotFoundError:
        text = ""
    except ValueError as error:
        raise ValueError(f"{path.name} cannot be read ({error})") from None
    blocks = re.split(r"(?m)^(?=[ \t]*\[\[[ \t]*price[ \t]*\]\])", text)
    wanted = _written(entry)
    same = [number for number, block in enumerate(blocks) if number and _is_of(block, price)]
    if same:
        blocks[same[0]] = wanted + ("\n" if same[0] < len(blocks) - 1 else "")
        for number in reversed(same[1:]):
            del blocks[number]
    else:
        blocks.append(("\n" if text.strip() else "") + wanted)
    text = "".join(block if block.endswith("\n") or not block else block + "\n" for block in blocks)
    _tables(text)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _text(path: Path) -> str:
    """What the file holds, without the mark that some editors put before it. Raises OSError, ValueError."""
    return path.read_text(encoding="utf-8-sig")


def _tables(text: str) -> dict[str, Any]:
    """Raises ValueError where the text is no TOML."""
    import tomllib  # only where somebody gave prices

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def _written(entry: Mapping[str, object]) -> str:
    """An entry as TOML."""
    lines = [f"{name} = {json.dumps(value) if isinstance(value, str) else value}" for name, value in entry.items()]
    return "\n".join(["[[price]]", *lines]) + "\n"


def _is_of(block: str, price: Given) -> bool:
    """Whether an entry of the file is of the same model and day; what is no price is of none."""
    try:
        found = _given(_tables(block)["price"][0])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return False
    return (found.model, found.since) == (price.model, price.since)


def _given(entry: object) -> Given:
    if not isinstance(entry, dict):
        raise ValueError("it is not a [[price]] table")
    if unknown := entry.keys() - {"model", "from", *KINDS}:
        raise ValueError(f"{min(unknown)} is no field of a price")
    model = entry["model"]
    if not isinstance(model, str) or not model:
        raise ValueError("model is not a name")
    rates = {kind: _rate(entry, kind) for kind in KINDS if kind in entry or kind in ("input", "output")}
    return Given(model.lower(), _since(entry.get("from")), rates)


def _rate(entry: dict[str, Any], kind: str) -> int:
    amount = entry[kind]
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < 1e6:  # nan is not either
        size = "thousand searches" if kind == SEARCH else "million tokens"
        raise ValueError(f"{kind} is not an amount of dollars for a {size}")
    return round(amount * 1_000_000)


def _since(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError("from is not a date") from None
    if isinstance(value, datetime):
        return round(value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000)
    if isinstance(value, date):
        return round(datetime.combine(value, time.min, UTC).timestamp() * 1000)
    raise ValueError("from is not a date")


def _sentence(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _digest(text: str) -> str:
    import hashlib

    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
