"""Four weeks closed by keyboard alone, each on its Sunday evening: the reference week of the product, four times (AC 39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reference_month import FINISHED, GROUPS, HISTORIES, LAST_MONDAY, SESSIONS, Month, enter_money
from said import leave, settled
from ui.keyboard import CTRL, KEY, SHIFT, Keyboard

from tokentrack import clock
from tokentrack.review import closing, waiting
from tokentrack.review import week as weeks
from tokentrack.review.followups import Question
from tokentrack.review.steps import to_judge
from tokentrack.store import links, reviews, tasks
from tokentrack.ui import theme
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.theme import is_dark
from tokentrack.ui.windows import WINDOWS
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.week import Page
from tokentrack.ui.windows.week_stack import CLOSE, INBOX, INSIGHTS, NEXT, NOTE, OUTCOMES, RECALL

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts/review"
MOST_KEYS = 60


@pytest.fixture
def month(machine: Machine, sample_logs: Path) -> Month:
    made = Month(machine, sample_logs, HISTORIES)
    enter_money(machine, budget=60_000_000, since=made.mondays[0])
    return made


@contextmanager
def app(qtbot: QtBot, store: Path, home: Path) -> Iterator[MainWindow]:
    """The app as it is started in the evening; it is gone afterwards."""
    live = Live(store, home)
    feed = Feed(live.glance, live.status)
    feed.refresh()
    window = MainWindow(feed, live)
    window.raise_up()
    qtbot.waitUntil(window.isActiveWindow)
    try:
        yield window
    finally:
        leave(window)
        live.stop()


def keep(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Screenshots for people, of the last week only: nobody waits for a window to come to rest before it."""
    if clock.monday_of(clock.today()) == LAST_MONDAY:
        settled(qtbot, window)
        mode = "dark" if is_dark(window.palette()) else "light"
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        assert window.grab().save(str(ARTEFACTS / f"{name}-{mode}.png"), quality=90)  # packed less, which takes less


def review(qtbot: QtBot, window: MainWindow, person: Keyboard, monday: date) -> Page:
    """One review as the person does it, from the window that opens to the week that is closed."""
    person(Qt.Key(KEY.Key_1.value + WINDOWS.index("week")), held=CTRL)
    page = window.page("week")
    assert isinstance(page, Page)
    qtbot.waitUntil(lambda: page.step is not None, timeout=10_000)
    assert page.steps is not None
    assert page.steps.week.monday == monday

    assert page.number == RECALL
    keep(qtbot, window, "0-recall")
    person(KEY.Key_Y)
    if page.step is page.stack.recall:
        person(KEY.Key_Return)

    empty_the_inbox(qtbot, window, person, page)
    judge(qtbot, window, person, page)

    qtbot.waitUntil(lambda: page.number == INSIGHTS)
    keep(qtbot, window, "3-insights")
    for _ in page.stack.insights.frames:
        person(KEY.Key_K)
    person(KEY.Key_Return)

    assert page.number == NEXT
    keep(qtbot, window, "4-next-week")
    person(KEY.Key_Return)
    person.type("plan before the first prompt")
    person(KEY.Key_Return)

    assert page.number == NOTE
    person.type("smaller steps went well for me")
    keep(qtbot, window, "5-note")
    person(KEY.Key_Return)

    assert page.number == CLOSE
    keep(qtbot, window, "6-close")
    person(KEY.Key_Return, held=CTRL)
    qtbot.waitUntil(lambda: page.step is page.stack.closed, timeout=10_000)
    keep(qtbot, window, "7-closed")
    return page


def empty_the_inbox(qtbot: QtBot, window: MainWindow, person: Keyboard, page: Page) -> None:
    """All that is ready at once, the first of two where both fit, and none on purpose for the rest."""
    step = page.stack.inbox.inbox
    qtbot.waitUntil(lambda: page.number == INBOX and step.inbox is not None, timeout=10_000)
    assert step.inbox is not None
    assert len(step.inbox.groups) == GROUPS
    assert sum(len({part.session.id for part in group.parts}) for group in step.inbox.groups) == SESSIONS
    keep(qtbot, window, "1-inbox")
    person(KEY.Key_Return, held=SHIFT)
    for key, rest in ((KEY.Key_1, 2), (KEY.Key_1, 1), (KEY.Key_0, 0)):
        qtbot.waitUntil(lambda rest=rest: len(step._groups) == rest + 1, timeout=10_000)
        person(key)
    qtbot.waitUntil(lambda: not step._groups, timeout=10_000)
    person(KEY.Key_Return)


