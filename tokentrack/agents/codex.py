"""Codex: one JSON Lines file ("rollout") per thread below `sessions` and `archived_sessions`, cold ones compressed.

How they are read is told in `codex_reading`, which is imported when there is something to read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tokentrack.agents.folders import file_status, walk
from tokentrack.agents.values import Failed, unnoticed
from tokentrack.model.logs import Chunk, Log

NAME = "codex"
LABEL = "Codex"
FOLDERS = ("sessions", "archived_sessions")


# ---------------------------------------------------------------------------------------------------------------- where


def roots(home: Path, env: Mapping[str, str]) -> list[Path]:
    """The two folders that hold logs, of `CODEX_HOME` (several, by commas, as other programs allow) or of `~/.codex`."""
    named = [Path(os.path.expanduser(entry)) for entry in map(str.strip, env.get("CODEX_HOME", "").split(",")) if entry]
    return [folder / name for folder in dict.fromkeys(named or [home / ".codex"]) for name in FOLDERS]


def roots_of(folder: Path) -> list[Path]:
    """Of a whole Codex folder its two folders of logs: they are what can be watched, and what else is there is no log."""
    inner = [folder / name for name in FOLDERS]
    return inner if folder.name == ".codex" or any(map(os.path.isdir, inner)) else [folder]


def logs(root: Path, failed: Failed = unnoticed) -> Iterable[Log]:
    """Every rollout below a root; of a whole Codex folder, that the settings may name, only those of its two folders."""
    inner = [root / name for name in FOLDERS if os.path.isdir(root / name)]  # noqa: PTH112  # never raises
    for folder in inner or [root]:
        for _, found in walk(folder, failed):
            for entry in found:
                if _is_log(entry.name) and (log := _log(root, entry.path, entry.stat, failed)):
                    yield log


def _is_log(name: str) -> bool:
    return name.endswith((".jsonl", ".jsonl.zst")) and name != "session_index.jsonl"


def log_at(root: Path, path: Path) -> Log | None:
    return _log(root, str(path), path.stat) if _is_log(path.name) else None


def _log(root: Path, path: str, status: Callable[[], os.stat_result], failed: Failed = unnoticed) -> Log | None:
    if (stat := file_status(path, status, failed)) is None:
        return None
    return Log(NAME, path, root, None, False, stat.st_size, stat.st_mtime_ns, stat.st_ino)


# ----------------------------------------------------------------------------------------------------------------- read


def read(log: Log, cursor: str | None) -> Chunk:
    """The requests, turns, titles, marks and limits of the whole lines past the cursor. Raises OSError."""
    from tokentrack.agents import codex_reading

    return codex_reading.read(log, cursor)


def raw(path: Path, offset: int, key: str = "") -> dict[str, object] | None:
    """The counters of the record at `offset`, as logged; of several on one line, of the one that `key` was made from."""
    from tokentrack.agents import codex_raw

    return codex_raw.raw(path, offset, key)
