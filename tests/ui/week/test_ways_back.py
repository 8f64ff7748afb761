"""What Ctrl+Z takes back right after a week was closed (product 6.3, 6.5)."""

from __future__ import annotations

from claude_logs import Machine
from pytestqt.qtbot import QtBot
from reviewed import closed_weeks, finished_tasks
from ui.keyboard import ALT, CTRL, KEY, Keyboard
from ui.week.parts import WEEK, Open, at_step, settled

from tokentrack.store import reviews, transaction
from tokentrack.ui.windows.week import CLOSE, OUTCOMES


def test_ctrl_z_after_closing_opens_the_week_and_leaves_the_answers(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """6.5: the closing is what was done last; what was answered before it stands, and the revision is kept."""
    one = finished_tasks(machine)[0]
    page = app()
    at_step(qtbot, page, OUTCOMES)
    settled(qtbot, page)
    page.stack.outcomes.judge("yes")
    answered = page.stack.outcomes.items[0].task.id
    page.close_week()
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(lambda: page.number == CLOSE)
    assert page.bar.text.text() == "Week 47 is open again."
    assert len(reviews.revisions(machine.db, WEEK)) == 1
    assert reviews.verdict(machine.db, answered).worth == "yes", one


def test_ctrl_z_takes_back_that_earlier_weeks_were_closed_and_nothing_of_a_closed_week(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """On a page that was opened closed, nothing was done: there it says so, and offers no undo."""
    closed_weeks(machine, 2)
    with transaction(machine.db):
        for name in ("2026-W45", "2026-W46"):
            reviews.reopen(machine.db, name)
    page = app()
    qtbot.waitUntil(lambda: page.step is page.stack.recall)
    keys(KEY.Key_C)
    qtbot.waitUntil(lambda: page.bar.text.text() == "Closed 2 earlier weeks as they are.")
    keys(KEY.Key_Z, held=CTRL)
    assert page.bar.text.text() == "2 weeks are open again."
    assert not reviews.is_closed(machine.db, "2026-W46")
    settled(qtbot, page)
    keys(KEY.Key_C)
    qtbot.waitUntil(lambda: reviews.is_closed(machine.db, "2026-W46"))
    settled(qtbot, page)
    keys(KEY.Key_Left, held=ALT)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    keys(KEY.Key_Z, held=CTRL)
    assert page.bar.text.text() == "The week is closed: nothing was changed. o opens it again."
    assert page.foot.undo_hint.isHidden()
    assert reviews.is_closed(machine.db, "2026-W46")


def test_what_was_taken_back_is_in_hand(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """AC 44: the card whose answer it was, wherever the keyboard went on to."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, OUTCOMES)
    settled(qtbot, page)
    first = page.stack.outcomes.item.task.id
    keys(KEY.Key_Y, KEY.Key_Return, KEY.Key_Return)
    assert page.stack.outcomes.item.task.id != first
    settled(qtbot, page)
    keys(KEY.Key_Z, held=CTRL)
    settled(qtbot, page)
    assert (page.stack.outcomes.item.task.id, page.stack.outcomes.item.worth) == (first, None)
    assert page.stack.outcomes.card.hasFocus()
