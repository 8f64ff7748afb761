"""Whether there is a screen. Asked before Qt is imported: without one, `QApplication()` aborts the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

PLATFORM = "QT_QPA_PLATFORM"


def has_display(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Whether Qt would find the screen that the environment names: a variable may outlive the server, or be another person's.

    Qt takes the first that works of the platforms in `QT_QPA_PLATFORM`, a list with semicolons; without it, Wayland and X
    where a variable names one.
    """
    env = os.environ if env is None else env
    if not platform.startswith(("linux", "freebsd")):
        return True
    usual = [name for name, told in (("xcb", "DISPLAY"), ("wayland", "WAYLAND_DISPLAY")) if env.get(told)]
    wanted = [name.partition(":")[0] for name in env.get(PLATFORM, "").split(";") if name]
    return any(_works(name, env) for name in wanted or usual)


def _works(name: str, env: Mapping[str, str]) -> bool:
    if name == "xcb":
        return _x_answers(env.get("DISPLAY", ""))
    if name.startswith("wayland"):
        return _wayland_answers(env)
    return _qt_starts(name, env)


def _x_answers(display: str) -> bool:
    """Asked as Qt does, through XCB: it knows every way to write a display, and the key that the server wants. Takes 10 ms."""
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:  # then Qt cannot load its part for X either
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(os.fsencode(display), None))
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_answers(env: Mapping[str, str]) -> bool:
    """Not through its library, which would use up a connection that the session hands to the app."""
    import socket

    path = Path(env.get("XDG_RUNTIME_DIR", ""), env.get("WAYLAND_DISPLAY") or "wayland-0")
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
    return True


def _qt_starts(name: str, env: Mapping[str, str]) -> bool:
    """Any other platform is rare and known to Qt alone: it is tried in a process that may be lost. Takes 200 ms."""
    import subprocess

    start = [sys.executable, "-c", "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"]
    return subprocess.run(start, env={**env, PLATFORM: name}, capture_output=True, check=False).returncode == 0
