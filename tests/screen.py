"""A screen of its own with a window manager and a tray, the app on it, and a hand on the mouse. Everything started is ended."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from PySide6.QtGui import QImage

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = ("Xvfb", "openbox", "trayer", "xdotool", "xwininfo")
SIZE = (1280, 800)
LARGER = 8
"""Times: an icon as it is kept for people."""
TRAYER = "--edge top --align right --widthtype request --height 32 --SetDockType true --transparent false"
NO_BUS = "disabled:"
"""Not a transport that exists: no session bus, and none is started."""
BETWEEN_LOOKS = 0.1
"""Seconds."""


LINE = re.compile(r'\s*(0x\w+) "(.*?)": \(.*?\) +(\d+)x(\d+)\S+ +\+(-?\d+)\+(-?\d+)')
"""A window as `xwininfo -tree` tells it: number, name, size, and where it lies on the screen."""


class Window(NamedTuple):
    number: str
    name: str
    width: int
    height: int
    x: int
    y: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


class Image(ctypes.Structure):
    """The beginning of Xlib's XImage."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "xoffset", "format")),
        ("data", ctypes.c_void_p),
        *((name, ctypes.c_int) for name in ("byte_order", "unit", "bit_order", "pad", "depth", "bytes_per_line")),
    )


class Eye:
    """Looks at a display through Xlib: within a millisecond, so that looking costs the app nothing."""

    def __init__(self, display: str) -> None:
        x = self.x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = x.XGetSelectionOwner.restype = x.XDefaultRootWindow.restype = ctypes.c_ulong
        x.XGetImage.restype = ctypes.POINTER(Image)
        x.XGetImage.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_int] * 4, ctypes.c_ulong, ctypes.c_int]
        self.display = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
        self.root = x.XDefaultRootWindow(self.display)

    def tray_there(self) -> bool:
        """Whether a tray has taken its place on the screen, as programs ask for it."""
        atom = self.x.XInternAtom(self.display, b"_NET_SYSTEM_TRAY_S0", 0)
        return bool(self.x.XGetSelectionOwner(self.display, ctypes.c_ulong(atom)))

    def pixels(self, window: Window) -> bytes:
        """Four bytes a pixel: blue, green, red and a rest."""
        place = window.x, window.y, window.width, window.height
        image = self.x.XGetImage(self.display, self.root, *place, 0xFFFFFFFF, 2)
        data = ctypes.string_at(image.contents.data, image.contents.bytes_per_line * image.contents.height)
        self.x.XDestroyImage(image)
        return data

    def close(self) -> None:
        self.x.XCloseDisplay(self.display)


