"""What others wrote moves no cursor, colours nothing and poses as no line of the command line's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from claude_logs import Machine, answer, prompt
from command_line import Run

NASTY = "do \x1b[31mRED\x1b[0m \x07\x9b2J \u202egnp.exe \u2028and \r\nmore"
MARKS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def shop(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("TOKENTRACK_STORE", str(machine.store))
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    machine.log("P/S.jsonl", prompt(NASTY), answer("m1"), answer("m2", t=60))
    machine.scan()
    return machine


def test_a_title_a_note_and_a_sentence_are_plain_in_a_terminal(shop: Machine, run: Run) -> None:
    """Every command that prints them: no control character but line breaks, and those are the command's own."""
    session = run("sessions", "--json").json["sessions"][0]["id"]
    run("task", "add", NASTY, "--key", "X-1")
    run("link", session, "X-1")
    run("task", "edit", "X-1", "--note", f"note {NASTY}")
    run("task", "estimate", "X-1", "1..2", "usd")
    run("task", "finish", "X-1", "abandoned", "--note", f"why\nnot {NASTY}")
    run("review", "close", "2026-W47", "--note", f"told {NASTY}")
    assert "stopped: why not do" in run("task", "show", "X-1").out.replace("abandoned", "stopped")
    for command in (
        ("sessions",), ("session", session), ("search", "RED"), ("search", "why"), ("task", "list"), ("task", "show", "X-1"),
        ("review",), ("why", session), ("why", "list week:2026-W47"), ("links", session), ("usage", "--by", "session"),
        ("undo",), ("task", "show", f"none{NASTY}"),
    ):  # fmt: skip
        told = run(*command)
        assert not MARKS.search(told.out + told.err), command


def test_what_a_program_reads_is_utf8_whatever_the_locale(shop: Machine, run: Run) -> None:
    """cli.md, Everywhere: one JSON document, whose texts are whole; on Windows a pipe has a code page of its own."""
    run("task", "add", "「ü」 → Müller", "--key", "X-1")
    listing = [sys.executable, "-m", "tokentrack", "task", "list", "--json"]
    done = subprocess.run(listing, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, capture_output=True, check=True)
    assert json.loads(done.stdout.decode("utf-8"))["tasks"][0]["title"] == "「ü」 → Müller"


NAMES = {"Persian": "می\u200cخواهم", "Devanagari": "क्\u200dष", "family": "👨\u200d👩\u200d👧 calendar"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_title_is_kept_as_it_is_written(shop: Machine, run: Run, tmp_path: Path, name: str) -> None:
    """Letters and emoji that are joined stay so: Unicode's joiners are no control characters."""
    assert run("task", "add", name, "--json").json["task"]["title"] == name
    (tmp_path / "tasks.csv").write_text(f"title\n{name} again\n", encoding="utf-8")
    assert run("task", "import", str(tmp_path / "tasks.csv"), "--json").json["tasks"][0]["title"] == f"{name} again"
    assert name in run("task", "list").out


def test_a_title_of_which_nothing_is_seen_is_none(shop: Machine, run: Run) -> None:
    assert run("task", "add", "\u200c \u200d").code == 2


def test_what_was_printed_before_a_failure_arrives(shop: Machine, tmp_path: Path) -> None:
    """cli.md, Everywhere: one JSON document, also where a row was refused and the exit code says so."""
    rows = tmp_path / "rows.csv"
    rows.write_text("key,title\nA,\n")
    without = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "tokentrack", "task", "import", str(rows), "--json"]
    done = subprocess.run(command, env=without, capture_output=True, check=False)
    assert (done.returncode, len(json.loads(done.stdout)["rejected"])) == (1, 1)


def test_closed_outputs_are_no_trouble(shop: Machine) -> None:
    for closed in (">&-", "2>&-"):
        done = subprocess.run(f"{sys.executable} -m tokentrack today --json {closed}", shell=True, check=False)
        assert done.returncode == 0, closed
