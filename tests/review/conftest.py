"""A store for each file; what a test writes into it never was. It is the file's `NOW`."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sessions_read import Sessions, passing

from tokentrack import clock
from tokentrack.store import open_store


@pytest.fixture(scope="module")
def store(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(open_store(Path(shutil.copy(empty_store, tmp_path_factory.mktemp("review"))))) as db:
        yield db


@pytest.fixture
def sessions(
    store: sqlite3.Connection, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sessions]:
    monkeypatch.setenv("TOKENTRACK_NOW", clock.iso(request.module.NOW))
    with passing(store) as found:
        yield found


@pytest.fixture
def db(sessions: Sessions) -> sqlite3.Connection:
    return sessions.db


@pytest.fixture
def cents(sessions: Sessions) -> None:
    """A token of output costs a cent."""
    sessions.writer.priced = lambda one: (one.output * 10_000, 1)
