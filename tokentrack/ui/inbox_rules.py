"""Rules: one tried over past sessions before it is kept, and those that are kept. Nothing moves that was not listed first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tokentrack.clock import now
from tokentrack.linking.keys import is_trunk
from tokentrack.model.tasks import Rule, Task
from tokentrack.model.usage import Session, Total
from tokentrack.ui import inbox_rows, words
from tokentrack.ui.asking import Doing
from tokentrack.ui.choices import Choices
from tokentrack.ui.feed import once
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import in_dialog, section
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.journal_bar import JournalBar, stepped
from tokentrack.ui.keycap import KeyHint, acts_in
from tokentrack.ui.pick import Pick
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_linking import Held, Linking, Moved, Tried
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, font, label

KINDS = (("branch", "Branch"), ("key", "Key"), ("path", "Folder"))
ASKED = {
    "branch": "the exact name of a branch, such as feat/PAY-12-refunds",
    "key": "a key in the name of any branch, such as PAY-12",
    "path": "a folder inside the project, such as docs",
}
WAIT_MS = 250
NAME_WIDE = 72
Act = Callable[[Linking], object]
Preview = Callable[[Rule, Callable[[Tried], None], Callable[[str], None]], None]
"""Asks what a rule would do; answers later, with that or with one sentence."""


def rule_text(rule: Rule, task: Task | None) -> str:
    """`branch feat/PAY-12 in shop ▸ PAY-12 Refunds`."""
    kind = dict(KINDS)[rule.kind].lower()
    within = f" in {inbox_rows.project(rule.project)}" if rule.project else " in any project"
    return f"{kind} {rule.pattern}{within} ▸ {task.name if task else 'a task that is gone'}"


def rule_for(line: Line, task: Task | None) -> tuple[str, str | None, str]:
    """(kind, project, pattern) to begin with: of a branch that is one task's; else of the task's key; else of the folder.

    A trunk is shared by many tasks, so no rule is made of it.
    """
    project = line.group.project
    named = [branch for branch in line.group.branches if not is_trunk(branch)]
    if len(named) == 1:
        return "branch", project, named[0]
    if task and task.key and not task.key.startswith(("#", "!")):
        return "key", project, task.key
    return "path", project, _folder(line.parts[0].session)


def _folder(session: Session) -> str:
    """Where it ran, inside its project."""
    if not session.cwd or not session.project or not session.cwd.startswith(session.project):
        return ""
    return session.cwd.removeprefix(session.project).strip("/\\")


def counted(moved: Sequence[Moved]) -> str:
    """`3 sessions, $4.20 list value`."""
    total = sum((one.total for one in moved), Total())
    hidden = sum(one.session.unrecorded for one in moved)
    known = total.list_value if total.requests or not hidden else None
    value = words.money(known, exact=True, unpriced=total.unpriced_requests + hidden)
    return f"{words.plural(len({one.session.id for one in moved}), 'session')}, {value} list value"


def _yours(held: Sequence[Held]) -> str:
    """` 2 sessions match too and are yours to decide.`"""
    count = len({one.session.id for one in held})
    verbs = "matches too and is" if count == 1 else "match too and are"
    return f" {words.plural(count, 'session')} {verbs} yours to decide." if held else ""


def _title(one: Moved | Held) -> str:
    span = inbox_rows.turns_text(one.turns)
    return words.title(one.session) + (f" · {span}" if span else "")


MOVED: tuple[Column[Moved], ...] = (
    Column("Would be linked", _title, tip=_title),
    Column("Project", lambda one: inbox_rows.project(one.session.project), widest="payments-api"),
    Column("When", lambda one: words.when(one.session.ended_at, now()), widest="yesterday 22:22"),
    Column(
        "List value", lambda one: words.money(one.total.list_value, exact=True, unpriced=one.total.unpriced_requests),
        figure=True, widest="$1,234.56",
    ),
)  # fmt: skip
HELD: tuple[Column[Held], ...] = (
    Column("For you to decide", _title, tip=_title),
    Column("Why", lambda one: one.why, tip=lambda one: one.why),
)


class RuleForm(QWidget):
    """What a rule says, and below it what it would link and what it leaves. `changed`: it may be kept now, or may not."""

    changed = Signal()

    def __init__(self, linking: Linking, preview: Preview) -> None:
        super().__init__()
        self._linking, self._preview = linking, preview
        self.task: Task | None = None
        self.moved: tuple[Moved, ...] | None = None
        self._picker: TaskPicker | None = None
        self.kind = Choices("What the rule looks at", KINDS, "branch")
        self.pattern = QLineEdit()
        self.pattern.setFont(font())
        self.pattern.setAccessibleName("Pattern of the rule")
        self.project = Pick("Project of the rule")
        self.task_button = QPushButton()
        self.task_button.setProperty("role", "field")
        self.task_button.setFont(font())
        self.task_button.clicked.connect(self.pick_task)
        self.said = Text(size=CAPTION, role="secondary")
        self.rows = Rows(MOVED)
        self.table = Table(self.rows, "What the rule would link")
        self.held = Rows(HELD)
        self.held_table = Table(self.held, "What the rule leaves to you to decide", stretch=(0, 1))
        self.held_table.hide()
        self._wait = once(self, self.ask)
        self._build()
        self.kind.chosen.connect(lambda _: self._on_changed())
        self.pattern.textChanged.connect(lambda _: self._on_changed())
        self.project.currentIndexChanged.connect(lambda _: self._on_changed())
        self._show_task()
        self._on_changed()

    def _build(self) -> None:
        self.project.addItem("any project", None)
        for path, name in self._linking.projects():
            self.project.addItem(name, path)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, NAME_WIDE)
        grid.setColumnStretch(1, 1)
        for at, (name, part) in enumerate(
            (("Always link", self.kind), ("", self.pattern), ("in", self.project), ("to", self.task_button))
        ):
            grid.addWidget(label(name, role="secondary"), at, 0)
            grid.addWidget(part, at, 1)
        grid.addWidget(self.said, 4, 0, 1, 2)
        grid.addWidget(self.table, 5, 0, 1, 2)
        grid.addWidget(self.held_table, 6, 0, 1, 2)
        grid.setRowStretch(5, 2)
        grid.setRowStretch(6, 1)

    # what it says ----------------------------------------------------------------------------------------------------

    @property
    def rule(self) -> Rule | None:
        """None while something of it is missing."""
        pattern = self.pattern.text().strip()
        if not pattern or self.task is None:
            return None
        return Rule("", self.kind.value, self.project.currentData(), pattern, self.task.id, 0)

    def put(self, kind: str, project: str | None, pattern: str, task: Task | None) -> None:
        self.kind.put(kind)
        self.project.setCurrentIndex(max(0, self.project.findData(project)))
        self.pattern.setText(pattern)
        self.task = task
        self._show_task()
        self._on_changed()

    def pick_task(self) -> None:
        self._picker = TaskPicker(self._linking.tasks(), self.project.currentData(), self, with_none=False)
        self._picker.chosen.connect(self._on_task)
        self._picker.open_("Which task does the rule link to?")

    def _on_task(self, task: Task) -> None:
        self.task = task
        self._show_task()
        self._on_changed()

    def _show_task(self) -> None:
        name = self.task.name if self.task else "Choose a task"
        self.task_button.setText(words.cut(name, 60).replace("&", "&&"))
        self.task_button.setToolTip(words.tip(name))
        self.task_button.setAccessibleName(f"Task of the rule: {name}")

    # what it would do ------------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        self.moved = None
        self.pattern.setPlaceholderText(ASKED[self.kind.value])
        self.said.setText("" if self.rule is None else "Looking through past sessions")
        self.rows.put([])
        self._put_held(())
        self.changed.emit()
        self._wait.start(WAIT_MS)

    def ask(self) -> None:
        self._wait.stop()
        if rule := self.rule:
            self._preview(rule, lambda tried: self._on_tried(rule, tried), self._on_fault)
        else:
            self.said.setText("It is tried over past sessions before it is kept.")

    def _on_tried(self, asked: Rule, tried: Tried) -> None:
        if asked != self.rule:
            return
        self.moved = tried.moved
        self.rows.put(tried.moved)
        self._put_held(tried.held)
        some = f"Links {counted(tried.moved)} now, and what matches later."
        none = "It links no session that waits; later ones that match will be linked."
        self.said.setText((some if tried.moved else none) + _yours(tried.held))
        self.changed.emit()

    def _put_held(self, held: Sequence[Held]) -> None:
        self.held.put(held)
        self.held_table.setVisible(bool(held))

    def _on_fault(self, sentence: str) -> None:
        self.said.setText(sentence)


class RuleDialog(QDialog):
    """`Accept and always`: a rule, what it would link besides, and only then it is kept. `kept` tells rule and task."""

    kept = Signal(object, object, object)

    def __init__(self, linking: Linking, preview: Preview, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Always link")
        self.setModal(True)
        self.resize(640, 460)
        self.form = RuleForm(linking, preview)
        self.save = keep_button("Accept and always   ↵")
        self.save.clicked.connect(self.keep)
        self.form.changed.connect(lambda: self.save.setEnabled(self.form.moved is not None))
        column = in_dialog(self)
        column.addWidget(label(title, EMPHASIS, STRONG))
        column.addWidget(self.form, 1)
        _end(self, column, self.save)

    def keep(self) -> None:
        if (rule := self.form.rule) and self.form.moved is not None:
            self.accept()
            self.kept.emit(rule, self.form.task, self.form.moved)


def keep_button(text: str) -> QPushButton:
    made = QPushButton(text)
    made.setProperty("role", "primary")
    made.setFont(font())
    made.setEnabled(False)
    made.setAccessibleName(text.split("  ", maxsplit=1)[0])
    return made


def _end(dialog: QDialog, column: QVBoxLayout, save: QPushButton) -> None:
    """The foot. `Enter` means `save`: else Qt lets it press whatever button comes first, which here would be the one that takes
    back.
    """
    row = QHBoxLayout()
    row.addWidget(KeyHint("Esc", "close", dialog.reject))
    row.addStretch(1)
    row.addWidget(save)
    column.addLayout(row)
    for other in dialog.findChildren(QPushButton):
        other.setAutoDefault(other is save)
    save.setDefault(True)


ACTIVE = "active"
GOES_ON = "It links what matches until you pause it or change two of its last ten links; then it pauses itself."


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule that is kept, with its task (None: that is gone), how many links it made, and why it links nothing now."""

    rule: Rule
    task: Task | None
    links: int
    asleep: str | None = None

    @property
    def text(self) -> str:
        return rule_text(self.rule, self.task)

    @property
    def state(self) -> str:
        if self.rule.paused:
            return f"paused: {self.rule.paused}"
        return f"sleeps: {self.asleep}" if self.asleep else ACTIVE


