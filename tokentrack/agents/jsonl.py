"""Reads the new whole lines of an append-only file, and notices when the file was rewritten.

The agents append while we read, so a last line without its newline is left for later. A file that shrank, or whose bytes
around the remembered place changed, was rewritten and is read again from its start: keys make that harmless.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

BLOCK = 512 << 10
PART = 48 << 20
"""Bytes read for one chunk: bounds memory on a log of gigabytes."""
LONGEST = 64 << 20
"""A longer line is skipped and reported."""
HEAD, TAIL = 4096, 1024
UNFINISHED = -1
NEWLINE = ord("\n")


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


def whole_lines(file: BinaryIO, start: int) -> Iterator[tuple[int, int, bytes | None]]:
    """(offset, offset of the next line, line) from `start` on, until `PART` bytes are done. `file` is not buffered.

    A line longer than `LONGEST` comes as None. A last line without its newline comes with `UNFINISHED` for the next offset: it
    may be half written, or whole where the agent was stopped, so it is used if it is a whole record, and read again next time.
    """
    file.seek(start)
    buffered = io.BufferedReader(cast("io.RawIOBase", file), BLOCK)
    source = cast("BinaryIO", buffered)
    readline, offset, until = source.readline, start, start + PART
    try:
        while offset < until and (line := readline(LONGEST + 1)):
            end = offset + len(line)
            if line[-1] == NEWLINE:
                yield offset, end, line
            elif len(line) <= LONGEST:
                yield offset, UNFINISHED, line
                return
            elif rest := _rest_of_line(source):
                end += rest
                yield offset, end, None
            else:
                return
            offset = end
    finally:
        buffered.detach()  # or the file would be closed with it


def _rest_of_line(source: BinaryIO) -> int:
    """The length of what is left of a line; 0 where its end is not written yet."""
    length = 0
    while part := source.readline(BLOCK):
        length += len(part)
        if part[-1] == NEWLINE:
            return length
    return 0
