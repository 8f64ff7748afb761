"""What Cursor writes, as it writes it: its databases, transcripts, chats and the hook's lines; and worlds of them by chance."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent_database import AgentDatabase
from claude_logs import Machine
from hypothesis import strategies as st

from tokentrack import paths
from tokentrack.agents import cursor
from tokentrack.ingest import Ingest, Report

BEGIN = 1_786_000_000_000
Data = dict[str, Any]
PERSON, ASSISTANT = 1, 2


def at(seconds: float = 0) -> int:
    return round(BEGIN + seconds * 1000)


def iso(seconds: float = 0) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at(seconds) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def bubble(kind: int = ASSISTANT, t: float | None = 1, inp: object = 0, out: object = 0, **fields: Any) -> Data:
    """A piece of a message; without a time where `t` is None."""
    made: Data = {"_v": 3, "type": kind, "text": "", "tokenCount": {"inputTokens": inp, "outputTokens": out}}
    if t is not None:
        made["createdAt"] = iso(t)
    return made | fields


def prompt(words: str = "Fix SHOP-12", t: float | None = 0, **fields: Any) -> Data:
    return bubble(PERSON, t, text=words, **fields)


def terminal(command: str, output: str, t: float | None = 1) -> Data:
    params, result = json.dumps({"command": command}), json.dumps({"output": output})
    return bubble(t=t, toolFormerData={"name": "run_terminal_cmd", "params": params, "result": result})


TABLES = """
create table ItemTable (key text unique on conflict replace, value blob);
create table cursorDiskKV (key text unique on conflict replace, value blob)
"""
HEADERS = """
create table composerHeaders (composerId text primary key, workspaceId text, createdAt integer, lastUpdatedAt integer,
  isArchived integer, isSubagent integer, recency integer, checkpointAt integer, value text)
"""


class Database(AgentDatabase):
    """One `state.vscdb`, held open as Cursor holds it."""

    def __init__(self, path: Path, shape: str = TABLES, mode: str = "wal") -> None:
        super().__init__(path, shape, mode)

    def put(self, key: str, value: object, table: str = "cursorDiskKV") -> None:
        """A row is replaced, and gets a new number."""
        text = value if isinstance(value, str | bytes) else json.dumps(value, separators=(",", ":"))
        self.db.execute(f"insert into {table} (key, value) values (?, ?)", [key, text])

    def item(self, key: str, value: object) -> None:
        self.put(key, value, "ItemTable")

    def composer(self, native_id: str = "c-1", *bubbles: str, t: float = 0, **fields: Any) -> None:
        heads = [{"bubbleId": name, "type": PERSON if name.startswith("u") else ASSISTANT} for name in bubbles]
        told: Data = {
            "_v": 10,
            "composerId": native_id,
            "createdAt": at(t),
            "lastUpdatedAt": at(t),
            "name": "Fix the cart",
        }
        told |= {
            "fullConversationHeadersOnly": heads,
            "usageData": {},
            "subagentComposerIds": [],
            "modelConfig": {"modelName": "gpt-5"},
        }
        self.put(f"composerData:{native_id}", told | fields)

    def bubble(self, name: str, data: object, native_id: str = "c-1") -> None:
        self.put(f"bubbleId:{native_id}:{name}", data)

    def conversation(self, native_id: str = "c-1", t: float = 0, *, turns: Any = ((100, 10),), **fields: Any) -> None:
        """A prompt and an answer a turn, whose last bubble holds the turn's tokens."""
        names = []
        for number, (inp, out) in enumerate(turns):
            begun = t + number * 100
            for name, data in (
                (f"u{number}", prompt(f"Fix SHOP-{number + 1}", begun)),
                (f"a{number}", bubble(t=begun + 5)),
                (f"z{number}", bubble(t=begun + 9, inp=inp, out=out, usageUuid=f"{native_id}-g{number}")),
            ):
                self.bubble(name, data, native_id)
                names.append(name)
        self.composer(native_id, *names, t=t, **fields)

    def header(self, native_id: str, t: float = 0, child: int = 0, **value: Any) -> None:
        if not self.db.execute("select 1 from sqlite_master where name = 'composerHeaders'").fetchone():
            self.db.executescript(HEADERS)
        self.db.execute(
            "insert or replace into composerHeaders values (?, 'w', ?, ?, 0, ?, ?, null, ?)",
            [native_id, at(t), at(t), child, at(t), json.dumps(value)],
        )


def folder(path: str) -> Data:
    """The `workspaceIdentifier` of a folder."""
    return {"workspaceIdentifier": {"id": "w", "uri": {"$mid": 1, "fsPath": path, "path": path, "scheme": "file"}}}


