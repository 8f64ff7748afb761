"""The page as PDF, from its HTML. No display is needed; the same HTML gives the same text on the same pages.

Qt notes in a document when it was made, to the second, and gives it a chance id. Neither may leave (product 7.4), so both are
written over: with the day that stands on the page, or none, and an id made of the HTML.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QUuid
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

MARGINS_MM = QMarginsF(18, 15, 18, 15)
DPI = 1200
LAID_OUT = 96
"""Dots an inch for which Qt lays a document out, whatever it is painted on."""
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
td { border-bottom: 1px solid #d9dce0; }
.rest { font-style: italic; }
.made { font-size: 7.5pt; color: #55595f; }
"""
"""Qt knows a part of CSS alone, so the page's own style does not serve here."""
STYLED = re.compile(r"<style>.*?</style>", re.DOTALL)
TABLE = '<table width="100%" cellspacing="0" cellpadding="3">'
WRITTEN_AT = re.compile(rb"D:\d{14}[+-]\d{2}'\d{2}'|D:\d{14}Z?")
XMP_AT = re.compile(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")


def render(html: bytes, title: str, created: date | None = None, *, letter: bool = False) -> bytes:
    """A4, or US Letter; text that can be selected, fonts embedded, pages numbered. The document knows its title."""
    with _application():
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setTitle(title)
        writer.setCreator("tokentrack")
        writer.setResolution(DPI)
        size = QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4)
        writer.setPageLayout(
            QPageLayout(size, QPageLayout.Orientation.Portrait, MARGINS_MM, QPageLayout.Unit.Millimeter)
        )
        writer.setDocumentXmpMetadata(QByteArray(b""))
        if hasattr(writer, "setDocumentId"):
            writer.setDocumentId(QUuid(str(uuid.uuid5(uuid.NAMESPACE_OID, html.decode()))))
        _paint(writer, html.decode())
        buffer.close()
        return _without_time(bytes(data.data()), created)


def fill(document: QTextDocument, html: str) -> None:
    """The page in a style that Qt knows."""
    document.setDefaultStyleSheet(STYLE)
    document.setHtml(STYLED.sub("", html).replace("<table>", TABLE))


def _paint(writer: QPdfWriter, html: str) -> None:
    inside = writer.pageLayout().paintRect(QPageLayout.Unit.Inch).size()
    width, height = int(inside.width() * LAID_OUT), int(inside.height() * LAID_OUT) - FOOT
    document = QTextDocument()
    document.setUseDesignMetrics(True)
    document.setDocumentMargin(0)
    document.setDefaultFont(_font(9))
    fill(document, html)
    document.setPageSize(QSizeF(width, height))
    _keep_headings(document, height)
    pages = document.pageCount()
    painter = QPainter(writer)
    painter.scale(DPI / LAID_OUT, DPI / LAID_OUT)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * height)
        document.drawContents(painter, QRectF(0, number * height, width, height))
        painter.restore()
        painter.setFont(_font(7.5))
        foot = QRectF(0, height, width, FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{number + 1} / {pages}")
    painter.end()


def _keep_headings(document: QTextDocument, height: int) -> None:
    """No heading stands at the foot of a page while what it heads begins on the next."""
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid() and block.next().isValid():
        here, after = layout.blockBoundingRect(block), layout.blockBoundingRect(block.next())
        if block.blockFormat().headingLevel() and int(here.top() // height) != int((after.bottom() - 1) // height):
            cursor = QTextCursor(block)
            form = block.blockFormat()
            form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            cursor.setBlockFormat(form)
        block = block.next()


def _font(points: float) -> QFont:
    """In pixels of the layout: points would be those of the painter's own resolution."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setPixelSize(round(points * LAID_OUT / 72))
    return font


def _without_time(data: bytes, created: date | None) -> bytes:
    """Dates are written over in their own length, so that no offset in the document moves."""
    day = (created or date(2000, 1, 1)).strftime("%Y%m%d").encode()
    plain = day + b"000000"

    def info(found: re.Match[bytes]) -> bytes:
        rest = found[0][16:]
        return b"D:" + plain + (b"+00'00'" if len(rest) == 7 else rest)

    def xmp(found: re.Match[bytes]) -> bytes:
        text = f"{created or date(2000, 1, 1)}T00:00:00".encode()
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
