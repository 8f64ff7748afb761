"""What the tests of the week's review share: the way to a step, and what is told there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from claude_logs import Machine
from pytestqt.qtbot import QtBot
from reviewed import MONDAY
from ui.samples import written

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.review.week import week
from tokentrack.store import tasks
from tokentrack.ui.windows.week import INBOX, Page

Open = Callable[[], Page]
WEEK = "2026-W47"


def settled(qtbot: QtBot, page: Page) -> None:
    """Until what was answered has been asked anew."""
    written(qtbot)
    qtbot.waitUntil(lambda: not page.now.settle.isActive() and not page.now.asking.waiting)


def at_step(qtbot: QtBot, page: Page, number: int) -> None:
    while page.kept.draft.step < number:
        qtbot.waitUntil(lambda: page.step is not None)
        page.pass_()
    qtbot.waitUntil(lambda: page.step is not None)
    if number == INBOX:
        qtbot.waitUntil(lambda: page.stack.inbox.inbox.inbox is not None)


def task(machine: Machine, key: str) -> Task:
    return tasks.tasks_like(machine.db, key)[0]


def told(machine: Machine) -> Any:
    return week(machine.db, MONDAY, clock.now_ms()).told
