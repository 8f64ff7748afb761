"""Tasks that look finished, one card at a time: what came of it, one sentence, and whether it was worth at least that.

What git tells stands beside what the person says; neither is made of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokentrack.review.evidence import MERGED, in_git
from tokentrack.review.followups import Question
from tokentrack.review.ledger import Used
from tokentrack.review.steps import Steps, ToJudge
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.option import Option
from tokentrack.ui.outcome_bar import OutcomeBar, link
from tokentrack.ui.outcomes import KEYS, MARK, paint_mark
from tokentrack.ui.source import Source
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, font, label, roles_of
from tokentrack.ui.week_columns import WeekColumns
from tokentrack.ui.week_step import Line, Step

Item = ToJudge | Question
WORTH = (("y", "yes", "yes"), ("n", "no", "no"), ("u", "cannot tell", "unsure"))
ANYWAY = (("a", "yes", "yes"), ("b", "no", "no"))
SIDE_BY_SIDE = 560
NOTHING = "No task looks finished: none was merged, and none has been quiet for 7 days."
MOST_EVIDENCE = 12
OTHER = {"superseded": "other"}
"""The sixth key is for the outcome that is none of the five (product 2.2)."""
ASKING = tuple(outcome for outcome, text in outcomes.ASKED.items() if "(optional)" not in text)
"""Outcomes of which one sentence is asked for: the keyboard goes to it, and Enter skips it."""


def key_of(item: Item) -> str:
    return item.task.id if isinstance(item, ToJudge) else f"{item.task}+{item.days}"


def about(item: Item) -> str:
    """A line for an item that is not the one in hand."""
    if isinstance(item, Question):
        return f"{item.name} · still in place after {item.days} days?"
    found = item.because if item.task.outcome is None else outcomes.word(item.task.outcome)
    return f"{item.task.name} · {in_git(item.found) if item.because == MERGED else found}"


def answered(item: Item) -> bool:
    return isinstance(item, ToJudge) and item.task.outcome is not None and item.worth is not None


class Entry(QAbstractButton):
    """Another item: its shape and a line, elided; a click takes it in hand."""

    def __init__(self, text: str, outcome: str | None, decided: bool) -> None:
        super().__init__()
        self._outcome, self._decided = outcome, decided
        self.setText(text)
        self.setFont(font(CAPTION))
        self.setAccessibleName(text)
        self.setToolTip(words.tip(text))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, max(24, QFontMetrics(self.font()).height() + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        roles, painter = roles_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, (self.height() - MARK) / 2, MARK, MARK)
        if self._decided:
            paint_mark(painter, box, self._outcome, roles)
        else:
            painter.setPen(QColor(roles.secondary))
            painter.drawEllipse(box.adjusted(1.5, 1.5, -1.5, -1.5))
        painter.setFont(self.font())
        strong = self.underMouse() or self.hasFocus()
        painter.setPen(QColor(roles.accent if strong else roles.secondary))
        room = self.rect().adjusted(MARK + 8, 0, 0, 0)
        text = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.fillRect(QRectF(room.left(), self.height() - 3, room.width(), 2), QColor(roles.accent))
        painter.end()


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
        self._rate = link("told in minutes with a rate", "Give your rate in Settings")
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
        return Row(flow(*question, gap=8, row_gap=0), flow(*answers.values()))

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
        narrow = event.size().width() < SIDE_BY_SIDE
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
    """Two widgets side by side where both fit, else the second below the first."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._left, self._right = left, right
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(12)
        self._box.addWidget(left, 1, Qt.AlignmentFlag.AlignVCenter)
        self._box.addWidget(right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self._left.sizeHint().width() + self._right.sizeHint().width() + 12
        beside = event.size().width() >= room
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


class OutcomesStep(Step):
    """The outcome bar, the card in hand, the other items, and the last eight weeks."""

    title = "What came of it?"

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._tasks, self._reviewing = source.tasks(), source.reviewing()
        self.items: list[Item] = []
        self._at = 0
        self._listed: list[tuple[int, str, str | None]] = []
        self._week = ""
        self.picker: TaskPicker | None = None
        self.bar, self.card, self.still, self.columns = OutcomeBar(), TaskCard(), StillCard(), WeekColumns()
        self._nothing = Text(NOTHING, role="secondary")
        self._others = QVBoxLayout()
        self._others.setSpacing(0)
        self._build()
        self._connect()
        self._add_keys()

    def _build(self) -> None:
        column = self.scrolling()
        column.addWidget(self.bar)
        for part in (self.card, self.still, self._nothing):
            column.addWidget(part)
            part.hide()
        others = QWidget()
        others.setLayout(self._others)
        self._others.setContentsMargins(0, 0, 0, 0)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setSpacing(24)
        self._below.addWidget(others, 1, Qt.AlignmentFlag.AlignTop)
        self._below.addWidget(self.columns, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(self._below)
        column.addStretch(1)

    def _connect(self) -> None:
        for part in (self.bar, self.columns, self.card):
            part.asked.connect(self.why_asked)
        self.card.settings_asked.connect(self.settings_asked)
        self.card.chose.connect(self.choose)
        self.card.said.connect(self._on_said)
        self.card.worth.connect(self.judge)
        self.card.anyway.connect(self._on_anyway)
        self.card.sentence.passed.connect(self.passed)
        self.still.answered.connect(self.judge)

    def _add_keys(self) -> None:
        for key, outcome in KEYS.items():
            self.key(key, partial(self.choose, outcome))
        for key, _, answer in WORTH:
            self.key(key, partial(self.judge, answer))
        for key, _, answer in ANYWAY:
            self.key(key, partial(self._on_anyway, answer))
        self.key("Down", partial(self._step, 1))
        self.key("Up", partial(self._step, -1))
        self.hint("s", "sentence", self.card.sentence.setFocus, "Write one sentence")
        self.hint("e", "evidence", self.card.toggle_evidence, "What git tells")
        self.hint("f", "follow-up of", self.follow, "It follows up another task")

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, steps: Steps) -> None:
        week, before = steps.week, self.place
        self._week = week.told.week
        self.bar.put(week.told)
        plan = steps.planned.amount if steps.planned else None
        self.columns.put(week.told.week, steps.columns, steps.usual, plan)
        self.items = [*steps.judged, *steps.questions]
        self._choose(before)
        self._show()

    def _choose(self, place: str) -> None:
        """The item with that key; where it is gone, the one that took its place."""
        keys = [key_of(item) for item in self.items]
        self._at = keys.index(place) if place in keys else max(0, min(self._at, len(keys) - 1))

    def open_(self, place: str) -> None:
        """Without a place, at the first that is not answered yet."""
        if not place:
            self._at = next((at for at, item in enumerate(self.items) if not answered(item)), self._at)
        self._choose(place)
        self._show()
        self._take()

    def _take(self) -> None:
        item = self.item
        focus = self if item is None else self.card if isinstance(item, ToJudge) else self.still
        focus.setFocus()
        if item is not None:
            QTimer.singleShot(0, self, self._show_card)  # once it has its place

    def _show_card(self) -> None:
        """Its head first, where not all of it fits."""
        card = self.card if self.still.isHidden() else self.still
        if card.height() > self.area.viewport().height():
            self.area.verticalScrollBar().setValue(card.y())
        else:
            self.area.ensureWidgetVisible(card, 0, 0)

    @property
    def item(self) -> Item | None:
        return self.items[self._at] if self._at < len(self.items) else None

    @property
    def place(self) -> str:
        return key_of(self.item) if self.item else ""

    def _show(self) -> None:
        item = self.item
        self.card.setVisible(isinstance(item, ToJudge))
        self.still.setVisible(isinstance(item, Question))
        self._nothing.setVisible(item is None)
        if isinstance(item, ToJudge):
            self.card.put(item, self._week)
        elif isinstance(item, Question):
            self.still.put(item)
        for card in (self.card, self.still):
            card.count.setText(f"{self._at + 1} of {len(self.items)}")
        for hint in self.hints:
            hint.setEnabled(isinstance(item, ToJudge))
        self._show_others()

    def _show_others(self) -> None:
        others = [
            (at, about(item), item.task.outcome if isinstance(item, ToJudge) else None)
            for at, item in enumerate(self.items)
            if at != self._at
        ]
        if others == self._listed:  # the keyboard may be on one of them
            return
        self._listed = others
        while entry := self._others.takeAt(0):
            if widget := entry.widget():
                widget.hide()
                widget.deleteLater()
        for at, text, outcome in others:
            made = Entry(text, outcome, outcome is not None)
            made.clicked.connect(partial(self._go, at))
            self._others.addWidget(made)

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside = event.size().width() >= SIDE_BY_SIDE
        self._below.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)

    # moving ----------------------------------------------------------------------------------------------------------

    def go_on(self) -> bool:
        return self._step(1)

    def go_back(self) -> bool:
        return self._step(-1)

    def _step(self, step: int) -> bool:
        if not 0 <= self._at + step < len(self.items):
            return False
        self._go(self._at + step)
        return True

    def _go(self, at: int) -> None:
        self.leave()
        self._at = at
        self.card.evidence.hide()
        self._show()
        self._take()
        self.moved.emit()

    def leave(self) -> None:
        self.card.sentence.tell()

    # answering -------------------------------------------------------------------------------------------------------

    def choose(self, outcome: str) -> None:
        """Kept at once; what was typed of it goes along. Where a sentence is asked for, the keyboard is in it."""
        item = self.item
        if not isinstance(item, ToJudge):
            return
        said = self.card.sentence.text().strip()
        if item.task.outcome != outcome:
            if not self.attempt(lambda: self._tasks.finish([item.task], outcome, said)):
                return
            self._put(replace(item, task=replace(item.task, outcome=outcome), said=said))
        if outcome in ASKING and not said:
            self.card.sentence.setFocus()

    def _on_said(self, text: str) -> None:
        item = self.item
        if not isinstance(item, ToJudge) or text == item.said:
            return
        task = item.task

        def keep() -> str:
            if task.outcome is None:
                return self._tasks.edit([task], note=text)
            return self._tasks.finish([task], task.outcome, text)

        if self.attempt(keep):
            self._put(replace(item, said=text))

    def judge(self, answer: str) -> None:
        item = self.item
        if isinstance(item, ToJudge):
            if self.attempt(lambda: self._reviewing.worth(item.task, answer)):
                self._put(replace(item, worth=answer))
        elif isinstance(item, Question) and self.attempt(lambda: self._reviewing.still(item, answer)):
            last = self._at == len(self.items) - 1
            del self.items[self._at]
            self._choose("")
            self._show()
            if last:  # nothing is asked after it; what stands before it was passed
                self.passed.emit()
                return
            self._take()
            self.moved.emit()

    def _on_anyway(self, answer: str) -> None:
        item = self.item
        if isinstance(item, ToJudge) and self.attempt(lambda: self._tasks.edit([item.task], anyway=answer)):
            self._put(replace(item, task=replace(item.task, anyway=answer)))

    def follow(self) -> None:
        item = self.item
        if not isinstance(item, ToJudge):
            return
        others = [task for task in self._tasks.every() if task.id != item.task.id]
        self.picker = TaskPicker(others, item.task.project, self, with_none=False)
        self.picker.chosen.connect(lambda task: self._on_followed(item, task.id, task.name))
        self.picker.finished.connect(self._on_closed)
        self.picker.open_(f"{item.task.name} follows up")

    def _on_closed(self) -> None:
        """The keyboard is where it was."""
        self.activateWindow()
        self._take()

    def _on_followed(self, item: ToJudge, task: str, name: str) -> None:
        if not task:
            self.failed.emit("A follow-up follows a task that is there already. Nothing was changed.")
        elif self.attempt(lambda: self._tasks.edit([item.task], follow_up_of=task)):
            self._put(replace(item, task=replace(item.task, follow_up_of=task), follows=name))

    def _put(self, item: ToJudge) -> None:
        """Shown at once; what follows from it in other figures comes when it was asked."""
        if self.place == key_of(item):
            self.items[self._at] = item
            self._show()
