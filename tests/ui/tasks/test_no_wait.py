"""What a person changes is written on another thread: neither scrolling nor typing waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.samples import written
from ui.tasks.parts import PageOf, choose, given, of

from tokentrack.model.tasks import Span
from tokentrack.store import links, tasks, transaction
from tokentrack.ui.journal_bar import WRITING
from tokentrack.ui.live import Live


def undo(qtbot: QtBot, page: Any) -> None:
    qtbot.keyClick(page, KEY.Key_Z, CTRL)


def delete(qtbot: QtBot, page: Any) -> None:
    choose(page, "Refund twice")
    qtbot.keyClick(page.list.table, KEY.Key_Delete)


@pytest.mark.parametrize(("name", "act"), [("tasks", delete), ("sessions", undo), ("week", undo)])
def test_nothing_waits_while_another_process_writes(
    qtbot: QtBot, page_of: PageOf, shop: Machine, name: str, act: Callable[[QtBot, Any], None]
) -> None:
    """Product 3.5. The store is taken while the key is pressed; were it written there and then, it would be refused."""
    work = given(shop, "Refund twice")
    Live(shop.store, shop.home).tasks().link(of(shop, "S5"), work, Span())
    page = page_of(page=name)
    with transaction(shop.db):
        act(qtbot, page)
        assert "in use" not in page.bar.text.text()
        assert len(links.links(shop.db)) == 1
    written(qtbot)
    assert links.links(shop.db) == []


def test_a_change_that_waits_for_another_process_says_so(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """What was told before was done long ago; what is done now is told when it is written."""
    work = given(shop, "Refund twice")
    page = page_of()
    page.changes.edit([work], private=True)
    written(qtbot)
    with transaction(shop.db):
        delete(qtbot, page)
        qtbot.waitUntil(lambda: page.bar.text.text() == WRITING)
        assert page.bar.back.isHidden()
    written(qtbot)
    assert page.bar.text.text() == "Deleted Refund twice."
    assert page.bar.back.isVisible()


def test_what_is_given_twice_is_written_once(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    page = page_of()
    qtbot.keyClick(page.list.table, "n")
    page.cards.form.title.setText("Refund twice")
    with transaction(shop.db):
        for _ in range(2):
            qtbot.keyClick(page.cards.form.title, KEY.Key_Return)
    written(qtbot)
    assert [task.title for task in tasks.tasks(shop.db)] == ["Refund twice"]
    assert (page.bar.text.text(), page.cards.shown) == ("Added Refund twice.", None)
