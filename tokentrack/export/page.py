"""The page as plain data: every text with where it comes from, and what the person may make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import msgspec

from tokentrack.export.options import AsItWas

Column = Literal["outcome", "evidence"]
Tag = Literal["measured", "git", "self-reported", "hypothetical"]
MEASURED: Final = "measured"
GIT: Final = "git"
SELF_REPORTED: Final = "self-reported"
HYPOTHETICAL: Final = "hypothetical"
"""What something would cost, or what that would be in time: nobody paid it (AC 29)."""
PAID_LINE = "cost.paid"
"""The key of the text that tells what was paid; amounts that stand beside it go with it."""
FOR_WHOM = "for our one-on-one, with a tool that runs on my machine alone."
NOT_COMPARABLE = (
    "It describes work and what I think of it. "
    "It is not a measure of a person and is not comparable with anyone else's page."
)
"""Part of every page; no option takes it out (product 7.7)."""
REQUESTED = "If this page is used to compare people, please tell me; I will stop producing it."
FIXED = (FOR_WHOM, NOT_COMPARABLE, REQUESTED)
"""Sentences of the page's own: they tell of nobody's work, whatever it is called."""


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A whole number that a text tells; null: not known. A row's percent is rounded to 5, and 0 is less than that."""

    # Money is rounded to whole dollars unless exact amounts were asked for; the percents of the mix add up to 100.
    what: str
    value: int | None
    unit: Literal["micro-dollars", "percent", "tokens", "requests", "sessions", "turns", "minutes"]
    tag: Tag
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """`key` names it for edits and never leaves; "": it stays as it is. That of the person's own words holds these words, so
    that an edit does not go over to others.

    `weaker` None: words of the person's own, free to change; else what a computed text may become, from strong to weak
    (AC 52). Any may be taken out, and its figures with it. `link` is an address that it leads to.
    """

    key: str
    text: str
    tag: Tag
    weaker: tuple[str, ...] | None = None
    edited: bool = False
    link: str | None = None
    figures: tuple[Figure, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.text} (edited by me)" if self.edited else self.text

    @property
    def sourced(self) -> str:
        """With where it comes from, which its words may tell already."""
        return self.shown if self.tag in self.text else f"{self.shown} ({self.tag})"


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of work; `task` is its id, None for what belongs to none, and never leaves."""

    task: str | None
    work: Text
    outcome: Text
    note: Text
    evidence: Text
    share: Text

    @property
    def result(self) -> str:
        """`Shipped: two recurring causes closed`: what came of it, and the person's sentence about it."""
        return ": ".join(filter(None, (self.outcome.text, self.note.text and self.note.shown)))


@dataclass(frozen=True, slots=True)
class Appendix:
    title: str
    note: str
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """How the figures were made and what is missing (AC 51). Weeks are `2026-W47`; `withheld_share` is as rows tell theirs.

    `agents` are those whose logs tell of use in these weeks, `partly` those of them whose use is recorded in part or not at all.
    `missing`: weeks between the first and the last that are not on the page; `silent`: weeks in which no use was recorded;
    `unconfirmed`: weeks whose charges may not all be entered; `taken_out`: what is there by default and is not here. `since` is
    the day of the first use that is known at all.
    """

    agents: tuple[str, ...]
    partly: tuple[str, ...]
    prices: tuple[str, ...]
    zones: tuple[str, ...]
    closed: tuple[str, ...]
    open: tuple[str, ...]
    missing: tuple[str, ...]
    silent: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    changed: int
    unknown: bool
    unreadable: bool
    since: date | None
    withheld: int
    withheld_share: Text | None
    edited: int
    removed: int
    taken_out: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """`columns` are those of the table besides work and share; `nothing_noted`: there was nothing to tell in `change`. `kept`,
    with which it can be made again, never leaves.
    """

    title: str
    first: date
    last: date
    intro: str
    rows: tuple[Row, ...]
    columns: frozenset[Column]
    cost: tuple[Text, ...]
    sure: tuple[Text, ...]
    change: tuple[Text, ...]
    nothing_noted: bool
    appendix: tuple[Appendix, ...]
    facts: Facts
    footer: tuple[str, ...]
    request: str
    created: date
    kept: AsItWas
    sha256: str = ""

    @property
    def closing(self) -> tuple[str, ...]:
        """How the figures were made, and at the very end by what this page can be known."""
        facts = self.facts
        source = f", from {', '.join(facts.prices)}" if facts.prices else ""
        parts = (
            f"tokentrack {facts.version}",
            f"prices in force on each day{source}",
            ", ".join(facts.zones),
            f"content sha256 {self.sha256}",
            f"created {self.created.isoformat()}",
        )
        return (*self.footer, f"{' · '.join(filter(None, parts))}.", *([self.request] if self.request else []))

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text that can be edited, in the order of the page."""
        cells = (text for row in self.rows for text in (row.note, row.evidence))
        more = (text for part in self.appendix for text in part.lines)
        return tuple(text for text in (*cells, *self.cost, *self.sure, *self.change, *more) if text.key)
