"""The week's review: seven short steps by keyboard, from what was said the week before to closing. Each can be skipped.

Every answer and the place are written when they are given, in their order, so the review goes on where it was (AC 43).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.review.steps import Steps
from tokentrack.store.search import Hit
from tokentrack.ui import words
from tokentrack.ui.asking import Doing
from tokentrack.ui.feed import Feed, Spaced
from tokentrack.ui.figure import Figure
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.frame import GAP, MARGIN
from tokentrack.ui.inbox_keys import KeyList
from tokentrack.ui.journal_bar import JournalBar, stepped
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.text import Text
from tokentrack.ui.theme import scaled
from tokentrack.ui.week_closing import Closing
from tokentrack.ui.week_draft import KeptDraft
from tokentrack.ui.week_figures import Figures, list_value
from tokentrack.ui.week_find import HINT, Finding, Hits
from tokentrack.ui.week_foot import WeekFoot
from tokentrack.ui.week_head import WeekHead
from tokentrack.ui.week_keys import KEYS
from tokentrack.ui.week_now import WeekNow
from tokentrack.ui.week_step import Step
from tokentrack.ui.windows.week_stack import CLOSE, CLOSED, INBOX, INSIGHTS, NOTE, OUTCOMES, RECALL, StepStack

LOW, LOWEST = 600, 520
"""Pixels of height below which the inbox, and then the tasks, have the room of the figures, which stand without their notes."""
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
        self.keys: KeyList | None = None
        self._went_back = False
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self._doing)
        self.kept = KeptDraft(self._doing, self.bar)
        self.now = WeekNow(source, feed, self.kept, self._writing, self.isVisible, self)
        self._closing = Closing(self._doing, self.bar, self.kept, self)
        self._build()
        self._connect()
        self._add_keys()
        self._show_step()
        self._pace = Spaced(self, feed, self.refresh, lambda: bool(self.now.asking.waiting))
        self.now.asked.connect(self._pace.asked)

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
        self._problems, self.figures = PageProblems(self._feed, self.refresh), Figures()
        for part in (self.finder, self._problems, self.figures):
            column.addWidget(part)
        self.stack = StepStack(self._feed, self._source, lambda: self.steps, self)
        self._waiting = Text(LOOKING, role="secondary")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hits = Hits(self.stack)
        self._finding = Finding(self._source, self.finder, self.hits, self)
        for shown in (self._waiting, self.hits):
            self.stack.addWidget(shown)
        column.addWidget(self.stack, 1)
        column.addWidget(self.bar)
        self.foot = WeekFoot()
        column.addWidget(self.foot)

    def _connect(self) -> None:
        self.foot.went_back.connect(self.back)
        self.foot.undone.connect(self._undo)
        self.foot.sought.connect(self.open_find)
        self.foot.led_on.connect(self._on_primary)
        self.figures.asked.connect(self.why_asked)
        self.bar.changed.connect(self._on_way_back)
        self._doing.idle.connect(self.now.on_idle)
        self.now.came.connect(self._on_came)
        self.now.failed.connect(self._on_fault)
        self.stack.made.connect(self.foot.add)
        self.stack.answered.connect(self._decide)
        self.stack.failed.connect(self.bar.failed)
        self.stack.moved.connect(self._on_moved)
        self.stack.passed.connect(self.pass_)
        self.stack.kept.connect(self._on_kept)
        self.stack.why_asked.connect(self.why_asked)
        self.stack.settings_asked.connect(self.settings_asked)
        self.stack.closing.connect(self._close_earlier)
        self.stack.reopening.connect(self._reopen)
        self.stack.left.connect(self.leave)
        self.stack.relinked.connect(self.now.ask_soon)
        self._closing.done.connect(self._on_closing)
        self._closing.refused.connect(self.now.ask)
        self.head.turned.connect(self._turn)
        self.finder.entered.connect(self._open_found)
        self._finding.found.connect(lambda: self.stack.setCurrentWidget(self.hits))
        self._finding.emptied.connect(self._show_there)
        self._finding.failed.connect(self._on_fault)
        self.hits.opened.connect(self._on_hit)

    # keys ------------------------------------------------------------------------------------------------------------

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
        self.now.refresh()

    @property
    def steps(self) -> Steps | None:
        """As they are known now; None until the week is added up."""
        return self.now.steps

    def _writing(self) -> bool:
        return self._doing.busy or self.stack.writing

    def _on_way_back(self) -> None:
        self._went_back = True
        self.now.ask_soon()
        self.stack.refresh_inbox()

    def _on_came(self, other: bool) -> None:
        self._pace.answered()
        self._problems.say("")
        if steps := self.steps:
            self.figures.put(steps)
            self.stack.put((CLOSED,) if steps.week.closed else range(CLOSED), self.number if self._went_back else None)
        self._went_back = False
        if other:
            self._show_there()
        self._show_head()

    def _on_fault(self, sentence: str) -> None:
        self._pace.answered()
        self._problems.say(sentence)

    # showing ---------------------------------------------------------------------------------------------------------

    @property
    def number(self) -> int | None:
        """Of the step in hand; None while the week is added up."""
        if self.steps is None or self.now.arriving:
            return None
        return CLOSED if self.steps.week.closed else max(RECALL, min(self.kept.draft.step, CLOSE))

    @property
    def step(self) -> Step | None:
        """That step."""
        return None if self.number is None else self.stack.at(self.number)

    @property
    def _in_inbox(self) -> bool:
        return self.number == INBOX and not self._finding.on

    def _show_step(self, place: str = "") -> None:
        """A page that is not seen takes no keyboard: it is asked anew, and opens its step, when it is shown."""
        step = self.step
        self.stack.setCurrentWidget(step or self._waiting)
        self._show_head()
        if not self.isVisible():
            return
        if step:
            step.open_(place)
        if self.number == INSIGHTS and (monday := self.now.monday):
            self._doing.do(lambda to: to.reviewing.show_insights(monday), lambda _: None, self._on_fault)

    def _show_there(self) -> None:
        """The step in hand, at the place where it was."""
        self._show_step(self.kept.draft.place)

    def _show_head(self) -> None:
        step, steps, number = self.step, self.steps, self.number
        self.head.title.setText(step.title if step else "Week")
        self.head.title.setVisible(not self._in_inbox)
        self.keys_hint.setVisible(not self._in_inbox)
        if steps:
            place = f" · step {number} of {CLOSE}" if number in range(INBOX, CLOSED) else ""
            self.head.put(steps.week.monday, steps.first, place, self.width() - 2 * MARGIN)
        self.foot.put(
            step,
            back=number in range(INBOX, CLOSED),
            undo=number != CLOSED,
            in_inbox=self._in_inbox,
            finding=self._finding.on,
        )
        for key in self._own_keys:
            key.setEnabled(not self._in_inbox)
        self._fit()

    def _fit(self) -> None:
        low = self.height() < scaled(LOW)
        gives_way = self._in_inbox or (self.number == OUTCOMES and self.height() < scaled(LOWEST))
        self.figures.setVisible(not (low and gives_way))
        self.figures.compact(low, self.width() - 2 * MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_head()
        super().resizeEvent(event)

    # moving ----------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """`Enter`: the next thing in the step, else the next step."""
        step = self.step
        if self.number == CLOSED:
            self.leave()
        elif step and self.number != CLOSE and not step.go_on():
            self.pass_()

    def pass_(self) -> None:
        """The next step, whatever is there to do in this one."""
        if self.number in range(CLOSE):
            self.open_step(self.kept.draft.step + 1)

    def back(self) -> None:
        step = self.step
        if step and self.number in range(INBOX, CLOSED) and not step.go_back():
            self.open_step(self.kept.draft.step - 1)

    def open_step(self, number: int) -> None:
        if self.step:
            self.step.leave()
        self.now.arriving = self.number == INBOX and self.stack.inbox.decided
        if self.now.arriving:
            self.now.rest()  # an answer that is under way may not know what was linked
        self._finding.end()
        self.bar.clear()
        self.kept.keep(step=max(RECALL, min(number, CLOSE)), place="")
        self._show_step()
        if self.now.arriving:
            self.now.ask()

    def _on_primary(self) -> None:
        if self._finding.on:
            self._open_found()
        elif self.number == CLOSE:
            self.close_week()
        elif self.number == INBOX:
            self.pass_()
        else:
            self.go_on()

    def leave(self) -> None:
        """The review goes on here when the page is opened next, for the week that is due then."""
        if self._finding.on:
            self._finding.end()
            self._show_there()
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
        self._finding.end()
        self.bar.clear()
        self.now.turn_to(monday)
        self._show_step()
        self.now.ask()

    # keeping ---------------------------------------------------------------------------------------------------------

    def _decide(self, act: Callable[[Deciding], str]) -> None:
        """An answer that is under way knows nothing of it."""
        self.now.rest()
        self._doing.do(stepped(act), self._on_decided, partial(self._on_undecided, act))

    def _on_decided(self, told: tuple[str, int | None]) -> None:
        self.bar.did(*told)
        self.now.ask_soon()

    def _on_undecided(self, act: Callable[[Deciding], str], sentence: str) -> None:
        self.bar.failed(sentence, partial(self._decide, act))
        self.now.ask_soon()

    def _on_kept(self, fields: dict[str, Any]) -> None:
        self.kept.keep(**fields)
        self.now.put_draft()
        self.stack.put((NOTE, CLOSE))

    def _on_moved(self, step: Step) -> None:
        if step is self.step:
            self.kept.keep(place=step.place)

    # closing ---------------------------------------------------------------------------------------------------------

    def close_week(self) -> None:
        """From the last step; from any other it leads there."""
        if self.number != CLOSE:
            if self.number in range(CLOSE):
                self.open_step(CLOSE)
            return
        if monday := self.now.monday:
            self.foot.primary.setEnabled(False)
            self.now.rest()
            self._closing.close(monday)

    def _close_earlier(self) -> None:
        if (monday := self.now.monday) and self.steps:
            self.now.rest()
            self._closing.close_earlier(monday, self.steps.earlier)

    def _on_closing(self) -> None:
        self.now.ask()
        self._feed.hint()

    def _reopen(self) -> None:
        if self.now.monday:
            self._closing.reopen((self.now.monday,), step=OUTCOMES, place="")

    def _undo(self) -> None:
        self._step_back(self.bar.undo)

    def _redo(self) -> None:
        self._step_back(self.bar.redo)

    def _step_back(self, step: Callable[[], None]) -> None:
        """Answers stand as a closed week has them; what was closed last is opened again."""
        if self.number == CLOSED and not self.bar.way_back:
            self.bar.say("The week is closed: nothing was changed. o opens it again.")
        else:
            step()

    # finding ---------------------------------------------------------------------------------------------------------

    def open_find(self) -> None:
        self.finder.open_()
        self._show_head()

    def _open_found(self) -> None:
        if self.stack.currentWidget() is self.hits:
            self.hits.open_()

    def _on_hit(self, hit: Hit) -> None:
        self._finding.end()
        if hit.kind == "week":
            self.open_week(clock.parse_week(hit.id))
            return
        self._show_there()
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
        if self.step and self.isVisible():
            self.activateWindow()
            self.step.open_(self.step.place)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.now.arriving:
            self.now.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is opened next is the week that is due then, at the step where its review stands."""
        super().hideEvent(event)
        if event.spontaneous():
            return
        if self.step:
            self.step.leave()
        self.now.turn_to(None)
        self.now.rest()
        self._finding.rest()
