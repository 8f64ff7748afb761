"""The main window: rail, pages made late, titles without a tray, keys."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance, written

import tokentrack
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.theme import TITLE
from tokentrack.ui.windows import WINDOWS
from tokentrack.ui.windows.main import MainWindow


@pytest.fixture
def window(qtbot: QtBot, feed: Feed, source: Memory) -> MainWindow:
    made = MainWindow(feed, source)
    qtbot.addWidget(made)
    return made


def test_every_page_opens_from_the_rail_and_by_its_key(qtbot: QtBot, window: MainWindow) -> None:
    window.raise_up()
    qtbot.waitUntil(window.isActiveWindow)
    for name in reversed(WINDOWS):
        qtbot.mouseClick(window.buttons[name], Qt.MouseButton.LeftButton)
        page = window.page(name)
        assert page is not None
        assert window.stack.currentWidget() is page
        assert window.buttons[name].isChecked()
    for key, name in enumerate(WINDOWS, start=1):
        qtbot.keyClick(window, str(key), Qt.KeyboardModifier.ControlModifier)
        assert window.stack.currentWidget() is window.page(name)
    places = {name: place_of_title(window.page(name)) for name in WINDOWS}
    assert len(set(places.values())) == 1, places  # nothing jumps from page to page


def place_of_title(page: QWidget) -> tuple[int, int]:
    """Its left end and its middle."""
    parts = [*page.findChildren(QLabel), *page.findChildren(Number)]
    title = next(one for one in parts if one.isVisibleTo(page) and one.text() and one.font().pixelSize() == TITLE)
    middle = title.mapTo(page, QPoint(0, title.height() // 2))
    return middle.x(), middle.y()


def test_a_page_is_made_once_and_only_when_asked_for(window: MainWindow) -> None:
    assert window.stack.count() == 0
    window.open_("settings")
    page = window.page("settings")
    window.open_("today")
    window.open_("settings")
    assert window.page("settings") is page
    assert window.page("sessions") is None


def test_the_rail_counts_what_waits_for_a_task(window: MainWindow, feed: Feed, source: Memory) -> None:
    """`Inbox 4`; nothing where nothing waits, and a screen reader is told too."""
    window.raise_up()
    button = window.buttons["inbox"]
    assert (button.number.text(), button.accessibleName()) == ("4", "Inbox, 4 to link")
    source.at = glance(unlinked_sessions=0)
    feed.refresh()
    assert (button.number.text(), button.accessibleName()) == ("", "Inbox")


def test_without_a_tray_the_title_counts(window: MainWindow, feed: Feed) -> None:
    """Product 5.3.7."""
    assert window.windowTitle() == "tokentrack"
    window.count_in_title(True)
    window.raise_up()
    feed.refresh()
    title = "Today: $3 · 1.9 M tokens · This week, list value $18 of $40 planned · tokentrack"
    assert window.windowTitle() == title


def test_the_notice_goes_when_it_is_understood(qtbot: QtBot, window: MainWindow) -> None:
    notice = window.say_no_tray()
    window.raise_up()
    assert notice.isVisible()
    notice.button.click()
    assert not notice.isVisible()


def test_a_hidden_window_reads_nothing(window: MainWindow, feed: Feed, source: Memory) -> None:
    window.open_("sessions")
    source.calls.clear()
    for _ in range(3):
        feed.refresh()
    assert "sessions" not in source.calls
    window.show()
    assert source.calls.count("sessions") == 1


def test_every_control_can_be_reached_and_named(window: MainWindow) -> None:
    """AC 44's half for these pages: no control without a name, none that keys cannot reach."""
    for name in WINDOWS:
        window.open_(name)
    for button in window.findChildren(QPushButton):
        assert button.accessibleName() or button.text(), button
        in_rail = button in window.buttons.values()  # one of them, arrows lead to the others
        assert in_rail or button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()


