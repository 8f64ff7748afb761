"""From the weeks to the file by keyboard: what is saved is what was seen (AC 46)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from one_on_one import MONDAYS
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed, setting, text_of
from ui.keyboard import KEY, Keyboard

from tokentrack.export import FORMATS
from tokentrack.store import exports
from tokentrack.ui.windows.export import CHOOSE, PREVIEW, SAVE


def test_a_page_is_chosen_seen_and_saved_by_keyboard_alone(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection, out: Path
) -> None:
    """AC 46: from the weeks to the file without a mouse; a finding is given an alias, and the saved bytes are the seen ones."""
    setting(db, "private_words", "runbook")
    setting(db, "export_folder", str(out))
    page = app()
    assert page.choose.weeks == MONDAYS
    keys(KEY.Key_Space)
    first = page.choose.rows.shown[0].row.task
    assert page.choose.without == {first}
    keys(KEY.Key_Space)
    qtbot.waitUntil(lambda: not page._settle.isActive() and not page._asking.waiting)
    keys(KEY.Key_Return)
    assert page.at == PREVIEW
    previewed(qtbot, page)
    assert [one.text for one in page.standing] == ["runbook"]
    keys(KEY.Key_Return)
    assert page.at == PREVIEW, "a finding is open"
    keys(KEY.Key_A)
    keys.type("handbook")
    keys(KEY.Key_Return)
    previewed(qtbot, page)
    assert not page.standing
    keys(KEY.Key_2)
    seen = previewed(qtbot, page)
    assert page.preview.format == "html"
    assert b"handbook" in seen
    keys(KEY.Key_Return)
    assert page.at == SAVE
    assert not list(out.iterdir()), "nothing is written before it was seen"
    keys(KEY.Key_Return)
    saved = out / "one-on-one-2026-W44-W47.html"
    qtbot.waitUntil(saved.exists)
    assert saved.read_bytes() == seen
    qtbot.waitUntil(lambda: len(page.save_step.rows.shown) == 1)
    keys(KEY.Key_Escape)
    keys(KEY.Key_Backspace)
    assert page.at == PREVIEW
    keys(KEY.Key_Backspace)
    assert page.at == CHOOSE


def test_ac46_what_is_saved_is_what_was_shown(app: Open, qtbot: QtBot, db: sqlite3.Connection, out: Path) -> None:
    page = app()
    for many, kind in enumerate(FORMATS, start=1):
        seen = look(qtbot, page, kind)
        shown = page.look.paper.shown
        page._save(out / "early")
        assert not (out / "early").exists(), "the third page was not reached"
        page.go_on()
        page.save_step.folder.setText(str(out))
        page.go_on()
        saved = out / f"one-on-one-2026-W44-W47.{kind}"
        qtbot.waitUntil(saved.exists)
        data = saved.read_bytes()
        assert data == seen
        if kind == "pdf":
            assert data.startswith(b"%PDF")
            assert shown.split() == [*text_of(page.preview.data).split(), "1", "/", "1"]
        elif kind == "html":
            assert shown == text_of(data)
        else:
            assert shown == data.decode().replace("\r\n", "\n")
        qtbot.waitUntil(lambda many=many: len(exports.exports(db)) == many)
        handed = next(one for one in exports.exports(db) if one.format == kind)
        assert handed.sha256 == page.preview.page.sha256
        assert not list(out.glob("*.part"))


def test_ac46_a_file_that_is_there_is_replaced_when_asked_twice(app: Open, qtbot: QtBot, out: Path) -> None:
    page = app()
    seen = look(qtbot, page)
    page.go_on()
    page.save_step.folder.setText(str(out))
    page.save_step.name.setText("page.md")
    (out / "page.md").write_text("mine")
    page.go_on()
    assert "replaces" in page.save_step.about.text()
    assert (out / "page.md").read_text() == "mine"
    page.go_on()
    qtbot.waitUntil(lambda: (out / "page.md").read_bytes() == seen)


def test_pressed_twice_it_is_handed_over_once(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection, out: Path
) -> None:
    setting(db, "export_folder", str(out))
    page = app()
    look(qtbot, page)
    page.go_on()
    keys(KEY.Key_Return, KEY.Key_Return)
    qtbot.waitUntil(lambda: len(page.save_step.rows.shown) == 1)
    assert "Saved" in page.bar.text.text()
    assert len(exports.exports(db)) == 1


def test_a_folder_that_cannot_be_written_notes_nothing(
    app: Open, qtbot: QtBot, db: sqlite3.Connection, out: Path
) -> None:
    page = app()
    look(qtbot, page)
    page.go_on()
    (out / "page.md").mkdir()
    page._save(out / "page.md")
    qtbot.waitUntil(lambda: "cannot be written" in page.bar.text.text())
    assert exports.exports(db) == []
    assert page.primary.isEnabled()


def test_another_format_is_seen_before_it_is_saved(app: Open, qtbot: QtBot, keys: Keyboard, out: Path) -> None:
    """AC 46."""
    page = app()
    look(qtbot, page, "md")
    page.go_on()
    page.save_step.setFocus()
    keys(KEY.Key_4)
    assert page.at == PREVIEW
    assert b"\r\n" in previewed(qtbot, page)
    assert page.preview.format == "csv"
    assert page.look.formats["csv"].isChecked()


def test_ac46_in_a_narrow_window_nothing_is_written_before_the_page_itself_was_in_sight(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection, out: Path
) -> None:
    """With a finding it opens on the findings; what leads on from there leads to the page first."""
    setting(db, "private_words", "runbook")
    setting(db, "export_folder", str(out))
    page = app()
    page.window().resize(680, 560)
    page.go_on()
    previewed(qtbot, page)
    keys(KEY.Key_X)
    assert not page.standing
    assert not page.look.seen
    assert page.primary.text().startswith("See the page")
    keys(KEY.Key_Return)
    assert page.at == PREVIEW
    assert page.look.paper.isVisible()
    assert page.primary.text().startswith("Save")
    page._on_alias("Webhook", "Client hook")
    page.look.open_tab("findings")
    previewed(qtbot, page)
    assert not page.look.seen, "these are other bytes"
    keys(KEY.Key_Return, KEY.Key_Return)
    assert page.at == SAVE
    keys(KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(exports.exports(db)))


def test_a_place_that_cannot_be_is_said_and_nothing_is_written(
    app: Open, qtbot: QtBot, out: Path, db: sqlite3.Connection
) -> None:
    """And nothing of a page that was saved before is said any more."""
    page = app()
    look(qtbot, page)
    page.go_on()
    places = [("x" * 300 + ".md", str(out)), ("", str(out))]
    places += [("ok.md", folder) for folder in ("~nobody-of-that-name/x", "/" + "y" * 5000, "a\0b", "", "here")]
    for name, folder in places:
        page.bar.say("Saved before.")
        page.save_step.name.setText(name)
        page.save_step.folder.setText(folder)
        page.save_step.about.hide()
        page.go_on()
        assert page.save_step.about.isVisible(), (name[:9], folder[:9])
        assert not page.bar.isVisible()
    assert exports.exports(db) == []
    assert list(out.iterdir()) == []
