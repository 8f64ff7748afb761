"""opencode: JSON files up to version 1.1, then SQLite databases, whose tables changed with version 2. All may be there at once.

A message has one id in all of them, so each storage tells what it has and the best record counts: a row of the newer tables
before one of the older, before a file. What `/undo` deletes stays in the events. Sessions begun by another one are spend of
the one that started it all. What a fork copied belongs to its source: see `opencode_pieces`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tokentrack.agents import foreign, opencode_folders
from tokentrack.agents.values import Failed, unnoticed
from tokentrack.model.logs import Chunk, Log

NAME = "opencode"
LABEL = "opencode"

RULES = {
    3: "the row in the tables of version 2",
    2: "the row in the tables of version 1, or what the events keep of one that was undone",
    1: "the message's file: no database has this message",
}
"""How the counted record was chosen among its copies, by `Request.standing`."""

_DATABASE = re.compile(r"opencode(-[\w.-]+)?\.db", re.ASCII)
"""`opencode.db`, and one for each channel that is tried out."""


# ---------------------------------------------------------------------------------------------------------------- where


def roots(home: Path, env: Mapping[str, str]) -> list[Path]:
    """The data folder, the same on every system; `OPENCODE_DATA_DIR` is a habit of other programs that read these logs."""
    home = Path(env.get("OPENCODE_TEST_HOME") or home)
    data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "opencode"
    found = [data]
    found += [
        Path(os.path.expanduser(name)) for name in map(str.strip, env.get("OPENCODE_DATA_DIR", "").split(",")) if name
    ]
    named = env.get("OPENCODE_DB", "")
    if named and named != ":memory:":
        database = data / os.path.expanduser(named)
        if database.parent != data or not _DATABASE.fullmatch(database.name):
            found.append(database.parent if _DATABASE.fullmatch(database.name) else database)
    return list(dict.fromkeys(found))


def roots_of(folder: Path) -> list[Path]:
    """A data folder or a database: either is a root as it is."""
    return [folder]


def logs(root: Path, failed: Failed = unnoticed) -> Iterable[Log]:
    """Each database, and each session's folder of message files. A root may be a database by itself."""
    if os.path.isfile(root):  # noqa: PTH113  # never raises
        yield from _databases(root, [root])
        return
    names = [Path(entry.path) for entry in opencode_folders.entries(root, failed) if _DATABASE.fullmatch(entry.name)]
    yield from _databases(root, names)
    for folder, stat in opencode_folders.session_folders(root, failed):
        yield Log(NAME, str(folder), root, None, False, *stat)


def _databases(root: Path, paths: Iterable[Path]) -> Iterator[Log]:
    for path in paths:
        if (stat := foreign.status(path)) is not None:
            yield Log(NAME, str(path), root, None, False, *stat)


def log_at(root: Path, path: Path) -> Log | None:
    """The log that a changed file belongs to: what changes of a database in use is the `-wal` beside it."""
    database = foreign.main_file(path)
    if database == root or (database.parent == root and _DATABASE.fullmatch(database.name)):
        return next(_databases(root, [database]), None)
    found = opencode_folders.folder_at(root, path) if path != root else None
    return Log(NAME, str(found[0]), root, None, False, *found[1]) if found else None


# ----------------------------------------------------------------------------------------------------------------- read


def read(log: Log, cursor: str | None) -> Chunk:
    """What the messages tell that are new or changed since the cursor. Raises OSError."""
    from tokentrack.agents import opencode_files, opencode_rows

    if log.path.is_dir():
        return opencode_files.read(log.path, cursor)
    return opencode_rows.read(log.path, cursor)


def raw(path: Path, offset: int, key: str) -> dict[str, object] | None:
    """The tokens of a message and of its steps as logged; `key` is its id."""
    from tokentrack.agents import opencode_files, opencode_rows

    try:
        return opencode_files.raw(path, key) if path.is_dir() else opencode_rows.raw(path, key)
    except OSError:
        return None


def told_at(path: Path, key: str) -> tuple[str, str] | None:
    """Where a message stands in its log, and the rule by which its figures were chosen. Raises OSError."""
    from tokentrack.agents import opencode_files, opencode_rows
    from tokentrack.agents.opencode_pieces import rule_of

    if path.is_dir():
        message = opencode_files.found(path, key)
        return (f"file {key}.json", f"{RULES[1]}; {rule_of(message)}") if message else None
    if (found := opencode_rows.found(path, key)) is None:
        return None
    table, message = found
    of = {
        "session_message": RULES[3],
        "message": "the row in the tables of version 1",
        "event": "what the events keep of a message that was undone",
    }
    return f"table {table}, {'message' if table == 'event' else 'id'} {key}", f"{of[table]}; {rule_of(message)}"
