"""What cannot be written is told as not kept, stays on screen, and is tried again (AC 43)."""

from __future__ import annotations

from claude_logs import Machine
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from reviewed import finished_tasks
from ui.full_disk import full_disk
from ui.keyboard import KEY, SHIFT, Keyboard
from ui.samples import written
from ui.week.parts import WEEK, Open, at_step, settled
from waiting import a_week

from tokentrack.store import links, reviews, tasks
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.windows.week import CLOSE, INBOX, NOTE, OUTCOMES

FULL = "could not be written, what it holds is unharmed; free some space and try again."


def try_again(qtbot: QtBot, bar: JournalBar) -> None:
    assert bar.text.text().startswith("The disk is full: ")
    assert bar.text.text().endswith(FULL)
    assert bar.retry.isVisible()
    qtbot.mouseClick(bar.retry, Qt.MouseButton.LeftButton)


def test_ac43_answers_that_found_no_room_are_made_again_in_their_order(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, OUTCOMES)
    asked = page.stack.outcomes.item.task
    with full_disk(machine.db):
        keys(KEY.Key_N, KEY.Key_Y, KEY.Key_S)
        keys.type("Half the rows")
        keys(KEY.Key_Return)
        settled(qtbot, page)
        assert not page.stack.outcomes.card.verdict["yes"].isChecked(), "it was not taken"
    try_again(qtbot, page.bar)
    written(qtbot)
    assert reviews.verdict(machine.db, asked.id).worth == "yes"
    assert tasks.task(machine.db, asked.id).note == "Half the rows"
    assert page.bar.retry.isHidden()


def test_ac43_what_was_typed_stays_and_is_kept_with_what_comes_next(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    page = app()
    at_step(qtbot, page, NOTE)
    with full_disk(machine.db):
        keys.type("Ask sooner")
        page.stack.note.leave()
        written(qtbot)
        page.refresh()
        settled(qtbot, page)
        assert page.stack.note.line.text() == "Ask sooner"
        page.hide()  # another page is opened, and this one again
        page.show()
        qtbot.waitUntil(lambda: page.step is page.stack.note)
        assert page.stack.note.line.text() == "Ask sooner"
        assert reviews.draft(machine.db, WEEK).note == ""
    keys(KEY.Key_Return)
    written(qtbot)
    kept = reviews.draft(machine.db, WEEK)
    assert (kept.note, kept.step) == ("Ask sooner", CLOSE)


def test_ac43_links_that_found_no_room_wait_again(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    a_week(machine)
    page = app()
    at_step(qtbot, page, INBOX)
    inbox = page.stack.inbox.inbox
    waiting = len(inbox.inbox.groups)
    with full_disk(machine.db):
        keys(KEY.Key_Return, held=SHIFT)
        written(qtbot)
        assert len(inbox.inbox.groups) == waiting
    assert links.links(machine.db) == []
    try_again(qtbot, inbox.bar)
    written(qtbot)
    assert inbox.bar.text.text() == "Linked 22 sessions to 6 tasks"
    assert len(links.links(machine.db)) == 22
