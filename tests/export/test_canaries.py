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

import codex_logs
import cursor_logs
import one_on_one
import opencode_logs
import pytest
from claude_logs import Machine, answer, prompt, tool_result, tool_use, usage
from codex_logs import PARENT
from git_repositories import Repo

from tokentrack import repositories
from tokentrack.export import FORMATS, compose, render
from tokentrack.export.options import Options
from tokentrack.export.scan import scan
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing, insights
from tokentrack.store import journal, links, open_store, reviews, rules, tasks, transaction, write
from tokentrack.store import money as ledger

MONDAY = one_on_one.date(2026, 11, 16)
SESSION = "c0ffee00-1111-4222-8333-444455556666"
OF_AN_AGENT = ("prompt", "answer", "model", "command", "output")
CANARIES = (
    "canary-prompt", "canary-answer", "canary-title", "canary-folder", "canary-branch", "canary-model", "canary-tool",
    "canary-output", "canary-mail", "canary.example", "canary-owner", "canary-subject", "canary-body", "canary-key-of-rule",
    "canary-plan", "canary-charge", "canary-task-note", "canary-root", "canary-word", "canary-alias-of-private",
    "canary-private-title", "canary-version", "canary-file", "canary-draft", "canary-into", SESSION, "4242424", "13:37", "1337",
    *(f"canary-{agent}-{what}" for agent in ("codex", "opencode", "cursor") for what in OF_AN_AGENT), PARENT, "ses_canary1",
)  # fmt: skip
"""One for each field; figures that stand for token counts and clock times."""


@pytest.fixture(scope="module")
def home_planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a store, logs of every agent and a repository."""
    home = tmp_path_factory.mktemp("canaries")
    with pytest.MonkeyPatch.context() as patch:
        for name, place in {"HOME": "", "XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share"}.items():
            patch.setenv(name, str(home / place))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")
        with leaving(Machine(home, home / "store.db")) as machine:
            _plant(machine, home)
    return home


@pytest.fixture
def planted(home_planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """A week in which every field bears a canary but those that the page is made of."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")
    shutil.copy(home_planted / "store.db", tmp_path / "store.db")
    with leaving(open_store(tmp_path / "store.db")) as db:
        yield db


def _plant(machine: Machine, home: Path) -> None:
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
    _other_agents(machine, folder)
    machine.scan()
    db = machine.db
    with transaction(db), journal.change(db, "planted", 0):
        made = tasks.add(db, Task("", "Plain work", "PAY-1", "https://canary.example/PAY-1", str(folder), 1,
                                  note="canary-task-note"))  # fmt: skip
        private = tasks.add(db, Task("", "canary-private-title", "SEC-9", None, str(folder), 2, private=True))
        sessions = [row[0] for row in db.execute("select uid from sessions")]
        assert len(sessions) == 4
        for session in sessions:
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
        write.set_setting(db, "export_folder", "/canary-into")
        reviews.change(db, "2026-W46", 0, note="canary-draft")
    repositories.refresh_all(db, one_on_one.ms("2026-11-22T20:00"), total=20)
    now = one_on_one.ms("2026-11-22T20:00")
    kept = _keep_what_stands_out(db, now)
    assert any("canary-title" in text and "$" in text for text in kept)
    with transaction(db):  # weeks that were closed earlier on have what was kept among the lines of the note
        closing.close(db, MONDAY, now, note="\n".join(("A plain note.", *kept)), intent="A plain intent.")


def _keep_what_stands_out(db: sqlite3.Connection, now: int) -> list[str]:
    """The sentences, one of which names a session by its title: of its sort, no other is wanted."""
    with transaction(db), journal.change(db, "kept", now):
        for kind in ("context", "unattended"):
            reviews.show(db, reviews.Shown("2026-W46", kind, "", "", insights.NOT_USEFUL), now)
        shown = insights.show(db, MONDAY, now)
        for one in shown:
            insights.answer(db, MONDAY, one, insights.KEPT, now)
    return [one.text for one in shown]


