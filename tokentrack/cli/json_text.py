"""A person's JSON file changed where it must be, and left as it was written everywhere else: layout, numbers, order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

_SPACE = " \t\r\n"
_decoder = json.JSONDecoder()


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
