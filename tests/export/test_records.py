"""What was handed over, and whether it still holds (AC 48: a changed digit is detected)."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from datetime import date

import msgspec
import one_on_one
import pytest

from tokentrack.export import payload, records, render
from tokentrack.export.options import Options, read_options, text_of
from tokentrack.model.costs import Charge
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing
from tokentrack.store import exports, journal, links, reviews, tasks, transaction, write
from tokentrack.store import money as ledger

NOW = one_on_one.ms(one_on_one.NOW)


@pytest.fixture
def handed(db: sqlite3.Connection, made):
    """`handed()`: the bytes of a JSON page that left, with a note of it in the store."""

    def over(**options: object) -> bytes:
        page = made(**options)
        chosen = Options(**({"weeks": one_on_one.MONDAYS, "created": one_on_one.CREATED} | options))
        with transaction(db):
            records.note(db, page, chosen, "json", NOW)
        return render(page, "json")

    return over


def test_what_was_handed_over_is_equal_to_what_the_weeks_say(db: sqlite3.Connection, handed) -> None:
    assert records.verify(db, handed(), NOW).result == records.EQUAL


def test_withheld_rows_aliases_and_edits_are_made_again(db: sqlite3.Connection, handed) -> None:
    """From the choices that the store keeps: the file itself tells nothing of what was withheld."""
    first = tasks.tasks(db)[0].id
    data = handed(without=frozenset({first}), aliases=(("ledger", "Client A"),), edits=(("cost.paid", ""),))
    assert records.verify(db, data, NOW + 40 * 86_400_000).result == records.EQUAL


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('"value": 209000000', '"value": 208000000', "cost 1 figures “paid”"),
        ('"value": "25%"', '"value": "20%"', "work “Webhook retries (PAY-25)” share"),
        ('"withheld": 0', '"withheld": 1', "trimmed withheld"),
        ('"created": "2026-11-22"', '"created": "2026-11-21"', "created"),
        ("Refunds survive retries", "Refunds survive everything", "work “Refunds survive everything (PAY-12)” work"),
    ],
)
def test_ac48_a_changed_digit_or_word_is_found_and_named(
    db: sqlite3.Connection, handed, before: str, after: str, where: str
) -> None:
    data = handed().decode()
    assert before in data
    found = records.verify(db, data.replace(before, after, 1).encode(), NOW)
    assert found.result == records.ALTERED
    assert where in [one.where for one in found.differences]


@pytest.mark.parametrize(
    ("before", "first", "name"),
    [
        ('"withheld": 0', '"withheld": 3', "withheld"),
        ('"value": "25%"', '"value": "90%"', "value"),
        ('"work": [', '"w\\u006frk": []', "work"),
    ],
)
def test_ac48_a_file_that_tells_something_twice_is_not_as_it_was_made(
    db: sqlite3.Connection, handed, before: str, first: str, name: str
) -> None:
    """A reader sees the first of two, a program takes the last. How the file is laid out is no matter."""
    data = handed()
    assert records.verify(db, json.dumps(json.loads(data)).encode(), NOW).result == records.EQUAL
    doubled = data.decode().replace(before, f"{first}, {before}", 1)
    found = records.verify(db, doubled.encode(), NOW)
    assert found == records.Verified(records.ALTERED, f"the file is not as it was made: it tells “{name}” twice")


def test_ac48_a_file_that_was_digested_anew_is_not_known(db: sqlite3.Connection, handed) -> None:
    """Whoever changes the digest too has a page that this store never made."""
    data = re.sub(r'"sha256": "\w+"', f'"sha256": "{"0" * 64}"', handed().decode())
    assert records.verify(db, data.encode(), NOW).result == records.CANNOT


def test_ac48_weeks_that_changed_since_close_say_so_with_the_rows(db: sqlite3.Connection, handed) -> None:
    data = handed()
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    month.tasks = {task.key: task.id for task in tasks.tasks(db)}
    with transaction(db):
        month.used("late", 50, "2026-11-18T12:00", "PAY-25")
    late = records.verify(db, data, NOW)
    assert late.result == records.CHANGED
    assert late.differences == (records.Difference("weeks changed_since_closing", "0", "1"),)
    ((where, then, now),) = late.rows
    assert where.startswith("2026-W47 session ")
    assert where.endswith(" session of late, PAY-25 Webhook retries")
    assert (then, now) == (None, "$50.00 list value")
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        closing.close(db, one_on_one.MONDAYS[3], NOW + 1)
    again = records.verify(db, data, NOW)
    assert again.result == records.CHANGED
    assert records.Difference("work “Webhook retries (PAY-25)” share", "25%", "30%") in again.differences
    assert again.rows == late.rows, "the week was closed anew, and said something else when the page left"


def test_ac48_what_was_linked_judged_or_paid_otherwise_since_is_a_row(db: sqlite3.Connection, handed) -> None:
    """The session that moved, the task that was judged anew, the week whose charge came later: each then and now."""
    data = handed()
    named = {task.key: task.id for task in tasks.tasks(db)}
    with transaction(db), journal.change(db, "later", 0):
        session = db.execute("select uid from sessions where title = 'session of s8'").fetchone()[0]
        links.cut_out(db, session, Span())
        links.put(db, session, named["PAY-22"], Span(), "manual", NOW)
        tasks.finish(db, named["SPIKE-3"], "learned", "", NOW)
        ledger.add_charge(db, Charge(0, date(2026, 11, 18), 5_000_000, "late"), 0)
    rows = {where: (then, now) for where, then, now in records.verify(db, data, NOW).rows}
    moved = {where.partition(", ")[2]: change for where, change in rows.items() if "session of s8" in where}
    assert moved == {
        "PAY-22 Automatic ORM migration": (None, "$139.00 list value"),
        "PAY-25 Webhook retries": ("$139.00 list value", None),
    }
    assert rows["2026-W46 SPIKE-3 Event sourcing for the ledger"] == ("decided not to", "learned")
    assert rows["2026-W47 paid"] == ("$46.67", "$51.67")


def test_ac48_an_untouched_file_is_equal_whenever_the_same_page_left_again(db: sqlite3.Connection, made) -> None:
    """On each of two days the same was said, so both files have one digest; each holds, and each day is checked."""
    files = []
    for day in (date(2027, 1, 1), date(2027, 1, 2)):
        page = made(created=day)
        chosen = Options(weeks=one_on_one.MONDAYS, created=day)
        with transaction(db):
            records.note(db, page, chosen, "json", one_on_one.ms(f"{day}T20:00"))
        files.append(render(page, "json"))
    now = one_on_one.ms("2027-01-03T20:00")
    assert [records.verify(db, data, now).result for data in files] == [records.EQUAL, records.EQUAL]
    other = records.verify(db, files[0].replace(b'"created": "2027-01-01"', b'"created": "2026-12-31"'), now)
    assert (other.result, [one.where for one in other.differences]) == (records.ALTERED, ["created"])


def test_ac48_a_running_week_closed_on_friday_says_the_same_from_saturday_on(
    db: sqlite3.Connection, made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was paid is told for the days that were counted when the week was closed."""
    friday, week = date(2026, 11, 20), one_on_one.MONDAYS[3:]
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T16:00:00Z")
    with transaction(db):
        closing.reopen(db, week[0])
        closing.close(db, week[0], one_on_one.ms("2026-11-20T16:00"))
    page = made(weeks=week, created=friday)
    assert page.cost[0].text == "About $33 paid: $33 for 5 days of a plan at $200/month."
    with transaction(db):
        records.note(db, page, Options(weeks=week, created=friday), "json", one_on_one.ms("2026-11-20T16:00"))
    for day in ("2026-11-21", "2026-12-10"):
        monkeypatch.setenv("TOKENTRACK_NOW", f"{day}T10:00:00Z")
        assert records.verify(db, render(page, "json"), one_on_one.ms(f"{day}T10:00")).result == records.EQUAL
        assert render(made(weeks=week, created=friday), "md") == render(page, "md")


