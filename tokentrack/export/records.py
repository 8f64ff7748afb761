"""What was handed over: a note of each page that left, by which it can be told later whether it still says what the weeks say."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from tokentrack import __version__, clock, money
from tokentrack.export import compose, options, payload
from tokentrack.export.edits import Refused
from tokentrack.export.options import AsItWas, Options
from tokentrack.export.page import Page
from tokentrack.export.text import clean
from tokentrack.phrases import listing
from tokentrack.review import snapshot
from tokentrack.review.snapshot import SessionRow
from tokentrack.review.week import (
    Week,
    changed_since,
    closed_where,
    session_rows,
    sessions_changed,
    tasks_changed,
)
from tokentrack.store import exports, reviews, tasks
from tokentrack.store.exports import Handed
from tokentrack.store.reviews import Revision

EQUAL, NAMES, ALTERED, CHANGED, CANNOT = "equal", "names changed", "altered", "changed since close", "cannot verify"
BY_OTHER_NAMES = "the weeks say the same, by other names"


def note(db: sqlite3.Connection, page: Page, chosen: Options, format: str, now: int) -> None:  # noqa: A002
    """Keeps that this page left, with the names that it has, not its bytes. Call inside a transaction."""
    weeks = tuple(clock.week_name(monday) for monday in sorted(chosen.weeks))
    created = page.created.isoformat()
    told = options.text_of(msgspec.structs.replace(chosen, kept=page.kept))
    exports.add(db, Handed(now, format, weeks, created, page.sha256, page.facts.withheld, len(chosen.accepted), told))


class Difference(NamedTuple):
    """`where` is a field of the document, in words; `then` and `now` what it said and says, None where it is not there."""

    where: str
    then: str | None
    now: str | None


class Verified(NamedTuple):
    """`result` is one of EQUAL, NAMES (the weeks say the same, by other names), ALTERED (somebody changed the file), CHANGED (the
    weeks say something else now) and CANNOT.

    `differences` are fields of the document; `rows` the sessions, tasks and payments of its closed weeks that say something else
    than when it left. The file may be anybody's, so no text has a sign that would move a terminal's cursor.
    """

    result: str
    reason: str
    differences: tuple[Difference, ...] = ()
    rows: tuple[Difference, ...] = ()


def verify(db: sqlite3.Connection, data: bytes, now: int) -> Verified:
    """Makes the page of a JSON export again, with the choices that were kept of it, and compares."""
    try:
        told = payload.read(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Verified(CANNOT, "this is no JSON export of this version; other formats hold too little to be verified")
    records = exports.saying(db, told.sha256)
    if not records:
        return Verified(CANNOT, "this store keeps no note of a page with this digest")
    day = str(told.created)
    record = next((one for one in records if one.created == day), records[0])  # the same may have left on several days
    try:
        chosen = options.read_options(record.options)
        page = compose.page(db, chosen, now)
        again = _as_made_then(payload.payload(page), told)
    except (Refused, msgspec.DecodeError) as error:
        return Verified(CANNOT, f"the page cannot be made again: {error}")
    differences = tuple(_differences(_flat(told), _flat(again)))
    if twice := payload.told_twice(data):
        named = listing(f"“{name}”" for name in dict.fromkeys(twice))
        return Verified(ALTERED, f"the file is not as it was made: it tells {named} twice", differences)
    if payload.digest_of(told) != told.sha256 or record.created != day:
        return Verified(ALTERED, "the file is not as it was made", differences)
    if payload.digest_of(again) == told.sha256:
        return _equal(db, chosen, page, told, now)
    other = told.made.tokentrack != __version__
    reason = _sources(differences) + (f", or tokentrack {told.made.tokentrack} said it otherwise" if other else "")
    if chosen.kept is None:
        reason += ", or names have changed, which were not kept of this page"
    return Verified(CHANGED, reason, differences, tuple(_rows(db, told, record)))


def _as_made_then(again: payload.Export, told: payload.Export) -> payload.Export:
    """Which version makes a page, and how far back the logs go, is no matter of its weeks."""
    then = msgspec.structs.replace(again.made, tokentrack=told.made.tokentrack, known_since=told.made.known_since)
    return msgspec.structs.replace(again, made=then)


def _equal(db: sqlite3.Connection, chosen: Options, page: Page, told: payload.Export, now: int) -> Verified:
    """`page` is the same that `told` tells of. By other names its rows may stand in another order."""
    try:
        renamed = page if chosen.kept is None else _named_now(db, chosen, chosen.kept, now)
    except Refused:  # an edit of a computed text goes by the names that stand in it
        return Verified(NAMES, BY_OTHER_NAMES)
    named = _as_made_then(payload.payload(renamed), told)
    if payload.digest_of(named) == told.sha256:
        return Verified(EQUAL, "it says what these weeks say")
    before = {row.task: row.work.shown for row in page.rows if row.task}
    called = [before.get(row.task or "", row.work.shown) for row in renamed.rows]
    return Verified(NAMES, BY_OTHER_NAMES, tuple(_differences(_flat(told), _flat(named, called))))


def _named_now(db: sqlite3.Connection, chosen: Options, kept: AsItWas, now: int) -> Page:
    """With the names of now, and everything else as it was made."""
    fresh = compose.page(db, msgspec.structs.replace(chosen, kept=None), now)
    names = msgspec.structs.replace(fresh.kept, rate=kept.rate, until=kept.until)
    return compose.page(db, msgspec.structs.replace(chosen, kept=names), now)


# ---- the rows behind a change ----------------------------------------------------------------------------------------


def _rows(db: sqlite3.Connection, told: payload.Export, record: Handed) -> Iterator[Difference]:
    """Of the weeks that were closed when it left, compared with what each was closed with then."""
    for name in told.weeks.closed:
        then = [one for one in reviews.revisions(db, name) if one.closed_at <= record.at]
        if then:
            yield from _rows_of(db, clock.parse_week(name), then[-1])


def _rows_of(db: sqlite3.Connection, monday: date, closed: Revision) -> Iterator[Difference]:
    told = snapshot.read(closed.snapshot)
    changed = changed_since(db, monday, told, closed.closed_at)
    if changed is None:
        return
    then = {(row.session, row.task): row for row in told.sessions}
    now = {(row.session, row.task): row for row in session_rows(db, closed_where(monday, told))}
    called = {one.id: f"{one.id} {one.title or one.native_id}" for one in sessions_changed(db, changed)}
    names = {task.id: task.name for task in tasks.tasks(db)}
    for session, task in sorted({*then, *now}):
        was, becomes = then.get((session, task)), now.get((session, task))
        if session in changed.sessions and was != becomes:
            where = clean(f"{closed.week} session {called.get(session, session)}, {names.get(task, task)}")
            yield Difference(where, _value(was), _value(becomes))
    for one in tasks_changed(db, Week(monday, told, True, closed.revision, closed.sha256, changed)):
        if not one.finished:
            yield Difference(clean(f"{closed.week} {one.name}"), one.then, one.now)
    if changed.paid != 0:
        paid = None if changed.paid is None or told.paid is None else told.paid + changed.paid
        yield Difference(f"{closed.week} paid", money.dollars(told.paid), money.dollars(paid))


def _value(row: SessionRow | None) -> str | None:
    return None if row is None else f"{money.dollars(row.list_value)} list value"


# ---- the fields that differ ------------------------------------------------------------------------------------------


WEEKS, EVIDENCE, ESTIMATES = "the weeks", "the evidence", "the estimates"
OF_EVIDENCE = re.compile(r"work .*(”|” \(\d+\)) evidence( \w+)*$", re.DOTALL)
SORTS = (" tag", " what", " unit")
"""Endings of the places that tell what sort of value stands beside them."""


def _flat(told: payload.Export, called: Sequence[str] = ()) -> dict[str, str]:
    """Every leaf by its place; `called` are other names for the rows of work, in their order."""
    found: dict[str, str] = {}
    _flatten(msgspec.to_builtins(told), "", found, called)
    return {where: text for where, text in found.items() if where != "sha256"}


def _flatten(value: Any, where: str, found: dict[str, str], rows: Sequence[str] = ()) -> None:
    """A row of work is named by what it is, so that rows may move."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            _flatten(part, f"{where} {key}".strip(), found, rows)
    elif isinstance(value, tuple | list):
        for number, part in enumerate(value, 1):
            is_named = where == "work" and number <= len(rows)
            called = f"{where} {f'“{rows[number - 1]}”' if is_named else _called(part) or number}"
            is_taken = any(place.startswith(f"{called} ") for place in found)  # two of one name are told apart
            _flatten(part, f"{called} ({number})" if is_taken else called, found)
    else:
        found[where] = "unknown" if value is None else str(value)


