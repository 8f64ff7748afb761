"""What others wrote moves no cursor, colours nothing and poses as no line of the command line's own."""

from __future__ import annotations

import re

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
