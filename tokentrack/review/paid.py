"""What a period really cost: plan fees by day and charges; and how any figure says how it was computed.

Days are local, `first` and `last` included. Money is whole micro-dollars, None is not known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tokentrack import clock, money
from tokentrack.money import dollars
from tokentrack.phrases import listing, month, plural
from tokentrack.store import money as ledger

MICRO = "micro-dollars"
PAID_IS = "Plan fees by day and the charges you entered. It is what the period costs you, not what one task cost."
FORMULA = "paid = the plans' fees by day + charges; a day's fee = fee of the billing period / its days"
NOT_COME = "These days have not come yet."
NOT_DECLARED = "Logs do not tell what you pay. Enter your plan or your charges, and this figure appears."


@dataclass(frozen=True, slots=True)
class Line:
    """A row of how a figure adds up. `why` names what lies behind it, empty: nothing more.

    `kind` is `paid`, `plan share`, `list value`, `hypothetical`, `planned`, `measured` or `self-reported`; `unit` is
    `micro-dollars`, `min`, `tokens`, or "" for what is counted.
    """

    what: str
    amount: int | None
    kind: str
    why: str = ""
    unit: str = MICRO

    @property
    def counted(self) -> str | None:
        """`24 min`, `1`, `unknown`; None: it is money, which each place writes in its own way."""
        if self.unit == MICRO:
            return None
        return "unknown" if self.amount is None else f"{self.amount:,} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class How:
    """How a figure is computed: of `n` things called `of`. The rows of a sum add up to it; where `adds` is False it is no sum."""

    formula: str
    n: int
    of: str
    inputs: tuple[tuple[str, str], ...] = ()
    rows: tuple[Line, ...] = ()
    adds: bool = True

    @property
    def counted(self) -> str:
        """`7 days`, `1 day`: its `n`, as it is said."""
        return f"{self.n:,} {self.of.removesuffix('s') if self.n == 1 else self.of}"


@dataclass(frozen=True, slots=True)
class Paid:
    """`amount` is None where neither a plan nor a charge is declared. `unconfirmed` months may have further charges."""

    amount: int | None
    at_least: bool
    unconfirmed: tuple[str, ...]
    fees: int
    charges: int
    text: str
    sentence: str
    how: How


def paid(db: sqlite3.Connection, first: date, last: date) -> Paid:
    """What the days [first, last] cost, as far as they have come; not known where none has."""
    if first > clock.today():
        return Paid(None, False, (), 0, 0, "unknown", NOT_COME, How(FORMULA, 0, "days"))
    last = min(last, clock.today())
    return paid_of(db, items_of(db, first, last), first, last)


def declared(db: sqlite3.Connection, first: date, last: date) -> bool:
    """Whether the person told anything of what these days cost: a plan, a charge of their months, or that there is none."""
    if any(plan.since <= last and (plan.until is None or plan.until >= first) for plan in ledger.plans(db)):
        return True
    months = clock.month_start(first), clock.next_month(last) - clock.DAY
    return bool(ledger.charges(db, *months)) or any(
        f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}" for month in ledger.confirmed(db)
    )


def items_of(db: sqlite3.Connection, first: date, last: date) -> list[money.Item]:
    return money.items(ledger.plans(db), ledger.charges(db, first, last), first, last)


def paid_of(db: sqlite3.Connection, items: list[money.Item], first: date, last: date) -> Paid:
    known = declared(db, first, last)
    fees = sum(item.amount for item in items if not item.charged)
    charges = sum(item.amount for item in items if item.charged)
    missing = money.unconfirmed(ledger.confirmed(db), first, last)
    amount = fees + charges if known else None
    text = dollars(amount) if amount is None or not missing else f"at least {dollars(amount)}"
    sentence = PAID_IS if known else NOT_DECLARED
    if known and missing:
        sentence += f" The charges of {_months(missing)} are not confirmed yet."
    how = How(
        FORMULA,
        (last - first).days + 1,
        "days",
        (
            ("plan fees", dollars(fees)),
            ("charges", dollars(charges)),
            *((("at least", f"the charges of {_months(missing)} are not confirmed yet"),) if known and missing else ()),
        ),
        tuple(_paid_lines(items)),
    )
    return Paid(amount, bool(missing) and known, missing if known else (), fees, charges, text, sentence, how)


def _months(names: Iterable[str]) -> str:
    return listing(month(clock.parse_month(name)) for name in names)


def _paid_lines(items: Iterable[money.Item]) -> Iterable[Line]:
    fees: dict[str, list[money.Item]] = {}
    for item in items:
        if not item.charged:
            fees.setdefault(item.what, []).append(item)
    for name, days in fees.items():
        yield Line(f"{name}, {plural(len(days), 'day')}", sum(d.amount for d in days), "paid")
    for item in items:
        if item.charged:
            yield Line(f"{item.day} {item.what}", item.amount, "paid")
