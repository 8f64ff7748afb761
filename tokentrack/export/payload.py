"""What a page says, as data: the JSON export, and what its digest is of. Its schema is published in docs/export-schema.json.

Money is whole micro-dollars; whatever tells something carries its tag, and a figure goes where its text goes. It has no key of a
person or of a piece of work, and is not meant to be merged (product 7.7). A change of meaning is a new version.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from tokentrack.export.page import MEASURED, NOT_COMPARABLE, SELF_REPORTED, Facts, Figure, Page, Tag, Text


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What nobody wrote there is refused, so a file that was added to does not verify."""


class Said(_Struct, frozen=True, kw_only=True):
    """A text with where it comes from, and the figures that it tells."""

    value: str
    tag: Tag
    edited: bool = False
    link: str | None = None
    figures: tuple[Figure, ...] = ()


class Work(_Struct, frozen=True, kw_only=True):
    work: Said
    outcome: Said
    note: Said
    evidence: Said
    share: Said


class Section(_Struct, frozen=True, kw_only=True):
    title: Said
    note: Said | None
    lines: tuple[Said, ...]


class Period(_Struct, frozen=True, kw_only=True):
    """Days, both included."""

    tag: Tag
    first: date
    last: date


class Weeks(_Struct, frozen=True, kw_only=True):
    """Names like 2026-W47. `missing` are not on the page, in `silent` no use was recorded."""

    tag: Tag
    closed: tuple[str, ...]
    open: tuple[str, ...]
    missing: tuple[str, ...]
    silent: tuple[str, ...]
    changed_since_closing: int


class Made(_Struct, frozen=True, kw_only=True):
    """How the figures were made and what is missing; of `partly_recorded` agents use is recorded in part or not at all."""

    tag: Tag
    agents: tuple[str, ...]
    partly_recorded: tuple[str, ...]
    prices: tuple[str, ...]
    zones: tuple[str, ...]
    known_since: date | None
    unknown_use: bool
    unreadable_logs: bool
    charges_not_confirmed: tuple[str, ...]
    tokentrack: str


class Trimmed(_Struct, frozen=True, kw_only=True):
    """Rows kept back, with their share of all use (null: none were), texts that the person changed or took out, and what else is
    not on the page as the person chose.
    """

    tag: Tag
    withheld: int
    withheld_share: Said | None
    edited: int
    removed: int
    taken_out: tuple[str, ...] = ()


class Export(_Struct, frozen=True, kw_only=True):
    """One page. `sha256` is of this document as canonical JSON (sorted keys, no spaces) without `sha256` and `created`."""

    # `schema`, `version`, `purpose`, `sha256` and `created` are about the document; all that it says carries a tag.

    schema: Literal["tokentrack-export"]
    version: Literal[1]
    purpose: Literal["self-review, not for comparison"]
    statement: Said
    title: Said
    intro: Said
    period: Period
    work: tuple[Work, ...]
    cost: tuple[Said, ...]
    sure: tuple[Said, ...]
    change: tuple[Said, ...]
    appendix: tuple[Section, ...]
    weeks: Weeks
    made: Made
    trimmed: Trimmed
    request: Said | None
    sha256: str = ""
    created: date | None = None


def payload(page: Page) -> Export:
    return Export(
        schema="tokentrack-export",
        version=1,
        purpose="self-review, not for comparison",
        statement=_own(NOT_COMPARABLE),
        title=Said(value=page.title, tag=MEASURED),
        intro=_own(page.intro),
        period=Period(tag=MEASURED, first=page.first, last=page.last),
        work=tuple(
            Work(
                work=_said(row.work),
                outcome=_said(row.outcome),
                note=_said(row.note),
                evidence=_said(row.evidence),
                share=_said(row.share),
            )
            for row in page.rows
        ),
        cost=_all(page.cost),
        sure=_all(page.sure),
        change=_all(page.change),
        appendix=tuple(
            Section(title=_own(one.title), note=_own(one.note) if one.note else None, lines=_all(one.lines))
            for one in page.appendix
        ),
        weeks=_weeks(page.facts),
        made=_made(page.facts),
        trimmed=_trimmed(page.facts),
        request=_own(page.request) if page.request else None,
        sha256=page.sha256,
        created=page.created,
    )


def _weeks(facts: Facts) -> Weeks:
    return Weeks(
        tag=MEASURED,
        closed=facts.closed,
        open=facts.open,
        missing=facts.missing,
        silent=facts.silent,
        changed_since_closing=facts.changed,
    )


def _made(facts: Facts) -> Made:
    return Made(
        tag=MEASURED,
        agents=facts.agents,
        partly_recorded=facts.partly,
        prices=facts.prices,
        zones=facts.zones,
        known_since=facts.since,
        unknown_use=facts.unknown,
        unreadable_logs=facts.unreadable,
        charges_not_confirmed=facts.unconfirmed,
        tokentrack=facts.version,
    )


def _trimmed(facts: Facts) -> Trimmed:
    return Trimmed(
        tag=SELF_REPORTED,
        withheld=facts.withheld,
        withheld_share=None if facts.withheld_share is None else _said(facts.withheld_share),
        edited=facts.edited,
        removed=facts.removed,
        taken_out=facts.taken_out,
    )


def _own(text: str) -> Said:
    return Said(value=text, tag=SELF_REPORTED)


def _all(texts: Iterable[Text]) -> tuple[Said, ...]:
    return tuple(map(_said, texts))


def _said(text: Text) -> Said:
    return Said(value=text.text, tag=text.tag, edited=text.edited, link=text.link, figures=text.figures)


def digest(page: Page) -> str:
    return digest_of(payload(page))


def digest_of(told: Export) -> str:
    """Of what it says, without the day on which it was made."""
    plain = msgspec.structs.replace(told, sha256="", created=None)
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def read(data: bytes) -> Export:
    """Raises msgspec.DecodeError for what is no such document, or one of another version."""
    return msgspec.json.decode(data, type=Export)


def told_twice(data: bytes) -> list[str]:
    """Names that stand twice in one object of such a document: whoever reads it sees another of the two than a program takes."""
    twice: list[str] = []

    def noted(pairs: list[tuple[str, object]]) -> None:
        twice.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(data, object_pairs_hook=noted)
    return twice
