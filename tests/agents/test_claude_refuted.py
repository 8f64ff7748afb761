"""Defects that fresh eyes found in reading and counting, each held down by a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from claude_logs import OPUS, SONNET, Machine, Record, answer, compact, echo, lines, ms, prompt, stamp, usage

from tokentrack.agents import claude_code, codex, marks
from tokentrack.ingest import Ingest
from tokentrack.model.logs import Chunk, Log
from tokentrack.review import glance, health
from tokentrack.store import transaction, write


def keyless(t: float = 1, **fields: Any) -> Record:
    record = answer(None, None, t, **fields)
    del record["uuid"]
    return record


def raws(machine: Machine, path: Path) -> dict[str, Any]:
    return {key: claude_code.raw(path, at, key) for key, at in machine.rows("select key, position from requests")}


# ---- folders of the settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["old/.claude", "old/.claude/projects", "old/.claude/projects/"])
def test_a_folder_of_the_settings_may_be_the_whole_configuration(machine: Machine, tmp_path: Path, given: str) -> None:
    machine.write(tmp_path / "old/.claude/projects/P/S.jsonl", lines([prompt(), answer()]))
    with transaction(machine.db):
        write.set_setting(machine.db, "roots.claude-code", f'["{tmp_path}/{given}"]')
    machine.scan()
    assert list(machine.sessions) == ["S"]
    told = health.examine(machine.db, machine.store, machine.home, os.environ)["agents"][0]["roots"]
    assert {"path": f"{tmp_path}/old/.claude/projects", "found": True} in told


def test_a_copy_of_the_logs_may_have_any_name_and_codex_has_two_folders(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    assert claude_code.roots_of(copy) == [copy]
    assert codex.roots_of(copy) == [copy]
    (copy / "sessions").mkdir()
    assert codex.roots_of(copy) == [copy / "sessions", copy / "archived_sessions"]


# ---- what cannot be read or kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"P/\xff.jsonl", b"\xff/T.jsonl", b"P/S/subagents/agent-\xe4.jsonl"])
def test_a_name_that_is_no_text_is_told_and_stops_nothing(machine: Machine, name: bytes) -> None:
    machine.log("P/S.jsonl", prompt(), answer())
    machine.log(os.fsdecode(name), answer("msg_2"))
    for _ in range(2):
        report = machine.scan()
        assert [path for path, _ in report.problems] == [f"{machine.projects}/{name.decode('utf-8', 'replace')}"]
        assert (machine.requests, report.gone) == (1, 0)
    ingest = Ingest(machine.db, machine.home, os.environ)
    assert len(ingest.read_paths([machine.projects / os.fsdecode(name)]).problems) == 1
    assert ingest.read_paths([machine.projects / os.fsdecode(b"P/gone\xff.jsonl")]).problems == []
    assert len(glance.log_problems(machine.db)) == 1


def test_a_log_that_cannot_be_stored_does_not_stop_the_others(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ABC":
        machine.log(f"P/{name}.jsonl", prompt(), answer(f"msg_{name}"))
    add = write.Writer.add

    def fail(self: write.Writer, found: list[tuple[Log, Chunk]], now: int) -> write.Added:
        if any(log.session == "B" for log, _ in found):
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return add(self, found, now)

    monkeypatch.setattr(write.Writer, "add", fail)
    report = machine.scan()
    assert machine.requests == 2
    assert [(Path(path).name, reason) for path, reason in report.problems] == [
        ("B.jsonl", "it cannot be counted (OverflowError)")
    ]
    monkeypatch.undo()
    assert machine.scan().problems == []
    assert machine.requests == 3


@contextmanager
def closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder that cannot be listed, also for root."""
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        yield


@pytest.mark.parametrize("place", ["", "P", "P/S", "P/S/subagents"])
def test_a_folder_that_cannot_be_listed_is_told_and_its_logs_are_not_gone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    machine.log("P/S/subagents/agent-1.jsonl", answer("msg_2"))
    machine.log("Q/T.jsonl", answer("msg_3"))
    folder = machine.projects / place
    told = [(str(folder), "it cannot be looked into (Permission denied)")]
    machine.scan()
    for _ in range(2):
        with closed(folder, monkeypatch):
            report = machine.scan()
        assert (report.problems, report.gone) == (told, 0)
        assert machine.rows("select count(*) from logs where gone_at is not null") == [(0,)]
        assert len(glance.log_problems(machine.db)) == 1
    assert machine.scan().problems == []
    assert glance.log_problems(machine.db) == ()


