"""opencode's two storages of JSON files, up to version 1.1: a file for each session, message and part.

    project/<folder>/storage/session/  info/<ses>.json   message/<ses>/<msg>.json   part/<ses>/<msg>/<prt>.json
    storage/                session/<project>/<ses>.json   message/<ses>/<msg>.json        part/<msg>/<prt>.json

A session's folder of messages is one log: a pass over ten thousand messages then compares some hundred logs, each by the
sizes and the newest time of its files, and opens none. A message's file is written again after its parts are, so it tells
of them too. Ids are taken from the paths; a file's own may be stale.

The cursor is a time and a digest: files older than that time are known if their names, sizes and times still give that
digest, and only the newer ones are read; else all of the session are.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tokentrack.agents import opencode_records as records
from tokentrack.agents.opencode_pieces import FILE, Gathering, Message, session_of
from tokentrack.agents.opencode_records import Part, Session, SessionFile
from tokentrack.agents.values import Failed, unnoticed
from tokentrack.model import Chunk

SETTLED_NS = 2_000_000_000
"""A file may be written twice within the grain of its time stamp: what is newer than this before the newest is read again."""
LARGEST_PART = 64 << 10
"""A larger part is a tool's output: neither a step's end nor a commit's message."""
LARGEST = 64 << 20

Stat = tuple[int, int, int]


class Cursor(msgspec.Struct, omit_defaults=True):
    until: int = 0
    digest: str = ""


class Storage:
    """One of the two layouts, by the folder that holds `message`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first = folder.name == "session"
        self._projects: list[str] | None = None

    def session_files(self) -> Iterator[os.DirEntry[str]]:
        if self.first:
            yield from entries(self.folder / "info")
            return
        for project in entries(self.folder / "session"):
            if _is_folder(project):
                yield from entries(project.path)

    def session_file(self, session: str) -> Path | None:
        name = f"{session}.json"
        if self.first:
            return self.folder / "info" / name
        if self._projects is None:
            self._projects = [entry.path for entry in entries(self.folder / "session")]
        for project in self._projects:
            path = Path(project, name)
            if os.path.exists(path):  # noqa: PTH110  # never raises
                return path
        return None

    def parts(self, session: str, message: str) -> Path:
        return self.folder / "part" / session / message if self.first else self.folder / "part" / message


def storages(root: Path, failed: Failed) -> Iterator[Storage]:
    yield Storage(root / "storage")
    for project in entries(root / "project", failed):
        yield Storage(Path(project.path, "storage", "session"))


def folders(root: Path, failed: Failed = unnoticed) -> Iterator[tuple[Path, Stat]]:
    """The folder of messages of each session, with what changes when any of its files does."""
    for storage in storages(root, failed):
        sessions = entries(storage.folder / "message", failed)
        if not sessions:
            continue
        told = {entry.name: stat for entry in storage.session_files() if (stat := _stat(entry))}
        for folder in sessions:
            if _is_folder(folder) and (stat := _whole(Path(folder.path), told.get(f"{folder.name}.json"), failed)):
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
    stat = _whole(folder, _stat(told) if told else None)
    return (folder, stat) if stat else None


def _session(inner: tuple[str, ...]) -> str | None:
    if len(inner) == 3 and inner[0] == "message":
        return inner[1]
    if (len(inner) == 3 and inner[0] == "session") or (len(inner) == 2 and inner[0] == "info"):
        return inner[-1].removesuffix(".json")
    return None


def _whole(folder: Path, told: Stat | None, failed: Failed = unnoticed) -> Stat | None:
    """(sizes together, newest time, inode of the folder); None for a folder without messages."""
    stats = [stat for entry in entries(folder, failed) if entry.name.endswith(".json") and (stat := _stat(entry))]
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
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if entry.name.isascii() or _is_text(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        failed(Path(folder), error)
        return []


def _is_text(name: str) -> bool:
    """No id of opencode's is anything but ASCII; a name that is no text at all cannot be kept."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _stat(entry: os.DirEntry[str] | Path) -> Stat | None:
    try:
        stat = entry.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


# ---------------------------------------------------------------------------------------------------------------- read


