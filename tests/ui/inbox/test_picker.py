"""Finding a task, or making one, by a few letters (issue 5)."""

from __future__ import annotations

import time

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open
from ui.keyboard import CTRL, KEY, NONE
from waiting import OPS, PAYMENTS, a_week

from tokentrack.model.tasks import Task
from tokentrack.ui.inbox_table import VALUE
from tokentrack.ui.task_picker import TaskPicker


def picked(qtbot: QtBot, text: str, *known: Task, ctrl: bool = False) -> Task | None:
    """What Enter takes once a text is typed."""
    picker = TaskPicker(known, PAYMENTS)
    qtbot.addWidget(picker)
    picker.open_("Link 1 session to", text)
    taken: list[Task | None] = []
    picker.chosen.connect(taken.append)
    picker.none_chosen.connect(lambda: taken.append(None))
    qtbot.keyClick(picker.line, KEY.Key_Return, CTRL if ctrl else NONE)
    assert len(taken) == 1
    return taken[0]


REFUND = Task("a", "Refund idempotency", "PAY-12", "https://t.test/browse/PAY-12", PAYMENTS, 2)
LEDGER = Task("b", "Ledger export", "PAY-19", None, PAYMENTS, 1)
DRIFT = Task("c", "Drift report", "OPS-7", None, OPS, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pay-12", REFUND), ("PAY-19", LEDGER), ("idem", REFUND), ("ledger exp", LEDGER), ("refnud", REFUND),
        ("PAY-19 something else", LEDGER), ("https://jira.test/browse/PAY-19", LEDGER),
        ("drift reprot", DRIFT), ("https://t.test/browse/PAY-12", REFUND), ("", REFUND), ("ops", DRIFT),
    ],
)  # fmt: skip
def test_a_few_letters_find_a_task(qtbot: QtBot, text: str, found: Task) -> None:
    assert picked(qtbot, text, REFUND, LEDGER, DRIFT) == found


@pytest.mark.parametrize(
    ("text", "key", "title"),
    [
        ("PAY-31 Bulk refunds", "PAY-31", "Bulk refunds"),
        ("pay-31: bulk", "PAY-31", "bulk"),
        ("Something quite else", None, "Something quite else"),
        ("https://linear.app/me/issue/PAY-77/refund-twice", "PAY-77", "Refund twice"),
        ("#41 Slow page", "#41", "Slow page"),
    ],
)
def test_what_is_not_there_is_made(qtbot: QtBot, text: str, key: str | None, title: str) -> None:
    made = picked(qtbot, text, REFUND, DRIFT)
    assert made is not None
    assert (made.id, made.key, made.title, made.project) == ("", key, title, PAYMENTS)


def test_ctrl_enter_makes_one_although_others_are_like_it(qtbot: QtBot) -> None:
    made = picked(qtbot, "Refund idempotency tests", REFUND, ctrl=True)
    assert made is not None
    assert (made.id, made.title) == ("", "Refund idempotency tests")
    assert picked(qtbot, "PAY-12 again", REFUND, ctrl=True) == REFUND, "a key that is there is that task"


def test_no_task_can_be_picked_too(qtbot: QtBot) -> None:
    assert picked(qtbot, "no task", REFUND) is None


def test_two_thousand_tasks_are_searched_between_two_keys(qtbot: QtBot) -> None:
    known = [
        Task(str(n), f"Piece {n} of {('refund', 'drift', 'ledger')[n % 3]}", f"PAY-{n}", None, PAYMENTS, n)
        for n in range(2_000)
    ]
    picker = TaskPicker(known, PAYMENTS)
    qtbot.addWidget(picker)
    picker.open_()
    worst = 0.0
    for text in ("l", "le", "ledg", "ledgre 17"):
        began = time.thread_time()
        picker.line.setText(text)
        worst = max(worst, time.thread_time() - began)
    assert worst < 0.1
    assert picker.rows.rowCount() > 0


def test_labels_name_the_kind_of_money(app: Open, machine: Machine) -> None:
    """AC 6: the header and the column say list value."""
    a_week(machine)
    page = app()
    assert "list value" in page.head.share.text()
    assert page.table.lines.headerData(VALUE, Qt.Orientation.Horizontal) == "List value"
    assert all("$" not in label.text() for label in page.findChildren(QLabel) if "list value" not in label.text())
