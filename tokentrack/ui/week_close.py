"""The end of a review: what the week says, and what stays open. And a week that is closed: as it was, and what changed since."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentrack.clock import now
from tokentrack.review.snapshot import Snapshot, TaskRow
from tokentrack.review.steps import ChangeRow, Steps
from tokentrack.review.week import Changed, JudgedRow
from tokentrack.store.read import UNLINKED
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import section
from tokentrack.ui.outcome_bar import OutcomeBar
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, label
from tokentrack.ui.week_columns import WeekColumns
from tokentrack.ui.week_step import Step


def task_value(row: TaskRow) -> str:
    return words.money(row.list_value, exact=True, unpriced=row.unpriced_requests)


def task_columns(week: str, closed: bool = False) -> tuple[Column[TaskRow], ...]:
    """The tasks of a week, as it says them; of a closed one a figure is made of what was closed."""
    of = "list " if closed else ""
    return (
        Column("Task", lambda row: row.name, tip=lambda row: row.name),
        Column("Self-reported", lambda row: outcomes.word(row.outcome), widest="decided not to"),
        Column(
            "Found in git",
            lambda row: row.evidence[0] if row.evidence else "–",
            tip=lambda row: "\n".join(row.evidence),
            widest="PR #318 merged",
        ),
        Column(
            "List value",
            task_value,
            figure=True,
            widest="$1,234.56",
            why=lambda row: Figure(f"{of}week:{week} task:{row.task}", f"{row.name}, list value", task_value(row)),
        ),
    )


def difference(row: ChangeRow) -> str:
    """`+$1.20`; of what is linked otherwise but used the same, that."""
    if row.then is None or row.now is None:
        return words.money(None) if row.then != row.now else "–"
    if row.then == row.now:
        return "linked otherwise"
    return signed(row.now - row.then)


def signed(amount: int) -> str:
    return ("+" if amount > 0 else "") + words.money(amount, exact=True)


CHANGES: tuple[Column[ChangeRow], ...] = (
    Column(
        "Session",
        lambda row: row.session.title or "untitled session",
        tip=lambda row: row.session.title or row.session.native_id,
    ),
    Column("Last used", lambda row: words.when(row.session.ended_at, now()), widest="yesterday 09:10"),
    Column("List value, changed by", difference, figure=True, widest="linked otherwise"),
)


def not_linked(told: Snapshot) -> str:
    """`12 sessions, $21 not linked`."""
    rows = [row for row in told.sessions if row.task == UNLINKED]
    if not rows:
        return "everything is linked or set aside"
    known = [row.list_value for row in rows if row.list_value is not None]
    value = words.money(sum(known) if known else None, unpriced=sum(row.unpriced_requests for row in rows))
    return f"{words.plural(len({row.session for row in rows}), 'session')}, {value} not linked"


class Summary(QWidget):
    """The outcomes and the tasks of a week."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.bar = OutcomeBar()
        self.rows = Rows(task_columns(""))
        self.table = Table(self.rows, "Tasks of the week")
        self.table.give_way((2,), 160)
        self._none = Text("No task was worked on.", role="secondary")
        for part in (self.bar, self.table, self._none):
            column.addWidget(part)
        for asks in (self.bar, self.table):
            asks.asked.connect(self.asked)

    def put(self, told: Snapshot, closed: bool = False) -> None:
        self.bar.put(told)
        self.rows.columns = task_columns(told.week, closed)
        self.rows.put(told.tasks)
        self.table.fit()
        self.table.setVisible(bool(told.tasks))
        self._none.setVisible(not told.tasks)


class CloseStep(Step):
    """`Ctrl+Enter` closes the week. What is not linked is kept as such."""

    title = "Close the week"
    word = "Close week"

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = self.scrolling()
        self.summary = Summary()
        self.summary.asked.connect(self.why_asked)
        self.lines = Text("")
        column.addWidget(self.summary)
        column.addWidget(self.lines)
        column.addWidget(
            Text(
                "Closing keeps this to the byte. Tasks that are open go on; what comes later shows as changed since.",
                CAPTION,
                "secondary",
            )
        )
        column.addStretch(1)

    def put(self, steps: Steps) -> None:
        self.summary.put(steps.week.told)
        self.lines.setText("\n".join(_stays(steps)))


