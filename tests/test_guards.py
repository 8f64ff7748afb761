"""Each guard of the suite is broken here once, to see that it holds."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trespass

TESTS = Path(trespass.CHECKOUT) / "tests"


@pytest.fixture
def forgiven() -> Iterator[list[str]]:
    """What this test touches on purpose does not fail it."""
    yield trespass.seen
    trespass.seen.clear()


def real(name: str) -> Path:
    return trespass.homes[0] / name


@pytest.mark.parametrize(
    "touch",
    [
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        lambda: socket.getaddrinfo("localhost", 80),
        lambda: real(".claude/settings.json").open(),
        lambda: list(real(".claude/projects").iterdir()),
        lambda: os.scandir(real(".config")),
        lambda: real(".config/autostart").mkdir(),
        lambda: real("x/../.claude/x").write_text("x"),
        lambda: real("x").rename(real(".codex")),
        lambda: sqlite3.connect(real(".local/share/tokentrack/tokentrack.db")),
        lambda: sqlite3.connect(f"file:{real('.config/Cursor/x.db')}?mode=ro", uri=True),
    ],
)
def test_what_no_test_may_touch_is_stopped_and_noted(touch: Callable[[], object], forgiven: list[str]) -> None:
    with pytest.raises(trespass.Trespass):
        touch()
    assert forgiven


def test_what_every_test_may_do(home: Path, tmp_path: Path) -> None:
    socket.socket(socket.AF_UNIX).close()
    (home / ".claude").mkdir()
    (Path.home() / ".claude/x").write_text("x")
    assert Path.home() == home != trespass.homes[0]
    assert not list(tmp_path.iterdir())
    assert not trespass.seen


def test_a_child_process_has_the_same_home_and_guards(home: Path) -> None:
    code = "from pathlib import Path; import trespass; print(Path.home(), trespass._watching)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == [str(home), "True"]


INNER = """
import os, socket, subprocess, sys, threading
from pathlib import Path
import pytest

REAL = Path({home!r})

def touch():
    try:
        socket.socket()
    except Exception:
        pass

def test_may_socket():
    touch()

def test_may_thread():
    thread = threading.Thread(target=touch)
    thread.start()
    thread.join()

def test_may_home():
    with pytest.raises(Exception):
        (REAL / ".claude" / "x").write_text("x")

def test_may_child_socket():
    subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], capture_output=True)

def test_may_child_home():
    subprocess.run([sys.executable, "-c", f"open({{str(REAL / '.claude/x')!r}}, 'w')"], capture_output=True)

def test_fine():
    (Path.home() / ".claude").mkdir()

@pytest.mark.registry
def test_registry():
    socket.socket().close()
    subprocess.run([sys.executable, "-c", "import socket; socket.socket().close()"], check=True)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite with this suite's guards, whose real home is `suite.path`."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest((TESTS / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini(f"[pytest]\npythonpath = {TESTS / 'guard'}\nmarkers = registry: x\n")
    return pytester


def test_a_test_that_trespasses_fails_even_if_it_looks_away(suite: pytest.Pytester) -> None:
    (suite.path / ".claude").mkdir()
    suite.makepyfile(INNER.format(home=str(suite.path)))

    result = suite.runpytest_subprocess("-rE")
    result.assert_outcomes(passed=6, errors=5, skipped=1)  # the error is the guard's, after the test
    for name in ("socket", "thread", "home", "child_socket", "child_home"):
        result.stdout.re_match_lines_random([rf"ERROR .*::test_may_{name}( - .*)?$"])
    result.stdout.fnmatch_lines(["*no test may touch this*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not (suite.path / ".claude/x").exists()

    suite.runpytest_subprocess("-m", "registry").assert_outcomes(passed=1, deselected=6)


def test_a_trespass_outside_any_test_fails_the_suite(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        "import socket\ntry:\n    socket.socket()\nexcept Exception:\n    pass\ndef test_fine():\n    pass\n"
    )
    assert suite.runpytest_subprocess().ret == pytest.ExitCode.TESTS_FAILED
