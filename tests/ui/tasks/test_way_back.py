"""The button beside what was done takes back just that (AC 16)."""

from __future__ import annotations

from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.samples import written
from ui.tasks.parts import PageOf, given

from tokentrack import clock
from tokentrack.store import journal, tasks, transaction


def test_ac16_the_button_takes_back_what_stands_beside_it_or_nothing(
    qtbot: QtBot, shop: Machine, page_of: PageOf
) -> None:
    """It took back the newest change of all, such as one by the command line, and left what it told."""
    work, other = given(shop, "Refund twice"), given(shop, "Webhooks")
    page = page_of()
    page.changes.edit([work], private=True)
    written(qtbot)
    with transaction(shop.db), journal.change(shop.db, "Edited Webhooks", clock.now_ms()):
        tasks.edit(shop.db, other.id, title="Hooks")
    page.bar.back.click()
    qtbot.waitUntil(lambda: page.bar.text.text() == "Changed elsewhere since: nothing was undone.")
    assert (tasks.task(shop.db, work.id).private, tasks.task(shop.db, other.id).title) == (True, "Hooks")
    assert page.bar.back.isHidden()
    page.bar.undo()
    qtbot.waitUntil(lambda: page.bar.text.text() == "Undone: edited Webhooks")
    journal.step(shop.db, journal.undo, clock.now_ms())
    page.bar.again.click()
    qtbot.waitUntil(lambda: page.bar.text.text() == "Changed elsewhere since: nothing was done again.")
    assert tasks.task(shop.db, other.id).title == "Webhooks"


def test_ac16_another_page_ends_what_the_bar_told(qtbot: QtBot, shop: Machine, page_of: PageOf) -> None:
    """What was done there is newer; `Ctrl+Z` goes on to take back the newest, and says what that was."""
    work = given(shop, "Refund twice")
    page = page_of()
    page.changes.edit([work], private=True)
    written(qtbot)
    assert page.bar.isVisible()
    page.window().open_("sessions")
    page.window().open_("tasks")
    assert page.bar.isHidden()
    with transaction(shop.db), journal.change(shop.db, "Edited it", clock.now_ms()):
        tasks.edit(shop.db, work.id, title="Refunds")
    page.bar.undo()
    qtbot.waitUntil(lambda: page.bar.text.text() == "Undone: edited it")
    page.bar.undo()
    qtbot.waitUntil(lambda: not tasks.task(shop.db, work.id).private)


def test_what_could_not_be_written_stays_over_another_page(qtbot: QtBot, shop: Machine, page_of: PageOf) -> None:
    page = page_of()
    tried: list[int] = []
    page.bar.failed("The store is in use by another program.", lambda: tried.append(1))
    page.window().open_("sessions")
    page.window().open_("tasks")
    assert page.bar.retry.isVisible()
    page.bar.retry.click()
    assert (tried, page.bar.isHidden()) == ([1], True)
