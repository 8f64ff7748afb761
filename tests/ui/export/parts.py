"""What the tests of the export window share: the way to a page that is shown, and what is changed in the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from tokentrack.store import tasks, transaction, write
from tokentrack.ui import pdf
from tokentrack.ui.windows.export import PREVIEW, Page

Open = Callable[[], Page]


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
