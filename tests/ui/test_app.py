"""The app as a whole: icon before reading, no tray (AC 38), a tray that comes late, quitting, no internet (AC 53)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot
from ui.samples import Memory, written

from tokentrack.ui import app as apps
from tokentrack.ui.app import App
from tokentrack.ui.single import claim
from tokentrack.ui.source import Status
from tokentrack.ui.strip import Notice

Available = Callable[[bool], None]


@pytest.fixture
def available(monkeypatch: pytest.MonkeyPatch) -> Available:
    def to(there: bool) -> None:
        monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: there))

    return to


@pytest.fixture
def app(qapp: QApplication, source: Memory, qtbot: QtBot) -> Iterator[App]:
    quits = qapp.quitOnLastWindowClosed()
    made = App(qapp, source, "light")
    yield made
    if made.window:
        made.window.close()
    if made.tray:
        made.tray.icon.hide()
    made.deleteLater()
    qapp.setQuitOnLastWindowClosed(quits)


def test_the_icon_stands_before_anything_is_read(qtbot: QtBot, app: App, source: Memory, available: Available) -> None:
    available(True)
    app.show()
    assert app.tray is not None
    assert app.tray.icon.isVisible()
    assert app.window is None
    assert source.calls == []
    qtbot.waitUntil(lambda: "start" in source.calls, timeout=1000)
    assert source.calls.index("glance") < source.calls.index("start")


def test_a_change_in_the_core_reaches_the_feed(qtbot: QtBot, app: App, source: Memory, available: Available) -> None:
    available(True)
    app.show()
    qtbot.waitUntil(lambda: "start" in source.calls, timeout=1000)
    with qtbot.waitSignal(app.feed.changed, timeout=2000):
        source.on_change()


def test_ac38_without_a_tray_the_window_opens_and_says_why_once(app: App, source: Memory, available: Available) -> None:
    """AC 38, product 5.3.7."""
    available(False)
    app.show()
    assert app.window is not None
    assert app.window.isVisible()
    assert app.window.figures_in_title
    assert app.qt.quitOnLastWindowClosed()
    assert source.kept == {"no_tray_said": "1"}


def test_the_notice_is_not_repeated(qapp: QApplication, available: Available, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokentrack.ui.windows.main import MainWindow

    source = Memory()
    source.kept = {"no_tray_said": "1"}
    monkeypatch.setattr(MainWindow, "say_no_tray", lambda self: pytest.fail("said again"))
    available(False)
    app = App(qapp, source, "light")
    app.show()
    assert app.window is not None
    app.window.close()


def test_at_login_a_late_tray_is_waited_for(qtbot: QtBot, app: App, available: Available) -> None:
    available(False)
    app.show(minimized=True)
    assert app.window is None
    available(True)
    app._wait_for_tray(1000, 10)
    assert app.tray is not None
    assert app.window is None


def test_at_login_without_any_tray_a_small_window_comes(qtbot: QtBot, app: App, available: Available) -> None:
    available(False)
    app._wait_for_tray(30, 10)
    qtbot.waitUntil(lambda: app.window is not None, timeout=2000)
    assert app.window is not None
    assert app.window.isMinimized()


def test_a_panel_that_registers_later_gets_the_icon(app: App, available: Available) -> None:
    available(False)
    app.show()
    available(True)
    app.show_tray()
    assert app.tray is not None
    assert not app.qt.quitOnLastWindowClosed()
    assert app.window is not None
    assert app.window.windowTitle() == "tokentrack"
    assert not [notice for notice in app.window.findChildren(Notice) if notice.isVisible()]
    first = app.tray.icon
    app.show_tray()
    assert app.tray.icon is not first


def test_open_and_settings_lead_to_their_pages(app: App, available: Available) -> None:
    available(True)
    app.show()
    assert app.tray is not None
    app.tray.open_asked.emit()
    assert app.window is not None
    assert app.window.stack.currentWidget() is app.window.page("today")
    app.tray.settings_asked.emit()
    assert app.window.stack.currentWidget() is app.window.page("settings")
    app.tray.open_asked.emit()
    assert app.window.stack.currentWidget() is app.window.page("settings")
    app.tray.inbox_asked.emit()
    assert app.window.stack.currentWidget() is app.window.page("inbox")


def test_a_kept_setting_reaches_icon_and_theme(qtbot: QtBot, app: App, available: Available) -> None:
    available(True)
    app.show()
    app.open_("settings")
    assert app.window is not None
    page = app.window.page("settings")
    page.counter.buttons["quiet"].click()
    page.theme.buttons["dark"].click()
    written(qtbot)
    assert app.tray is not None
    assert app.tray.mode == "quiet"
    assert app.theme.dark


def test_pause_reaches_the_core(app: App, source: Memory, available: Available) -> None:
    available(True)
    app.show()
    assert app.tray is not None
    app.tray.pause_action.trigger()
    assert source.now.paused
    assert app.tray.pause_action.text() == "Resume reading"


def test_ac38_without_a_tray_the_window_pauses_and_quits(
    qtbot: QtBot, qapp: QApplication, source: Memory, available: Available, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC 38."""
    quits: list[bool] = []
    monkeypatch.setattr(qapp, "quit", lambda: quits.append(True))
    available(False)
    app = App(qapp, source, "light")
    app.show()
    assert app.window is not None
    app.window.pause_button.click()
    assert source.now.paused
    app.window.quit_asked.emit()
    assert quits
    app.window.close()


