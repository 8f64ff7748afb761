"""Settings over a real store with several budgets: each is seen, one is chosen for the icon, one is taken out and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from claude_logs import HAIKU, Machine, answer, usage
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Show, written

from tokentrack.review import budgets
from tokentrack.store import transaction, write
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.tables import Table
from tokentrack.ui.windows.settings import Page

DAY = date(2026, 11, 21)
Budgets = tuple[tuple[str, int, str | None, str], ...]
TWO: Budgets = (("list_value", 40, None, "2026-11-02"), ("list_value", 5, "/w/shop", "2026-11-02"))


@pytest.fixture(autouse=True)
def evening(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", f"{DAY}T20:00:00Z")


@pytest.fixture
def page_of(show: Show, machine: Machine) -> Iterator[Callable[[Budgets], Page]]:
    lives: list[Live] = []

    def made(planned: Budgets) -> Page:
        machine.log("P/S.jsonl", answer("m1", model=HAIKU, cwd="/w/shop", figures=usage(3_000_000, 0)))
        machine.scan()
        with transaction(machine.db):
            for measure, dollars, project, since in planned:
                write.add_budget(machine.db, measure, dollars * 10**6, "week", project, date.fromisoformat(since), 0)
        live = Live(machine.store, machine.home)
        lives.append(live)
        feed = Feed(live.glance, live.status)
        feed.refresh()
        page = Page(feed, live)
        show(page, 780, 900)
        return page

    yield made
    for live in lives:
        live.stop()


def cells(page: Page) -> list[tuple[str, ...]]:
    return [tuple(column.text(row) for column in page.budgets.rows.columns) for row in page.budgets.rows.shown]


def test_every_budget_in_force_or_to_come_is_seen(page_of: Callable[[Budgets], Page]) -> None:
    page = page_of((*TWO, ("paid", 60, None, "2026-12-01")))
    assert cells(page) == [
        ("everything", "$40 a week, list value", "$3"),
        ("shop", "$5 a week, list value", "$3"),
        ("everything", "$60 a week, paid", "from 1 Dec 2026"),
    ]
    assert page.budgets.table.accessibleName() == "Budgets"
    assert page.amount.text() == "40"


def test_without_a_budget_nothing_is_listed(page_of: Callable[[Budgets], Page]) -> None:
    assert not page_of(()).budgets.isVisible()


def test_of_one_budget_none_is_to_be_chosen(page_of: Callable[[Budgets], Page]) -> None:
    page = page_of(TWO[:1])
    assert page.budgets.table.isVisible()
    assert not page.budgets.follow.isVisible()


def test_the_icon_shows_the_budget_that_is_chosen(page_of: Callable[[Budgets], Page], qtbot: QtBot) -> None:
    page = page_of(TWO)
    assert page.budgets.follow.currentText() == "everything"
    page.budgets.follow.setFocus()
    qtbot.keyClick(page.budgets.follow, Qt.Key.Key_Down)
    written(qtbot)
    seen = page._feed.glance
    assert seen is not None
    assert seen.spent is not None
    assert (seen.spent.budget.project, page.budgets.follow.currentText()) == ("/w/shop", "shop")
    assert page.amount.text() == "40"  # the fields are those of the budget over everything, whatever the icon shows


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("by", ["key", "link"])
def test_a_budget_is_taken_out_from_today_on_and_comes_back(
    page_of: Callable[[Budgets], Page], qtbot: QtBot, machine: Machine, row: int, by: str
) -> None:
    page = page_of((*TWO, ("paid", 60, None, "2026-12-01")))
    before = cells(page)
    page.budgets.table.selectRow(row)
    if by == "key":
        page.budgets.table.setFocus()
        qtbot.keyClick(page.budgets.table, Qt.Key.Key_Delete)
    else:
        page.budgets.remove.click()
    written(qtbot)
    assert cells(page) == before[:row] + before[row + 1 :]
    assert page.undo_bar.text.text() == f"Nothing is planned for {before[row][0]} any more."
    yesterday = budgets.all_in_force(machine.db, date(2026, 11, 20))
    assert [budget.project for budget in yesterday] == [None, "/w/shop"]
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    written(qtbot)
    assert cells(page) == before


def test_a_budget_to_come_is_taken_out_and_comes_back(
    page_of: Callable[[Budgets], Page], qtbot: QtBot, machine: Machine
) -> None:
    page = page_of((*TWO, ("paid", 60, None, "2026-12-01")))
    before = cells(page)
    page.budgets.table.selectRow(2)
    page.budgets.remove.click()
    written(qtbot)
    assert cells(page) == before[:2]
    assert budgets.to_come(machine.db, DAY) == []
    page.undo_bar.undo()
    written(qtbot)
    assert cells(page) == before


def test_a_followed_budget_that_is_gone_makes_way_for_the_one_over_everything(
    page_of: Callable[[Budgets], Page], qtbot: QtBot
) -> None:
    page = page_of(TWO)
    page.budgets.chosen.emit("/w/shop")
    written(qtbot)
    page.budgets.table.selectRow(1)
    page.budgets.remove.click()
    written(qtbot)
    seen = page._feed.glance
    assert seen is not None
    assert seen.spent is not None
    assert seen.spent.budget.project is None
    page.undo_bar.undo()
    written(qtbot)
    again = page._feed.glance
    assert again is not None
    assert again.spent is not None
    assert again.spent.budget.project == "/w/shop"


@pytest.mark.parametrize("width", [504, 780])
def test_nothing_is_cut_in_the_smallest_window(page_of: Callable[[Budgets], Page], qtbot: QtBot, width: int) -> None:
    """What the smallest main window leaves for a page, and the usual width."""
    page = page_of((*TWO, ("paid", 60, None, "2026-12-01")))
    page.budgets.table.selectRow(1)
    page.budgets.remove.click()
    written(qtbot)
    page.resize(width, 560)
    area = page.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width() <= width)
    shown = [part for part in page.findChildren(QWidget) if part.isVisible() and part.width() > 1]
    assert len(shown) > 40
    for part in shown:
        if isinstance(part, QAbstractButton | QLabel | QLineEdit | Table):
            assert part.mapTo(page, part.rect().topRight()).x() <= page.width(), part
