"""`import cursor-csv`, `hook install|remove cursor`, and how tokens that Cursor does not record are shown."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine
from command_line import Run
from cursor_csv_files import NEW, row
from cursor_logs import Place, iso

from tokentrack.cli import stop_hook
from tokentrack.store import read


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


# ---- import ----------------------------------------------------------------------------------------------------------


def test_import_says_what_it_did(machine: Machine, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text("\n".join([NEW, row(), row("never"), row(total=7, model="x")]), encoding="utf-8")
    code, out, err = run("import", "cursor-csv", str(file), "--json")
    told = json.loads(out)
    assert code == 0
    assert "line 3: 'never' is no date" in err
    assert {name: told[name] for name in ("rows", "new", "duplicates", "rejected")} == {
        "rows": 3, "new": 2, "duplicates": 0, "rejected": [{"line": 3, "reason": "'never' is no date"}],
    }  # fmt: skip
    assert [entry["line"] for entry in told["warnings"]] == [4]
    again = json.loads(run("import", "cursor-csv", str(file), "--json")[1])
    assert (again["new"], again["duplicates"]) == (0, 2)
    code, out, err = run("import", "cursor-csv", str(file))
    assert (code, out.splitlines()[0][:11]) == (0, "Nothing new")
    assert "line 3" in err


@pytest.mark.parametrize("name", ["README.md", "nothing.csv", "."])
def test_a_wrong_file_is_one_sentence_and_exit_1(machine: Machine, run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "README.md").write_text("# A page\n", encoding="utf-8")
    code, out, err = run("import", "cursor-csv", str(tmp_path / name), "--json")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert str(tmp_path / name) in err


def test_an_import_is_beside_the_sums(machine: Machine, place: Place, run: Run, tmp_path: Path) -> None:
    place.database().conversation("c-1", turns=[(0, 0), (5, 5)])
    run("scan")
    before = json.loads(run("usage", "--json")[1])
    assert list(before) == ["by", "rows", "total"]
    file = tmp_path / "usage.csv"
    file.write_text("\n".join([NEW, row(iso(20), "gpt-5")]), encoding="utf-8")
    run("import", "cursor-csv", str(file))
    after = json.loads(run("usage", "--json")[1])
    assert after["total"] == before["total"]
    assert (after["account"]["cursor"]["cache_write_5m"], after["account"]["cursor"]["cost"]) == (28342, 190_000)
    assert "account" not in json.loads(run("usage", "--agent", "codex", "--json")[1])
    told = json.loads(run("session", "c-1", "--json")[1])
    assert list(told) == ["session", "turns", "suggestions", "links", "models", "account_usage"]
    assert [entry["tokens"] for entry in told["account_usage"]] == [156_290]
    shown = run("session", "c-1")[1]
    assert "1 uses that fit this session and no other" in shown
    assert "not counted here" in shown


# ---- not recorded ----------------------------------------------------------------------------------------------------


def test_tokens_that_are_recorded_nowhere_are_never_0(
    machine: Machine, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    place.database().conversation("none", turns=[(0, 0)], name="Nothing known")
    place.database().conversation("some", 200, turns=[(1000, 500), (0, 0)], name="Some known")
    run("scan")
    lines = {line.split("  ")[1].strip(): line for line in run("sessions")[1].splitlines()[1:]}
    assert "not recorded" in lines["Nothing known"]
    assert "unknown" in lines["Nothing known"]
    assert "$0.00" not in lines["Nothing known"]
    assert "1.5 k + unknown" in lines["Some known"]
    assert "$0.01 + unknown" in lines["Some known"]
    told = {entry["native_id"]: entry for entry in json.loads(run("sessions", "--json")[1])["sessions"]}
    assert (told["none"]["requests"], told["none"]["tokens_from"]) == (0, "none")
    assert (told["none"]["list_value"], told["some"]["list_value"] > 0) == (None, True)
    assert [turn["list_value"] for turn in json.loads(run("session", "none", "--json")[1])["turns"]] == [None]
    shown = run("session", "none")[1]
    assert "Tokens not recorded by Cursor." in shown
    assert "$0.00" not in shown
    assert "gpt-5" in shown
    assert "Tokens not recorded by Cursor for some turns." in run("session", "some")[1]
    assert "Cursor: 2 sessions this week, tokens not recorded" in run("today")[1]


def test_why_says_that_tokens_are_not_recorded(
    machine: Machine, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3: it printed "$0.00 list value in 0 requests"."""
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    place.database().conversation("none", turns=[(0, 0)], name="Nothing known")
    place.database().conversation("some", 200, turns=[(1000, 500), (0, 0)], name="Some known")
    run("scan")
    uid = {session.native_id: session.id for session in machine.sessions.values()}
    for name in ("none", f"session:{uid['none']}", "none turn:0"):
        code, out, err = run("why", name)
        assert (code, err, "$0.00" in out) == (0, "", False)
    assert run("why", "none")[1] == f"session {uid['none']}: tokens not recorded by Cursor\n"
    assert run("why", "none turn:0")[1].endswith("turn:0: tokens not recorded by Cursor\n")
    some = run("why", "some")[1].splitlines()[0]
    assert "+ unknown list value in 1 requests; tokens not recorded by Cursor for some turns" in some
    silent = next(turn.seq for turn in read.turns(machine.db, uid["some"]) if not turn.total.requests)
    assert run("why", f"some turn:{silent}")[1].endswith(": tokens not recorded by Cursor\n")
    assert "not recorded" not in run("why", f"some turn:{1 - silent}")[1]
    assert "tokens not recorded in 2 sessions of Cursor" in run("why", "today")[1].splitlines()[0]
    assert json.loads(run("why", "none", "--json")[1])["figure"]["unrecorded_sessions"] == 1
    assert "unknown" in run("why", "agent:cursor")[1]


