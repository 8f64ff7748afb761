"""One instance a person and store: hand-over, and the trap of a first start that was killed (qt.md 11)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tokentrack.ui.single import Single, Taken, ask_first, claim, name_of

FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tokentrack.ui.single import claim
app = QCoreApplication([])
single = claim(Path(sys.argv[1]))
print("first" if single else "handed over", flush=True)
single and app.exec()
"""


def start(store: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FIRST, str(store)], stdout=subprocess.PIPE, text=True, env=os.environ
    )


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    """Sockets and locks of this test only; a socket's path has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="tt-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        checkout = str(Path(__file__).parents[2])
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")]))
        yield


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Single]:
    single = claim(tmp_path / "store.db")
    assert single is not None
    yield single
    single.release()


def test_names_differ_by_store_and_carry_the_person(tmp_path: Path) -> None:
    one, other = name_of(tmp_path / "a.db"), name_of(tmp_path / "b.db")
    assert one != other
    assert one == name_of(tmp_path / "a.db")
    assert str(os.getuid()) in one


def test_a_second_start_ends_after_the_first_ones_window_opened(qtbot: QtBot, tmp_path: Path, first: Single) -> None:
    opened: list[bool] = []
    first.on_open = lambda: opened.append(True)
    second = start(tmp_path / "store.db")
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    assert (second.returncode, second.communicate()[0].strip()) == (0, "handed over")
    assert opened == [True]


def test_another_store_is_another_instance(tmp_path: Path, first: Single) -> None:
    other = claim(tmp_path / "other.db")
    assert other is not None
    other.release()


def test_a_killed_first_start_blocks_nobody(tmp_path: Path) -> None:
    """Its socket and its lock stay behind; the next start is the first again."""
    store = tmp_path / "store.db"
    killed = start(store)
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == "first"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    single = claim(store, patience_ms=2000)
    assert single is not None
    single.release()


def test_a_first_start_that_hangs_is_told_in_one_sentence(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    hanging = start(store)
    assert hanging.stdout is not None
    assert hanging.stdout.readline().strip() == "first"
    os.kill(hanging.pid, signal.SIGSTOP)
    try:
        with pytest.raises(Taken, match="does not answer"):
            claim(store, patience_ms=300)
    finally:
        os.kill(hanging.pid, signal.SIGKILL)
        hanging.communicate()


def test_nobody_answers_where_nobody_is(tmp_path: Path) -> None:
    assert not ask_first(name_of(tmp_path / "nobody.db"))


def test_after_its_end_the_next_is_first(tmp_path: Path) -> None:
    single = claim(tmp_path / "store.db")
    assert single is not None
    single.release()
    again = claim(tmp_path / "store.db")
    assert again is not None
    again.release()


def test_two_starts_at_once_make_one_first(qtbot: QtBot, tmp_path: Path) -> None:
    several = [start(tmp_path / "store.db") for _ in range(3)]
    said: list[str] = []

    def listen(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        said.append(process.stdout.readline().strip())

    threads = [threading.Thread(target=listen, args=(process,)) for process in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for process in several:
        process.kill()
        process.communicate()
    assert sorted(said) == ["first", "handed over", "handed over"]
