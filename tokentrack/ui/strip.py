"""The strip at a page's top that says what is wrong, what it means for the figures, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tokentrack.ui.feed import Feed
from tokentrack.ui.frame import clear
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, label
from tokentrack.ui.words import plural, problem

MOST = 3


class Problems(QFrame):
    """One sentence each; hidden while all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "trouble")
        self.setAccessibleName("Problems")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(6)
        self.sentences: tuple[str, ...] = ()
        self.retry: QPushButton | None = None
        self.hide()

    def put(self, sentences: tuple[str, ...], again: Callable[[], object] | None = None) -> None:
        """`again` asks once more for what the first sentence says could not be told."""
        if sentences == self.sentences and (again is None) == (self.retry is None):
            return
        self.sentences = sentences
        self._clear()
        for sentence in sentences[:MOST]:
            self._column.addLayout(self._line(sentence, again if sentence is sentences[0] else None))
        if len(sentences) > MOST:
            more = f"{plural(len(sentences) - MOST, 'more problem')}. “tokentrack doctor” lists all."
            self._column.addWidget(label(more, CAPTION, role="secondary"))
        self.setAccessibleDescription(" ".join(sentences))
        self.setVisible(bool(sentences))

    def _line(self, sentence: str, again: Callable[[], object] | None) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(Text(sentence), 1)
        if again:
            self.retry = QPushButton("Try again")
            self.retry.setFont(font(BODY, STRONG))
            self.retry.clicked.connect(again)
            row.addWidget(self.retry)
        return row

    def _clear(self) -> None:
        self.retry = None
        clear(self._column)


class PageProblems(Problems):
    """What the readers say of their logs; before it what went wrong when the page itself asked, until it is answered.

    `again` asks once more.
    """

    def __init__(self, feed: Feed, again: Callable[[], object]) -> None:
        super().__init__()
        self._feed, self._again, self._fault = feed, again, ""

    def say(self, fault: str) -> None:
        """Empty: it was answered."""
        self._fault = fault
        self.refresh()

    def refresh(self) -> None:
        fault = (self._fault,) if self._fault else ()
        self.put(tuple(dict.fromkeys((*fault, *sentences(self._feed)))), self._again if fault else None)


class Notice(QFrame):
    """Something worth saying once, with the one button that ends it. `ended` when the person has read it."""

    ended = Signal()

    def __init__(self, text: str, button: str = "Understood", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        self.words = Text(text)
        self.button = QPushButton(button)
        self.button.setFont(font(BODY, STRONG))
        self.button.clicked.connect(self.end)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def end(self) -> None:
        self.hide()
        self.ended.emit()

    def say(self, text: str, button: str = "Understood") -> None:
        self.words.setText(text)
        self.setAccessibleName(text)
        self.button.setText(button)


def sentences(feed: Feed) -> tuple[str, ...]:
    """The reader's error first, then what single logs have to say."""
    problems = map(problem, feed.glance.health.problems if feed.glance else ())
    first = (feed.status.error,) if feed.status.error else ()
    return first + tuple(sentence for sentence in problems if sentence not in first)
