"""The Tasks page stays quick, fits, and changes with the theme."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from time import process_time

import pytest
from claude_logs import Machine, ms
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from ui.tasks.parts import PageOf, given, opened, settle

from tokentrack.model.tasks import OUTCOMES, Task
from tokentrack.store import tasks, transaction
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui import outcomes, theme
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.theme import DARK, LIGHT, Roles


def test_two_thousand_tasks_are_filtered_sorted_and_scrolled_without_a_stall(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    with transaction(shop.db):
        for n in range(2000):
            tasks.add(shop.db, Task("", f"Task {n} about {n % 7} refunds", f"PAY-{n + 1}", None, "/w/shop", ms(n)))
    page = page_of(1400)
    table = page.list.table

    def slowest(*acts: Callable[[], object]) -> float:
        """Seconds of this process's own work: others share the machine."""
        took = []
        for act in acts:
            began = process_time()
            act()
            QApplication.processEvents()
            took.append(process_time() - began)
        return max(took)

    bar, notch = table.verticalScrollBar(), 3 * 36
    bar.setValue(0)
    QApplication.processEvents()
    assert bar.maximum() > 60 * notch
    assert slowest(*[lambda at=at: bar.setValue(at * notch) for at in range(60)]) < 0.05
    assert slowest(*[lambda text=text: page.list.search.setText(text) for text in ("p", "pa", "refunds 3", "")]) < 0.25
    assert slowest(lambda: table.sortByColumn(0, Qt.SortOrder.AscendingOrder)) < 0.25
    assert [row.task.key for row in page.list.rows.shown[:3]] == ["PAY-1", "PAY-2", "PAY-3"]


def test_the_ledger_is_asked_on_a_thread_that_ends_with_the_answer(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    page = page_of()
    page.refresh()
    thread = page._asking._thread
    assert thread.is_alive()
    assert "ledger" in page._asking.waiting
    settle(qtbot, page)
    qtbot.waitUntil(lambda: not thread.is_alive())


def test_it_fits_and_every_control_has_a_name(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """AC 44's half: nothing without a name, nothing that is cut off at the right."""
    given(shop, "Refund twice", "S0", key="PAY-12")
    page = page_of()
    acts = (page._on_new, page._on_edit, lambda: opened(qtbot, page, "Refund twice"))
    for size, act in product(((680, 440), (1000, 680), (1400, 900)), acts):
        page.window().resize(*size)
        act()
        settle(qtbot, page)
        QApplication.processEvents()  # the layout follows
        for control in page.findChildren(QWidget):
            if isinstance(control, QPushButton | KeyHint | QLineEdit | QComboBox):
                assert control.accessibleName() or control.text(), control
                if control.isVisible():
                    right = control.mapTo(page, control.rect().topRight()).x()
                    assert right <= page.width(), control.accessibleName()
        page._on_escape()
        assert page.window().width() == size[0]


@pytest.mark.parametrize("roles", [LIGHT, DARK])
def test_outcomes_differ_by_shape_and_by_word(roles: Roles) -> None:
    """`look.md`: no state by colour alone. Delivered differs from shipped by its word, which always stands beside it."""

    def drawn(outcome: str | None) -> QImage:
        image = QImage(outcomes.MARK, outcomes.MARK, QImage.Format.Format_Grayscale8)
        image.fill(QColor(roles.window))
        painter = QPainter(image)
        outcomes.paint_mark(painter, image.rect().toRectF(), outcome, roles)
        painter.end()
        return image

    shown = [*OUTCOMES, "rework", None, NO_TASK, UNLINKED]
    for one, other in combinations(shown, 2):
        a, b = drawn(one), drawn(other)
        apart = sum(
            abs(a.pixelColor(x, y).lightness() - b.pixelColor(x, y).lightness()) > 12
            for x in range(outcomes.MARK)
            for y in range(outcomes.MARK)
        )
        assert apart > 12 or {one, other} <= {"shipped", "delivered"}, (one, other, apart)
    assert len({outcomes.word(outcome) for outcome in shown}) == len(shown)


def test_it_changes_with_the_theme(qtbot: QtBot, page_of: PageOf, shop: Machine, qapp: QApplication) -> None:
    given(shop, "Refund twice", "S0")
    page = page_of()
    before = page.grab().toImage()
    theme.apply(qapp, "dark")
    QApplication.processEvents()
    after = page.grab().toImage()
    assert after.pixelColor(5, 5) == QColor(DARK.window) != before.pixelColor(5, 5)
