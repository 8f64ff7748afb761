"""The sample page's four weeks, filled once and copied for each test."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pytest

from tokentrack.export import compose
from tokentrack.export.options import Options
from tokentrack.export.page import Page
from tokentrack.store import open_store


@pytest.fixture(autouse=True)
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", f"{one_on_one.NOW}:00Z")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the four weeks, closed. Its repository stays where it was made."""
    return one_on_one.store_in(tmp_path_factory.mktemp("month"))


@pytest.fixture
def store(filled: Path) -> Path:
    """A copy of its own, where the app looks for it."""
    place = Path(os.environ["TOKENTRACK_STORE"])
    place.parent.mkdir(parents=True)
    shutil.copy(filled, place)
    return place


@pytest.fixture
def db(store: Path) -> Iterator[sqlite3.Connection]:
    with leaving(open_store(store)) as db:
        yield db


Made = Callable[..., Page]


@pytest.fixture
def made(db: sqlite3.Connection) -> Made:
    """`made(fields={"budget"})`: the page of the four weeks with some options."""

    def page(**options: object) -> Page:
        chosen = {"weeks": one_on_one.MONDAYS, "created": one_on_one.CREATED} | options
        now = max(one_on_one.NOW, f"{chosen['created']}T20:00")  # no page is of a day to come
        return compose.page(db, Options(**chosen), one_on_one.ms(now))

    return page
