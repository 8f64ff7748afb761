"""Which shipping made what rework, and what a week says of it once something was said otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from itertools import count

import pytest
from sessions_read import Sessions, request

from tokentrack import clock
from tokentrack.model.tasks import Span, Task
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import closing, insights, steps, task_page, why
from tokentrack.review.how import how
from tokentrack.review.paid import How
from tokentrack.review.week import changed_since, tasks_changed, week
from tokentrack.store import ledger as booked
from tokentrack.store import links, tasks
from tokentrack.store.read import Where

DAY = 86_400_000
MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
NOW = SINCE + 6 * DAY + DAY // 2
DOLLAR = 1_000_000
Use = Callable[..., str]


@pytest.fixture
def used(sessions: Sessions) -> Use:
    """A session of one request, linked to a task unless `to` is ""."""
    names = count()

    def use(to: str, at: int, dollars: float, session: str = "") -> str:
        name = session or f"S{next(names)}"
        sessions.writer.priced = lambda one: (round(dollars * DOLLAR), 1)
        made = sessions.grow(name, [(f"{name}-{at}", at)], [request(f"{name}-{at}-r", at)], title=name)
        if to:
            links.put(sessions.db, made, to, Span(), "manual", NOW)
        return made

    return use


def task(db: sqlite3.Connection, title: str, **more: object) -> str:
    return tasks.add(db, Task("", title, None, None, None, SINCE - 60 * DAY, **more)).id


def asked(db: sqlite3.Connection, name: str) -> How:
    return how(db, name, OwnPrices())


def amount(told: How) -> int:
    return sum(line.amount or 0 for line in told.rows)


def said(db: sqlite3.Connection, kind: str) -> insights.Insight | None:
    return next((one for one in insights.eligible(db, MONDAY, NOW) if one.kind == kind), None)


# ---- M8 --------------------------------------------------------------------------------------------------------------


def test_m8_rework_is_put_down_to_the_shipping_that_made_it(db: sqlite3.Connection, used: Use) -> None:
    """47 days after the first was shipped, use of its follow-up is rework of the follow-up's own shipping alone."""
    first = task(db, "First")
    second = task(db, "Second", follow_up_of=first)
    tasks.finish(db, first, "shipped", "", SINCE - 45 * DAY)
    tasks.finish(db, second, "shipped", "", SINCE - 6 * DAY)
    used(second, SINCE + 2 * DAY, 6)
    assert asked(db, f"rework task:{first}").rows == ()
    assert amount(asked(db, f"rework task:{second}")) == 6 * DOLLAR
    of_first, of_second = (task_page.page(db, one) for one in (first, second))
    assert of_first is not None
    assert of_second is not None
    assert (of_first.rework.list_value or 0, of_second.rework.list_value, of_second.after.requests) == (
        0,
        6 * DOLLAR,
        0,
    )
    found = said(db, "rework")
    assert found is not None
    assert (found.subject, found.text) == (
        second, "Second used $6.00 of list value within 14 days after it was shipped. Does it need a decision?"
    )  # fmt: skip


def test_m8_a_shipping_has_one_figure_of_rework_everywhere(db: sqlite3.Connection, used: Use) -> None:
    """On the page, in why, in the card and in the sentence: its own use and that of its follow-ups; a later shipping of the
    follow-up takes nothing of it.
    """
    first = task(db, "First")
    second = task(db, "Second", follow_up_of=first)
    used(first, SINCE - 10 * DAY, 50)
    tasks.finish(db, first, "shipped", "", SINCE - 4 * DAY)
    used(second, SINCE + 2 * DAY, 6)
    used(first, SINCE + 2 * DAY, 2)
    tasks.finish(db, second, "shipped", "", NOW - DAY)
    tasks.reopen(db, first, NOW - DAY)
    tasks.finish(db, first, "delivered", "", NOW - DAY)
    told = asked(db, f"rework task:{first}")
    page = task_page.page(db, first)
    card = next(one for one in steps.to_judge(db, MONDAY, NOW) if one.task.id == first)
    sentence = said(db, "rework")
    assert page is not None
    assert sentence is not None
    assert {
        amount(told),
        page.rework.list_value,
        card.rework.list_value,
        sentence.at_stake,
        amount(asked(db, sentence.why)),
    } == {8 * DOLLAR}
    assert sentence.text.startswith(
        "First and its follow-up Second used $8.00 of list value within 14 days after it was"
    )
    for line in (*told.rows, *asked(db, sentence.why).rows):
        assert why.why(db, line.why).total.list_value == line.amount
    after = task_page.page(db, second)
    assert after is not None
    assert (after.rework.requests, after.after.list_value) == (0, 6 * DOLLAR)


