"""Rework on the page of a task: what its own shipping made, and what it used itself after the one it follows up."""

from __future__ import annotations

from claude_logs import Machine, ms
from pytestqt.qtbot import QtBot
from ui.tasks.parts import PageOf, given, opened

from tokentrack.review import why
from tokentrack.store import tasks, transaction


def test_m8_the_page_names_the_shipping_that_made_it(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """The figure of a shipping has its follow-ups in it; a follow-up that was not shipped tells whose rework it is."""
    first = given(shop, "Refund twice", "S0", key="PAY-12")
    second = given(shop, "Its follow-up", "S1")
    with transaction(shop.db):
        tasks.finish(shop.db, first.id, "shipped", "", ms(300))
        tasks.edit(shop.db, second.id, follow_up_of=first.id)
    page = page_of()
    view = opened(qtbot, page, "Its follow-up")
    assert not view.rework.isVisible()
    assert view.after.text().startswith("Of it, within 14 days of shipping PAY-12: $")
    assert view.after.figure.name == f"task:{second.id} rework:{first.id}"
    part = why.why(shop.db, view.after.figure.name).total.list_value
    assert f"${part / 1e6:.2f}" in view.after.text()
    with transaction(shop.db):
        tasks.finish(shop.db, second.id, "shipped", "", ms(3600))  # before it was used: the later shipping has it
    page.refresh()
    qtbot.waitUntil(view.rework.isVisible)
    assert not view.after.isVisible()
    assert view.rework.text().startswith("Rework within 14 days of shipping: $")
    assert view.rework.figure.name == f"rework task:{second.id}"