def _stays(steps: Steps) -> Iterator[str]:
    """What goes on, and what was said."""
    told = steps.week.told
    going = [row.name for row in told.tasks if row.outcome is None]
    if going:
        named = ", ".join(words.cut(name, 40) for name in going[:4])
        more = f" and {len(going) - 4:,} more" if going[4:] else ""
        yield f"Stays open: {named}{more}."
    waits = any(row.task == UNLINKED for row in told.sessions)
    yield words.first(not_linked(told)) + (", list value." if waits else ".")
    if steps.alone:
        yield f"{words.plural(steps.alone, 'finished task')} had no agent session."
    if steps.planned:
        yield f"Next week: {words.money(steps.planned.amount)} list value planned."
    if steps.draft.intent:
        yield f"To try: {steps.draft.intent}"
    if steps.draft.note:
        yield f"Note: {' · '.join(filter(None, steps.draft.note.split(chr(10))))}"


class ClosedStep(Step):
    """A closed week, as it was closed. It can be opened again; what it said is kept then too."""

    title = "Closed"
    word = "Done"
    reopening = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = self.scrolling()
        self.changed_title = section("")
        self.changes = Rows(CHANGES)
        self.changes_table = Table(self.changes, "Changed since you closed it")
        self.judged_since = Text("")
        self.summary, self.columns = Summary(), WeekColumns()
        self.lines = Text("")
        self.proof = label("", CAPTION, role="secondary")
        self.proof.setMinimumWidth(1)
        self.proof.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for part in (
            self.changed_title,
            self.changes_table,
            self.judged_since,
            self.summary,
            self.lines,
            self.columns,
            self.proof,
        ):
            column.addWidget(part)
        column.addStretch(1)
        for asks in (self.summary, self.columns):
            asks.asked.connect(self.why_asked)
        self.hint("o", "open it again", self.reopening.emit, "Open the week again")

    def put(self, steps: Steps) -> None:
        week = steps.week
        told = week.told
        self.changed_title.setText(changed(steps))
        self.changes.put(steps.changes)
        self.changes_table.fit()
        self.judged_since.setText("\n".join(map(judged_otherwise, steps.judged_since)))
        self.changed_title.setVisible(week.changed is not None)
        self.changes_table.setVisible(bool(steps.changes))
        self.judged_since.setVisible(bool(steps.judged_since))
        self.summary.put(told, closed=True)
        self.lines.setText("\n".join(_said(told)))
        self.lines.setVisible(bool(self.lines.text()))
        self.columns.put(told.week, steps.columns, steps.usual, None)
        digest = week.sha256 or ""
        self.proof.setText(f"revision {week.revision} · sha256 {digest[:16]}… · prices {told.prices}")
        self.proof.setToolTip(digest)
        self.proof.setAccessibleName(f"Revision {week.revision}, sha256 {digest}")


def changed(steps: Steps) -> str:
    """`Changed since you closed it: +$1.20 list value in 2 sessions, +$5.00 paid`."""
    found = steps.week.changed
    return "" if found is None else f"Changed since you closed it: {', '.join(_differences(found))}"


def _differences(found: Changed) -> Iterator[str]:
    if found.sessions:
        sessions = words.plural(len(found.sessions), "session")
        value = f"{signed(found.list_value)} list value in {sessions}"
        yield value if found.list_value else f"{sessions}, linked otherwise"
    if found.paid != 0:
        yield "paid: not known then, or not now" if found.paid is None else f"{signed(found.paid)} paid"
    if found.tasks:
        yield f"{words.plural(len(found.tasks), 'task')} with another outcome"


def judged_otherwise(row: JudgedRow) -> str:
    return f"{words.cut(row.name, 60)}: closed as {outcomes.word(row.then)}, now {outcomes.word(row.now)}"


def _said(told: Snapshot) -> Iterator[str]:
    if told.note:
        yield f"Note: {' · '.join(filter(None, told.note.split(chr(10))))}"
    if told.intent:
        yield f"To try: {told.intent}"
    yield from (one.text for one in told.insights if one.text not in told.note)
