"""The week's review: seven short steps by keyboard, from what was said the week before to closing. Each can be skipped.

Every answer and the place are kept at once, so the review goes on where it was, whatever ended it (AC 43).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tokentrack import clock
from tokentrack.review.insights import KEPT, Insight
from tokentrack.review.paid import Paid
from tokentrack.review.steps import Steps
from tokentrack.store.reviews import Draft
from tokentrack.store.search import Hit
from tokentrack.ui import words
from tokentrack.ui.asking import Hand, InPassing
from tokentrack.ui.feed import Feed, Spaced
from tokentrack.ui.figure import Figure, Number, Sentence
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import GAP, MARGIN
from tokentrack.ui.inbox_keys import KeyList
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.outcome_bar import link
from tokentrack.ui.source import Source, Weeks
from tokentrack.ui.strip import Problems, sentences
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, TITLE, font, label
from tokentrack.ui.week_cards import OutcomesStep
from tokentrack.ui.week_close import ClosedStep, CloseStep, not_linked
from tokentrack.ui.week_step import Step
from tokentrack.ui.week_steps import InsightsStep, NextStep, NoteStep, RecallStep, finder
from tokentrack.ui.windows import inbox

SETTLE_MS = 250
"""Answers come fast; what follows from them is asked when they pause."""
LOW, LOWEST = 600, 520
"""Pixels of height below which the inbox, and then the tasks, have the room of the figures, which stand without their notes."""
NARROW = 560
"""Pixels of width below which the head names the week alone."""
RECALL, INBOX, OUTCOMES, INSIGHTS, NEXT, NOTE, CLOSE = range(7)
LOOKING = "Adding up the week"
KEYS = (
    (("↵",), "next"),
    (("Ctrl →",), "next step, from everywhere"),
    (("⌫",), "back"),
    (("Esc",), "leave; the review goes on here"),
    (("y", "p", "n"), "recall: it was tried, partly, not"),
    (("c",), "recall: close earlier weeks as they are"),
    (("1", "…", "6"), "outcomes: what came of the task"),
    (("s",), "outcomes: one sentence"),
    (("y", "n", "u"), "outcomes: worth at least that, not, cannot tell"),
    (("a", "b"), "outcomes: done anyway, not"),
    (("e", "f"), "outcomes: evidence, follow-up of another task"),
    (("k", "n"), "insights: keep in the note, not useful"),
    (("Ctrl ↵",), "close the week"),
    (("Alt ←", "Alt →"), "earlier and later weeks"),
    (("o",), "open a closed week again"),
    (("/",), "find tasks, sessions, notes and sentences"),
    (("F1",), "how the figures are computed"),
    (("Ctrl Z", "Ctrl Shift Z"), "undo and redo, also after a restart, for 30 days"),
    (("?",), "this list"),
)
KINDS = {"learned": "learned", "outcome": "sentence"}

HITS: tuple[Column[Hit], ...] = (
    Column("What", lambda hit: KINDS.get(hit.kind, hit.kind), widest="sentence"),
    Column("Found", lambda hit: hit.title, tip=lambda hit: hit.title),
    Column("Where it says so", lambda hit: hit.snippet, tip=lambda hit: hit.snippet),
    Column("When", lambda hit: words.when(hit.at, clock.now()) if hit.at else "–", widest="yesterday 09:10"),
)


class InboxStep(Step):
    """The inbox itself; its place is the session that is in hand."""

    def __init__(self, feed: Feed, source: Source) -> None:
        super().__init__()
        self.inbox = inbox.Page(feed, source, within=True)
        self._wanted = ""
        self._began: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.inbox)
        self.inbox.why_asked.connect(self.why_asked)
        self.inbox.table.selectionModel().currentChanged.connect(lambda *_: self._on_moved())

    def open_(self, place: str) -> None:
        self._wanted, self._began = place, None
        self._on_moved()
        self.inbox.take_keyboard()

    @property
    def decided(self) -> bool:
        """Whether anything was linked here: which tasks look finished depends on it."""
        found = self.inbox.inbox
        return found is not None and self._began is not None and found.sessions != self._began

    @property
    def place(self) -> str:
        if self._wanted:
            return self._wanted
        line = self.inbox.table.chosen
        return line.parts[0].session.id if line and line.parts else ""

    def _on_moved(self) -> None:
        """Goes to the row that was in hand once it is there."""
        if self.inbox.inbox is None:
            return
        if self._began is None:
            self._began = self.inbox.inbox.sessions
        wanted, self._wanted = self._wanted, ""
        if wanted:
            shown = self.inbox.table.lines.shown
            at = (n for n, line in enumerate(shown) if any(part.session.id == wanted for part in line.parts))
            self.inbox.table.choose(next(at, 0))
        else:
            self.moved.emit()


class Figures(QWidget):
    """What the week cost, and how much of it is accounted for."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._columns: list[QVBoxLayout] = []
        self.numbers: dict[str, Number] = {}
        self.notes: dict[str, Sentence] = {}
        for name in ("Paid", "List value", "Accounted for"):
            row.addWidget(self._card(name), 1)

    def _card(self, name: str) -> QFrame:
        made = QFrame()
        made.setProperty("role", "card")
        column = QVBoxLayout(made)
        self._columns.append(column)
        column.setSpacing(2)
        number = self.numbers[name] = Number("–", EMPHASIS, STRONG)
        note = self.notes[name] = Sentence("", CAPTION, "secondary")
        for asks in (number, note):
            asks.asked.connect(self.asked)
        for part in (label(name, CAPTION, role="secondary"), number, note):
            column.addWidget(part)
        column.addStretch(1)
        return made

    def put(self, steps: Steps) -> None:
        told = steps.week.told
        week = told.week
        closed = steps.week.closed
        cost = f"paid week:{week} closed" if closed else f"paid week:{week}"
        self.numbers["Paid"].put(paid(told.paid, told.paid_complete), cost, "Paid")
        self.notes["Paid"].beside().put("as it was closed" if closed else paid_of(steps.paid), cost, "Paid")
        unknown = told.unpriced_requests + told.unrecorded_sessions
        value = words.money(told.list_value, unpriced=unknown)
        self.numbers["List value"].put(value, list_value(steps), "List value")
        self.notes["List value"].put("what these tokens cost at API prices")
        share = told.accounted_share
        text = "–" if share is None else words.part(share)
        self.numbers["Accounted for"].put(text, "" if share is None else f"accounted week:{week}", "Accounted for")
        self.notes["Accounted for"].put(*(not_linked(told, closed) if told.requests else ("nothing was used",)))

    def compact(self, low: bool, narrow: bool) -> None:
        """Notes give way where it is low, and sizes where it is narrow: the figures themselves never do."""
        for note in self.notes.values():
            note.setVisible(not low)
        for column, number in zip(self._columns, self.numbers.values(), strict=True):
            side = 8 if narrow else 14
            column.setContentsMargins(side, 8, side, 8)
            number.setFont(font(BODY if narrow else EMPHASIS, STRONG))
            number.updateGeometry()