class Place:
    """Cursor's folders below a home, and the store that Tokentrack fills from them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.user = machine.home / ".config/Cursor/User"
        self.home = machine.home / ".cursor"
        self.databases: dict[Path, Database] = {}

    def close(self) -> None:
        for database in self.databases.values():
            database.close()

    def database(self, path: Path | None = None, shape: str = TABLES, mode: str = "wal") -> Database:
        path = path or self.user / "globalStorage/state.vscdb"
        if path not in self.databases:
            self.databases[path] = Database(path, shape, mode)
        return self.databases[path]

    def workspace(self, name: str, uri: str | None) -> Database:
        database = self.database(self.user / "workspaceStorage" / name / "state.vscdb")
        if uri is not None:
            database.path.with_name("workspace.json").write_text(json.dumps({"folder": uri}), encoding="utf-8")
        return database

    def transcript(self, native_id: str, *records: Data, slug: str = "w-shop", inner: str = "") -> Path:
        name = inner or f"{native_id}.jsonl"
        path = self.home / f"projects/{slug}/agent-transcripts/{native_id}/{name}"
        data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
        return self.machine.write(path, data)

    def chat(self, native_id: str, **meta: Any) -> Path:
        told = {
            "schemaVersion": 1,
            "createdAtMs": at(),
            "updatedAtMs": at(9),
            "hasConversation": True,
            "cwd": "/w/shop",
        }
        path = self.home / f"chats/0123456789abcdef/{native_id}/meta.json"
        return self.machine.write(path, json.dumps(told | {"title": "Bills"} | meta).encode())

    def turn(self, native_id: str = "c-1", generation: str = "g-1", t: float = 9, **fields: Any) -> Path:
        told = {"v": 1, "at": at(t), "conversation_id": native_id, "generation_id": generation, "model": "default"}
        told |= {
            "loop_count": 0,
            "input_tokens": 100,
            "output_tokens": 5,
            "cache_read_tokens": 60,
            "cache_write_tokens": 30,
        }
        path = cursor.hook_folder(self.machine.home, self.env) / "turns.jsonl"
        return self.machine.write(path, json.dumps(told | fields).encode() + b"\n", append=True)

    @property
    def env(self) -> dict[str, str]:
        return {"XDG_DATA_HOME": str(self.machine.home / ".local/share")}

    def scan(self, **options: Any) -> Report:
        """Of this agent's logs alone."""
        machine = self.machine
        ingest = Ingest(machine.db, machine.home, self.env, paths.own_prices(machine.store))
        return ingest.scan((cursor,), **options)


def said(words: str, role: str = "user") -> Data:
    return {"role": role, "message": {"content": [{"type": "text", "text": words}]}}


# ---- by chance -------------------------------------------------------------------------------------------------------

Act = Callable[[Any], None]
Streams = list[list[Act]]


def _of(place: Any) -> Place:
    """Cursor's part of a place that other agents share; its databases end with it."""
    found = getattr(place, "cursor", None)
    if found is None:
        found = place.cursor = Place(place.machine)
        place.databases.append(found)
    return found


@st.composite
def streams(draw: Any) -> Streams:
    """Conversations beside each other: bubbles that are filled in place or anew, prompts made anew, headers, a hook, a list."""
    made: Streams = []
    for index in range(draw(st.integers(1, 3))):
        native_id, begin = f"c-{index}", index * 1000.0
        acts: list[Act] = []
        names: list[str] = []
        fields = draw(st.sampled_from([{}, folder("/w/shop"), {"name": None}, {"createdAt": None}]))
        for turn in range(draw(st.integers(1, 3))):
            t = draw(st.sampled_from([begin + turn * 100, None]))
            counted = draw(st.one_of(st.tuples(st.integers(0, 400), st.integers(0, 50)), st.just((100, 5))))
            known = f"{native_id}-g{turn}"
            ids = draw(
                st.sampled_from(
                    [{"usageUuid": known}, {"requestId": known}, {"usageUuid": "q", "requestId": known}, {}]
                )
            )
            asked = draw(st.sampled_from([{}, {"requestId": known}]))
            user, last = f"u{turn}", f"z{turn}"
            names += [user, last]
            end = None if t is None else t + 9
            acts += [
                _bubble(native_id, user, prompt(draw(st.sampled_from(["Fix SHOP-1", "", "see #4"])), t, **asked)),
                _bubble(native_id, last, bubble(t=end, **ids)),
                _composer(native_id, list(names), begin, fields),
            ]
            fill = _bubble if draw(st.booleans()) else _filled
            acts.append(fill(native_id, last, bubble(t=end, inp=counted[0], out=counted[1], **ids)))
            if draw(st.integers(0, 3)) == 0:
                acts.append(_bubble(native_id, f"left{turn}", bubble(t=end, inp=7, out=7)))  # made anew since
            if draw(st.integers(0, 2)) == 0:
                acts.append(_turn(native_id, f"{native_id}-g{turn}", begin + turn * 100 + 10))
        if draw(st.booleans()):
            acts.append(_header(native_id, begin))
        made.append(acts)
    if draw(st.booleans()):
        made.append([_listed("c-0"), _listed("c-0", "c-9")])
    return made


