"""The Spend page over a real store and real logs: three figures that are never mixed, and what is behind each (issue 4)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from claude_logs import HAIKU, OPUS, Machine, answer, prompt, usage
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory, Start, texts

from tokentrack.model import Charge, Plan
from tokentrack.review.limits import LimitSeen
from tokentrack.ui import theme
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.live import Live
from tokentrack.ui.spend_closer import Closer, CloserView
from tokentrack.ui.spend_period import Period
from tokentrack.ui.tables import Table
from tokentrack.ui.why import Why
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.spend import Page

PageOf = Callable[..., Page]
DAY_S = 86_400
KEY, ALT, CTRL = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
NOVEMBER = Plan(0, "Max", 100_000_000, "month", ("claude-code",), date(2026, 11, 1))


pytestmark = pytest.mark.usefixtures("evening")


class Watched(Live):
    """Notes on which thread it was asked."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked_on: list[threading.Thread] = []

    def spending(self) -> Any:
        self.asked_on.append(threading.current_thread())
        return super().spending()


def use(*models: str, size: int = 1) -> list[dict[str, Any]]:
    """One request of each model a day, on Friday and Saturday."""
    return [
        answer(
            f"m{n}{day}", f"r{n}{day}", t=day * DAY_S + n, model=model, figures=usage(70_000 * size, 900 * size, 0, 50)
        )
        for day in range(2)
        for n, model in enumerate(models)
    ]


@pytest.fixture
def page_of(qtbot: QtBot, machine: Machine, start: Start) -> PageOf:
    def shown(*records: dict[str, Any], plans: tuple[Plan, ...] = (), charges: tuple[Charge, ...] = ()) -> Page:
        if records:
            machine.log("P/S.jsonl", prompt("Fix the cart"), *records)
            machine.scan()
        live = Watched(machine.store, machine.home)
        for plan in plans:
            live.entries().add_plan(plan)
        for charge in charges:
            live.entries().add_charge(charge)
        page = start(live, "spend", 1000, 900).page("spend")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: page.cost.shown is not None)
        return page

    return shown


def settled(qtbot: QtBot, page: Page, change: Callable[[], object]) -> None:
    """Until the page shows what was asked for."""
    before = page.cost.shown
    change()
    qtbot.waitUntil(lambda: page.cost.shown is not before)


