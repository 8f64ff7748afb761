"""The three figures of the Spend page stand whole at any width the window takes: `+ unknown` is never cut off (AC 5)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tokentrack.ui.spend_cards import Cards
from tokentrack.ui.theme import TITLE

LONGEST = ("at least $12,470.00", "at least $12,470.00", "$2,470.00 + unknown")


@pytest.mark.parametrize("texts", [LONGEST, ("$57.49", "$57.49", "$57.49 + unknown"), ("$1.00", "$1.00", "$1.00")])
def test_ac5_no_figure_is_cut_off(qtbot: QtBot, texts: tuple[str, str, str]) -> None:
    cards = Cards()
    qtbot.addWidget(cards)
    made = (cards.paid, cards.share, cards.listed)
    for card, text in zip(made, texts, strict=True):
        card.put(text, "", "", "What it is.")
    cards.show()
    for wide in range(420, 1000, 20):
        cards.resize(wide, 600)
        QApplication.processEvents()
        for card, text in zip(made, texts, strict=True):
            metrics = QFontMetrics(card.number.font())
            assert metrics.elidedText(text, Qt.TextElideMode.ElideRight, card.number.width() + 1) == text, wide
        assert len({card.number.font().pixelSize() for card in made}) == 1, "one face for all three"
    if max(map(len, texts)) < 8:
        assert (cards.listed.x() > 0) == (wide >= 560)  # short figures stand side by side, in the large face
        assert QFontMetrics(cards.listed.number.font()).height() >= TITLE
