"""Short, plain words for amounts, times and states. Pure; no Qt, and no locale but English."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import escape

from tokentrack import agents, phrases
from tokentrack.clock import DAY, local
from tokentrack.model.tasks import Span
from tokentrack.model.usage import Session
from tokentrack.review.budgets import PAID_UNKNOWN, Spent
from tokentrack.review.glance import Glance
from tokentrack.ui.source import Status

MICRO = 1_000_000
CENT = MICRO // 100
LESS_THAN_A_CENT = CENT // 2 - 1
"""What is more than nothing and rounds to no cent."""
TOOLTIP_MAX = 127
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = phrases.MONTHS
LIST = "list"
"""List value, in few letters."""
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
PERIODS = {"day": "Today", "week": "This week", "month": "This month"}


def agent(name: str) -> str:
    return agents.label_of(name)


# amounts -------------------------------------------------------------------------------------------------------------


def _rounded(amount: int, unit: int) -> int:
    """Half up, in integers: floats would show a different cent than the tables."""
    return (amount + unit // 2) // unit


def _tenths(amount: int, unit: int) -> str:
    whole, tenth = divmod(_rounded(amount * 10, unit), 10)
    return f"{whole}.{tenth}" if tenth else f"{whole}"


def _short(amount: int, unit: int) -> str:
    """At most four characters for `amount` / `unit`: `548`, `1.2k`, `37M`."""
    for letter in ("", "k", "M", "B", "T"):
        if letter and _rounded(amount * 10, unit) < 100:
            return _tenths(amount, unit) + letter
        if _rounded(amount, unit) < 1000:
            return f"{_rounded(amount, unit)}{letter}"
        unit *= 1000
    return "999T"


def short_money(micro: int | None) -> str:
    """At most four characters for the icon, without a currency sign: `18`, `1.2k`, `3.4`, `.04`; `?` is unknown."""
    if micro is None:
        return "?"
    if 0 < micro < CENT // 2:
        return "<.01"
    if _rounded(micro, CENT) < 10:
        return f".0{_rounded(micro, CENT)}" if micro else "0"
    if _rounded(micro * 10, MICRO) < 100:
        return _tenths(micro, MICRO)
    return _short(micro, MICRO)


def short_tokens(n: int) -> str:
    """At most four characters: `548`, `1.2k`, `4.2M`."""
    return _short(n, 1)


def money(micro: int | None, exact: bool = False, unpriced: int = 0) -> str:
    """`$18`, `$3.42`, `$1,234`; with cents where `exact`; what has no known price is named, never counted as 0.

    Nothing is `$0` in every sum; `–` stands where a row has no such figure.
    """
    if micro is None:
        return "unknown"
    if micro < 0:  # a refund
        return f"-{money(-micro, exact, unpriced)}"
    tail = " + unknown" if unpriced else ""
    if 0 < micro < CENT // 2:
        return "<$0.01" + tail
    cents = _rounded(micro, CENT)
    if micro and (exact or (cents < 1000 and cents % 100)):
        return f"${cents // 100:,}.{cents % 100:02d}{tail}"
    return f"${_rounded(micro, MICRO):,}{tail}"


def fine(micro: int | None, beside: int | None = None) -> str:
    """As many decimals as the sum it stands beside needs: `$1.20`, `$0.0412`, `$0.000750`."""
    if micro is None:
        return "unknown"
    whole = abs(micro if beside is None else beside)
    places = 2 if whole >= MICRO else 4 if whole >= CENT else 6
    text = f"${_rounded(micro, 10 ** (6 - places)) / 10**places:,.{places}f}"
    return text if micro == 0 or any(digit in text for digit in "123456789") else f"<${10**-places:.{places}f}"


def rate(micro: int) -> str:
    """A price of a million tokens: `5.00`, `0.075`."""
    text = f"{micro / MICRO:,.4f}".rstrip("0")
    return text + "0" * max(0, 2 - len(text.partition(".")[2]))


def count(n: int) -> str:
    """`492,400`, from a million on `1.9 M`."""
    if n < 10**6:
        return f"{n:,}"
    letter, size = ("M", 10**6) if _rounded(n * 10, 10**6) < 10_000 else ("B", 10**9)
    whole, tenth = divmod(_rounded(n * 10, size), 10)
    return f"{whole:,}.{tenth} {letter}"


def tokens(n: int) -> str:
    return f"{count(n)} token{'' if n == 1 else 's'}"


UNRECORDED = "not recorded"
"""What an agent recorded nowhere is not 0."""


def title(session: Session) -> str:
    """What a session is called, in one line: what an agent calls it may hold breaks."""
    return " ".join((session.title or "untitled session").split())


def session_tokens(session: Session) -> str:
    """For a column: `+ ?` stands for what `unrecorded` says in full."""
    if not session.unrecorded:
        return count(session.total.tokens)
    return f"{count(session.total.tokens)} + ?" if session.total.requests else UNRECORDED


def session_value(session: Session) -> str:
    total = session.total
    if session.unrecorded:
        return money(total.list_value, exact=True, unpriced=1) if total.requests else money(None)
    return money(total.list_value, exact=True, unpriced=total.unpriced_requests)


def unrecorded(session: Session) -> str:
    """That tokens were used which nobody wrote down; empty for a session whose tokens are all known."""
    if not session.unrecorded:
        return ""
    some = " for some turns" if session.total.requests else ""
    return f"tokens not recorded by {agent(session.agent)}{some}"


ANSWERS = {"yes": "yes", "no": "no", "unsure": "cannot tell"}
"""What a person may answer, as it is said."""


plural = phrases.plural


def folder(path: str | None) -> str:
    """A repository's folder is enough in a row; the whole path is the tooltip."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if path else "–"