class Running(ExitStack):
    """Ends what was started through it, the last first, by its process id."""

    def run(self, command: Sequence[str], env: Mapping[str, str], output: Path) -> subprocess.Popen[bytes]:
        file = self.enter_context(output.open("wb"))
        process = subprocess.Popen(
            command, env=env, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        self.callback(end, process)
        return process


def end(process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def missing(*more: str) -> list[str]:
    return [tool for tool in (*TOOLS, *more) if not shutil.which(tool)]


class Screen:
    """`with Screen(folder) as screen:` a display that nobody else uses; `folder` takes the output of its programs."""

    def __init__(self, folder: Path, *, tray: bool = True, bus: str = NO_BUS) -> None:
        self.folder, self.tray, self.bus = folder, tray, bus
        self.running = Running()
        self.env: dict[str, str] = {}
        self.looked = 0.0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.running.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.running.close()

    def _start(self) -> None:
        screen = f"-screen 0 {SIZE[0]}x{SIZE[1]}x24 -nolisten tcp -noreset".split()
        told, tell = os.pipe()
        self.running.callback(os.close, told)
        with (self.folder / "xvfb").open("wb") as output:
            xvfb = subprocess.Popen(
                ["Xvfb", "-displayfd", str(tell), *screen], pass_fds=[tell], stdout=output, stderr=subprocess.STDOUT
            )
        self.running.callback(end, xvfb)
        os.close(tell)
        digits = b""
        while not digits.endswith(b"\n"):  # the server picks a free number and tells it once it is ready
            piece = os.read(told, 16)
            if not piece:
                raise RuntimeError(f"Xvfb did not start: {(self.folder / 'xvfb').read_text()}")
            digits += piece
        self.env = os.environ | {
            "DISPLAY": f":{digits.decode().strip()}",
            "QT_QPA_PLATFORM": "xcb",
            "DBUS_SESSION_BUS_ADDRESS": self.bus,
        }
        self.eye = Eye(self.env["DISPLAY"])
        self.running.callback(self.eye.close)
        self.start("openbox")
        if self.tray:
            self.start("trayer", *TRAYER.split())
            end_at = time.monotonic() + 10
            while not self.eye.tray_there():
                assert time.monotonic() < end_at, "the tray did not start"
                time.sleep(0.02)

    # programs ---------------------------------------------------------------------------------------------------------

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return self.running.run(command, self.env, self.folder / Path(command[0]).name)

    def app(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The app as a person starts it. Its output lies in `folder / "tokentrack"`."""
        return self.running.run([*app_command(), *arguments], self.env, self.folder / "tokentrack")

    def call(self, *command: str) -> str:
        result = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=20)
        return result.stdout

    # seeing -----------------------------------------------------------------------------------------------------------

    def windows(self) -> list[Window]:
        """The app's windows that can be seen, the icon in the tray among them. Each look starts processes, so they are few."""
        time.sleep(max(0.0, self.looked + BETWEEN_LOOKS - time.monotonic()))
        self.looked = time.monotonic()
        found = []
        for line in self.call("xwininfo", "-root", "-tree").splitlines():
            if ("tokentrack" in line or "__main__.py" in line) and (match := LINE.fullmatch(line)):
                number, name, *sizes = match.groups()
                if "IsViewable" in self.call("xwininfo", "-id", number):
                    found.append(Window(number, name, *map(int, sizes)))
        return found

    def icon(self) -> Window | None:
        """The icon in the tray."""
        return next((window for window in self.windows() if 12 <= window.width <= 64 and window.height <= 64), None)

    def window(self, least: int, most: int = 5000) -> Window | None:
        """The app's window whose width lies between these."""
        return next((window for window in self.windows() if least <= window.width <= most), None)

    def pixels(self, window: Window) -> bytes:
        return self.eye.pixels(window)

    def settled(self, window: Window, seconds: float = 0.8, within: float = 20) -> bytes:
        """The window's pixels once they stay the same for a while."""
        pixels, since = self.pixels(window), time.monotonic()
        end_at = since + within
        while time.monotonic() - since < seconds:
            assert time.monotonic() < end_at, "the picture never comes to rest"
            time.sleep(0.05)
            now = self.pixels(window)
            if now != pixels:
                pixels, since = now, time.monotonic()
        return pixels

    def keep(self, name: str, window: Window | None = None) -> None:
        """A screenshot for people, below test-artefacts/."""
        file = CHECKOUT / f"test-artefacts/desktop/{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        seen = window or Window("", "", *SIZE, 0, 0)
        image = QImage(self.pixels(seen), seen.width, seen.height, QImage.Format.Format_RGB32)
        if window:
            image = image.scaled(window.width * LARGER, window.height * LARGER)
        assert image.save(str(file), quality=80)  # packed less, which takes less

    # acting -----------------------------------------------------------------------------------------------------------

    def click(self, at: tuple[int, int], button: int = 1) -> None:
        self.call("xdotool", "mousemove", *map(str, at), "click", str(button))

    def keys(self, *names: str) -> None:
        self.call("xdotool", "key", *names)


def app_command() -> list[str]:
    installed = Path(sys.executable).with_name("tokentrack")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "tokentrack"]


def internet_sockets(pid: int) -> list[str]:
    """The sockets of a process that are no local ones, as the kernel lists them."""
    inodes = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(file.readlink())):
                inodes.add(found[1])
    lines = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        with suppress(OSError):
            lines += [f"{kind} {line}" for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]]
    return [line for line in lines if inodes.intersection(line.split())]
