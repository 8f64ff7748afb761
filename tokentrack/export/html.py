"""The page as one HTML file that needs nothing beside it: no script, no resource, nothing fetched."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Template

from tokentrack.export.page import Page
from tokentrack.export.templates import environment

KEY = re.compile(r"(\(?(?<![\w./@-])[A-Za-z][A-Za-z0-9_]{0,11}-\d{1,6}(?![\w/@-]|\.\w)\)?)")
"""`PAY-22` or `(PAY-22)`, every second part of a text: a browser would begin a new line after the dash."""


def render(page: Page) -> bytes:
    return _template().render(page=page).encode()


@cache
def _template() -> Template:
    made = environment(autoescape=True)
    made.filters["parts"] = KEY.split
    return made.get_template("page.html.j2")
