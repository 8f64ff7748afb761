"""The week's review: seven short steps by keyboard, from what was said the week before to closing. Each can be skipped.

Every answer and the place are written when they are given, in their order, so the review goes on where it was (AC 43).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.review.steps import Steps
from tokentrack.store.reviews import Draft
from tokentrack.store.search import Hit
from tokentrack.ui import words
from tokentrack.ui.asking import Doing, InPassing
from tokentrack.ui.feed import Feed, Spaced, once
from tokentrack.ui.figure import Figure
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.frame import GAP, MARGIN, foot, primary
from tokentrack.ui.inbox_keys import KeyList
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Deciding, Reviewing, Source, Weeks
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.text import Text
from tokentrack.ui.theme import scaled, set_role
from tokentrack.ui.week_close import ClosedStep, CloseStep
from tokentrack.ui.week_figures import Figures, list_value
from tokentrack.ui.week_find import HINT, Hits
from tokentrack.ui.week_head import WeekHead
from tokentrack.ui.week_keys import KEYS
from tokentrack.ui.week_outcomes import OutcomesStep
from tokentrack.ui.week_step import Step
from tokentrack.ui.week_steps import InsightsStep, NextStep, NoteStep, RecallStep
from tokentrack.ui.windows.week_inbox import InboxStep

SETTLE_MS = 250
"""Answers come fast; what follows from them is asked when they pause."""
LOW, LOWEST = 600, 520
"""Pixels of height below which the inbox, and then the tasks, have the room of the figures, which stand without their notes."""
NARROW = 560
"""Pixels of width below which the head names the week alone."""
RECALL, INBOX, OUTCOMES, INSIGHTS, NEXT, NOTE, CLOSE = range(7)
LOOKING = "Adding up the week"


class Page(QWidget):
    """`left` leaves the review, `task_asked` and `session_asked` ask the window for what was found."""

    why_asked = Signal(object)
    settings_asked = Signal()
    left = Signal()
    task_asked = Signal(str)
    session_asked = Signal(str)

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._source = feed, source
        self._asking: InPassing[Weeks] = InPassing(source.weeks, self)
        self._seeking: InPassing[Weeks] = InPassing(source.weeks, self)
        self._monday: date | None = None
        self.steps: Steps | None = None
        self._draft = Draft("")
        self._unkept: dict[str, dict[str, Any]] = {}
        """Of each week, what could not be written."""
        self._arriving, self._held = True, False
        self.keys: KeyList | None = None
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self._doing)
        self._build()
        self._connect()
        self._add_keys()
        self._settle = once(self, self._ask)
        self._seek = once(self, self._on_seek)
        self._show_step()
        self._pace = Spaced(self, feed, self.refresh)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(12)
        self.keys_hint = KeyHint("?", "keys", self.open_keys, "List all keys")
        self.head = WeekHead(self.keys_hint)
        column.addWidget(self.head)
        self.finder = FindLine(HINT, HINT)
        self.finder.hide()
        self._problems, self.figures = PageProblems(self._feed), Figures()
        for part in (self.finder, self._problems, self.figures):
            column.addWidget(part)
        self.stack = QStackedWidget(self)
        self._waiting = Text(LOOKING, role="secondary")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build_steps(self.stack)
        for shown in (self._waiting, *self.sequence, self.closed, self.hits):
            self.stack.addWidget(shown)
        column.addWidget(self.stack, 1)
        column.addWidget(self.bar)
        column.addLayout(self._foot())

    def _build_steps(self, into: QWidget) -> None:
        """Where they stay: what is given another parent is styled anew, with all that is in it."""
        self.recall, self.inbox = RecallStep(into), InboxStep(self._feed, self._source, into)
        self.outcomes, self.insights = OutcomesStep(self._source, into), InsightsStep(into)
        self.next, self.note = NextStep(into), NoteStep(into)
        self.close_step, self.closed = CloseStep(into), ClosedStep(into)
        self.hits = Hits(into)
        self.sequence: tuple[Step, ...] = (
            self.recall, self.inbox, self.outcomes, self.insights, self.next, self.note, self.close_step,
        )  # fmt: skip

    def _foot(self) -> QHBoxLayout:
        self.back_hint = KeyHint("⌫", "back", self.back, "Back to the step before")
        self.undo_hint = KeyHint("Ctrl Z", "undo", self._undo)
        self.find_hint = KeyHint("/", "find", self.open_find, "Find tasks, sessions, notes and sentences")
        hints = [hint for step in (*self.sequence, self.closed) for hint in step.hints]
        self.primary = primary("", self._on_primary)
        self.primary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return foot((self.back_hint, *hints, self.undo_hint, self.find_hint), self.primary)

    def _connect(self) -> None:
        for step in (*self.sequence, self.closed):
            step.answered.connect(self._decide)
            step.failed.connect(self.bar.failed)
            step.moved.connect(partial(self._on_moved, step))
            step.passed.connect(self.pass_)
            step.kept.connect(self._on_kept)
            step.why_asked.connect(self.why_asked)
            step.settings_asked.connect(self.settings_asked)
        self.figures.asked.connect(self.why_asked)
        self.bar.changed.connect(self._on_way_back)
        self._doing.idle.connect(self._on_idle)
        self.inbox.inbox.bar.changed.connect(self._ask_soon)
        self.inbox.inbox.left.connect(self.leave)
        self.recall.closing.connect(self._close_earlier)
        self.closed.reopening.connect(self._reopen)
        self.head.turned.connect(self._turn)
        self.finder.textEdited.connect(lambda _: self._seek.start(SETTLE_MS))
        self.finder.led.connect(self.hits.lead)
        self.finder.entered.connect(self._open_found)
        self.hits.opened.connect(self._on_hit)

    def _add_keys(self) -> None:
        """Where the inbox is shown, keys that it has itself are its own."""
        for keys, act in (
            ("Ctrl+Right", self.pass_), ("Backspace", self.back), ("Ctrl+Return", self.close_week),
            ("Ctrl+Enter", self.close_week), ("Alt+Left", partial(self._turn, -1)), ("Alt+Right", partial(self._turn, 1)),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, act)
        self._own_keys = [
            QShortcut(QKeySequence(keys), self, act)
            for keys, act in (
                ("Esc", self.leave), ("Ctrl+Z", self._undo), ("Ctrl+Shift+Z", self._redo), ("?", self.open_keys),
                ("/", self.open_find), ("F1", self._on_why),
            )
        ]  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """`Enter` that nothing else took presses the button that the keyboard was led to, else it goes on."""
        focus = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            focus.click() if isinstance(focus, QAbstractButton) else self.go_on()
        else:
            super().keyPressEvent(event)

    # asking ----------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._problems.refresh()
        if not self._settle.isActive():
            self._ask()

    def _ask(self) -> None:
        """What is on screen stays until the answer has come; asked when all is written, else it would not be true."""
        self._held = self._doing.busy or self.inbox.inbox.busy
        if self._held:
            return
        self._pace.asked()
        monday = self._monday
        self._asking.ask("steps", lambda weeks, _: weeks.steps(monday), self._on_steps, self._on_fault)

    def _on_idle(self) -> None:
        if self._held:
            self._ask()

    def _ask_soon(self) -> None:
        """An answer that is under way knows nothing of what was just answered."""
        self._asking.rest()
        self._settle.start(SETTLE_MS)
        self._feed.hint()

    def _on_way_back(self) -> None:
        self._ask_soon()
        self.inbox.inbox.refresh()

    def _on_steps(self, steps: Steps) -> None:
        self._pace.answered()
        self._problems.say("")
        arrived = self._arriving or self.steps is None or self.steps.week.closed != steps.week.closed
        if self._arriving:
            self._draft = steps.draft._replace(**self._unkept.get(steps.draft.week, {}))
            self._arriving = False
        self._monday = steps.week.monday
        self.steps = steps = replace(steps, draft=self._draft)
        self.figures.put(steps)
        for step in (self.closed,) if steps.week.closed else self.sequence:
            step.put(self.steps)  # a step may have told of the note meanwhile
        if arrived:
            self._show_step(self._draft.place)
        self._show_head()

    def _on_fault(self, sentence: str) -> None:
        self._pace.answered()
        self._problems.say(sentence)

    # showing ---------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """None while the week is added up."""
        if self.steps is None or self._arriving:
            return None
        return self.closed if self.steps.week.closed else self.sequence[max(RECALL, min(self._draft.step, CLOSE))]

    @property
    def _in_inbox(self) -> bool:
        return self.step is self.inbox and self.finder.isHidden()

    def _show_step(self, place: str = "") -> None:
        step = self.step
        self.stack.setCurrentWidget(step or self._waiting)
        self._show_head()
        if step:
            step.open_(place)
        if step is self.insights and (monday := self._monday):
            self._doing.do(lambda to: to.reviewing.show_insights(monday), lambda _: None, self._on_fault)

    def _show_head(self) -> None:
        step, steps = self.step, self.steps
        self.head.title.setText(step.title if step else "Week")
        self.head.title.setVisible(not self._in_inbox)
        if steps:
            number = self.sequence.index(step) if step in self.sequence else 0
            place = f" · step {number} of {CLOSE}" if number else ""
            self.head.put(steps.week.monday, steps.first, place, self.width() < scaled(NARROW))
        for one in (*self.sequence, self.closed):
            for hint in one.hints:
                hint.setVisible(one is step)
        self.back_hint.setVisible(step in self.sequence and step is not self.recall)
        for shown in (self.find_hint, self.keys_hint):
            shown.setVisible(not self._in_inbox)
        self.undo_hint.setVisible(not self._in_inbox and step is not self.closed)
        for key in self._own_keys:
            key.setEnabled(not self._in_inbox)
        self._show_primary(step)
        self._fit()

    def _show_primary(self, step: Step | None) -> None:
        word, key, name = "Next", "↵", "Next step"
        if not self.finder.isHidden():
            word, name = "Open", "Open what was found"
        elif step is self.inbox:
            key = "Ctrl →"
        elif step is not None:
            word = step.word
            key = "Ctrl ↵" if step is self.close_step else "↵"
            name = word if step in (self.close_step, self.closed) else name
        self.primary.setText(f"{word}   {key}")
        self.primary.setAccessibleName(name)
        self.primary.setEnabled(step is not None)
        set_role(self.primary, "" if self._in_inbox else "primary")  # the inbox has a primary button of its own

    def _fit(self) -> None:
        low = self.height() < LOW
        gives_way = self._in_inbox or (self.step is self.outcomes and self.height() < LOWEST)
        self.figures.setVisible(not (low and gives_way))
        self.figures.compact(low, self.width() < scaled(NARROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_head()
        super().resizeEvent(event)

    # moving ----------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """`Enter`: the next thing in the step, else the next step."""
        step = self.step
        if step is self.closed:
            self.leave()
        elif step and step is not self.close_step and not step.go_on():
            self.pass_()

    def pass_(self) -> None:
        """The next step, whatever is there to do in this one."""
        if self.step in self.sequence and self.step is not self.close_step:
            self.open_step(self._draft.step + 1)

    def back(self) -> None:
        step = self.step
        if step is not None and step in self.sequence and step is not self.recall and not step.go_back():
            self.open_step(self._draft.step - 1)

    def open_step(self, number: int) -> None:
        if self.step:
            self.step.leave()
        self._arriving = self.step is self.inbox and self.inbox.decided
        if self._arriving:
            self._asking.rest()  # an answer that is under way may not know what was linked
        self._end_find()
        self.bar.clear()
        self._keep(step=max(RECALL, min(number, CLOSE)), place="")
        self._show_step()
        if self._arriving:
            self._ask()

    def _on_primary(self) -> None:
        if not self.finder.isHidden():
            self._open_found()
        elif self.step is self.close_step:
            self.close_week()
        elif self.step is self.inbox:
            self.pass_()
        else:
            self.go_on()

    def leave(self) -> None:
        """The review goes on here when the page is opened next, for the week that is due then."""
        if not self.finder.isHidden():
            self._end_find()
            self._show_step(self._draft.place)
            return
        self.left.emit()

    def _turn(self, by: int) -> None:
        """Another week."""
        steps = self.steps
        if steps is None:
            return
        monday = steps.week.monday + by * 7 * clock.DAY
        if steps.first <= monday <= clock.monday_of(clock.today()):
            self.open_week(monday)

    def open_week(self, monday: date) -> None:
        if self.step:
            self.step.leave()
        self._end_find()
        self.bar.clear()
        self._monday, self._arriving = monday, True
        self._show_step()
        self._ask()

    # keeping ---------------------------------------------------------------------------------------------------------

    def _decide(self, act: Callable[[Deciding], str]) -> None:
        """An answer that is under way knows nothing of it."""
        self._asking.rest()
        self._doing.do(act, self._on_decided, partial(self._on_undecided, act))

    def _on_decided(self, what: str) -> None:
        self.bar.did(what)
        self._ask_soon()

    def _on_undecided(self, act: Callable[[Deciding], str], sentence: str) -> None:
        self.bar.failed(sentence, partial(self._decide, act))
        self._ask_soon()

    def _keep(self, **fields: Any) -> None:
        """With what could not be kept before."""
        before, self._draft = self._draft, self._draft._replace(**fields)
        unkept = self._unkept.pop(before.week, {})
        if self._draft != before or unkept:
            fields = unkept | fields
            failed = partial(self._on_unkept, before.week, fields)
            self._doing.do(lambda to: to.reviewing.keep(before.week, fields), self._on_kept_there, failed)

    def _on_kept_there(self, draft: Draft) -> None:
        """With what another process noted meanwhile."""
        if draft.week == self._draft.week and not self._doing.busy:
            self._draft = draft

    def _on_unkept(self, week: str, fields: dict[str, Any], sentence: str) -> None:
        """It stands there as it was typed since, and is kept with what comes next."""
        if week == self._draft.week:
            fields = {name: getattr(self._draft, name) for name in fields}
        self._unkept[week] = self._unkept.get(week, {}) | fields
        self.bar.failed(sentence, self._keep)

    def _on_kept(self, fields: dict[str, Any]) -> None:
        self._keep(**fields)
        if self.steps:
            self.steps = replace(self.steps, draft=self._draft)
            for step in (self.note, self.close_step):
                step.put(self.steps)

    def _on_moved(self, step: Step) -> None:
        if step is self.step:
            self._keep(place=step.place)

    # closing ---------------------------------------------------------------------------------------------------------

    def close_week(self) -> None:
        """From the last step; from any other it leads there."""
        if self.step is not self.close_step:
            if self.step in self.sequence:
                self.open_step(CLOSE)
            return
        if monday := self._monday:
            self.primary.setEnabled(False)
            self._change(lambda reviewing: reviewing.close_week(monday), (monday,))

    def _close_earlier(self) -> None:
        if (monday := self._monday) and self.steps:
            self._change(lambda reviewing: reviewing.close_earlier(monday), self.steps.earlier)

    def _change(self, change: Callable[[Reviewing], str], closed: tuple[date, ...]) -> None:
        self._asking.rest()
        self._keep()
        self._doing.do(lambda to: change(to.reviewing), partial(self._on_did, closed), self._on_refused)

    def _on_did(self, closed: tuple[date, ...], what: str) -> None:
        self.bar.say(what, partial(self._open_again, closed))
        self._ask()
        self._feed.hint()

    def _on_refused(self, sentence: str) -> None:
        self.bar.failed(sentence)
        self._ask()

    def _reopen(self) -> None:
        if self._monday:
            self._open_again((self._monday,), step=OUTCOMES, place="")

    def _open_again(self, mondays: tuple[date, ...], **fields: Any) -> None:
        """`fields` are those of the review that goes on."""
        opened = partial(self._on_opened, mondays, fields)
        self._doing.do(lambda to: to.reviewing.reopen(mondays), opened, self.bar.failed)

    def _on_opened(self, mondays: tuple[date, ...], fields: Mapping[str, Any], _: object) -> None:
        self._keep(**fields)
        one = f"Week {mondays[0].isocalendar().week} is" if len(mondays) == 1 else f"{len(mondays)} weeks are"
        self.bar.say(f"{one} open again.")
        self._ask()
        self._feed.hint()

    def _undo(self) -> None:
        self._step_back(self.bar.undo)

    def _redo(self) -> None:
        self._step_back(self.bar.redo)

    def _step_back(self, step: Callable[[], None]) -> None:
        """Answers stand as a closed week has them; what was closed last is opened again."""
        if self.step is self.closed and not self.bar.way_back:
            self.bar.say("The week is closed: nothing was changed. o opens it again.")
        else:
            step()

    # finding ---------------------------------------------------------------------------------------------------------

    def open_find(self) -> None:
        self.finder.open_()
        self._show_head()

    def _end_find(self) -> None:
        self._seek.stop()
        self.finder.clear()
        self.finder.hide()

    def _on_seek(self) -> None:
        text = self.finder.text().strip()
        if text:
            self._seeking.ask("find", lambda weeks, _: weeks.search(text), self._on_hits, self._on_fault)
        else:
            self._show_step(self._draft.place)
            self.finder.setFocus()

    def _on_hits(self, hits: tuple[Hit, ...]) -> None:
        if not self.finder.isHidden():
            self.hits.put(hits, self.finder.text().strip())
            self.stack.setCurrentWidget(self.hits)

    def _open_found(self) -> None:
        if self.stack.currentWidget() is self.hits:
            self.hits.open_()

    def _on_hit(self, hit: Hit) -> None:
        self._end_find()
        if hit.kind == "week":
            self.open_week(clock.parse_week(hit.id))
            return
        self._show_step(self._draft.place)
        (self.session_asked if hit.kind == "session" else self.task_asked).emit(hit.id)

    # asking how ------------------------------------------------------------------------------------------------------

    def _on_why(self) -> None:
        if self.steps:
            text = words.money(self.steps.week.told.list_value)
            self.why_asked.emit(Figure(list_value(self.steps), "List value", text))

    def open_keys(self) -> None:
        self.keys = KeyList(self, "Keys of the review", KEYS)
        self.keys.finished.connect(self._on_keys_closed)
        self.keys.open()

    def _on_keys_closed(self) -> None:
        """The keyboard is where it was."""
        self.activateWindow()
        if self.step:
            self.step.open_(self.step.place)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._arriving:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is opened next is the week that is due then, at the step where its review stands."""
        super().hideEvent(event)
        if event.spontaneous():
            return
        if self.step:
            self.step.leave()
        self._monday, self._arriving = None, True
        self._asking.rest()
        self._seeking.rest()
