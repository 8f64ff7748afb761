"""Settings: what the icon counts, the budget, where logs lie, the theme, and whether to start at login.

Each choice is kept at once; there is no button to forget.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokentrack.review.attended import SETTING as ATTENDED
from tokentrack.review.budgets import FOLLOWED
from tokentrack.review.effect import CUT, MOST
from tokentrack.review.worth import RATE
from tokentrack.ui import autostart, words
from tokentrack.ui.asking import Doing
from tokentrack.ui.choices import Choice, Choices, amount_fault, budget_amount, budget_text
from tokentrack.ui.feed import Feed, Follow
from tokentrack.ui.frame import header, scrolling
from tokentrack.ui.planned import BudgetsView
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_spend import Undo
from tokentrack.ui.states import NOTICE
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, font, high, label, scaled
from tokentrack.ui.tick import Tick
from tokentrack.ui.undo_bar import UndoBar

COUNTERS: tuple[Choice, ...] = (
    ("money", "Money"),
    ("tokens", "Tokens"),
    ("percent", "Percent"),
    ("ring", "Ring"),
    ("quiet", "Quiet"),
)
COUNTER_NOTES = {
    "money": "Today's list value: what these tokens cost at published prices.",
    "tokens": "Today's tokens of all kinds.",
    "percent": "How much of the plan is used.",
    "ring": "The ring without a number.",
    "quiet": "No money anywhere in the tray.",
}
PANELS: tuple[Choice, ...] = (("auto", "As detected"), ("light", "Light panel"), ("dark", "Dark panel"))
THEMES: tuple[Choice, ...] = (("auto", "As the system"), ("light", "Light"), ("dark", "Dark"))
MEASURES: tuple[Choice, ...] = (("list_value", "$ list value"), ("paid", "$ paid"), ("tokens", "million tokens"))
PERIODS: tuple[Choice, ...] = (("day", "a day"), ("week", "a week"), ("month", "a month"))
ROOTS = "roots."
NO_BUDGET = "This is no amount. Write it like 40 or 12.50; leave it empty for none."
NO_RATE = "This is no amount. Write it like 90 or 92.50; leave it empty for none."
NAME_WIDTH, NARROW = 132, 640
"""Below that width names stand above what they name."""


class Folders(QWidget):
    """Folders in which one agent's logs are looked for, besides the usual ones."""

    changed = Signal()

    def __init__(self, agent: str, folders: list[str]) -> None:
        super().__init__()
        self.agent = agent
        name = words.agent(agent)
        self.list = QListWidget()
        self.list.setAccessibleName(f"More folders with logs of {name}")
        self.list.setFont(font())
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.addItems(folders)
        self.add = self._button("Add a folder", f"Add a folder with logs of {name}", self._on_add)
        self.remove = self._button("Take out", f"Take the chosen folder of {name} out", self._on_remove)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self.list.itemSelectionChanged.connect(self._show)
        self._show()

    def _button(self, text: str, name: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setFont(font())
        button.setAccessibleName(name)
        button.clicked.connect(act)
        return button

    def put(self, folders: list[str]) -> None:
        if folders != self.folders:
            self.list.clear()
            self.list.addItems(folders)
            self._show()

    @property
    def folders(self) -> list[str]:
        return [self.list.item(at).text() for at in range(self.list.count())]

    def _show(self) -> None:
        rows = self.list.count()
        self.list.setVisible(rows > 0)
        self.list.setFixedHeight(min(5, max(1, rows)) * high() + 10)
        self.remove.setVisible(rows > 0)
        self.remove.setEnabled(bool(self.list.selectedItems()))

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, f"A folder with logs of {words.agent(self.agent)}")
        if folder and folder not in self.folders:
            self.list.addItem(folder)
            self._show()
            self.changed.emit()

    def _on_remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self._show()
        self.changed.emit()


