"""Closing weeks, and opening them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from tokentrack.ui.asking import Doing
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_week import Reviewing
from tokentrack.ui.week_draft import KeptDraft


class Closing(QObject):
    """`done`: a week is closed or open now. `refused`: none is, and the bar says why.

    What was typed in the review is kept before its week is closed.
    """

    done = Signal()
    refused = Signal()

    def __init__(self, doing: Doing[Deciding], bar: JournalBar, kept: KeptDraft, parent: QObject) -> None:
        super().__init__(parent)
        self._doing, self._bar, self._kept = doing, bar, kept

    def close(self, monday: date) -> None:
        self._change(lambda reviewing: reviewing.close_week(monday), (monday,))

    def close_earlier(self, monday: date, earlier: tuple[date, ...]) -> None:
        """Every open week before this one."""
        self._change(lambda reviewing: reviewing.close_earlier(monday), earlier)

    def _change(self, change: Callable[[Reviewing], str], closed: tuple[date, ...]) -> None:
        self._kept.keep()
        self._doing.do(lambda to: change(to.reviewing), partial(self._on_closed, closed), self._on_refused)

    def _on_closed(self, closed: tuple[date, ...], what: str) -> None:
        self._bar.say(what, partial(self.reopen, closed))
        self.done.emit()

    def _on_refused(self, sentence: str) -> None:
        self._bar.failed(sentence)
        self.refused.emit()

    def reopen(self, mondays: tuple[date, ...], **fields: Any) -> None:
        """`fields` are those of the review that goes on."""
        opened = partial(self._on_opened, mondays, fields)
        self._doing.do(lambda to: to.reviewing.reopen(mondays), opened, self._bar.failed)

    def _on_opened(self, mondays: tuple[date, ...], fields: Mapping[str, Any], _: object) -> None:
        self._kept.keep(**fields)
        one = f"Week {mondays[0].isocalendar().week} is" if len(mondays) == 1 else f"{len(mondays)} weeks are"
        self._bar.say(f"{one} open again.")
        self.done.emit()
