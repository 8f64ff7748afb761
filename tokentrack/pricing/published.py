"""The published price lists: dated data of the genai-prices package, turned into whole micro-dollars.

Importing that package costs a fifth of a second, so everything here is imported on the first request whose price is not stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokentrack.model.costs import Price, Rates
from tokentrack.pricing.names import candidates, without_fast

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

PACKAGE = "genai_prices"
WEB_SEARCH_PER_THOUSAND = 10_000_000
"""Micro-dollars: Anthropic's published fee, for models whose entry does not name one."""
FAST = {"claude-opus-4-6": 6, "claude-opus-4-7": 6}
"""Fast mode's published multiple where the price list has only the standard price."""
AUTO_REVIEW = "codex-auto-review"
STAND_INS = (
    (None, "gpt-5-codex"),
    ("2025-12-11", "gpt-5.2-codex"),
    ("2026-02-05", "gpt-5.3-codex"),
    ("2026-03-05", "gpt-5.4"),
    ("2026-04-23", "gpt-5.5"),
    ("2026-07-09", "gpt-5.6-luna"),
)
"""What Codex's reviews, logged under no model's name, are priced as from a day (UTC) on: its newest model then, an assumption."""
TIERS = ("priority", "flex")
"""Variants that are the list's own service tiers."""
US_INFERENCE = Decimal("1.1")
"""Anthropic's published factor on every token price for inference kept in the US."""


