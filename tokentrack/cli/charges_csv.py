"""A CSV of charges ▶ charges: as a spreadsheet or a bank exports it, with the columns date and amount somewhere in it."""

from __future__ import annotations

from pathlib import Path

from tokentrack.agents import AGENTS
from tokentrack.csv_rows import rows
from tokentrack.model.costs import Charge
from tokentrack.money import amount_typed, day_typed, two_ways

COLUMNS = {
    "date": ("date", "day", "invoice date", "transaction date"),
    "amount": ("amount", "usd", "amount (usd)", "amount usd", "total"),
    "note": ("note", "description", "memo"),
    "agent": ("agent",),
    "currency": ("currency", "currency code", "ccy"),
}
"""What columns may be called; letters' case does not matter."""


def read_charges(path: Path) -> tuple[list[Charge], list[tuple[int, str]]]:
    """The charges, and (line, reason) of rows that are none. Raises NotThatFile, and OSError where it cannot be read."""
    found: list[Charge] = []
    rejected: list[tuple[int, str]] = []
    for line, given in rows(path, COLUMNS, ("date", "amount"), rejected, amount="amount"):
        try:
            found.append(_charge(given))
        except ValueError as error:
            rejected.append((line, str(error)))
    return found, rejected


def _charge(given: dict[str, str]) -> Charge:
    day = day_typed(given["date"])
    if day is None:
        raise ValueError(f"{given['date'] or 'nothing'} is no date like 2026-11-22")
    if given["currency"].upper() not in ("", "USD", "US$", "$"):
        raise ValueError(f"its amount is in {given['currency']}, and nothing but dollars can be added up")
    agent = given["agent"].lower() or None
    if agent is not None and agent not in [one.NAME for one in AGENTS]:
        raise ValueError(f"no agent is called {agent}")
    return Charge(0, day, amount_of(given["amount"]), given["note"], agent)


def amount_of(text: str) -> int:
    """Micro-dollars of `12.50`, `$1,234.5`, `-3`, `(3.00)`. Raises ValueError."""
    plain = text.replace("$", "").replace("USD", "").strip()
    negative = plain.startswith("-") or (plain.startswith("(") and plain.endswith(")"))
    if negative:
        plain = plain.removeprefix("-").removeprefix("(").removesuffix(")").strip()
    micro = amount_typed(plain)
    if micro is None:
        raise ValueError(two_ways(plain) or f"{text or 'nothing'} is no amount of dollars")
    return -micro if negative else micro
