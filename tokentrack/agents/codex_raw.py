"""The counters behind a request of Codex, as they were logged."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from tokentrack.agents import jsonl, zst
from tokentrack.agents.codex_counting import BadCount, figures
from tokentrack.agents.codex_records import Line, Usage, tolerant
from tokentrack.agents.reading import fit


def raw(path: Path, offset: int, key: str = "") -> dict[str, Any] | None:
    """The counters of the record at `offset`, as logged; of several on one line, of the one that `key` was made from."""
    try:
        file, stream = zst.opened(path)
        with file:
            source = cast("BinaryIO", stream or file)
            _, _, line = next(jsonl.whole_lines(source, offset))
    except (OSError, StopIteration):
        return None
    records, _ = tolerant(line or b"")
    found = [(_fits(key, nth, told), told) for nth, record in enumerate(records) if (told := _told(record))]
    return max(found, key=lambda one: one[0])[1] if found else None


def _told(record: Line) -> dict[str, Any] | None:
    """Of an event its `info`, of a usage record everything; of saved output the usage."""
    for told in (record.payload, record.usage, record.data):
        value = json.loads(bytes(told)) if told else None
        if isinstance(value, dict):
            for name in ("info", "usage"):
                if name in value and "response_id" not in value and isinstance(value[name], dict):
                    return cast("dict[str, Any]", value[name])
            return value
    return None


def _fits(key: str, nth: int, told: dict[str, Any]) -> bool:
    """Whether a key was made from these counters: of a response its id, of a total its figures, else its place."""
    if isinstance(name := told.get("response_id"), str) and name:
        return key.endswith(f" {name}")
    total = told.get("total_token_usage") or told.get("thread_token_usage")
    if isinstance(total, dict):
        with suppress(BadCount):
            return key.endswith(figures(fit(total, Usage)).name)
    return key.endswith(f".{nth}") if nth else "." not in key.rpartition("@")[2]
