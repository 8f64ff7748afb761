"""The core as the interface sees it, on a real store file that is damaged, moved or replaced under it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from at_work import answer, append

from tokentrack.ingest import Ingest
from tokentrack.store import StoreError, open_store, transaction, write
from tokentrack.ui.live import Live
from tokentrack.ui.states import state_of
from tokentrack.ui.words import health


@pytest.fixture
def live(tmp_path: Path, home: Path) -> Iterator[Live]:
    made = Live(tmp_path / "tokentrack.db", home)
    yield made
    made.stop()


def replaced(store: Path, aside: Path) -> None:
    """The old store's files are moved away and another process makes a new one."""
    aside.mkdir()
    for part in store.parent.glob("tokentrack.db*"):
        part.rename(aside / part.name)
    with closing(open_store(store)) as db, transaction(db):
        write.set_setting(db, "theme", "dark")


def test_another_store_at_the_same_place_is_read_and_written(live: Live, tmp_path: Path) -> None:
    live.entries().set_budget(40_000_000, "list_value", "week")
    live.glance()
    replaced(live.store, tmp_path / "old")
    live.glance()
    assert live.settings() == {"theme": "dark"}
    live.entries().set_budget(7, "tokens", "day")
    with closing(sqlite3.connect(live.store)) as db:
        assert list(db.execute("select amount, measure from budgets")) == [(7, "tokens")]


def test_a_damaged_store_is_said_until_a_new_one_is_there(live: Live, tmp_path: Path) -> None:
    live.glance()
    live.stop()
    live.store.write_bytes(b"no database " * 1000)
    with pytest.raises(StoreError, match="damaged"):
        live.glance()
    assert live.settings() == {}
    assert "damaged" in str(live.status().error)
    replaced(live.store, tmp_path / "damaged")
    seen = live.glance()
    assert state_of(seen, live.status()) == "idle"


def test_a_store_damaged_while_it_is_open_is_opened_anew(live: Live) -> None:
    live.glance()
    sound = live.store.read_bytes()
    with pytest.raises(StoreError):
        live._read(lambda db: db.execute("select * from nowhere"))
    assert live._db is None
    assert live.store.read_bytes()[:16] == sound[:16]
    live.glance()


def test_a_line_that_cannot_be_read_is_no_error_but_a_log_is(live: Live, home: Path) -> None:
    """Product 5.2."""
    good = home / ".claude/projects/-work-shop/s1.jsonl"
    append(good, answer("first") + "no record\n" + '{"type": "assistant", "message": 5}\n')
    with closing(open_store(live.store)) as db:
        report = Ingest(db, home, {}).scan()
        assert report.problems
        assert state_of(live.glance(), live.status()) != "error"
        with transaction(db):
            db.execute("update logs set error = 'it cannot be read (Permission denied)'")
    seen = live.glance()
    assert state_of(seen, live.status()) == "error"
    told = f"Claude Code: {good}: it cannot be read (Permission denied)"
    assert health(seen, live.status()).endswith(told)
