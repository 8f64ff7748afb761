"""What the person chose for a page, and what stays out of it whatever they choose (product 7.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from tokentrack import clock
from tokentrack.store import read, reviews

PROJECTS, BRANCHES, LINKS, LIST_VALUE, BUDGET, RATE, TECHNICAL, EXACT, REQUEST = (
    "projects", "branches", "links", "list-value", "budget", "rate", "technical", "exact", "request",
)  # fmt: skip
FIELDS = (PROJECTS, BRANCHES, LINKS, LIST_VALUE, BUDGET, RATE, TECHNICAL, EXACT, REQUEST)
"""What may be added."""
TITLES, KEYS, OUTCOMES, SENTENCES, EVIDENCE, SHARES, PAID, PARTS, MIX, ASSIGNED, ESTIMATES, CALIBRATION, NOTES, INTENTS = (
    "titles", "keys", "outcomes", "sentences", "evidence", "shares", "paid", "paid-parts", "mix", "assigned", "estimates",
    "calibration", "notes", "intents",
)  # fmt: skip
AGENT_NAMES, PRICES, ZONE, FIRST_USE = "agents", "prices", "zone", "first-use"
BESIDE_PAID = frozenset({LIST_VALUE, BUDGET, RATE})
"""Amounts that stand beside what was paid, never without it (product 7.4): they go with it."""
BESIDE = {PAID: BESIDE_PAID, SHARES: frozenset({RATE}), EVIDENCE: frozenset({LINKS, BRANCHES})}
"""What is there by default ▶ what may be added to it, and goes with it."""
PAPER = "export_paper"
"""The setting that keeps what a PDF was made for last."""
PRIVATE_WORDS, PRIVATE_PROJECTS, ALIASES = "private_words", "private_projects", "export_aliases"
"""Settings, one entry a line: words that must not leave, projects by path or name, `what it is called=what others read`."""


USUAL_WEEKS = 4
FOREVER = "9999"


def usual_weeks(db: sqlite3.Connection) -> tuple[date, ...]:
    """The Mondays of the last four closed weeks, the earliest first; fewer where fewer are closed."""
    return tuple(sorted(clock.parse_week(one.week) for one in reviews.latest(db, FOREVER, USUAL_WEEKS)))


class Called(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By what a piece of work goes on a page; what the page does not tell of it is not kept."""

    title: str = ""
    key: str | None = None
    project: str | None = None
    alias: str | None = None
    private: bool = False


