"""What speaks for a suggestion, all of it; and the list of keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QVBoxLayout, QWidget

from tokentrack.ui import inbox_rows
from tokentrack.ui.frame import clear, in_dialog
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.keycap import Caps, KeyHint
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, label

KEYS = (
    (("↵",), "accept what is ready (●)"),
    (("Shift ↵",), "accept every ● that is shown"),
    (("1", "2", "3"), "take the first, second or third suggestion"),
    (("t",), "find or create the task"),
    (("0",), "no task, on purpose"),
    (("S",), "split the session before a prompt"),
    (("x",), "not this one, never here again; of several then 1, 2, 3, or x for the first"),
    (("R",), "accept, and always link the same"),
    (("i",), "all reasons"),
    (("→", "←"), "open and close a group"),
    (("/",), "find"),
    (("l",), "rules, and a place to try one"),
    (("F1",), "what the list value is made of"),
    (("Ctrl Z",), "undo, also after a restart, for 30 days"),
    (("Ctrl Shift Z",), "redo"),
    (("Esc",), "one step back"),
    (("?",), "this list"),
)
WIDEST = 120
"""Characters of a title that has the whole card."""
NONE = "Nothing in these sessions names a task: no key, no address, no branch that is known."


class Reasons(QFrame):
    """All reasons for each task that the chosen row offers."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName("Reasons")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(4)
        self.said: list[str] = []

    def put(self, line: Line | None) -> None:
        clear(self._column)
        self.said = []
        if line is None:
            return
        for task in line.offers:
            reasons = line.group.reasons(task) if task.id else (line.group.why,)
            self._say(inbox_rows.offer(task, WIDEST), "")
            for reason in reasons:
                self._say(f"– {reason}", "secondary")
        if not line.offers:
            self._say(NONE, "secondary")
        self.setAccessibleDescription(" ".join(self.said))

    def _say(self, text: str, role: str) -> None:
        self.said.append(text)
        self._column.addWidget(Text(text, BODY if not role else CAPTION, role))


class KeyList(QDialog):
    """Every key of a page and what it does."""

    def __init__(
        self,
        parent: QWidget | None = None,
        title: str = "Keys of the inbox",
        keys: Sequence[tuple[Sequence[str], str]] = KEYS,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        column = in_dialog(self)
        column.addWidget(label(title, EMPHASIS, STRONG))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        for at, (pressed, does) in enumerate(keys):
            grid.addWidget(Caps(pressed), at, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(does), at, 1)
        column.addLayout(grid)
        column.addWidget(KeyHint("Esc", "close", self.reject))
