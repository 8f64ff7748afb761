"""The tray icon: calm (AC 37), the same in the menu (AC 38), no notification (AC 36), recreated for a late panel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot
from ui.samples import LONG, Memory, glance, session, spent, total

from tokentrack.ui import tray as trays
from tokentrack.ui.feed import Feed
from tokentrack.ui.source import Status
from tokentrack.ui.tray import Tray, panel_is_dark


@pytest.fixture
def tray(qtbot: QtBot, feed: Feed) -> Tray:
    made = Tray(feed)
    made.show()
    return made


def shown(tray: Tray) -> list[str]:
    return [line.text() for line in tray.lines if line.isVisible()]


def test_icon_and_tooltip_tell_the_glance(tray: Tray) -> None:
    assert tray.icon.toolTip() == "This week $18 of $40 planned (list) · today $3 · 4 to link · read 14:02"
    assert not tray.icon.icon().isNull()


def test_ac38_the_menu_starts_with_the_popovers_lines_and_has_its_actions(tray: Tray) -> None:
    """AC 38."""
    assert shown(tray)[0] == "This week, list value: $18 of $40 planned"
    assert not any(line.isEnabled() for line in tray.lines)
    actions = [action.text() for action in tray.menu.actions() if action.isEnabled() and action.text()]
    assert actions == ["Open", "Review week", "Inbox", "Pause reading", "Settings", "Quit"]


def test_each_entry_asks_the_app(qtbot: QtBot, tray: Tray) -> None:
    for action, asked in (
        (tray.open_action, tray.open_asked),
        (tray.review_action, tray.review_asked),
        (tray.inbox_action, tray.inbox_asked),
        (tray.settings_action, tray.settings_asked),
        (tray.quit_action, tray.quit_asked),
    ):
        with qtbot.waitSignal(asked):
            action.trigger()


def test_pause_says_at_once_what_it_did(qtbot: QtBot, tray: Tray, feed: Feed, source: Memory) -> None:
    def pause(paused: bool) -> None:
        source.pause(paused)
        feed.refresh()

    tray.pause_asked.connect(pause)
    tray.pause_action.trigger()
    assert source.now.paused
    assert tray.pause_action.text() == "Resume reading"
    assert tray.icon.toolTip().endswith("paused")
    tray.pause_action.trigger()
    assert not source.now.paused


def test_ac37_the_number_moves_once_a_second_and_the_text_once_a_minute(
    qtbot: QtBot, feed: Feed, source: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC 37; the second is shortened for the test, the minute is not."""
    monkeypatch.setattr(trays, "ICON_MS", 200)
    tray = Tray(feed)
    tray.show()
    painted: list[QIcon] = []
    monkeypatch.setattr(trays, "icon", lambda look, dark: painted.append(QIcon()) or QIcon())
    before = tray.icon.toolTip()
    tray._on_changed()
    for cents in range(20):
        source.at = glance(today=total(10 + cents, 2_000_000))
        feed.refresh()
    assert painted == []
    qtbot.waitUntil(lambda: len(painted) == 1, timeout=2000)
    qtbot.wait(250)
    assert len(painted) == 1
    assert tray.icon.toolTip() == before
    tray.menu.aboutToShow.emit()
    assert "today $29" in tray.icon.toolTip()


def test_an_unchanged_look_is_not_painted_again(tray: Tray, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trays, "icon", lambda *_: pytest.fail("painted without need"))
    for _ in range(3):
        feed.refresh()
        tray.refresh_icon()


def test_ac37_a_new_figure_is_on_the_icon_within_two_seconds(
    qtbot: QtBot, tray: Tray, feed: Feed, source: Memory
) -> None:
    """AC 37, from the hint on."""
    feed.refresh()
    before = tray.icon.icon().cacheKey()
    source.at = glance(today=total(27, 2_000_000))
    feed.hint()
    qtbot.waitUntil(lambda: tray.icon.icon().cacheKey() != before, timeout=2000)


def test_ac36_no_notification_even_when_the_plan_is_crossed(
    tray: Tray, feed: Feed, source: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC 36."""
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda *_: pytest.fail("a notification"))
    for used in (10, 33, 41, 80):
        source.at = glance(spent=spent(used))
        feed.refresh()
        tray.refresh_icon()
        tray.refresh_text()


def test_a_left_click_opens_the_popover(qtbot: QtBot, tray: Tray) -> None:
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert tray._popover is None
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    qtbot.addWidget(tray.popover())
    assert tray.popover().isVisible()


def test_a_late_panel_gets_a_new_icon_with_the_same_menu(tray: Tray) -> None:
    """qt.md 2: an icon made before the panel never registers."""
    old = tray.icon
    tray.recreate()
    assert tray.icon is not old
    assert not old.isVisible()
    assert tray.icon.isVisible()
    assert tray.icon.contextMenu() is tray.menu
    assert tray.icon.toolTip() != ""


def test_changed_settings_show_at_once(tray: Tray) -> None:
    before = tray.icon.icon().cacheKey()
    tray.use("quiet", "auto")
    assert tray.icon.icon().cacheKey() != before
    assert "$" not in tray.icon.toolTip() + "".join(shown(tray))


def test_titles_cannot_make_shortcuts_or_flood_the_menu(tray: Tray, feed: Feed, source: Memory) -> None:
    source.at = glance(live=session(1, "R&D " + LONG))
    feed.refresh()
    tray.refresh_text()
    line = next(text for text in shown(tray) if text.startswith("Now"))
    assert "R&&D" in line
    assert len(line) <= 72
    assert line.endswith("$1.20")


def test_an_error_is_in_the_menu(tray: Tray, feed: Feed, source: Memory) -> None:
    source.now = Status(error="Claude Code: cannot read its logs")
    feed.refresh()
    tray.refresh_text()
    assert shown(tray)[-1].endswith("Claude Code: cannot read its logs")


@pytest.mark.parametrize(
    ("panel", "desktop", "dark"),
    [("light", "GNOME", False), ("dark", "KDE", True), ("auto", "ubuntu:GNOME", True), ("auto", "KDE", False)],
)
def test_the_ground_of_the_number(monkeypatch: pytest.MonkeyPatch, panel: str, desktop: str, dark: bool) -> None:
    """As chosen, else as the desktop is known for, else like the windows (light here)."""
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
    monkeypatch.setattr("sys.platform", "linux")
    assert panel_is_dark(panel, QRect()) == dark
