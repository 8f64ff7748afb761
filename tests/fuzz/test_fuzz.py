"""Some of the fuzzer's mutations of each kind; `make fuzz` does 20,000. And that it would notice what it looks for."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from fuzz import __main__ as runner
from fuzz.__main__ import damaged_by, one, quick_folder
from fuzz.mutate import Specimen, changed_database, mutated
from fuzz.reading import TooLong, Unsound, check, lay_out, limited, read_all, scan
from fuzz.specimens import TABLE

from tokentrack.agents import AGENTS, agent_named
from tokentrack.agents.values import TOO_MANY
from tokentrack.model.logs import Chunk, Piece, Problem, Request

SEED, COUNT = 20261122, 40
kinds = pytest.mark.parametrize("name", sorted(TABLE))


@pytest.fixture(scope="module")
def specimens() -> dict[str, list[Specimen]]:
    return {name: kind.specimens() for name, kind in TABLE.items()}


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tt-", dir=quick_folder()) as folder:
        yield Path(folder)


@kinds
def test_no_damage_does_harm(name: str, specimens: dict[str, list[Specimen]], place: Path, empty_store: Path) -> None:
    told = 0
    for number in range(COUNT):
        try:
            told += bool(one(TABLE[name], specimens[name], SEED, number, place, empty_store))
        except BaseException as error:
            error.add_note(f"again: make fuzz FUZZ='{name} --seed {SEED} --only {number}'")
            raise
    assert told > COUNT / 20, "damage must be told of"


@kinds
def test_what_is_damaged_is_sound_before(
    name: str, specimens: dict[str, list[Specimen]], place: Path, empty_store: Path
) -> None:
    """Else the fuzzer would only ever read rubbish."""
    agent = agent_named(TABLE[name].agent)
    store = place / "store.db"
    store.write_bytes(empty_store.read_bytes())
    for specimen in specimens[name][:6]:
        lay_out(place / "home", specimen)
        read_all(agent, place / "home", {}, sound=True)
        scan(agent, place / "home", store)
    with closing(sqlite3.connect(store)) as db:
        assert db.execute("select count(*) from requests").fetchone()[0] > 3


def test_every_agent_is_fuzzed() -> None:
    assert {kind.agent for kind in TABLE.values()} == {agent.NAME for agent in AGENTS}


@kinds
def test_a_seed_always_does_the_same_damage(name: str, specimens: dict[str, list[Specimen]]) -> None:
    first, again = ([damaged_by(TABLE[name], specimens[name], SEED, number) for number in range(30)] for _ in range(2))
    assert first == again
    changed = sum(damaged not in specimens[name] for damaged in first)
    assert changed > 22


def request(**fields: object) -> Request:
    sound = Request("k", 1, "m", 1, 1, 0, 0, 0, None, 0, "", None, "recorded", 2, 1, None, None, 0)
    return sound._replace(**fields)


@pytest.mark.parametrize(
    "odd",
    [
        {"input": -1}, {"output": TOO_MANY + 1}, {"cache_read": 1.5}, {"reasoning": 2}, {"recorded_cost": -1}, {"key": ""},
        {"key": "x" * 5000}, {"model": "\ud800"}, {"cwd": "x" * 9000}, {"at": 0}, {"at": 10**15}, {"offset": 2**63},
        {"tokens_from": "air"}, {"standing": 9}, {"claim": -1},
    ],
)  # fmt: skip
def test_what_no_log_may_lead_to_is_noticed(odd: dict[str, object]) -> None:
    def chunk(found: Request) -> Chunk:
        return Chunk("{}", [Piece("s", [found], [], [], [], [], None, None)], [Problem(0, "x")], None, 0, False, False)

    check(chunk(request()))
    with pytest.raises((Unsound, UnicodeEncodeError)):
        check(chunk(request(**odd)))


def test_what_does_not_come_to_an_end_is_noticed() -> None:
    started = time.monotonic()

    def without_end() -> None:
        with limited(0.2):
            while True:
                sum(range(1000))

    with pytest.raises(TooLong):
        without_end()
    assert time.monotonic() - started < 30


def test_rubbish_that_is_not_told_of_is_noticed(place: Path, empty_store: Path) -> None:
    from fuzz.reading import attempt

    sound = TABLE["codex"].specimens()[0]
    clean = {name: data for name, data in sound.items() if name.endswith("old.jsonl")}
    fresh = Random(5)
    assert Random(5).random() > 0.5, "not read before it is damaged"
    with pytest.raises(Unsound, match="rubbish"):
        attempt(agent_named("codex"), clean, clean, True, place / "home", empty_store, fresh)


def test_a_database_is_changed_and_stays_one(specimens: dict[str, list[Specimen]]) -> None:
    (data,) = specimens["opencode-databases"][0].values()
    dice = Random(1)
    changed = [changed_database(data, dice) for _ in range(30)]
    assert sum(one_ != data for one_ in changed) > 20
    assert all(one_.startswith(b"SQLite format 3\0") for one_ in changed)
    assert mutated({"a.jsonl": b"{}\n"}, Random(2))[0] != {}


def test_what_fails_is_kept_with_its_seed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FAILURES", place / "kept")
    own = TABLE["codex"].own
    monkeypatch.setitem(TABLE, "broken", replace(TABLE["codex"], name="broken", agent="nobody", real=own))
    at, told = SimpleNamespace(value=-1), [0, 0, 0]
    runner.work("broken", 7, range(3), at, told)
    assert (at.value, told) == (2, [3, 0, 3])
    kept = place / "kept/broken-7-1"
    assert "python -m fuzz broken --seed 7 --only 1" in (kept / "why.txt").read_text()
    assert "KeyError: 'nobody'" in (kept / "why.txt").read_text()
    (damaged,) = [damaged_by(TABLE["broken"], TABLE["broken"].specimens(), 7, 1)]
    assert {str(file.relative_to(kept / "home")) for file in kept.glob("home/**/*") if file.is_file()} == set(damaged)


def test_a_run_tells_its_seed_and_what_it_did() -> None:
    command = [sys.executable, "-m", "fuzz", "codex", "--count", "6", "--seed", "5"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ["PYTHONPATH"]])}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"seed 5\ncodex: 6 mutations, \d+ with problems told, 0 failed \(\d+ s\)\n", done.stdout)
