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
from tokentrack.agents.opencode_folders import Stat, Storage, entries, stat_of
from tokentrack.agents.opencode_pieces import FILE, Gathering, Message
from tokentrack.agents.opencode_records import Part, SessionFile
from tokentrack.agents.reading import cursor_of, text_of
from tokentrack.model.logs import Chunk

SETTLED_NS = 2_000_000_000
"""A file may be written twice within the grain of its time stamp: what is newer than this before the newest is read again."""
LARGEST_PART = 64 << 10
"""A larger part is a tool's output: neither a step's end nor a commit's message."""
LARGEST = 64 << 20
NOT_WRITTEN = b"\0\xef\xbb\xbf"
"""What an editor sets before a text, and a file system behind one that was cut off."""


class Cursor(msgspec.Struct, omit_defaults=True):
    until: int = 0
    digest: str = ""


# ---------------------------------------------------------------------------------------------------------------- read


def read(folder: Path, cursor: str | None) -> Chunk:
    """What a session's messages tell that changed since the cursor."""
    state = cursor_of(cursor, Cursor)
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
        cursor=text_of(Cursor(until, _digest(found, settled))),
        pieces=reading.gathering.pieces(),
        problems=reading.gathering.problems,
        version=reading.gathering.version[1] if reading.gathering.version else None,
        bytes_read=reading.bytes_read,
        more=False,
        restarted=restarted and cursor is not None,
    )


def _messages(folder: Path) -> dict[str, Stat]:
    with os.scandir(folder):  # a folder that is gone, or may not be looked into, is for the caller to hear of
        pass
    return {entry.name: stat for entry in entries(folder) if entry.name.endswith(".json") and (stat := stat_of(entry))}


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
        self.gathering = Gathering(self.told, self.begun)
        self.bytes_read = 0

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
        self.gathering.add(Message(native_id, self.folder.name, info, FILE, parts, records.created(info)))

    def parts(self, message: str) -> Iterator[Part]:
        folder = self.storage.parts(self.folder.name, message)
        for entry in sorted(entries(folder, self.unreadable), key=lambda entry: entry.name):
            stat = stat_of(entry)
            if not entry.name.endswith(".json") or stat is None or stat[0] > LARGEST_PART:
                continue
            data = self.data(Path(entry.path))
            if data is not None:
                try:
                    yield records.part(data)
                except records.NOT_A_RECORD:
                    self.gathering.problem(entry.name.removesuffix(".json"), "not a part of a message")

    def unreadable(self, path: Path, error: OSError) -> None:
        self.gathering.problem(path.stem, f"it cannot be read ({error.strerror or error})")

    def data(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST)
        except OSError as error:
            self.unreadable(path, error)
            return None
        self.bytes_read += len(data)
        return data.strip(NOT_WRITTEN)

    # ------------------------------------------------------------------------------------------ sessions

    def told(self, native_id: str) -> SessionFile | None:
        path = self.storage.session_file(native_id)
        try:
            return records.session_file(path.read_bytes().strip(NOT_WRITTEN)) if path else None
        except OSError:
            return None
        except records.NOT_A_RECORD:
            self.gathering.problem(native_id, "not a session")
            return None

    def begun(self, native_id: str) -> int | None:
        """When a session without a file of its own began: its first message, by the ids, which ascend."""
        for name in sorted(_messages(self.folder)):
            try:
                return records.created(records.info((self.folder / name).read_bytes().strip(NOT_WRITTEN)))
            except (OSError, *records.NOT_A_RECORD):
                continue
        return None


# ----------------------------------------------------------------------------------------------------------------- why


def raw(folder: Path, key: str) -> dict[str, object] | None:
    """The tokens of a message and of its steps, as logged."""
    message = found(folder, key)
    return records.as_logged(message.info, message.parts) if message else None


def found(folder: Path, key: str) -> Message | None:
    """A message with its parts."""
    reading = _Reading(folder)
    path = folder / f"{key}.json"
    data = reading.data(path) if stat_of(path) else None
    try:
        info = records.info(data or b"")
    except records.NOT_A_RECORD:
        return None
    return Message(key, folder.name, info, FILE, list(reading.parts(key)), records.created(info))
