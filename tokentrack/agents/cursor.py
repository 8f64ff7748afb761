"""Cursor: conversations, names, folders, models and times; tokens only where Cursor records them, which is rare.

Versions before 3.0 kept a turn's tokens in its last bubble, later ones keep none. So most sessions have no request and their
tokens are *not recorded*, which is not nothing. The `stop` hook, if the person installs it, tells each turn from then on. How
these and the usage export do not count twice: see `cursor_pieces`.

    <User>/globalStorage/state.vscdb        all conversations                                    cursor_rows
    <User>/workspaceStorage/*/state.vscdb   lists of a workspace's, until 3.0                    cursor_rows
    ~/.cursor/projects, chats, acp-sessions transcripts, and the chats of the command line       cursor_chats
    ~/.cursor/ai-tracking                   which commits came of which conversation             cursor_tracking
    tokentrack's own folder                 what the hook wrote                                  cursor_hook
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from stat import S_ISREG

from tokentrack import paths
from tokentrack.agents import foreign
from tokentrack.agents.folders import entries, is_folder
from tokentrack.agents.values import Failed, unnoticed
from tokentrack.model.logs import Chunk, Log

NAME = "cursor"
LABEL = "Cursor"

RULES = {
    3: "the line that Cursor's stop hook wrote for this turn",
    2: "the turn's bubble in Cursor's database: no line of the stop hook tells this turn",
}
"""How the counted record was chosen among its copies, by `Request.standing`."""

DATABASE, TRACKING, TURNS = "state.vscdb", "ai-code-tracking.db", "turns.jsonl"
IN_USER = ("globalStorage", "workspaceStorage")
IN_HOME = ("projects", "chats", "acp-sessions", "ai-tracking")
_TRANSCRIPT = re.compile(
    r"[^/]+/agent-transcripts/(?:[^/]+/[^/]+\.jsonl|[^/]+/subagents/[^/]+\.jsonl|[^/]+\.(?:jsonl|txt))"
)
_CHAT = re.compile(r"(?:[^/]+/)?[^/]+/(?:meta\.json|store\.db)")


# ---------------------------------------------------------------------------------------------------------------- where


def roots(home: Path, env: Mapping[str, str]) -> list[Path]:
    """Single folders of Cursor's: beside them lie its extensions, thousands of folders that nobody should watch."""
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    users = [config / "Cursor" / "User", home / "Library" / "Application Support" / "Cursor" / "User"]
    if roaming := env.get("APPDATA"):
        users.append(Path(roaming) / "Cursor" / "User")
    homes = [home / ".cursor"]
    if named := env.get("CURSOR_CONFIG_DIR"):
        homes.append(Path(os.path.expanduser(named)))
    if env.get("XDG_CONFIG_HOME"):
        homes.append(config / "cursor")
    found = [user / name for user in users for name in IN_USER]
    found += [folder / name for folder in homes for name in IN_HOME]
    return list(dict.fromkeys([*found, hook_folder(home, env)]))


def hook_folder(home: Path, env: Mapping[str, str]) -> Path:
    return paths.data_folder(home, env) / "cursor-hook"


def roots_of(folder: Path) -> list[Path]:
    """A folder may be Cursor's own, its `User`, a `.cursor`, or one of the folders in them."""
    if folder.name in (*IN_USER, *IN_HOME):
        return [folder]
    names = [*IN_USER, *(f"User/{name}" for name in IN_USER), *IN_HOME]
    inner = [folder / name for name in names if os.path.isdir(folder / name)]  # noqa: PTH112  # never raises
    return inner or [folder]


def logs(root: Path, failed: Failed = unnoticed) -> Iterable[Log]:
    """Every database, transcript and chat below a root. Only the folders that may hold one are looked into."""
    if root.name == "projects":
        paths = _transcripts(root, failed)
    elif root.name in ("chats", "acp-sessions"):
        paths = _chats(root, failed)
    else:
        paths = _databases(root, failed)
    for path in paths:
        if (log := log_at(root, path)) is not None:
            yield log


