"""The page as PDF, from its HTML. No display is needed; the same HTML and fonts give the same text on the same pages.

Qt notes in a document when it was made, to the second, and gives it a chance id. Neither may leave (product 7.4), so both are
written over: with the day that stands on the page, and an id made of the HTML.
"""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from html import escape, unescape

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QMarginsF, QRectF, QSizeF, Qt, QUrl, QUuid
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
    QTextTableCell,
)

from tokentrack.export import PAPERS
from tokentrack.phrases import listing

A4, LETTER = PAPERS
LETTER_LANDS = frozenset("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split())
"""Where paper is US Letter, as Unicode's CLDR tells it."""
MARGINS_MM = QMarginsF(18, 15, 18, 15)
DPI = 1200
LAID_OUT = 96
"""Dots an inch for which Qt lays a document out, whatever it is painted on."""
EDGE = 0.5
"""What lies so near to the edge of a page, in these dots, is not on it: else the line that begins the next were drawn twice."""
INDENT = 20
"""Of a list, in these dots."""
FOOT = 24
"""Height at the foot of a page for its number, in these dots."""
STYLE = """
body { color: #1c1e21; font-size: 9pt; }
h1 { font-size: 15pt; margin-top: 0px; margin-bottom: 8px; }
h2 { font-size: 11pt; margin-top: 16px; margin-bottom: 5px; }
p { margin-top: 3px; margin-bottom: 3px; }
ul { margin-top: 3px; margin-bottom: 3px; -qt-list-indent: 1; }
li { margin-top: 2px; margin-bottom: 2px; }
table { border-collapse: collapse; }
th { font-size: 8pt; color: #55595f; text-align: left; vertical-align: bottom; border-bottom: 1px solid #8a8f96; }
td { border-bottom: 1px solid #d9dce0; padding-right: 12px; }
td.share { padding-right: 3px; }
.rest { font-style: italic; }
.made { font-size: 7.5pt; color: #55595f; }
"""
"""Qt knows a part of CSS alone, so the page's own style does not serve here."""
FLAG = "\U0001f1e6-\U0001f1ff"
SYMBOL = re.compile(rf"[{FLAG}]{{2}}|[^\x00-\u2000](?:[\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d.)*")
"""A sign beyond those that every font has, with all that is drawn as one with it."""
TAG, ADDRESS = re.compile(r"<[^>]*>"), re.compile(r'(?<= href=")[^"]*')
ENDS_A_STRING = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "()\\"})
"""What begins, ends or escapes a string in a PDF: an address may hold it, and what follows would be read as the file's own."""
STYLED = re.compile(r"<style>.*?</style>", re.DOTALL)
TABLE = '<table width="100%" cellspacing="0" cellpadding="3">'
WRITTEN_AT = re.compile(rb"D:\d{14}[+-]\d{2}'\d{2}'|D:\d{14}Z?")
XMP_AT = re.compile(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")


def _deaf(_: float) -> None: ...


def usual_paper() -> str:
    """Of `export.PAPERS`, the one that printers hold where the person lives, by their locale."""
    land = QLocale.territoryToCode(QLocale.system().territory())
    return LETTER if land in LETTER_LANDS else A4


def usual_font() -> str:
    """The desktop's, as text: a process without a display has another one."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).toString()


def render(
    html: bytes, title: str, created: date, paper: str = A4, font: str = "", told: Callable[[float], object] = _deaf
) -> bytes:
    """Text that can be selected, fonts embedded, pages numbered. The document knows its title and the day on the page.

    `font` is one of `usual_font`; `told` hears now and then which share of the page is laid out.
    """
    with _application():
        usual = _usual(font)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setTitle(title)
        writer.setCreator("tokentrack")
        writer.setResolution(DPI)
        size = QPageSize(QPageSize.PageSizeId.Letter if paper == LETTER else QPageSize.PageSizeId.A4)
        writer.setPageLayout(
            QPageLayout(size, QPageLayout.Orientation.Portrait, MARGINS_MM, QPageLayout.Unit.Millimeter)
        )
        writer.setDocumentXmpMetadata(QByteArray(b""))
        if hasattr(writer, "setDocumentId"):
            writer.setDocumentId(QUuid(str(uuid.uuid5(uuid.NAMESPACE_OID, html.decode()))))
        _paint(writer, _spelled(html.decode(), usual), usual, told)
        buffer.close()
        return _without_time(bytes(data.data()), created)


def unwritten(html: bytes, font: str = "") -> str:
    """Letters of the page that no font on this machine has, each once: they are boxes in a PDF."""
    with _application():
        metrics = QFontMetrics(_sized(_usual(font), 9))
        words = TAG.sub("", html.decode())
        letters = dict.fromkeys(sign for sign in words if unicodedata.category(sign)[0] == "L")
        return "".join(sign for sign in letters if _is_missing(sign, metrics))


def boxes(letters: str) -> str:
    """A sentence about unwritten ones, by the scripts that they are of; "" for none."""
    if not letters:
        return ""
    scripts = dict.fromkeys(unicodedata.name(sign, "unknown").split()[0] for sign in letters)
    called = listing(one if one == "CJK" else one.capitalize() for one in scripts)
    count = f"{len(letters)} of its letters" if len(letters) > 1 else "one of its letters"
    return f"No font here has {count} ({called}): in the PDF boxes stand for them."


def _spelled(html: str, usual: QFont) -> str:
    """With the names of symbols that no font here has, such as `[woman, personal computer]`; others and tags stay."""
    metrics = QFontMetrics(_sized(usual, 9))

    def name(found: re.Match[str]) -> str:
        if TAG.match(found[0]):
            return ADDRESS.sub(_encoded, found[0])
        signs = [sign for sign in found[0] if unicodedata.category(sign) in ("So", "Sm")]
        if not any(_is_missing(sign, metrics) for sign in signs):
            return found[0]
        if re.match(f"[{FLAG}]{{2}}", found[0]):
            return f"[flag {''.join(unicodedata.name(sign)[-1] for sign in signs)}]"
        return f"[{', '.join(unicodedata.name(sign, 'symbol').lower() for sign in signs)}]"

    return re.sub(f"{TAG.pattern}|{SYMBOL.pattern}", name, html)


def _encoded(found: re.Match[str]) -> str:
    """An address by its bytes: Qt writes it into the PDF's string as it is, and `?` for each sign that is not of ASCII."""
    address = unescape(found[0])
    plain = address if address.isascii() else bytes(QUrl(address).toEncoded().data()).decode()
    return escape(plain.translate(ENDS_A_STRING))


def _is_missing(sign: str, metrics: QFontMetrics) -> bool:
    return not metrics.inFontUcs4(ord(sign))


def fill(document: QTextDocument, html: str, style: str = STYLE) -> None:
    """The page in a style that Qt knows."""
    document.setDefaultStyleSheet(style)
    document.setHtml(STYLED.sub("", html).replace("<table>", TABLE))


def _paint(writer: QPdfWriter, html: str, usual: QFont, told: Callable[[float], object]) -> None:
    inside = writer.pageLayout().paintRect(QPageLayout.Unit.Inch).size()
    width, height = int(inside.width() * LAID_OUT), int(inside.height() * LAID_OUT) - FOOT
    document = QTextDocument()
    document.setUseDesignMetrics(True)
    document.setDocumentMargin(0)
    document.setDefaultFont(_sized(usual, 9))
    document.setIndentWidth(INDENT)
    fill(document, html)
    document.setPageSize(QSizeF(width, height))
    _keep_rows(document, height, told)
    _keep_paragraphs(document, height)
    pages = document.pageCount()
    painter = QPainter(writer)
    painter.scale(DPI / LAID_OUT, DPI / LAID_OUT)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * height)
        document.drawContents(painter, QRectF(0, number * height + EDGE, width, height - 2 * EDGE))
        painter.restore()
        painter.setFont(_sized(usual, 7.5))
        foot = QRectF(0, height, width, FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{number + 1} / {pages}")
    painter.end()


def _keep_rows(document: QTextDocument, height: int, told: Callable[[float], object]) -> None:
    """No row of a table is torn in two that has room on a page: the one above it is made longer until Qt turns the page."""
    layout = document.documentLayout()
    for table in (frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)):
        columns = range(table.columns())
        for row in range(2, table.rows()):
            cells = [table.cellAt(row, column) for column in columns]
            top = min(layout.blockBoundingRect(cell.firstCursorPosition().block()).top() for cell in cells)
            end = max(layout.blockBoundingRect(cell.lastCursorPosition().block()).bottom() for cell in cells)
            if _torn(top, end, height):
                _make_longer([table.cellAt(row - 1, column) for column in columns], height - top % height)
                told(row / table.rows())


