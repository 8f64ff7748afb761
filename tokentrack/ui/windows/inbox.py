"""The inbox: what waits for a task, in groups that one key empties. Every decision is one step of the journal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokentrack.model import Rule, Task
from tokentrack.review.inbox import Group, Inbox, Part
from tokentrack.ui import inbox_decisions, inbox_rows, words
from tokentrack.ui.asking import Asking, Doing, Hand
from tokentrack.ui.feed import Feed, Spaced, once
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.frame import GAP, MARGIN, UNDER_HEAD, foot, primary
from tokentrack.ui.inbox_decisions import Decision, Way
from tokentrack.ui.inbox_head import InboxHead
from tokentrack.ui.inbox_keys import KeyList, Reasons
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.inbox_rules import RuleDialog, RulesDialog, rule_for
from tokentrack.ui.inbox_split import ONE_TURN, Split, around
from tokentrack.ui.inbox_table import InboxTable
from tokentrack.ui.journal_bar import JournalBar
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Deciding, Moved, Source, Waiting
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.task_picker import TaskPicker
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, scaled

SETTLE_MS = 250
"""Decisions come fast; what they change in other suggestions is asked when they pause."""
NARROW, BESIDE = 640, 760
"""Pixels below which what takes all is a key that is not shown, and below which reasons stand below the tasks."""
NOTHING = (
    "Every session belongs to a task, or to none on purpose. What you use next comes here, unless a rule links it."
)
NOTHING_READ = "No session yet. They come here when a coding agent writes its first log."
NO_MATCH = "No session matches. Esc shows all again."
LOOKING = "Looking through sessions"
NO_TASKS = "There is no task yet. Press t to make the first one, or import them on the Tasks page."


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of. `within`: it is a step of the week's review, which Esc leaves."""

    why_asked = Signal(object)
    left = Signal()

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None, *, within: bool = False) -> None:
        super().__init__(parent)
        self._within = within
        self._feed, self._source, self._linking = feed, source, source.linking()
        self._asking: Asking[Waiting] = Asking(source.waiting, self)
        self._trying: Asking[Waiting] = Asking(source.waiting, self)
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.inbox: Inbox | None = None
        self._way = Way()
        self._cuts: dict[str, frozenset[int]] = {}
        self._opened: set[tuple[object, ...]] = set()
        self._groups: tuple[Group, ...] = ()
        self._not_which: tuple[object, ...] | None = None
        self.picker: TaskPicker | None = None
        self.split: Split | None = None
        self.rule: RuleDialog | None = None
        self.rules: RulesDialog | None = None
        self.keys: KeyList | None = None
        self._dialog: QDialog | None = None
        self.bar = JournalBar(self._doing)
        self.head, self.reasons = InboxHead(), Reasons()
        self._build()
        self._connect()
        self._add_keys()
        self._settle = once(self, self._ask)
        self._show()
        self._pace = Spaced(self, feed, self.refresh)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        if self._within:
            column.setContentsMargins(0, 0, 0, 0)
        else:
            column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(12)
        self._problems = PageProblems(self._feed)
        column.addLayout(self._top())
        column.addWidget(self._problems)
        column.addWidget(self.bar)
        self.finder = FindLine("Find by task, project, branch or title", "Find in the inbox")
        self.finder.hide()
        column.addWidget(self.finder)
        self._empty = Text("", role="secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._stack = QStackedWidget(self)
        self.table = InboxTable(self._stack)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        column.addWidget(self._stack, 1)
        self.reasons.hide()
        column.addWidget(self.reasons)
        self.note = Text("", CAPTION, "secondary")
        self.note.hide()
        column.addWidget(self.note)
        column.addLayout(self._foot())

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.setContentsMargins(0, 0, 0, UNDER_HEAD)
        self.all_hint = KeyHint("Shift ↵", "take all ●", self.accept_all, "Accept every group that is ready")
        row.addWidget(self.head, 1)
        row.addWidget(self.all_hint)
        return row

    def _foot(self) -> QHBoxLayout:
        made = (
            ("t", "task", self.pick, "Find or create the task"),
            ("0", "no task, on purpose", self.set_aside, ""),
            ("S", "split", self.open_split, "Split the session into parts"),
            ("x", "not this", self.reject, "It does not belong to the suggested task"),
            ("R", "always", self.always, "Accept, and link the same always"),
            ("i", "reasons", self.toggle_reasons, "Show all reasons"),
            ("/", "find", self.finder.open_, ""),
            ("L", "rules", self.open_rules, "Rules, and a place to try one"),
            ("Ctrl Z", "undo", self.bar.undo, ""),
            ("?", "keys", self.open_keys, "List all keys"),
        )
        self.hints = {key: KeyHint(key, word, act, tip) for key, word, act, tip in made}
        self.accept_button = primary(f"Accept   {inbox_rows.ENTER}", self.accept)
        self.accept_button.setAccessibleName("Accept the chosen group")
        return foot(self.hints.values(), self.accept_button)

    def _connect(self) -> None:
        self.head.asked.connect(self.why_asked)
        self.table.asked.connect(self.why_asked)
        self.table.accepted.connect(self.accept)
        self.table.all_accepted.connect(self.accept_all)
        self.table.toggled.connect(self._on_toggled)
        self.table.pressed_key.connect(self._on_key)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._on_moved())
        self.table.lines.modelReset.connect(self._on_chosen)
        self.bar.changed.connect(self._on_way_back)
        self.finder.textChanged.connect(lambda _: self._show())
        self.finder.leads_to(self.table.setFocus)

    def _add_keys(self) -> None:
        """Letters act only outside text fields, which take them first."""
        for key, hint in self.hints.items():
            QShortcut(QKeySequence(key.replace(" ", "+")), self, hint.click)
        for number in range(1, 4):
            QShortcut(QKeySequence(str(number)), self, partial(self.take, number))
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, self.bar.redo)
        QShortcut(QKeySequence("F1"), self, self._on_why)
        QShortcut(QKeySequence("Esc"), self, self._on_escape)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._problems.refresh()
        self._show_head()
        if not self._settle.isActive():
            self._ask()

    @property
    def busy(self) -> bool:
        """Whether something is still being written: no answer from the store would be true."""
        return self._doing.busy

    def _ask(self) -> None:
        """What is on screen stays until the answer has come."""
        if self.busy:
            return
        self._pace.asked()
        self._asking.ask("inbox", partial(_inbox, dict(self._cuts)), self._on_inbox, self._on_answer)

    def _on_inbox(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self._on_answer()
        self._show()

    def _on_answer(self, fault: str = "") -> None:
        """The connection is let go: the store's file may be another one when it is asked next."""
        self._asking.rest()
        self._pace.answered()
        self._problems.say(fault)

    def _show(self) -> None:
        self._show_head()
        self._show_rows(inbox_rows.matching(self.inbox.groups, self.finder.text()) if self.inbox else ())

    def _show_head(self) -> None:
        self.head.put(self.inbox, self._feed.status.repositories)

    def _show_rows(self, groups: tuple[Group, ...]) -> None:
        self._groups = groups
        self.table.put(inbox_rows.lines_of(groups, self._opened))
        came = bool(groups) and self._stack.currentWidget() is not self.table
        gone = not groups and self.table.hasFocus()
        self._stack.setCurrentIndex(0 if groups else 1)
        if gone:
            self.take_keyboard()
        if came and not self.finder.hasFocus():
            self.table.setFocus()  # the keys act at once
        self._empty.setText(self._nothing())
        self._show_hints()
        self._on_moved()

    def _on_moved(self) -> None:
        """What was said is about the row before; a question stays as long as its row is chosen."""
        line = self.table.chosen
        if not line or line.place != self._not_which:
            self._not_which = None
            self._say(NO_TASKS if self._groups and self.inbox and not self.inbox.tasks else "")
        self._on_chosen()

    def _show_hints(self) -> None:
        self.all_hint.setVisible(self.width() >= scaled(NARROW) and any(group.ready for group in self._groups))

    def _nothing(self) -> str:
        if self.inbox is None:
            return LOOKING
        if self.inbox.groups:
            return NO_MATCH
        glance = self._feed.glance
        return NOTHING if glance and (glance.week.requests or glance.health.read_at) else NOTHING_READ

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _on_chosen(self) -> None:
        line = self.table.chosen
        self.accept_button.setEnabled(bool(line and line.group.ready))
        for key in ("t", "0", "S", "x", "R", "i"):
            self.hints[key].setEnabled(line is not None)
        if self.reasons.isVisible():
            self.reasons.put(line)

    # rows ------------------------------------------------------------------------------------------------------------

    def _on_toggled(self, row: int, is_open: bool) -> None:
        """Left on a session leads back to its group."""
        if not 0 <= row < len(self.table.lines.shown):
            return
        line = self.table.lines.shown[row]
        if line.part and not is_open:
            groups = [at for at, one in enumerate(self.table.lines.shown) if one.group.key == line.group.key]
            self.table.choose(groups[0])
        elif not line.part and line.is_open != is_open:
            (self._opened.add if is_open else self._opened.discard)(line.group.key)
            self.table.put(inbox_rows.lines_of(self._groups, self._opened))

    def _on_key(self, key: str) -> None:
        """A click on a key in a row."""
        if key == inbox_rows.ENTER:
            self.accept()
        elif key.isdecimal() and key != "0":
            self.take(int(key))
        else:
            self.hints[key].click()

    def _on_why(self) -> None:
        if line := self.table.chosen:
            self.why_asked.emit(inbox_rows.figure(line))

    def _on_escape(self) -> None:
        """One step back: the reasons first, then what is sought, then out of a review."""
        if self._not_which:
            self._not_which = None
            self._say("")
        elif self.reasons.isVisible():
            self.reasons.hide()
        elif self.finder.isVisible():
            self.finder.clear()
            self.finder.hide()
        elif self._within:
            self.left.emit()
            return
        self.table.setFocus()

    def toggle_reasons(self) -> None:
        self.reasons.setVisible(not self.reasons.isVisible())
        self._on_chosen()

    def open_keys(self) -> None:
        self.keys = KeyList(self)
        self._open(self.keys)

    def _open(self, dialog: QDialog) -> None:
        """One at a time; the one before it is let go, unless it still waits to hear what was written."""
        if self._dialog and not self.busy:
            self._dialog.deleteLater()
        self._dialog = dialog
        dialog.finished.connect(self._on_closed)
        dialog.open()

    def _on_closed(self) -> None:
        """The keyboard is where it was."""
        self.activateWindow()
        self.table.setFocus()

    # deciding --------------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        line = self.table.chosen
        if line and line.group.ready:
            self._link(line.parts, line.group.offers[0])
        elif line:
            self._say(inbox_rows.ways(line))

    def accept_all(self) -> None:
        """Every ● that is shown."""
        if (ready := [group for group in self._groups if group.ready]) and self.inbox:
            self._do(inbox_decisions.accepted(self.inbox, ready))

    def take(self, number: int) -> None:
        line = self.table.chosen
        if not line or number > len(line.offers):
            return
        if line.place == self._not_which:
            self._reject(line, line.offers[number - 1])
        else:
            self._link(line.parts, line.offers[number - 1])

    def set_aside(self) -> None:
        if line := self.table.chosen:
            self._set_aside(line.parts)

    def _set_aside(self, parts: tuple[Part, ...]) -> None:
        if self.inbox:
            self._do(inbox_decisions.set_aside(self.inbox, parts))

    def pick(self) -> None:
        line = self.table.chosen
        if not line:
            return
        parts, group = line.parts, line.group
        self.picker = TaskPicker(self._linking.tasks(), group.project, self)
        self.picker.chosen.connect(lambda task: self._link(parts, task))
        self.picker.none_chosen.connect(lambda: self._set_aside(parts))
        self._open(self.picker)
        self.picker.begin(f"Link {inbox_rows.named(parts)} to")

    def _link(self, parts: tuple[Part, ...], task: Task) -> None:
        if self.inbox:
            self._do(inbox_decisions.linked(self.inbox, parts, task))

    def reject(self) -> None:
        """Not this one: of several the person says which, and pressed again it is the first."""
        line = self.table.chosen
        if not line:
            return
        known = list({task.id: task for task in line.offers if task.id}.values())
        if not known:
            self._say("Nothing is suggested here. Press t to find the task, or 0 for none on purpose.")
        elif len(known) == 1 or line.place == self._not_which:
            self._reject(line, known[0])
        else:
            self._not_which = line.place
            self._say(inbox_rows.which_not(line))

    def _reject(self, line: Line, task: Task) -> None:
        """A task that is not there yet stays, because nothing is kept of it."""
        if self.inbox and task.id:
            self._not_which = None
            self._do(inbox_decisions.rejected(self.inbox, line.parts, task))

    def _do(self, decision: Decision) -> None:
        """What was decided is gone from the list at once, and said when it is written; what it means for other suggestions comes
        when it was asked.
        """
        self._way.add(decision)
        self._put(decision.after)
        done = partial(self._on_done, decision.what)
        self._doing.do(lambda to: decision.act(to.linking), done, partial(self._on_undecided, decision))

    def _put(self, inbox: Inbox) -> None:
        """What is known already; an answer that is under way knows nothing of it."""
        self._asking.forget()
        self.inbox = inbox
        self._show()

    def _on_done(self, what: str, _: object) -> None:
        self.bar.did(what)
        self._ask_soon()

    def _on_undecided(self, decision: Decision, sentence: str) -> None:
        """Said where the person looks: nothing was changed, or something else decided meanwhile."""
        self.bar.failed(sentence, partial(self._do, decision))
        self._way.drop(decision)
        self._put(decision.before)
        self._ask_soon()

    def _ask_soon(self) -> None:
        """An answer that is under way knows nothing of what was just decided."""
        self._asking.forget()
        self._settle.start(SETTLE_MS)
        self._feed.hint()

    def _on_way_back(self, what: str, back: bool) -> None:
        """Of what was decided here the list before or after it is known; the answer follows."""
        if (known := self._way.go(what, back)) is not None:
            self._put(known)
        self._asking.forget()
        self._ask()
        self._feed.hint()

    # splitting -------------------------------------------------------------------------------------------------------

    def open_split(self) -> None:
        line = self.table.chosen
        if not line or not self.inbox:
            return
        if len({part.session.id for part in line.parts}) > 1:
            if not line.is_open:
                self._on_toggled(self.table.currentIndex().row(), True)
            self._say("Choose the session to split, then press S again.")
            return
        part = line.parts[0]
        mine = [one for group in self.inbox.groups for one in group.parts if one.session.id == part.session.id]
        within = around(part.turns, [one.turns for one in mine])
        turns = self._source.session_turns(part.session.id)
        if sum(within.holds(turn[0]) for turn in turns) < 2:
            self._say(ONE_TURN)
            return
        cuts = {
            *self._cuts.get(part.session.id, ()),
            *(one.turns.first for one in mine if one.turns.first > within.first),
        }
        suggested = [cut for one in mine for cut in one.cuts]
        self.split = Split(part.session, within, turns, suggested, cuts, self)
        self.split.cut.connect(self._on_cut)
        self._open(self.split)

    def _on_cut(self, session: str, cuts: frozenset[int]) -> None:
        """Its parts stand in rows of their own, and wait."""
        self._cuts[session] = cuts
        self._opened |= {group.key for group in self._groups if any(p.session.id == session for p in group.parts)}
        self._ask()

    # rules -----------------------------------------------------------------------------------------------------------

    def always(self) -> None:
        line = self.table.chosen
        if not line:
            return
        task = line.offers[0] if line.offers else None
        title = f"Always link to {task.name}" if task else "Always link to a task"
        self.rule = RuleDialog(self._linking, self._preview, words.cut(title, 60), self)
        self.rule.form.put(*rule_for(line, task), task)
        parts = line.parts
        self.rule.kept.connect(lambda rule, chosen, moved: self._on_rule(parts, rule, chosen, moved))
        self._open(self.rule)

    def _on_rule(self, parts: tuple[Part, ...], rule: Rule, task: Task, moved: tuple[Moved, ...]) -> None:
        if self.inbox:
            self._do(inbox_decisions.ruled(self.inbox, parts, rule, task, moved))

    def open_rules(self) -> None:
        self.rules = RulesDialog(self._linking, self._doing, self._preview, self)
        self.rules.changed.connect(self._ask_soon)
        self._open(self.rules)

    def _preview(self, rule: Rule, answer: Callable[[tuple[Moved, ...]], None], failed: Callable[[str], None]) -> None:
        """The connection is let go with the answer, as the inbox's is."""

        def told(moved: tuple[Moved, ...]) -> None:
            self._trying.rest()
            answer(moved)

        self._trying.ask("rule", lambda waiting, _: waiting.preview(rule), told, failed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """The keyboard is in the list, or on the words that stand in its place, never on the next key hint."""
        shown = self._stack.currentWidget()
        (shown if shown is self._empty else self.table).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.table.put_why(beside=event.size().width() >= scaled(BESIDE))
        self._show_hints()
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._asking.rest()
        self._trying.rest()
        super().hideEvent(event)


def _inbox(cuts: dict[str, frozenset[int]], waiting: Waiting, _: Hand) -> Inbox:
    """With the sums that are shown worked out, so that the main thread need not."""
    inbox = waiting.inbox(cuts)
    inbox_rows.head(inbox)
    for line in inbox_rows.lines_of(inbox.groups, ()):
        _told = line.place, line.group.why, line.group.sessions
    return inbox
