"""What a page calls things: aliases, private work, and words of the person's own (product 7.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentrack.export.hidden import Private
from tokentrack.export.options import PROJECTS, Called, Options, kept_aliases
from tokentrack.export.sums import Work, place
from tokentrack.export.text import SENTENCE, WORK, clean, renamed
from tokentrack.model import Task
from tokentrack.store import tasks


class Names:
    """What the page calls each piece of work, and every text of the person's own with its aliases in place.

    As they are now, or as they were when a page left that is made again.
    """

    def __init__(self, db: sqlite3.Connection, options: Options, until: int) -> None:
        self.db, self.options, self.until = db, options, until
        self.kept = options.kept
        self.aliases = dict(self.kept.aliases if self.kept else (*kept_aliases(db), *options.aliases))
        self.private = Private(db)
        self.projects = dict(tasks.projects(db))
        self.tasks: dict[str, Task | None] = {}
        self.called: dict[str, Called] = {}
        self._names: dict[str, str] = {}

    def own(self, text: str, most: int = SENTENCE) -> str:
        """A text of the person's own, with other names for what has one."""
        return clean(renamed(clean(text), self.aliases.items()), most)

    def is_private(self, name: str) -> bool:
        """So is work whose task is gone since its week was closed: whether it was private cannot be told any more."""
        return self.called[name].private

    def name(self, works: Iterable[Work]) -> None:
        """Gives every work its name; private ones without an alias become `Other work A`, those used most first."""
        others = 0
        for work in sorted(works, key=place):
            task = self.tasks[work.task] = tasks.task(self.db, work.task)
            called = self.called[work.task] = self._of_task(task)
            if called.alias:
                self._names[work.task] = clean(called.alias, WORK)
            elif called.private:
                self._names[work.task] = f"Other work {_letters(others)}"
                others += 1
            else:
                self._names[work.task] = self._title(called)

    def _of_task(self, task: Task | None) -> Called:
        if task is None:
            return Called(private=True)
        if self.kept and task.id in self.kept.called:
            return self.kept.called[task.id]
        alias, private = self.aliases.get(task.id) or task.alias, self.private.covers(task)
        if alias or private:
            return Called(alias=alias, private=private)
        return Called(title=task.title, key=task.key, project=self.projects.get(task.project or ""))

    def _title(self, called: Called) -> str:
        told = self.own(called.title, WORK) + (f" ({self.own(called.key)})" if called.key else "")
        project = called.project if PROJECTS in self.options.fields else None
        return f"{self.own(project, WORK)}: {told}" if project else told

    def hidden(self, name: str) -> bool:
        """It goes by another name, so nothing else may tell what it is."""
        return self.called[name].alias is not None or self.is_private(name)

    def of(self, name: str) -> str:
        return self._names[name]

    def short(self, name: str) -> str:
        """What a computed sentence calls it: its key where that is shown, else its name in quotes, which claims nothing."""
        called = self.called[name]
        if called.private and not called.alias:
            return self.of(name)
        key = self.own(called.key or "")
        return key if key and key == called.key else f"“{self.of(name)}”"

    def ref(self, branch: str) -> str:
        """A branch in a computed text; in quotes where words of the person's own stand in it."""
        called = self.own(branch, WORK)
        return called if called == branch else f"“{called}”"


def _letters(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
