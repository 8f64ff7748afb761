"""The second page: every byte that would leave, as it is; what stands on every page, and what may be added."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui.export.parts import Open, look, previewed, retitled
from ui.keyboard import KEY, Keyboard

from tokentrack.export.page import NOT_COMPARABLE
from tokentrack.ui import pdf
from tokentrack.ui.windows.export import CHOOSE, PREVIEW, SAVE


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


QUITTING = """
import io, weakref
weakref.finalize(io.BytesIO(), int)  # as the app has long done by the time of a PDF: what ends first is settled by that
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tokentrack.ui.export_sheets import Sheets
qt, sheets, made = QApplication([]), Sheets(), io.BytesIO()
import pypdfium2
with pypdfium2.PdfDocument.new() as paper:
    paper.new_page(100, 100)
    paper.save(made)
sheets.put(made.getvalue())
QTimer.singleShot(0, qt.quit)
qt.exec()
"""


def test_quitting_after_a_pdf_was_shown_says_nothing() -> None:
    """The library told the terminal of a file that was still open."""
    done = subprocess.run([sys.executable, "-c", QUITTING], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


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
