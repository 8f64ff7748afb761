"""Windows on Qt's offscreen platform, in a fixed moment, in the light theme of the design."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from claude_logs import Machine
from PySide6.QtWidgets import QApplication
from reference_month import HISTORIES, LAST_MONDAY, Month, enter_money
from ui.samples import Memory

from tokentrack.ui import theme
from tokentrack.ui.feed import Feed
from tokentrack.ui.theme import Theme


@pytest.fixture(autouse=True, scope="module")
def swept() -> Iterator[None]:
    """As in the app: no other thread destroys what tests have left of windows."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-18T14:03:00+00:00")


@pytest.fixture
def evening(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the Saturday of the week in which the logs begin."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-21T20:00:00Z")


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Theme:
    return theme.apply(qapp, "light")


@pytest.fixture
def source() -> Memory:
    return Memory()


@pytest.fixture
def feed_of() -> Callable[[Memory], Feed]:
    """A feed that has read its source once."""

    def made(source: Memory) -> Feed:
        feed = Feed(source.glance, source.status)
        feed.refresh()
        return feed

    return made


@pytest.fixture
def feed(source: Memory, feed_of: Callable[[Memory], Feed]) -> Feed:
    return feed_of(source)


@pytest.fixture
def living(machine: Machine, sample_logs: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """Six weeks, five of them closed; the last one linked and judged, and a part of it without a task."""
    month = Month(machine, sample_logs, HISTORIES, weeks=6)
    enter_money(machine, budget=60_000_000, since=month.mondays[0])
    for monday in month.mondays:
        monkeypatch.setenv("TOKENTRACK_NOW", month.sunday(monday))
        month.live(monday)
        month.link(monday, lambda name, monday=monday: monday != LAST_MONDAY or "odd" not in name)
        if monday != LAST_MONDAY:
            month.judge(monday)
            month.close(monday)
    return month