def judge(qtbot: QtBot, window: MainWindow, person: Keyboard, page: Page) -> None:
    """Each task: what came of it, whether it was worth that, whether it would have been done anyway; each question: yes."""
    step = page.stack.outcomes
    qtbot.waitUntil(lambda: page.number == OUTCOMES and bool(step.items), timeout=10_000)
    keep(qtbot, window, "2-outcomes")
    assert page.steps is not None
    nothing_before = page.steps.week.monday == page.steps.first  # that could have been quiet since
    assert sum(not isinstance(item, Question) for item in step.items) == FINISHED - nothing_before
    while step.items:
        item = step.item
        if isinstance(item, Question):
            person(KEY.Key_Y)
            if page.number != OUTCOMES:  # the last question leads on
                return
            continue
        assert item is not None
        if item.because.startswith("quiet"):
            person(KEY.Key_3)
            person.type("how the old format came about")
            person(KEY.Key_Return)
        elif item.task.outcome is None:
            person(KEY.Key_1)
        person(KEY.Key_Y, KEY.Key_A, KEY.Key_Return)
        if page.number != OUTCOMES:
            return
    person(KEY.Key_Return)


@pytest.mark.slow
@pytest.mark.timeout(180)  # four evenings in the app
def test_ac39_four_weeks_close_by_keyboard_alone(
    qtbot: QtBot, qapp: QApplication, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 60 keystrokes a week besides free text; AC 41: no week changes an earlier one; it can be read in the dark too."""
    machine, digests = month.machine, []
    for monday in month.mondays:
        monkeypatch.setenv("TOKENTRACK_NOW", month.sunday(monday))
        month.live(monday)
        assert closing.due(month.db, clock.today()) == monday
        with app(qtbot, machine.store, machine.home) as window:
            person = Keyboard(qtbot)
            page = review(qtbot, window, person, monday)
            assert person.pressed <= MOST_KEYS
            told_light = settled(qtbot, page)
            assert not re.search(r"\b(missed|late|streak|overdue|forg[oe]t)", " ".join(one.text for one in told_light))
            if monday == LAST_MONDAY:
                theme.apply(qapp, "dark")
                assert settled(qtbot, page) == told_light
                keep(qtbot, window, "7-closed")
        told = weeks.week(month.db, monday, month.now(monday))
        digests.append(told.sha256)
        assert [one.sha256 for one in reviews.revisions(month.db)] == digests, "a closed week is another one now"
        check_closed(month, told, monday)


def check_closed(month: Month, told: weeks.Week, monday: date) -> None:
    """The week holds what was answered, and nothing of it is without a task or the word that it has none."""
    assert not links.waiting(month.db)
    assert (told.closed, told.revision, told.changed) == (True, 1, None)
    assert told.told.accounted == told.told.list_value
    assert told.told.intent == "plan before the first prompt"
    assert told.told.note.startswith("smaller steps went well for me")
    assert told.told.tried == (None if monday == month.mondays[0] else "yes")
    finished = {one.key: one.outcome for one in tasks.tasks(month.db) if one.outcome}
    assert [finished[one.key] for one in month.merged[monday]] == ["shipped", "shipped"]
    assert finished[month.ended[monday].key] == "delivered"
    before = month.quiet.get(monday - 7 * clock.DAY)
    assert before is None or finished[before.key] == "learned"


def test_the_reference_week_is_what_it_says(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC 39: 30 sessions, 9 groups, 4 tasks that look finished; in the second week as in every later one."""
    first, second = month.mondays[:2]
    for monday in (first, second):
        monkeypatch.setenv("TOKENTRACK_NOW", month.sunday(monday))
        month.live(monday)
        found = waiting.inbox(month.db, month.now(monday))
        assert len(found.groups) == GROUPS
        assert sum(len(group.parts) for group in found.groups) == SESSIONS
        month.link(monday)
        if monday == first:
            month.judge(monday)
    kinds = sorted(one.because.split()[0] for one in to_judge(month.db, second, month.now(second)))
    assert kinds == ["finished", "merged", "merged", "quiet"]
    assert len(kinds) == FINISHED
