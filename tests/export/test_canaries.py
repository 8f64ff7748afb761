"""AC 45: what logs, tasks, git and settings carry stays out of all five formats, the PDF's text and metadata included."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pytest
from claude_logs import Machine, answer, prompt, tool_result, tool_use, usage
from git_repositories import Repo

from tokentrack import repositories
from tokentrack.export import FORMATS, compose, render
from tokentrack.export.options import Options
from tokentrack.export.scan import scan
from tokentrack.model import Charge, Plan, Span, Task
from tokentrack.review import closing
from tokentrack.store import journal, links, rules, tasks, transaction, write
from tokentrack.store import money as ledger

MONDAY = one_on_one.date(2026, 11, 16)
SESSION = "c0ffee00-1111-4222-8333-444455556666"
CANARIES = (
    "canary-prompt", "canary-answer", "canary-title", "canary-folder", "canary-branch", "canary-model", "canary-tool",
    "canary-output", "canary-mail", "canary.example", "canary-owner", "canary-subject", "canary-body", "canary-key-of-rule",
    "canary-plan", "canary-charge", "canary-task-note", "canary-root", "canary-word", "canary-alias-of-private",
    "canary-private-title", "canary-version", "canary-file", "canary-estimate", SESSION, "4242424", "13:37", "1337",
)  # fmt: skip
"""One for each field; figures that stand for token counts and clock times."""


@pytest.fixture
def planted(machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """A week in which every field bears a canary but those that the page is made of."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")
    folder = home / "canary-folder"
    repo = Repo(folder)
    repo.git("config", "user.email", "canary-mail@canary.example")
    repo.git("remote", "add", "origin", "https://git.canary.example/canary-owner/canary-repo.git")
    repo.commit("Begin", "canary-file.txt")
    repo.git("checkout", "-q", "-b", "feat/PAY-1-canary-branch")
    repo.commit("PAY-1: canary-subject\n\ncanary-body", "b.txt", at=-2 * 86_400, email="canary-mail@canary.example")
    repo.git("checkout", "-q", "main")
    where = {
        "cwd": str(folder),
        "gitBranch": "feat/PAY-1-canary-branch",
        "sessionId": SESSION,
        "version": "canary-version",
    }
    at = {"timestamp": "2026-11-18T13:37:00.000Z"}
    content = [{"type": "text", "text": "canary-answer"}, tool_use("t1", "canary-tool", command="canary-tool")]
    figures = usage(4242424, 1337)
    machine.log(
        f"P/{SESSION}.jsonl",
        prompt("canary-prompt about PAY-1", **where) | at,
        answer("m1", figures=figures, content=content, **where) | at,
        answer("m2", model="canary-model", figures=figures, **where) | at,
        tool_result("t1", "canary-output", result={"stdout": "canary-output"}, **where) | at,
        {"type": "custom-title", "customTitle": "canary-title", "sessionId": SESSION},
    )
    machine.scan()
    db = machine.db
    with transaction(db), journal.change(db, "planted", 0):
        made = tasks.add(db, Task("", "Plain work", "PAY-1", "https://canary.example/PAY-1", str(folder), 1,
                                  note="canary-task-note"))  # fmt: skip
        private = tasks.add(db, Task("", "canary-private-title", "SEC-9", None, str(folder), 2, private=True))
        session = db.execute("select uid from sessions").fetchone()[0]
        links.put(db, session, made.id, Span(), "manual", 1)
        rules.add(db, "branch", str(folder), "canary-key-of-rule", made.id, 1)
        tasks.add_estimate(db, made.id, "without_ai", 1337, 4242, 1)
        tasks.finish(db, made.id, "shipped", "plain sentence", one_on_one.ms("2026-11-19T13:37"))
        tasks.finish(db, private.id, "shipped", "canary-alias-of-private", one_on_one.ms("2026-11-19T13:37"))
        ledger.add_plan(
            db, Plan(0, "canary-plan", 200_000_000, "month", ("claude-code",), one_on_one.date(2026, 11, 1)), 0
        )
        ledger.add_charge(db, Charge(0, MONDAY, 9_000_000, "canary-charge"), 0)
        write.set_setting(db, "roots.codex", '["/canary-root"]')
        write.set_setting(db, "rate", "13370000")
        write.set_setting(db, "private_words", "canary-word")
        write.set_setting(db, "attended", "on")
    repositories.refresh_all(db, one_on_one.ms("2026-11-22T20:00"), total=20)
    with transaction(db):
        closing.close(db, MONDAY, one_on_one.ms("2026-11-22T20:00"), note="A plain note.", intent="A plain intent.")
    with leaving(machine.db):
        yield db


