"""The short steps of a review: what was said the week before, sentences about this one, the next week, and a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.review.insights import KEPT, NOT_USEFUL, NOTHING, Insight, own_lines
from tokentrack.review.steps import Recall, Steps
from tokentrack.store.reviews import LONGEST_INTENT, LONGEST_NOTE
from tokentrack.ui import words
from tokentrack.ui.choices import amount_fault, budget_amount, budget_text
from tokentrack.ui.figure import Figure
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import card, clear, head_link, section
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.option import Option
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, font, label, scaled, set_role
from tokentrack.ui.week_close import Sentences, own_words, sentences_kept
from tokentrack.ui.week_columns import WeekColumns
from tokentrack.ui.week_step import Line, Step

TRIED = (("y", "yes", "yes"), ("p", "partly", "partly"), ("n", "no", "no"))
NO_RECALL = "Nothing was noted in a review before this one."
WHERE = (
    "The next review begins with it. It is on a page for your one-on-one unless you take notes out; kept sentences "
    "never are."
)
HELD = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_Tab)
"""Keys that are pressed along with others, and those that lead the keyboard on."""
DOLLAR = 1_000_000


class RecallStep(Step):
    """What the person told themselves last, and whether they tried what they meant to. `closing` closes all earlier weeks."""

    title = "What you told yourself"
    closing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tried: str | None = None
        self.recall: Recall | None = None
        column = self.scrolling()
        self.about = label("", CAPTION, role="secondary")
        self.note, self.intent = Text("", EMPHASIS), Text("", EMPHASIS)
        self._intended = label("You meant to try", CAPTION, role="secondary")
        self._question = section("Did you try it?")
        self.options = {
            answer: Option(key, word, "Did you try it", partial(self.answer, answer)) for key, word, answer in TRIED
        }
        self._answers = flow(*self.options.values())
        self.kept_lines = Sentences()
        self.kept_lines.asked.connect(self.why_asked)
        frame, inside = card()
        inside.setSpacing(6)
        for part in (
            self.about,
            self.note,
            self.kept_lines,
            self._intended,
            self.intent,
            self._question,
            self._answers,
        ):
            inside.addWidget(part)
        for part in (self._intended, self._question):
            part.setContentsMargins(0, 12, 0, 0)
        column.addWidget(frame)
        self.earlier = KeyHint("c", "", self.closing.emit, "Close earlier weeks as they are")
        column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        for key, _, answer in TRIED:
            self.key(key, partial(self.answer, answer))
        self.key("c", self._on_earlier)

    def put(self, steps: Steps) -> None:
        self.recall, self._tried = steps.recall, steps.draft.tried
        found = steps.recall
        self.about.setText(f"In the review of week {int(found.week[-2:])}" if found else "")
        self.note.setText(own_words(found.note, found.kept) if found else NO_RECALL)
        self.kept_lines.put(sentences_kept(found.week, found.kept) if found else [])
        self.intent.setText(found.intent if found else "")
        self.about.setVisible(found is not None)
        self.note.setVisible(bool(self.note.text()))
        for part in (self._intended, self.intent, self._question, self._answers):
            part.setVisible(bool(found and found.intent))
        for answer, option in self.options.items():
            option.put(answer == self._tried)
        many = len(steps.earlier)
        named = words.plural(many, "earlier week")
        self.earlier.put(f"close {named} as {'it is' if many == 1 else 'they are'}")
        self.earlier.setVisible(many > 0)

    def answer(self, answer: str) -> None:
        """Kept; the next key goes on, as with every answer. Where nothing is asked, it is any key."""
        if not self.recall or not self.recall.intent:
            self.passed.emit()
            return
        self._tried = answer
        for key, option in self.options.items():
            option.put(key == answer)
        self.kept.emit({"tried": answer})

    def _on_earlier(self) -> None:
        if self.earlier.isVisible():
            self.closing.emit()
        else:
            self.passed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key goes on."""
        if event.key() in HELD or not event.text() or event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        else:
            self.passed.emit()


