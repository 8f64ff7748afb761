"""The direction rule (AC 52): what was computed may become weaker or go; what is the person's own may become anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tokentrack.export.page import Text
from tokentrack.export.text import clean


class Refused(ValueError):
    """The page cannot be made as it was asked for; the message is one sentence for the person."""


class Edits:
    """New words by the key of the text that they stand for; "" takes it out. Counts what was done.

    `own` makes words of the person's own fit for the page, with its aliases in place.
    """

    def __init__(self, wanted: Mapping[str, str], own: Callable[[str], str] = clean) -> None:
        self.wanted, self.own = wanted, own
        self.edited = self.removed = 0

    def applied(self, texts: Iterable[Text]) -> tuple[Text, ...]:
        """Without those that were taken out. Raises Refused."""
        return tuple(made for made in map(self.apply, texts) if made.text)

    def apply(self, text: Text) -> Text:
        """With its new words, "" where it was taken out. Raises Refused."""
        wanted = self.wanted.get(text.key) if text.key else None
        if wanted is None:
            return text
        words = self.own(wanted) if text.weaker is None else wanted
        if words == text.text:
            return text
        if not clean(words):
            self.removed += 1
            return replace(text, text="", figures=())
        if text.weaker is not None and words not in text.weaker:
            raise Refused(f"“{text.text}” was computed: it can be made weaker or taken out.")
        self.edited += 1
        return replace(text, text=words, edited=True, figures=())