class Page(QWidget):
    """`saved` tells the app which setting changed, so that icon and theme follow."""

    saved = Signal(str, str)
    why_asked = Signal(object)

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._source = feed, source
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        settings = source.settings()
        self._shown_settings: dict[str, str] | None = settings
        column = scrolling(self)
        row, _, _ = header("Settings")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(24)
        self._boxes: list[QBoxLayout] = []
        self._names: list[QLabel] = []
        self.undo_bar = UndoBar(self._doing)
        self.undo_bar.undone.connect(feed.refresh)
        self._doing.idle.connect(self._on_idle)
        QShortcut(QKeySequence("Ctrl+Z"), self, self.undo_bar.undo)
        column.addLayout(row)
        column.addWidget(self.undo_bar)
        column.addLayout(self._rows)
        column.addStretch(1)
        self._add_counter(settings)
        self._add_budget()
        self._add_notice(settings)
        self._add_rate(settings)
        self._add_roots(settings)
        self._add_theme(settings)
        self._add_autostart()
        wide = max(NAME_WIDTH, *(name.sizeHint().width() for name in self._names))
        for name in self._names:
            name.setFixedWidth(wide)
        Follow(self, feed, self.refresh)

    # building --------------------------------------------------------------------------------------------------------

    def _row(self, name: str, *widgets: QWidget) -> None:
        """A name at the left, or above where the window is narrow; what it sets at the right."""
        box, column = QBoxLayout(QBoxLayout.Direction.LeftToRight), QVBoxLayout()
        title = label(name)
        title.setFixedHeight(high())
        self._names.append(title)
        column.setSpacing(8)
        for widget in widgets:
            column.addWidget(widget)
        box.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(column, 1)
        self._boxes.append(box)
        self._rows.addLayout(box)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < scaled(NARROW)
        for box in self._boxes:
            box.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
            box.setSpacing(0 if narrow else 24)

    def _add_counter(self, settings: dict[str, str]) -> None:
        self.counter = Choices("The icon counts", COUNTERS, settings.get("counter", "money"))
        self._note = Text(COUNTER_NOTES[self.counter.value], CAPTION, "secondary")
        self.counter.chosen.connect(lambda value: self._save("counter", value))
        self.counter.chosen.connect(lambda value: self._note.setText(COUNTER_NOTES[value]))
        self.panel = Choices("The icon stands on", PANELS, settings.get("panel", "auto"))
        self.panel.chosen.connect(lambda value: self._save("panel", value))
        self._row("The icon counts", self.counter, self._note)
        self._row("It stands on", self.panel)

    def _add_budget(self) -> None:
        self.amount = QLineEdit()
        self.amount.setFont(font())
        self.amount.setFixedWidth(scaled(112))
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.amount.setPlaceholderText("none")
        self.amount.setAccessibleName("Planned amount")
        self.measure = Choices("Planned in", MEASURES, "list_value")
        self.period = Choices("Planned for", PERIODS, "week")
        self.amount.editingFinished.connect(self._on_budget)
        self.measure.chosen.connect(self._on_budget)
        self.period.chosen.connect(self._on_budget)
        self._budget_note = Text("", CAPTION, "attention")
        self._budget_note.hide()
        first = QWidget()
        row = QHBoxLayout(first)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.amount)
        row.addWidget(self.measure, 1)
        self.budgets = BudgetsView(self._source.entries(), self._doing)
        self.budgets.did.connect(self._on_removed)
        self.budgets.failed.connect(self.undo_bar.failed)
        self.budgets.chosen.connect(self._on_followed)
        self.budgets.asked.connect(self.why_asked)
        self._row("Planned", first, self.period, self._budget_note, self.budgets)
        self._shown_budget: tuple[int, str, str] | None = None

    def _add_notice(self, settings: dict[str, str]) -> None:
        self.notice = Tick("Tell me once when a period's plan is passed")
        self.notice.setChecked(settings.get(NOTICE) == "1")
        self.notice.toggled.connect(lambda on: self._save(NOTICE, "1" if on else ""))
        self._row("Notification", self.notice)

    def _add_rate(self, settings: dict[str, str]) -> None:
        """Both are asked for by nobody: without them the review tells no minutes."""
        self.rate = QLineEdit()
        self.rate.setPlaceholderText("none")
        self.rate.setAccessibleName("An hour of your time, in dollars")
        self.rate.setText(_rate_text(settings))
        self.rate.editingFinished.connect(self._on_rate)
        line = _with_unit(self.rate, "$ an hour")
        note = "With it the review asks whether a task was worth so many minutes. It is on no page unless you add it there."
        self._rate_note = Text("", CAPTION, "attention")
        self._rate_note.hide()
        self.attended = Tick("Work out how long I was at it")
        self.attended.setChecked(settings.get(ATTENDED) == "on")
        self.attended.toggled.connect(lambda on: self._save(ATTENDED, "on" if on else ""))
        floor = Text("A floor, from the gaps between your prompts alone. It is never exported.", CAPTION, "secondary")
        self._row("Your time", line, Text(note, CAPTION, "secondary"), self._rate_note, self.attended, floor)
        self._add_cut(settings)

    def _add_cut(self, settings: dict[str, str]) -> None:
        self.cut = QLineEdit()
        self.cut.setPlaceholderText("a third")
        self.cut.setAccessibleName("Cut of estimates without AI in the stress test, percent")
        self.cut.setText(settings.get(CUT, ""))
        self.cut.editingFinished.connect(self._on_cut)
        line = _with_unit(self.cut, "% off your estimates without AI")
        note = "Would what you stated (self-reported) still hold then? Empty: a third, one study's error."
        self._cut_note = Text("Write a whole number from 0 to 50; empty is a third.", CAPTION, "attention")
        self._cut_note.hide()
        self._row("Stress test", line, Text(note, CAPTION, "secondary"), self._cut_note)

    def _add_roots(self, settings: dict[str, str]) -> None:
        self.folders: list[Folders] = []
        kept = {key.removeprefix(ROOTS): value for key, value in settings.items() if key.startswith(ROOTS)}
        agents = self._feed.glance.health.agents if self._feed.glance else ()
        for agent in dict.fromkeys(("claude-code", *agents, *kept)):
            folders = Folders(agent, roots(kept.get(agent, "")))
            folders.changed.connect(lambda folders=folders: self._on_folders(folders))
            self.folders.append(folders)
            self._row(f"Logs of {words.agent(agent)}", folders, self._root_note())

    def _root_note(self) -> QLabel:
        return Text("Besides the folders where they usually lie. They are read, never written.", CAPTION, "secondary")

    def _add_theme(self, settings: dict[str, str]) -> None:
        self.theme = Choices("Theme", THEMES, settings.get("theme", "auto"))
        self.theme.chosen.connect(lambda value: self._save("theme", value))
        self._row("Theme", self.theme)

    def _add_autostart(self) -> None:
        self.login = Tick("Start tokentrack when I log in")
        self.login.setChecked(autostart.enabled())
        self.login.toggled.connect(self._on_login)
        self._login_note = Text("", CAPTION, "attention")
        self._login_note.hide()
        if autostart.supported():
            self._row("At login", self.login, self._login_note)

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """What changed elsewhere, as by another store at the same place; what is being typed or written is left alone."""
        if self._doing.busy:
            return
        self._put_settings(self._source.settings())
        glance = self._feed.glance
        self.budgets.refresh(glance)
        everything = (spent.budget for spent in (glance.budgets if glance else ()) if spent.budget.project is None)
        whole = next(everything, None)  # one project's is set on the command line
        now = (whole.amount, whole.measure, whole.period) if whole else None
        if now == self._shown_budget or self.amount.hasFocus():
            return
        self._shown_budget = now
        self.amount.setText(budget_text(now[0]) if now else "")
        if now:
            self.measure.put(now[1])
            self.period.put(now[2])

    def _put_settings(self, settings: dict[str, str]) -> None:
        """A store that cannot be read has no settings to tell."""
        if settings == self._shown_settings or self._source.status().error:
            return
        self._shown_settings = settings
        self.counter.put(settings.get("counter", "money"))
        self._note.setText(COUNTER_NOTES[self.counter.value])
        self.panel.put(settings.get("panel", "auto"))
        self.theme.put(settings.get("theme", "auto"))
        with QSignalBlocker(self.notice):
            self.notice.setChecked(settings.get(NOTICE) == "1")
        with QSignalBlocker(self.attended):
            self.attended.setChecked(settings.get(ATTENDED) == "on")
        if not self.cut.hasFocus():
            self.cut.setText(settings.get(CUT, ""))
        if not self.rate.hasFocus():
            self.rate.setText(_rate_text(settings))
        for folders in self.folders:
            folders.put(roots(settings.get(ROOTS + folders.agent, "")))

    # acting ----------------------------------------------------------------------------------------------------------

    def _save(self, key: str, value: str, then: Callable[[], None] = lambda: None) -> None:
        """Whatever follows from it follows when it is kept."""

        def kept(_: None) -> None:
            self.saved.emit(key, value)
            then()

        self._doing.do(lambda to: to.save_setting(key, value), kept, self._on_not_kept)

    def _on_not_kept(self, sentence: str) -> None:
        self.undo_bar.failed(sentence)
        self._shown_settings = None

    def _on_idle(self) -> None:
        """What could not be kept is shown as it is."""
        if self._shown_settings is None:
            self._put_settings(self._source.settings())

    def _on_budget(self) -> None:
        amount = budget_amount(self.amount.text())
        self._say_budget("" if amount is not None else amount_fault(self.amount.text(), NO_BUDGET))
        wanted = None if amount is None else (amount, self.measure.value, self.period.value)
        if wanted is None or wanted == self._shown_budget or (not amount and self._shown_budget is None):
            return
        self._shown_budget, before = wanted if amount else None, self._shown_budget

        def not_kept(sentence: str) -> None:
            """What was typed stays, to be given again."""
            self._shown_budget = before
            self.undo_bar.failed(sentence)

        self._doing.do(lambda to: to.entries.set_budget(*wanted), lambda _: self._feed.hint(), not_kept)

    def _on_rate(self) -> None:
        amount = budget_amount(self.rate.text())
        self._rate_note.setText("" if amount is not None else amount_fault(self.rate.text(), NO_RATE))
        self._rate_note.setVisible(amount is None)
        if amount is not None and f"{amount or ''}" != self._source.settings().get(RATE, ""):
            self._save(RATE, f"{amount or ''}")

    def _on_cut(self) -> None:
        text = self.cut.text().strip()
        fits = not text or (text.isascii() and text.isdecimal() and int(text) <= 100 * MOST)
        self._cut_note.setVisible(not fits)
        if fits and text != self._source.settings().get(CUT, ""):
            self._save(CUT, text)

    def _on_removed(self, text: str, undo: Undo) -> None:
        self.undo_bar.did(text, undo)
        self._feed.refresh()

    def _on_followed(self, project: str) -> None:
        self._save(FOLLOWED, project, self._feed.refresh)

    def _say_budget(self, text: str) -> None:
        self._budget_note.setText(text)
        self._budget_note.setVisible(bool(text))

    def _on_folders(self, folders: Folders) -> None:
        self._save(ROOTS + folders.agent, json.dumps(folders.folders, ensure_ascii=False))

    def _on_login(self, on: bool) -> None:
        try:
            autostart.enable(on)
            self._login_note.hide()
        except OSError as error:
            self._login_note.setText(
                f"That could not be kept: {error.strerror}. Check the folder {autostart.place().parent}."
            )
            self._login_note.show()


def _rate_text(settings: dict[str, str]) -> str:
    kept = settings.get(RATE, "")
    return budget_text(int(kept)) if kept.isdecimal() and int(kept) else ""


def roots(text: str) -> list[str]:
    """The setting `roots.<agent>`: a JSON list. What cannot be read is treated as empty."""
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return []
    return [root for root in found if isinstance(root, str)] if isinstance(found, list) else []


def _with_unit(field: QLineEdit, unit: str) -> QWidget:
    """A short field for a figure, and what it counts."""
    field.setFont(font())
    field.setFixedWidth(scaled(112))
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(field)
    row.addWidget(label(unit, role="secondary"))
    row.addStretch(1)
    return line
