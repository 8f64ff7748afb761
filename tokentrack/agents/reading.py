"""What readers share: where they stand, the problems they tell, and records that do not fit the types they should have.

Almost every record fits a typed decoder, which skips what it does not name. What does not fit (a counter that is a text, half a
surrogate, two records on one line, a name as long as a novel) is taken field by field, as far as it goes.
"""

from __future__ import annotations

import contextlib
import json
import re
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta, Raw, Struct

from tokentrack.agents import jsonl
from tokentrack.model.logs import Problem
from tokentrack.phrases import plural

LONGEST_NAME, LONGEST_FOLDER = 200, 4096
Name = Annotated[str, Meta(max_length=LONGEST_NAME)] | None
"""What is kept as it was written. A longer one is none: a log must not put texts of any kind into the store."""
Folder = Annotated[str, Meta(max_length=LONGEST_FOLDER)] | None
Count = int | float | Annotated[str, Meta(max_length=64)] | bool | None
"""A counter or a time as written: some programs write null, some text."""
NOT_TYPED = (msgspec.MsgspecError, ValueError, RecursionError)
"""What a typed decoder raises for a record that does not fit."""
MOST_PROBLEMS = 200
"""Problems told one by one per chunk; of a file of rubbish, the number of the others is told once."""

_S = TypeVar("_S", bound=Struct)
LONGEST_NUMBER = 100
"""Python makes no number of some thousands of digits; of so many the first ones tell as well that it counts nothing."""
MOST_BITS = 1000
"""A larger number is no float."""
_objects = json.JSONDecoder(parse_int=lambda digits: int(digits[:LONGEST_NUMBER]))
_BLANK = " \t\r\n\0\ufeff"
_BEGINNING = re.compile(r'\{"(?:timestamp|parentUuid|type|uuid|sessionId)"\s*:')
"""How the agents' records begin. Inside a text no quote stands without a backslash."""
_ENDING = re.compile(rf"[{_BLANK}]*(?:\{{|\Z)")
MOST_TRIED = 1000
"""Beginnings tried behind a torn record: its own parts begin alike."""


# ------------------------------------------------------------------------------------------------- where a reader stands


class LineCursor(Struct, omit_defaults=True):
    """The place in a file of lines; readers add what a later read must know of the records before it."""

    offset: int = 0
    head: str = ""
    tail: str = ""

    @property
    def place(self) -> jsonl.Place:
        return jsonl.Place(self.offset, self.head, self.tail)

    def move(self, place: jsonl.Place) -> None:
        self.offset, self.head, self.tail = place.offset, place.head, place.tail


def cursor_of(text: str | None, kind: type[_S]) -> _S:
    """A cursor from its text; the very beginning for none."""
    return msgspec.json.decode(text, type=kind) if text else kind()


def text_of(cursor: Struct) -> str:
    return msgspec.json.encode(cursor).decode()


class Problems(list[Problem]):
    """Records of one chunk that could not be used: `MOST_PROBLEMS` of them, and how many more, where the first of these is.

    That text begins with the number, which the store adds up.
    """

    more = 0

    def tell(self, offset: int, reason: str) -> None:
        if len(self) <= MOST_PROBLEMS:
            self.append(Problem(offset, reason))
        if len(self) > MOST_PROBLEMS:
            self.more += 1
            first = self[-1].offset
            self[-1] = Problem(first, f"{self.more} more faults{', the first' if first >= 0 else ''}")

    def copy(self) -> Problems:
        copied = Problems(self)
        copied.more = self.more
        return copied


# ---------------------------------------------------------------------------------------- records that do not fit their type


def objects(line: memoryview | bytes) -> tuple[list[dict[str, Any]], str | None]:
    """The JSON objects of one line, whatever it holds, and what was wrong with it, if anything was.

    A program that is killed leaves half a record, and the next one writes on behind it: what it wrote is whole.
    """
    found: list[dict[str, Any]] = []
    whole = bytes(line).decode("utf-8", "replace").rstrip(_BLANK)
    text = whole.lstrip(_BLANK)
    position = 0
    try:
        while position < len(text):
            value, position = _value(text, position)
            if isinstance(value, dict):
                found.append(value)
            elif not found:
                return found, "not a record"
    except json.JSONDecodeError as error:
        found += _behind_torn(text, position)
        at = len(whole) - len(text) + error.pos
        return found, f"not JSON {plural(at, 'character')} into the line" if at else "not JSON"
    except RecursionError:
        return found, "not JSON"
    return found, None


def _value(text: str, position: int) -> tuple[Any, int]:
    """The JSON value that begins here, and where the next one does: programs that write at once glue their lines together."""
    value, position = _objects.raw_decode(text, position)
    while position < len(text) and text[position] in " \t\r\0,":
        position += 1
    return value, position


def _behind_torn(text: str, torn: int) -> list[dict[str, Any]]:
    """The whole records behind a torn one: unlike its parts, such a record ends where the next one begins or the line ends."""
    found: list[dict[str, Any]] = []
    after, tried = torn + 1, 0
    while tried < MOST_TRIED and (match := _BEGINNING.search(text, after)):
        after = match.end()
        tried += 1
        with contextlib.suppress(ValueError, RecursionError):
            value, end = _objects.raw_decode(text, match.start())
            if _ENDING.match(text, end):
                found.append(value)
                after, tried = end, 0
    return found


def read_as(raw: Raw, kind: type[_S]) -> _S | None:
    """A value as this type, as far as it fits; None where it is no object at all."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except NOT_TYPED:
        with contextlib.suppress(ValueError, RecursionError):
            value = _objects.decode(bytes(raw).decode("utf-8", "replace"))
            if isinstance(value, dict):
                return fit(value, kind)
    return None


def fit(value: dict[str, Any], kind: type[_S]) -> _S:
    """As much of an object as fits the type; a field that does not fit keeps its default."""
    fields = {}
    for field in _fields(kind):
        if field.encode_name in value:
            with contextlib.suppress(*NOT_TYPED):
                fields[field.name] = _fit_value(value[field.encode_name], field.type)
    return kind(**fields)


@cache
def _fields(kind: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Working them out takes a millisecond."""
    return msgspec.structs.fields(kind)


def _fit_value(value: Any, kind: Any) -> Any:
    if kind is Raw:
        return Raw(json.dumps(value).encode())
    struct, several = _struct_in(kind)
    if struct and isinstance(value, dict) and not several:
        return fit(value, struct)
    if struct and isinstance(value, list) and several:
        return [fit(item, struct) for item in value if isinstance(item, dict)]
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        if type(value) is not int or value.bit_length() > MOST_BITS:
            raise
        return msgspec.convert(float(value), kind)  # a number outside its range is told by whoever counts


@cache
def _struct_in(kind: Any) -> tuple[type[Struct] | None, bool]:
    """(the struct inside a field's type, whether the field holds a list of them)."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return kind, False
    for part in get_args(kind):
        struct, _ = _struct_in(part)
        if struct:
            return struct, getattr(kind, "__origin__", None) is list or _struct_in(part)[1]
    return None, False
