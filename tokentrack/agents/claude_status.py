"""What Claude Code runs for its status line, if the person asked for it: notes the plan's limits, ids and times.

Run as a file by itself, with nothing but the standard library, so that Claude Code waits for some hundredths of a second at most.
A status line that was there before goes on: it gets the same input, and what it prints is printed. Whatever happens here, the
status line is not disturbed. No prompt, no answer, no address and no path is kept.

    claude_status.py LOG [COMMAND]
"""

from __future__ import annotations

import json
import os
import sys
import time

LARGEST = 4 << 20
LONGEST = 200
MOST_LIMITS = 16
SAME_FOR_MS = 60_000
"""Limits that did not change are noted again after so long: they are known to hold until then."""
FULL = 1 << 20
TAIL = 4096


def limits_of(told: object) -> dict[str, list[float]]:
    """Name ▶ [percent used, when it resets in seconds (-1: not told)] of what Claude Code told."""
    named = told.get("rate_limits") if isinstance(told, dict) else None
    found: dict[str, list[float]] = {}
    for name, limit in list(named.items())[:MOST_LIMITS] if isinstance(named, dict) else []:
        used = _number(limit.get("used_percentage")) if isinstance(limit, dict) else -1
        if 0 <= used <= 1000:
            found[str(name)[:LONGEST]] = [round(used, 2), _number(limit.get("resets_at"))]
    return found


def _number(value: object) -> float:
    """-1 for what is none."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value if known else -1  # type: ignore[return-value]  # no typing.cast: it would be imported each time


def note(path: str, told: object, now_ms: int) -> None:
    """Appends a line, unless the last one says the same and is fresh. A file that is full begins anew."""
    limits = limits_of(told)
    if not limits:
        return
    noted_at, last = _last(path)
    if last == limits and 0 <= now_ms - noted_at < SAME_FOR_MS:
        return
    session = told.get("session_id") if isinstance(told, dict) else None
    kept = {"v": 1, "at": now_ms, "session_id": str(session)[:LONGEST] if session else "", "limits": limits}
    line = json.dumps(kept, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120  # pathlib takes longer to import
    full = os.path.exists(path) and os.path.getsize(path) > FULL  # noqa: PTH110, PTH202
    file = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if full else os.O_APPEND), 0o600)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def _last(path: str) -> tuple[int, object]:
    """When limits were last noted, and which; (0, None) where nothing is."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            file.seek(max(0, os.path.getsize(path) - TAIL))  # noqa: PTH202
            told = json.loads(file.read().splitlines()[-1])
        return int(told["at"]), told["limits"]
    except (OSError, ValueError, LookupError, TypeError):
        return 0, None


def main(path: str, command: str = "") -> int:
    """Returns what the status line that was there before returns."""
    data = sys.stdin.buffer.read(LARGEST)
    running = None
    if command:
        import subprocess  # 10 ms that not everybody needs to wait

        running = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE)  # noqa: S602  # the person's own status line
    try:
        note(path, json.loads(data.decode("utf-8-sig", "replace")), time.time_ns() // 1_000_000)
    except Exception as error:  # noqa: BLE001  # the status line goes on, whatever it is
        sys.stderr.write(f"tokentrack could not note these limits: {type(error).__name__}\n")
    if running is None:
        return 0
    try:
        running.communicate(data)
    except OSError:  # it did not want to read
        running.wait()
    return running.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
