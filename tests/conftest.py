"""Every test runs in a home folder of its own, without the internet; and finds real logs through the fixtures below."""

from __future__ import annotations

import gc
import getpass
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trespass

if TYPE_CHECKING:
    from claude_logs import Machine
    from command_line import Run

CHECKOUT = Path(trespass.CHECKOUT)
SHARED = CHECKOUT.parent / "shared"

# ---- guards: set up before anything of the app, or Qt, is imported ---------------------------------------------------

# The person's agents, desktop and settings must not leak into a test: neither where logs lie nor which panel is there.
AGENTS = "AMP_ CLAUDE CODEX_ COPILOT_ CURSOR_ GEMINI_ OPENCODE PI_"
DESKTOP = "DBUS_SESSION_BUS_ADDRESS DISPLAY QT_QPA_PLATFORMTHEME QT_SCALE_FACTOR QT_STYLE_OVERRIDE WAYLAND_DISPLAY"
FOREIGN = (*AGENTS.split(), *DESKTOP.split(), "GIT_", "TOKENTRACK_", "XDG_")
for name in [name for name in os.environ if name.startswith(FOREIGN)]:
    del os.environ[name]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ |= {"TZ": "UTC", "LC_ALL": "C.UTF-8"}
# Each commit of a test would start two more processes, which look whether there is something to tidy up.
os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false"}
if hasattr(time, "tzset"):
    time.tzset()

# Until all tests are found nothing is thrown away, and to look for what is took a fifth of that time.
gc.disable()

# Thousands of small stores are written and thrown away: in memory, where nothing waits for a disk.
IN_MEMORY, ENOUGH = Path("/dev/shm"), 2_000_000_000
if (
    "TMPDIR" not in os.environ
    and os.access(IN_MEMORY, os.W_OK | os.X_OK)
    and shutil.disk_usage(IN_MEMORY).free > ENOUGH
):
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)

REAL_HOMES = [Path.home()]
with suppress(KeyError, OSError, RuntimeError):  # an account without a name, in a container
    REAL_HOMES.append(Path(f"~{getpass.getuser()}").expanduser())
trespass.watch(REAL_HOMES)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders yet to be made, numbered: asking `tmp_path_factory` for each takes longer the more there are."""
    place = tmp_path_factory.mktemp("homes")
    return (place / f"home{number}" for number in count())


@pytest.fixture(autouse=True)
def home(
    homes: Iterator[Path],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Path]:
    """This test's home folder, empty; child processes inherit it, and the guards, through `os.environ`.

    Fails the test that touched the real one, or opened an internet socket, even if the attempt was caught.
    """
    place = next(homes)
    place.mkdir()
    runtime = tempfile.mkdtemp(prefix="tt-")  # short: a socket's path has at most 107 characters
    report = tmp_path_factory.getbasetemp() / "trespasses"
    for variable, value in {
        "HOME": place,
        "USERPROFILE": place,
        "APPDATA": place / "AppData/Roaming",
        "LOCALAPPDATA": place / "AppData/Local",
        "XDG_CACHE_HOME": place / ".cache",
        "XDG_CONFIG_HOME": place / ".config",
        "XDG_DATA_HOME": place / ".local/share",
        "XDG_STATE_HOME": place / ".local/state",
        "XDG_RUNTIME_DIR": runtime,
        "TOKENTRACK_STORE": place / ".local/share/tokentrack/tokentrack.db",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.invalid",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.invalid",
        "PYTHONPATH": CHECKOUT / "tests/guard",
        trespass.HOMES: os.pathsep.join(map(str, trespass.homes)),
        trespass.REPORT: report,
    }.items():
        monkeypatch.setenv(variable, str(value))
    if request.node.get_closest_marker("registry"):
        monkeypatch.setenv(trespass.NETWORK, "allowed")
        monkeypatch.setattr(trespass, "network_allowed", True)
    yield place
    shutil.rmtree(runtime, ignore_errors=True)
    if notes := trespasses(report):
        pytest.fail("no test may touch this:\n" + notes, pytrace=False)


def trespasses(report: Path) -> str:
    """What was touched since the last call, here and in child processes."""
    notes = trespass.seen.copy()
    trespass.seen.clear()
    if report.exists():
        notes += report.read_text(encoding="utf-8").splitlines()
        report.unlink()
    return "\n".join(notes)


def pytest_collection_finish() -> None:
    """All tests are known to each worker, and stay: nobody looks again whether something of them can be thrown away."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a tenth of the time a test waits for a window, a kernel or another process."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was touched outside any test, such as while collecting, fails the suite as well."""
    if trespass.seen:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nno test may touch this:", *trespass.seen, sep="\n")


ON_DEMAND = {
    "registry": "opens internet sockets: run with -m registry",
    "real_agent": "installs coding agents from npm: make test-agents",
}


LONG = {
    "test_architecture.py", "test_doubling.py", "test_every_why.py", "test_fuzz.py", "test_histories.py", "test_journal.py",
    "test_labels.py", "test_ledger.py", "test_processes.py", "test_properties.py", "test_reference_month.py", "test_replay.py",
    "test_watch.py",
}  # fmt: skip
"""Files that take long for the number of their tests."""


def begins_early(items: list[pytest.Item]) -> None:
    """What takes long comes first, then files of many tests: no worker is left alone with one at the end.

    The desktop's come at the very first: they wait for other programs most of the time.
    """
    tests = Counter(item.path for item in items)
    waits = {item.path for item in items if item.get_closest_marker("desktop")}
    items.sort(key=lambda item: (item.path not in waits, item.path.name not in LONG, -tests[item.path], item.path))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    begins_early(items)
    for name, reason in ON_DEMAND.items():
        for item in items:
            if name not in config.option.markexpr and item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


# ---- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("today", "--json")`: the command line in this process, from its arguments to its exit code."""
    from command_line import run_in

    return partial(run_in, capsys, monkeypatch)


