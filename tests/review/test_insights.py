"""Insights and follow-up questions: when they are said, when not again, and the rows behind each (AC 24, 40)."""

from __future__ import annotations

import re
import sqlite3
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions_read import Sessions, request
from worlds import few

from tokentrack import clock
from tokentrack.model.logs import Request
from tokentrack.model.tasks import Span, Task
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import closing, followups, insights
from tokentrack.review.how import how
from tokentrack.review.insights import KEPT, NOT_USEFUL, SLOTS, Insight, chosen
from tokentrack.review.week import week
from tokentrack.store import journal, links, reviews, tasks
from tokentrack.store.reviews import Shown

MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
HOUR = 3_600_000
DAY = 24 * HOUR
NOW = SINCE + 6 * DAY
AFTER = SINCE + 8 * DAY
DOLLAR = 1_000_000
pytestmark = pytest.mark.usefixtures("cents")
FORBIDDEN = re.compile(
    r"because|led to|due to|caused|thanks to|result|score|rank|streak|saved|\bROI\b|productiv|faster|\bleft\b|unused|wasted"
    r"|\bonly\b",
    re.IGNORECASE,
)


def task(db: sqlite3.Connection, title: str, **more: object) -> str:
    return tasks.add(db, Task("", title, more.pop("key", None), None, None, SINCE - 100 * DAY, **more)).id


def big(key: str, at: int, dollars: float, context: int = 0) -> Request:
    """A request of this list value."""
    return request(key, at)._replace(output=round(dollars * 100), cache_read=context)


def used(
    sessions: Sessions, name: str, dollars: float, at: int = SINCE + HOUR, to: str | None = "", **more: object
) -> str:
    """A session of one turn; `to` "" leaves it unlinked."""
    session = sessions.grow(name, [(f"{name}-p", at)], [big(f"{name}-r", at + 1, dollars)], title=name, **more)
    if to != "":
        links.put(sessions.db, session, to, Span(), "manual", NOW)
    return session


def past(sessions: Sessions, *dollars: float) -> None:
    """Closed weeks, the newest last."""
    for back, amount in zip(range(len(dollars), 0, -1), dollars, strict=True):
        used(sessions, f"past{back}", amount, SINCE - back * 7 * DAY + HOUR, to=None)
        closing.close(sessions.db, MONDAY - back * 7 * clock.DAY, NOW)


def said(db: sqlite3.Connection, now: int = NOW) -> dict[str, str]:
    return {one.kind: one.text for one in insights.insights(db, MONDAY, now)}


def eligible(db: sqlite3.Connection, now: int = NOW) -> dict[str, Insight]:
    return {one.kind: one for one in insights.eligible(db, MONDAY, now)}


# ---- when each is eligible -------------------------------------------------------------------------------------------


