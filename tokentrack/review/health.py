"""What is read and what is not: the ingest ledger behind `tokentrack doctor`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokentrack import clock
from tokentrack.agents import AGENTS, Agent, places
from tokentrack.agents import roots as agent_roots
from tokentrack.agents.folders import Looked
from tokentrack.pricing import own, published
from tokentrack.pricing import problems as price_problems
from tokentrack.review import suggesting
from tokentrack.review.repriced import priced_otherwise
from tokentrack.store import copies, logs, read, repositories

DAYS_LOOKED_BACK = 60
INOTIFY = Path("/proc/sys/fs/inotify")


def examine(db: sqlite3.Connection, store: Path, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """The whole ledger as plain JSON data. `repriced`: requests of open weeks whose price is another one today (AC 10)."""
    prices = own.read(store.with_name("prices.toml"))
    return {
        "agents": [_agent(db, agent, home, env) for agent in AGENTS],
        "unpriced": [{"model": model, "requests": requests} for model, requests in read.unpriced(db)],
        "prices": published.source(),
        "repriced": sum(otherwise := priced_otherwise(db, read.Where(), prices)),
        "repriced_by_own": otherwise.by_own,
        "repositories": [one._asdict() for one in repositories.health(db)],
        "suggestions": {
            tier: {"accepted": one.accepted, "shown": one.shown, "preselects": one.enough}
            for tier, one in suggesting.accuracy(db, clock.now_ms()).items()
        },
        "store": {"path": str(store), "bytes": _size(store)},
        "read_at": clock.iso(logs.last_read(db)),
        "watching": _watching(db, home, env),
        "problems": [*price_problems(prices), *_left_over(store)],
    }


def unopened(store: Path, why: str, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """The ledger without a store: where logs are looked for, and why nothing of them is known."""
    return {
        "agents": [
            {
                "agent": agent.NAME, "roots": _roots(agent_roots(agent, home, env, ())), "logs": None, "requests": None,
                "problems": [],
            }
            for agent in AGENTS
        ],
        "unpriced": [],
        "prices": published.source(),
        "store": {"path": str(store), "bytes": None},
        "problems": [why],
    }  # fmt: skip


def _roots(roots: Iterable[Path]) -> list[dict[str, Any]]:
    return [{"path": str(root), "found": os.path.isdir(root)} for root in roots]  # noqa: PTH112  # never raises


def _agent(db: sqlite3.Connection, agent: Agent, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    found = logs.health(db, agent.NAME)
    roots = agent_roots(agent, home, env, read.extra_roots(db, agent.NAME))
    problems = [{"log": log.path, "reason": log.error} for log in found if log.error and not log.gone]
    problems += [
        {"log": fault.log, "reason": f"{fault.problem.text}{'; the log is gone' if fault.gone else ''}"}
        for fault in logs.faults(db, agent.NAME)
    ]
    return {
        "agent": agent.NAME,
        "roots": _roots(roots),
        "logs": len(found),
        "gone_logs": sum(log.gone for log in found),
        "requests": read.request_count(db, agent.NAME),
        "versions": sorted({log.version for log in found if log.version}, key=_version),
        "unreadable_lines": logs.unreadable(db, agent.NAME),
        "days_without_logs": _days_without(db, agent.NAME),
        "limits": [
            {
                "limit": limit.name,
                "window_minutes": limit.window,
                "used_percent": limit.used_percent,
                "resets_at": clock.iso(limit.resets_at),
                "seen_at": clock.iso(limit.seen_at),
            }
            for limit in read.limits(db, agent.NAME)
        ],
        "problems": problems,
    }


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))


def _days_without(db: sqlite3.Connection, agent: str) -> list[str]:
    """Local days without any usage between the first and the last day with some, as far as `DAYS_LOOKED_BACK`."""
    used = {clock.day_of(quarter) for quarter in read.quarters_with_usage(db, agent)}
    if not used:
        return []
    first = max(min(used), max(used) - DAYS_LOOKED_BACK * clock.DAY)
    span = [first + n * clock.DAY for n in range((max(used) - first).days)]
    return [day.isoformat() for day in span if day not in used]


def _left_over(store: Path) -> list[str]:
    return [
        f"{part} is of a restore that was ended halfway; the next restore removes it, or delete it."
        for part in copies.left_over(store)
    ]


def _size(store: Path) -> int:
    return sum(path.stat().st_size for path in (store, Path(f"{store}-wal")) if path.exists())


def _watching(db: sqlite3.Connection, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """Whether the kernel lets the app watch every folder, and what the app does where it does not."""
    folders = _folders(db, home, env)
    limit = _number(INOTIFY / "max_user_watches")
    mode = read.setting(db, "watch.mode") or "watching"
    cause = mode if mode != "watching" else "watches" if limit is not None and folders > limit else None
    told = {
        "watches": f"; the system grants no more watches ({_named('max_user_watches')}, shared by all programs)",
        "instances": f"; the system lets no more programs watch folders ({_named('max_user_instances')})",
    }
    note = f"{folders} folders"
    if cause:
        note += told.get(cause, "; they cannot be watched here")
        note += ", so the app looks at all logs every few seconds instead"
    return {
        "folders": folders,
        "limit": limit,
        "mode": "polling" if cause else "watching",
        "cause": cause,
        "note": note,
    }


def _folders(db: sqlite3.Connection, home: Path, env: Mapping[str, str]) -> int:
    targets: dict[str, places.Target] = {}
    for agent in AGENTS:
        for root in agent_roots(agent, home, env, read.extra_roots(db, agent.NAME)):
            looked = Looked(root)
            for _ in agent.logs(root, looked):
                pass
            own = [str(root)] if os.path.exists(root) else []  # noqa: PTH110  # never raises
            targets |= {path: places.target(path) for path in (*own, *looked.links(agent.log_at))}
    return places.count(places.laid_out(targets)[0])


def _named(limit: str) -> str:
    number = _number(INOTIFY / limit)
    return f"fs.inotify.{limit}" if number is None else f"fs.inotify.{limit} is {number}"


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