class AsItWas(msgspec.Struct, frozen=True, kw_only=True):
    """What is no matter of the weeks, as it was when a page was made: names, and the rate (micro-dollars an hour).

    `aliases` are (words, what others read), those of the settings among them; `called` is by a task's id, or a project's path.
    What came later than `until` (UTC milliseconds) is not of the page, even on the same day.
    """

    aliases: tuple[tuple[str, str], ...]
    called: dict[str, Called]
    rate: int | None
    until: int | None = None


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`weeks` are Mondays; `fields` (of `FIELDS`) were added, `out` (of `USUAL`) taken out; `without` are ids of tasks whose rows
    are withheld; `aliases` (words, what others read) or (a task's id, its alias); `edits` (a text's key, its new words; "": taken
    out); `accepted` numbers of findings.

    The page is of the day `created`: git tells nothing of later days; an open week is told as it is now. `kept` is there in
    the note of a page that left.
    """

    weeks: tuple[date, ...]
    created: date
    fields: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    edits: tuple[tuple[str, str], ...] = ()
    accepted: tuple[int, ...] = ()
    kept: AsItWas | None = None


def text_of(options: Options) -> str:
    """Canonical JSON, which `read_options` takes back."""
    return msgspec.json.encode(options, order="sorted").decode()


def read_options(text: str) -> Options:
    return msgspec.json.decode(text, type=Options)


def listed(db: sqlite3.Connection, key: str) -> list[str]:
    """The entries of a setting that has one a line."""
    return [line.strip() for line in read.setting(db, key).splitlines() if line.strip()]


def kept_aliases(db: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    return tuple(aliases_of(listed(db, ALIASES)))


def aliases_of(entries: Iterable[str]) -> Iterable[tuple[str, str]]:
    """`Acme=Client A` ▶ (Acme, Client A); what has no two sides is passed over."""
    for entry in entries:
        name, _, alias = entry.partition("=")
        if name.strip() and alias.strip():
            yield name.strip(), alias.strip()


# ---- every field ------------------------------------------------------------------------------------------------------


class Field(NamedTuple):
    """Something that a page may tell: `on` it now or not, `usual` by default. `name` switches it; None: nothing does, and `note`
    says why.
    """

    what: str
    name: str | None
    usual: bool
    on: bool
    note: str


NAME = "name"
CHECKED = "else nobody could tell what the page rests on"
NEVER, BY_ALIAS = "cannot be added", "an alias stands for it"
ON_PAGE = (
    ("Titles of work", TITLES, "without one, work goes by its key or a letter"),
    ("Keys of work", KEYS, "such as PAY-12"),
    ("Outcomes of work", OUTCOMES, "self-reported"),
    ("Sentences about outcomes", SENTENCES, "self-reported"),
    ("Evidence", EVIDENCE, "found in git; addresses and branches go with it"),
    ("Share of each piece of work", SHARES, "not assigned and withheld keep theirs; so does an outcome of one piece"),
    ("What was paid", PAID, "list value, budget and break-even go with it"),
    ("What the payment is made of", PARTS, "plans with their days, and charges"),
    ("Where the use went", MIX, "in percent by outcome"),
    ("Part that is accounted for", ASSIGNED, "in percent"),
    ("What the agent changed of my time", ESTIMATES, "self-reported"),
    ("How good my estimates are", CALIBRATION, "self-reported"),
    ("Notes of the weeks", NOTES, "self-reported"),
    ("What I intend to try", INTENTS, "self-reported"),
    ("Names of agents", AGENT_NAMES, "that they are recorded in part is told without"),
    ("Price list and its date", PRICES, ""),
    ("Time zone", ZONE, ""),
    ("First day that is known", FIRST_USE, ""),
)
USUAL = tuple(name for _, name, _ in ON_PAGE)
"""What is there by default, and may be taken out; the page says what was."""
ALWAYS = (
    ("Title and period", "else nobody could tell what it is of"),
    ("That it is mine, and not comparable", "part of every page"),
    ("What is not assigned, what is withheld", "count and share, so that totals stay whole"),
    ("Weeks, and whether they are closed or changed", CHECKED),
    ("What is measured, from git, or self-reported", CHECKED),
    ("What is unknown, missing, edited, or taken out", CHECKED),
    ("Version, digest, day, and that tokentrack made it", "by these it can be verified"),
)
MAY_BE_ADDED = (
    ("Names of projects", PROJECTS, "aliases stand for those that have one"),
    ("Names of branches", BRANCHES, "as git tells them"),
    ("Addresses of work", LINKS, "they name a host"),
    ("List value in dollars", LIST_VALUE, "beside what was paid, with its definition"),
    ("Budget, and what was used of it", BUDGET, "beside what was paid; in tokens, with technical detail alone"),
    ("Rate and break-even", RATE, "self-reported, beside what was paid and shares"),
    ("Tokens, models, sessions, turns", TECHNICAL, "in an appendix, after a note on misreading"),
    ("Exact amounts", EXACT, "in JSON; the page rounds to whole dollars"),
    ("A last line against comparing people", REQUEST, "as a request"),
    ("Name", NAME, "in the first line"),
)
NEVER_THERE = (
    ("Prompts, answers, session titles", NEVER),
    ("What stands out in a week, kept or not", NEVER),
    ("Paths, host, user name, e-mail addresses, session ids", NEVER),
    ("Clock times, weekdays, attended hours, unattended share", NEVER),
    ("Titles of private tasks", BY_ALIAS),
)


def fields(options: Options) -> list[Field]:
    """Everything that a page tells, may tell, and never tells, in this order."""
    added = options.fields | ({NAME} if options.name else set())
    return [
        *(Field(what, name, True, name not in options.out, note) for what, name, note in ON_PAGE),
        *(Field(what, None, True, True, why) for what, why in ALWAYS),
        *(Field(what, name, False, name in added, note) for what, name, note in MAY_BE_ADDED),
        *(Field(what, None, False, False, why) for what, why in NEVER_THERE),
    ]


def taken_out(options: Options) -> tuple[str, ...]:
    """What was there by default and is not, as the page calls it."""
    return tuple(what[0].lower() + what[1:] for what, name, _ in ON_PAGE if name in options.out)
