"""Plans and charges, as the person enters them, takes them out and takes that back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from claude_logs import OPUS, Machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.samples import texts, written
from ui.spend.parts import NOVEMBER, PageOf, cards, cells, press, settled, use

from tokentrack.model.costs import Charge
from tokentrack.store import transaction
from tokentrack.ui.spend_entries import WAITS
from tokentrack.ui.windows.spend import Page


def typed(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def give_plan(qtbot: QtBot, page: Page, name: str, fee: str, since: str) -> None:
    form = page.entries.plan_form
    typed(qtbot, form.name, name)
    typed(qtbot, form.fee, fee)
    qtbot.keyClick(form.agents["claude-code"], KEY.Key_Space)
    typed(qtbot, form.since, since)
    qtbot.keyClick(form.since, KEY.Key_Return)
    written(qtbot)


def test_a_plan_typed_in_is_paid_and_ctrl_z_takes_it_back(qtbot: QtBot, page_of: PageOf) -> None:
    """Without the mouse; the letter that opens the form is none that goes into it."""
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    give_plan(qtbot, page, "Max", "100", "2026-11-01")
    assert cells(page.entries.plan_table) == [["Max", "Claude Code", "$100.00 a month", "from 1 Nov 2026"]]
    assert page.undo_bar.text.text() == "Added Max, $100.00 a month from 1 Nov 2026."
    page.tabs.buttons["entries"].setFocus()
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_C))
    assert cards(page)[0] == ("Paid", "at least $20.00")
    qtbot.waitUntil(lambda: page._feed.glance is not None and page._feed.glance.paid is not None)
    assert "Paid by plan: Max (Claude Code): $100.00 a month from 1 Nov 2026." in texts(page)
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_Z, CTRL))
    assert cards(page)[0] == ("Paid", "unknown")
    qtbot.waitUntil(lambda: page._feed.glance is not None and page._feed.glance.paid is None)  # the tray follows
    assert page.undo_bar.text.text().startswith("Undone: added Max")
    assert not page.undo_bar.button.isVisible()


def test_a_later_plan_ends_the_one_before_and_its_undo_brings_it_back(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    press(qtbot, page, KEY.Key_P)
    give_plan(qtbot, page, "Pro", "20", "2026-11-15")
    assert [row[3] for row in cells(page.entries.plan_table)] == ["1 to 14 Nov 2026", "from 15 Nov 2026"]
    assert page.undo_bar.text.text().endswith("Max ended on 14 Nov 2026.")
    page.undo_bar.undo()
    written(qtbot)
    assert [row[3] for row in cells(page.entries.plan_table)] == ["from 1 Nov 2026"]


def test_a_second_plan_of_the_same_day_is_refused_and_says_so(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    press(qtbot, page, KEY.Key_P)
    failures: list[str] = []
    page.entries.failed.connect(failures.append)
    give_plan(qtbot, page, "Pro", "20", "2026-11-01")
    assert [row[0] for row in cells(page.entries.plan_table)] == ["Max"]
    assert [said.partition(";")[0] for said in failures] == ["Max begins on 2026-11-01 too and pays for the same use"]
    assert page.entries.plan_form.fee.text() == "20"


def test_a_plan_may_have_a_last_day(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    form = page.entries.plan_form
    typed(qtbot, form.until, "2026-11-10")
    give_plan(qtbot, page, "Trial", "20", "2026-11-01")
    assert [row[3] for row in cells(page.entries.plan_table)] == ["1 to 10 Nov 2026"]
    assert form.until.text() == ""


def test_a_last_day_that_cannot_be_is_said_and_stays(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    form = page.entries.plan_form
    typed(qtbot, form.until, "2026-10-31")
    give_plan(qtbot, page, "Trial", "20", "2026-11-01")
    assert form.fault.text() == "A plan that begins on 2026-11-01 cannot end on 2026-10-31."
    assert form.until.hasFocus()
    typed(qtbot, form.until, "soon")
    qtbot.keyClick(form.until, KEY.Key_Return)
    assert form.fault.text() == "This is no day. Write it like 2026-11-22."
    assert (form.until.text(), page.entries.plans.shown) == ("soon", [])
    assert form.until.hasFocus()


def test_a_plan_runs_beside_another_where_the_form_says_so(qtbot: QtBot, page_of: PageOf) -> None:
    """What is refused names the ways out as the form has them; both fees are paid then."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    press(qtbot, page, KEY.Key_P)
    failures: list[str] = []
    page.entries.failed.connect(failures.append)
    give_plan(qtbot, page, "Second account", "20", "2026-11-01")
    assert failures == [
        "Max begins on 2026-11-01 too and pays for the same use; take it out first, or let the two run beside each other."
    ]
    qtbot.keyClick(page.entries.plan_form.beside, KEY.Key_Space)
    qtbot.keyClick(page.entries.plan_form.fee, KEY.Key_Return)
    written(qtbot)
    assert [row[3] for row in cells(page.entries.plan_table)] == ["from 1 Nov 2026"] * 2
    assert not page.entries.plan_form.beside.isChecked()
    page.undo_bar.undo()
    written(qtbot)
    assert [row[0] for row in cells(page.entries.plan_table)] == ["Max"]