def page_of(db: sqlite3.Connection, **options: object):
    return compose.page(
        db, Options(weeks=(MONDAY,), created=one_on_one.CREATED, **options), one_on_one.ms("2026-11-22T20:00")
    )


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "pdf"])
def test_ac45_no_field_of_logs_tasks_git_or_settings_leaves(planted: sqlite3.Connection, format_: str) -> None:
    shown = render(page_of(planted), format_).decode()
    assert "Plain work" in shown
    assert "plain sentence" in shown
    assert "A plain note." in shown
    assert found_in(shown) == []
    outside_style = re.sub(r"<style>.*</style>", "", shown, flags=re.DOTALL)
    assert not re.search(
        r"\b\d{1,2}:\d{2}\b|\b\d+(\.\d+)? ?(h|hours?|tokens|min)\b|claude-|opus|monday", outside_style, re.IGNORECASE
    )
    assert scan(shown.encode(), planted, os.environ) == []


def test_ac45_neither_text_nor_metadata_of_a_pdf_bears_any(
    planted: sqlite3.Connection, tmp_path: Path, qapp: object
) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("poppler's pdftotext is not installed")
    from tokentrack.ui import pdf

    page, file = page_of(planted), tmp_path / "page.pdf"
    file.write_bytes(pdf.render(render(page, "pdf"), page.title, page.created))
    for command in (["pdftotext", str(file), "-"], ["pdfinfo", str(file)], ["pdfinfo", "-meta", str(file)]):
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert found_in(told) == []
        assert "Plain work" in told or command[0] == "pdfinfo"
    words = [one for one in found_in(file.read_bytes().decode("latin-1")) if not one.isdigit()]  # a PDF has offsets
    assert words == []


def test_the_canaries_are_planted_where_they_were_meant_to_be(planted: sqlite3.Connection) -> None:
    """Else their absence would tell nothing: the store itself, or the files, bear each of them."""
    kept = "\n".join(planted.iterdump()) + str(Path.home())
    stored = {"canary-title", "canary-folder", "canary-branch", "canary-model", "canary-plan", "canary-charge",
              "canary-task-note", "canary-root", "canary-word", "canary-private-title", "canary.example", "canary-owner",
              "canary-key-of-rule", "canary-mail", "canary-alias-of-private", "canary-version", SESSION, "4242424",
              "1337"}  # fmt: skip
    assert stored <= {canary for canary in CANARIES if canary in kept}


ASKED = {
    "projects": "canary-folder",
    "branches": "canary-branch",
    "links": "canary.example",
    "technical": "canary-model",
    "rate": "$13.37/h",
    "list-value": "List value $",
    "request": "compare people",
}


@pytest.mark.parametrize("field", ASKED)
def test_what_is_asked_for_is_added_and_nothing_else(planted: sqlite3.Connection, field: str) -> None:
    """Product 7.4: each by itself."""
    told = {name: render(page_of(planted, fields=frozenset({name})), "md").decode().replace("\\", "") for name in ASKED}
    assert {name for name, text in told.items() if ASKED[field] in text} == {field}


@pytest.mark.parametrize("format_", FORMATS)
def test_ac45_a_leak_in_the_person_s_own_words_is_a_finding(planted: sqlite3.Connection, format_: str) -> None:
    """What the page is made of may leak as well; that is what the scan is for."""
    with transaction(planted):
        closing.reopen(planted, MONDAY)
        task = tasks.tasks(planted)[0]
        tasks.edit(planted, task.id, title="Work for canary-word")
        tasks.finish(planted, task.id, "shipped", "as in /home/canary-folder/x", one_on_one.ms("2026-11-20T10:00"))
        closing.close(planted, MONDAY, one_on_one.ms("2026-11-22T20:00"), note="ask canary-mail@canary.example")
    data = render(page_of(planted), format_)
    assert {"private word", "absolute path", "e-mail address"} <= {one.kind for one in scan(data, planted, os.environ)}
