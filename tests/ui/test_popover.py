"""The popover: what it says, where it opens, how it closes, and that its text keeps still (AC 37)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from ui.samples import LONG, Memory, empty, glance, huge, session, spent, texts, total

from tokentrack.model.tasks import Task
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.popover import WIDTH, Popover, place
from tokentrack.ui.source import Status

ICON = QRect(700, 2, 22, 22)
FeedOf = Callable[[Memory], Feed]


@pytest.fixture
def popover(qtbot: QtBot, feed: Feed) -> Popover:
    made = Popover(feed)
    qtbot.addWidget(made)
    return made


def test_it_says_what_the_design_says(popover: Popover) -> None:
    popover.toggle(ICON)
    assert popover.isVisible()
    shown = texts(popover)
    for text in ("This week, list value", "of $40 planned", "$18", "45%", "Today", "$3", " · 1.9 M tokens", "Now"):
        assert text in shown
    assert "Read 14:02 · Claude Code · all well" in shown


def test_it_says_what_waits_and_what_the_live_session_is_linked_to(
    qtbot: QtBot, source: Memory, feed_of: FeedOf
) -> None:
    """Product 5.1: `Now PAY-25 Webhook retries $1.20`, `To link 4 sessions · $2`."""
    task = Task("a", "Webhook retries", "PAY-25", None, None, 0)
    source.at = glance(live=session(1, "go on"), live_task=task)
    made = Popover(feed_of(source))
    qtbot.addWidget(made)
    made.toggle(ICON)
    shown = texts(made)
    assert shown[shown.index("Now") + 1 :][:2] == ["PAY-25 Webhook retries", "$1.20"]
    assert shown[shown.index("To link") + 1 :][:2] == ["4", " sessions · $2"]


def test_above_a_panel_it_grows_upwards(qtbot: QtBot, source: Memory, feed_of: FeedOf) -> None:
    """Opened while the first logs are read, it grew below the edge of the screen when they were."""
    source.at = empty()
    feed = feed_of(source)
    made = Popover(feed)
    qtbot.addWidget(made)
    bottom = made.screen().availableGeometry().bottom()
    made.toggle(QRect(700, bottom - 22, 22, 22))
    before = made.geometry()
    source.at = glance()
    feed.refresh()
    made.refresh()
    QApplication.processEvents()
    assert made.height() > before.height()
    assert made.geometry().bottom() == before.bottom()


def test_ac37_its_text_moves_when_it_opens_and_not_while_it_is_looked_at(
    popover: Popover, feed: Feed, source: Memory
) -> None:
    """AC 37."""
    popover.toggle(ICON)
    source.at = glance(today=total(9, 2_000_000))
    feed.refresh()
    assert "$3" in texts(popover)
    popover.hide()
    popover._closed_at = 0.0
    popover.toggle(ICON)
    assert "$9" in texts(popover)


@pytest.mark.parametrize(
    "leave",
    [
        lambda qtbot, popover: qtbot.keyClick(popover, Qt.Key.Key_Escape),
        lambda qtbot, popover: QApplication.sendEvent(popover, QEvent(QEvent.Type.WindowDeactivate)),
    ],
)
def test_it_closes_on_escape_and_when_it_loses_the_focus(
    qtbot: QtBot, popover: Popover, leave: Callable[[QtBot, Popover], None]
) -> None:
    popover.toggle(ICON)
    leave(qtbot, popover)
    assert not popover.isVisible()


def test_the_click_that_closed_it_does_not_open_it_again(popover: Popover) -> None:
    popover.toggle(ICON)
    QApplication.sendEvent(popover, QEvent(QEvent.Type.WindowDeactivate))
    popover.toggle(ICON)
    assert not popover.isVisible()


def test_its_buttons_ask_for_windows(qtbot: QtBot, popover: Popover) -> None:
    popover.toggle(ICON)
    with qtbot.waitSignal(popover.review_asked):
        qtbot.keyClick(popover, Qt.Key.Key_Return)
    assert not popover.isVisible()
    popover._closed_at = 0.0
    popover.toggle(ICON)
    with qtbot.waitSignal(popover.open_asked):
        qtbot.mouseClick(popover.open_button, Qt.MouseButton.LeftButton)
    assert not popover.isVisible()
    popover._closed_at = 0.0
    popover.toggle(ICON)
    with qtbot.waitSignal(popover.inbox_asked):
        qtbot.mouseClick(popover.inbox_button, Qt.MouseButton.LeftButton)
    assert not popover.isVisible()
    popover._closed_at = 0.0
    popover.toggle(ICON)
    with qtbot.waitSignal(popover.settings_asked):
        popover.gear.click()


def test_every_button_has_a_name(popover: Popover) -> None:
    assert popover.gear.accessibleName() == "Settings"
    assert popover.open_button.text() == "Open"


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (glance(), Status()),
        (glance(spent=None), Status()),
        (empty(), Status()),
        (huge(), Status(error=LONG)),
        (glance(spent=spent(120, 200, "month"), live=session(1, LONG)), Status(reading=0.5)),
    ],
)
def test_it_keeps_its_width_whatever_it_says(qtbot: QtBot, feed_of: FeedOf, made: object, status: Status) -> None:
    popover = Popover(feed_of(Memory(made, status)))
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    QApplication.processEvents()
    assert popover.width() == WIDTH
    for part in (*popover.findChildren(QLabel), *popover.findChildren(Number)):
        if part.isVisible() and not (isinstance(part, QLabel) and part.wordWrap()):
            assert part.width() >= part.sizeHint().width(), part.text()


def test_a_long_title_keeps_its_figure_and_its_whole_text(qtbot: QtBot, feed_of: FeedOf) -> None:
    popover = Popover(feed_of(Memory(glance(live=session(1, LONG)))))
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    title = next(label for label in popover.findChildren(QLabel) if "…" in label.text())
    assert LONG.strip() in title.toolTip()
    assert "$1.20" in texts(popover)


def test_long_figures_and_names_keep_its_width_and_their_labels(qtbot: QtBot, feed_of: FeedOf) -> None:
    paid = replace(spent(13_812, 400, measure="paid"), at_least=True)
    project = replace(spent(2_470), unpriced_requests=3)
    project = replace(project, budget=replace(project.budget, project="/home/me/" + "a-project-with-a-long-name" * 3))
    shown = glance(spent=paid, budgets=(paid, project), today=total(2_470, 1_900_000, unpriced=3))
    popover = Popover(feed_of(Memory(shown)))
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    assert popover.width() == WIDTH
    assert "at least $13,412 over plan" in texts(popover)
    months = spent(18, 1_200, "month")
    of_one = replace(months, budget=replace(months.budget, project=project.budget.project))
    for one in (months, of_one):
        narrow = Popover(feed_of(Memory(glance(spent=one))))
        qtbot.addWidget(narrow)
        narrow.toggle(ICON)
        assert narrow.width() == WIDTH
    assert sum(text.startswith(" (list)") for text in texts(popover)) == 4, "this week, the project, today and now"


def test_over_plan_is_said_and_not_only_coloured(qtbot: QtBot, feed_of: FeedOf) -> None:
    popover = Popover(feed_of(Memory(glance(spent=spent(46)))))
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    assert "$6 over plan" in texts(popover)


def test_quiet_shows_no_money(qtbot: QtBot, feed: Feed) -> None:
    popover = Popover(feed, quiet=True)
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    assert not [text for text in texts(popover) if "$" in text]


def test_before_the_first_reading_it_says_so(qtbot: QtBot, source: Memory) -> None:
    popover = Popover(Feed(source.glance, source.status))
    qtbot.addWidget(popover)
    popover.toggle(ICON)
    assert "Reading logs" in texts(popover)


SCREEN = QRect(0, 0, 1280, 900)
SIZE = QSize(WIDTH, 320)


@pytest.mark.parametrize(
    ("anchor", "where"),
    [
        (QRect(600, 2, 22, 22), QPoint(440, 29)),
        (QRect(1250, 2, 22, 22), QPoint(1279 - WIDTH - 6, 29)),
        (QRect(1250, 876, 22, 22), QPoint(1279 - WIDTH - 6, 550)),
        (QRect(0, 870, 22, 22), QPoint(6, 544)),
    ],
)
def test_it_opens_beside_the_icon_and_whole_on_the_screen(anchor: QRect, where: QPoint) -> None:
    at = place(anchor, SIZE, SCREEN)
    assert at == where
    assert SCREEN.contains(QRect(at, SIZE))
