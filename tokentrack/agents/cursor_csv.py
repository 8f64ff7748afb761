"""Cursor's usage export: a CSV file that the person loads from the dashboard (Usage, Export).

Columns are found by their names, because they changed twice and may change again. The four columns of tokens are disjoint:
"w/ Cache Write" is what was written to the cache, "w/o Cache Write" is plain input, and with the others they add up to the
total. A row is one use of the account, on any machine. It has no id: what every version of the export has makes one, and
equal rows are counted, so that overlapping exports count once and two equal rows twice.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tokentrack.agents.values import TOO_MANY, parse_time

LARGEST = 256 << 20
LONGEST_FIELD = 1 << 16
MOST_TOLD = 1000
TOLD_EACH = 1000
"""Lines after which it is told how far the reading is."""
NEEDED = {
    "date": "Date",
    "model": "Model",
    "input (w/ cache write)": "Input (w/ Cache Write)",
    "input (w/o cache write)": "Input (w/o Cache Write)",
    "cache read": "Cache Read",
    "output tokens": "Output Tokens",
}
NAMES_NO_MODEL = ("auto", "default", "")
WITHOUT_COST = ("", "-", "–", "nan", "included", "free", "no charge", "none", "n/a")


class NotAnExport(Exception):
    """The file is no usage export; the message is one sentence for the person."""


class UsageRow(NamedTuple):
    """One use of the account. `cost` is micro-dollars, None for a word that is no amount; `line` is where it stands."""

    line: int
    at: int | None
    day: str | None
    model: str | None
    kind: str
    max_mode: bool
    input: int
    cache_read: int
    cache_write: int
    output: int
    cost: int | None
    cost_text: str
    charged: bool
    cloud_agent: str | None
    fingerprint: str
    copy: int


class Told(NamedTuple):
    line: int
    reason: str


@dataclass(slots=True)
class Export:
    """What a file holds. `rejected` are lines that could not be used, `doubts` are used all the same."""

    rows: list[UsageRow] = field(default_factory=list)
    rejected: list[Told] = field(default_factory=list)
    doubts: list[Told] = field(default_factory=list)
    lines: int = 0


def read_export(path: Path, told: Callable[[float], None] = lambda _: None) -> Export:
    """Raises NotAnExport, and OSError where the file cannot be read.

    `told` hears now and then which share is read; what it raises ends the reading.
    """
    lines = _text(path).splitlines(keepends=True)
    reader = csv.reader(lines, strict=True)
    found = Export()
    csv.field_size_limit(LONGEST_FIELD)
    try:
        columns = _columns(next(reader, []), path)
        copies: Counter[str] = Counter()
        for values in reader:
            if reader.line_num % TOLD_EACH == 0:
                told(reader.line_num / len(lines))
            if any(value.strip() for value in values):
                _take(found, columns, values, reader.line_num, copies)
    except csv.Error:
        raise NotAnExport(
            f"{path} is no CSV file (line {reader.line_num} cannot be read); nothing was imported."
        ) from None
    return found


def _text(path: Path) -> str:
    if path.is_file() and path.stat().st_size > LARGEST:
        raise NotAnExport(f"{path} is too large for a usage export; nothing was imported.")
    data = path.read_bytes()
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise NotAnExport(f"{path} is no text, so it is no usage export of Cursor; nothing was imported.") from None


def _columns(heads: list[str], path: Path) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, head in enumerate(heads):
        columns.setdefault(" ".join(head.split()).casefold(), place)
    if missing := [shown for name, shown in NEEDED.items() if name not in columns]:
        named = "no column " + ", ".join(missing) if len(missing) < len(NEEDED) else "none of its columns"
        raise NotAnExport(f"{path} is no usage export of Cursor: it has {named}; nothing was imported.")
    return columns


def _take(found: Export, columns: dict[str, int], values: list[str], line: int, copies: Counter[str]) -> None:
    def value(name: str) -> str:
        place = columns.get(name, -1)
        return values[place].strip()[:LONGEST_FIELD] if 0 <= place < len(values) else ""

    found.lines += 1
    at, day = _moment(value("date"))
    tokens = [_count(value(name)) for name in list(NEEDED)[2:]]
    if at is None and day is None:
        return _tell(found.rejected, line, f"{value('date')[:40]!r} is no date")
    if len(values) <= max(columns[name] for name in NEEDED):
        return _tell(found.rejected, line, "it ends before its counters do")
    if not any(value(name) for name in list(NEEDED)[2:]):
        return _tell(found.rejected, line, "it has no counters")
    if any(count is None for count in tokens):
        return _tell(found.rejected, line, "a counter is no whole number")
    write, plain, read, output = (count or 0 for count in tokens)
    total = _count(value("total tokens"))
    if value("total tokens") and total != write + plain + read + output:
        _tell(found.doubts, line, "its counters do not add up to its total")
    kind, model = value("kind")[:80], value("model")[:200]
    charged = "no charge" not in kind.casefold()
    cost = cost_of(value("cost"))
    digest = _fingerprint(at, day, model, write, plain, read, output)
    copies[digest] += 1
    found.rows.append(
        UsageRow(
            line=line,
            at=at,
            day=day,
            model=model or None,
            kind=kind,
            max_mode=value("max mode").casefold() in ("yes", "true", "1"),
            input=plain,
            cache_read=read,
            cache_write=write,
            output=output,
            cost=cost if charged else 0,
            cost_text=value("cost")[:40],
            charged=charged,
            cloud_agent=value("cloud agent id")[:200] or None,
            fingerprint=digest,
            copy=copies[digest],
        )
    )
    return None


def _tell(where: list[Told], line: int, reason: str) -> None:
    if len(where) < MOST_TOLD:
        where.append(Told(line, reason))


def _fingerprint(*values: object) -> str:
    return hashlib.blake2b(repr(values).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _moment(text: str) -> tuple[int | None, str | None]:
    """(moment, None), or (None, day): the oldest exports name only days, of which none knows where they begin."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return None, date.fromisoformat(text).isoformat()
        except ValueError:
            return None, None
    return parse_time(text), None


def _count(text: str) -> int | None:
    """A whole number, perhaps with separators; nothing is 0."""
    plain = text.replace(",", "").replace("\u00a0", "").replace("_", "")
    if plain in ("", "-"):
        return 0
    if not re.fullmatch(r"\d{1,12}(\.0+)?", plain, re.ASCII):
        return None
    count = int(plain.partition(".")[0])
    return count if count <= TOO_MANY else None


def cost_of(text: str) -> int | None:
    """Micro-dollars. What is included, free or not a number costs nothing more; of another word nobody knows."""
    plain = text.strip().casefold()
    if plain in WITHOUT_COST:
        return 0
    plain = plain.removesuffix("usd").replace("$", "").replace(",", "").strip()
    try:
        amount = float(plain)
    except ValueError:
        return None
    if math.isnan(amount):
        return 0
    return round(amount * 1_000_000) if 0 <= amount < 1e9 else None


def names_model(model: str | None) -> bool:
    """Whether a label tells which model it was: `auto` leaves the choice to Cursor and says nothing of it."""
    return (model or "").strip().casefold() not in NAMES_NO_MODEL


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two labels may mean one model: the export adds effort and speed to the name."""
    if not names_model(one) or not names_model(other):
        return True
    a, b = (_parts(label or "") for label in (one, other))
    return a[: len(b)] == b or b[: len(a)] == a or set(a) == set(b)


def _parts(label: str) -> list[str]:
    return list(_words(label.casefold().rpartition("/")[2]))


def _words(label: str) -> Iterator[str]:
    return (word for word in re.split(r"[-_ ]", label) if word)
