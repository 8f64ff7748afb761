"""What a period cost, in three figures that are never mixed: paid, plan share, list value. And how each adds up.

Paid is plan fees by day and charges. Plan share is paid, spread over each day's use by list value. List value is what the tokens
cost at published prices. Money is whole micro-dollars, None is not known. Days are local, `first` and `last` included.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tokentrack import clock, money, phrases
from tokentrack.agents import label_of
from tokentrack.model.costs import Plan
from tokentrack.model.usage import Total
from tokentrack.money import dollars
from tokentrack.pricing import own
from tokentrack.review import names, usage
from tokentrack.review.paid import NOT_COME, NOT_DECLARED, How, Line, Paid, declared, items_of, paid, paid_of
from tokentrack.review.repriced import NONE, Repriced, priced_otherwise
from tokentrack.store import account, read, spending
from tokentrack.store import money as ledger
from tokentrack.store.read import UNKNOWN, Where

SHARE_IS = (
    "What you paid, spread over each day's use by its list value. It is no measure of a task and compares no periods."
)
UNPRICED = "requests without a known price"
IDLE_IS = "nothing was used that it pays for"
LIST_IS = "What these tokens cost at published prices on their day. On a plan you did not pay that; it is there to compare tasks."


@dataclass(frozen=True, slots=True)
class ShareDay:
    """What a day cost: spread over its use, idle (nothing used that it pays for), unspread (used, but no list value is known)."""

    day: date
    paid: int
    spread: int
    idle: int
    unspread: int


@dataclass(frozen=True, slots=True)
class Share:
    """The amount is what was paid, so it is exact where that is; `inexact`: its parts by use are not, see `Row`.

    `idle_days` are those with something idle: another plan may have been used on them.
    """

    amount: int | None
    idle: int
    idle_days: int
    unspread: int
    days: tuple[ShareDay, ...]
    sentence: str
    how: How
    inexact: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """`repriced`: requests of open weeks whose price is another one today, as after an update."""

    total: Total
    sentence: str
    why: str
    how: How
    repriced: Repriced


@dataclass(frozen=True, slots=True)
class Spend:
    """`last` is today where the period asked for goes on: what is not yet paid is not counted. What a log dates later was used
    all the same, so list value is of the whole period, as it is everywhere.
    """

    first: date
    last: date
    paid: Paid
    share: Share
    listed: Listed
    plans: tuple[str, ...]
    nothing_declared: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`share` is the plan share, None where nothing is declared or nothing is priced; `why` names the requests behind the row.

    On its days there may be requests without a known price, whose part of what was paid nobody knows: with some in the row
    its share may be `more`, with some outside it `less`.
    """

    key: str
    label: str
    total: Total
    share: int | None
    why: str
    more: bool = False
    less: bool = False


BOUNDS = {(True, False): "{} + unknown", (False, True): "at most {}", (True, True): "{} ± unknown"}
"""How a share is written that may be more, less, or both."""


def spend(db: sqlite3.Connection, first: date, last: date, prices: own.OwnPrices | None = None) -> Spend:
    """The three figures of the days [first, last]. `prices` are the person's own, needed to tell what a new list would change."""
    come = first <= clock.today()
    listed = _listed(db, first, last, prices)
    last = max(first, min(last, clock.today()))
    plans = [plan for plan in ledger.plans(db) if plan.since <= last and (plan.until is None or plan.until >= first)]
    items = items_of(db, first, last) if come else []
    return Spend(
        first,
        last,
        paid_of(db, items, first, last) if come else paid(db, first, last),
        _share(db, items, first, last),
        listed,
        tuple(map(_plan_line, plans)),
        come and not declared(db, first, last),
    )


def name_of(first: date, last: date) -> str:
    """What `why` calls the days [first, last]."""
    return f"day:{first}" if first == last else f"days:{first}..{last}"


def _plan_line(plan: Plan) -> str:
    agents = ", ".join(map(label_of, plan.agents))
    until = f" to {phrases.day(plan.until)}" if plan.until else ""
    return f"{plan.name} ({agents}): {dollars(plan.fee)} a {plan.period} from {phrases.day(plan.since)}{until}"


# ---- plan share ------------------------------------------------------------------------------------------------------


