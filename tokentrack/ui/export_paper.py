"""The bytes that would leave, as a reader sees them. Nothing is fetched and nothing is opened."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QTextBrowser

from tokentrack.ui import pdf
from tokentrack.ui.source import Preview
from tokentrack.ui.theme import BODY, CAPTION, LIGHT, font, palette_of

RENDERED = ("html", "pdf")


class Browser(QTextBrowser):
    """Paper is white in either theme. No resource is loaded, whatever the document asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font(BODY))
        self.setAccessibleName("The page as it would leave")
        self.setOpenLinks(False)
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.setPalette(palette_of(LIGHT))
        self.setStyleSheet(
            f"QTextBrowser {{ background: {LIGHT.window}; border: 1px solid {LIGHT.line}; border-radius: 6px; }}"
        )
        self.document().setDocumentMargin(12)
        self.asked: list[str] = []

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Called for whatever a document would fetch."""
        self.asked.append(name.toString() if isinstance(name, QUrl) else name)
        return None


class Paper(QStackedWidget):
    """HTML, and the HTML of which a PDF is made, as a page; the other formats letter by letter."""

    def __init__(self) -> None:
        super().__init__()
        self.browser, self.plain = Browser(), QPlainTextEdit()
        self.plain.setReadOnly(True)
        self.plain.setAccessibleName("The text of the file as it would leave")
        self.plain.setFont(_mono())
        self.plain.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.addWidget(self.browser)
        self.addWidget(self.plain)

    def put(self, preview: Preview) -> None:
        text = preview.data.decode()
        if preview.format in RENDERED:
            pdf.fill(self.browser.document(), text)
            self.setCurrentWidget(self.browser)
        else:
            self.plain.setPlainText(text)
            self.setCurrentWidget(self.plain)

    @property
    def shown(self) -> str:
        """The words that are seen."""
        rendered = self.currentWidget() is self.browser
        return self.browser.toPlainText() if rendered else self.plain.toPlainText()


def _mono() -> QFont:
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(font(CAPTION).pixelSize() + 1)
    return made
