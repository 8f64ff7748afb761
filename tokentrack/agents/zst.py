"""Logs that their agent has compressed: read as a stream, in bounded memory, as if they lay there plain."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 1 << 20


class Stream(io.RawIOBase):
    """The plain bytes of a compressed file. Going back begins anew; `damaged` tells why it ended early, if it did."""

    def __init__(self, file: BinaryIO) -> None:
        import zstandard  # most people have no such log

        self._file = file
        self._made = zstandard.ZstdDecompressor
        self._error = zstandard.ZstdError
        self._plain: BinaryIO | None = None
        self._at = 0
        self.damaged: str | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if self._plain is None:
            self._file.seek(0)
            reader = self._made().stream_reader(self._file, read_size=BLOCK, read_across_frames=True, closefd=False)
            self._plain, self._at = cast("BinaryIO", reader), 0
        try:
            data = self._plain.read(-1 if size is None else size)
        except self._error as error:
            self.damaged = str(error)
            return b""
        self._at += len(data)
        return data

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if offset < self._at:
            self._plain, self._at = None, 0
        while self._at < offset and self.read(min(BLOCK, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        return self._at


def opened(path: Path) -> tuple[BinaryIO, Stream | None]:
    """The file to close, and its plain bytes where it is compressed, whatever it is called. Raises OSError."""
    file = path.open("rb", buffering=0)
    try:
        compressed = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
    except OSError:
        file.close()
        raise
    return cast("BinaryIO", file), Stream(cast("BinaryIO", file)) if compressed else None
