"""A labelled set, replayed through the command line alone: what an outside checker would do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from claude_logs import Machine
from command_line import Run
from linkset import Replay, build, evening, scripts_in

from tokentrack import clock


def test_the_command_line_replays_a_labelled_set(
    shared: Path, machine: Machine, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Evening by evening as a script would: TOKENTRACK_NOW, `suggest --unlinked --json`, `link --file`."""
    small = build(scripts_in(shared), tmp_path / "set", ["vorta"], seed=5, sessions=40)
    replay = Replay(small, machine)
    for day, sessions in list(small.days())[:8]:
        now = evening(day)
        monkeypatch.setenv("TOKENTRACK_NOW", str(clock.iso(now)))
        wanted = {replay.ids[one["session"]] for one in sessions}
        expected = list(replay.suggested_on(day, wanted))
        told = run("suggest", "--unlinked", "--json")
        assert told.code == 0, told.err
        offers = [one for one in told.json["suggestions"] if one["session"] in wanted]
        assert [(one["native_id"], one["turns"], replay.names[one["task"]], one["preselected"]) for one in offers] == [
            (one["session"], one["turns"], one["task"], one["preselected"]) for one in expected
        ]
        assert all(one["tier"] in "ABCD" and one["reasons"] for one in offers)
        rows = [
            f"{one['session']},{'none' if part['task'] is None else replay.tasks[part['task']]},{_turns(part['turns'])}"
            for one in sessions
            for part in one["segments"]
        ]
        file = tmp_path / f"{day}.csv"
        file.write_text("\n".join(["session,task,turns", *rows, ""]), encoding="utf-8")
        done = run("link", "--file", str(file), "--json")
        assert done.code == 0, done.err
        assert len(json.loads(done.out)["links"]) >= len(rows)


def test_ac15_the_same_in_every_process(shared: Path, machine: Machine, tmp_path: Path) -> None:
    small = build(scripts_in(shared), tmp_path / "set", ["ccusage"], seed=6, sessions=40)
    Replay(small, machine)
    command = [sys.executable, "-m", "tokentrack", "suggest", "--unlinked", "--json"]
    told = {
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert len(json.loads(told.pop())["suggestions"]) > 40


def _turns(turns: list[int | None]) -> str:
    first, last = turns
    return f"{first}..{'' if last is None else last}"
