"""Rules of how pages look: what stays in line, what gives way, and that larger letters of the system fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory

from tokentrack.ui import theme
from tokentrack.ui.choices import Choices
from tokentrack.ui.feed import Feed
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import scrolling
from tokentrack.ui.pick import Pick
from tokentrack.ui.popover import Popover
from tokentrack.ui.task_page import TaskView
from tokentrack.ui.tick import Tick
from tokentrack.ui.windows.settings import Page as Settings


@pytest.fixture
def large(qapp: QApplication) -> Iterator[None]:
    """A desktop whose letters are half as large again."""
    qapp.setProperty("systemPixels", 20)
    yield
    qapp.setProperty("systemPixels", 13)


def test_a_bar_that_comes_moves_nothing(qtbot: QtBot) -> None:
    """Right edges stay in line between views that scroll and views that do not."""
    page = QWidget()
    qtbot.addWidget(page)
    column = scrolling(page)
    part = QWidget()
    column.addWidget(part)
    page.resize(400, 300)
    page.show()
    widths = []
    for high in (100, 1000, 100):
        part.setFixedHeight(high)
        qtbot.waitUntil(lambda high=high: page.findChild(QScrollArea).verticalScrollBar().isVisible() == (high > 300))
        QApplication.processEvents()
        widths.append(part.width())
    assert widths == [400 - 48] * 3


def test_settings_end_where_their_last_row_ends(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    """Half a screen of nothing followed it."""
    page = Settings(feed, source)
    qtbot.addWidget(page)
    page.resize(780, 500)
    page.show()
    QApplication.processEvents()
    inner = page.findChild(QScrollArea).widget()
    below = page.login.mapTo(inner, QPoint(0, page.login.height())).y()
    assert inner.height() - below <= 40


def test_an_opened_task_fits_beside_its_list_also_in_large_letters(qtbot: QtBot, large: None) -> None:
    """Its right part was cut off."""
    view = TaskView()
    qtbot.addWidget(view)
    view.resize(480, 600)
    view.show()
    QApplication.processEvents()
    assert view.widget().minimumSizeHint().width() <= view.viewport().width()


def test_the_popover_grows_with_the_letters_of_the_system(
    qtbot: QtBot, feed: Feed, large: None, light: theme.Theme
) -> None:
    """A row's amounts were cut."""
    popover = Popover(feed)
    qtbot.addWidget(popover)
    popover.show()
    QApplication.processEvents()
    for part in popover.findChildren(QLabel):
        if part.isVisible() and not part.wordWrap():
            assert part.fontMetrics().horizontalAdvance(part.text()) <= part.width() + 1, part.text()
            assert "…" not in part.text()


def test_choices_go_on_below_where_there_is_no_room(qtbot: QtBot) -> None:
    choices = Choices(
        "Hours", [(word, word) for word in ("with the agent", "without the agent", "not said")], "not said"
    )
    qtbot.addWidget(choices)
    choices.resize(200, choices.heightForWidth(200))
    choices.show()
    QApplication.processEvents()
    assert all(choices.rect().contains(button.geometry()) for button in choices.buttons.values())
    assert choices.height() > 64


def test_ticks_of_different_words_stand_in_columns(qtbot: QtBot) -> None:
    ticks = [Tick(word) for word in ("33 · 10 to 16 Aug · open", "31 · 27 Jul to 2 Aug", "30", "29 · 13 to 19 Jul")]
    made = flow(*ticks, even=True)
    qtbot.addWidget(made)
    made.resize(2 * ticks[0].sizeHint().width() + 20, 200)
    made.show()
    QApplication.processEvents()
    lefts = [tick.x() for tick in ticks]
    assert lefts[:2] == lefts[2:]


def test_a_long_name_makes_a_list_that_opens_no_wider_than_usual(qtbot: QtBot) -> None:
    """It took the room of the search beside it."""
    pick = Pick("Project")
    qtbot.addWidget(pick)
    pick.addItem("a-project-whose-name-is-really-very-long-and-then-some")
    assert pick.sizeHint().width() <= 220
    pick.show()
    pick.showPopup()
    assert pick.view().minimumWidth() > 300
    pick.hidePopup()


@pytest.mark.parametrize("role", ["link", "primary", "gear", ""])
def test_what_does_nothing_now_looks_so(qtbot: QtBot, light: theme.Theme, role: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    button = QPushButton("MMMM", page)
    button.setProperty("role", role)
    button.adjustSize()

    def colours() -> set[str]:
        image = page.grab(button.geometry().adjusted(6, 6, -6, -6)).toImage()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    told = {"link": theme.LIGHT.secondary, "primary": theme.LIGHT.on_accent}.get(role, theme.LIGHT.text)
    assert told in colours()
    assert theme.LIGHT.faint not in colours()
    button.setEnabled(False)
    assert theme.LIGHT.faint in colours()
    assert theme.LIGHT.text not in colours()
