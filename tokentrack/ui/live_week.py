"""The review of a week over a store file: its figures, asked on a thread of their own, and what is answered.

Every answer is written by itself, so that a review goes on where it was, whatever ended it (AC 43).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tokentrack import clock, paths
from tokentrack.store import StoreError, reviews, write
from tokentrack.store.reviews import Draft
from tokentrack.ui import words
from tokentrack.ui.live_store import Connected, Write, noted

if TYPE_CHECKING:
    from tokentrack.model.tasks import Task
    from tokentrack.review.followups import Question
    from tokentrack.review.insights import Insight
    from tokentrack.review.steps import Steps
    from tokentrack.store.search import Hit

MOST = 120
"""Characters of a task's name in a sentence."""


class LiveWeeks(Connected):
    """`Weeks` with a connection of its own."""

    def steps(self, monday: date | None) -> Steps:
        from tokentrack.pricing import own
        from tokentrack.review.steps import steps

        mine = own.read(paths.own_prices(self.store))
        return self._ask(lambda: steps(self._db, monday, clock.now_ms(), mine))

    def search(self, text: str) -> tuple[Hit, ...]:
        from tokentrack.review.search import search

        return self._ask(lambda: tuple(search(self._db, text)))


class LiveReviewing:
    """`Reviewing` over a connection."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def keep(self, week: str, fields: Mapping[str, Any]) -> Draft:
        """What another process noted meanwhile stays."""
        return self._write(lambda db: reviews.change(db, week, clock.now_ms(), **fields))

    def worth(self, task: Task, answer: str) -> str:
        from tokentrack.review import worth

        what = f"Worth it for {words.cut(task.name, MOST)}: {words.ANSWERS[answer]}"
        return self._noted(what, lambda db: worth.answer(db, task.id, answer, clock.now_ms()))

    def still(self, question: Question, answer: str) -> str:
        what = f"Still in place after {question.days} days, {words.cut(question.name, MOST)}: {words.ANSWERS[answer]}"
        return self._noted(
            what, lambda db: reviews.answer_follow_up(db, question.task, question.days, answer, clock.now_ms())
        )

    def insight(self, monday: date, insight: Insight, answer: str | None) -> str:
        from tokentrack.review import insights

        what = f"{words.first(answer or 'not answered')}: {insight.slot}"
        return self._noted(what, lambda db: insights.answer(db, monday, insight, answer, clock.now_ms()))

    def plan(self, amount: int, since: date) -> str:
        planned = words.money(amount) if amount else "nothing"
        return self._noted(
            f"Planned {planned} a week, list value",
            lambda db: write.add_budget(db, "list_value", amount, "week", None, since, clock.now_ms()),
        )

    def show_insights(self, monday: date) -> None:
        from tokentrack.review import insights

        self._write(lambda db: insights.show(db, monday, clock.now_ms()))

    def close_week(self, monday: date) -> str:
        from tokentrack.review import closing

        try:
            self._write(lambda db: closing.close(db, monday, clock.now_ms()))
        except closing.Closed as error:
            raise StoreError(f"{error} o opens it again, with what was typed here.") from None
        return f"Closed week {monday.isocalendar().week}."

    def close_earlier(self, monday: date) -> str:
        from tokentrack.review import closing

        made = self._write(lambda db: closing.close_earlier(db, monday, clock.now_ms()))
        return f"Closed {words.plural(len(made), 'earlier week')} as they are."

    def reopen(self, mondays: Sequence[date]) -> None:
        from tokentrack.review import closing

        def change(db: sqlite3.Connection) -> None:
            for monday in mondays:
                closing.reopen(db, monday)

        self._write(change)

    def _noted(self, what: str, change: Callable[[sqlite3.Connection], object]) -> str:
        noted(self._write, what, change)
        return what
