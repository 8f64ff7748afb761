"""The bytes that would leave, as a reader sees them. Nothing is fetched and nothing is opened."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QTextBrowser

from tokentrack.ui import pdf
from tokentrack.ui.export_sheets import Sheets
from tokentrack.ui.theme import CAPTION, LIGHT, font, palette_of

STYLE = """
body { color: #1c1e21; font-size: 15px; }
h1 { margin-top: 0px; margin-bottom: 11px; }
h2 { margin-top: 24px; margin-bottom: 6px; }
p, li { line-height: 125%; margin-top: 6px; margin-bottom: 6px; }
li { margin-top: 0px; margin-bottom: 0px; }
ul { -qt-list-indent: 1; margin-top: 6px; margin-bottom: 6px; }
table { border-collapse: collapse; margin-top: 6px; }
th { font-size: 13px; color: #55595f; text-align: left; vertical-align: bottom; border-bottom: 1px solid #8a8f96; }
td { border-bottom: 1px solid #d9dce0; }
.rest { font-style: italic; }
.made { font-size: 12px; color: #55595f; }
"""
"""The look of resources/export/page.html.j2 as far as Qt can draw it: it knows no rules in relation to a font or a window."""
HEADED = 11
"""Pixels of the letters by which Qt sizes headings, whatever a style says: twice, and one and a half times."""
PART_OF_WIDTH = re.compile(r' width="\d+%"')
"""Of columns: Qt holds to it where the words need more, a browser does not."""
WIDE = 714
"""Pixels beyond which the page grows no wider: 46 of its letters, and the space beside them."""


class Browser(QTextBrowser):
    """Paper is white in either theme. No resource is loaded, whatever the document asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font(HEADED))
        self.setAccessibleName("The page as it would leave")
        self.setOpenLinks(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setPalette(palette_of(LIGHT))
        self.setStyleSheet(
            f"QTextBrowser {{ background: {LIGHT.window}; border: 1px solid {LIGHT.line}; border-radius: 6px; }}"
        )
        self.document().setDocumentMargin(12)
        self.asked: list[str] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside = max(0, (self.width() - WIDE) // 2)
        self.setViewportMargins(beside, 0, beside, 0)
        super().resizeEvent(event)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Called for whatever a document would fetch."""
        self.asked.append(name.toString() if isinstance(name, QUrl) else name)
        return None


class Paper(QStackedWidget):
    """A file as it would leave, in the way its format is read."""

    def __init__(self) -> None:
        super().__init__()
        self.browser, self.sheets, self.plain = Browser(), Sheets(), QPlainTextEdit()
        self._held = "", b""
        self.in_sight: Browser | Sheets | QPlainTextEdit = self.plain
        self.plain.setReadOnly(True)
        self.plain.setAccessibleName("The text of the file as it would leave")
        self.plain.setFont(_mono())
        self.plain.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for view in (self.browser, self.sheets, self.plain):
            self.addWidget(view)

    def put(self, format: str, data: bytes) -> None:  # noqa: A002
        """What is shown already stays as it is, where the reader has scrolled to."""
        if (format, data) == self._held:
            return
        self._held = format, data
        if format == "pdf":
            self.in_sight = self.sheets
            self.sheets.put(data)
        elif format == "html":
            self.in_sight = self.browser
            pdf.fill(self.browser.document(), PART_OF_WIDTH.sub("", data.decode()), STYLE)
        else:
            self.in_sight = self.plain
            self.plain.setPlainText(data.decode())
        self.setCurrentWidget(self.in_sight)

    @property
    def shown(self) -> str:
        """The words that are seen."""
        return self.in_sight.text if isinstance(self.in_sight, Sheets) else self.in_sight.toPlainText()


def _mono() -> QFont:
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(font(CAPTION).pixelSize() + 1)
    return made
