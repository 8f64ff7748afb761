"""Tasks on the page of sessions."""

from __future__ import annotations

from claude_logs import Machine
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.samples import written
from ui.tasks.parts import PageOf, cells, given, of

from tokentrack.model.tasks import Span
from tokentrack.review.ledger import Used, ledger
from tokentrack.store import links, rules, tasks, transaction
from tokentrack.ui.live import Live


def test_a_session_tells_its_tasks_and_is_linked_from_there(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    work = given(shop, "Refund twice", key="PAY-12")
    page = page_of(page="sessions")
    session = of(shop, "S5")
    page.table.setFocus()
    page._choose(session.id)
    at = page.table.currentIndex().row()
    assert page.rows.data(page.rows.index(at, 3)) == "not linked"
    qtbot.keyClick(page.table, "t")
    qtbot.keyClicks(page.picker.line, "pay-12")
    qtbot.keyClick(page.picker.line, KEY.Key_Return)
    written(qtbot)
    assert [(link.task, link.turns) for link in links.links(shop.db)] == [(work.id, Span())]
    assert page.rows.data(page.rows.index(at, 3)) == "PAY-12"
    assert page.bar.text.text() == "All turns of “Session 5” linked to PAY-12 Refund twice."
    page.filter.setText("refund")
    assert [one.id for one in page.rows.shown] == [session.id]
    page.filter.clear()
    page._on_opened(page.table.currentIndex().row())
    page.detail.table.setFocus()
    page.detail.table.selectRow(1)
    qtbot.keyClick(page.detail.table, "0")
    written(qtbot)
    assert [(link.task, link.turns) for link in links.links(shop.db)] == [
        (work.id, Span(0, 0)), (None, Span(1, 1)), (work.id, Span(2, None)),
    ]  # fmt: skip
    assert [cell[2] for cell in cells(page.detail.table)] == ["PAY-12", "no task", "PAY-12"]
    assert page.rows.data(page.rows.index(at, 3)) == "PAY-12, no task"
    page.detail.table.selectRow(2)
    qtbot.keyClick(page.detail.table, "u")
    written(qtbot)
    assert page.rows.data(page.rows.index(at, 3)) == "PAY-12, no task, not linked"
    tip = page.rows.data(page.rows.index(at, 3), Qt.ItemDataRole.ToolTipRole)
    assert "turn 0: PAY-12 Refund twice; turn 1: no task, on purpose; the others are not linked" in tip
    for _ in range(3):
        qtbot.keyClick(page.table, KEY.Key_Z, CTRL)
    written(qtbot)
    assert links.links(shop.db) == []


def test_a_task_made_in_the_picker_is_one_step_with_its_link(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    page = page_of(page="sessions")
    page.table.setFocus()
    page._choose(of(shop, "S0").id)
    qtbot.keyClick(page.table, "t")
    qtbot.keyClicks(page.picker.line, "PAY-31 Bulk refunds")
    qtbot.keyClick(page.picker.line, KEY.Key_Return)
    written(qtbot)
    (made,) = tasks.tasks(shop.db)
    assert (made.key, made.title) == ("PAY-31", "Bulk refunds")
    assert [link.task for link in links.links(shop.db)] == [made.id]
    qtbot.keyClick(page.table, KEY.Key_Z, CTRL)
    written(qtbot)
    assert (tasks.tasks(shop.db), links.links(shop.db)) == ([], [])
    assert Used() == ledger(shop.db).no_task


def test_product_3_4_who_changes_what_a_rule_linked_is_told_that_it_goes_on(shop: Machine) -> None:
    """Nothing is said where the link is to the rule's own task, or no rule made it."""
    work, other = given(shop, "Refund twice"), given(shop, "Webhooks")
    with transaction(shop.db):
        made = rules.add(shop.db, "path", None, ".", work.id, 0)
        for name in ("S1", "S2"):
            links.put(shop.db, of(shop, name).id, work.id, Span(), "rule", 0, made.id)
    live = Live(shop.store, shop.home)
    said = [
        live.tasks().link(of(shop, name), to, Span(1, 1)) for name, to in (("S1", other), ("S1", work), ("S2", work))
    ]
    told = "The rule path . goes on in other sessions; changed twice in its last ten links, it pauses itself"
    assert said == [
        f"Turn 1 of “Session 1” linked to Webhooks. {told}",
        "Turn 1 of “Session 1” linked to Refund twice",
        "Turn 1 of “Session 2” linked to Refund twice",
    ]
    live.stop()


def test_ac17_who_rejects_what_is_linked_is_told_what_became_of_it(shop: Machine) -> None:
    """AC 17: in the window as by the command line."""
    work = given(shop, "Refund twice")
    by_rule, by_hand = of(shop, "S1").id, of(shop, "S2").id
    with transaction(shop.db):
        made = rules.add(shop.db, "path", None, ".", work.id, 0)
        links.put(shop.db, by_rule, work.id, Span(1, 1), "rule", 0, made.id)
        links.put(shop.db, by_hand, work.id, Span(1, 1), "manual", 0)
    live = Live(shop.store, shop.home)
    pairs = [(uid, work.id) for uid in (by_rule, by_hand, of(shop, "S3").id)]
    assert live.linking().reject("Not Refund twice: 3 sessions", pairs) == (
        "What a rule linked to it in 1 session waits again. "
        "What you linked to it in 1 session stays; U on the Sessions page unlinks it"
    )
    assert [link.session for link in links.links(shop.db)] == [by_hand]
    live.stop()
