"""What a page says, as data: the JSON export, and what its digest is of. Its schema is published in docs/export-schema.json.

Money is whole micro-dollars; whatever tells something carries its tag. It has no key of a person or of a piece of work, and is
not meant to be merged (product 7.7). A change of meaning is a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from tokentrack.export.page import MEASURED, NOT_COMPARABLE, SELF_REPORTED, Page, Tag, Text


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What nobody wrote there is refused, so a file that was added to does not verify."""


class Said(_Struct, frozen=True, kw_only=True):
    """A text with where it comes from."""

    value: str
    tag: Tag
    edited: bool = False
    link: str | None = None


class Percent(_Struct, frozen=True, kw_only=True):
    """Whole percent; null: not known. In rows it is rounded to 5, and 0 is less than that."""

    value: int | None
    tag: Tag


class Money(_Struct, frozen=True, kw_only=True):
    """Micro-dollars; null: not known. `at_least`: charges may be missing."""

    value: int | None
    tag: Tag
    at_least: bool


class Work(_Struct, frozen=True, kw_only=True):
    work: Said
    outcome: Said
    note: Said
    evidence: Said
    share: Said
    percent: Percent


class MixPart(_Struct, frozen=True, kw_only=True):
    outcome: Said
    percent: Percent


class Section(_Struct, frozen=True, kw_only=True):
    title: str
    note: str
    lines: tuple[Said, ...]


class Cost(_Struct, frozen=True, kw_only=True):
    paid: Money
    lines: tuple[Said, ...]
    mix: tuple[MixPart, ...]


class Weeks(_Struct, frozen=True, kw_only=True):
    """Names like 2026-W47. `missing` are not on the page, in `silent` no use was recorded."""

    tag: Tag
    closed: tuple[str, ...]
    open: tuple[str, ...]
    missing: tuple[str, ...]
    silent: tuple[str, ...]
    changed_since_closing: int


class Made(_Struct, frozen=True, kw_only=True):
    """How the figures were made and what is missing from them."""

    tag: Tag
    agents: tuple[str, ...]
    prices: tuple[str, ...]
    zones: tuple[str, ...]
    known_since: date | None
    unknown_use: bool
    unreadable_logs: bool
    charges_not_confirmed: tuple[str, ...]
    tokentrack: str


class Trimmed(_Struct, frozen=True, kw_only=True):
    """Rows kept back, with their share of all use (rounded to 5, 0: less), and texts that the person changed or took out."""

    tag: Tag
    withheld: int
    withheld_percent: int | None
    edited: int
    removed: int


class Export(_Struct, frozen=True, kw_only=True):
    """One page. `sha256` is of this document as canonical JSON (sorted keys, no spaces) without `sha256` and `created`."""

    schema: Literal["tokentrack-export"]
    version: Literal[1]
    purpose: Literal["self-review, not for comparison"]
    statement: str
    title: str
    intro: str
    first: date
    last: date
    work: tuple[Work, ...]
    cost: Cost
    sure: tuple[Said, ...]
    change: tuple[Said, ...]
    appendix: tuple[Section, ...]
    weeks: Weeks
    made: Made
    trimmed: Trimmed
    request: str
    sha256: str = ""
    created: date | None = None


def payload(page: Page) -> Export:
    facts = page.facts
    return Export(
        schema="tokentrack-export",
        version=1,
        purpose="self-review, not for comparison",
        statement=NOT_COMPARABLE,
        title=page.title,
        intro=page.intro,
        first=page.first,
        last=page.last,
        work=tuple(
            Work(
                work=_said(row.work),
                outcome=_said(row.outcome),
                note=_said(row.note),
                evidence=_said(row.evidence),
                share=_said(row.share),
                percent=Percent(value=row.percent, tag=MEASURED),
            )
            for row in page.rows
        ),
        cost=Cost(
            paid=Money(value=page.paid, tag=SELF_REPORTED, at_least=page.paid_at_least),
            lines=_all(page.cost),
            mix=tuple(
                MixPart(
                    outcome=Said(value=part.label, tag=SELF_REPORTED), percent=Percent(value=part.percent, tag=MEASURED)
                )
                for part in page.mix
            ),
        ),
        sure=_all(page.sure),
        change=_all(page.change),
        appendix=tuple(Section(title=one.title, note=one.note, lines=_all(one.lines)) for one in page.appendix),
        weeks=Weeks(
            tag=MEASURED,
            closed=facts.closed,
            open=facts.open,
            missing=facts.missing,
            silent=facts.silent,
            changed_since_closing=facts.changed,
        ),
        made=Made(
            tag=MEASURED,
            agents=facts.agents,
            prices=facts.prices,
            zones=facts.zones,
            known_since=facts.since,
            unknown_use=facts.unknown,
            unreadable_logs=facts.unreadable,
            charges_not_confirmed=facts.unconfirmed,
            tokentrack=facts.version,
        ),
        trimmed=Trimmed(
            tag=SELF_REPORTED,
            withheld=facts.withheld,
            withheld_percent=facts.withheld_percent,
            edited=facts.edited,
            removed=facts.removed,
        ),
        request=page.request,
        sha256=page.sha256,
        created=page.created,
    )


def _all(texts: Iterable[Text]) -> tuple[Said, ...]:
    return tuple(map(_said, texts))


def _said(text: Text) -> Said:
    return Said(value=text.text, tag=text.tag, edited=text.edited, link=text.link)


def digest(page: Page) -> str:
    return digest_of(payload(page))


def digest_of(told: Export) -> str:
    """Of what it says, without the day on which it was made."""
    plain = msgspec.structs.replace(told, sha256="", created=None)
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def read(data: bytes) -> Export:
    """Raises msgspec.DecodeError for what is no such document, or one of another version."""
    return msgspec.json.decode(data, type=Export)
