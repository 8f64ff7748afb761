"""opencode's storages, written as opencode writes them: JSON files, and databases of both shapes, in its data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent_database import AgentDatabase
from claude_logs import Machine

from tokentrack import paths
from tokentrack.agents import opencode
from tokentrack.ingest import Ingest, Report

BEGIN = 1_786_000_000_000
SONNET = "claude-sonnet-4-5"
Data = dict[str, Any]


def at(seconds: float = 0) -> int:
    return round(BEGIN + seconds * 1000)


def id_of(t: float, number: int) -> str:
    """A message's id as opencode makes it at that time."""
    return f"msg_{(at(t) << 12 | number) % (1 << 48):012x}{number:014}"


def tokens(inp: object = 100, out: object = 10, write: object = 0, read: object = 0, **more: Any) -> Data:
    return {"input": inp, "output": out, "cache": {"read": read, "write": write}} | more


def user(t: float = 0, **fields: Any) -> Data:
    return {"role": "user", "time": {"created": at(t)}, "agent": "build"} | fields


def answer(t: float = 1, figures: object = None, *, done: bool = True, **fields: Any) -> Data:
    """An assistant's message; `figures` are its tokens, of which `tokens()` makes plain ones; False: none."""
    data: Data = {"role": "assistant", "time": {"created": at(t)}, "modelID": SONNET, "providerID": "anthropic"}
    data |= {"mode": "build", "agent": "build", "path": {"cwd": "/w/shop", "root": "/w/shop"}, "cost": 0}
    if done:
        data["time"]["completed"] = at(t + 0.9)
    if figures is not False:
        data["tokens"] = tokens() if figures is None else figures
    return data | fields


def step(figures: object = None, cost: float = 0) -> Data:
    return {"type": "step-finish", "reason": "stop", "cost": cost, "tokens": tokens() if figures is None else figures}


def text(words: str, **fields: Any) -> Data:
    return {"type": "text", "text": words} | fields


def bash(command: str, output: str) -> Data:
    state = {"status": "completed", "input": {"command": command}, "output": output, "time": {"start": 1, "end": 2}}
    return {"type": "tool", "callID": "c", "tool": "bash", "state": state}


TABLES = """
create table session (id text primary key, project_id text, parent_id text, directory text not null, title text not null,
  version text not null, time_created integer not null, time_updated integer not null, time_archived integer);
create table message (id text primary key, session_id text not null, time_created integer not null,
  time_updated integer not null, data text not null);
create index message_session on message (session_id);
create table part (id text primary key, message_id text not null, session_id text not null,
  time_created integer not null, time_updated integer not null, data text not null);
create index part_message on part (message_id, id);
create table credential (id text primary key, value text);
create table event (id text primary key, aggregate_id text not null, seq integer not null, type text not null,
  data text not null)
"""
NEW_TABLES = """
create table session_v2 (id text primary key, parent_id text, directory text not null, title text, version text,
  fork_session_id text, fork_boundary integer, time_created integer not null, time_updated integer not null);
create table session_message (id text primary key, session_id text not null, type text not null, seq integer not null,
  time_created integer not null, time_updated integer not null, data text not null)
"""


class Database(AgentDatabase):
    """One `opencode.db`, in the journal mode that opencode uses, with as many connections as programs have it open."""

    def __init__(self, path: Path, shape: str = TABLES, mode: str = "wal") -> None:
        super().__init__(path, shape, mode)

    def session(self, native_id: str = "ses_1", t: float = 0, **columns: Any) -> None:
        row = {"directory": "/w/shop", "title": "Fix the cart", "version": "1.18.33"} | columns
        self._put(
            "session", row | {"id": native_id, "time_created": at(t), "time_updated": columns.get("updated", at(t))}
        )

    def message(self, native_id: str, data: object, *parts: Data, session: str = "ses_1") -> None:
        times = {"time_created": at(), "time_updated": at()}
        raw = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        self._put("message", {"id": native_id, "session_id": session, "data": raw} | times)
        for number, part in enumerate(parts):
            row = {"id": f"prt_{native_id}_{number}", "message_id": native_id, "session_id": session}
            self._put("part", row | {"data": json.dumps(part, separators=(",", ":"))} | times)

    def new_message(self, native_id: str, data: Data, session: str = "ses_1", seq: int = 0) -> None:
        kind = data.pop("role", "assistant")
        row = {"id": native_id, "session_id": session, "type": kind, "seq": seq, "data": json.dumps(data)}
        self._put("session_message", row | {"time_created": data["time"]["created"], "time_updated": at()})

    def event(self, kind: str, data: Data, session: str = "ses_1") -> None:
        seq = self.db.execute("select count(*) from event").fetchone()[0]
        row = {
            "id": f"evt_{session}_{seq}",
            "aggregate_id": session,
            "seq": seq,
            "type": kind,
            "data": json.dumps(data),
        }
        self._put("event", row)

    def told(self, native_id: str, data: Data, *parts: Data, session: str = "ses_1") -> None:
        """The events of a message and its parts."""
        self.event("message.updated.1", {"info": data | {"id": native_id, "sessionID": session}}, session)
        for number, part in enumerate(parts):
            ids = {"id": f"prt_{native_id}_{number}", "messageID": native_id}
            self.event("message.part.updated.1", {"part": part | ids}, session)

    def undo(self, native_id: str) -> None:
        self.db.execute("delete from message where id = ?", [native_id])
        self.db.execute("delete from part where message_id = ?", [native_id])

    def _put(self, table: str, row: Data) -> None:
        there = {name for _, name, *_ in self.db.execute(f"pragma table_info({table})")}
        row = {name: value for name, value in row.items() if name in there}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        updates = ", ".join(f"{name} = excluded.{name}" for name in row)
        self.db.execute(
            f"insert into {table} ({names}) values ({marks}) on conflict (id) do update set {updates}", [*row.values()]
        )


class Place:
    """opencode's data folder below a home, and the store that Tokentrack fills from it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder = machine.home / ".local/share/opencode"
        self.databases: list[Database] = []

    def close(self) -> None:
        for database in self.databases:
            database.close()

    def database(self, name: str = "opencode.db", shape: str = TABLES, mode: str = "wal") -> Database:
        self.databases.append(Database(self.folder / name, shape, mode))
        return self.databases[-1]

    def write(self, name: str, data: object) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else json.dumps(data, indent=2), encoding="utf-8")
        return path

    def session_file(self, native_id: str = "ses_1", t: float = 0, **fields: Any) -> Path:
        data = {"id": native_id, "directory": "/w/shop", "title": "Fix the cart", "version": "1.0.150"}
        data |= {"time": {"created": at(t), "updated": at(t)}} | fields
        return self.write(f"storage/session/p1/{native_id}.json", data)

    def file(self, native_id: str, data: Data, *parts: Data, session: str = "ses_1") -> Path:
        for number, part in enumerate(parts):
            self.write(f"storage/part/{native_id}/prt_{number}.json", part)
        return self.write(f"storage/message/{session}/{native_id}.json", data | {"id": native_id, "sessionID": session})

    def scan(self, **options: Any) -> Report:
        """Of this agent's logs alone."""
        machine = self.machine
        env = {"XDG_DATA_HOME": str(self.folder.parent)}
        ingest = Ingest(machine.db, machine.home, env, paths.own_prices(machine.store))
        return ingest.scan((opencode,), **options)
