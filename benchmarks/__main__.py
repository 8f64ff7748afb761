"""Measures what benchmarks/README.md tells: `make bench`, or `python benchmarks scan` for one part.

Every part runs tokentrack as a person does, in a process of its own, and its peer beside it in the same run; only ratios count.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
PEER = ["ccusage@20.0.24", "@ccusage/ccusage-linux-x64@20.0.24"]
ROUNDS = 5
BIG_SESSIONS = 1900
SMALL_SESSIONS = 375


def main() -> None:
    parts: dict[str, Callable[[Path], Any]] = {
        "scan": first_scan,
        "today": today,
        "rescan": rescan,
        "memory": memory,
        "latency": latency,
        "history": history,
        "linking": linking,
    }
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "parts", nargs="*", choices=[*parts, []], metavar="PART", help=f"{', '.join(parts)} (all of them)"
    )
    asked.add_argument("--work", type=Path, help="a folder for the corpora, kept for the next run")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = chosen.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        for name in chosen.parts or parts:
            print(json.dumps({name: parts[name](work)}, indent=1), flush=True)


# ---- the two programs ------------------------------------------------------------------------------------------------


def environment(root: Path, store: Path) -> dict[str, str]:
    """A home that holds nothing but the corpus."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    return kept | {"HOME": str(home), "CLAUDE_CONFIG_DIR": str(root), "TOKENTRACK_STORE": str(store), "TZ": "UTC"}


def ours(*words: str) -> list[str]:
    return [sys.executable, "-m", "tokentrack", *words]


def peer(work: Path) -> list[str]:
    """ccusage from npm, installed once."""
    folder = work / "peer"
    program = folder / "node_modules" / ".bin" / "ccusage"
    if not program.exists():
        folder.mkdir(exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), *PEER], check=True)
    return [str(program), "daily", "--offline", "--json"]


def timed(command: list[str], env: dict[str, str]) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return time.perf_counter() - started, done.stdout


def shared(name: str) -> Path:
    """What corpora are made with lies beside the checkout, in no public clone."""
    place = SHARED / name
    if not place.exists():
        raise SystemExit(f"This part needs {place}, which is not there.")
    return place


def corpus(work: Path, sessions: int) -> Path:
    root = work / f"corpus-{sessions}"
    if not (root / "truth.json").exists():
        make = [sys.executable, str(shared("bench/make_corpus.py")), str(root), "--sessions", str(sessions)]
        subprocess.run(make, check=True, capture_output=True)
    return root


def fresh(store: Path) -> Path:
    for name in (store.name, f"{store.name}-wal", f"{store.name}-shm"):
        store.with_name(name).unlink(missing_ok=True)
    return store


# ---- parts -----------------------------------------------------------------------------------------------------------


def first_scan(work: Path) -> dict[str, Any]:
    """First scan into an empty store beside ccusage's one-shot report, taken in turns."""
    return {f"{sessions} sessions": _first_scan(work, sessions) for sessions in (SMALL_SESSIONS, BIG_SESSIONS)}


def _first_scan(work: Path, sessions: int) -> dict[str, Any]:
    root, store = corpus(work, sessions), work / f"store-{sessions}.db"
    env = environment(root, store)
    truth = json.loads((root / "truth.json").read_text())
    mine, theirs = [], []
    for _ in range(ROUNDS):
        fresh(store)
        seconds, text = timed(ours("scan", "--json"), env)
        mine.append(seconds)
        assert json.loads(text)["requests_new"] == truth["total"]["responses"], "the counts are wrong"
        theirs.append(timed(peer(work), env)[0])
    return {
        "megabytes": round(truth["bytes"] / 1e6),
        "logs": truth["files"],
        "tokentrack_seconds": round(median(mine), 2),
        "ccusage_seconds": round(median(theirs), 2),
        "ratio": round(median(mine) / median(theirs), 2),
        "ratio_of_the_best": round(min(mine) / min(theirs), 2),
        "store_share_of_logs": round(store.stat().st_size / truth["bytes"], 4),
    }


def today(work: Path) -> dict[str, Any]:
    """`today --json` as a whole process, on the large corpus after its first scan."""
    root, store = corpus(work, BIG_SESSIONS), work / f"store-{BIG_SESSIONS}.db"
    env = environment(root, store)
    timed(ours("scan", "--json"), env)
    mine = [timed(ours("today", "--json"), env)[0] for _ in range(ROUNDS * 2)]
    theirs = [timed(peer(work), env)[0] for _ in range(3)]
    return {
        "tokentrack_seconds": round(median(mine), 3),
        "ccusage_seconds": round(median(theirs), 2),
        "ratio": round(median(mine) / median(theirs), 3),
    }