def _share(db: sqlite3.Connection, items: list[money.Item], first: date, last: date) -> Share:
    come = first <= clock.today()
    known = come and declared(db, first, last)
    values = spending.values(db, "agent", Where(*clock.span(first, last))) if items else []
    shares = _spread(db, items, values)
    spread: dict[date, int] = {}
    by_agent: dict[str, int] = {}
    for (day, agent), part in shares.parts.items():
        spread[day] = spread.get(day, 0) + part
        by_agent[agent] = by_agent.get(agent, 0) + part
    costs: dict[date, int] = {}
    for item in items:
        costs[item.day] = costs.get(item.day, 0) + item.amount
    days = tuple(
        ShareDay(day, costs[day], spread.get(day, 0), shares.idle.get(day, 0), shares.unspread.get(day, 0))
        for day in sorted(costs)
    )
    idle, unspread = sum(shares.idle.values()), sum(shares.unspread.values())
    bounds, name = _bounds(items, values, values), name_of(first, last)
    lines = [
        Line(label_of(agent) + bound_of(*bounds[agent]), part, "plan share", f"share {name} agent:{agent}")
        for agent, part in sorted(by_agent.items())
    ]
    if shares.idle:
        lines.append(Line(f"idle, on {phrases.plural(len(shares.idle), 'day')}", idle, "plan share"))
    if unspread:
        days_unspread = phrases.plural(len(shares.unspread), "day")
        lines.append(Line(f"used, no list value to spread it by, on {days_unspread}", unspread, "plan share"))
    how = How(
        "share of a session on a day = paid that day x its list value / list value of all use that day that the plan covers",
        len(days),
        "days",
        (("spread over use", dollars(sum(spread.values()))), (f"idle ({IDLE_IS})", dollars(idle))) if known else (),
        tuple(lines) if known else (),
    )
    amount = sum(costs.values()) if known else None
    inexact = any(value.unpriced and clock.day_of(value.quarter) in spread for value in values)
    sentence = SHARE_IS if known else NOT_DECLARED if come else NOT_COME
    return Share(amount, idle, len(shares.idle), unspread, days, sentence, how, inexact)


def bound_of(more: bool, less: bool) -> str:
    """What stands behind the name of a row whose amount is written without it."""
    bound = BOUNDS.get((more, less), "").replace("{}", "").strip()
    return f", {bound}" if bound else ""


def _spread(db: sqlite3.Connection, items: list[money.Item], values: Iterable[spending.Value]) -> money.Shares:
    """What each agent has of what was paid, day by day. `values` are by agent."""
    if not items:
        return money.Shares({}, {}, {})
    used = [money.Use(clock.day_of(value.quarter), value.agent, value.key, value.value) for value in values]
    return money.shares(items, used, _unrecorded(db, items, used))


def _bounds(
    items: Iterable[money.Item], used: Iterable[spending.Value], values: Iterable[spending.Value], by_day: bool = False
) -> dict[str, tuple[bool, bool]]:
    """Key of `values` ▶ whether its share may be more, and less. `used` is all use of the days, by agent."""
    days = _counted(used, by_day=False)
    keys = _counted(values, by_day)
    found = {key: (False, False) for of in keys.values() for key in of}
    for day, agents in {(item.day, item.agents) for item in items}:
        whole = [_within(of, agents) for of in days.get(day, {}).values()]
        value, unpriced = sum(one[0] for one in whole), sum(one[1] for one in whole)
        for key, of in keys.get(day, {}).items() if value else ():
            own, without = _within(of, agents)
            more, less = found[key]
            found[key] = more or bool(without and value > own), less or bool(own and unpriced > without)
    return found


_Counts = dict[str, tuple[int, int]]
"""Agent ▶ (list value, requests without a known price)."""


def _counted(values: Iterable[spending.Value], by_day: bool) -> dict[date, dict[str, _Counts]]:
    """Day ▶ key ▶ what each agent has of it."""
    found: dict[date, dict[str, _Counts]] = {}
    for value in values:
        day = clock.day_of(value.quarter)
        of = found.setdefault(day, {}).setdefault(day.isoformat() if by_day else value.key, {})
        amount, unpriced = of.get(value.agent, (0, 0))
        of[value.agent] = amount + (value.value or 0), unpriced + value.unpriced
    return found


def _within(of: _Counts, agents: tuple[str, ...] | None) -> tuple[int, int]:
    found = [counts for agent, counts in of.items() if agents is None or agent in agents]
    return sum(one[0] for one in found), sum(one[1] for one in found)


def _unrecorded(db: sqlite3.Connection, items: list[money.Item], used: list[money.Use]) -> dict[date, set[str]]:
    """On days without a request, the agents that were used all the same: what is not recorded is not idle."""
    busy = {(use.day, use.agent) for use in used}
    days = {item.day for item in items if item.agents is None or any((item.day, a) not in busy for a in item.agents)}
    return {day: {agent for agent, _ in account.unrecorded(db, *clock.span(day, day))} for day in days}


