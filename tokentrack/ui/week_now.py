"""The week that is reviewed, as far as it is known now: which one it is, and the last answer of the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QObject, Signal

from tokentrack.review.steps import Steps
from tokentrack.ui.asking import InPassing
from tokentrack.ui.feed import Feed, once
from tokentrack.ui.source import Source
from tokentrack.ui.source_week import Weeks
from tokentrack.ui.week_draft import KeptDraft

SETTLE_MS = 250
"""Answers come fast; what follows from them is asked when they pause."""


class WeekNow(QObject):
    """`came`: `steps` are others; with True those of another week, or of one that was closed or opened. `failed` says why not.

    `busy` tells that something is still being written: what the store answers then would not be true. While its page is not
    `shown` nothing is asked: an answer would lead the keyboard away from what is.
    """

    asked = Signal()
    came = Signal(bool)
    failed = Signal(str)

    def __init__(
        self,
        source: Source,
        feed: Feed,
        kept: KeptDraft,
        busy: Callable[[], bool],
        shown: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._feed, self._kept, self._busy, self._shown = feed, kept, busy, shown
        self.asking: InPassing[Weeks] = InPassing(source.weeks, self)
        self.monday: date | None = None
        """None: the week to look back on now."""
        self.steps: Steps | None = None
        self.arriving = True
        """Whether another week is waited for, or this one anew: nothing of it is shown until then."""
        self._held = False
        self.settle = once(self, self.ask)

    def refresh(self) -> None:
        if not self.settle.isActive():
            self.ask()

    def ask(self) -> None:
        """What is on screen stays until the answer has come; asked when all is written."""
        self._held = self._busy()
        if self._held or not self._shown():
            return
        self.asked.emit()
        monday = self.monday
        self.asking.ask("steps", lambda weeks, _: weeks.steps(monday), self._on_steps, self.failed.emit)

    def on_idle(self) -> None:
        """All is written."""
        if self._held:
            self.ask()

    def ask_soon(self) -> None:
        """An answer that is under way knows nothing of what was just answered."""
        self.asking.rest()
        self.settle.start(SETTLE_MS)
        self._feed.hint()

    def rest(self) -> None:
        """What is under way, or was to be asked soon, is no longer of interest."""
        self.settle.stop()
        self.asking.rest()

    def turn_to(self, monday: date | None) -> None:
        self.monday, self.arriving = monday, True

    def put_draft(self) -> None:
        """What was typed since the answer."""
        if self.steps:
            self.steps = replace(self.steps, draft=self._kept.draft)

    def _on_steps(self, steps: Steps) -> None:
        other = self.arriving or self.steps is None or self.steps.week.closed != steps.week.closed
        if self.arriving:
            self._kept.put(steps.draft)
            self.arriving = False
        self.monday = steps.week.monday
        self.steps = replace(steps, draft=self._kept.draft)
        self.came.emit(other)
