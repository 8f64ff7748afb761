"""Suggestions and rules on large labelled sets, replayed evening by evening, and how long 1,000 sessions take to rank."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from claude_logs import Machine
from linkset import Linkset, Replay, build

from tokentrack.review import suggesting

HISTORIES = ("TokenTracker", "ccusage", "sqlite-utils", "vorta")
SESSIONS, MANY = 700, 1000
SEEDS = (1, 7)
Z = 1.96
LATE = 2_000_000_000_000


def measured(work: Path, scripts: Path) -> dict[str, Any]:
    """Each seed's scores, what rules linked over all of them, and the ranking."""
    found: dict[str, Any] = {}
    ruled = [0, 0]
    for seed in SEEDS:
        given = build(scripts, work / f"linkset-{seed}", HISTORIES, seed, SESSIONS)
        told = given.score(_replay(given, "suggested").suggested())
        found[f"seed {seed}"] = _scores(told)
        right, count = _replay(given, "ruled").ruled()
        ruled = [ruled[0] + right, ruled[1] + count]
    return found | {"rule-applied": _share(*ruled), "ranking": _ranking(work, scripts)}


def _replay(given: Linkset, name: str) -> Replay:
    store = given.folder / f"{name}.db"
    for file in given.folder.glob(f"{store.name}*"):
        file.unlink()
    return Replay(given, Machine(given.home, store))


def _scores(told: dict[str, Any]) -> dict[str, str]:
    return {
        "precision": _share(told["right"], told["decisions"]),
        "cost-weighted": f"{told['cost_right'] / told['cost']:.3f}",
        "pre-selected without a task": _share(told["none_selected"], told["none_sessions"]),
        "coverage with a key": _share(*reversed(told["keyed"])),
        "coverage without": _share(*reversed(told["unkeyed"])),
        "among the first three": _share(told["top3"], told["segments"]),
    }


def _share(right: int, count: int) -> str:
    """A share, what it is of, and Wilson's lower bound of it."""
    part = right / count
    low = (part + Z * Z / (2 * count) - Z * (part * (1 - part) / count + Z * Z / (4 * count**2)) ** 0.5) / (
        1 + Z * Z / count
    )
    return f"{part:.3f} ({right}/{count}, at least {low:.3f})"


def _ranking(work: Path, scripts: Path) -> dict[str, Any]:
    """Seconds to gather and to rank a thousand sessions that wait, the best of three."""
    given = build(scripts, work / "linkset-many", HISTORIES, 3, MANY)
    replay = _replay(given, "many")
    gathered, ranked = [], []
    with closing(replay.db), replay.at_home():
        for _ in range(3):
            began = time.perf_counter()
            found = suggesting.facts(replay.db, LATE)
            between = time.perf_counter()
            suggesting.ranking.suggest(found)
            gathered.append(between - began)
            ranked.append(time.perf_counter() - between)
    return {"sessions": len(found.asked), "gathered": round(min(gathered), 3), "ranked": round(min(ranked), 3)}
