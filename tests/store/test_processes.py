"""Several processes at one store, and one that is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from claude_logs import Machine, answer, dump, prompt, tool_result, usage

from tokentrack import readers
from tokentrack.ingest import Ingest
from tokentrack.store import open_store, read

LOGS, ANSWERS = 30, 40


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A home folder of some megabytes of logs, a fork and a sub-agent among them, and what one process makes of it."""
    home = tmp_path_factory.mktemp("undisturbed")
    with closing(Machine(home, home / "store.db")) as machine:
        write_logs(machine)
        machine.scan()
        assert machine.requests == LOGS * ANSWERS + 50
        yield machine


def write_logs(machine: Machine) -> None:
    for number in range(LOGS):
        records = [prompt(f"SHOP-{number}", number * 9000)]
        for n in range(ANSWERS):
            t = number * 9000 + n * 10 + 1
            records += [answer(f"msg_{number}_{n}", t=t + i, figures=usage(3, 7 * i + 1, n, 50)) for i in range(3)]
            records.append(tool_result(f"toolu_{n}", "x" * 1500, t + 5))
        machine.log(f"P/S{number:02}.jsonl", *records)
    machine.log("P/fork.jsonl", *(record | {"sessionKind": "bg"} for record in records))
    machine.log("P/S00/subagents/agent-1.jsonl", *(answer(f"msg_a{n}", t=n, isSidechain=True) for n in range(50)))


@pytest.fixture
def busy(undisturbed: Machine, machine: Machine) -> Machine:
    """These logs in a home folder of this test's, and no store yet."""
    shutil.copytree(undisturbed.home / ".claude", machine.home / ".claude")
    machine.close()
    for rest in machine.store.parent.iterdir():
        rest.unlink()
    return machine


@pytest.fixture(scope="module")
def right(undisturbed: Machine) -> dict[str, list[tuple[object, ...]]]:
    return dump(undisturbed.db)


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tokentrack", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_processes_that_scan_at_once_into_a_new_store_give_the_same_totals(
    busy: Machine, right: dict[str, list[tuple[object, ...]]]
) -> None:
    running = [start("scan", "--json") for _ in range(3)]
    reports = []
    for process in running:
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr.decode()
        assert not stderr
        reports.append(json.loads(stdout))
    assert all(not report["problems"] for report in reports)
    busy.db = open_store(busy.store)
    assert dump(busy.db) == right


SCAN = """
import os, sys, time
from pathlib import Path
from tokentrack import ingest, paths
from tokentrack.store import open_store, read
ingest.BATCH_REQUESTS = 40  # many small transactions, to be killed between or within
db = open_store(paths.store_path())
ingest.Ingest(db, paths.home(), os.environ).scan(on_progress=lambda progress: print(progress.share, flush=True))
"""


@pytest.mark.parametrize(("batches", "pause"), [(1, 0.0), (4, 0.002), (12, 0.0)])
def test_a_scan_that_is_killed_is_finished_by_the_next(
    busy: Machine, right: dict[str, list[tuple[object, ...]]], batches: int, pause: float
) -> None:
    process = subprocess.Popen([sys.executable, "-c", SCAN], stdout=subprocess.PIPE)
    assert process.stdout
    for _ in range(batches):
        assert process.stdout.readline()
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    process.stdout.close()

    busy.db = open_store(busy.store)
    assert 0 < busy.requests < LOGS * ANSWERS + 50, "it was to be killed in the middle"
    assert busy.db.execute("pragma integrity_check").fetchone()[0] == "ok"
    busy.scan()
    assert dump(busy.db) == right


READERS = SCAN.replace(".scan(", ".scan(workers=2, ").replace(
    "ingest.BATCH", "from tokentrack import readers\nreaders.WORTH_WORKERS, readers.SENT_BYTES = 0, 1\ningest.BATCH"
)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_reading_processes_end_with_the_one_that_started_them(busy: Machine) -> None:
    process = subprocess.Popen([sys.executable, "-c", READERS], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline()
    assert len(members(process.pid)) > 1, "it was to read in several processes"
    process.kill()
    process.wait(20)
    process.stdout.close()
    end = time.monotonic() + 10
    while members(process.pid):
        assert time.monotonic() < end, "still there"
        time.sleep(0.05)
    busy.db = open_store(busy.store)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_reading_process_leaves_that_was_killed_is_read_all_the_same(
    busy: Machine, right: dict[str, list[tuple[object, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "SENT_BYTES", 1)
    monkeypatch.setattr(readers, "WORTH_WORKERS", 0)
    busy.db = open_store(busy.store)
    ahead = readers.read_ahead(busy.home, {}, 2)
    assert ahead
    os.kill(ahead.processes[0], signal.SIGKILL)
    os.waitid(os.P_PID, ahead.processes[0], os.WEXITED | os.WNOWAIT)
    report = Ingest(busy.db, busy.home, {}).scan(ahead=ahead)
    assert report.logs_read == LOGS + 2
    assert dump(busy.db) == right


def members(group: int) -> list[str]:
    """Processes of a group."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and (folder / "stat").read_text().rpartition(")")[2].split()[2] == str(group):
                found.append(folder.name)
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_scan_of_a_generated_corpus_is_finished_by_the_next(machine: Machine, shared: Path) -> None:
    """Several reading processes, killed with their parent's whole group; the truth stands beside the corpus."""
    make = [sys.executable, str(shared / "bench/make_corpus.py"), str(machine.home / ".claude"), "--sessions", "12"]
    subprocess.run(make, check=True, capture_output=True)
    truth = json.loads((machine.home / ".claude/truth.json").read_text())
    process = subprocess.Popen([sys.executable, "-c", READERS], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    for _ in range(3):
        assert process.stdout.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
    process.stdout.close()
    assert 0 < machine.requests < truth["total"]["responses"]
    machine.scan()
    total = machine.total()
    assert total.requests == truth["total"]["responses"]
    for kind in ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h"):
        assert getattr(total, kind) == truth["total"][kind]
    models = {key: each.requests for key, each in read.totals_by(machine.db, "model", read.Where())}
    assert models == {name: row["responses"] for name, row in truth["by_model"].items()}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_while_readers_begin_is_told_once(busy: Machine) -> None:
    """A terminal sends it to all of them, at any moment: those that read are ended by the one that they read for."""
    for pause in (0.0, 0.002):
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        while process.poll() is None and not children(process.pid):
            pass
        time.sleep(pause)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode in (0, 1)
        assert b"Traceback" not in said
        assert said.count(b"Stopped") == process.returncode


INTERRUPTED = """
import sys
from tokentrack import cli, readers
from tokentrack.cli import scanning
scanning.WORKERS, readers.WORTH_WORKERS, readers.SENT_BYTES = 4, 0, 1
sys.argv = ["tokentrack", "scan"]
cli.run()
"""


def children(process: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return []
