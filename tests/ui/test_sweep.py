"""Python's collector runs on the main thread only: other threads would destroy Qt's objects."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tokentrack.ui import sweep as sweeps
from tokentrack.ui.sweep import Sweep


class Knot:
    """Garbage that only the collector finds; notes on which thread it went."""

    def __init__(self, went_on: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: went_on.append(threading.current_thread()))


@pytest.fixture
def sweep(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sweep]:
    monkeypatch.setattr(sweeps, "EVERY_MS", 10)
    gc.collect()
    made = Sweep()
    yield made
    made.stop()
    gc.disable()  # as the fixture for all these tests has it


def test_garbage_goes_on_the_main_thread(qtbot: QtBot, sweep: Sweep) -> None:
    went_on: list[threading.Thread] = []

    def work() -> None:
        for _ in range(5000):
            Knot(went_on)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert went_on == []
    qtbot.waitUntil(lambda: len(went_on) > 4000)
    assert set(went_on) == {threading.main_thread()}


def test_afterwards_python_collects_by_itself_again(qapp: QApplication) -> None:
    made = Sweep()
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()
    gc.disable()
