"""Cursor's usage export: cases C3 to C5, its layouts, what is rejected, and what counts once (issue 3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cursor_csv_files import NEW, NEWEST, OLD, row

from tokentrack.agents.cursor_csv import Export, NotAnExport, UsageRow, cost_of, read_export, same_model


def export(folder: Path, head: str, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Export:
    file = folder / "usage.csv"
    file.write_bytes(end.join([head, *lines]).encode(encoding))
    return read_export(file)


def kinds(found: UsageRow) -> tuple[int, int, int, int]:
    """(input, output, cache write, cache read), as the cases give them."""
    return found.input, found.output, found.cache_write, found.cache_read


def test_c3_the_old_header(tmp_path: Path) -> None:
    found = export(tmp_path, OLD, row("2025-03-01", "gpt-4o", 10, 5, 0, 15, "$0.10", layout=OLD))
    assert kinds(found.rows[0]) == (5, 15, 10, 0)
    assert (found.rows[0].cost, found.rows[0].day, found.rows[0].at) == (100_000, "2025-03-01", None)
    assert (found.rejected, found.doubts) == ([], [])


def test_c4_the_new_header(tmp_path: Path) -> None:
    found = export(tmp_path, NEW, row())
    assert kinds(found.rows[0]) == (775, 21282, 28342, 105891)
    assert (found.rows[0].cost, found.rows[0].at, found.rows[0].model) == (190_000, 1_794_477_600_000, "auto")
    assert same_model("auto", "claude-4.6-opus")  # it names none, so it may be any


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("$1,234.56", 1_234_560_000), ("", 0), ("NaN", 0), ("0.19", 190_000), ("Included", 0), ("-", 0), ("Free", 0),
        ("0", 0), ("$0.000001", 1), ("1e3", 1_000_000_000), ("a lot", None), ("inf", None), ("-5", None), ("$", None),
    ],
)  # fmt: skip
def test_c5_costs(text: str, cost: int | None) -> None:
    assert cost_of(text) == cost


def test_the_newest_header_and_columns_in_any_order_and_spelling(tmp_path: Path) -> None:
    found = export(tmp_path, NEWEST, row(layout=NEWEST), row(model="composer-2.5-fast", cost="1", layout=NEWEST))
    assert [kinds(one) for one in found.rows] == [(775, 21282, 28342, 105891)] * 2
    mixed = "user email, OUTPUT tokens ,cache read,Input (w/o  Cache Write),input (w/ cache write),model,date"
    found = export(tmp_path, mixed, 'a@b.example,4,3,2,"1,000",gpt-5,2026-01-02T03:04:05.678Z')
    assert kinds(found.rows[0]) == (2, 4, 1000, 3)
    assert found.rows[0].cost == 0


@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\r\n"), ("utf-8", "\n"), ("utf-16", "\r\n")])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    found = export(tmp_path, NEW, row(), "", row(cost='$1,000"" '), encoding=encoding, end=end)
    assert len(found.rows) == 2
    assert found.lines == 2


def test_failed_requests_are_no_spend(tmp_path: Path) -> None:
    found = export(
        tmp_path, NEW, row(kind="Errored, No Charge", cost="0.5"), row(kind="free"), row(kind="User API Key")
    )
    assert [(one.charged, one.cost) for one in found.rows] == [(False, 0), (True, 190_000), (True, 190_000)]


def test_rows_that_cannot_be_used_are_told_by_line(tmp_path: Path) -> None:
    found = export(
        tmp_path, NEW, row(), row("yesterday"), row(plain="many"), row(write=-1, total=5), row(output=10**15), "2026-01-01",
        row(total=1), row("2026-13-40"),
        row().rpartition(",")[0].rpartition(",")[0].rpartition(",")[0], row(write="", plain="", read="", output=""),
    )  # fmt: skip
    assert [(told.line, told.reason) for told in found.rejected] == [
        (3, "'yesterday' is no date"), (4, "a counter is no whole number"), (5, "a counter is no whole number"),
        (6, "a counter is no whole number"), (7, "it ends before its counters do"), (9, "'2026-13-40' is no date"),
        (10, "it ends before its counters do"), (11, "it has no counters"),
    ]  # fmt: skip
    assert [told.line for told in found.doubts] == [8]
    assert len(found.rows) == 2  # of a row that was cut short nobody knows what was used: not nothing


def test_equal_rows_are_two_and_overlapping_exports_one(tmp_path: Path) -> None:
    first = export(tmp_path, NEW, row(), row(), row(cost="5", model="x")).rows
    again = export(tmp_path, NEWEST, row(layout=NEWEST), row(layout=NEWEST), row(layout=NEWEST)).rows
    ids = [{(one.fingerprint, one.copy) for one in rows} for rows in (first, again)]
    assert [len(one) for one in ids] == [3, 3]
    assert len(ids[0] & ids[1]) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,2\n", "it has none of its columns"),
        (b"", "it has none of its columns"),
        (
            b"Date,Model,Cost\n",
            "it has no column Input (w/ Cache Write), Input (w/o Cache Write), Cache Read, Output Tokens",
        ),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "is no text"),
        (b'Date,Model\n"2026', "none of its columns|no column"),
        (NEW.encode() + b'\n"2026-01-01T00:00:00Z","x\n', "is no CSV file"),
        (NEW.encode() + b"\n" + b'"' + b"x" * 200_000 + b'"\n', "is no CSV file"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "other.csv"
    file.write_bytes(data)
    with pytest.raises(NotAnExport) as told:
        read_export(file)
    text = str(told.value)
    assert any(word in text for word in words.split("|"))
    assert text.endswith("nothing was imported.")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("claude-4.6-sonnet-medium-thinking", "claude-4.6-sonnet", True), ("gpt-5", "gpt-5", True), ("auto", "gpt-5", True),
        ("gpt-5", "gpt-5.1", False), ("claude-4.6-sonnet", "claude-4.6-opus", False), (None, "gpt-5", True),
        ("claude-sonnet-4.6", "claude-4.6-sonnet", True),
    ],
)  # fmt: skip
def test_labels_of_one_model(one: str | None, other: str | None, same: bool) -> None:
    assert same_model(one, other) == same
    assert same_model(other, one) == same
