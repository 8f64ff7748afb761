"""Databases of other programs are read without leaving a trace, whatever state they are in."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from claude_logs import Machine
from opencode_logs import Database, Place, answer, tokens

from tokentrack import paths
from tokentrack.agents import foreign, opencode, opencode_rows
from tokentrack.ingest import Ingest


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


def files(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file's bytes and time, the `-shm` excepted, which any reader of a live database writes its mark into."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
        if not path.name.endswith("-shm")
    }


def ids(path: Path) -> list[str]:
    with foreign.opened(path) as db:
        return [row[0] for row in db.execute("select id from message order by rowid")]


KILLED = """
import os, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from opencode_logs import Database, answer
database = Database(Path(sys.argv[1]))
database.session()
database.db.execute("pragma wal_checkpoint(truncate)")
for number in range(40):
    database.message(f"msg_{number}", answer(number))
os._exit(9)
"""


def killed(path: Path) -> Path:
    """A database whose program was killed: all its messages lie only in the `-wal`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-c", KILLED, str(path), *sys.path], check=False)
    assert path.with_name(f"{path.name}-wal").stat().st_size > 32
    return path


@pytest.mark.parametrize("live", [True, False])
def test_rows_that_lie_only_in_the_wal_are_read_and_every_file_stays_as_it_was(
    machine: Machine, place: Place, live: bool
) -> None:
    path = killed(place.folder / "opencode.db")
    with ExitStack() as others:
        if live:
            other = others.enter_context(closing(sqlite3.connect(path)))
            other.execute("select count(*) from message").fetchone()
        before = files(place.folder)
        for full in (False, True, False):
            assert not place.scan(full=full).problems
        assert machine.requests == 40
        assert files(place.folder) == before


def test_a_closed_database_gets_no_files_beside_it(machine: Machine, place: Place) -> None:
    database = place.database()
    database.message("msg_1", answer())
    database.close()
    before = files(place.folder)
    place.scan()
    assert machine.requests == 1
    assert files(place.folder) == before
    assert [path.name for path in place.folder.iterdir()] == ["opencode.db"]


def test_the_main_file_alone_would_tell_nothing(place: Place, tmp_path: Path) -> None:
    path = killed(place.folder / "opencode.db")
    alone = shutil.copy(path, tmp_path / "alone.db")
    assert ids(Path(alone)) == []
    assert len(ids(path)) == 40


@pytest.mark.parametrize("mode", ["delete", "truncate", "wal"])
def test_any_journal_mode(machine: Machine, place: Place, mode: str) -> None:
    place.database(mode=mode).message("msg_1", answer())
    before = files(place.folder)
    place.scan()
    assert machine.requests == 1
    assert files(place.folder) == before


def test_a_write_that_leaves_the_sizes_is_noticed(machine: Machine, place: Place) -> None:
    database = place.database()
    database.session()
    for number in range(60):
        database.message(f"msg_{number}", answer(number))
    place.scan()
    database.db.execute("pragma wal_checkpoint")  # the `-wal` is used again from its start
    wal = database.path.with_name("opencode.db-wal")
    place.scan()
    size = wal.stat().st_size
    database.message("msg_new", answer(99))
    assert wal.stat().st_size == size
    assert place.scan().logs_read == 1
    assert machine.requests == 61
    assert place.scan().logs_read == 0


def test_hints_of_a_database_and_of_the_files_beside_it_lead_to_one_log(machine: Machine, place: Place) -> None:
    database = place.database()
    database.message("msg_1", answer())
    ingest = Ingest(
        machine.db, machine.home, {"XDG_DATA_HOME": str(place.folder.parent)}, paths.own_prices(machine.store)
    )
    hints = [place.folder / f"opencode.db{ending}" for ending in ("-wal", "", "-shm")]
    assert ingest.read_paths(hints).logs_read == 1
    assert machine.requests == 1
    assert ingest.read_paths(hints).logs_read == 0
    file = place.file("msg_2", answer(2), session="ses_2")
    assert ingest.read_paths([file]).logs_read == 1
    assert ingest.read_paths([place.session_file("ses_2")]).logs_read == 1
    assert machine.sessions["ses_2"].title == "Fix the cart"


