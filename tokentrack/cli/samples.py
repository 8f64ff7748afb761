"""Bundled sample logs, laid out as their agent would, with their days moved so that the newest session ended just now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokentrack import clock, paths

_STAMP = re.compile(rb'("timestamp":\s*")(\d{4}-\d{2}-\d{2}T[^"]+)')
JUST_NOW = timedelta(minutes=2)


def lay_out(home: Path) -> None:
    """Copies the sample logs below a scratch home folder: one session a day, the newest ending just now."""
    root = paths.resource("demo/claude")
    sessions: dict[str, list[tuple[str, bytes]]] = {}
    for path in sorted(root.rglob("*.jsonl")):
        parts = path.relative_to(root).parts
        sessions.setdefault(parts[2].removesuffix(".jsonl"), []).append(("/".join(parts), path.read_bytes()))
    for back, logs in enumerate(sorted(sessions.values(), key=_end, reverse=True)):
        days = clock.today() - _end(logs).astimezone().date() - back * clock.DAY
        moved = days if back else clock.now() - JUST_NOW - _end(logs)
        for name, data in logs:
            target = home / ".claude" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_moved(data, moved))


def _end(logs: list[tuple[str, bytes]]) -> datetime:
    return max(_time(found[1]) for _, data in logs for found in _STAMP.findall(data))


def _moved(data: bytes, by: timedelta) -> bytes:
    return _STAMP.sub(lambda found: found[1] + _text(_time(found[2]) + by), data)


def _time(stamp: bytes) -> datetime:
    return datetime.fromisoformat(stamp.decode())


def _text(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
