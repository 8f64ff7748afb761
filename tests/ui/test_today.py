"""The Today page: figures with their kind, by agent adding up, the chart as a table, and empty states that help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import NOON, Memory, Show, empty, glance, huge, spent, texts, total

from tokentrack.model.usage import Total
from tokentrack.review.glance import Glance, Health
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.frame import MARGIN
from tokentrack.ui.source import Status
from tokentrack.ui.tables import Table
from tokentrack.ui.windows.today import Page, agent_rows

PageOf = Callable[..., Page]


@pytest.fixture
def page_of(show: Show, feed_of: Callable[[Memory], Feed]) -> PageOf:
    def made(at: Glance | None = None, status: Status | None = None) -> Page:
        source = Memory(at, status)
        page = Page(feed_of(source), source)
        show(page, 780, 680)
        return page

    return made


def test_ac6_figures_say_their_kind(page_of: PageOf) -> None:
    """AC 6."""
    shown = texts(page_of())
    for text in ("Today, list value", "$3", "1.9 M tokens · 42 requests", "This week, list value", "of $40 planned"):
        assert text in shown
    assert "Wed 18 Nov · week 47 · read 14:02" in shown


def test_ac24_agents_add_up_to_the_days(page_of: PageOf) -> None:
    """AC 24: the rows re-add to the days."""
    shown = glance()
    rows = agent_rows(shown)
    days = [total for _, by_agent in shown.days for total in by_agent.values()]
    assert sum((row.week for row in rows), Total()) == sum(days, Total())
    assert sum((row.today for row in rows), Total()) == sum(dict(shown.days)[shown.day].values(), Total())
    assert [row.name for row in rows] == ["claude-code", "codex"]


def test_ac5_the_table_shows_cents_and_the_unknown(page_of: PageOf) -> None:
    """AC 5."""
    table = page_of(huge()).agents
    cells = [[table.data(table.index(row, column)) for column in range(5)] for row in range(table.rowCount())]
    assert cells[0][2] == "$1,234,567.89 + unknown"
    assert cells[1] == ["Codex", "–", "–", "10.0 B", "$654,321.00"]


def test_the_chart_can_be_read_as_a_table(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of()
    qtbot.mouseClick(page.as_table, Qt.MouseButton.LeftButton)
    assert page.as_table.text() == "as chart"
    names = [table.accessibleName() for table in page.findChildren(Table) if table.isVisible()]
    assert names == ["This week by day, list value", "Use by agent, today and this week"]
    assert page.days.data(page.days.index(0, 1)) == "$7.60"
    qtbot.mouseClick(page.as_table, Qt.MouseButton.LeftButton)
    assert page.as_table.text() == "as table"


def test_over_plan_is_said(page_of: PageOf) -> None:
    assert "$6 over plan" in texts(page_of(glance(spent=spent(46))))


def test_without_a_budget_there_is_no_bar_and_no_nagging(page_of: PageOf) -> None:
    page = page_of(glance(spent=None))
    assert not page._bar.isVisible()
    assert not [text for text in texts(page) if "budget" in text.lower() or "planned" in text]


@pytest.mark.parametrize(
    ("at", "status", "title", "button"),
    [
        (empty(), Status(), "No logs found", "Add a folder"),
        (empty(("claude-code",)), Status(), "Nothing used this week", "Sessions"),
        (empty(), Status(reading=0.62), "Reading logs 62%", ""),
    ],
)
def test_an_empty_page_says_what_would_fill_it(
    qtbot: QtBot, page_of: PageOf, at: Glance, status: Status, title: str, button: str
) -> None:
    page = page_of(at, status)
    assert title in texts(page)
    assert page.empty_button.isVisible() == bool(button)
    assert page.empty_button.text() == button
    if button:
        with qtbot.waitSignal(page.settings_asked if button == "Add a folder" else page.sessions_asked):
            page.empty_button.click()


def test_the_empty_text_is_whole(page_of: PageOf) -> None:
    label = page_of(empty())._empty_text
    assert label.height() >= label.heightForWidth(label.width())


def test_it_fills_when_the_first_log_is_read(page_of: PageOf) -> None:
    page = page_of(empty())
    page._feed._read = glance
    page._feed.refresh()
    assert "$3" in texts(page)


def test_ac5_an_unknown_today_is_no_zero(page_of: PageOf) -> None:
    """AC 5."""
    assert "unknown" in texts(page_of(glance(today=total(None, 500))))


def test_problems_stand_above_and_the_figures_stay(page_of: PageOf) -> None:
    health = replace(glance().health, problems=("3 lines of a log could not be read and are not counted.",))
    page = page_of(glance(health=health), Status(error="Codex: cannot read its logs."))
    assert page._problems.sentences == (
        "Codex: cannot read its logs.",
        "3 lines of a log could not be read and are not counted.",
    )
    assert "$3" in texts(page)


def test_many_problems_do_not_push_the_figures_away(page_of: PageOf) -> None:
    page = page_of(glance(health=Health(NOON, (), tuple(f"Problem {n}." for n in range(40)))))
    assert "37 more problems. “tokentrack doctor” lists all." in texts(page)


def test_a_small_screen_cuts_nothing_at_the_right(qtbot: QtBot, page_of: PageOf) -> None:
    """640 × 400: the cards stand below each other, the table by agent keeps its money."""
    page = page_of()
    area, table = page.findChild(QScrollArea), page._agent_table
    assert area is not None
    assert not any(table.isColumnHidden(at) for at in range(len(page.agents.columns)))
    page.resize(440, 360)
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    assert page._period_kind.mapTo(page, QPoint()).y() > page._today.mapTo(page, QPoint()).y()
    right = page.width() - MARGIN  # the bar stands within the margin
    for part in page.findChildren(QWidget):
        inside = part is not area.widget() and area.widget().isAncestorOf(part) and not table.isAncestorOf(part)
        if part.isVisible() and inside:
            assert part.mapTo(area.widget(), QPoint(part.width(), 0)).x() <= right, part
    heads = [at for at in range(len(page.agents.columns)) if not table.isColumnHidden(at)]
    assert [page.agents.columns[at].name for at in heads] == ["Agent", "List value today", "List value this week"]
    assert sum(table.columnWidth(at) for at in heads) <= table.viewport().width()
    assert not table.verticalScrollBar().isVisible()
    assert table.viewport().height() >= table.rowViewportPosition(1) + table.rowHeight(1)
    page.resize(780, 680)
    qtbot.waitUntil(lambda: not table.horizontalScrollBar().isVisible())


def test_no_line_of_the_cards_is_cut_at_any_width(page_of: PageOf) -> None:
    """`35 reque…` stood beside a card that was half empty; where there is no room they stand below each other."""
    for at in (glance(), replace(glance(), spent=None)):
        page = page_of(at)
        for wide in range(420, 800, 60):
            page.resize(wide, 600)
            QApplication.processEvents()
            for part in (page._today, page._today_tokens, page._period_kind, page._period, page._period_tokens):
                assert part.isHidden() or part.width() >= part.sizeHint().width(), (wide, part.text())


def test_a_day_without_use_is_nothing_and_not_unknown(page_of: PageOf) -> None:
    """`–` is for what is not known; what is known to be nothing is $0 in every sum."""
    shown = texts(page_of(replace(glance(), today=Total())))
    assert "$0" in shown
    assert "nothing read today" in shown


def test_a_week_of_which_nothing_is_recorded_is_not_empty_and_not_0(page_of: PageOf) -> None:
    """Issue 3: unknown, never 0."""
    silent = (("cursor", 1),)
    page = page_of(replace(empty(("cursor",)), unrecorded=silent, unrecorded_today=silent))
    shown = texts(page)
    assert "tokens not recorded" in shown
    assert shown.count("unknown") == 2
    assert not [text for text in shown if "$0" in text or text in ("Nothing used this week", "nothing read today")]


def test_no_figure_is_cut_at_large_amounts(page_of: PageOf) -> None:
    page = page_of(huge())
    for part in (*page.findChildren(QLabel), *page.findChildren(Number)):
        if part.isVisible() and "$" in part.text() and not (isinstance(part, QLabel) and part.wordWrap()):
            assert part.width() >= part.sizeHint().width(), part.text()