@pytest.mark.parametrize("way", ["menu", "error"])
def test_run_stops_the_threads_when_it_ends(
    qapp: QApplication, source: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, available: Available, way: str
) -> None:
    available(True)
    monkeypatch.setattr(apps, "quit_on_signals", QTimer)
    monkeypatch.setattr(QTimer, "setEnabled", lambda *_: None, raising=False)
    if way == "error":
        monkeypatch.setattr(qapp, "exec", lambda: (_ for _ in ()).throw(RuntimeError("broken")))
        with pytest.raises(RuntimeError):
            apps.run(source, theme="light", store=tmp_path / "store.db")
    else:
        QTimer.singleShot(150, qapp.quit)
        assert apps.run(source, theme="light", store=tmp_path / "store.db") == 0
    assert source.calls[-1] == "stop"
    again = claim(tmp_path / "store.db")
    assert again is not None
    again.release()


# ---- another store in the same place ---------------------------------------------------------------------------------


def test_settings_of_a_store_put_in_its_place_are_taken_over(app: App, source: Memory, available: Available) -> None:
    """A restored backup has a theme and a counter of its own, and what is not in it is as at first."""
    available(True)
    app.show()
    assert app.tray is not None
    app.open_("settings")
    source.kept = {"theme": "dark", "counter": "quiet", "panel": "dark"}
    app.feed.refresh()
    assert app.window is not None
    page: Any = app.window.page("settings")
    assert (app.theme.dark, app.tray.mode, app.tray.panel) == (True, "quiet", "dark")
    assert (page.theme.value, page.counter.value, page.panel.value) == ("dark", "quiet", "dark")
    source.kept = {"theme": "light"}
    app.feed.refresh()
    assert (app.theme.dark, app.tray.mode, app.tray.panel) == (False, "money", "auto")
    assert (page.theme.value, page.counter.value) == ("light", "money")


def test_a_store_that_cannot_be_read_changes_no_setting(app: App, source: Memory, available: Available) -> None:
    available(True)
    app.show()
    app.open_("settings")
    source.kept = {"theme": "dark"}
    app.feed.refresh()
    source.kept, source.now = {}, Status(error="The store is damaged.")
    app.feed.refresh()
    assert app.theme.dark
    assert app.window is not None
    assert app.window.page("settings").theme.value == "dark"


def test_a_number_in_the_popover_opens_the_window_with_its_panel(
    qtbot: QtBot, app: App, source: Memory, available: Available
) -> None:
    available(True)
    app.show()
    app.feed.refresh()
    assert app.tray is not None
    popover = app.tray.popover()
    popover.toggle(QRect(700, 2, 22, 22))
    qtbot.mouseClick(popover._figure, Qt.MouseButton.LeftButton)
    assert not popover.isVisible()
    assert app.window is not None
    assert app.window.why is not None
    assert app.window.why.isVisible()
    assert app.window.why.title.text() == "Why $18?"
    app.window.why.close_()