def test_ac5_a_task_of_sessions_whose_tokens_nobody_recorded_has_no_known_value(
    machine: Machine, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    place.database().conversation("none", turns=[(0, 0)], name="Nothing known")
    run("scan")
    run("task", "add", "Refunds", "--key", "PAY-12")
    assert json.loads(run("task", "list", "--json")[1])["tasks"][0]["list_value"] == 0  # nothing is linked to it
    run("link", "none", "PAY-12")
    for told in (
        *json.loads(run("task", "list", "--json")[1])["tasks"],
        json.loads(run("task", "edit", "PAY-12", "--size", "S", "--json")[1])["task"],
        json.loads(run("task", "show", "PAY-12", "--json")[1])["task"],
    ):
        assert (told["list_value"], told["unrecorded_sessions"]) == (None, 1)
    for command in (["list"], ["show", "PAY-12"]):
        lines = [line for line in run("task", *command)[1].splitlines() if "Refunds" in line or "Nothing known" in line]
        assert any(" unknown" in line for line in lines)
        assert not any("$0.00" in line for line in lines)


@pytest.mark.parametrize("by", ["day", "week", "month", "agent", "model", "project", "branch", "session", "task"])
def test_sums_never_show_0_for_what_nobody_recorded(
    machine: Machine, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    place.database().conversation("none", turns=[(0, 0), (0, 0)], name="Nothing known")
    run("scan")
    code, out, _ = run("usage", "--by", by)
    assert (code, "$0.00" in out, out.count("unknown") >= 2) == (0, False, True)
    assert "Cursor: 1 session, tokens not recorded" in out
    told = json.loads(run("usage", "--by", by, "--json")[1])
    assert list(told) == ["by", "rows", "total"]
    assert [row["unrecorded_sessions"] for row in told["rows"]] == [1]
    assert (told["total"]["unrecorded_sessions"], told["total"]["requests"]) == (1, 0)
    assert told["total"]["list_value"] is told["rows"][0]["list_value"] is None
    assert "$0.00" not in run("today")[1].split("To link")[0]
    seen = json.loads(run("today", "--json")[1])
    assert (seen["today"]["unrecorded_sessions"], seen["week"]["unrecorded_sessions"]) == (1, 1)
    assert "not recorded" in run("session", "none")[1].splitlines()[-1]
    before = json.loads(run("usage", "--by", by, "--until", "2001-01-01", "--json")[1])
    assert (before["rows"], "unrecorded_sessions" in before["total"]) == ([], False)


# ---- the hook --------------------------------------------------------------------------------------------------------


def hooks_file(home: Path) -> Path:
    return home / ".cursor/hooks.json"


def written(home: Path, told: Any) -> Path:
    path = hooks_file(home)
    path.parent.mkdir(exist_ok=True)
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


STOP = {
    "hook_event_name": "stop", "conversation_id": "c-1", "session_id": "c-1", "generation_id": "g-9", "model": "default",
    "status": "completed", "loop_count": 0, "input_tokens": 23666, "output_tokens": 5, "cache_read_tokens": 23617,
    "cache_write_tokens": 47, "transcript_path": "/secret/c-1.jsonl", "workspace_roots": ["/secret/shop"],
    "user_email": "secret@example.invalid", "prompt": "secret words", "response": "secret answer",
}  # fmt: skip


def stop(home: Path, payload: bytes) -> tuple[int, bytes]:
    """What Cursor does at the end of a turn: the command of its `hooks.json`, the payload on standard input."""
    (entry,) = [
        one
        for one in json.loads(hooks_file(home).read_text(encoding="utf-8"))["hooks"]["stop"]
        if stop_hook.is_ours(one)
    ]
    done = subprocess.run(entry["command"], shell=True, input=payload, capture_output=True, check=False)
    return done.returncode, done.stdout


def test_install_shows_asks_and_is_taken_out_again(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, out, err = run("hook", "install", "cursor")
    assert (code, hooks_file(home).exists(), err) == (1, False, "Nothing was changed.\n")
    assert str(hooks_file(home)) in out
    assert "cursor_stop.py" in out
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert run("hook", "install", "cursor")[0] == 0
    once = hooks_file(home).read_bytes()
    assert run("hook", "install", "cursor", "--yes")[1].endswith("nothing was changed.\n")
    assert hooks_file(home).read_bytes() == once
    assert run("hook", "remove", "cursor")[0] == 0
    assert not hooks_file(home).exists()
    assert run("hook", "remove", "cursor")[1].endswith("nothing was changed.\n")


def test_hooks_of_others_stay_and_the_file_is_kept(home: Path, run: Run) -> None:
    others = {
        "version": 1, "extra": {"a": 1},
        "hooks": {"stop": [{"command": "./mine.sh"}], "afterFileEdit": [{"command": "fmt ✓"}]},
    }  # fmt: skip
    path = written(home, others)
    path.chmod(0o640)
    before = path.read_bytes()
    assert run("hook", "install", "cursor", "--yes")[0] == 0
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["hooks"]["stop"][0] == {"command": "./mine.sh"}
    assert len(told["hooks"]["stop"]) == 2
    assert told["hooks"]["afterFileEdit"] == others["hooks"]["afterFileEdit"]
    assert path.with_name("hooks.json.before-tokentrack").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o640
    old = told["hooks"]["stop"][1] | {"command": told["hooks"]["stop"][1]["command"].replace("/turns", "/older")}
    written(home, told | {"hooks": told["hooks"] | {"stop": [old, old, {"command": "./mine.sh"}]}})
    run("hook", "install", "cursor", "--yes")  # a command of an older installation is replaced
    assert len(json.loads(path.read_text(encoding="utf-8"))["hooks"]["stop"]) == 2
    assert run("hook", "remove", "cursor")[0] == 0
    assert json.loads(path.read_text(encoding="utf-8")) == others


WRITTEN = (
    '{"version":1,"n":1.50,"big":123456789012345678901234567890,"hooks":{"stop":[{"command":"./mine.sh","t":2e3}]}}',
    '{\r\n\t"hooks": {\r\n\t\t"stop": [\r\n\t\t\t{ "command": "a" }\r\n\t\t]\r\n\t},\r\n\t"n": 1.0\r\n}\r\n',
    '\ufeff{ "hooks": { "afterFileEdit": [ ] } , "version" : 1.0 }',
    '{"version": 1}', "{}", "{ }\n", "", '{"hooks": {"stop": []}}\n', '{"a": "\\u00e9 {\\"hooks\\": 1}"}',
)  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_removing_leaves_the_file_byte_for_byte_and_no_copy(home: Path, run: Run, text: str) -> None:
    path = written(home, "")
    path.write_bytes(text.encode())
    run("hook", "install", "cursor", "--yes")
    assert len(json.loads(path.read_bytes().decode("utf-8-sig"))["hooks"]["stop"]) >= 1
    assert run("hook", "remove", "cursor")[0] == 0
    assert path.read_bytes() == text.encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["hooks.json"]


@pytest.mark.parametrize("text", WRITTEN[:3])
def test_what_was_changed_between_stays_as_it_was_written(home: Path, run: Run, text: str) -> None:
    path = written(home, "")
    path.write_bytes(text.encode())
    run("hook", "install", "cursor", "--yes")
    after = path.read_bytes()
    kept = after.decode().replace("{", '{ "mine" : 1.10, ', 1)
    path.write_bytes(kept.encode())
    out = run("hook", "remove", "cursor")[1]
    assert "hooks.json.before-tokentrack is the file as it was before" in out
    assert path.with_name("hooks.json.before-tokentrack").read_bytes() == text.encode()
    left = path.read_bytes().decode()
    assert '{ "mine" : 1.10, ' in left
    assert "cursor_stop" not in left
    for mark in ("1.50", "123456789012345678901234567890", "2e3", "\r\n\t\t", "1.0", "[ ]"):
        assert (mark in left) == (mark in kept), mark


def test_nobody_there_to_answer(home: Path) -> None:
    for hook, file in (("cursor", hooks_file(home)), ("claude-statusline", home / ".claude/settings.json")):
        done = subprocess.run(
            [sys.executable, "-m", "tokentrack", "hook", "install", hook],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
        assert (done.returncode, done.stderr.strip()) == (1, "Nothing was changed.")
        assert not file.exists()


def test_a_line_that_was_cut_short_does_not_take_the_next_one_with_it(machine: Machine, home: Path, run: Run) -> None:
    run("hook", "install", "cursor", "--yes")
    log = home / ".local/share/tokentrack/cursor-hook/turns.jsonl"
    log.parent.mkdir(parents=True)
    log.write_bytes(b'{"v":1,"at":17')
    stop(home, json.dumps(STOP).encode())
    stop(home, json.dumps(STOP | {"generation_id": "g-10"}).encode())
    assert log.read_bytes().count(b"\n") == 3
    run("scan")
    assert machine.requests == 2


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"hooks": []}', '{"hooks": {"stop": {"command": "x"}}}', "\x00\x01", "null", '"text"', "[" * 100_000],
)
def test_a_damaged_file_is_refused_in_one_sentence(home: Path, run: Run, text: str) -> None:
    path = written(home, text)
    for command in (("install", "cursor", "--yes"), ("remove", "cursor")):
        code, out, err = run("hook", *command)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert err.strip().endswith("nothing was changed.")
    assert path.read_text(encoding="utf-8") == text


def test_what_cursor_tells_is_counted_and_nothing_else_is_kept(machine: Machine, run: Run, home: Path) -> None:
    run("hook", "install", "cursor", "--yes")
    assert stop(home, b"\xef\xbb\xbf" + json.dumps(STOP).encode()) == (0, b"{}\n")
    assert (
        stop(home, json.dumps(STOP | {"generation_id": "g-10", "input_tokens": 10, "cache_read_tokens": 400}).encode())[
            0
        ]
        == 0
    )
    stop(home, json.dumps(STOP).encode())  # the same turn once more
    stop(home, json.dumps(STOP | {"loop_count": 1, "output_tokens": 1}).encode())  # the same turn, gone on
    run("scan")
    assert machine.requests == 3
    assert machine.figures() == (2 + 10 + 2, 5 + 5 + 1, 47 * 3, 23617 * 2 + 400)
    (session,) = machine.sessions.values()
    assert (session.native_id, session.tokens_from) == ("c-1", "recorded")
    for file in (home / ".local/share/tokentrack").rglob("*"):
        assert file.is_dir() or b"secret" not in file.read_bytes()
    file = home / ".local/share/tokentrack/cursor-hook/turns.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    key = json.loads(run("why", "c-1", "--json")[1])["requests"][0]
    assert (key["row"], key["raw"]["input_tokens"]) == (None, 23666)
    assert key["offset"] > 0  # of equal lines the last one counts
    assert "stop hook" in key["rule"]


@pytest.mark.parametrize(
    "payload", [b"", b"not json", b"[]", b"null", b"\xff\xfe", json.dumps(STOP | {"conversation_id": 7}).encode(),
                json.dumps({"hook_event_name": "stop", "conversation_id": "c-1"}).encode(),
                json.dumps(STOP | {"hook_event_name": "afterAgentResponse"}).encode(), b"[" * 100_000]
)  # fmt: skip
def test_nothing_makes_cursor_fail(home: Path, run: Run, payload: bytes) -> None:
    run("hook", "install", "cursor", "--yes")
    assert stop(home, payload) == (0, b"{}\n")
    assert not (home / ".local/share/tokentrack/cursor-hook/turns.jsonl").exists()


def test_a_folder_that_cannot_be_written_does_not_make_cursor_fail(home: Path, run: Run) -> None:
    run("hook", "install", "cursor", "--yes")
    (home / ".local/share/tokentrack").mkdir(parents=True)
    (home / ".local/share/tokentrack/cursor-hook").write_text("in the way", encoding="utf-8")
    assert stop(home, json.dumps(STOP).encode()) == (0, b"{}\n")


def test_the_hook_is_quick_and_turns_that_end_at_once_do_not_mix(machine: Machine, run: Run, home: Path) -> None:
    run("hook", "install", "cursor", "--yes")
    command = json.loads(hooks_file(home).read_text(encoding="utf-8"))["hooks"]["stop"][0]["command"]
    begun = time.perf_counter()
    running = [
        subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(12)
    ]
    for number, process in enumerate(running):
        process.communicate(json.dumps(STOP | {"generation_id": f"g-{number}"}).encode())
    assert time.perf_counter() - begun < 6  # twelve at once on a busy machine; one takes a twentieth of a second
    run("scan")
    assert machine.requests == 12
    folder = str(Path(stop_hook.__file__).parent.parent / "agents")
    code = f"import sys; sys.path.insert(0, {folder!r}); import cursor_stop; print(len(sys.modules), 'msgspec' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split()[1] == "False"
    assert int(loaded.stdout.split()[0]) < 90


def test_the_hidden_command_does_the_same(machine: Machine, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tokentrack", "hook", "run", "cursor"],
        input=json.dumps(STOP).encode(), capture_output=True, check=False, env=os.environ,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"{}\n")
    machine.scan()
    assert machine.requests == 1
