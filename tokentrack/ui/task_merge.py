"""Tasks that become one: which of them is kept, and what moves to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from tokentrack.model.tasks import Task
from tokentrack.phrases import listing
from tokentrack.review.task_page import Moving
from tokentrack.ui import words
from tokentrack.ui.card import Card, button, named
from tokentrack.ui.flow import flow
from tokentrack.ui.keycap import acts_in
from tokentrack.ui.pick import Pick
from tokentrack.ui.task_rows import value
from tokentrack.ui.text import Text

KEEP_WIDE = 600
"""It has the line to itself."""


class MergeCard(Card):
    """Which task is kept, and what moves to it. `wanted` asks for a preview; `given` tells the kept one and the others."""

    wanted = Signal(object, object)
    given = Signal(object, object)

    def __init__(self) -> None:
        super().__init__("Merge tasks into one")
        self.tasks: list[Task] = []
        self.keep = Pick("The task that is kept", KEEP_WIDE)
        self.preview = Text()
        self.accept = button("Merge   ↵", self.give, "primary")
        self.column.addWidget(self.head)
        self.column.addWidget(flow(named("Keep", self.keep)))
        self.column.addWidget(self.preview)
        self.column.addLayout(self.foot(self.accept))
        self.keep.currentIndexChanged.connect(self._on_kept)
        for key in ("Return", "Enter"):  # on a button they press it
            acts_in(self.keep, key, self.give)

    def put(self, tasks: Sequence[Task]) -> None:
        self.tasks = list(tasks)
        self.head.setText(f"Merge {words.plural(len(self.tasks), 'task')} into one")
        self.keep.blockSignals(True)
        self.keep.clear()
        for task in self.tasks:
            self.keep.addItem(words.cut(task.name, 70))
        self.keep.blockSignals(False)
        self.say("")
        self._on_kept()
        self.keep.setFocus()

    def _on_kept(self) -> None:
        self.preview.setText("Looking at what moves …")
        self.wanted.emit(self.kept, self.gone)

    @property
    def kept(self) -> Task | None:
        at = self.keep.currentIndex()
        return self.tasks[at] if 0 <= at < len(self.tasks) else None

    @property
    def gone(self) -> list[Task]:
        return [task for task in self.tasks if task is not self.kept]

    def show_preview(self, moving: Moving) -> None:
        if self.kept is None:
            return
        parts = [words.plural(moving.sessions, "session")]
        if moving.used.sessions:
            parts[0] += f" of {value(moving.used)} list value"
        parts += [words.plural(n, noun) for n, noun in ((moving.estimates, "estimate"), (moving.rules, "rule")) if n]
        one = len(parts) == 1 and moving.sessions == 1
        gone = words.cut(self.gone[0].name, 40) if len(self.gone) == 1 else f"The other {len(self.gone)}"
        kept = words.ended(words.cut(self.kept.name, 40))
        self.preview.setText(
            f"{listing(parts)} {'moves' if one else 'move'} to {kept} "
            f"{gone} will be gone; Ctrl+Z brings all of it back."
        )

    def give(self) -> None:
        if self.kept:
            self.given.emit(self.kept, self.gone)
