"""The page as CSV, RFC 4180: one row a statement. A cell that a spreadsheet would compute begins with an apostrophe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tokentrack.export.page import Page, Text

HEADINGS = ("part", "text", "outcome (self-reported)", "evidence", "share of my AI use (measured)", "source")
COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What begins a formula (OWASP ASVS 1.2.10)."""


def render(page: Page) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([safe(cell) for cell in row] for row in _rows(page))
    return out.getvalue().encode()


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(COMPUTED) else cell


def _rows(page: Page) -> Iterator[tuple[str, ...]]:
    yield "title", page.title, "", "", "", ""
    yield "about", page.intro, "", "", "", ""
    for row in page.rows:
        evidence = f"{row.evidence.shown} {row.evidence.link or ''}".strip()
        yield (
            "work",
            row.work.shown,
            row.result,
            evidence,
            row.share.text,
            row.evidence.tag if evidence else row.share.tag,
        )
    for part, texts in (("cost", page.cost), ("how sure", page.sure), ("change", page.change)):
        yield from _lines(part, texts)
    for figure in (figure for text in page.cost for figure in text.figures if figure.unit == "percent"):
        yield "mix", figure.what, "", "", f"{figure.value}%{' + unknown' if figure.at_least else ''}", figure.tag
    for one in page.appendix:
        if one.note:
            yield one.title.lower(), one.note, "", "", "", ""
        yield from _lines(one.title.lower(), one.lines)
    for line in page.closing:
        yield "made", line, "", "", "", ""


def _lines(part: str, texts: tuple[Text, ...]) -> Iterator[tuple[str, ...]]:
    for text in texts:
        yield part, text.shown, "", "", "", text.tag