@cache
def source() -> str:
    """Name and version of the price data, without importing it; asked in every transaction, so looked for once a process."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return "no price data"
    for folder in Path(spec.origin).parent.parent.glob(f"{PACKAGE}-*.dist-info"):
        return f"genai-prices {folder.name.removesuffix('.dist-info').rpartition('-')[2]}"
    return "genai-prices"


def find(model: str, variant: str, at: int) -> Price | None:
    """The price of a model in force at a moment (UTC milliseconds), None where no list knows it."""
    if model == AUTO_REVIEW:
        return _stand_in(variant, at)
    for provider, name in candidates(model):
        if (found := _listed(provider, name)) is None:
            continue
        provider, info = found
        if without_fast(model) and "fast" not in info.id:  # lists take what follows a name they know for a version
            break
        return _price(model, variant, at, info, provider)
    return _fast(model, variant, at)


@lru_cache(1024)
def _listed(provider: str | None, name: str) -> tuple[str, ModelInfo] | None:
    """Whose list has a name, and its entry. A search through all lists takes 10 ms, so each name is looked for once."""
    from genai_prices import data_snapshot

    try:
        found, info = data_snapshot.get_snapshot().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    return found.id, info


def _fast(model: str, variant: str, at: int) -> Price | None:
    """A name that ends in `-fast` means a dearer way of the same model; where no list has that price it is not known."""
    if (meant := without_fast(model)) is None:
        return None
    name, faster = meant
    price = find(name, f"{variant} {faster}".strip(), at)
    return price and replace(price, model=model)


def _stand_in(variant: str, at: int) -> Price | None:
    since: int | None = None
    name = STAND_INS[0][1]
    until: int | None = None
    for day, newer in STAND_INS[1:]:
        begins = _ms(datetime.fromisoformat(f"{day}T00:00:00Z"))
        if begins is not None and begins > at:
            until = begins
            break
        since, name = begins, newer
    if (price := find(name, variant, at)) is None:
        return None
    return replace(
        price,
        model=AUTO_REVIEW,
        since=max((edge for edge in (since, price.since) if edge is not None), default=None),
        until=min((edge for edge in (until, price.until) if edge is not None), default=None),
        matched=f"{price.matched} (assumed)",
    )


def _price(model: str, variant: str, at: int, info: ModelInfo, provider: str) -> Price | None:
    """The row of a model, or of a way to call it that has a price of its own (`TIERS`, `fast`, `batch`).

    A way that no list has a price for is not known, rather than the standard price. The list dates most of these prices with
    the day on which it took them up, the same one for models years apart; a request before it is given the standard price
    of its day times the ratio that the list has first, and the row says that this is assumed.
    """
    moment = datetime.fromtimestamp(at / 1000, UTC)
    since, until = _window(moment, _edges(info, moment, bool(variant)))
    words = set(variant.split())
    claude = provider == "anthropic" or "claude" in info.id  # an hour's writes cost twice the input wherever it runs
    factor = US_INFERENCE if "us" in words else Decimal(1)
    context = {"speed": "fast"} if "fast" in words else {"processing": "batch"} if "batch" in words else None
    context = next(({"service_tier": tier} for tier in TIERS if tier in words), context)
    standard = info.get_prices(moment)
    known = moment if context is None else _known_at(info, context, moment)
    if known is None:
        if "fast" not in words or info.id not in FAST:
            return None
        known, context, factor = moment, None, factor * FAST[info.id]
    listed, then = info.get_prices(known, context), info.get_prices(known)

    def rates(prompt: int) -> Rates:
        wanted = _rates(listed, prompt, factor, claude)
        if known == moment:
            return wanted
        plain, early = (_rates(each, prompt, Decimal(1), claude) for each in (standard, then))
        return in_proportion(plain, wanted, early)

    base = rates(0)
    tiers: list[tuple[int, Rates]] = []
    for start in _thresholds(listed) if known == moment else _thresholds(standard, listed, then):
        if (tier := rates(start + 1)) != (tiers[-1][1] if tiers else base):
            tiers.append((start, tier))
    assumed = "" if known == moment else " (assumed)"
    return Price(model, _ms(since), _ms(until), base, tuple(tiers), source(), f"{provider}/{info.id}{assumed}")


def _known_at(info: ModelInfo, context: Mapping[str, str], moment: datetime) -> datetime | None:
    """When to read the price of a way to call a model: at `moment`, else when the list has it first; None: it never has."""
    found = [
        v.constraint for v in info.price_variants or () if all(context.get(k) == told for k, told in v.when.items())
    ]
    if any(constraint is None or constraint.active(moment) for constraint in found):
        return moment
    starts = [start for constraint in found if (start := getattr(constraint, "start_date", None))]
    return datetime.combine(min(starts), time.min, UTC) if starts else None


def _thresholds(*prices: ModelPrice) -> list[int]:
    return sorted({
        tier.start for price in prices for value in price.__dict__.values() for tier in getattr(value, "tiers", ())
    })  # fmt: skip


def in_proportion(rates: Rates, wanted: Rates, plain: Rates) -> Rates:
    """Each rate times what `wanted` is of `plain`; where `plain` has none, what `wanted` has."""

    def one(name: str) -> Any:
        rate, above, below = (getattr(each, name) for each in (rates, wanted, plain))
        return above if not below else rate and times(rate, above, below)

    return Rates(**{name: one(name) for name in Rates.__slots__})


def times(rate: int, above: int, below: int) -> int:
    """A rate times above / below; half a micro-dollar rounds up."""
    return (2 * rate * above + below) // (2 * below)


def _rates(listed: ModelPrice, prompt: int, factor: Decimal, claude: bool) -> Rates:
    """The rates for a request with so many prompt tokens. A kind without its own price has its parent's."""

    def rate(value: Decimal | TieredPrices | None, otherwise: int) -> int:
        if value is None:
            return otherwise
        if not isinstance(value, Decimal):
            price = value.base
            for tier in value.tiers:
                if prompt > tier.start:
                    price = tier.price
            value = price
        return round(value * factor * 1_000_000)

    own: dict[str, Any] = listed.__dict__
    tokens_in = rate(own.get("input_mtok"), 0)
    write = rate(own.get("cache_write_mtok"), tokens_in)
    searches = own.get("web_searches_kcount")
    return Rates(
        input=tokens_in,
        output=rate(own.get("output_mtok"), 0),
        cache_read=rate(own.get("cache_read_mtok"), tokens_in),
        cache_write_5m=rate(own.get("cache_write_5m_mtok"), write),
        cache_write_1h=rate(own.get("cache_write_1h_mtok"), 2 * tokens_in if claude else write),
        web_searches=round(searches * 1_000_000) if isinstance(searches, Decimal) else WEB_SEARCH_PER_THOUSAND,
    )


def _edges(info: ModelInfo, moment: datetime, variants: bool) -> Iterable[datetime]:
    """The moments near `moment` at which another price may begin."""
    priced = info.prices if isinstance(info.prices, list) else []
    others = info.price_variants or () if variants else ()
    for constraint in [entry.constraint for entry in [*priced, *others]]:
        if constraint is None:
            continue
        if start := getattr(constraint, "start_date", None):
            yield datetime.combine(start, time.min, UTC)
            continue
        for edge in (constraint.start_time, constraint.end_time):
            for days in (-1, 0, 1):
                day = moment.date() + timedelta(days=days)
                yield datetime.combine(day, edge if edge.tzinfo else edge.replace(tzinfo=UTC)).astimezone(UTC)


def _window(moment: datetime, edges: Iterable[datetime]) -> tuple[datetime | None, datetime | None]:
    before, after = None, None
    for edge in edges:
        if edge <= moment:
            before = edge if before is None else max(before, edge)
        else:
            after = edge if after is None else min(after, edge)
    return before, after


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
