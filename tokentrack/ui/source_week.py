"""What the interface needs of the core about a week: what it tells, and what the person answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from tokentrack.model.tasks import Task

if TYPE_CHECKING:
    from tokentrack.review.followups import Question
    from tokentrack.review.insights import Insight
    from tokentrack.review.steps import Steps
    from tokentrack.store.reviews import Draft
    from tokentrack.store.search import Hit


class Weeks(Protocol):
    """A week as it is judged. Its figures may take a while: made, asked and closed on one thread, never the main one.

    A week is named by its Monday. Every method may raise an error whose text is one sentence for the person.
    """

    def steps(self, monday: date | None) -> Steps:
        """The week and everything that its review asks; None: the week to look back on now."""

    def search(self, text: str) -> tuple[Hit, ...]:
        """Tasks, sessions, notes and sentences that hold these words, the best first."""

    def close(self) -> None: ...


class Reviewing(Protocol):
    """What the person answers in a review. A week is named by its Monday.

    Answers are steps of the journal and return it in a sentence; all raise an error whose text is one sentence for the person.
    """

    def keep(self, week: str, fields: Mapping[str, Any]) -> Draft:
        """Changes some fields of a review that was begun, and returns it as it is now."""

    def worth(self, task: Task, answer: str) -> str:
        """Whether it was worth at least that: `yes`, `no` or `unsure`."""

    def still(self, question: Question, answer: str) -> str:
        """Whether it is still in place: `yes`, `no` or `unsure`."""

    def insight(self, monday: date, insight: Insight, answer: str | None) -> str:
        """`kept` or `not useful`, which mutes its kind for a while; None: neither."""

    def plan(self, amount: int, since: date) -> str:
        """A weekly budget over everything, micro-dollars of list value, in force from a day on."""

    def show_insights(self, monday: date) -> None:
        """Notes that the week's sentences were shown: they are not told again in the next weeks."""

    def close_week(self, monday: date) -> str:
        """Keeps what the week says, with what was noted; what was done, in a sentence."""

    def close_earlier(self, monday: date) -> str:
        """Keeps what every open week before this one says, in one action."""

    def reopen(self, mondays: Sequence[date]) -> None:
        """Their figures are those of now again; what they said when they were closed is kept."""
