"""Words of the person's own, made fit for a page: one line, readable, inert."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

JOINERS = "\u200c\u200d"
"""Emoji and several scripts need them; every other invisible sign may turn or hide what stands beside it."""
WORK, SENTENCE = 160, 600
"""Signs after which a name and a sentence are cut."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
SPACE = re.compile(r"\s+")


def clean(text: str, most: int = SENTENCE) -> str:
    """On one line, without signs that cannot be seen, and no longer than `most` signs."""
    spaced = SPACE.sub(" ", text)
    seen = "".join(sign for sign in spaced if sign in JOINERS or unicodedata.category(sign) not in INVISIBLE).strip()
    return seen if len(seen) <= most else seen[: most - 1].rstrip() + "…"


def renamed(text: str, aliases: Iterable[tuple[str, str]]) -> str:
    """The text with other names for what has one, in any case, as whole words; the longest first."""
    for name, alias in sorted(aliases, key=lambda pair: (-len(pair[0]), pair)):
        text = word(name).sub(lambda _, alias=alias: alias, text)  # type: ignore[misc]
    return text


def word(text: str) -> re.Pattern[str]:
    """Finds a text as a whole word where it begins or ends with a letter or digit, in any case."""
    before = r"(?<!\w)" if text[:1].isalnum() else ""
    after = r"(?!\w)" if text[-1:].isalnum() else ""
    return re.compile(before + re.escape(text) + after, re.IGNORECASE)