def list_value(steps: Steps) -> str:
    """What the week's list value is called: of a closed one it is made of what was closed."""
    week = steps.week.told.week
    return f"list week:{week}" if steps.week.closed else f"week:{week}"


def paid(amount: int | None, complete: bool) -> str:
    """`about $53`: a plan's fee is told by day."""
    if amount is None:
        return words.money(None)
    return f"{'about' if complete else 'at least'} {words.money(amount)}"


def paid_of(found: Paid) -> str:
    """`$47 plan + $6 extra`."""
    if found.amount is None:
        return "no plan or charge is entered"
    parts = [f"{words.money(found.fees)} plan"] if found.fees else []
    parts += [f"{words.money(found.charges)} extra"] if found.charges else []
    return " + ".join(parts) or "no plan, no charge"


def days(monday: date) -> str:
    """`16 to 22 Nov`, `30 Nov to 6 Dec`."""
    last = monday + 6 * clock.DAY
    month = "" if monday.month == last.month else f" {words.MONTHS[monday.month - 1]}"
    year = "" if last.year == clock.today().year else f" {last.year}"
    return f"{monday.day}{month} to {last.day} {words.MONTHS[last.month - 1]}{year}"


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
        self._reviewing = source.reviewing()
        self._asking: InPassing[Weeks] = InPassing(source.weeks, self)
        self._changing: InPassing[Weeks] = InPassing(source.weeks, self)
        self._seeking: InPassing[Weeks] = InPassing(source.weeks, self)
        self._monday: date | None = None
        self.steps: Steps | None = None
        self._draft = Draft("")
        self._fault = ""
        self._arriving = True
        self.keys: KeyList | None = None
        self.recall, self.inbox, self.outcomes = RecallStep(), InboxStep(feed, source), OutcomesStep(source)
        self.insights, self.next, self.note = InsightsStep(source), NextStep(source), NoteStep()
        self.close_step, self.closed = CloseStep(), ClosedStep()
        self.sequence: tuple[Step, ...] = (
            self.recall, self.inbox, self.outcomes, self.insights, self.next, self.note, self.close_step,
        )  # fmt: skip
        self.bar = JournalBar(source.journal())
        self._build()
        self._connect()
        self._add_keys()
        self._settle = self._timer(self._ask)
        self._seek = self._timer(self._on_seek)
        self._show_step()
        self._pace = Spaced(self, feed, self.refresh)

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(12)
        column.addLayout(self._head())
        self.finder = finder()
        self.finder.textEdited.connect(lambda _: self._seek.start(SETTLE_MS))
        self.finder.installEventFilter(self)
        self._problems, self.figures = Problems(), Figures()
        for part in (self.finder, self._problems, self.figures):
            column.addWidget(part)
        self.stack = QStackedWidget(self)
        self._waiting = Text(LOOKING, role="secondary")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.rows = Rows(HITS)
        self.hits = Table(self.rows, "What was found", stretch=(1, 2))
        self.hits.give_way((3, 0), 400)
        self.answer = Text("")
        self.hits.selectionModel().currentRowChanged.connect(self._on_row)
        self.stack.currentChanged.connect(self._show_answer)
        self._nothing = Text("", role="secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for shown in (self._waiting, *self.sequence, self.closed, self.hits, self._nothing):
            self.stack.addWidget(shown)
        column.addWidget(self.stack, 1)
        column.addWidget(self.answer)
        self._show_answer()
        column.addWidget(self.bar)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._title = Elided("", TITLE, STRONG)
        self.when = label("", CAPTION, role="secondary")
        self.earlier, self.later = link("‹", "Earlier week"), link("›", "Later week")
        for button, keys in ((self.earlier, "Alt ←"), (self.later, "Alt →")):
            button.setFont(font(EMPHASIS))
            button.setToolTip(keys)
        self.keys_hint = KeyHint("?", "keys", self.open_keys, "List all keys")
        row.addWidget(self._title)
        row.addStretch(1)
        for part in (self.earlier, self.when, self.later, self.keys_hint):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _foot(self) -> QHBoxLayout:
        self.back_hint = KeyHint("⌫", "back", self.back, "Back to the step before")
        self.undo_hint = KeyHint("Ctrl Z", "undo", self._undo)
        self.find_hint = KeyHint("/", "find", self.open_find, "Find tasks, sessions, notes and sentences")
        hints = [hint for step in (*self.sequence, self.closed) for hint in step.hints]
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(flow(self.back_hint, *hints, self.undo_hint, self.find_hint, gap=12, row_gap=0), 1)
        self.primary = QPushButton("")
        self.primary.setFont(font())
        self.primary.setProperty("role", "primary")
        self.primary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.primary.clicked.connect(self._on_primary)
        row.addWidget(self.primary, 0, Qt.AlignmentFlag.AlignBottom)
        return row

    def _connect(self) -> None:
        for step in (*self.sequence, self.closed):
            step.did.connect(self.bar.did)
            step.failed.connect(self.bar.failed)
            step.changed.connect(self._ask_soon)
            step.moved.connect(partial(self._on_moved, step))
            step.passed.connect(self.pass_)
            step.kept.connect(self._on_kept)
            step.why_asked.connect(self.why_asked)
            step.settings_asked.connect(self.settings_asked)
        self.figures.asked.connect(self.why_asked)
        self.bar.changed.connect(self._on_way_back)
        self.inbox.inbox.bar.changed.connect(self._ask_soon)
        self.inbox.inbox.left.connect(self.leave)
        self.recall.closing.connect(self._close_earlier)
        self.insights.told.connect(self._on_told)
        self.closed.reopening.connect(self._reopen)
        self.earlier.clicked.connect(partial(self._turn, -1))
        self.later.clicked.connect(partial(self._turn, 1))
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
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        ):
            focus.click() if isinstance(focus, QAbstractButton) else self.go_on()
        else:
            super().keyPressEvent(event)

    # asking ----------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._show_problems()
        if not self._settle.isActive():
            self._ask()

    def _ask(self) -> None:
        """What is on screen stays until the answer has come. What the inbox is still writing brings another hint with it."""
        if self.inbox.inbox.busy:
            return
        self._pace.asked()
        self._asking.ask("steps", partial(_steps, self._monday), self._on_steps, self._on_fault)

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
        self._fault = ""
        self._show_problems()
        arrived = self._arriving or self.steps is None or self.steps.week.closed != steps.week.closed
        if self._arriving:
            self._draft = self._reviewing.draft(steps.week.monday)
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
        self._fault = sentence
        self._show_problems()

    def _show_problems(self) -> None:
        told = (self._fault,) if self._fault else ()
        self._problems.put(tuple(dict.fromkeys((*told, *sentences(self._feed)))))

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
        if step is self.insights and self._monday:
            self._changing.ask("shown", partial(_show_insights, self._monday), lambda _: None, self._on_fault)

    def _show_head(self) -> None:
        step, steps = self.step, self.steps
        self._title.setText(step.title if step else "Week")
        self._title.setVisible(not self._in_inbox)
        if steps is None:
            self.when.setText("")
        else:
            monday = steps.week.monday
            number = self.sequence.index(step) if step in self.sequence else 0
            place = f" · step {number} of {CLOSE}" if number else ""
            when = "" if self.width() < NARROW else f" · {days(monday)}"
            self.when.setText(f"Week {monday.isocalendar().week}{when}{place}")
            self.when.setToolTip(days(monday))
            self.earlier.setEnabled(monday > steps.first)
            self.later.setEnabled(monday < clock.monday_of(clock.today()))
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
        role = "" if self._in_inbox else "primary"  # the inbox has a primary button of its own
        if self.primary.property("role") != role:
            self.primary.setProperty("role", role)
            self.primary.style().unpolish(self.primary)
            self.primary.style().polish(self.primary)

    def _fit(self) -> None:
        low = self.height() < LOW
        gives_way = self._in_inbox or (self.step is self.outcomes and self.height() < LOWEST)
        self.figures.setVisible(not (low and gives_way))
        self.figures.compact(low, self.width() < NARROW)

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

    def _keep(self, **fields: Any) -> None:
        if self._draft._replace(**fields) == self._draft:
            return
        try:
            self._draft = self._reviewing.keep(self._draft.week, fields)
        except Exception as error:  # noqa: BLE001  # said where the person looks; what was typed stands there
            self.bar.failed(str(error))

    def _on_kept(self, fields: dict[str, Any]) -> None:
        self._keep(**fields)
        if self.steps:
            self.steps = replace(self.steps, draft=self._draft)
            for step in (self.note, self.close_step):
                step.put(self.steps)

    def _on_told(self, one: Insight) -> None:
        """A kept sentence is a line of the note as it stands now, whatever was typed since the steps were asked."""
        lines = [line for line in self._draft.note.split("\n") if line and line != one.text]
        self._on_kept({"note": "\n".join([*lines, one.text] if one.answer == KEPT else lines)})

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
        if self._monday:
            self.primary.setEnabled(False)
            self._change(partial(_close_week, self._monday), (self._monday,))

    def _close_earlier(self) -> None:
        if self._monday and self.steps:
            self._change(partial(_close_earlier, self._monday), self.steps.earlier)

    def _change(self, change: Callable[[Weeks, Hand], str], closed: tuple[date, ...]) -> None:
        self._asking.rest()
        self._changing.ask("change", change, partial(self._on_did, closed), self._on_refused)

    def _on_did(self, closed: tuple[date, ...], what: str) -> None:
        self.bar.say(what, partial(self._open_again, closed))
        self._ask()
        self._feed.hint()

    def _on_refused(self, sentence: str) -> None:
        self.bar.failed(sentence)
        self._ask()

    def _reopen(self) -> None:
        if self._monday and self._open_again((self._monday,)):
            self._keep(step=OUTCOMES, place="")

    def _open_again(self, mondays: tuple[date, ...]) -> bool:
        try:
            for monday in mondays:
                self._reviewing.reopen(monday)
        except Exception as error:  # noqa: BLE001  # said where the person looks; the week stays closed
            self.bar.failed(str(error))
            return False
        one = f"Week {mondays[0].isocalendar().week} is" if len(mondays) == 1 else f"{len(mondays)} weeks are"
        self.bar.say(f"{one} open again.")
        self._ask()
        self._feed.hint()
        return True

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
        self.finder.show()
        self.finder.setFocus()
        self.finder.selectAll()
        self._show_head()

    def _end_find(self) -> None:
        self._seek.stop()
        self.finder.clear()
        self.finder.hide()

    def _on_seek(self) -> None:
        text = self.finder.text().strip()
        if text:
            self._seeking.ask("find", partial(_search, text), self._on_hits, self._on_fault)
        else:
            self._show_step(self._draft.place)
            self.finder.setFocus()

    def _on_hits(self, hits: tuple[Hit, ...]) -> None:
        if self.finder.isHidden():
            return
        self.rows.put(hits)
        self._nothing.setText(f"Nothing holds “{words.cut(self.finder.text().strip(), 60)}”.")
        self.stack.setCurrentWidget(self.hits if hits else self._nothing)
        if hits:
            self.hits.setCurrentIndex(self.rows.index(0, 1))

    def _on_row(self, now: QModelIndex | QPersistentModelIndex) -> None:
        """What the chosen row says stands below the table in full."""
        self.answer.setText(self.rows.shown[now.row()].snippet if now.isValid() else "")
        self._show_answer()

    def _show_answer(self, _: int = 0) -> None:
        self.answer.setVisible(self.stack.currentWidget() is self.hits and bool(self.answer.text()))

    def _open_found(self) -> None:
        if self.stack.currentWidget() is self.hits:
            self._on_hit(max(0, self.hits.currentIndex().row()))

    def _on_hit(self, row: int) -> None:
        hit = self.rows.shown[row]
        self._end_find()
        if hit.kind == "week":
            self.open_week(clock.parse_week(hit.id))
            return
        self._show_step(self._draft.place)
        (self.session_asked if hit.kind == "session" else self.task_asked).emit(hit.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the line that finds: Down leads into the list, Enter opens the row that is chosen, Esc ends it."""
        if not (watched is self.finder and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return False
        found = self.stack.currentWidget() is self.hits
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_Down and found:
            self.hits.setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_found()
        else:
            return False
        return True

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


def _steps(monday: date | None, weeks: Weeks, _: Hand) -> Steps:
    return weeks.steps(monday)


def _show_insights(monday: date, weeks: Weeks, _: Hand) -> None:
    weeks.show_insights(monday)


def _close_week(monday: date, weeks: Weeks, _: Hand) -> str:
    return weeks.close_week(monday)


def _close_earlier(monday: date, weeks: Weeks, _: Hand) -> str:
    return weeks.close_earlier(monday)


def _search(text: str, weeks: Weeks, _: Hand) -> tuple[Hit, ...]:
    return weeks.search(text)
