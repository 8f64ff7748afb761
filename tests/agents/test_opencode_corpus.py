"""Real logs of opencode give the totals known for them, session by session."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, by_session
from opencode_logs import Place

from tokentrack.model.usage import Total


def counted(total: Total) -> dict[str, int]:
    return {
        "requests": total.requests,
        "input": total.input,
        "output": total.output,
        "reasoning": total.reasoning or 0,
        "cache_read": total.cache_read,
        "cache_write": total.cache_write_5m + total.cache_write_1h,
    }


def known(entry: dict[str, int]) -> dict[str, int]:
    """Real agents' totals tell the two kinds of cache writes apart, of which opencode knows one."""
    entry = dict(entry)
    parts = [entry.pop(name, 0) for name in ("cache_write_5m", "cache_write_1h")]
    return {"cache_write": sum(parts)} | entry


def copy(source: Path, place: Place) -> None:
    """Databases are never opened where they lie: even reading leaves a `-shm` beside them."""
    shutil.copytree(source, place.folder, copy_function=shutil.copyfile)


def check(machine: Machine, right: dict[str, Any]) -> None:
    found = {name: counted(total) for name, total in by_session(machine).items()}
    assert found == {name: known(entry) for name, entry in right["sessions"].items()}
    assert counted(machine.total()) == known(right["total"])


@pytest.mark.parametrize("root", ["opencode", "opencode-sqlite", "opencode-migrated"])
def test_the_development_logs(
    machine: Machine, corpus: Callable[[str], Path], expected: Callable[[str], dict[str, Any]], root: str
) -> None:
    with closing(Place(machine)) as place:
        copy(corpus(root), place)
        report = place.scan()
        assert report.logs_read == report.logs > 0
        assert not report.problems
        check(machine, expected(root))
        assert all(session.title and session.cwd and session.turns for session in machine.sessions.values())
        assert place.scan().logs_read == 0
        assert place.scan(full=True).requests_new == 0
        check(machine, expected(root))


def test_logs_of_the_newest_program(machine: Machine, shared: Path) -> None:
    source = shared / "corpus/real-agents/opencode"
    with closing(Place(machine)) as place:
        copy(source / "home/.local/share/opencode", place)
        report = place.scan()
        assert not report.problems
        assert report.requests_new == machine.requests
        right = json.loads((source / "expected.json").read_text(encoding="utf-8"))
        check(machine, right)
        fork = next(session for session in machine.sessions.values() if (session.title or "").endswith("(fork #1)"))
        assert fork.total.requests == fork.turns == 1
        assert machine.rows("select count(*) from aliases") == [(3,)]
        assert ("key", "SHOP-142", "prompt") in machine.marks()
        assert machine.total().recorded_cost
        place.scan(full=True)
        check(machine, right)