def _databases(root: Path, failed: Failed) -> Iterator[Path]:
    for entry in _entries(root, failed):
        if entry.name in (DATABASE, TRACKING, TURNS):
            yield Path(entry.path)
        elif root.name not in ("globalStorage", "ai-tracking", "cursor-hook") and is_folder(entry):
            yield Path(entry.path, DATABASE)


def _transcripts(root: Path, failed: Failed) -> Iterator[Path]:
    for project in filter(is_folder, _entries(root, failed)):
        for entry in _entries(Path(project.path, "agent-transcripts"), failed):
            if not is_folder(entry):
                yield Path(entry.path)
                continue
            for inner in _entries(Path(entry.path), failed):
                if inner.name == "subagents" and is_folder(inner):
                    yield from (Path(sub.path) for sub in _entries(Path(inner.path), failed))
                else:
                    yield Path(inner.path)


def _chats(root: Path, failed: Failed) -> Iterator[Path]:
    for outer in filter(is_folder, _entries(root, failed)):
        for entry in _entries(Path(outer.path), failed):
            if is_folder(entry):
                yield from (Path(inner.path) for inner in _entries(Path(entry.path), failed))
            else:
                yield Path(entry.path)


def _entries(folder: Path, failed: Failed) -> list[os.DirEntry[str]]:
    return sorted(entries(folder, failed), key=lambda entry: entry.name)


def log_at(root: Path, path: Path) -> Log | None:
    """The log that a changed file belongs to: of a database in use the `-wal` changes, and its neighbour names its folder."""
    if path.name == "workspace.json":
        path = path.with_name(DATABASE)
    path = foreign.main_file(path)
    if path == root or not path.is_relative_to(root):
        return None
    inner = "/".join(path.relative_to(root).parts)
    depth = inner.count("/")
    if path.name in (DATABASE, TRACKING):
        return _log(root, path, foreign.status(path)) if depth <= 1 else None
    if path.name == TURNS and depth == 0:
        return _log(root, path, _status(path))
    if root.name in ("chats", "acp-sessions") and _CHAT.fullmatch(inner):
        return _log(root, path, foreign.status(path) if path.name == "store.db" else _status(path))
    if _TRANSCRIPT.fullmatch(inner) and not (
        path.suffix == ".txt" and os.path.isfile(path.with_suffix(".jsonl"))  # noqa: PTH113  # never raises
    ):
        return _log(root, path, _status(path))
    return None


def _log(root: Path, path: Path, stat: tuple[int, int, int] | None) -> Log | None:
    return None if stat is None else Log(NAME, str(path), root, None, False, *stat)


def _status(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino) if S_ISREG(stat.st_mode) else None


# ----------------------------------------------------------------------------------------------------------------- read


def read(log: Log, cursor: str | None) -> Chunk:
    """What is new or changed since the cursor. Raises OSError."""
    from tokentrack.agents import cursor_chats, cursor_hook, cursor_rows, cursor_tracking

    name = log.path.name
    if name == DATABASE:
        return cursor_rows.read(log, cursor)
    if name == TRACKING:
        return cursor_tracking.read(log, cursor)
    if name == TURNS:
        return cursor_hook.read(log, cursor)
    return cursor_chats.read(log, cursor)


def raw(path: Path, offset: int, key: str) -> dict[str, object] | None:
    """The counters of a bubble or of a line of the hook, as they stand there now."""
    from tokentrack.agents import cursor_hook, cursor_raw

    try:
        return cursor_hook.raw(path, offset) if path.name == TURNS else cursor_raw.raw(path, key)
    except OSError:
        return None


def told_at(path: Path, key: str) -> tuple[str, str] | None:
    """Where a turn's bubble stands in its database, and the rule by which it counts. Raises OSError."""
    from tokentrack.agents import cursor_raw

    if path.name != DATABASE or (found := cursor_raw.found(path, key)) is None:
        return None
    return found[0], RULES[2]
