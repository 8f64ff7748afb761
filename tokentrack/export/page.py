"""The page as plain data: every text with where it comes from, and what the person may make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Tag = Literal["measured", "git", "self-reported", "hypothetical"]
MEASURED: Final = "measured"
GIT: Final = "git"
SELF_REPORTED: Final = "self-reported"
NOT_COMPARABLE = (
    "It describes work and what I think of it. "
    "It is not a measure of a person and is not comparable with anyone else's page."
)
"""Part of every page; no option takes it out (product 7.7)."""
REQUESTED = "If this page is used to compare people, please tell me; I will stop producing it."


@dataclass(frozen=True, slots=True)
class Text:
    """`key` names it for edits and never leaves; "": it stays as it is.

    `weaker` None: words of the person's own, free to change; else what a computed text may become, from strong to weak
    (AC 52). Any may be taken out. `link` is an address that it leads to.
    """

    key: str
    text: str
    tag: Tag
    weaker: tuple[str, ...] | None = None
    edited: bool = False
    link: str | None = None

    @property
    def shown(self) -> str:
        return f"{self.text} (edited by me)" if self.edited else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of work; `task` is its id, None for what belongs to none, and never leaves.

    `percent` is rounded to 5 (0: less than that; None: not known).
    """

    task: str | None
    work: Text
    outcome: Text
    note: Text
    evidence: Text
    share: Text
    percent: int | None

    @property
    def result(self) -> str:
        """`Shipped: two recurring causes closed`: what came of it, and the person's sentence about it."""
        return f"{self.outcome.text}: {self.note.shown}" if self.note.text else self.outcome.text


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the mix: whole percent; all of them add up to 100."""

    label: str
    percent: int


@dataclass(frozen=True, slots=True)
class Appendix:
    title: str
    note: str
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """How the figures were made and what is missing (AC 51). Weeks are `2026-W47`; `withheld_percent` is rounded to 5.

    `missing`: weeks between the first and the last that are not on the page; `silent`: weeks in which no use was recorded;
    `unconfirmed`: weeks whose charges may not all be entered. `since` is the day of the first use that is known at all.
    """

    agents: tuple[str, ...]
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
    withheld_percent: int | None
    edited: int
    removed: int
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """`paid` is micro-dollars, rounded to whole dollars unless exact ones were asked for; None: not known."""

    title: str
    first: date
    last: date
    intro: str
    rows: tuple[Row, ...]
    paid: int | None
    paid_at_least: bool
    cost: tuple[Text, ...]
    mix: tuple[Part, ...]
    sure: tuple[Text, ...]
    change: tuple[Text, ...]
    appendix: tuple[Appendix, ...]
    facts: Facts
    footer: tuple[str, ...]
    request: str
    created: date
    sha256: str = ""

    @property
    def closing(self) -> tuple[str, ...]:
        """How the figures were made, and at the very end by what this page can be known."""
        facts = self.facts
        prices = f"prices in force on each day, from {', '.join(facts.prices)}"
        made = f"created {self.created.isoformat()}"
        known = (
            f"tokentrack {facts.version} · {prices} · {', '.join(facts.zones)} · content sha256 {self.sha256} · {made}."
        )
        return (*self.footer, known, *([self.request] if self.request else []))

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text that can be edited, in the order of the page."""
        cells = (text for row in self.rows for text in (row.note, row.evidence))
        more = (text for part in self.appendix for text in part.lines)
        return tuple(text for text in (*cells, *self.cost, *self.sure, *self.change, *more) if text.key)
