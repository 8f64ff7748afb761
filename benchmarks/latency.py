"""How fast the counter follows and how little it costs: `python benchmarks/latency.py --idle-seconds 300 --logs 3000`.

The app runs as a person starts it, on a screen of its own with a real tray. What is waited for is a change of the icon's pixels.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests"))

from at_work import answer, append  # noqa: E402
from screen import Running, Screen, Window, app_command, missing  # noqa: E402

VISIBLE = 200_000
"""Output tokens that change any number on the icon."""
PATIENCE = 30.0

BARE = """
import signal, sys
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
signal.signal(signal.SIGTERM, signal.SIG_DFL)
app = QApplication(sys.argv)
picture = QPixmap(32, 32)
picture.fill(QColor("red"))
with QPainter(picture) as painter:
    painter.drawEllipse(4, 4, 9, 9)
    painter.fillRect(16, 16, 8, 8, QColor("blue"))
menu = QMenu()
menu.addAction("Quit", app.quit)
icon = QSystemTrayIcon(QIcon(picture))
icon.setToolTip("tokentrack's floor")
icon.setContextMenu(menu)
icon.show()
app.exec()
"""
"""The least that a tray app in PySide6 can be."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--appends", type=int, default=30)
    asked.add_argument("--starts", type=int, default=7)
    asked.add_argument("--logs", type=int, default=3000)
    asked.add_argument("--idle-seconds", type=float, default=300)
    chosen = asked.parse_args()
    if names := missing():
        sys.exit(f"not installed: {' '.join(names)}; run packaging/setup.sh desktop")
    print(json.dumps(append_to_icon(chosen.appends)), flush=True)
    print(json.dumps(start_to_icon(chosen.starts)), flush=True)
    print(json.dumps(idle(chosen.logs, chosen.idle_seconds)), flush=True)


def append_to_icon(n: int = 30) -> dict[str, Any]:
    """Seconds from the moment another process appends a log line until the icon's pixels change."""
    times = []
    with desk(logs=50) as screen:
        app = screen.app("tray")
        icon = icon_of(screen)
        log = projects(screen) / "-work-0/s0.jsonl"
        screen.settled(icon, 3)
        for number in range(n):
            before = screen.pixels(icon)
            started = time.monotonic()
            append(log, answer(f"visible{number}", "s0", VISIBLE))
            while screen.pixels(icon) == before:
                assert time.monotonic() - started < PATIENCE, "the icon does not change"
                time.sleep(0.002)
            times.append(time.monotonic() - started)
            time.sleep(1.1 + number % 7 / 10)  # at no fixed distance to any clock of the app
        assert app.poll() is None
    return {"measured": "append to icon", "appends": n, **spread(times)}


def start_to_icon(n: int = 7) -> dict[str, Any]:
    """Seconds from the start of the process until its icon is painted in the tray; warm, with the figures of 50 logs."""
    ours, bare = [], []
    with desk(logs=50) as screen:
        for _ in range(n + 1):
            bare.append(_start(screen, [sys.executable, "-c", BARE]))
            ours.append(_start(screen, [*app_command(), "tray"]))
    return {
        "measured": "start to icon",
        "starts": n,
        **spread(ours[1:]),
        "bare_app_median_s": round(median(bare[1:]), 3),
    }


def _start(screen: Screen, command: list[str]) -> float:
    """The tray lies in the right upper corner; at first it is grey all over, and one pixel wide while it is empty."""
    place = Window("", "", 20, 24, 1258, 4)
    empty = screen.pixels(place)
    with Running() as running:
        started = time.monotonic()
        running.run(command, screen.env, screen.folder / "started")
        while not _painted(screen.pixels(place)):
            assert time.monotonic() - started < PATIENCE, "no icon"
            time.sleep(0.002)
        took = time.monotonic() - started
    end = time.monotonic() + PATIENCE
    while screen.pixels(place) != empty:
        assert time.monotonic() < end, "the icon stays"
        time.sleep(0.05)
    return took


