"""A CSV that a person or a spreadsheet wrote ▶ its rows by column: any order, any case of the heads, commas or semicolons."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

LARGEST = 16 << 20


class NotThatFile(Exception):
    """The file is no CSV with the columns it needs; the message is one sentence for the person, and nothing was changed."""


_WHOLE = re.compile(r"[-+]?\s*(?:\$|USD)?\s*[-+]?[0-9]+", re.IGNORECASE)
_REST = re.compile(r"(?:[0-9]{1,2}|[0-9]{3}(?:\.[0-9]+)?)\s*(?:\$|USD)?", re.IGNORECASE)
"""An amount without cents, and what may be the rest of it: `12` and `50`, `1` and `234.50`."""
_POINT = re.compile(r"[0-9]{1,3}\.[0-9]{3}")


def rows(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    rejected: list[tuple[int, str]],
    amount: str = "",
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column ▶ its text without spaces around it, "" where it has none) of each row that is not empty.

    `columns` tells what each may be called, in small letters. A row with more than the heads name is none: its cells may
    stand under the wrong ones, as those of `12,50` do without quotes. `rejected` takes its (line, reason). Of the column
    `amount` a row whose amount may go on in the next cell is none either.

    Raises NotThatFile, and OSError where it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotThatFile(f"{path} is larger than 16 MB; nothing was changed.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotThatFile(f"{path} is no UTF-8 text; nothing was changed.") from None
    delimiter = _delimiter(text)
    found = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        heads = [head.strip().lower() for head in next(found, [])]
        places = {
            name: next((heads.index(one) for one in called if one in heads), -1) for name, called in columns.items()
        }
        if any(places[name] < 0 for name in needed):
            some = f"columns {' and '.join(needed)}" if len(needed) > 1 else f"column {needed[0]}"
            raise NotThatFile(f"{path} has no {some}; nothing was changed.")
        for row in found:
            if any(cell.strip() for cell in row[len(heads) :]):
                rejected.append((found.line_num, f"it has {len(row)} cells under {len(heads)} heads"))
            elif amount and (reason := _two_ways(row, places[amount], delimiter)):
                rejected.append((found.line_num, reason))
            elif any(cell.strip() for cell in row):
                yield (
                    found.line_num,
                    {name: row[at].strip() if 0 <= at < len(row) else "" for name, at in places.items()},
                )
    except csv.Error as error:
        raise NotThatFile(f"{path} is no CSV ({error}); nothing was changed.") from None


def _two_ways(row: Sequence[str], at: int, delimiter: str) -> str:
    """Why an amount can be read in two ways: cut in two by a comma, or written with a point where a comma is usual."""
    given, after = (row[place].strip() if place < len(row) else "" for place in (at, at + 1))
    if delimiter == "," and _WHOLE.fullmatch(given) and _REST.fullmatch(after):
        return f"{given} and {after} in the next cell may be one amount: put it in quotes, or write {given}.00"
    if delimiter == ";" and _POINT.fullmatch(given):
        return f"{given} can be read in two ways: write {given.replace('.', '')} or {given.replace('.', ',')}"
    return ""


def _delimiter(text: str) -> str:
    """Spreadsheets in some countries write semicolons."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","
