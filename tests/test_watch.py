"""The watch on real folders, real threads and real inotify, with logs written by other processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from at_work import OUTPUT, answer, append, burst, total, until
from git_repositories import Repo

from tokentrack import clock, watch, watched
from tokentrack.model.tasks import Task
from tokentrack.store import links, open_store, read, rules, tasks, transaction
from tokentrack.store.copies import copy_to, restore_from
from tokentrack.watch import Watch

SOON = 1.0
"""Seconds in which an append is in the store."""


class Watching(Watch):
    """A watch that the test started; it tells what the store holds."""

    @property
    def total(self) -> tuple[int, int]:
        return total(self.store)

    def reaches(self, requests: int, seconds: float = SOON) -> float:
        """Waits until the store holds exactly so many answers; returns how long that took."""
        wanted = requests, requests * OUTPUT
        return until(lambda: self.total == wanted, seconds, f"{wanted}; there are {self.total}, {self.state}")

    def ready(self) -> Watching:
        until(lambda: self.state.passed_at is not None, 10, "the first pass")
        return self


Start = Callable[..., Watching]


@pytest.fixture
def projects(home: Path) -> Path:
    place = home / ".claude/projects"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def log(projects: Path) -> Path:
    """A session with one answer."""
    place = projects / "-work-shop/s1.jsonl"
    append(place, answer("first"))
    return place


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a watch; `stopped` at the end, whatever the test did."""
    with ExitStack() as running:

        def begin(**calls: Callable[[], None]) -> Watching:
            store = tmp_path / "store/tokentrack.db"
            made = Watching(store, home, {}, calls.get("on_change", lambda: None))
            made.start()
            running.callback(made.stop)
            return made

        yield begin


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same watch with shorter waits."""
    for name, seconds in QUICK.items():
        monkeypatch.setattr(watch, name, seconds)


QUICK = {"ROOTS_SECONDS": 0.2, "RETRY_SECONDS": 0.3, "POLL_SECONDS": 0.3, "REWATCH_SECONDS": 0.5, "BUSY_MS": 200}


# ---- what happens to logs --------------------------------------------------------------------------------------------


def test_an_append_is_read_within_a_second(start: Start, log: Path) -> None:
    watching = start().ready()
    assert watching.total == (1, OUTPUT)
    for number in range(5):
        append(log, answer(f"n{number}"))
        watching.reaches(number + 2)


def test_a_new_session_and_a_new_project_are_read_at_once(start: Start, projects: Path, log: Path) -> None:
    watching = start().ready()
    append(log.with_name("s2.jsonl"), answer("two", "s2"))
    watching.reaches(2)
    append(projects / "-work-new/s3.jsonl", answer("three", "s3"))
    watching.reaches(3)


def test_a_file_made_together_with_its_deep_folders_is_read_at_once(start: Start, log: Path) -> None:
    watching = start().ready()
    for number in range(4):
        inner = log.with_suffix("") / f"subagents/workflows/{number}/agent-1.jsonl"
        append(inner, answer(f"deep{number}"))
        watching.reaches(2 + 2 * number)
        append(inner, answer(f"deeper{number}"))
        watching.reaches(3 + 2 * number)


def test_a_watcher_that_died_is_replaced(start: Start, log: Path, quick: None) -> None:
    watching = start().ready()
    folders = watching._watched
    assert folders._observer
    folders._observer.threads[1].stop()
    until(lambda: folders._observer and folders._observer.threads[1].is_alive(), 3)
    append(log, answer("second"))
    watching.reaches(2)


def test_a_folder_moved_in_is_read_at_once(start: Start, log: Path, tmp_path: Path) -> None:
    watching = start().ready()
    append(tmp_path / "elsewhere/s2.jsonl", answer("two", "s2"))
    (tmp_path / "elsewhere").rename(log.parent.with_name("-work-moved"))
    watching.reaches(2)


def test_half_a_line_counts_once_it_is_whole(start: Start, log: Path) -> None:
    watching = start().ready()
    line = answer("half")
    append(log, answer("before") + line[:200])
    watching.reaches(2)
    append(log, line[200:])
    watching.reaches(3)


def test_a_truncated_log_keeps_its_past_and_goes_on(start: Start, log: Path) -> None:
    watching = start().ready()
    append(log, answer("second"))
    watching.reaches(2)
    os.truncate(log, 0)
    append(log, answer("after"))
    watching.reaches(3)
    append(log, answer("and on"))
    watching.reaches(4)


def test_a_log_rewritten_in_place_keeps_its_past(start: Start, log: Path) -> None:
    watching = start().ready()
    with log.open("r+") as file:
        file.write(answer("other") + answer("others"))
    watching.reaches(3)


def test_a_log_replaced_by_a_rename_keeps_its_past(start: Start, log: Path) -> None:
    watching = start().ready()
    new = log.with_name("s1.tmp")
    append(new, answer("first") + answer("second"))
    new.rename(log)
    watching.reaches(2)
    append(log, answer("third"))
    watching.reaches(3)


def test_a_deleted_log_stays_in_the_totals(start: Start, log: Path) -> None:
    append(log.with_name("s2.jsonl"), answer("two", "s2"))
    watching = start().ready()
    watching.reaches(2)
    log.unlink()
    append(log.with_name("s2.jsonl"), answer("more", "s2"))
    watching.reaches(3)
    shutil.rmtree(log.parent)  # a folder that goes is looked at at once
    until(lambda: gone_logs(watching.store) == 2, SOON)
    assert watching.total == (3, 3 * OUTPUT)


def gone_logs(store: Path) -> int:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return int(db.execute("select count(gone_at) from logs").fetchone()[0])


# ---- what happens to roots -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [".claude/projects", ".claude"])
def test_a_root_that_comes_later_goes_and_comes_back(start: Start, home: Path, quick: None, gone: str) -> None:
    watching = start().ready()
    log = home / ".claude/projects/-work-shop/s1.jsonl"
    for number in range(1, 8, 2):
        append(log, answer(f"n{number}"))
        watching.reaches(number, 3)
        append(log, answer(f"n{number}, now watched"))
        watching.reaches(number + 1)
        shutil.rmtree(home / gone)  # what comes back may well have the same inode


def test_a_root_moved_away_and_replaced(start: Start, projects: Path, log: Path, quick: None) -> None:
    watching = start().ready()
    projects.rename(projects.with_name("old"))
    append(log, answer("new"))
    watching.reaches(2, 3)
    append(log, answer("newer"))
    watching.reaches(3)
    append(projects.with_name("old") / "-work-shop/s1.jsonl", answer("not watched any more"))
    append(log, answer("newest"))
    watching.reaches(4)


def test_a_root_that_is_a_link_is_watched_like_any_other(start: Start, home: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (home / ".claude").mkdir()
    (home / ".claude/projects").symlink_to(tmp_path / "real")
    watching = start().ready()
    append(tmp_path / "real/-work-new/s1.jsonl", answer("first"))
    watching.reaches(1)


# ---- what links lead to ----------------------------------------------------------------------------------------------


def test_what_links_lead_to_is_watched_like_what_lies_there(start: Start, projects: Path, log: Path) -> None:
    """AC 37. A project's folder, a session's, one log, and circles, which end."""
    away = projects.parent.parent / "away"
    links = {projects / "-work-linked": away / "project", log.parent / "s2": away / "session"}
    links |= {
        log.parent / "s3.jsonl": away / "s3.jsonl",
        log.parent / "back": projects,
        log.parent / "self": log.parent / "self",
    }
    (away / "project").mkdir(parents=True)
    append(away / "session/subagents/agent-1.jsonl", answer("agent", "s2"))
    append(away / "s3.jsonl", answer("third", "s3"))
    for link, target in links.items():
        link.symlink_to(target)
    watching = start().ready()
    watching.reaches(3)
    until(lambda: len(watching._watched._places) == 4, SOON, "the root, and what three links lead to")
    for number, place in enumerate(("project/s4.jsonl", "project/s4/subagents/agent-4.jsonl", "s3.jsonl")):
        append(away / place, answer(f"n{number}", "s4"))
    append(away / "session/subagents/agent-2.jsonl", answer("another agent", "s2"))
    append(log, answer("second"))
    watching.reaches(8)
    with closing(sqlite3.connect(watching.store)) as db:
        names = [name for (name,) in db.execute("select path from logs where path not like ?", [f"{projects}/%"])]
    assert not names, "a log is known by the path below its root"


def test_a_link_that_appears_is_repointed_or_leads_nowhere_yet(start: Start, projects: Path, log: Path) -> None:
    """AC 37."""
    away = projects.parent.parent / "away"
    append(away / "one/s2.jsonl", answer("there before", "s2"))
    watching = start().ready()
    link, new = projects / "-work-linked", projects / "new"
    link.symlink_to(away / "one")
    watching.reaches(2)
    new.symlink_to(away / "two")
    new.rename(link)
    until(lambda: watching._watched._links.get(str(link)) == (str(away / "two"), False), SOON)
    append(away / "two/s3.jsonl", answer("made after its link", "s3"))
    watching.reaches(3)
    link.unlink()
    until(lambda: not watching._watched._links, SOON)
    append(away / "two/s3.jsonl", answer("not linked any more", "s3"))
    append(log, answer("second"))
    watching.reaches(4)


# ---- where watching fails --------------------------------------------------------------------------------------------


def mode(store: Path) -> dict[str, Any]:
    """What `tokentrack doctor` says about watching."""
    command = [sys.executable, "-m", "tokentrack", "--store", str(store), "doctor", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(result.stdout)["watching"]
    return found


def test_more_folders_than_may_be_watched_are_polled_and_doctor_says_so(
    start: Start, log: Path, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "max_user_watches"
    limit.write_text("2\n")
    monkeypatch.setattr(watched, "WATCH_LIMIT", limit)
    watching = start().ready()
    assert watching.state.polling
    assert not [thread for thread in threading.enumerate() if type(thread).__module__.startswith("watchdog")]
    append(log, answer("second"))
    watching.reaches(2, 3)
    told = mode(watching.store)
    assert told["mode"] == "polling"
    assert "every few seconds" in told["note"]

    limit.write_text("100000\n")
    until(lambda: not watching.state.polling, 3)
    until(lambda: mode(watching.store)["mode"] == "watching", 5)


CHILD = """
import json, sys
from dataclasses import asdict
from pathlib import Path
sys.path.append(sys.argv.pop(1))
from at_work import total
from tokentrack import watch
store, home, constants = sys.argv[1:]
for name, value in json.loads(constants).items():
    setattr(watch, name, value)
