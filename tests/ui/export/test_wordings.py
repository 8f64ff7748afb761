"""The direction rule: what is computed can only be made weaker, own words can become any others (AC 52)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import one_on_one
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed, retitled
from ui.keyboard import KEY, Keyboard

from tokentrack.export.options import Options
from tokentrack.ui.live_export import LiveExporting


def test_ac52_computed_texts_are_offered_weaker_wordings_and_nothing_else(
    app: Open, qtbot: QtBot, keys: Keyboard
) -> None:
    page = app()
    look(qtbot, page)
    keys(KEY.Key_T)
    computed = [text for text in page.preview.texts if text.weaker is not None]
    assert computed
    for text in computed:
        card = page.look.texts.cards[text.key]
        assert card.line is None, "no free words"
        offered = [card.pick.itemData(at) for at in range(card.pick.count())]
        assert offered == [None, *text.weaker, ""]
    text = next(text for text in computed if text.weaker)
    pick = page.look.texts.cards[text.key].pick
    pick.setFocus()
    keys(KEY.Key_Down)
    seen = previewed(qtbot, page).decode().replace("\\", "")
    assert f"{text.weaker[0]} (edited by me)" in seen
    assert "edited by me" in page.look.texts.cards[text.key].state.text()
    pick.setCurrentIndex(pick.count() - 1)
    pick.activated.emit(pick.count() - 1)
    assert text.weaker[0] not in previewed(qtbot, page).decode().replace("\\", "")
    assert "taken out" in page.look.texts.cards[text.key].state.text()


def test_ac52_a_stronger_wording_is_refused_and_the_computed_one_stands(app: Open, qtbot: QtBot) -> None:
    page = app()
    plain = look(qtbot, page)
    text = next(text for text in page.preview.texts if text.weaker)
    page.edit(text.key, "It was ten times faster.")
    qtbot.waitUntil(lambda: "can be made weaker or taken out" in page.bar.text.text())
    assert previewed(qtbot, page) == plain


def test_ac52_an_edit_of_what_is_computed_otherwise_by_now_is_taken_back(
    app: Open, qtbot: QtBot, db: sqlite3.Connection
) -> None:
    """What was made weaker was another sentence."""
    page = app()
    look(qtbot, page)
    text = next(text for text in page.preview.texts if text.key == "sure.holds")
    page.edit(text.key, text.weaker[0])
    assert text.weaker[0] in previewed(qtbot, page).decode().replace("\\", "")
    retitled(db, "PAY-12", alias="The refunds")
    page.refresh()
    seen = previewed(qtbot, page).decode().replace("\\", "")
    assert "The refunds" in seen
    assert text.weaker[0] not in seen
    assert "edited by me" not in seen
    assert "taken back" in page.bar.text.text()


def test_ac52_what_was_made_weaker_stays_weak_while_switches_name_it_otherwise(store: Path) -> None:
    """Each way round; and it comes back with the switch of its own."""
    exporting = LiveExporting(store)
    edits: tuple[tuple[str, str], ...] = ()

    def said(*out: str) -> str:
        nonlocal edits
        options = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, out=frozenset(out), edits=edits)
        preview = exporting.preview(options, "md")
        edits = preview.edits
        return next((text.shown for text in preview.page.sure if text.key == "sure.holds"), "")

    weaker, weakest = "I believe {} may have been faster with the agent.", "For {} I cannot tell whether the agent made"
    edits = (("sure.holds", weaker.format("PAY-12")),)
    assert said() == f"{weaker.format('PAY-12')} (edited by me)"
    assert said("keys") == f"{weaker.format('“Refunds survive retries”')} (edited by me)"
    assert said("estimates") == said("keys", "estimates") == ""
    assert said() == f"{weaker.format('PAY-12')} (edited by me)"
    said("keys")
    edits = (("sure.holds", f"{weakest.format('“Refunds survive retries”')} a difference in time."),)
    assert said("keys").endswith("(edited by me)")
    assert said().startswith(weakest.format("PAY-12"))
    exporting.close()


def test_ac52_texts_of_the_table_say_of_which_work_and_are_made_when_they_are_seen(app: Open, qtbot: QtBot) -> None:
    page = app()
    look(qtbot, page)
    assert page.look.texts.cards == {}
    page.look.open_tab("texts")
    cards = page.look.texts.cards
    assert list(cards) == [text.key for text in page.preview.texts]
    row = page.preview.page.rows[0]
    assert row.work.text in [one.text() for one in cards[row.evidence.key].findChildren(QLabel)]
    page.edit(row.evidence.key, row.evidence.weaker[0])
    previewed(qtbot, page)
    assert page.look.texts.cards == cards, "what says the same keeps its card"


def test_ac52_own_words_can_become_any_others_and_are_marked(app: Open, qtbot: QtBot) -> None:
    page = app()
    plain = look(qtbot, page)
    text = next(text for text in page.preview.texts if text.weaker is None)
    page.edit(text.key, "Other words")
    assert b"Other words \\(edited by me\\)" in previewed(qtbot, page) or b"Other words (edited by me)" in page.data
    page.edit(text.key, None)
    assert previewed(qtbot, page) == plain