class InsightFrame(QFrame):
    """One sentence; `why?` tells how it was computed."""

    def __init__(self, one: Insight) -> None:
        super().__init__()
        self.insight = one
        self.setAccessibleName(one.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(label(one.slot, CAPTION, role="secondary"))
        head.addStretch(1)
        self.state = label(one.answer or "", CAPTION, STRONG)
        self.why = head_link("why?", f"How this was computed: {one.text}")
        head.addWidget(self.state)
        head.addWidget(self.why)
        self.text = Text(one.text)
        column.addLayout(head)
        column.addWidget(self.text)

    def choose(self, chosen: bool) -> None:
        set_role(self, "chosen" if chosen else "card")


class InsightsStep(Step):
    """At most three sentences. What is kept stands beside the note."""

    title = "What stands out"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.frames: list[InsightFrame] = []
        self._at = 0
        self._monday = date.min
        column = self.scrolling()
        self._nothing = Text(NOTHING, EMPHASIS)
        self._list = QVBoxLayout()
        self._list.setSpacing(12)
        self.columns = WeekColumns()
        self.columns.asked.connect(self.why_asked)
        column.addWidget(self._nothing)
        column.addLayout(self._list)
        column.addSpacing(8)
        column.addWidget(self.columns)
        column.addStretch(1)
        self.hint("k", "keep", partial(self.answer, KEPT), "Keep it beside the note")
        self.hint("n", "not useful", partial(self.answer, NOT_USEFUL), "Not of this sort for a while")
        self.key("Down", partial(self._step, 1))
        self.key("Up", partial(self._step, -1))

    def put(self, steps: Steps) -> None:
        self._monday = steps.week.monday
        if [frame.insight for frame in self.frames] != list(steps.insights):  # else the keyboard may be on one of them
            self._put_frames(steps.insights)
        self._nothing.setVisible(not self.frames)
        plan = steps.planned.amount if steps.planned else None
        self.columns.put(steps.week.told.week, steps.columns, steps.usual, plan)
        for hint in self.hints:
            hint.setEnabled(bool(self.frames))

    def put_back(self, steps: Steps) -> None:
        before = {(one.insight.kind, one.insight.answer) for one in self.frames}
        self.put(steps)
        if other := next((one.kind for one in steps.insights if (one.kind, one.answer) not in before), ""):
            self._choose(other)
            self.moved.emit()

    def _put_frames(self, insights: Sequence[Insight]) -> None:
        place = self.place
        clear(self._list)
        self.frames = [InsightFrame(one) for one in insights]
        for frame in self.frames:
            frame.why.clicked.connect(partial(self._on_why, frame.insight))
            self._list.addWidget(frame)
        self._choose(place)

    def _choose(self, place: str) -> None:
        kinds = [frame.insight.kind for frame in self.frames]
        self._at = kinds.index(place) if place in kinds else max(0, min(self._at, len(kinds) - 1))
        for at, frame in enumerate(self.frames):
            frame.choose(at == self._at)

    def open_(self, place: str) -> None:
        self._choose(place)
        self.setFocus()

    @property
    def place(self) -> str:
        return self.frames[self._at].insight.kind if self._at < len(self.frames) else ""

    def _step(self, step: int) -> None:
        if 0 <= self._at + step < len(self.frames):
            self._at += step
            self._choose(self.place)
            self.area.ensureWidgetVisible(self.frames[self._at], 0, 0)
            self.moved.emit()

    def answer(self, answer: str) -> None:
        if self._at >= len(self.frames):
            return
        frame = self.frames[self._at]
        one = frame.insight
        if one.answer != answer:
            monday = self._monday
            self.answered.emit(lambda to: to.reviewing.insight(monday, one, answer))
            frame.insight = replace(one, answer=answer)
            frame.state.setText(answer)
        self._step(1)

    def _on_why(self, one: Insight) -> None:
        self.why_asked.emit(Figure(one.why, "How this was computed", "this sentence"))


class NextStep(Step):
    """What the next week may cost, and one thing to try in it."""

    title = "Next week"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planned: int | None = None
        self._since = date.min
        self._shown: str | None = None
        column = self.scrolling()
        self.amount = Line("Planned for the week, list value", "none", most=16)
        self.amount.setFixedWidth(scaled(112))
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._after = label("$ list value a week", role="secondary")
        self._about = Text("", CAPTION, "secondary")
        self.fault = Text("", CAPTION, "attention")
        self.fault.hide()
        self.intent = Line(
            "One thing to try next week", "One thing to try (optional)", paused=True, most=LONGEST_INTENT
        )
        self.columns = WeekColumns()
        self.columns.asked.connect(self.why_asked)
        self._fared = self._ranges()
        self._plan = QWidget()
        plan = QHBoxLayout(self._plan)
        plan.setContentsMargins(0, 0, 0, 0)
        plan.addWidget(self.amount)
        plan.addWidget(self._after)
        plan.addStretch(1)
        column.addWidget(section("Plan"))
        for part in (self._plan, self._about, self.fault):
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(section("Try"))
        column.addWidget(self.intent)
        column.addWidget(Text("The next review asks whether you tried it.", CAPTION, "secondary"))
        column.addWidget(self._fared)
        column.addSpacing(8)
        column.addWidget(self.columns)
        column.addStretch(1)
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _ranges(self) -> QWidget:
        made = QWidget()
        self.ranges, self.why = Text("", CAPTION, "secondary"), head_link("why?", "How your ranges fared")
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(section("Your ranges so far, self-reported"), 1)
        head.addWidget(self.why)
        column.addLayout(head)
        column.addWidget(self.ranges)
        return made

    def _connect(self) -> None:
        self.why.clicked.connect(self._on_why)
        self.amount.entered.connect(self._on_amount)
        self.intent.typed.connect(lambda text: self.kept.emit({"intent": text}))
        self.intent.entered.connect(self.passed)
        for line in (self.amount, self.intent):
            line.passed.connect(self.passed)
            line.left.connect(self.setFocus)

    def put(self, steps: Steps) -> None:
        self._planned = steps.planned.amount if steps.planned else None
        self._since = max(steps.week.monday + 7 * clock.DAY, clock.today())
        median = steps.usual.middle if steps.usual else None
        offered = self._planned if median is None else (median + DOLLAR // 2) // DOLLAR * DOLLAR
        text = budget_text(offered) if offered else ""
        self._plan.setVisible(not steps.otherwise_planned)
        if self._shown != text and not steps.otherwise_planned:
            self._shown = text
            self.amount.put(text)
        self._about.setText(_plan_about(steps))
        self.ranges.setText("\n".join(one.text for one in steps.ranges))
        self._fared.setVisible(bool(steps.ranges))
        self.intent.put(steps.draft.intent)
        self.columns.put(steps.week.told.week, steps.columns, steps.usual, self._planned)

    def open_(self, place: str) -> None:
        line = self.intent if place == "intent" or self._plan.isHidden() else self.amount
        line.setFocus()
        line.selectAll() if line is self.amount else line.end(False)

    @property
    def place(self) -> str:
        return "intent" if self.intent.hasFocus() else ""

    def _on_why(self) -> None:
        self.why_asked.emit(Figure("calibration all", "How your ranges fared", "these ranges"))

    def _on_amount(self) -> None:
        """`Enter` plans what stands there; nothing is planned by going on."""
        amount = budget_amount(self.amount.text())
        self.fault.setText(
            "" if amount is not None
            else amount_fault(self.amount.text(), "This is no amount. Write it like 40 or 12.50; empty is none.")
        )  # fmt: skip
        self.fault.setVisible(amount is None)
        if amount is None:
            return
        if amount != (self._planned or 0):
            since = self._since
            self.answered.emit(lambda to: to.reviewing.plan(amount, since))
            self._planned = amount
        self.intent.setFocus()
        self.moved.emit()

    def leave(self) -> None:
        self.intent.tell()


def _plan_about(steps: Steps) -> str:
    if steps.otherwise_planned:
        return "A budget of another kind is in force, and stays. Settings changes it."
    parts = []
    if steps.usual:
        parts.append(f"Prefilled: the median of your last closed weeks, list value, n = {steps.usual.n}.")
    if steps.planned:
        parts.append(f"Planned until now: {words.money(steps.planned.amount)} list value a week.")
    return " ".join([*parts, "Enter plans it; Ctrl → goes on without."])


class NoteStep(Step):
    """One free line. Sentences that were kept stand above it, and are no part of it: a page tells what the person wrote."""

    title = "Note"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = self.scrolling()
        question = Text("What would you tell yourself in three months?")
        question.setFont(font(BODY, STRONG))
        column.addWidget(question)
        self.kept_lines = Sentences("secondary")
        self.kept_lines.asked.connect(self.why_asked)
        self.line = Line("Note for the week", "One line (optional)", paused=True, most=LONGEST_NOTE)
        column.addWidget(self.kept_lines)
        column.addWidget(self.line)
        column.addWidget(Text(WHERE, CAPTION, "secondary"))
        column.addStretch(1)
        self.line.typed.connect(lambda text: self.kept.emit({"note": text}))
        self.line.entered.connect(self.passed)
        self.line.passed.connect(self.passed)
        self.line.left.connect(self.setFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def put(self, steps: Steps) -> None:
        self.kept_lines.put(sentences_kept(steps.week.told.week, steps.insights))
        self.line.put(" ".join(own_lines(steps.draft.note, steps.insights)))

    def open_(self, place: str) -> None:
        self.line.setFocus()
        self.line.end(False)

    def leave(self) -> None:
        self.line.tell()
