"""How far a review came and what was typed in it, written as it goes (AC 43)."""

from __future__ import annotations

from functools import partial
from typing import Any

from tokentrack.store.reviews import Draft
from tokentrack.ui.asking import Doing
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.source_deciding import Deciding


class KeptDraft:
    """`draft` is what the page shows; it is written whenever it changes, and what could not be is told in the bar."""

    def __init__(self, doing: Doing[Deciding], bar: JournalBar) -> None:
        self._doing, self._bar = doing, bar
        self.draft = Draft("")
        self._unkept: dict[str, dict[str, Any]] = {}
        """Of each week, what could not be written."""

    def put(self, draft: Draft) -> None:
        """Of another week, or as it was read again."""
        self.draft = draft._replace(**self._unkept.get(draft.week, {}))

    def keep(self, **fields: Any) -> None:
        """With what could not be kept before."""
        before, self.draft = self.draft, self.draft._replace(**fields)
        unkept = self._unkept.pop(before.week, {})
        if self.draft != before or unkept:
            fields = unkept | fields
            failed = partial(self._on_unkept, before.week, fields)
            self._doing.do(lambda to: to.reviewing.keep(before.week, fields), self._on_kept, failed)

    def _on_kept(self, draft: Draft) -> None:
        """With what another process noted meanwhile."""
        if draft.week == self.draft.week and not self._doing.busy:
            self.draft = draft

    def _on_unkept(self, week: str, fields: dict[str, Any], sentence: str) -> None:
        """It stands there as it was typed since, and is kept with what comes next."""
        if week == self.draft.week:
            fields = {name: getattr(self.draft, name) for name in fields}
        self._unkept[week] = self._unkept.get(week, {}) | fields
        self._bar.failed(sentence, self.keep)
