"""A home folder with Claude Code's logs in it, written as Claude Code writes them, and a real store that reads them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tokentrack import paths
from tokentrack.ingest import Ingest, Report
from tokentrack.model.usage import Session, Total
from tokentrack.store import open_store, read
from tokentrack.store.read import Where

BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)
OPUS, SONNET, HAIKU = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"

Record = dict[str, Any]


def stamp(seconds: float = 0) -> str:
    """The time so many seconds after the logs begin, as Claude Code writes it."""
    return (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(seconds: float = 0) -> int:
    return round((BEGIN.timestamp() + seconds) * 1000)


def prompt(text: object = "Fix the cart", t: float = 0, **fields: Any) -> Record:
    record = {"type": "user", "uuid": f"u{t}", "timestamp": stamp(t), "cwd": "/w/shop", "gitBranch": "main"}
    return record | {"sessionId": "S", "message": {"role": "user", "content": text}} | fields


def usage(inp: object = 100, out: object = 10, write: object = 0, cached: object = 0, **more: Any) -> Record:
    counters = {"input_tokens": inp, "output_tokens": out}
    return counters | {"cache_creation_input_tokens": write, "cache_read_input_tokens": cached} | more


def answer(
    id: str | None = "msg_1",  # noqa: A002  # as in the logs
    request: str | None = "req_1",
    t: float = 1,
    *,
    figures: object = None,
    model: object = OPUS,
    content: object = (),
    **fields: Any,
) -> Record:
    """An `assistant` record; `figures` is its usage, of which `usage()` makes a plain one."""
    message: Record = {"role": "assistant", "model": model, "content": list(content) if content == () else content}
    if id is not None:
        message["id"] = id
    if figures is not False:
        message["usage"] = usage() if figures is None else figures
    record: Record = {
        "type": "assistant",
        "uuid": f"a{t}",
        "timestamp": stamp(t),
        "cwd": "/w/shop",
        "gitBranch": "main",
    }
    if request is not None:
        record["requestId"] = request
    return record | {"sessionId": "S", "message": message} | fields


def echo(inner: Record, t: float = 1, **fields: Any) -> Record:
    """A `progress` record, by which versions up to 2.1.84 told the parent's log of a sub-agent's answer."""
    data = {"type": "agent_progress", "agentId": "ab12", "message": inner}
    return {
        "type": "progress",
        "timestamp": stamp(t),
        "sessionId": "S",
        "parentToolUseID": "toolu_9",
        "data": data,
    } | fields


def tool_use(id: str, name: str, **given: Any) -> Record:  # noqa: A002
    return {"type": "tool_use", "id": id, "name": name, "input": given}


def tool_result(id: str, content: object = "", t: float = 2, result: object = None, **fields: Any) -> Record:  # noqa: A002
    block = {"type": "tool_result", "tool_use_id": id, "content": content}
    record = prompt([block], t, **fields)
    return record if result is None else record | {"toolUseResult": result}


def compact(record: Record | bytes) -> bytes:
    """One line, letters beyond ASCII as they are; half a surrogate as the escape that JSON has for it."""
    if isinstance(record, bytes):
        return record
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def lines(records: Iterable[Record | bytes]) -> bytes:
    return b"".join(compact(record) + b"\n" for record in records)


class Machine:
    """Where the agent writes below a home folder, and the store that Tokentrack fills from it."""

    def __init__(self, home: Path, store: Path | None = None) -> None:
        self.home = home
        self.projects = home / ".claude/projects"
        self.store = store or paths.store_path()
        self.db = open_store(self.store)

    def close(self) -> None:
        self.db.close()

    def log(self, name: str, *records: Record | bytes, append: bool = False) -> Path:
        """`log("P/S.jsonl", prompt(), answer())`: a log below the default root."""
        return self.write(self.projects / name, lines(records), append)

    def write(self, path: Path, data: bytes, append: bool = False) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(data)
        return path

    def scan(self, **options: Any) -> Report:
        prices = paths.own_prices(self.store)
        return Ingest(self.db, self.home, os.environ, prices).scan(**options)

    def total(self, **where: Any) -> Total:
        return read.total(self.db, Where(**where))

    def figures(self, **where: Any) -> tuple[int, int, int, int]:
        """(input, output, cache write, cache read), as the cases give them."""
        total = self.total(**where)
        return total.input, total.output, total.cache_write_5m + total.cache_write_1h, total.cache_read

    @property
    def requests(self) -> int:
        return self.total().requests

    @property
    def sessions(self) -> dict[str, Session]:
        """Every session by its native id."""
        return {session.native_id: session for session in read.sessions(self.db)}

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.db.execute(sql, values)]

    def marks(self) -> set[tuple[str, str, str]]:
        return set(self.rows("select kind, value, source from marks"))


def a_session_each(machine: Machine, days: Mapping[str, str]) -> None:
    """Name ▶ local day: a session of one turn at ten in the morning, read."""
    for name, day in days.items():
        at = {"timestamp": f"{day}T10:00:00.000Z"}
        machine.log(
            f"P/{name}.jsonl",
            prompt(f"fix {name}", id=f"p-{name}") | at,
            answer(f"m-{name}", model=HAIKU, figures=usage(1000, 100)) | at,
        )
    machine.scan()


def by_session(machine: Machine) -> Mapping[str, Total]:
    return {name: session.total for name, session in machine.sessions.items()}


DUMP = {
    "requests": """select r.key, s.native_id, r.turn, r.at, m.name, r.variant, r.input, r.output, r.cache_read,
        r.cache_write_5m, r.cache_write_1h, r.reasoning, r.web_searches, r.web_searches_found, r.recorded_cost,
        r.tokens_from, r.standing, r.owner, p.cwd, p.branch, r.list_value, r.price_id is null
        from requests r join sessions s on s.id = r.session_id left join models m on m.id = r.model_id
        left join places p on p.id = r.place_id order by r.agent, r.key""",
    "sessions": """select s.uid, s.native_id, s.title, s.cwd, p.path, s.started_at, s.ended_at, s.turns, s.requests, s.input,
        s.output, s.reasoning, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.web_searches, s.recorded_cost,
        s.list_value, s.unpriced, s.tokens_from from sessions s left join projects p on p.id = s.project_id
        order by s.agent, s.native_id""",
    "turns": """select s.native_id, t.native_id, t.at, t.position, t.seq, t.leaf
        from turns t join sessions s on s.id = t.session_id order by 1, 2""",
    "titles": """select s.native_id, t.kind, t.leaf, t.position, t.text
        from titles t join sessions s on s.id = t.session_id order by 1, 2, 3""",
    "marks": """select s.native_id, k.at, k.kind, k.value, k.source
        from marks k join sessions s on s.id = k.session_id order by 1, 2, 3, 4, 5""",
    "searches": "select * from searches order by 1, 2",
}
"""What the store holds, by the agents' own ids: the same whatever order the logs were read in."""


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [tuple(row) for row in db.execute(sql)] for name, sql in DUMP.items()}