def read(folder: Path, cursor: str | None) -> Chunk:
    """What a session's messages tell that changed since the cursor."""
    state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    found = _messages(folder)
    known = [name for name, (_, time, _) in found.items() if time < state.until]
    restarted = _digest(found, known) != state.digest
    names = sorted(found if restarted else found.keys() - set(known))
    reading = _Reading(folder)
    for name in names:
        reading.message(name)
    reading.gathering.told(folder.name)
    until = max((time for _, time, _ in found.values()), default=0) - SETTLED_NS
    settled = [name for name, (_, time, _) in found.items() if time < until]
    return Chunk(
        cursor=msgspec.json.encode(Cursor(until, _digest(found, settled))).decode(),
        pieces=reading.gathering.pieces(),
        problems=reading.gathering.problems,
        version=reading.gathering.version[1] if reading.gathering.version else None,
        bytes_read=reading.bytes_read,
        more=False,
        restarted=restarted and cursor is not None,
    )


def _messages(folder: Path) -> dict[str, Stat]:
    folder.stat()  # a folder that is gone is for the caller to hear of
    return {entry.name: stat for entry in entries(folder) if entry.name.endswith(".json") and (stat := _stat(entry))}


def _digest(found: dict[str, Stat], names: list[str]) -> str:
    if not names:
        return ""
    told = "\n".join(f"{name} {found[name][0]} {found[name][1]}" for name in sorted(names))
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).hexdigest()


class _Reading:
    """One pass over some messages of a session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage = Storage(folder.parent.parent)
        self.gathering = Gathering(self.find, self.begun)
        self.bytes_read = 0
        self._sessions: dict[str, Session | None] = {}

    def message(self, name: str) -> None:
        native_id = name.removesuffix(".json")
        data = self.data(self.folder / name)
        if data is None:
            return
        try:
            info = records.info(data)
        except records.NOT_A_RECORD:
            self.gathering.problem(native_id, "not a message")
            return
        parts = list(self.parts(native_id))
        self.gathering.add(Message(native_id, self.folder.name, info, FILE, parts))

    def parts(self, message: str) -> Iterator[Part]:
        for entry in sorted(entries(self.storage.parts(self.folder.name, message)), key=lambda entry: entry.name):
            stat = _stat(entry)
            if not entry.name.endswith(".json") or stat is None or stat[0] > LARGEST_PART:
                continue
            data = self.data(Path(entry.path))
            if data is not None:
                try:
                    yield records.part(data)
                except records.NOT_A_RECORD:
                    self.gathering.problem(entry.name.removesuffix(".json"), "not a part of a message")

    def data(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST)
        except OSError as error:
            self.gathering.problem(path.stem, f"it cannot be read ({error.strerror or error})")
            return None
        self.bytes_read += len(data)
        return data

    # ------------------------------------------------------------------------------------------ sessions

    def find(self, native_id: str) -> Session | None:
        if native_id not in self._sessions:
            told = self.told(native_id)
            self._sessions[native_id] = session_of(told, self.told, native_id) if told else None
        return self._sessions[native_id]

    def told(self, native_id: str) -> SessionFile | None:
        path = self.storage.session_file(native_id)
        try:
            return records.session_file(path.read_bytes()) if path else None
        except OSError:
            return None
        except records.NOT_A_RECORD:
            self.gathering.problem(native_id, "not a session")
            return None

    def begun(self, native_id: str) -> int | None:
        """When a session without a file of its own began: its first message, by the ids, which ascend."""
        for name in sorted(_messages(self.folder)):
            try:
                return records.created(records.info((self.folder / name).read_bytes()))
            except (OSError, *records.NOT_A_RECORD):
                continue
        return None


# ----------------------------------------------------------------------------------------------------------------- why


def raw(folder: Path, key: str) -> dict[str, object] | None:
    """The tokens of a message and of its steps, as logged."""
    reading = _Reading(folder)
    data = reading.data(folder / f"{key}.json")
    try:
        info = records.info(data or b"")
    except records.NOT_A_RECORD:
        return None
    return records.as_logged(info, list(reading.parts(key)))
