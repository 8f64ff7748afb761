"""`tokentrack export`: the page from the command line, stopped by a leak, noted, listed and verified."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing as leaving
from pathlib import Path

import pytest
from claude_logs import Machine, a_session_each
from command_line import Run

from tokentrack.export.options import FIELDS, USUAL
from tokentrack.store import open_store, transaction, write
from tokentrack.store.copies import copy_to

WEEKS = ["2026-W46", "2026-W47"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store is kept once a test has filled it."""
    return tmp_path_factory.mktemp("filled") / "store.db"


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch, machine: Machine, filled: Path) -> Run:
    """Two weeks of one session each, closed; the second is of a task."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")
    if not filled.exists():
        fill(run, machine)
        copy_to(machine.db, filled)
    with leaving(sqlite3.connect(filled)) as made:
        made.backup(machine.db)
    return run


def fill(run: Run, machine: Machine) -> None:
    a_session_each(machine, {"A": "2026-11-11", "B": "2026-11-18"})
    session = run("sessions", "--since", "2026-11-16", "--json").json["sessions"][0]["id"]
    run("task", "add", "Refunds", "--key", "PAY-30")
    run("link", session, "PAY-30")
    run("review", "close", WEEKS[0])
    run("review", "close", WEEKS[1], "--note", "A plain note.")


def count(run: Run) -> int:
    return len(run("export", "list", "--json").json["exports"])


def test_the_page_of_the_closed_weeks_goes_to_standard_output(run: Run) -> None:
    told = run("export")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("# AI-assisted work, 9 Nov - 22 Nov 2026\n")
    assert "| Refunds (PAY-30) | In progress | none | 50% |" in told.out
    assert run("export", "--from", WEEKS[0], "--to", WEEKS[1]).out == told.out
    assert run("export", "--week", WEEKS[1], "--week", WEEKS[0]).out == told.out
    assert "Week 47, closed" in run("export", "--week", WEEKS[1]).out


@pytest.mark.parametrize(
    ("name", "begins"),
    [("p.html", b"<!DOCTYPE"), ("p.csv", b"part,"), ("p.json", b"{"), ("p.md", b"# "), ("p.pdf", b"%PDF")],
)
def test_a_file_is_written_in_the_format_that_it_is_called_by(
    run: Run, tmp_path: Path, qapp: object, name: str, begins: bytes
) -> None:
    file = tmp_path / name
    told = run("export", "--out", str(file))
    assert (told.code, told.out, told.err) == (0, "", f"Wrote {file}.\n")
    assert file.read_bytes().startswith(begins)
    assert list(tmp_path.iterdir()) == [file]
    assert run("export", "list", "--json").json["exports"][0]["format"] == file.suffix[1:]


def test_ac46_a_finding_stops_the_export_and_is_named(run: Run, tmp_path: Path) -> None:
    """Exit 3; nothing is written and nothing is noted, until it is let through by its number."""
    run("task", "edit", "PAY-30", "--title", "See /home/me/secret")
    file = tmp_path / "page.html"
    told = run("export", "--out", str(file))
    assert (told.code, told.out) == (3, "")
    first, finding, *more = told.err.splitlines()
    assert first == "Nothing was written: 1 finding; change it, or let it through with --accept-finding N."
    assert finding.strip().startswith("1. absolute path, line ")
    assert finding.endswith("/home/me/secret")
    assert more == []
    assert not file.exists()
    assert count(run) == 0
    assert run("export", "--out", str(file), "--accept-finding", "2").code == 3
    assert run("export", "--out", str(file), "--accept-finding", "1").code == 0
    assert b"/home/me/secret" in file.read_bytes()
    assert run("export", "list", "--json").json["exports"][0]["accepted"] == 1


def test_private_words_stop_it_too(run: Run) -> None:
    with leaving(open_store(Path(os.environ["TOKENTRACK_STORE"]))) as db, transaction(db):
        write.set_setting(db, "private_words", "Refunds")
    assert run("export").code == 3
    assert run("export", "--alias", "refunds=Work A").code == 0
    told = run("export", "--alias", "PAY-30=The thing")
    assert told.code == 0
    assert "| The thing | In progress |" in told.out


def test_ac47_a_withheld_task_is_counted(run: Run) -> None:
    told = run("export", "--without-task", "PAY-30")
    assert "Refunds" not in told.out
    assert "| Withheld: 1 item |  |  | 50% |" in told.out
    assert run("export", "--without-task", "nothing").code == 1


def test_ac48_a_json_page_is_verified(run: Run, tmp_path: Path) -> None:
    """Equal: 0. Changed, or not to be verified: 1, with what differs."""
    file = tmp_path / "page.json"
    run("export", "--out", str(file))
    told = run("export", "--verify", str(file))
    assert (told.code, told.out) == (0, "Equal: it says what these weeks say.\n")
    before = json.loads(file.read_text())
    before["work"][0]["share"]["value"] = "45%"
    file.write_text(json.dumps(before))
    told = run("export", "--verify", str(file))
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines() == [
        "Altered: the file is not as it was made.",
        "  work “Refunds (PAY-30)” share: 45% ▶ 50%",
    ]
    page = tmp_path / "page.md"
    run("export", "--out", str(page))
    told = run("export", "--verify", str(page))
    assert (told.code, told.err.partition(":")[0]) == (1, "Cannot verify")
    assert run("export", "--verify", str(tmp_path / "none")).code == 2


def test_ac48_a_page_of_a_week_that_changed_since_says_so_with_the_rows(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "page.json"
    run("export", "--out", str(file))
    run("unlink", run("sessions", "--since", "2026-11-16", "--json").json["sessions"][0]["id"])
    told = run("export", "--verify", str(file))
    first, *rows = told.err.splitlines()
    assert (told.code, first) == (1, "Changed since close: the weeks say something else now.")
    assert [row.partition(", ")[2] for row in rows if " session " in row] == [
        "PAY-30 Refunds: <$0.01 list value ▶ not there",
        "unlinked: not there ▶ <$0.01 list value",
    ]


def test_what_is_let_through_is_what_was_found(run: Run, tmp_path: Path) -> None:
    """Numbers of nothing are none, and a number given twice is one; a file that is replaced is called so."""
    file = tmp_path / "page.md"
    run("export", "--out", str(file), "--accept-finding", "5", "--accept-finding", "6")
    run("task", "edit", "PAY-30", "--title", "See /home/me/secret")
    again = run("export", "--out", str(file), "--accept-finding", "1", "--accept-finding", "1", "--accept-finding", "7")
    assert (again.code, again.err) == (0, f"Replaced {file}.\n")
    assert [one["accepted"] for one in run("export", "list", "--json").json["exports"]] == [1, 0]


def test_ac47_withheld_work_that_a_note_names_stops_the_export(run: Run) -> None:
    run("review", "reopen", WEEKS[1])
    run("review", "close", WEEKS[1], "--note", "Refunds took long.")
    told = run("export", "--without-task", "PAY-30")
    assert told.code == 3
    assert "withheld work" in told.err


def test_what_was_handed_over_is_listed_by_month(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("export", "list").out == "Nothing was handed over.\n"
    run("export", "--format", "csv")
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-12-01T09:00:00Z")
    run("export", "--week", WEEKS[1])
    told = run("export", "list", "--json").json["exports"]
    assert [(one["format"], one["weeks"]) for one in told] == [("md", ["2026-W47"]), ("csv", WEEKS)]
    assert set(told[0]) == {"at", "format", "weeks", "created", "sha256", "withheld", "accepted"}
    assert [one["format"] for one in run("export", "list", "--month", "2026-11", "--json").json["exports"]] == ["csv"]
    assert "2026-W46 … 2026-W47 (2)" in run("export", "list", "--month", "2026-11").out
    assert run("export", "list", "--month", "2026-13").code == 2


def test_every_field_and_its_switch_is_told(run: Run) -> None:
    told = run("export", "fields")
    assert told.code == 0
    assert all(f"--with {field}" in told.out for field in FIELDS)
    assert all(f"--without {field}" in told.out for field in USUAL)
    assert "cannot be added" in told.out
    names = {one["name"] for one in run("export", "fields", "--json").json["fields"]}
    assert {*FIELDS, *USUAL} <= names
    assert count(run) == 0


def test_a_field_is_taken_out_and_the_page_says_so(run: Run) -> None:
    assert "PAY-30" in run("export").out
    told = run("export", "--without", "keys", "--without", "zone")
    assert "PAY-30" not in told.out
    assert "Not on this page, as I chose: keys of work and time zone." in told.out


def test_no_closed_week_and_none_named_is_a_plain_failure(run: Run) -> None:
    for week in WEEKS:
        run("review", "reopen", week)
    told = run("export")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("No week is closed")
    assert "Weeks 46-47, all open." in run("export", "--from", WEEKS[0], "--to", WEEKS[1]).out


@pytest.mark.parametrize(
    "arguments",
    [("--week", "W47"), ("--format", "docx"), ("--with", "prompts"), ("--from", "2026-W47"), ("--alias", "x"),
     ("--from", "2026-W47", "--to", "2026-W46"), ("--week", "2026-W47", "--from", "2026-W46"), ("--accept-finding", "0"),
     ("--without", "list-value"), ("--with", "list-value", "--without", "paid"),
    ("--with", "links", "--without", "evidence"),
     ("--with", "rate", "--without", "shares")],
)  # fmt: skip
def test_wrong_usage_is_said_in_one_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    told = run("export", *arguments)
    assert (told.code, told.out) == (2, "")


def test_a_week_to_come_is_refused(run: Run) -> None:
    told = run("export", "--week", "2027-W01")
    assert (told.code, told.err) == (1, "Week 2027-W01 has not begun on 2026-11-22.\n")


def test_a_file_that_cannot_be_written_is_not_noted(run: Run, tmp_path: Path) -> None:
    told = run("export", "--out", str(tmp_path / "none" / "page.md"))
    assert told.code == 1
    assert "Traceback" not in told.err
    assert count(run) == 0


def test_ac48_the_same_state_options_and_date_give_the_same_bytes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another hour of the day, and another run: the first one was noted, which changes nothing of the page."""
    for format_ in ("md", "html", "csv", "json"):
        one = run("export", "--format", format_)
        monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T23:10:00Z")
        assert run("export", "--format", format_).out == one.out
    assert run("export", "--created", "2026-11-22").out == run("export").out


def test_the_record_is_no_step_on_the_way_back(run: Run, machine: Machine) -> None:
    """A page that left cannot be taken back."""
    run("export")
    with leaving(sqlite3.connect(machine.store)) as db:
        assert db.execute("select count(*) from exports").fetchone() == (1,)
    run("undo")
    assert count(run) == 1
