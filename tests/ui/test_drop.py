"""A usage export dropped on the window is imported, anything else is refused (issue 3: import by drag and drop)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from cursor_csv_files import NEW, row
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.samples import Memory

from tokentrack.store import open_store
from tokentrack.ui.drop import Importer
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
        assert window.imported is not None
        assert window.imported.accessibleName() == f"Importing {name}"
        qtbot.waitUntil(lambda: window.imported.done)
        assert f"import {file}" in source.calls
        assert window.imported.isVisible()
        assert window.imported.accessibleName() == f"2 new of 2 rows in {name}."
        assert [notice.isVisible() for notice in window.findChildren(Importer)].count(True) == 1


def test_the_window_says_that_a_file_may_be_dropped(window: MainWindow) -> None:
    """Nothing told whether the window would take it."""

    def drag(name: str) -> bool:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(name)])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
        return window.drop.hint.isVisible()

    assert not drag("/tmp/a.png")
    assert drag("/tmp/usage.csv")
    assert window.drop.hint.text() == "Drop it to import usage.csv"
    assert window.rect().contains(window.drop.hint.geometry())
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.drop.hint.isVisible()
    assert dropped(window, QUrl.fromLocalFile("/tmp/usage.csv"))
    assert not window.drop.hint.isVisible()


@pytest.mark.parametrize(
    "urls", [["file:///tmp/a.png"], ["https://example.test/a.csv"], [], ["file:///a.csv", "file:///b.csv"]]
)
def test_nothing_else_is_taken(window: MainWindow, source: Memory, urls: list[str]) -> None:
    assert not dropped(window, *map(QUrl, urls))
    assert not [call for call in source.calls if call.startswith("import")]


@pytest.fixture
def store(empty_store: Path) -> Path:
    made = Path(os.environ["TOKENTRACK_STORE"])
    made.parent.mkdir(parents=True)
    made.write_bytes(empty_store.read_bytes())
    return made


@pytest.fixture
def core(qtbot: QtBot, home: Path, store: Path, feed_of: Callable[[Live], Feed]) -> Iterator[MainWindow]:
    """A window over a real store."""
    live = Live(store, home)
    made = MainWindow(feed_of(live), live)
    qtbot.addWidget(made)
    made.raise_up()
    yield made
    live.stop()


def rows_in(store: Path) -> int:
    with closing(open_store(store)) as db:
        return db.execute("select count(*) from account_usage").fetchone()[0]


def test_the_core_imports_it(qtbot: QtBot, core: MainWindow, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text("\n".join([NEW, row("2026-11-18T10:00:00.000Z")]), encoding="utf-8")
    for said in ("1 new of 1 rows", "Nothing new in 1 rows"):
        assert dropped(core, QUrl.fromLocalFile(str(file)))
        qtbot.waitUntil(lambda: core.imported.done)
        assert said in core.imported.accessibleName()
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert dropped(core, QUrl.fromLocalFile(str(tmp_path / "other.csv")))
    qtbot.waitUntil(lambda: core.imported.done)
    assert "is no usage export of Cursor" in core.imported.accessibleName()
    assert rows_in(store) == 1


ROWS = 8_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "large.csv"
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    moments = ((begin + timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%S.000Z") for n in range(ROWS))
    file.write_text("\n".join([NEW, *map(row, moments)]), encoding="utf-8")
    return file


def test_the_window_stays_usable_while_a_large_file_is_imported(
    qtbot: QtBot, core: MainWindow, store: Path, large: Path
) -> None:
    """It is read on another thread; how far it is stands in the window."""
    assert dropped(core, QUrl.fromLocalFile(str(large)))
    notice = core.imported
    assert not notice.done  # the drop came back at once
    told: list[str] = []
    waits: list[float] = []
    while not notice.done:
        began = monotonic()
        qtbot.wait(10)
        waits.append(monotonic() - began)
        told.append(notice.accessibleName())
    assert any("%" in text for text in told)
    assert sorted(waits)[len(waits) // 2] < 0.2
    assert f"{ROWS:,} new of {ROWS:,} rows" in notice.accessibleName()
    assert notice.button.text() == "Understood"
    assert rows_in(store) == ROWS


@pytest.mark.parametrize("by", ["stop", "quit"])
def test_an_import_that_is_stopped_loses_nothing(
    qtbot: QtBot, core: MainWindow, store: Path, large: Path, by: str
) -> None:
    """What is in stays, and the same file again adds the rest."""
    assert dropped(core, QUrl.fromLocalFile(str(large)))
    notice = core.imported
    qtbot.waitUntil(lambda: "%" in notice.accessibleName())
    if by == "stop":
        notice.button.click()
        assert notice.accessibleName().startswith("Stopped importing large.csv.")
        assert notice.isVisible()
    else:
        notice._asking.stop()
    notice._asking.stop()
    assert not notice._asking._thread.is_alive()
    before = rows_in(store)
    assert before < ROWS
    assert dropped(core, QUrl.fromLocalFile(str(large)))
    again = core.imported
    qtbot.waitUntil(lambda: again.done, timeout=20_000)
    assert f"{ROWS - before:,} new of {ROWS:,} rows" in again.accessibleName()
    assert rows_in(store) == ROWS
