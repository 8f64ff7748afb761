"""Many tasks at once, and one journal for the way back."""

from __future__ import annotations

from typing import Any

import pytest
from claude_logs import Machine, ms
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY, SHIFT
from ui.tasks.parts import DAY_S, PageOf, balanced, choose, given, press, settle, titles, type_

from tokentrack.review.ledger import ledger
from tokentrack.store import journal, links, read, tasks, transaction
from tokentrack.store.read import Where
from tokentrack.ui.keycap import KeyHint


def test_several_tasks_are_edited_at_once_and_one_step_back_takes_it_all(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    for n in range(4):
        given(shop, f"Task {n}", key=f"PAY-{n + 1}")
    page = page_of()
    choose(page, "Task 0", "Task 1", "Task 2")
    assert page.chosen_bar.isVisible()
    assert page.chosen_bar.count.text() == "3 tasks chosen"
    press(qtbot, page, "s")
    assert [task.size for task in tasks.tasks(shop.db)] == ["S", "S", "S", None]
    press(qtbot, page, "p")
    assert [task.private for task in tasks.tasks(shop.db)] == [True, True, True, False]
    assert len(page.list.chosen) == 3  # they stay chosen
    page.chosen_bar.project.setCurrentIndex(page.chosen_bar.project.findData("/w/ops"))
    page.chosen_bar.project.activated.emit(page.chosen_bar.project.currentIndex())
    settle(qtbot, page)
    assert [task.project for task in tasks.tasks(shop.db)] == ["/w/ops"] * 3 + ["/w/shop"]
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert {task.project for task in tasks.tasks(shop.db)} == {"/w/shop"}
    press(qtbot, page, (KEY.Key_Z, CTRL), (KEY.Key_Z, CTRL))
    assert [(task.size, task.private) for task in tasks.tasks(shop.db)] == [(None, False)] * 4
    press(qtbot, page, (KEY.Key_Z, CTRL | SHIFT))
    assert [task.size for task in tasks.tasks(shop.db)] == ["S", "S", "S", None]
    press(qtbot, page, (KEY.Key_Z, CTRL), (KEY.Key_Z, CTRL))
    assert page.bar.text.text() == "There is nothing to undo."


def test_one_key_and_one_sentence_finish_all_that_are_chosen(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    for n in range(3):
        given(shop, f"Task {n}")
    page = page_of()
    choose(page, "Task 0", "Task 2")
    press(qtbot, page, "3")
    assert page.finish.about.text() == "What came of 2 tasks?"
    assert page.finish.note.hasFocus()
    assert page.finish.note.placeholderText() == "What did you learn, in one sentence?"
    type_(qtbot, page, "Events are too much for refunds")
    press(qtbot, page, KEY.Key_Return)
    assert [(task.outcome, task.note) for task in tasks.tasks(shop.db)] == [
        ("learned", "Events are too much for refunds"), (None, ""), ("learned", "Events are too much for refunds"),
    ]  # fmt: skip
    assert not page.finish.isVisible()
    press(qtbot, page, "o")
    assert {task.outcome for task in tasks.tasks(shop.db)} == {None}
    assert [event.outcome for event in tasks.outcomes(shop.db, tasks.tasks(shop.db)[0].id)] == ["learned", None]
    press(qtbot, page, "1", KEY.Key_Escape)
    assert not page.finish.isVisible()  # skipping is free
    assert {task.outcome for task in tasks.tasks(shop.db)} == {None}


def test_two_tasks_become_one_after_a_look_at_what_moves(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    kept = given(shop, "Refund twice", "S0", key="PAY-12")
    gone = given(shop, "Refunds again", "S1", "S2", key="PAY-13")
    page = page_of()
    press(qtbot, page, "m")
    assert "two or more tasks" in page.bar.text.text()
    choose(page, "Refund twice", "Refunds again")
    press(qtbot, page, "m")
    page.cards.merge.keep.setCurrentIndex([task.id for task in page.cards.merge.tasks].index(kept.id))
    settle(qtbot, page)
    value = read.total(shop.db, Where(tasks=(gone.id,))).list_value
    assert page.cards.merge.preview.text() == (
        f"2 sessions of ${value / 1e6:.2f} list value move to PAY-12 Refund twice. PAY-13 Refunds again will be gone; "
        "Ctrl+Z brings all of it back."
    )
    before = ledger(shop.db)
    press(qtbot, page, KEY.Key_Return)
    (row,) = ledger(shop.db).rows
    assert row.used.total == before.rows[0].used.total + before.rows[1].used.total
    assert titles(page) == ["Refund twice"]
    balanced(page, shop)
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert ledger(shop.db) == before
    assert sorted(titles(page)) == ["Refund twice", "Refunds again"]


def merging(qtbot: QtBot, page: Any) -> Any:
    choose(page, "Refund twice", "Refunds again")
    press(qtbot, page, "m")
    return page.cards.merge


@pytest.mark.parametrize("where", ["search", "table"])
def test_enter_merges_on_the_card_and_nowhere_else(qtbot: QtBot, page_of: PageOf, shop: Machine, where: str) -> None:
    """A key of one part acts while the keyboard is there: in the search and in the list, Enter is theirs."""
    given(shop, "Refund twice")
    given(shop, "Refunds again")
    page = page_of()
    merging(qtbot, page)
    getattr(page.list, where).setFocus()
    press(qtbot, page, KEY.Key_Return)
    assert len(tasks.tasks(shop.db)) == 2


@pytest.mark.parametrize(("words", "come"), [("Cancel", 2), ("Merge", 1)])
def test_enter_on_a_button_of_a_card_presses_that_button(
    qtbot: QtBot, page_of: PageOf, shop: Machine, words: str, come: int
) -> None:
    given(shop, "Refund twice")
    given(shop, "Refunds again")
    page = page_of()
    card = merging(qtbot, page)
    next(one for one in card.findChildren(QPushButton) if one.text().startswith(words)).setFocus()
    press(qtbot, page, KEY.Key_Return)
    assert len(tasks.tasks(shop.db)) == come
    assert page.cards.shown is None


def test_del_deletes_in_the_list_alone(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """On a button of the page it does nothing; in the table of the opened task, beside the list, it unlinks."""
    given(shop, "Refund twice", "S0")
    page = page_of(1400)
    choose(page, "Refund twice")
    page._keys.findChildren(KeyHint)[0].setFocus()
    press(qtbot, page, KEY.Key_Delete)
    assert len(tasks.tasks(shop.db)) == 1
    page.list.table.setFocus()
    page.list.table.setCurrentIndex(page.list.rows.index(0, 0))
    press(qtbot, page, KEY.Key_Return)
    assert page.view.isVisible()
    assert page.list.table.isVisible()
    page.view.session_table.setFocus()
    page.view.session_table.selectRow(0)
    press(qtbot, page, KEY.Key_Delete)
    assert links.links(shop.db) == []
    page.list.table.setFocus()
    press(qtbot, page, KEY.Key_Delete)
    assert tasks.tasks(shop.db) == []


def test_a_task_that_goes_leaves_the_keyboard_where_it_is_typed(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """Another process deletes the opened one."""
    work = given(shop, "Refund twice")
    given(shop, "Drift report")
    page = page_of(1400)
    page.open_task(work.id)
    settle(qtbot, page)
    assert page.opened.id == work.id
    page.list.search.setFocus()
    with transaction(shop.db):
        tasks.delete(shop.db, work.id)
    page.refresh()
    settle(qtbot, page)
    assert page.opened.id is None
    assert page.list.search.hasFocus()


def test_ac16_a_deletion_is_taken_back_also_after_a_restart(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    given(shop, "Refund twice", "S0")
    before = ledger(shop.db)
    page = page_of()
    choose(page, "Refund twice")
    press(qtbot, page, KEY.Key_Delete)
    assert tasks.tasks(shop.db) == []
    balanced(page, shop)
    again = page_of()
    press(qtbot, again, (KEY.Key_Z, CTRL))
    assert again.bar.text.text() == "Undone: deleted Refund twice"
    assert ledger(shop.db) == before
    assert titles(again) == ["Refund twice"]
    balanced(again, shop)


def test_a_way_back_that_the_world_no_longer_allows_is_said_and_nothing_changes(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    given(shop, "Refund twice")
    page = page_of()
    choose(page, "Refund twice")
    press(qtbot, page, "s")
    with transaction(shop.db):  # another process
        tasks.edit(shop.db, tasks.tasks(shop.db)[0].id, size="L")
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert "cannot be taken back" in page.bar.text.text()
    assert tasks.tasks(shop.db)[0].size == "L"
    assert journal.latest(shop.db, ms(2 * DAY_S)) is None  # said once: it bars no earlier way back
