"""Where opencode kept its JSON files: two layouts, by session folders of messages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tokentrack.agents import folders
from tokentrack.agents.folders import file_status, is_folder
from tokentrack.agents.values import Failed, unnoticed

Stat = tuple[int, int, int]


class Storage:
    """One of the two layouts, by the folder that holds `message`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first = folder.name == "session"
        self._projects: list[str] | None = None

    def session_files(self, failed: Failed) -> Iterator[os.DirEntry[str]]:
        if self.first:
            yield from entries(self.folder / "info", failed)
            return
        for project in entries(self.folder / "session", failed):
            if is_folder(project):
                yield from entries(project.path, failed)

    def session_file(self, session: str) -> Path | None:
        name = f"{session}.json"
        if self.first:
            return self.folder / "info" / name
        if self._projects is None:
            self._projects = [entry.path for entry in entries(self.folder / "session")]
        for project in self._projects:
            path = Path(project, name)
            if os.path.isfile(path):  # noqa: PTH113  # never raises
                return path
        return None

    def parts(self, session: str, message: str) -> Path:
        return self.folder / "part" / session / message if self.first else self.folder / "part" / message


def storages(root: Path, failed: Failed) -> Iterator[Storage]:
    yield Storage(root / "storage")
    for project in entries(root / "project", failed):
        yield Storage(Path(project.path, "storage", "session"))


def session_folders(root: Path, failed: Failed = unnoticed) -> Iterator[tuple[Path, Stat]]:
    """The folder of messages of each session, with what changes when any of its files does."""
    for storage in storages(root, failed):
        sessions = entries(storage.folder / "message", failed)
        if not sessions:
            continue
        told = {entry.name: stat for entry in storage.session_files(failed) if (stat := stat_of(entry))}
        for folder in sessions:
            if is_folder(folder) and (stat := _whole(Path(folder.path), told.get(f"{folder.name}.json"), failed)):
                yield Path(folder.path), stat


def folder_at(root: Path, path: Path) -> tuple[Path, Stat] | None:
    """The log that a file below a root belongs to."""
    parts = path.relative_to(root).parts
    if path.suffix != ".json":
        return None
    if parts[0] == "storage":
        storage, inner = Storage(root / "storage"), parts[1:]
    elif parts[0] == "project" and parts[2:4] == ("storage", "session"):
        storage, inner = Storage(root.joinpath(*parts[:4])), parts[4:]
    else:
        return None
    session = _session(inner)
    if session is None:
        return None
    folder = storage.folder / "message" / session
    told = storage.session_file(session)
    stat = _whole(folder, stat_of(told) if told else None)
    return (folder, stat) if stat else None


def _session(inner: tuple[str, ...]) -> str | None:
    if len(inner) == 3 and inner[0] == "message":
        return inner[1]
    if (len(inner) == 3 and inner[0] == "session") or (len(inner) == 2 and inner[0] == "info"):
        return inner[-1].removesuffix(".json")
    return None


def _whole(folder: Path, told: Stat | None, failed: Failed = unnoticed) -> Stat | None:
    """(sizes together, newest time, inode of the folder); None for a folder without messages."""
    stats = [stat for entry in entries(folder, failed) if entry.name.endswith(".json") and (stat := stat_of(entry))]
    if not stats:
        return None
    if told:
        stats.append(told)
    try:
        inode = folder.stat().st_ino
    except OSError:
        return None
    return sum(stat[0] for stat in stats), max(stat[1] for stat in stats), inode


def entries(folder: str | Path, failed: Failed = unnoticed) -> list[os.DirEntry[str]]:
    return [entry for entry in folders.entries(folder, failed) if entry.name.isascii() or _is_text(entry.name)]


def _is_text(name: str) -> bool:
    """No id of opencode's is anything but ASCII; a name that is no text at all cannot be kept."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def stat_of(entry: os.DirEntry[str] | Path) -> Stat | None:
    stat = file_status(os.fspath(entry), entry.stat)
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino) if stat else None
