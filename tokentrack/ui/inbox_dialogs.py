"""What the inbox opens above itself, one at a time: a task picker, a session to split, rules, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from tokentrack.model.tasks import Rule
from tokentrack.review.inbox import Part
from tokentrack.ui import inbox_rows, words
from tokentrack.ui.asking import Asking
from tokentrack.ui.inbox_keys import KeyList
from tokentrack.ui.inbox_now import InboxNow
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.inbox_rules import RuleDialog, RulesDialog, rule_for
from tokentrack.ui.inbox_split import Split, around
from tokentrack.ui.source import Source
from tokentrack.ui.source_linking import Tried, Waiting
from tokentrack.ui.task_picker import TaskPicker


class InboxDialogs(QObject):
    """What is decided in them goes to `now`. `cut` tells a session and the turns it is cut at, `closed` that one was closed."""

    cut = Signal(str, object)
    closed = Signal()

    def __init__(self, source: Source, now: InboxNow, page: QWidget) -> None:
        super().__init__(page)
        self._source, self._linking, self._now, self._page = source, source.linking(), now, page
        self._trying: Asking[Waiting] = Asking(source.waiting, self)
        self.picker: TaskPicker | None = None
        self.split: Split | None = None
        self.rule: RuleDialog | None = None
        self.rules: RulesDialog | None = None
        self.keys: KeyList | None = None
        self._dialog: QDialog | None = None

    def _open(self, dialog: QDialog) -> None:
        """One at a time; the one before it is let go, unless it still waits to hear what was written."""
        if self._dialog and not self._now.busy:
            self._dialog.deleteLater()
        self._dialog = dialog
        dialog.finished.connect(self.closed)
        dialog.open()

    def open_keys(self) -> None:
        self.keys = KeyList(self._page)
        self._open(self.keys)

    def pick(self, line: Line) -> None:
        parts = line.parts
        self.picker = TaskPicker(self._linking.tasks(), line.group.project, self._page)
        self.picker.chosen.connect(lambda task: self._now.link(parts, task))
        self.picker.none_chosen.connect(lambda: self._now.set_aside(parts))
        self._open(self.picker)
        self.picker.begin(f"Link {inbox_rows.named(parts)} to")

    def open_split(self, part: Part, parts: Iterable[Part]) -> bool:
        """Where the person means to cut a session, all of whose parts are given; False: it has but one turn there."""
        mine = list(parts)
        session = part.session
        within = around(part.turns, [one.turns for one in mine])
        turns = self._source.session_turns(session.id)
        if sum(within.holds(turn[0]) for turn in turns) < 2:
            return False
        cuts = {
            *self._now.cuts.get(session.id, ()),
            *(one.turns.first for one in mine if one.turns.first > within.first),
        }
        suggested = [cut for one in mine for cut in one.cuts]
        self.split = Split(session, within, turns, suggested, cuts, self._page)
        self.split.cut.connect(self.cut)
        self._open(self.split)
        return True

    def always(self, line: Line) -> None:
        parts, task = line.parts, line.offers[0] if line.offers else None
        title = f"Always link to {task.name}" if task else "Always link to a task"
        self.rule = RuleDialog(self._linking, self._preview, words.cut(title, 60), self._page)
        self.rule.form.put(*rule_for(line, task), task)
        self.rule.kept.connect(lambda rule, chosen, moved: self._now.rule(parts, rule, chosen, moved))
        self._open(self.rule)

    def open_rules(self) -> None:
        self.rules = RulesDialog(self._linking, self._now.doing, self._preview, self._page)
        self.rules.changed.connect(self._now.ask_soon)
        self.rules.changed.connect(self._now.bar.clear)  # what it told is no longer the newest step
        self._open(self.rules)

    def _preview(self, rule: Rule, answer: Callable[[Tried], None], failed: Callable[[str], None]) -> None:
        """The connection is let go with the answer, as the inbox's is."""

        def told(tried: Tried) -> None:
            self._trying.rest()
            answer(tried)

        self._trying.ask("rule", lambda waiting, _: waiting.preview(rule), told, failed)

    def rest(self) -> None:
        self._trying.rest()
