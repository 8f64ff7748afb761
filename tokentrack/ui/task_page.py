"""One task: what it used and in which sessions, what came of it, what was expected of it, what its repository tells."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tokentrack.clock import now, now_ms
from tokentrack.model.tasks import Task
from tokentrack.model.usage import Total
from tokentrack.review.calibration import Calibration
from tokentrack.review.followups import rework_window
from tokentrack.review.task_page import TaskPage
from tokentrack.review.usual import Chip
from tokentrack.store.links import turns_of
from tokentrack.ui import outcomes, words
from tokentrack.ui.card import button, field
from tokentrack.ui.choices import Choices, amount_fault, budget_amount
from tokentrack.ui.figure import Number
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import GAP, MARGIN, clear, keep_edge, plain_area, section
from tokentrack.ui.keycap import KeyHint, acts_in
from tokentrack.ui.source_tasks import Found
from tokentrack.ui.tables import Rows, Table
from tokentrack.ui.task_finish import FinishBar
from tokentrack.ui.task_form import NO_RANGE
from tokentrack.ui.task_link import meeting
from tokentrack.ui.task_rows import value
from tokentrack.ui.task_told import (
    HOUR,
    SESSIONS,
    effect_texts,
    estimate_text,
    event_text,
    floor_hours,
    session_lines,
    total_lines,
    totals_columns,
    verdict_text,
    worth_text,
)
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, STRONG, font, label

WHATS = (("spend", "list value $"), ("with_ai", "hours with agent"), ("without_ai", "hours without"))
"""What an estimate is of."""
NO_SESSION = "No session is linked to it yet. The inbox and the sessions page link them."
NO_GIT = "No git evidence. That is normal for learning, documents and decisions."
NO_LINE = "Choose one of the sessions first; its turns are then unlinked."
NO_ESTIMATE = "No estimate."
WHEN, TITLE_ROOM = 2, 200
"""A column of the sessions that gives way where their titles would have less room."""


class TaskView(QScrollArea):
    """Shows a `TaskPage`. `asked` asks what a figure is made of; the others tell what the person wants."""

    asked = Signal(object)
    closed = Signal()
    edited = Signal()
    finished = Signal(str, str)
    reopened = Signal()
    estimated = Signal(str, int, int)
    unlinked = Signal(object, object)
    link_asked = Signal()
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: TaskPage | None = None
        column = plain_area(self, gap=10)
        column.setContentsMargins(0, 0, MARGIN, GAP)
        keep_edge(self, column)
        self.setAccessibleName("Task")
        self.back = button("‹ Tasks   Esc", self.closed.emit, "link")
        self.back.setAccessibleName("Back to the list of tasks")
        self.edit = KeyHint("e", "edit", self.edited.emit, "Edit what is said of this task")
        self._top = QHBoxLayout()
        self.title = Text(size=EMPHASIS)
        self.title.setFont(font(EMPHASIS, STRONG))
        self._mark, self.about = outcomes.Mark(), Text(size=CAPTION, role="secondary")
        self.address = label("", CAPTION, role="secondary")
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.address.setMinimumWidth(1)
        self.address.setWordWrap(True)
        self.value = Number("", EMPHASIS, STRONG)
        self.rework, self.after = Number("", role="secondary"), Number("", role="secondary")
        self.usual = Number("", CAPTION, role="secondary")
        self.worth, self.verdict = Number("", CAPTION, role="secondary"), label("", CAPTION, role="secondary")
        self.effect, self.stress = Number("", CAPTION, role="secondary"), Number("", CAPTION, role="secondary").beside()
        self.measured = label("", CAPTION, role="secondary")
        self._worth = flow(self.worth, self.verdict, gap=12, row_gap=0)
        self._effect = flow(self.effect, self.stress, self.measured, gap=12, row_gap=0)
        self.finish = FinishBar()
        self.reopen = KeyHint("o", "reopen", self.reopened.emit, "Reopen the task")
        self.note = Text()
        self._build_tables()
        self._build_lists()
        self._lay_out(column)
        self._connect()

    def _build_tables(self) -> None:
        self.sessions = Rows(SESSIONS)
        self.session_table = Table(self.sessions, "Sessions of the task, list value")
        self.session_table.give_way((WHEN,), TITLE_ROOM)
        self.session_table.setAccessibleDescription("Delete unlinks the chosen session")
        self.link = KeyHint("l", "link a session", self.link_asked.emit)
        self.unlink = KeyHint("Del", "unlink the chosen session", self._on_unlink)
        self.turns = field("Turns to unlink", "all of it", 110)
        self.turns.returnPressed.connect(self._on_unlink)
        self.of_turns = flow_row(label("turns", CAPTION, role="secondary"), self.turns)
        self._linking = flow(self.link, self.unlink, self.of_turns, gap=12)
        self.models, self.weeks = Rows(totals_columns("Model")), Rows(totals_columns("Week"))
        self.model_table = Table(self.models, "The task by model, list value")
        self.week_table = Table(self.weeks, "The task by week, list value")
        self.tables = (self.session_table, self.model_table, self.week_table)
        self.no_session = Text(NO_SESSION, role="secondary")

    def _build_lists(self) -> None:
        self.expected = Text(
            "Estimates, self-reported: 8 of 10 times inside"
        )  # a line that wraps asks for no width of its own
        self.expected.setFont(font(BODY, STRONG))
        self.what = Choices("Estimate of", WHATS, "spend")
        self.low, self.high = field("From", wide=76), field("To", wide=76)
        self.add_estimate = button("Add", self._on_estimate)
        self.add_estimate.setAccessibleName("Add the estimate")
        self.calibration: Calibration | None = None
        self.caught, self.floor = Number("", CAPTION, role="secondary"), Number("", CAPTION, role="secondary")
        self._filled = ""
        self.fault = Text(size=CAPTION, role="attention")
        self.fault.hide()
        self.estimates, self.history, self.evidence, self.follows = (Lines() for _ in range(4))

    def _lay_out(self, column: QVBoxLayout) -> None:
        self._top.addWidget(self.back)
        self._top.addStretch(1)
        self._top.addWidget(self.edit)
        about = QHBoxLayout()
        about.setSpacing(8)
        about.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        about.addWidget(self.about, 1)
        about.addWidget(self.reopen, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(self._top)
        column.addWidget(self.title)
        column.addLayout(about)
        for part in (self.address, self.note, self.value, self.rework, self.after, self.usual):
            column.addWidget(part)
        for below in (self._worth, self._effect, self.follows):
            column.addWidget(below)
        column.addSpacing(4)
        column.addWidget(self.finish)
        column.addSpacing(8)
        column.addWidget(section("Sessions"))
        for table in (self.no_session, self.session_table, self._linking, self.model_table, self.week_table):
            column.addWidget(table)
        column.addSpacing(8)
        column.addWidget(self.expected)
        column.addWidget(self.estimates)
        to = label("to", role="secondary")
        column.addWidget(
            flow(self.what, flow_row(label("from", role="secondary"), self.low, to, self.high, self.add_estimate))
        )
        column.addWidget(flow(self.caught, self.floor, gap=12, row_gap=0))
        column.addWidget(self.fault)
        column.addSpacing(8)
        column.addWidget(section("Found in git"))
        column.addWidget(self.evidence)
        column.addSpacing(8)
        column.addWidget(section("What came of it, self-reported"))
        column.addWidget(self.history)
        column.addStretch(1)

    def _connect(self) -> None:
        for number in self.findChildren(Number):
            number.asked.connect(self.asked)
        for table in self.tables:
            table.asked.connect(self.asked)
        self.finish.given.connect(self.finished)
        self.what.chosen.connect(self._show_beside)
        for line in (self.low, self.high):
            line.returnPressed.connect(self._on_estimate)
        acts_in(self.session_table, "Del", self._on_unlink)

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, page: TaskPage, chip: Chip | None) -> None:
        other = self.shown is None or self.shown.task.id != page.task.id
        if other:
            self.evidence.put(("Looking …",))
            self.finish.reset()
            self.say("")
            for line in (self.low, self.high, self.turns):
                line.clear()
            self._filled = ""
        self.shown = page
        self._put_head(page, chip)
        self._put_worth(page)
        self._show_beside()
        for model, lines in (
            (self.sessions, session_lines(page)),
            (self.models, total_lines(page, "model")),
            (self.weeks, total_lines(page, "week")),
        ):
            if other or model.shown != lines:
                model.put(lines)
        for table in self.tables:
            table.fit()
            table.setVisible(bool(page.parts))
        self.no_session.setVisible(not page.parts)
        self.unlink.setVisible(bool(page.parts))
        self.of_turns.setVisible(bool(page.parts))
        self.estimates.put([estimate_text(one, page.used) for one in page.estimates], NO_ESTIMATE)
        self.history.put([event_text(one) for one in reversed(page.history)], "Open, nothing is said yet.")
        if other:
            self.verticalScrollBar().setValue(0)

    def _put_head(self, page: TaskPage, chip: Chip | None) -> None:
        task, used = page.task, page.used
        self.title.setText(task.name)
        self.setAccessibleDescription(task.name)
        self._mark.put(task.outcome)
        self.about.setText(" · ".join(self._facts(task)))
        self.address.setText(task.url or "")
        self.address.setVisible(bool(task.url))
        self.note.setText(task.note)
        self.note.setVisible(bool(task.note))
        shown = value(used)
        text = (
            f"{shown} list value in {words.plural(used.sessions, 'session')}" if used.sessions else "nothing used yet"
        )
        self.value.put(text, f"task:{task.id}" if used.sessions else "", f"{words.cut(task.name, 60)}, list value")
        more = ", follow-ups included" if page.rework.requests > used.rework.requests - page.after.requests else ""
        text = f"Rework within 14 days of shipping{more}: {amount_of(page.rework)} list value"
        self.rework.put(text, f"rework task:{task.id}", f"{words.cut(task.name, 60)}, rework, list value")
        self.rework.setVisible(page.rework.requests > 0)
        shipped = words.cut(page.follows.key or page.follows.title, 24) if page.follows else ""
        text = f"Of it, within 14 days of shipping {shipped}: {amount_of(page.after)} list value"
        name = f"task:{task.id} rework:{page.follows.id}" if page.follows else ""
        self.after.put(text, name, f"{words.cut(task.name, 60)}, rework, list value")
        self.after.setVisible(page.after.requests > 0)
        text = words.first(chip.text) if chip else ""
        self.usual.put(text, f"usual task:{task.id}" if chip else "", f"{words.cut(task.name, 60)}, usual range")
        self.usual.setVisible(chip is not None)
        self.reopen.setVisible(task.outcome is not None)
        self.finish.setVisible(task.outcome is None)
        follows = [f"Follow-up of {page.follows.name}"] if page.follows else []
        self.follows.put([*follows, *(f"Followed by {one.name}" for one in page.follow_ups)])

    def _put_worth(self, page: TaskPage) -> None:
        name, uid = words.cut(page.task.name, 60), page.task.id
        text, answer, effect = worth_text(page), verdict_text(page), effect_texts(page)
        self.worth.put(text, f"break-even task:{uid}", f"{name}, minutes of your time at list value")
        self.verdict.setText(answer)
        asks = f"effect task:{uid}" if page.effect else ""
        shown = (*effect, "", "", "")
        for number, part in ((self.effect, shown[0]), (self.stress, shown[1])):
            number.put(part, asks, f"{name}, stated time effect")
        self.measured.setText(shown[2])
        for one in (self.worth, self.verdict, self.effect, self.stress, self.measured):
            one.setVisible(bool(one.text()))
        self._worth.setVisible(bool(text or answer))
        self._effect.setVisible(bool(effect))

    def put_calibration(self, found: Calibration) -> None:
        self.calibration = found
        self._show_beside()

    def _show_beside(self) -> None:
        """How the person's ranges of this sort fared, and hours with an agent as prompts tell them: a floor to go up from."""
        what, page = self.what.value, self.shown
        ranges = getattr(self.calibration, what) if self.calibration else None
        self.caught.put(words.first(ranges.beside) if ranges else "", "calibration all", "How your ranges fared")
        self.caught.setVisible(ranges is not None)
        hours = floor_hours(page) if page and what == "with_ai" else ""
        uid = page.task.id if page else ""
        self.floor.put(
            f"at least {hours} h by your prompts (measured)" if hours else "",
            f"attended task:{uid}",
            "Attended, at least",
        )
        self.floor.setVisible(bool(hours))
        if self.low.text() == self._filled:  # what was typed stays
            self.low.setText(hours)
        self._filled = hours

    def _facts(self, task: Task) -> list[str]:
        done = "" if task.finished_at is None else f" {words.when(task.finished_at, now())}"
        window = rework_window(task, now_ms())
        parts = [outcomes.word(task.outcome) + done]
        parts += [f"{window} until the rework window ends"] if window else []
        parts += [words.folder(task.project)] if task.project else []
        parts += [f"size {task.size}"] if task.size else []
        parts.append(f"created {words.when(task.created_at, now())}")
        if task.anyway:
            parts.append({"yes": "would have been done anyway", "no": "would not have been done otherwise"}.get(
                task.anyway, "unsure whether it would have been done anyway"))  # fmt: skip
        if task.private:
            parts.append(f"private, others read “{task.alias}”" if task.alias else "private")
        return parts

    def put_evidence(self, found: Sequence[Found]) -> None:
        texts = [one.text if one.at is None else f"{words.when(one.at, now())}: {one.text}" for one in found]
        self.evidence.put(texts, NO_GIT)

    # acting ----------------------------------------------------------------------------------------------------------

    def say(self, fault: str) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))

    def _on_unlink(self) -> None:
        """All turns of the chosen session that are linked to this task, or those of them that are typed."""
        line = self.sessions.row_at(self.session_table.currentIndex())
        if line is None or line.session is None:
            self.failed.emit(NO_LINE)
            return
        try:
            typed = turns_of(self.turns.text())
        except ValueError as error:
            self.failed.emit(f"{error}.")
            return
        if cut := [both for one in line.turns if (both := meeting(one, typed))]:
            self.turns.clear()
            self.unlinked.emit(line.session, cut)
        else:
            self.failed.emit(f"No link to this task holds {words.turns(typed)} of this session.")

    def _on_estimate(self) -> None:
        low, high = (budget_amount(line.text()) for line in (self.low, self.high))
        if (not low and not high) or low is None or high is None or low > high:
            wrong = self.low if low is None else self.high
            self.say(amount_fault(wrong.text(), NO_RANGE))
            wrong.setFocus()
            return
        self.say("")
        if self.what.value != "spend":
            low, high = (amount * HOUR // 10**6 for amount in (low, high))
        self.low.clear()
        self.high.clear()
        self._filled = ""
        self.estimated.emit(self.what.value, low, high)


def amount_of(total: Total) -> str:
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


class Lines(QWidget):
    """Some lines of text; a line that says why where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.texts: list[str] | None = None

    def put(self, texts: Sequence[str], none: str = "") -> None:
        shown = list(texts) or ([none] if none else [])
        self.setVisible(bool(shown))
        if shown == self.texts:
            return
        self.texts = shown
        clear(self._column)
        for text in shown:
            self._column.addWidget(Text(text, role="secondary" if not texts else ""))


def flow_row(*parts: QLabel | QWidget | QPushButton) -> QWidget:
    """Parts that stay in one line."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    return made
