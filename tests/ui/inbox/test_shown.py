"""How the inbox is shown: reasons, keys, widths, themes, and to a screen reader (issue 5)."""

from __future__ import annotations

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, choose, many, press
from ui.keyboard import KEY
from ui.samples import Memory, texts
from waiting import BEFORE, PAYMENTS, a_week, add_tasks, session

from tokentrack import clock
from tokentrack.model.tasks import Span, Task
from tokentrack.store import links, tasks, transaction
from tokentrack.ui import inbox_keys, inbox_rows, theme
from tokentrack.ui.feed import Feed
from tokentrack.ui.inbox_table import MARK, TASK, WHY, share
from tokentrack.ui.windows.inbox import Page


def test_i_shows_all_reasons_for_the_chosen_row(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 15."""
    a_week(machine)
    page = app()
    press(qtbot, KEY.Key_I)
    assert page.reasons.isVisible()
    assert page.reasons.said[:2] == ["PAY-11 Piece of work 11", "– branch feat/PAY-11-piece"]
    choose(page, "PAY-16 or PAY-17?")
    assert "– PAY-17 in the title" in page.reasons.said
    press(qtbot, KEY.Key_Escape)
    assert not page.reasons.isVisible()


def test_the_key_list_names_every_key(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    qtbot.keyClick(page.table, "?")
    named = {key for keys, _ in inbox_keys.KEYS for key in keys}
    assert named >= page.hints.keys() | {"1", "2", "3", "↵", "Shift ↵", "F1", "Esc"}
    shown = texts(page.dialogs.keys)
    assert all(does in shown for _, does in inbox_keys.KEYS)
    press(qtbot, KEY.Key_Escape)


def test_nothing_waits(qtbot: QtBot, app: Open, machine: Machine) -> None:
    """What would fill the page, and a button that leads on: to where logs are looked for, or to the week's review."""
    page = app()
    assert page.head.count.text() == "Nothing waits"
    assert page._empty.isVisible()
    assert page._empty.text() == "No session yet. They come here when a coding agent writes its first log."
    with qtbot.waitSignal(page.settings_asked):
        page._empty.button.click()
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "A", "feat/PAY-12-x", 0)
    machine.scan()
    links.put(machine.db, machine.sessions["one"].id, None, Span(), "manual", 0)
    page = app()
    assert page._empty.text().startswith("Every session belongs to a task, or to none on purpose.")
    with qtbot.waitSignal(page.week_asked):
        page._empty.button.click()