watching = watch.Watch(Path(store), Path(home), {}, lambda: None)
watching.start()
for line in sys.stdin:
    print(json.dumps(asdict(watching.state) | {"total": total(Path(store))}), flush=True)
watching.stop()
"""


class Child:
    """A watch in a process of its own, perhaps in a namespace of its own; `setup` is shell run there first."""

    def __init__(self, store: Path, home: Path, setup: str = ":", namespace: str = "") -> None:
        self.store = store
        python = [sys.executable, "-c", CHILD, *map(str, (Path(__file__).parent, store, home)), json.dumps(QUICK)]
        command = [*namespace.split(), "sh", "-ec", f'{setup}\nexec "$@"', "sh", *python]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def state(self) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def ready(self) -> Child:
        until(lambda: self.state()["passed_at"] is not None, 15, "the first pass")
        return self

    def stop(self) -> None:
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            raise


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    with ExitStack() as running:

        def begin(*arguments: Any) -> Child:
            made = Child(*arguments)
            running.callback(made.stop)
            return made

        yield begin


def able(namespace: str, setup: str) -> str:
    """The namespace, if this machine lets a test make one."""
    command = [*namespace.split(), "sh", "-ec", setup]
    if not shutil.which("unshare") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"this machine allows no `{namespace}`")
    return namespace


@pytest.mark.parametrize("limit", ["watches", "instances"])
def test_when_the_kernel_grants_no_more_the_app_polls_at_once_and_doctor_names_the_limit(
    child: Callable[..., Child], home: Path, projects: Path, tmp_path: Path, limit: str
) -> None:
    """AC 37. The limits below /proc/sys/user belong to the new namespace alone; nothing else on the machine feels them."""
    setup = f"echo {4 if limit == 'watches' else 0} > /proc/sys/user/max_inotify_{limit}"
    logs = [projects / f"-work-{number}/s{number}.jsonl" for number in range(10)]
    store = tmp_path / "tokentrack.db"
    watching = child(store, home, setup, able("unshare -Ur", setup)).ready()
    assert watching.state()["polling"] == ("" if limit == "watches" else "instances")
    for number, log in enumerate(logs):
        append(log, answer(f"a{number}", log.stem))
    until(lambda: total(store) == (10, 10 * OUTPUT), 2)
    until(lambda: watching.state()["polling"] == limit, SOON)
    for number, log in enumerate(logs):
        append(log, answer(f"b{number}", log.stem))
    until(lambda: total(store) == (20, 20 * OUTPUT), 3)
    told = mode(store)
    assert (told["mode"], told["cause"]) == ("polling", limit)
    assert f"fs.inotify.max_user_{limit} is " in told["note"]
    threads = Path(f"/proc/{watching.process.pid}/task")
    # main, ingest and histories
    until(lambda: len(list(threads.iterdir())) == 3, 3, "no thread of a failed attempt is left")
    open_files = Path(f"/proc/{watching.process.pid}/fd")
    until(lambda: not any("inotify" in str(file.readlink()) for file in open_files.iterdir()), 3)


# ---- pause, stop, faults ---------------------------------------------------------------------------------------------


def test_nothing_is_read_while_paused_and_everything_afterwards(start: Start, log: Path, quick: None) -> None:
    watching = start().ready()
    watching.pause(True)
    for number in range(3):
        append(log, answer(f"n{number}"))
        append(log.with_name(f"t{number}.jsonl"), answer(f"t{number}", f"t{number}"))
    with pytest.raises(AssertionError):
        watching.reaches(2, 0.5)
    assert watching.paused
    watching.pause(False)
    watching.reaches(7)
    append(log, answer("on"))
    watching.reaches(8)


def test_stop_ends_every_thread(start: Start, log: Path) -> None:
    before = set(threading.enumerate())
    watching = start().ready()
    assert len(set(threading.enumerate()) - before) >= 2
    watching.stop()
    assert set(threading.enumerate()) == before
    watching.stop()  # again is harmless


def test_stop_does_not_wait_for_a_long_scan(start: Start, projects: Path) -> None:
    (projects / "-work-shop").mkdir()
    for number in range(1500):
        (projects / f"-work-shop/s{number}.jsonl").write_text(answer(f"n{number}", f"s{number}"))
    watching = start()
    until(lambda: watching.state.reading or watching.total[0], 10)
    assert until(lambda: watching.stop() or True, 2) < 2
    again = start()
    again.reaches(1500, 20)


def test_a_store_locked_for_a_while_is_said_and_nothing_is_lost(start: Start, log: Path, quick: None) -> None:
    watching = start().ready()
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('begin immediate'); print(1, flush=True)"
    command = [sys.executable, "-c", f"{code}; sys.stdin.read()", str(watching.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as locker:
        assert locker.stdout
        assert locker.stdout.readline()
        append(log, answer("while locked"))
        until(lambda: watching.state.error, 3)
        assert "in use by another program" in str(watching.state.error)
        append(log, answer("still locked"))
        locker.communicate()
    watching.reaches(3, 5)
    until(lambda: watching.state.error is None, 3)
    append(log, answer("free"))
    watching.reaches(4)


def test_stop_does_not_wait_for_a_locked_store(start: Start, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watching = start().ready()
    with closing(sqlite3.connect(watching.store, isolation_level=None)) as db:
        db.execute("begin immediate")
        append(log, answer("while locked"))
        with pytest.raises(AssertionError):
            watching.reaches(2, 0.5)
        assert until(lambda: watching.stop() or True, 3) < 3
    start().reaches(2, 5)


def test_a_full_disk_is_said_and_nothing_is_lost(
    child: Callable[..., Child], home: Path, log: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    setup = f"mount -t tmpfs -o size=1m tmpfs {disk}"
    namespace = able("unshare -m" if os.geteuid() == 0 else "unshare -Urm", setup)
    watching = child(disk / "tokentrack.db", home, setup, namespace).ready()
    filler = Path(f"/proc/{watching.process.pid}/root{disk}/filler")  # as that process sees it
    assert watching.state()["total"] == [1, OUTPUT]
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        all(iter(lambda: file.write(bytes(4096)), 0))
    for number in range(40):
        append(log.with_name(f"t{number}.jsonl"), answer(f"n{number}", f"t{number}"))
    until(lambda: watching.state()["error"], 5)
    assert "disk is full" in watching.state()["error"]
    filler.unlink()
    until(lambda: watching.state()["error"] is None, 5)
    until(lambda: watching.state()["total"] == [41, 41 * OUTPUT], 5)
    append(log, answer("and on"))
    until(lambda: watching.state()["total"] == [42, 42 * OUTPUT], SOON)


@pytest.mark.parametrize("traceback", ["", "1"])
def test_a_fault_of_our_own_is_said_and_reading_goes_on(
    start: Start,
    log: Path,
    quick: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    traceback: str,
) -> None:
    monkeypatch.setenv("TOKENTRACK_TRACEBACK", traceback)
    faults = [RuntimeError("a fault")]
    said = []

    def on_change() -> None:
        if faults:
            raise faults.pop()
        said.append(watching.state.error)

    watching = start(on_change=on_change)
    watching.reaches(1, 5)
    until(lambda: said and said[-1] is None, 5)
    assert "Reading failed (RuntimeError: a fault)" in str(said[0])
    assert ("Traceback" in caplog.text) == bool(traceback)
    assert bool(caplog.records) == bool(traceback)  # what nobody handles goes to stderr
    append(log, answer("second"))
    watching.reaches(2)


def test_a_store_that_was_moved_is_written_no_more_and_a_new_one_is(
    start: Start, log: Path, quick: None, tmp_path: Path
) -> None:
    watching = start().ready()
    moved = tmp_path / "moved"
    moved.mkdir()
    for part in watching.store.parent.glob("tokentrack.db*"):
        part.rename(moved / part.name)
    append(log, answer("second"))
    watching.reaches(2, 3)
    assert total(moved / "tokentrack.db") == (1, OUTPUT)
    append(log, answer("third"))
    watching.reaches(3)


def test_logs_written_since_the_copy_are_read_again_soon_after_a_restore(
    start: Start, log: Path, quick: None, tmp_path: Path
) -> None:
    """The file stays the same one, so that whoever has it open goes on; its place tells nothing."""
    told: list[None] = []
    watching = start(on_change=lambda: told.append(None)).ready()
    with closing(open_store(watching.store)) as db:
        copy_to(db, tmp_path / "copy.db")
    append(log, answer("second"))
    watching.reaches(2)
    told.clear()
    restore_from(tmp_path / "copy.db", watching.store)
    watching.reaches(2)
    assert told


def test_a_damaged_store_is_said_until_another_one_is_there(start: Start, log: Path, quick: None) -> None:
    watching = start().ready()
    for part in watching.store.parent.glob("tokentrack.db*"):
        part.unlink()
    watching.store.write_bytes(b"no database " * 1000)
    until(lambda: "damaged" in str(watching.state.error), 3)
    watching.store.rename(watching.store.with_name("damaged.db"))
    append(log, answer("second"))
    watching.reaches(2, 3)
    until(lambda: watching.state.error is None, 3)


def test_the_time_of_the_last_reading_is_kept(start: Start, log: Path) -> None:
    watching = start().ready()
    first = until_read(watching, 0)
    append(log, answer("second"))
    until_read(watching, first)


def until_read(watching: Watching, after: int) -> int:
    until(lambda: (watching.state.read_at or 0) > after, SOON)
    assert watching.state.read_at
    return watching.state.read_at


def test_a_folder_without_permission_is_said_until_it_is_open(
    start: Start, projects: Path, log: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root, as which tests may run, may read everything: the kernel's refusal is played."""
    scandir, hints = os.scandir, threading.Semaphore(0)

    def refuse(path: str = ".") -> Iterator[os.DirEntry[str]]:
        if os.fspath(path) == str(projects):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    watching = start(on_change=hints.release).ready()
    while hints.acquire(blocking=False):
        pass
    monkeypatch.setattr(os, "scandir", refuse)
    told = (f"claude-code: {projects}: it cannot be read (Permission denied)",)
    until(lambda: watching.state.unreadable == told, 3)
    assert hints.acquire(timeout=1)
    monkeypatch.setattr(os, "scandir", scandir)
    until(lambda: not watching.state.unreadable, 3)
    assert watching.total == (1, OUTPUT)


