"""What was handed over, and whether it still holds (AC 48: a changed digit is detected)."""

from __future__ import annotations

import json
import re
import sqlite3

import one_on_one
import pytest

from tokentrack.export import records, render
from tokentrack.export.options import Options, read_options, text_of
from tokentrack.review import closing
from tokentrack.store import exports, tasks, transaction

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
        ('"value": 209000000', '"value": 208000000', "cost paid"),
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
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        closing.close(db, one_on_one.MONDAYS[3], NOW)
    again = records.verify(db, data, NOW)
    assert again.result == records.CHANGED
    assert records.Difference("work “Webhook retries (PAY-25)” share", "25%", "30%") in again.differences


@pytest.mark.parametrize("data", [b"", b"{}", b"# AI-assisted work", b"\xff\xfe", b"%PDF-1.4", b'{"schema": "other"}'])
def test_what_is_no_export_cannot_be_verified(db: sqlite3.Connection, data: bytes) -> None:
    assert records.verify(db, data, NOW).result == records.CANNOT


def test_a_document_with_a_field_added_is_refused(db: sqlite3.Connection, handed) -> None:
    told = json.loads(handed()) | {"tokens": 1}
    assert records.verify(db, json.dumps(told).encode(), NOW).result == records.CANNOT


def test_a_store_that_made_no_such_page_cannot_verify_it(db: sqlite3.Connection, made) -> None:
    assert records.verify(db, render(made(), "json"), NOW).result == records.CANNOT


def test_the_record_keeps_choices_and_no_bytes(db: sqlite3.Connection, handed) -> None:
    """What did I hand over in October? Nothing of what the page says is kept."""
    handed(without=frozenset({tasks.tasks(db)[0].id}), accepted=(2,))
    (one,) = exports.exports(db)
    assert (one.format, one.weeks, one.created) == (
        "json",
        ("2026-W44", "2026-W45", "2026-W46", "2026-W47"),
        "2026-11-22",
    )
    assert (one.withheld, one.accepted, one.at) == (1, 1, NOW)
    assert exports.exports(db, since=NOW + 1) == exports.exports(db, until=NOW) == []
    assert "Refunds" not in one.options
    assert text_of(read_options(one.options)) == one.options
