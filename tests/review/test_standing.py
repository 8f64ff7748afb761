"""When the outcome that stands began, and all that is counted from there: rework, follow-up questions, whose week it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing as leaving
from datetime import date
from itertools import count

import pytest
from sessions_read import Sessions, request

from tokentrack import clock
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing, evidence, followups, insights, judged, snapshot, steps, worth
from tokentrack.review.paid import paid
from tokentrack.review.search import search
from tokentrack.review.week import tasks_changed, week
from tokentrack.store import journal, links, migrations, open_store, reviews, tasks
from tokentrack.store import ledger as booked
from tokentrack.store.read import Where

DAY = 86_400_000
HOUR = DAY // 24
MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
"""2026-W47; its Sunday evening is `NOW`."""
NOW = SINCE + 6 * DAY + 20 * HOUR
WEEK = 7 * clock.DAY
DOLLAR = 1_000_000
Use = Callable[..., None]


@pytest.fixture
def used(sessions: Sessions) -> Use:
    """A session with a turn at each of these times; `to` "" leaves it unlinked."""
    names = count()

    def use(to: str | None, *times: int, dollars: float = 10, title: str | None = None) -> None:
        name = f"S{next(names)}"
        sessions.writer.priced = lambda one: (round(dollars * DOLLAR), 1)
        turns = [(f"{name}-{at}", at) for at in times]
        made = sessions.grow(name, turns, [request(f"{one}-r", at) for one, at in turns], title=title)
        if to != "":
            links.put(sessions.db, made, to, Span(), "manual", NOW)

    return use


def task(db: sqlite3.Connection, title: str = "Refunds", at: int = SINCE - 60 * DAY, **more: object) -> str:
    return tasks.add(db, Task("", title, None, None, None, at, **more)).id


def finish(db: sqlite3.Connection, to: str, outcome: str, at: int, note: str = "") -> None:
    tasks.finish(db, to, outcome, note, at)


def rework(db: sqlite3.Connection) -> int:
    return sum(one.rework.list_value or 0 for one in booked.booked(db, Where())) // DOLLAR


# ---- rework ----------------------------------------------------------------------------------------------------------


def test_ac32_rework_counts_from_when_the_standing_outcome_became_shipped(db: sqlite3.Connection, used: Use) -> None:
    """M8: what was handed over long before it shipped has its fourteen days from the shipping."""
    one = task(db)
    finish(db, one, "delivered", NOW - 50 * DAY)
    finish(db, one, "shipped", NOW - 2 * DAY)
    used(one, NOW - 40 * DAY, NOW - DAY)
    assert rework(db) == 10
    told = judged.how(db, "rework", f"task:{one}", NOW)
    assert told is not None
    assert dict(told.inputs)["since it was shipped"] == "day 2 of 14"
    assert followups.due(db, NOW) == []
    assert [made.text for made in followups.due(db, NOW + 5 * DAY)] == [
        "Refunds was shipped 7 days ago. Is it still in place?"
    ]


def test_ac32_another_sentence_is_no_new_shipping(db: sqlite3.Connection, used: Use) -> None:
    one = task(db)
    finish(db, one, "shipped", NOW - 50 * DAY, "Refunds wrok")
    finish(db, one, "shipped", NOW - 4 * DAY, "Refunds work")
    used(one, NOW - DAY)
    assert rework(db) == 0
    assert [(made.days, made.text) for made in followups.due(db, NOW)] == [
        (30, "Refunds was shipped 50 days ago. Is it still in place?")
    ]
    assert {(hit.kind, hit.snippet) for hit in search(db, "refunds")} == {("task", ""), ("outcome", "Refunds work")}
    assert search(db, "wrok") == []


def test_ac32_a_shipping_that_was_corrected_was_none(db: sqlite3.Connection, used: Use) -> None:
    one = task(db)
    finish(db, one, "shipped", NOW - 3 * DAY)
    finish(db, one, "abandoned", NOW - 3 * DAY + 20_000)
    used(one, NOW - DAY)
    assert rework(db) == 0
    assert db.execute("select * from shippings").fetchall() == []


def test_ac32_opened_again_within_14_days_it_is_rework_and_shipped_again_the_days_count_anew(
    db: sqlite3.Connection,
    used: Use,
) -> None:
    """M8: a task that was shipped and goes on is the usual rework."""
    one = task(db)
    finish(db, one, "delivered", NOW - 31 * DAY)
    finish(db, one, "shipped", NOW - 30 * DAY, "first")
    finish(db, one, "shipped", NOW - 29 * DAY, "first, in other words")
    tasks.reopen(db, one, NOW - 25 * DAY)
    used(one, NOW - 30 * DAY - HOUR, NOW - 24 * DAY, NOW - 16 * DAY - HOUR, NOW - 15 * DAY)
    assert rework(db) == 20  # of the second and third: 14 days from the first word of it
    finish(db, one, "shipped", NOW - 10 * DAY, "second")
    used(one, NOW - 12 * DAY, NOW - 9 * DAY)
    assert rework(db) == 30
    assert [hit.snippet for word in ("first", "second") for hit in search(db, word)] == [
        "first, in other words", "second"
    ]  # fmt: skip


def test_ac32_the_window_needs_no_git_and_an_error_is_no_evidence(db: sqlite3.Connection, used: Use) -> None:
    """M8: `day 4 of 14` from the shipping; what git could not be asked is not called found."""
    one = task(db)
    used(one, NOW - 5 * DAY)
    finish(db, one, "shipped", NOW - 4 * DAY)
    (asked,) = steps.to_judge(db, MONDAY, NOW)
    assert (asked.window, asked.found, asked.unread) == ("day 4 of 14", "no git evidence", "")
    broken = [evidence.Evidence("repository", "/w/shop", None, "repository not found")]
    assert (evidence.found(broken), evidence.unread(broken)) == ([], "/w/shop: repository not found")
    merged = [evidence.Evidence("pull", "#3", NOW - 3 * DAY, "merged")]
    assert evidence.summary(merged, NOW, day=False) == "merged 19 Nov"  # the days of the shipping stand beside it


def test_a_follow_ups_sentence_says_what_was_shipped(db: sqlite3.Connection, used: Use) -> None:
    """AC 40: of a task that was never shipped itself it is not said that it was."""
    one = task(db, "Import")
    finish(db, one, "shipped", SINCE)
    after = task(db, "Its follow-up", follow_up_of=one)
    used(after, SINCE + DAY)
    said = {made.kind: made.text for made in insights.eligible(db, MONDAY, NOW)}
    assert said["rework"] == (
        "Its follow-up used $10.00 of list value within 14 days after Import, which it follows up, was shipped. "
        "Does it need a decision?"
    )
    finish(db, after, "shipped", SINCE + HOUR)
    said = {made.kind: made.text for made in insights.eligible(db, MONDAY, NOW)}
    assert said["rework"].startswith("Its follow-up used $10.00 of list value within 14 days after it was shipped.")


# ---- shipped again, merged -------------------------------------------------------------------------------------------


def test_what_is_shipped_again_is_asked_about_again(db: sqlite3.Connection) -> None:
    one = task(db)
    finish(db, one, "shipped", NOW - 20 * DAY)
    reviews.answer_follow_up(db, one, 7, "yes", NOW - 10 * DAY)
    assert followups.due(db, NOW) == []
    tasks.reopen(db, one, NOW - 9 * DAY)
    finish(db, one, "shipped", NOW - 8 * DAY)
    assert [(made.task, made.days) for made in followups.due(db, NOW)] == [(one, 7)]
    reviews.answer_follow_up(db, one, 7, "no", NOW)
    assert followups.due(db, NOW) == []


@pytest.mark.parametrize("said", ["", "unsure"])
def test_a_merge_takes_over_verdict_and_answers_that_the_kept_task_does_not_have(
    db: sqlite3.Connection, said: str
) -> None:
    """AC 16: and its undoing gives them back."""
    kept, gone = task(db, "Kept"), task(db, "Gone")
    for one in (kept, gone):
        finish(db, one, "shipped", NOW - 35 * DAY)
    worth.answer(db, gone, "yes", NOW - 20 * DAY)
    for days in (7, 30):
        reviews.answer_follow_up(db, gone, days, "yes", NOW - DAY)
    if said:
        worth.answer(db, kept, said, NOW - 21 * DAY)
        reviews.answer_follow_up(db, kept, 7, said, NOW - 21 * DAY)
    before = reviews.follow_ups(db)
    with journal.change(db, "Merged", NOW):
        tasks.merge(db, kept, gone, NOW)
    verdict = reviews.verdict(db, kept)
    assert verdict is not None
    assert verdict.worth == (said or "yes")
    assert reviews.follow_ups(db) == {(kept, 7): said or "yes", (kept, 30): "yes"}
    journal.undo(db, NOW)
    again = reviews.verdict(db, gone)
    assert again is not None
    assert (again.worth, reviews.follow_ups(db)) == ("yes", before)


# ---- whose week it is ------------------------------------------------------------------------------------------------


def test_what_a_review_on_monday_judged_is_told_there_and_asked_no_more(db: sqlite3.Connection, used: Use) -> None:
    """AC 41, 43: the snapshot of the week that was looked back on tells it; the next review neither asks nor lists it."""
    quiet, alone, busy = task(db, "Quiet"), task(db, "No agent"), task(db, "Busy")
    used(quiet, SINCE - 14 * DAY)
    used(busy, SINCE - 3 * DAY, SINCE + DAY)
    before, morning = MONDAY - WEEK, SINCE + 9 * HOUR
    finish(db, quiet, "learned", morning)
    finish(db, alone, "abandoned", morning)
    asked = steps.to_judge(db, before, morning + HOUR)
    assert {(one.task.title, one.because) for one in asked} == {("Quiet", "finished"), ("No agent", "finished")}
    closed = snapshot.read(closing.close(db, before, morning + HOUR).snapshot)
    assert {(row.name, row.outcome) for row in closed.tasks} == {
        ("Busy", None), ("Quiet", "learned"), ("No agent", "abandoned")
    }  # fmt: skip
    assert [one.task.title for one in steps.to_judge(db, MONDAY, NOW)] == []
    assert [row.name for row in week(db, MONDAY, NOW).told.tasks] == ["Busy"]
    assert steps.steps(db, MONDAY, NOW).alone == 0
    closing.reopen(db, before)
    again = snapshot.read(closing.close(db, before, NOW + 9 * DAY).snapshot)  # when the next week is over too
    assert again.tasks == closed.tasks


def test_what_is_finished_after_a_closing_within_the_week_is_asked_in_the_next(
    db: sqlite3.Connection, used: Use
) -> None:
    one, judged_there = task(db, "On Saturday"), task(db, "On Thursday")
    for made in (one, judged_there):
        used(made, SINCE + DAY)
    finish(db, judged_there, "learned", SINCE + 3 * DAY)
    closing.close(db, MONDAY, SINCE + 4 * DAY)
    finish(db, one, "learned", SINCE + 5 * DAY)
    after = SINCE + 13 * DAY
    assert [made.task.title for made in steps.to_judge(db, MONDAY + WEEK, after)] == ["On Saturday"]


def test_weeks_closed_as_they_are_tell_each_finished_task_once(db: sqlite3.Connection, used: Use) -> None:
    """AC 42."""
    one = task(db)
    for back in (3, 2, 1):
        used(None, SINCE - back * 7 * DAY + HOUR)
    finish(db, one, "learned", SINCE - 10 * DAY)
    made = closing.close_earlier(db, clock.day_of(NOW), NOW)
    assert [(told.week, [row.name for row in snapshot.read(told.snapshot).tasks]) for told in made] == [
        ("2026-W44", []), ("2026-W45", ["Refunds"]), ("2026-W46", [])
    ]  # fmt: skip


def test_ac41_a_later_edit_that_makes_rework_of_a_closed_week_is_told(db: sqlite3.Connection, used: Use) -> None:
    first, second, shipped = task(db, "First"), task(db, "Second"), task(db, "Shipped")
    finish(db, first, "shipped", SINCE)
    used(second, SINCE + DAY, SINCE + 2 * DAY)
    used(shipped, SINCE + 3 * DAY)
    finish(db, second, "delivered", SINCE + 3 * DAY)
    finish(db, shipped, "shipped", SINCE + 2 * DAY)
    closing.close(db, MONDAY, NOW)
    tasks.edit(db, second, follow_up_of=first)
    found = week(db, MONDAY, NOW)
    assert found.changed is not None
    assert (found.changed.list_value, found.changed.sessions, found.changed.tasks) == (0, (), (second,))
    assert list(tasks_changed(db, found)) == [("Second", "delivered", "rework", 20 * DOLLAR)]
    finish(db, shipped, "abandoned", NOW)
    told = list(tasks_changed(db, week(db, MONDAY, NOW)))
    assert told[1:] == [("Shipped", "shipped", "abandoned", 0), ("Shipped", "rework", "abandoned", 10 * DOLLAR)]


def test_a_sentence_that_a_later_week_said_is_not_said_of_an_earlier_one(db: sqlite3.Connection, used: Use) -> None:
    """AC 40: none is repeated within three weeks, whichever was looked back on first."""
    for at in (SINCE - 6 * DAY, SINCE + DAY):
        used("", at)
    assert [one.kind for one in insights.show(db, MONDAY, NOW)] == ["unlinked"]
    assert insights.insights(db, MONDAY - WEEK, NOW) == []


def test_a_late_review_asks_of_what_a_task_had_used_by_the_end_of_its_week(db: sqlite3.Connection, used: Use) -> None:
    for n in range(5):
        one = task(db, f"M{n}", size="M")
        used(one, SINCE - 30 * DAY, dollars=20 + n)
        finish(db, one, "shipped", SINCE - 29 * DAY)
    mine = task(db, "mine", size="M")
    used(mine, SINCE + DAY, dollars=70)
    used(mine, SINCE + 8 * DAY, dollars=500)
    said = {made.kind: made.text for made in insights.eligible(db, MONDAY, SINCE + 9 * DAY)}
    assert said["past usual"].startswith("mine used $70.00 of list value, above your usual range")


# ---- what a week says ------------------------------------------------------------------------------------------------


def test_a_week_that_has_not_begun_has_no_paid_figure(db: sqlite3.Connection) -> None:
    """AC 5: nothing is known of what days to come cost."""
    told = week(db, MONDAY + WEEK, NOW).told
    assert (told.paid, told.paid_complete, told.paid_through, told.paid_rows) == (None, False, None, ())
    cost = paid(db, MONDAY + WEEK, MONDAY + 2 * WEEK)
    assert (cost.amount, cost.sentence, cost.how.n) == (None, "These days have not come yet.", 0)


def test_a_snapshot_keeps_the_tokens_of_the_week_each_sort_apart(db: sqlite3.Connection, used: Use) -> None:
    """Product 2.6: totals by measure."""
    used(None, SINCE + DAY, SINCE + 2 * DAY)
    told = snapshot.read(closing.close(db, MONDAY, NOW).snapshot)
    assert told.tokens == snapshot.TokensRow(2, 2, 0, 0, 0)


def test_a_title_cannot_turn_a_sentence_round_nor_break_it(db: sqlite3.Connection, used: Use) -> None:
    used(None, SINCE + DAY, dollars=90, title="\x1b[31mred \u202edne\nWeek 2026-W47: closed" + "x" * 300)
    used(None, SINCE + DAY)
    text = {made.kind: made.text for made in insights.eligible(db, MONDAY, NOW)}["session"]
    assert text.isprintable()
    assert text.endswith("[31mred dne Week 2026-W47: closed" + "x" * 46 + "….")


@pytest.mark.parametrize(
    "asked", ["what did I learn about kafka", "Kafka?", "what did we learn about Kafka retention?"]
)
def test_a_question_finds_what_it_is_about(db: sqlite3.Connection, asked: str) -> None:
    """Q22: its small words need not stand there."""
    one = task(db, "Spike")
    finish(db, one, "learned", NOW, "Kafka retention is by size too")
    assert [(hit.kind, hit.id) for hit in search(db, asked)] == [("learned", one)]
    assert search(db, "what did I learn about zebras") == []
    assert [hit.id for hit in search(db, "is too")] == [one]


# ---- stores of before ------------------------------------------------------------------------------------------------


def test_a_store_of_before_gets_the_times_at_which_its_outcomes_began(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("before") / "store.db"
    with leaving(sqlite3.connect(path, isolation_level=None)) as old:
        migrations.apply(old, until="m016_standing")
        old.executemany(
            """insert into tasks (id, uid, title, note, status, outcome, finished_at, created_at)
               values (?, ?, ?, '', ?, ?, ?, 0)""",
            [(1, "a", "Shipped later", "finished", "shipped", 10), (2, "b", "A typo", "finished", "shipped", 10),
             (3, "c", "Open again", "open", None, None), (4, "d", "Corrected", "finished", "abandoned", 10)],
        )  # fmt: skip
        old.executemany(
            "insert into outcomes (task_id, at, outcome) values (?, ?, ?)",
            [(1, 10, "delivered"), (1, 20, "shipped"), (2, 10, "shipped"), (2, 30, "shipped"), (3, 10, "shipped"),
             (3, 15, "shipped"), (3, 40, None), (4, 10, "shipped"), (4, 11, "abandoned")],
        )  # fmt: skip
    with leaving(open_store(path)) as db:
        assert {one.id: one.finished_at for one in tasks.tasks(db)} == {"a": 20, "b": 10, "c": None, "d": 11}
        rows = db.execute("select task_id, at from shippings order by 1, 2")
        assert list(map(tuple, rows)) == [(1, 20), (2, 10), (3, 10)]
        assert tasks.first_finished(db) == {"a": 10, "b": 10, "d": 10}