def test_ac48_neither_a_new_version_nor_an_older_log_changes_what_weeks_say(db: sqlite3.Connection, handed) -> None:
    data = handed()
    told = payload.read(data)
    older = msgspec.structs.replace(told, made=msgspec.structs.replace(told.made, tokentrack="0.0.9"), sha256="")
    older = msgspec.structs.replace(older, sha256=payload.digest_of(older))
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    with transaction(db):
        db.execute("update exports set sha256 = ?", [older.sha256])  # as that version noted it
        month.used("old", 3, "2026-01-05T10:00")
    assert records.verify(db, msgspec.json.encode(older), NOW).result == records.EQUAL
    with transaction(db):
        month.tasks = {task.key: task.id for task in tasks.tasks(db)}
        month.finish("PAY-12", "shipped", "2026-11-03T14:00", "three causes closed")
    found = records.verify(db, msgspec.json.encode(older), NOW)
    assert (found.result, found.reason) == (
        records.CHANGED,
        "the weeks say something else now, or tokentrack 0.0.9 said it otherwise",
    )


LATER = NOW + 18 * 86_400_000
OTHER_NAMES = {
    "alias that is kept": lambda db, task: write.set_setting(db, "export_aliases", "Refunds=Money back"),
    "private project": lambda db, task: write.set_setting(db, "private_projects", "shop"),
    "alias of a task": lambda db, task: tasks.edit(db, task.id, alias="Hooks"),
    "title": lambda db, task: tasks.edit(db, task.id, title="Hooks"),
}
"""What the person may call otherwise ▶ how."""