def turns(span: Span) -> str:
    """`all turns`, `turn 3`, `turns 2 to 4`, `turns 2 and later`."""
    if span.last is None:
        return f"turns {span.first} and later" if span.first else "all turns"
    return f"turn {span.first}" if span.first == span.last else f"turns {span.first} to {span.last}"


def first(text: str) -> str:
    """For the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def percent(share: float) -> str:
    """Of a plan: 100 % is said when it is reached; more refunds than spend are none of it."""
    return f"{max(0, int(share * 100)):,}%"


def part(share: float) -> str:
    """Of a whole."""
    return f"{round(share * 100)}%"


# times ---------------------------------------------------------------------------------------------------------------


def clock(ms: int) -> str:
    return f"{local(ms):%H:%M}"


def day(on: date) -> str:
    return f"{DAYS[on.weekday()]} {phrases.day(on, year=False)}"


def when(ms: int | None, now: datetime) -> str:
    """Relative up to a week, then the date: `today 14:02`, `yesterday 09:10`, `Wed 14:02`, `12 Nov`."""
    if ms is None:
        return "unknown"
    moment = local(ms)
    ago = (now.date() - moment.date()) // DAY
    if 0 <= ago < 2:
        return f"{('today', 'yesterday')[ago]} {moment:%H:%M}"
    if 0 <= ago < 7:
        return f"{DAYS[moment.weekday()]} {moment:%H:%M}"
    return phrases.day(moment.date(), year=moment.year != now.year)


def moment(ms: int | None, now: datetime) -> str:
    """As `when`, with the time also behind a date: what happened on one day is told apart, however old it is."""
    said = when(ms, now)
    return said if ms is None or ":" in said else f"{said} {clock(ms)}"


# sentences -----------------------------------------------------------------------------------------------------------


NOTICE_TITLE = "Over plan"
NOTICE_PASSED = "More is used than was planned for this period."
"""The same without any money."""


def notice(spent: Spent) -> str:
    """What is said once when a period's plan is passed, if the person asked for it: the fact, no more."""
    return f"{_headed(spent)}."


def _headed(spent: Spent) -> str:
    if paid_unknown(spent):
        return f"{period(spent)} {PAID_UNKNOWN}"
    whose = f" for {project(spent)}" if spent.budget.project else ""
    label = "" if spent.budget.measure == "tokens" else f" ({kind(spent)})"
    return f"{period(spent)} {used(spent)} of {planned_amount(spent, spent.budget.amount)} planned{whose}{label}"


def project(spent: Spent) -> str:
    """The name of the one project that a budget is for."""
    return project_name(spent.budget.project or "")


def project_name(path: str) -> str:
    return isolated(cut(path.replace("\\", "/").rstrip("/").rpartition("/")[2], 32))


def used(spent: Spent) -> str:
    """What is used of a budget."""
    if spent.budget.measure == "tokens":
        return count(spent.used)
    return _open_ended(spent, spent.known)


def _open_ended(spent: Spent, micro: int | None) -> str:
    """An amount with all that comes on top of it: charges not entered yet, requests without a known price."""
    return ("at least " if spent.at_least else "") + money(micro, unpriced=spent.unpriced_requests)


def paid_unknown(spent: Spent) -> bool:
    """Whether nothing tells what is paid."""
    return spent.unknown and spent.budget.measure == "paid"


def planned_amount(spent: Spent, micro_or_tokens: int) -> str:
    """An amount in the budget's own measure."""
    if spent.budget.measure == "tokens":
        return tokens(micro_or_tokens)
    return money(micro_or_tokens)


def kind(spent: Spent) -> str:
    """What sort of figure the budget counts (AC 6)."""
    return {"tokens": "tokens", "paid": "paid"}.get(spent.budget.measure, LIST)


def period(spent: Spent) -> str:
    return PERIODS.get(spent.budget.period, "This period")


def over(spent: Spent) -> str:
    more = spent.used - spent.budget.amount
    return f"{tokens(more) if spent.budget.measure == 'tokens' else _open_ended(spent, more)} over plan"


