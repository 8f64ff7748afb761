"""How every reader looks into folders: what is not there is nothing, what cannot be looked into is told, nothing raises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG

from tokentrack.agents.values import Failed, unnoticed


def entries(folder: str | Path, failed: Failed = unnoticed) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        failed(Path(folder), error)
        return []


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def file_status(path: str, status: Callable[[], os.stat_result], failed: Failed = unnoticed) -> os.stat_result | None:
    """None for what is no plain file: opening a pipe would wait for ever."""
    try:
        stat = status()
    except PermissionError as error:  # a folder that may be listed and not entered
        failed(Path(path).parent, error)
        return None
    except OSError:
        return None
    return stat if S_ISREG(stat.st_mode) else None
