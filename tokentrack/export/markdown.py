"""The page as Markdown (GitHub's), to be pasted into a document. Every value is escaped; links lead to http and https alone."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Template

from tokentrack.export.page import Page, Text
from tokentrack.export.templates import environment

SPECIAL = re.compile(r"([\\`*_\[\]<|~]|&(?=#?\w+;))")
"""Signs that mean something anywhere in a line."""
BEGINNING = re.compile(r"^(\s*)([#+\-=>:]|\d+[.)])")
"""What means something where a line begins."""
AUTOLINK = re.compile(r"\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)|(?<=\w)(@)(?=\w)", re.IGNORECASE)
"""What GitHub makes a link of by itself: an escape keeps it text."""


class Marked(str):
    """Markdown already."""

    __slots__ = ()


def render(page: Page) -> bytes:
    return _template().render(page=page).encode()


def escaped(value: object) -> str:
    """Any text as Markdown that shows just that text."""
    if isinstance(value, Marked):
        return value
    text = SPECIAL.sub(r"\\\1", str(value))
    text = AUTOLINK.sub(_unlinked, text)
    return BEGINNING.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", text)


def _unlinked(found: re.Match[str]) -> str:
    if found[5]:
        return "\\@"
    return f"{found[1] or found[3]}\\{found[2] or found[4]}"


def linked(text: Text) -> Marked:
    """The text, as a link where it has an address (which is checked: `export.rows.address`)."""
    words = escaped(text.shown)
    return Marked(f"[{words}](<{text.link}>)" if text.link else words)


@cache
def _template() -> Template:
    made = environment(autoescape=False, finalize=escaped)
    made.filters["linked"] = linked
    return made.get_template("page.md.j2")
