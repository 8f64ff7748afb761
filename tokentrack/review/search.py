"""What the person typed ▶ where it stands: every word, or the beginning of it, in any order."""

from __future__ import annotations

import sqlite3
import unicodedata

from tokentrack.linking.words import TYPED, UMLAUTS
from tokentrack.store import search as store
from tokentrack.store.search import Hit

ASKING = frozenset(
    "a about an and did do does for from how i in is it learn learned my of on the to was we what with".split()
)
"""Words of a question (Q22, "what did I learn about X"): they count where something has them all, else the others alone do."""


def search(db: sqlite3.Connection, words: str, limit: int = 50) -> list[Hit]:
    """The best first; nothing where there is no letter or digit to look for."""
    telling = " ".join(word for word in words.split() if word.strip("?!.,").casefold() not in ASKING)
    asked = [expression_of(text, otherwise) for text in (words, telling) for otherwise in (False, True)]
    for expression in filter(None, dict.fromkeys(asked)):
        if found := store.search(db, expression, limit):
            return found
    return []


def expression_of(words: str, otherwise: bool = False) -> str:
    """Each word in quotes, so that nothing typed is an operator: `pay-12 import` finds `PAY-12 Bulk importer`.

    `otherwise`: also as it is spelled on other keyboards, `Mueller` for `Müller` and `Strasse` for `Straße`.
    """
    named = (word.replace('"', "") for word in words.replace("\0", " ").split())
    told = [word for word in named if any(sign.isalnum() for sign in word)]
    spelled = [_spellings(word) if otherwise else {word: None} for word in told]
    return " AND ".join("(" + " OR ".join(f'"{one}"*' for one in each) + ")" for each in spelled)


def _spellings(word: str) -> dict[str, None]:
    plain = unicodedata.normalize("NFC", word).lower()
    return dict.fromkeys(
        (plain, plain.translate(UMLAUTS).replace("ß", "ss"), plain.replace("ss", "ß"), TYPED.sub("", plain))
    )
