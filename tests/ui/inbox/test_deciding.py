"""Accept, choose, set aside, reject, and the way back, by keyboard (issue 5)."""

from __future__ import annotations

import pytest
from claude_logs import Machine
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, all_links, choose, linked, press, rows, settled, unlinked
from ui.keyboard import CTRL, KEY, SHIFT, Keyboard
from waiting import BEFORE, PAYMENTS, a_week, add_tasks, session

from tokentrack import clock
from tokentrack import rules as applying
from tokentrack.model.tasks import Span
from tokentrack.store import links, read, rules, tasks
from tokentrack.ui import inbox_rows
from tokentrack.ui.inbox_head import READING
from tokentrack.ui.source import Status


def test_ac16_one_key_accepts_a_group_and_one_takes_it_back(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    press(qtbot, KEY.Key_Return)
    assert {key for key, *_ in (one[0] for one in linked(machine).values())} == {"PAY-11"}
    assert page.bar.text.text() == "Linked 5 sessions to PAY-11"
    assert page.head.count.text() == "25 sessions wait, ", "at once"
    settled(qtbot, page)
    press(qtbot, KEY.Key_Z, CTRL)
    assert all_links(machine) == []
    assert page.bar.text.text() == "Undone: linked 5 sessions to PAY-11"
    qtbot.waitUntil(lambda: page.head.count.text() == "30 sessions wait, ")


def test_ac16_shift_enter_accepts_all_that_is_ready_and_undo_reverts_exactly_that_after_a_restart(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    a_week(machine)
    page = app()
    choose(page, "no suggestion")
    press(qtbot, KEY.Key_0)
    aside = all_links(machine)
    assert len(aside) == 5
    press(qtbot, KEY.Key_Return, SHIFT)
    assert len(all_links(machine)) == 27
    assert page.bar.text.text() == "Linked 22 sessions to 6 tasks"
    settled(qtbot, page)
    page.window().close()

    page = app()
    assert not page.bar.isVisible()
    press(qtbot, KEY.Key_Z, CTRL)
    assert all_links(machine) == aside
    press(qtbot, KEY.Key_Z, CTRL)
    assert all_links(machine) == []
    press(qtbot, KEY.Key_Z, CTRL | SHIFT)
    assert all_links(machine) == aside


def test_ac14_where_two_are_as_likely_enter_takes_neither(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    choose(page, "PAY-16 or PAY-17?")
    assert not page.accept_button.isEnabled()
    press(qtbot, KEY.Key_Return)
    assert all_links(machine) == []
    assert page.note.text() == (
        "Press 1 for PAY-16 Piece of work 16, 2 for PAY-17 Piece of work 17, t for another task or 0 for none on purpose."
    )
    press(qtbot, KEY.Key_2)
    assert [one[0][0] for one in linked(machine).values()] == ["PAY-17", "PAY-17"]


def test_0_sets_aside_and_the_sum_stays_visible_as_no_task(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    before = unlinked(machine)
    page = app()
    choose(page, "no suggestion")
    press(qtbot, KEY.Key_0)
    assert page.bar.text.text() == "Set 5 sessions aside: no task, on purpose"
    assert {one[0][0] for one in linked(machine).values()} == {None}
    totals = tasks.totals(machine.db)
    assert totals[None].list_value == before - unlinked(machine)


def test_ac17_x_never_suggests_it_again(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    press(qtbot, KEY.Key_Right)
    press(qtbot, KEY.Key_Down)
    gone = page.table.chosen.parts[0].session
    press(qtbot, KEY.Key_X)
    assert page.bar.text.text() == "Not PAY-11: 1 session"
    assert page.table.chosen.parts[0].session == gone, "the same session is chosen, wherever it stands now"
    settled(qtbot, page)
    machine.scan(full=True)
    page.window().close()
    page = app()
    for group in page.inbox.groups:
        for part in group.parts:
            keys = [task.key for task in part.offers]
            assert ("PAY-11" in keys) == (part.session.id != gone.id and group.ready and "PAY-11" in keys)
    assert next(group for group in page.inbox.groups if group.ready).sessions == 4


@pytest.mark.parametrize(("keys", "gone", "stays"), [
    ([KEY.Key_X, KEY.Key_X], "PAY-16", "PAY-17"),
    ([KEY.Key_X, KEY.Key_1], "PAY-16", "PAY-17"),
    ([KEY.Key_X, KEY.Key_2], "PAY-17", "PAY-16"),
])  # fmt: skip
def test_ac17_x_on_several_rejects_the_one_that_is_named(
    app: Open, qtbot: QtBot, machine: Machine, keys: list[KEY], gone: str, stays: str
) -> None:
    """Product 3.3: `x` is "not this one"; each is one step back, and what remains moves up."""
    add_tasks(machine, "PAY-16 Refunds", "PAY-17 Retries")
    session(machine, "tie", "PAY-16 and PAY-17 look alike", "main", 0)
    machine.scan()
    page = app()
    assert rows(page) == ["○ PAY-16 or PAY-17?"]
    press(qtbot, keys[0])
    assert page.note.text() == "Which is it not? Press 1 for PAY-16, 2 for PAY-17, or x again for the first."
    page._show()  # what is asked stays while the page follows
    press(qtbot, keys[1])
    assert page.bar.text.text() == f"Not {gone}: 1 session"
    assert not page.note.isVisible()
    assert all_links(machine) == []
    settled(qtbot, page)
    assert {task.key for group in page.inbox.groups for task in group.offers} == {stays}
    press(qtbot, KEY.Key_Z, CTRL)
    qtbot.waitUntil(lambda: rows(page) == ["○ PAY-16 or PAY-17?"])


def test_esc_takes_the_question_of_x_back(app: Open, qtbot: QtBot, machine: Machine) -> None:
    add_tasks(machine, "PAY-16 Refunds", "PAY-17 Retries")
    session(machine, "tie", "PAY-16 and PAY-17 look alike", "main", 0)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_X)
    press(qtbot, KEY.Key_Escape)
    assert not page.note.isVisible()
    press(qtbot, KEY.Key_2)
    assert linked(machine) == {"tie": [("PAY-17", Span(), "suggested")]}


def test_it_says_that_repositories_are_read(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    assert READING not in page.head.share.text()
    page._feed.status = Status(repositories=True)
    page.refresh()
    assert page.head.share.text().endswith(f" · {READING}")
    page._feed.status = Status()
    page.refresh()
    assert READING not in page.head.share.text()


def test_t_finds_a_task_by_a_few_letters(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    choose(page, "no suggestion")
    press(qtbot, KEY.Key_T)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.picker.line)
    assert page.dialogs.picker.about.text() == "Link 5 sessions to"
    Keyboard(qtbot).type("drft rep")
    press(qtbot, KEY.Key_Return)
    assert list(linked(machine).values()) == [[("OPS-7", Span(), "manual")]] * 5
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.table)


def test_what_is_typed_before_the_picker_has_the_keyboard_is_typed_in_it(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """The system gives it the keyboard a moment after it is asked for: no letter is lost, and none acts as a key of the list."""
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "What does this do?", "main", 0)
    machine.scan()
    page = app()
    window = page.window().windowHandle()
    for key in (KEY.Key_T, KEY.Key_R, KEY.Key_E, KEY.Key_F, KEY.Key_0, KEY.Key_Backspace):
        QTest.keyEvent(QTest.KeyAction.Click, window, key)
    assert page.dialogs.picker.line.text() == "ref"
    qtbot.mouseClick(window, Qt.MouseButton.LeftButton, pos=page.mapTo(page.window(), page.accept_button.pos()))
    assert all_links(machine) == []
    QTest.keyEvent(QTest.KeyAction.Click, window, KEY.Key_Return)
    qtbot.waitUntil(lambda: [one[0][0] for one in linked(machine).values()] == ["PAY-12"])
    assert page.dialogs.picker.isHidden()
    settled(qtbot, page)


def test_t_makes_a_task_of_a_pasted_address(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    choose(page, "no suggestion")
    press(qtbot, KEY.Key_T)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.picker.line)
    QApplication.clipboard().setText("https://github.com/me/shop/issues/41?x=1")
    press(qtbot, KEY.Key_V, CTRL)
    press(qtbot, KEY.Key_Return)
    made = next(one for one in tasks.tasks(machine.db) if one.url)
    assert (made.key, made.title, made.url) == ("#41", "Issue 41 of shop", "https://github.com/me/shop/issues/41")
    assert page.bar.text.text() == "Created #41 and linked 5 sessions to it"
    press(qtbot, KEY.Key_Z, CTRL)
    assert made not in tasks.tasks(machine.db)
    assert all_links(machine) == []


def test_a_key_that_names_no_task_is_made_with_one_key(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """Issue 5: created from a suggestion ("create PAY-31?")."""
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "Import all", "feat/PAY-31-bulk-refund", 0)
    machine.scan()
    page = app()
    assert rows(page) == ["○ create PAY-31?"]
    press(qtbot, KEY.Key_1)
    assert linked(machine) == {"one": [("PAY-31", Span(), "manual")]}
    made = next(one for one in tasks.tasks(machine.db) if one.key == "PAY-31")
    assert (made.title, made.project) == ("Bulk refund", PAYMENTS)


@pytest.mark.parametrize(
    ("key", "said", "to", "is_open"),
    [
        (KEY.Key_1, "Reopened PAY-12 and linked 1 session to it", "PAY-12", True),
        (KEY.Key_2, "Created Refunds as a follow-up and linked 1 session to it", "Refunds", False),
        (KEY.Key_3, "Linked 1 session to PAY-12", "PAY-12", False),
    ],
)
def test_ac19_work_after_the_end_is_reopened_followed_up_or_left(
    app: Open, qtbot: QtBot, machine: Machine, key: Qt.Key, said: str, to: str, is_open: bool
) -> None:
    """Product 3.4: "task finished 3 Nov: reopen, follow-up, or other?", and nothing is taken by Enter."""
    made = add_tasks(machine, "PAY-12 Refunds")
    tasks.finish(machine.db, made["PAY-12"].id, "shipped", "", BEFORE + 1)
    session(machine, "one", "Again", "feat/PAY-12-x", 0)
    machine.scan()
    page = app()
    assert rows(page) == ["○ reopen PAY-12, a follow-up or PAY-12 as it is?"]
    assert inbox_rows.why_text(page.table.chosen, clock.now()) == "task finished 19 Nov: reopen, follow-up, or other?"
    press(qtbot, KEY.Key_Return)
    assert all_links(machine) == []
    press(qtbot, key)
    assert page.bar.text.text() == said
    assert linked(machine)["one"][0][0] == to
    assert (tasks.task(machine.db, made["PAY-12"].id).outcome is None) == is_open
    follow = next((one for one in tasks.tasks(machine.db) if one.follow_up_of), None)
    assert (follow is not None and follow.follow_up_of == made["PAY-12"].id) == (to == "Refunds")
    press(qtbot, KEY.Key_Z, CTRL)
    assert tasks.tasks(machine.db) == [tasks.task(machine.db, made["PAY-12"].id)]
    assert tasks.tasks(machine.db)[0].outcome == "shipped"


def test_ac19_a_rule_whose_task_is_finished_sleeps_and_its_next_match_says_why(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    made = add_tasks(machine, "PAY-12 Refunds")["PAY-12"]
    rules.add(machine.db, "branch", PAYMENTS, "chores", made.id, BEFORE)
    tasks.finish(machine.db, made.id, "shipped", "", BEFORE + 1)
    session(machine, "one", "Sweep", "chores", 0)
    machine.scan()
    assert applying.apply(machine.db, 1795291200000) == 0
    page = app()
    assert rows(page) == ["○ reopen PAY-12, a follow-up or PAY-12 as it is?"]
    why = inbox_rows.why_text(page.table.chosen, clock.now())
    assert why == "rule branch chores → PAY-12: task finished 19 Nov: reopen, follow-up, or other?"
    press(qtbot, KEY.Key_1)
    assert linked(machine)["one"][0][0] == "PAY-12"


def test_the_first_task_of_all_is_asked_for(app: Open, qtbot: QtBot, machine: Machine) -> None:
    session(machine, "one", "Import all", "main", 0)
    machine.scan()
    page = app()
    assert page.note.text().startswith("There is no task yet. Press t")
    press(qtbot, KEY.Key_T)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.dialogs.picker.line)
    Keyboard(qtbot).type("Tidy up")
    press(qtbot, KEY.Key_Return)
    assert linked(machine) == {"one": [("Tidy up", Span(), "manual")]}
    assert rows(page) == []


def test_a_refusal_is_said_and_nothing_leaves_the_list(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """Another process linked the same turns meanwhile."""
    a_week(machine)
    page = app()
    first = page.table.chosen.parts[0].session.id
    links.put(machine.db, first, None, Span(), "manual", 0)
    press(qtbot, KEY.Key_Return)
    assert page.bar.property("role") == "trouble"
    assert "no task, on purpose" in page.bar.text.text()
    assert len(all_links(machine)) == 1, "all or nothing"
    assert page.head.count.text() == "30 sessions wait, "


def test_an_answer_that_was_under_way_brings_nothing_back(app: Open, qtbot: QtBot, machine: Machine) -> None:
    a_week(machine)
    page = app()
    for _ in range(6):
        page.refresh()
        press(qtbot, KEY.Key_Return)
        assert not any("PAY-11" in row for row in rows(page))
        QApplication.processEvents()
    settled(qtbot, page)
    assert page.inbox.sessions == 8


def test_a_week_of_thirty_sessions_is_emptied_in_at_most_twenty_keystrokes(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """Issue 5; and as product 3.3 counts them, the group without a task included."""
    a_week(machine)
    page = app()
    pressed: list[int] = []

    class Counting(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.KeyPress and watched is page.table:
                pressed.append(1)
            return False

    counting = Counting()
    page.table.installEventFilter(counting)
    right = {"tie0": KEY.Key_1, "tie1": KEY.Key_1, "tie2": KEY.Key_1}
    press(qtbot, KEY.Key_Return, SHIFT)
    while page.table.chosen:
        name = page.table.chosen.parts[0].session.native_id
        press(qtbot, right.get(name, KEY.Key_0))
    assert len(pressed) + 1 <= 20
    assert len(linked(machine)) == 30
    settled(qtbot, page)
    assert page.head.count.text() == "Nothing waits"
    assert read.unlinked(machine.db)[0] == 0


def test_two_x_come_back_one_by_one_and_the_row_that_came_back_is_chosen(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """AC 16: each is a step by itself, the newest first; the bar names it."""
    add_tasks(machine, "PAY-16 Refunds", "PAY-17 Retries", "PAY-18 Reports")
    session(machine, "tie", "PAY-16 and PAY-17 look alike", "main", 0)
    session(machine, "sure", "Reports", "feat/PAY-18-reports", 5000)
    session(machine, "odd", "What does this do?", "main", 9000, cwd="/w/notes")
    machine.scan()
    page = app()
    tie = "PAY-16 or PAY-17?"
    choose(page, tie)
    for key in (KEY.Key_X, KEY.Key_X, KEY.Key_X):
        press(qtbot, key)
    assert page.bar.text.text() == "Not PAY-17: 1 session"
    page.table.choose(0)
    press(qtbot, KEY.Key_Z, CTRL)
    assert page.bar.text.text() == "Undone: not PAY-17: 1 session"
    assert page.table.chosen.parts[0].session.native_id == "tie"
    assert [task.key for task in page.table.chosen.offers] == ["PAY-17"]
    page.table.choose(0)
    press(qtbot, KEY.Key_Z, CTRL)
    assert page.bar.text.text() == "Undone: not PAY-16: 1 session"
    settled(qtbot, page)
    assert tie in rows(page)[page.table.currentIndex().row()]
    assert page.table.hasFocus()


def test_after_a_restart_undo_chooses_the_row_that_came_back_too(app: Open, qtbot: QtBot, machine: Machine) -> None:
    add_tasks(machine, "PAY-11 Refunds", "PAY-12 Retries")
    for n in (11, 12, 13):
        session(machine, f"s{n}", f"Work {n}", f"feat/PAY-{n}-piece", n * 1000)
    machine.scan()
    page = app()
    choose(page, "PAY-12")
    press(qtbot, KEY.Key_X)
    choose(page, "PAY-11")
    press(qtbot, KEY.Key_Return)
    settled(qtbot, page)
    page.window().close()

    page = app()
    for native_id in ("s11", "s12"):
        choose(page, "PAY-13")
        press(qtbot, KEY.Key_Z, CTRL)
        qtbot.waitUntil(lambda wanted=native_id: page.table.chosen.parts[0].session.native_id == wanted)


def test_after_undo_the_group_that_came_back_is_chosen(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 44: a click on the bar leaves the keyboard in the list."""
    add_tasks(machine, "PAY-11 Refunds", "PAY-12 Retries")
    for n in (11, 12, 13):
        session(machine, f"s{n}", f"Work {n}", f"feat/PAY-{n}-piece", n * 1000)
    machine.scan()
    page = app()
    choose(page, "PAY-12")
    press(qtbot, KEY.Key_Return)
    choose(page, "PAY-13")
    qtbot.mouseClick(page.bar.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "PAY-12" in rows(page)[page.table.currentIndex().row()])
    assert page.table.hasFocus()
