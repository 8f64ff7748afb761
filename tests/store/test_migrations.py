"""A store of any earlier shape is brought up to date with everything in it; one of a later shape is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, answer, prompt

from tokentrack.store import StoreError, migrations, open_store


@pytest.fixture
def filled(machine: Machine) -> Machine:
    machine.log("P/S.jsonl", prompt(), answer("msg_1"), answer("msg_2", t=2, model="mystery"))
    machine.scan()
    return machine


def schema(db: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = db.execute("select name, sql from sqlite_master where sql is not null order by 1")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("version", range(len(migrations.NAMES) + 1))
def test_a_store_of_every_earlier_version_is_brought_up_to_date_and_keeps_its_rows(
    filled: Machine, tmp_path: Path, version: int
) -> None:
    """Each earlier version is made by taking only its steps, and filled with what its tables can hold."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        if version:
            migrations.apply(old, until=migrations.NAMES[version] if version < len(migrations.NAMES) else None)
        assert migrations.applied(old) == list(migrations.NAMES[:version])
        tables = [name for (name,) in old.execute("select name from sqlite_master where type = 'table'")]
        tables = [
            name for name in tables if name != migrations.LEDGER and name.partition("_")[0] not in ("words", "sqlite")
        ]
        old.execute("attach ? as source", [str(filled.store)])
        for table in tables:
            old.execute(f"insert into {table} select * from source.{table}")
        before = {table: old.execute(f"select * from {table}").fetchall() for table in tables}
        old.execute("detach source")
    with closing(open_store(path)) as db:
        assert migrations.applied(db) == list(migrations.NAMES)
        assert schema(db) == schema(filled.db)
        assert {table: [tuple(row) for row in db.execute(f"select * from {table}")] for table in tables} == before
        titled = db.execute("select id * 4 + 1, title from sessions where title is not null")
        found = db.execute("select rowid, title from words order by rowid")
        assert list(map(tuple, found)) == list(map(tuple, titled))  # kept up to date by triggers
        assert ("requests" in before) == (version > 0)
        assert all(before[table] for table in before if table in ("requests", "sessions", "logs", "turns"))
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"


def test_a_new_store_is_made_as_all_steps_together_make_it() -> None:
    """`make shape` wrote what a new store is made from; what the steps put into its tables is there too."""
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as stepwise,
        closing(sqlite3.connect(":memory:", isolation_level=None)) as made,
    ):
        migrations.apply(stepwise)
        migrations.make(made)
        assert migrations.shape_of(stepwise) == migrations.SHAPE.read_text(encoding="utf-8"), "call `make shape`"
        assert schema(made) == schema(stepwise)
        tables = made.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        for (table,) in tables.fetchall():
            columns = "migration_set, name" if table == migrations.LEDGER else "*"
            told = f"select {columns} from {table}"
            assert sorted(made.execute(told), key=str) == sorted(stepwise.execute(told), key=str), table


def test_a_store_that_is_up_to_date_is_not_touched(filled: Machine) -> None:
    filled.close()
    before = filled.store.read_bytes()
    open_store(filled.store).close()
    assert filled.store.read_bytes() == before
    filled.db = open_store(filled.store)


def test_a_store_of_a_newer_version_is_refused_in_one_sentence_and_not_changed(machine: Machine) -> None:
    machine.db.execute(
        f"insert into {migrations.LEDGER} (migration_set, name, applied_at) values (?, 'm999_later', '')",
        [migrations.SET],
    )
    machine.close()
    before = machine.store.read_bytes()
    with pytest.raises(StoreError, match=r"newer tokentrack .*m999_later.* nothing was changed\.$"):
        open_store(machine.store)
    assert machine.store.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table bookmarks (url text)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_start_that_was_killed_before_the_first_step_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as begun:
        migrations.apply(begun, until=migrations.NAMES[0])  # the ledger alone
    with closing(open_store(path)) as db:
        assert migrations.applied(db) == list(migrations.NAMES)


def test_a_store_made_by_another_process_between_two_looks_is_no_foreign_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look found nothing, the second found tables: it must ask again whose they are."""
    path = tmp_path / "store.db"
    look = migrations.applied

    def look_then_wait(connection: sqlite3.Connection) -> list[str]:
        found = look(connection)
        monkeypatch.setattr(migrations, "applied", look)
        open_store(path).close()
        return found

    monkeypatch.setattr(migrations, "applied", look_then_wait)
    with closing(open_store(path)) as db:
        assert look(db) == list(migrations.NAMES)
