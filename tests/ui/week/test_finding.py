"""What is found from the review, and what else the window tells of it."""

from __future__ import annotations

from claude_logs import Machine
from pytestqt.qtbot import QtBot
from reviewed import closed_weeks, finished_tasks
from ui.keyboard import KEY, Keyboard
from ui.week.parts import Open

from tokentrack import clock
from tokentrack.store import read, tasks, transaction
from tokentrack.ui.windows.main import MainWindow


def test_what_is_found_opens(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    """`/` finds a task by its sentence, a session by its title, a week by its note; Enter opens it."""
    done = finished_tasks(machine)
    closed_weeks(machine, 1, "Ask about the ledger")
    with transaction(machine.db):
        tasks.finish(machine.db, done[2].id, "learned", "Append tables suffice", clock.now_ms())
    page = app()
    window = page.window()
    assert isinstance(window, MainWindow)
    opened: list[tuple[str, str]] = []
    page.task_asked.connect(lambda one: opened.append(("task", one)))
    page.session_asked.connect(lambda one: opened.append(("session", one)))

    def find(text: str) -> None:
        window.open_("week")
        qtbot.waitUntil(lambda: page.step is not None)
        keys(KEY.Key_Slash)
        keys.type(text)
        qtbot.waitUntil(lambda: page.stack.currentWidget() is page.hits)
        keys(KEY.Key_Return)

    find("append")
    assert opened == [("task", done[2].id)]
    assert window.stack.currentWidget() is window.page("tasks")
    find("again")
    assert opened[1] == ("session", machine.sessions["now3"].id)
    assert window.stack.currentWidget() is window.page("sessions")
    find("ask about")
    qtbot.waitUntil(lambda: page.step is page.stack.closed)
    assert page.head.when.text().startswith("Week 46")


def test_what_is_not_found_is_said(app: Open, qtbot: QtBot, machine: Machine, keys: Keyboard) -> None:
    page = app()
    keys(KEY.Key_Slash)
    keys.type("nowhere")
    qtbot.waitUntil(page.hits.nothing.isVisible)
    assert page.hits.nothing.text() == "Nothing holds “nowhere”."
    keys(KEY.Key_Escape)
    assert page.step is page.stack.recall
    assert page.stack.currentWidget() is page.stack.recall


def test_the_rail_names_the_week(app: Open, machine: Machine) -> None:
    page = app()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert window.buttons["week"].number.text() == "47"
    assert window.buttons["week"].accessibleName() == "Week 47"


def test_the_rate_is_kept_in_settings(app: Open, qtbot: QtBot, machine: Machine) -> None:
    window = app().window()
    assert isinstance(window, MainWindow)
    window.open_("settings")
    page = window.page("settings")
    page.rate.setFocus()
    qtbot.keyClicks(page.rate, "92.50")
    qtbot.keyClick(page.rate, KEY.Key_Return)
    assert read.setting(machine.db, "rate") == "92500000"
    page.attended.click()
    assert read.setting(machine.db, "attended") == "on"
    for text, kept in (("51", ""), ("0", "0"), ("", "")):
        page.cut.setFocus()
        page.cut.clear()
        qtbot.keyClicks(page.cut, text)
        qtbot.keyClick(page.cut, KEY.Key_Return)
        assert read.setting(machine.db, "stress_cut") == kept
        assert page._cut_note.isVisibleTo(page) == (text == "51")
