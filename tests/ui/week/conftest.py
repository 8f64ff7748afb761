"""The week's review over a real store, in the evening on which it is looked back on."""

from __future__ import annotations

import pytest
from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.samples import Start
from ui.watched import Watched
from ui.week.parts import Open

from tokentrack.ui.windows.week import Page


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def app(qtbot: QtBot, machine: Machine, start: Start) -> Open:
    """Each call starts the app anew over the same store."""

    def started() -> Page:
        page = start(Watched(machine.store, machine.home), "week", 1000, 680).page("week")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: page.step is not None)
        return page

    return started
