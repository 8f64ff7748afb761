"""The end of a review: what the week says, and what stays open. And a week that is closed: as it was, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentrack.clock import now
from tokentrack.money import signed
from tokentrack.review.evidence import MERGED, NO_EVIDENCE, NOT_DETECTED, REVERTED
from tokentrack.review.insights import KEPT, Insight, called, own_lines
from tokentrack.review.ledger import REWORK
from tokentrack.review.snapshot import InsightRow, Snapshot, TaskRow
from tokentrack.review.steps import ChangeRow, Steps
from tokentrack.review.week import GONE, JudgedRow
from tokentrack.store.reviews import Shown
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Figure, Sentence
from tokentrack.ui.outcome_bar import OutcomeBar
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, PLAIN, STRONG, font, label
from tokentrack.ui.week_columns import WeekColumns
from tokentrack.ui.week_step import Step


def task_value(row: TaskRow) -> str:
    return words.money(row.list_value, exact=True, unpriced=row.unpriced_requests)


def in_git(row: TaskRow) -> str:
    """In one line, `merged 18 Nov`; of weeks that were closed before it was kept, the state of their first evidence."""
    if row.found or row.unread:
        return "–" if row.found == NO_EVIDENCE else row.found.partition(",")[0] or "–"
    first = next(iter(row.evidence), "–")
    states = (state for state in (NOT_DETECTED, MERGED, REVERTED) if first.endswith(state))
    return first if first.startswith("PR ") else next(states, first)


def in_git_all(row: TaskRow) -> str:
    unread = f"git cannot be asked: {row.unread}" if row.unread else ""
    return "\n".join(filter(None, (row.found, *row.evidence, unread)))


def task_columns(week: str, closed: bool = False) -> tuple[Column[TaskRow], ...]:
    """The tasks of a week, as it says them; of a closed one a figure is made of what was closed."""
    of = "list " if closed else ""
    return (
        Column("Task", lambda row: row.name, tip=lambda row: row.name),
        Column("Self-reported", lambda row: outcomes.word(row.outcome), widest="decided not to"),
        Column(
            "Found in git",
            in_git,
            tip=in_git_all,
            widest="merged 28 Nov 2025, day 3 of 14",
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


def changes(week: str) -> tuple[Column[ChangeRow], ...]:
    return (
        Column(
            "Session",
            lambda row: words.title(row.session),
            tip=lambda row: row.session.title or row.session.native_id,
        ),
        Column("Last used", lambda row: words.when(row.session.ended_at, now()), widest="yesterday 09:10"),
        Column(
            "List value, changed by",
            difference,
            figure=True,
            widest="linked otherwise",
            why=lambda row: Figure(f"changed week:{week} session:{row.session.id}", CHANGED, difference(row)),
        ),
    )


CHANGED = "Changed since it was closed, list value"


class Told(NamedTuple):
    """A line, and the figure in it: its name, what it is called, how it stands there. Without a name it is words."""

    text: str
    name: str = ""
    caption: str = ""
    shown: str = "this"


class Sentences(QWidget):
    """Sentences, one below the other; those with a figure can be asked."""

    asked = Signal(object)

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._role = role
        self.told: tuple[Told, ...] = ()
        self.sentences: list[Sentence] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def put(self, told: Sequence[Told]) -> None:
        """Sentences that are as they were stay as they are: the keyboard may be on one of them."""
        self.told = tuple(told)
        while len(self.sentences) < len(told):
            made = Sentence("", role=self._role)
            made.asked.connect(self.asked)
            self.sentences.append(made)
            self._column.addWidget(made)
        for at, sentence in enumerate(self.sentences):
            sentence.put(*(told[at] if at < len(told) else ("",)))
            sentence.setVisible(at < len(told))
        self.setVisible(bool(told))

    def text(self) -> str:
        return "\n".join(one.text for one in self.told)


def sentence(week: str, one: Insight | InsightRow | Shown, before: str = "") -> Told:
    """What stood out; how it was computed can be asked."""
    of = f"insight week:{week} {called(one)}"
    return Told(before + one.text, of, "How this was computed", "this sentence")


def own_words(note: str, told: Sequence[Insight | InsightRow | Shown]) -> str:
    return " · ".join(own_lines(note, told))


def sentences_kept(week: str, told: Iterable[Insight | Shown]) -> list[Told]:
    """The sentences that were kept: they stand beside the note."""
    return [sentence(week, one, "Kept: ") for one in told if one.answer == KEPT]


def not_linked(told: Snapshot, closed: bool) -> Told:
    """`12 sessions, $21 not linked`."""
    waits = told.not_linked
    if not waits.sessions:
        return Told("everything is linked or set aside")
    value = words.money(waits.list_value, unpriced=waits.unpriced_requests)
    text = f"{words.plural(waits.sessions, 'session')}, {value} not linked"
    return Told(text, f"{'list ' if closed else ''}week:{told.week} unlinked", "Not linked, list value", value)


class Summary(QWidget):
    """The outcomes and the tasks of a week."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.bar = OutcomeBar(self)
        self.rows = Rows(task_columns(""))
        self.table = Table(self.rows, "Tasks of the week", parent=self)
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
    enter = "Ctrl ↵"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = self.scrolling()
        self.summary = Summary(column.parentWidget())
        self.summary.asked.connect(self.why_asked)
        self.lines = Sentences()
        self.lines.asked.connect(self.why_asked)
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
        self.lines.put(tuple(_stays(steps)))