def test_an_earlier_plan_typed_in_later_says_its_end_and_undo_restores_the_others(
    qtbot: QtBot, page_of: PageOf
) -> None:
    october = replace(NOVEMBER, name="Old", since=date(2026, 10, 1))
    page = page_of(*use(OPUS), plans=(october, NOVEMBER))
    press(qtbot, page, KEY.Key_P)
    give_plan(qtbot, page, "Pro", "20", "2026-10-15")
    assert page.undo_bar.text.text() == (
        "Added Pro, $20.00 a month from 15 Oct 2026 to 31 Oct 2026. Old ended on 14 Oct 2026."
    )
    page.undo_bar.undo()
    written(qtbot)
    assert [row[3] for row in cells(page.entries.plan_table)] == ["1 to 31 Oct 2026", "from 1 Nov 2026"]


def test_charges_and_refunds(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    form = page.entries.charge_form
    for amount in ("6", "-1.50"):
        typed(qtbot, form.amount, amount)
        typed(qtbot, form.note, f"credits {amount}")
        qtbot.keyClick(form.note, KEY.Key_Return)
        written(qtbot)
    assert [row[3] for row in cells(page.entries.charge_table)] == ["-$1.50", "$6.00"]
    page.entries.charge_table.setFocus()
    page.entries.charge_table.selectRow(0)
    qtbot.keyClick(page.entries.charge_table, KEY.Key_Delete)
    written(qtbot)
    assert [row[0] for row in cells(page.entries.charge_table)] == ["credits 6"]
    page.undo_bar.undo()
    written(qtbot)
    assert len(cells(page.entries.charge_table)) == 2
    page.undo_bar.undo()
    written(qtbot)
    assert [row[3] for row in cells(page.entries.charge_table)] == ["$6.00"]


WRONG = (
    ("", "20", True, "2026-11-01", "A plan needs a name of at most 100 characters."),
    ("Pro", "twenty", True, "2026-11-01", "This is no amount. Write it like 20 or 12.50."),
    ("Pro", "1,234", True, "2026-11-01", "1,234 can be read in two ways: write 1234 or 1.234."),
    ("Pro", "20", True, "20261101", "This is no day. Write it like 2026-11-22."),
    ("Pro", "20", True, "9999-12-31", "This is no day. Write it like 2026-11-22."),
    ("Pro", "20", True, "0001-01-01", "This is no day. Write it like 2026-11-22."),
    ("Pro", "", True, "2026-11-01", "This is no amount. Write it like 20 or 12.50."),
    ("Pro", "20", False, "2026-11-01", "Tick at least one agent whose use the plan pays for."),
    ("Pro", "20", True, "1 November", "This is no day. Write it like 2026-11-22."),
)
"""(name, fee, agent, since, what is said of it)"""


def test_what_was_typed_wrongly_is_said_and_stays(page_of: PageOf) -> None:
    page = page_of()
    page.tabs.buttons["entries"].setChecked(True)
    form = page.entries.plan_form
    for name, fee, agent, since, fault in WRONG:
        form.name.setText(name)
        form.fee.setText(fee)
        form.agents["codex"].setChecked(agent)
        form.since.setText(since)
        form.fault.hide()
        form.give()
        assert form.fault.text() == fault
        assert form.fault.isVisible()
        QApplication.processEvents()
        needed = QFontMetrics(form.fault.font()).horizontalAdvance(fault)
        assert form.fault.width() >= needed, "a sentence has the rest of the line"
        assert form.fee.text() == fee
        assert page.entries.plans.shown == []


def test_a_confirmed_month_is_no_longer_at_least(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    button = page.cost.cards.paid.button
    assert button.text() == "Confirm Nov 2026"
    settled(qtbot, page, lambda: qtbot.mouseClick(button, Qt.MouseButton.LeftButton))
    assert cards(page)[0] == ("Paid", "$20.00")
    assert not button.isVisible()
    settled(qtbot, page, page.undo_bar.undo)
    assert cards(page)[0] == ("Paid", "at least $20.00")
    press(qtbot, page, KEY.Key_P)
    confirm = next(b for b in page.entries.findChildren(QAbstractButton) if b.accessibleName().startswith("Oct 2026"))
    confirm.click()
    written(qtbot)
    assert "all entered up to 31 Oct 2026" in texts(page.entries)


def test_a_plan_taken_out_gives_back_what_it_took_over_and_its_undo_too(qtbot: QtBot, page_of: PageOf) -> None:
    """M1: "as if it had never been" is what the page says, so the days after it are paid by the plan before."""
    page = page_of(plans=(NOVEMBER, replace(NOVEMBER, name="Ultra", since=date(2026, 11, 10))))
    page.tabs.buttons["entries"].setChecked(True)
    entries = page.entries
    assert [plan.until for plan in entries.plans.shown] == [date(2026, 11, 9), None]
    entries.plan_table.setFocus()
    entries.plan_table.setCurrentIndex(entries.plans.index(1, 0))
    qtbot.keyClick(entries.plan_table, KEY.Key_Delete)
    written(qtbot)
    assert [(plan.name, plan.until) for plan in entries.plans.shown] == [("Max", None)]
    assert "Max is in force from 1 Nov 2026." in page.undo_bar.text.text()
    page.undo_bar.undo()
    written(qtbot)
    assert [plan.until for plan in entries.plans.shown] == [date(2026, 11, 9), None]


def test_del_acts_in_the_table_that_has_the_keyboard(qtbot: QtBot, page_of: PageOf) -> None:
    """With a plan and a charge there are two such tables on the page."""
    page = page_of(plans=(NOVEMBER,), charges=(Charge(0, date(2026, 11, 10), 5_000_000, ""),))
    page.tabs.buttons["entries"].setChecked(True)
    entries = page.entries
    for table, counts in ((entries.charge_table, [1, 0]), (entries.plan_table, [0, 0])):
        table.setFocus()
        table.selectRow(0)
        press(qtbot, page, KEY.Key_Delete)
        written(qtbot)
        assert [len(entries.plans.shown), len(entries.charges.shown)] == counts


@pytest.mark.parametrize("by", ["Del", "link"])
def test_ctrl_z_brings_the_last_plan_back(qtbot: QtBot, page_of: PageOf, by: str) -> None:
    """Its table goes with it, and the keyboard is not left in a field, which would take the key to itself."""
    page = page_of(plans=(NOVEMBER,))
    page.tabs.buttons["entries"].setChecked(True)
    entries = page.entries
    for _ in range(2):  # and once more
        entries.plan_table.selectRow(0)
        (entries.plan_table if by == "Del" else entries.remove_plan).setFocus()
        press(qtbot, page, KEY.Key_Delete if by == "Del" else KEY.Key_Space)
        written(qtbot)
        assert entries.plans.shown == []
        press(qtbot, page, KEY.Key_Z, CTRL)
        written(qtbot)
        assert [plan.name for plan in entries.plans.shown] == ["Max"]
        assert entries.plan_table.hasFocus()


def test_the_days_of_an_ended_plan_are_not_cut(page_of: PageOf) -> None:
    page = page_of(plans=(replace(NOVEMBER, since=date(2026, 10, 31), until=date(2027, 11, 28)),))
    page.tabs.buttons["entries"].setChecked(True)
    table = page.entries.plan_table
    cell = table.rows.index(0, 3)
    assert QFontMetrics(table.font()).horizontalAdvance(table.rows.data(cell)) + 6 <= table.columnWidth(3)


def test_the_window_does_not_wait_while_another_process_writes(qtbot: QtBot, page_of: PageOf, machine: Machine) -> None:
    """Product 3.5. What is typed is given once, however often; what takes it back is in the same line."""
    page = page_of()
    page.tabs.buttons["entries"].setChecked(True)
    form = page.entries.charge_form
    with transaction(machine.db):
        typed(qtbot, form.amount, "6")
        for _ in range(2):
            qtbot.keyClick(form.amount, KEY.Key_Return)
        qtbot.waitUntil(lambda: form.fault.text() == WAITS)
        assert (form.amount.text(), page.entries.charges.shown) == ("6", [])
    written(qtbot)
    assert [row[3] for row in cells(page.entries.charge_table)] == ["$6.00"]
    assert (form.amount.text(), form.fault.isVisible()) == ("", False)
    with transaction(machine.db):
        page.undo_bar.undo()
        assert len(page.entries.charges.shown) == 1
    written(qtbot)
    assert page.entries.charges.shown == []