def test_a_busy_database_is_read_later(machine: Machine, place: Place) -> None:
    database = place.database(mode="delete")
    database.message("msg_1", answer())
    database.db.execute("begin exclusive")
    report = place.scan()
    assert "later" in report.problems[0][1]
    database.db.execute("commit")
    assert not place.scan().problems
    assert machine.requests == 1


def test_a_database_that_changes_while_it_is_read_without_locks_is_read_later(place: Place) -> None:
    database = place.database()
    database.message("msg_1", answer())
    database.close()
    with pytest.raises(OSError, match="later"), foreign.opened(database.path):
        place.database().message("msg_2", answer(2))
    assert ids(database.path) == ["msg_1", "msg_2"]


def test_a_copy_is_read_where_reading_would_write(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = killed(place.folder / "opencode.db")
    mounts = tmp_path / "mounts"
    device = path.stat().st_dev
    mounts.write_text(f"1 0 {os.major(device)}:{os.minor(device)} / / rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(foreign, "MOUNTS", mounts)
    if sys.platform == "linux":
        assert foreign.is_remote(str(path))
    path.with_name("opencode.db-shm").unlink(missing_ok=True)
    before = files(place.folder)
    assert len(ids(path)) == 40
    assert files(place.folder) == before
    assert not path.with_name("opencode.db-shm").exists()


@pytest.mark.parametrize("damage", ["empty", "text", "half", "zeros", "flipped", "folder"])
def test_a_damaged_database_is_a_problem_and_no_end(machine: Machine, place: Place, damage: str) -> None:
    database = place.database(mode="delete")
    database.db.execute("begin")
    for number in range(300):
        database.message(f"msg_{number:04}", answer(number))
    database.db.execute("commit")
    database.close()
    data = bytearray(database.path.read_bytes())
    match damage:
        case "empty":
            data = bytearray()
        case "text":
            data = bytearray(b"no database at all " * 99)
        case "half":
            data = data[: len(data) // 2]
        case "zeros":
            data[4096 * 3 :] = bytes(len(data) - 4096 * 3)
        case "flipped":
            data[100:4096:7] = bytes(255 - byte for byte in data[100:4096:7])
    database.path.unlink()
    if damage == "folder":
        database.path.mkdir()
    else:
        database.path.write_bytes(data)
    place.file("msg_file", answer(), session="ses_9")
    report = place.scan()
    assert machine.requests >= 1  # the other logs are read
    assert bool(report.problems) == (damage in ("text", "half", "zeros", "flipped"))


def test_secrets_are_never_asked_for(place: Place) -> None:
    database = place.database()
    database.db.execute("insert into credential values ('anthropic', 'CANARY-KEY')")
    database.message("msg_1", answer())
    asked: list[str] = []
    log = opencode.log_at(place.folder, database.path)
    assert log is not None
    with foreign.opened(database.path) as db:
        db.set_trace_callback(asked.append)
        opencode_rows._Reading(db, opencode_rows.Cursor()).chunk()
    assert asked
    assert not [query for query in asked if "credential" in query]
    assert "CANARY" not in repr(opencode.read(log, None))


def test_reading_beside_a_program_that_writes(machine: Machine, place: Place) -> None:
    """Two hundred messages from another thread, as fast as it can, while scans run: each counts once in the end."""
    path = place.database().path
    done = threading.Event()

    def write() -> None:
        with closing(Database(path)) as database:
            database.session()
            for number in range(200):
                database.message(f"msg_{number:04}", answer(number, done=False, figures=tokens(0, 0)))
                database.message(f"msg_{number:04}", answer(number, figures=tokens(10, number)))
                if number % 70 == 69:
                    database.db.execute("pragma wal_checkpoint")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        place.scan()
    thread.join()
    assert not place.scan().problems
    assert machine.figures() == (2000, sum(range(200)), 0, 0)
