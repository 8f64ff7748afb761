"""Claude Code at work: logs that grow as its logs do, written by another process."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

MODEL = "claude-sonnet-4-5-20250929"
OUTPUT = 100
"""Output tokens of each answer."""


def answer(name: str, session: str = "s1", output: int = OUTPUT) -> str:
    """The line of one answer, given now. Each name is another answer."""
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
    }
    message = {"id": f"msg_{name}", "type": "message", "role": "assistant", "model": MODEL, "usage": usage}
    record = {
        "type": "assistant",
        "sessionId": session,
        "uuid": f"uuid-{name}",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "version": "2.1.0",
        "requestId": f"req_{name}",
        "message": message | {"content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn"},
    }
    return json.dumps(record) + "\n"


def append(log: Path, text: str) -> None:
    """Another process makes the folders that are missing and appends."""
    script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" >> "$1"'
    subprocess.run(["sh", "-c", script, "sh", str(log), text], check=True)


BURST = """
import sys, time
places = [line.split("\\t", 1) for line in sys.stdin.read().splitlines()]
for path, text in places:
    with open(path, "a") as log:
        log.write(text + "\\n")
    time.sleep(float(sys.argv[1]))
"""


def burst(lines: Iterable[tuple[Path, str]], pause: float = 0) -> subprocess.Popen[str]:
    """Another process that appends each line to its log, one after the other."""
    text = "".join(f"{path}\t{line}" for path, line in lines)
    writer = subprocess.Popen([sys.executable, "-S", "-c", BURST, str(pause)], stdin=subprocess.PIPE, text=True)
    assert writer.stdin
    with writer.stdin as pipe:
        pipe.write(text)
    return writer


def total(store: Path) -> tuple[int, int]:
    """(requests, output tokens) of all that the store holds."""
    if not store.exists():
        return 0, 0
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)) as db:
        if not db.execute("select 1 from sqlite_master where name = 'requests'").fetchone():
            return 0, 0
        return tuple(db.execute("select count(*), coalesce(sum(output), 0) from requests").fetchone())


def until(holds: Callable[[], object], seconds: float, what: str = "") -> float:
    """Waits until it holds and returns how long that took."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {what or holds}"
        time.sleep(0.02)
    return time.monotonic() - started
