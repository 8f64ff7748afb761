"""The store is the archive: logs vanish, shrink, are rewritten or cannot be read, and no total goes down (AC 9)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, answer, by_session, dump, lines, prompt
from command_line import Run

from tokentrack.review.health import examine
from tokentrack.store import logs


def told(machine: Machine) -> dict[str, Any]:
    """What `doctor` says of Claude Code."""
    agent: dict[str, Any] = examine(machine.db, machine.store, machine.home, os.environ)["agents"][0]
    return agent


@pytest.fixture
def path(machine: Machine) -> Path:
    """A log of two requests, read."""
    found = machine.log("P/S.jsonl", prompt(), answer("msg_1", t=1), answer("msg_2", t=2))
    machine.log("P/T.jsonl", answer("msg_3", t=3, sessionId="T"))
    machine.scan()
    return found


def test_ac9_deleting_all_logs_changes_no_total_and_the_doctor_says_they_are_gone(
    machine: Machine, run: Run, sample_logs: Path, lay_out: Callable[[Path], Path]
) -> None:
    root = lay_out(sample_logs)
    machine.scan()
    before = dump(machine.db)
    assert told(machine)["gone_logs"] == 0
    shutil.rmtree(root)
    report = machine.scan()
    assert report.gone == told(machine)["gone_logs"] == told(machine)["logs"] > 5
    machine.scan(full=True)
    assert dump(machine.db) == before
    assert told(machine)["problems"] == []

    assert run("doctor", "--json").json["agents"][0]["gone_logs"] == report.gone


def test_one_deleted_log_is_gone_and_the_others_go_on(machine: Machine, path: Path) -> None:
    path.unlink()
    machine.log("P/T.jsonl", answer("msg_4", t=4), append=True)
    report = machine.scan()
    assert (report.gone, machine.requests) == (1, 4)
    assert machine.scan().gone == 0  # told once
    assert told(machine)["gone_logs"] == 1


def test_a_log_that_comes_back_is_no_longer_gone(machine: Machine, path: Path) -> None:
    hidden = machine.home / "hidden"
    (machine.home / ".claude").rename(hidden)  # as a disk that is unplugged
    machine.scan()
    assert told(machine)["gone_logs"] == 2
    hidden.rename(machine.home / ".claude")
    machine.scan()
    assert told(machine)["gone_logs"] == 0
    assert machine.requests == 3


def test_a_truncated_log_takes_nothing_away_and_is_read_on(machine: Machine, path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(len(lines([prompt()])))
    machine.scan()
    assert machine.requests == 3
    machine.write(path, lines([answer("msg_5", t=5)]), append=True)
    machine.scan()
    assert machine.requests == 4


def test_a_log_rewritten_in_place_is_read_from_its_start(machine: Machine, path: Path) -> None:
    inode = path.stat().st_ino
    with path.open("r+b") as file:
        file.truncate()
        file.write(lines([prompt("Something else", 50), *(answer(f"msg_new{n}", t=51 + n) for n in range(9))]))
    assert path.stat().st_ino == inode
    machine.scan()
    assert machine.requests == 12


def test_a_log_rewritten_to_the_same_length_is_read_again(machine: Machine, path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"msg_2", b"msg_9"))
    assert path.stat().st_size == len(data)
    machine.scan()
    assert machine.requests == 4


def test_a_log_replaced_by_rename_is_read_on(machine: Machine, path: Path) -> None:
    other = machine.write(machine.home / "new", path.read_bytes() + lines([answer("msg_5", t=5)]))
    other.replace(path)  # as editors and sync tools write
    report = machine.scan()
    assert (report.requests_new, machine.requests) == (1, 4)


def test_faults_of_a_rewritten_log_are_told_as_they_are_now(machine: Machine, path: Path) -> None:
    machine.write(path, b"not JSON\n", append=True)
    machine.scan()
    assert told(machine)["unreadable_lines"] == 1
    path.write_bytes(lines([prompt("All is well", 9)]))
    machine.scan()
    assert told(machine)["unreadable_lines"] == 0
    assert told(machine)["problems"] == []


def test_a_bad_line_is_told_once_after_a_rename_and_still_when_its_log_is_gone(machine: Machine, path: Path) -> None:
    """AC 9: figures of a log that is gone stay, and so does what is known of the record that is in none of them."""
    machine.write(path, b"not JSON\n", append=True)
    machine.scan()
    moved = path.rename(path.with_name("other.jsonl"))
    machine.scan()
    found = told(machine)
    assert (found["unreadable_lines"], [one["log"] for one in found["problems"]]) == (1, [str(moved)])
    moved.unlink()
    machine.scan()
    machine.scan(full=True)
    (problem,) = told(machine)["problems"]
    assert problem["log"] in (str(path), str(moved))
    assert problem["reason"].startswith("not JSON at byte ")
    assert problem["reason"].endswith("; the log is gone")
    assert (told(machine)["unreadable_lines"], machine.requests) == (1, 3)


# ---- logs that cannot be read ----------------------------------------------------------------------------------------


def make_unreadable(path: Path) -> None:
    """So that it is there, and reading it fails: also for root, whom no mode of a file stops."""
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading its first byte is an error of the input itself


needs_proc = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")


@needs_proc
def test_a_log_that_cannot_be_read_is_noted_and_the_others_go_on(machine: Machine, path: Path) -> None:
    keep = path.read_bytes()
    make_unreadable(path)
    machine.log("P/T.jsonl", answer("msg_4", t=4), append=True)
    report = machine.scan()
    assert machine.requests == 4
    assert [log for log, _ in report.problems] == [str(path)]
    assert [problem["log"] for problem in told(machine)["problems"]] == [str(path)]
    assert "cannot be read" in told(machine)["problems"][0]["reason"]
    assert logs.failing(machine.db)

    path.unlink()
    machine.write(path, keep + lines([answer("msg_5", t=5)]))
    machine.scan()
    assert machine.requests == 5
    assert told(machine)["problems"] == []


@needs_proc
def test_a_log_that_could_never_be_read_is_noted_too(machine: Machine, run: Run) -> None:
    path = machine.log("P/S.jsonl")
    make_unreadable(path)
    for _ in range(2):
        report = machine.scan()
        assert [log for log, _ in report.problems] == [str(path)]
    assert machine.sessions == {}
    result = run("scan")
    assert result.code == 0
    assert str(path) in result.err
    assert str(path) not in result.out


@needs_proc
def test_what_could_never_be_read_is_no_log_that_is_gone(machine: Machine) -> None:
    path = machine.log("P/S.jsonl")
    make_unreadable(path)
    machine.log("P/T.jsonl", answer())
    machine.scan()
    assert told(machine)["logs"] == 2
    path.unlink()
    assert machine.scan().gone == 0
    assert (told(machine)["gone_logs"], told(machine)["logs"], told(machine)["problems"]) == (0, 1, [])


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_a_log_that_this_person_may_not_read_is_noted(empty_store: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="tt-"))  # below pytest's own folder only root may look
    home.chmod(0o755)
    store = Path(shutil.copy(empty_store, home / "store.db"))
    with closing(Machine(home, store)) as machine:
        machine.log("P/R.jsonl", answer("msg_0"))
        machine.scan()  # imports what reading needs, as long as every module may be read
        machine.log("P/S.jsonl", answer("msg_1")).chmod(0)
        machine.log("P/T.jsonl", answer("msg_2"))
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            report = machine.scan()
        finally:
            if root:
                os.seteuid(0)
        assert [(Path(log).name, "Permission denied" in reason) for log, reason in report.problems] == [
            ("S.jsonl", True)
        ]
        assert machine.requests == 2
    shutil.rmtree(home)


def test_a_log_that_vanishes_while_it_is_read_is_no_trouble(machine: Machine, path: Path) -> None:
    path.write_bytes(path.read_bytes() + lines([answer("msg_7", t=7)]))
    listed = list(machine.home.rglob("*.jsonl"))
    assert path in listed
    path.unlink()
    path.symlink_to("nowhere")
    report = machine.scan()
    assert (report.problems, report.gone, machine.requests) == ([], 1, 3)


def test_a_full_scan_merges_and_removes_nothing(machine: Machine, path: Path) -> None:
    path.unlink()
    before = by_session(machine)
    report = machine.scan(full=True)
    assert (report.logs, report.requests_new) == (1, 0)
    assert by_session(machine) == before
