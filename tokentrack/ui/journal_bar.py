"""What was just done to tasks and links, in a line, with the way back: `Ctrl+Z`, also of what was done before a restart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from tokentrack.ui.asking import Doing
from tokentrack.ui.source_deciding import Deciding, Journal
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, STRONG, font, set_role

NOTHING_BACK, NOTHING_AGAIN = "There is nothing to undo.", "There is nothing to redo."


class JournalBar(QFrame):
    """Hidden until something was done here. Each `undo` takes back the newest change that stands, wherever it was made.

    What could not be written is told, and waits here to be tried again until something is.

    What was said last with a way back of its own `undo` takes back first. A page that takes back its own steps alone tells which
    (`undo_one`); `redo` is then of that one.
    """

    changed = Signal(str, bool)
    """What was taken back (True) or done again."""

    def __init__(self, doing: Doing[Deciding], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doing = doing
        self.way_back: Callable[[], object] | None = None
        self.number: int | None = None
        """Of the step that `undo_one` took back last."""
        self.setProperty("role", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        self.text = Text()
        self.back = self._button("Undo   Ctrl+Z", "Undo", self.undo)
        self.again = self._button("Redo   Ctrl+Shift+Z", "Redo", self.redo)
        self._unwritten: list[Callable[[], object]] = []
        self.retry = self._button("Try again", "Try again", self._try_again)
        row.addWidget(self.text, 1)
        for button in (self.retry, self.back, self.again):
            row.addWidget(button)
        self.hide()

    def _button(self, text: str, name: str, act: Callable[[], None]) -> QPushButton:
        made = QPushButton(text)
        made.setFont(font(BODY, STRONG))
        made.setAccessibleName(name)
        made.clicked.connect(act)
        return made

    def did(self, text: str) -> None:
        self._say(text, undo=True)

    def say(self, text: str, way_back: Callable[[], object] | None = None) -> None:
        """What was done that is no step of the journal, or is one that its page takes back."""
        self._say(text, undo=way_back is not None)
        self.way_back = way_back

    def clear(self) -> None:
        """What could not be written stays to be tried again."""
        self.way_back = None
        self.setVisible(bool(self._unwritten))

    def failed(self, sentence: str, again: Callable[[], object] | None = None) -> None:
        """Why it was not done. `again` does it once more, after what could not be written before it."""
        unwritten = [*self._unwritten, again] if again and again not in self._unwritten else self._unwritten
        self._say(sentence, role="trouble")
        self._unwritten = unwritten
        self.retry.setVisible(bool(unwritten))

    def _try_again(self) -> None:
        unwritten, self._unwritten = self._unwritten, []
        self.hide()
        for again in unwritten:
            again()

    def undo(self) -> None:
        if self.way_back:
            self.way_back()
            return
        self._step(lambda journal: journal.undo(), "Undone", NOTHING_BACK)

    def undo_one(self, number: int) -> None:
        """That step; where a newer one stands it says so, and nothing is undone."""
        self.number = number
        self._step(lambda journal: journal.undo(number), "Undone", NOTHING_BACK)

    def redo(self) -> None:
        number = self.number
        self._step(lambda journal: journal.redo(number), "Done again", NOTHING_AGAIN)

    def _step(self, step: Callable[[Journal], str | None], done: str, nothing: str) -> None:
        """After what is still being written."""
        self._doing.do(lambda to: step(to.journal), lambda what: self._told(what, done, nothing), self.failed)

    def _told(self, what: str | None, done: str, nothing: str) -> None:
        if what is None:
            self._say(nothing)
            return
        back = done == "Undone"
        self._say(f"{done}: {_inside(what)}", undo=not back, redo=back)
        self.changed.emit(what, back)

    def _say(self, text: str, role: str = "notice", undo: bool = False, redo: bool = False) -> None:
        self.way_back = None
        self.text.setText(text)
        self.setAccessibleName(text)
        set_role(self, role)
        self.back.setVisible(undo)
        self.again.setVisible(redo)
        self._unwritten = []
        self.retry.hide()
        self.show()


def _inside(what: str) -> str:
    """A sentence behind a colon: its first word small, unless it is a key such as `PAY-12`."""
    return what[:1].lower() + what[1:] if what[:2].istitle() else what
