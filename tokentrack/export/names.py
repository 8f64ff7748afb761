"""What a page calls things: aliases, private work, and words of the person's own (product 7.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentrack.export.options import PRIVATE_PROJECTS, PROJECTS, Options, kept_aliases, listed
from tokentrack.export.sums import Work, place
from tokentrack.export.text import SENTENCE, WORK, clean, renamed
from tokentrack.model import Task
from tokentrack.store import tasks


class Names:
    """What the page calls each piece of work, and every text of the person's own with its aliases in place."""

    def __init__(self, db: sqlite3.Connection, options: Options, until: int) -> None:
        self.db, self.options, self.until = db, options, until
        self.aliases = dict((*kept_aliases(db), *options.aliases))
        self.private = set(listed(db, PRIVATE_PROJECTS))
        self.projects = dict(tasks.projects(db))
        self.tasks: dict[str, Task | None] = {}
        self._called: dict[str, str] = {}

    def own(self, text: str, most: int = SENTENCE) -> str:
        """A text of the person's own, with other names for what has one."""
        return clean(renamed(clean(text), self.aliases.items()), most)

    def is_private(self, task: Task | None) -> bool:
        """So is work whose task is gone since its week was closed: whether it was private cannot be told any more."""
        if task is None:
            return True
        names = {task.project, self.projects.get(task.project or "")} - {None}
        return task.private or bool(names & self.private)

    def alias(self, task: Task | None) -> str | None:
        return None if task is None else self.aliases.get(task.id) or task.alias

    def name(self, works: Iterable[Work]) -> None:
        """Gives every work its name; private ones without an alias become `Other work A`, those used most first."""
        others = 0
        for work in sorted(works, key=place):
            task = self.tasks[work.task] = tasks.task(self.db, work.task)
            if alias := self.alias(task):
                self._called[work.task] = clean(alias, WORK)
            elif task is None or self.is_private(task):
                self._called[work.task] = f"Other work {_letters(others)}"
                others += 1
            else:
                self._called[work.task] = self._title(task)

    def _title(self, task: Task) -> str:
        called = self.own(task.title, WORK) + (f" ({self.own(task.key)})" if task.key else "")
        project = self.projects.get(task.project or "")
        return f"{self.own(project, WORK)}: {called}" if project and PROJECTS in self.options.fields else called

    def hidden(self, name: str) -> bool:
        """It goes by another name, so nothing else may tell what it is."""
        task = self.tasks.get(name)
        return self.alias(task) is not None or self.is_private(task)

    def of(self, name: str) -> str:
        return self._called[name]

    def short(self, name: str) -> str:
        """Its key where it has one that is shown, else its name."""
        task = self.tasks.get(name)
        return self.own(task.key) if task is not None and task.key and not self.hidden(name) else self.of(name)


def _letters(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
