"""Claude Code's status line as a source of its plan's limits: asked for, wrapped around what is there, taken out again."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine
from command_line import Run

from tokentrack.cli import statusline
from tokentrack.review.limits import limits

TOLD = {
    "session_id": "s-1",
    "cwd": "/w/secret",
    "transcript_path": "/w/secret/t.jsonl",
    "model": {"display_name": "Opus"},
    "cost": {"total_cost_usd": 1.5},
    "rate_limits": {
        "five_hour": {"used_percentage": 41.5, "resets_at": 1_795_374_000},
        "seven_day": {"used_percentage": 12, "resets_at": 1_795_700_000},
    },
}
BEFORE = 'cat | wc -c; echo "it\'s 50 %"'

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the status line's command is run by a POSIX shell here"
)


@pytest.fixture
def settings(home: Path) -> Path:
    path = home / ".claude/settings.json"
    path.parent.mkdir()
    return path


def keep(path: Path, **told: Any) -> dict[str, Any]:
    path.write_text(json.dumps(told), encoding="utf-8")
    return told


def kept(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def show(path: Path, told: object = TOLD) -> subprocess.CompletedProcess[str]:
    """What Claude Code shows: what the command prints that stands in its settings."""
    text = told if isinstance(told, str) else json.dumps(told)
    command = kept(path)["statusLine"]["command"]
    return subprocess.run(command, shell=True, input=text, capture_output=True, text=True, check=False, timeout=30)


def noted() -> list[dict[str, Any]]:
    path = statusline.log_file()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


# ---- asked for -------------------------------------------------------------------------------------------------------


def test_it_shows_what_it_writes_and_asks_first(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keep(settings, model="opus", statusLine={"type": "command", "command": BEFORE, "padding": 0})
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, out, err = run("hook", "install", "claude-statusline")
    assert (code, err, kept(settings)) == (1, "Nothing was changed.\n", before)
    assert str(settings) in out
    assert f"Your status line goes on as it is: {BEFORE}" in out
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert run("hook", "install", "claude-statusline")[0] == 0
    assert kept(settings)["statusLine"]["padding"] == 0
    assert kept(settings)["model"] == "opus"
    assert json.loads((settings.parent / statusline.BACKUP).read_text(encoding="utf-8")) == before


@pytest.mark.parametrize(
    "before",
    [
        {},
        {"model": "opus"},
        {"statusLine": {"type": "command", "command": BEFORE}},
        {"statusLine": {"type": "command", "command": "~/bin/line 'a b' && true", "padding": 1}, "hooks": {}},
    ],
)
def test_taken_out_everything_is_as_it_was(run: Run, settings: Path, before: dict[str, Any]) -> None:
    keep(settings, **before)
    assert run("hook", "install", "claude-statusline", "--yes")[0] == 0
    assert "already" in run("hook", "install", "claude-statusline", "--yes")[1]
    assert run("hook", "remove", "claude-statusline")[0] == 0
    assert (kept(settings) if settings.exists() else {}) == before
    assert "not installed" in run("hook", "remove", "claude-statusline")[1]


@pytest.mark.parametrize("text", ["{}", '{"model":"opus",  "n": 1.50}', '\ufeff{\r\n\t"a": "\\u00e9"\r\n}', ""])
def test_taken_out_the_file_is_byte_for_byte_as_it_was(run: Run, settings: Path, text: str) -> None:
    settings.write_bytes(text.encode())
    assert run("hook", "install", "claude-statusline", "--yes")[0] == 0
    assert run("hook", "remove", "claude-statusline")[0] == 0
    assert settings.read_bytes() == text.encode()


def test_what_was_changed_since_stays_and_the_kept_file_too(run: Run, settings: Path) -> None:
    text = '{"model":"opus"}'
    settings.write_text(text, encoding="utf-8")
    assert run("hook", "install", "claude-statusline", "--yes")[0] == 0
    keep(settings, **(kept(settings) | {"theme": "dark"}))
    assert run("hook", "remove", "claude-statusline")[0] == 0
    assert kept(settings) == {"model": "opus", "theme": "dark"}
    assert (settings.parent / statusline.BACKUP).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ['{"a": 1e400}', '{"a": "\\ud800"}', '{"a": 1, "a": 2}', '{"a": NaN}'])
def test_settings_that_cannot_be_written_back_are_left_alone(run: Run, settings: Path, text: str) -> None:
    settings.write_text(text, encoding="utf-8")
    code, out, err = run("hook", "install", "claude-statusline", "--yes")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "cannot be written back" in err
    assert [path.name for path in settings.parent.iterdir()] == [settings.name]
    assert settings.read_text(encoding="utf-8") == text


def test_it_finds_the_settings_where_claude_code_is_told_to_keep_them(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "elsewhere"))
    assert run("hook", "install", "claude-statusline", "--yes")[0] == 0
    assert (home / "elsewhere/settings.json").exists()
    assert run("hook", "remove", "claude-statusline")[0] == 0
    assert not (home / "elsewhere/settings.json").exists()


@pytest.mark.parametrize("text", ["{", "[1]", '{"statusLine": 3}', '{"statusLine": {"command": [1]}}', "\xff"])
def test_settings_that_cannot_be_understood_are_left_alone(run: Run, settings: Path, text: str) -> None:
    settings.write_bytes(text.encode("latin-1"))
    code, out, err = run("hook", "install", "claude-statusline", "--yes")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "nothing was changed" in err
    assert settings.read_bytes() == text.encode("latin-1")


# ---- the status line goes on -----------------------------------------------------------------------------------------


def test_the_status_line_that_was_there_gets_its_input_and_is_shown(run: Run, settings: Path) -> None:
    keep(settings, statusLine={"type": "command", "command": BEFORE})
    run("hook", "install", "claude-statusline", "--yes")
    done = show(settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[0].strip() == str(len(json.dumps(TOLD)))
    assert "it's 50 %" in done.stdout
    assert len(noted()) == 1


def test_where_there_was_none_nothing_is_shown(run: Run, settings: Path) -> None:
    run("hook", "install", "claude-statusline", "--yes")
    done = show(settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("told", ["", "{", "[]", '{"rate_limits": 3}', '{"rate_limits": {"five_hour": null}}', "\0"])
def test_what_cannot_be_understood_disturbs_nothing(run: Run, settings: Path, told: str) -> None:
    keep(settings, statusLine={"type": "command", "command": "echo line; exit 3"})
    run("hook", "install", "claude-statusline", "--yes")
    done = show(settings, told)
    assert (done.returncode, done.stdout) == (3, "line\n")
    assert "Traceback" not in done.stderr
    assert noted() == []


def test_a_folder_that_cannot_be_written_disturbs_nothing(run: Run, settings: Path) -> None:
    run("hook", "install", "claude-statusline", "--yes")
    statusline.log_file().parent.parent.mkdir(parents=True, exist_ok=True)
    statusline.log_file().parent.write_text("a file", encoding="utf-8")
    assert show(settings).returncode == 0


def test_nothing_is_kept_but_limits_ids_and_times(run: Run, settings: Path) -> None:
    run("hook", "install", "claude-statusline", "--yes")
    show(settings)
    (line,) = noted()
    assert abs(line.pop("at") / 1000 - time.time()) < 60
    assert line == {
        "v": 1, "session_id": "s-1", "limits": {"five_hour": [41.5, 1_795_374_000], "seven_day": [12, 1_795_700_000]},
    }  # fmt: skip
    assert statusline.log_file().stat().st_mode & 0o077 == 0


def test_the_same_again_is_noted_once_and_a_change_at_once(run: Run, settings: Path) -> None:
    run("hook", "install", "claude-statusline", "--yes")
    for _ in range(3):
        show(settings)
    assert len(noted()) == 1
    show(settings, {"rate_limits": {"five_hour": {"used_percentage": 42}}})
    assert [line["limits"] for line in noted()][1:] == [{"five_hour": [42, -1]}]


def test_a_full_file_begins_anew(run: Run, settings: Path) -> None:
    run("hook", "install", "claude-statusline", "--yes")
    path = statusline.log_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * (1 << 20) + b"\n")
    show(settings)
    assert path.stat().st_size < 1000


def test_it_is_quick(run: Run, settings: Path) -> None:
    """Claude Code waits for it: a small file by itself, not the whole program."""
    run("hook", "install", "claude-statusline", "--yes")
    took = []
    for _ in range(5):
        began = time.perf_counter()
        show(settings)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.5


def test_one_file_without_a_python_beside_it_runs_itself(
    run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    keep(settings, statusLine={"type": "command", "command": BEFORE})
    run("hook", "install", "claude-statusline", "--yes")
    command = kept(settings)["statusLine"]["command"]
    assert command.startswith(f"{sys.executable} hook run claude-statusline ")
    run("hook", "remove", "claude-statusline")
    assert kept(settings)["statusLine"]["command"] == BEFORE


def test_the_program_itself_can_be_the_status_line(home: Path) -> None:
    arguments = [sys.executable, "-m", "tokentrack", "hook", "run", "claude-statusline", "echo line"]
    done = subprocess.run(
        arguments, input=json.dumps(TOLD), capture_output=True, text=True, check=False, timeout=30, env=dict(os.environ)
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "line\n", "")
    assert len(noted()) == 1


# ---- read ------------------------------------------------------------------------------------------------------------


def line(at: str, **used: list[float]) -> bytes:
    from datetime import datetime

    ms = round(datetime.fromisoformat(at).timestamp() * 1000)
    return json.dumps({"v": 1, "at": ms, "session_id": "s", "limits": used}).encode() + b"\n"


def texts(machine: Machine) -> list[str]:
    return [limit.text for limit in limits(machine.db)]


def test_limits_are_shown_with_their_age_and_void_after_the_reset(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reset = 1_795_374_000  # 22 November, 19 o'clock
    path = statusline.log_file()
    machine.write(path, line("2026-11-22T17:00:00Z", five_hour=[41.9, reset], seven_day_opus=[12, -1]))
    machine.scan()
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T17:20:00Z")
    assert texts(machine) == [
        "5 hours: 41% used, resets in 1 hour, as of 20 minutes ago",
        "7 days (opus): 12% used, as of 20 minutes ago",
    ]
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T21:00:00Z")
    assert texts(machine)[0] == "5 hours: reset 2 hours ago, no reading since"
    assert limits(machine.db)[0].used_percent is None
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-30T17:00:00Z")
    assert texts(machine)[1] == "7 days (opus): no reading for 8 days"


def test_any_cut_gives_the_newest_word(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T18:30:00Z")
    path = statusline.log_file()
    whole = b"".join(line(f"2026-11-22T17:{minute:02d}:00Z", five_hour=[minute, -1]) for minute in (1, 5, 3))
    for cut in range(0, len(whole), 7):
        machine.write(path, whole[:cut])
        machine.scan()
    machine.write(path, whole)
    machine.scan()
    assert [limit.used_percent for limit in limits(machine.db)] == [5]
    machine.write(path, line("2026-11-22T18:00:00Z", five_hour=[9, -1]))  # another file in its place
    machine.scan()
    assert [limit.used_percent for limit in limits(machine.db)] == [9]


def test_what_is_no_limit_is_told_and_stops_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T18:30:00Z")
    path = statusline.log_file()
    machine.write(path, b'{"at": 1\n[]\n' + line("2026-11-22T17:00:00Z", five_hour=[7, -1], later=[1, 2]))
    machine.scan()
    assert [limit.used_percent for limit in limits(machine.db)] == [7]
    assert len(machine.rows("select * from problems")) == 2
    assert machine.requests == 0


def test_limits_stay_apart_from_money_and_from_sessions(machine: Machine) -> None:
    machine.write(statusline.log_file(), line("2026-11-22T17:00:00Z", five_hour=[99, -1]))
    machine.scan()
    assert (machine.sessions, machine.total().list_value) == ({}, 0)
    shutil.rmtree(statusline.log_file().parent)
    machine.scan()
    assert len(limits(machine.db)) == 1
