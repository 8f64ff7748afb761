"""The steps of a week's review, where they stand: each is made when it is shown first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from tokentrack.review.steps import Steps
from tokentrack.ui.feed import Feed
from tokentrack.ui.keycap import tab_after
from tokentrack.ui.source import Source
from tokentrack.ui.week_close import ClosedStep, CloseStep
from tokentrack.ui.week_outcomes import OutcomesStep
from tokentrack.ui.week_step import Step
from tokentrack.ui.week_steps import InsightsStep, NextStep, NoteStep, RecallStep
from tokentrack.ui.windows.week_inbox import InboxStep

STEPS = ("recall", "inbox", "outcomes", "insights", "next", "note", "close_step", "closed")
RECALL, INBOX, OUTCOMES, INSIGHTS, NEXT, NOTE, CLOSE, CLOSED = range(len(STEPS))
"""The steps in their order, and what stands in their place where the week is closed."""
S = TypeVar("S", bound=Step)


class StepStack(QStackedWidget):
    """What a step tells is told here; `moved` says which step. `made` tells one that was just made.

    `closing` closes all earlier weeks, `reopening` opens this one again, `left` leaves the inbox; `relinked`: there something was
    taken back.
    `known` is what steps show now.
    """

    answered = Signal(object)
    failed = Signal(str)
    moved = Signal(object)
    passed = Signal()
    kept = Signal(dict)
    why_asked = Signal(object)
    settings_asked = Signal()
    made = Signal(object)
    closing = Signal()
    reopening = Signal()
    left = Signal()
    relinked = Signal()

    def __init__(self, feed: Feed, source: Source, known: Callable[[], Steps | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._source, self._known = feed, source, known
        self._made: dict[int, Step] = {}

    def at(self, number: int) -> Step:
        step: Step = getattr(self, STEPS[number])
        return step

    @cached_property
    def recall(self) -> RecallStep:
        step = self._added(RECALL, RecallStep(self))
        step.closing.connect(self.closing)
        return step

    @cached_property
    def inbox(self) -> InboxStep:
        step = self._added(INBOX, InboxStep(self._feed, self._source, self))
        step.inbox.bar.changed.connect(self.relinked)
        step.inbox.left.connect(self.left)
        return step

    @cached_property
    def outcomes(self) -> OutcomesStep:
        return self._added(OUTCOMES, OutcomesStep(self._source, self))

    @cached_property
    def insights(self) -> InsightsStep:
        return self._added(INSIGHTS, InsightsStep(self))

    @cached_property
    def next(self) -> NextStep:
        return self._added(NEXT, NextStep(self))

    @cached_property
    def note(self) -> NoteStep:
        return self._added(NOTE, NoteStep(self))

    @cached_property
    def close_step(self) -> CloseStep:
        return self._added(CLOSE, CloseStep(self))

    @cached_property
    def closed(self) -> ClosedStep:
        step = self._added(CLOSED, ClosedStep(self))
        step.reopening.connect(self.reopening)
        return step

    def _added(self, number: int, step: S) -> S:
        """Made where it stays: what is given another parent is styled anew, with all that is in it."""
        for name in ("answered", "failed", "passed", "kept", "why_asked", "settings_asked"):
            getattr(step, name).connect(getattr(self, name))
        step.moved.connect(lambda: self.moved.emit(step))
        self.addWidget(step)
        tab_after(self, step)
        self._made[number] = step
        self.made.emit(step)
        if steps := self._known():
            step.put(steps)
        return step

    # what is shown ---------------------------------------------------------------------------------------------------

    def put(self, numbers: Iterable[int], back: int | None = None) -> None:
        """What is known now, into those of these steps that are made; `back` is the one where an answer was taken back."""
        for number in numbers:
            step = self._made.get(number)
            if step and (steps := self._known()):  # a step may have told of the note meanwhile
                (step.put_back if number == back else step.put)(steps)

    @property
    def writing(self) -> bool:
        """Whether something that was decided in the inbox is still being written."""
        return INBOX in self._made and self.inbox.inbox.busy

    def refresh_inbox(self) -> None:
        if INBOX in self._made:
            self.inbox.inbox.refresh()