def reading(share: float) -> str:
    return f"reading logs {min(100, int(share * 100))}%"


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def ended(text: str) -> str:
    """A sentence's end, which a text that was cut has already."""
    return text if text.endswith("…") else f"{text}."


def breakable(text: str) -> str:
    """Words longer than any of a language may go on in the next line: a label would cut them off at its edge."""
    return re.sub(r"\S{32}(?=\S)", "\\g<0>\u200b", text)


def isolated(text: str) -> str:
    """Foreign words in a line of ours: written from right to left they would take figures and separators behind them along."""
    return f"\u2068{text}\u2069" if RIGHT_TO_LEFT.search(text) else text


def tip(text: str) -> str:
    """Foreign text for a tooltip: never read as markup, and wrapped."""
    return f"<span>{escape(text)}</span>" if text else ""


def problem(text: str) -> str:
    """A sentence about a log, with its agent called by the name that people know."""
    name, colon, rest = text.partition(": ")
    return f"{agent(name)}{colon}{rest}"


def fault(glance: Glance | None, status: Status) -> str:
    """One sentence about what cannot be read: the reader's own, else the first source's; empty while all is well."""
    if status.error or glance is None or not glance.health.problems:
        return status.error or ""
    first, *more = glance.health.problems
    return f"{problem(first).removesuffix('.')}, and {plural(len(more), 'more problem')}" if more else problem(first)


def read_at(glance: Glance, status: Status) -> int | None:
    """When logs were last read: all of them in a pass, or some of them since."""
    return max((at for at in (glance.health.read_at, status.read_at) if at is not None), default=None)


def health(glance: Glance, status: Status) -> str:
    """The popover's last line: `Read 14:02 · Claude Code · all well`."""
    read = read_at(glance, status)
    parts = [f"Read {clock(read)}" if read is not None else "Nothing read yet"]
    parts += [agent(name) for name in glance.health.agents]
    parts.append(_condition(glance, status))
    return " · ".join(parts)


def _condition(glance: Glance, status: Status) -> str:
    if wrong := fault(glance, status):
        return wrong
    if status.paused:
        return "paused"
    if status.reading is not None:
        return reading(status.reading)
    return "not read for a while" if status.stale else "all well"


# the tooltip ---------------------------------------------------------------------------------------------------------


def tooltip(glance: Glance | None, status: Status, state: str, quiet: bool = False) -> str:
    """One line of at most 127 characters: Windows cuts the rest (AC 35). What matters least gives way first."""
    if glance is None:
        return cut(status.error or reading(status.reading or 0.0), TOOLTIP_MAX)
    parts = _figures(glance, quiet)
    if glance.unlinked_sessions:
        parts.append((1, f"{glance.unlinked_sessions:,} to link"))
    parts += _tails(glance, status, state, quiet)
    return _fit(parts)


def _figures(glance: Glance, quiet: bool) -> list[tuple[int, str]]:
    """(weight, text) of what the period and today cost; list value says so where what it follows does not (AC 6)."""
    spent = glance.spent if glance.spent and glance.spent.budget.amount > 0 else None
    today = "nothing read today"
    if glance.today.requests:
        today = f"today {money(glance.today.list_value, unpriced=glance.today.unpriced_requests)}"
        today += f" ({LIST})" if spent and kind(spent) != LIST else ""
    if quiet:
        return [] if glance.today.requests else [(4, today)]
    if not spent:
        week = money(glance.week.list_value, unpriced=glance.week.unpriced_requests)
        return [(9, f"{week} this week (list)"), (4, today)]
    whole_day = spent.budget.period == "day" and spent.budget.measure == "list_value" and spent.budget.project is None
    return [(9, _headed(spent))] if whole_day and glance.today.requests else [(9, _headed(spent)), (4, today)]


def _tails(glance: Glance, status: Status, state: str, quiet: bool) -> list[tuple[int, str]]:
    if state == "error":
        return [(10, fault(glance, status))]
    if state == "paused":
        return [(8, "paused")]
    if state == "reading":
        return [(8, reading(status.reading or 0.0))]
    read = read_at(glance, status)
    tails = [] if read is None else [(2, f"read {clock(read)}")]
    if state == "stale":
        return [(8, "not read yet" if read is None else f"last read {clock(read)}")]
    if state == "near":
        tails.append((8, "near plan"))
    if state == "over" and glance.spent:
        tails.append((8, "over plan" if quiet else over(glance.spent)))
    return tails


def _fit(parts: list[tuple[int, str]]) -> str:
    text = " · ".join(part for _, part in parts)
    while len(text) > TOOLTIP_MAX and len(parts) > 1:
        parts.remove(min(parts))
        text = " · ".join(part for _, part in parts)
    return cut(text or "tokentrack", TOOLTIP_MAX)
