"""Claude Code: one JSON Lines file per session under `<root>/projects/<folder>/`, sub-agents in files of their own.

`<tokentrack's own folder>/claude-statusline` has the limits that Claude Code told its status line, where the person asked for it.
How they are read is told in `claude_reading`, which is imported when there is something to read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tokentrack import paths
from tokentrack.agents.folders import file_status, is_folder, walk
from tokentrack.agents.values import Failed, unnoticed
from tokentrack.model.logs import Chunk, Log

NAME = "claude-code"
LABEL = "Claude Code"
LIMITS_FOLDER, LIMITS = "claude-statusline", "limits.jsonl"
NOT_SESSIONS = frozenset({"tool-results", "workflows", "memory", "file-history"})


# ---------------------------------------------------------------------------------------------------------------- where


def roots(home: Path, env: Mapping[str, str]) -> list[Path]:
    """The `projects` folders: the default, the older XDG one, those of `CLAUDE_CONFIG_DIR` and of the desktop app."""
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    found = [home / ".claude" / "projects", config / "claude" / "projects"]
    named = filter(None, map(str.strip, env.get("CLAUDE_CONFIG_DIR", "").split(",")))
    found += [projects_of(Path(os.path.expanduser(entry))) for entry in named]
    for desktop in _desktop_folders(home, config, env):
        with suppress(OSError):  # a folder that nobody may look into keeps no logs for us
            found += sorted(desktop.glob("*/*/local_*/.claude/projects"))
    return list(dict.fromkeys([*found, limits_folder(home, env)]))


def limits_folder(home: Path, env: Mapping[str, str]) -> Path:
    return paths.data_folder(home, env) / LIMITS_FOLDER


def projects_of(folder: Path) -> Path:
    """The `projects` folder of a configuration folder, which may be named directly."""
    inner = folder / "projects"
    return folder if folder.name == "projects" and not os.path.isdir(inner) else inner  # noqa: PTH112  # never raises


def roots_of(folder: Path) -> list[Path]:
    """A copy of the logs may have any name, so a folder that neither holds `projects` nor is `.claude` is a root itself."""
    inner = projects_of(folder)
    return [inner] if folder.name == ".claude" or os.path.isdir(inner) else [folder]  # noqa: PTH112  # never raises


def _desktop_folders(home: Path, config: Path, env: Mapping[str, str]) -> Iterator[Path]:
    sessions = "local-agent-mode-sessions"
    yield config / "Claude" / sessions
    yield home / "Library" / "Application Support" / "Claude" / sessions
    if roaming := env.get("APPDATA"):
        yield Path(roaming) / "Claude" / sessions


def logs(root: Path, failed: Failed = unnoticed) -> Iterable[Log]:
    """Session and sub-agent files; the other files that Claude Code keeps beside them are no logs."""
    top = str(root)
    for _, found in walk(root, failed, lambda entry: _holds_logs(entry, top)):
        for entry in found:
            if entry.name.endswith(".jsonl") and (log := _log(root, entry.path, entry.stat, failed)):
                yield log


def _holds_logs(entry: os.DirEntry[str], top: str) -> bool:
    """Whether a folder may hold logs: a project, and a sub-agent's kind, may have any name."""
    above = entry.path[: -len(entry.name) - 1] if entry.name in NOT_SESSIONS else top
    return (above == top or above.endswith("subagents")) and is_folder(entry)


def log_at(root: Path, path: Path) -> Log | None:
    return _log(root, str(path), path.stat) if path.suffix == ".jsonl" else None


def _log(root: Path, path: str, status: Callable[[], os.stat_result], failed: Failed = unnoticed) -> Log | None:
    placed = _placed(root, path)
    if placed is None:
        return None
    if (stat := file_status(path, status, failed)) is None:
        return None
    session, subagent = placed
    return Log(NAME, path, root, session, subagent, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _placed(root: Path, path: str) -> tuple[str | None, bool] | None:
    """(native session id if the path tells it, is a sub-agent's file), None for what is no log."""
    parts = path[len(str(root)) :].strip(os.sep).split(os.sep)
    name = parts[-1]
    if parts == [LIMITS] and root.name == LIMITS_FOLDER:
        return None, False
    if len(parts) < 2 or name == "journal.jsonl":
        return None
    if len(parts) == 2:
        agent = name.startswith("agent-")
        return (None if agent else name.removesuffix(".jsonl")), agent
    if NOT_SESSIONS.intersection(parts[1:3]):
        return None
    return parts[1], "subagents" in parts[2:-1]


# ----------------------------------------------------------------------------------------------------------------- read


def read(log: Log, cursor: str | None) -> Chunk:
    """The requests, turns, titles and marks of the whole lines past the cursor. Raises OSError."""
    if log.root.name == LIMITS_FOLDER:
        from tokentrack.agents import claude_limits

        return claude_limits.read(log, cursor)
    from tokentrack.agents import claude_reading

    return claude_reading.read(log, cursor)


def raw(path: Path, offset: int, key: str = "") -> dict[str, object] | None:
    """The `usage` object of the record at `offset`, as logged."""
    from tokentrack.agents import claude_reading

    return claude_reading.raw(path, offset, key)
