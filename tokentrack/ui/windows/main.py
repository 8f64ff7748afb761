"""The main window: a rail of pages, and one page beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tokentrack.ui.drop import Drop
from tokentrack.ui.feed import Feed, Follow
from tokentrack.ui.figure import Figure
from tokentrack.ui.lines import headline, today_line
from tokentrack.ui.source import Source
from tokentrack.ui.strip import Notice
from tokentrack.ui.theme import font
from tokentrack.ui.windows import WINDOWS, open_page

if TYPE_CHECKING:
    from tokentrack.ui.why import Why

RAIL, NARROW_RAIL = 176, 120
USUAL, SMALLEST = QSize(1000, 680), QSize(680, 440)
MOST_OF_SCREEN = 0.9
SIZE = "window.size"
"""The setting that keeps the size the person gave the window."""
AT_FOOT = ("settings",)
NO_TRAY = "This desktop shows no tray icons, so tokentrack shows its figures in this window and in its title."


class MainWindow(QWidget):
    """`figures_in_title` is for desktops without a tray: the title is the counter then."""

    closed = Signal()
    page_opened = Signal(str, QWidget)
    pause_asked = Signal(bool)
    quit_asked = Signal()

    def __init__(self, feed: Feed, source: Source) -> None:
        super().__init__()
        self._feed, self._source = feed, source
        self._pages: dict[str, QWidget] = {}
        self.figures_in_title = False
        self._no_tray: Notice | None = None
        self.imported: Notice | None = None
        self.drop = Drop(self)
        self.drop.dropped.connect(self._on_export)
        self.why: Why | None = None
        self.setWindowTitle("tokentrack")
        self._build()
        self._add_keys()
        self._fit()
        Follow(self, feed, self._refresh)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._beside = QVBoxLayout()
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(0)
        self.stack = QStackedWidget()
        self._beside.addWidget(self.stack, 1)
        self.rail = self._rail()
        row.addWidget(self.rail)
        row.addLayout(self._beside, 1)

    def _fit(self) -> None:
        """As large as it was left, or as usual; never more than fits on the screen."""
        room = self.screen().availableGeometry().size() * MOST_OF_SCREEN
        self._opened = (_size(self._source.settings().get(SIZE, "")) or USUAL).boundedTo(room)
        self.setMinimumSize(SMALLEST.boundedTo(room))
        lacking = SMALLEST.width() - self.minimumWidth()
        self.rail.setFixedWidth(max(NARROW_RAIL, RAIL - lacking))  # the pages need what is left
        self.resize(self._opened)

    def _rail(self) -> QFrame:
        rail = QFrame()
        rail.setObjectName("rail")
        column = QVBoxLayout(rail)
        column.setContentsMargins(8, 16, 8, 16)
        column.setSpacing(4)
        self._group = QButtonGroup(self)
        self.buttons = {name: self._rail_button(name) for name in WINDOWS}
        for name in WINDOWS:
            if name not in AT_FOOT:
                column.addWidget(self.buttons[name])
        column.addStretch(1)
        for name in AT_FOOT:
            column.addWidget(self.buttons[name])
        self.pause_button = QPushButton("Pause")
        self.pause_button.setProperty("role", "rail")
        self.pause_button.setFont(font())
        self.pause_button.setAccessibleDescription("Stops and resumes the reading of logs")
        self.pause_button.clicked.connect(lambda: self.pause_asked.emit(not self._feed.status.paused))
        column.addWidget(self.pause_button)
        return rail

    def _rail_button(self, name: str) -> QPushButton:
        button = QPushButton(name.capitalize())
        button.setProperty("role", "rail")
        button.setFont(font())
        button.setCheckable(True)
        button.setAccessibleDescription(f"Opens the page {name.capitalize()}")
        button.clicked.connect(lambda: self.open_(name))
        self._group.addButton(button)
        return button

    def _add_keys(self) -> None:
        for at, name in enumerate(WINDOWS, start=1):
            QShortcut(QKeySequence(f"Ctrl+{at}"), self, lambda name=name: self.open_(name))
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        QShortcut(QKeySequence("Ctrl+Q"), self, self.quit_asked.emit)

    def open_(self, name: str = "today") -> None:
        """Shows a page, made when it is asked for first."""
        if name not in self._pages:
            page = open_page(name, self._feed, self._source)
            self._pages[name] = page
            self.stack.addWidget(page)
            if hasattr(page, "why_asked"):
                page.why_asked.connect(self.open_why)
            self.page_opened.emit(name, page)
        self.buttons[name].setChecked(True)
        if isinstance(self.focusWidget(), QPushButton) and self.focusWidget() in self.buttons.values():
            self.buttons[name].setFocus()
        self.stack.setCurrentWidget(self._pages[name])
        if self.why:
            self.why.close_()

    def open_why(self, figure: Figure) -> None:
        """Shows beside the page what a figure is made of."""
        if self.why is None:
            from tokentrack.ui.why import Why  # a start shows pages only

            self.why = Why(self._source.reasons, self.stack)
        self.why.open_(figure)

    def page(self, name: str) -> QWidget | None:
        return self._pages.get(name)

    def raise_up(self) -> None:
        """In front of all else, also when it was minimized or hidden."""
        if self.stack.count() == 0:
            self.open_()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def say_no_tray(self) -> Notice:
        self._no_tray = self._say(NO_TRAY)
        return self._no_tray

    def _say(self, text: str) -> Notice:
        """Above the page, until the person has read it."""
        notice = Notice(text)
        frame = QVBoxLayout()
        frame.setContentsMargins(24, 16, 24, 0)
        frame.addWidget(notice)
        self._beside.insertLayout(0, frame)
        notice.button.clicked.connect(lambda: frame.setContentsMargins(0, 0, 0, 0))
        return notice

    def _on_export(self, path: Path) -> None:
        """Another export replaces what was said of the one before."""
        if self.imported:
            self.imported.button.click()
        self.imported = self._say(self._source.import_usage(path))

    def count_in_title(self, on: bool) -> None:
        """The title is the counter where no tray is; once there is one, title and notice step back."""
        self.figures_in_title = on
        if not on and self._no_tray:
            self._no_tray.button.click()
        self._refresh_title()

    def _refresh(self) -> None:
        self._refresh_title()
        self.pause_button.setText("Resume" if self._feed.status.paused else "Pause")

    def _refresh_title(self) -> None:
        glance = self._feed.glance
        if not self.figures_in_title or glance is None:
            self.setWindowTitle("tokentrack")
            return
        head = headline(glance)
        planned = f" {head.planned}" if head.planned else ""
        self.setWindowTitle(f"{today_line(glance).text} · {head.caption} {head.figure}{planned} · tokentrack")

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.why:
            self.why.close_()
        size = self.normalGeometry().size() if self.isMaximized() or self.isFullScreen() else self.size()
        if size != self._opened:
            self._opened = size
            self._source.save_setting(SIZE, f"{size.width()}x{size.height()}")
        super().closeEvent(event)
        self.closed.emit()


def _size(kept: str) -> QSize | None:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", kept)
    return QSize(int(found[1]), int(found[2])) if found else None
