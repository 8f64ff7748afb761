"""The export window over a real store, by keyboard: choose, see every byte, save (issue 7)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pypdfium2
import pytest
from one_on_one import CREATED, MONDAYS
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Start

from tokentrack.export import FORMATS
from tokentrack.export.page import NOT_COMPARABLE
from tokentrack.review import closing
from tokentrack.store import exports, open_store, read, tasks, transaction, write
from tokentrack.ui import pdf
from tokentrack.ui.live import Live
from tokentrack.ui.windows.export import CHOOSE, PREVIEW, SAVE, Page

KEY, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[], Page]


@pytest.fixture(autouse=True)
def at_the_end(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", f"{one_on_one.NOW}:00Z")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the four weeks of the sample page, closed."""
    return one_on_one.store_in(tmp_path_factory.mktemp("month"))


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "store.db"))


@pytest.fixture
def db(store: Path) -> Iterator[sqlite3.Connection]:
    with leaving(open_store(store)) as db:
        yield db


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def app(qtbot: QtBot, store: Path, tmp_path: Path, start: Start) -> Open:
    def started() -> Page:
        page = start(Live(store, tmp_path), "export", 1000, 680).page("export")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: bool(page.choose.weeks) and not page._asking.waiting)
        return page

    return started


class Keyboard:
    """Presses keys wherever the keyboard is."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot

    def __call__(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        for key in keys:
            self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
            self.qtbot.keyClick(QApplication.focusWidget(), key, held)

    def type(self, text: str) -> None:
        focus = QApplication.focusWidget()
        assert isinstance(focus, QLineEdit | QPlainTextEdit), focus
        self.qtbot.keyClicks(focus, text)


@pytest.fixture
def keys(qtbot: QtBot) -> Keyboard:
    return Keyboard(qtbot)


def previewed(qtbot: QtBot, page: Page) -> bytes:
    """Waits for the page, and tells the bytes that would leave."""
    qtbot.waitUntil(lambda: page.preview is not None and not page._asking.waiting)
    return page.data


def text_of(html: bytes) -> str:
    document = QTextDocument()
    pdf.fill(document, html.decode())
    return document.toPlainText()


def look(qtbot: QtBot, page: Page, kind: str = "md") -> bytes:
    page.open_step(PREVIEW)
    page.open_format(kind)
    return previewed(qtbot, page)


def setting(db: sqlite3.Connection, key: str, value: str) -> None:
    with transaction(db):
        write.set_setting(db, key, value)


def retitled(db: sqlite3.Connection, key: str, **fields: object) -> str:
    task = tasks.tasks_like(db, key)[0]
    with transaction(db):
        tasks.edit(db, task.id, **fields)
    return task.id


# ---- the whole of it -------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("kind", FORMATS)
def test_ac46_what_is_saved_is_what_was_shown(
    kind: str, app: Open, qtbot: QtBot, db: sqlite3.Connection, out: Path
) -> None:
    page = app()
    seen = look(qtbot, page, kind)
    shown = page.look.paper.shown
    page._save(out / "early")
    assert not list(out.iterdir()), "the third page was not reached"
    page.go_on()
    page.save_step.folder.setText(str(out))
    page.go_on()
    saved = out / f"one-on-one-2026-W44-W47.{kind}"
    qtbot.waitUntil(saved.exists)
    data = saved.read_bytes()
    assert data == seen
    if kind == "pdf":
        assert data.startswith(b"%PDF")
        assert data == pdf.render(page.preview.data, page.preview.page.title, CREATED)
        assert shown.split() == [*text_of(page.preview.data).split(), "1", "/", "1"]
    elif kind == "html":
        assert shown == text_of(data)
    else:
        assert shown == data.decode().replace("\r\n", "\n")
    qtbot.waitUntil(lambda: bool(exports.exports(db)))
    [handed] = exports.exports(db)
    assert (handed.format, handed.sha256) == (kind, page.preview.page.sha256)
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


# ---- what is on it ---------------------------------------------------------------------------------------------------


def test_ac47_a_withheld_row_keeps_its_share_in_the_totals(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    page = app()
    look(qtbot, page, "json")
    whole = page.preview.page
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    page.choose.table.setCurrentIndex(page.choose.rows.index(0, 1))
    work = page.choose.rows.shown[0].row.work.text
    page.choose.table.setFocus()
    keys(KEY.Key_Space)
    seen = look(qtbot, page, "json").decode()
    assert page.preview.page.cost == whole.cost
    assert work not in seen
    look(qtbot, page, "md")
    assert "Withheld: 1 item" in page.look.paper.shown


def test_ac50_the_sentence_against_comparing_is_on_every_page_and_nothing_switches_it_off(
    app: Open, qtbot: QtBot
) -> None:
    page = app()
    look(qtbot, page)
    for field, tick in page.look.left_out.ticks.items():
        if tick.isEnabled():
            tick.click()
            previewed(qtbot, page)
            assert tick.isChecked(), field
    assert all(NOT_COMPARABLE not in text.text for text in page.preview.texts)
    for kind in ("md", "html", "pdf"):
        look(qtbot, page, kind)
        assert "is not comparable with anyone else's page" in " ".join(page.look.paper.shown.split())
        mix = next(text for text in page.preview.page.cost if text.key == "cost.mix")
        assert sum(part.value for part in mix.figures) == 100
        shares = [row.share.figures[0].value for row in page.preview.page.rows]
        assert all(share is None or share % 5 == 0 for share in shares)


def test_a_field_is_added_by_its_switch_and_taken_out_again(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    """Product 7.4: each field that may be added has a switch with its note; what never leaves has none."""
    page = app()
    plain = look(qtbot, page)
    assert b"Technical detail" not in plain
    keys(KEY.Key_L)
    tick = page.look.left_out.ticks["technical"]
    tick.setFocus()
    keys(KEY.Key_Space)
    assert b"Technical detail" in previewed(qtbot, page)
    keys(KEY.Key_Space)
    assert previewed(qtbot, page) == plain
    told = page.look.left_out.findChildren(QWidget)
    assert any("session titles" in getattr(one, "text", str)() for one in told)


def test_an_alias_of_a_task_is_kept_and_can_be_undone(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    page = app()
    keys(KEY.Key_A)
    keys.type("The payments work")
    keys(KEY.Key_Return)
    task = page.choose.rows.shown[0].row.task
    qtbot.waitUntil(lambda: page.choose.rows.shown[0].row.work.text == "The payments work")
    assert tasks.task(db, task).alias == "The payments work"
    keys(KEY.Key_Z, held=CTRL)
    qtbot.waitUntil(lambda: page.choose.rows.shown[0].row.work.text != "The payments work")
    assert tasks.task(db, task).alias is None


def test_names_words_and_projects_are_entered_on_the_first_page_and_kept(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """Product 7.4 and 7.5: the name is off until it is typed, lists have one entry a line, private projects lose their names."""
    page = app()
    page.choose.name.setFocus()
    keys.type("Kim")
    lists = page.choose.lists
    for key, text in (("export_aliases", "Webhook=Client hook"), ("private_words", "ORM")):
        lists[key].setFocus()
        keys.type(text)
    lists["private_projects"].setFocus()
    keys.type("nobody")
    keys(KEY.Key_Return)
    keys.type("elsewhere")
    keys(KEY.Key_Right, held=CTRL)
    assert page.at == PREVIEW
    seen = previewed(qtbot, page).decode()
    assert "Prepared by me, Kim," in seen
    assert "Client hook retries" in seen
    assert [one.text for one in page.standing] == ["ORM"]
    kept = read.settings(db)
    assert kept["private_projects"] == "nobody\nelsewhere"
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    assert lists["export_aliases"].toPlainText() == "Webhook=Client hook"


def test_weeks_are_chosen_one_by_one_and_a_gap_is_printed(app: Open, qtbot: QtBot) -> None:
    page = app()
    page.choose.ticks[MONDAYS[1]].click()
    qtbot.waitUntil(lambda: not page._settle.isActive() and not page._asking.waiting)
    seen = look(qtbot, page).decode()
    assert page.preview.options.weeks == (MONDAYS[0], *MONDAYS[2:])
    assert "45" in seen[seen.index("How these numbers were made") :]


def test_without_a_week_there_is_nothing_to_look_at(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    page = app()
    for monday in MONDAYS:
        page.choose.ticks[monday].click()
    qtbot.waitUntil(lambda: not page._settle.isActive())
    keys(KEY.Key_Return, held=CTRL)
    page.go_on()
    assert page.at == CHOOSE
    assert not page.primary.isEnabled()


# ---- findings --------------------------------------------------------------------------------------------------------


def test_ac46_findings_keep_the_page_until_each_is_dealt_with(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    """Product 7.5: resolved or accepted one by one."""
    setting(db, "private_words", "runbook\nledger\nflaky")
    page = app()
    look(qtbot, page)
    assert len(page.standing) == 3
    assert not page.primary.isEnabled()
    assert "3 findings open" in page.primary.text()
    page.go_on()
    assert page.at == PREVIEW
    keys(KEY.Key_X)
    assert len(page.standing) == 2
    keys(KEY.Key_H)
    previewed(qtbot, page)
    assert len(page.standing) == 1
    assert len(page.choose.without) == 1
    assert not page.primary.isEnabled()
    keys(KEY.Key_X)
    assert not page.standing
    assert page.primary.isEnabled()
    keys(KEY.Key_X)
    assert len(page.standing) == 1, "what was let through can be asked again"


def test_a_small_window_opens_on_the_findings_where_there_are_any(
    app: Open, qtbot: QtBot, db: sqlite3.Connection
) -> None:
    """They keep the page from being saved, so they are not behind a tab that nobody opened."""
    page = app()
    page.window().resize(680, 560)
    page.go_on()
    previewed(qtbot, page)
    assert page.look.tab == "paper"
    setting(db, "private_words", "runbook")
    page.back()
    qtbot.waitUntil(lambda: not page._asking.waiting)
    page.go_on()
    previewed(qtbot, page)
    assert page.look.tab == "findings"
    assert page.look.findings.hasFocus()


def test_what_was_let_through_is_noted_with_the_page(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection, out: Path
) -> None:
    setting(db, "private_words", "runbook")
    page = app()
    look(qtbot, page)
    keys(KEY.Key_X)
    page.go_on()
    page.save_step.folder.setText(str(out))
    page.go_on()
    qtbot.waitUntil(lambda: bool(exports.exports(db)))
    assert exports.exports(db)[0].accepted == 1


def test_a_line_that_changed_is_asked_again(app: Open, qtbot: QtBot, db: sqlite3.Connection) -> None:
    """What was let through was let through in the words that were shown."""
    setting(db, "private_words", "migrations")
    page = app()
    look(qtbot, page)
    [found] = page.standing
    page._on_accepted(found, True)
    assert not page.standing
    key = next(text.key for text in page.preview.texts if "migrations" in text.text)
    page.edit(key, "Of migrations I say more than that.")
    previewed(qtbot, page)
    assert len(page.standing) == 1


def test_a_finding_leads_to_the_text_in_which_it_stands(
    app: Open, qtbot: QtBot, keys: Keyboard, db: sqlite3.Connection
) -> None:
    setting(db, "private_words", "migrations")
    page = app()
    look(qtbot, page)
    keys(KEY.Key_E)
    keys(KEY.Key_A, held=CTRL)
    keys.type("I set a stop point first.")
    keys(KEY.Key_Return)
    seen = previewed(qtbot, page).decode()
    assert "I set a stop point first. (edited by me)" in seen.replace("\\", "")
    assert not page.standing


# ---- the direction rule ----------------------------------------------------------------------------------------------


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


def test_ac52_own_words_can_become_any_others_and_are_marked(app: Open, qtbot: QtBot) -> None:
    page = app()
    plain = look(qtbot, page)
    text = next(text for text in page.preview.texts if text.weaker is None)
    page.edit(text.key, "Other words")
    assert b"Other words \\(edited by me\\)" in previewed(qtbot, page) or b"Other words (edited by me)" in page.data
    page.edit(text.key, None)
    assert previewed(qtbot, page) == plain


# ---- what must not happen --------------------------------------------------------------------------------------------

HOSTILE = "<img src=x onerror=alert(1)> <script>alert(2)</script> =HYPERLINK(1) | [a](javascript:x) <a href='javascript:x'>y</a>"


def test_ac49_hostile_titles_are_shown_as_they_are_written(app: Open, qtbot: QtBot, db: sqlite3.Connection) -> None:
    retitled(db, "PAY-12", title=HOSTILE)
    page = app()
    for kind in ("html", "pdf"):
        look(qtbot, page, kind)
        browser = page.look.paper.browser
        assert "<img src=x onerror=alert(1)> <script>alert(2)</script>" in browser.toPlainText()
        assert browser.asked == [], "nothing is loaded"
        assert "javascript:" not in "".join(_links(browser.document()))
    look(qtbot, page, "md")
    assert "\\<script>" in page.look.paper.shown
    assert "<script>" not in page.look.paper.shown.replace("\\<", "")


def _links(document: QTextDocument) -> Iterator[str]:
    block = document.begin()
    while block.isValid():
        for part in block:
            yield part.fragment().charFormat().anchorHref()
        block = block.next()


def test_ac53_the_preview_loads_nothing(app: Open, qtbot: QtBot, tmp_path: Path) -> None:
    """Whatever a document asks for: no file, no address."""
    page = app()
    look(qtbot, page, "html")
    secret = tmp_path / "picture.png"
    secret.write_bytes(b"\x89PNG")
    browser = page.look.paper.browser
    pdf.fill(
        browser.document(), f'<img src="{QUrl.fromLocalFile(str(secret)).toString()}"><img src="http://example.test/x">'
    )
    browser.grab()
    assert browser.asked
    images = [QUrl(one) for one in browser.asked]
    assert all(browser.loadResource(QTextDocument.ResourceType.ImageResource, one) is None for one in images)
    browser.anchorClicked.emit(QUrl("https://example.test"))
    assert browser.source().isEmpty()


def test_ac44_everything_is_named_and_fits_a_small_window(app: Open, qtbot: QtBot) -> None:
    page = app()
    window = page.window()
    window.resize(680, 440)
    look(qtbot, page)
    for at in (CHOOSE, PREVIEW, SAVE):
        page.open_step(at)
        qtbot.waitUntil(lambda: not page._asking.waiting and not page._saving.waiting)
        assert window.width() == 680
        assert page.width() <= 560
        for one in page.findChildren(QWidget):
            if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible():
                text = getattr(one, "text", None)
                assert one.accessibleName() or (callable(text) and text()), one
        right = page.mapToGlobal(page.rect().topRight()).x()
        for button in (page.primary, page.when):
            assert button.mapToGlobal(button.rect().topRight()).x() <= right
    look(qtbot, page, "pdf")
    page.look.open_tab("paper")
    assert page.look.paper.isVisible()
    assert not page.look.side.isVisible(), "they take turns where it is narrow"


# ---- seen, named, printed ----------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("kind", FORMATS)
def test_only_the_row_in_whose_line_a_finding_stands_can_be_withheld_for_it(
    app: Open, qtbot: QtBot, db: sqlite3.Connection, kind: str
) -> None:
    """PAY-1 in a note is not the row of PAY-12; a private word in a title is its row's, in every format."""
    with transaction(db):
        tasks.add(db, one_on_one.Task("", "Hidden", "PAY-1", None, None, 0, private=True))
        closing.reopen(db, MONDAYS[3])
        closing.close(db, MONDAYS[3], one_on_one.ms(one_on_one.NOW), note="PAY-1 took long")
    setting(db, "private_words", "runbook")
    page = app()
    look(qtbot, page, kind)
    view = page.look.findings
    told = {one.text.casefold(): one for one in page.standing}
    assert set(told) == {"pay-1", "runbook"}
    assert view.task_of(told["pay-1"]) is None
    assert view.key_of(told["pay-1"]).startswith("change.")
    row = next(row for row in page.preview.page.rows if "runbook" in row.work.text)
    assert view.task_of(told["runbook"]) == row.task


