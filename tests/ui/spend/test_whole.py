"""What holds on every view of the page."""

from __future__ import annotations

import re
import threading
from itertools import product

from claude_logs import OPUS, Machine, prompt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY
from ui.samples import Memory, texts, written
from ui.spend.parts import NOVEMBER, PageOf, cards, closer_of, press, settled, use
from ui.watched import Watched

from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.tables import Table
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.spend import Page

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
    written(qtbot)
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


def test_nothing_is_cut_in_small_and_large_windows(qtbot: QtBot, page_of: PageOf) -> None:
    page = page_of(*use(OPUS), plans=(NOVEMBER,))
    closer_of(qtbot, page)
    for width, button in product((680, 1400), page.tabs.buttons.values()):
        page.window().resize(width, 700)
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
