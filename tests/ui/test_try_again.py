"""A page that could not be filled says so and is asked again by a button; so is what could not be written (AC 43)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, answer, prompt
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui.full_disk import full_disk
from ui.samples import Show, written

from tokentrack.model.tasks import Task
from tokentrack.store import links, tasks, transaction
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live

PageOf = Callable[[str], Any]


@pytest.fixture
def page_of(qtbot: QtBot, machine: Machine, show: Show) -> Iterator[PageOf]:
    machine.log("P/S.jsonl", prompt("Refund twice"), answer())
    machine.scan()
    with transaction(machine.db):
        tasks.add(machine.db, Task("", "Refunds", "PAY-12", None, None, 0))
    live = Live(machine.store, machine.home)
    made: list[Any] = []

    def shown(name: str) -> Any:
        feed = Feed(live.glance, live.status)
        feed.refresh()
        page = import_module(f"tokentrack.ui.windows.{name}").Page(feed, live)
        made.append(page)
        show(page, 900, 680)
        if name != "sessions":  # which asks on the main thread
            asking = page.now.asking if name in ("inbox", "week") else page._asking
            qtbot.waitUntil(lambda: asking._questions is None)
        return page

    yield shown
    for page in made:
        page.close()
    live.stop()


@contextmanager
def unreadable(store: Path, aside: Path) -> Iterator[None]:
    """Something else lies where the store was, until it is put back."""
    files = [*store.parent.glob(f"{store.name}*")]
    for file in files:
        file.rename(aside / file.name)
    store.write_text("no database" * 100, encoding="utf-8")
    yield
    store.unlink()
    for file in files:
        (aside / file.name).rename(file)


@pytest.mark.parametrize("name", ["sessions", "tasks", "export", "inbox", "week", "spend"])
def test_what_could_not_be_read_is_asked_again(
    qtbot: QtBot, machine: Machine, tmp_path: Path, page_of: PageOf, name: str
) -> None:
    page = page_of(name)
    strip = page._problems
    assert not strip.isVisible()
    with unreadable(machine.store, tmp_path):
        page.refresh()
        qtbot.waitUntil(strip.isVisible)
        assert "is damaged" in strip.sentences[0]
    qtbot.mouseClick(strip.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_what_is_on_the_page_of_sessions_stays_while_the_store_cannot_be_read(
    machine: Machine, tmp_path: Path, page_of: PageOf
) -> None:
    page = page_of("sessions")
    with unreadable(machine.store, tmp_path):
        page.refresh()
        assert [one.title for one in page.rows.shown] == ["Refund twice"]


def test_ac43_a_link_that_found_no_room_is_made_again_from_the_page_of_sessions(
    qtbot: QtBot, machine: Machine, page_of: PageOf
) -> None:
    page = page_of("sessions")
    page._choose(next(iter(machine.sessions.values())).id)
    with full_disk(machine.db):
        page._on_no_task()
        written(qtbot)
        assert page.bar.retry.isVisible()
    qtbot.mouseClick(page.bar.retry, Qt.MouseButton.LeftButton)
    written(qtbot)
    assert [link.task for link in links.links(machine.db)] == [None]
    assert page.bar.retry.isHidden()


def test_ac43_a_change_that_found_no_room_is_made_again_from_the_page_of_tasks(
    qtbot: QtBot, machine: Machine, page_of: PageOf
) -> None:
    page = page_of("tasks")
    page.list.choose({tasks.tasks(machine.db)[0].id})
    with full_disk(machine.db):
        page._on_private()
        written(qtbot)
        assert not tasks.tasks(machine.db)[0].private
    qtbot.mouseClick(page.bar.retry, Qt.MouseButton.LeftButton)
    written(qtbot)
    assert tasks.tasks(machine.db)[0].private
    assert page.bar.retry.isHidden()
