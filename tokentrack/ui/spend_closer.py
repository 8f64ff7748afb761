"""Look closer: diagnostics that are no goals, what other prices would make of it, and the limits that agents recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokentrack import clock
from tokentrack.ui import words
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import card, clear, link, section
from tokentrack.ui.keycap import tab_after
from tokentrack.ui.pick import Pick
from tokentrack.ui.source_spend import Spending
from tokentrack.ui.spend_period import Period
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, label, scaled

if TYPE_CHECKING:
    from tokentrack.review.closer import Diagnostic, WhatIf
    from tokentrack.review.limits import LimitSeen

INTRO = "Measured from your logs, for looking into. None of these is a goal."
NOTHING = "There is nothing in these days to look into."
LIMITS = (
    "How much of a plan's limit was used when an agent last told. It is no money, and says nothing once it was reset."
)
NO_LIMITS = (
    "No agent here has recorded a limit. Codex does in its logs; "
    "for Claude Code “tokentrack hook install claude-statusline” in a terminal does."
)


@dataclass(frozen=True, slots=True)
class Closer:
    """`what_if` is None where no model was chosen yet."""

    period: Period
    diagnostics: tuple[Diagnostic, ...]
    models: tuple[str, ...]
    what_if: WhatIf | None
    limits: tuple[LimitSeen, ...]


def closer_of(spending: Spending, period: Period, model: str) -> Closer:
    """On the thread that asks."""
    first, last = period.first, period.last
    found = spending.diagnostics(first, last)
    models = spending.what_if_models(period.until(clock.today())) if found else ()
    asked = spending.what_if(model, first, last) if model in models else None
    return Closer(period, found, models, asked, spending.limits())


class CloserView(QWidget):
    """`asked` asks how a figure was computed, `wanted` for another model's prices."""

    asked = Signal(object)
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Closer | None = None
        self._hows: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.intro = Text(INTRO, role="secondary")
        self.cards = QVBoxLayout()
        self.cards.setSpacing(12)
        column.addWidget(self.intro)
        column.addLayout(self.cards)
        column.addWidget(self._what_if())
        column.addSpacing(8)
        column.addWidget(section("Limits that agents recorded"))
        self._limits_note = Text(role="secondary")
        self.limits = QVBoxLayout()
        self.limits.setSpacing(6)
        column.addWidget(self._limits_note)
        column.addLayout(self.limits)

    def _what_if(self) -> QFrame:
        self.what_if, column = card()
        column.setSpacing(6)
        self.model = Pick("Hypothetical: prices of which model")
        self.model.activated.connect(lambda _: self.wanted.emit())
        self._what_if_text = Text()
        self.what_if_how = _how("What-if price")
        self.what_if_how.clicked.connect(self._on_what_if)
        row = QHBoxLayout()
        row.addWidget(label("What if", BODY, STRONG))
        row.addWidget(_tag("hypothetical"))
        row.addStretch(1)
        row.addWidget(self.what_if_how)
        chooser = QHBoxLayout()
        chooser.addWidget(label("The same tokens at the prices of"))
        chooser.addWidget(self.model)
        chooser.addStretch(1)
        column.addLayout(row)
        column.addLayout(chooser)
        column.addWidget(self._what_if_text)
        return self.what_if

    @property
    def chosen(self) -> str:
        """The model whose prices are asked for, empty for none."""
        return str(self.model.currentData() or "")

    # showing ---------------------------------------------------------------------------------------------------------

    def put(self, closer: Closer) -> None:
        if closer == self.shown:
            return
        self.shown = closer
        held = next((name for name, button in self._hows.items() if button.hasFocus()), "")
        self._hows.clear()
        clear(self.cards)
        above: QWidget = self.intro
        for found in closer.diagnostics:
            made = self._card(found)
            self.cards.addWidget(made)
            made.show()
            tab_after(above, made)
            above = made
        if held in self._hows:  # new figures do not take the keyboard from where it was
            self._hows[held].setFocus()
        self.intro.setText(INTRO if closer.diagnostics else NOTHING)
        self._put_models(closer.models)
        self.what_if.setVisible(bool(closer.models))
        asked = closer.what_if
        self._what_if_text.setText(asked.text if asked else "Choose a model.")
        self.what_if.setAccessibleName(f"What if, hypothetical: {asked.text}" if asked else "What if, hypothetical")
        self.what_if_how.setVisible(asked is not None)
        self._put_limits(closer.limits)

    def _card(self, found: Diagnostic) -> QFrame:
        made, column = card()
        column.setSpacing(6)
        how = self._hows[found.id] = _how(found.title)
        how.clicked.connect(self._ask(Figure(f"{found.id} {found.why}", f"{found.title}, {found.label}", found.title)))
        row = QHBoxLayout()
        row.addWidget(label(found.title, BODY, STRONG))
        row.addWidget(_tag(found.label))
        row.addStretch(1)
        row.addWidget(how)
        column.addLayout(row)
        column.addWidget(Text(found.text))
        column.addWidget(Text(found.not_claimed, role="secondary"))
        made.setAccessibleName(f"{found.title}, {found.label}: {found.text} {found.not_claimed}")
        return made

    def _ask(self, figure: Figure) -> Callable[[], None]:
        return lambda: self.asked.emit(figure)

    def _on_what_if(self) -> None:
        if self.shown and (found := self.shown.what_if) and self.shown.diagnostics:
            name = f"what-if {self.shown.diagnostics[0].why} model:{found.model}"
            value = words.money(found.value, exact=True)
            self.asked.emit(Figure(name, f"At the prices of {found.model}, hypothetical", value))

    def _put_models(self, models: tuple[str, ...]) -> None:
        if [self.model.itemData(at) for at in range(1, self.model.count())] == list(models):
            return
        chosen = self.chosen
        self.model.clear()
        self.model.addItem("no model", "")
        for name in models:
            self.model.addItem(name, name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _put_limits(self, limits: tuple[LimitSeen, ...]) -> None:
        """A limit that was reset since is told in the secondary colour, and says so."""
        clear(self.limits)
        self._limits_note.setText(LIMITS if limits else NO_LIMITS)
        for seen in limits:
            row = QHBoxLayout()
            name = label(words.agent(seen.agent), role="secondary")
            name.setFixedWidth(scaled(120))
            row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(seen.text, role="" if seen.used_percent is not None else "secondary"), 1)
            self.limits.addLayout(row)


def _tag(text: str) -> QWidget:
    """Where a figure comes from, in the words of the whole app."""
    return label(text, CAPTION, role="secondary")


def _how(title: str) -> QPushButton:
    return link("how computed", f"{title}: how computed")
