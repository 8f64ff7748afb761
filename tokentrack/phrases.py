"""Words that count, list, date and name, said the same on the command line, in windows and on pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not the system's, which a window may have set to another language: a page has the same bytes wherever it is made."""
JOINERS = "\u200c\u200d"
"""Emoji and several scripts need them; every other invisible sign may turn or hide what stands beside it."""


def plural(n: int, noun: str) -> str:
    """`1 session`, `1,234 sessions`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def listing(names: Iterable[str]) -> str:
    """`A`, `A and B`, `A, B and C`. There is one at least."""
    *most, final = names
    return f"{', '.join(most)} and {final}" if most else final


def month(day: date) -> str:
    """`Nov 2026`: the month that a day is in."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def day(on: date, *, year: bool = True) -> str:
    """`14 Nov 2026`, `14 Nov`."""
    return f"{on.day} {month(on)}" if year else f"{on.day} {MONTHS[on.month - 1]}"


def in_one_line(name: str) -> str:
    """What a person calls a thing, without signs that are none on screen; empty where nothing of it would be seen."""
    seen = "".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in name)
    return " ".join(seen.split()) if seen.strip(f"{JOINERS} ") else ""


def repriced(by_list: int, by_own: int) -> str:
    """How requests of open weeks are marked whose price is another one today: a list's, or one the person gave (AC 10)."""
    told = [f"{plural(by_list, 'request')} at prices of another list than today's"] if by_list else []
    told += [f"{plural(by_own, 'request')} at a price that your own prices changed since"] if by_own else []
    return ", ".join(told)
