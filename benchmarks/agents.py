"""Other agents' logs: wall time and peak memory of a first scan beside ccusage's report, and of the next one after a change.

    python benchmarks/agents.py codex|cursor|opencode [--megabytes 1000] [--work FOLDER]

Each measurement is a process of its own in an empty home. The memory is the peak of what the process held (`ru_maxrss`); the
pages of a file that SQLite reads are not part of it. No peer stands beside Cursor: ccusage does not read it, and tokscale as
npm has it (1.4.3) takes Cursor's usage from the account, not from the database.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import written

PEER = ["ccusage@20.0.24", "@ccusage/ccusage-linux-x64@20.0.24"]
ROUNDS = 3
BEGIN = 1_780_000_000_000
CONVERSATIONS = 400
BLOB = 48 << 10

MEASURED = """
import json, os, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True)
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done.stdout.decode()]))
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("agent", choices=["codex", "cursor", "opencode"])
    asked.add_argument("--megabytes", type=int, help="400 for Codex and 1000 for the databases, if not given")
    asked.add_argument("--work", type=Path, help="a folder for the database, kept for the next run")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = chosen.work or Path(scratch)
        if chosen.agent == "cursor":
            found = cursor(work, chosen.megabytes or 1000)
        else:
            make = {"codex": written.codex, "opencode": written.opencode}[chosen.agent]
            found = beside_a_peer(
                work, chosen.agent, make, chosen.megabytes or (400 if chosen.agent == "codex" else 1000)
            )
        print(json.dumps({chosen.agent: found}, indent=1))


def beside_a_peer(
    work: Path, agent: str, make: Callable[[Path, int], dict[str, int]], megabytes: int
) -> dict[str, Any]:
    """A first scan and ccusage's report on the same logs, taken in turns."""
    home = work / f"{agent}-{megabytes}"
    told = home / "truth.json"
    if not told.exists():
        shutil.rmtree(home, ignore_errors=True)
        truth = make(home, megabytes)
        told.write_text(json.dumps(truth))
    truth = json.loads(told.read_text())
    env = environment(home)
    ours = [sys.executable, "-m", "tokentrack", "scan", "--agent", agent, "--json"]
    mine, theirs = [], []
    for _ in range(ROUNDS):
        fresh(home)
        mine.append(measured(ours, env))
        assert json.loads(mine[-1][2])["requests_new"] == truth["requests"], "the counts are wrong"
        theirs.append(measured([str(peer(work)), agent, "daily", "--offline", "--json"], env))
    return {
        "megabytes": megabytes,
        "requests": truth["requests"],
        "tokentrack_seconds": round(min(seconds for seconds, _, _ in mine), 2),
        "ccusage_seconds": round(min(seconds for seconds, _, _ in theirs), 2),
        "ratio": round(min(seconds for seconds, _, _ in mine) / min(seconds for seconds, _, _ in theirs), 2),
        "peak_memory_mb": round(max(held for _, held, _ in mine)),
        "ccusage_peak_memory_mb": round(max(held for _, held, _ in theirs)),
    }


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"HOME": str(home), "TOKENTRACK_STORE": str(home / "store.db"), "TZ": "UTC"}


def fresh(home: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{home / 'store.db'}{ending}").unlink(missing_ok=True)


def peer(work: Path) -> Path:
    """ccusage from npm, installed once."""
    folder = work / "peer"
    program = folder / "node_modules" / ".bin" / "ccusage"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), *PEER], check=True)
    return program


# ---- what Cursor writes ----------------------------------------------------------------------------------------------


