"""The row that is chosen after a change, with the keyboard in the list: the one that a person looks for (AC 44)."""

from __future__ import annotations

from claude_logs import Machine
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.tasks.parts import PageOf, choose, given, press, titles, type_

from tokentrack.store import tasks, transaction


def test_ac44_after_del_the_next_row_and_after_undo_the_ones_that_came_back(
    qtbot: QtBot, shop: Machine, page_of: PageOf
) -> None:
    for name in "ABCDE":
        given(shop, f"Piece {name}")
    page = page_of()
    second, third, fourth = titles(page)[1:4]
    choose(page, second, third)
    press(qtbot, page, KEY.Key_Delete)
    assert [task.title for task in page.list.tasks] == [fourth]
    assert page.list.table.hasFocus()
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert [task.title for task in page.list.tasks] == [second, third]
    assert page.list.current.title == second
    choose(page, titles(page)[-1])
    last_but_one = titles(page)[-2]
    press(qtbot, page, KEY.Key_Delete)
    assert [task.title for task in page.list.tasks] == [last_but_one]
    qtbot.mouseClick(page.bar.back, Qt.MouseButton.LeftButton)
    press(qtbot, page)
    assert len(page.list.tasks) == 1
    assert page.list.current.title not in (last_but_one, None)
    assert page.list.table.hasFocus(), "a click on the bar leaves the keyboard where it was"


def test_ac44_a_new_task_is_chosen_and_in_view_also_where_a_filter_would_hide_it(
    qtbot: QtBot, shop: Machine, page_of: PageOf
) -> None:
    for n in range(30):
        given(shop, f"Piece {n:02}")
    page = page_of(1000, 640)
    press(qtbot, page, "/")
    type_(qtbot, page, "piece 0")
    page.list.table.setFocus()
    press(qtbot, page, "n")
    type_(qtbot, page, "Another one")
    press(qtbot, page, KEY.Key_Return)
    assert [task.title for task in page.list.tasks] == ["Another one"]
    table = page.list.table
    page.window().resize(1000, 560)  # as what is told above the list takes room from it
    qtbot.waitUntil(lambda: page.height() == 560)
    qtbot.waitUntil(lambda: table.viewport().rect().contains(table.visualRect(table.currentIndex())))
    assert table.hasFocus()


def test_what_another_program_adds_or_deletes_chooses_nothing(qtbot: QtBot, shop: Machine, page_of: PageOf) -> None:
    """The person may be about to press a key."""
    first, _ = given(shop, "Refund twice"), given(shop, "Drift report")
    page = page_of()
    choose(page, "Refund twice")
    given(shop, "By the command line")
    page.refresh()
    press(qtbot, page)
    assert [task.title for task in page.list.tasks] == ["Refund twice"]
    with transaction(shop.db):
        tasks.delete(shop.db, first.id)
    page.refresh()
    press(qtbot, page)
    assert page.list.tasks == []


def test_after_del_another_programs_new_task_is_not_the_one_that_is_chosen(
    qtbot: QtBot, shop: Machine, page_of: PageOf
) -> None:
    """The next Del would delete it."""
    for name in "ABC":
        given(shop, f"Piece {name}")
    page = page_of()
    choose(page, titles(page)[0])
    given(shop, "By the command line")
    press(qtbot, page, KEY.Key_Delete)
    (chosen,) = page.list.tasks
    assert chosen.title.startswith("Piece")
