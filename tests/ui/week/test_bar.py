"""The bar of outcomes and the columns of weeks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from claude_logs import Machine
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reviewed import finished_tasks
from ui.samples import texts
from ui.week.parts import WEEK, Open, at_step

from tokentrack.review.drift import Band
from tokentrack.review.drift import Column as Past
from tokentrack.review.ledger import BY_OUTCOME
from tokentrack.ui import outcome_bar, theme, week_columns
from tokentrack.ui.outcome_bar import Piece
from tokentrack.ui.theme import Theme, roles_of
from tokentrack.ui.windows.week import CLOSE
from tokentrack.ui.windows.week import OUTCOMES as JUDGE


def test_ac30_what_is_not_linked_and_what_has_no_task_are_always_there(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """AC 30: in the bar's words, in the table, and where nothing was used for them too; not linked always last."""
    finished_tasks(machine)
    page = app()
    at_step(qtbot, page, JUDGE)
    bar = page.stack.outcomes.bar
    assert [one.label for one in bar.shown[-2:]] == ["no task, on purpose 0%", "not linked 0%"]
    assert {"no task, on purpose 0%", "not linked 0%"} <= set(texts(bar))
    assert bar.strip.accessibleDescription().endswith("not linked 0%, $0 list value")
    bar.as_table.click()
    assert [one.word for one in bar.rows.shown[-2:]] == ["no task, on purpose", "not linked"]
    assert sum(one.percent for one in bar.rows.shown) == 100
    at_step(qtbot, page, CLOSE)
    assert {"no task, on purpose 0%", "not linked 0%"} <= set(texts(page.stack.close_step))


