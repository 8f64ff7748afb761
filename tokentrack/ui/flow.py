"""Widgets in a row that goes on below where the window is narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Left to right at their own width, `even` at the widest one's, middles in line, then the next row."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, row_gap: int = 8, even: bool = False) -> None:
        super().__init__(parent)
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self._gap, self._row_gap, self._even = gap, row_gap, even
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self._heights.clear()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        self._heights.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt asks for the same width again and again until something in it has another size."""
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """One widget under the other: so narrow it may become."""
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def _arrange(self, rect: QRect, move: bool) -> int:
        """The height that is needed at this width."""
        y = rect.y()
        for row in self._rows(rect.width()):
            high = max(size.height() for _, size in row)
            x = rect.x()
            for item, size in row:
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (high - size.height()) // 2), size))
                x += size.width() + self._gap
            y += high + self._row_gap
        return max(0, y - self._row_gap - rect.y())

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        rows: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        shown = [item for item in self._items if not item.isEmpty()]  # a hidden widget takes no room
        widest = max((item.sizeHint().width() for item in shown), default=0) if self._even else 0
        for item in shown:
            size = item.sizeHint().expandedTo(QSize(widest, 0))
            if size.width() > width:
                size.setWidth(max(width, item.minimumSize().width()))
                if item.hasHeightForWidth():  # a row within the row goes on below as well
                    size.setHeight(item.heightForWidth(size.width()))
            if not rows or used + self._gap + size.width() > width:
                rows.append([])
                used = -self._gap
            rows[-1].append((item, size))
            used += self._gap + size.width()
        return rows


def flow(*widgets: QWidget, gap: int = 8, row_gap: int = 8, even: bool = False) -> QWidget:
    """A widget that holds these in a `Flow`."""
    made = QWidget()
    row = Flow(made, gap, row_gap, even)
    for widget in widgets:
        row.addWidget(widget)
    policy = made.sizePolicy()
    policy.setHeightForWidth(True)
    policy.setVerticalPolicy(policy.Policy.Minimum)
    made.setSizePolicy(policy)
    return made
