"""Whether there is a screen is asked of whoever shows it: where Qt finds none it aborts the process."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tokentrack.ui.display import has_display

VISUAL = struct.pack("<IBBHIII4x", 33, 4, 8, 256, 0xFF0000, 0xFF00, 0xFF)
DEPTH = struct.pack("<BxH4x", 24, 1) + VISUAL
ROOT = struct.pack("<IIIIIHHHHHHIBBBB", 1, 2, 0, 0, 0, 1280, 800, 338, 211, 1, 1, 33, 0, 0, 24, 1) + DEPTH
BODY = struct.pack("<IIIIHHBBBBBBBB4x", 1, 0x200000, 0x1FFFFF, 256, 0, 65535, 1, 0, 0, 0, 32, 32, 8, 255) + ROOT
ACCEPTED = struct.pack("<BxHHH", 1, 11, 0, len(BODY) // 4) + BODY
"""What an X server with one screen answers a program that it lets in."""
REASON = b"No protocol specified\n\0\0"
REFUSED = struct.pack("<BBHHH", 0, 22, 11, 0, len(REASON) // 4) + REASON
"""What it answers one that has no key to it."""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket that waits where it is bound."""
    with socket.socket(socket.AF_UNIX) as waiting:
        yield waiting


@pytest.mark.parametrize(
    ("env", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({"DISPLAY": "unix:4077"}, "linux", False),
        ({"DISPLAY": "nonsense"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/nowhere"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-9", "DISPLAY": "unix:4077", "QT_QPA_PLATFORM": "wayland;xcb"}, "linux", False),
        ({"QT_QPA_PLATFORM": "no-such-platform"}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_screen_that_is_not_there_is_told_before_qt_is_loaded(
    env: dict[str, str], platform: str, there: bool
) -> None:
    assert has_display(env, platform) == there


@pytest.mark.skipif(sys.platform != "linux", reason="X servers listen at a name without a file on Linux alone")
@pytest.mark.parametrize(("answer", "there"), [(ACCEPTED, True), (REFUSED, False), (b"", False)], ids=["in", "no", "-"])
def test_an_x_server_has_to_let_the_app_in(listening: socket.socket, answer: bytes, there: bool) -> None:
    try:
        ctypes.CDLL("libxcb.so.1")
    except OSError:
        pytest.skip("Qt's part for X needs libxcb, which is not installed")
    number = 100_000 + os.getpid()
    listening.bind(f"\0/tmp/.X11-unix/X{number}")
    listening.listen()

    def let_in() -> None:
        caller, _ = listening.accept()
        with caller:
            caller.recv(4096)
            caller.sendall(answer)

    server = Thread(target=let_in, daemon=True)
    server.start()
    assert has_display({"DISPLAY": f"unix:{number}"}, "linux") == there
    server.join()


def test_of_several_screens_one_that_answers_is_enough(listening: socket.socket, tmp_path: Path) -> None:
    named = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": "unix:4077"}
    assert not has_display(named, "linux")
    listening.bind(str(tmp_path / "wayland-7"))
    listening.listen()
    assert has_display(named, "linux")
    assert not has_display(named | {"QT_QPA_PLATFORM": "xcb"}, "linux")