@pytest.mark.parametrize("what", OTHER_NAMES)
def test_ac48_other_names_are_told_as_such_and_no_week_changed(db: sqlite3.Connection, handed, what: str) -> None:
    """Each of them made every earlier file `changed since close`, with some 30 places and no row of a week."""
    edited = (("sure.holds", "I believe PAY-12 may have been faster with the agent."),)
    data = handed(edits=edited if what in ("title", "alias of a task") else ())
    with transaction(db):
        OTHER_NAMES[what](db, tasks.tasks_like(db, "PAY-25")[0])
    found = records.verify(db, data, LATER)
    assert (found.result, found.rows) == (records.NAMES, ())
    assert all(where.startswith(("work “", "sure ", "change ")) for where, _, _ in found.differences)
    if what != "private project":
        (renamed,) = found.differences
        old, new = renamed.then, renamed.now
        assert (old, new) in [
            ("Refunds survive retries (PAY-12)", "Money back survive retries (PAY-12)"),
            ("Webhook retries (PAY-25)", "Hooks"),
            ("Webhook retries (PAY-25)", "Hooks (PAY-25)"),
        ]
        assert renamed.where == f"work “{old}” work"


def test_ac48_other_names_are_told_of_the_rows_that_bear_them(db: sqlite3.Connection, handed) -> None:
    """Without shares rows stand by their names, so a new name moves its row: others were told to have changed as well."""
    data = handed(out=frozenset({"shares", "outcomes"}))
    with transaction(db):
        tasks.edit(db, tasks.tasks_like(db, "PAY-12")[0].id, title="Zzz")
    assert records.verify(db, data, LATER).differences == (
        records.Difference(
            "work “Refunds survive retries (PAY-12)” work", "Refunds survive retries (PAY-12)", "Zzz (PAY-12)"
        ),
    )


def test_ac48_weeks_that_changed_too_are_told_without_the_names(db: sqlite3.Connection, handed) -> None:
    data = handed()
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    with transaction(db):
        write.set_setting(db, "export_aliases", "Webhook=Hook")
        month.used("late", 50, "2026-11-18T12:00")
    found = records.verify(db, data, LATER)
    assert found.result == records.CHANGED
    assert [one.where for one in found.differences] == ["weeks changed_since_closing"]
    assert len(found.rows) == 1


