"""One page for a one-on-one: weeks and options ▶ `compose.page` ▶ a format here ▶ bytes ▶ `scan.scan` (product section 7)."""

from __future__ import annotations

from tokentrack.export.page import Page

__all__ = ["FORMATS", "PAPERS", "render"]

FORMATS = ("md", "html", "pdf", "csv", "json")
"""A new format is a module here and its name in `render`. PDF is made of the HTML, by `tokentrack.ui.pdf`."""
PAPERS = ("a4", "letter")
"""What a PDF may be printed on."""


def render(page: Page, format: str) -> bytes:  # noqa: A002  # what the person calls it
    """The bytes that would leave; of a PDF, the HTML that it is made of."""
    if format in ("html", "pdf"):
        from tokentrack.export import html

        return html.render(page)
    if format == "md":
        from tokentrack.export import markdown

        return markdown.render(page)
    if format == "csv":
        from tokentrack.export import csv_page

        return csv_page.render(page)
    if format == "json":
        from tokentrack.export import json_page

        return json_page.render(page)
    raise ValueError(f"no such format: {format}")
