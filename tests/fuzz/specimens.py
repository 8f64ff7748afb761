"""What is damaged: small home folders, cut from real logs where ../shared is there, and from the logs that the tests write.

A new agent is one row in `TABLE`.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fuzz.mutate import Specimen
from worlds import claude_home, codex_home, cursor_home, opencode_database_home, opencode_home

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared/corpus"
REAL = SHARED / "real-agents"

LARGEST = 16 << 10
"""Bytes of a specimen's file of lines: small ones are damaged where it matters, and read quickly."""
LONGEST = 6 << 10
MOST = 300


@dataclass(frozen=True)
class Kind:
    """One way in which an agent keeps its logs."""

    name: str
    agent: str
    own: Callable[[], Iterable[Specimen]]
    real: Callable[[], Iterable[Specimen]]

    def specimens(self) -> list[Specimen]:
        real = list(islice(self.real(), MOST)) if SHARED.is_dir() else []
        return [*self.own(), *real]


# ---- files of lines --------------------------------------------------------------------------------------------------


def windows(data: bytes) -> Iterator[bytes]:
    """Parts of a log, each with the log's first lines before it, as every log has them."""
    lines = [line for line in data.splitlines(keepends=True) if len(line) <= LONGEST]
    head, size = lines[:2], 0
    part: list[bytes] = []
    for line in lines[2:]:
        part.append(line)
        size += len(line)
        if size > LARGEST:
            yield b"".join(head + part)
            part, size = [], 0
    yield b"".join(head + part)


def of_lines(folder: Path, place: str, most: int = 12) -> Iterator[Specimen]:
    """Windows of every log below a folder, at the place where the agent keeps it."""
    for path in sorted(folder.rglob("*.jsonl*")):
        data = path.read_bytes()
        if path.suffix == ".zst":
            yield {f"{place}/{path.relative_to(folder)}": data}
            continue
        for part in islice(windows(data), most):
            yield {f"{place}/{path.relative_to(folder)}": part}


def real_claude() -> Iterator[Specimen]:
    yield from of_lines(CHECKOUT / "resources/demo/claude", ".claude")
    yield from of_lines(REAL / "claude/home/.claude/projects", ".claude/projects", 4)
    yield from of_lines(SHARED / "dev/claude-dup", ".claude")
    yield from of_lines(SHARED / "dev/claude", ".claude", 2)


def real_codex() -> Iterator[Specimen]:
    for root in (
        REAL / "codex-zst/home/.codex",
        REAL / "codex/home/.codex",
        SHARED / "dev/codex",
        SHARED / "dev/codex-fork",
    ):
        for name in ("sessions", "archived_sessions"):
            yield from of_lines(root / name, f".codex/{name}", 5)


# ---- folders of files ------------------------------------------------------------------------------------------------

OPENCODE = ".local/share/opencode"


def real_opencode() -> Iterator[Specimen]:
    """Each session with its first messages."""
    for root in (SHARED / "dev/opencode", SHARED / "dev/opencode-migrated"):
        told: dict[str, list[Path]] = {}
        for path in sorted(
            [*root.glob("storage/session/*/*.json"), *root.glob("project/*/storage/session/info/*.json")]
        ):
            told.setdefault(path.stem, []).append(path)
        for folder in sorted(root.glob("storage/message/*")) + sorted(root.glob("project/*/storage/session/message/*")):
            messages = sorted(folder.glob("*.json"))
            for start in range(0, len(messages), 4):
                found = [*messages[start : start + 4], *told.get(folder.name, ())]
                for message in messages[start : start + 4]:
                    for place in (
                        folder.parents[1] / "part" / message.stem,
                        folder.parents[1] / "part" / folder.name / message.stem,
                    ):
                        found += sorted(place.glob("*.json"))[:4]
                yield {
                    f"{OPENCODE}/{path.relative_to(root)}": path.read_bytes()
                    for path in found
                    if path.stat().st_size <= LARGEST
                }


# ---- databases -------------------------------------------------------------------------------------------------------


def copied(path: Path) -> sqlite3.Connection:
    """A copy in memory, what lies in its `-wal` included: a database is never opened where it lies."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        for ending in ("", "-wal"):
            if os.path.exists(f"{path}{ending}"):  # noqa: PTH110
                Path(f"{copy}{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
        memory = sqlite3.connect(":memory:", isolation_level=None)
        with closing(sqlite3.connect(copy)) as db:
            db.backup(memory)
        return memory


def real_opencode_databases() -> Iterator[Specimen]:
    """Databases of one to three sessions each."""
    for path in (
        SHARED / "dev/opencode-sqlite/opencode.db",
        SHARED / "dev/opencode-migrated/opencode.db",
        REAL / "opencode/home/.local/share/opencode/opencode.db",
    ):
        if not path.exists():
            continue
        with closing(copied(path)) as whole:
            sessions = [name for (name,) in whole.execute("select id from session order by time_created")]
            for start in range(0, min(len(sessions), 24), 3):
                yield {f"{OPENCODE}/opencode.db": _part(whole, sessions[start : start + 3])}


def _part(whole: sqlite3.Connection, sessions: list[str]) -> bytes:
    """The database with only these sessions in it, and none of its long texts."""
    kept = ("session", "message", "part", "event", "session_message", "session_v2")
    wanted = ", ".join("?" * len(sessions))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        whole.backup(db)
        db.execute("pragma foreign_keys = 0")
        for (name,) in db.execute("select name from sqlite_master where type in ('trigger', 'view')").fetchall():
            db.execute(f'drop trigger if exists "{name}"')
        tables = [
            name
            for (name,) in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
        ]
        for table in tables:
            if table not in kept:
                db.execute(f'drop table "{table}"')
        for table in kept:
            columns = {column for _, column, *_ in db.execute(f"pragma table_info({table})")}
            owner = next((name for name in ("session_id", "aggregate_id", "id") if name in columns), None)
            if owner:
                db.execute(f"delete from {table} where {owner} not in ({wanted})", sessions)
            if "data" in columns:
                db.execute(f"delete from {table} where length(data) > {LONGEST}")
                db.execute(
                    f"delete from {table} where rowid in (select rowid from {table} order by rowid limit -1 offset 40)"
                )
        db.execute("vacuum")
        data = bytes(db.serialize())
    return data[:18] + b"\2\2" + data[20:]


def real_cursor() -> Iterator[Specimen]:
    root = SHARED / "dev/cursor"
    for path in sorted(root.glob("dot-cursor/**/*.jsonl")):
        for part in islice(windows(path.read_bytes()), 3):
            yield {f".cursor/{path.relative_to(root / 'dot-cursor')}": part}
    path = root / "User/globalStorage/state.vscdb"
    if path.exists():
        with closing(copied(path)) as db:
            db.execute("delete from cursorDiskKV where length(value) > ?", [LONGEST])
            db.execute("vacuum")
            yield {".config/Cursor/User/globalStorage/state.vscdb": bytes(db.serialize())}


# ---- the table -------------------------------------------------------------------------------------------------------

TABLE = {
    kind.name: kind
    for kind in (
        Kind("claude-code", "claude-code", lambda: [claude_home()], real_claude),
        Kind("codex", "codex", lambda: [codex_home(), codex_home(packed=True)], real_codex),
        Kind("opencode-files", "opencode", lambda: [opencode_home()], real_opencode),
        Kind("opencode-databases", "opencode", lambda: [opencode_database_home()], real_opencode_databases),
        Kind("cursor", "cursor", lambda: [cursor_home()], real_cursor),
    )
}
