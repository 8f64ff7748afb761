"""Three figures that are never mixed, for the period that is chosen (issue 4)."""

from __future__ import annotations

from datetime import date

import pytest
from claude_logs import HAIKU, OPUS, answer, usage
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui.keyboard import ALT, KEY
from ui.samples import texts
from ui.spend.parts import DAY_S, NOVEMBER, PageOf, cards, cells, cents, press, settled, use

from tokentrack.model.costs import Charge
from tokentrack.ui import theme
from tokentrack.ui.figure import Figure
from tokentrack.ui.spend_period import Period


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
    page.cost.as_table.click()
    assert [row[-1] for row in cells(page.cost.day_table)][-2:] == ["$0.37 + unknown", "$0.75 + unknown"]


def test_ac5_nothing_but_unpriced_use_is_no_zero(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 5. What was paid for such days is neither idle nor spread."""
    page = page_of(*use("no-such-model"), plans=(NOVEMBER,))
    assert page.cost.cards.listed.number.text() == "unknown"
    rows = cells(page.cost.table)
    assert rows[0] == ["Claude Code", "2", "141,900", "unknown", "unknown"]
    assert [row[0] for row in rows[1:]] == ["idle, on 4 days", "used, no list value to spread it by", "sum"]
    assert cents(rows[1][3]) + cents(rows[2][3]) == cents(rows[3][3])


def test_ac24_rows_add_up_to_the_figures_above(qtbot: QtBot, page_of: PageOf) -> None:
    """AC 24: list value and plan share, each to the micro-dollar; idle days stand as a row of their own."""
    page = page_of(*use(OPUS, HAIKU), plans=(NOVEMBER,), charges=(Charge(0, date(2026, 11, 18), 5_000_000, "credits"),))
    for by in ("agent", "model", "project"):
        if by != "agent":
            settled(qtbot, page, page.cost.choice.buttons[by].click)
        *rows, whole = page.cost.rows.shown
        assert sum(row.total.list_value or 0 for row in rows) == whole.total.list_value
        assert sum(row.share or 0 for row in rows) == whole.share == 5_000_000 + 6 * (NOVEMBER.fee // 30)
        assert rows[-1].label == "idle, on 4 days"
        assert page.cost.title.text() == f"By {by}"


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


def test_a_day_to_come_that_a_log_tells_of_is_a_row_and_nothing_is_paid_for_it_yet(
    qtbot: QtBot, page_of: PageOf
) -> None:
    """As on the Today page: what was used is used, whatever its clock told."""
    ahead = answer("m9", "r9", t=2 * DAY_S, model=OPUS, figures=usage(70_000, 900, 0, 50))
    page = page_of(*use(OPUS), ahead, plans=(NOVEMBER,))
    week = page._feed.glance.week
    assert page.cost.shown.spend.listed.total == week
    assert week.requests == 3
    page.cost.as_table.click()
    *_, sunday, whole = cells(page.cost.day_table)
    assert (sunday[0], sunday[3], sunday[-1]) == ("Sun 22 Nov", "–", "$0.37")
    assert (whole[0], whole[1]) == ("sum", "3")


def test_the_picture_of_plan_shares_tells_used_from_idle_by_pattern(qtbot: QtBot, page_of: PageOf) -> None:
    """WCAG 1.4.1: the kinds are named in the legend, and drawn differently without any colour."""
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    qtbot.mouseClick(page.cost.measure.buttons["plan share"], Qt.MouseButton.LeftButton)
    columns = page.cost.chart._data
    assert columns.agents == ("used", "idle")
    assert [sum(part.micro for part in day.parts) for day in columns.days[:6]] == [NOVEMBER.fee // 30] * 6
    assert columns.days[0].figure == Figure("share day:2026-11-16", "Mon 16 Nov, plan share", "$3.33")
    assert page.cost.chart.accessibleName() == "By day, plan share"


def test_keys_switch_the_period(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    assert not page.bar.after.isEnabled()
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_M))
    assert page.bar.name.text() == "This month"
    assert cards(page)[0] == ("Paid", "at least $70.00")
    assert page._when.text().startswith("1 to 30 Nov 2026")
    settled(qtbot, page, lambda: press(qtbot, page, KEY.Key_Left, ALT))
    assert page.bar.name.text() == "Last month"
    assert cards(page) == [("Paid", "unknown"), ("Plan share", "unknown"), ("List value", "$0")]
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
