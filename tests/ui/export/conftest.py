"""The export window over a store with the four weeks of the sample page (issue 7)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pytest
from pytestqt.qtbot import QtBot
from ui.export.parts import Open
from ui.samples import Start

from tokentrack.store import open_store
from tokentrack.ui.live import Live
from tokentrack.ui.windows.export import Page


@pytest.fixture(autouse=True)
def at_the_end(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", f"{one_on_one.NOW}:00Z")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the four weeks of the sample page, closed."""
    return one_on_one.store_in(tmp_path_factory.mktemp("month"))


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "store.db"))


@pytest.fixture
def db(store: Path) -> Iterator[sqlite3.Connection]:
    with leaving(open_store(store)) as db:
        yield db


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def app(qtbot: QtBot, store: Path, tmp_path: Path, start: Start) -> Open:
    def started() -> Page:
        page = start(Live(store, tmp_path), "export", 1000, 680).page("export")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: bool(page.choose.weeks) and not page._asking.waiting)
        return page

    return started
