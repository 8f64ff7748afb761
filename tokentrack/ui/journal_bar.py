"""What was just done to tasks and links, in a line, with the way back: `Ctrl+Z`, also of what was done before a restart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from tokentrack.ui.asking import Doing
from tokentrack.ui.feed import once
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, STRONG, font, set_role

NOTHING_BACK, NOTHING_AGAIN = "There is nothing to undo.", "There is nothing to redo."
WRITING, WRITING_MS = "Writing …", 200
"""What is said of a change that takes longer than so, as while another program writes."""
T = TypeVar("T")


def stepped(act: Callable[[Deciding], T]) -> Callable[[Deciding], tuple[T, int | None]]:
    """Tells the number of the journal's step that it was as well; None: nothing was written."""
    return lambda to: (act(to), to.journal.went())


class JournalBar(QFrame):
    """Hidden until something was done here. Each `undo` takes back the newest change that stands, wherever it was made; while the
    bar tells of a step it takes back that one or, where a newer one stands, nothing. Another page ends what it told.

    What could not be written is told, and waits here to be tried again until something is.

    What was said last with a way back of its own `undo` takes back first. A page that takes back its own steps alone tells which
    (`undo_one`); `redo` is then of that one.
    """

    changed = Signal(str, bool)
    """What was taken back (True) or done again."""

    def __init__(self, doing: Doing[Deciding]) -> None:
        super().__init__()
        self._doing = doing
        self.way_back: Callable[[], object] | None = None
        self.number: int | None = None
        """Of the step that is told."""
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
        self._later = once(self, self._say_writing)
        doing.slow.connect(lambda: self._later.start(WRITING_MS))
        doing.idle.connect(self._on_idle)

    def _button(self, text: str, name: str, act: Callable[[], None]) -> QPushButton:
        made = QPushButton(text)
        made.setFont(font(BODY, STRONG))
        made.setAccessibleName(name)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard in the list that it is about
        made.clicked.connect(act)
        return made

    def did(self, text: str, number: int | None) -> None:
        """`number` is that of the step, as `stepped` tells it."""
        self._say(text, undo=number is not None)
        self.number = number

    def say(self, text: str, way_back: Callable[[], object] | None = None) -> None:
        """What was done that is no step of the journal, or is one that its page takes back."""
        self._say(text, undo=way_back is not None)
        self.way_back = way_back

    def clear(self) -> None:
        """What could not be written stays to be tried again."""
        self.way_back = self.number = None
        self.setVisible(bool(self._unwritten))

    def went_on(self) -> None:
        """The person does something else: why nothing was done before is no longer of interest."""
        if self.property("role") == "trouble":
            self.clear()

    def hideEvent(self, event: QHideEvent) -> None:
        """With its page: what is done on another one meanwhile is newer."""
        super().hideEvent(event)
        if not event.spontaneous() and not self.isHidden():
            self.clear()

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
        self.undo_one(self._told_step(self.back))

    def undo_one(self, number: int | None) -> None:
        """That step; where a newer one stands it says so, and nothing is undone. None: the newest."""
        self._step(lambda to: to.journal.undo(number), "Undone", NOTHING_BACK)

    def redo(self) -> None:
        number = self._told_step(self.again)
        self._step(lambda to: to.journal.redo(number), "Done again", NOTHING_AGAIN)

    def _told_step(self, button: QPushButton) -> int | None:
        """None: it tells of none, or no longer once what is being written is."""
        return None if button.isHidden() or self._doing.busy else self.number

    def _step(self, step: Callable[[Deciding], str | None], done: str, nothing: str) -> None:
        """After what is still being written."""
        self._doing.do(stepped(step), partial(self._told, done, nothing), self.failed)

    def _told(self, done: str, nothing: str, told: tuple[str | None, int | None]) -> None:
        what, number = told
        if what is None:
            self._say(nothing)
            return
        back = done == "Undone"
        self._say(f"{done}: {_inside(what)}", undo=not back, redo=back)
        self.number = number
        self.changed.emit(what, back)

    def _say_writing(self) -> None:
        if self._doing.busy and not self._unwritten:
            self._say(WRITING)

    def _on_idle(self) -> None:
        """Where nothing is told of what was written, as of what was typed."""
        if self.text.text() == WRITING:
            self.clear()

    def _say(self, text: str, role: str = "notice", undo: bool = False, redo: bool = False) -> None:
        self.way_back = self.number = None
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
