"""What the person typed ▶ where it stands: every word, or the beginning of it, in any order."""

from __future__ import annotations

import sqlite3

from tokentrack.store import search as store
from tokentrack.store.search import Hit


def search(db: sqlite3.Connection, words: str, limit: int = 50) -> list[Hit]:
    """The best first; nothing where there is no letter or digit to look for."""
    expression = expression_of(words)
    return store.search(db, expression, limit) if expression else []


def expression_of(words: str) -> str:
    """Each word in quotes, so that nothing typed is an operator: `pay-12 import` finds `PAY-12 Bulk importer`."""
    named = (word.replace('"', "") for word in words.replace("\0", " ").split())
    return " ".join(f'"{word}"*' for word in named if any(sign.isalnum() for sign in word))
