"""The third page of an export: a name and a folder for the previewed bytes, and what was handed over before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from tokentrack import clock
from tokentrack.store.exports import Handed
from tokentrack.ui import words
from tokentrack.ui.card import button
from tokentrack.ui.export_preview import FORMAT_WORDS, formats
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import section
from tokentrack.ui.source_export import Preview
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION
from tokentrack.ui.week_step import Line, Step

FOLDER = "export_folder"
"""The setting that keeps where a page was saved last."""
REPLACES = "There is a file of this name. Saving once more replaces it."
CANNOT_BE = "There cannot be such a file: its name or its folder is too long, or is none. Write another one."
NO_NAME = "Write a file name without a slash."
COLUMNS: tuple[Column[Handed], ...] = (
    Column("Handed over", lambda one: words.when(one.at, clock.now()), widest="yesterday 09:10"),
    Column("Weeks", lambda one: span(one.weeks)),
    Column("Format", lambda one: FORMAT_WORDS.get(one.format, one.format), widest="Markdown"),
    Column("Withheld", lambda one: f"{one.withheld}", figure=True),
    Column("Let through", lambda one: f"{one.accepted}", figure=True),
    Column("sha256", lambda one: one.sha256[:12], tip=lambda one: one.sha256, widest="0123456789ab"),
)


class SaveStep(Step):
    """`saving` (where to); `told`: something is said here, and what was said before it is over."""

    title = "Save"
    word = "Save"
    saving = Signal(object)
    told = Signal()
    format_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._named = ""
        self._replaces: Path | None = None
        column = self.scrolling()
        column.addWidget(section("Format"))
        self.formats = formats(self.format_asked.emit)
        column.addWidget(flow(*self.formats.values()))
        column.addWidget(Text("Another format is shown first.", CAPTION, "secondary"))
        column.addSpacing(8)
        column.addWidget(section("File name"))
        self.name = self._line("File name", "")
        column.addWidget(self.name)
        column.addSpacing(8)
        column.addWidget(section("Folder"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.folder = self._line("Folder", "where it goes")
        row.addWidget(self.folder, 1)
        row.addWidget(button("Choose …", self.choose))
        column.addLayout(row)
        self.about = Text("", role="attention")
        self.about.hide()
        column.addWidget(self.about)
        column.addSpacing(8)
        column.addWidget(section("Handed over before"))
        self.rows: Rows[Handed] = Rows(COLUMNS)
        self.table = Table(self.rows, "What was handed over before", stretch=1)
        self.table.give_way((5, 4, 3), 120)
        self.table.hide()
        column.addWidget(self.table)
        self.nothing = Text("Nothing was handed over yet. The pages themselves are not kept.", CAPTION, "secondary")
        self.nothing.hide()
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.hint("o", "choose a folder", self.choose, "Choose the folder")
        for at, name in enumerate(self.formats, start=1):
            self.key(str(at), self.formats[name].click)

    def _line(self, name: str, hint: str) -> Line:
        made = Line(name, hint, most=1000)
        made.entered.connect(self.save)
        made.left.connect(self.setFocus)
        made.textEdited.connect(lambda _: self._say(""))
        return made

    def show_(self, preview: Preview, folder: str) -> None:
        weeks = [clock.week_name(monday) for monday in sorted(preview.options.weeks)]
        name = f"one-on-one-{weeks[0]}" + (f"-{weeks[-1][-3:]}" if len(weeks) > 1 else "") + f".{preview.format}"
        if name != self._named:
            self._named = name
            self.name.setText(name)
        if not self.folder.text():
            self.folder.setText(folder or usual_folder())
        for one, option in self.formats.items():
            option.put(one == preview.format)
        self._say("")

    def put_handed(self, handed: Sequence[Handed]) -> None:
        self.rows.put(handed)
        self.table.setVisible(bool(handed))
        self.nothing.setVisible(not handed)
        self.table.fit()

    def open_(self, place: str) -> None:
        self.name.setFocus()
        self.name.setSelection(0, self.name.text().rfind("."))

    def choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Where the page goes", self.folder.text())
        if folder:
            self.folder.setText(folder)
            self._say("")

    def save(self) -> None:
        """A file that is there is replaced when that was asked for twice."""
        name = self.name.text().strip()
        if not name or "/" in name or "\\" in name or name in (".", ".."):
            self._say(NO_NAME)
            return
        try:
            place = place_of(self.folder.text().strip(), name)
            is_there = place.exists()
        except (OSError, ValueError) as error:  # too long, or a sign that no name can have
            self._say(str(error) if isinstance(error, NoFolder) else CANNOT_BE)
            return
        if is_there and place != self._replaces:
            self._say(REPLACES)
            self._replaces = place
            return
        self._say("")
        self.saving.emit(place)

    def _say(self, sentence: str) -> None:
        self._replaces = None
        self.about.setText(sentence)
        self.about.setVisible(bool(sentence))
        if sentence:
            self.told.emit()


class NoFolder(OSError):
    """The message is one sentence for the person."""


def place_of(folder: str, name: str) -> Path:
    """Raises NoFolder, and OSError or ValueError for what can be no path."""
    if not folder:
        raise NoFolder("Write a folder, or choose one.")
    place = Path(os.path.expanduser(folder))  # of nobody's home it makes nothing, where `Path.expanduser` fails
    if not place.is_absolute() or not place.is_dir():
        raise NoFolder(f"There is no folder {words.cut(str(place), 200)}. Choose another one.")
    return place / name


def usual_folder() -> str:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return documents if documents and Path(documents).is_dir() else str(Path.home())


def span(weeks: Sequence[str]) -> str:
    return weeks[0] if len(weeks) == 1 else f"{weeks[0]} to {weeks[-1]}, {len(weeks)} weeks" if weeks else "–"
