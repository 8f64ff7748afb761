"""The page for a one-on-one in three pages: choose, see every byte, save. Nothing is written before it was seen (AC 46)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokentrack.export.edits import Refused
from tokentrack.export.options import PAPER, Options
from tokentrack.model.tasks import Task
from tokentrack.store.exports import Handed
from tokentrack.ui import export_asked, pdf, words
from tokentrack.ui.asking import Doing, InPassing
from tokentrack.ui.export_choose import ChooseStep
from tokentrack.ui.export_chosen import ChosenHere
from tokentrack.ui.export_findings import mark
from tokentrack.ui.export_kept import ExportKept
from tokentrack.ui.export_keys import KEYS
from tokentrack.ui.export_preview import PreviewStep
from tokentrack.ui.export_save import FOLDER, SaveStep
from tokentrack.ui.feed import Feed, once
from tokentrack.ui.frame import GAP, HEAD, MARGIN, UNDER_HEAD, foot, primary
from tokentrack.ui.inbox_keys import KeyList
from tokentrack.ui.journal_bar import NOTHING_AGAIN, NOTHING_BACK, JournalBar
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.source import Source
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_export import Exporting, Offer, Preview
from tokentrack.ui.strip import Problems
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import CAPTION, STRONG, TITLE, label
from tokentrack.ui.week_step import Step

if TYPE_CHECKING:
    from tokentrack.export.scan import Finding

SETTLE_MS = 250
CHOOSE, PREVIEW, SAVE = range(3)
STALE = "A text says something else now, so your edit of it was taken back."


class Page(QWidget):
    """`left` leaves for another page."""

    left = Signal()
    _laid_out = Signal(int)
    """From any thread: percent of a PDF."""

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._source = feed, source
        self._asking: InPassing[Exporting] = InPassing(source.exporting, self)
        self._saving: InPassing[Exporting] = InPassing(source.exporting, self)
        self._arriving = False
        self.format = "md"
        self.preview: Preview | None = None
        """What is on screen, and what would be saved; None while it is made."""
        self.data, self._boxes = b"", ""
        self.keys: KeyList | None = None
        self.choose, self.look, self.save_step = ChooseStep(), PreviewStep(), SaveStep()
        self.sequence: tuple[Step, ...] = (self.choose, self.look, self.save_step)
        self.chosen = ChosenHere(self.choose)
        self.at = CHOOSE
        self._doing: Doing[Deciding] = Doing(source.deciding, self)
        self.bar = JournalBar(self._doing)
        self.kept = ExportKept(self._doing, self.bar, self)
        self._build()
        self._connect()
        self._add_keys()
        self._settle = once(self, self.refresh)
        self._show_head()

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(0, 0, 0, UNDER_HEAD)
        self._title = Elided("", TITLE, STRONG)
        self._title.setMinimumHeight(HEAD)
        self.when = label("", CAPTION, role="secondary")
        row.addWidget(self._title, 1)
        row.addWidget(self.when, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(KeyHint("?", "keys", self.open_keys, "List all keys"), 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(row)
        self._problems = Problems()
        column.addWidget(self._problems)
        self.stack = QStackedWidget(self)
        for step in self.sequence:
            self.stack.addWidget(step)
        column.addWidget(self.stack, 1)
        column.addWidget(self.bar)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self.back_hint = KeyHint("⌫", "back", self.back, "Back to the page before")
        hints = [hint for step in self.sequence for hint in step.hints]
        self.primary = primary("", self.go_on)
        self.primary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return foot((self.back_hint, *hints), self.primary)

    def _connect(self) -> None:
        for step in self.sequence:
            step.passed.connect(self.go_on)
        self.choose.dated.connect(self._on_dated)
        self.choose.chosen.connect(self._changed)
        self.choose.aliased.connect(self.kept.call_task)
        self.choose.entered.connect(self.kept.keep)
        self.look.format_asked.connect(self.open_format)
        self.look.sheet_asked.connect(partial(self.kept.keep, PAPER))
        self.look.looked.connect(self._show_head)
        self._laid_out.connect(self._on_laid_out, Qt.ConnectionType.QueuedConnection)
        self.look.switched.connect(self._on_field)
        self.look.edited.connect(self.edit)
        self.look.accepted.connect(self._on_accepted)
        self.look.hiding.connect(self._on_hiding)
        self.look.aliased.connect(self._on_alias)
        self.save_step.format_asked.connect(self._on_other_format)
        self.save_step.saving.connect(self._save)
        self.save_step.told.connect(self.bar.hide)
        self.kept.changing.connect(self._drop)
        self.kept.changed.connect(self.refresh)
        self.kept.called.connect(self._on_called)
        self.bar.changed.connect(self._on_journal)

    def _add_keys(self) -> None:
        for keys, act in (
            ("Ctrl+Right", self.go_on), ("Backspace", self.back), ("Esc", self.left.emit), ("?", self.open_keys),
            ("Ctrl+Z", self.undo), ("Ctrl+Shift+Z", self.redo),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, act)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """`Enter` that nothing else took presses the button that the keyboard was led to, else it goes on."""
        focus = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus.click() if isinstance(focus, QAbstractButton) else self.go_on()
        else:
            super().keyPressEvent(event)

    # what was chosen -------------------------------------------------------------------------------------------------

    @property
    def options(self) -> Options:
        """As they are now; weeks are the usual ones until others were chosen."""
        return self.chosen.options(self.choose.weeks if self.chosen.weeks_chosen or self.at != CHOOSE else ())

    def undo(self) -> None:
        """The newest change that was made on these pages; what was changed elsewhere is left alone."""
        if (
            self.chosen.can_go_back() and self.at == SAVE
        ):  # what is another page then is seen before it is saved (AC 46)
            self._drop()
            self.open_step(PREVIEW)
        what = self.chosen.back()
        if what is None:
            self.bar.say(NOTHING_BACK)
        elif isinstance(what, int):
            self.bar.undo_one(what)
        else:
            self.bar.say(f"Undone: {what}.")
            self.refresh()

    def redo(self) -> None:
        """What the bar offers."""
        self.bar.redo() if self.bar.again.isVisible() else self.bar.say(NOTHING_AGAIN)

    def _on_journal(self, _: str, back: bool) -> None:
        """An alias was taken back, or given again."""
        if not back and self.bar.number is not None:
            self.chosen.remember_step(self.bar.number)
            self.bar.way_back = self.undo
        self._changed()

    def _on_dated(self) -> None:
        self.chosen.weeks_chosen = True
        self._changed()

    def _changed(self) -> None:
        """What is on screen is no longer what would leave."""
        self._settle.start(SETTLE_MS)
        self._drop()

    def _drop(self) -> None:
        self.chosen.remember()
        self.preview, self.data = None, b""
        self._asking.rest()
        self.look.making(self.format)
        self._show_head()

    def _on_called(self, task: Task, number: int) -> None:
        self.chosen.remember_step(number)
        self.bar.say(f"Changed {words.cut(task.name, 48)}", self.undo)
        self._feed.hint()
        self._changed()

    def _on_field(self, field: str, on: bool) -> None:
        self.chosen.switch(field, on)
        self.refresh()

    def edit(self, key: str, said: str | None) -> None:
        """New words for a text; "" takes it out, None puts it back. What would make it stronger is refused (AC 52)."""
        text = next((one for one in self.look.preview.texts if one.key == key), None) if self.look.preview else None
        if text is None:
            return
        try:
            new = self.chosen.edit(text, said)
        except Refused as error:
            self.bar.failed(str(error))
            return
        if new:
            self.refresh()

    def open_format(self, name: str) -> None:
        if name != self.format or self.preview is None:
            self.format = name
            self.refresh()

    def _on_other_format(self, name: str) -> None:
        """It is shown before it can be saved."""
        if name != self.format:
            self.format = name
            self.open_step(PREVIEW)

    # findings --------------------------------------------------------------------------------------------------------

    def let_through(self, finding: Finding) -> bool:
        return self.preview is not None and mark(finding, self.preview.data) in self.chosen.through

    @property
    def standing(self) -> Sequence[Finding]:
        """Those that keep the page from being saved."""
        return [one for one in self.preview.findings if not self.let_through(one)] if self.preview else ()

    def _on_accepted(self, finding: Finding, on: bool) -> None:
        if self.preview is None:
            return
        self.chosen.accept(mark(finding, self.preview.data), on)
        self.chosen.remember()
        self._show_preview(self.preview)

    def _on_hiding(self, task: str) -> None:
        self.choose.withhold(task, True)
        self.refresh()

    def _on_alias(self, text: str, alias: str) -> None:
        self.kept.call(text, alias)
        self.look.setFocus()

    # asking ----------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Asks for what the page in hand shows; what was said before is no answer any more."""
        self._settle.stop()
        self._drop()
        if self.at == CHOOSE:
            self._ask_offer()
        else:
            self._ask_preview()

    def _ask_offer(self) -> None:
        self.choose.put_settings(self._source.settings())
        options = self.options
        if self.chosen.weeks_chosen and not options.weeks:
            self.choose.offer_nothing()
            self._show_head()
            return
        self._asking.ask("offer", partial(export_asked.offer, options), self._on_offer, self._on_fault)

    def _on_offer(self, offer: Offer) -> None:
        self._problems.put(())
        self.choose.offer(offer)
        self._show_head()

    def _ask_preview(self) -> None:
        sheet, laid_out = self._source.settings().get(PAPER) or pdf.usual_paper(), self._laid_out.emit
        ask = partial(export_asked.preview, self.options, self.format, sheet, pdf.usual_font(), laid_out)
        self.look.sheet.put(sheet)
        self._asking.ask("preview", ask, self._on_preview, self._on_fault)

    def _on_preview(self, made: tuple[Preview, bytes, str]) -> None:
        preview, self.data, self._boxes = made
        self._problems.put(())
        self.preview = preview
        if len(preview.edits) < len(self.chosen.edits):
            self.bar.failed(STALE)
        self.chosen.put_edits(dict(preview.edits))
        self._show_preview(preview)

    def _on_laid_out(self, percent: int) -> None:
        """Of a page that nobody wants any more it may come late."""
        if self._asking.waiting and self.format == "pdf":
            self.look.making(self.format, percent)

    def _show_preview(self, preview: Preview) -> None:
        self.look.show_(preview, self.let_through, self.data, self._boxes)
        if self._arriving:
            self.look.open_("")
        self._arriving = False
        self.look.look()
        self._show_head()

    def _on_fault(self, sentence: str) -> None:
        self._problems.put((sentence,), self._ask_handed if self.at == SAVE else self.refresh)

    def _ask_handed(self) -> None:
        self._saving.ask("handed", export_asked.handed, self._on_handed, self._on_fault)

    def _on_handed(self, handed: list[Handed]) -> None:
        self._problems.put(())
        self.save_step.put_handed(handed)

    # moving ----------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        return self.sequence[self.at]

    def go_on(self) -> None:
        if self.at == SAVE:
            self.save_step.save()
        elif self.at == CHOOSE and self.choose.weeks:
            self.choose.leave()
            self.open_step(PREVIEW)
        elif self.at == PREVIEW:
            self.look.leave()
            if self.preview is not None and not self.standing:
                self.open_step(SAVE) if self.look.seen else self.look.see()

    def back(self) -> None:
        if self.at > CHOOSE:
            self.open_step(self.at - 1)

    def open_step(self, at: int) -> None:
        """The preview is made anew when it is come to from the first page, never when it is left for the third."""
        before, self.at = self.at, at
        self._arriving = at == PREVIEW
        self.sequence[before].leave()
        self.bar.hide()
        self.stack.setCurrentWidget(self.step)
        if at == SAVE and self.preview is not None:
            self.save_step.show_(self.preview, self._source.settings().get(FOLDER, ""))
            self._ask_handed()
            self._show_head()
        elif at != SAVE and not (before == SAVE and self.preview and self.preview.format == self.format):
            self.refresh()
        self._show_head()
        self.step.open_("")

    def _show_head(self) -> None:
        step = self.step
        self._title.setText(step.title)
        self.when.setText(f"step {self.at + 1} of {len(self.sequence)}")
        for one in self.sequence:
            for hint in one.hints:
                hint.setVisible(one is step)
        self.back_hint.setVisible(self.at > CHOOSE)
        standing = len(self.standing)
        word = step.word
        if self.at == PREVIEW and standing:
            word = f"{words.plural(standing, 'finding')} open"
        elif self.at == PREVIEW and self.preview and not self.look.seen:
            word = "See the page"
        self.primary.setText(f"{word}   ↵")
        self.primary.setAccessibleName(word)
        ready = self.preview is not None and not standing
        self.primary.setEnabled(bool(self.choose.weeks) if self.at == CHOOSE else ready)

    # saving ----------------------------------------------------------------------------------------------------------

    def _save(self, place: Path) -> None:
        """The very bytes that were shown."""
        preview = self.preview
        if self.at != SAVE or preview is None or self.standing or "save" in self._saving.waiting:
            return
        accepted = [one.number for one in preview.findings]
        self.primary.setEnabled(False)
        self.kept.keep_in_passing(FOLDER, str(place.parent))
        self._saving.ask(
            "save", partial(export_asked.save, preview, self.data, accepted, place), self._on_saved, self._on_not_saved
        )

    def _on_saved(self, sentence: str) -> None:
        self.bar.say(sentence)
        self._ask_handed()
        self._show_head()

    def _on_not_saved(self, sentence: str) -> None:
        self.bar.failed(sentence)
        self._show_head()

    # keys ------------------------------------------------------------------------------------------------------------

    def open_keys(self) -> None:
        self.keys = KeyList(self, "Keys of the export", KEYS)
        self.keys.finished.connect(lambda _: self.step.open_(""))
        self.keys.open()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.at == CHOOSE:
            self.refresh()
            self.step.open_("")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.step.leave()
