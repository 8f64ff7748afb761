"""What the steps of a review have in common, and the line of text that leads on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from tokentrack.ui.feed import once
from tokentrack.ui.frame import plain_area
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.theme import font

if TYPE_CHECKING:
    from tokentrack.review.steps import Steps

TYPED_MS = 300
"""A pause in typing after which what is typed is kept."""


class Step(QWidget):
    """`answered` asks to write what is shown already, `failed` says why it cannot be, `moved` that the place is another.

    `passed` leads on, `kept` tells fields of the draft. Enter leads on inside a step first, then to the next one.
    """

    title = ""
    word = "Next"
    enter = "↵"
    """What leads on, as the button tells it."""
    answered = Signal(object)
    """Takes `Deciding`, and returns what was done in a sentence."""
    failed = Signal(str)
    moved = Signal()
    passed = Signal()
    kept = Signal(dict)
    why_asked = Signal(object)
    settings_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hints: list[KeyHint] = []
        self.setAccessibleName(self.title)

    def scrolling(self) -> QVBoxLayout:
        """Where the step's parts go; they scroll where the window is low."""
        self.around = QVBoxLayout(self)
        self.around.setContentsMargins(0, 0, 0, 0)
        self.area = QScrollArea(self)
        self.around.addWidget(self.area)
        return plain_area(self.area, 0, 12)

    def key(self, keys: str, act: Callable[[], object]) -> None:
        """Acts while this step is shown, outside text fields."""
        QShortcut(QKeySequence(keys), self, act)

    def hint(self, key: str, word: str, act: Callable[[], object], tip: str = "") -> KeyHint:
        """The same, and shown below."""
        made = KeyHint(key, word, act, tip)
        self.hints.append(made)
        self.key(key.replace(" ", "+"), made.click)
        return made

    # what the page asks ----------------------------------------------------------------------------------------------

    def put(self, steps: Steps) -> None:
        """Shows what is asked of the week now."""

    def put_back(self, steps: Steps) -> None:
        """The same after an answer was taken back or given again: what it is about is in hand."""
        self.put(steps)

    def open_(self, place: str) -> None:
        """Takes the keyboard, at the place where it was."""
        self.setFocus()

    @property
    def place(self) -> str:
        return ""

    def go_on(self) -> bool:
        """Whether there was a place to go on to inside."""
        return False

    def go_back(self) -> bool:
        return False

    def leave(self) -> None:
        """What is being typed is kept before another step is shown."""


def leads_out(
    event: QEvent,
    tell: Callable[[], None],
    passed: SignalInstance,
    left: SignalInstance,
    entered: SignalInstance | None = None,
) -> bool:
    """Whether a key leads out of a field: `Ctrl+Right` goes on, `Esc` leaves, `Enter` too where it is `entered`.

    What was typed is told first. The page's own shortcut of the key does not act then.
    """
    if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
        return False
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    end = None
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
        end = entered
    elif event.key() == Qt.Key.Key_Right and control:
        end = passed
    elif event.key() == Qt.Key.Key_Escape:
        end = left
    if end is None:
        return False
    if event.type() == QEvent.Type.KeyPress:
        tell()
        end.emit()
    event.accept()
    return True


class Line(QLineEdit):
    """Tells what was typed when the keyboard leaves or leads on, and with `paused` after each pause too; else it `rests` then.

    `Enter` and `Ctrl+Right` lead on, `Esc` leads out.
    """

    typed = Signal(str)
    rests = Signal()
    entered = Signal()
    passed = Signal()
    left = Signal()

    def __init__(self, name: str, hint: str, *, paused: bool = False, most: int = 280) -> None:
        super().__init__()
        self.setFont(font())
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setMaxLength(most)
        self._untold = False
        self._pause = once(self, self.tell if paused else self.rests.emit)
        self.textEdited.connect(self._on_edited)

    def _on_edited(self) -> None:
        self._untold = True
        self._pause.start(TYPED_MS)

    @property
    def half(self) -> str:
        """What is typed and not told yet."""
        return self.text().strip() if self._untold else ""

    def resume(self, half: str) -> None:
        self.setText(half)
        self._untold = True

    def tell(self) -> None:
        self._pause.stop()
        if self._untold:
            self._untold = False
            self.typed.emit(self.text().strip())

    def put(self, text: str) -> None:
        """What is being typed is left alone."""
        if not self._untold and text != self.text():
            self.setText(text)

    def event(self, event: QEvent) -> bool:
        """`Ctrl+Right` goes on also from here, where it would jump to the next word."""
        return leads_out(event, self.tell, self.passed, self.left, self.entered) or super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.tell()
        super().focusOutEvent(event)
