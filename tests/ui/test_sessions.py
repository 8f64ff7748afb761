"""The Sessions page: sorting, filtering, the opened session, and 5,000 rows."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from time import process_time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.samples import LONG, Memory, Show, session

from tokentrack.model.usage import Session
from tokentrack.ui.feed import Feed
from tokentrack.ui.session_detail import kinds
from tokentrack.ui.session_rows import AGENT, PROJECT, TOKENS, WHEN
from tokentrack.ui.text import Elided
from tokentrack.ui.windows.sessions import Page

PageOf = Callable[..., Page]


@pytest.fixture
def page_of(show: Show, feed_of: Callable[[Memory], Feed]) -> PageOf:
    def made(listed: list[Session] | None = None) -> Page:
        source = Memory()
        if listed is not None:
            source.listed = listed
        page = Page(feed_of(source), source)
        show(page, 820, 680)
        return page

    return made


def row(page: Page, at: int) -> list[str]:
    return [page.rows.data(page.rows.index(at, column)) for column in range(page.rows.columnCount())]


def test_a_row_tells_a_session(page_of: PageOf) -> None:
    cells = row(page_of(), 0)
    assert cells == ["PAY-25 Webhook retries", "ops", "Codex", "not linked", "today 13:02", "2", "120,977", "$1.20"]


def test_newest_first(page_of: PageOf) -> None:
    ends = [s.ended_at for s in page_of().rows.shown]
    assert ends == sorted(ends, reverse=True)


def test_a_click_on_the_head_sorts(page_of: PageOf) -> None:
    page = page_of([session(1, dollars=2), session(2, dollars=None), session(3, dollars=9)])
    page.table.sortByColumn(7, Qt.SortOrder.DescendingOrder)
    assert [row(page, at)[7] for at in range(3)] == ["$9.00", "$2.00", "unknown"]


def test_the_agent_is_named_only_where_it_tells_something(page_of: PageOf) -> None:
    page = page_of()
    assert not page.table.isColumnHidden(AGENT)
    page._source.listed = [session(3), session(6)]
    page.refresh()
    assert page.table.isColumnHidden(AGENT)


def test_keys_act_at_once(page_of: PageOf) -> None:
    """The list has the keyboard, not the number in the head."""
    assert page_of([session(1, "Refund import")]).table.hasFocus()


def test_slash_filters_and_escape_clears(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of([session(1, "Refund import"), session(2, "Webhook retries")])
    page.table.setFocus()
    qtbot.keyClick(page.table, "/")
    assert page.filter.hasFocus()
    qtbot.keyClicks(page.filter, "refund ops")
    assert [s.title for s in page.rows.shown] == ["Refund import"]
    qtbot.keyClick(page.filter, Qt.Key.Key_Escape)
    assert len(page.rows.shown) == 2


def test_the_sum_follows_the_filter(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of([session(1, "one", 12), session(2, "two", 30), session(3, "two more", None)])
    assert page._count.text() == "3 sessions · $42 + unknown list value"
    page.filter.setText("one")
    assert page._count.text() == "1 session · $12 list value"


def test_enter_in_the_filter_leads_into_the_table(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of()
    page.filter.setFocus()
    qtbot.keyClick(page.filter, Qt.Key.Key_Return)
    assert page.table.hasFocus()
    assert page.table.currentIndex().row() == 0


def test_enter_opens_the_turns_and_escape_closes_them(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of()
    page.table.setCurrentIndex(page.rows.index(2, 0))
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.detail.isVisible()
    assert page.detail.session == page.rows.shown[2]
    turns = page.detail.turns
    assert [turns.data(turns.index(3, column)) for column in range(7)] == [
        "3",
        "feat/PAY-25-retries",
        "not linked",
        "today 13:59",
        "3",
        "15,000",
        "$0.30",
    ]
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.detail.isVisible()


def test_a_refresh_keeps_the_selection_and_the_place(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of([session(n) for n in range(1, 200)])
    page.table.setCurrentIndex(page.rows.index(80, 0))
    qtbot.waitUntil(lambda: page.table.verticalScrollBar().value() > 0)
    at = page.table.verticalScrollBar().value()
    chosen = page.rows.shown[80].id
    page._source.listed.insert(0, session(500))
    page.refresh()
    assert page.rows.shown[page.table.currentIndex().row()].id == chosen
    assert page.table.verticalScrollBar().value() == at


def test_a_title_is_whole_in_the_tooltip(page_of: PageOf) -> None:
    page = page_of([session(1, LONG), session(2, None)])
    tip = page.rows.data(page.rows.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert LONG.strip() in tip
    assert row(page, 1)[0] == "untitled session"


def test_what_is_said_of_an_opened_session_is_whole_in_its_tooltips(page_of: PageOf) -> None:
    """On a small screen its title and branches ended in the middle of a letter."""
    page = page_of([session(1, LONG)])
    page._on_opened(0)
    for part in (page.detail._title, page.detail._about):
        assert isinstance(part, Elided)
        assert part.text() in unescape(part.toolTip())
    assert page.detail.session.cwd in page.detail._about.toolTip()


def test_titles_are_text_and_never_markup(page_of: PageOf) -> None:
    page = page_of([session(1, "<b>bold</b> <img src=x>")])
    page._on_opened(0)
    title = next(label for label in page.detail.findChildren(QLabel) if "bold" in label.text())
    assert title.textFormat() == Qt.TextFormat.PlainText
    tip = page.rows.data(page.rows.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip
    assert "<b>" not in tip


def test_an_empty_list_says_what_would_fill_it(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of([])
    assert page._empty.isVisible()
    assert "fills when" in page._empty.text()
    with qtbot.waitSignal(page.settings_asked):
        page._empty.button.click()
    page.filter.setText("x")
    assert "Esc clears" in page._empty.text()
    assert not page._empty.button.isVisible()


def test_five_thousand_rows_stay_quick(page_of: PageOf) -> None:
    """A frame while scrolling, a blink for sorting and filtering, of this process's own work: others share the machine."""
    page = page_of([session(n, f"Session number {n}") for n in range(5000)])
    start = process_time()
    page.filter.setText("number 49")
    page.filter.setText("")
    page.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    page.refresh()
    assert process_time() - start < 2.0
    start = process_time()
    for step in range(20):
        page.table.verticalScrollBar().setValue(step * 5000)
        page.table.grab()
    assert (process_time() - start) / 20 < 0.1


def test_kinds_names_only_what_occurs() -> None:
    assert kinds(session(1).total) == "input 60,489 · cache read 60,488"


def test_a_narrow_list_keeps_title_and_when_before_all_else(page_of: PageOf) -> None:
    """It is in the order of when, so that is told as long as there is room for it."""
    page = page_of([session(n, "Move every webhook retry onto the durable queue") for n in range(1, 9)])
    page.resize(700, 500)
    table = page.table
    assert table.columnWidth(0) >= 200
    assert table.isColumnHidden(TOKENS)
    assert not table.isColumnHidden(WHEN)
    page.resize(440, 500)
    assert all(table.isColumnHidden(column) for column in (AGENT, PROJECT))
