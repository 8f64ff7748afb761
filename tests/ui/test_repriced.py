"""AC 10: what a newer price list would give another price is marked on every page that sums up the week, until it is closed."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest
from claude_logs import Machine, answer, prompt, usage
from pytestqt.qtbot import QtBot
from ui.samples import Show, texts
from ui.watched import Watched

from tokentrack import clock
from tokentrack.store import closed, transaction
from tokentrack.ui.feed import Feed
from tokentrack.ui.live_week import LiveWeeks
from tokentrack.ui.week_figures import Figures
from tokentrack.ui.windows.today import Page

MONDAY = date(2026, 11, 16)
MARK = "2 requests at prices of another list than today's"


@pytest.fixture
def used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T18:00:00Z")
    machine.log("P/S.jsonl", prompt(), *(answer(f"msg_{n}", t=n, figures=usage(1000, 10)) for n in (1, 2)))
    machine.scan()
    return machine


def reprice(used: Machine) -> None:
    """As an update of the app does, with a list that knows other prices."""
    with transaction(used.db):
        used.db.execute("update prices set rates = json_replace(rates, '$.input', 1), source = 'an older list'")


def test_ac10_today_marks_the_week(qtbot: QtBot, used: Machine, show: Show) -> None:
    live = Watched(used.store, used.home)
    feed = Feed(live.glance, live.status)
    feed.refresh()
    page = Page(feed, live)
    show(page, 780, 680)
    qtbot.waitUntil(lambda: not page._asking.waiting)
    assert not page.repriced.isVisible()
    reprice(used)
    page.hide()
    page.show()
    feed.refresh()
    qtbot.waitUntil(page.repriced.isVisible)
    assert f"This week: {MARK}" in texts(page)
    with transaction(used.db):
        closed.close(used.db, MONDAY, clock.now_ms())
    feed.refresh()
    qtbot.waitUntil(lambda: not page.repriced.isVisible())
    live.stop()


def test_ac10_the_review_marks_its_week_while_it_is_open(qtbot: QtBot, used: Machine) -> None:
    figures = Figures()
    qtbot.addWidget(figures)
    with closing(LiveWeeks(used.store)) as weeks:
        for change, mark in ((lambda _: None, False), (reprice, True)):
            change(used)
            figures.put(weeks.steps(MONDAY))
            assert (figures.notes["List value"].text() == MARK) is mark
        with transaction(used.db):
            closed.close(used.db, MONDAY, clock.now_ms())
        assert weeks.steps(MONDAY).repriced == (0, 0)