def test_a_file_of_prices_that_is_none_is_said(start: Start, log: Path, tmp_path: Path) -> None:
    prices = tmp_path / "store/prices.toml"
    prices.parent.mkdir()
    prices.write_text("nonsense")
    (told,) = start().ready().state.unreadable
    assert told.startswith("prices.toml: cannot be read")


def test_a_root_that_cannot_be_meant_stops_no_other(start: Start, log: Path) -> None:
    watching = start().ready()
    with closing(sqlite3.connect(watching.store, isolation_level=None)) as db:
        roots = json.dumps(["~nosuchperson/logs", "/nul\0/byte", "", 5])
        db.execute("insert into settings values ('roots.claude-code', ?)", [roots])
    watching.look_now()
    append(log, answer("second"))
    watching.reaches(2)
    assert watching.state.error is None
    assert mode(watching.store)["mode"] == "watching"


# ---- repositories ----------------------------------------------------------------------------------------------------


def test_repositories_are_read_after_a_pass_and_told_of(start: Start, log: Path, tmp_path: Path) -> None:
    """And hold up neither the counter nor the end: this one's configuration never ends."""
    repo, stuck = Repo(tmp_path / "shop"), Repo(tmp_path / "stuck")
    sha = repo.commit("PAY-12: refunds", "a.txt")
    stuck.commit("Begin", "a.txt")
    os.mkfifo(stuck.path / ".git/endless")
    stuck.git("config", "include.path", str(stuck.path / ".git/endless"))
    told = []
    watching = start(on_change=lambda: told.append(threading.current_thread().name)).ready()
    for place in (stuck, repo):  # the project that was used last comes first
        name = place.path.name
        append(log.with_name(f"{name}.jsonl"), answer(name, name).replace("/home/dev/shop", str(place.path)))
    watching.reaches(3)
    watching.look_now()
    until(lambda: watching.state.repositories, 10)  # as the inbox says

    def read() -> list[str]:
        with closing(sqlite3.connect(watching.store)) as db:
            return [row[0].hex() for row in db.execute("select sha from commits")]

    until(lambda: read() == [sha], 10)
    until(lambda: "histories" in told, 5)
    append(log, answer("while git hangs"))
    watching.reaches(4)
    begin = time.monotonic()
    watching.stop()
    assert time.monotonic() - begin < 2


