"""What the person says on the pages of an export that is kept for every page: settings, and what things are called."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from tokentrack.export.options import ALIASES
from tokentrack.model.tasks import Task
from tokentrack.ui import words
from tokentrack.ui.asking import Doing
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.source_deciding import Deciding


class ExportKept(QObject):
    """`changing`: what is on screen is no longer what would leave; `changed`: it can be made anew, also where nothing was kept.

    `called` tells a task that others read by another name, and the step of the journal by which they do.
    """

    changing = Signal()
    changed = Signal()
    called = Signal(object, int)

    def __init__(self, doing: Doing[Deciding], bar: JournalBar, parent: QObject) -> None:
        super().__init__(parent)
        self._doing, self._bar = doing, bar

    def keep(self, key: str, text: str) -> None:
        """A setting."""
        self.changing.emit()
        failed = partial(self._on_not_kept, partial(self.keep, key, text))
        self._doing.do(lambda to: to.save_setting(key, text), lambda _: self.changed.emit(), failed)

    def keep_in_passing(self, key: str, text: str) -> None:
        """A setting that no page depends on, and that nobody misses."""
        self._doing.do(lambda to: to.save_setting(key, text), lambda _: None, lambda _: None)

    def call(self, text: str, alias: str) -> None:
        """A client or project, from now on."""
        self.changing.emit()
        again = partial(self.call, text, alias)
        self._doing.do(partial(_call, text, alias), self._on_called, partial(self._on_not_kept, again))

    def _on_called(self, told: str) -> None:
        self._bar.say(told)
        self.changed.emit()

    def call_task(self, task: Task, alias: str) -> None:
        """Empty: by its title."""
        done, again = partial(self.called.emit, task), partial(self.call_task, task, alias)
        self._doing.do(lambda to: to.tasks.alias(task, alias or None), done, partial(self._on_not_kept, again))

    def _on_not_kept(self, again: Callable[[], None], sentence: str) -> None:
        self._bar.failed(sentence, again)
        self.changed.emit()


def _call(text: str, alias: str, to: Deciding) -> str:
    kept = to.settings().get(ALIASES, "").splitlines()
    to.save_setting(ALIASES, "\n".join([*kept, f"{text}={alias}"]))
    return f"{words.cut(text, 40)} is “{words.cut(alias, 40)}” on every page from now on."
