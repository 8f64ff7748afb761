"""A labelled set, replayed through the command line alone: what an outside checker would do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run
from linkset import Replay, build, evening, read_once, scripts_in

from tokentrack import clock


@pytest.fixture(scope="module")
def read(shared: Path, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    made = build(scripts_in(shared), tmp_path_factory.mktemp("linkset"), ["vorta"], seed=5, sessions=40)
    with read_once(made, empty_store) as replay:
        yield replay


@pytest.fixture
def replay(read: Replay, home: Path) -> Iterator[Replay]:
    """In the store that the command line opens."""
    store = Path(os.environ["TOKENTRACK_STORE"])
    store.parent.mkdir(parents=True)
    with read.copied(store) as one:
        yield one


def test_the_command_line_replays_a_labelled_set(
    replay: Replay, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Evening by evening as a script would: TOKENTRACK_NOW, `suggest --unlinked --json`, `link --file`."""
    for day, sessions in list(replay.set.steps())[:8]:
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


@pytest.mark.usefixtures("replay")
def test_ac15_the_same_in_every_process() -> None:
    command = [sys.executable, "-m", "tokentrack", "suggest", "--unlinked", "--json"]
    told = {
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(json.loads(told.pop())["suggestions"]) > 40


def _turns(turns: list[int | None]) -> str:
    first, last = turns
    return f"{first}..{'' if last is None else last}"