def test_the_alias_field_is_in_sight_when_its_key_is_pressed(app: Open, qtbot: QtBot, keys: Keyboard) -> None:
    page = app()
    page.window().resize(680, 440)
    page.choose.area.verticalScrollBar().setValue(0)
    keys(KEY.Key_A)
    assert page.choose.alias.hasFocus()
    assert page.choose.alias.visibleRegion().boundingRect().height() == page.choose.alias.height()


def test_a_pdf_is_made_for_the_paper_that_was_chosen_and_it_is_kept(app: Open, qtbot: QtBot) -> None:
    page = app()
    plain = look(qtbot, page, "pdf")
    assert page.look.sheet.isVisible()
    page.look.sheet.buttons["letter"].click()
    seen = previewed(qtbot, page)
    assert seen != plain
    assert list(page.look.paper.sheets._sizes) == [(612, 792)]
    assert page._source.settings()["export_paper"] == "letter"
    assert pypdfium2.PdfDocument(seen).get_metadata_dict()["CreationDate"].startswith("D:20261122")
    look(qtbot, page, "md")
    assert not page.look.sheet.isVisible()


def test_html_is_shown_in_the_size_of_a_browser_s_letters_and_fits_a_small_window(app: Open, qtbot: QtBot) -> None:
    """The look of the page itself, as far as Qt can draw it; what is let through leaves the reader where they were."""
    page = app()
    page.window().resize(680, 560)
    look(qtbot, page, "html")
    browser = page.look.paper.browser
    assert browser.horizontalScrollBar().maximum() == 0
    title = browser.document().begin()
    assert title.begin().fragment().charFormat().font().pixelSize() == 22
    assert title.next().begin().fragment().charFormat().font().pixelSize() == 15
    browser.verticalScrollBar().setValue(40)
    page._show_preview(page.preview)
    assert browser.verticalScrollBar().value() == 40