def test_what_a_screen_reader_is_told(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 44's half for this page: every control has a name and is reached by Tab; a row says what its mark shows."""
    a_week(machine)
    page = app()
    spoken = page.table.lines.data(page.table.lines.index(0, TASK), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "PAY-11 Piece of work 11, ready to accept, closed"
    for open_ in (page.pick, page.dialogs.open_rules, page.always, page.dialogs.open_keys):
        open_()
    dialogs = [page.dialogs.picker, page.dialogs.rules, page.dialogs.rule, page.dialogs.keys]
    for place in (page, *dialogs):
        for control in place.findChildren(QWidget):
            if isinstance(control, QAbstractButton | QLineEdit) and control.isVisibleTo(place):
                assert control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()), control
    for button in page.findChildren(QPushButton):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()
    for dialog in dialogs:
        dialog.reject()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_ready_and_not_differ_by_shape_in_both_themes(
    qapp: QApplication, app: Open, machine: Machine, mode: str
) -> None:
    """Shape first, colour second: in black and white the two marks still differ."""
    theme.apply(qapp, mode)
    a_week(machine)
    page = app()
    marks = {}
    for at, line in enumerate(page.table.lines.shown):
        cell = page.table.visualRect(page.table.lines.index(at, MARK))
        image = page.table.viewport().grab(cell).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        ground = QColor(image.pixel(2, 2)).lightness() if at else None
        middle = QColor(image.pixel(32, image.height() // 2)).lightness()
        if ground is not None:
            marks[line.group.ready] = abs(middle - ground)
    assert marks[True] > 100
    assert marks[False] < 20


def test_in_a_narrow_window_nothing_is_cut_off(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    page.window().resize(680, 440)
    QApplication.processEvents()
    for part in (page.head.count, page.head.value, page.head.share):
        assert part.width() >= part.sizeHint().width(), part
    assert page.table.columnWidth(TASK) > 200
    assert page.table.height() >= 4 * 36
    assert page.accept_button.isVisible()
    assert all(hint.isVisible() and hint.width() >= hint.sizeHint().width() for hint in page.hints.values())


@pytest.mark.parametrize("width", [680, 1400])
def test_ac15_the_reason_is_seen_at_every_width(app: Open, qtbot: QtBot, machine: Machine, width: int) -> None:
    """Beside the task, or in a second line of the row, where it can be seen drawn."""
    a_week(machine)
    page = app()
    page.window().resize(width, 640)
    QApplication.processEvents()
    table = page.table
    assert table.isColumnHidden(WHY) == (width == 680)
    cell = table.visualRect(table.lines.index(1, TASK if width == 680 else WHY))
    if width == 680:
        assert cell.height() >= 48
        cell.setTop(cell.center().y() + 2)
        assert inbox_rows.below(table.lines.shown[1], clock.now()).startswith("4 sessions · branch feat/PAY-12")
    image = table.viewport().grab(cell).toImage()
    plain = image.pixelColor(1, image.height() // 2)
    drawn = sum(image.pixelColor(x, y) != plain for x in range(8, image.width()) for y in range(2, image.height() - 4))
    assert drawn > 100


TITLES = ("Fix the checkout rounding in Austria", "Render the footer in German", "Translate invoices for Poland")


@pytest.mark.parametrize(("room", "shown"), [
    (900, [*TITLES]),
    (420, ["Fix the", "Render", "Translat"]),
    (190, ["Fix", "and 2 more"]),
    (120, ["Fix", "+2"]),
])  # fmt: skip
def test_tasks_without_keys_are_told_apart_in_a_row(
    app: Open, qtbot: QtBot, machine: Machine, room: int, shown: list[str]
) -> None:
    """1, 2 and 3 each stand for a name that can be told from the others; a short row names the first."""
    with transaction(machine.db):
        for title in TITLES:
            tasks.add(machine.db, Task("", title, None, None, PAYMENTS, BEFORE))
    session(machine, "one", "invoices in the footer of the checkout", "main", 0)
    machine.scan()
    page = app()
    line = page.table.lines.shown[0]
    assert len(line.offers) == 3
    cells = page.table.itemDelegate()
    pieces = [text for text, _ in cells.fitting(line, room)]
    assert sum(map(cells._wide, cells.fitting(line, room))) <= room
    assert all(any(part in piece for piece in pieces) for part in shown), pieces


@pytest.mark.parametrize(("wide", "room", "most"), [
    ([50, 60], 200, 150), ([300, 300], 200, 100), ([20, 300, 300], 200, 90), ([10], 0, 0), ([5], -7, 0),
])  # fmt: skip
def test_names_share_the_room_and_a_short_one_gives_its_part_away(wide: list[int], room: int, most: int) -> None:
    assert share(wide, room) == most


def test_a_store_that_is_only_in_memory_says_why_nothing_is_shown(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    page = Page(feed, source)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: bool(page._problems.sentences))
    assert page._problems.sentences == ("This store is only in memory.",)


def test_an_inbox_that_answers_late_leaves_the_keyboard_where_it_is(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    """AC 39: another step of the review may be shown by then."""
    steps, sentence, page = QStackedWidget(), QLineEdit(), Page(feed, source, within=True)
    for step in (sentence, page):
        steps.addWidget(step)
    qtbot.addWidget(steps)
    steps.show()
    sentence.setFocus()
    page.now.put_answer(many(2))
    assert steps.focusWidget() is sentence
    steps.setCurrentWidget(page)
    assert steps.focusWidget() is page.table
