"""A person's JSON file changed where it must be, and left as it was written everywhere else: layout, numbers, order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

_SPACE = " \t\r\n"
_decoder = json.JSONDecoder()


def parsed(path: Path) -> tuple[str, Any]:
    """(text, value) of a file; an empty object where there is none. Raises ClickException where it cannot be understood."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return "", {}
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read ({type(error).__name__}); nothing was changed.") from None
    try:
        return text, json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise click.ClickException(f"{path} is not valid JSON; mend it or move it away, nothing was changed.") from None


def replace(path: Path, text: bytes) -> None:
    """All or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_bytes(text)
    if path.exists():
        shutil.copymode(path, fresh)
    fresh.replace(path)


class Span(NamedTuple):
    """A value's place in the text; `key` is None inside of an array."""

    key: str | None
    start: int
    end: int


def spans(text: str, at: int) -> list[Span]:
    """What the object or array that begins at `at` holds. The text is valid JSON."""
    return list(_spans(text, at))


def _spans(text: str, at: int) -> Iterator[Span]:
    named = text[at] == "{"
    at = skip(text, at + 1)
    while text[at] not in "}]":
        key = None
        if named:
            key, at = _decoder.raw_decode(text, at)
            at = skip(text, skip(text, at) + 1)
        _, end = _decoder.raw_decode(text, at)
        yield Span(key, at, end)
        at = skip(text, end)
        if text[at] == ",":
            at = skip(text, at + 1)


def skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def member(text: str, at: int, key: str) -> Span | None:
    return next((span for span in reversed(spans(text, at)) if span.key == key), None)


def appended(text: str, at: int, value: str) -> str:
    """With one more value, or `"key": value`, at the end of the object or array that begins at `at`."""
    inside = spans(text, at)
    if not inside:
        return f"{text[: at + 1]}{value}{text[skip(text, at + 1) :]}"
    first = skip(text, at + 1)
    return f"{text[: inside[-1].end]},{text[at + 1 : first] or ' '}{value}{text[inside[-1].end :]}"


def removed(text: str, at: int, place: int) -> str:
    """Without one value of the array, or one member of the object, and without the comma that parted it from the others."""
    inside = spans(text, at)
    if len(inside) == 1:
        end = skip(text, inside[0].end)
        return text[: at + 1] + text[end:]
    if place:
        return text[: inside[place - 1].end] + text[inside[place].end :]
    comma = text.index(",", inside[0].end)
    return text[: skip(text, at + 1)] + text[skip(text, comma + 1) :]
