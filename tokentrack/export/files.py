"""A page as a file: whole, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path


def is_stream(place: Path) -> bool:
    """A pipe or a device: to write to it takes as long as whoever reads it."""
    return place.exists() and not place.is_file() and not place.is_dir()


def write(data: bytes, place: Path) -> None:
    """Raises OSError; what stood at this place then still does.

    Where a link stands, what it leads to is written; a pipe or a device is written to as it is.
    """
    target = Path(os.path.realpath(place))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    if is_stream(target):
        target.write_bytes(data)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:  # never one that somebody else has
            file.write(data)
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error
    finally:
        part.unlink(missing_ok=True)
