"""Words of the person's own, made fit for a page: one line, readable, inert."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

JOINERS = "\u200c\u200d"
"""Emoji and several scripts need them; every other invisible sign may turn or hide what stands beside it."""
WORK, SENTENCE = 160, 600
"""Signs after which a name and a sentence are cut."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
UNSEEN = INVISIBLE - {"Cc"} | {"Mn"}
SPACE = re.compile(r"\s+")


def clean(text: str, most: int = SENTENCE) -> str:
    """On one line, without signs that cannot be seen, and no longer than `most` signs."""
    spaced = SPACE.sub(" ", text)
    seen = "".join(sign for sign in spaced if sign in JOINERS or unicodedata.category(sign) not in INVISIBLE).strip()
    return seen if len(seen) <= most else seen[: most - 1].rstrip() + "…"


def renamed(text: str, aliases: Iterable[tuple[str, str]]) -> str:
    """The text with other names for what has one, as whole words; where two begin at one place, the longer."""
    looked = Look(text)
    found = [(*span, alias) for name, alias in aliases for span in looked.find(name)]
    made, at = "", 0
    for begin, end, alias in sorted(found, key=lambda one: (one[0], -one[1], one[2])):
        if begin >= at:
            made, at = made + text[at:begin] + alias, end
    return made + text[at:]


ALIKE = dict(zip("‘’ʼ‛′´“”„″‐‑‒–—−", "''''''\"\"\"\"------", strict=True))
"""Signs for which another one is as often typed."""
LETTERS = "a-z\u00df-\u058f\u1e00-\u1fff"
"""Of the scripts that write spaces between words, folded; a name in another script may stand right beside other signs."""


WORDS = re.compile(r"([^\W_]+)")
SHORT = 3
"""Letters that a word of a name has at least where it stands right beside the next: `Set up` is not `setup`."""


class Look:
    """A text as names are looked for in it: without case, accents, invisible signs, and however a quote or dash is typed."""

    def __init__(self, text: str) -> None:
        self._places: list[int] = []
        """Of each folded sign, where it stands in the text; empty: at the same place."""
        if text.isascii():
            self.folded = text.lower()
            return
        parts = [_folded(sign) for sign in text]
        self.folded = "".join(parts)
        self._places = [at for at, part in enumerate(parts) for _ in part] + [len(text)]

    def bears(self, name: str) -> bool:
        """Whether it can be found at all: far cheaper than to look where."""
        parts = _parts(name)
        return any(parts) and all(part in self.folded for part in parts[1::2] or parts)

    def find(self, name: str, *, within: bool = False) -> Iterator[tuple[int, int]]:
        """Where it begins and ends in the text, as a whole word, or also `within` one; `_` and a digit end a word.

        Its own words may be joined as in an address, a branch or code: `On-call runbook` is `on_call_runbook` too.
        """
        if not self.bears(name):
            return
        for found in _pattern(_parts(name), within=within).finditer(self.folded):
            begin, end = found.span()
            places = self._places
            yield (places[begin], max(places[end], places[end - 1] + 1)) if places else (begin, end)


@lru_cache(4096)
def _parts(name: str) -> tuple[str, ...]:
    """By turns what stands before, between or after its words, and a word."""
    return tuple(WORDS.split(Look(name).folded.strip()))


@cache
def _folded(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", ALIKE.get(sign, sign))
    return "".join(one for one in plain if unicodedata.category(one) not in UNSEEN).casefold()


@lru_cache(4096)
def _pattern(parts: tuple[str, ...], *, within: bool) -> re.Pattern[str]:
    words = parts[1::2]
    if not words:
        return re.compile(re.escape(parts[0]))
    first, *others, last = map(re.escape, parts)
    others[1::2] = map(_between, parts[2:-1:2], words, words[1:])
    if len(words) > 1:  # quotes and points around several words are told or not
        first, last = f"(?:{first})?", f"(?:{last})?"
    before, after = ("", "") if within else (_apart("<!", words[0][0]), _apart("!", words[-1][-1]))
    return re.compile("".join((first, before, *others, after, last)))


def _between(part: str, left: str, right: str) -> str:
    """Spaces, dashes, `_` and its own signs, or one point or slash; nothing at all where both are long enough."""
    numbers = left.isdigit() and right.isdigit()
    short = min(len(left), len(right)) < SHORT and left.isdigit() == right.isdigit()
    spaced = rf"[\s_\-{re.escape(part)}]{'+' if numbers or short else '*'}"
    return spaced if numbers else rf"(?:{spaced}|[./])"


def _apart(look: str, edge: str) -> str:
    """A letter does not stand beside another, nor a digit beside a digit."""
    kind = rf"[{LETTERS}]" if re.match(f"[{LETTERS}]", edge) else r"\d" if edge.isdigit() else ""
    return f"(?{look}{kind})" if kind else ""
