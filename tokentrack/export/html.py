"""The page as one HTML file that needs nothing beside it: no script, no resource, nothing fetched."""

from __future__ import annotations

from functools import cache

from jinja2 import Template

from tokentrack.export.page import Page
from tokentrack.export.templates import environment


def render(page: Page) -> bytes:
    return _template().render(page=page).encode()


@cache
def _template() -> Template:
    return environment(autoescape=True).get_template("page.html.j2")
