"""docs/new-agent.md is true: an agent written as it tells is found, read, counted, explained and watched."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import types
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from at_work import until
from claude_logs import Machine, dump, lines
from worlds import fresh_place

from tokentrack import agents
from tokentrack.agents import Agent
from tokentrack.ingest import Ingest
from tokentrack.review.health import examine
from tokentrack.review.why import why
from tokentrack.ui import words
from tokentrack.watch import Watch

DOCUMENT = Path(__file__).parents[2] / "docs/new-agent.md"


def code_of_the_document() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(code)


@pytest.fixture
def pebble(monkeypatch: pytest.MonkeyPatch) -> Agent:
    """The document's module, registered for one test wherever the registry is known by name."""
    code = code_of_the_document()
    module = types.ModuleType("tokentrack.agents.pebble")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, str(DOCUMENT), "exec"), module.__dict__)  # noqa: S102  # the document's own code
    known = agents.AGENTS
    for name in [name for name in sys.modules if name.startswith("tokentrack")]:
        if getattr(sys.modules[name], "AGENTS", None) is known:
            monkeypatch.setattr(sys.modules[name], "AGENTS", (*known, module))
    monkeypatch.setattr(Ingest.scan, "__defaults__", ((*known, module),))
    return module


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_its_module_passes_the_checks_as_it_stands(command: tuple[str, ...]) -> None:
    """Who copies it out of the document has nothing to mend."""
    told = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--stdin-filename", "tokentrack/agents/pebble.py", "-"],
        input=code_of_the_document(), cwd=DOCUMENT.parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr


def test_it_is_called_by_its_own_label_everywhere(pebble: Agent) -> None:
    """One folder per agent: no list of names elsewhere has to be kept."""
    assert (words.agent("pebble"), agents.label_of("pebble")) == ("Pebble", "Pebble")
    assert agents.labels() == {agent.NAME: agent.LABEL for agent in agents.AGENTS}


def answer(name: str, sent: int, cached: int, got: int, **more: Any) -> dict[str, Any]:
    told = {"id": name, "at": "2026-11-20T08:00:00Z", "model": "claude-sonnet-4-5", "sent": sent, "cached": cached}
    return told | {"got": got, "folder": "/w/shop"} | more


@pytest.fixture
def log(machine: Machine) -> Path:
    path = machine.home / ".pebble/sessions/s1.jsonl"
    retried = answer("a2", 50, 0, 9)
    return machine.write(path, lines([answer("a1", 120, 100, 30), answer("a2", 50, 0, 2), retried, b"rubbish"]))


def test_its_logs_are_found_read_and_counted(pebble: Agent, machine: Machine, log: Path) -> None:
    report = machine.scan()
    assert (report.logs_read, report.problems) == (
        1,
        [(str(log), f"not JSON at byte {log.read_bytes().index(b'rubbish')}")],
    )
    assert machine.figures() == (70, 39, 0, 100)
    session = machine.sessions["s1"]
    assert (session.agent, session.cwd, session.total.requests) == ("pebble", "/w/shop", 2)
    assert machine.scan().logs_read == 0
    once = dump(machine.db)
    machine.scan(full=True)
    assert dump(machine.db) == once


def test_its_figures_are_explained(pebble: Agent, machine: Machine, log: Path) -> None:
    machine.scan()
    assert pebble.raw(log, 0, "a1") == {"sent": 120, "cached": 100, "got": 30}
    assert "s1" in json.dumps([str(source) for source in why(machine.db, "a1").sources])
    found = {entry["agent"]: entry for entry in examine(machine.db, machine.store, machine.home, {})["agents"]}
    assert found["pebble"]["requests"] == 2
    assert found["pebble"]["unreadable_lines"] == 1


def test_it_is_watched(pebble: Agent, machine: Machine, log: Path) -> None:
    watching = Watch(machine.store, machine.home, os.environ, on_change=lambda: None)
    watching.start()
    try:
        until(lambda: machine.requests == 2, 20, "the first pass")
        machine.write(log, lines([answer("a3", 1, 0, 1)]), append=True)
        until(lambda: machine.requests == 3, 10, "the answer that was appended")
    finally:
        watching.stop()


@pytest.mark.parametrize("seed", range(2))
def test_it_keeps_what_every_reader_promises(
    pebble: Agent, machine: Machine, log: Path, empty_store: Path, seed: int
) -> None:
    """Cut anywhere and read in any number of steps, it gives the same."""
    machine.scan()
    right = dump(machine.db)
    data = log.read_bytes()
    cuts = sorted(random.Random(seed).sample(range(len(data)), 3))
    with fresh_place(empty_store) as place:
        for start, end in pairwise([0, *cuts, len(data)]):
            place.machine.write(place.machine.home / ".pebble/sessions/s1.jsonl", data[start:end], append=True)
            place.machine.scan()
        assert dump(place.machine.db) == right
