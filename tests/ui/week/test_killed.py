"""A review that was killed goes on at its row (issue 6)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from claude_logs import Machine
from pytestqt.qtbot import QtBot
from reviewed import MONDAY, finished_tasks, reference_week
from ui.keyboard import KEY, Keyboard
from ui.samples import written
from ui.week.parts import WEEK, Open, at_step

from tokentrack import clock
from tokentrack.review.steps import to_judge
from tokentrack.store import read, reviews, tasks, transaction
from tokentrack.ui.windows.week import NOTE, OUTCOMES

KILLED = """
import os, signal, sys
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tokentrack.ui.asking import Doing
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.windows.main import MainWindow
from pathlib import Path
qt = QApplication([])
live = Live(Path(sys.argv[1]), Path(sys.argv[2]))
feed = Feed(live.glance, live.status)
feed.refresh()
window = MainWindow(feed, live)
window.raise_up()
window.open_("week")
page = window.page("week")
def until(holds):
    for _ in range(1000):
        qt.processEvents()
        if holds():
            return
        QTest.qWait(10)
    raise SystemExit(3)
def press(key, held=Qt.KeyboardModifier.NoModifier):
    until(lambda: qt.focusWidget() is not None)
    QTest.keyClick(qt.focusWidget(), key, held)
until(lambda: page.step is not None and window.isActiveWindow())
press(Qt.Key.Key_Y)
press(Qt.Key.Key_Return)
inbox = page.stack.inbox.inbox
until(lambda: inbox.inbox is not None and inbox.table.hasFocus())
if sys.argv[3] == "inbox":
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
else:
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    until(lambda: page.stack.outcomes.card.isVisible())
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_1)
    press(Qt.Key.Key_N)
    press(Qt.Key.Key_Return)
until(lambda: not any(one.busy for one in window.findChildren(Doing)))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("where", ["inbox", "outcomes"])
def test_ac43_a_review_goes_on_at_the_row_where_it_was_killed(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard, where: str
) -> None:
    """AC 43: another process is killed in the middle; what it decided is there, and so is the row."""
    reference_week(machine)
    asked = [one.task for one in to_judge(machine.db, MONDAY, clock.now_ms())]
    waiting = read.unlinked(machine.db)[0]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(machine.store), str(machine.home), where],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert reviews.draft(machine.db, WEEK).tried == "yes"
    page = app()
    if where == "inbox":
        inbox = page.stack.inbox.inbox
        assert page.step is page.stack.inbox
        qtbot.waitUntil(lambda: inbox.inbox is not None)
        assert read.unlinked(machine.db)[0] < waiting
        chosen = inbox.table.chosen
        assert [one.key for one in chosen.offers] == ["PAY-14"], "two rows below what became the first"
        return
    assert page.step is page.stack.outcomes
    assert page.stack.outcomes.place == asked[2].id
    judged = tasks.task(machine.db, asked[1].id)
    assert judged.outcome == "shipped"
    assert reviews.verdict(machine.db, judged.id).worth == "no"


def test_what_is_typed_is_kept_while_it_is_typed(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    page = app()
    at_step(qtbot, page, NOTE)
    keys.type("half a sent")
    qtbot.waitUntil(lambda: reviews.draft(machine.db, WEEK).note == "half a sent")


def test_typing_does_not_wait_while_another_process_writes(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """Product 3.5. The store is taken while the line is left; were it written there and then, it would be refused."""
    page = app()
    at_step(qtbot, page, NOTE)
    written(qtbot)
    with transaction(machine.db):
        keys.type("Begin with the tests")
        page.stack.note.leave()
        assert reviews.draft(machine.db, WEEK).note == ""
    written(qtbot)
    assert reviews.draft(machine.db, WEEK).note == "Begin with the tests"


def test_ac43_half_a_sentence_about_an_outcome_is_kept_while_it_is_typed(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """AC 43: it is no answer yet, so nothing is written of the task."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, OUTCOMES)
    keys(KEY.Key_Down, KEY.Key_S)
    asked = page.stack.outcomes.item.task
    keys.type("half a sent")
    qtbot.waitUntil(lambda: reviews.draft(machine.db, WEEK).place == f"{asked.id} half a sent")
    assert tasks.task(machine.db, asked.id).note == ""


def test_ac43_half_a_sentence_stands_there_again(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    asked = finished_tasks(machine)[1]
    with transaction(machine.db):
        reviews.change(machine.db, WEEK, clock.now_ms(), step=OUTCOMES, place=f"{asked.id} half a sent")
    page = app()
    assert page.stack.outcomes.place == f"{asked.id} half a sent"
    keys.type("ence")
    keys(KEY.Key_Return)
    assert tasks.task(machine.db, asked.id).note == "half a sentence"
    assert reviews.draft(machine.db, WEEK).place == asked.id
