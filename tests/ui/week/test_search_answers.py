"""Finding from the review shows the answer, not just where it stands."""

from __future__ import annotations

import pytest
from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY, Keyboard
from ui.week.parts import Open

from tokentrack import clock
from tokentrack.store import tasks, transaction

LEARNED = "Kafka keeps the order by key alone, so one partition per customer is what the ledger needs"


@pytest.mark.parametrize("width", [1000, 1920])
def test_what_was_learned_can_be_read_where_it_is_found(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard, width: int
) -> None:
    """Q22: "what did I learn about kafka" has an answer: half of what is not figures, and in full below."""
    with transaction(machine.db):
        made = tasks.add(machine.db, tasks.Task("", "Spike", None, None, None, clock.now_ms()))
        tasks.finish(machine.db, made.id, "learned", LEARNED, clock.now_ms())
    page = app()
    page.window().resize(width, 680)
    keys(KEY.Key_Slash)
    keys.type("what did I learn about kafka")
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.hits)
    assert abs(page.hits.table.columnWidth(1) - page.hits.table.columnWidth(2)) < 3
    assert page.hits.table.columnWidth(2) > 177
    assert page.hits.answer.isVisible()
    assert page.hits.answer.text().replace("\u200b", "") == LEARNED
    keys(KEY.Key_Escape)
    assert not page.hits.answer.isVisible()