def test_ac48_an_older_note_without_names_says_that_they_may_have_changed(db: sqlite3.Connection, handed) -> None:
    data = handed()
    with transaction(db):
        (note,) = exports.exports(db)
        plain = msgspec.structs.replace(read_options(note.options), kept=None)
        db.execute("update exports set options = ?", [text_of(plain)])
    assert records.verify(db, data, LATER).result == records.EQUAL
    with transaction(db):
        write.set_setting(db, "export_aliases", "Webhook=Hook")
    assert "names have changed" in records.verify(db, data, LATER).reason


@pytest.mark.parametrize("field", ["technical", "rate"])
def test_ac48_use_after_the_page_changes_none_of_its_figures(
    db: sqlite3.Connection, made, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """M5 goes up to the weeks of the page; tokens are those of closed weeks, wherever one is. A late session is one row."""
    with transaction(db):
        write.set_setting(db, "rate", "60000000")
    page = made(fields=frozenset({field}))
    chosen = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, fields=frozenset({field}))
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    month.tasks = {task.key: task.id for task in tasks.tasks(db)}
    with transaction(db), journal.change(db, "judged", 0):
        records.note(db, page, chosen, "json", NOW)
        month.used("s8", 50, "2026-11-25T10:00", "PAY-25")
        reviews.judge(db, month.tasks["PAY-25"], reviews.Verdict(one_on_one.ms("2026-11-25T10:00"), "yes", 1, 1))
        write.set_setting(db, "rate", "90000000")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert records.verify(db, render(page, "json"), LATER)[:3] == (
            records.EQUAL,
            "it says what these weeks say",
            (),
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    with transaction(db):
        month.used("late", 400, "2026-11-18T12:00", "PAY-25")
    found = records.verify(db, render(page, "json"), LATER)
    assert [one.where for one in found.differences] == ["weeks changed_since_closing"]
    assert len(found.rows) == 1


def test_ac48_work_that_is_finished_later_changes_no_page_on_which_it_was_open(db: sqlite3.Connection, handed) -> None:
    """It was in progress by then, and its estimates of today are none of that day."""
    data = handed()
    with transaction(db):
        task = tasks.tasks_like(db, "PAY-25")[0].id
        tasks.finish(db, task, "shipped", "done", NOW + 1)
        tasks.add_estimate(db, task, "with_ai", 60, 60, NOW + 90_000_000)
    assert records.verify(db, data, NOW + 40 * 86_400_000).result == records.EQUAL


def test_ac48_what_came_later_on_the_day_of_the_page_changes_nothing(db: sqlite3.Connection, handed) -> None:
    """An hour after it left other work was finished with estimates: the weeks were said to tell something else, by no row."""
    data = handed()
    hour = 3_600_000
    with transaction(db), journal.change(db, "later", 0):
        other = tasks.add(db, Task("", "Other work of mine", None, None, None, NOW - 9 * hour)).id
        tasks.add_estimate(db, other, "without_ai", 60, 120, NOW - hour)
        tasks.finish(db, other, "shipped", "", NOW + hour)
        tasks.add_estimate(db, other, "with_ai", 90, 90, NOW + hour + 1)
        tasks.add_estimate(db, tasks.tasks_like(db, "PAY-12")[0].id, "with_ai", 6000, 6000, NOW + hour)
    assert records.verify(db, data, LATER).result == records.EQUAL


def test_ac48_a_change_says_where_it_comes_from(db: sqlite3.Connection, handed) -> None:
    """Evidence goes by the key of work, and a closed week keeps neither that nor estimates."""
    data = handed()
    (work,) = tasks.tasks_like(db, "PAY-12")
    with transaction(db), journal.change(db, "edited", 0):
        tasks.edit(db, work.id, key="PAY-999")
    found = records.verify(db, data, LATER)
    assert (found.result, found.reason) == (records.CHANGED, "the evidence says something else now")
    assert [one.where for one in found.differences] == ["work “Refunds survive retries (PAY-12)” evidence"]
    with transaction(db), journal.change(db, "withdrawn", 0):
        db.execute("delete from estimates where task_id = (select id from tasks where uid = ?)", [work.id])
    assert records.verify(db, data, LATER).reason == "the evidence and the estimates say something else now"
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
    assert records.verify(db, data, LATER).reason == "the weeks, the evidence and the estimates say something else now"


@pytest.mark.parametrize("outcome", ["shipped", "abandoned"])
def test_ac48_a_merge_leaves_work_the_sentence_that_it_had(db: sqlite3.Connection, handed, made, outcome: str) -> None:
    """The other's outcome came later, so it was taken for the last word on both."""
    data = handed()
    with transaction(db):
        other = tasks.add(db, Task("", "The same again", None, None, None, NOW)).id
        tasks.finish(db, other, outcome, "", one_on_one.ms("2026-11-12T10:00"))
    (work,) = tasks.tasks_like(db, "PAY-12")
    with transaction(db), journal.change(db, "merged", 0):
        tasks.merge(db, work.id, other, NOW + 1)
    assert next(row.note.text for row in made().rows if row.task == work.id) == "two recurring support causes closed"
    assert records.verify(db, data, LATER).result == records.EQUAL


def test_two_pieces_of_work_of_one_name_are_told_apart(db: sqlite3.Connection, handed) -> None:
    with transaction(db):
        for key in ("PAY-22", "PAY-25"):
            tasks.edit(db, tasks.tasks_like(db, key)[0].id, title="Same", alias="Same")
    told = records.verify(db, handed().replace(b'"value": "20%"', b'"value": "10%"'), NOW)
    assert [one for one in told.differences if one.where.endswith("share")] == [
        records.Difference("work “Same” share", "10%", "20%")
    ]
    told = records.verify(db, handed().replace(b'"value": "25%"', b'"value": "10%"'), NOW)
    assert ("10%", "25%") in [(one.then, one.now) for one in told.differences if "“Same” (8) share" in one.where]


def test_a_foreign_file_moves_no_cursor(db: sqlite3.Connection, handed) -> None:
    r"""`\u001b[2J` in a value, or in the name of work, would clear the terminal in which it is verified."""
    data = handed().replace(b'"value": "25%"', rb'"value": "\u001b[2J\u001b]0;x\u0007 25%"')
    told = records.verify(db, data.replace(b"Webhook", rb"\u202eWeb\u0007hook"), NOW)
    said = "".join(part or "" for one in told.differences for part in one)
    assert "25%" in said
    assert said.isprintable()


@pytest.mark.parametrize("data", [b"", b"{}", b"# AI-assisted work", b"\xff\xfe", b"%PDF-1.4", b'{"schema": "other"}'])
def test_what_is_no_export_cannot_be_verified(db: sqlite3.Connection, data: bytes) -> None:
    assert records.verify(db, data, NOW).result == records.CANNOT


def test_a_document_with_a_field_added_is_refused(db: sqlite3.Connection, handed) -> None:
    told = json.loads(handed()) | {"tokens": 1}
    assert records.verify(db, json.dumps(told).encode(), NOW).result == records.CANNOT


def test_a_store_that_made_no_such_page_cannot_verify_it(db: sqlite3.Connection, made) -> None:
    assert records.verify(db, render(made(), "json"), NOW).result == records.CANNOT


def test_the_record_keeps_choices_and_no_bytes(db: sqlite3.Connection, handed) -> None:
    """What did I hand over in October? But for the names of work, nothing of what the page says is kept."""
    handed(without=frozenset({tasks.tasks(db)[0].id}), accepted=(2,))
    (one,) = exports.exports(db)
    assert (one.format, one.weeks, one.created) == (
        "json",
        ("2026-W44", "2026-W45", "2026-W46", "2026-W47"),
        "2026-11-22",
    )
    assert (one.withheld, one.accepted, one.at) == (1, 1, NOW)
    assert exports.exports(db, since=NOW + 1) == exports.exports(db, until=NOW) == []
    assert "Checkout tests no longer flaky" in one.options, "by these names it is made again"
    assert not any(text in one.options for text in ("two recurring", "#318", "stop point", "15%"))
    assert text_of(read_options(one.options)) == one.options
