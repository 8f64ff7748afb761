"""Real logs give the totals known for them, session by session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, by_session

from tokentrack.model.usage import Total

KINDS = ("requests", "input", "output", "cache_read", "cache_write")


def counted(total: Total) -> dict[str, int]:
    write = total.cache_write_5m + total.cache_write_1h
    return dict(zip(KINDS, (total.requests, total.input, total.output, total.cache_read, write), strict=True))


def known(entry: dict[str, int]) -> dict[str, int]:
    return {kind: entry[kind] for kind in KINDS}


def check(machine: Machine, right: dict[str, Any]) -> None:
    assert {name: counted(total) for name, total in by_session(machine).items() if total.requests} == {
        name: known(entry) for name, entry in right["sessions"].items() if entry["requests"]
    }
    assert counted(machine.total()) == known(right["total"])


@pytest.mark.parametrize("root", ["claude", "claude-dup"])
def test_the_development_logs(
    machine: Machine,
    corpus: Callable[[str], Path],
    expected: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    root: str,
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(corpus(root)))
    report = machine.scan()
    assert report.logs_read == report.logs > 0
    check(machine, expected(root))


def test_logs_of_the_newest_program(machine: Machine, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = shared / "corpus/real-agents/claude"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(place / "home/.claude"))
    report = machine.scan()
    right = json.loads((place / "expected.json").read_text())
    kinds = ("requests", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    found = {name: {kind: getattr(total, kind) for kind in kinds} for name, total in by_session(machine).items()}
    assert found == {name: {kind: entry[kind] for kind in kinds} for name, entry in right["sessions"].items()}
    assert not report.problems


def test_the_sample_logs(
    machine: Machine, sample_logs: Path, lay_out: Callable[[Path], Path], expected: Callable[[str], dict[str, Any]]
) -> None:
    lay_out(sample_logs)
    machine.scan()
    check(machine, expected("demo"))
    assert all(session.title for session in machine.sessions.values())


def test_every_claude_model_in_the_development_logs_has_a_price(
    machine: Machine, corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(corpus("claude")))
    machine.scan()
    unpriced = {name for (name,) in machine.rows(
        "select distinct m.name from requests r join models m on m.id = r.model_id where r.list_value is null"
    )}  # fmt: skip
    assert not {name for name in unpriced if name.startswith("claude-")}
