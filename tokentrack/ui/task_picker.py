"""Find a task by a few letters of it, or make one: from a title, a key and a title, or the address of an issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPointerEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLineEdit, QWidget
from rapidfuzz import fuzz, process, utils

from tokentrack import clock
from tokentrack.linking import keys, urls
from tokentrack.model.tasks import Task
from tokentrack.ui import words
from tokentrack.ui.frame import in_dialog
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.outcomes import word as outcome_word
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, font, label

MOST, LEAST_LIKE = 60, 55
"""Rows that are shown, and how alike (of 100) a name must be to be one of them."""
NONE_TEXT = "No task, on purpose"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the picker. `task` None: no task, on purpose."""

    task: Task | None

    @property
    def text(self) -> str:
        if self.task is None:
            return NONE_TEXT
        return self.task.name if self.task.id else f"Create {self.task.name}"

    @property
    def about(self) -> str:
        """The project, and what came of it."""
        if self.task is None:
            return ""
        parts = [_folder(self.task.project)] if self.task.project else []
        if self.task.outcome:
            parts.append(outcome_word(self.task.outcome))
        if not self.task.id:
            parts.append("new task")
        return " · ".join(parts)


def _folder(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def found(tasks: Sequence[Task], text: str, project: str | None) -> tuple[list[Task], list[Task]]:
    """(tasks that hold what is typed, those that are only like it), the likeliest first.

    A task's own key or address is that task; else all its words count, and letters that were mistyped little. Without a text
    those of the project that are open, the newest first.
    """
    usual = sorted(
        tasks,
        key=lambda task: (task.outcome is not None, task.project != project, -task.created_at, task.name, task.id),
    )
    sought = text.strip().casefold()
    if not sought:
        return usual[:MOST], []
    plain = keys.plain_url(sought)
    named = [
        task
        for task in usual
        if sought == (task.key or "").casefold() or (task.url and plain == keys.plain_url(task.url))
    ]
    begun = [task for task in usual if (task.key or "").casefold().startswith(sought) and task not in named]
    held = [
        task for task in usual
        if all(part in task.name.casefold() for part in sought.split()) and task not in named and task not in begun
    ]  # fmt: skip
    seen = {task.id for task in (*named, *begun, *held)}
    like = process.extract(
        sought,
        {at: task.name for at, task in enumerate(usual) if task.id not in seen},
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=LEAST_LIKE,
        limit=MOST,
    )
    return [*named, *begun, *held][:MOST], [usual[at] for _, _, at in like]


def new_task(text: str, project: str | None, now: int) -> Task | None:
    """The task that a text would make: of an address, of `PAY-31 Bulk refunds`, of a title. None: of nothing."""
    text = " ".join(text.split())
    if not text:
        return None
    if address := urls.proposed(text):
        return Task("", address.title, address.key, address.url, project, now)
    key, _, rest = text.partition(" ")
    key = key.rstrip(":,")
    if keys.is_key(key):
        return Task("", rest.strip(" :-–") or key.upper(), key.upper(), None, project, now)
    return Task("", text, None, None, project, now)


def choices(tasks: Sequence[Task], text: str, project: str | None, now: int, with_none: bool = True) -> list[Found]:
    """The rows: what may be meant, then what would be made of the text, then no task at all."""
    holding, like = found(tasks, text, project)
    made = new_task(text, project, now)
    there = [task for task in tasks if made and _same(made, task)]
    rows = [Found(task) for task in dict.fromkeys([*there, *holding, *like])]
    if made and not there:
        rows.insert(0 if made.url else len(holding) if made.key else len(rows), Found(made))
    sought = text.strip().casefold()
    if with_none and not sought:
        rows.append(Found(None))
    elif with_none and len(sought) > 1 and NONE_TEXT.casefold().startswith(sought):
        rows.insert(0, Found(None))
    return rows


def _same(made: Task, task: Task) -> bool:
    """Whether a task is there already: its key in its project, or its title where it has no key."""
    if made.url and task.url and keys.plain_url(made.url) == keys.plain_url(task.url):
        return True
    if made.key:
        return bool(task.key) and made.key == (task.key or "").upper() and made.project == task.project
    return made.title.casefold() in (task.title.casefold(), task.name.casefold())


COLUMNS: tuple[Column[Found], ...] = (
    Column("Task", lambda row: row.text, tip=lambda row: row.text),
    Column("Project", lambda row: row.about, tip=lambda row: row.about, widest="payments-api-server · new"),
)


class TaskPicker(QDialog):
    """`chosen` tells a task, one with an empty id is to be made; `none_chosen` that it is none on purpose."""

    chosen = Signal(object)
    none_chosen = Signal()

    def __init__(
        self,
        tasks: Iterable[Task],
        project: str | None = None,
        parent: QWidget | None = None,
        *,
        with_none: bool = True,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._project, self._with_none = list(tasks), project, with_none
        self.setWindowTitle("Find or create a task")
        self.resize(560, 420)
        self.about = label("", EMPHASIS, STRONG)
        self.line = QLineEdit()
        self.line.setFont(font())
        self.line.setPlaceholderText("Key, title, or the address of an issue")
        self.line.setAccessibleName("Find or create a task")
        self.line.setClearButtonEnabled(True)
        self.rows = Rows(COLUMNS)
        self.table = Table(self.rows, "Tasks")
        self.table.horizontalHeader().hide()
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows lead from the line into it
        self.hints = [
            KeyHint("↵", "take", self.take, "Take the chosen task"),
            KeyHint("Ctrl ↵", "create", self.create_, "Create a task of what is typed"),
            KeyHint("Esc", "close", self.reject, "Close"),
        ]
        self._build()
        self.line.textChanged.connect(self._on_text)
        self.line.installEventFilter(self)
        self.table.clicked.connect(lambda _: self.take())
        self._on_text("")

    def _build(self) -> None:
        column = in_dialog(self)
        column.addWidget(self.about)
        column.addWidget(self.line)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(12)
        for hint in self.hints:
            row.addWidget(hint)
        row.addStretch(1)
        self._count = label("", CAPTION, role="secondary")
        row.addWidget(self._count)
        column.addLayout(row)

    def open(self) -> None:
        """Above the window, which takes nothing meanwhile. What is typed there is meant for this one, which the system gives the
        keyboard a moment later; of a window behind a modal one it would be lost.
        """
        parent = self.parentWidget()
        behind = parent.window().windowHandle() if parent else None
        if behind is not None:
            behind.installEventFilter(self)
            self.finished.connect(lambda: behind.removeEventFilter(self))
        self.show()

    def open_(self, about: str = "", text: str = "") -> None:
        """Shows it above the window."""
        self.open()
        self.begin(about, text)

    def begin(self, about: str = "", text: str = "") -> None:
        """`about` says what the task is for, `text` is what is sought first."""
        self.about.setText(words.cut(about, 64))
        self.about.setVisible(bool(about))
        self.line.setText(text)
        self.line.selectAll()
        self.line.setFocus()

    def _on_text(self, text: str) -> None:
        self.rows.put(choices(self._tasks, text, self._project, clock.now_ms(), self._with_none))
        self.table.setCurrentIndex(self.rows.index(0, 0))
        self._count.setText(words.plural(len(self._tasks), "task"))

    # acting ----------------------------------------------------------------------------------------------------------

    def take(self) -> None:
        if row := self.rows.row_at(self.table.currentIndex()):
            self._give(row.task)

    def create_(self) -> None:
        """Makes a task of what is typed, also where others are like it."""
        if made := new_task(self.line.text(), self._project, clock.now_ms()):
            known = next((task for task in self._tasks if made.key and _same(made, task)), None)
            self._give(known or made)

    def _give(self, task: Task | None) -> None:
        self.accept()
        if task is None:
            self.none_chosen.emit()
        else:
            self.chosen.emit(task)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows choose in the list while the line keeps the keyboard."""
        if watched is not self.line:
            return self._on_behind(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else what is passed on from the window behind would act as a shortcut there
            return True
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.key() in steps:
            at = self.table.currentIndex().row() + steps[Qt.Key(event.key())]
            self.table.setCurrentIndex(self.rows.index(max(0, min(at, len(self.rows.shown) - 1)), 0))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.create_ if ctrl else self.take)()
            return True
        return False

    def _on_behind(self, event: QEvent) -> bool:
        """What comes to the window behind."""
        if event.type() == QEvent.Type.Hide:
            self.reject()
        elif isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                QApplication.sendEvent(self.line, event)
            event.accept()  # no shortcut acts
            return True
        return isinstance(event, QPointerEvent)
