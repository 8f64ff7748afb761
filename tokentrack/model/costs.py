"""What it costs: prices of models, budgets, flat fees and charges. Money is integer micro-dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars for a million tokens of each kind, and for a thousand web searches (None: not known)."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_searches: int | None = 0


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of a model in a period [since, until), milliseconds; None is open.

    `tiers` are (threshold, rates): a request whose whole prompt exceeds the threshold is priced wholly by that tier.
    """

    model: str
    since: int | None
    until: int | None
    rates: Rates
    tiers: tuple[tuple[int, Rates], ...]
    source: str
    matched: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What the person plans for a period, in force from a day on. `amount` is micro-dollars, or tokens."""

    id: int
    measure: str
    amount: int
    period: str
    project: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Plan:
    """A flat fee, in force on the days [since, until], both included; None is open. `fee` is micro-dollars for a `period`.

    `period` is `month` or `year`. `agents` are those whose use it pays for.
    """

    id: int
    name: str
    fee: int
    period: str
    agents: tuple[str, ...]
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Money billed on a day beside the plans, in micro-dollars; a refund is negative. `agent`: None is not told."""

    id: int
    day: date
    amount: int
    note: str
    agent: str | None = None
