"""What can happen to the store: each gives the person one sentence, loses nothing and stops nothing else."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path

import pytest
from claude_logs import Machine, answer, dump, prompt
from command_line import Run

from tokentrack.ingest import Ingest
from tokentrack.store import NO_MORE_FILES, StoreError, open_store, sentence, transaction


def tokentrack(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tokentrack", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | more, timeout=60, check=False)


def one_sentence(text: str) -> bool:
    return text.count("\n") <= 1 and text.rstrip().endswith(".") and "Traceback" not in text and len(text) < 400


# ---- permissions -----------------------------------------------------------------------------------------------------


def test_only_the_person_may_read_the_store_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "data/tokentrack/tokentrack.db"
    with closing(open_store(path)) as db:
        with transaction(db):
            db.execute("insert into settings values ('a', 'b')")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        assert modes == {path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_store_that_cannot_be_made_is_one_sentence(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file/store.db", tmp_path):
        result = run("--store", str(path), "today")
        assert result.code == 1
        assert one_sentence(result.err), result.err
        assert str(path) in result.err


# ---- open files ------------------------------------------------------------------------------------------------------


@contextmanager
def few_files(spare: int) -> Iterator[None]:
    """So that this process may open so many files more at most."""
    resource = pytest.importorskip("resource", reason="needs limits of a process")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + spare, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("command", [("today",), ("doctor", "--json"), ("backup", "copy.db")])
def test_a_process_that_may_open_no_more_files_says_so_whatever_it_was_about_to_open(
    machine: Machine, run: Run, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(machine.home)
    assert (run(*command).code, run("why", "nothing").code) == (0, 1)  # imports what is needed, to tell of failures too
    import_module("tokentrack.cli.failures")
    machine.close()
    for spare in range(3):
        Path("copy.db").unlink(missing_ok=True)
        with few_files(spare):
            told = run(*command)
        assert (told.code, told.err) == (1, f"{NO_MORE_FILES}\n"), spare


# ---- damage ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def damaged(machine: Machine) -> Machine:
    machine.log("P/S.jsonl", prompt(), *(answer(f"msg_{n}", t=n) for n in range(300)))
    machine.scan()
    machine.db.execute("pragma wal_checkpoint(truncate)")
    machine.close()
    with machine.store.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(machine.store.stat().st_size - 4096))
    return machine


def test_a_damaged_store_is_one_sentence_that_says_what_to_do(damaged: Machine, run: Run) -> None:
    for command in ("today", "scan", "sessions"):
        result = run(command)
        assert result.code == 1
        assert one_sentence(result.err), result.err
        assert str(damaged.store) in result.err
        assert "tokentrack restore" in result.err


def test_what_is_no_database_is_one_sentence(home: Path) -> None:
    path = home / "notes.txt"
    path.write_text("These are my notes, and not a store.\n" * 200)
    result = tokentrack("--store", str(path), "today")
    assert result.returncode == 1
    assert one_sentence(result.stderr)
    assert path.read_text().startswith("These")


# ---- locks -----------------------------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
db.execute("insert into settings values ('held', 'yes')")
print("held", flush=True)
sys.stdin.read()
db.execute("rollback")
db.close()
"""


