"""A CSV of charges ▶ charges: as a spreadsheet or a bank exports it, with the columns date and amount somewhere in it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tokentrack.agents import AGENTS
from tokentrack.model import Charge
from tokentrack.money import day_typed

LARGEST = 16 << 20
COLUMNS = {
    "date": ("date", "day", "invoice date", "transaction date"),
    "amount": ("amount", "usd", "amount (usd)", "amount usd", "total"),
    "note": ("note", "description", "memo"),
    "agent": ("agent",),
    "currency": ("currency", "currency code", "ccy"),
}
"""What columns may be called; letters' case does not matter."""
_AMOUNT = re.compile(r"(?P<minus>-?)(?P<whole>\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(?P<part>\d{1,6}))?")


class NotCharges(Exception):
    """The file is no CSV with a date and an amount; the message is for the person."""


def read_charges(path: Path) -> tuple[list[Charge], list[tuple[int, str]]]:
    """The charges, and (line, reason) of rows that are none. Raises NotCharges, and OSError where it cannot be read."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotCharges(f"{path} is too large to be a list of charges; nothing was changed.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotCharges(f"{path} is no UTF-8 text; nothing was changed.") from None
    try:
        rows = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
        heads = [head.strip().lower() for head in next(rows, [])]
        places = {
            name: next((heads.index(one) for one in names if one in heads), None) for name, names in COLUMNS.items()
        }
        if places["date"] is None or places["amount"] is None:
            raise NotCharges(f"{path} has no columns date and amount; nothing was changed.")
        found: list[Charge] = []
        rejected: list[tuple[int, str]] = []
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            given = {name: row[at].strip() if at is not None and at < len(row) else "" for name, at in places.items()}
            try:
                found.append(_charge(given))
            except ValueError as error:
                rejected.append((rows.line_num, str(error)))
    except csv.Error as error:
        raise NotCharges(f"{path} is no CSV ({error}); nothing was changed.") from None
    return found, rejected


def _delimiter(text: str) -> str:
    """Spreadsheets in some countries write semicolons."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _charge(given: dict[str, str]) -> Charge:
    day = day_typed(given["date"])
    if day is None:
        raise ValueError(f"{given['date'] or 'nothing'} is no date like 2026-11-22")
    if given["currency"].upper() not in ("", "USD", "US$", "$"):
        raise ValueError(f"its amount is in {given['currency']}, and only dollars can be added up")
    agent = given["agent"].lower() or None
    if agent is not None and agent not in [one.NAME for one in AGENTS]:
        raise ValueError(f"no agent is called {agent}")
    return Charge(0, day, amount_of(given["amount"]), given["note"], agent)


def amount_of(text: str) -> int:
    """Micro-dollars of `12.50`, `$1,234.5`, `-3`, `(3.00)`. Raises ValueError."""
    plain = text.replace("$", "").replace("USD", "").strip()
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1].strip()}"
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise ValueError(f"{text or 'nothing'} is no amount of dollars")
    micro = int(found["whole"].replace(",", "")) * 10**6 + int((found["part"] or "").ljust(6, "0"))
    return -micro if found["minus"] else micro
