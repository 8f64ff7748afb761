"""The cards of a review: what came of a task, one sentence, and whether it was worth at least that; whether it is still in place.

What git tells stands beside what the person says; neither is made of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tokentrack.review.evidence import in_git
from tokentrack.review.followups import Question
from tokentrack.review.ledger import Used
from tokentrack.review.steps import ToJudge
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import head_link
from tokentrack.ui.option import Option
from tokentrack.ui.outcomes import KEYS
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, label, scaled
from tokentrack.ui.week_step import Line

WORTH = (("y", "yes", "yes"), ("n", "no", "no"), ("u", "cannot tell", "unsure"))
ANYWAY = (("a", "yes", "yes"), ("b", "no", "no"))
SIDE_BY_SIDE = 560
MOST_EVIDENCE = 12
OTHER = {"superseded": "other"}
"""The sixth key is for the outcome that is none of the five (product 2.2)."""


class TaskCard(QFrame):
    """One task. What is answered is told by signals; the card shows what was kept."""

    chose = Signal(str)
    said = Signal(str)
    worth = Signal(str)
    anyway = Signal(str)
    settings_asked = Signal()
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "chosen")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._key, self._title = label("", BODY, STRONG), Elided()
        self._week, self._all = Number("", BODY, STRONG), Number("", role="secondary")
        self._below = Number("", CAPTION, role="secondary")
        self._found = label("", CAPTION, role="secondary")
        self._found.setMinimumWidth(1)
        self._rework = Number("", CAPTION, role="secondary")
        self._chip = Number("", CAPTION, role="secondary")
        self._follows = Text("", CAPTION, "secondary")
        self.evidence = Text("", CAPTION, "secondary")
        self.options = {
            outcome: Option(
                key, OTHER.get(outcome, outcomes.word(outcome)), "Outcome", partial(self.chose.emit, outcome)
            )
            for key, outcome in KEYS.items()
        }
        self.sentence = Line("One sentence about the outcome", "")
        self._question = Number("")
        self._rate = head_link("told in minutes with a rate", "Give your rate in Settings")
        self.verdict = {
            answer: Option(key, word, "Worth at least that", partial(self.worth.emit, answer))
            for key, word, answer in WORTH
        }
        self.otherwise = {
            answer: Option(key, word, "Done anyway", partial(self.anyway.emit, answer)) for key, word, answer in ANYWAY
        }
        self._build()
        for number in (self._week, self._all, self._below, self._rework, self._chip, self._question):
            number.asked.connect(self.asked)
        self.sentence.typed.connect(self.said)
        self.sentence.entered.connect(self.setFocus)
        self.sentence.left.connect(self.setFocus)
        self._rate.clicked.connect(self.settings_asked)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._key)
        head.addWidget(self._title, 1)
        head.addWidget(self._week)
        head.addWidget(self._all)
        self.count = label("", CAPTION, role="secondary")
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(flow(self._below, self._found, self._rework, self._chip, gap=4, row_gap=2), 1)
        second.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addLayout(second)
        for below in (self._follows, self.evidence):
            column.addWidget(below)
            below.hide()
        column.addWidget(flow(*self.options.values(), gap=6, row_gap=6))
        column.addWidget(self.sentence)
        column.addWidget(self._row((self._question, self._rate), self.verdict))
        anyway = label("Would you have done it anyway?")
        anyway.setMinimumWidth(1)
        column.addWidget(self._row((anyway,), self.otherwise))

    def _row(self, question: Sequence[QWidget], answers: dict[str, Option]) -> QWidget:
        """A question at the left and its answers at the right, or below it where there is no room."""
        return Row(question, flow(*answers.values()))

    def put(self, one: ToJudge, week: str) -> None:
        task = one.task
        self.setAccessibleName(f"{task.name}: what came of it?")
        self._key.setText(task.key or "")
        self._key.setVisible(bool(task.key))
        self._title.setText(task.title)
        self._week.put(f"{used(one.this_week)} this week", f"week:{week} task:{task.id}", "This week, list value")
        self._all.put(f"· {used(one.in_all)} in all, list value", f"task:{task.id}", "In all, list value")
        self._below.put(f"{used(one.in_all)} in all, list value ·", f"task:{task.id}", "In all, list value")
        self._found.setText(_found(one))
        self._found.setToolTip(words.tip(_found(one)))
        rework = one.rework
        told = f"· {words.money(rework.list_value, unpriced=rework.unpriced_requests)} rework, list value"
        self._rework.put(told if rework.requests else "", f"rework task:{task.id}", "Within 14 days after shipped")
        self._rework.setVisible(rework.requests > 0)
        self._chip.setVisible(one.chip is not None)
        self._chip.put(
            f"· {one.chip.text}" if one.chip else "", f"usual task:{task.id}", "Your usual range, list value"
        )
        self._follows.setText(f"follow-up of {one.follows}" if one.follows else "")
        self._follows.setVisible(bool(one.follows))
        self.evidence.setText("\n".join(_evidence(one)))
        for outcome, option in self.options.items():
            option.put(outcome == task.outcome)
        self.sentence.setPlaceholderText(
            f"{outcomes.ASKED[task.outcome]}   s" if task.outcome else "One sentence (optional)   s"
        )
        self.sentence.put(one.said)
        self._put_question(one)
        for answer, option in self.verdict.items():
            option.put(answer == one.worth)
        for answer, option in self.otherwise.items():
            option.put(answer == task.anyway)

    def _put_question(self, one: ToJudge) -> None:
        even = one.break_even
        self._rate.setVisible(even is None and one.in_all.list_value is not None)
        if even is not None:
            least = "at least " if even.at_least else ""
            text = f"At your rate that is {least}{words.plural(even.minutes, 'minute')} of your time. Worth that?"
            self._question.put(text, f"break-even task:{one.task.id}", "Minutes of your time, at list value")
        elif one.in_all.list_value is None:
            self._question.put("What it used is not known. Was it worth it to you?")
        else:
            self._question.put(f"It used {used(one.in_all)} of list value. Was it worth that to you?")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the title has the room of the second figure, which then stands below."""
        narrow = event.size().width() < scaled(SIDE_BY_SIDE)
        self._all.setVisible(not narrow)
        self._below.setVisible(narrow)
        super().resizeEvent(event)

    def toggle_evidence(self) -> None:
        self.evidence.setVisible(self.evidence.isHidden())


