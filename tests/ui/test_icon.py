"""The icon's pixels: AC 34 (states differ in black and white at 16 px; 3:1 on both panels), and that it stays crisp."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from tokentrack.ui.icon import SIZES, icon, paint
from tokentrack.ui.states import IconLook, State

STATES = get_args(State)

pytestmark = pytest.mark.usefixtures("qapp")

PANELS = {False: "#F0F0F0", True: "#202020"}
SHARES = {"near": 0.9, "over": 1.3}
DIFFERENT = 12
"""Pixels of 256 in which two states must differ: about the ink of one figure."""


def look(state: str, text: str = "18") -> IconLook:
    """As the app shows it: error, paused, reading and idle carry no number."""
    bare = state in ("error", "paused", "reading", "idle")
    return IconLook(state, "" if bare else text, SHARES.get(state, 0.45))


def black_and_white(image: QImage) -> set[tuple[int, int]]:
    """Where ink is, as a template icon keeps it: by coverage only, whatever the colour."""
    return {
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() >= 128
    }


@pytest.mark.parametrize("text", ["", "3", "18", "548", "1.2k"])
def test_ac34_states_differ_in_black_and_white_at_16_px(text: str) -> None:
    """AC 34, whatever number they carry."""
    ink = {state: black_and_white(paint(look(state, text), 16, True)) for state in STATES}
    assert not [pair for pair in combinations(STATES, 2) if len(ink[pair[0]] ^ ink[pair[1]]) < DIFFERENT]


@pytest.mark.parametrize("share", [0, 0.01, 0.05, 0.1])
@pytest.mark.parametrize("text", ["100%", "4.2M"])
def test_ac34_a_ring_that_is_hardly_filled_is_not_taken_for_none(text: str, share: float) -> None:
    """AC 34: a wide number covers the ring's sides, and is as large without one."""
    hardly = black_and_white(paint(IconLook("within", text, share), 16, True))
    for state in STATES:
        assert state == "within" or len(hardly ^ black_and_white(paint(look(state, text), 16, True))) >= DIFFERENT


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", PANELS)
@pytest.mark.parametrize("state", STATES)
def test_ac34_marks_clear_three_to_one_on_both_panels(state: str, dark: bool) -> None:
    """AC 34: every fully covered pixel; edges are blends, and the ring's faint track is no mark."""
    image = paint(look(state), 64, dark)
    ground = QColor(PANELS[dark])
    solid = {
        image.pixelColor(x, y).rgb() for x in range(64) for y in range(64) if image.pixelColor(x, y).alpha() == 255
    }
    assert solid
    assert min(contrast(QColor(colour), ground) for colour in solid) >= 3


@pytest.mark.parametrize("state", STATES)
def test_a_shape_without_its_number_clears_both_panels_alike(state: str) -> None:
    """The panel's ground may be guessed wrongly: then the shape still reads."""
    assert paint(look(state, ""), 22, True) == paint(look(state, ""), 22, False)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["3", "18", ".04", "548", "1.2k", "100%", "9.9M"])
def test_the_number_stays_inside(size: int, text: str) -> None:
    """No ink is cut: with the number drawn wider than the icon, its outermost columns would be full."""
    image = paint(IconLook("no_plan", text), size, True)
    ink = black_and_white(image)
    columns = [sum((x, y) in ink for y in range(size)) for x in (0, size - 1)]
    assert ink
    assert max(columns) < size * 0.6


@pytest.mark.parametrize("dpr", [1.0, 2.0])
def test_the_image_has_the_pixels_asked_for(dpr: float) -> None:
    image = paint(IconLook("within", "18", 0.5), 22, True, dpr)
    assert image.width() == image.height() == round(22 * dpr)
    assert image.devicePixelRatio() == dpr


@pytest.mark.parametrize("text", ["548", ".04", "1.2k"])
def test_a_number_as_wide_as_the_ring_has_nothing_of_it_beside_it(text: str) -> None:
    """What was left of one side read as a bracket: `.04(`."""
    for size in SIZES:
        image = paint(IconLook("within", text, 1.0), size, True)
        beside = [image.pixelColor(x, size // 2) for x in range(size)]
        assert not [colour.name() for colour in beside if colour.alpha() >= 128 and colour.blue() > colour.red() + 60]


def test_the_ring_is_two_pixels_at_22() -> None:
    """Look: a 2 px ring; the third pixel from the edge is free again."""
    image = paint(IconLook("over", "", 1.2), 22, True)
    row = [image.pixelColor(x, 8).alpha() >= 128 for x in range(22)]
    left = row.index(True)
    assert row[left : left + 2] == [True, True]
    assert row[left + 3 : left + 6] == [False] * 3


def test_the_ring_fills_clockwise_from_the_top() -> None:
    image = paint(IconLook("within", "", 0.25), 64, True)
    right, left = image.pixelColor(54, 10), image.pixelColor(9, 10)
    assert (right.alpha(), left.alpha() < 128) == (255, True)


def test_a_changed_number_changes_the_icon() -> None:
    assert paint(IconLook("within", "18", 0.4), 22, True) != paint(IconLook("within", "19", 0.4), 22, True)


def test_the_icon_holds_every_size_at_both_densities() -> None:
    made = icon(IconLook("within", "18", 0.4))
    assert {size.width() for size in made.availableSizes()} == {side * dpr for side in SIZES for dpr in (1, 2)}
    for size in SIZES:
        assert made.pixmap(QSize(size, size), 2.0).width() == 2 * size
