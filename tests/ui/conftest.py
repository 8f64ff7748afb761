"""Windows on Qt's offscreen platform, in a fixed moment, in the light theme of the design."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
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
