"""What waits, as far as it is known now: the last answer of the core, and what the person decided since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from tokentrack.model.tasks import Rule, Task
from tokentrack.review.inbox import Group, Inbox, Part
from tokentrack.ui import inbox_decisions, inbox_rows
from tokentrack.ui.asking import Doing, Hand, InPassing
from tokentrack.ui.feed import Feed, once
from tokentrack.ui.inbox_decisions import Decision, Way
from tokentrack.ui.journal_bar import JournalBar, stepped
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_linking import Moved, Waiting

SETTLE_MS = 250
"""Decisions come fast; what they change in other suggestions is asked when they pause."""


class InboxNow(QObject):
    """`changed`: `inbox` is another one. `answered`: the core answered, with a sentence where it could not.

    `came_back` tells the parts that a decision was about which was taken back.
    """

    changed = Signal()
    asked = Signal()
    answered = Signal(str)
    came_back = Signal(object)

    def __init__(self, source: Source, feed: Feed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self.asking: InPassing[Waiting] = InPassing(source.waiting, self)
        self.doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self.doing)
        self.inbox: Inbox | None = None
        """None until it was found."""
        self.cuts: dict[str, frozenset[int]] = {}
        """Session ▶ turns before whose prompt a part of it begins, as the person means to cut it."""
        self._way = Way()
        self._undone: Inbox | None = None
        """What waited when a step was taken back of which is not known here what it was about, as after a restart."""
        self.settle = once(self, self.ask)
        self.bar.changed.connect(self._on_way_back)

    # asking ----------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is still being written: no answer from the store would be true."""
        return self.doing.busy

    def refresh(self) -> None:
        if not self.settle.isActive():
            self.ask()

    def ask(self) -> None:
        """What is on screen stays until the answer has come."""
        if self.busy:
            return
        self.asked.emit()
        self.asking.ask("inbox", partial(_inbox, dict(self.cuts)), self.put_answer, self.answered.emit)

    def ask_soon(self) -> None:
        """An answer that is under way knows nothing of what was just decided."""
        self.asking.forget()
        self.settle.start(SETTLE_MS)
        self._feed.hint()

    def rest(self) -> None:
        self.asking.rest()

    def put_answer(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.answered.emit("")
        self.changed.emit()
        if self._undone and (back := inbox_decisions.returned(self._undone, inbox)):
            self.came_back.emit(back)
        self._undone = None

    def _put(self, inbox: Inbox) -> None:
        """What is known already; an answer that is under way knows nothing of it."""
        self.asking.forget()
        self.inbox = inbox
        self.changed.emit()

    # deciding --------------------------------------------------------------------------------------------------------

    def accept(self, ready: Sequence[Group]) -> None:
        """Groups, each with its own task."""
        if ready and self.inbox:
            self._do(inbox_decisions.accepted(self.inbox, ready))

    def link(self, parts: Sequence[Part], task: Task) -> None:
        if self.inbox:
            self._do(inbox_decisions.linked(self.inbox, parts, task))

    def set_aside(self, parts: Sequence[Part]) -> None:
        if self.inbox:
            self._do(inbox_decisions.set_aside(self.inbox, parts))

    def reject(self, parts: Sequence[Part], task: Task) -> None:
        if self.inbox:
            self._do(inbox_decisions.rejected(self.inbox, parts, task))

    def rule(self, parts: Sequence[Part], rule: Rule, task: Task, moved: Sequence[Moved]) -> None:
        """`moved` is what the rule links beside these parts."""
        if self.inbox:
            self._do(inbox_decisions.ruled(self.inbox, parts, rule, task, moved))

    def cut(self, session: str, cuts: frozenset[int]) -> None:
        """Its parts stand in rows of their own, and wait."""
        self.cuts[session] = cuts
        self.ask()

    def _do(self, decision: Decision) -> None:
        """What was decided is gone from the list at once, and said when it is written; what it means for other suggestions comes
        when it was asked.
        """
        self._way.add(decision)
        self._undone = None
        self._put(decision.after)
        done = partial(self._on_done, decision.what)
        act = stepped(lambda to: decision.act(to.linking))
        self.doing.do(act, done, partial(self._on_undecided, decision))

    def _on_done(self, what: str, told: tuple[object, int | None]) -> None:
        """`told` begins with what else there is to say, where it is a sentence."""
        came, number = told
        self.bar.did(f"{what}. {came}." if came and isinstance(came, str) else what, number)
        self.ask_soon()

    def _on_undecided(self, decision: Decision, sentence: str) -> None:
        """Said where the person looks: nothing was changed, or something else decided meanwhile."""
        self.bar.failed(sentence, partial(self._do, decision))
        self._way.drop(decision)
        self._put(decision.before)
        self.ask_soon()

    def _on_way_back(self, what: str, back: bool) -> None:
        """Of what was decided here the list before or after it is known; the answer follows."""
        if decision := self._way.go(what, back):
            self._put(decision.before if back else decision.after)
            if back:
                self.came_back.emit(decision.about)
        elif back:
            self._undone = self.inbox
        self.asking.forget()
        self.ask()
        self._feed.hint()


def _inbox(cuts: dict[str, frozenset[int]], waiting: Waiting, _: Hand) -> Inbox:
    """With the sums that are shown worked out, so that the main thread need not."""
    inbox = waiting.inbox(cuts)
    inbox_rows.head(inbox)
    for line in inbox_rows.lines_of(inbox.groups, ()):
        _told = line.place, line.group.why, line.group.sessions
    return inbox
