"""Private words on the page: each is dealt with before it can be saved (product 7.5)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import one_on_one
from one_on_one import MONDAYS
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed, setting
from ui.keyboard import CTRL, KEY, Keyboard

from tokentrack.export import FORMATS
from tokentrack.review import closing
from tokentrack.store import exports, tasks, transaction
from tokentrack.ui.windows.export import PREVIEW


def test_ac46_findings_keep_the_page_until_each_is_dealt_with(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """Product 7.5: resolved or accepted one by one."""
    setting(db, "private_words", "runbook\nledger\nflaky")
    page = app()
    look(qtbot, page)
    assert len(page.standing) == 3
    assert not page.primary.isEnabled()
    assert "3 findings open" in page.primary.text()
    page.go_on()
    assert page.at == PREVIEW
    keys(KEY.Key_X)
    assert len(page.standing) == 2
    keys(KEY.Key_H)
    previewed(qtbot, page)
    assert len(page.standing) == 1
    assert len(page.choose.without) == 1
    assert not page.primary.isEnabled()
    keys(KEY.Key_X)
    assert not page.standing
    assert page.primary.isEnabled()
    keys(KEY.Key_X)
    assert len(page.standing) == 1, "what was let through can be asked again"


def test_a_small_window_opens_on_the_findings_where_there_are_any(
    app: Open, qtbot: QtBot, db: sqlite3.Connection
) -> None:
    """They keep the page from being saved, so they are not behind a tab that nobody opened."""
    page = app()
    page.window().resize(680, 560)
    page.go_on()
    previewed(qtbot, page)
    assert page.look.tab == "paper"
    setting(db, "private_words", "runbook")
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    page.go_on()
    previewed(qtbot, page)
    assert page.look.tab == "findings"
    assert page.look.findings.hasFocus()


def test_what_was_let_through_is_noted_with_the_page(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection, out: Path
) -> None:
    setting(db, "private_words", "runbook")
    page = app()
    look(qtbot, page)
    keys(KEY.Key_X)
    page.go_on()
    page.save_step.folder.setText(str(out))
    page.go_on()
    qtbot.waitUntil(lambda: bool(exports.exports(db)))
    assert exports.exports(db)[0].accepted == 1


def test_a_line_that_changed_is_asked_again(app: Open, qtbot: QtBot, db: sqlite3.Connection) -> None:
    """What was let through was let through in the words that were shown."""
    setting(db, "private_words", "migrations")
    page = app()
    look(qtbot, page)
    [found] = page.standing
    page._on_accepted(found, True)
    assert not page.standing
    key = next(text.key for text in page.preview.texts if "migrations" in text.text)
    page.edit(key, "Of migrations I say more than that.")
    previewed(qtbot, page)
    assert len(page.standing) == 1


def test_a_finding_leads_to_the_text_in_which_it_stands(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    setting(db, "private_words", "migrations")
    page = app()
    look(qtbot, page)
    keys(KEY.Key_E)
    keys(KEY.Key_A, held=CTRL)
    keys.type("I set a stop point first.")
    keys(KEY.Key_Return)
    seen = previewed(qtbot, page).decode()
    assert "I set a stop point first. (edited by me)" in seen.replace("\\", "")
    assert not page.standing


def test_only_the_row_in_whose_line_a_finding_stands_can_be_withheld_for_it(
    app: Open, qtbot: QtBot, db: sqlite3.Connection
) -> None:
    """PAY-1 in a note is not the row of PAY-12; a private word in a title is its row's, in every format."""
    with transaction(db):
        tasks.add(db, one_on_one.Task("", "Hidden", "PAY-1", None, None, 0, private=True))
        closing.reopen(db, MONDAYS[3])
        closing.close(db, MONDAYS[3], one_on_one.ms(one_on_one.NOW), note="PAY-1 took long")
    setting(db, "private_words", "runbook")
    page = app()
    view = page.look.findings
    for kind in FORMATS:
        look(qtbot, page, kind)
        told = {one.text.casefold(): one for one in page.standing}
        assert set(told) == {"pay-1", "runbook"}, kind
        assert view.task_of(told["pay-1"]) is None
        assert view.key_of(told["pay-1"]).startswith("change.")
        counted = [
            label.text() for card in view.cards for label in card.findChildren(QLabel) if "· line" in label.text()
        ]
        assert len(counted) == (0 if kind == "pdf" else 2)
        row = next(row for row in page.preview.page.rows if "runbook" in row.work.text)
        assert view.task_of(told["runbook"]) == row.task