def test_a_week_with_nothing_unusual_says_nothing(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 40: an answer too."""
    for n in range(5):
        used(sessions, f"S{n}", 20, to=None)
    past(sessions, 90, 100, 110, 100, 95)
    assert insights.insights(db, MONDAY, NOW) == []
    assert insights.NOTHING == "Nothing unusual this week."


def test_what_changed_needs_five_closed_weeks_and_a_week_outside_of_the_band(
    sessions: Sessions, db: sqlite3.Connection
) -> None:
    """AC 27, 40."""
    one = task(db, "Bulk import")
    used(sessions, "S", 200, to=one)
    for n in range(6):
        used(sessions, f"S{n}", 20, to=None)
    past(sessions, 100, 110, 90, 100)
    assert "drift" not in eligible(db)
    used(sessions, "fifth", 105, SINCE - 5 * 7 * DAY + HOUR, to=None)
    closing.close(db, MONDAY - 35 * clock.DAY, NOW)
    found = eligible(db)["drift"]
    assert found.text == (
        "List value was $320.00, above your usual $92.50 to $107.50 (n = 5 closed weeks). "
        "One session on Bulk import was $200.00 of it."
    )
    assert found.at_stake == 212_500_000


def test_a_running_week_is_not_below_what_is_usual_yet(sessions: Sessions, db: sqlite3.Connection) -> None:
    used(sessions, "S", 1, to=None)
    past(sessions, 100, 110, 90, 100, 100)
    assert "drift" not in eligible(db)
    assert eligible(db, AFTER)["drift"].text == (
        "List value was $1.00, below your usual $100.00 to $100.00 (n = 5 closed weeks)."
    )


@pytest.mark.parametrize(("part", "rest", "named"), [(5, 15, True), (4.9, 5, False), (5, 15.1, False), (50, 150, True)])
def test_where_it_went_needs_a_quarter_of_the_week_and_five_dollars(
    sessions: Sessions, db: sqlite3.Connection, part: float, rest: float, named: bool
) -> None:
    at = SINCE + HOUR
    sessions.grow("S", [("p", at)], [big("r", at + 1, part, 160_000)])
    used(sessions, "T", rest, to=None)
    found = eligible(db).get("context")
    assert (found is not None) == named
    if found:
        assert found.text.startswith(
            "1 session carried more than 150,000 tokens of context; those requests were 25% of"
        )


def test_a_question_is_asked_where_a_decision_could_follow(sessions: Sessions, db: sqlite3.Connection) -> None:
    stopped = task(db, "PAY-22")
    used(sessions, "S", 60, to=stopped)
    used(sessions, "T", 58, SINCE + 2 * DAY, to=stopped)
    tasks.finish(db, stopped, "abandoned", "", NOW - HOUR)
    assert eligible(db)["stopped"].text == (
        "PAY-22 used $118.00 of list value on 2 days and was stopped. Was it clear by day two?"
    )
    shipped = task(db, "PAY-30")
    tasks.finish(db, shipped, "shipped", "", SINCE + DAY)
    used(sessions, "U", 14, SINCE + 3 * DAY, to=shipped)
    assert eligible(db)["rework"].text == (
        "PAY-30 used $14.00 of list value within 14 days after it was shipped. Does it need a decision?"
    )
    assert said(db).keys() & {"stopped", "rework"} == {"stopped"}  # one of a sort, by the money at stake


def test_a_task_past_its_range_asks_whether_to_go_on(sessions: Sessions, db: sqlite3.Connection) -> None:
    for n in range(5):
        one = task(db, f"M{n}", size="M")
        used(sessions, f"M{n}", 20 + n, SINCE - 30 * DAY, to=one)
        tasks.finish(db, one, "shipped", "", SINCE - 29 * DAY)
    mine = task(db, "mine", size="M")
    used(sessions, "S", 70, to=mine)
    assert eligible(db)["past usual"].text == (
        "mine used $70.00 of list value, above your usual range for M tasks (n = 5: $21.00 to $23.00 list value). "
        "Continue, narrow, or stop?"
    )


# ---- which are shown -------------------------------------------------------------------------------------------------


def one(kind: str, stake: int, subject: str = "") -> Insight:
    return Insight("2026-W47", kind, subject, f"{kind} {subject}", stake, None)


def noted(weeks: int, kind: str, subject: str = "", answer: str | None = None) -> Shown:
    return Shown(clock.week_name(MONDAY - weeks * 7 * clock.DAY), kind, subject, f"then {kind}", answer)


def test_ac40_none_is_repeated_within_three_weeks() -> None:
    found = [one("context", 9), one("unlinked", 5)]
    assert [made.kind for made in chosen(found, [], MONDAY)] == ["context"]
    for weeks in (1, 2, 3):
        assert [made.kind for made in chosen(found, [noted(weeks, "context")], MONDAY)] == ["unlinked"]
    assert [made.kind for made in chosen(found, [noted(4, "context")], MONDAY)] == ["context"]
    other = [one("session", 9, "A"), one("session", 5, "B")]
    assert [made.subject for made in chosen(other, [noted(1, "session", "A")], MONDAY)] == ["B"]


def test_not_useful_mutes_its_kind_for_eight_weeks() -> None:
    found = [one("session", 9, "A"), one("unlinked", 5)]
    for weeks in (1, 8):
        assert [made.kind for made in chosen(found, [noted(weeks, "session", "Z", NOT_USEFUL)], MONDAY)] == ["unlinked"]
    here = chosen(found, [noted(0, "session", "A", NOT_USEFUL)], MONDAY)
    assert [(made.kind, made.answer) for made in here] == [("session", NOT_USEFUL)]  # the place stays empty of others


def test_what_was_kept_stays_as_it_was_shown() -> None:
    kept = noted(0, "drift", answer=KEPT)
    assert [(made.text, made.answer, made.how) for made in chosen([], [kept], MONDAY)] == [("then drift", KEPT, None)]
    assert [made.text for made in chosen([one("drift", 1)], [noted(0, "drift")], MONDAY)] == ["drift "]
    assert chosen([], [noted(0, "drift")], MONDAY) == []


EVERY_KIND = [kind for kinds in insights.SLOTS.values() for kind in kinds]
KINDS = st.sampled_from(EVERY_KIND)
FOUND = st.builds(one, KINDS, st.integers(0, 10**9), st.sampled_from(["", "A", "B"]))
NOTED = st.builds(
    noted, st.integers(0, 8), KINDS, st.sampled_from(["", "A", "B"]), st.sampled_from([None, KEPT, NOT_USEFUL])
)


@given(st.lists(FOUND, max_size=12), st.lists(NOTED, max_size=8, unique_by=lambda shown: shown[:3]))
@few
def test_ac40_at_most_three_one_of_a_sort_none_again(found: list[Insight], before: list[Shown]) -> None:
    made = chosen(found, before, MONDAY)
    assert len({one.slot for one in made}) == len(made) <= 3
    here = {(shown.kind, shown.subject) for shown in before if shown.week == "2026-W47"}
    recent = {(shown.kind, shown.subject) for shown in before if "2026-W44" <= shown.week < "2026-W47"}
    assert not {(one.kind, one.subject) for one in made} & (recent - here)
    assert chosen(found[::-1], before, MONDAY) == made or len({one.at_stake for one in found}) < len(found)


def test_a_review_notes_what_it_shows_and_every_answer_can_be_taken_back(
    sessions: Sessions, db: sqlite3.Connection
) -> None:
    """AC 16, 43: the decision is kept when it is made."""
    used(sessions, "S", 60)
    used(sessions, "T", 30)
    (shown,) = insights.show(db, MONDAY, NOW)
    assert (shown.kind, shown.answer) == ("unlinked", None)
    with journal.change(db, "Kept a sentence", NOW):
        insights.answer(db, MONDAY, shown, KEPT, NOW)
    assert [made.answer for made in insights.insights(db, MONDAY, NOW)] == [KEPT]
    assert [row.kind for row in week(db, MONDAY, NOW).told.insights] == ["unlinked"]
    assert journal.undo(db, NOW) == "Kept a sentence"
    assert [made.answer for made in insights.insights(db, MONDAY, NOW)] == [None]
    insights.answer(db, MONDAY, shown, NOT_USEFUL, NOW)
    assert week(db, MONDAY, NOW).told.insights == ()


def test_a_closed_week_keeps_its_sentences(sessions: Sessions, db: sqlite3.Connection) -> None:
    used(sessions, "S", 60)
    insights.show(db, MONDAY, NOW)
    closing.close(db, MONDAY, NOW)
    (kept,) = week(db, MONDAY, NOW).told.insights
    assert (kept.kind, kept.text) == (
        "unlinked",
        "1 session without a task yet: 100% of the week's list value, $60.00.",
    )
    used(sessions, "later", 600)
    assert week(db, MONDAY, NOW).told.insights == (kept,)
    assert [shown.kind for shown in reviews.shown(db, "2026-W47", "2026-W47")] == ["unlinked"]
    used(sessions, "next", 60, SINCE + 8 * DAY)
    assert "unlinked" not in {made.kind for made in insights.insights(db, MONDAY + 7 * clock.DAY, AFTER)}


def test_ac40_what_a_closed_week_tells_is_not_said_again(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 40: whoever closed it, and however many weeks at once: its sentences are read on its page and in the terminal."""
    for back in (12, 5):
        used(sessions, f"before {back}", 60, SINCE - back * DAY)
    used(sessions, "S", 60)
    closing.close_earlier(db, clock.day_of(NOW), NOW)
    told = [week(db, MONDAY - n * 7 * clock.DAY, NOW).told.insights for n in (2, 1)]
    assert [[one.kind for one in row] for row in told] == [["unlinked"], []]
    assert "unlinked" not in said(db)


# ---- what lies behind them -------------------------------------------------------------------------------------------


def test_ac24_every_sentence_opens_to_rows_that_add_up_to_its_figure(
    sessions: Sessions, db: sqlite3.Connection
) -> None:
    """AC 24, 26: each kind, with the amounts of its text; and no word that blames, praises, or names a cause."""
    from tokentrack.review.why import made_of

    for n in range(5):
        done = task(db, f"M{n}", size="M")
        used(sessions, f"M{n}", 2 + n, SINCE - 60 * DAY, to=done)
        tasks.finish(db, done, "shipped", "", SINCE - 50 * DAY)
    past(sessions, 10, 11, 12, 10, 9)
    mine, stopped, shipped = task(db, "mine", size="M"), task(db, "stopped"), task(db, "shipped")
    tasks.finish(db, shipped, "shipped", "", SINCE)
    for name, to in (("A", mine), ("B", stopped), ("C", shipped), ("D", "")):
        at = SINCE + DAY
        session = sessions.grow(
            name, [(f"{name}p", at)], [big(f"{name}r", at + 1, 30, 200_000), big(f"{name}s", at + HOUR, 10)]
        )
        if to:
            links.put(db, session, to, Span(), "manual", NOW)
    tasks.finish(db, stopped, "abandoned", "", NOW)
    found = list(insights.eligible(db, MONDAY, NOW))
    assert {made.kind for made in found} == set(EVERY_KIND)
    for made in found:
        assert not FORBIDDEN.search(made.text), made.text
        assert made.text.endswith((".", "?", ": A.", ": B.")), made.text
        told = how(db, made.why, OwnPrices())
        assert told == made.how
        assert told.formula
        assert told.n
        if told.adds:
            amounts = [round(float(text.replace(",", "")) * DOLLAR) for text in re.findall(r"\$([\d,.]+\d)", made.text)]
            assert sum(line.amount for line in told.rows) == amounts[0], made.text
        for line in told.rows:
            if line.why and made.kind not in ("context", "drift"):  # of these a row is a part of what it names
                assert made_of(db, line.why).total.list_value == line.amount, (made.kind, line.why)


def test_sorts_are_told_in_their_order() -> None:
    assert list(SLOTS) == ["what changed", "where it went", "a question"]
    found = [one("stopped", 9, "A"), one("context", 1), one("drift", 2)]
    assert [made.kind for made in chosen(found, [], MONDAY)] == ["drift", "context", "stopped"]


# ---- follow-up questions ---------------------------------------------------------------------------------------------


def shipped(db: sqlite3.Connection, title: str, days: int) -> str:
    one = task(db, title)
    tasks.finish(db, one, "shipped", "", NOW - days * DAY)
    return one


def test_it_is_asked_7_30_and_60_days_after_it_was_shipped_and_never_twice(db: sqlite3.Connection) -> None:
    tasks.finish(db, task(db, "stopped"), "abandoned", "", NOW - 7 * DAY)
    for days, asked in {6: [], 7: [7], 29: [7], 30: [30], 59: [30], 60: [60], 89: [60], 90: []}.items():
        one = shipped(db, f"shipped {days} days ago", days)
        assert [(due.task, due.days) for due in followups.due(db, NOW)] == [(one, day) for day in asked]
        tasks.finish(db, one, "abandoned", "", NOW)
    one = shipped(db, "again", 7)
    (due,) = followups.due(db, NOW)
    assert due.text == "again was shipped 7 days ago. Is it still in place?"
    assert due.git == "no git evidence"
    with journal.change(db, "Answered", NOW):
        reviews.answer_follow_up(db, one, 7, "no", NOW)
    assert followups.due(db, NOW) == []
    assert [due.days for due in followups.due(db, NOW + 23 * DAY)] == [30]  # the next time comes
    journal.undo(db, NOW)
    assert followups.due(db, NOW) == [due]
    reviews.answer_follow_up(db, one, 7, "yes", NOW)
    reviews.answer_follow_up(db, one, 7, None, NOW)
    assert reviews.follow_ups(db) == {}


def test_at_most_three_are_asked_a_week_those_whose_time_ends_first(db: sqlite3.Connection) -> None:
    """6.1: a review stays short, however many were shipped; what is answered makes no room for more in the same week."""
    asked = {days: shipped(db, f"shipped {days} days ago", days) for days in (8, 12, 28, 31, 58, 61, 88)}
    assert [one.task for one in followups.due(db, NOW)] == [asked[88], asked[58], asked[28]]
    reviews.answer_follow_up(db, asked[58], 30, "yes", NOW)
    assert [one.task for one in followups.due(db, NOW)] == [asked[88], asked[28]]
    reviews.answer_follow_up(db, asked[58], 30, None, NOW)
    for days, of in ((88, 60), (58, 30), (28, 7)):
        reviews.answer_follow_up(db, asked[days], of, "yes", NOW)
    assert followups.due(db, NOW) == []
    assert len(followups.due(db, NOW + 7 * DAY)) == 3