def _painted(pixels: bytes) -> bool:
    """Whether there is more to see than one or two grounds without anything on them."""
    return len({pixels[at : at + 3] for at in range(0, len(pixels), 4)}) > 2


def idle(logs: int = 3000, seconds: float = 300) -> dict[str, Any]:
    """CPU and memory while nothing happens, beside a bare tray app."""
    with desk(logs) as screen:
        bare = screen.start(sys.executable, "-c", BARE)
        app = screen.app("tray")
        wait_for_scan(screen, logs)
        time.sleep(5)
        before, started = [cpu_seconds(pid) for pid in (app.pid, bare.pid)], time.monotonic()
        switches = context_switches(app.pid)
        time.sleep(seconds)
        passed = time.monotonic() - started
        now = context_switches(app.pid)
        ours, floor = (cpu_seconds(pid) - was for pid, was in zip((app.pid, bare.pid), before, strict=True))
        return {
            "measured": "idle",
            "logs": logs,
            "seconds": round(passed, 1),
            "cpu_percent": round(100 * ours / passed, 3),
            "wakeups_per_s": round(
                sum(n - switches[thread] for thread, n in now.items() if thread in switches) / passed, 1
            ),
            "rss_mb": round(rss(app.pid), 1),
            "bare_app": {"cpu_percent": round(100 * floor / passed, 3), "rss_mb": round(rss(bare.pid), 1)},
        }


# ---- the stage -------------------------------------------------------------------------------------------------------


@contextmanager
def desk(logs: int) -> Iterator[Screen]:
    """A screen with a tray, and a home folder with so many logs of today in 40 projects."""
    kept = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="tt-") as folder:
        place = Path(folder)
        home, runtime = place / "home", place / "run"
        runtime.mkdir(mode=0o700)
        foreign = ("CLAUDE", "XDG_", "TOKENTRACK_", "QT_", "PYTHON", "WAYLAND_DISPLAY", "DISPLAY", "DBUS_")
        for name in [name for name in os.environ if name.startswith(foreign)]:
            del os.environ[name]
        os.environ.update(HOME=str(home), XDG_RUNTIME_DIR=str(runtime), TZ="UTC")
        for number in range(logs):
            log = home / f".claude/projects/-work-{number % 40}/s{number}.jsonl"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("".join(answer(f"a{number}-{n}", f"s{number}") for n in range(5)))
        try:
            with Screen(place) as screen:
                yield screen
        finally:
            os.environ.clear()
            os.environ.update(kept)


def projects(screen: Screen) -> Path:
    return Path(screen.env["HOME"]) / ".claude/projects"


def icon_of(screen: Screen) -> Window:
    end = time.monotonic() + PATIENCE
    while not (icon := screen.icon()):
        assert time.monotonic() < end, "no icon"
        time.sleep(0.05)
    time.sleep(1)  # the tray grows around it
    return screen.icon() or icon


def wait_for_scan(screen: Screen, logs: int) -> None:
    end = time.monotonic() + 10 * PATIENCE
    while True:
        command = [*app_command(), "doctor", "--json"]
        told = subprocess.run(command, env=screen.env, capture_output=True, text=True, check=False).stdout
        if told and json.loads(told)["agents"][0]["requests"] == 5 * logs:
            return
        assert time.monotonic() < end, "the first scan does not end"
        time.sleep(1)


# ---- measuring -------------------------------------------------------------------------------------------------------


def spread(times: list[float]) -> dict[str, float]:
    p95 = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return {"median_s": round(median(times), 3), "p95_s": round(p95, 3), "worst_s": round(max(times), 3)}


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def context_switches(pid: int) -> dict[str, int]:
    """How often each thread of a process went to sleep."""
    found = {}
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        line = next(line for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt_switches"))
        found[status.parent.name] = int(line.split()[1])
    return found


def rss(pid: int) -> float:
    """Resident megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
