"""The templates in resources/export, each with the escaping of what it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, StrictUndefined
from jinja2.loaders import FunctionLoader

from tokentrack import paths


def environment(*, autoescape: bool, finalize: Callable[[Any], Any] | None = None) -> Environment:
    """`finalize` is applied to every value that a template prints."""
    return Environment(
        autoescape=autoescape,
        finalize=finalize,
        loader=FunctionLoader(lambda name: paths.resource(f"export/{name}").read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
