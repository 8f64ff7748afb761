"""What pages share: margins, a title with what and when at the right, the keys and the button at the foot, a scroll area."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tokentrack.ui.flow import flow
from tokentrack.ui.theme import BODY, CAPTION, STRONG, TITLE, font, label

MARGIN, GAP = 24, 16
HEAD, UNDER_HEAD = 32, 4
"""How high a page's head is, as its keys are; and what a page whose parts are 12 apart puts under it, so that all begin alike."""
BAR = 12
"""How wide a scroll bar is, as the stylesheet draws it."""


def header(title: str) -> tuple[QHBoxLayout, QLabel, QLabel]:
    row = QHBoxLayout()
    left = label(title, TITLE, STRONG)
    left.setMinimumHeight(HEAD)
    right = label("", CAPTION, role="secondary")
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right, 0, Qt.AlignmentFlag.AlignVCenter)
    return row, left, right


def primary(text: str, act: Callable[[], object]) -> QPushButton:
    """The button of the one thing that most come for."""
    made = QPushButton(text)
    made.setFont(font())
    made.setProperty("role", "primary")
    made.clicked.connect(act)
    return made


def link(text: str, name: str = "") -> QPushButton:
    """Words that do something. `name` is what a screen reader says where the words alone do not tell it."""
    made = QPushButton(text)
    made.setFont(font(CAPTION))
    made.setProperty("role", "link")
    made.setAccessibleName(name)
    return made


def head_link(text: str, name: str) -> QPushButton:
    """Beside what the keyboard walks, such as at the right of a heading: a click on it leaves the keyboard where it is."""
    made = link(text, name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def picture_head(title: QWidget, *links: QWidget) -> QHBoxLayout:
    """What a picture is called, and at its right what leads elsewhere from it."""
    row = QHBoxLayout()
    row.setSpacing(16)
    row.addWidget(title, 1)
    for part in links:
        row.addWidget(part)
    return row


def foot(hints: Iterable[QWidget], button: QPushButton) -> QHBoxLayout:
    """A page's keys, and its primary button at the right."""
    row = QHBoxLayout()
    row.setSpacing(GAP)
    row.addWidget(flow(*hints, gap=12, row_gap=0), 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
    return row


def section(title: str) -> QLabel:
    return label(title, BODY, STRONG)


def in_dialog(dialog: QDialog) -> QVBoxLayout:
    """The layout to fill of a dialog: all have the same margins."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(MARGIN, 20, MARGIN, GAP)
    column.setSpacing(12)
    return column


def card() -> tuple[QFrame, QVBoxLayout]:
    made = QFrame()
    made.setProperty("role", "card")
    column = QVBoxLayout(made)
    column.setContentsMargins(16, 14, 16, 14)
    column.setSpacing(2)
    return made, column


def scrolling(page: QWidget) -> QVBoxLayout:
    """Gives `page` a scroll area that grows with the window, and returns the layout to fill."""
    around = QVBoxLayout(page)
    around.setContentsMargins(0, 0, 0, 0)
    area = QScrollArea(page)
    around.addWidget(area)
    column = plain_area(area, MARGIN, GAP)
    keep_edge(area, column)
    return column


def keep_edge(area: QScrollArea, column: QVBoxLayout) -> None:
    """The bar comes and goes within the page's margin, so that nothing moves and right edges stay in line."""

    def fit(_: int, scrolled: int) -> None:
        margins = column.contentsMargins()
        margins.setRight(MARGIN - (BAR if scrolled else 0))
        column.setContentsMargins(margins)

    area.verticalScrollBar().rangeChanged.connect(fit)


def plain_area(area: QScrollArea, margin: int = 0, gap: int = 8) -> QVBoxLayout:
    """Makes a scroll area look like what it lies on, and returns the layout to fill."""
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inner = QWidget()
    inner.setObjectName("page")
    column = QVBoxLayout(inner)
    column.setContentsMargins(margin, margin, margin, margin)
    column.setSpacing(gap)
    area.setWidget(inner)
    return column


def clear(layout: QLayout) -> None:
    """Takes out all that is in a layout; it is gone from the screen at once."""
    while item := layout.takeAt(0):
        if inner := item.layout():
            clear(inner)
        elif widget := item.widget():
            widget.hide()
            widget.deleteLater()
