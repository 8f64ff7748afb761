"""Reads the new whole lines of an append-only file, and notices when the file was rewritten.

The agents append while we read, so a last line without its newline is left for later. A file that shrank, or whose bytes
around the remembered place changed, was rewritten and is read again from its start: keys make that harmless.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

BLOCK = 512 << 10
BATCH = 128 << 10
"""Bytes of lines read at once."""
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


def batches(file: BinaryIO, start: int) -> Iterator[tuple[int, int, list[bytes]]]:
    """(offset, offset of the next line, lines) from `start` on, until `PART` bytes are done. `file` is not buffered.

    A line longer than `LONGEST` comes as a batch without lines. A last line without its newline comes alone, with `UNFINISHED`
    for the next offset: it may be half written, or whole where the agent was stopped, so it is used if it is a whole record,
    and read again next time.
    """
    size = _size(file)
    file.seek(start)
    buffered: io.BufferedReader = io.BufferedReader(cast("io.RawIOBase", file), BLOCK)
    offset, until = start, start + PART
    try:
        while offset < until:
            alone = size - offset > LONGEST
            if alone:
                lines = list(filter(None, [buffered.readline(LONGEST + 1)]))
            else:  # no line can be longer, and a hundred at once are quicker read than one by one
                lines = buffered.readlines(min(BATCH, until - offset))
            if not lines:
                return
            end = offset + sum(map(len, lines))
            rest = b""
            if lines[-1][-1] != NEWLINE or end > size:
                lines, rest = _up_to_unfinished(lines)
                end = offset + sum(map(len, lines))
            if lines:
                yield offset, end, lines
            if rest and len(rest) <= LONGEST:
                yield end, UNFINISHED, [rest]
                return
            if rest:  # one that grew so long meanwhile is met alone next time
                if not alone or not (more := _rest_of_line(buffered)):
                    return
                end += len(rest) + more
                yield offset, end, []
            offset = end
    finally:
        buffered.detach()  # or the file would be closed with it


def _up_to_unfinished(lines: list[bytes]) -> tuple[list[bytes], bytes]:
    """Whole lines, and the one that was not; where the agent writes on meanwhile, its rest comes as a line behind it."""
    for number, line in enumerate(lines):
        if line[-1] != NEWLINE:
            return lines[:number], line
    return lines, b""


def whole_lines(file: BinaryIO, start: int) -> Iterator[tuple[int, int, bytes | None]]:
    """(offset, offset of the next line, line) of what `batches` tells; a line longer than `LONGEST` comes as None."""
    for offset, end, lines in batches(file, start):
        if not lines:
            yield offset, end, None
        for line in lines:
            after = UNFINISHED if end == UNFINISHED else offset + len(line)
            yield offset, after, line
            offset = after


def _size(file: BinaryIO) -> float:
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:
        return math.inf  # of a compressed log only reading tells


def _rest_of_line(source: io.BufferedReader) -> int:
    """The length of what is left of a line; 0 where its end is not written yet."""
    length = 0
    while part := source.readline(BLOCK):
        length += len(part)
        if part[-1] == NEWLINE:
            return length
    return 0
