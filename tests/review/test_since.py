"""What a closed week says otherwise now, and what was said of it, can be asked when the data have moved on (AC 24, 41)."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from sessions_read import Sessions, request

from tokentrack import clock
from tokentrack.model.costs import Charge
from tokentrack.model.tasks import Span, Task
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import closing, insights, why
from tokentrack.review.how import NoSuchFigure, how
from tokentrack.review.paid import How
from tokentrack.review.week import week
from tokentrack.store import journal, links, tasks
from tokentrack.store import money as entries
from tokentrack.ui.why_how import how_rows

MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
HOUR = 3_600_000
NOW = SINCE + 6 * 24 * HOUR
DOLLAR = 1_000_000
pytestmark = pytest.mark.usefixtures("cents")


def used(sessions: Sessions, name: str, dollars: int, to: str | None = None, turn: int = 0) -> str:
    """One turn of a session that uses so much."""
    at = SINCE + (1 + turn) * HOUR
    one = request(f"{name}-r{turn}", at + 1)._replace(output=dollars * 100)
    session = sessions.grow(name, [(f"{name}-p{turn}", at)], [one], title=name)
    if to:
        links.put(sessions.db, session, to, Span(), "manual", NOW)
    return session


def task(db: sqlite3.Connection, title: str) -> str:
    return tasks.add(db, Task("", title, None, None, None, SINCE - 100 * 24 * HOUR)).id


def asked(db: sqlite3.Connection, name: str) -> How:
    return how(db, name, OwnPrices())


def test_ac24_what_changed_adds_up_by_session_and_by_link(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 24, 41: +$7 of a session that grew, $5 that belongs to another task now; each row leads on to what it says."""
    one, other = task(db, "one"), task(db, "other")
    grown, moved = used(sessions, "grown", 3, one), used(sessions, "moved", 5, one)
    used(sessions, "same", 4, other)
    closing.close(db, MONDAY, NOW)
    with pytest.raises(NoSuchFigure):
        asked(db, "changed week:2026-W47")
    used(sessions, "grown", 7, turn=1)
    links.cut_out(db, moved, Span())
    links.put(db, moved, other, Span(), "manual", NOW)
    whole = asked(db, "changed week:2026-W47")
    assert {line.what: line.amount for line in whole.rows} == {"grown": 7 * DOLLAR, "moved": 0}
    assert sum(line.amount for line in whole.rows) == week(db, MONDAY, NOW).changed.list_value
    for line in whole.rows:
        part = asked(db, line.why)
        assert sum(row.amount for row in part.rows) == line.amount
        for row in part.rows:
            assert not row.why or why.why(db, row.why).total.list_value == row.amount
    assert [row.amount for row in asked(db, f"changed week:2026-W47 session:{moved}").rows] == [5 * DOLLAR, -5 * DOLLAR]
    with pytest.raises(NoSuchFigure):
        asked(db, "changed week:2026-W47 session:nobody")
    assert grown


def test_ac6_what_was_paid_and_list_value_are_not_added(sessions: Sessions, db: sqlite3.Connection) -> None:
    done = task(db, "done")
    used(sessions, "S", 3, done)
    entries.add_charge(db, Charge(0, MONDAY, 500_000, "extra"), NOW)
    tasks.finish(db, done, "delivered", "", SINCE + 5 * HOUR)
    closing.close(db, MONDAY, NOW)
    used(sessions, "S", 2, turn=1)
    tasks.finish(db, done, "abandoned", "", NOW)
    entries.add_charge(db, Charge(0, MONDAY, 1_500_000, "more"), NOW)
    found = asked(db, "changed week:2026-W47")
    assert ["sum" in row.what for row in how_rows(found)] == [False, False]
    assert any(name == "done" and "delivered" in told and "stopped" in told for name, told in found.inputs)


def test_ac24_a_sentence_can_be_asked_when_its_data_have_moved_on(sessions: Sessions, db: sqlite3.Connection) -> None:
    """As long as it holds, by its own rows; then by what there is now, and what it said."""
    waits = used(sessions, "waits", 60)
    with journal.change(db, "Kept", NOW):
        (said,) = insights.show(db, MONDAY, NOW)
        insights.answer(db, MONDAY, said, insights.KEPT, NOW)
    assert sum(line.amount for line in asked(db, said.why).rows) == 60 * DOLLAR
    one = task(db, "one")
    links.put(db, waits, one, Span(), "manual", NOW)
    assert insights.insights(db, MONDAY, NOW)[0].text == said.text
    moved = asked(db, said.why)
    assert ("as it was shown", said.text) in moved.inputs
    assert [(line.what, line.amount) for line in moved.rows] == [("the week, now", 60 * DOLLAR)]
    assert not moved.adds
    closing.close(db, MONDAY, NOW)
    assert ("as it was shown", said.text) in asked(db, said.why).inputs, "of a closed week too"
    for name in ("insight week:2026-W47 never-said", "insight week:2026-W47"):  # what the week says is told
        with pytest.raises(NoSuchFigure, match=rf"^Name one: {said.why}\.$"):
            asked(db, name)
    with pytest.raises(NoSuchFigure, match=r"^There is nothing"):
        asked(db, "insight week:2026-W40")
