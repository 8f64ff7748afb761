"""A week is closed, stays as it was, and tells what changed since (issue 6)."""

from __future__ import annotations

import re

from claude_logs import Machine
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from reviewed import MONDAY, closed_weeks, finished_tasks
from ui.keyboard import ALT, CTRL, KEY, Keyboard
from ui.week.parts import WEEK, Open, at_step
from waiting import session

from tokentrack import clock
from tokentrack.review import closing
from tokentrack.store import journal, reviews, tasks, transaction
from tokentrack.ui.windows.week import CLOSE, NOTE, Page


def close(page: Page, qtbot: QtBot, keys: Keyboard) -> None:
    at_step(qtbot, page, CLOSE)
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)


def test_ac41_a_closed_week_tells_of_charges_and_outcomes_too(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """AC 41 and AC 24: they show without any changed session; the figures are named by what was closed."""
    done = finished_tasks(machine)[-1]
    page = app()
    close(page, qtbot, keys)
    assert page.figures.numbers["List value"].figure.name == f"list week:{WEEK}"
    assert page.figures.numbers["Paid"].figure.name == f"paid week:{WEEK} closed"
    with transaction(machine.db), journal.change(machine.db, "Reopened", clock.now_ms()):
        tasks.reopen(machine.db, done.id, clock.now_ms())
    page.refresh()
    qtbot.waitUntil(page.stack.closed.judged_since.isVisible)
    assert page.stack.closed.changed_title.text() == "Changed since you closed it: 1 task with another outcome"
    assert page.stack.closed.judged_since.text() == f"{done.name}: closed as delivered, now open"
    assert page.stack.closed.changes_table.isHidden()


def test_ac41_a_closed_week_stays_and_tells_what_changed_since(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """AC 41: same text, same digest; what comes later shows with its rows; opening it again keeps the revision."""
    finished_tasks(machine)
    page = app()
    close(page, qtbot, keys)
    before = reviews.revisions(machine.db, WEEK)
    assert before[0].sha256[:16] in page.stack.closed.proof.text()
    assert page.stack.closed.changes_table.isHidden()
    session(machine, "after", "Came after closing", "main", 0)
    machine.scan()
    page.refresh()
    qtbot.waitUntil(page.stack.closed.changes_table.isVisible)
    assert re.match(
        r"Changed since you closed it: \+\$\d+\.\d\d list value in 1 session$", page.stack.closed.changed_title.text()
    )
    assert [row.session.title for row in page.stack.closed.changes.shown] == ["Came after closing"]
    assert reviews.revisions(machine.db, WEEK) == before
    keys(KEY.Key_O)
    qtbot.waitUntil(lambda: page.step is page.stack.outcomes)
    close(page, qtbot, keys)
    assert reviews.revisions(machine.db, WEEK)[0] == before[0]
    assert len(reviews.revisions(machine.db, WEEK)) == 2


def test_a_week_that_was_closed_meanwhile_stays_and_so_does_what_was_typed(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """6.5: closed on the command line while its review stood here; the window names its own key."""
    page = app()
    at_step(qtbot, page, NOTE)
    with transaction(machine.db):
        closing.close(machine.db, MONDAY, clock.now_ms())
    keys.type("Ask sooner")
    keys(KEY.Key_Return)
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert page.bar.text.text() == (
        f"Week {WEEK} is closed: nothing was changed. o opens it again, with what was typed here."
    )
    keys(KEY.Key_O)
    qtbot.waitUntil(lambda: page.step is page.stack.outcomes)
    assert page.stack.note.line.text() == "Ask sooner"


def test_earlier_weeks_are_an_arrow_away(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    closed_weeks(machine, 2, "Ask earlier.")
    page = app()
    assert not page.head.later.isEnabled()
    keys(KEY.Key_Left, held=ALT)
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert page.head.when.text() == "Week 46 · 9 to 15 Nov"
    assert page.stack.closed.lines.text().startswith("Note: Ask earlier.")
    keys(KEY.Key_Left, held=ALT)
    qtbot.waitUntil(lambda: page.step is not None)
    assert not page.head.earlier.isEnabled(), "nothing was used before"
    qtbot.mouseClick(page.head.later, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.step is not None)
    assert page.head.when.text().startswith("Week 46")


def test_a_refusal_is_said_and_changes_nothing(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    page = app()
    at_step(qtbot, page, CLOSE)
    with transaction(machine.db):
        closing.close(machine.db, MONDAY, clock.now_ms())
    keys(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: "is closed" in page.bar.text.text())
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert len(reviews.revisions(machine.db, WEEK)) == 1