def press(qtbot: QtBot, page: Page, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Wherever the keyboard is."""
    qtbot.keyClick(QApplication.focusWidget() or page.window(), key, held)


def cards(page: Page) -> list[tuple[str, str]]:
    made = page.cost.cards
    return [(card.kind, card.number.text()) for card in (made.paid, made.share, made.listed)]


def cells(table: Table) -> list[list[str]]:
    rows = table.rows
    across = [n for n in range(rows.columnCount()) if not table.isColumnHidden(n)]
    return [[rows.data(rows.index(row, n)) for n in across] for row in range(rows.rowCount())]


def cents(text: str) -> int:
    """`at least $12.34` is 1234."""
    return (micro(text) + 5000) // 10_000


def micro(text: str) -> int:
    """`at least $12.34` is 12,340,000."""
    found = re.search(r"\$([\d,]+)\.(\d+)", text)
    assert found, text
    return int(found[1].replace(",", "")) * 1_000_000 + int(f"{found[2]:0<6}")


def opened(qtbot: QtBot, page: Page, figure: Figure | None) -> Why:
    assert figure
    window = page.window()
    assert isinstance(window, MainWindow)
    window.open_why(figure)
    why = window.why
    assert why
    qtbot.waitUntil(lambda: why.made is not None or why.views.currentWidget() is why.how)
    return why


# ---- the three figures ------------------------------------------------------------------------------------------------


def test_ac6_three_figures_side_by_side_each_with_its_kind_and_a_sentence(page_of: PageOf) -> None:
    """AC 6; product 2.3. $100 a month are $3.33 a day; Monday to Saturday are six days."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    assert cards(page) == [("Paid", "at least $20.00"), ("Plan share", "at least $20.00"), ("List value", "$0.75")]
    shown = texts(page)
    assert {"Paid", "Plan share", "List value"} <= set(shown)
    for sentence in ("not what one task cost", "no measure of a task", "On a plan you did not pay that"):
        assert any(sentence in text for text in shown)
    tops = {card.mapTo(page, card.rect().topLeft()).y() for card in page.cost.cards.findChildren(QWidget, "")
            if card in (page.cost.cards.paid, page.cost.cards.share, page.cost.cards.listed)}  # fmt: skip
    assert len(tops) == 1


def test_nothing_declared_says_how_and_blames_nobody(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    assert cards(page) == [("Paid", "unknown"), ("Plan share", "unknown"), ("List value", "$0.75")]
    assert page.cost.cards.paid.sentence.text().startswith("Logs do not tell what you pay. Enter your plan")
    assert page.cost.cards.paid.number.figure is None
    assert [row[0] for row in cells(page.cost.table)] == ["Claude Code", "sum"]
    assert len(cells(page.cost.table)[0]) == 4  # no column of plan shares
    qtbot.mouseClick(page.cost.cards.paid.button, Qt.MouseButton.LeftButton)
    assert page.tabs.value == "entries"
    assert page.entries.plan_form.name.hasFocus()


def test_ac5_what_has_no_price_is_unknown_in_every_sum(page_of: PageOf) -> None:
    """AC 5."""
    page = page_of(*use(OPUS, "no-such-model"), plans=(NOVEMBER,))
    assert page.cost.cards.listed.number.text() == "$0.75 + unknown"
    assert "2 requests without a known price" in page.cost.cards.listed.detail.text()
    assert [row[-1] for row in cells(page.cost.table)] == ["$0.75 + unknown", "–", "$0.75 + unknown"]
    for table in (page.cost.table, page.cost.day_table):
        for row in range(table.rows.rowCount()):
            for column in range(1, table.rows.columnCount()):
                at = table.rows.index(row, column)
                text = str(table.rows.data(at))
                metrics = QFontMetrics(
                    theme.font(theme.BODY, theme.STRONG if table.rows.shown[row].is_sum else theme.PLAIN)
                )
                assert metrics.horizontalAdvance(text) + 6 <= table.columnWidth(column)  # figures are never cut
    page.cost._on_as_table()
    assert [row[-1] for row in cells(page.cost.day_table)][-2:] == ["$0.37 + unknown", "$0.75 + unknown"]


def test_ac5_nothing_but_unpriced_use_is_no_zero(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 5. What was paid for such days is neither idle nor spread."""
    page = page_of(*use("no-such-model"), plans=(NOVEMBER,))
    assert page.cost.cards.listed.number.text() == "unknown"
    rows = cells(page.cost.table)
    assert rows[0] == ["Claude Code", "2", "141,900", "unknown", "unknown"]
    assert [row[0] for row in rows[1:]] == ["idle, on 4 days", "used, no list value to spread it by", "sum"]
    assert cents(rows[1][3]) + cents(rows[2][3]) == cents(rows[3][3])


@pytest.mark.parametrize("by", ["Agent", "Model", "Project"])
def test_ac24_rows_add_up_to_the_figures_above(qtbot: QtBot, page_of: PageOf, by: str) -> None:
    """AC 24: list value and plan share, each to the micro-dollar; idle days stand as a row of their own."""
    page = page_of(*use(OPUS, HAIKU), plans=(NOVEMBER,), charges=(Charge(0, date(2026, 11, 18), 5_000_000, "credits"),))
    if by != "Agent":
        settled(qtbot, page, page.cost.choice.buttons[by.lower()].click)
    *rows, whole = page.cost.rows.shown
    assert sum(row.total.list_value or 0 for row in rows) == whole.total.list_value
    assert sum(row.share or 0 for row in rows) == whole.share == 5_000_000 + 6 * (NOVEMBER.fee // 30)
    assert rows[-1].label == "idle, on 4 days"
    assert page.cost.title.text() == f"By {by.lower()}"


def test_days_add_up_as_a_picture_and_as_a_table(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    assert page.cost.chart.isVisible()
    assert "Fri 20 Nov: $0.37" in page.cost.chart.accessibleDescription()
    qtbot.mouseClick(page.cost.as_table, Qt.MouseButton.LeftButton)
    assert page.cost.day_table.isVisible()
    assert not page.cost.chart.isVisible()
    *days, whole = page.cost.days.shown
    assert [row.label for row in days] == [
        f"{n} {d} Nov" for n, d in zip("Mon Tue Wed Thu Fri Sat".split(), range(16, 22), strict=True)
    ]
    assert sum(row.share or 0 for row in days) == whole.share == 6 * (NOVEMBER.fee // 30)
    assert [row[3] for row in cells(page.cost.day_table)][3:5] == ["idle $3.33", "$3.33"]


def test_the_picture_of_plan_shares_tells_used_from_idle_by_pattern(qtbot: QtBot, page_of: PageOf) -> None:
    """WCAG 1.4.1: the kinds are named in the legend, and drawn differently without any colour."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    qtbot.mouseClick(page.cost.measure.buttons["plan share"], Qt.MouseButton.LeftButton)
    columns = page.cost.chart._data
    assert columns.agents == ("used", "idle")
    assert [sum(part.micro for part in day.parts) for day in columns.days[:6]] == [NOVEMBER.fee // 30] * 6
    assert columns.days[0].figure == Figure("share day:2026-11-16", "Mon 16 Nov, plan share", "$3.33")
    assert page.cost.chart.accessibleName() == "By day, plan share"


# ---- periods ----------------------------------------------------------------------------------------------------------


def test_keys_switch_the_period(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    assert not page.bar.after.isEnabled()
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_M))
    assert page.bar.name.text() == "This month"
    assert cards(page)[0] == ("Paid", "at least $70.00")
    assert page._when.text().startswith("1 to 30 Nov 2026")
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_Left, ALT))
    assert page.bar.name.text() == "Last month"
    assert cards(page) == [("Paid", "unknown"), ("Plan share", "unknown"), ("List value", "–")]
    assert "Nothing was used in these days. What agents write to their logs appears here by itself." in texts(page)
    assert not page.cost.chart.isVisible()  # no empty picture
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_Right, ALT))
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_W))
    assert page.bar.name.text() == "This week"
    press(qtbot, page, KEY.Key_Right, ALT)
    assert page.bar.name.text() == "This week"


