"""How every reader looks into folders: what is not there is nothing, what cannot be looked into is told, nothing raises."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from stat import S_ISREG

from tokentrack.agents.values import Failed, unnoticed


class Looked:
    """What a reader meets below a root, told through its `failed`: folders that it cannot look into, and links."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.failing: dict[Path, OSError] = {}
        self._folders: list[str] = []
        self._links: list[str] = []

    def __call__(self, folder: Path, error: OSError) -> None:
        self.failing.setdefault(folder, error)

    def into(self, folder: str | Path, found: Iterable[os.DirEntry[str]]) -> None:
        self._folders.append(os.fspath(folder))
        self._links += [entry.path for entry in found if entry.is_symlink()]

    def links(self, log_at: Callable[[Path, Path], object]) -> set[str]:
        """Links to folders that the reader looked into, to logs, and to nothing that is there (yet)."""
        above = str(self.root).rstrip(os.sep) + os.sep
        found = {link for link in self._links if not os.path.exists(link) or log_at(self.root, Path(link))}  # noqa: PTH110
        seen: set[str] = set()
        for folder in self._folders:
            while folder.startswith(above) and folder not in seen:
                seen.add(folder)
                if os.path.islink(folder):  # noqa: PTH114  # texts all along: thousands
                    found.add(folder)
                folder = os.path.dirname(folder)  # noqa: PTH120
        return found


def entries(folder: str | Path, failed: Failed = unnoticed) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as opened:
            found = list(opened)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        failed(Path(folder), error)
        return []
    if isinstance(failed, Looked):
        failed.into(folder, found)
    return found


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def walk(
    top: str | Path, failed: Failed = unnoticed, enters: Callable[[os.DirEntry[str]], bool] = is_folder
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Each folder from `top` down, with what is in it. Links are followed, after all that lies there itself.

    No folder comes twice and none above `top` at all: a circle of links ends, and a log is met where it lies.
    """
    waiting, linked, met = [str(top)], list[str](), list[str]()
    seen: set[tuple[int, int] | None] = set()
    while waiting or linked:
        if not waiting and not seen:  # the first link: without any, no folder has to be told from another
            seen = {*map(_identity, Path(os.path.realpath(top)).parents), *map(_identity, met)}
        folder = waiting.pop() if waiting else linked.pop()
        if not seen:
            met.append(folder)
        elif (identity := _identity(folder)) in seen:
            continue
        else:
            seen.add(identity)
        found = entries(folder, failed)
        yield folder, found
        for entry in filter(enters, found):
            (linked if entry.is_symlink() else waiting).append(entry.path)


def _identity(folder: str | Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(folder)  # noqa: PTH116  # thousands of them
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


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
