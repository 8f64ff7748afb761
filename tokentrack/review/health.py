"""What is read and what is not: the ingest ledger behind `tokentrack doctor`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokentrack import clock
from tokentrack.agents import AGENTS, Agent
from tokentrack.agents import roots as agent_roots
from tokentrack.pricing import own, published
from tokentrack.pricing import problems as price_problems
from tokentrack.review import suggesting
from tokentrack.store import read, repositories

DAYS_LOOKED_BACK = 60
WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


def examine(db: sqlite3.Connection, store: Path, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """The whole ledger as plain JSON data."""
    prices = own.read(store.with_name("prices.toml"))
    return {
        "agents": [_agent(db, agent, home, env) for agent in AGENTS],
        "unpriced": [{"model": model, "requests": requests} for model, requests in read.unpriced(db)],
        "prices": published.source(),
        "repositories": [one._asdict() for one in repositories.health(db)],
        "suggestions": {
            tier: {"accepted": one.accepted, "shown": one.shown, "preselects": one.enough}
            for tier, one in suggesting.accuracy(db, clock.now_ms()).items()
        },
        "store": {"path": str(store), "bytes": _size(store)},
        "read_at": clock.iso(read.last_read(db)),
        "watching": _watching(db, home, env),
        "problems": price_problems(prices),
    }


def _agent(db: sqlite3.Connection, agent: Agent, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    logs = read.log_health(db, agent.NAME)
    roots = agent_roots(agent, home, env, read.extra_roots(db, agent.NAME))
    problems = [{"log": log.path, "reason": log.error} for log in logs if log.error and not log.gone]
    problems += [
        {"log": path, "reason": reason if offset < 0 else f"{reason} at byte {offset}"}
        for path, offset, reason in read.problems(db, agent.NAME)
    ]
    return {
        "agent": agent.NAME,
        "roots": [{"path": str(root), "found": os.path.isdir(root)} for root in roots],  # noqa: PTH112
        "logs": len(logs),
        "gone_logs": sum(log.gone for log in logs),
        "requests": read.request_count(db, agent.NAME),
        "versions": sorted({log.version for log in logs if log.version}, key=_version),
        "unreadable_lines": sum(log.unreadable for log in logs),
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


def _size(store: Path) -> int:
    return sum(path.stat().st_size for path in (store, Path(f"{store}-wal")) if path.exists())


def _watching(db: sqlite3.Connection, home: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """Whether the kernel lets the app watch every folder, and what the app does where it does not."""
    folders = sum(_folders(root) for agent in AGENTS for root in agent.roots(home, env))
    try:
        limit = int(WATCH_LIMIT.read_text())
    except (OSError, ValueError):
        limit = None
    polling = (limit is not None and folders > limit) or read.setting(db, "watch.mode") == "polling"
    note = (
        f"{folders} folders are more than can be watched here; the app looks at all logs every few seconds instead"
        if polling
        else f"{folders} folders"
    )
    return {"folders": folders, "limit": limit, "mode": "polling" if polling else "watching", "note": note}


def _folders(root: Path) -> int:
    return sum(1 for _ in os.walk(root))