@pytest.fixture
def hold(machine: Machine) -> Iterator[Callable[[], None]]:
    """Has another process hold the write lock; calling the fixture's value lets go of it."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(machine.store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin
    assert other.stdout
    assert other.stdout.readline() == b"held\n"
    yield other.stdin.close
    other.stdin.close()
    assert other.wait(20) == 0
    other.stdout.close()


def test_a_store_that_another_process_writes_to_can_be_read(machine: Machine, hold: Callable[[], None]) -> None:
    assert tokentrack("today", "--json").returncode == 0


IMPATIENT = """
import tokentrack.store as store
store.open_store.__kwdefaults__["busy_ms"] = 150  # else this test would wait as long as a person has to
from tokentrack.cli import main
main()
"""


def test_a_locked_store_is_one_sentence_and_nothing_is_lost(machine: Machine, hold: Callable[[], None]) -> None:
    machine.log("P/S.jsonl", answer())
    result = subprocess.run(
        [sys.executable, "-c", IMPATIENT, "scan"], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert "in use by another program" in result.stderr
    assert one_sentence(result.stderr)
    hold()
    machine.scan()
    assert machine.requests == 1


def test_a_scan_waits_for_another_process_to_finish(machine: Machine, hold: Callable[[], None]) -> None:
    machine.log("P/S.jsonl", answer())
    later = threading.Timer(0.3, hold)
    later.start()
    machine.scan()
    later.join()
    assert machine.requests == 1


# ---- no room ---------------------------------------------------------------------------------------------------------


def many(machine: Machine) -> None:
    for number in range(12):
        machine.log(f"P/S{number}.jsonl", prompt(), *(answer(f"msg_{number}_{n}", t=n) for n in range(300)))


def test_a_full_disk_ends_the_scan_in_one_sentence_and_the_next_one_goes_on(machine: Machine) -> None:
    many(machine)
    machine.log("P/first.jsonl", answer("msg_first", t=0))
    machine.scan()  # everything at once, to compare with
    right = dump(machine.db)
    machine.close()
    machine.store.unlink()
    machine.db = open_store(machine.store)

    machine.db.execute("pragma max_page_count = 120")  # SQLite's own "database or disk is full"
    with pytest.raises(sqlite3.OperationalError) as full:
        machine.scan()
    told = sentence(machine.store, full.value)
    assert "disk is full" in told
    assert one_sentence(told)
    assert not machine.db.in_transaction
    assert machine.requests == 0  # all or nothing

    machine.db.execute("pragma max_page_count = 100000")
    machine.scan()
    assert dump(machine.db) == right


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> None:
    with suppress(OSError), (place / "full").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_really_full_disk_is_one_sentence_on_the_command_line(machine: Machine, tmp_path: Path) -> None:
    many(machine)
    with small_disk(tmp_path, "400k"):
        store = tmp_path / "tokentrack.db"
        result = tokentrack("--store", str(store), "scan")
        assert result.returncode == 1
        assert one_sentence(result.stderr), result.stderr
        assert "disk is full" in result.stderr
        assert str(store) in result.stderr
        subprocess.run(["mount", "-o", "remount,size=20m", str(tmp_path)], check=True)
        assert tokentrack("--store", str(store), "scan").returncode == 0
        with closing(open_store(store)) as db:
            assert db.execute("select count(*) from requests").fetchone()[0] == 12 * 300
        fill(tmp_path)
        with pytest.raises(StoreError, match="disk is full"):
            open_store(store)


def test_a_log_that_grew_while_the_disk_was_full_loses_nothing(machine: Machine) -> None:
    """The same reader object goes on after a failed write, as the tray app's does."""
    machine.log("P/S.jsonl", answer("msg_1"))
    ingest = Ingest(machine.db, machine.home, os.environ)
    ingest.scan()
    pages = machine.db.execute("pragma page_count").fetchone()[0]
    path = machine.log("P/S.jsonl", *(answer(f"msg_{n}", t=n, model=f"m{n}") for n in range(2, 900)), append=True)
    machine.db.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError):
        ingest.scan()
    machine.db.execute("pragma max_page_count = 100000")
    ingest.read_paths([path])
    assert machine.requests == 899
    assert machine.rows("select count(*) from models") == [(899,)]


def test_every_sentence_says_what_happened_in_one_line() -> None:
    path = Path("/x/tokentrack.db")
    for error in (
        sqlite3.OperationalError("database is locked"), sqlite3.DatabaseError("file is not a database"),
        sqlite3.DatabaseError("database disk image is malformed"), sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("attempt to write a readonly database"), OSError(28, "No space left on device"),
        PermissionError(13, "Permission denied"), sqlite3.OperationalError("disk I/O error"),
    ):  # fmt: skip
        told = sentence(path, error)
        assert one_sentence(told)
        assert str(path) in told


def test_opening_a_store_that_cannot_be_used_leaves_no_connection_behind(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"no database at all, " * 300)
    for _ in range(3):
        with pytest.raises(StoreError):
            open_store(path)
    if Path("/proc/self/fd").is_dir():
        assert path not in {file.resolve() for file in Path("/proc/self/fd").iterdir()}
