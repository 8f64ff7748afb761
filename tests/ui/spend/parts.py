"""What the tests of the Spend page share: what was used and paid, and what stands on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from claude_logs import answer, usage
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.keyboard import KEY

from tokentrack.model.costs import Plan
from tokentrack.ui.figure import Figure
from tokentrack.ui.spend_closer import CloserView
from tokentrack.ui.tables import Table
from tokentrack.ui.why import Why
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.spend import Page

PageOf = Callable[..., Page]
DAY_S = 86_400
NOVEMBER = Plan(0, "Max", 100_000_000, "month", ("claude-code",), date(2026, 11, 1))


def use(*models: str, size: int = 1) -> list[dict[str, Any]]:
    """One request of each model a day, on Friday and Saturday."""
    return [
        answer(
            f"m{n}{day}", f"r{n}{day}", t=day * DAY_S + n, model=model, figures=usage(70_000 * size, 900 * size, 0, 50)
        )
        for day in range(2)
        for n, model in enumerate(models)
    ]


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


def closer_of(qtbot: QtBot, page: Page) -> CloserView:
    press(qtbot, page, KEY.Key_L)
    qtbot.waitUntil(lambda: page.closer.shown is not None)
    return page.closer
