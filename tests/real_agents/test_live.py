"""Real agents, live: while they work, are killed and go on, the tray says what the model served them, to the token.

`make test-agents` runs these; npm installs the programs into pytest's cache folder. Nothing but npm leaves this machine.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from at_work import until
from panels import PANEL, Bus
from real_agents.players import KINDS, PACKAGES, Player, Stub, installed, kill, program
from screen import Running, Screen, app_command, internet_sockets, missing

pytestmark = [pytest.mark.real_agent, pytest.mark.timeout(300)]

SEEN_WITHIN = 12.0
"""Seconds from an answer's end to the tray: an agent writes it down when it sees fit, and the app follows within two."""
PLAYED_WITHIN = 90.0


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Path:
    """Where npm installed the agents."""
    assert pytestconfig.cache
    cache = pytestconfig.cache.mkdir("agents")
    if why := installed(cache):
        pytest.skip(why)
    return cache


class Tray:
    """The running app's icon, as a panel sees it."""

    def __init__(self, desk: Screen, folder: Path) -> None:
        self.bus = Bus(desk, Path(desk.env["XDG_RUNTIME_DIR"]) / "bus")
        self.app = desk.app("tray", "--minimized")
        items = folder / "items"
        desk.start(sys.executable, str(PANEL), str(items))
        until(lambda: items.exists() and items.read_text().strip(), 20, "the icon registers")
        self.service = items.read_text().split()[0]
        self.desk = desk

    def tokens_today(self) -> int:
        """`Today: $0.12 · 12,345 tokens`."""
        line = next((text for text in self.bus.texts(self.service) if text.startswith("Today: ")), "")
        told = re.search(r"([\d,]+) tokens?$", line)
        return int(told[1].replace(",", "")) if told else 0

    def shows(self, spent: dict[str, int]) -> bool:
        return self.tokens_today() == sum(spent[kind] for kind in KINDS if kind != "reasoning")


@pytest.fixture
def running() -> Iterator[Running]:
    with Running() as programs_:
        yield programs_


@pytest.fixture
def tray(tmp_path: Path, home: Path) -> Iterator[Tray]:
    if names := missing("dbus-daemon", "busctl"):
        pytest.skip(f"not installed: {' '.join(names)} (packaging/setup.sh desktop)")
    with Screen(tmp_path, tray=False) as desk:
        yield Tray(desk, tmp_path)


@pytest.fixture
def player(tmp_path: Path, home: Path, running: Running, programs: Path, request: pytest.FixtureRequest) -> Player:
    agent = request.param
    return Player(agent, program(programs, agent), home, Stub(tmp_path / "stub", running), running)


def told(*arguments: str) -> Any:
    """What a command of the app prints as JSON: another process, on the store that the tray app fills."""
    done = subprocess.run(
        [*app_command(), *arguments, "--json"], capture_output=True, text=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def as_kept(agent: str, spent: dict[str, int]) -> dict[str, int]:
    """opencode writes one figure for both kinds of cache writes."""
    if agent != "opencode":
        return spent
    return spent | {"cache_write_5m": spent["cache_write_5m"] + spent["cache_write_1h"], "cache_write_1h": 0}


def ended(player: Player, process: subprocess.Popen[bytes]) -> None:
    assert process.wait(PLAYED_WITHIN) == 0, player.said()


def counted(agent: str) -> dict[str, int]:
    """What the store holds of today, kind by kind."""
    rows = {row["key"]: row for row in told("usage", "--by", "agent")["rows"]}
    return {kind: rows[agent][kind] or 0 for kind in (*KINDS, "requests")}


@pytest.mark.parametrize("player", sorted(PACKAGES), indirect=True)
def test_the_tray_says_what_was_served(tray: Tray, player: Player) -> None:
    stub = player.stub

    def agrees(what: str) -> None:
        until(
            lambda: tray.shows(stub.spent()),
            SEEN_WITHIN,
            f"{what}: {stub.spent()}, the tray says {tray.tokens_today()}",
        )

    # A first prompt of two answers: the first one is counted while the second is still being given.
    first = player.play("run ls | slow 14")
    _until_begun(player, first, 2)
    assert stub.spent()["requests"] == 1
    agrees("during the first prompt")
    assert first.poll() is None, "the tray was to be looked at while the agent works"
    assert stub.spent()["requests"] == 1
    ended(player, first)
    assert stub.spent()["requests"] == 2
    agrees("after the first prompt")

    # Killed in the middle of an answer: what was whole counts, what was cut off is in no log.
    killed = player.play("run ls | slow 40", resumed=True)
    _until_begun(player, killed, 4)
    agrees("before it is killed")  # agents write in batches: an answer that is in no log yet would die with them
    assert killed.poll() is None
    kill(killed)
    assert stub.spent()["requests"] == 3
    agrees("after it was killed")

    # And resumed once more.
    ended(player, player.play("run pwd | say", resumed=True))
    assert stub.spent()["requests"] == 5
    agrees("after it was resumed")

    assert counted(player.agent) == as_kept(player.agent, stub.spent())
    assert not told("doctor")["problems"]
    sessions = told("sessions")["sessions"]
    assert [(session["agent"], session["requests"]) for session in sessions] == [(player.agent, 5)]
    assert "SHOP-12" in sessions[0]["title"] or sessions[0]["title"]
    assert not internet_sockets(tray.app.pid)


def _until_begun(player: Player, process: subprocess.Popen[bytes], answers: int) -> None:
    def reached() -> bool:
        assert process.poll() is None or player.stub.begun() >= answers, player.said()
        return player.stub.begun() >= answers

    until(reached, PLAYED_WITHIN, f"{answers} answers begun; the agent says: {player.said()}")
