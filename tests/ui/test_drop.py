"""A usage export dropped on the window is imported, anything else is refused (issue 3: import by drag and drop)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cursor_csv_files import NEW, row
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.samples import Memory

from tokentrack.store import open_store
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.windows.main import MainWindow


def dropped(window: MainWindow, *urls: QUrl) -> bool:
    """A drag onto the window and a drop, as Qt delivers them. Returns whether the window took it."""
    data = QMimeData()
    data.setUrls(list(urls))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 200), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    drop = QDropEvent(QPointF(300, 200), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, drop)
    return drop.isAccepted()


@pytest.fixture
def window(qtbot: QtBot, source: Memory, feed: Feed) -> MainWindow:
    made = MainWindow(feed, source)
    qtbot.addWidget(made)
    made.raise_up()
    return made


def test_an_export_is_imported_and_said(qtbot: QtBot, window: MainWindow, source: Memory, tmp_path: Path) -> None:
    for name in ("usage.csv", "USAGE 2.CSV"):
        file = tmp_path / name
        assert dropped(window, QUrl.fromLocalFile(str(file)))
        assert source.calls[-1] == f"import {file}"
        assert window.imported is not None
        qtbot.waitUntil(window.imported.isVisible)
        assert name in window.imported.accessibleName()


@pytest.mark.parametrize(
    "urls", [["file:///tmp/a.png"], ["https://example.test/a.csv"], [], ["file:///a.csv", "file:///b.csv"]]
)
def test_nothing_else_is_taken(window: MainWindow, source: Memory, urls: list[str]) -> None:
    assert not dropped(window, *map(QUrl, urls))
    assert not [call for call in source.calls if call.startswith("import")]


def test_the_core_imports_it(
    qtbot: QtBot, home: Path, empty_store: Path, tmp_path: Path, feed_of: Callable[[Live], Feed]
) -> None:
    store = Path(os.environ["TOKENTRACK_STORE"])
    store.parent.mkdir(parents=True)
    store.write_bytes(empty_store.read_bytes())
    file = tmp_path / "usage.csv"
    file.write_text("\n".join([NEW, row("2026-11-18T10:00:00.000Z")]), encoding="utf-8")
    live = Live(store, home)
    window = MainWindow(feed_of(live), live)
    qtbot.addWidget(window)
    window.raise_up()
    for said in ("1 new of 1 rows", "Nothing new in 1 rows"):
        assert dropped(window, QUrl.fromLocalFile(str(file)))
        assert window.imported is not None
        assert said in window.imported.accessibleName()
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert dropped(window, QUrl.fromLocalFile(str(tmp_path / "other.csv")))
    assert "is no usage export of Cursor" in window.imported.accessibleName()
    live.stop()
    with closing(open_store(store)) as db:
        assert db.execute("select count(*) from account_usage").fetchone()[0] == 1
