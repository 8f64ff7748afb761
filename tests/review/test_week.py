"""A week: its parts add up, and what was closed never changes."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing as leaving
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sessions_read import UNPRICED, Sessions, passing, request
from worlds import few

from tokentrack import clock
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.tasks import OUTCOMES, Span, Task
from tokentrack.review import closing, judged, snapshot, why
from tokentrack.review.paid import How
from tokentrack.review.steps import recall
from tokentrack.review.week import Changed, tasks_changed, week
from tokentrack.store import links, open_store, read, reviews, tasks, transaction
from tokentrack.store import money as entries

MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
HOUR = 3_600_000
NOW = SINCE + 6 * 24 * HOUR


@pytest.fixture(scope="module")
def db(store: sqlite3.Connection) -> sqlite3.Connection:
    """Of the whole file: one test asks it for many examples."""
    return store


def task(db: sqlite3.Connection, title: str, **more: object) -> str:
    return tasks.add(db, Task("", title, None, None, None, SINCE - 100 * HOUR, **more)).id


def used(sessions: Sessions, name: str, hours: float, tokens: int, model: str = "known") -> str:
    at = SINCE + round(hours * HOUR)
    return sessions.grow(name, [(f"{name}-{at}", at)], [request(f"{name}-{at}-r", at + 1, tokens, model=model)])


def link(db: sqlite3.Connection, session: str, to: str | None, turns: Span = Span()) -> None:  # noqa: B008
    links.put(db, session, to, turns, "manual", NOW)


def shares(db: sqlite3.Connection, monday: date = MONDAY, now: int = NOW) -> dict[str, tuple[int | None, int]]:
    return {row.outcome: (row.list_value, row.percent) for row in week(db, monday, now).told.outcomes}


# ---- what came of it -------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9))
@settings(few, max_examples=50)
def test_outcomes_add_up_to_the_week_and_their_percents_to_100(db: sqlite3.Connection, seed: int) -> None:
    """AC 3 and M3 for any links and outcomes; AC 30: what is not linked and what has no task always stand there."""
    chance = random.Random(seed)
    with passing(db) as sessions:
        kinds = [task(db, f"T{n}") for n in range(4)]
        for n in range(chance.randint(0, 6)):
            name = used(
                sessions,
                f"S{n}",
                chance.uniform(-30, 190),
                chance.randint(0, 10**5),
                chance.choice(["known", UNPRICED]),
            )
            if chance.random() < 0.7:
                link(db, name, chance.choice([*kinds, None]))
        for one in kinds:
            if chance.random() < 0.6:
                tasks.finish(db, one, chance.choice(OUTCOMES), "", SINCE + round(chance.uniform(-400, 160) * HOUR))
        told = week(db, MONDAY, NOW).told
        assert sum(row.list_value or 0 for row in told.outcomes) == (told.list_value or 0)
        assert sum(row.unpriced_requests for row in told.outcomes) == told.unpriced_requests
        known = any(row.list_value for row in told.outcomes)
        assert sum(row.percent for row in told.outcomes) == (100 if known else 0)
        assert {row.outcome for row in told.outcomes} >= {"no task", "unlinked"}
        assert told.outcomes[-1].outcome == "unlinked"
        by_task = sum(row.list_value or 0 for row in told.tasks)
        rest = {row.outcome: row.list_value or 0 for row in told.outcomes}
        assert by_task + rest["no task"] + rest["unlinked"] == (told.list_value or 0)


def test_spend_within_14_days_after_shipped_is_rework(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 32: not what came before, not what comes on day 15; a follow-up's spend is rework too."""
    one = task(db, "one")
    after = task(db, "after", follow_up_of=one)
    for name, hours in (("before", 1), ("soon", 30), ("last", 23 + 14 * 24), ("late", 25 + 14 * 24)):
        link(db, used(sessions, name, hours, 100), one)
    link(db, used(sessions, "follow", 50, 10), after)
    tasks.finish(db, one, "shipped", "", SINCE + 24 * HOUR)
    assert shares(db) == {"shipped": (700, 48), "rework": (770, 52), "no task": (0, 0), "unlinked": (0, 0)}
    later = MONDAY + 14 * clock.DAY
    assert {key: value for key, (value, _) in shares(db, later).items() if value} == {"rework": 700, "shipped": 700}


