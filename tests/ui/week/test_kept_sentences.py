"""What is typed into the note and what is kept beside it, in whichever order they came (AC 43)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from claude_logs import Machine
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from reviewed import DAY, MONDAY
from ui.keyboard import CTRL, KEY, Keyboard
from ui.week.parts import WEEK, Open, at_step, settled
from waiting import session

from tokentrack import clock
from tokentrack.review import closing, insights
from tokentrack.review.insights import Insight
from tokentrack.review.steps import recall, steps
from tokentrack.store import journal, reviews, transaction
from tokentrack.ui.figure import Sentence
from tokentrack.ui.week_steps import InsightFrame, RecallStep
from tokentrack.ui.windows.week import INSIGHTS, NOTE


def waiting(machine: Machine) -> None:
    """A session without a task, which stands out."""
    session(machine, "big", "Bulk import", "main", -2 * DAY, turns=3, size=900_000)
    machine.scan()


def test_ac43_what_was_typed_stays_when_a_sentence_is_kept_after_it(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """Back from the note to what stands out: the sentence stands beside what was typed, and is no part of it (AC 45)."""
    waiting(machine)
    page = app()
    at_step(qtbot, page, NOTE)
    settled(qtbot, page)
    keys.type("smaller steps went well")
    page.open_step(INSIGHTS)
    keys(KEY.Key_K)
    text = page.stack.insights.frames[0].insight.text
    settled(qtbot, page)
    assert page.stack.note.kept_lines.text() == page.stack.close_step.lines.text().split("\n")[-1] == f"Kept: {text}"
    assert reviews.draft(machine.db, WEEK).note == "smaller steps went well"
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(page.stack.note.kept_lines.isHidden)
    at_step(qtbot, page, NOTE)
    settled(qtbot, page)
    assert page.stack.note.line.text() == "smaller steps went well"


@pytest.mark.parametrize("note", [("mine",), ()])
def test_ac24_a_sentence_that_was_kept_can_be_asked_a_week_later(
    qtbot: QtBot, machine: Machine, note: tuple[str, ...]
) -> None:
    """The next review begins with what was typed, if anything, and with each kept sentence, which tells how it was computed."""
    waiting(machine)
    now = clock.now_ms()
    with transaction(machine.db), journal.change(machine.db, "Kept", now):
        said = insights.show(machine.db, MONDAY, now)[0]
        insights.answer(machine.db, MONDAY, said, insights.KEPT, now)
        closing.close(machine.db, MONDAY, now, *note)
    found = recall(machine.db, MONDAY + 7 * clock.DAY)
    step = RecallStep()
    qtbot.addWidget(step)
    step.put(replace(steps(machine.db, MONDAY + 7 * clock.DAY, now), recall=found))
    assert step.note.text() == "".join(note)
    (line,) = step.kept_lines.told
    assert (line.text, line.name) == (f"Kept: {said.text}", said.why)
    with qtbot.waitSignal(step.why_asked) as asked:
        qtbot.keyClick(step.kept_lines.sentences[0], KEY.Key_Return)
    assert asked.args[0].name == said.why


def test_a_title_without_a_space_is_not_cut_at_the_edge_of_its_card(qtbot: QtBot) -> None:
    """It goes on in the next line; what a screen reader hears is as it was said."""
    said = f"One session was 41% of the week's list value, $63.00: {'x' * 80}."
    frame, line = InsightFrame(Insight(WEEK, "session", "", said, 1, None)), Sentence(said)
    for part in (frame, line):
        qtbot.addWidget(part)
        part.resize(420, 200)
        text = part if part is line else frame.text
        room = text.fontMetrics().boundingRect(
            QRect(0, 0, 380, 400), Qt.TextFlag.TextWordWrap, QLabel.text(text)
        )  # as drawn
        assert room.width() <= 380
        assert text.text() == part.accessibleName() == said
