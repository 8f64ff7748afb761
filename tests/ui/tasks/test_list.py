"""The list of tasks over a real store, and a sum that always adds up."""

from __future__ import annotations

import pytest
from claude_logs import Machine, ms
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY
from ui.samples import Start, texts
from ui.tasks.parts import DAY_S, PageOf, balanced, given, of, press, titles, type_

from tokentrack.model.tasks import Span
from tokentrack.store import links, read, tasks, transaction
from tokentrack.store.read import Where
from tokentrack.ui.live import Live


def test_an_empty_list_says_what_a_task_is_and_has_the_one_button_that_fills_it(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of()
    assert any("No task yet" in text for text in texts(page))
    assert page.list.add.isVisible()
    page.list.add.click()
    assert page.cards.form.isVisible()
    assert page.cards.form.title.hasFocus()


@pytest.mark.parametrize("some", [True, False])
def test_keys_act_at_once(qtbot: QtBot, shop: Machine, start: Start, some: bool) -> None:
    """Letters are not typed into the search of a page that has just been opened, also where no task is yet."""
    if some:
        given(shop, "Refund twice")
    window = start(Live(shop.store, shop.home), "sessions", 1000, 800)
    window.stack.currentWidget().setFocus()
    window.open_("tasks")
    page = window.page("tasks")
    qtbot.waitUntil((page.list.table if some else page.list.add).hasFocus)
    press(qtbot, page, "n")
    assert page.cards.form.isVisible()


def test_a_row_tells_a_task(page_of: PageOf, shop: Machine) -> None:
    given(shop, "Refund twice", "S0", "S4", key="PAY-12", size="M")
    page = page_of(1400)
    cells = [page.list.rows.data(page.list.rows.index(0, column)) for column in range(7)]
    value = read.total(shop.db, Where(sessions=(of(shop, "S0").id, of(shop, "S4").id))).list_value
    assert cells == ["PAY-12", "Refund twice", "shop", "open", "2", f"${value / 1e6:.2f} + unknown", "yesterday 12:20"]
    assert given(shop, "Alone").id
    page.refresh()


def test_ac30_search_and_filters_narrow_the_list_and_never_the_sum(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    """What waits and what is set aside is on screen under every filter, and all of it adds up (issue 5: the ledger balances)."""
    given(shop, "Refund twice", "S0", key="PAY-12")
    done = given(shop, "Drift report", "S1", key="OPS-7", project="/w/ops")
    given(shop, "Handbook")
    with transaction(shop.db):
        tasks.finish(shop.db, done.id, "shipped", "", ms(DAY_S))
        links.put(shop.db, of(shop, "S2").id, None, Span(1, 1), "manual", ms())
    page = page_of()
    balanced(page, shop)
    assert page.sum.shown[0].label == "3 tasks"
    press(qtbot, page, "/")
    type_(qtbot, page, "pay refund")
    assert titles(page) == ["Refund twice"]
    assert [part.label for part in page.sum.shown][:2] == ["1 task shown", "2 other tasks"]
    balanced(page, shop)
    press(qtbot, page, KEY.Key_Escape)
    assert len(titles(page)) == 3
    for name, expected in (
        ("open", {"Refund twice", "Handbook"}),
        ("finished", {"Drift report"}),
        ("alone", {"Handbook"}),
    ):
        qtbot.mouseClick(page.list.shown.buttons[name], Qt.MouseButton.LeftButton)
        assert set(titles(page)) == expected
        balanced(page, shop)
    page.list.shown.buttons["all"].click()
    page.list.project.setCurrentIndex(page.list.project.findData("/w/ops"))
    page.list.project.activated.emit(page.list.project.currentIndex())
    assert titles(page) == ["Drift report"]
    balanced(page, shop)
    assert page.list.show_all()
    assert len(titles(page)) == 3


def test_ac24_each_part_of_the_sum_and_each_row_names_a_figure_that_re_adds(page_of: PageOf, shop: Machine) -> None:
    from tokentrack.review.why import made_of

    given(shop, "Refund twice", "S0", "S4")
    given(shop, "Drift report", "S1")
    with transaction(shop.db):
        links.put(shop.db, of(shop, "S2").id, None, Span(), "manual", ms())
    page = page_of()
    page.list.search.setText("refund")
    for part, number in zip(page.sum.shown, page.sum.numbers, strict=True):
        assert number.figure.name == part.name
        assert made_of(shop.db, part.name).total == part.used.total
    figure = page.list.rows.figure_at(page.list.rows.index(0, 5))
    assert made_of(shop.db, figure.name).total == page.list.rows.shown[0].used.total


def test_q8_the_sum_is_told_apart_by_outcome_too(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """M3 with AC 30: what led nowhere, rework, no task and not linked stand beside what was shipped, and all of it adds up."""
    from tokentrack.review.why import made_of

    for title, native_id, outcome, at in (
        ("A", "S0", "shipped", 300),
        ("B", "S1", "abandoned", DAY_S),
        ("C", "S2", "", 0),
    ):
        made = given(shop, title, native_id)
        if outcome:
            with transaction(shop.db):
                tasks.finish(shop.db, made.id, outcome, "", ms(at))
    by_hand = given(shop, "By hand")
    with transaction(shop.db):
        tasks.finish(shop.db, by_hand.id, "delivered", "", ms(DAY_S))
    page = page_of()
    assert page._count.text() == "4 tasks · 1 finished without a session"  # Q24
    press(qtbot, page, "b")
    labels = [part.label for part in page.sum.shown]
    assert labels == [
        "shipped",
        "stopped",
        "rework",
        "open",
        "no task, on purpose",
        "not linked",
        "everything, list value",
    ]
    *parts, whole = page.sum.shown
    assert sum(part.used.total.list_value or 0 for part in parts) == whole.used.total.list_value
    for part in page.sum.shown:
        if part.asks:
            assert made_of(shop.db, part.name).total == part.used.total
    press(qtbot, page, "b")
    balanced(page, shop)


def test_what_is_nothing_has_no_figure_to_ask(page_of: PageOf, shop: Machine) -> None:
    given(shop, "Handbook")
    page = page_of()
    assert page.list.rows.figure_at(page.list.rows.index(0, 5)) is None
    assert page.list.rows.data(page.list.rows.index(0, 5)) == "–"
    assert page.sum.numbers[0].figure is None


def test_columns_give_way_so_that_the_title_can_be_read(page_of: PageOf, shop: Machine) -> None:
    given(shop, "A title that needs its room", "S0", key="PAY-12")
    page = page_of(1400)
    assert not any(page.list.table.isColumnHidden(column) for column in range(7))
    page.window().resize(680, 600)
    QApplication.processEvents()
    assert page.list.table.isColumnHidden(0)
    assert page.list.rows.data(page.list.rows.index(0, 1)) == "PAY-12 A title that needs its room"
    assert not page.list.table.isColumnHidden(5)  # the list value stays
