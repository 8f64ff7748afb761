"""A file that is only ever appended to: whether it is still the one that was read before, by how it begins."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

HEAD = 256


def head(file: BinaryIO, offset: int) -> str:
    """A digest of its first bytes, none of them behind `offset`; empty where nothing was read."""
    if offset == 0:
        return ""
    file.seek(0)
    return hashlib.blake2b(file.read(min(HEAD, offset)), digest_size=6).hexdigest()
