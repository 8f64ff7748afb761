"""What Codex and opencode write in months of work, made by chance, with the truth beside it; shapes and shares of real logs."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2026, 6, 1, 8, tzinfo=UTC)
WORDS = (
    "cart order invoice queue worker parser layout schema token widget deploy review cache index branch merge".split()
)
TURNS, CALLS = 8, 14

Truth = dict[str, int]


def codex(home: Path, megabytes: int) -> Truth:
    """Rollouts of some 2 MB below `.codex/sessions`: responses, tools' outputs, and a running total after each response."""
    chance, truth, size = random.Random(7), {"requests": 0, "tokens": 0}, 0
    number = 0
    while size < megabytes * 1_000_000:
        began = BEGIN + timedelta(hours=number)
        path = (
            home
            / ".codex/sessions"
            / f"{began:%Y/%m/%d}"
            / f"rollout-{began:%Y-%m-%dT%H-%M-%S}-{_thread(number)}.jsonl"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(
            json.dumps(record, separators=(",", ":")) + "\n" for record in _rollout(number, began, chance, truth)
        )
        path.write_text(text, encoding="utf-8")
        size += len(text)
        number += 1
    return truth


def _thread(number: int) -> str:
    return f"01a2{number:04x}-6d4a-7543-bdef-faeb7e984108"


def _rollout(number: int, began: datetime, chance: random.Random, truth: Truth) -> list[dict[str, Any]]:
    total = dict.fromkeys(("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens"), 0)
    records: list[dict[str, Any]] = []

    def add(kind: str, **payload: Any) -> None:
        at = began + timedelta(seconds=len(records))
        records.append({"timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "type": kind, "payload": payload})

    add("session_meta", id=_thread(number), timestamp=f"{began:%Y-%m-%dT%H:%M:%S}.000Z", cwd=f"/home/dev/src/p{number % 9}",
        cli_version="0.150.0", source="cli", git={"branch": "main"}, base_instructions=_text(chance, 10_000))  # fmt: skip
    for turn in range(TURNS):
        add("turn_context", turn_id=f"{number}-{turn}", cwd=f"/home/dev/src/p{number % 9}", model="gpt-5.5",
            user_instructions=_text(chance, 700))  # fmt: skip
        add("event_msg", type="user_message", message=f"SHOP-{number}: {_text(chance, 300)}", images=[])
        for _ in range(CALLS):
            add("response_item", type="reasoning", summary=[], encrypted_content=_text(chance, 1100))
            add("response_item", type="function_call", name="exec", arguments=_text(chance, 300), call_id="call_1")
            add("event_msg", type="exec_command_end", call_id="call_1", aggregated_output=_text(chance, 6000))
            output = _text(chance, chance.choice([800, 3000, 20_000]))
            add("response_item", type="function_call_output", call_id="call_1", output=output)
            add(
                "response_item",
                type="message",
                role="assistant",
                content=[{"type": "output_text", "text": _text(chance, 900)}],
            )
            last = {"input_tokens": chance.randint(20_000, 200_000), "output_tokens": chance.randint(50, 3000)}
            last |= {
                "cached_input_tokens": last["input_tokens"] * 9 // 10,
                "reasoning_output_tokens": last["output_tokens"] // 3,
            }
            for name, count in last.items():
                total[name] += count
            info = {"total_token_usage": dict(total), "last_token_usage": last, "model_context_window": 258_400}
            for _ in range(2):  # every event comes twice in real logs
                add("event_msg", type="token_count", info=info, rate_limits=None)
            truth["requests"] += 1
            truth["tokens"] += last["input_tokens"] + last["output_tokens"]
    return records


def opencode(home: Path, megabytes: int) -> Truth:
    """`opencode.db` as version 1 writes it: most of its bytes are tools' outputs, in parts between those that tell tokens."""
    path = home / ".local/share/opencode/opencode.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    chance, truth, size, number = random.Random(7), {"requests": 0, "tokens": 0}, 0, 0
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = off")
        db.executescript(_TABLES)
        while size < megabytes * 1_000_000:
            db.execute("begin")
            size += _session(db, number, chance, truth)
            db.execute("commit")
            number += 1
    return truth


_TABLES = """
create table session (id text primary key, project_id text, parent_id text, directory text not null, title text not null,
  version text not null, time_created integer not null, time_updated integer not null, time_archived integer);
create table message (id text primary key, session_id text not null, time_created integer not null,
  time_updated integer not null, data text not null);
create index message_session_idx on message (session_id);
create table part (id text primary key, message_id text not null, session_id text not null,
  time_created integer not null, time_updated integer not null, data text not null);
create index part_message_idx on part (message_id);
create index part_session_idx on part (session_id);
"""


def _session(db: sqlite3.Connection, number: int, chance: random.Random, truth: Truth) -> int:
    began = round((BEGIN + timedelta(hours=number)).timestamp() * 1000)
    name, size = f"ses_{number:08x}", 0
    db.execute("insert into session values (?, 'p', null, ?, ?, '1.2.0', ?, ?, null)",
               [name, f"/home/dev/src/p{number % 9}", f"Session {number}", began, began])  # fmt: skip

    def message(n: int, data: dict[str, Any], parts: list[dict[str, Any]]) -> int:
        id_, at = f"msg_{number:08x}{n:06x}", began + n * 1000
        text = json.dumps(data, separators=(",", ":"))
        db.execute("insert into message values (?, ?, ?, ?, ?)", [id_, name, at, at, text])
        told = [json.dumps(part, separators=(",", ":")) for part in parts]
        db.executemany("insert into part values (?, ?, ?, ?, ?, ?)",
                       [(f"prt_{number:08x}{n:06x}{i:02x}", id_, name, at, at, part) for i, part in enumerate(told)])  # fmt: skip
        return len(text) + sum(map(len, told))

    for n in range(TURNS * CALLS):
        at = began + n * 1000
        if n % CALLS == 0:
            size += message(
                n, {"role": "user", "time": {"created": at}}, [{"type": "text", "text": _text(chance, 300)}]
            )
            continue
        tokens = {"input": chance.randint(1, 900), "output": chance.randint(40, 2000), "reasoning": 0,
                  "cache": {"read": chance.randint(9000, 160_000), "write": chance.randint(0, 9000)}}  # fmt: skip
        path = {"cwd": f"/home/dev/src/p{number % 9}", "root": "/"}
        data = {"role": "assistant", "time": {"created": at, "completed": at + 900}, "modelID": "claude-sonnet-4-5",
                "providerID": "anthropic", "mode": "build", "path": path, "cost": 0, "tokens": tokens}  # fmt: skip
        output = _text(chance, chance.choice([600, 6000, 40_000]))
        state = {"status": "completed", "input": {"command": "ls"}, "output": output}
        size += message(n, data, [
            {"type": "step-start"},
            {"type": "text", "text": _text(chance, 700)},
            {"type": "tool", "callID": "c", "tool": "bash", "state": state},
            {"type": "step-finish", "reason": "tool-calls", "cost": 0, "tokens": tokens},
        ])  # fmt: skip
        truth["requests"] += 1
        truth["tokens"] += tokens["input"] + tokens["output"] + sum(tokens["cache"].values())
    return size


def _text(chance: random.Random, length: int) -> str:
    line = " ".join(chance.choices(WORDS, k=12)) + "\n\t\"quoted\" {'k': 1}\n"
    return (line * (length // len(line) + 1))[:length]
