"""Looking closer: diagnostics, limits, and what another model's prices would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from claude_logs import HAIKU, OPUS, Machine, prompt
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY, in_turn
from ui.samples import texts
from ui.spend.parts import NOVEMBER, PageOf, cells, closer_of, micro, opened, press, settled, use

from tokentrack.review.limits import LimitSeen
from tokentrack.ui.figure import Figure
from tokentrack.ui.spend_closer import Closer, CloserView
from tokentrack.ui.spend_period import Period
from tokentrack.ui.windows.main import MainWindow


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
    assert in_turn(page.tabs, *hows, closer.model), "made anew they stand before what is below them"
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
    seen = LimitSeen("codex", 42.0, "5 hours: 42% used, resets in 2 hours, as of 3 minutes ago")
    void = LimitSeen("codex", None, "7 days: reset 2 hours ago, no reading since")
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
