"""A session is cut before a prompt (issue 5)."""

from __future__ import annotations

from claude_logs import Machine
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, all_links, choose, linked, press, rows
from ui.keyboard import KEY, SHIFT, Keyboard
from waiting import PAYMENTS, add_tasks, session

from tokentrack import clock
from tokentrack.model.tasks import Span
from tokentrack.store import tasks
from tokentrack.ui import inbox_rows


def test_ac21_s_cuts_before_a_prompt_and_each_part_is_decided_alone(app: Open, qtbot: QtBot, machine: Machine) -> None:
    add_tasks(machine, "PAY-12 Refunds", "PAY-25 Retries")
    session(machine, "one", "Two things", "main", 0, turns=4)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_S, SHIFT)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.split.table)
    press(qtbot, KEY.Key_Down)
    press(qtbot, KEY.Key_Space)
    assert page.dialogs.split.sum.text().startswith("2 parts, list value: turns 0 to 1 ")
    press(qtbot, KEY.Key_Return)
    qtbot.waitUntil(lambda: len(rows(page)) == 3)
    assert all_links(machine) == [], "cut, not linked"
    choose(page, "turns 2 on")
    press(qtbot, KEY.Key_T)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.picker.line)
    Keyboard(qtbot).type("pay-25")
    press(qtbot, KEY.Key_Return)
    assert linked(machine) == {"one": [("PAY-25", Span(2, None), "manual")]} or linked(machine) == {
        "one": [("PAY-25", Span(2, None), "suggested")]
    }
    assert page.bar.text.text() == "Linked part of a session to PAY-25"
    session(machine, "one", "Two things", "main", 0, turns=6)
    machine.scan()
    by_key = {one.key: one.id for one in tasks.tasks(machine.db)}
    assert tasks.totals(machine.db)[by_key["PAY-25"]].requests == 4, "it grew with the session"


def test_a_session_of_one_turn_is_not_split(app: Open, qtbot: QtBot, machine: Machine) -> None:
    session(machine, "one", "One thing", "main", 0)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_S)
    assert page.dialogs.split is None
    assert page.note.text() == "This session is one turn and cannot be split."


def test_suggested_cuts_are_marked_and_taken_with_a(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """Issue 5: never applied silently."""
    from claude_logs import answer, prompt, usage

    session(machine, "one", "Two things", "main", 0, turns=2)
    told = {"sessionId": "one", "cwd": PAYMENTS, "gitBranch": "main"}
    machine.log(
        "P/one.jsonl",
        prompt("Later", 6 * 3600, uuid="u-later", **told),
        answer("m-later", "r-later", 6 * 3600 + 5, figures=usage(500, 9), uuid="a-later", **told),
        append=True,
    )
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_Right)
    assert inbox_rows.why_text(page.table.lines.shown[1], clock.now()).endswith(
        "cut suggested before turn 2: a pause of more than four hours"
    )
    press(qtbot, KEY.Key_S)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.split.table)
    assert [row.text for row in page.dialogs.split.rows.shown] == ["", "", "suggested: a pause of more than four hours"]
    assert page.dialogs.split.cuts == set()
    press(qtbot, KEY.Key_A)
    assert page.dialogs.split.cuts == {2}
    press(qtbot, KEY.Key_Escape)
    assert page.now.cuts == {}, "closed without being done"
