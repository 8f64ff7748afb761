"""What no test may touch: the internet, and the home folder of the person who runs the tests.

An audit hook sees each attempt in this interpreter, also one made in a thread or swallowed by an `except`: it stops
the attempt, and notes it in `seen` so that the suite fails. In a child process, guarded by `sitecustomize` beside this
file, the note goes into a file that the parent reads. What C++ code does by itself is not seen.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

CHECKOUT = str(Path(__file__).resolve().parents[2])

# How a parent tells its children what to guard.
HOMES = "TEST_GUARD_HOMES"
REPORT = "TEST_GUARD_REPORT"
NETWORK = "TEST_GUARD_NETWORK"

# Below the real home: where agents keep their logs, and where this app or its settings would lie.
PRIVATE = (
    ".claude .claude.json .codex .copilot .cursor .gemini .pi .config .cache/tokentrack .local/state/tokentrack "
    ".local/share/tokentrack .local/share/opencode .local/share/amp .local/share/claude "
    "Library/LaunchAgents Library/Preferences AppData/Roaming AppData/Local/tokentrack"
).split() + [f"Library/Application Support/{name}" for name in ("tokentrack", "Claude", "Code", "Cursor")]


class Trespass(RuntimeError):
    """A test reached for what no test may touch."""


seen: list[str] = []
homes: tuple[Path, ...] = ()
network_allowed = False
_forbidden: tuple[str, ...] = ()
_report: Path | None = None
_watching = False


def watch(real_homes: Iterable[Path], report: Path | None = None) -> None:
    """From now on and for good (an audit hook cannot be taken back)."""
    global homes, _forbidden, _report, _watching
    homes = tuple(sorted(set(real_homes)))
    _forbidden = tuple(os.path.join(home, *name.split("/")) for home in homes for name in PRIVATE)
    _report = report
    if not _watching:
        _watching = True
        sys.addaudithook(_hook)


def watch_as_told() -> None:
    """In a child process: what the environment says, if it says anything."""
    global network_allowed
    if told := os.environ.get(HOMES):
        network_allowed = NETWORK in os.environ
        report = os.environ.get(REPORT)
        watch(map(Path, told.split(os.pathsep)), Path(report) if report else None)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if (look := _LOOKS.get(event)) and (what := look(arguments)):
        note = f"{event}: {what}"
        seen.append(note)
        if _report:
            with _report.open("a", encoding="utf-8") as file:
                file.write(note + "\n")
        raise Trespass(f"no test may touch this: {note}")


def _new_socket(arguments: tuple[Any, ...]) -> str | None:
    internet = not network_allowed and arguments[1] in (socket.AF_INET, socket.AF_INET6)
    return socket.AddressFamily(arguments[1]).name if internet else None


def _address(arguments: tuple[Any, ...]) -> str | None:
    address = arguments[1]
    return str(address) if isinstance(address, tuple) and len(address) in (2, 4) and not network_allowed else None


def _name(arguments: tuple[Any, ...]) -> str | None:
    return None if network_allowed else str(arguments[0])


def _paths(count: int) -> Callable[[tuple[Any, ...]], str | None]:
    def look(arguments: tuple[Any, ...]) -> str | None:
        return next(filter(None, map(_private, arguments[:count])), None)

    return look


def _private(path: object) -> str | None:
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    text = os.fsdecode(path)
    if text.startswith("file:"):
        text = unquote(text[5:].partition("?")[0])
    text = os.path.abspath(text)
    if text.startswith(_forbidden) and not text.startswith((CHECKOUT, sys.prefix, sys.base_prefix)):
        return next((text for place in _forbidden if text == place or text.startswith(place + os.sep)), None)
    return None


_LOOKS: dict[str, Callable[[tuple[Any, ...]], str | None]] = {
    "socket.__new__": _new_socket,
    "socket.bind": _address,
    "socket.connect": _address,
    "socket.sendto": _address,
    "socket.getaddrinfo": _name,
    "socket.gethostbyaddr": _name,
    "socket.gethostbyname": _name,
    **dict.fromkeys(("open", "sqlite3.connect", "os.listdir", "os.scandir", "os.mkdir", "os.remove"), _paths(1)),
    **dict.fromkeys(("os.rmdir", "os.chmod", "os.truncate", "os.utime"), _paths(1)),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), _paths(2)),
}
