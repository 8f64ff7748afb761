"""Every field that leaves has a switch beside the preview, and names that nothing is called by are told (issue 7)."""

from __future__ import annotations

import sqlite3

from one_on_one import MONDAYS
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed, setting
from ui.keyboard import CTRL, KEY, Keyboard

from tokentrack.export.options import ALWAYS, FIELDS, NEVER_THERE, USUAL
from tokentrack.store import journal, tasks, transaction
from tokentrack.ui.export_preview import LEFT_OUT
from tokentrack.ui.windows.export import PREVIEW, SAVE


def test_every_field_has_a_switch_and_what_has_none_says_why(app: Open, qtbot: QtBot) -> None:
    """By keyboard: `l`, then Space takes the first out and puts it back to the byte."""
    page = app()
    plain = look(qtbot, page)
    view = page.look.left_out
    assert list(view.usual) == list(USUAL)
    assert view.ticks.keys() == {*FIELDS, "name"}
    assert all(tick.isChecked() for tick in view.usual.values())
    assert not any(tick.isChecked() for tick in view.ticks.values())
    told = {one.text() for one in view.findChildren(QLabel)}
    assert told >= {part for pair in (*ALWAYS, *NEVER_THERE) for part in pair}
    qtbot.keyClick(page.look, Qt.Key.Key_L)
    assert QApplication.focusWidget() is view.usual["titles"]
    qtbot.keyClick(view.usual["titles"], Qt.Key.Key_Space)
    less = previewed(qtbot, page)
    assert b"Refunds survive retries" in plain
    assert b"Refunds survive retries" not in less
    assert b"Not on this page, as I chose: titles of work." in less
    qtbot.keyClick(view.usual["titles"], Qt.Key.Key_Space)
    assert previewed(qtbot, page) == plain


def test_list_value_goes_with_what_was_paid_and_brings_it_back(app: Open, qtbot: QtBot) -> None:
    """Product 7.4: always beside it."""
    page = app()
    look(qtbot, page)
    paid, listed = page.look.left_out.usual["paid"], page.look.left_out.ticks["list-value"]
    for tick, stands, words in (
        (listed, (True, True), True),
        (paid, (False, False), False),
        (listed, (True, True), True),
    ):
        tick.click()
        told = previewed(qtbot, page).decode()
        assert (paid.isChecked(), listed.isChecked()) == stands
        assert ("List value about" in told, "$209 paid" in told) == (words, words)


def test_what_stands_beside_a_field_goes_with_it_however_it_is_taken_out(app: Open, qtbot: QtBot) -> None:
    """No switch is on that tells nothing: an address is evidence, list value stands beside a text that may be taken out."""
    page = app()
    look(qtbot, page)
    evidence, links = page.look.left_out.usual["evidence"], page.look.left_out.ticks["links"]
    for tick, stands in ((links, (True, True)), (evidence, (False, False))):
        tick.click()
        told = previewed(qtbot, page)
        assert (evidence.isChecked(), links.isChecked()) == stands
        assert (b"(<https://docs.example.test/runbook>)" in told) == stands[1]
    listed = page.look.left_out.ticks["list-value"]
    listed.click()
    previewed(qtbot, page)
    page.edit("cost.paid", "")
    assert b"List value about" not in previewed(qtbot, page)
    assert not listed.isChecked()
    listed.click()
    assert b"$209 paid" in previewed(qtbot, page)


def test_undo_puts_back_what_was_chosen_here_and_nothing_else(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """It took back a change of an hour ago that was made elsewhere."""
    with transaction(db), journal.change(db, "edited", 0):
        tasks.edit(db, tasks.tasks_like(db, "PAY-25")[0].id, title="Retries of webhooks")
    page = app()
    plain = look(qtbot, page)
    page.look.left_out.usual["titles"].click()
    less = previewed(qtbot, page)
    row = page.preview.page.rows[0]
    page.look.hiding.emit(row.task)
    assert previewed(qtbot, page) != less != plain
    page.open_step(SAVE)
    page.setFocus()
    for stands in (less, plain):
        keys(KEY.Key_Z, held=CTRL)
        assert previewed(qtbot, page) == stands
        assert page.at == PREVIEW, "AC 46: it is seen before it is saved"
    keys(KEY.Key_Z, held=CTRL)
    assert page.bar.text.text() == "There is nothing to undo."
    assert b"Retries of webhooks" in previewed(qtbot, page) == plain
    page.back()
    page.choose.ticks[MONDAYS[0]].click()
    qtbot.waitUntil(lambda: not page._settle.isActive() and not page._asking.waiting)
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(lambda: page.choose.ticks[MONDAYS[0]].isChecked() and not page._asking.waiting)


def test_a_switch_shows_that_it_has_the_keyboard_and_one_that_is_off_that_it_does_nothing(
    app: Open, qtbot: QtBot
) -> None:
    """AC 44: its frame has the colour of a box that is on."""
    page = app()
    look(qtbot, page)
    page.look.open_tab(LEFT_OUT)
    view = page.look.left_out
    first, second = view.usual["titles"], view.usual["keys"]
    box = QRect(0, 0, 24, first.height())
    assert first.hasFocus()
    assert first.grab(box).toImage() != second.grab(box).toImage()
    assert not view.ticks["name"].isEnabled()


def test_a_private_project_that_none_is_called_is_told_on_the_first_page(
    app: Open, qtbot: QtBot, db: sqlite3.Connection
) -> None:
    """As on the command line: a slip of the pen would leave all its work on the page."""
    setting(db, "private_projects", "shop\nshpo")
    page = app()
    assert page.choose.unknown.isVisible()
    assert page.choose.unknown.text().startswith("No known project is called “shpo”. What leaves is looked through")
    setting(db, "private_projects", "shop")
    page.refresh()
    qtbot.waitUntil(lambda: not page.choose.unknown.isVisible())
