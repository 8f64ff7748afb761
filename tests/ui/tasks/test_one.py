"""The page of one task."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import Machine, ms
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.samples import texts
from ui.tasks.parts import DAY_S, PageOf, balanced, cells, choose, git, given, of, opened, press, settle, type_

from tokentrack.model.tasks import Span
from tokentrack.review import attended, worth
from tokentrack.store import links, read, tasks, transaction, write
from tokentrack.store.read import Where


def test_enter_opens_a_task_in_the_place_of_the_list_and_escape_leads_back(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    given(shop, "Refund twice", "S0", key="PAY-12")
    page = page_of()
    choose(page, "Refund twice")
    page.list.table.setCurrentIndex(page.list.rows.index(0, 1))
    press(qtbot, page, KEY.Key_Return)
    assert page.view.isVisible()
    assert not page.list.isVisible()
    balanced(page, shop)  # AC 30: also here
    press(qtbot, page, KEY.Key_Escape)
    assert page.list.isVisible()
    assert page.list.table.hasFocus()
    assert [row.task.title for row in page.list.chosen] == ["Refund twice"]


def test_in_a_wide_window_the_task_stands_beside_the_list_and_follows_the_arrows(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    for n in range(3):
        given(shop, f"Task {n}", f"S{n}")
    page = page_of(1400)
    page.list.table.setCurrentIndex(page.list.rows.index(0, 1))
    press(qtbot, page, KEY.Key_Return)
    assert page.list.isVisible()
    first = page.view.title.text()
    press(qtbot, page, KEY.Key_Down)
    assert page.view.title.text() == page.list.rows.shown[1].task.title != first


def test_beside_the_list_nothing_of_the_task_is_cut(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """So narrow the window may be when the task still stands beside the list."""
    given(shop, "Refund twice", "S0")
    page = page_of()
    page.window().resize(page.window().width() - page.width() + 900, 800)
    view = opened(qtbot, page, "Refund twice")
    assert page.list.isVisible()
    qtbot.waitUntil(lambda: view.widget().width() <= view.viewport().width())


def test_ac24_sessions_models_and_weeks_re_add_to_the_task_on_screen(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    """Q6: `$… list value in 2 sessions`, and every figure of it opens what it is made of."""
    work = given(shop, "Refund twice", "S0", "S4")
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    total = read.total(shop.db, Where(tasks=(work.id,)))
    text = f"${total.list_value / 1e6:.2f} + unknown"
    assert view.value.text() == f"{text} list value in 2 sessions"
    for table, column in ((view.session_table, 3), (view.model_table, 1), (view.week_table, 1)):
        *rows, last = table.rows.shown
        assert last.is_sum
        assert (
            sum((row.used.total.list_value or 0 for row in rows), 0) == last.used.total.list_value == total.list_value
        )
        assert cells(table)[-1][column] == text
        for at in range(len(rows) + 1):
            figure = table.rows.figure_at(table.rows.index(at, column))
            assert figure is not None
    assert ["mystery-9", "unknown"] in cells(view.model_table)
    assert [row[1] for row in cells(view.session_table)] == ["all", "all", ""]
    qtbot.mouseClick(view.value, Qt.MouseButton.LeftButton)
    why = page.window().why
    qtbot.waitUntil(lambda: why.made is not None, timeout=10_000)
    assert why.made.total == total


def test_a_task_is_finished_and_reopened_on_its_page(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    work = given(shop, "Refund twice", "S0")
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    press(qtbot, page, "1")
    assert view.finish.note.hasFocus()
    type_(qtbot, page, "In use by finance")
    press(qtbot, page, KEY.Key_Return)
    assert tasks.task(shop.db, work.id).outcome == "shipped"
    assert not view.finish.isVisible()
    assert view.history.texts == ["today 20:00: shipped. In use by finance"]
    assert "shipped today 20:00" in view.about.text()
    press(qtbot, page, "o")
    assert tasks.task(shop.db, work.id).outcome is None
    assert view.history.texts[0] == "today 20:00: opened again"
    assert view.finish.isVisible()


def test_ac32_rework_is_told_apart_and_the_usual_range_with_its_n(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """Q9, Q10: what came after shipping; where the task lies among own finished ones of its size (AC 27)."""
    work = given(shop, "Refund twice", "S0", size="M")
    for n in range(1, 6):
        done = given(shop, f"Done {n}", f"S{n}", size="M")
        with transaction(shop.db):
            tasks.finish(shop.db, done.id, "learned", "", ms(DAY_S))
    with transaction(shop.db):
        tasks.finish(shop.db, work.id, "shipped", "", ms(300))
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    rework = read.total(shop.db, Where(tasks=(work.id,), outcome="rework"))
    assert rework.requests == 2
    assert view.rework.text() == f"Rework within 14 days of shipping: ${rework.list_value / 1e6:.2f} list value"
    assert view.rework.figure.name == f"rework task:{work.id}"
    assert not view.usual.isVisible()  # four of the five are wholly priced: too few to say anything
    another = given(shop, "One more", size="M")
    with transaction(shop.db):
        links.cut_out(shop.db, of(shop, "S5").id, Span(2, None))
        links.put(shop.db, of(shop, "S5").id, another.id, Span(2, None), "manual", ms())
        tasks.finish(shop.db, another.id, "learned", "", ms(DAY_S))
    page.refresh()
    settle(qtbot, page)
    assert view.usual.text().startswith("Below your usual range for M tasks (n = 5: $")
    assert view.usual.text().endswith("list value)")
    qtbot.mouseClick(view.usual, Qt.MouseButton.LeftButton)  # AC 24: the tasks that make the range
    why = page.window().why
    qtbot.waitUntil(lambda: any("quartile" in text for text in texts(why)), timeout=10_000)


def test_estimates_are_added_to_and_late_ones_marked(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    work = given(shop, "Refund twice")
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    assert view.estimates.texts == ["No estimate."]
    view.low.setText("1,234")
    view.add_estimate.click()
    assert "two ways" in view.fault.text()
    view.low.setText("2")
    view.high.setText("6")
    view.add_estimate.click()
    settle(qtbot, page)
    assert view.estimates.texts == ["today 20:00: $2.00 to $6.00 list value"]
    with transaction(shop.db):
        links.put(shop.db, of(shop, "S0").id, work.id, Span(), "manual", ms())
    view.what.put("with_ai")
    view.low.setText("4")
    view.high.setText("7.5")
    view.add_estimate.click()
    settle(qtbot, page)
    first, second = view.estimates.texts
    assert (
        first == "today 20:00: $2.00 to $6.00 list value · made late: more than a tenth was used"
    )  # AC 28: the work was done before
    assert second.startswith("today 20:00: 4 to 7.5 hours with the agent · made late: ")
    assert [one.high for one in tasks.estimates(shop.db, work.id)] == [6_000_000, 450]


def test_q7_break_even_and_what_was_answered(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """M5, AC 29: minutes at the person's rate, and their own word marked as such; nothing where nothing was stated."""
    work = given(shop, "Refund twice", "S0")
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    assert not view.worth.isVisible()
    assert not view.verdict.isVisible()
    assert not view.effect.isVisible()
    value = read.total(shop.db, Where(tasks=(work.id,))).list_value
    with transaction(shop.db):
        write.set_setting(shop.db, worth.RATE, str(60 * value // 73))
        worth.answer(shop.db, work.id, "unsure", ms())
    page.refresh()
    settle(qtbot, page)
    assert view.worth.text() == f"${value / 1e6:.2f} list value: 73 minutes of your time at your rate"
    assert view.verdict.text() == "you answered: cannot tell (self-reported)"
    with transaction(shop.db):
        links.put(shop.db, of(shop, "S1").id, work.id, Span(), "manual", ms())
    page.refresh()
    settle(qtbot, page)
    assert view.verdict.text() == f"you answered: cannot tell when it was ${value / 1e6:.2f} list value (self-reported)"
    assert view.worth.figure.name == f"break-even task:{work.id}"
    qtbot.mouseClick(view.worth, Qt.MouseButton.LeftButton)  # AC 24
    qtbot.waitUntil(lambda: any("your rate by the hour" in text for text in texts(page.window().why)), timeout=10_000)


def test_q7_the_stated_time_effect_and_its_stress_test(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """M6, AC 31: a range, self-reported; where the task would not have been done otherwise, no effect is told."""
    work = given(shop, "Refund twice", "S0")
    with transaction(shop.db):
        tasks.add_estimate(shop.db, work.id, "without_ai", 480, 840, ms())
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    assert view.effect.text() == "Time effect (self-reported): cannot tell, an estimate is missing"
    assert view.effect.figure is None
    with transaction(shop.db):
        tasks.add_estimate(shop.db, work.id, "with_ai", 60, 120, ms())
    page.refresh()
    settle(qtbot, page)
    assert view.effect.text() == "Stated time effect 6 to 13 h (self-reported)"
    assert view.stress.text() == "stress test (self-reported): holds"
    with transaction(shop.db):
        tasks.edit(shop.db, work.id, anyway="no")
    page.refresh()
    settle(qtbot, page)
    assert view.effect.text() == "1 to 2 h (self-reported)"
    assert view.stress.text() == "time on something you would not otherwise have done"
    assert view.effect.figure.name == view.stress.figure.name == f"effect task:{work.id}"
    qtbot.mouseClick(view.effect, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any("one study's error" in text for text in texts(page.window().why)), timeout=10_000)


def ranges(shop: Machine, many: int, inside: int) -> None:
    """So many finished tasks of one turn each, with a range made in time; the first of them fell inside."""
    turns = [(f"S{n}", turn) for turn in (0, 2) for n in range(6)]
    for n, (session, turn) in enumerate(turns[:many]):
        done = given(shop, f"Done {n}")
        with transaction(shop.db):
            low, high = (0, 10**9) if n < inside else (10**9, 2 * 10**9)
            tasks.add_estimate(shop.db, done.id, "spend", low, high, ms())
            links.put(shop.db, of(shop, session).id, done.id, Span(turn, turn), "manual", ms())
            tasks.finish(shop.db, done.id, "learned", "", ms(DAY_S))


@pytest.mark.parametrize(
    ("many", "told"),
    [
        (9, "our last ranges: too few to say (n = 9)"),
        (11, "our last ranges caught 6 of 11, 28% to 79% (95% interval)"),
    ],
)
def test_ac27_earlier_ranges_stand_beside_the_field_of_the_next(
    qtbot: QtBot, page_of: PageOf, shop: Machine, many: int, told: str
) -> None:
    ranges(shop, many, 6)
    given(shop, "Refund twice")
    page = page_of()
    press(qtbot, page, "n")
    assert page.cards.form.caught.isVisible()
    assert page.cards.form.caught.text() == f"y{told}"
    press(qtbot, page, KEY.Key_Escape)
    view = opened(qtbot, page, "Refund twice")
    assert view.caught.text() == f"Y{told}"
    view.what.buttons["without_ai"].click()
    assert view.caught.text() == "Your last ranges: too few to say (n = 0)"
    qtbot.mouseClick(view.caught, Qt.MouseButton.LeftButton)  # AC 24: each estimate that counts
    qtbot.waitUntil(lambda: any("Wilson" in text for text in texts(page.window().why)), timeout=10_000)


def test_hands_on_hours_begin_with_what_prompts_tell_where_that_is_on(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    """A floor that the person goes up from; what they typed stays, and off it tells nothing."""
    given(shop, "Refund twice", "S0")
    given(shop, "Another")
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    view.what.buttons["with_ai"].click()
    assert view.low.text() == ""
    assert not view.floor.isVisible()
    with transaction(shop.db):
        write.set_setting(shop.db, attended.SETTING, "on")
    page.refresh()
    settle(qtbot, page)
    assert view.low.text() == "0.34"  # three prompts, 10 minutes apart: 20 minutes, rounded up
    assert view.high.text() == ""
    assert view.floor.text() == "at least 0.34 h by your prompts (measured)"
    view.low.setText("3")
    page.refresh()
    settle(qtbot, page)
    assert view.low.text() == "3"
    view.low.setText("0.34")
    view.what.buttons["without_ai"].click()
    assert view.low.text() == ""
    view.what.buttons["with_ai"].click()
    opened(qtbot, page, "Another")
    assert view.low.text() == ""
    assert not view.floor.isVisible()


def test_a_range_is_unlinked_on_the_page_of_its_task(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    work = given(shop, "Refund twice", "S0")
    with transaction(shop.db):
        links.put(shop.db, of(shop, "S1").id, work.id, Span(1, 1), "manual", ms())
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    at = next(at for at, row in enumerate(cells(view.session_table)) if row[1] == "1")
    view.session_table.setFocus()
    view.session_table.setCurrentIndex(view.sessions.index(at, 0))
    press(qtbot, page, KEY.Key_Delete)
    assert [link.session for link in links.links(shop.db)] == [of(shop, "S0").id]
    assert len(view.sessions.shown) == 2
    assert page.bar.text.text() == "Unlinked turn 1 of “Session 1”."
    balanced(page, shop)
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert len(links.links(shop.db)) == 2


def test_some_turns_of_a_session_are_linked_and_unlinked_on_the_page(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    """Product 2.4: cut by turns; what another task has of the session stays its own."""
    work, other = given(shop, "Refund twice"), given(shop, "Drift report")
    session = of(shop, "S3")
    with transaction(shop.db):
        links.put(shop.db, session.id, other.id, Span(0, 0), "manual", ms())
    page = page_of()
    view = opened(qtbot, page, "Refund twice")
    press(qtbot, page, "l")
    assert page.cards.link.search.hasFocus()
    type_(qtbot, page, "session 3")
    page.cards.link.turns.setText("1..x")
    press(qtbot, page, KEY.Key_Return)
    assert page.cards.link.fault.text() == "1..x is no range of turns like 2.. or 2..4."
    page.cards.link.turns.setText("1..")
    press(qtbot, page, KEY.Key_Return)
    assert [(link.task, link.turns) for link in links.links(shop.db)] == [
        (other.id, Span(0, 0)),
        (work.id, Span(1, None)),
    ]
    assert page.bar.text.text() == "Turns 1 and later of “Session 3” linked to Refund twice."
    assert [row[1] for row in cells(view.session_table)] == ["1 and later", ""]
    view.session_table.setFocus()
    view.session_table.setCurrentIndex(view.sessions.index(0, 0))
    view.turns.setText("0..1")
    press(qtbot, page, KEY.Key_Delete)
    assert [(link.task, link.turns) for link in links.links(shop.db)] == [
        (other.id, Span(0, 0)),
        (work.id, Span(2, None)),
    ]
    view.turns.setText("0")
    view.session_table.setCurrentIndex(view.sessions.index(0, 0))
    press(qtbot, page, KEY.Key_Delete)
    assert page.bar.text.text() == "No link to this task holds turn 0 of this session."
    balanced(page, shop)


def test_what_is_said_of_a_task_is_edited(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    first = given(shop, "Refund twice", key="PAY-12")
    work = given(shop, "Retries", key="PAY-25")
    page = page_of()
    view = opened(qtbot, page, "Retries")
    press(qtbot, page, "e")
    form = page.cards.form
    form.title.setText("Webhook retries")
    form.url.setText("https://tracker.example/browse/PAY-25")
    form.anyway.put("no")
    form.private.setChecked(True)
    form.alias.setText("Payments work")
    form.follows.setCurrentIndex(form.follows.findData(first.id))
    form.sizes.put("L")
    press(qtbot, page, KEY.Key_Return)
    changed = tasks.task(shop.db, work.id)
    assert (changed.title, changed.anyway, changed.private, changed.alias, changed.follow_up_of, changed.size) == (
        "Webhook retries", "no", True, "Payments work", first.id, "L",
    )  # fmt: skip
    assert view.title.text() == "PAY-25 Webhook retries"
    assert view.follows.texts == ["Follow-up of PAY-12 Refund twice"]
    assert "private, others read “Payments work”" in view.about.text()
    assert opened(qtbot, page, "Refund twice").follows.texts == ["Followed by PAY-25 Webhook retries"]


def test_q9_git_evidence_stands_on_the_page(qtbot: QtBot, page_of: PageOf, shop: Machine, repository: Path) -> None:
    """Merged two days ago: "no revert in 14 days" is not said before day 14 (AC 32)."""
    from tokentrack import clock, repositories

    git(repository, "switch", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-m", "Merge branch 'feat/CART-1-round-up'", "feat/CART-1-round-up")
    given(shop, "Round up", key="CART-1", project=str(repository))
    given(shop, "Handbook")
    repositories.refresh_all(shop.db, clock.now_ms(), [str(repository)])
    page = page_of()
    view = opened(qtbot, page, "Round up")
    assert view.evidence.texts[0] == "merged 20 Nov, day 1 of 14"
    view = opened(qtbot, page, "Handbook")
    assert view.evidence.texts == ["No git evidence. That is normal for learning, documents and decisions."]


def test_a_task_deleted_elsewhere_closes_its_page(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    work = given(shop, "Refund twice", "S0")
    page = page_of()
    opened(qtbot, page, "Refund twice")
    with transaction(shop.db):
        tasks.delete(shop.db, work.id)
    page.refresh()
    settle(qtbot, page)
    assert not page.view.isVisible()
    assert page.list.isVisible()
