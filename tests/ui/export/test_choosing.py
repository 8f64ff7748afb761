"""The first page: which weeks, tasks and names; what is entered is kept (issue 7)."""

from __future__ import annotations

import sqlite3

from one_on_one import MONDAYS
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed
from ui.keyboard import CTRL, KEY, SHIFT, Keyboard, in_turn

from tokentrack import clock
from tokentrack.store import journal, read, tasks, transaction
from tokentrack.ui.windows.export import CHOOSE, PREVIEW


def test_ac47_a_withheld_row_keeps_its_share_in_the_totals(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    page = app()
    look(qtbot, page, "json")
    whole = page.preview.page
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    page.choose.table.setCurrentIndex(page.choose.rows.index(0, 1))
    work = page.choose.rows.shown[0].row.work.text
    page.choose.table.setFocus()
    keys(KEY.Key_Space)
    seen = look(qtbot, page, "json").decode()
    assert page.preview.page.cost == whole.cost
    assert work not in seen
    look(qtbot, page, "md")
    assert "Withheld: 1 item" in page.look.paper.shown


def test_an_alias_of_a_task_is_kept_and_can_be_undone(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    page = app()
    keys(KEY.Key_A)
    keys.type("The payments work")
    keys(KEY.Key_Return)
    task = page.choose.rows.shown[0].row.task
    qtbot.waitUntil(lambda: page.choose.rows.shown[0].row.work.text == "The payments work")
    assert tasks.task(db, task).alias == "The payments work"
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(lambda: page.choose.rows.shown[0].row.work.text != "The payments work")
    assert tasks.task(db, task).alias is None


def test_undo_of_an_alias_leaves_alone_what_was_changed_elsewhere_since(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """It took back the newest change of all, and the alias stayed. Said once, then undo goes on (AC 16)."""
    page = app()
    page.choose.ticks[MONDAYS[0]].click()
    task = tasks.task(db, page.choose.rows.shown[0].row.task)
    page.choose.aliased.emit(task, "The payments work")
    qtbot.waitUntil(lambda: page.bar.text.text().startswith("Changed "))
    with transaction(db), journal.change(db, "edited", clock.now_ms()):
        tasks.edit(db, task.id, title="Another title")
    page.bar.back.click()
    qtbot.waitUntil(lambda: page.bar.text.text() == "Changed elsewhere since: nothing was undone.")
    kept = tasks.task(db, task.id)
    assert (kept.title, kept.alias) == ("Another title", "The payments work")
    keys(KEY.Key_Z, held=CTRL)
    assert page.bar.text.text() == "Undone: which weeks."


def test_redo_of_an_alias_does_no_other_change_again(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """Of what was taken back elsewhere since; its own can be taken back again."""
    page = app()
    task = page.choose.rows.shown[0].row.task
    with transaction(db), journal.change(db, "edited", clock.now_ms()):
        tasks.edit(db, task, title="Another title")
    page.choose.aliased.emit(tasks.task(db, task), "The payments work")
    for act, told in (
        (page.bar.back.click, "Undone: "),
        (page.bar.again.click, "Done again: "),
        (page.bar.back.click, "Undone: "),
    ):
        qtbot.waitUntil(lambda: not page._doing.busy)
        act()
        qtbot.waitUntil(lambda told=told: page.bar.text.text().startswith(told))
        assert (tasks.task(db, task).alias is None) == (told == "Undone: ")
    assert journal.step(db, journal.undo, clock.now_ms()) == "edited"
    keys(KEY.Key_Z, held=CTRL | SHIFT)
    qtbot.waitUntil(lambda: page.bar.text.text() == "Changed elsewhere since: nothing was done again.")
    assert tasks.task(db, task).title != "Another title"


def test_the_alias_field_and_its_row_are_in_sight_when_its_key_is_pressed(
    app: Open, qtbot: QtBot, keys: Keyboard
) -> None:
    """It stood below the whole list, and `Enter` leads back to the row."""
    page = app()
    assert in_turn(page, *page.choose.ticks.values(), page.choose.table, page.choose.name)
    page.window().resize(680, 440)
    page.choose.area.verticalScrollBar().setValue(0)
    keys(KEY.Key_A)
    assert page.choose.alias.hasFocus()
    assert page.choose.alias.visibleRegion().boundingRect().height() == page.choose.alias.height()
    table = page.choose.table
    row = table.visualRect(table.currentIndex())
    assert table.viewport().visibleRegion().boundingRect().contains(row)
    keys(KEY.Key_Return)
    assert table.hasFocus()
    assert not page.choose.alias.isVisible()


def test_names_words_and_projects_are_entered_on_the_first_page_and_kept(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """Product 7.4 and 7.5: the name is off until it is typed, lists have one entry a line, private projects lose their names."""
    page = app()
    page.choose.name.setFocus()
    keys.type("Kim")
    lists = page.choose.lists
    for key, text in (("export_aliases", "Webhook=Client hook"), ("private_words", "ORM")):
        lists[key].setFocus()
        keys.type(text)
    lists["private_projects"].setFocus()
    keys.type("nobody")
    keys(KEY.Key_Return)
    keys.type("elsewhere")
    keys(KEY.Key_Right, held=CTRL)
    assert page.at == PREVIEW
    seen = previewed(qtbot, page).decode()
    assert "Prepared by me, Kim," in seen
    assert "Client hook retries" in seen
    assert [one.text for one in page.standing] == ["ORM"]
    kept = read.settings(db)
    assert kept["private_projects"] == "nobody\nelsewhere"
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    assert lists["export_aliases"].toPlainText() == "Webhook=Client hook"


def test_weeks_are_chosen_one_by_one_and_a_gap_is_printed(app: Open, qtbot: QtBot) -> None:
    page = app()
    page.choose.ticks[MONDAYS[1]].click()
    qtbot.waitUntil(lambda: not page._settle.isActive() and not page._asking.waiting)
    seen = look(qtbot, page).decode()
    assert page.preview.options.weeks == (MONDAYS[0], *MONDAYS[2:])
    assert "45" in seen[seen.index("How these numbers were made") :]


def test_without_a_week_there_is_nothing_to_look_at(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    page = app()
    for monday in MONDAYS:
        page.choose.ticks[monday].click()
    qtbot.waitUntil(lambda: not page._settle.isActive())
    keys(KEY.Key_Return, held=CTRL)
    page.go_on()
    assert page.at == CHOOSE
    assert not page.primary.isEnabled()
    assert not page.choose.alias.isVisible(), "it is of no work"


def test_what_a_column_does_not_need_is_for_the_names_of_work(app: Open, qtbot: QtBot) -> None:
    page = app()
    table, words = page.choose.table, page.choose.table.fontMetrics().horizontalAdvance
    work = [page.choose.rows.columns[1].text(row) for row in page.choose.rows.shown]
    assert not table.isColumnHidden(4)
    assert max(map(words, work)) < table.columnWidth(1)


def test_undo_names_the_row_that_was_withheld_and_not_the_weeks(app: Open, keys: Keyboard) -> None:
    """Weeks stay the usual ones until the person chooses any; with a name alone there is nothing to undo."""
    page = app()
    page.choose.name.typed.emit("A. Name")
    page.choose.table.setFocus()
    keys(KEY.Key_Space)
    assert page.choose.without
    keys(KEY.Key_Z, held=CTRL)
    assert (page.bar.text.text(), page.choose.without) == ("Undone: what is withheld.", frozenset())
    keys(KEY.Key_Z, held=CTRL)
    assert page.bar.text.text() == "There is nothing to undo."
    week = page.choose.ticks[MONDAYS[0]]
    week.click()
    page.undo()
    assert page.bar.text.text() == "Undone: which weeks."