@pytest.mark.parametrize(
    ("period", "names", "days"),
    [
        (Period.of("week", date(2026, 11, 21)), "This week", "16 to 22 Nov 2026"),
        (Period.of("week", date(2026, 11, 21)).before, "Last week", "9 to 15 Nov 2026"),
        (Period.of("week", date(2026, 11, 1)), "26 Oct to 1 Nov 2026", "26 Oct to 1 Nov 2026"),
        (Period.of("week", date(2026, 1, 1)), "29 Dec 2025 to 4 Jan 2026", "29 Dec 2025 to 4 Jan 2026"),
        (Period.of("month", date(2026, 11, 30)).before, "Last month", "1 to 31 Oct 2026"),
        (Period.of("month", date(2024, 2, 29)), "Feb 2024", "1 to 29 Feb 2024"),
    ],
)
def test_what_periods_are_called(period: Period, names: str, days: str) -> None:
    assert period.name(date(2026, 11, 21)) == names
    assert period.days == days
    assert period.before.after == period


def test_a_new_week_shows_the_new_week(qtbot: QtBot, page_of: PageOf, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-23T00:00:30Z")
    settled(qtbot, page, page.refresh)
    assert page.bar.name.text() == "This week"
    assert cards(page)[0] == ("Paid", "at least $3.33")


# ---- what is behind ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", ["paid", "share"])
def test_ac24_paid_and_plan_share_say_how_they_were_computed(qtbot: QtBot, page_of: PageOf, card: str) -> None:
    """AC 24: formula, n, inputs, and rows that add up to the figure."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,), charges=(Charge(0, date(2026, 11, 18), 5_000_000, "credits"),))
    number: Number = getattr(page.cost.cards, card).number
    why = opened(qtbot, page, number.figure)
    assert why.title.text() == f"Why {number.text()}?"
    assert why.how.formula.text().startswith({"paid": "paid =", "share": "share of a session"}[card])
    assert why.how.inputs[0] == ("n", "6 days")
    *rows, whole = why.how.rows.shown
    assert sum(micro(row.amount) for row in rows) == micro(whole.amount)
    assert cents(whole.amount) == cents(number.text())
    assert {row.kind for row in rows} == {"paid" if card == "paid" else "plan share"}


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


# ---- plans and charges ------------------------------------------------------------------------------------------------


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
    assert "Paid by plan: Max (Claude Code): $100.00 a month from 2026-11-01." in texts(page)
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
    assert page.undo_bar.text.text().endswith("Max ended on 2026-11-14.")
    page.undo_bar.undo()
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


@pytest.mark.parametrize(
    ("until", "fault"),
    [("2026-10-31", "A plan that begins on 2026-11-01 cannot end on 2026-10-31."),
     ("soon", "This is no day. Write it like 2026-11-22.")],
)  # fmt: skip
def test_a_last_day_that_cannot_be_is_said_and_stays(qtbot: QtBot, page_of: PageOf, until: str, fault: str) -> None:
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    typed(qtbot, page.entries.plan_form.until, until)
    give_plan(qtbot, page, "Trial", "20", "2026-11-01")
    assert page.entries.plan_form.fault.text() == fault
    assert (page.entries.plan_form.until.text(), page.entries.plans.shown) == (until, [])
    assert page.entries.plan_form.until.hasFocus()


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
    assert [row[3] for row in cells(page.entries.plan_table)] == ["from 1 Nov 2026"] * 2
    assert not page.entries.plan_form.beside.isChecked()
    page.undo_bar.undo()
    assert [row[0] for row in cells(page.entries.plan_table)] == ["Max"]


def test_an_earlier_plan_typed_in_later_says_its_end_and_undo_restores_the_others(
    qtbot: QtBot, page_of: PageOf
) -> None:
    october = replace(NOVEMBER, name="Old", since=date(2026, 10, 1))
    page = page_of(*use(OPUS), plans=(october, NOVEMBER))
    press(qtbot, page, KEY.Key_P)
    give_plan(qtbot, page, "Pro", "20", "2026-10-15")
    assert page.undo_bar.text.text() == (
        "Added Pro, $20.00 a month from 15 Oct 2026 to 31 Oct 2026. Old ended on 2026-10-14."
    )
    page.undo_bar.undo()
    assert [row[3] for row in cells(page.entries.plan_table)] == ["1 to 31 Oct 2026", "from 1 Nov 2026"]


def test_charges_and_refunds(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    press(qtbot, page, KEY.Key_P)
    form = page.entries.charge_form
    for amount in ("6", "-1.50"):
        typed(qtbot, form.amount, amount)
        typed(qtbot, form.note, f"credits {amount}")
        qtbot.keyClick(form.note, KEY.Key_Return)
    assert [row[3] for row in cells(page.entries.charge_table)] == ["-$1.50", "$6.00"]
    page.entries.charge_table.setFocus()
    page.entries.charge_table.selectRow(0)
    qtbot.keyClick(page.entries.charge_table, KEY.Key_Delete)
    assert [row[0] for row in cells(page.entries.charge_table)] == ["credits 6"]
    page.undo_bar.undo()
    assert len(cells(page.entries.charge_table)) == 2
    page.undo_bar.undo()
    assert [row[3] for row in cells(page.entries.charge_table)] == ["$6.00"]


@pytest.mark.parametrize(
    ("name", "fee", "agent", "since", "fault"),
    [
        ("", "20", True, "2026-11-01", "A plan needs a name of at most 100 characters."),
        ("Pro", "twenty", True, "2026-11-01", "This is no amount. Write it like 20 or 12.50."),
        ("Pro", "1,234", True, "2026-11-01", "1,234 can be read in two ways: write 1234 or 1.234."),
        ("Pro", "20", True, "20261101", "This is no day. Write it like 2026-11-22."),
        ("Pro", "20", True, "9999-12-31", "This is no day. Write it like 2026-11-22."),
        ("Pro", "20", True, "0001-01-01", "This is no day. Write it like 2026-11-22."),
        ("Pro", "", True, "2026-11-01", "This is no amount. Write it like 20 or 12.50."),
        ("Pro", "20", False, "2026-11-01", "Tick at least one agent whose use the plan pays for."),
        ("Pro", "20", True, "1 November", "This is no day. Write it like 2026-11-22."),
    ],
)
def test_what_was_typed_wrongly_is_said_and_stays(
    page_of: PageOf, name: str, fee: str, agent: bool, since: str, fault: str
) -> None:
    page = page_of()
    page.tabs.buttons["entries"].setChecked(True)
    form = page.entries.plan_form
    form.name.setText(name)
    form.fee.setText(fee)
    form.agents["codex"].setChecked(agent)
    form.since.setText(since)
    form.give()
    assert form.fault.text() == fault
    assert form.fault.isVisible()
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
    assert "all entered up to 31 Oct 2026" in texts(page.entries)


# ---- look closer ------------------------------------------------------------------------------------------------------


def closer_of(qtbot: QtBot, page: Page) -> CloserView:
    press(qtbot, page, KEY.Key_L)
    qtbot.waitUntil(lambda: page.closer.shown is not None)
    return page.closer


def test_ac29_diagnostics_say_where_they_come_from_and_what_they_do_not_claim(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 29: measured is marked at every occurrence. M9, M10, M12 of product 4.1."""
    closer = closer_of(qtbot, page_of(*use(OPUS), plans=(NOVEMBER,)))
    shown = texts(closer)
    assert [text for text in shown if text in ("Cache cover", "Context weight", "Unattended")] == [
        "Cache cover", "Context weight", "Unattended",
    ]  # fmt: skip
    assert shown.count("measured") == 3
    assert "A large context is not wrong by itself." in shown


def test_ac24_a_diagnostic_says_how_it_was_computed(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 24."""
    page = page_of(*use(OPUS))
    closer = closer_of(qtbot, page)
    asked: list[Figure] = []
    page.why_asked.connect(asked.append)
    hows = [b for b in closer.findChildren(QAbstractButton) if b.text() == "how computed" and b.isVisible()]
    assert [b.accessibleName() for b in hows] == [
        f"{t}: how computed" for t in ("Cache cover", "Context weight", "Unattended")
    ]
    hows[2].click()
    why = opened(qtbot, page, asked[0])
    assert why.how.inputs[0] == ("n", "2 requests")
    *rows, whole = why.how.rows.shown
    assert sum(micro(row.amount) for row in rows) == micro(whole.amount)


def test_new_figures_do_not_take_the_keyboard_away(qtbot: QtBot, page_of: PageOf, machine: Machine) -> None:
    page = page_of(*use(OPUS))
    closer = closer_of(qtbot, page)
    seen = closer.shown
    closer._hows["unattended"].setFocus()
    machine.log("P/S.jsonl", prompt("Fix the cart"), *use(OPUS, HAIKU))
    machine.scan(full=True)
    page.refresh()
    qtbot.waitUntil(lambda: closer.shown is not seen)
    assert closer._hows["unattended"].hasFocus()
    qtbot.keyClick(closer, KEY.Key_C)
    qtbot.waitUntil(lambda: page.cost.shown is not None and len(page.cost.rows.shown) == 2)
    page.cost.table.setFocus()
    page.cost.table.setCurrentIndex(page.cost.rows.index(1, 4))
    settled(qtbot, page, page.cost.choice.buttons["model"].click)
    assert page.cost.rows.shown[page.cost.table.currentIndex().row()].label == "sum"


def test_ac29_another_models_prices_are_always_hypothetical(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 29; what differs in kind is never added."""
    page = page_of(*use(OPUS, HAIKU))
    closer = closer_of(qtbot, page)
    assert "hypothetical" in texts(closer)
    closer.model.setCurrentIndex(closer.model.findData(HAIKU))
    closer.model.activated.emit(closer.model.currentIndex())
    qtbot.waitUntil(lambda: closer.shown is not None and closer.shown.what_if is not None)
    told = closer._what_if_text.text()
    assert told.startswith(f"Same tokens at {HAIKU} prices: $")
    assert "Hypothetical" in told
    asked: list[Figure] = []
    page.why_asked.connect(asked.append)
    closer.what_if_how.click()
    why = opened(qtbot, page, asked[0])
    assert "hypothetical" in why.caption.text()
    assert [row.kind for row in why.how.rows.shown] == ["list value", "hypothetical"]


def test_a_limit_is_told_with_its_age_and_void_after_its_reset(qtbot: QtBot) -> None:
    view = CloserView()
    qtbot.addWidget(view)
    seen = LimitSeen("codex", "5 hours", 42.0, "5 hours: 42% used, resets in 2 hours, as of 3 minutes ago", 1, 2)
    void = LimitSeen("codex", "7 days", None, "7 days: reset 2 hours ago, no reading since", 1, 2)
    view.put(Closer(Period.of("week", date(2026, 11, 21)), (), (), None, (seen, void)))
    view.show()
    labels = {made.text(): made.property("role") for made in view.findChildren(QLabel) if made.isVisible()}
    assert labels[seen.text] == ""
    assert labels[void.text] == "secondary"
    assert any("It is no money" in text for text in labels)


def test_keys_act_from_the_rail_and_not_under_the_panel(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    window = page.window()
    assert isinstance(window, MainWindow)
    window.buttons["spend"].setFocus()
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_M))
    assert page.bar.name.text() == "This month"
    why = opened(qtbot, page, page.cost.cards.paid.number.figure)
    press(qtbot, page, KEY.Key_W)
    assert page.bar.name.text() == "This month"
    press(qtbot, page, KEY.Key_Escape)
    assert not why.isVisible()
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_W))


