"""Which folders the system tells of, and why not where it does not: the observer, and what it is asked to observe."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tokentrack.agents import places
from tokentrack.paths import Place, place_of

if TYPE_CHECKING:
    from tokentrack.observer import Event, Observer

WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
OPEN_FILES = Path("/proc/self/fdinfo")
A_MOMENT = 0.08
"""In which a folder may come or go while the kernel's watches are counted."""


class Watched:
    """The folders that are watched. One thread uses it; `on_paths` and `on_refused` are called from the observer's threads.

    `on_paths` hears the paths of logs that changed, and whether a folder of such went, so that all must be looked at.
    `unwatched` tells why nothing is watched: the kernel's limit that is reached (`watches`, `instances`), or `failed`.
    `refused` is the limit for which the kernel refused a folder meanwhile.
    """

    def __init__(self, on_paths: Callable[[list[str], bool], None], on_refused: Callable[[], None]) -> None:
        self._on_paths, self._tell_refused = on_paths, on_refused
        self.unwatched = self.refused = ""
        self._observer: Observer | None = None
        self._present: dict[Path, Place] = {}
        self._links: dict[str, places.Target] = {}
        """The links through which logs were read in the last pass, by the paths that the logs have."""
        self._places: places.Places = {}
        self._names: places.Names = {}

    def look(self, folders: Iterable[Path], roots: Iterable[Path], again: bool) -> bool:
        """Watches folders that appeared, came back or were added, and what links lead to. Returns whether any did.

        `roots` are these folders, each once whatever links lead to it. `again`: it is time to try what failed.
        """
        linked = [Path(link) for link, (_, folder) in self._links.items() if folder]
        present = {path: place for path in (*folders, *linked) if (place := place_of(path))}
        if present == self._present and self._works(again):
            return False
        self.end()
        self._present = present
        self._links = {link: places.target(link) for link in self._links}
        own = {str(root): places.target(str(root)) for root in roots if root in present}
        self._places, self._names = places.laid_out(own | self._links)
        if why := self._begin():
            self.give_up(why)
        return True

    def met(self, links: Iterable[str]) -> bool:
        """Takes the links that a pass met. Returns whether to look: they lead elsewhere, or a folder was left out."""
        found = {link: places.target(link) for link in links}
        if found == self._links and not (self._observer and _left_out(self._places)):
            return False
        self._links = found
        self.end()
        return True

    def relinked(self, path: str) -> bool:
        """Whether a link is there, or was, that leads elsewhere than it did."""
        known = self._links.get(path)
        return (known is not None or os.path.islink(path)) and places.target(path) != known  # noqa: PTH114

    def give_up(self, why: str) -> None:
        """Watches no more, so that the watches that there are can serve other programs."""
        self._end_observer()
        self.unwatched = why

    def end(self) -> None:
        self._present = {}
        self._end_observer()

    def _works(self, again: bool) -> bool:
        if self.unwatched:
            return not again
        if self._observer is None:
            return not self._present
        return all(thread.is_alive() for thread in self._observer.threads)

    def _begin(self) -> str:
        """Returns why the folders cannot be watched, nothing where they are."""
        from tokentrack.observer import LIMITS, Observer

        self.unwatched = ""
        if _too_many(self._places):
            return "watches"
        try:
            self._observer = Observer(self._places, self._on_event, self._on_refused)
        except OSError as error:
            return LIMITS.get(error.errno or 0, "failed")
        return self.refused or ("failed" if _left_out(self._places) else "")

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
        self.refused = ""

    def _on_refused(self, limit: str) -> None:
        """Observer's threads: a folder stays unwatched."""
        self.refused = limit
        self._tell_refused()

    def _on_event(self, event: Event) -> None:
        """Observer's thread: tells which logs it is about, nothing else."""
        paths = [
            known
            for path in (event.src_path, event.dest_path)
            for known in places.named(self._names, os.fsdecode(path))
        ]
        made = event.is_directory and event.event_type == "created"
        if made:  # watched by now, and what is in it is told; a link is not
            paths = [path for path in paths if os.path.islink(path)]  # noqa: PTH114
        if paths:
            self._on_paths(paths, event.is_directory and not made)


def refuses(folder: Path) -> bool:
    """Whether the folder, or one above it, is there and refuses to be read."""
    try:
        os.scandir(folder).close()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _too_many(watched: places.Places) -> bool:
    """Whether these would take (nearly) all the watches that the kernel grants this person's programs."""
    try:
        limit = int(WATCH_LIMIT.read_text())
    except (OSError, ValueError):
        return False
    return places.count(watched) > limit * 0.9


def _left_out(watched: places.Places) -> bool:
    """Whether the kernel watches fewer folders than there are: one that was closed and is open now is not told of."""
    for _ in range(2):
        if not OPEN_FILES.is_dir() or places.count(watched) <= _watches():
            return False
        time.sleep(A_MOMENT)
    return True


def _watches() -> int:
    """How many folders the kernel watches for this process."""
    most = 0
    for file in OPEN_FILES.iterdir():
        with suppress(OSError):
            most = max(most, file.read_text().count("inotify wd:"))
    return most
