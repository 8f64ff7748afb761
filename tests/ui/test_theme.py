"""Roles, palettes and fonts: contrast of the design's colours, both themes, and following the system."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tokentrack.ui import theme
from tokentrack.ui.theme import DARK, LIGHT, Roles, Theme


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("roles", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["window", "rail", "card", "accent_soft", "attention_soft"])
@pytest.mark.parametrize("text", ["text", "secondary"])
def test_text_holds_four_and_a_half_to_one(roles: Roles, ground: str, text: str) -> None:
    """Look: text and secondary text on every ground."""
    assert contrast(getattr(roles, text), getattr(roles, ground)) >= 4.5


@pytest.mark.parametrize("roles", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["window", "rail", "card"])
def test_words_of_what_does_nothing_now_can_be_read_and_look_so(roles: Roles, ground: str) -> None:
    shown = getattr(roles, ground)
    assert 3 <= contrast(roles.faint, shown) < 0.6 * contrast(roles.secondary, shown)


@pytest.mark.parametrize("roles", [LIGHT, DARK])
def test_text_on_buttons_and_warnings_can_be_read(roles: Roles) -> None:
    assert contrast(roles.on_accent, roles.accent) >= 4.5
    assert contrast(roles.on_accent, roles.accent_near) >= 4.5
    assert contrast(roles.attention, roles.card) >= 4.5


@pytest.mark.parametrize("roles", [LIGHT, DARK])
def test_marks_hold_three_to_one(roles: Roles) -> None:
    """Look: on the page; the accent on the rail too."""
    assert min(contrast(colour, roles.window) for colour in roles.series) >= 3
    assert contrast(roles.accent, roles.rail) >= 3


@pytest.mark.parametrize(("mode", "roles"), [("light", LIGHT), ("dark", DARK)])
def test_a_chosen_theme_is_shown_also_where_the_platform_ignores_it(
    qapp: QApplication, qtbot: QtBot, mode: str, roles: Roles
) -> None:
    """Offscreen ignores `setColorScheme`, like many Linux desktops: pixels decide."""
    theme.apply(qapp, mode)
    label = QLabel(" ")
    qtbot.addWidget(label)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(roles.window)
    assert label.grab().toImage().pixelColor(1, 1) == QColor(roles.window)
    assert theme.roles_of(label.palette()) is roles


def test_changing_forth_and_back_leaves_nothing_of_the_other(qapp: QApplication) -> None:
    for mode, wanted, other in (("dark", DARK, LIGHT), ("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
        theme.apply(qapp, mode)
        assert theme.roles_of(qapp.palette()) is wanted
        assert wanted.secondary in qapp.styleSheet()
        assert other.secondary not in qapp.styleSheet()


def test_auto_follows_a_dark_platform_palette(
    qapp: QApplication, light: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform's palette shows once ours is taken away; here that is Fusion's own, which is light."""
    theme.apply(qapp, "dark")
    assert theme.apply(qapp, "auto") is light
    assert not light.dark
    monkeypatch.setattr(theme, "is_dark", lambda palette: True)
    light.use("auto")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)


def test_a_changed_system_theme_is_followed_only_in_auto(
    qapp: QApplication, light: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "is_dark", lambda palette: True)
    light._on_system()
    qtbot.wait(20)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
    light.mode = "auto"
    with qtbot.waitSignal(light.changed):
        light._on_system()
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)


def test_high_contrast_keeps_our_colours_out(qapp: QApplication, light: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "high_contrast", lambda app: True)
    light.use("dark")
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window) != QColor(DARK.window)
    ours = {getattr(roles, field.name) for roles in (LIGHT, DARK) for field in fields(Roles) if field.name != "series"}
    system = {palette.color(role).name() for role in QPalette.ColorRole if role != QPalette.ColorRole.NColorRoles}
    assert not {colour for colour in ours - system if colour in qapp.styleSheet()}
    roles = theme.roles_of(palette)
    table = QTableView()
    table.ensurePolished()
    assert theme.roles_of(table.palette()) == roles, "a chosen row's ground is no accent"
    assert roles.accent == palette.highlight().color().name()
    assert (roles.window, roles.text) == (palette.window().color().name(), palette.windowText().color().name())


def test_high_contrast_shows_what_is_chosen_and_where_a_field_is(qapp: QApplication, qtbot: QtBot) -> None:
    """The style's own buttons and fields had neither on black."""
    palette, role = QPalette(QColor("#000000"), QColor("#000000")), QPalette.ColorRole
    for which, colour in ((role.WindowText, "#ffffff"), (role.Accent, "#1aebff"), (role.BrightText, "#000000")):
        palette.setColor(which, QColor(colour))
    roles = theme.roles_of(palette)
    for text, ground in (("text", "window"), ("text", "accent_soft"), ("on_accent", "accent"), ("accent", "window")):
        assert contrast(getattr(roles, text), getattr(roles, ground)) >= 7
    page = QWidget()
    qtbot.addWidget(page)
    page.setStyleSheet(theme.sheet(roles))
    field, *choices = QLineEdit(page), QPushButton("All", page), QPushButton("All", page)
    choices[0].setCheckable(True)
    choices[0].setChecked(True)
    for made in choices:
        made.setProperty("role", "choice")
    page.show()
    assert field.grab().toImage().pixelColor(field.width() // 2, 0) == QColor(roles.line)
    grounds = [made.grab().toImage().pixelColor(6, 6).name() for made in choices]
    assert grounds == [roles.accent_soft, roles.window]


def test_figures_are_tabular_and_of_two_weights(qapp: QApplication) -> None:
    made = theme.font(theme.FIGURE, theme.STRONG)
    assert QFont.Tag("tnum") in made.featureTags()
    assert made.pixelSize() == 28
    assert {theme.PLAIN.value, theme.STRONG.value} == {400, 600}
    metrics = QFontMetrics(theme.font())
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_every_role_is_used_or_has_a_series() -> None:
    assert {field.name for field in fields(Roles)} >= {"window", "rail", "card", "line", "text", "secondary"}
    assert "%(" not in theme.sheet(LIGHT)
