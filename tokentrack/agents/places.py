"""Which real folders the logs are in: those of the agents, and those that links in them lead to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

Target = tuple[str, bool]
"""Where a path leads in the end, and whether a folder is there."""
Places = dict[str, bool]
"""Real folders, and whether logs lie anywhere below them or only in them."""
Names = dict[str, list[str]]
"""By which paths the logs at a real path, or below it, are known."""


def target(path: str) -> Target:
    real = os.path.realpath(path)
    return real, os.path.isdir(real)  # noqa: PTH112  # never raises


def laid_out(targets: Mapping[str, Target]) -> tuple[Places, Names]:
    """The places of these roots and links, each once, and the names by which what is there is known.

    A file's place is the folder it is in, and so is that of what is not there yet.
    """
    places: Places = {}
    names: Names = {}
    for path, (real, folder) in sorted(targets.items(), key=lambda item: item[1]):  # a folder before what is in it
        names.setdefault(real, []).append(path)
        if not folder:
            names.setdefault(f"{real}-wal", []).append(f"{path}-wal")  # what changes of a database
        place = real if folder else os.path.dirname(real)  # noqa: PTH120  # texts all along: thousands
        if not any(places.get(above) for above in _upwards(place)) and os.path.isdir(place):  # noqa: PTH112
            places[place] = folder
    return places, names


def named(names: Names, real: str) -> Iterator[str]:
    """The paths by which a real file is known: below a root, and below each link that leads to it."""
    for place in _upwards(real):
        for known in names.get(place, ()):
            yield known + real[len(place) :]


def count(places: Places) -> int:
    """How many folders there are to watch."""
    inner = {folder for place, below in places.items() if below for folder, _, _ in os.walk(place)}
    return len(inner.union(places))


def _upwards(path: str) -> Iterator[str]:
    """The path and each folder above it."""
    below = ""
    while path != below:
        yield path
        path, below = os.path.dirname(path), path  # noqa: PTH120
