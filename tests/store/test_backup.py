"""A copy of the store, and putting one back."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, answer, dump, prompt

from tokentrack.store import StoreError, copies, migrations, open_store, transaction
from tokentrack.store.copies import copy_to, restore_from


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


def test_the_kept_store_restored_brings_everything_back_and_nothing_kept_is_written_over(
    filled: Machine, tmp_path: Path
) -> None:
    """AC 9, the store is the archive: a restore is undone by restoring what it kept."""
    right = dump(filled.db)
    with closing(open_store(tmp_path / "empty.db")) as empty:
        copy_to(empty, tmp_path / "wrong.db")
    filled.close()
    first = restore_from(tmp_path / "wrong.db", filled.store)
    second = restore_from(tmp_path / "wrong.db", filled.store)
    third = restore_from(first, filled.store)
    filled.db = open_store(filled.store)
    assert dump(filled.db) == right
    assert [rows(kept) for kept in (first, second, third)] == [50, 0, 0]
    (folder := filled.store.with_name("damage")).mkdir()
    (damaged := folder / "tokentrack.db").write_bytes(b"no database at all " * 999)
    assert [restore_from(first, damaged), restore_from(first, damaged)] == [
        Path(f"{damaged}.before-restore"),
        Path(f"{damaged}.before-restore-2"),
    ]
    assert Path(f"{damaged}.before-restore").read_bytes() == b"no database at all " * 999
    assert not list(filled.store.parent.glob("**/*.part"))


def test_the_copy_is_read_whole_before_the_store_is_touched(filled: Machine, tmp_path: Path) -> None:
    """Neither the copy nor its folder need be writable; nothing is made beside it, also where it was left in WAL mode."""
    copy_to(filled.db, tmp_path / "copy.db")
    (folder := tmp_path / "read-only").mkdir()
    with closing(open_store(tmp_path / "copy.db")):
        pass
    (tmp_path / "copy.db").rename(folder / "copy.db")
    filled.close()
    before = (folder / "copy.db").read_bytes()
    restore_from(folder / "copy.db", filled.store)
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("copy.db", before)]
    assert rows(filled.store) == 50


def test_a_store_in_use_for_long_is_said_and_stays(
    filled: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be waited for without end."""
    copy_to(filled.db, tmp_path / "copy.db")
    monkeypatch.setattr(copies, "BUSY_MS", 20)
    with transaction(filled.db), pytest.raises(StoreError, match=r"in use by another program.*try again"):
        restore_from(tmp_path / "copy.db", filled.store)
    assert filled.requests == 50


def ends_early(step: int, source: Path, store: Path) -> bool:
    """Restores in a process that is killed as it opens, renames or removes its `step`-th file; whether it came so far."""
    child = os.fork()
    if not child:
        steps = iter(range(step))

        def end(event: str, _: object) -> None:
            if event in ("sqlite3.connect", "os.rename", "os.remove") and next(steps, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(end)
        try:
            restore_from(source, store)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("damage", [b"", b"no database at all " * 999])
def test_a_restore_that_is_killed_at_any_step_leaves_a_whole_store(
    filled: Machine, tmp_path: Path, damage: bytes
) -> None:
    """AC 9: the one before or the one put back, and whatever was kept meanwhile is whole too."""
    copy_to(filled.db, tmp_path / "copy.db")
    filled.log("P/T.jsonl", answer("msg_later"))
    filled.scan()
    filled.close()
    if damage:
        filled.store.write_bytes(damage)
    first = step = 5  # before, the copy is read, and the store
    while ends_early(step, tmp_path / "copy.db", filled.store):
        step += 1
        if damage and filled.store.read_bytes() == damage:
            continue
        with closing(sqlite3.connect(filled.store)) as db:
            assert db.execute("select count(*) from requests").fetchone()[0] in (50, 51)
    assert rows(filled.store) == 50
    assert not copies.left_over(filled.store)
    kept = filled.store.with_name(f"{filled.store.name}.before-restore")
    assert kept.read_bytes() == damage if damage else rows(kept) == 51
    assert step > first + 3


def test_a_copy_replaces_an_earlier_one_and_nothing_else(filled: Machine, tmp_path: Path) -> None:
    (text := tmp_path / "notes.txt").write_text("precious")
    (part := tmp_path / "copy.db.part").write_text("mine")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table t (a)")
    with closing(open_store(tmp_path / "another.db")):
        for place in (text, tmp_path / "other.db", tmp_path / "another.db", tmp_path):
            with pytest.raises(
                StoreError, match=r"^[^\n]*there already and is nothing that “tokentrack backup” wrote[^\n]*$"
            ):
                copy_to(filled.db, place)
    assert (text.read_text(), rows(tmp_path / "another.db")) == ("precious", 0)
    (tmp_path / "copy.db").touch()
    for _ in range(2):
        copy_to(filled.db, tmp_path / "copy.db")
    assert (part.read_text(), rows(tmp_path / "copy.db")) == ("mine", 50)


def test_what_a_killed_backup_left_is_cleared_by_the_next_and_nothing_that_is_written(
    filled: Machine, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    left, mine, other = (tmp_path / f"copy.db.{name}.part" for name in ("abcd_123", "notes", "zzzz_999"))
    copy_to(filled.db, left)
    mine.write_text("mine")
    other.write_text("no database, so the person's")
    with copies._written_beside(target) as running:
        assert not left.exists()
        copy_to(filled.db, target)
        assert running.exists(), "another process is writing it"
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db", mine.name, other.name]


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
