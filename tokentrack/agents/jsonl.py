"""Reads the new whole lines of an append-only file, and notices when the file was rewritten.

The agents append while we read, so a last line without its newline is left for later. A file that shrank, or whose bytes
around the remembered place changed, was rewritten and is read again from its start: keys make that harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 2 << 20
PART = 48 << 20
"""Bytes read for one chunk: bounds memory on a log of gigabytes."""
LONGEST = 64 << 20
"""A longer line is skipped and reported."""
HEAD, TAIL = 4096, 1024
UNFINISHED = -1


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: the offset after the last whole line, and hashes of the file's first and of the last bytes before it."""

    offset: int = 0
    head: str = ""
    tail: str = ""


def still_there(file: BinaryIO, place: Place) -> bool:
    """Whether the bytes that led to this place are still the file's own."""
    return place == Place() or here(file, place.offset) == place


def here(file: BinaryIO, offset: int) -> Place:
    if offset == 0:
        return Place()
    file.seek(0)
    head = file.read(min(HEAD, offset))
    file.seek(max(0, offset - TAIL))
    tail = file.read(min(TAIL, offset))
    return Place(offset, _digest(head), _digest(tail))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def whole_lines(file: BinaryIO, start: int) -> Iterator[tuple[int, int, memoryview | None]]:
    """(offset, offset of the next line, line without its newline) from `start` on, until `PART` bytes are done.

    A line longer than `LONGEST` comes as None. A last line without its newline comes with `UNFINISHED` for the next offset: it
    may be half written, or whole where the agent was stopped, so it is used if it is a whole record, and read again next time.
    """
    file.seek(start)
    base, data = start, b""
    skipping: int | None = None
    while skipping is not None or base - start < PART:
        block = file.read(BLOCK)
        if not block:
            if data and skipping is None:
                yield base, UNFINISHED, memoryview(data)
            return
        data = data + block if data else block
        position = 0
        view = memoryview(data)
        if skipping is not None:
            end = data.find(b"\n")
            if end < 0:
                base += len(data)
                data = b""
                continue
            yield skipping, base + end + 1, None
            skipping, position = None, end + 1
        end = data.find(b"\n", position)
        while end >= 0:
            yield base + position, base + end + 1, view[position:end]
            position = end + 1
            end = data.find(b"\n", position)
        base += position
        data = data[position:]
        if len(data) > LONGEST:
            skipping = base
            base += len(data)
            data = b""
