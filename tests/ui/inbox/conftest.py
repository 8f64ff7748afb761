"""The inbox over a real store, in the evening of a day on which much was done."""

from __future__ import annotations

import pytest
from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open
from ui.samples import Start
from ui.watched import Watched

from tokentrack.ui.windows.inbox import Page


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def app(qtbot: QtBot, machine: Machine, start: Start) -> Open:
    """Each call starts the app anew over the same store."""

    def started() -> Page:
        page = start(Watched(machine.store, machine.home), "inbox", 960, 640).page("inbox")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: page.inbox is not None)
        return page

    return started