def painted(shown: tuple[Piece, ...], scale: float = 1, wide: int = 400) -> QImage:
    image = QImage(round(wide * scale), round(22 * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    roles = roles_of(QApplication.palette())
    image.fill(QColor(roles.window))
    painter = QPainter(image)
    outcome_bar.paint(painter, QRectF(0, 0, wide, 22), shown, roles)
    painter.end()
    return image


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("scale", [1, 2])
def test_each_outcome_is_told_by_its_pattern_without_colour(light: Theme, mode: str, scale: int) -> None:
    """Look: no outcome is told by colour alone; in two tones, no two of them look the same beside their words."""
    light.use(mode)
    seen: dict[bytes, str] = {}
    for name in BY_OUTCOME:
        grey = painted((Piece(name, 10**6, 100),), scale, 60).convertToFormat(QImage.Format.Format_Grayscale8)
        rows = bytes(grey.constBits())
        assert rows not in seen, f"{name} looks like {seen.get(rows)}"
        seen[rows] = name
    light.use("light")


def test_the_parts_fill_the_bar_in_their_order_and_small_ones_are_seen() -> None:
    shown = tuple(
        Piece(name, value, 0) for name, value in zip(BY_OUTCOME, (10**9, 0, 1, 0, 0, 0, 0, 0, 5, 7), strict=True)
    )
    placed = outcome_bar.places(QRectF(0, 0, 500, 22), shown)
    assert [one.outcome for one, _ in placed] == ["shipped", "learned", "no task", "unlinked"]
    assert placed[-1][1].right() == pytest.approx(500)
    assert all(before.right() == pytest.approx(after.left()) for (_, before), (_, after) in pairwise(placed))
    assert min(place.width() for _, place in placed) > 2


def test_not_linked_is_hatched_in_a_dashed_frame(qtbot: QtBot, light: Theme) -> None:
    image = painted((Piece("open", 10**6, 50), Piece("unlinked", 10**6, 50)))
    flat = {image.pixel(x, 11) for x in range(20, 180)}
    hatched = {image.pixel(x, 11) for x in range(220, 380)}
    frame = [image.pixelColor(x, 0).lightness() for x in range(210, 380)]
    assert len(flat) == 1
    assert len(hatched) > 2
    assert max(frame) - min(frame) > 60, "dashes and gaps"


def past(n: int, closed: bool = True, value: int | None = 10**7) -> Past:
    return Past(f"2026-W{n:02d}", value, closed, 0 if value is not None else 3)


def drawn(data: week_columns.Weeks) -> QImage:
    image = QImage(400, 96, QImage.Format.Format_RGB32)
    roles = roles_of(QApplication.palette())
    image.fill(QColor(roles.window))
    painter = QPainter(image)
    week_columns.paint(painter, QRectF(0, 0, 400, 96), data, roles)
    painter.end()
    return image


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_open_weeks_are_outlined_and_closed_ones_filled(light: Theme, mode: str) -> None:
    light.use(mode)
    roles = theme.LIGHT if mode == "light" else theme.DARK
    image = drawn(week_columns.Weeks((past(46), past(47, closed=False)), None, None))
    filled, outlined = image.pixelColor(100, 60), image.pixelColor(300, 60)
    assert outlined == QColor(roles.window)
    assert filled != outlined
    assert filled != QColor(roles.window)
    light.use("light")


def shown(plan: int | None, usual: Band | None = None) -> QImage:
    values = (38, 46, 49, 52, 47, 50, 45, 48)
    columns = tuple(past(40 + n, n < 7, value * 10**6) for n, value in enumerate(values))
    return drawn(week_columns.Weeks(columns, usual, plan))


def differing(one: QImage, other: QImage) -> set[tuple[int, int]]:
    pixels = zip(memoryview(one.constBits()).cast("I"), memoryview(other.constBits()).cast("I"), strict=True)
    return {(at % one.width(), at // one.width()) for at, (left, right) in enumerate(pixels) if left != right}


def test_the_plan_and_the_band_go_through_every_column_and_no_figure(light: Theme) -> None:
    """6.4 and M13: a week is seen against what is usual and planned, the open one too; no line crosses an amount."""
    without = shown(None)
    ink = {(x, y) for x in range(400) for y in range(70) if without.pixelColor(x, y).lightness() < 80}
    over = differing(shown(52 * 10**6), without)
    assert len(over) > 40
    assert not {(x + aside, y) for x, y in over for aside in (-2, -1, 0, 1, 2)} & ink
    usual = Band(30 * 10**6, 35 * 10**6, 40 * 10**6, 8)
    for lines in (differing(shown(30 * 10**6), without), differing(shown(None, usual), without)):
        crossed = {int(x / 50) for x, _ in lines}
        assert crossed == set(range(8))
    assert shown(None, usual).pixelColor(360, 38) == QColor(theme.LIGHT.accent_soft), "the band inside the open column"
    assert without.pixelColor(360, 38) == QColor(theme.LIGHT.window)


def test_a_plan_far_above_all_use_is_told_in_words_and_presses_no_column_flat(qtbot: QtBot) -> None:
    near, far = (week_columns.Weeks((past(46, value=10**6),), None, plan) for plan in (3 * 10**6, 30 * 10**6))
    assert (near.highest, near.line) == (3 * 10**6, 3 * 10**6)
    assert (far.highest, far.line) == (10**6, None)
    assert far.caption.endswith("planned $30 (far above)")
    assert week_columns.Weeks((), None, 10**6).line == 10**6


def test_the_band_and_the_plan_are_told_with_their_n(qtbot: QtBot) -> None:
    columns = week_columns.WeekColumns()
    qtbot.addWidget(columns)
    columns.put(WEEK, [past(n) for n in range(40, 48)], Band(9_500_000, 12 * 10**6, 14 * 10**6, 6), 20 * 10**6)
    assert columns.caption.text() == "Your usual list value $9.50 to $14, n = 6 · planned $20 (dotted)"
    columns.put(WEEK, [past(46, value=None), past(47, closed=False)], None, None)
    assert "5 closed weeks" in columns.caption.text()
    assert [[column.text(row) for column in columns.rows.columns] for row in columns.rows.shown] == [
        ["2026-W46", "unknown", "closed"],
        ["2026-W47", "$10.00", "open"],
    ]