def _bubble(native_id: str, name: str, data: Data) -> Act:
    return lambda place: _of(place).database().bubble(name, data, native_id)


def _filled(native_id: str, name: str, data: Data) -> Act:
    """In its row, which keeps its number."""

    def act(place: Any) -> None:
        key = f"bubbleId:{native_id}:{name}"
        _of(place).database().db.execute("update cursorDiskKV set value = ? where key = ?", [json.dumps(data), key])

    return act


def _composer(native_id: str, names: list[str], t: float, fields: Data) -> Act:
    return lambda place: _of(place).database().composer(native_id, *names, t=t, **fields)


def _header(native_id: str, t: float) -> Act:
    return lambda place: _of(place).database().header(native_id, t, name="Fix the cart", **folder("/w/shop"))


def _turn(native_id: str, generation: str, t: float) -> Act:
    return lambda place: (_of(place).turn(native_id, generation, t), None)[1]


def _listed(*names: str) -> Act:
    def act(place: Any) -> None:
        told = {"createdAt": at(), "lastUpdatedAt": at(5), "name": "Fix the cart"}
        entries = [{"composerId": name} | told for name in names]
        _of(place).workspace("w1", "file:///w/shop").item("composer.composerData", {"allComposers": entries})

    return act


# ---- for the fuzzer --------------------------------------------------------------------------------------------------


def fill(place: Place, mode: str = "delete") -> None:
    """A little of everything that the reader looks at."""
    own = place.database(mode=mode)
    own.db.execute("begin")
    own.conversation("c-1", turns=[(100, 10), (0, 0), (30, 3)], subagentComposerIds=["c-3"])
    own.conversation("c-2", 500, turns=[(0, 0)])
    own.conversation("c-3", 600, turns=[(9, 9)])
    own.bubble("t1", terminal("git commit -m x", "[main 1a2b3c4] SHOP-13"))
    own.bubble("b1", bubble(inp=5, out=5), "gone")
    own.item("composer.composerData", {"allComposers": [{"composerId": "c-8", "name": "Old", "createdAt": at()}]})
    own.db.execute("commit")
    own.header("c-2", name="Bills", **folder("/w/shop"))
    place.workspace("w1", "file:///w/other").item(
        "composer.composerData", {"allComposers": [{"composerId": "c-9", "name": "Old", "lastUpdatedAt": at()}]}
    )
    place.transcript("c-4", said("<user_query>Fix SHOP-9</user_query>"), said("ok", "assistant"))
    place.chat("c-5")
    place.turn("c-6")
    tracking(place.home / "ai-tracking/ai-code-tracking.db")


def tracking(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path)
    db.executescript(
        """create table ai_code_hashes (hash text primary key, source text, fileName text, requestId text,
             conversationId text, timestamp integer, model text);
           create table scored_commits (commitHash text, branchName text, scoredAt integer, commitMessage text,
             primary key (commitHash, branchName));
           create table conversation_summaries (conversationId text primary key, title text, updatedAt integer)"""
    )
    db.executemany(
        "insert into ai_code_hashes values (?, 'composer', 'a.py', 'r', ?, ?, 'gpt-5')",
        [
            ("h1", "c-1", at(1)),
            ("h2", "c-1", at(2)),
            ("h3", "c-1", at(20)),
            ("h4", "c-2", at(21)),
            ("h5", "c-2", at(40)),
        ],
    )
    db.executemany(
        "insert into scored_commits values (?, 'main', ?, ?)",
        [
            ("aaaaaaa", at(10), "SHOP-13: carts"),
            ("bbbbbbb", at(30), "both"),
            ("ccccccc", at(50), None),
            ("ddddddd", at(60), ""),
        ],
    )
    db.execute("insert into conversation_summaries values ('c-7', 'A summary', 1)")
    db.commit()
    db.close()


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