def _found(one: ToJudge) -> str:
    """`merged 18 Nov (found in git) · day 4 of 14 until the rework window ends`; a merge that is not judged tells its own day."""
    window = f"{one.window} until the rework window ends" if one.window else ""
    quiet = one.because if one.because.startswith("quiet") else ""
    return " · ".join(part for part in (in_git(one.found), window, quiet, unread(one)) if part)


def unread(one: ToJudge) -> str:
    """Why git tells nothing, or not all."""
    return f"git cannot be asked: {one.unread}" if one.unread else ""


def _evidence(one: ToJudge) -> Iterator[str]:
    shown = one.evidence[:MOST_EVIDENCE]
    yield from (f"– {line} (found in git)" for line in shown)
    if len(one.evidence) > len(shown):
        yield f"– and {len(one.evidence) - len(shown):,} more (found in git)"
    if one.unread:
        yield f"{words.first(unread(one))}."
    elif not shown:
        yield "No git evidence."


def used(what: Used) -> str:
    """List value, short; nothing used is `$0`, and what is not known is named."""
    return words.money(what.list_value, unpriced=what.unknown)


class Row(QWidget):
    """A question, in as many lines as its parts need, and its answers beside it; below it where a part has no room there."""

    def __init__(self, question: Sequence[QWidget], right: QWidget) -> None:
        super().__init__()
        self._question, self._right = question, right
        left = flow(*question, gap=8, row_gap=0)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(12)
        self._box.addWidget(left, 1, Qt.AlignmentFlag.AlignVCenter)
        self._box.addWidget(right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = max((part.sizeHint().width() for part in self._question if not part.isHidden()), default=0)
        beside = event.size().width() >= widest + self._right.sizeHint().width() + 12
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._box.setSpacing(12 if beside else 6)
        self._right.setMinimumWidth(self._right.sizeHint().width() if beside else 0)


class StillCard(QFrame):
    """Whether what was shipped is still in place."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "chosen")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self._text, self._git = Text(""), Text("", CAPTION, "secondary")
        self.options = {
            answer: Option(key, word, "Still in place", partial(self.answered.emit, answer))
            for key, word, answer in WORTH
        }
        self.count = label("", CAPTION, role="secondary")
        head = QHBoxLayout()
        head.addWidget(self._text, 1)
        head.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self._git)
        column.addWidget(flow(*self.options.values()))

    def put(self, one: Question) -> None:
        self.setAccessibleName(one.text)
        self._text.setText(one.text)
        self._git.setText(in_git(one.git))
