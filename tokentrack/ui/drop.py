"""A usage export dropped on a window: it is imported on a thread of its own; whatever else is dropped is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from tokentrack.ui import words
from tokentrack.ui.asking import Asking, Hand
from tokentrack.ui.source import Importing
from tokentrack.ui.strip import Notice
from tokentrack.ui.theme import EMPHASIS, STRONG, label

ENDING = ".csv"


def export_in(data: QMimeData) -> Path | None:
    """The one file of a drop, if it may be a usage export."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() == ENDING else None


class Drop(QObject):
    """Watches a window for drops, and says over it that a file may be dropped."""

    dropped = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.hint = label("", EMPHASIS, STRONG, parent=window)
        self.hint.setObjectName("drop")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            path = export_in(event.mimeData())
            if path is None:
                event.ignore()
                return True
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self.hint.hide()
                self.dropped.emit(path)
            elif event.type() == QEvent.Type.DragEnter:
                self._show_hint(path)
            return True
        if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Hide):
            self.hint.hide()
        return False

    def _show_hint(self, path: Path) -> None:
        self.hint.setText(f"Drop it to import {words.cut(path.name, 40)}")
        self.hint.setGeometry(self._window.rect().adjusted(8, 8, -8, -8))
        self.hint.show()
        self.hint.raise_()


class Stopped(Exception):
    """The person, or the end of the app, stopped an import."""


class Importer(Notice):
    """Imports a file and says how far it is, then what came of it. `imported` when rows may have been added.

    A stop, or the end of the app, ends it between two lots of rows: what is in stays, and the same file adds the rest.
    """

    imported = Signal()

    def __init__(self, path: Path, open_: Callable[[], Importing]) -> None:
        super().__init__(f"Importing {path.name}", "Stop")
        self._name = path.name
        self.done = False
        self._asking: Asking[Importing] = Asking(open_, self)

        def work(importing: Importing, hand: Hand) -> str:
            def told(share: float) -> None:
                if not hand.go_on():
                    raise Stopped
                hand.tell(share)

            return importing.import_usage(path, told)

        self._asking.ask("import", work, self._on_told, self._finish)

    def end(self) -> None:
        if self.done:
            super().end()
        else:
            self._finish(
                f"Stopped importing {self._name}. Rows that are in stay; dropped again, the file adds the rest."
            )

    def _on_told(self, told: float | str) -> None:
        if isinstance(told, str):
            self._finish(told)
        else:
            self.say(f"Importing {self._name}: {words.percent(told)}", "Stop")

    def _finish(self, text: str) -> None:
        self.done = True
        self._asking.rest()
        self.say(text)
        self.imported.emit()
