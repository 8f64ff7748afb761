"""From a thread's hint to a widget: settling, pacing (AC 37), midnight, hidden windows, faults."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance, total

from tokentrack.review.glance import Glance
from tokentrack.ui import feed as feeds
from tokentrack.ui.feed import Feed, Follow, Pace, Spaced
from tokentrack.ui.source import Status


def test_ac37_a_burst_of_hints_from_a_thread_is_one_reading_on_the_main_thread(qtbot: QtBot) -> None:
    readers: list[QThread] = []

    def read() -> Glance:
        readers.append(QThread.currentThread())
        return glance()

    feed = Feed(read, Status)
    thread = threading.Thread(target=lambda: [feed.hint() for _ in range(500)])
    with qtbot.waitSignal(feed.changed, timeout=2000):
        thread.start()
        thread.join()
    qtbot.wait(feeds.SETTLE_MS * 2)
    assert readers == [feed.thread()]
    assert feed.glance == glance()


def test_steady_hints_do_not_starve_the_reading(qtbot: QtBot, source: Memory) -> None:
    """AC 37: within two seconds, also while logs are written all the time."""
    feed = Feed(source.glance, source.status)
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.02):
            feed.hint()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        qtbot.waitUntil(lambda: source.calls.count("glance") >= 3, timeout=2000)
    finally:
        stop.set()
        thread.join()


def test_a_costly_reading_spaces_itself_out_but_never_beyond_a_second(source: Memory) -> None:
    feed = Feed(source.glance, source.status)
    for cost, wait in ((0.0, feeds.SETTLE_MS), (100.0, 500), (9_000.0, feeds.SLOWEST_MS)):
        feed._cost_ms = cost
        feed._on_hint()
        assert feed._settle.interval() == wait
        feed._settle.stop()


def test_progress_reads_the_status_only(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    source.calls.clear()
    source.now = Status(reading=0.62)
    with qtbot.waitSignal(feed.changed, timeout=3000):
        feed.hint_progress()
    assert source.calls == ["status"]
    assert feed.status.reading == 0.62


def test_a_fault_keeps_the_figures_and_is_told(feed: Feed, source: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    before = feed.glance

    def broken() -> Glance:
        raise RuntimeError("the store is locked")

    monkeypatch.setattr(feed, "_read", broken)
    feed.refresh()
    assert feed.glance is before
    assert feed.status.error == "The figures cannot be read: the store is locked"
    monkeypatch.setattr(feed, "_read", source.glance)
    feed.refresh()
    assert feed.status.error is None


def test_the_minute_timer_fires_just_after_midnight(source: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-18T23:59:58.500+00:00")
    feed = Feed(source.glance, source.status)
    assert 1500 <= feed._minute.interval() <= 1600
    feed._on_minute()
    assert source.calls[-2:] == ["glance", "status"]
    assert feed._minute.isActive()


def test_pace_never_acts_more_often_than_its_interval(qtbot: QtBot) -> None:
    acted: list[int] = []
    pace = Pace(120, lambda: acted.append(1))
    for _ in range(10):
        pace()
    assert len(acted) == 1
    qtbot.waitUntil(lambda: len(acted) == 2, timeout=1000)
    qtbot.wait(150)
    assert len(acted) == 2
    pace.now()
    assert len(acted) == 3


@pytest.fixture
def followed(qtbot: QtBot, feed: Feed) -> Callable[[], tuple[QWidget, list[int]]]:
    def made() -> tuple[QWidget, list[int]]:
        widget, refreshed = QWidget(), list[int]()
        qtbot.addWidget(widget)
        Follow(widget, feed, lambda: refreshed.append(1))
        return widget, refreshed

    return made


def test_a_hidden_window_waits_until_it_is_shown(
    feed: Feed, source: Memory, followed: Callable[[], tuple[QWidget, list[int]]]
) -> None:
    widget, refreshed = followed()
    for _ in range(3):
        feed.refresh()
    assert refreshed == []
    widget.show()
    assert len(refreshed) == 1
    source.at = glance(today=total(5))
    feed.refresh()
    assert len(refreshed) == 2
    widget.hide()
    widget.show()
    assert len(refreshed) == 2


def test_nothing_moves_below_an_open_menu(qtbot: QtBot, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it offers is about the row that is seen; what came meanwhile is shown once it is closed."""
    monkeypatch.setattr(feeds, "CHOOSING_MS", 10)
    widget, refreshed = QWidget(), list[int]()
    qtbot.addWidget(widget)
    Follow(widget, feed, lambda: refreshed.append(1))
    widget.show()
    refreshed.clear()
    menu = QMenu(widget)
    menu.addAction("Open")
    menu.popup(widget.pos())
    feed.refresh()
    qtbot.wait(40)
    assert refreshed == []
    menu.close()
    qtbot.waitUntil(lambda: refreshed == [1], timeout=1000)


@pytest.fixture
def spaced(qtbot: QtBot, feed: Feed) -> tuple[Spaced, list[int]]:
    page, refreshed = QWidget(), list[int]()
    qtbot.addWidget(page)
    return Spaced(page, feed, lambda: refreshed.append(1), lambda: False), refreshed


def test_what_is_being_answered_is_not_asked_again(qtbot: QtBot, feed: Feed) -> None:
    """A page whose answer takes longer than its feed pauses would never be answered."""
    page, refreshed, busy = QWidget(), list[int](), [True]
    qtbot.addWidget(page)
    pace = Spaced(page, feed, lambda: refreshed.append(1), lambda: busy[0])
    pace.asked()
    pace.follow()
    assert refreshed == []
    assert pace._later.isActive()
    busy[0] = False
    pace.follow()
    assert refreshed == [1]


def test_an_answer_to_nothing_that_was_asked_holds_no_page_back(spaced: tuple[Spaced, list[int]]) -> None:
    """Counted from the start of the computer it held the page for days, and from the third day on ended the app."""
    pace, refreshed = spaced
    pace.answered()
    pace.follow()
    assert refreshed == [1]
    assert not pace._later.isActive()


@pytest.mark.parametrize(("took", "rests"), [(0.1, 2_000), (2.0, 18_000), (30 * 86_400.0, 600_000)])
def test_a_page_rests_nine_times_as_long_as_its_answer_took_but_not_for_days(
    spaced: tuple[Spaced, list[int]], monkeypatch: pytest.MonkeyPatch, took: float, rests: int
) -> None:
    """A timer takes 24 days at most; a computer may sleep longer between a question and its answer."""
    pace, refreshed = spaced
    at = [1_000.0]
    monkeypatch.setattr(feeds, "monotonic", lambda: at[0])
    pace.asked()
    at[0] += took
    pace.answered()
    pace.follow()
    assert refreshed == []
    assert rests <= pace._later.interval() <= rests + 1
    at[0] += rests / 1000 + 1
    pace.follow()
    assert refreshed == [1]