def _called(part: Any) -> str | None:
    """What a row is of, and what a figure tells."""
    if not isinstance(part, Mapping):
        return None
    work = part.get("work")
    name = work.get("value") if isinstance(work, Mapping) else part.get("what")
    return None if name is None else f"“{name}”"


def _sources(differences: Iterable[Difference]) -> str:
    """`the weeks say something else now`: where what differs comes from. A closed week keeps neither evidence nor estimates."""
    found = {_source(one.where) for one in differences} or {WEEKS}
    told = [name for name in (WEEKS, EVIDENCE, ESTIMATES) if name in found]
    return f"{listing(told)} {'says' if told == [EVIDENCE] else 'say'} something else now"


def _source(where: str) -> str:
    if where.startswith("sure "):
        return ESTIMATES
    return EVIDENCE if OF_EVIDENCE.match(where) else WEEKS


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
    """Of a row that is not there on one side, what it says, without what sort of value each is."""
    for where in (*then, *(where for where in now if where not in then)):
        was, becomes = then.get(where), now.get(where)
        if None in (was, becomes) and (where.endswith(SORTS) or not (was or becomes)):
            continue
        if was != becomes:
            yield Difference(clean(where.removesuffix(" value")), _clean(was), _clean(becomes))


def _clean(text: str | None) -> str | None:
    return None if text is None else clean(text)
