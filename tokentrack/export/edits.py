"""The direction rule (AC 52): what was computed may become weaker or go; what is the person's own may become anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tokentrack.export.page import Text
from tokentrack.export.text import clean


class Refused(ValueError):
    """The page cannot be made as it was asked for; the message is one sentence for the person."""


class Edits:
    """New words by the key of the text that they stand for; "" takes it out. Counts what was done."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self.wanted = wanted
        self.edited = self.removed = 0

    def applied(self, texts: Iterable[Text]) -> tuple[Text, ...]:
        """Without those that were taken out. Raises Refused."""
        return tuple(made for made in map(self.apply, texts) if made.text)

    def apply(self, text: Text) -> Text:
        """With its new words, "" where it was taken out. Raises Refused."""
        words = self.wanted.get(text.key) if text.key else None
        if words is None or words == text.text:
            return text
        if not words.strip():
            self.removed += 1
            return replace(text, text="")
        if text.weaker is not None and words not in text.weaker:
            raise Refused(f"“{text.text}” was computed: it can be made weaker or taken out.")
        self.edited += 1
        return replace(text, text=clean(words), edited=True)