def test_tab_order_is_reading_order(window: MainWindow) -> None:
    window.open_("settings")
    window.show()
    page = window.page("settings")
    assert page is not None
    seen, at = [], page.nextInFocusChain()
    while at is not None and len(seen) < 400:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisibleTo(window) and page.isAncestorOf(at):
            seen.append(at)
        at = at.nextInFocusChain()
        if at is page:
            break
    tops = [widget.mapTo(window, widget.rect().topLeft()).y() for widget in seen]
    assert len(seen) > 10
    assert tops == sorted(tops)


def test_it_can_be_made_small(window: MainWindow) -> None:
    for name in WINDOWS:
        window.open_(name)
    window.show()
    window.resize(window.minimumSize())
    assert window.width() <= 700


@pytest.fixture
def screen_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Puts the windows on a screen of that size."""

    def put(width: int, height: int) -> None:
        room = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, width, height))
        monkeypatch.setattr(MainWindow, "screen", lambda self: room)

    return put


@pytest.mark.parametrize(
    ("screen", "size"),
    [((1920, 1080), (1000, 680)), ((700, 450), (630, 405)), ((1024, 600), (922, 540))],
)
def test_it_fits_on_the_screen(
    qtbot: QtBot,
    feed: Feed,
    source: Memory,
    screen_of: Callable[[int, int], None],
    screen: tuple[int, int],
    size: tuple[int, int],
) -> None:
    screen_of(*screen)
    window = MainWindow(feed, source)
    qtbot.addWidget(window)
    window.open_("settings")
    window.show()
    assert window.size().toTuple() == size
    qtbot.waitUntil(lambda: window.stack.width() >= 680 - 176, timeout=1000)  # what the pages are drawn for


def test_larger_letters_of_the_system_have_a_larger_window(
    qtbot: QtBot, qapp: QApplication, feed: Feed, source: Memory, screen_of: Callable[[int, int], None]
) -> None:
    """Half as large again they overflowed the smallest window."""
    screen_of(1920, 1080)
    try:
        qapp.setProperty("systemPixels", 19.5)
        window = MainWindow(feed, source)
        qtbot.addWidget(window)
        assert window.size().toTuple() == (1500, 972)  # of the height there is
        assert window.minimumSize().toTuple() == (1020, 660)
    finally:
        qapp.setProperty("systemPixels", 13)


def test_it_opens_as_large_as_it_was_left(
    qtbot: QtBot, feed: Feed, source: Memory, screen_of: Callable[[int, int], None]
) -> None:
    screen_of(1920, 1080)
    for kept, size in (("", (1000, 680)), ("800x500", (800, 500)), ("9999x9999", (1728, 972)), ("wide", (1000, 680))):
        source.kept = {"window.size": kept}
        window = MainWindow(feed, source)
        qtbot.addWidget(window)
        window.show()
        assert window.size().toTuple() == size
        window.close()
        written(qtbot)
        assert source.kept == {"window.size": kept}
    window.show()
    window.resize(820, 510)
    window.close()
    written(qtbot)
    assert source.kept == {"window.size": "820x510"}


def test_ac38_what_the_icons_menu_does_the_window_does_too(
    qtbot: QtBot, window: MainWindow, feed: Feed, source: Memory
) -> None:
    """AC 38: without a tray there is no menu."""

    def pause(paused: bool) -> None:
        source.pause(paused)
        feed.refresh()

    window.pause_asked.connect(pause)
    window.raise_up()
    qtbot.waitUntil(window.isActiveWindow)
    for paused, offered in ((True, "Resume"), (False, "Pause")):
        qtbot.mouseClick(window.pause_button, Qt.MouseButton.LeftButton)
        assert source.now.paused == paused
        assert window.pause_button.text() == offered
    with qtbot.waitSignal(window.quit_asked, timeout=1000):
        qtbot.keyClick(window, "q", Qt.KeyboardModifier.ControlModifier)


def test_a_start_imports_no_window() -> None:
    """Product: windows are imported when they are opened first."""
    code = "import sys, tokentrack.ui.app; print([n for n in sys.modules if n.startswith('tokentrack.ui.w')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tokentrack.ui.words']"


def test_each_page_is_a_module_with_a_page_whose_letters_are_small_or_pressed_with_shift(window: MainWindow) -> None:
    """Some pages drew their keys as capitals, others small; product 3.3 has `S` and `R` in the inbox."""
    window.open_("tasks")
    assert window.page("tasks").view  # made when it is needed
    for name in WINDOWS:
        window.open_(name)
        page = window.page(name)
        assert isinstance(page, QWidget)
        assert hasattr(page, "refresh")
        pressed = {key.toString() for made in page.findChildren(QShortcut) for key in QShortcut.keys(made)}
        capital = {hint.key for hint in page.findChildren(KeyHint) if len(hint.key) == 1 and hint.key.isupper()}
        assert capital == ({"S", "R"} if name == "inbox" else set()), name
        assert {f"Shift+{key}" for key in capital} <= pressed


def test_tab_leads_to_the_page_that_is_open_and_arrows_to_the_others(qtbot: QtBot, window: MainWindow) -> None:
    """AC 44: after Ctrl+4 it led to the page before, and an arrow from there opened the one beside that."""
    window.raise_up()
    window.buttons["today"].setFocus()
    window.open_("week")
    stops = [name for name, button in window.buttons.items() if button.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["week"]
    window.buttons["week"].setFocus()
    qtbot.waitUntil(window.buttons["week"].hasFocus)
    qtbot.keyClick(window.buttons["week"], Qt.Key.Key_Down)
    qtbot.waitUntil(window.buttons["spend"].hasFocus)
    assert window.stack.currentWidget() is window.page("spend")


def at_keyboard(qtbot: QtBot, window: MainWindow) -> QWidget:
    """What has the keyboard; a page that is not shown never has."""
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    focus = QApplication.focusWidget()
    assert focus.isVisible(), focus
    return focus


def test_after_a_click_in_the_rail_the_keyboard_is_in_the_page(qtbot: QtBot, window: MainWindow) -> None:
    """Arrows are the page's; those of the rail are for who came there by Tab, also when that was before the click."""
    window.raise_up()
    rail = (None, window.buttons["today"], window.pause_button)
    for at_first, name in zip(
        cycle(rail), ("sessions", "inbox", "settings", "spend", "today", "sessions"), strict=False
    ):
        if at_first:
            at_first.setFocus()
        qtbot.mouseClick(window.buttons[name], Qt.MouseButton.LeftButton)
        focus, page = at_keyboard(qtbot, window), window.page(name)
        assert focus is page or page.isAncestorOf(focus), (at_first, name, focus)


