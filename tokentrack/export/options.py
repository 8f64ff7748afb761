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

    `aliases` are (words, what others read), those of the settings among them; `called` is by a task's id.
    """

    aliases: tuple[tuple[str, str], ...]
    called: dict[str, Called]
    rate: int | None


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`weeks` are Mondays; `without` the ids of tasks whose rows are withheld; `aliases` (words, what others read) or
    (a task's id, its alias); `edits` (a text's key, its new words; "": taken out); `accepted` numbers of findings.

    The page is of the day `created`: git tells nothing of later days; an open week is told as it is now. `kept` is there in
    the note of a page that left.
    """

    weeks: tuple[date, ...]
    created: date
    fields: frozenset[str] = frozenset()
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


# ---- what is out -----------------------------------------------------------------------------------------------------


class LeftOut(NamedTuple):
    """Something that is not on the page by default. `field` adds it; None: it cannot be added. `note` says what then happens."""

    what: str
    field: str | None
    added: bool
    note: str


NEVER, BY_ALIAS = "cannot be added", "an alias stands for it"
NAME = "name"
LEFT_OUT = (
    ("Prompts, answers, session titles", None, NEVER),
    ("Paths, host, user name, e-mail addresses, session ids", None, NEVER),
    ("Clock times, weekdays, attended hours, unattended share", None, NEVER),
    ("Titles of private tasks", None, BY_ALIAS),
    ("Names of projects", PROJECTS, "aliases stand for those that have one"),
    ("Names of branches", BRANCHES, "as git tells them"),
    ("Addresses of work", LINKS, "they name a host"),
    ("List value in dollars", LIST_VALUE, "beside what was paid, with its definition"),
    ("Budget, and what was used of it", BUDGET, "in its own measure"),
    ("Rate and break-even", RATE, "self-reported"),
    ("Tokens, models, sessions, turns", TECHNICAL, "in an appendix, after a note on misreading"),
    ("Exact amounts", EXACT, "in JSON; the page rounds to whole dollars"),
    ("A last line against comparing people", REQUEST, "as a request"),
    ("Name", NAME, "in the first line"),
)


def left_out(options: Options) -> list[LeftOut]:
    """Everything that the page does not say by default, with whether it was added."""
    return [
        LeftOut(what, field, options.name is not None if field == NAME else field in options.fields, note)
        for what, field, note in LEFT_OUT
    ]
