"""Cursor's secrets are never selected (issue 3): every statement sent to its databases is traced and run again on a copy.

What a statement returns is all that can be read by it. So: none of the rows that hold a canary is returned, by any statement.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine
from cursor_logs import Place, at, bubble, fill, folder, tracking

from tokentrack.agents import cursor_raw, foreign

CANARY = "canary-7f3a"
SECRET_ITEMS = (
    "cursorAuth/accessToken", "cursorAuth/refreshToken", "cursorAuth/cachedEmail", "cursorAuth/stripeMembershipType",
    "secret://{\"extensionId\":\"x\"}", "authInfo", "cursorai/serverConfig", "workbench.view.keys", "composer.composerDataSecret",
    "anysphere.cursor-always-local/token",
)  # fmt: skip
SECRET_ROWS = (
    "agentKv:blob:1", "agentKv:checkpoint:2", "checkpointId:c-1:x", "messageRequestContext:c-1:u0", "codeBlockDiff:c-1:y",
    "cursorAuth/accessToken", "bubbleIdx:c-1:a", "composerData", "composerDatz:c-1", "inlineDiff:1", "ofsContent:1", "bubbleId",
    "", "composerDatA:1", "zzz",
)  # fmt: skip
TOUCHED = re.compile(r"\bfrom (cursorDiskKV|ItemTable|meta)\b")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """(database, statement with its values) of everything that is run on a foreign database."""
    seen: list[tuple[Path, str]] = []
    begun: Callable[[sqlite3.Connection], sqlite3.Connection] = foreign._begun

    def traced(db: sqlite3.Connection) -> sqlite3.Connection:
        place = Path(db.execute("pragma database_list").fetchone()[2])
        db.set_trace_callback(lambda text: seen.append((place, text)))
        return begun(db)

    monkeypatch.setattr(foreign, "_begun", traced)
    return seen


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


def with_canaries(place: Place) -> None:
    fill(place, mode="wal")
    database = place.database()
    for key in SECRET_ITEMS:
        database.item(key, f"{CANARY} {key}")
    for key in SECRET_ROWS:
        database.put(key, f"{CANARY} {key}")
    for number in range(30):  # among the newest rows, too
        database.put(f"agentKv:blob:{CANARY}{number}", CANARY * 1000)
        database.bubble(f"late{number}", bubble(t=number), "c-1")
    for other in place.databases.values():
        other.item("cursorAuth/accessToken", CANARY)
    machine = place.machine
    machine.write(place.home / "cli-config.json", json.dumps({"authInfo": {"token": CANARY}}).encode())
    machine.write(place.home / "mcp-auth.json", CANARY.encode())
    machine.write(place.home / "projects/w/mcp-auth.json", CANARY.encode())
    store = place.home / "chats/x/k-9/store.db"
    store.parent.mkdir(parents=True)
    with closing(sqlite3.connect(store)) as db:
        db.executescript(
            "create table meta (key text primary key, value text); create table blobs (id text, data blob)"
        )
        told = json.dumps({"name": "A chat", "createdAt": at(), "blobEncryptionKey": CANARY}).encode().hex()
        db.executemany("insert into meta values (?, ?)", [("0", told), ("blobEncryptionKey", CANARY), ("1", CANARY)])
        db.execute("insert into blobs values ('x', ?)", [CANARY])
        db.commit()


def rows_of(statement: str, path: Path, scratch: Path) -> list[Any]:
    """What a statement returns, on a copy."""
    copy = scratch / "copy.db"
    for ending in ("", "-wal"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
        if Path(f"{path}{ending}").exists():
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    with closing(sqlite3.connect(copy)) as db:
        db.text_factory = bytes
        return db.execute(statement).fetchall()


def test_no_statement_returns_a_canary(
    machine: Machine, place: Place, statements: list[tuple[Path, str]], tmp_path: Path
) -> None:
    with_canaries(place)
    for full in (False, True):
        place.scan(full=full)
    place.database().conversation("c-1", turns=[(100, 10), (5, 5), (7, 7)], **folder("/w"))
    place.database().put("agentKv:blob:new", CANARY)
    assert not place.scan().problems
    assert machine.requests > 5
    cursor_raw.raw(place.database().path, "c-1:c-1-g0")
    read = [(path, text) for path, text in dict.fromkeys(statements) if TOUCHED.search(text)]
    assert {path.name for path, _ in read} == {"state.vscdb", "store.db"}
    assert len(read) > 20
    for path, text in read:
        found = rows_of(text, path, tmp_path)
        told = repr(found).encode().replace(b" ", b"").lower()
        assert CANARY.encode() not in told, text
        assert CANARY.encode().hex().encode() not in told, text  # as `store.db` writes it
    store = machine.store
    machine.db.execute("pragma wal_checkpoint(truncate)")
    for file in filter(Path.is_file, store.parent.rglob("*")):
        data = file.read_bytes()
        assert CANARY.encode() not in data, file
        assert CANARY.encode().hex().encode() not in data, file


def test_the_proof_can_fail(place: Place, statements: list[tuple[Path, str]], tmp_path: Path) -> None:
    with_canaries(place)
    path = place.database().path
    with foreign.opened(path) as db:
        db.execute("select value from ItemTable where key = ?", ["cursorAuth/accessToken"]).fetchone()
    assert any(
        CANARY.encode() in repr(rows_of(text, where, tmp_path)).encode()
        for where, text in statements
        if "ItemTable" in text
    )


def test_keys_are_searched_by_their_index_and_never_scanned(place: Place, statements: list[tuple[Path, str]]) -> None:
    """`agentKv` may be gigabytes: no statement walks through the table, and no other column or table is looked at."""
    with_canaries(place)
    place.scan()
    place.database().conversation("c-2", turns=[(1, 1), (2, 2)])
    place.scan()
    tracking(place.home / "x/other.db")
    with closing(sqlite3.connect(place.database().path)) as db:
        for path, text in dict.fromkeys(statements):
            if path == place.database().path and TOUCHED.search(text) and "max(rowid)" not in text:
                plan = " ".join(row[3] for row in db.execute(f"explain query plan {text}"))
                assert "SCAN cursorDiskKV" not in plan, (text, plan)
                assert "SCAN ItemTable" not in plan, (text, plan)
    assert not [text for _, text in statements if "*" in text.replace("count(*)", "")]
