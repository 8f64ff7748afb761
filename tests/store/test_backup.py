"""A copy of the store, and putting one back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, answer, dump, prompt

from tokentrack.store import StoreError, copy_to, migrations, open_store, restore_from, transaction


@pytest.fixture
def filled(machine: Machine) -> Machine:
    machine.log("P/S.jsonl", prompt("SHOP-12 #3"), *(answer(f"msg_{n}", t=n) for n in range(50)))
    machine.scan()
    return machine


def rows(path: Path) -> int:
    with closing(open_store(path)) as db:
        return int(db.execute("select count(*) from requests").fetchone()[0])


def test_a_copy_holds_everything_also_while_others_write(filled: Machine, tmp_path: Path) -> None:
    with closing(open_store(filled.store)) as other, transaction(other):
        other.execute("insert into settings values ('half', 'written')")
        copy_to(filled.db, tmp_path / "copy.db")
    with closing(open_store(tmp_path / "copy.db")) as copy:
        assert dump(copy) == dump(filled.db)
        assert not copy.execute("select 1 from settings where key = 'half'").fetchone()
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_restored_brings_the_store_back_and_keeps_the_one_it_replaces(filled: Machine, tmp_path: Path) -> None:
    right = dump(filled.db)
    copy_to(filled.db, tmp_path / "copy.db")
    filled.log("P/T.jsonl", answer("msg_later"))
    filled.scan()
    filled.close()
    kept = restore_from(tmp_path / "copy.db", filled.store)
    filled.db = open_store(filled.store)
    assert dump(filled.db) == right
    assert kept is not None
    assert rows(kept) == 51
    assert filled.store.stat().st_mode & 0o777 == 0o600


def test_a_copy_is_restored_where_no_store_is(filled: Machine, tmp_path: Path) -> None:
    copy_to(filled.db, tmp_path / "copy.db")
    target = tmp_path / "new/tokentrack.db"
    assert restore_from(tmp_path / "copy.db", target) is None
    assert rows(target) == 50
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_copy_is_restored_over_a_damaged_store_which_is_kept(filled: Machine, tmp_path: Path) -> None:
    copy_to(filled.db, tmp_path / "copy.db")
    filled.close()
    for garbage in (b"no database at all " * 999, filled.store.read_bytes()[:4096] + os.urandom(20_000)):
        filled.store.write_bytes(garbage)
        kept = restore_from(tmp_path / "copy.db", filled.store)
        assert kept is not None
        assert kept.read_bytes() == garbage
        assert rows(filled.store) == 50


def test_a_copy_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as old:
        migrations.apply(old, until=migrations.NAMES[1])
    restore_from(tmp_path / "old.db", tmp_path / "store.db")
    with closing(open_store(tmp_path / "store.db")) as db:
        assert migrations.applied(db) == list(migrations.NAMES)


def wrong_files(folder: Path, good: Path) -> dict[str, Path]:
    files = {
        "missing": folder / "missing.db", "a folder": folder / "folder", "empty": folder / "empty", "a text": folder / "text",
        "another database": folder / "other.db", "a newer store": folder / "newer.db", "a damaged copy": folder / "damaged.db",
        "half a copy": folder / "half.db",
    }  # fmt: skip
    files["a folder"].mkdir()
    files["empty"].touch()
    files["a text"].write_text("Dear diary" * 999)
    with closing(sqlite3.connect(files["another database"])) as other:
        other.execute("create table t (a)")
    files["a newer store"].write_bytes(good.read_bytes())
    with closing(sqlite3.connect(files["a newer store"], isolation_level=None)) as newer:
        newer.execute(
            f"insert into {migrations.LEDGER} (migration_set, name, applied_at) values ('tokentrack', 'm999', '')"
        )
    files["half a copy"].write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    data = bytearray(good.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    files["a damaged copy"].write_bytes(data)
    return files


NO_STORE = "is not a store of tokentrack"
WRONG = {
    "missing": "is not there", "a folder": "is not there", "empty": NO_STORE, "a text": NO_STORE, "another database": NO_STORE,
    "a newer store": "was written by a newer tokentrack (it knows m999)", "a damaged copy": "is damaged",
    "half a copy": "is damaged",
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_in_one_sentence_and_the_store_stays(
    filled: Machine, tmp_path: Path, kind: str
) -> None:
    copy_to(filled.db, tmp_path / "copy.db")
    source = wrong_files(tmp_path, tmp_path / "copy.db")[kind]
    right = dump(filled.db)
    with pytest.raises(StoreError, match=r"nothing was changed\.$") as refused:
        restore_from(source, filled.store)
    assert str(refused.value).startswith(f"{source} {WRONG[kind]}")
    assert "\n" not in str(refused.value)
    assert dump(filled.db) == right
    assert not list(filled.store.parent.glob("*before-restore*"))


def test_the_store_is_no_place_for_its_own_copy(filled: Machine, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(filled.store)
    for place in (filled.store, tmp_path / "link"):
        with pytest.raises(StoreError, match="the store itself"):
            copy_to(filled.db, place)
        with pytest.raises(StoreError, match="the store itself"):
            restore_from(place, filled.store)
    filled.log("P/T.jsonl", answer("msg_later"))
    filled.scan()
    assert filled.requests == 51


def test_a_copy_where_none_can_be_written_is_one_sentence(filled: Machine, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^[^\n]*nowhere[^\n]*$"):
        copy_to(filled.db, tmp_path / "nowhere/copy.db")


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "sharp#1.db", "ünï.db"])
def test_a_copy_may_have_any_name(filled: Machine, tmp_path: Path, name: str) -> None:
    copy_to(filled.db, tmp_path / name)
    filled.close()
    restore_from(tmp_path / name, filled.store)
    assert rows(filled.store) == 50
