"""Every figure of the review can be asked; every control has a name and room."""

from __future__ import annotations

import threading
from datetime import date
from itertools import product

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot
from reviewed import reference_week
from ui.week.parts import WEEK, Open, at_step, settled, told

from tokentrack.model.costs import Plan
from tokentrack.store import transaction, write
from tokentrack.ui import words
from tokentrack.ui.figure import Number
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.live import Live
from tokentrack.ui.week_close import CloseStep
from tokentrack.ui.week_figures import Figures
from tokentrack.ui.week_head import WeekHead
from tokentrack.ui.week_step import Step
from tokentrack.ui.week_steps import InsightsStep, NextStep, NoteStep, RecallStep
from tokentrack.ui.windows.week import CLOSE, INSIGHTS
from tokentrack.ui.windows.week import OUTCOMES as JUDGE


def numbers(inside: QWidget) -> list[Number]:
    return [one for one in inside.findChildren(Number) if one.figure and one.isVisibleTo(inside)]


def test_ac24_every_figure_opens_how_it_was_computed(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 24: the header's figures and all others of the review; what is a sum adds up to what is shown."""
    reference_week(machine)
    live = Live(machine.store, machine.home)
    with transaction(machine.db):
        write.set_setting(machine.db, "rate", "90000000")
    live.entries().add_plan(Plan(0, "Max", 200 * 10**6, "month", ("claude-code",), date(2026, 10, 1)))
    page = app()
    reasons = live.reasons()
    asked = []
    for number in (JUDGE, INSIGHTS, CLOSE):
        at_step(qtbot, page, number)
        settled(qtbot, page)
        found = [one.figure for one in numbers(page)]
        page.why_asked.connect(found.append)
        for why in page.step.findChildren(QPushButton):
            if why.text() == "why?" and why.isVisibleTo(page):
                why.click()
        page.why_asked.disconnect()
        assert found
        for figure in found:
            if figure.is_sum:
                made = reasons.made_of(figure.name, True)
                shown = words.money(made.total.list_value, unpriced=made.total.unpriced_requests)
                assert shown in figure.text, figure
            elif figure.name.startswith("paid"):
                how = reasons.how(figure.name)
                assert words.money(sum(line.amount for line in how.rows)) in figure.text
            else:
                assert reasons.how(figure.name).formula, figure
        asked += found
    kinds = {figure.name.split()[0].split(":")[0] for figure in asked}
    assert kinds >= {"paid", "week", "accounted", "outcomes", "drift", "break-even", "insight", "task"}
    how = reasons.how(f"outcomes week:{WEEK}")
    assert sum(line.amount or 0 for line in how.rows) == told(machine).list_value
    reasons.close()
    live.stop()


def test_ac44_every_control_has_an_accessible_name(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 44: in every step and in a closed week; nothing needs the mouse."""
    reference_week(machine)
    page = app()
    for number in range(CLOSE + 1):
        at_step(qtbot, page, number)
        settled(qtbot, page)
        shown = [one for one in page.findChildren(QWidget) if one.isVisibleTo(page)]
        for one in shown:
            takes = isinstance(one, QAbstractButton | QLineEdit | QTableView) and one.objectName() == ""
            if takes and one.parent().__class__ is not QLineEdit:
                assert one.accessibleName() or one.text(), f"step {number}: {one}"
        for chart in (page.stack.outcomes.bar.strip, page.stack.outcomes.columns.chart):
            assert chart.accessibleName()
            assert chart.accessibleDescription()
    assert page.stack.outcomes.card.accessibleName().endswith("what came of it?")


def test_ac44_tab_leads_in_the_order_of_reading(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 44: from the head over the figures and the card to the primary button."""
    reference_week(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    settled(qtbot, page)
    chain, one = [], page.nextInFocusChain()
    while one is not page:
        if page.isAncestorOf(one) and one.isVisibleTo(page) and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            chain.append(one)
        one = one.nextInFocusChain()
    card = page.stack.outcomes.card
    reading = [
        page.head.earlier, page.keys_hint, *page.figures.numbers.values(), page.stack.outcomes.bar.as_table, card,
        *numbers(card)[:1], *card.options.values(), card.sentence, *card.verdict.values(), *card.otherwise.values(),
        page.stack.outcomes.columns.as_table, page.foot.back_hint, *page.stack.outcomes.hints, page.foot.find_hint,
        page.foot.primary,
    ]  # fmt: skip
    places = [chain.index(part) for part in reading if part in chain]
    assert places == sorted(places)
    assert len(places) >= len(reading) - 1, "a figure that is not known cannot be asked"


@pytest.mark.parametrize("step", [RecallStep, InsightsStep, NextStep, NoteStep, CloseStep])
def test_ac44_a_step_that_has_the_keyboard_is_named(qtbot: QtBot, step: type[Step]) -> None:
    """Where a step has no field the keyboard is on the step itself: a screen reader said nothing."""
    made = step()
    qtbot.addWidget(made)
    assert made.accessibleName() == step.title


def test_the_window_answers_while_the_week_is_added_up(app: Open, machine: Machine) -> None:
    reference_week(machine)
    page = app()
    assert page._source.asked_on
    assert all(thread is not threading.main_thread() for thread in page._source.asked_on)


def test_words_fit_at_every_width(app: Open, qtbot: QtBot, machine: Machine) -> None:
    reference_week(machine)
    page = app()
    for number, size in product(range(CLOSE + 1), ((680, 440), (680, 680), (1000, 680))):
        page.window().resize(*size)
        at_step(qtbot, page, number)
        settled(qtbot, page)
        QApplication.processEvents()
        for one in page.findChildren(QLabel):
            if one.isVisibleTo(page) and one.text() and not one.wordWrap() and one.minimumWidth() != 1:
                assert one.width() >= one.sizeHint().width(), (number, one.text())
        assert page.head.title.width() >= page.head.title.sizeHint().width() or page.head.title.isHidden(), (
            page.head.title.text()
        )


@pytest.mark.parametrize(("room", "when"), [
    (900, "Week 47 · 16 to 22 Nov · step 2 of 6"), (520, "Week 47 · step 2 of 6"), (300, "Week 47")
])  # fmt: skip
def test_the_head_keeps_its_title_whole_where_it_is_narrow(qtbot: QtBot, room: int, when: str) -> None:
    head = WeekHead(KeyHint("?", "keys", lambda: None))
    qtbot.addWidget(head)
    head.title.setText("What you told yourself")
    head.put(date(2026, 11, 16), date(2026, 11, 2), " · step 2 of 6", room)
    assert head.when.text() == when


@pytest.mark.parametrize("room", [700, 420, 380])
def test_figures_become_smaller_before_they_are_cut(qtbot: QtBot, room: int) -> None:
    figures = Figures()
    qtbot.addWidget(figures)
    figures.numbers["Paid"].put("at least $1,045")
    figures.compact(low=True, room=room)
    figures.resize(room, figures.sizeHint().height())
    figures.show()
    for number in figures.numbers.values():
        assert QFontMetrics(number.font()).horizontalAdvance(number.text()) <= number.width()
