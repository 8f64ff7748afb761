"""Tokens that an agent records nowhere are called so wherever a session is shown, and never 0 (issue 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance, session, total

from tokentrack.model.usage import Session, Total
from tokentrack.ui import words
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Figure
from tokentrack.ui.lines import lines
from tokentrack.ui.session_rows import columns, turn_columns
from tokentrack.ui.windows.sessions import Page

NOTHING = replace(session(1), agent="cursor", tokens_from="none", total=Total(), title="Nothing known")
SOME = replace(session(2), agent="cursor", tokens_from="none", total=total(1.5, 12_000, 2), title="Some known")
UNPRICED = replace(SOME, total=total(None, 12_000, 2))
ALL = session(3)


@pytest.mark.parametrize(
    ("shown", "tokens", "value", "said"),
    [
        (NOTHING, "not recorded", "unknown", "tokens not recorded by Cursor"),
        (SOME, "12,000 + ?", "$1.50 + unknown", "tokens not recorded by Cursor for some turns"),
        (UNPRICED, "12,000 + ?", "unknown", "tokens not recorded by Cursor for some turns"),
        (ALL, "122,931", "$1.20", ""),
    ],
)
def test_words(shown: Session, tokens: str, value: str, said: str) -> None:
    assert words.session_tokens(shown) == tokens
    assert words.session_value(shown) == value
    assert words.unrecorded(shown) == said


def test_the_table_and_the_opened_session(qtbot: QtBot, feed_of: Callable[[Memory], Feed]) -> None:
    source = Memory()
    source.listed = [NOTHING, SOME, ALL]
    page = Page(feed_of(source), source)
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    page.refresh()
    cells = {column.name: [column.text(row) for row in source.listed] for column in columns(lambda _: ())}
    assert cells["Tokens"] == ["not recorded", "12,000 + ?", "122,931"]
    assert cells["List value"] == ["unknown", "$1.50 + unknown", "$1.20"]
    assert page._count.text() == "3 sessions · $2.70 + unknown list value"
    page.filter.setText("Nothing known")
    assert page._count.text() == "1 session · unknown list value"
    page.filter.setText("")
    page.detail.put(NOTHING)
    assert page.detail.kinds.text() == "Tokens not recorded by Cursor"
    page.detail.put(SOME)
    assert page.detail.kinds.text().endswith("tokens not recorded by Cursor for some turns")
    value = next(at for at, column in enumerate(columns(lambda _: ())) if column.name == "List value")
    for falling in (False, True):  # what is not known stands last in either order
        page.rows._order = value, falling
        page.rows._arrange()
        assert page.rows.shown[-1] == NOTHING


def test_a_turn_without_tokens_among_others() -> None:
    for shown, tokens, value in ((SOME, "not recorded", "unknown"), (ALL, "0", "$0")):
        cells = {
            column.name: column.text((1, None, None, Total())) for column in turn_columns(lambda s=shown: s, tuple)
        }
        assert (cells["Tokens"], cells["List value"]) == (tokens, value)


def test_a_figure_is_asked_in_words() -> None:
    """It said "Why $3.76 + ??"."""
    assert Figure("day:2026-11-18", "Wed", "$3.76 + ?").question == "Why $3.76 + unknown?"


def test_the_popover_and_the_menu_name_them() -> None:
    texts = [line.text for line in lines(glance(unrecorded=(("cursor", 2),)))]
    assert "Cursor: 2 sessions · tokens not recorded" in texts
    assert not [text for text in (line.text for line in lines(glance())) if "not recorded" in text]
