"""What a page must not tell by its own name: private words, projects and work, what was withheld, what has an alias.

Settings are read kindly: a project is private however its name is written, and so is everything in a private folder.
"""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tokentrack.export.options import KEYS, PRIVATE_PROJECTS, PRIVATE_WORDS, TITLES, Options, kept_aliases, listed
from tokentrack.export.text import Look
from tokentrack.model.tasks import Task
from tokentrack.store import exports, tasks

PRIVATE_WORD = "private word"
PRIVATE_PROJECT = "private project"
PRIVATE_WORK = "private work"
WITHHELD = "withheld work"
ALIASED = "has an alias"
KEY, TITLE = "key of work", "title of work"
"""Kinds where all keys, or all titles, are taken out."""
SHORTEST_NAME = 2
"""One sign is no name that could be found in a page."""


class Private:
    """Tasks that say so, all work of private projects, and what has no project but was worked on in a private one."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.entries = [_plain(text) for text in listed(db, PRIVATE_PROJECTS)]
        self.projects: dict[str, str] = {}
        for entry in self.entries:
            self.projects |= _named_by(entry, tasks.projects(db))
        self.used = exports.worked_on_in(db, self.projects)

    def in_project(self, task: Task) -> bool:
        return task.project in self.projects or task.id in self.used

    def covers(self, task: Task) -> bool:
        return task.private or self.in_project(task)


def unknown_projects(db: sqlite3.Connection) -> list[str]:
    """Entries of the setting that no known project is called by; they are looked for all the same."""
    projects = tasks.projects(db)
    return [entry for entry in listed(db, PRIVATE_PROJECTS) if not _named_by(_plain(entry), projects)]


def _named_by(entry: str, projects: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Path ▶ name of the projects that an entry means. Of a path at which none is, the last part counts as a name."""
    called, within = {}, {}
    for path, name in projects:
        place = _plain(path)
        if place == entry or place.startswith(f"{entry}/"):
            within[path] = name
        if PurePosixPath(entry).name in (_plain(name), PurePosixPath(place).name):
            called[path] = name
    return within or called


def _plain(text: str) -> str:
    """A path or name without case, `~`, the slash at its end, and the way in which its slashes lean."""
    path = os.path.expanduser(text)  # it never fails, as `Path.expanduser` does
    return unicodedata.normalize("NFC", path).replace("\\", "/").rstrip("/").casefold()


def looked_for(db: sqlite3.Connection, options: Options) -> Iterator[tuple[str, str]]:
    """(kind, words) of everything whose own name must not be on this page, each once."""
    found: dict[str, str] = {}
    for kind, words in _all(db, options):
        found.setdefault(words, kind)
    for words, kind in found.items():
        yield kind, words


def _all(db: sqlite3.Connection, options: Options) -> Iterator[tuple[str, str]]:
    yield from ((PRIVATE_WORD, text) for text in listed(db, PRIVATE_WORDS))
    private, aliases = Private(db), dict((*kept_aliases(db), *options.aliases))
    every = tasks.tasks(db)
    names = (*(PurePosixPath(entry).name for entry in private.entries), *private.projects.values())
    yield from ((PRIVATE_PROJECT, name) for name in names if name)
    for task in every:
        kind = _kind(task, private, options, aliases)
        named = [(kind or KEY, task.key or "")] if kind or KEYS in options.out else []
        named += [(kind or TITLE, task.title)] if kind or TITLES in options.out else []
        yield from (one for one in named if len(one[1]) >= SHORTEST_NAME)
    ids = {task.id for task in every}
    for name, alias in aliases.items():
        if name not in ids and not any(Look(alias).find(name)):
            yield ALIASED, name


def _kind(task: Task, private: Private, options: Options, aliases: dict[str, str]) -> str | None:
    if task.id in options.without:
        return WITHHELD
    if private.in_project(task):
        return PRIVATE_PROJECT
    return PRIVATE_WORK if task.private or task.alias or task.id in aliases else None