def test_a_page_that_is_not_shown_never_takes_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    """Its answers come late; when it is shown again, it has the keyboard where it then put it."""
    window.raise_up()
    window.open_("sessions")
    window.open_("settings")
    before = at_keyboard(qtbot, window)
    sessions = window.page("sessions")
    sessions.filter.setFocus()
    assert at_keyboard(qtbot, window) is before
    window.open_("sessions")
    assert at_keyboard(qtbot, window) is sessions.filter


@pytest.mark.parametrize("name", ["sessions", "settings", "spend", "tasks"])
def test_a_page_opened_over_the_panel_of_a_figure_has_the_keyboard(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window.raise_up()
    window.open_(name)
    window.open_("today")
    number = next(one for one in window.page("today").findChildren(Number) if one.figure)
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert window.why.isVisible()
    window.open_(name)
    assert not window.why.isVisible()
    assert window.page(name).isAncestorOf(at_keyboard(qtbot, window))
    window.open_("today")
    assert at_keyboard(qtbot, window) is number


def test_no_key_is_given_its_part_where_qt_does_not_hear_it() -> None:
    """PySide6 drops `context=` beside a callable without a word: the key would act in the whole window (`acts_in`)."""
    made = 0
    for file in (Path(tokentrack.__file__).parent / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())) if "QShortcut(" in file.read_text() else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("QShortcut"):
                made += 1
                assert len(node.args) == 3, (file.name, ast.unparse(node))
                assert not node.keywords, (file.name, ast.unparse(node))
    assert made
