"""What is chosen on the pages of an export, and the way back over it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tokentrack import clock
from tokentrack.export.edits import Edits
from tokentrack.export.options import BESIDE, BESIDE_PAID, USUAL, Options
from tokentrack.export.page import PAID_LINE, Text
from tokentrack.ui.export_choose import ChooseStep
from tokentrack.ui.export_findings import Mark


class Chosen(NamedTuple):
    """What `back` puts back. `weeks` are None until the person chose any."""

    weeks: tuple[date, ...] | None
    fields: frozenset[str]
    out: frozenset[str]
    edits: dict[str, str]
    through: frozenset[Mark]
    without: frozenset[str]


CALLED = ("which weeks", "a field", "a field", "a text", "what was let through", "what is withheld")
"""What each part of it is."""


class ChosenHere:
    """`fields` and `out` are those beside the usual ones and those that are not on the page; `edits` are new words by text;
    `through` are findings that were let through. The weeks and what is withheld are those of the first page.
    """

    def __init__(self, choose: ChooseStep) -> None:
        self._choose = choose
        self.weeks_chosen = False
        self.fields: frozenset[str] = frozenset()
        self.out: frozenset[str] = frozenset()
        self.edits: dict[str, str] = {}
        self.through: frozenset[Mark] = frozenset()
        self._before: list[Chosen | int] = []
        self._now = self._all

    @property
    def _all(self) -> Chosen:
        weeks = self._choose.weeks if self.weeks_chosen else None
        return Chosen(weeks, self.fields, self.out, dict(self.edits), self.through, self._choose.without)

    def options(self, weeks: tuple[date, ...]) -> Options:
        return Options(
            weeks=weeks,
            created=clock.today(),
            fields=self.fields,
            out=self.out,
            without=self._choose.without,
            name=self._choose.name.text().strip() or None,
            edits=tuple(sorted(self.edits.items())),
        )

    # choosing --------------------------------------------------------------------------------------------------------

    def switch(self, field: str, on: bool) -> None:
        """What stands beside another field goes with it, and brings it back."""
        if field in USUAL:
            self.out = self.out - {field} if on else self.out | {field}
            self.fields -= BESIDE.get(field, frozenset()) if not on else frozenset()
        else:
            self.fields = self.fields | {field} if on else self.fields - {field}
            self.out -= {base for base, beside in BESIDE.items() if on and field in beside}
        if self.fields & BESIDE_PAID and self.edits.get(PAID_LINE) == "":
            del self.edits[PAID_LINE]

    def edit(self, text: Text, said: str | None) -> bool:
        """New words for a text; "" takes it out, None puts it back. Whether they are new.

        Raises Refused for what would make it stronger (AC 52).
        """
        Edits({} if said is None else {text.key: said}).apply(text)
        edits = {key: words for key, words in self.edits.items() if key != text.key}
        if said is not None:
            edits[text.key] = said
        if edits == self.edits:
            return False
        self.edits = edits
        if edits.get(PAID_LINE) == "":
            self.fields -= BESIDE_PAID
        return True

    def accept(self, finding: Mark, on: bool) -> None:
        self.through = self.through | {finding} if on else self.through - {finding}

    def put_edits(self, fitting: dict[str, str]) -> None:
        """Those that still fit: what became of them is no step of the person's."""
        self.edits = fitting
        self._now = self._all

    # the way back ----------------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """What was chosen until now, where it is something else by now."""
        if self._all != self._now:
            self._before.append(self._now)
            self._now = self._all

    def remember_step(self, number: int) -> None:
        """Of the journal, such as an alias of a task."""
        self._before.append(number)

    def can_go_back(self) -> bool:
        while self._before and self._before[-1] == self._now:
            self._before.pop()  # such as an edit that did not fit
        return bool(self._before)

    def back(self) -> str | int | None:
        """Takes back what was chosen last and says what that was; a number is that step of the journal, to be undone there.

        None: nothing was chosen.
        """
        if not self._before:
            return None
        before = self._before.pop()
        if isinstance(before, int):
            return before
        weeks, self.fields, self.out, self.edits, self.through, self._choose.without = before
        self.weeks_chosen = weeks is not None
        self._choose.weeks = self._choose.weeks if weeks is None else weeks
        what = next(what for what, now, then in zip(CALLED, self._now, before, strict=True) if now != then)
        self._now = self._all
        return what
