"""A CSV that a person or a spreadsheet wrote ▶ its rows by column: any order, any case of the heads, commas or semicolons."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

LARGEST = 16 << 20


class NotThatFile(Exception):
    """The file is no CSV with the columns it needs; the message is one sentence for the person, and nothing was changed."""


def rows(
    path: Path, columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column ▶ its text without spaces around it, "" where it has none) of each row that is not empty.

    `columns` tells what each may be called, in small letters. Raises NotThatFile, and OSError where it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotThatFile(f"{path} is larger than 16 MB; nothing was changed.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotThatFile(f"{path} is no UTF-8 text; nothing was changed.") from None
    found = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
    try:
        heads = [head.strip().lower() for head in next(found, [])]
        places = {
            name: next((heads.index(one) for one in called if one in heads), -1) for name, called in columns.items()
        }
        if any(places[name] < 0 for name in needed):
            some = f"columns {' and '.join(needed)}" if len(needed) > 1 else f"column {needed[0]}"
            raise NotThatFile(f"{path} has no {some}; nothing was changed.")
        for row in found:
            if any(cell.strip() for cell in row):
                yield (
                    found.line_num,
                    {name: row[at].strip() if 0 <= at < len(row) else "" for name, at in places.items()},
                )
    except csv.Error as error:
        raise NotThatFile(f"{path} is no CSV ({error}); nothing was changed.") from None


def _delimiter(text: str) -> str:
    """Spreadsheets in some countries write semicolons."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","
