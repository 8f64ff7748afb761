"""What the person decides is made before anything else is shown, unless it takes long (AC 43; product 3.5)."""

from __future__ import annotations

from threading import Event
from time import sleep

from pytestqt.qtbot import QtBot

from tokentrack.ui.asking import Doing


class Paper:
    """What is decided stands on it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def close(self) -> None: ...


def test_ac43_what_is_made_soon_is_made_when_the_key_is_through(qtbot: QtBot) -> None:
    """The process may be ended before another event is handled."""
    paper = Paper()
    doing: Doing[Paper] = Doing(lambda: paper)
    for number in range(5):
        doing.do(lambda to, n=number: to.said.append(f"{n}"), lambda _: None, paper.said.append)
        assert paper.said == [f"{n}" for n in range(number + 1)]
    assert doing.busy
    with qtbot.waitSignal(doing.idle):
        pass


def test_what_takes_long_holds_nothing_up(qtbot: QtBot) -> None:
    paper, let_go, told = Paper(), Event(), list[str]()
    doing: Doing[Paper] = Doing(lambda: paper)
    doing.do(lambda _: let_go.wait(5), lambda _: told.append("done"), told.append)
    doing.do(lambda to: to.said.append("then"), lambda _: None, told.append)
    assert (paper.said, told) == ([], [])
    with qtbot.waitSignal(doing.idle):
        let_go.set()
    assert (paper.said, told) == (["then"], ["done"])


def test_ac43_what_is_decided_as_the_last_window_closes_is_made_too(qtbot: QtBot) -> None:
    """Nobody is there any more who would hear that it was not: of several each, and what cannot be made holds nothing up."""
    paper, faults = Paper(), iter([None, OSError("no such store"), None])

    def open_() -> Paper:
        if fault := next(faults):
            raise fault
        return paper

    doing: Doing[Paper] = Doing(open_)
    doing.do(lambda to: to.said.append("before"), lambda _: None, paper.said.append)
    doing.stop()
    doing.do(lambda to: to.said.append("lost"), lambda _: None, paper.said.append)
    doing.do(lambda to: (sleep(0.1), to.said.append("after")), lambda _: None, paper.said.append)
    assert paper.said == ["before", "after"]
