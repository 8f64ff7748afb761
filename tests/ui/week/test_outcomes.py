"""What came of the tasks that look finished: asked on cards, by keyboard (issue 6)."""

from __future__ import annotations

import re
from pathlib import Path

from claude_logs import Machine, ms
from git_repositories import Repo, a_task, look, worked
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from reviewed import DAY, MONDAY, finished_tasks, link
from ui.keyboard import CTRL, KEY, SHIFT, Keyboard
from ui.samples import Show
from ui.week.parts import Open, at_step, settled, task
from waiting import add_tasks, session

from tokentrack import clock
from tokentrack.review import closing
from tokentrack.review.steps import to_judge
from tokentrack.store import reviews, tasks, transaction, write
from tokentrack.ui.week_cards import Row
from tokentrack.ui.windows.week import OUTCOMES as JUDGE


def test_which_tasks_look_finished(machine: Machine) -> None:
    """Quiet for 7 days, or finished since the week began; not what goes on, nor what an earlier review was closed with."""
    done = finished_tasks(machine)
    busy = add_tasks(machine, "PAY-50 Goes on")["PAY-50"]
    session(machine, "busy", "Busy", "feat/PAY-50", -3 * DAY)
    session(machine, "old", "Long ago", "feat/PAY-51", -80 * DAY)
    forgotten = add_tasks(machine, "PAY-51 Long ago")["PAY-51"]
    machine.scan()
    link(machine, "busy", busy)
    link(machine, "old", forgotten)
    found = {one.task.key: one.because for one in to_judge(machine.db, MONDAY, clock.now_ms())}
    assert found == {
        "PAY-30": "quiet for 10 days",
        "PAY-31": "quiet for 11 days",
        "PAY-32": "quiet for 12 days",
        "PAY-33": "finished",
    }
    with transaction(machine.db):
        closing.close(machine.db, MONDAY, clock.now_ms())
    later = clock.now_ms() + 3 * DAY * 1000
    assert done[3].id not in {one.task.id for one in to_judge(machine.db, MONDAY + 7 * clock.DAY, later)}


def test_a_merged_branch_looks_finished_and_says_which_day_it_is(machine: Machine, tmp_path: Path) -> None:
    """Git's evidence asks the question and answers nothing: the outcome stays the person's. Day 1 of 14, never "no revert"."""
    repo = Repo(tmp_path / "shop")
    repo.commit("Begin")
    made = repo.branch("feat/PAY-12-refunds", "refunds.py")
    refunds = a_task(machine, repo, "PAY-12")
    worked(machine, repo, "feat/PAY-12-refunds", *made, t=-0.5 * DAY)
    link(machine, "S", refunds)
    repo.t = -0.2 * DAY
    repo.merge("feat/PAY-12-refunds", "--no-ff", message="Merge branch 'feat/PAY-12-refunds'")
    look(machine, repo, t=DAY)
    (found,) = to_judge(machine.db, MONDAY, clock.now_ms())
    assert (found.because, found.found) == ("merged", "merged 20 Nov, day 1 of 14")
    assert found.task.outcome is None
    assert found.worth is None
    assert any("merged" in line for line in found.evidence)


