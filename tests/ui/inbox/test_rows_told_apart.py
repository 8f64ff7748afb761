"""Rows, turns and titles that look alike are told apart (product 3.3)."""

from __future__ import annotations

from claude_logs import Machine, answer, prompt
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, press
from ui.keyboard import KEY
from waiting import OPS, PAYMENTS, add_tasks, session

from tokentrack.model.tasks import Span
from tokentrack.review.inbox import Key
from tokentrack.ui import inbox_rows
from tokentrack.ui.inbox_table import TASK, WHY

LONG = "Validate what the importer reads against the example that the vendor ships"


def test_numbers_of_two_repositories_are_told_apart_and_titles_have_room(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """A key such as #12 is of one repository, so its row says which; a row is known by its title, which has the most room."""
    add_tasks(machine, f"#12 {LONG}")
    add_tasks(machine, "#12 Alerts", project=OPS)
    add_tasks(machine, "PAY-7 Refunds")
    session(machine, "a", "One", "fix/issue-12-validate", 0)
    session(machine, "b", "Two", "fix/issue-12-alerts", 900, cwd=OPS)
    session(machine, "c", "Three", "feat/PAY-7-refunds", 1800)
    machine.scan()
    page = app()
    lines = {line.group.offers[0].name: inbox_rows.why_text(line, None) for line in page.table.lines.shown}
    assert lines[f"#12 {LONG}"].startswith("payments · ")
    assert lines["#12 Alerts"].startswith("ops · ")
    assert not lines["PAY-7 Refunds"].startswith("payments")
    assert page.table.columnWidth(TASK) > 1.3 * page.table.columnWidth(WHY)
    assert page.table.columnWidth(WHY) > 100
    end = page.head.share.mapTo(page, QPoint(page.head.share.width(), 0)).x()
    assert page.all_hint.mapTo(page, QPoint(0, 0)).x() - end >= 12, "what is said does not touch the key beside it"


def test_i_names_a_task_without_a_key_in_full(app: Open, qtbot: QtBot, machine: Machine) -> None:
    from tokentrack.model.tasks import Task
    from tokentrack.store import tasks, transaction

    with transaction(machine.db):
        tasks.add(machine.db, Task("", LONG, None, None, PAYMENTS, 0))
    session(machine, "a", LONG, "main", 0)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_I)
    assert page.reasons.said[0] == LONG


def test_turns_of_one_day_differ_by_their_time_however_old_they_are(
    app: Open, qtbot: QtBot, machine: Machine, monkeypatch: object
) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2027-03-01T12:00:00Z")
    session(machine, "a", "Long ago", "main", 0, turns=3)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_S)
    shown = page.dialogs.split.rows
    said = [shown.index(row, 1).data() for row in range(3)]
    assert len(set(said)) == 3
    assert all(":" in text for text in said)


def test_copied_turns_of_a_fork_tell_their_branch(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """A fork's log begins with copies, which used nothing in it: their branch is where they were copied from."""
    first = [
        prompt("Begin", 0, uuid="u0", sessionId="a", gitBranch="feat/one"),
        answer("m0", "r0", 30, uuid="a0", sessionId="a", gitBranch="feat/one"),
    ]
    machine.log("P/a.jsonl", *first)
    copies = [record | {"sessionId": "b"} for record in first]
    machine.log(
        "P/b.jsonl", *copies,
        prompt("Another way", 600, uuid="u1", sessionId="b", gitBranch="feat/two"),
        answer("m1", "r1", 630, uuid="a1", sessionId="b", gitBranch="feat/two"),
    )  # fmt: skip
    machine.scan()
    page = app()
    told = [branch for _, _, branch, _ in page.dialogs._source.session_turns(machine.sessions["b"].id)]
    assert told == ["feat/one", "feat/two"]


def test_both_parts_of_a_session_are_all_of_it() -> None:
    keys = [
        Key("a", Span()),
        Key("b", Span(0, 3)),
        Key("b", Span(4, None)),
        Key("c", Span(0, 3)),
        Key("c", Span(5, None)),
    ]
    assert inbox_rows.counted(keys[:3]) == "2 sessions"
    assert inbox_rows.counted(keys) == "2 sessions and part of another"