def test_arrows_walk_the_tabs_and_the_wheel_chooses_nothing(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS))
    page.tabs.buttons["cost"].setFocus()
    press(qtbot, page, KEY.Key_Right)
    assert page.tabs.value == "closer"
    qtbot.waitUntil(lambda: page.closer.shown is not None)
    pick, place = page.closer.model, QPointF(9, 9)
    down = QWheelEvent(
        place, pick.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(pick, down)
    assert page.closer.chosen == ""


def test_sessions_whose_tokens_nobody_recorded_make_every_sum_incomplete(
    page_of: PageOf,
) -> None:
    """AC 5: as Cursor's, of which only the time is known."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    cost = page.cost.shown
    assert cost
    page.cost.put(replace(cost, unrecorded=(("cursor", 2),)))
    assert page.cost.cards.listed.number.text() == "$0.75 + unknown"
    assert page.cost.cards.listed.detail.text().endswith("2 sessions of Cursor, tokens not recorded")
    rows = cells(page.cost.table)
    assert rows[1] == ["2 sessions of Cursor", "–", "not recorded", "–", "unknown"]
    assert rows[-1][2:] == ["141,900 + ?", "at least $20.00", "$0.75 + unknown"]
    asked = page.cost.table.rows.figure_at(page.cost.table.rows.index(1, 2))
    assert asked
    assert (asked.name.endswith(" agent:cursor"), asked.text) == (True, "not recorded")


# ---- what must hold everywhere ----------------------------------------------------------------------------------------

FIGURES = re.compile(r"\$?\d[\d,.]*( [MB]\b)?")


def told(page: Page) -> list[str]:
    """All that stands on both views, without its numbers."""
    return [FIGURES.sub("N", text) for text in (*texts(page.cost), *texts(page.closer))]


def test_ac25_twice_the_use_is_told_in_the_same_words(qtbot: QtBot, page_of: PageOf, machine: Machine) -> None:
    """AC 25: more use makes nothing look better or worse; only the numbers change."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    closer = closer_of(qtbot, page)
    page.tabs.buttons["cost"].setChecked(True)
    once, seen = told(page), closer.shown
    machine.log("P/S.jsonl", prompt("Fix the cart"), *use(OPUS, size=2))
    machine.scan(full=True)
    settled(qtbot, page, page.refresh)
    press(qtbot, page, KEY.Key_L)
    qtbot.waitUntil(lambda: closer.shown is not seen)
    page.tabs.buttons["cost"].setChecked(True)
    qtbot.waitUntil(lambda: told(page) == once)


def test_the_store_is_asked_on_another_thread_that_does_not_stay(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    window = page.window()
    assert isinstance(window, MainWindow)
    source = window._source
    assert isinstance(source, Watched)
    assert source.asked_on
    assert threading.main_thread() not in source.asked_on
    qtbot.waitUntil(lambda: not any(thread.is_alive() for thread in source.asked_on))


def test_a_store_that_cannot_be_read_is_said_and_the_figures_stay(
    qtbot: QtBot, page_of: PageOf, machine: Machine
) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    before = cards(page)
    kept = machine.store.rename(machine.store.with_name("kept.db"))
    machine.store.write_bytes(b"no database" * 999)
    page.refresh()
    qtbot.waitUntil(lambda: any("is damaged" in sentence for sentence in page._problems.sentences))
    assert cards(page) == before
    kept.rename(machine.store)
    page.refresh()
    qtbot.waitUntil(lambda: not page._problems.sentences)


def test_a_store_in_memory_fails_in_words(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    page = Page(feed, source)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page._problems.sentences == ("This store is only in memory.",))
    page.entries.plan_form.name.setText("Pro")
    page.entries._on_plan(NOVEMBER, False)
    assert page.undo_bar.text.text() == "This store is only in memory."
    page._asking.stop()


def test_every_control_has_a_name_and_can_be_reached(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 44's half for this page, on each of its views."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    closer_of(qtbot, page)
    for button in page.tabs.buttons.values():
        button.setChecked(True)
        for part in page.findChildren(QWidget):
            if part.isVisible() and isinstance(part, QAbstractButton | QComboBox | QLineEdit | Table):
                if isinstance(part, Number) and part.figure is None:
                    continue
                named = part.accessibleName() or (isinstance(part, QAbstractButton) and part.text())
                inner = isinstance(part.parentWidget(), QComboBox | Table) or part.objectName().startswith("qt_")
                assert named or inner, part
    names = [frame.accessibleName() for frame in page.cost.cards.findChildren(QWidget) if frame.accessibleName()]
    assert "Paid: at least $20.00" in names


@pytest.mark.parametrize("width", [680, 1400])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_is_cut_in_small_and_large_windows(
    qtbot: QtBot, page_of: PageOf, qapp: QApplication, width: int, mode: str
) -> None:
    theme.apply(qapp, mode)
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    page.window().resize(width, 700)
    closer_of(qtbot, page)
    for button in page.tabs.buttons.values():
        button.setChecked(True)
        qtbot.wait(20)
        for part in page.findChildren(QWidget):
            if part.isVisible() and isinstance(part, QAbstractButton | QLabel) and part.width() > 1:
                right = part.mapTo(page, part.rect().topRight()).x()
                assert right <= page.width(), part
                if not (isinstance(part, QLabel) and part.wordWrap()):
                    assert part.width() >= part.minimumSizeHint().width(), part
        wrapped = [part for part in page.findChildren(QLabel) if part.isVisible() and part.wordWrap()]
        assert all(part.height() >= part.heightForWidth(part.width()) for part in wrapped)


def test_a_paid_budget_says_how_it_was_computed(qtbot: QtBot, page_of: PageOf) -> None:
    """Issue 4: a budget on what is paid; its figure on the Today page opens too."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    window = page.window()
    assert isinstance(window, MainWindow)
    window._source.set_budget(90_000_000, "paid", "month")
    window._feed.refresh()
    window.open_("today")
    today = window.page("today")
    assert today is not None
    number = next(part for part in today.findChildren(Number) if part.figure and part.figure.name.startswith("paid"))
    assert number.figure == Figure("paid month:2026-11", "This month, paid", "at least $70")
    why = opened(qtbot, page, number.figure)
    assert why.how.rows.shown[-1].amount == "$69.999993"


def test_ac5_a_sum_of_plan_shares_is_what_was_paid_and_its_rows_are_not_exact(qtbot: QtBot, page_of: PageOf) -> None:
    """On days of priced and unpriced requests nobody knows which part of what was paid belongs to the unpriced."""
    page = page_of(*use(HAIKU, "mystery"), plans=(NOVEMBER,))
    settled(qtbot, page, lambda: page.cost._on_by("model"))
    shares = {row.label: row.share_text for row in page.cost.rows.shown}
    assert shares["mystery"] == "unknown"
    assert shares[HAIKU].startswith("at most $")
    for table in (page.cost.rows, page.cost.days):  # the month's charges may not all be entered
        assert table.shown[-1].share_text == page.cost.cards.share.number.text() == "at least $20.00"
    detail = texts(page)[texts(page).index("Plan share") + 2]
    assert "its parts are not exact: requests without a known price have an unknown one" in detail
    page.entries.confirm("2026-11", of_today=True)
    settled(qtbot, page, page.refresh)
    assert page.cost.rows.shown[-1].share_text == page.cost.cards.share.number.text() == "$20.00"


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


def test_a_plan_taken_out_gives_back_what_it_took_over_and_its_undo_too(qtbot: QtBot, page_of: PageOf) -> None:
    """M1: "as if it had never been" is what the page says, so the days after it are paid by the plan before."""
    page = page_of(plans=(NOVEMBER, replace(NOVEMBER, name="Ultra", since=date(2026, 11, 10))))
    page.tabs.buttons["entries"].setChecked(True)
    entries = page.entries
    assert [plan.until for plan in entries.plans.shown] == [date(2026, 11, 9), None]
    entries.plan_table.setCurrentIndex(entries.plans.index(1, 0))
    qtbot.keyClick(entries.plan_table, KEY.Key_Delete)
    assert [(plan.name, plan.until) for plan in entries.plans.shown] == [("Max", None)]
    assert "Max is in force from 1 Nov 2026." in page.undo_bar.text.text()
    page.undo_bar.undo()
    assert [plan.until for plan in entries.plans.shown] == [date(2026, 11, 9), None]


def test_the_days_of_an_ended_plan_are_not_cut(page_of: PageOf) -> None:
    page = page_of(plans=(replace(NOVEMBER, since=date(2026, 10, 31), until=date(2027, 11, 28)),))
    page.tabs.buttons["entries"].setChecked(True)
    table = page.entries.plan_table
    cell = table.rows.index(0, 3)
    assert QFontMetrics(table.font()).horizontalAdvance(table.rows.data(cell)) + 6 <= table.columnWidth(3)