def _stays(steps: Steps) -> Iterator[Told]:
    """What goes on, and what was said."""
    told = steps.week.told
    going = [row.name for row in told.tasks if row.outcome is None]
    if going:
        named = ", ".join(words.isolated(words.cut(name, 40)) for name in going[:4])
        more = f" and {len(going) - 4:,} more" if going[4:] else ""
        yield Told(words.ended(f"Stays open: {named}{more}"))
    waits = not_linked(told, closed=False)
    yield waits._replace(text=words.first(waits.text) + (", list value." if waits.name else "."))
    if steps.alone:
        yield Told(f"{words.plural(steps.alone, 'finished task')} had no agent session.")
    if steps.planned:
        yield Told(f"Next week: {words.money(steps.planned.amount)} list value planned.")
    if steps.draft.intent:
        yield Told(f"To try: {steps.draft.intent}")
    if own := own_words(steps.draft.note, steps.insights):
        yield Told(f"Note: {own}")
    yield from sentences_kept(told.week, steps.insights)


class ClosedStep(Step):
    """A closed week, as it was closed. It can be opened again; what it said is kept then too."""

    title = "Closed"
    word = "Done"
    reopening = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = self.scrolling()
        into = column.parentWidget()
        self.changed_title = Sentence("", weight=STRONG)
        column.addWidget(self.changed_title)
        self.changes = Rows(changes(""))
        self.changes_table = Table(self.changes, "Changed since you closed it", parent=into)
        self.judged_since = Sentences()
        column.addWidget(self.changes_table)
        column.addWidget(self.judged_since)
        self.summary = Summary(into)
        self.lines, self.columns = Sentences(), WeekColumns()
        self.proof = label("", CAPTION, role="secondary")
        self.proof.setMinimumWidth(1)
        self.proof.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for part in (self.summary, self.lines, self.columns, self.proof):
            column.addWidget(part)
        column.addStretch(1)
        for asks in (self.changed_title, self.changes_table, self.judged_since, self.summary, self.lines, self.columns):
            asks.asked.connect(self.why_asked)
        self.hint("o", "open it again", self.reopening.emit, "Open the week again")

    def put(self, steps: Steps) -> None:
        week = steps.week
        told = week.told
        self.changed_title.put(changed(steps), f"changed week:{told.week}", CHANGED)
        self.changed_title.setFont(font(BODY, STRONG if week.changed and week.changed.differs else PLAIN))
        self.changes.columns = changes(told.week)
        self.changes.put(steps.changes)
        self.changes_table.fit()
        self.judged_since.put(
            [Told(judged_otherwise(row), f"changed week:{told.week}", CHANGED) for row in steps.judged_since]
        )
        self.changed_title.setVisible(week.changed is not None)
        self.changes_table.setVisible(bool(steps.changes))
        self.summary.put(told, closed=True)
        self.lines.put(tuple(_said(told)))
        self.columns.put(told.week, steps.columns, steps.usual, None)
        digest = week.sha256 or ""
        self.proof.setText(f"revision {week.revision} · sha256 {digest[:16]}… · prices {told.prices}")
        self.proof.setToolTip(digest)
        self.proof.setAccessibleName(f"Revision {week.revision}, sha256 {digest}")


def changed(steps: Steps) -> str:
    """`Changed since you closed it: +$1.20 list value in 2 sessions, +$5.00 paid`."""
    found = steps.week.changed
    return "" if found is None else f"Changed since you closed it: {', '.join(found.in_words())}"


def judged_otherwise(row: JudgedRow) -> str:
    """`closed as shipped, now stopped`; `open then, now learned`; `$20 of its use is rework now`."""
    then, now = (one if one == GONE else outcomes.word(one) for one in (row.then, row.now))
    what = f"open then, now {now}" if row.then == outcomes.OPEN else f"closed as {then}, now {now}"
    if REWORK in (row.then, row.now):
        verb = "is rework now" if row.now == REWORK else "is rework no more"
        what = f"{words.money(row.list_value, exact=True)} of its list value {verb}"
    return f"{words.isolated(words.cut(row.name, 60))}: {what}"


def _said(told: Snapshot) -> Iterator[Told]:
    if own := own_words(told.note, told.insights):
        yield Told(f"Note: {own}")
    if told.intent:
        yield Told(f"To try: {told.intent}")
    yield from (sentence(told.week, one) for one in told.insights)
