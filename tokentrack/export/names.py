"""What a page calls things: aliases, private work, and words of the person's own (product 7.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentrack.export.hidden import Private
from tokentrack.export.options import KEYS, PROJECTS, TITLES, Called, Options, kept_aliases
from tokentrack.export.sums import Work, place
from tokentrack.export.text import SENTENCE, WORK, clean, renamed
from tokentrack.model.tasks import Task
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

    def placed(self, works: Iterable[Work]) -> list[Work]:
        """In the order of the page, each with its name; what may not be told by any of its own is `Other work A`, B, …"""
        found = list(works)
        for work in found:
            task = self.tasks[work.task] = tasks.task(self.db, work.task)
            called = self.called[work.task] = self._of_task(task)
            if self._told(called):
                self._names[work.task] = clean(called.alias, WORK) if called.alias else self._title(called)
        found.sort(key=place(self.options.out, self._names))
        for number, work in enumerate(work for work in found if work.task not in self._names):
            self._names[work.task] = f"Other work {_letters(number)}"
        return found

    def _of_task(self, task: Task | None) -> Called:
        if task is None:
            return Called(private=True)
        if self.kept and task.id in self.kept.called:
            return self.kept.called[task.id]
        alias, private = self.aliases.get(task.id) or task.alias, self.private.covers(task)
        if alias or private:
            return Called(alias=alias, private=private)
        title, key = (
            value if field not in self.options.out else None
            for field, value in ((TITLES, task.title), (KEYS, task.key))
        )
        return Called(title=title or "", key=key, project=self.projects.get(task.project or ""))

    @staticmethod
    def _told(called: Called) -> bool:
        """Whether it goes by something of its own."""
        return bool(called.alias or (not called.private and (called.title or called.key)))

    def _title(self, called: Called) -> str:
        title, key = self.own(called.title, WORK), self.own(called.key or "")
        told = f"{title} ({key})" if title and key and title != key else title or key
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
        if not self._told(called):
            return self.of(name)
        key = self.own(called.key or "")
        return key if key and key == called.key else f"“{self.of(name)}”"

    def project(self, path: str) -> str | None:
        """What a project goes by of which something is told; None: it is not named on this page."""
        if PROJECTS not in self.options.fields:
            return None
        if path not in self.called:
            told = Called(project=self.projects.get(path), private=path in self.private.projects)
            self.called[path] = self.kept.called.get(path, told) if self.kept else told
        called = self.called[path]
        return None if called.private or called.project is None else self.own(called.project, WORK)

    def ref(self, branch: str) -> str:
        """A branch in a computed text; in quotes where words of the person's own stand in it."""
        called = self.own(branch, WORK)
        return called if called == branch else f"“{called}”"


def _letters(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
