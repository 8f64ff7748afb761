"""The icon in the system tray, its tooltip, its menu, and the popover that a left click opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from tokentrack.review.budgets import Spent
from tokentrack.ui import words
from tokentrack.ui.feed import MINUTE_MS, Feed, Pace
from tokentrack.ui.icon import icon
from tokentrack.ui.lines import menu_lines
from tokentrack.ui.states import IconLook, look_of, state_of
from tokentrack.ui.words import tooltip

if TYPE_CHECKING:
    from tokentrack.ui.popover import Popover

WATCHER = "org.kde.StatusNotifierWatcher"
ICON_MS = 1000
MENU_LINES = 12
ALWAYS_DARK = ("gnome", "unity", "cinnamon", "pantheon", "budgie")
"""Desktops whose panel is dark whatever the theme of the windows."""


class Tray(QObject):
    """Number at most once a second, text at most once a minute unless it is opened (AC 37)."""

    open_asked = Signal()
    review_asked = Signal()
    inbox_asked = Signal()
    settings_asked = Signal()
    why_asked = Signal(object)
    pause_asked = Signal(bool)
    quit_asked = Signal()

    def __init__(self, feed: Feed, mode: str = "money", panel: str = "auto", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self.mode, self.panel = mode, panel
        self._painted: tuple[IconLook, bool] | None = None
        self._popover: Popover | None = None
        self.menu = self._build_menu()
        self.icon = self._build_icon()
        self._paint_pace = Pace(ICON_MS, self.refresh_icon, self)
        self._text_pace = Pace(MINUTE_MS, self.refresh_text, self)
        feed.changed.connect(self._on_changed)

    # building --------------------------------------------------------------------------------------------------------

    def _build_menu(self) -> QMenu:
        menu = QMenu()
        self.lines = [QAction(menu) for _ in range(MENU_LINES)]
        for line in self.lines:
            line.setEnabled(False)
            line.setVisible(False)
            menu.addAction(line)
        menu.addSeparator()
        self.open_action = menu.addAction("Open", self.open_asked.emit)
        self.review_action = menu.addAction("Review week", self.review_asked.emit)
        self.inbox_action = menu.addAction("Inbox", self.inbox_asked.emit)
        self.pause_action = menu.addAction("Pause reading", self._on_pause)
        self.settings_action = menu.addAction("Settings", self.settings_asked.emit)
        menu.addSeparator()
        self.quit_action = menu.addAction("Quit", self.quit_asked.emit)
        menu.aboutToShow.connect(self.refresh_text)
        return menu

    def _build_icon(self) -> QSystemTrayIcon:
        made = QSystemTrayIcon(self)
        made.setContextMenu(self.menu)
        made.activated.connect(self._on_activated)
        return made

    def show(self) -> None:
        self.refresh_icon()
        self.refresh_text()
        self.icon.show()

    def recreate(self) -> None:
        """An icon made before the panel was there never registers with it; only a new one does."""
        old = self.icon
        old.hide()
        old.deleteLater()
        self._painted = None
        self.icon = self._build_icon()
        self.show()

    # showing ---------------------------------------------------------------------------------------------------------

    def use(self, mode: str, panel: str) -> None:
        """What the person chose to count, and on which ground."""
        self.mode, self.panel = mode, panel
        if self._popover:
            self._popover.quiet = mode == "quiet"
        self.refresh_icon()
        self.refresh_text()

    def refresh_icon(self) -> None:
        look = look_of(self._feed.glance, self._feed.status, self.mode)
        painted = look, panel_is_dark(self.panel, self.icon.geometry())
        if painted != self._painted:
            self._painted = painted
            self.icon.setIcon(icon(*painted))

    def refresh_text(self) -> None:
        glance, status = self._feed.glance, self._feed.status
        quiet = self.mode == "quiet"
        self.icon.setToolTip(tooltip(glance, status, state_of(glance, status), quiet))
        texts = menu_lines(glance, status, quiet)
        for at, line in enumerate(self.lines):
            line.setVisible(at < len(texts))
            line.setText(_menu_text(texts[at]) if at < len(texts) else "")
        self.pause_action.setText("Resume reading" if status.paused else "Pause reading")

    def tell_passed(self, passed: Sequence[Spent]) -> None:
        """A notification, if the person asked for it: that plans of a period are passed. One, since a second hides the first."""
        text = words.NOTICE_PASSED if self.mode == "quiet" else "\n".join(map(words.notice, passed))
        self.icon.showMessage(words.NOTICE_TITLE, text, icon(*(self._painted or (IconLook("over"), False))))

    def _on_changed(self) -> None:
        self._paint_pace()
        self._text_pace()

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_pause(self) -> None:
        self.pause_asked.emit(not self._feed.status.paused)
        self._paint_pace.now()
        self._text_pace.now()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.popover().toggle(self.icon.geometry())

    def popover(self) -> Popover:
        if self._popover is None:
            from tokentrack.ui.popover import Popover  # a start shows the icon only

            self._popover = Popover(self._feed, self.mode == "quiet")
            self._popover.open_asked.connect(self.open_asked)
            self._popover.review_asked.connect(self.review_asked)
            self._popover.inbox_asked.connect(self.inbox_asked)
            self._popover.settings_asked.connect(self.settings_asked)
            self._popover.why_asked.connect(self.why_asked)
        return self._popover


def _menu_text(text: str) -> str:
    """A title may hold what a menu takes for a shortcut, and may be long."""
    if len(text) > 72:
        text = f"{text[:44]}…{text[-24:]}"
    return text.replace("&", "&&")


def panel_is_dark(panel: str, place: QRect) -> bool:
    """The ground of the number: as chosen, as seen beside the icon (X11), or as the desktop is known for."""
    if panel in ("light", "dark"):
        return panel == "dark"
    if sys.platform.startswith("linux"):
        seen = _seen_beside(place)
        if seen is not None:
            return seen
        desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").lower()
        if any(name in desktop for name in ALWAYS_DARK):
            return True
    palette = QGuiApplication.palette()
    return palette.window().color().lightness() < palette.windowText().color().lightness()


def _seen_beside(place: QRect) -> bool | None:
    """One pixel at the icon's corner: an icon in an old-style tray tells its place, and X11 lets the screen be read."""
    if place.isEmpty() or QGuiApplication.platformName() != "xcb":
        return None
    screen = QGuiApplication.screenAt(place.center()) or QGuiApplication.primaryScreen()
    at = place.topLeft() - screen.geometry().topLeft()
    pixel = screen.grabWindow(0, at.x(), at.y(), 1, 1).toImage()
    return None if pixel.isNull() else pixel.pixelColor(0, 0).lightness() < 128
