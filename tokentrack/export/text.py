"""Words of the person's own, made fit for a page: one line, readable, inert."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from tokentrack.linking.words import TYPED, UMLAUTS
from tokentrack.phrases import JOINERS

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


ALIKE = dict(zip("‘’ʼ‛′´“”„″‐‑‒–—−ØøŁłĐđ", "''''''\"\"\"\"------OoLlDd", strict=True)) | {
    "Æ": "Ae",
    "æ": "ae",
    "Œ": "Oe",
    "œ": "oe",
}
"""Signs for which others are as often typed, beside those that only lack an accent."""
UMLAUT = re.compile("[äöüÄÖÜ]")
LETTERS = "a-z\u00df-\u058f\u1e00-\u1fff"
"""Of the scripts that write spaces between words, folded; a name in another script may stand right beside other signs."""


WORDS = re.compile(r"([^\W_]+)")
SHORT = 3
"""Letters that a word of a name has at least where it stands right beside the next: `Set up` is not `setup`."""


class Look:
    """A text as names are looked for in it: without case, accents, invisible signs, and however a quote or dash is typed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: list[int] = []
        """Of each folded sign, where it stands in the text; empty: at the same place."""
        self._umlauts = not text.isascii() and _has_umlaut(text)
        if text.isascii():
            self.folded = text.lower()
            return
        parts = [_folded(sign) for sign in text]
        self.folded = "".join(parts)
        self._places = [at for at, part in enumerate(parts) for _ in part] + [len(text)]

    def bears(self, name: str) -> bool:
        """Whether it can be found at all: far cheaper than to look where."""
        return any(self._spellings(name))

    def _spellings(self, name: str) -> Iterator[tuple[tuple[str, ...], bool]]:
        """Those that can be found, and whether an `e` in it may be what an umlaut of the text was typed as."""
        for parts in dict.fromkeys((_parts(name), _parts(_typed(name)))):
            if any(parts) and all(part in self.folded for part in parts[1::2] or parts):
                yield parts, False
        parts = _parts(name)
        if self._umlauts and any(map(TYPED.search, parts[1::2])):
            if all(piece in self.folded for part in parts[1::2] for piece in TYPED.split(part)):
                yield parts, True

    def find(self, name: str, *, within: bool = False) -> Iterator[tuple[int, int]]:
        """Where it begins and ends in the text, as a whole word, or also `within` one; `_` and a digit end a word.

        Its own words may be joined as in an address, a branch or code: `On-call runbook` is `on_call_runbook` too.
        """
        places = self._places
        for parts, umlauts in self._spellings(name):
            for found in _pattern(parts, within=within, umlauts=umlauts).finditer(self.folded):
                begin, end = found.span()
                if places:
                    begin, end = places[begin], max(places[end], places[end - 1] + 1)
                if not umlauts or _has_umlaut(self._text[begin:end]):
                    yield begin, end


def _has_umlaut(text: str) -> bool:
    return UMLAUT.search(unicodedata.normalize("NFC", text)) is not None


@lru_cache(4096)
def _typed(name: str) -> str:
    return unicodedata.normalize("NFC", name).translate(UMLAUTS)


@lru_cache(4096)
def _parts(name: str) -> tuple[str, ...]:
    """By turns what stands before, between or after its words, and a word."""
    return tuple(WORDS.split(Look(name).folded.strip()))


@cache
def _folded(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", ALIKE.get(sign, sign))
    return "".join(one for one in plain if unicodedata.category(one) not in UNSEEN).casefold()


@lru_cache(4096)
def _pattern(parts: tuple[str, ...], *, within: bool, umlauts: bool) -> re.Pattern[str]:
    words = parts[1::2]
    if not words:
        return re.compile(re.escape(parts[0]))
    first, *others, last = (TYPED.sub("e?", re.escape(part)) if umlauts else re.escape(part) for part in parts)
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
