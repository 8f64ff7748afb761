"""The step of a review that asks what came of the tasks which look finished: one card at a time, the others in lines below."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokentrack.review.evidence import MERGED, in_git
from tokentrack.review.followups import Question
from tokentrack.review.steps import Steps, ToJudge
from tokentrack.ui import outcomes, words
from tokentrack.ui.frame import clear
from tokentrack.ui.outcome_bar import OutcomeBar
from tokentrack.ui.outcomes import KEYS, MARK, paint_mark
from tokentrack.ui.source import Source
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, font, roles_of, scaled
from tokentrack.ui.week_cards import ANYWAY, SIDE_BY_SIDE, WORTH, StillCard, TaskCard
from tokentrack.ui.week_columns import WeekColumns
from tokentrack.ui.week_step import Step

Item = ToJudge | Question


NOTHING = "No task looks finished: none was merged, and none has been quiet for 7 days."


ASKING = tuple(outcome for outcome, text in outcomes.ASKED.items() if "(optional)" not in text)
"""Outcomes of which one sentence is asked for: the keyboard goes to it, and Enter skips it."""


def key_of(item: Item) -> str:
    return item.task.id if isinstance(item, ToJudge) else f"{item.task}+{item.days}"


def about(item: Item) -> str:
    """A line for an item that is not the one in hand."""
    if isinstance(item, Question):
        return f"{words.isolated(item.name)} · still in place after {item.days} days?"
    found = item.because if item.task.outcome is None else outcomes.word(item.task.outcome)
    return f"{words.isolated(item.task.name)} · {in_git(item.found) if item.because == MERGED else found}"


def answered(item: Item) -> bool:
    return isinstance(item, ToJudge) and item.task.outcome is not None and item.worth is not None


def answers(item: Item) -> tuple[object, ...]:
    """Which item it is, and what was said of it."""
    if isinstance(item, Question):
        return (key_of(item),)
    return key_of(item), item.task.outcome, item.said, item.worth, item.task.anyway, item.task.follow_up_of


class Entry(QAbstractButton):
    """Another item: its shape and a line, elided; a click takes it in hand."""

    def __init__(self, text: str, outcome: str | None, decided: bool) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
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


class OutcomesStep(Step):
    """The outcome bar, the card in hand, the other items, and the last eight weeks."""

    title = "What came of it?"

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = source.tasks()
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
        self.card.sentence.rests.connect(self.moved)
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
        week, before = steps.week, self._key
        self._week = week.told.week
        self.bar.put(week.told)
        plan = steps.planned.amount if steps.planned else None
        self.columns.put(week.told.week, steps.columns, steps.usual, plan)
        self.items = [*steps.judged, *steps.questions]
        self._choose(before)
        self._show()

    def put_back(self, steps: Steps) -> None:
        before = set(map(answers, self.items))
        self.put(steps)
        if (other := next((at for at, item in enumerate(self.items) if answers(item) not in before), None)) is not None:
            self._go(other)

    def _choose(self, place: str) -> None:
        """The item with that key; where it is gone, the one that took its place."""
        keys = [key_of(item) for item in self.items]
        self._at = keys.index(place) if place in keys else max(0, min(self._at, len(keys) - 1))

    def open_(self, place: str) -> None:
        """Without a place, at the first that is not answered yet; in a sentence that was half typed the keyboard is in it."""
        if not place:
            self._at = next((at for at, item in enumerate(self.items) if not answered(item)), self._at)
        key, _, half = place.partition(" ")
        self._choose(key)
        self._show()
        self._take()
        if half and key == self._key:
            self.card.sentence.resume(half)
            self.card.sentence.setFocus()

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
    def _key(self) -> str:
        return key_of(self.item) if self.item else ""

    @property
    def place(self) -> str:
        """The item, and what is half typed of its sentence: that is kept as well, whatever ends the review (AC 43)."""
        return f"{self._key} {self.card.sentence.half}".rstrip()

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
        clear(self._others)
        for at, text, outcome in others:
            made = Entry(text, outcome, outcome is not None)
            made.clicked.connect(partial(self._go, at))
            self._others.addWidget(made)

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside = event.size().width() >= scaled(SIDE_BY_SIDE)
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
        task, said = item.task, self.card.sentence.text().strip()
        if task.outcome != outcome:
            self.answered.emit(lambda to: to.tasks.finish([task], outcome, said))
            self._put(replace(item, task=replace(task, outcome=outcome), said=said))
        if outcome in ASKING and not said:
            self.card.sentence.setFocus()

    def _on_said(self, text: str) -> None:
        item = self.item
        self.moved.emit()
        if not isinstance(item, ToJudge) or text == item.said:
            return
        task, outcome = item.task, item.task.outcome
        if outcome is None:
            self.answered.emit(lambda to: to.tasks.edit([task], note=text))
        else:
            self.answered.emit(lambda to: to.tasks.finish([task], outcome, text))
        self._put(replace(item, said=text))

    def judge(self, answer: str) -> None:
        item = self.item
        if isinstance(item, ToJudge):
            task = item.task
            self.answered.emit(lambda to: to.reviewing.worth(task, answer))
            self._put(replace(item, worth=answer))
        elif isinstance(item, Question):
            self.answered.emit(lambda to: to.reviewing.still(item, answer))
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
        if isinstance(item, ToJudge):
            task = item.task
            self.answered.emit(lambda to: to.tasks.edit([task], anyway=answer))
            self._put(replace(item, task=replace(task, anyway=answer)))

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
        if self.isVisible():
            self.activateWindow()
            self._take()

    def _on_followed(self, item: ToJudge, task: str, name: str) -> None:
        if not task:
            self.failed.emit("A follow-up follows a task that is there already. Nothing was changed.")
        else:
            mine = item.task
            self.answered.emit(lambda to: to.tasks.edit([mine], follow_up_of=task))
            self._put(replace(item, task=replace(mine, follow_up_of=task), follows=name))

    def _put(self, item: ToJudge) -> None:
        """Shown at once; what follows from it in other figures comes when it was asked."""
        if self._key == key_of(item):
            self.items[self._at] = item
            self._show()
