"""Start at login: one desktop file, written and removed by a setting. Linux only; no Qt."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tokentrack import paths


def supported() -> bool:
    return sys.platform.startswith("linux")


def place() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else paths.home() / ".config") / "autostart" / "tokentrack.desktop"


def enabled() -> bool:
    return place().is_file()


def enable(on: bool) -> None:
    """Writes or removes the file. Raises OSError."""
    if not on:
        place().unlink(missing_ok=True)
        return
    place().parent.mkdir(parents=True, exist_ok=True)
    place().write_text(entry(command()), encoding="utf-8")


def command() -> list[str]:
    """As this start was made: the installed command beside this Python, else the module."""
    beside = Path(sys.executable).with_name("tokentrack")
    found = str(beside) if beside.is_file() else shutil.which("tokentrack")
    return [found] if found else [sys.executable, "-m", "tokentrack"]


def entry(argv: list[str]) -> str:
    line = " ".join(_quoted(part) for part in [*argv, "tray", "--minimized"])
    return (
        "[Desktop Entry]\nType=Application\nVersion=1.4\nName=tokentrack\n"
        f"Comment=Counts what coding agents use on this machine\nExec={line}\nIcon=tokentrack\n"
        "Terminal=false\nX-GNOME-Autostart-enabled=true\n"
    )


def _quoted(part: str) -> str:
    """Quoting of the desktop entry specification: inside quotes, and `%` doubled."""
    plain = part.replace("%", "%%")
    if all(letter.isalnum() or letter in "/._-+%=" for letter in plain):
        return plain
    for letter in ("\\", '"', "`", "$"):
        plain = plain.replace(letter, "\\" + letter)
    return '"' + plain.replace("\\", "\\\\") + '"'