def _make_longer(cells: Sequence[QTextTableCell], pixels: float) -> None:
    """All cells of a row in one edit: Qt lays the whole document out after each."""
    edit = cells[0].firstCursorPosition()
    edit.beginEditBlock()
    for cell in cells:
        form = cell.format().toTableCellFormat()
        form.setBottomPadding(form.bottomPadding() + pixels)
        cell.setFormat(form)
    _lay_out_again(edit.document())
    edit.endEditBlock()


def _lay_out_again(document: QTextDocument) -> None:
    """All of it: after a change of form alone Qt leaves what follows a table without any height, and it would not be drawn."""
    document.markContentsDirty(0, document.characterCount())


def _keep_paragraphs(document: QTextDocument, height: int) -> None:
    """None is torn in two, and no heading stands at the foot of a page while what it heads begins on the next."""
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid():
        heads = bool(block.blockFormat().headingLevel()) and block.next().isValid()
        top = layout.blockBoundingRect(block).top()
        end = layout.blockBoundingRect(block.next() if heads else block).bottom()
        if QTextCursor(block).currentTable() is None and _torn(top, end, height):
            cursor, form = QTextCursor(block), block.blockFormat()
            form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            cursor.setBlockFormat(form)
            _lay_out_again(document)
        block = block.next()


