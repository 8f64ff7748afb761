"""The main window: a rail of pages, and one page beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack.ui.asking import Doing
from tokentrack.ui.drop import Drop, Importer
from tokentrack.ui.feed import Feed, Follow
from tokentrack.ui.figure import Figure
from tokentrack.ui.lines import headline, today_line
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.strip import Notice
from tokentrack.ui.theme import CAPTION, font, label, scaled
from tokentrack.ui.windows import WINDOWS, get_ready, open_page

if TYPE_CHECKING:
    from tokentrack.ui.why import Why

RAIL, NARROW_RAIL = 176, 120
USUAL, SMALLEST = QSize(1000, 680), QSize(680, 440)
MOST_OF_SCREEN = 0.9
SIZE = "window.size"
"""The setting that keeps the size the person gave the window."""
N = TypeVar("N", bound=Notice)
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
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self._pages: dict[str, QWidget] = {}
        self.figures_in_title = False
        self._no_tray: Notice | None = None
        self.imported: Importer | None = None
        self.drop = Drop(self)
        self.drop.dropped.connect(self._on_export)
        self.why: Why | None = None
        self.setWindowTitle("tokentrack")
        self._build()
        self._add_keys()
        self._fit()
        Follow(self, feed, self._refresh)
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._on_keyboard)

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
        """As large as it was left, or as usual, larger letters in a larger window; never more than fits on the screen."""
        room = self.screen().availableGeometry().size() * MOST_OF_SCREEN
        usual, smallest = (QSize(scaled(size.width()), scaled(size.height())) for size in (USUAL, SMALLEST))
        self._opened = (_size(self._source.settings().get(SIZE, "")) or usual).boundedTo(room)
        self.setMinimumSize(smallest.boundedTo(room))
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

    def _rail_button(self, name: str) -> RailButton:
        button = RailButton(name.capitalize())
        button.setAccessibleDescription(f"Opens the page {name.capitalize()}")
        button.clicked.connect(lambda: self.open_(name))
        button.by_mouse.connect(self._to_page)
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
            page = open_page(name, self._feed, self._source, self.stack)
            self._pages[name] = page
            self.stack.addWidget(page)
            if hasattr(page, "why_asked"):
                page.why_asked.connect(self.open_why)
            if hasattr(page, "left"):
                page.left.connect(self.open_)
            for asked, open_ in (("task_asked", self.open_task), ("session_asked", self.open_session)):
                if hasattr(page, asked):
                    getattr(page, asked).connect(open_)
            self.page_opened.emit(name, page)
        if self.why:
            self.why.close_()  # while what it covers can still take the keyboard back
        self.buttons[name].setChecked(True)
        for one, button in self.buttons.items():  # Tab leads to the page that is open, arrows from there to the others
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus if one == name else Qt.FocusPolicy.NoFocus)
        in_rail = self.focusWidget() in self.buttons.values()
        if in_rail:
            self.buttons[name].setFocus()
        self.stack.setCurrentWidget(self._pages[name])
        if not in_rail and self.isVisible():
            self._to_page()

    def _to_page(self) -> None:
        """The page that is shown has the keyboard, where it was or at its first stop."""
        page = self.stack.currentWidget()
        if page is not None and not _seen_on(page, self.focusWidget()):
            kept = page.focusWidget()
            (kept if _seen_on(page, kept) else _first_stop(page)).setFocus()

    def _on_keyboard(self, _: QWidget | None, now: QWidget | None) -> None:
        """Answers come late: what gives the keyboard to a page that is no longer shown keeps it for when it is."""
        hidden = [page for page in self._pages.values() if page is not self.stack.currentWidget()]
        if now and any(page.isAncestorOf(now) for page in hidden):
            self._to_page()

    def open_why(self, figure: Figure) -> None:
        """Shows beside the page what a figure is made of."""
        if self.why is None:
            from tokentrack.ui.why import Why  # a start shows pages only

            self.why = Why(self._source.reasons, self.stack)
        self.why.open_(figure)

    def open_task(self, task: str) -> None:
        """The page of a task, named by its id."""
        self.open_("tasks")
        cast(Any, self._pages["tasks"]).open_task(task)

    def open_session(self, session: str) -> None:
        self.open_("sessions")
        cast(Any, self._pages["sessions"]).open_session(session)

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
        return self._above(Notice(text))

    def _above(self, notice: N) -> N:
        """Above the page, until the person has read it."""
        frame = QVBoxLayout()
        frame.setContentsMargins(24, 16, 24, 0)
        frame.addWidget(notice)
        self._beside.insertLayout(0, frame)
        notice.ended.connect(lambda: frame.setContentsMargins(0, 0, 0, 0))
        return notice

    def _on_export(self, path: Path) -> None:
        """Another export replaces what was said of the one before; while that one is imported, it stands beside it."""
        if self.imported and self.imported.done:
            self.imported.end()
        self.imported = self._above(Importer(path, self._source.importing))
        self.imported.imported.connect(self._feed.hint)

    def count_in_title(self, on: bool) -> None:
        """The title is the counter where no tray is; once there is one, title and notice step back."""
        self.figures_in_title = on
        if not on and self._no_tray:
            self._no_tray.button.click()
        self._refresh_title()

    def _refresh(self) -> None:
        self._refresh_title()
        glance = self._feed.glance
        self.buttons["inbox"].count(glance.unlinked_sessions if glance else 0)
        week = glance.day.isocalendar().week if glance else 0
        self.buttons["week"].tell(f"{week}" if week else "", f"Week {week}")
        self.pause_button.setText("Resume" if self._feed.status.paused else "Pause")

    def _refresh_title(self) -> None:
        glance = self._feed.glance
        if not self.figures_in_title or glance is None:
            self.setWindowTitle("tokentrack")
            return
        head = headline(glance)
        planned = f" {head.planned}" if head.planned else ""
        self.setWindowTitle(f"{today_line(glance).text} · {head.caption} {head.figure}{planned} · tokentrack")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if "inbox" not in self._pages:
            get_ready("inbox")

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.why:
            self.why.close_()
        size = self.normalGeometry().size() if self.isMaximized() or self.isFullScreen() else self.size()
        if size != self._opened:
            self._opened = size
            kept = f"{size.width()}x{size.height()}"
            self._doing.do(lambda to: to.save_setting(SIZE, kept), lambda _: None, lambda _: None)
        super().closeEvent(event)
        self.closed.emit()


class RailButton(QPushButton):
    """Opens a page; at the right how much waits there. `by_mouse`: it was let go; with keys one stays in the rail."""

    by_mouse = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("role", "rail")
        self.setFont(font())
        self.setCheckable(True)
        self.number = label("", CAPTION, role="secondary", parent=self)
        self.number.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def count(self, waiting: int) -> None:
        self.tell(f"{waiting:,}" if waiting else "", f"{self.text()}, {waiting:,} to link")

    def tell(self, number: str, name: str) -> None:
        """A number at the right, and what the button is called then."""
        self.number.setText(number)
        self.setAccessibleName(name if number else self.text())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.by_mouse.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.number.setGeometry(0, 0, self.width() - 10, self.height())
        super().resizeEvent(event)


def _seen_on(page: QWidget, part: QWidget | None) -> bool:
    return part is not None and page.isAncestorOf(part) and part.isVisibleTo(page)


def _first_stop(page: QWidget) -> QWidget:
    """What `Tab` leads to first; the page itself where it leads to nothing."""
    at = page.nextInFocusChain()
    while at and page.isAncestorOf(at):
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isEnabled() and at.isVisibleTo(page):
            return at
        at = at.nextInFocusChain()
    return page


def _size(kept: str) -> QSize | None:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", kept)
    return QSize(int(found[1]), int(found[2])) if found else None