def test_what_has_no_price_is_no_zero(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 5: a row of which nothing is known is None, and so is a week."""
    used(sessions, "S", 1, 100, UNPRICED)
    told = week(db, MONDAY, NOW).told
    assert (told.list_value, told.unpriced_requests, told.accounted_share) == (None, 1, None)
    assert shares(db) == {"no task": (0, 0), "unlinked": (None, 0)}


def test_a_task_finished_without_any_agent_stands_in_the_week(sessions: Sessions, db: sqlite3.Connection) -> None:
    """Q24: finished work with no agent session."""
    one = task(db, "by hand")
    tasks.finish(db, one, "shipped", "", SINCE + HOUR)
    (row,) = week(db, MONDAY, NOW).told.tasks
    assert (row.task, row.outcome, row.list_value) == (one, "shipped", 0)
    assert not week(db, MONDAY + 7 * clock.DAY, NOW).told.tasks


# ---- closing ---------------------------------------------------------------------------------------------------------


def test_what_was_closed_never_changes_and_later_edits_show(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 41: late log lines and links change neither snapshot nor hash; the rows behind the change are named."""
    one = task(db, "one")
    still, late, moved = (used(sessions, name, 2, 100) for name in ("still", "late", "moved"))
    link(db, still, one)
    made = closing.close(db, MONDAY, NOW, note="mine", intent="less")
    first = week(db, MONDAY, NOW)
    assert (first.closed, first.revision, first.sha256, first.changed) == (True, 1, made.sha256, None)
    assert (first.told.note, first.told.intent) == ("mine", "less")
    assert snapshot.digest(made.snapshot) == made.sha256
    used(sessions, "late", 3, 5)
    link(db, moved, one)
    tasks.finish(db, one, "shipped", "", NOW)
    used(sessions, "next week", 200, 1000)
    then = week(db, MONDAY, NOW + HOUR)
    assert (then.told, then.sha256) == (first.told, first.sha256)
    assert then.changed is not None
    assert (then.changed.list_value, set(then.changed.sessions)) == (35, {late, moved})
    assert reviews.revisions(db, "2026-W47") == [made]


def outcome_of(db: sqlite3.Connection, name: str) -> How:
    found = judged.how(db, "list", f"week:2026-W47{name}", NOW)
    assert found is not None
    return found


def amount(found: How) -> int:
    return sum(line.amount or 0 for line in found.rows)


def test_a_closed_weeks_figures_open_to_what_was_closed(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 24: list value, tasks and outcomes are made of the snapshot's sessions, whatever came later."""
    one, two = task(db, "one"), task(db, "two")
    link(db, used(sessions, "before", 1, 100), one)
    both = used(sessions, "both", 20, 30)
    used(sessions, "both", 30, 40)
    link(db, both, one)
    link(db, used(sessions, "other", 3, 7), two)
    used(sessions, "loose", 4, 9)
    tasks.finish(db, one, "shipped", "", SINCE + 24 * HOUR)
    closing.close(db, MONDAY, NOW)
    told = week(db, MONDAY, NOW).told
    names = {"": told.list_value}
    names |= {f" outcome:{row.outcome}": row.list_value for row in told.outcomes}
    names |= {f" task:{row.task}": row.list_value for row in told.tasks}
    assert names == {
        "": 186 * 7, " outcome:shipped": 130 * 7, " outcome:rework": 40 * 7, " outcome:open": 49, " outcome:no task": 0,
        " outcome:unlinked": 63, f" task:{one}": 170 * 7, f" task:{two}": 49,
    }  # fmt: skip
    for name, value in names.items():
        found = outcome_of(db, name)
        assert amount(found) == value, name
        assert dict(found.inputs)["as closed on"]
        for line in found.rows:
            assert why.why(db, line.why).total.list_value == line.amount, line
    link(db, used(sessions, "late", 5, 1000), two)
    tasks.finish(db, two, "learned", "", NOW)
    tasks.reopen(db, one, NOW)
    assert {name: amount(outcome_of(db, name)) for name in names} == names
    shares = judged.how(db, "outcomes", "week:2026-W47", NOW)
    assert shares is not None
    assert {line.why for line in shares.rows} == {f"list week:2026-W47 outcome:{row.outcome}" for row in told.outcomes}
    assert judged.how(db, "list", "week:2026-W47 outcome:learned", NOW) is None


def test_a_week_that_kept_less_still_adds_up(sessions: Sessions, db: sqlite3.Connection) -> None:
    """What was closed before a field was kept is read, and what is missing is said."""
    one = task(db, "one")
    link(db, used(sessions, "S", 30, 40), one)
    tasks.finish(db, one, "shipped", "", SINCE + 24 * HOUR)
    now = snapshot.text_of(week(db, MONDAY, NOW).told)
    fields = json.loads(now)
    for name in ("begin", "end", "paid_through", "paid_rows"):
        del fields[name]
    for row in fields["sessions"]:
        del row["rework"]
    old = json.dumps(fields | {"paid": 5_000_000, "paid_complete": True})
    reviews.add(db, "2026-W47", old, snapshot.digest(old), NOW)
    found = outcome_of(db, " outcome:rework")
    assert [(line.what, line.amount) for line in found.rows] == [("not kept by session", 280)]
    cost = judged.how(db, "paid", "week:2026-W47 closed", NOW)
    assert cost is not None
    assert [line.amount for line in cost.rows] == [5_000_000]
    changed = week(db, MONDAY, NOW).changed
    assert changed is not None
    assert (changed.sessions, changed.paid) == ((), None)


def test_charges_plans_and_outcomes_that_come_later_are_told(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 41: what was paid, and tasks whose outcome is another now: also of those that were open."""
    done, going = task(db, "done"), task(db, "going")
    for name, to in (("A", done), ("B", going)):
        link(db, used(sessions, name, 2, 100), to)
    tasks.finish(db, done, "shipped", "", SINCE + 5 * HOUR)
    entries.add_charge(db, Charge(0, MONDAY, 1_000_000, "extra"), NOW)
    closing.close(db, MONDAY, NOW)
    assert week(db, MONDAY, NOW).changed is None
    tasks.finish(db, going, "learned", "", NOW)
    found = week(db, MONDAY, NOW)
    assert found.changed == Changed(0, (), 0, (), (going,))
    assert list(tasks_changed(db, found)) == [("going", "open", "learned", 700)]
    tasks.reopen(db, going, NOW)
    entries.add_charge(db, Charge(0, MONDAY + clock.DAY, 250_000, "late"), NOW)
    assert week(db, MONDAY, NOW).changed == Changed(0, (), 250_000, ())
    tasks.reopen(db, done, NOW)
    found = week(db, MONDAY, NOW)
    assert found.changed == Changed(0, (), 250_000, (done,))
    assert list(tasks_changed(db, found)) == [("done", "shipped", "open", 700)]
    cost = judged.how(db, "paid", "week:2026-W47 closed", NOW)
    assert cost is not None
    assert (amount(cost), found.told.paid) == (1_000_000, 1_000_000)


def test_the_fees_of_days_to_come_are_no_change(
    sessions: Sessions, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week closed on its Friday."""
    entries.add_plan(db, Plan(0, "Max", 100_000_000, "month", ("claude-code",), date(2026, 11, 1)), NOW)
    used(sessions, "S", 2, 100)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T18:00:00Z")
    closing.close(db, MONDAY, NOW)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-30T18:00:00Z")
    assert week(db, MONDAY, NOW).changed is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is no tzset")
def test_another_time_zone_is_no_change(
    sessions: Sessions, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC 41: a session at the edge of the week stays in it, wherever the person is now."""
    for hours in (0.5, 167.5):
        used(sessions, f"S{hours}", hours, 100)
    closing.close(db, MONDAY, NOW)
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        with monkeypatch.context() as there:
            there.setenv("TZ", zone)
            time.tzset()
            assert clock.start_of(MONDAY) != SINCE
            assert week(db, MONDAY, NOW).changed is None
        time.tzset()


@pytest.mark.parametrize("written", ["update reviews set snapshot = 'x'", "delete from reviews"])
def test_the_database_itself_keeps_what_was_closed(sessions: Sessions, db: sqlite3.Connection, written: str) -> None:
    """AC 41."""
    used(sessions, "S", 2, 100)
    made = closing.close(db, MONDAY, NOW)
    with pytest.raises(sqlite3.IntegrityError, match="what was closed never changes"):
        db.execute(written)
    assert reviews.revisions(db) == [made]


def test_an_experiment_is_asked_about_once(sessions: Sessions, db: sqlite3.Connection) -> None:
    """An intent that was answered does not come back in later weeks that set none; the note may."""
    for weeks in range(3):
        used(sessions, f"S{weeks}", 2 + 168 * weeks, 100)
    closing.close(db, MONDAY, NOW, note="mine", intent="stop early")
    second, third = MONDAY + 7 * clock.DAY, MONDAY + 14 * clock.DAY
    assert recall(db, second)[:3] == recall(db, third)[:3] == ("2026-W47", "mine", "stop early")
    reviews.change(db, "2026-W48", NOW, tried="partly")
    assert recall(db, second)[:3] == ("2026-W47", "mine", "stop early")
    assert recall(db, third)[:3] == ("2026-W47", "mine", "")


def test_opened_again_it_keeps_every_revision(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 41, product 6.5."""
    used(sessions, "S", 2, 100)
    one = closing.close(db, MONDAY, NOW)
    with pytest.raises(closing.Refused, match="closed"):
        closing.close(db, MONDAY, NOW)
    closing.reopen(db, MONDAY)
    with pytest.raises(closing.Refused, match="not closed"):
        closing.reopen(db, MONDAY)
    used(sessions, "S", 3, 100)
    opened = week(db, MONDAY, NOW)
    assert (opened.closed, opened.revision, opened.sha256, opened.told.list_value) == (False, 1, None, 1400)
    two = closing.close(db, MONDAY, NOW + 1)
    assert [entry[:3] for entry in reviews.revisions(db)] == [("2026-W47", 1, NOW), ("2026-W47", 2, NOW + 1)]
    assert one.sha256 != two.sha256
    assert week(db, MONDAY, NOW).revision == 2


def test_closing_the_same_again_gives_the_same_bytes(sessions: Sessions, db: sqlite3.Connection) -> None:
    """Canonical: sorted keys, no spaces, money as integers; the same state has the same digest."""
    link(db, used(sessions, "S", 2, 100), task(db, "Ünïcode ☃"))
    one = closing.close(db, MONDAY, NOW)
    closing.reopen(db, MONDAY)
    assert closing.close(db, MONDAY, NOW + HOUR).snapshot == one.snapshot
    assert snapshot.text_of(snapshot.read(one.snapshot)) == one.snapshot
    assert "☃" in one.snapshot
    assert '"list_value":700' in one.snapshot


def test_all_earlier_weeks_close_in_one_action(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 42: those in which anything was used; the running one, closed ones and empty ones are left alone."""
    for weeks in (-5, -3, -2, 0):
        used(sessions, f"S{weeks}", 2 + 168 * weeks, 100)
    closing.close(db, MONDAY - 21 * clock.DAY, NOW)
    today = MONDAY + 2 * clock.DAY
    assert closing.due(db, today) == MONDAY
    assert [made.week for made in closing.close_earlier(db, today, NOW)] == ["2026-W42", "2026-W45"]
    assert closing.close_earlier(db, today, NOW) == []
    with pytest.raises(closing.Refused, match="not begun"):
        closing.close(db, MONDAY + 7 * clock.DAY, NOW)


def test_until_thursday_the_week_before_is_looked_back_on(sessions: Sessions, db: sqlite3.Connection) -> None:
    used(sessions, "S", 2 - 168, 100)
    assert closing.due(db, MONDAY) == closing.due(db, MONDAY + 3 * clock.DAY) == MONDAY - 7 * clock.DAY
    assert closing.due(db, MONDAY + 4 * clock.DAY) == MONDAY
    closing.close(db, MONDAY - 7 * clock.DAY, NOW)
    assert closing.due(db, MONDAY) == MONDAY


KILLED = """
import os, signal, sys
from pathlib import Path
from tokentrack.store import open_store, reviews, transaction
db = open_store(Path(sys.argv[1]))
with transaction(db):
    reviews.keep(db, reviews.Draft("2026-W47", 2, "task-7", "partly", "a note", ""), 5)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_review_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """AC 43, the store's part: every answer is kept when it is given."""
    path = tmp_path / "store.db"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -9
    with leaving(open_store(path)) as db:
        assert reviews.draft(db, "2026-W47") == reviews.Draft("2026-W47", 2, "task-7", "partly", "a note", "")
        assert reviews.draft(db, "2026-W46") == reviews.Draft("2026-W46")


def test_two_processes_cannot_both_close_a_week(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with leaving(open_store(path)) as one, leaving(open_store(path)) as two:
        with transaction(one):
            closing.close(one, MONDAY, NOW)
        with pytest.raises(closing.Refused), transaction(two):
            closing.close(two, MONDAY, NOW)
        assert len(reviews.revisions(two)) == 1
        assert read.settings(two) == read.settings(one)
