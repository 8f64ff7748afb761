"""What is behind each figure (AC 24)."""

from __future__ import annotations

from datetime import date

from claude_logs import OPUS
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY
from ui.spend.parts import NOVEMBER, PageOf, cents, micro, opened, settled, use

from tokentrack.model.costs import Charge, Plan
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.windows.main import MainWindow


def test_ac24_paid_and_plan_share_say_how_they_were_computed(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 24: formula, n, inputs, and rows that add up to the figure."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,), charges=(Charge(0, date(2026, 11, 18), 5_000_000, "credits"),))
    cards = page.cost.cards
    for number, formula, kind in (
        (cards.paid.number, "paid =", "paid"),
        (cards.share.number, "share of a session", "plan share"),
    ):
        why = opened(qtbot, page, number.figure)
        assert why.title.text() == f"Why {number.text()}?"
        assert why.how.formula.text().startswith(formula)
        assert why.how.inputs[0] == ("n", "6 days")
        *rows, whole = why.how.rows.shown
        assert sum(micro(row.amount) for row in rows) == micro(whole.amount)
        assert cents(whole.amount) == cents(number.text())
        assert {row.kind for row in rows} == {kind}


def test_ac24_list_value_leads_to_its_requests(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    why = opened(qtbot, page, page.cost.cards.listed.number.figure)
    assert why.made
    assert len(why.made.requests) == 2
    assert why.made.total.list_value == page.cost.shown.spend.listed.total.list_value


def test_every_figure_in_the_tables_can_be_asked_by_keyboard(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 24: each opens, and what it opens adds up to what stood in the cell."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    asked: list[Figure] = []
    page.why_asked.connect(asked.append)
    table = page.cost.table
    table.setFocus()
    for row in range(table.rows.rowCount()):
        for column in range(1, 5):
            if table.rows.data(table.rows.index(row, column)) != "–":
                table.setCurrentIndex(table.rows.index(row, column))
                qtbot.keyClick(table, KEY.Key_Return)
    assert len(asked) == 4 + 1 + 4
    page.window().resize(680, 700)
    qtbot.waitUntil(lambda: table.isColumnHidden(1))  # what the rows are called keeps its room
    for figure in asked:
        why = opened(qtbot, page, figure)
        if figure.is_sum:
            assert why.made
            assert len(why.made.requests) == 2
        else:
            rows = [row for row in why.how.rows.shown if not row.is_sum]
            assert round(sum(micro(row.amount) for row in rows), -4) == round(micro(figure.text), -4)


def test_a_row_of_how_leads_on_and_backspace_leads_back(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    first = page.cost.rows.shown[0].figure("Plan share")
    why = opened(qtbot, page, first)
    assert [row.what for row in why.how.rows.shown] == ["2026-11-20", "2026-11-21", "sum"]
    assert why.how.table.hasFocus()
    qtbot.keyClick(why.how.table, KEY.Key_Return)
    qtbot.waitUntil(lambda: why.made is not None)
    assert len(why.made.requests) == 1
    assert why.back_button.isVisible()
    qtbot.keyClick(why, KEY.Key_Backspace)
    qtbot.waitUntil(lambda: why.views.currentWidget() is why.how)
    assert why.figure == first
    assert not why.back_button.isVisible()
    qtbot.keyClick(why, KEY.Key_Escape)
    assert not why.isVisible()


def test_enter_on_a_name_opens_its_sessions_and_escape_leads_back(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    table = page.cost.table
    table.setFocus()
    table.setCurrentIndex(table.rows.index(0, 0))
    row = page.cost.rows.shown[0]
    settled(qtbot, page, lambda: qtbot.keyClick(table, KEY.Key_Return))
    assert page.cost.title.text() == "Claude Code, its sessions"
    session, whole = page.cost.rows.shown
    assert session.label == "Fix the cart"
    assert (whole.total, whole.share) == (row.total, row.share)
    settled(qtbot, page, lambda: qtbot.keyClick(table, KEY.Key_Escape))
    assert page.cost.title.text() == "By agent"
    assert table.hasFocus()


def test_a_paid_budget_says_how_it_was_computed(qtbot: QtBot, page_of: PageOf) -> None:
    """Issue 4: a budget on what is paid; its figure on the Today page opens too."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    window = page.window()
    assert isinstance(window, MainWindow)
    window._source.entries().set_budget(90_000_000, "paid", "month")
    window._feed.refresh()
    window.open_("today")
    today = window.page("today")
    assert today is not None
    number = next(part for part in today.findChildren(Number) if part.figure and part.figure.name.startswith("paid"))
    assert number.figure == Figure("paid month:2026-11", "This month, paid", "at least $70")
    why = opened(qtbot, page, number.figure)
    assert why.how.rows.shown[-1].amount == "$69.999993"


def test_enter_on_a_day_opens_its_sessions_and_escape_leads_back(qtbot: QtBot, page_of: PageOf) -> None:
    """Issue 4: drill down to sessions, by day too. What the day paid for no use stands beside them."""
    codex = Plan(0, "Plus", 30_000_000, "month", ("codex",), date(2026, 11, 1))
    page = page_of(*use(OPUS), plans=(NOVEMBER, codex))
    page.cost.as_table.click()
    assert page.cost.measure.isHidden()  # the table shows both
    table = page.cost.day_table
    table.setFocus()
    table.setCurrentIndex(table.rows.index(4, 0))
    friday = page.cost.days.shown[4]
    settled(qtbot, page, lambda: qtbot.keyClick(table, KEY.Key_Return))
    assert page.cost.title.text() == "Fri 20 Nov, its sessions"
    assert [row.label for row in page.cost.rows.shown] == ["Fix the cart", "idle", "sum"]
    whole = page.cost.rows.shown[-1]
    assert (whole.total, whole.share) == (friday.total, friday.share)
    assert page.cost.table.hasFocus()
    settled(qtbot, page, lambda: qtbot.keyClick(page.cost.table, KEY.Key_Escape))
    assert table.hasFocus()
    assert page.cost.title.text() == "By agent"
