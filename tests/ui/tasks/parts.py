"""What the tests of the Tasks page share: keys, and what stands in the list and in the store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from claude_logs import Machine, ms
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.samples import written

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session
from tokentrack.store import links, read, tasks, transaction
from tokentrack.store.read import Where

DAY_S = 86_400
PageOf = Callable[..., Any]


def of(machine: Machine, native_id: str) -> Session:
    return next(session for session in machine.sessions.values() if session.native_id == native_id)


def given(machine: Machine, title: str, *native_ids: str, **fields: object) -> Task:
    """A task in the store, with whole sessions linked to it."""
    with transaction(machine.db):
        made = tasks.add(machine.db, replace(Task("", title, None, None, "/w/shop", ms()), **fields))
        for native_id in native_ids:
            links.put(machine.db, of(machine, native_id).id, made.id, Span(), "manual", ms())
    return made


def settle(qtbot: QtBot, page: Any) -> None:
    """Until what was decided is written, and what follows from it was asked."""
    written(qtbot)
    qtbot.waitUntil(lambda: page.list.ledger is not None and not page._asking.waiting and not page._reading.waiting)


def titles(page: Any) -> list[str]:
    return [row.task.title for row in page.list.rows.shown]


def choose(page: Any, *names: str) -> None:
    page.list._choose({row.task.id for row in page.list.rows.shown if row.task.title in names}, None)
    page.list.chosen_changed.emit()
    page.list.table.setFocus()


def press(qtbot: QtBot, page: Any, *keys: Any) -> None:
    for key in keys:
        where = QApplication.focusWidget() or page
        if isinstance(key, tuple):
            qtbot.keyClick(where, key[0], key[1])
        else:
            qtbot.keyClick(where, key)
    settle(qtbot, page)


def type_(qtbot: QtBot, page: Any, text: str) -> None:
    qtbot.keyClicks(QApplication.focusWidget(), text)
    settle(qtbot, page)


def balanced(page: Any, machine: Machine) -> None:
    """What stands at the foot adds up to everything that was read, to the micro-dollar."""
    *parts, whole = page.sum.shown
    everything = read.total(machine.db, Where())
    assert (
        sum((part.used.total.list_value or 0 for part in parts), 0)
        == whole.used.total.list_value
        == everything.list_value
    )
    assert sum(part.used.total.requests for part in parts) == whole.used.total.requests == everything.requests
    labels = [part.label for part in page.sum.shown]
    assert labels[-3:] == ["no task, on purpose", "not linked", "everything, list value"]
    assert page.sum.isVisible()


def opened(qtbot: QtBot, page: Any, title: str) -> Any:
    page.open_task(next(row.task.id for row in page.list.ledger.rows if row.task.title == title))
    settle(qtbot, page)
    return page.view


def cells(table: Any) -> list[list[str]]:
    rows = table.rows
    return [
        [rows.data(rows.index(at, column)) for column in range(rows.columnCount())] for at in range(rows.rowCount())
    ]


def git(folder: Path, *arguments: str) -> None:
    """On the day before, as far as commits have a date."""
    dates = {"GIT_AUTHOR_DATE": "2026-11-20T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-20T12:00:00Z"}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=os.environ | dates)
