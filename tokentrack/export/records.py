"""What was handed over: a note of each page that left, by which it can be told later whether it still says what the weeks say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from tokentrack import clock
from tokentrack.export import compose, options, payload
from tokentrack.export.edits import Refused
from tokentrack.export.options import Options
from tokentrack.export.page import Page
from tokentrack.store import exports
from tokentrack.store.exports import Handed

EQUAL, ALTERED, CHANGED, CANNOT = "equal", "altered", "changed since close", "cannot verify"


def note(db: sqlite3.Connection, page: Page, chosen: Options, format: str, now: int) -> None:  # noqa: A002
    """Keeps that this page left, not its bytes. Call inside a transaction."""
    weeks = tuple(clock.week_name(monday) for monday in sorted(chosen.weeks))
    created = page.created.isoformat()
    told = options.text_of(chosen)
    exports.add(db, Handed(now, format, weeks, created, page.sha256, page.facts.withheld, len(chosen.accepted), told))


class Difference(NamedTuple):
    """`where` is a field of the document, in words; `then` and `now` what it said and says, None where it is not there."""

    where: str
    then: str | None
    now: str | None


class Verified(NamedTuple):
    """`result` is one of EQUAL, ALTERED (somebody changed the file), CHANGED (the weeks say something else now) and CANNOT."""

    result: str
    reason: str
    differences: tuple[Difference, ...] = ()


def verify(db: sqlite3.Connection, data: bytes, now: int) -> Verified:
    """Makes the page of a JSON export again, with the choices that were kept of it, and compares."""
    try:
        told = payload.read(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Verified(CANNOT, "this is no JSON export of this version; other formats hold too little to be verified")
    record = exports.export(db, told.sha256)
    if record is None:
        return Verified(CANNOT, "this store keeps no note of a page with this digest")
    try:
        fresh = compose.page(db, options.read_options(record.options), now)
    except (Refused, msgspec.DecodeError) as error:
        return Verified(CANNOT, f"the page cannot be made again: {error}")
    is_own = payload.digest_of(told) == told.sha256
    again = payload.payload(fresh)
    if is_own and again.sha256 == told.sha256 and told.created == again.created:
        return Verified(EQUAL, "it says what these weeks say")
    differences = tuple(_differences(_flat(told), _flat(again)))
    if not is_own or again.sha256 == told.sha256:
        return Verified(ALTERED, "the file is not as it was made", differences)
    return Verified(CHANGED, "the weeks say something else now", differences)


def _flat(told: payload.Export) -> dict[str, str]:
    found: dict[str, str] = {}
    _flatten(msgspec.to_builtins(told), "", found)
    return {where: text for where, text in found.items() if where != "sha256"}


def _flatten(value: Any, where: str, found: dict[str, str]) -> None:
    """Every leaf by its place; a row of work is named by what it is, so that rows may move."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            _flatten(part, f"{where} {key}".strip(), found)
    elif isinstance(value, tuple | list):
        for number, part in enumerate(value, 1):
            is_work = isinstance(part, Mapping) and isinstance(part.get("work"), Mapping)
            _flatten(part, f"{where} “{part['work']['value']}”" if is_work else f"{where} {number}", found)
    else:
        found[where] = "unknown" if value is None else str(value)


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
    for where in (*then, *(where for where in now if where not in then)):
        if then.get(where) != now.get(where):
            yield Difference(where.removesuffix(" value"), then.get(where), now.get(where))
