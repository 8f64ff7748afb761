"""Bundled sample logs, laid out as their agent would, with their days moved so that the newest is today."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from tokentrack import clock, paths

_STAMP = re.compile(rb'("timestamp":\s*")(\d{4}-\d{2}-\d{2})')


def lay_out(home: Path) -> None:
    """Copies the sample logs below a scratch home folder: one session a day, going back from today."""
    source = paths.resource("demo/claude")
    folders: dict[str, list[tuple[str, bytes]]] = {}
    root = Path(str(source))
    for path in sorted(root.rglob("*.jsonl")):
        parts = path.relative_to(root).parts
        session = parts[2].removesuffix(".jsonl")
        folders.setdefault(session, []).append(("/".join(parts), path.read_bytes()))
    for back, (_, logs) in enumerate(sorted(folders.items(), key=lambda entry: _last_day(entry[1]), reverse=True)):
        moved = clock.today() - back * clock.DAY - _last_day(logs)
        for name, data in logs:
            target = home / ".claude" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_moved(data, moved))


def _last_day(logs: list[tuple[str, bytes]]) -> date:
    return max(
        (date.fromisoformat(found[1].decode()) for _, data in logs for found in _STAMP.findall(data)), default=date.min
    )


def _moved(data: bytes, by: timedelta) -> bytes:
    return _STAMP.sub(lambda found: found[1] + (date.fromisoformat(found[2].decode()) + by).isoformat().encode(), data)