# ---- time ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def timezone() -> Iterator[Callable[[str], None]]:
    """`timezone("Europe/Berlin")` for the rest of the test; UTC otherwise."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change a running program's time zone")
    before = os.environ["TZ"]

    def set_zone(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield set_zone
    set_zone(before)


@pytest.fixture
def noon(timezone: Callable[[str], None]) -> None:
    """In this time zone it is about noon: what looks at the real clock meets no midnight, whenever it runs."""
    timezone(f"Etc/GMT{time.gmtime().tm_hour - 12:+d}")  # signs are those of POSIX: to the west is more


# ---- real logs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of larger test data beside the checkout; a clone on its own does without."""
    if not SHARED.is_dir():
        pytest.skip(f"no test data at ../{SHARED.name}")
    return SHARED


@pytest.fixture
def corpus(shared: Path) -> Callable[[str], Path]:
    """`corpus("claude")`: a root of real logs, to be read where it lies."""

    def root(name: str) -> Path:
        place = shared / "corpus/dev" / name
        if not place.is_dir():
            pytest.skip(f"no logs at ../shared/corpus/dev/{name}")
        return place

    return root


@pytest.fixture(scope="session")
def sample_logs() -> Path:
    """The logs that the app ships for `tokentrack demo`, as one Claude Code root."""
    return CHECKOUT / "resources/demo/claude"


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Any]]:
    """`expected("claude")["sessions"]`: the right totals of a root; `expected("demo")` those of `sample_logs`."""

    def totals(name: str) -> dict[str, Any]:
        file = CHECKOUT / "tests/fixtures/expected.json"
        if name != "demo":
            file = request.getfixturevalue("shared") / "corpus/expected.json"
        roots: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return roots[name]

    return totals


@pytest.fixture
def lay_out(home: Path) -> Callable[[Path], Path]:
    """`lay_out(sample_logs)` copies a Claude Code root into the test's home folder and returns `~/.claude`."""

    def copy(root: Path) -> Path:
        place = home / ".claude"
        shutil.copytree(root, place, dirs_exist_ok=True, copy_function=shutil.copyfile)
        return place

    return copy


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in its newest shape, to be copied: making one takes a while."""
    from tokentrack.store import open_store

    path = tmp_path_factory.mktemp("empty") / "store.db"
    open_store(path).close()
    return path


@pytest.fixture
def machine(home: Path, empty_store: Path) -> Iterator[Machine]:
    """This test's home folder as an agent's logs fill it, and its store, empty."""
    from claude_logs import Machine

    store = Path(os.environ["TOKENTRACK_STORE"])
    store.parent.mkdir(mode=0o700, parents=True)
    shutil.copy(empty_store, store)
    with closing(Machine(home)) as place:
        yield place