def cursor_database(path: Path, megabytes: int) -> dict[str, int]:
    """A `state.vscdb` as a heavy user has it: nine tenths `agentKv`, conversations of up to hundreds of messages between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = random.Random(7)
    truth = {"sessions": 0, "requests": 0, "tokens": 0}
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = off")
        db.executescript(
            """create table ItemTable (key text unique on conflict replace, value blob);
               create table cursorDiskKV (key text unique on conflict replace, value blob)"""
        )
        db.execute("begin")
        for number in range(CONVERSATIONS):
            for key, value in _conversation(number, chance, truth):
                db.execute("insert into cursorDiskKV values (?, ?)", [key, value])
            _blobs(db, path, megabytes * (number + 1) / CONVERSATIONS, chance)
        db.execute("commit")
        db.execute("pragma wal_checkpoint(truncate)")
    return truth


def _conversation(number: int, chance: random.Random, truth: dict[str, int]) -> list[tuple[str, str]]:
    native_id = f"{chance.getrandbits(128):032x}"
    rows, heads = [], []
    old = number % 5 == 0
    truth["sessions"] += 1
    for turn in range(chance.randrange(1, 9)):
        steps = chance.randrange(3, 25)
        for step in range(steps):
            name = f"{chance.getrandbits(128):032x}"
            at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(BEGIN / 1000 + number * 5000 + turn * 300 + step))
            told: dict[str, Any] = {
                "_v": 3, "type": 2 if step else 1, "text": "word " * 60, "createdAt": at, "capabilities": [{"type": 15}] * 12,
                "tokenCount": {"inputTokens": 0, "outputTokens": 0}, "context": {"note": "x" * chance.randrange(500, 9000)},
            }  # fmt: skip
            if old and step == steps - 1:
                told["tokenCount"] = {"inputTokens": 20_000 + step, "outputTokens": 500}
                truth["requests"] += 1
                truth["tokens"] += 20_500 + step
            rows.append((f"bubbleId:{native_id}:{name}", json.dumps(told)))
            heads.append({"bubbleId": name, "type": told["type"]})
    composer = {
        "_v": 10, "composerId": native_id, "name": f"Conversation {number}", "createdAt": BEGIN + number * 5_000_000,
        "fullConversationHeadersOnly": heads, "modelConfig": {"modelName": "gpt-5"}, "subagentComposerIds": [],
        "codeBlockData": {"x": "y" * 20_000},
    }  # fmt: skip
    return [*rows, (f"composerData:{native_id}", json.dumps(composer))]


def _blobs(db: sqlite3.Connection, path: Path, megabytes: float, chance: random.Random) -> None:
    while db.execute("pragma page_count").fetchone()[0] * 4096 < megabytes * 1e6:
        db.execute(
            "insert into cursorDiskKV values (?, ?)",
            [f"agentKv:blob:{chance.getrandbits(256):064x}", chance.randbytes(BLOB)],
        )


# ---- measuring -------------------------------------------------------------------------------------------------------


def cursor(work: Path, megabytes: int) -> dict[str, Any]:
    home = work / f"cursor-{megabytes}"
    path = home / ".config/Cursor/User/globalStorage/state.vscdb"
    told = home / "truth.json"
    if not told.exists():
        shutil.rmtree(home, ignore_errors=True)
        truth = cursor_database(path, megabytes)
        told.write_text(json.dumps(truth))
    truth = json.loads(told.read_text())
    env = environment(home)
    ours = [sys.executable, "-m", "tokentrack", "scan", "--agent", "cursor", "--json"]
    first: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        fresh(home)
        seconds, megabytes_held, said = measured(ours, env)
        assert json.loads(said)["requests_new"] == truth["requests"], "the counts are wrong"
        first.append((seconds, megabytes_held))
    return {
        "megabytes": round(path.stat().st_size / 1e6),
        "sessions": truth["sessions"],
        "first_scan_seconds": round(min(seconds for seconds, _ in first), 2),
        "peak_memory_mb": round(max(held for _, held in first)),
        "after_one_message_seconds": round(_after_a_message(path, ours, env), 2),
    }


def _after_a_message(path: Path, ours: list[str], env: dict[str, str]) -> float:
    with closing(sqlite3.connect(path)) as db:
        key, value = db.execute(
            "select key, value from cursorDiskKV where key > 'composerData:' and key < 'composerData;' limit 1"
        ).fetchone()
        db.execute("insert into cursorDiskKV values (?, ?)", [key, value])
        db.commit()
        return measured(ours, env)[0]


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float, str]:
    """(seconds, peak megabytes, output) of a process and its children."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], env=env, check=True, capture_output=True, text=True
    )
    seconds, held, said = json.loads(done.stdout)
    return seconds, held, said


if __name__ == "__main__":
    main()