def _other_agents(machine: Machine, folder: Path) -> None:
    """A session of each, in the same week, with the same fields."""
    noon = one_on_one.ms("2026-11-18T12:00") / 1000
    t = noon - codex_logs.BEGIN.timestamp()
    run = {"type": "function_call", "name": "shell", "arguments": "canary-codex-command", "call_id": "c"}
    codex_logs.rollout(
        machine, PARENT, codex_logs.meta(PARENT, t, cwd=str(folder)), codex_logs.context("canary-codex-model", t),
        codex_logs.prompt("canary-codex-prompt", t), codex_logs.event("agent_message", t, message="canary-codex-answer"),
        codex_logs.line("response_item", run, t),
        codex_logs.line("response_item", {"type": "function_call_output", "output": "canary-codex-output", "call_id": "c"}, t),
        codex_logs.count(codex_logs.usage(4242424, 0, 1337), codex_logs.usage(4242424, 0, 1337), t + 1),
    )  # fmt: skip
    t = noon - opencode_logs.BEGIN / 1000
    with leaving(opencode_logs.Place(machine)) as place:
        kept = place.database(mode="delete")
        kept.session("ses_canary1", t, title="canary-title", directory=str(folder))
        kept.message(
            "msg_1", opencode_logs.user(t), opencode_logs.text("canary-opencode-prompt"), session="ses_canary1"
        )
        kept.message(
            "msg_2", opencode_logs.answer(t + 1, opencode_logs.tokens(4242424, 1337), modelID="canary-opencode-model"),
            opencode_logs.text("canary-opencode-answer"),
            opencode_logs.bash("canary-opencode-command", "canary-opencode-output"), session="ses_canary1",
        )  # fmt: skip
    t = noon - cursor_logs.BEGIN / 1000
    with leaving(cursor_logs.Place(machine)) as place:
        kept = place.database(mode="delete")
        kept.bubble("u1", cursor_logs.prompt("canary-cursor-prompt", t))
        kept.bubble("a1", cursor_logs.terminal("canary-cursor-command", "canary-cursor-output", t + 1))
        kept.bubble("a2", cursor_logs.bubble(t=t + 2, inp=4242424, out=1337, text="canary-cursor-answer"))
        model = {"modelConfig": {"modelName": "canary-cursor-model"}}
        kept.composer("c-1", "u1", "a1", "a2", t=t, **cursor_logs.folder(str(folder)), **model)


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
    assert scan(shown.encode(), planted, os.environ, one_on_one.CHOSEN) == []


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


def test_the_canaries_are_planted_where_they_were_meant_to_be(planted: sqlite3.Connection, home_planted: Path) -> None:
    """Else their absence would tell nothing: the store itself, a file of an agent, or the repository bears each of them."""
    kept = "\n".join(planted.iterdump())
    files = b"".join(file.read_bytes() for file in home_planted.rglob("*") if file.is_file()).decode("latin-1")
    command = ["git", "-C", str(home_planted / "canary-folder"), "log", "--all", "--format=%B %ae"]
    history = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [canary for canary in CANARIES if canary not in kept + files + history.stdout] == []
    stored = {"canary-title", "canary-folder", "canary-branch", "canary-model", "canary-plan", "canary-charge",
              "canary-task-note", "canary-root", "canary-word", "canary-private-title", "canary.example", "canary-owner",
              "canary-key-of-rule", "canary-mail", "canary-alias-of-private", "canary-version", SESSION, "4242424",
              "1337", "canary-into", "canary-draft", *(f"canary-{name}-model" for name in ("codex", "opencode", "cursor")),
              PARENT, "ses_canary1"}  # fmt: skip
    assert stored <= {canary for canary in CANARIES if canary in kept}


ASKED = {
    "projects": "canary-folder",
    "branches": "canary-branch",
    "links": "canary.example",
    "technical": "canary-model",
    "rate": "$13.37/h",
    "list-value": "List value about $",
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
    told = scan(data, planted, os.environ, one_on_one.CHOSEN)
    assert {"private word", "absolute path", "e-mail address"} <= {one.kind for one in told}
