"""Codex's logs ("rollouts"), written as Codex writes them, below a home folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from claude_logs import Machine, Record, lines

BEGIN = datetime(2026, 9, 20, 8, tzinfo=UTC)
PARENT, CHILD, OTHER, THIRD = (f"01a2000{n}-6d4a-7543-bdef-faeb7e984108" for n in range(1, 5))


def stamp(seconds: float = 0) -> str:
    """The time so many seconds after the logs begin, as Codex writes it."""
    return (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(seconds: float = 0) -> int:
    return round((BEGIN.timestamp() + seconds) * 1000)


def new_id(seconds: float, number: int = 0) -> str:
    """An id of version 7, as of threads and turns, made at that time."""
    head = f"{ms(seconds):012x}"
    return f"{head[:8]}-{head[8:]}-7000-8000-{number:012x}"


def line(kind: str, payload: Mapping[str, Any], t: float = 0, **fields: Any) -> Record:
    return {"timestamp": stamp(t), "type": kind, "payload": dict(payload)} | fields


def meta(name: str | None = PARENT, t: float = 0, ordinal: int | None = None, **fields: Any) -> Record:
    payload = {"id": name, "timestamp": stamp(t), "cwd": "/w/shop", "cli_version": "0.150.0", "source": "cli"}
    payload["git"] = {"branch": "main"}
    return line("session_meta", payload | fields, t, **({} if ordinal is None else {"ordinal": ordinal}))


def spawned(parent: str) -> Record:
    """The `source` of a sub-agent."""
    return {"subagent": {"thread_spawn": {"parent_thread_id": parent, "depth": 1}}}


def context(model: object = "gpt-5.5", t: float = 0, turn: str | None = None, **fields: Any) -> Record:
    payload = {"model": model, "cwd": "/w/shop"} | ({} if turn is None else {"turn_id": turn})
    return line("turn_context", payload, t, **fields)


def event(kind: str, t: float = 0, *, ordinal: int | None = None, **payload: Any) -> Record:
    return line("event_msg", {"type": kind} | payload, t, **({} if ordinal is None else {"ordinal": ordinal}))


def usage(inp: object, cached: object = 0, out: object = 0, reasoning: object = 0, **more: Any) -> Record:
    return {
        "input_tokens": inp, "cached_input_tokens": cached, "output_tokens": out, "reasoning_output_tokens": reasoning
    } | more  # fmt: skip


def count(total: Record | None, last: Record | None = None, t: float = 1, **more: Any) -> Record:
    """A `token_count` event; `more` may be its rate limits, or its place in the file."""
    info: Record = {}
    if total is not None:
        info["total_token_usage"] = total
    if last is not None:
        info["last_token_usage"] = last
    return event("token_count", t, info=info or None, **more)


def response(
    name: str | None, figures: Record, t: float = 1, *, thread: str = PARENT, turn: str | None = None, **fields: Any
) -> Record:
    """A `token_usage_record`."""
    return line(
        "token_usage_record", {"thread_id": thread, "turn_id": turn, "response_id": name, "usage": figures}, t, **fields
    )


def prompt(text: str, t: float = 0, **more: Any) -> Record:
    return event("user_message", t, message=text, images=[], **more)


def rollout(
    machine: Machine, name: str, *records: Record | bytes, append: bool = False, archived: bool = False
) -> Path:
    """`rollout(machine, PARENT, meta(), …)`: a log named as Codex names it."""
    file = f"rollout-2026-09-20T08-00-00-{name}.jsonl"
    folder = "archived_sessions" if archived else "sessions/2026/09/20"
    return machine.write(machine.home / ".codex" / folder / file, lines(records), append)


def named(machine: Machine, name: str, *records: Record | bytes) -> Path:
    """A log whose name is no thread's id."""
    return machine.write(machine.home / ".codex/sessions" / name, lines(records))


def compressed(path: Path) -> Path:
    """Compresses a log as Codex does: the plain one is gone afterwards."""
    import zstandard

    target = path.with_name(path.name + ".zst")
    target.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    path.unlink()
    return target


def spaced(record: Record) -> bytes:
    return json.dumps(record, separators=(" , ", " : ")).encode()
