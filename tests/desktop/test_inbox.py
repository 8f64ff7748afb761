"""The inbox on a real desktop: a window manager, a real keyboard layout, dialogs that take the keyboard and give it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from at_work import until
from claude_logs import Machine
from screen import Screen, Window, missing
from waiting import a_week

from tokentrack.model.tasks import Span
from tokentrack.store import links, tasks

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.usefixtures("noon")]

WINDOW = (700, 2000)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    if names := missing():
        pytest.skip(f"not installed: {' '.join(names)} (packaging/setup.sh desktop)")
    with ExitStack() as screens:
        yield screens.enter_context(Screen(tmp_path, tray=False))


def linked(machine: Machine) -> dict[str, set[str | None]]:
    """Session's native id ▶ keys of the tasks that it is linked to."""
    names = {one.id: one.key for one in tasks.tasks(machine.db)}
    native = {one.id: one.native_id for one in machine.sessions.values()}
    found: dict[str, set[str | None]] = {}
    for link in links.links(machine.db):
        assert link.turns == Span()
        found.setdefault(native[link.session], set()).add(names.get(link.task or ""))
    return found


def test_it_is_emptied_by_a_real_keyboard(screen: Screen, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a tray the window opens by itself; nothing is clicked."""
    a_week(machine)
    screen.env["TOKENTRACK_NOW"] = "2026-11-21T20:00:00Z"
    screen.app("tray")
    found: list[Window] = []
    until(lambda: found.extend(filter(None, [screen.window(*WINDOW)])) or found, 30, "the window")
    window = found[0]
    screen.settled(window, 0.6)
    screen.call("xdotool", "windowactivate", "--sync", window.number)
    screen.keys("ctrl+2")
    screen.settled(window, 0.8)
    screen.keep("inbox-1")

    screen.keys("shift+Return")
    until(lambda: len(linked(machine)) == 22, 5, "all that is ready is linked")
    screen.keys("ctrl+z")
    until(lambda: not linked(machine), 5, "one key takes exactly that back")
    screen.keys("ctrl+shift+z")
    until(lambda: len(linked(machine)) == 22, 5, "and does it again")
    screen.settled(window, 0.8)

    screen.keys("question")
    until(lambda: len(screen.windows()) > 1, 5, "the key list")
    time.sleep(0.3)
    screen.keys("Escape")
    until(lambda: len(screen.windows()) == 1, 5, "the key list closes")
    screen.keys("1")
    until(lambda: len(linked(machine)) == 24, 5, "the keyboard is back in the list: a tie is chosen")
    screen.call("xdotool", "key", "--delay", "1", "t", "Escape")
    time.sleep(0.6)
    until(lambda: len(screen.windows()) == 1, 5, "the picker is closed by a key that came before it had the keyboard")
    screen.keys("t")
    until(lambda: len(screen.windows()) > 1, 5, "the picker")
    time.sleep(0.3)
    screen.call("xdotool", "type", "--delay", "20", "drft rep")
    screen.keep("inbox-2")
    screen.keys("Return")
    until(lambda: {"OPS-7"} in list(linked(machine).values()) and len(linked(machine)) > 24, 5, "a task is found")
    until(lambda: len(screen.windows()) == 1, 5, "the picker closes")
    for _ in range(3):
        screen.keys("0")
        time.sleep(0.2)
    until(lambda: len(linked(machine)) == 30, 5, "nothing waits")
    screen.settled(window, 0.8)
    screen.keep("inbox-3")
    assert (screen.folder / "tokentrack").read_text() == ""
