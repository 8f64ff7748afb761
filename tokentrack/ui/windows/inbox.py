"""The inbox: what waits for a task, in groups that one key empties. Every decision is one step of the journal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokentrack.model.tasks import Task
from tokentrack.review.inbox import Group, Inbox
from tokentrack.ui import inbox_rows
from tokentrack.ui.empty import Empty
from tokentrack.ui.feed import Feed, Spaced
from tokentrack.ui.find_line import FindLine
from tokentrack.ui.frame import GAP, MARGIN, UNDER_HEAD, foot, primary
from tokentrack.ui.inbox_dialogs import InboxDialogs
from tokentrack.ui.inbox_head import InboxHead
from tokentrack.ui.inbox_keys import Reasons
from tokentrack.ui.inbox_now import InboxNow
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.inbox_split import ONE_TURN
from tokentrack.ui.inbox_table import InboxTable
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Source
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, scaled

NARROW, BESIDE, LOW = 640, 760, 360
"""Pixels of width below which what takes all is a key that is not shown, and below which reasons stand below the tasks; of height
below which keys are told by their list alone."""
NOTHING = (
    "Every session belongs to a task, or to none on purpose. What you use next comes here, unless a rule links it."
)
NOTHING_READ = "No session yet. They come here when a coding agent writes its first log."
NO_MATCH = "No session matches. Esc shows all again."
LOOKING = "Looking through sessions"
NO_TASKS = "There is no task yet. Press t to make the first one, or import them on the Tasks page."


class Page(QWidget):
    """`why_asked` asks the window what a figure is made of. `within`: it is a step of the week's review, which Esc leaves.

    `settings_asked` and `week_asked` ask it for another page, where nothing waits.
    """

    why_asked = Signal(object)
    settings_asked = Signal()
    week_asked = Signal()
    left = Signal()

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None, *, within: bool = False) -> None:
        super().__init__(parent)
        self._within = within
        self._feed = feed
        self.now = InboxNow(source, feed, self)
        self.dialogs = InboxDialogs(source, self.now, self)
        self._opened: set[tuple[object, ...]] = set()
        self._groups: tuple[Group, ...] = ()
        self._not_which: tuple[object, ...] | None = None
        self.bar = self.now.bar
        self.head, self.reasons = InboxHead(), Reasons()
        self._build()
        self._connect()
        self._add_keys()
        self._show()
        self._pace = Spaced(self, feed, self.refresh, lambda: bool(self.now.asking.waiting))
        self.now.asked.connect(self._pace.asked)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        if self._within:
            column.setContentsMargins(0, 0, 0, 0)
        else:
            column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(12)
        self._problems = PageProblems(self._feed, self.refresh)
        column.addLayout(self._top())
        column.addWidget(self._problems)
        column.addWidget(self.bar)
        self.finder = FindLine("Find by task, project, branch or title", "Find in the inbox")
        self.finder.hide()
        column.addWidget(self.finder)
        self._stack = QStackedWidget(self)
        self._empty = Empty(self._stack)
        self._empty.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
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
            ("l", "rules", self.dialogs.open_rules, "Rules, and a place to try one"),
            ("Ctrl Z", "undo", self.bar.undo, ""),
            ("?", "keys", self.dialogs.open_keys, "List all keys"),
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
        self.now.changed.connect(self._show)
        self.now.answered.connect(self._on_answer)
        self.now.came_back.connect(self.table.choose_parts)
        self.dialogs.cut.connect(self._on_cut)
        self.dialogs.closed.connect(self._on_dialog_closed)
        self.finder.textChanged.connect(lambda _: self._show())
        self.finder.leads_to(self.table.setFocus)

    def _add_keys(self) -> None:
        """Letters act only outside text fields, which take them first. A capital one is pressed with Shift, and acts without."""
        for key, hint in self.hints.items():
            made = QShortcut(QKeySequence(key.replace(" ", "+")), self, hint.click)
            if key.isupper():
                made.setKeys([QKeySequence(key), QKeySequence(f"Shift+{key}")])
        for number in range(1, 4):
            QShortcut(QKeySequence(str(number)), self, partial(self.take, number))
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, self.bar.redo)
        QShortcut(QKeySequence("F1"), self, self._on_why)
        QShortcut(QKeySequence("Esc"), self, self._on_escape)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._problems.refresh()
        self._show_head()
        self.now.refresh()

    @property
    def inbox(self) -> Inbox | None:
        """As it is known now; None until it was found."""
        return self.now.inbox

    @property
    def busy(self) -> bool:
        """Whether something is still being written."""
        return self.now.busy

    def _on_answer(self, fault: str) -> None:
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
        if came and self.isVisible() and not self.finder.hasFocus():
            self.table.setFocus()  # the keys act at once
        self._empty.put(*self._nothing())
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

    def _nothing(self) -> tuple[str] | tuple[str, str, Callable[[], None]]:
        """What is said in the list's place, and the button that leads on; a review has its own."""
        if self.inbox is None:
            return (LOOKING,)
        if self.inbox.groups:
            return (NO_MATCH,)
        glance = self._feed.glance
        if not glance or not glance.health.agents:
            return NOTHING_READ, "Add a folder", self.settings_asked.emit
        return (NOTHING,) if self._within else (NOTHING, "Review week", self.week_asked.emit)

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

    def _on_dialog_closed(self) -> None:
        """The keyboard is where it was."""
        self.activateWindow()
        self.table.setFocus()

    # deciding --------------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        line = self.table.chosen
        if line and line.group.ready:
            self.now.link(line.parts, line.group.offers[0])
        elif line:
            self._say(inbox_rows.ways(line))

    def accept_all(self) -> None:
        """Every ● that is shown."""
        self.now.accept([group for group in self._groups if group.ready])

    def take(self, number: int) -> None:
        line = self.table.chosen
        if not line or number > len(line.offers):
            return
        if line.place == self._not_which:
            self._reject(line, line.offers[number - 1])
        else:
            self.now.link(line.parts, line.offers[number - 1])

    def set_aside(self) -> None:
        if line := self.table.chosen:
            self.now.set_aside(line.parts)

    def pick(self) -> None:
        if line := self.table.chosen:
            self.dialogs.pick(line)

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
        if task.id:
            self._not_which = None
            self.now.reject(line.parts, task)

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
        mine = (one for group in self.inbox.groups for one in group.parts if one.session.id == part.session.id)
        if not self.dialogs.open_split(part, mine):
            self._say(ONE_TURN)

    def _on_cut(self, session: str, cuts: frozenset[int]) -> None:
        """Its parts stand in rows of their own."""
        self._opened |= {group.key for group in self._groups if any(p.session.id == session for p in group.parts)}
        self.now.cut(session, cuts)

    def always(self) -> None:
        if line := self.table.chosen:
            self.dialogs.always(line)

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
        for key, hint in self.hints.items():
            hint.setVisible(key == "?" or event.size().height() >= scaled(LOW))
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.now.rest()
        self.dialogs.rest()
        super().hideEvent(event)
