"""Whether each amount that is shown stands under the name of its own kind (AC 6), told by its size.

In the weeks of `apart` no two kinds of money have amounts of one size, so an amount says by itself what it truly is. What
names it is looked for as a reader does: in its own words first, then in its line, then around it; the first that names a kind
decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LIST, PAID, SHARE, HYPOTHETICAL, RATE = "list value", "paid", "plan share", "hypothetical", "rate"
RATE_USD, LIST_MOST, HYPOTHETICAL_MOST = 7777, 5_000, 2_000_000
"""Dollars: the person's rate; below the next two, an amount is of that kind, and above both it was paid."""
FEE_USD, CHARGE_USD = 900_000_000_000, 7_000_000
"""A month's fee, so that the smallest share of a day is more than all that is hypothetical."""

AMOUNT = re.compile(r"<?\$([\d,]+(?:\.\d+)?)")
NAMED_BY = {
    LIST: re.compile(r"\blist value|\(list\)|\blist at\b", re.IGNORECASE),
    PAID: re.compile(r"\bpaid\b|\bplan fees?\b|\bfee\b|\bcharges?\b", re.IGNORECASE),
    SHARE: re.compile(r"\bshare\b|\bidle\b|\bspread\b", re.IGNORECASE),
    HYPOTHETICAL: re.compile(r"hypothetical|\bwithout caching\b|\bsame tokens at\b", re.IGNORECASE),
    RATE: re.compile(r"\brate\b|\$[\d,.]+/h\b|\bwork of yours\b", re.IGNORECASE),
}
CLAUSE = re.compile(r" · |;|\n|\||, |(?<=[a-z)%])\. ")
SENTENCE = re.compile(r"\n|\||(?<=[a-z)%])\. ")


def truth(text: str) -> set[str]:
    """What an amount is, by its size; empty for nothing, which is of any kind."""
    dollars = float(text.replace(",", ""))
    if dollars == RATE_USD:
        return {RATE}
    if dollars < LIST_MOST:
        return {LIST} if dollars else set()
    return {HYPOTHETICAL} if dollars < HYPOTHETICAL_MOST else {PAID, SHARE}


def kinds_in(text: str) -> set[str]:
    return {kind for kind, words in NAMED_BY.items() if words.search(text)}


def wrong_in(text: str, around: Iterable[str] = (), true: set[str] | None = None) -> Iterator[str]:
    """Each amount of a text that no words name, or that the nearest ones name as something else.

    `around` are further words that may name it, the nearest first; `true` tells what its amounts are, where that is known.
    """
    around = list(around)
    for found in AMOUNT.finditer(text):
        is_ = truth(found[1]) if true is None else true
        if not is_:
            continue
        near = _nearest(text, found.start())
        named = next((kinds for words in (*near, *around) if (kinds := kinds_in(words))), set())
        if not named & is_:
            yield f"{found[0]} is {' or '.join(sorted(is_))}, called {' or '.join(sorted(named)) or 'nothing'}: {text}"


def _nearest(text: str, at: int) -> Iterator[str]:
    clause = _part(CLAUSE, text, at)
    if "over plan" in clause:  # it is of what is planned
        yield from (part for part in CLAUSE.split(text) if "planned" in part)
    yield clause
    yield _part(SENTENCE, text, at)
    yield text


def _part(marks: re.Pattern[str], text: str, at: int) -> str:
    begin = max((mark.end() for mark in marks.finditer(text) if mark.end() <= at), default=0)
    end = min((mark.start() for mark in marks.finditer(text) if mark.start() >= at), default=len(text))
    return text[begin:end]


def wrong_in_lines(command: str, text: str) -> Iterator[str]:
    """Of what a command prints: its line names it, a head its column, a heading its lines, the command all."""
    lines = [command, *text.splitlines()]
    for number, line in enumerate(lines):
        for begin, end in _cells(line):
            yield from wrong_in(line[begin:end], [line, *(_over(head, end) for head in reversed(lines[:number]))])


def _cells(line: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(r"\S+(?: \S+)*", line)]


def _over(head: str, end: int) -> str:
    """The cell of a line above that ends where an amount ends; the line itself where it has no cells."""
    cells = _cells(head)
    if len(cells) < 2:
        return head
    return next((head[begin:stop] for begin, stop in cells if begin < end <= stop + 1), "")