def test_a_folder_that_never_could_be_listed_is_told_until_it_can(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.log("P/S.jsonl", answer())
    with closed(machine.projects, monkeypatch):
        machine.scan()
    assert "it cannot be looked into (Permission denied)" in glance.log_problems(machine.db)[0]
    machine.scan()
    assert (machine.requests, glance.log_problems(machine.db)) == (1, ())


@pytest.mark.parametrize("agent", [".codex/sessions", ".local/share/opencode"])
def test_the_other_agents_tell_of_closed_folders_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    folder = machine.home / agent
    folder.mkdir(parents=True, exist_ok=True)
    with closed(folder, monkeypatch):
        assert machine.scan().problems == [(str(folder), "it cannot be looked into (Permission denied)")]


# ---- keys and sessions -----------------------------------------------------------------------------------------------


def test_records_without_ids_are_told_apart_by_file_and_place_in_the_line(machine: Machine) -> None:
    glued = compact(keyless()) + compact(keyless(figures=usage(7, 7)))
    machine.log("P/S.jsonl", glued)
    machine.log("P/S/subagents/agent-1.jsonl", keyless(figures=usage(5, 5)))
    machine.scan()
    assert machine.figures()[:2] == (112, 22)
    machine.write(
        machine.home / ".config/claude/projects/Q/S.jsonl", lines([glued])
    )  # a copied folder tells nothing new
    machine.scan()
    assert machine.requests == 3


def test_a_flat_file_of_which_nothing_tells_the_session_is_one_by_itself(machine: Machine) -> None:
    record = answer("msg_2", isSidechain=True)
    del record["sessionId"]
    machine.log("P/agent-1f.jsonl", record)
    machine.scan()
    machine.log("P/agent-1f.jsonl", record | answer("msg_3", t=2, sessionId=None), append=True)
    machine.scan()
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"agent-1f": 2}


# ---- why -------------------------------------------------------------------------------------------------------------


def test_the_logged_counters_of_a_glued_line_are_those_of_the_record_asked_for(machine: Machine) -> None:
    first, second = answer("msg_1", figures=usage(1, 1)), answer("x", "req_2", figures=usage(2, 2))
    third, fourth = keyless(figures=usage(3, 3)), echo(answer("msg_4", figures=usage(4, 4)))
    grown = answer("msg_1", figures=usage(1, 9))
    path = machine.log("P/S.jsonl", b"".join(map(compact, (first, second, third, fourth, grown))))
    machine.scan()
    found = {key: (told["input_tokens"], told["output_tokens"]) for key, told in raws(machine, path).items()}
    assert found == {"msg_1": (1, 9), "x req_2": (2, 2), "S @0.2": (3, 3), "msg_4": (4, 4)}


def test_the_logged_counters_of_an_advisor_are_its_own(machine: Machine) -> None:
    passes = [{"type": "message"} | usage(1, 1), {"type": "advisor_message", "model": SONNET} | usage(50, 5)]
    path = machine.log("P/S.jsonl", answer(figures=usage(1, 1, iterations=passes)))
    machine.scan()
    assert raws(machine, path)["msg_1:advisor:1"] == passes[1]
    assert claude_code.raw(path, 0, "msg_1:advisor:7") is None


# ---- times and calls -------------------------------------------------------------------------------------------------


def test_times_of_two_zones_are_compared_as_times(machine: Machine) -> None:
    later, earlier = "2026-11-20T08:00:05.000Z", "2026-11-20T10:00:01.000+02:00"
    records = [answer(timestamp=later, figures=usage(1, 1)), answer(timestamp=earlier, figures=usage(1, 9))]
    machine.log("P/S.jsonl", *records)
    machine.scan()
    assert machine.rows("select at, output from requests") == [(ms(1), 9)]


def test_calls_are_known_by_their_whole_ids(machine: Machine) -> None:
    call = {"type": "api-request", "id": "call-0123456789abcdef-1", "timestamp": stamp()}
    machine.log("P/A.jsonl", call, answer(requestRef="call-0123456789abcdef-2"))
    machine.scan()
    assert machine.rows("select substr(owner, 1, 1) from requests") == [("1",)]


# ---- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://me:ghp_secret@host.de/o/r/issues/3", "https://host.de/o/r/issues/3"),
        ("https://host.de/o/r/pull/3?token=secret#note", "https://host.de/o/r/pull/3"),
        ("https://host.de/login?key=secret&next=/issues/3", None),
        ("https://trello.com/c/Ab12/a-title", None),
        ("https://forum.de/t/some-title/12", None),
        ("https://host.de/card/9", None),
        (f"https://host.de/{'x' * 300}/issues/3", None),
    ],
)
def test_addresses_are_kept_without_secrets(machine: Machine, text: str, url: str | None) -> None:
    found = [value for kind, value in marks.find(f"See {text} now") if kind == "url"]
    assert found == ([url] if url else [])


def test_the_address_of_a_pull_request_is_kept_without_secrets(machine: Machine) -> None:
    links = [
        "https://me:secret@host.de/o/r/pull/3?x=secret#y",
        "ftp://host.de/1",
        f"https://host.de/{'x' * 300}",
        "text",
    ]
    machine.log("P/S.jsonl", answer(), *({"type": "pr-link", "prUrl": url, "timestamp": stamp()} for url in links))
    machine.scan()
    assert machine.marks() == {("url", "https://host.de/o/r/pull/3", "pr-link")}


def test_nothing_of_any_length_is_kept(machine: Machine) -> None:
    long = "secret " * 40
    machine.log(
        "P/S.jsonl",
        prompt(uuid=long),
        answer(f"msg_{long}", None, model=long, uuid="u1", sessionId=long, gitBranch=long, version=long),
        answer(figures=usage(long, "secret"), t=2, model=OPUS, uuid=long),
    )
    machine.log("P/agent-1.jsonl", answer("msg_3", sessionId=long))
    report = machine.scan()
    assert {reason.partition(" at ")[0] for _, reason in report.problems} == {"a counter is no number"}
    assert "secret" not in "\n".join(machine.db.iterdump())
    assert {key for (key,) in machine.rows("select key from requests")} >= {"uuid u1", "msg_3"}
