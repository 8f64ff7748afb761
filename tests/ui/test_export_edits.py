"""Edits of a page whose texts say something else since: they are taken back, and do not go over to other words (AC 46)."""

from __future__ import annotations

from contextlib import closing as leaving
from pathlib import Path

import msgspec
import one_on_one
import pytest

from tokentrack.review import closing
from tokentrack.store import open_store, tasks, transaction
from tokentrack.ui.live_export import LiveExporting


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKENTRACK_NOW", f"{one_on_one.NOW}:00Z")
    return one_on_one.store_in(tmp_path)


def test_ac46_an_edit_is_taken_back_when_its_words_are_gone(store: Path) -> None:
    """The window says so where fewer edits come back than it asked for; an edit of a row that is withheld waits for it."""
    with leaving(LiveExporting(store)) as exporting, leaving(open_store(store)) as db:
        first = exporting.preview(one_on_one.CHOSEN, "md")
        note, other = (one.key for one in first.page.change[:2])
        sentence = next(row.note.key for row in first.page.rows if row.note.text)
        options = msgspec.structs.replace(one_on_one.CHOSEN, edits=((note, "a"), (other, "b"), (sentence, "c")))
        assert exporting.preview(options, "md").options.edits == options.edits
        task = tasks.tasks_like(db, "PAY-12")[0].id
        withheld = msgspec.structs.replace(options, without=frozenset({task}))
        assert exporting.preview(withheld, "md").options.edits == options.edits
        with transaction(db):
            tasks.finish(db, task, "shipped", "other words", one_on_one.ms("2026-11-03T13:30"))
            closing.reopen(db, one_on_one.MONDAYS[3])
            lines = f"A new line\n{first.page.change[1].text}"
            closing.close(db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note=lines)
        again = exporting.preview(options, "md")
        assert again.options.edits == ((other, "b"),)
        assert [one.shown for one in again.page.change][:2] == ["A new line", "b (edited by me)"]


def test_an_edit_waits_for_a_field_that_is_switched_off(store: Path) -> None:
    """It was lost where notes were off for a moment while an intent stood there."""
    with leaving(LiveExporting(store)) as exporting:
        note = exporting.preview(one_on_one.CHOSEN, "md").page.change[0].key
        edited = msgspec.structs.replace(one_on_one.CHOSEN, edits=((note, "a"),))
        less = exporting.preview(msgspec.structs.replace(edited, out=frozenset({"notes"})), "md")
        assert less.options.edits == edited.edits
        assert [one.shown for one in less.page.change] == ["To try: a stop point on day one"]
        assert exporting.preview(edited, "md").page.change[0].shown == "a (edited by me)"
