"""Windows on Qt's offscreen platform, in a fixed moment, in the light theme of the design."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from reference_month import HISTORIES, LAST_MONDAY, Month, enter_money
from said import leave
from ui.keyboard import Keyboard
from ui.samples import Memory, PageOnce, Show, Start
from ui.watched import Watched

from tokentrack.ui import theme
from tokentrack.ui.app import App
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.theme import Theme
from tokentrack.ui.windows.main import MainWindow


@pytest.fixture(autouse=True, scope="module")
def swept() -> Iterator[None]:
    """As in the app: no other thread destroys what tests have left of windows.

    What there was before, which is most, is frozen: no sweep looks at it again. Before that goes what the last test before
    was given: pytest held it until its module had ended.
    """
    gc.disable()
    gc.collect()
    gc.freeze()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def alone(swept: None, qapp: QApplication) -> None:
    """What the test before has left is gone, the app too: a theme would be put on each of its widgets again.

    Before a test, because pytest lets go of what it gave to the one before only after its end. The youngest generation is
    what was made since, so this is quick.
    """
    for one in (*qapp.findChildren(App), *qapp.topLevelWidgets()):
        one.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(0)


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-18T14:03:00+00:00")


@pytest.fixture
def evening(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the Saturday of the week in which the logs begin."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-21T20:00:00Z")


@pytest.fixture(autouse=True)
def light(qapp: QApplication, alone: None) -> Theme:
    return theme.apply(qapp, "light")


@pytest.fixture
def source() -> Memory:
    return Memory()


@pytest.fixture
def feed_of() -> Callable[[Memory], Feed]:
    """A feed that has read its source once."""

    def made(source: Memory) -> Feed:
        feed = Feed(source.glance, source.status)
        feed.refresh()
        return feed

    return made


@pytest.fixture
def feed(source: Memory, feed_of: Callable[[Memory], Feed]) -> Feed:
    return feed_of(source)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """`show(page, 780, 680)`: a page by itself, of that size, with the keyboard."""

    def shown(page: QWidget, width: int, height: int) -> None:
        qtbot.addWidget(page)
        page.resize(width, height)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)

    return shown


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """`start(live, "inbox", 960, 640)`: the app over a store, at a page; afterwards it is gone, with its threads."""
    made: list[tuple[MainWindow, Live]] = []

    def started(live: Live, page: str, width: int, height: int) -> MainWindow:
        feed = Feed(live.glance, live.status)
        feed.refresh()
        window = MainWindow(feed, live)
        made.append((window, live))
        window.resize(width, height)
        window.open_(page)
        window.raise_up()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield started
    for window, live in made:
        leave(window)
        live.stop()


@pytest.fixture
def page_once(qtbot: QtBot, machine: Machine, start: Start) -> PageOnce:
    """Starts the app anew over the machine's store at each call, and waits until the page has what it asked for."""

    def shown(page: str, width: int, height: int, ready: Callable[[Any], bool]) -> Any:
        opened = start(Watched(machine.store, machine.home), page, width, height).page(page)
        qtbot.waitUntil(lambda: ready(opened))
        return opened

    return shown


@pytest.fixture
def keys(qtbot: QtBot) -> Keyboard:
    return Keyboard(qtbot)


@pytest.fixture(scope="session")
def lived() -> dict[str, Month]:
    return {}


@pytest.fixture
def living(
    lived: dict[str, Month],
    tmp_path_factory: pytest.TempPathFactory,
    sample_logs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Month]:
    """Six weeks, five of them closed; the last one linked and judged, and a part of it without a task.

    They are lived once; each test has a store of its own, and none writes below the home folder.
    """
    if "six weeks" not in lived:
        place = tmp_path_factory.mktemp("lived")
        with closing(Machine(place / "home", place / "store.db")) as machine:
            month = lived["six weeks"] = Month(machine, sample_logs, HISTORIES, weeks=6)
            enter_money(machine, budget=60_000_000, since=month.mondays[0])
            for monday in month.mondays:
                monkeypatch.setenv("TOKENTRACK_NOW", month.sunday(monday))
                month.live(monday)
                month.link(monday, lambda name, monday=monday: monday != LAST_MONDAY or "odd" not in name)
                if monday != LAST_MONDAY:
                    month.judge(monday)
                    month.close(monday)
    month = copy(lived["six weeks"])
    monkeypatch.setenv("TOKENTRACK_NOW", month.sunday(LAST_MONDAY))
    with closing(Machine(month.machine.home, shutil.copy(month.machine.store, tmp_path / "store.db"))) as month.machine:
        yield month
