"""The app on a real desktop: its own X server, a window manager, a tray, a mouse. Nothing here is replaced by anything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from at_work import answer, append, total, until
from panels import ITEM, PANEL, Bus
from screen import Screen, Window, internet_sockets, missing

from tokentrack.cli.samples import lay_out

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.usefixtures("noon")]

DEMO_REQUESTS = 156
VISIBLE = 200_000
"""Output tokens that change any number on the icon."""
AC_37 = 2.0
POPOVER, WINDOW = (300, 420), (700, 2000)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    """Makes a screen; whatever happens, all its programs end with the test."""
    if names := missing():
        pytest.skip(f"not installed: {' '.join(names)} (packaging/setup.sh desktop)")
    with ExitStack() as screens:
        yield lambda **how: screens.enter_context(Screen(tmp_path, **how))


@pytest.fixture
def log(home: Path) -> Path:
    """A session of today among the sample logs in the home folder."""
    lay_out(home)
    place = home / ".claude/projects/-work-shop/s1.jsonl"
    append(place, answer("first"))
    return place


@pytest.fixture
def all_read(home: Path) -> Callable[[], bool]:
    store = home / ".local/share/tokentrack/tokentrack.db"
    return lambda: total(store)[0] == DEMO_REQUESTS + 1


def icon_of(screen: Screen) -> Window:
    until(screen.icon, 15, "the icon")
    time.sleep(0.6)  # the tray grows around it
    found = screen.icon()
    assert found
    return found


def window_of(screen: Screen, seconds: float, what: str) -> Window:
    """The main window. A window manager hides it for a moment while it frames it, so it is looked for only once."""
    found: list[Window] = []
    until(lambda: found.extend(filter(None, [screen.window(*WINDOW)])) or found, seconds, what)
    return found[0]


def output(screen: Screen) -> str:
    """What the app said on its terminal: nothing, if all is well."""
    return (screen.folder / "tokentrack").read_text()


def test_the_counter_in_a_real_tray(
    screen: Callable[..., Screen], log: Path, all_read: Callable[[], bool], capsys: pytest.CaptureFixture[str]
) -> None:
    desk = screen()
    app = desk.app("tray")
    until(all_read, 20, "the first scan")
    icon = icon_of(desk)
    before = desk.settled(icon)
    desk.keep("1-icon", icon)

    started = time.monotonic()
    append(log, answer("visible", output=VISIBLE))
    until(lambda: desk.pixels(icon) != before, AC_37, "the icon shows the new answer")
    latency = time.monotonic() - started
    with capsys.disabled():
        print(f" [log line to icon: {latency:.2f} s]", end="")
    desk.settled(icon)
    desk.keep("2-icon-after-a-log-line", icon)

    desk.click(icon.middle)
    until(lambda: desk.window(*POPOVER), 5, "the popover")
    popover = desk.window(*POPOVER)
    assert popover
    desk.settled(popover, 0.4)
    desk.keep("3-popover")
    desk.click(icon.middle)
    until(lambda: not desk.window(*POPOVER), 5, "the popover closes")

    open_menu(desk, icon)
    desk.keep("4-menu")
    desk.keys("Down", "Return")
    window = window_of(desk, 10, "the window, by the menu's first entry")
    desk.settled(window, 0.6)
    desk.keep("5-window")
    assert not internet_sockets(app.pid)

    desk.call("xdotool", "windowactivate", "--sync", window.number)
    desk.keys("alt+F4")
    until(lambda: not desk.window(*WINDOW), 5, "the window closes")
    assert app.poll() is None
    assert desk.icon()

    second = subprocess.run(app_arguments(app), env=desk.env, capture_output=True, text=True, check=False, timeout=20)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    until(lambda: desk.window(*WINDOW), 5, "the first one's window")

    open_menu(desk, icon)
    desk.keys("Up", "Return")  # the last entry
    assert app.wait(3) == 0
    assert output(desk) == ""


def app_arguments(app: subprocess.Popen[bytes]) -> list[str]:
    assert isinstance(app.args, list)
    return [str(argument) for argument in app.args]


def open_menu(desk: Screen, icon: Window) -> None:
    """A right click on the icon; the menu is a window without a frame."""
    others = {window.number for window in desk.windows()}
    desk.click(icon.middle, 3)
    until(lambda: any(window.number not in others for window in desk.windows()), 5, "the menu")
    time.sleep(0.3)


def test_without_any_tray_the_window_is_the_counter(
    screen: Callable[..., Screen], log: Path, all_read: Callable[[], bool]
) -> None:
    desk = screen(tray=False)
    app = desk.app("tray")
    until(lambda: desk.window(*WINDOW), 15, "the window")
    until(all_read, 20, "the first scan")
    window = desk.window(*WINDOW)
    assert window
    first = desk.settled(window)
    desk.keep("6-without-a-tray")
    titles = title(desk)
    assert "$" in titles, titles
    append(log, answer("visible", output=VISIBLE))
    until(lambda: title(desk) != titles, AC_37 + 1, "the figures in the title")

    desk.call("xdotool", "windowactivate", "--sync", window.number)
    desk.keys("ctrl+2")
    desk.click((window.x + 60, window.y + 68))  # the second page
    until(lambda: desk.pixels(window) != first, 5)
    desk.settled(window, 0.6)
    desk.keep("7-sessions")
    assert not internet_sockets(app.pid)
    desk.keys("alt+F4")
    assert app.wait(3) == 0  # without a tray, no window means the end
    assert output(desk) == ""


def title(desk: Screen) -> str:
    window = desk.window(*WINDOW)
    return window.name if window else ""


# ---- a panel of today: StatusNotifier on D-Bus -----------------------------------------------------------------------


@pytest.mark.parametrize("embedded", [False, True], ids=["no tray at first", "an old tray at first"])
def test_a_panel_that_starts_after_the_app_gets_the_icon(
    screen: Callable[..., Screen],
    log: Path,
    all_read: Callable[[], bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    embedded: bool,
) -> None:
    if names := missing("dbus-daemon", "busctl"):
        pytest.skip(f"not installed: {' '.join(names)}")
    desk = screen(tray=embedded)
    runtime = Path(desk.env["XDG_RUNTIME_DIR"])
    bus = Bus(desk, runtime / "bus")
    app = desk.app("tray", "--minimized")  # as at login
    until(all_read, 20, "the first scan")
    assert not desk.window(*WINDOW)

    desk.start(sys.executable, str(PANEL), str(tmp_path / "items"))
    items = tmp_path / "items"
    until(lambda: items.exists() and items.read_text().strip(), 5, "the icon registers")
    service = items.read_text().split()[0]
    assert bus.item(service, "Id") == "tokentrack"
    assert bus.item(service, "Category") == "ApplicationStatus"
    until(lambda: "today" in str(bus.item(service, "ToolTip")), 5)
    assert {side for side, _, _ in bus.item(service, "IconPixmap")} >= {16, 22, 24, 32, 48}
    assert {"Open", "Pause reading", "Settings", "Quit"} <= set(bus.menu(service))

    before = bus.item(service, "IconPixmap")
    started = time.monotonic()
    append(log, answer("visible", output=VISIBLE))
    until(lambda: bus.item(service, "IconPixmap") != before, AC_37, "the icon shows the new answer")
    assert time.monotonic() - started < AC_37

    bus.ask("call", service, "/StatusNotifierItem", ITEM, "Activate", "ii", "1200", "10")
    until(lambda: desk.window(*POPOVER), 5, "the popover")
    bus.choose(service, "Open")
    window = window_of(desk, 10, "the window")
    desk.settled(window, 0.6)
    desk.keep("8-window-by-a-panel's-menu")
    assert not internet_sockets(app.pid)
    bus.choose(service, "Quit")
    assert app.wait(3) == 0
    assert output(desk) == ""
