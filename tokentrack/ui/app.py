"""Runs the tray app: one instance, an icon (or a window where no tray is), and windows when they are asked for."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from tokentrack import paths
from tokentrack.ui import theme as themes
from tokentrack.ui.asking import Doing
from tokentrack.ui.feed import Feed
from tokentrack.ui.icon import icon
from tokentrack.ui.single import Single, Taken, claim
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.states import MODES, NOTICE, NOTICED, IconLook, noticed, periods_passed, with_noticed
from tokentrack.ui.sweep import Sweep
from tokentrack.ui.tray import WATCHER, Tray

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusServiceWatcher

    from tokentrack.ui.figure import Figure
    from tokentrack.ui.windows.main import MainWindow

READ_AFTER_MS = 100
"""A tray takes an icon in within some rounds of messages; reading at once would hold them up."""
SWITCH_S = 0.0005
"""Painting asks for the interpreter cell by cell. While another thread reads or sums, each time waits so long: Python's usual
5 ms would be felt in a list."""
PLACED_MS = 500, 3000
"""By then the icon's place is known, and the ground it stands on; a panel that comes up with us takes longer."""
TRAY_WAIT_MS = 10_000
"""At login the panel may come up after us; only then is a window shown instead."""


class App(QObject):
    """Holds what lives as long as the app. Knows the parts; the parts do not know it."""

    def __init__(self, qt: QApplication, source: Source, theme: str | None = None) -> None:
        super().__init__(qt)
        self.qt, self.source = qt, source
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.settings = source.settings()
        self.theme = themes.apply(qt, theme or self.settings.get("theme", "auto"))
        qt.setWindowIcon(icon(IconLook("within", "", 0.7), self.theme.dark))
        self.feed = Feed(source.glance, source.status, self)
        self.feed.changed.connect(self._on_changed)
        self.window: MainWindow | None = None
        self.tray: Tray | None = None
        self._watcher: QDBusServiceWatcher | None = None

    # starting --------------------------------------------------------------------------------------------------------

    def show(self, minimized: bool = False) -> None:
        """The icon first; the readers start once it is there."""
        self._watch_for_panel()
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.show_tray()
        elif minimized:
            self._wait_for_tray(TRAY_WAIT_MS)
        else:
            self.show_without_tray()
        QTimer.singleShot(READ_AFTER_MS, self, self._start_reading)

    def _start_reading(self) -> None:
        self.feed.refresh()
        self.source.start(on_change=self.feed.hint, on_progress=self.feed.hint_progress)

    def show_tray(self) -> None:
        if self.tray:
            self.tray.recreate()
            return
        self.qt.setQuitOnLastWindowClosed(False)
        mode = self.settings.get("counter", "money")
        self.tray = Tray(self.feed, mode if mode in MODES else "money", self.settings.get("panel", "auto"), self)
        self.tray.open_asked.connect(self.open_)
        self.tray.review_asked.connect(lambda: self.open_("week"))
        self.tray.inbox_asked.connect(lambda: self.open_("inbox"))
        self.tray.settings_asked.connect(lambda: self.open_("settings"))
        self.tray.why_asked.connect(self.open_why)
        self.tray.pause_asked.connect(self._on_pause)
        self.tray.quit_asked.connect(self.qt.quit)
        self.theme.changed.connect(self.tray.refresh_icon)
        self.tray.show()
        for ms in PLACED_MS:
            QTimer.singleShot(ms, self.tray, self.tray.refresh_icon)
        if self.window:
            self.window.count_in_title(False)

    def show_without_tray(self, minimized: bool = False) -> None:
        """No tray on this desktop: the window is the counter, said once."""
        if self.tray:
            return
        self.qt.setQuitOnLastWindowClosed(True)
        window = self._main_window()
        window.count_in_title(True)
        window.open_()
        if "no_tray_said" not in self.settings:
            window.say_no_tray()
            self._keep("no_tray_said", "1")
        if minimized:
            window.showMinimized()
        else:
            window.raise_up()

    def _wait_for_tray(self, left_ms: int, step_ms: int = 1000) -> None:
        if self.tray:
            return
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.show_tray()
        elif left_ms <= 0:
            self.show_without_tray(minimized=True)
        else:
            QTimer.singleShot(step_ms, self, lambda: self._wait_for_tray(left_ms - step_ms))

    def _watch_for_panel(self) -> None:
        """A StatusNotifier panel that comes up later takes only icons made after it."""
        if not sys.platform.startswith("linux"):
            return
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
        self._watcher = QDBusServiceWatcher(WATCHER, bus, mode, self)
        self._watcher.serviceRegistered.connect(lambda _: self.show_tray())

    # windows ---------------------------------------------------------------------------------------------------------

    def open_(self, page: str = "") -> None:
        """The main window in front, on the page asked for, else where it was."""
        window = self._main_window()
        if page or window.stack.count() == 0:
            window.open_(page or "today")
        window.raise_up()

    def open_why(self, figure: Figure) -> None:
        """The main window in front, and what the figure is made of."""
        self.open_()
        self._main_window().open_why(figure)

    def _main_window(self) -> MainWindow:
        if self.window is None:
            from tokentrack.ui.windows.main import MainWindow  # a start shows the icon only

            self.window = MainWindow(self.feed, self.source)
            self.window.page_opened.connect(self._on_page)
            self.window.pause_asked.connect(self._on_pause)
            self.window.quit_asked.connect(self.qt.quit)
        return self.window

    def _on_page(self, name: str, page: QObject) -> None:
        """Connects what a page asks for; a page without such a signal asks for nothing."""
        for signal_name, act in (
            ("settings_asked", lambda: self.open_("settings")),
            ("sessions_asked", lambda: self.open_("sessions")),
            ("week_asked", lambda: self.open_("week")),
            ("saved", self._on_saved),
        ):
            if hasattr(page, signal_name):
                getattr(page, signal_name).connect(act)

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        """Another store at the same place has settings of its own; one that cannot be read has none to tell."""
        settings = self.source.settings()
        self._tell_passed(settings)
        if settings == self.settings or self.source.status().error:
            return
        changed = {key for key in {*settings, *self.settings} if settings.get(key) != self.settings.get(key)}
        self.settings = settings
        if "theme" in changed:
            self.theme.use(settings.get("theme", "auto"))
        if self.tray and changed & {"counter", "panel"}:
            mode = settings.get("counter", "money")
            self.tray.use(mode if mode in MODES else "money", settings.get("panel", "auto"))

    def _tell_passed(self, settings: dict[str, str]) -> None:
        """Of each budget once a period, and kept before it is said: neither a restart nor another plan for it says it again."""
        if not self.tray or settings.get(NOTICE) != "1" or self._doing.busy:
            return
        told = noticed(settings)
        passed = {name: spent for name, spent in periods_passed(self.feed.glance).items() if name not in told}
        if not passed:
            return
        tell = partial(self.tray.tell_passed, list(passed.values()))
        self._keep(NOTICED, with_noticed(settings, passed), tell)

    def _on_saved(self, key: str, value: str) -> None:
        self.settings[key] = value
        if key == NOTICE and (passed := periods_passed(self.feed.glance)):
            self._keep(NOTICED, with_noticed(self.source.settings(), passed))  # that is no news
        if key == "theme":
            self.theme.use(value)
        elif self.tray and key in ("counter", "panel"):
            self.tray.use(self.settings.get("counter", "money"), self.settings.get("panel", "auto"))

    def _keep(self, key: str, value: str, then: Callable[[], None] = lambda: None) -> None:
        """What cannot be kept now is kept when it comes up again."""
        self._doing.do(lambda to: to.save_setting(key, value), lambda _: then(), lambda _: None)

    def _on_pause(self, paused: bool) -> None:
        self.source.pause(paused)
        self.feed.refresh()


