"""The week by day: what a column tells, pattern and colour, today's outline, keys and tooltips."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from ui.samples import MONDAY, WEDNESDAY, empty, glance, huge, total, week

from tokentrack.ui.chart import PATTERNS, Columns, WeekChart, _above, _bar_place, _named, _step, columns_of, paint
from tokentrack.ui.theme import DARK, LIGHT, Roles


def painted(data: Columns, roles: Roles = LIGHT, focus: int | None = None) -> tuple[QImage, list[QRectF]]:
    image = QImage(700, 200, QImage.Format.Format_RGB32)
    image.fill(QColor(roles.window))
    painter = QPainter(image)
    places = paint(painter, QRectF(0, 0, 700, 200), data, roles, focus)
    painter.end()
    return image, places


@pytest.fixture
def data(qapp: QApplication) -> Columns:
    return columns_of(glance().days, WEDNESDAY)


def test_days_carry_their_figures(data: Columns) -> None:
    assert [column.label for column in data.days] == ["$7.60", "$7.40", "$3", "", "", "", ""]
    assert data.days[0].tip.splitlines() == [
        "Mon 16 Nov: $7.60, 4.4 M tokens",
        "Claude Code: $6.50, 4.1 M tokens",
        "Codex: $1.10, 300,000 tokens",
    ]
    assert data.days[4].tip == "Fri 20 Nov: nothing"


def test_ac5_the_unknown_is_named_on_its_day(qapp: QApplication) -> None:
    """AC 5."""
    made = columns_of(week({"claude-code": total(None, 9)}, {"claude-code": total(2, 9, unpriced=1)}), WEDNESDAY)
    assert [column.label for column in made.days[:2]] == ["unknown", "$2 + ?"]
    assert "+ unknown" in made.days[1].tip


def test_an_agent_keeps_its_place_whatever_it_used(qapp: QApplication) -> None:
    one = columns_of(week({"codex": total(9), "claude-code": total(1)}), MONDAY)
    other = columns_of(week({"codex": total(1), "claude-code": total(9), "zeta": total(1)}), MONDAY)
    assert one.agents == ("claude-code", "codex")
    assert other.agents == ("claude-code", "codex", "zeta")


def test_agents_differ_by_pattern_and_colour() -> None:
    assert len(set(PATTERNS)) == len(PATTERNS) == len(LIGHT.series) == len(DARK.series)


@pytest.mark.parametrize("roles", [LIGHT, DARK])
def test_bars_stand_where_days_are_and_grow_with_their_value(data: Columns, roles: Roles) -> None:
    image, places = painted(data, roles)
    solid = QColor(roles.series[0])
    heights = [sum(image.pixelColor(round(place.center().x()), y) == solid for y in range(200)) for place in places]
    assert len(places) == 7
    assert heights[0] > heights[1] > heights[2] > 0
    assert heights[3:] == [0, 0, 0, 0]


def test_the_second_agent_is_patterned(data: Columns) -> None:
    image, places = painted(data)
    middle = round(places[1].center().x())
    colours = {image.pixelColor(x, 52).name() for x in range(middle - 20, middle + 20)}
    assert len(colours) > 3


def test_only_today_is_outlined(data: Columns) -> None:
    image, places = painted(data)
    text = QColor(LIGHT.text)

    def outline(at: int) -> int:
        place = places[at].toRect()
        return sum(image.pixelColor(x, y) == text for x in range(place.left(), place.right()) for y in range(100, 150))

    assert outline(2) > 20 * max(1, outline(1))


def test_an_empty_week_paints_its_days_only(qapp: QApplication) -> None:
    image, places = painted(columns_of(empty().days, WEDNESDAY))
    assert len(places) == 7
    assert LIGHT.series[0] not in {image.pixelColor(round(p.center().x()), 100).name() for p in places}


def test_nothing_breaks_at_large_and_unknown_amounts(qapp: QApplication) -> None:
    assert len(painted(columns_of(huge().days, WEDNESDAY))[1]) == 7


@pytest.fixture
def chart(qtbot: QtBot, data: Columns) -> WeekChart:
    made = WeekChart()
    qtbot.addWidget(made)
    made.put(data)
    made.resize(700, 200)
    made.show()
    made.grab()
    return made


def test_keys_move_a_frame_and_tell_the_day(qtbot: QtBot, chart: WeekChart) -> None:
    chart.setFocus()
    for key, day in ((Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Left, 0)):
        qtbot.keyClick(chart, key)
        assert chart._focus == day
    assert QToolTip.text().startswith("Mon 16 Nov: $7.60")


def test_the_frame_is_painted(data: Columns) -> None:
    assert painted(data)[0] != painted(data, focus=0)[0]


def test_pointing_finds_a_day(chart: WeekChart) -> None:
    assert chart.day_at(QPointF(350, 100)) == 3
    assert chart.day_at(QPointF(350, -5)) is None


def test_it_tells_its_figures_to_a_screen_reader(chart: WeekChart) -> None:
    assert chart.accessibleName() == "This week by day, list value"
    assert "Mon 16 Nov: $7.60" in chart.accessibleDescription()
    assert "Sun 22 Nov: nothing" in chart.accessibleDescription()


# ---- asking why ------------------------------------------------------------------------------------------------------


def test_a_click_on_a_day_asks_what_it_is_made_of(qtbot: QtBot, chart: WeekChart) -> None:
    with qtbot.waitSignal(chart.asked) as asked:
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart._places[1].center().toPoint())
    figure = asked.args[0]
    assert (figure.name, figure.caption) == ("day:2026-11-17", "Tue 17 Nov, list value")
    with qtbot.assertNotEmitted(chart.asked):
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart._places[5].center().toPoint())


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_keyboard_asks_for_the_focused_day(qtbot: QtBot, chart: WeekChart, key: Qt.Key) -> None:
    chart.setFocus()
    with qtbot.assertNotEmitted(chart.asked):
        qtbot.keyClick(chart, key)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    with qtbot.waitSignal(chart.asked) as asked:
        qtbot.keyClick(chart, key)
    assert asked.args[0].name.startswith("day:2026-11-1")


@pytest.mark.parametrize("wide", [360, 736, 1200])
def test_a_months_figures_and_dates_keep_clear_of_each_other(qapp: QApplication, wide: int) -> None:
    """Of 30 days only some carry their figure: the highest does, and the day that is looked at."""
    spent = [((n * 37) % 91 + 1) * 1.37 for n in range(30)]
    days = [(date(2026, 11, n + 1), {"codex": total(amount, 100)}) for n, amount in enumerate(spent)]
    data = columns_of(days, date(2026, 11, 18))
    plot = QRectF(0, 20, wide, 120)
    each = wide / 30
    bars = [
        _bar_place(plot, QRectF(n * each, 0, each, 160), column, data.highest) for n, column in enumerate(data.days)
    ]
    named = _named(data, bars, (3, None))
    highest = spent.index(max(spent))
    assert {3, highest} <= named
    assert len(named) < 30 or wide > 1000
    places = {at: _above(plot, bars[at], data.days[at].label) for at in named}
    assert not [(a, b) for a in named for b in named if a < b and places[a].intersects(places[b])]
    assert _step(30, each) * each >= 20
    assert _step(7, wide / 7) == 1
