"""Rules of how pages look: what stays in line, what gives way, and that larger letters of the system fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance

from tokentrack.model.tasks import Task
from tokentrack.review.ledger import Used
from tokentrack.ui import theme
from tokentrack.ui.chart import WeekChart
from tokentrack.ui.choices import Choices
from tokentrack.ui.feed import Feed
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import scrolling
from tokentrack.ui.pick import Pick
from tokentrack.ui.popover import Popover
from tokentrack.ui.task_finish import FinishBar
from tokentrack.ui.task_list import TaskList
from tokentrack.ui.task_offer import OfferCard
from tokentrack.ui.task_page import TaskView
from tokentrack.ui.task_rows import Addend
from tokentrack.ui.task_sum import SumRow
from tokentrack.ui.text import Elided, Text
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


def test_the_popovers_chart_grows_with_the_letters_of_the_system(
    qtbot: QtBot, feed_of: Callable[[Memory], Feed], large: None, light: theme.Theme
) -> None:
    """Its names and figures took the height of the columns."""
    popover = Popover(feed_of(Memory(replace(glance(), spent=None))))
    qtbot.addWidget(popover)
    popover.refresh()
    assert popover.findChild(WeekChart).height() == theme.scaled(104) > 104


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


@pytest.mark.parametrize("role", ["", "primary", "choice", "gear", "rail", "tab", "link"])
def test_a_ring_shows_where_the_keyboard_is_and_moves_nothing(qtbot: QtBot, light: theme.Theme, role: str) -> None:
    """AC 44: a thin line of another colour was not seen; the style's own frame lay over the words."""
    page = QWidget()
    qtbot.addWidget(page)
    buttons = [QPushButton("MMMM", page) for _ in range(2)]
    for at, button in enumerate(buttons):
        button.setProperty("role", role)
        button.move(at * 100, 0)
        button.adjustSize()
    page.show()
    page.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    buttons[0].setFocus()
    qtbot.waitUntil(buttons[0].hasFocus)
    assert buttons[0].sizeHint() == buttons[1].sizeHint()
    one, other = (button.grab().toImage() for button in buttons)
    inside = one.rect().adjusted(5, 5, -5, -5)  # a ring is round at its corners
    places = [(x, y) for x in range(one.width()) for y in range(one.height())]
    differ = [place for place in places if one.pixelColor(*place) != other.pixelColor(*place)]
    assert len(differ) >= 2 * one.width()
    if role not in ("rail", "tab", "link"):  # those show it by their ground or words as well
        assert not [place for place in differ if inside.contains(*place)]


def test_buttons_and_fields_grow_with_the_letters_of_the_system(qtbot: QtBot, large: None, qapp: QApplication) -> None:
    """Letters half as large again had the same 32 pixels."""
    page = QWidget()
    qtbot.addWidget(page)
    page.setStyleSheet(theme.sheet(theme.LIGHT))
    field, button = QLineEdit(page), QPushButton("Undo", page)
    for made in (field, button):
        made.setFont(theme.font())
        assert made.sizeHint().height() == theme.high() > 32
    pick = Pick("Project")
    qtbot.addWidget(pick)
    assert pick.sizeHint().height() == theme.high()


def test_a_word_that_no_line_holds_goes_on_in_the_next(qtbot: QtBot) -> None:
    """A title and a path were cut at the edge."""
    long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
    text = Text(long)
    qtbot.addWidget(text)
    assert text.text() == long
    assert text.heightForWidth(300) > text.heightForWidth(2000)


def test_words_from_the_right_stay_in_line_with_those_around_them(qtbot: QtBot, light: theme.Theme) -> None:
    """A title in Hebrew stood at the far right, beside the button that closes it."""
    for made in (theme.label("שלום"), Text("שלום")):
        qtbot.addWidget(made)
        made.resize(300, 30)
        image = made.grab().toImage()
        inked = {
            x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128
        }
        assert inked
        assert max(inked) < 150


def test_a_sign_goes_into_the_next_line_with_what_it_stands_before(qtbot: QtBot) -> None:
    """`=` ended the line above its sum."""
    row = SumRow()
    qtbot.addWidget(row)
    row.put([Addend(f"part {n}", Used(), "open") for n in range(4)])
    row.resize(200, 200)
    row.show()
    QApplication.processEvents()
    for at, number in enumerate(row.numbers):
        signs = [part for part in row.findChildren(QLabel) if part.text() in "+="]
        assert at == 0 or abs(signs[at - 1].mapTo(row, QPoint()).y() - number.mapTo(row, QPoint()).y()) < 40


def test_the_question_of_an_outcome_gives_way_in_its_middle(qtbot: QtBot, light: theme.Theme) -> None:
    bar = FinishBar()
    qtbot.addWidget(bar)
    bar.reset("What came of #431 Heal nested sync lock debris instead of stalling silently?")
    assert isinstance(bar.about, Elided)
    assert bar.about.toolTip()
    assert bar.minimumSizeHint().width() < 300


def test_the_filters_of_tasks_give_way_to_the_rows_in_a_low_window(qtbot: QtBot) -> None:
    """They lay over each other where the question of an outcome stood below them."""
    page = QWidget()
    qtbot.addWidget(page)
    tasks = TaskList(page)
    page.show()
    for high, shown in ((400, True), (100, False), (400, True)):
        tasks.setGeometry(0, 0, 450, high)
        QApplication.processEvents()
        assert [part.isVisible() for part in (tasks.search, tasks.project, tasks.shown)] == [shown] * 3
    assert tasks.minimumSizeHint().height() == 0


def test_what_is_taken_of_an_import_has_a_tick(qtbot: QtBot, light: theme.Theme) -> None:
    """All rows had the ground of a chosen one: which were taken could not be told."""
    card = OfferCard()
    qtbot.addWidget(card)
    card.put_rows([Task("", f"Task {n}", None, None, None, 0) for n in range(3)])
    card.resize(700, 400)
    card.show()
    QApplication.processEvents()
    card.table.selectRow(1)  # as a click does: it is taken out

    def ground(row: int) -> str:
        """Between the edge of the box and its tick."""
        box = card.table.visualRect(card.rows.index(row, 0)).center() - QPoint(5, 5)
        return card.table.viewport().grab().toImage().pixelColor(box).name()

    taken = {task.title for task in card.chosen}
    assert len(taken) == 2
    for row, task in enumerate(card.rows.shown):
        assert ground(row) == (theme.LIGHT.accent if task.title in taken else theme.LIGHT.card), row
    qtbot.waitUntil(card.table.hasFocus)
    card.fail("No repository was found.")
    assert card.hasFocus()
    assert card.accept.text() == "Add"
