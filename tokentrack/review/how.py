"""How a figure that is no sum of requests was computed: what was paid, plan shares, what a closer look tells, a week's review.

Such a figure is called by its kind and its days: `paid month:2026-11`, `share days:2026-11-01..2026-11-22 agent:codex`,
`idle week:2026-W47`, `cache day:2026-11-22`, `what-if days:2026-11-01..2026-11-22 model:claude-haiku-4-5`; those of a review by
the week or the task: `drift week:2026-W47`, `usual task:PAY-12`, `insight week:2026-W47 context`, `calibration all`. What a
closed week kept is `list week:2026-W47`, also of a part (`list week:2026-W47 outcome:shipped`), and `paid week:2026-W47 closed`.
What it would say otherwise now is `changed week:2026-W47`, also of a session (`changed week:2026-W47 session:…`).
"""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.model.usage import Total
from tokentrack.money import dollars
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import closer, judged, names, paid, spend
from tokentrack.review.names import BackwardDays
from tokentrack.review.paid import How, Line

SHARES = ("share", "idle", "unspread")
DIAGNOSTICS = ("cache", "context", "unattended")
WHAT_IF = "what-if"
KINDS = ("paid", *SHARES, *DIAGNOSTICS, WHAT_IF, *judged.KINDS)
"""What stands before the days, or before the week or the task, in such a figure's name."""

NARROWED = ("paid", *SHARES, *DIAGNOSTICS)
"""Those whose days may be followed by what narrows them."""

SHARED_BY = ("agent", "session", "model", "project", "branch")
"""What may narrow a plan share."""


class NoSuchFigure(Exception):
    """The message is for the person."""


def kept(name: str) -> bool:
    """Whether it is what was paid as a closed week kept it: that has no days to narrow."""
    return name.startswith(f"{judged.PAID} ") and name.endswith(f" {judged.CLOSED}")


def how(db: sqlite3.Connection, name: str, mine: OwnPrices) -> How:
    """Raises NoSuchFigure and BackwardDays."""
    kind, _, rest = name.partition(" ")
    if kind in judged.KINDS or kept(name):
        return _judged(db, name, kind, rest)
    try:
        first, last = days_of(rest.partition(" ")[0])
    except ValueError:
        raise NoSuchFigure(f"Nothing here is called {name}.") from None
    if kind == "paid":
        return paid.paid(db, first, last).how
    if kind in SHARES:
        return _share(db, kind, rest, first, min(last, clock.today()))
    last = max(first, min(last, clock.today()))
    if kind == WHAT_IF and (part := names.narrowing(db, rest)) and part[1] == "model":
        return closer.what_if(db, part[2], first, last, mine).how
    found = next((one.how for one in closer.diagnostics(db, first, last) if one.id == kind), None)
    if found is None:
        raise NoSuchFigure("There is nothing in these days to compute it from.")
    return found


def _judged(db: sqlite3.Connection, name: str, kind: str, rest: str) -> How:
    try:
        found = judged.how(db, kind, rest, clock.now_ms())
    except judged.NameOne as error:
        raise NoSuchFigure(str(error)) from None
    except judged.NoSuchName:
        raise NoSuchFigure(f"Nothing here is called {name}.") from None
    if found is None:
        raise NoSuchFigure("There is nothing to compute it from.")
    return found


def days_of(name: str) -> tuple[date, date]:
    """First and last day of `day:…`, `days:…..…`, `week:…` or `month:…`. Raises ValueError and BackwardDays."""
    try:
        days = names.days_of(name)
    except OverflowError:
        raise ValueError(name) from None
    if days is None or not all(1970 <= day.year < 9999 for day in days):
        raise ValueError(name)
    first, last = days
    if first > last:
        raise BackwardDays(first, last)
    return days


# ---- plan share ------------------------------------------------------------------------------------------------------


def _share(db: sqlite3.Connection, kind: str, name: str, first: date, last: date) -> How:
    if kind == "share" and " " in name:
        return _part_by_day(db, name, first, last)
    whole = spend.spend(db, first, last).share
    if kind == "share":
        return whole.how
    lines = [Line(day.day.isoformat(), getattr(day, kind), "plan share") for day in whole.days if getattr(day, kind)]
    formula = {
        "idle": f"idle = what is paid for days on which {spend.IDLE_IS}",
        "unspread": "what is paid for days whose use has a list value of 0 or none that is known, so that it cannot be spread",
    }[kind]
    return How(formula, len(lines), "days", (), tuple(lines))


def _part_by_day(db: sqlite3.Connection, name: str, first: date, last: date) -> How:
    """A row's plan share, day by day, by the very spreading that made the row: the days add up to it."""
    part = names.narrowing(db, name)
    if part is None or part[1] not in SHARED_BY:
        raise NoSuchFigure(f"A plan share is told by {', '.join(SHARED_BY)}, not by what stands in {name}.")
    lines, used = [], Total()
    costs = {item.day for item in paid.items_of(db, first, last)}
    for number in range((last - first).days + 1):
        day = first + number * clock.DAY
        row = _row(db, name, part, day) if day in costs else None
        if row is None:
            continue
        used += row.total
        if row.share is not None:
            lines.append(Line(f"{day}{spend.bound_of(row.more, row.less)}", row.share, "plan share", row.why))
        elif row.more:
            lines.append(Line(f"{day}, {spend.UNPRICED}", None, "plan share"))
    listed = dollars(used.list_value if used.requests else 0, unknown=used.unpriced_requests)
    return How(
        "share on a day = paid that day x list value of these requests / list value of all use that day that the plan covers",
        sum(line.amount is not None for line in lines),
        "days",
        (("list value of these requests", listed),),
        tuple(lines),
    )


def _row(db: sqlite3.Connection, name: str, part: tuple[str, str, str], day: date) -> spend.Row | None:
    """The row of one day."""
    outer, by, key = part
    days, _, rest = outer.partition(" ")
    if days.startswith("day:"):  # a row of one day, narrowed
        return next(iter(spend.rows(db, "day", day, day, name)), None)
    within = f"day:{day}" + (f" {rest}" if rest else "")
    return next((row for row in spend.rows(db, by, day, day, within) if row.key == key), None)