KEPT: tuple[Column[Kept], ...] = (
    Column("Rule", lambda row: row.text, tip=lambda row: row.text),
    Column(
        "State",
        lambda row: row.state,
        tip=lambda row: GOES_ON if row.state == ACTIVE else row.state,
        widest="paused: task finished 22 Nov",
    ),
    Column("Links", lambda row: f"{row.links:,}" if row.links else "none yet", figure=True, widest="none yet"),
)
PAUSED = "by you"
NO_RULE = "No rule is kept. R in the inbox makes one from a suggestion; below one can be tried first."


class RulesDialog(QDialog):
    """The rules that are kept, and below them a place to try one. `changed` says that links may be others now."""

    changed = Signal()

    def __init__(
        self, linking: Linking, doing: Doing[Deciding], preview: Preview, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._linking, self._doing = linking, doing
        self.bar = JournalBar(doing)
        self.bar.changed.connect(self._on_changed)
        self.setWindowTitle("Rules")
        self.setModal(True)
        self.resize(760, 640)
        self.rows = Rows(KEPT)
        self.table = Table(self.rows, "Rules")
        self.table.setMinimumHeight(120)
        self._none = Text(NO_RULE, role="secondary")
        self.form = RuleForm(linking, preview)
        self.save = keep_button("Keep the rule")
        self.save.clicked.connect(self.keep)
        self.form.changed.connect(lambda: self.save.setEnabled(self.form.moved is not None))
        self.hints = [
            KeyHint("p", "pause or resume", self.pause),
            KeyHint("Del", "remove", lambda: self.remove(with_links=False), "Remove the rule; what it linked stays"),
            KeyHint("Shift Del", "remove with everything it linked", lambda: self.remove(with_links=True)),
        ]
        self._build()
        QShortcut(QKeySequence("Ctrl+Z"), self, self.bar.undo)
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, self.bar.redo)
        for key, act in (("p", self.pause), ("Del", self.hints[1].click), ("Shift+Del", self.hints[2].click)):
            acts_in(self.table, key, act)
        self.refresh()

    def _build(self) -> None:
        column = in_dialog(self)
        column.addWidget(self.bar)
        column.addWidget(label("Rules", EMPHASIS, STRONG))
        column.addWidget(self._none)
        column.addWidget(self.table, 2)
        self._row = flow(*self.hints, gap=12)
        column.addWidget(self._row)
        column.addSpacing(8)
        column.addWidget(section("Try a rule over past sessions"))
        column.addWidget(self.form, 3)
        _end(self, column, self.save)

    def refresh(self) -> None:
        tasks = {task.id: task for task in self._linking.tasks()}
        at = max(0, self.table.currentIndex().row())
        self.rows.put(Kept(rule, tasks.get(rule.task), made, asleep) for rule, made, asleep in self._linking.rules())
        some = self.rows.rowCount() > 0
        self.table.setVisible(some)
        self._row.setVisible(some)
        self._none.setVisible(not some)
        if some:
            self.table.setCurrentIndex(self.rows.index(min(at, self.rows.rowCount() - 1), 0))

    @property
    def chosen(self) -> Kept | None:
        return self.rows.row_at(self.table.currentIndex())

    def pause(self) -> None:
        if one := self.chosen:
            why = None if one.rule.paused else PAUSED
            what = f"{'Resumed' if why is None else 'Paused'} the rule {one.text}"
            self._do(what, lambda linking: linking.pause_rule(what, one.rule, why))

    def remove(self, with_links: bool) -> None:
        if one := self.chosen:
            what = f"Removed the rule {one.text}" + (" and everything it linked" if with_links else "")
            self._do(what, lambda linking: linking.remove_rule(what, one.rule, with_links))

    def keep(self) -> None:
        rule, task, moved = self.form.rule, self.form.task, self.form.moved
        if rule and task and moved is not None:
            linked = f", linked {words.plural(len({one.session.id for one in moved}), 'session')}" if moved else ""
            what = f"Kept the rule {rule_text(rule, task)}{linked}"
            self.save.setEnabled(False)  # it is given once
            empty = partial(self.form.put, rule.kind, rule.project, "", None)
            self._do(what, lambda linking: linking.add_rule(what, rule, task), empty)

    def _do(self, what: str, act: Act, done: Callable[[], None] = lambda: None) -> None:
        """What the person reads of it waits until it is written; what was typed stays where it could not be."""

        def did(told: tuple[object, int | None]) -> None:
            self.bar.did(what, told[1])
            done()
            self._on_changed()

        self._doing.do(stepped(lambda to: act(to.linking)), did, self._on_failed)

    def _on_failed(self, sentence: str) -> None:
        self.bar.failed(sentence)
        self.save.setEnabled(self.form.moved is not None)

    def _on_changed(self) -> None:
        self.refresh()
        self.form.ask()
        self.changed.emit()
