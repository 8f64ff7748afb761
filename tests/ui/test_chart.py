"""The week by day: what a column tells, pattern and colour, today's outline, keys and tooltips."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from ui.samples import MONDAY, WEDNESDAY, empty, glance, huge, total, week

from tokentrack.ui.chart import PATTERNS, Columns, WeekChart, columns_of, paint
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


def test_the_unknown_is_named_on_its_day(qapp: QApplication) -> None:
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
        assert chart.focused_day == day
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
