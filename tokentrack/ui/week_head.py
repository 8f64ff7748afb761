"""The head of a week's review: the step's title, the week, and the way to other weeks."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokentrack import clock
from tokentrack.ui import words
from tokentrack.ui.frame import HEAD, UNDER_HEAD, head_link
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, TITLE, font, label


class WeekHead(QWidget):
    """`turned` asks for another week, so many earlier or later."""

    turned = Signal(int)

    def __init__(self, keys: KeyHint) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, UNDER_HEAD)
        row.setSpacing(4)
        self.title = Elided("", TITLE, STRONG)
        self.title.setMinimumHeight(HEAD)
        self.when = label("", CAPTION, role="secondary")
        self.earlier, self.later = head_link("‹", "Earlier week"), head_link("›", "Later week")
        for button, pressed, by in ((self.earlier, "Alt ←", -1), (self.later, "Alt →", 1)):
            button.setProperty("role", "gear")
            button.setFont(font(EMPHASIS))
            button.setToolTip(pressed)
            button.clicked.connect(lambda _=False, by=by: self.turned.emit(by))
        row.addWidget(self.title)
        row.addStretch(1)
        for part in (self.earlier, self.when, self.later, keys):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)

    def put(self, monday: date, first: date, place: str, room: int) -> None:
        """`first` is the Monday of the first week there is; `place` names the step.

        In so many pixels the title is whole: the days give way to it, then the step, then its size.
        """
        week = f"Week {monday.isocalendar().week}"
        for size, text in (
            (TITLE, f"{week} · {days(monday)}{place}"),
            (TITLE, f"{week}{place}"),
            (TITLE, week),
            (EMPHASIS, week),
        ):
            self.title.setFont(font(size, STRONG))
            self.when.setText(text)
            if self.sizeHint().width() <= room:
                break
        self.when.setToolTip(days(monday))
        self.earlier.setEnabled(monday > first)
        self.later.setEnabled(monday < clock.monday_of(clock.today()))


def days(monday: date) -> str:
    """`16 to 22 Nov`, `30 Nov to 6 Dec`."""
    last = monday + 6 * clock.DAY
    month = "" if monday.month == last.month else f" {words.MONTHS[monday.month - 1]}"
    year = "" if last.year == clock.today().year else f" {last.year}"
    return f"{monday.day}{month} to {last.day} {words.MONTHS[last.month - 1]}{year}"
