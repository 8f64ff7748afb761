"""The pages of a PDF as any viewer draws them: of the very bytes that would be saved, not of what they were made from."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from tokentrack.ui.feed import once
from tokentrack.ui.theme import LIGHT

if TYPE_CHECKING:
    import pypdfium2

GAP = 12
BROKEN_AT_HYPHEN = "\x02"
"""In place of the hyphen at which a line ends, and of its end."""
KEPT = 4
"""Pages that are held drawn: more than a window shows at once, and few, since each takes some megabytes."""


class Sheets(QAbstractScrollArea):
    """Sheets of paper below each other, as wide as there is room. Only those in sight are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The pages as they would leave")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._document: pypdfium2.PdfDocument | None = None
        self._sizes: list[tuple[float, float]] = []
        """Of each page, in points."""
        self._tops = [0]
        self._drawn = lru_cache(KEPT)(self._draw)
        self._heard: list[str] = []
        self._telling = once(self, self._tell)
        if app := QCoreApplication.instance():
            app.aboutToQuit.connect(self.close_file)

    def put(self, data: bytes) -> None:
        """Shows this file from its beginning."""
        import pypdfium2  # the page is shown before any PDF is

        self.close_file()
        self._document = pypdfium2.PdfDocument(data)
        self._sizes = [self._document.get_page_size(at) for at in range(len(self._document))]
        self._heard = []
        self._telling.start(0)
        self._lay_out()
        self.verticalScrollBar().setValue(0)

    def close_file(self) -> None:
        """Shows nothing any more. pypdfium2 complains of a document that is open when the interpreter ends."""
        self._drawn.cache_clear()
        self._sizes = []
        if self._document is not None:
            self._document.close()
            self._document = None
        self._lay_out()

    @property
    def text(self) -> str:
        """What a reader can select in it, page after page."""
        return "\n".join(self._text_of(at) for at in range(len(self._sizes)))

    def _text_of(self, at: int) -> str:
        assert self._document is not None
        return str(self._document[at].get_textpage().get_text_bounded()).replace(BROKEN_AT_HYPHEN, "-")

    def _tell(self) -> None:
        """For screen readers, a page at a time: all pages of a long file take seconds."""
        if len(self._heard) < len(self._sizes):
            self._heard.append(self._text_of(len(self._heard)))
            self._telling.start(0)
        else:
            self.setAccessibleDescription("\n".join(self._heard))

    def _lay_out(self) -> None:
        """Where each sheet begins, and last where the next would, in pixels."""
        width = self._width
        heights = [round(width * tall / wide) + GAP for wide, tall in self._sizes]
        self._tops = list(accumulate(heights, initial=0))
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(room)
        bar.setSingleStep(GAP * 2)
        bar.setRange(0, max(0, self._tops[-1] - GAP - room))

    @property
    def _width(self) -> int:
        return max(1, self.viewport().width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """To the beginning and the end, as in the views of the other formats."""
        bar = self.verticalScrollBar()
        ends = {Qt.Key.Key_Home: bar.minimum(), Qt.Key.Key_End: bar.maximum()}
        if (to := ends.get(Qt.Key(event.key()))) is not None:
            bar.setValue(to)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        above, room = self.verticalScrollBar().value(), self.viewport().height()
        for at, (top, after) in enumerate(zip(self._tops, self._tops[1:], strict=False)):
            if top < above + room and after - GAP > above:
                sheet = self._drawn(at, self._width, self.devicePixelRatioF())
                painter.drawImage(QPoint(0, top - above), sheet)
                painter.setPen(QColor(LIGHT.line))
                painter.drawRect(0, top - above, self._width - 1, after - GAP - top - 1)
        painter.end()

    def _draw(self, at: int, width: int, ratio: float) -> QImage:
        assert self._document is not None
        page = self._document[at]
        drawn = page.render(scale=width * ratio / page.get_width(), prefer_bgrx=True)
        made = QImage(drawn.buffer, drawn.width, drawn.height, drawn.stride, QImage.Format.Format_RGB32).copy()
        made.setDevicePixelRatio(ratio)
        return made