def test_a_card_by_keyboard(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """1 to 6, one sentence, y n u, a b, e, f: each is in the store at once, as one step back."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    keys(KEY.Key_Return)
    key = page.stack.outcomes.item.task.key
    keys(KEY.Key_1)
    assert task(machine, key).outcome == "shipped"
    keys(KEY.Key_S)
    keys.type("One file a month")
    keys(KEY.Key_Return)
    assert tasks.outcomes(machine.db, task(machine, key).id)[-1].note == "One file a month"
    keys(KEY.Key_U, KEY.Key_B)
    found = task(machine, key)
    assert reviews.verdict(machine.db, found.id).worth == "unsure"
    assert found.anyway == "no"
    keys(KEY.Key_E)
    assert page.stack.outcomes.card.evidence.isVisible()
    keys(KEY.Key_F)
    picker = page.stack.outcomes.picker
    qtbot.waitUntil(lambda: picker is not None and picker.line.hasFocus())
    keys.type("PAY-33")
    keys(KEY.Key_Return)
    assert task(machine, key).follow_up_of == task(machine, "PAY-33").id
    qtbot.waitUntil(page.window().isActiveWindow)
    for _ in range(5):
        keys(KEY.Key_Z, held=CTRL)
    back = task(machine, key)
    assert (back.outcome, back.anyway, back.follow_up_of) == (None, None, None)
    assert reviews.verdict(machine.db, back.id) is None
    keys(KEY.Key_Z, held=CTRL | SHIFT)
    assert task(machine, key).outcome == "shipped"
    settled(qtbot, page)
    qtbot.waitUntil(page.stack.outcomes.card.options["shipped"].isChecked)


def test_answers_stand_beside_a_question_that_needs_two_lines(show: Show) -> None:
    """6.2: below it they would push the weeks out of the window as it opens."""
    question, link, answers = (
        QLabel("Was it worth that to you?"),
        QLabel("told in minutes"),
        QLabel("yes no cannot tell"),
    )
    row = Row((question, link), answers)
    show(row, question.sizeHint().width() + answers.sizeHint().width() + 12, 60)
    assert answers.x() >= question.width()
    assert link.y() > question.y()


def test_learned_asks_for_one_sentence_and_takes_none(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    keys(KEY.Key_3)
    assert QApplication.focusWidget() is page.stack.outcomes.card.sentence
    keys(KEY.Key_Return, KEY.Key_Return)
    assert page.stack.outcomes._at == 1
    assert tasks.outcomes(machine.db, task(machine, "PAY-33").id)[-1].outcome == "learned"


def test_break_even_is_told_in_minutes_only_with_a_rate(
    app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard
) -> None:
    """M5: without a rate the question is the same, without minutes. The verdict stands beside the evidence."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    question = page.stack.outcomes.card._question
    assert "minutes" not in question.text()
    assert "list value. Was it worth that to you?" in question.text()
    assert page.stack.outcomes.card._rate.isVisible()
    with transaction(machine.db):
        write.set_setting(machine.db, "rate", "90000000")
    page.refresh()
    qtbot.waitUntil(lambda: bool(re.search(r"At your rate that is \d+ minutes", question.text())))
    assert question.figure.name == f"break-even task:{page.stack.outcomes.item.task.id}"
    assert page.stack.outcomes.card._found.text() == "no git evidence"


def test_follow_up_questions_stand_among_the_cards(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """Shipped 9 days ago: still in place? Asked here and nowhere else."""
    shipped = add_tasks(machine, "PAY-60 Shipped before")["PAY-60"]
    session(machine, "shipped", "Ship it", "main", -10 * DAY)
    machine.scan()
    link(machine, "shipped", shipped)
    with transaction(machine.db):
        tasks.finish(machine.db, shipped.id, "shipped", "", ms(-9 * DAY))
    page = app()
    at_step(qtbot, page, JUDGE)
    assert page.stack.outcomes.still.isVisible()
    keys(KEY.Key_Y)
    assert reviews.follow_ups(machine.db) == {(shipped.id, 7): "yes"}
    assert page.stack.outcomes.item is None


def test_ac39_the_last_follow_up_question_leads_on(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """Not back to a task that was passed; with more to answer after it, to that. Undone, it is asked again."""
    finished_tasks(machine)
    for key in ("PAY-60", "PAY-61"):
        shipped = add_tasks(machine, f"{key} Shipped before")[key]
        with transaction(machine.db):
            tasks.finish(machine.db, shipped.id, "shipped", "", ms(-9 * DAY))
    page = app()
    at_step(qtbot, page, JUDGE)
    while not page.stack.outcomes.still.isVisible():
        keys(KEY.Key_Return)
    keys(KEY.Key_Y)
    assert page.step is page.stack.outcomes
    assert page.stack.outcomes.still.isVisible()
    keys(KEY.Key_Y)
    assert page.step is page.stack.insights
    assert len(reviews.follow_ups(machine.db)) == 2
    settled(qtbot, page)
    keys(KEY.Key_Z, held=CTRL)
    settled(qtbot, page)
    assert len(reviews.follow_ups(machine.db)) == 1