# ---- much at once ----------------------------------------------------------------------------------------------------


def test_rules_link_what_matches_after_a_pass(start: Start, log: Path) -> None:
    watching = start().ready()
    with closing(open_store(watching.store)) as db:
        project = read.sessions(db)[0].project
        with transaction(db):
            task = tasks.add(db, Task("", "Maintenance", None, None, project, 0))
            rules.add(db, "path", project, ".", task.id, clock.now_ms())
        watching.look_now()
        until(lambda: [(link.task, link.source) for link in links.links(db)] == [(task.id, "rule")], 5)


def test_a_burst_of_two_thousand_appends_ends_with_exact_totals(start: Start, projects: Path) -> None:
    logs = [projects / f"-work-{number % 7}/s{number}.jsonl" for number in range(50)]
    for log in logs:
        append(log, answer(f"first {log.stem}", log.stem))
    watching = start().ready()
    lines = [(logs[n % 50], answer(f"n{n}", logs[n % 50].stem)) for n in range(2000)]
    assert burst(lines, 0.0005).wait(30) == 0
    watching.reaches(2050, 5)


def test_two_watches_on_one_store_end_with_exact_totals(
    start: Start, child: Callable[..., Child], home: Path, projects: Path
) -> None:
    logs = [projects / f"-work-{number % 3}/s{number}.jsonl" for number in range(10)]
    for log in logs:
        append(log, answer(f"first {log.stem}", log.stem))
    watching = start()
    other = child(watching.store, home).ready()
    watching.ready()
    lines = [(logs[n % 10], answer(f"n{n}", logs[n % 10].stem)) for n in range(600)]
    assert burst(lines, 0.002).wait(30) == 0
    watching.reaches(610, 5)
    until(lambda: watching.state.error is None and other.state()["error"] is None, 5)
    watching.stop()
    append(logs[0], answer("for the other", logs[0].stem))
    watching.reaches(611)


def test_a_quiet_watch_costs_nothing(child: Callable[..., Child], home: Path, projects: Path, tmp_path: Path) -> None:
    for number in range(300):
        folder = projects / f"-work-{number % 20}"
        folder.mkdir(exist_ok=True)
        (folder / f"s{number}.jsonl").write_text(answer(f"n{number}", f"s{number}"))
    watching = child(tmp_path / "tokentrack.db", home).ready()
    watching.state()
    before = cpu_seconds(watching.process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        watching.process.wait(1)  # five looks at the roots: 7 seconds' worth of a real watch
    assert cpu_seconds(watching.process.pid) - before <= 0.03


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