def rescan(work: Path) -> dict[str, Any]:
    """A scan with nothing new in 3,000 logs."""
    root, store = work / "many", work / "many.db"
    env = environment(root, store)
    if not root.exists():
        _many_logs(root, corpus(work, SMALL_SESSIONS), 3000)
    timed(ours("scan", "--json"), env)
    mine = [timed(ours("scan", "--json"), env)[0] for _ in range(ROUNDS * 2)]
    return {"logs": 3000, "seconds": round(median(mine), 3)}


def _many_logs(root: Path, source: Path, count: int) -> None:
    """Small logs of distinct sessions: the first lines of the corpus's own, under names of their own."""
    logs = sorted(source.glob("projects/*/*.jsonl"))
    for number in range(count):
        log = logs[number % len(logs)]
        target = (
            root / "projects" / f"{log.parent.name}-{number % 40}" / f"{number:08d}-0000-4000-8000-000000000000.jsonl"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        with log.open("rb") as file:
            target.write_bytes(b"".join(file.readline() for _ in range(6)))


def memory(work: Path) -> dict[str, Any]:
    """Peak memory of a first scan: of the corpus, with one line of 50 MB, of one log of 2 GB."""
    small = corpus(work, SMALL_SESSIONS)
    found = {"corpus": _peak(small, work), "one 50 MB line": _peak(_long_line(work), work)}
    huge = _huge_log(work, small)
    found["one 2 GB log"] = _peak(huge, work)
    shutil.rmtree(huge)
    return {name: f"{peak} MB" for name, peak in found.items()}


def _peak(root: Path, work: Path) -> int:
    """Megabytes of the process and its helpers together, asked of the kernel ten times a second."""
    process = subprocess.Popen(
        ours("scan", "--json"), env=environment(root, fresh(work / "peak.db")), stdout=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, _family(process.pid))))
        time.sleep(0.05)
    assert process.returncode == 0
    return peak // 1024


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident(pid: int) -> int:
    """Kilobytes that this process alone holds: what is shared with its parent counts once, in the parent."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def _long_line(work: Path) -> Path:
    root = work / "long-line"
    log = root / "projects" / "-long" / "11111111-0000-4000-8000-000000000000.jsonl"
    if not log.exists():
        log.parent.mkdir(parents=True)
        record = {
            "type": "assistant", "uuid": "a", "timestamp": "2026-07-01T10:00:00Z", "requestId": "req_1",
            "message": {
                "id": "msg_long", "model": "claude-opus-4-5", "content": [{"type": "text", "text": "word " * (10 << 20)}],
                "usage": {"input_tokens": 1, "output_tokens": 2},
            },
        }  # fmt: skip
        log.write_text(json.dumps(record) + "\n")
    return root


def _huge_log(work: Path, source: Path) -> Path:
    root = work / "huge"
    log = root / "projects" / "-huge" / "22222222-0000-4000-8000-000000000000.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    logs = sorted(source.glob("projects/*/*.jsonl"))
    with log.open("wb") as out:
        number = 0
        while out.tell() < 2 << 30:
            out.write(
                logs[number % len(logs)].read_bytes().replace(b"msg_01", b"msg_%02d" % (number // len(logs) + 10))
            )
            number += 1
    return root


def latency(work: Path) -> dict[str, Any]:
    """Start, append and idle of the app on a real display."""
    sys.path.insert(0, str(HERE))
    import latency as measured

    return {
        "start_to_icon": measured.start_to_icon(5),
        "append_to_icon": measured.append_to_icon(30),
        "idle": measured.idle(3000, 300),
    }


def history(work: Path) -> dict[str, Any]:
    """Reading a repository of 100,000 commits once, then what is new, then answering."""
    sys.path.insert(0, str(HERE))
    import history as measured

    return measured.measured(work)


def linking(work: Path) -> dict[str, Any]:
    """Suggestions and rules against the truth on labelled sets, and how long ranking takes."""
    sys.path.insert(0, str(HERE))
    import linking as measured

    return measured.measured(work, shared("linkset"))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
