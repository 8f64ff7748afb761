"""The foot of a week's review: the keys of the step in hand, and the button that leads on."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from tokentrack.ui.frame import foot, primary
from tokentrack.ui.keycap import KeyHint, tab_after
from tokentrack.ui.theme import set_role
from tokentrack.ui.week_step import Step


class WeekFoot(QWidget):
    """What is pressed here the page hears; `led_on` is the button."""

    went_back = Signal()
    undone = Signal()
    sought = Signal()
    led_on = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Step] = []
        self.back_hint = KeyHint("⌫", "back", self.went_back.emit, "Back to the step before")
        self.undo_hint = KeyHint("Ctrl Z", "undo", self.undone.emit)
        self.find_hint = KeyHint("/", "find", self.sought.emit, "Find tasks, sessions, notes and sentences")
        self.primary = primary("", self.led_on.emit)
        self.primary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = foot((self.back_hint, self.undo_hint, self.find_hint), self.primary)
        row.setContentsMargins(0, 0, 0, 0)
        self.setLayout(row)

    def add(self, step: Step) -> None:
        """A step that was just made: its keys stand between `back` and `undo`."""
        self._steps.append(step)
        keys, before = cast(Any, self.back_hint.parentWidget()).layout(), self.back_hint
        for hint in step.hints:
            hint.hide()
            keys.addWidget(hint)
            tab_after(before, hint)
            before = hint
        for hint in (self.undo_hint, self.find_hint):
            keys.addWidget(hint)

    def put(self, step: Step | None, *, back: bool, undo: bool, in_inbox: bool, finding: bool) -> None:
        """`back` and `undo`: there is a way back, to a step or of an answer. The inbox has keys and a button of its own."""
        for one in self._steps:
            for hint in one.hints:
                hint.setVisible(one is step)
        self.back_hint.setVisible(back)
        self.find_hint.setVisible(not in_inbox)
        self.undo_hint.setVisible(undo and not in_inbox)
        word, key = (step.word, step.enter) if step else (Step.word, Step.enter)
        name = word if word != Step.word else "Next step"
        if finding:
            word, key, name = "Open", Step.enter, "Open what was found"
        self.primary.setText(f"{word}   {key}")
        self.primary.setAccessibleName(name)
        self.primary.setEnabled(step is not None)
        set_role(self.primary, "" if in_inbox else "primary")
