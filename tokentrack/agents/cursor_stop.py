"""What Cursor runs at the end of each turn, if the person asked for it: notes ids, model, counters and time of the turn.

Run as a file by itself, with nothing but the standard library, so that Cursor waits for some hundredths of a second at most.
Whatever happens it prints `{}` and ends well: a turn that cannot be noted must not disturb Cursor. No prompt, no answer, no
address and no path is kept.
"""

from __future__ import annotations

import json
import os
import sys
import time

LARGEST = 4 << 20
LONGEST = 200
IDS = ("conversation_id", "generation_id", "model", "status")
COUNTERS = ("loop_count", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


def line_of(told: object, now_ms: int) -> bytes | None:
    """The line to keep of what Cursor told; None where it tells no tokens."""
    if not isinstance(told, dict) or told.get("hook_event_name", "stop") != "stop":
        return None
    kept: dict[str, object] = {"v": 1, "at": now_ms}
    for name in IDS:
        value = told.get(name)
        if isinstance(value, str) and value:
            kept[name] = value[:LONGEST]
    for name in COUNTERS:
        value = told.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            kept[name] = value
    if "conversation_id" not in kept or not any(name.endswith("_tokens") for name in kept):
        return None
    return json.dumps(kept, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def append(path: str, line: bytes) -> None:
    """In one write, so that turns that end at once do not mix; after a line that was cut short, on one of its own."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120  # pathlib takes longer to import
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        whole = os.lseek(file, 0, os.SEEK_END) == 0 or (os.lseek(file, -1, os.SEEK_END), os.read(file, 1))[1] == b"\n"
        os.write(file, line if whole else b"\n" + line)
    finally:
        os.close(file)


def main(path: str) -> None:
    try:
        told = json.loads(sys.stdin.buffer.read(LARGEST).decode("utf-8-sig", "replace"))
        line = line_of(told, time.time_ns() // 1_000_000)
        if line is not None:
            append(path, line)
    except Exception as error:  # noqa: BLE001  # Cursor goes on, whatever it is
        sys.stderr.write(f"tokentrack could not note this turn: {type(error).__name__}\n")
    finally:
        sys.stdout.write("{}\n")


if __name__ == "__main__":
    main(sys.argv[1])
