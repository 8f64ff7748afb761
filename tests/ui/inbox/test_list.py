"""What the inbox lists over a real store, and what it comes to (issue 5)."""

from __future__ import annotations

import threading
from typing import Any

from claude_logs import Machine
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, linked, press, rows
from ui.keyboard import KEY, SHIFT, Keyboard
from ui.samples import written
from waiting import a_week

from tokentrack import clock
from tokentrack.ui import inbox_rows
from tokentrack.ui.inbox_table import KEYS, MARK, VALUE


def test_it_says_what_waits_and_what_it_comes_to(app: Open, machine: Machine) -> None:
    a_week(machine)
    page = app()
    assert page.head.count.text() == "30 sessions wait, "
    assert page.head.value.text() == "$19"
    assert page.head.share.text() == "list value · 100% of this week"
    assert rows(page)[0] == "● PAY-11 Piece of work 11"
    assert "○ PAY-16 or PAY-17?" in rows(page)
    assert QApplication.focusWidget() is page.table, "the keys act at once"


def test_it_is_asked_off_the_main_thread(app: Open, machine: Machine) -> None:
    a_week(machine)
    page = app()
    assert page.dialogs._source.asked_on
    assert all(thread is not threading.main_thread() for thread in page.dialogs._source.asked_on)


def test_keys_are_shown_where_they_act(app: Open, machine: Machine) -> None:
    a_week(machine)
    page = app()
    by_row = {rows(page)[at]: inbox_rows.keys(line) for at, line in enumerate(page.table.lines.shown)}
    assert by_row["● PAY-11 Piece of work 11"] == ("↵",)
    assert by_row["○ PAY-16 or PAY-17?"] == ("1", "2")
    assert by_row["○ no suggestion"] == ("t", "0")
    shown = {hint.key for hint in page.hints.values() if hint.isVisibleTo(page)} | {page.all_hint.key}
    assert shown >= {"t", "0", "S", "x", "R", "i", "/", "?", "Ctrl Z", "Shift ↵"}


def test_right_and_left_open_and_close_a_group(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    before = rows(page)
    press(qtbot, KEY.Key_Right)
    assert len(rows(page)) == len(before) + 5
    line = page.table.lines.shown[1]
    assert inbox_rows.why_text(line, clock.now()).endswith("2 turns")
    press(qtbot, KEY.Key_Down)
    press(qtbot, KEY.Key_Left)
    assert page.table.currentIndex().row() == 0, "from a session to its group"
    press(qtbot, KEY.Key_Left)
    assert rows(page) == before


def test_a_click_on_a_key_presses_it_and_on_the_mark_opens(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    table = page.table
    mark = table.visualRect(table.lines.index(0, MARK)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    assert len(rows(page)) == 14
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    cell = table.visualRect(table.lines.index(0, KEYS))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(cell.left() + 14, cell.center().y()))
    written(qtbot)
    assert len(linked(machine)) == 5


def test_ac30_the_unlinked_sum_stays_whatever_is_sought(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    said = page.head.count.text(), page.head.value.text(), page.head.share.text()
    for text in ("drift", "PAY-16", "nothing of this name"):
        press(qtbot, KEY.Key_Slash)
        Keyboard(qtbot).type(text)
        assert (page.head.count.text(), page.head.value.text(), page.head.share.text()) == said
        assert page.head.value.isVisible()
        press(qtbot, KEY.Key_Escape)
    press(qtbot, KEY.Key_Slash)
    Keyboard(qtbot).type("drift")
    assert rows(page) == ["● OPS-7 Drift report"]
    press(qtbot, KEY.Key_Return)
    assert QApplication.focusWidget() is page.table
    press(qtbot, KEY.Key_Return, SHIFT)
    assert len(linked(machine)) == 3, "what is not shown is not decided about"


def test_a_value_opens_what_it_is_made_of(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 24: by F1 and by a click; the header asks for all that is unlinked."""
    a_week(machine)
    page = app()
    asked: list[Any] = []
    page.why_asked.connect(asked.append)
    press(qtbot, KEY.Key_F1)
    cell = page.table.visualRect(page.table.lines.index(0, VALUE)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    qtbot.mouseClick(page.head.value, Qt.MouseButton.LeftButton)
    assert [figure.name.partition(":")[0] for figure in asked] == ["sessions", "sessions", "unlinked"]
    assert "list value" in asked[0].caption