def _torn(top: float, end: float, height: int) -> bool:
    """Qt draws the line before the first one of a page as well, outside of it: a reader selects it there, and sees nothing."""
    return top // height != (end - 1) // height and end - top < height / 2


def _usual(text: str) -> QFont:
    font = QFont() if text else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if text:
        font.fromString(text)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _sized(usual: QFont, points: float) -> QFont:
    """In pixels of the layout: points would be those of the painter's own resolution."""
    font = QFont(usual)
    font.setPixelSize(round(points * LAID_OUT / 72))
    return font


def _without_time(data: bytes, created: date) -> bytes:
    """Dates are written over in their own length, so that no offset in the document moves."""
    plain = created.strftime("%Y%m%d").encode() + b"000000"

    def info(found: re.Match[bytes]) -> bytes:
        rest = found[0][16:]
        return b"D:" + plain + (b"+00'00'" if len(rest) == 7 else rest)

    def xmp(found: re.Match[bytes]) -> bytes:
        text = f"{created}T00:00:00".encode()
        rest = found[0][19:]
        return text + re.sub(rb"\d", b"0", rest)

    return XMP_AT.sub(xmp, WRITTEN_AT.sub(info, data))


@contextmanager
def _application() -> Iterator[None]:
    """Fonts need an application: the one that runs, or one without a display for as long as this takes."""
    if QGuiApplication.instance() is not None:
        yield
        return
    before = os.environ.get("QT_QPA_PLATFORM")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    made = QGuiApplication(["tokentrack"])
    try:
        yield
    finally:
        shiboken6.delete(made)
        if before is None:
            del os.environ["QT_QPA_PLATFORM"]
        else:
            os.environ["QT_QPA_PLATFORM"] = before