def run(source: Source, *, minimized: bool = False, theme: str | None = None, store: Path | None = None) -> int:
    """Runs until the person quits; returns the exit code. A second start opens the first one's window and returns 0."""
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    qt.setApplicationName("tokentrack")
    qt.setApplicationDisplayName("tokentrack")
    qt.setDesktopFileName("tokentrack")
    try:
        single = claim(store or paths.store_path())
    except Taken as taken:
        print(taken, file=sys.stderr)
        return 1
    if single is None:
        return 0
    return _run_first(qt, source, single, minimized, theme)


def _run_first(qt: QApplication, source: Source, single: Single, minimized: bool, theme: str | None) -> int:
    app = App(qt, source, theme)
    single.on_open = app.open_
    wakeup, sweep = quit_on_signals(qt), Sweep(qt)
    sys.setswitchinterval(SWITCH_S)
    app.show(minimized)
    try:
        return qt.exec()
    finally:
        source.stop()
        single.release()
        sweep.stop()
        wakeup.setEnabled(False)


def quit_on_signals(qt: QApplication) -> QSocketNotifier:
    """Ctrl+C and a session's end quit in order. Python's handlers wait for Python code to run, so a socket wakes it."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: qt.quit())
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, qt)
    notifier.activated.connect(lambda *_: ours.recv(64))
    notifier.setProperty("keep", True)
    notifier.destroyed.connect(lambda *_: theirs.close())
    return notifier