# ---- list value ------------------------------------------------------------------------------------------------------


def _listed(db: sqlite3.Connection, first: date, last: date, prices: own.OwnPrices | None) -> Listed:
    where, name = Where(*clock.span(first, last)), name_of(first, last)
    by_agent = read.totals_by(db, "agent", where)
    total = sum((part for _, part in by_agent), Total())
    how = How(
        "list value = tokens of each kind x the published price of that kind on the day",
        total.requests,
        "requests",
        (("without a known price", f"{total.unpriced_requests:,} requests, not counted as 0"),),
        tuple(
            Line(label_of(agent), part.list_value, "list value", f"{name} agent:{agent}") for agent, part in by_agent
        ),
    )
    return Listed(total, LIST_IS, name, how, priced_otherwise(db, where, prices) if prices else NONE)


# ---- rows ------------------------------------------------------------------------------------------------------------


def rows(db: sqlite3.Connection, by: str, first: date, last: date, within: str = "") -> tuple[Row, ...]:
    """What each day, agent, model, project or `session` used. `within` is the `why` of a row, which narrows them."""
    name = within or name_of(first, last)
    last = max(first, min(last, clock.today()))
    where = names.find(db, name)[1]
    found = usage.totals(db, by, where)
    items = items_of(db, first, last) if first <= clock.today() else []
    parts, bounds = _shares(db, by, items, first, last, name)
    titles = spending.titles(db, [key for key, _ in found]) if by == "session" else {}
    return tuple(
        Row(
            key, titles.get(key) or label(by, key), total,
            parts.get(key, 0) if items and total.list_value is not None else None, _name(by, key, name),
            *bounds.get(key, (False, False)),
        )
        for key, total in found
    )  # fmt: skip


def _name(by: str, key: str, within: str) -> str:
    if by == "day":
        return f"day:{key}" + within[within.index(" ") :] if " " in within else f"day:{key}"
    return f"{within} {by}:{key}"


def _shares(
    db: sqlite3.Connection, by: str, items: list[money.Item], first: date, last: date, within: str
) -> tuple[dict[str, int], dict[str, tuple[bool, bool]]]:
    """Plan share by key, and whether it may be more or less.

    Each agent's share of a day is spread over the first part of the name, that part's over the next, and at last by key.
    So whatever is opened adds up to the row that it was opened from, to the micro-dollar.
    """
    if not items:
        return {}, {}
    used = spending.values(db, "agent", Where(*clock.span(first, last)))
    left = _spread(db, items, used).parts
    for outer, part_by, key in _narrowings(db, within):
        found = {at: parts.get(key) for at, parts in _by_key(_values(db, part_by, outer), left).items()}
        left = {at: part for at, part in found.items() if part is not None}
    values, made = _values(db, "agent" if by == "day" else by, within), dict[str, int]()
    for (day, _), amounts in _by_key(values, left).items():
        for key, amount in amounts.items():
            name = day.isoformat() if by == "day" else key
            made[name] = made.get(name, 0) + amount
    return made, _bounds(items, used, values, by == "day")


def _values(db: sqlite3.Connection, by: str, name: str) -> list[spending.Value]:
    return spending.values(db, by, names.find(db, name)[1])


def _by_key(
    values: list[spending.Value], left: Mapping[tuple[date, str], int]
) -> dict[tuple[date, str], dict[str, int]]:
    """What is left of each (day, agent), spread over the keys that were used."""
    weights: dict[tuple[date, str], dict[str, int]] = {}
    for value in values:
        at = clock.day_of(value.quarter), value.agent
        if value.value and at in left:
            keys = weights.setdefault(at, {})
            keys[value.key] = keys.get(value.key, 0) + value.value
    return {at: money.spread(left[at], keys) for at, keys in weights.items()}


def _narrowings(db: sqlite3.Connection, name: str) -> list[tuple[str, str, str]]:
    """(what is narrowed, by what, to which key), the widest first: `day:… project:/w model:x` has two."""
    found = []
    while (part := names.narrowing(db, name)) and part[0]:
        found.append(part)
        name = part[0]
    return found[::-1]


def label(by: str, key: str) -> str:
    """What a key is called on screen."""
    if by == "agent":
        return label_of(key)
    if by == "project" and key != UNKNOWN:
        return key.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or key
    return key