def test_m8_within_14_days_of_both_shippings_it_counts_once(db: sqlite3.Connection, used: Use) -> None:
    """For the later one: rework adds up over shippings, AC 3."""
    first = task(db, "First")
    second = task(db, "Second", follow_up_of=first)
    tasks.finish(db, first, "shipped", "", SINCE - DAY)
    tasks.finish(db, second, "shipped", "", SINCE + DAY)
    used(second, SINCE + DAY // 2, 3)
    used(second, SINCE + 2 * DAY, 6)
    assert [amount(asked(db, f"rework task:{one}")) for one in (first, second)] == [3 * DOLLAR, 6 * DOLLAR]
    for one in booked.booked(db, Where()):
        assert sum(total.list_value or 0 for _, total in one.after) == (one.rework.list_value or 0)


def test_several_follow_ups_are_counted_in_the_sentence(db: sqlite3.Connection, used: Use) -> None:
    first = task(db, "First")
    tasks.finish(db, first, "shipped", "", SINCE)
    for n in range(2):
        used(task(db, f"F{n}", follow_up_of=first), SINCE + DAY, 6)
    found = said(db, "rework")
    assert found is not None
    assert found.text.startswith("2 follow-ups of First used $12.00 of list value within 14 days after it was shipped.")
    used(first, SINCE + DAY, 1)
    found = said(db, "rework")
    assert found is not None
    assert found.text.startswith("First and its 2 follow-ups used $13.00")


# ---- AC 41 -----------------------------------------------------------------------------------------------------------


def test_ac41_an_open_task_that_became_rework_has_another_outcome(db: sqlite3.Connection, used: Use) -> None:
    """It is not finished: it is open still."""
    shipped, going = task(db, "Shipped"), task(db, "Going")
    tasks.finish(db, shipped, "shipped", "", SINCE - DAY)
    used(going, SINCE + DAY, 6)
    closing.close(db, MONDAY, NOW)
    tasks.edit(db, going, follow_up_of=shipped)
    found = week(db, MONDAY, NOW)
    assert found.changed is not None
    assert (found.changed.tasks, found.changed.finished, found.changed.differs) == ((going,), (), True)
    assert list(tasks_changed(db, found)) == [("Going", "open", "rework", 6 * DOLLAR)]
    tasks.edit(db, going, follow_up_of=None)
    tasks.finish(db, going, "learned", "", NOW)
    found = week(db, MONDAY, NOW)
    assert found.changed is not None
    assert (found.changed.tasks, found.changed.finished, found.changed.differs) == ((), (going,), False)
    told = asked(db, "changed week:2026-W47")
    assert (told.n, told.of, told.rows) == (1, "tasks", ())


@pytest.mark.parametrize("outcome", ["delivered", None])
def test_ac41_a_task_that_is_gone_is_not_called_open(db: sqlite3.Connection, used: Use, outcome: str | None) -> None:
    gone = task(db, "Gone")
    used(gone, SINCE + DAY, 6)
    if outcome:
        tasks.finish(db, gone, outcome, "", SINCE + 2 * DAY)
    revision = closing.close(db, MONDAY, NOW)
    links.cut_out(db, links.links(db, task=gone)[0].session, Span())
    tasks.delete(db, gone)
    found = week(db, MONDAY, NOW)
    assert found.changed == changed_since(db, MONDAY, found.told, revision.closed_at)
    assert found.changed is not None
    assert (found.changed.tasks, found.changed.finished) == ((gone,), ())
    assert [(row.then, row.now) for row in tasks_changed(db, found)] == [(outcome or "open", "gone")]


# ---- AC 24 -----------------------------------------------------------------------------------------------------------


def test_ac24_a_sentence_of_an_open_week_is_asked_as_it_is_told_now(db: sqlite3.Connection, used: Use) -> None:
    """An agent goes on after the sentence was shown: the page tells it anew, and its panel tells the same."""
    used("", SINCE + DAY, 60)
    (before,) = insights.show(db, MONDAY, NOW)
    used("", SINCE + 2 * DAY, 6, before.how.rows[0].what if before.how else "")
    (now,) = insights.insights(db, MONDAY, NOW)
    assert now.text != before.text
    assert asked(db, now.why) == now.how
    insights.answer(db, MONDAY, now, insights.KEPT, NOW)
    used("", SINCE + 3 * DAY, 7)
    assert ("as it was shown", now.text) in asked(db, now.why).inputs, "what was kept stands as it was"
