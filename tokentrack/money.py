"""Plans and charges ▶ what is really paid, day by day, and which part of it a day's use has. Pure; whole micro-dollars.

A plan's fee by day is the fee of its billing period divided by the days of that period. What does not divide goes to the
period's last day, so a period adds up to its fee. A period begins on the day of the month on which the plan began, on the last
day where a month is shorter.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from tokentrack.clock import DAY
from tokentrack.model.costs import Charge, Plan
from tokentrack.phrases import in_one_line

K = TypeVar("K")
MONTHS = {"month": 1, "year": 12}
BESIDE = "let the two run beside each other"


# ---- plans ▶ fees ----------------------------------------------------------------------------------------------------


def billing_period(plan: Plan, day: date) -> tuple[date, date]:
    """First day and the day after the last of the billing period that holds `day`, which is not before the plan began."""
    step = MONTHS[plan.period]
    count = ((day.year - plan.since.year) * 12 + day.month - plan.since.month) // step
    if _months_later(plan.since, count * step) > day:
        count -= 1
    return _months_later(plan.since, count * step), _months_later(plan.since, (count + 1) * step)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fee_on(plan: Plan, day: date) -> int:
    """What the plan costs on a day; nothing on a day on which it is not in force."""
    if not in_force(plan, day):
        return 0
    first, after = billing_period(plan, day)
    days = (after - first).days
    each = plan.fee // days
    return plan.fee - each * (days - 1) if day == after - DAY else each


def in_force(plan: Plan, day: date) -> bool:
    return plan.since <= day and (plan.until is None or day <= plan.until)


class Overlap(ValueError):
    """Two plans would pay for the same use on the same days. The message names the other one, for the person.

    `commands` are what the command line has for the ways out that it names.
    """

    def __init__(self, sentence: str, commands: str) -> None:
        super().__init__(sentence)
        self.commands = commands


@dataclass(frozen=True, slots=True)
class Changed:
    """What a new plan does to those that are there: `plan` with its end, `ended` with theirs."""

    plan: Plan
    ended: tuple[Plan, ...]


def take_over(plans: Sequence[Plan], new: Plan) -> Changed:
    """A plan lasts until a later one covers all its agents. Raises Overlap where that leaves an agent paid for twice or not."""
    rivals = [plan for plan in plans if set(plan.agents) & set(new.agents)]
    if same := next((plan for plan in rivals if plan.since == new.since), None):
        begins = f"{same.name} begins on {same.since} too and pays for the same use"
        raise Overlap(f"{begins}; take it out first, or {BESIDE}.", f"`tokentrack plan remove {same.id}`, `--beside`")
    new = _limited([plan for plan in rivals if plan.since > new.since], new)
    ended = []
    for plan in rivals:
        if plan.since > new.since or (plan.until is not None and plan.until < new.since):
            continue
        if not set(plan.agents) <= set(new.agents):
            raise _twice(plan, "end it first", f"`tokentrack plan end {plan.id}`")
        if new.until is not None and (plan.until is None or plan.until > new.until):
            if not _followed(plans, plan, new.until + DAY):
                back = f"end it on {new.since - DAY} and enter it again from {new.until + DAY} on"
                raise _twice(plan, back, f"`tokentrack plan end {plan.id}`")
        ended.append(replace(plan, until=new.since - DAY))
    return Changed(new, tuple(ended))


def ended(plans: Sequence[Plan], plan: Plan, until: date | None) -> Plan:
    """`plan` with another last day, None for no end. Raises Overlap where it would pay beside one that it does not yet."""
    now = replace(plan, until=until)
    for other in plans:
        if other.id != plan.id and set(other.agents) & set(plan.agents):
            if _share_days(other, now) and not _share_days(other, plan):
                raise _twice(other, f"{plan.name} cannot end later than {other.since - DAY}", "")
    return now


def _share_days(one: Plan, other: Plan) -> bool:
    return (other.until is None or one.since <= other.until) and (one.until is None or other.since <= one.until)


def _limited(later: Sequence[Plan], new: Plan) -> Plan:
    """`new` with its last day, which is the one before the first of the later plans."""
    first = min(later, key=lambda plan: plan.since, default=None)
    if first is None or (new.until is not None and new.until < first.since):
        return new
    twice = _twice(first, f"give the new plan a last day up to {first.since - DAY}", "`--to`")
    if new.until is not None or not set(new.agents) <= set(first.agents):
        raise twice
    if first.until is not None and not _followed(later, new, first.until + DAY):
        raise twice  # after it, nobody could tell whether `new` goes on
    return replace(new, until=first.since - DAY)


def _followed(plans: Sequence[Plan], plan: Plan, day: date) -> bool:
    """Whether plans that begin on this day take all agents of `plan` over for good."""
    following = next((one for one in plans if one.since == day and set(plan.agents) <= set(one.agents)), None)
    return following is not None and (following.until is None or _followed(plans, plan, following.until + DAY))


def _twice(plan: Plan, way_out: str, command: str) -> Overlap:
    days = f"from {plan.since}" + (f" to {plan.until}" if plan.until else "")
    pays = f"{plan.name} (plan {plan.id}) pays for {', '.join(plan.agents)} {days}"
    return Overlap(f"{pays}: {way_out}, or {BESIDE}.", f"{command}, `--beside`".removeprefix(", "))


LONGEST = 100
NO_NAME = f"A plan needs a name of at most {LONGEST} characters."


def plan_name(typed: str) -> str:
    """In one line; empty for what is none."""
    name = in_one_line(typed)
    return name if len(name) <= LONGEST else ""


# ---- what is paid ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """An amount of one day: a plan's fee or a charge. `agents` are whose use it pays for; None is everybody's."""

    day: date
    what: str
    amount: int
    agents: tuple[str, ...] | None
    charged: bool


def items(plans: Sequence[Plan], charges: Iterable[Charge], first: date, last: date) -> list[Item]:
    """What the days [first, last] cost, the days in their order."""
    found = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        found += [
            Item(day, plan.name, fee_on(plan, day), plan.agents, charged=False) for plan in plans if in_force(plan, day)
        ]
    found += [
        Item(
            charge.day, charge.note or "charge", charge.amount, (charge.agent,) if charge.agent else None, charged=True
        )
        for charge in charges
        if first <= charge.day <= last
    ]
    return sorted(found, key=lambda item: item.day)


def unconfirmed(through: Mapping[str, date], first: date, last: date) -> tuple[str, ...]:
    """Months of [first, last] whose charges may not all be entered. `through`: the days up to which they are."""
    found = []
    month = first.replace(day=1)
    while month <= last:
        after = _months_later(month, 1)
        name = f"{month:%Y-%m}"
        if name not in through or through[name] < min(last, after - DAY):
            found.append(name)
        month = after
    return tuple(found)


# ---- plan share ------------------------------------------------------------------------------------------------------


def known_sum(amounts: Iterable[int | None]) -> int | None:
    """The sum of those that are known; None where there are some and none is."""
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    return sum(known) if known or not every else None


def spread(amount: int, weights: Mapping[K, int]) -> dict[K, int]:
    """An amount in parts as the weights, to the micro-dollar: what does not divide goes to the largest remainders."""
    whole = sum(weights.values())
    parts = {key: amount * weight // whole for key, weight in weights.items()}
    left = amount - sum(parts.values())
    by_remainder = sorted(weights, key=lambda key: (-(amount * weights[key] % whole), str(key)))
    for key in by_remainder[:left]:
        parts[key] += 1
    return parts


@dataclass(frozen=True, slots=True)
class Use:
    """What one agent used on a day for one key (a model, a project, …). `value` is list value; None: nothing is priced."""

    day: date
    agent: str
    key: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Shares:
    """What is paid, spread over a day's use by list value, day by day: `parts` by (day, key), and what nothing stands for.

    `idle` is what days cost on which nothing was used that it pays for; `unspread` what days cost whose use has no known value.
    """

    parts: dict[tuple[date, str], int]
    idle: dict[date, int]
    unspread: dict[date, int]


def shares(paid: Iterable[Item], used: Iterable[Use], unrecorded: Mapping[date, set[str]]) -> Shares:
    """Spreads each day's items by themselves, so that no other day's use changes them. They add up to what is paid.

    `unrecorded` names the agents that were used on a day and recorded nothing of it.
    """
    by_day: dict[date, list[Use]] = {}
    for use in used:
        by_day.setdefault(use.day, []).append(use)
    found = Shares({}, {}, {})
    for item in paid:
        uses = [use for use in by_day.get(item.day, ()) if item.agents is None or use.agent in item.agents]
        weights: dict[str, int] = {}
        for use in uses:
            if use.value:
                weights[use.key] = weights.get(use.key, 0) + use.value
        hidden = unrecorded.get(item.day, set())
        if weights:
            for key, part in spread(item.amount, weights).items():
                found.parts[item.day, key] = found.parts.get((item.day, key), 0) + part
        elif uses or (hidden if item.agents is None else hidden.intersection(item.agents)):
            found.unspread[item.day] = found.unspread.get(item.day, 0) + item.amount
        else:
            found.idle[item.day] = found.idle.get(item.day, 0) + item.amount
    return found


# ---- words -----------------------------------------------------------------------------------------------------------


def dollars(micro: int | None, *, unknown: int = 0) -> str:
    """`$47.00`, `-$3.50`, `unknown`: to the cent, rounded half up; what is less than half a cent is not nothing.

    `unknown`: whether something whose value is not known comes on top, `$47.00 + unknown`; it is never counted as 0 (AC 5).
    """
    if micro is None:
        return "unknown"
    more = " + unknown" if unknown else ""
    sign, whole = ("-" if micro < 0 else ""), abs(micro)
    if 0 < whole < 5000:
        return f"{sign}<$0.01{more}"
    cents = (whole + 5000) // 10_000
    return f"{sign}${cents // 100:,}.{cents % 100:02d}{more}"


def exactly(micro: int | None) -> str:
    """`$0.046305`, to the micro-dollar: amounts that are shown to add up leave nothing out."""
    if micro is None:
        return "unknown"
    sign, whole = ("-" if micro < 0 else ""), abs(micro)
    return f"{sign}${whole // 1_000_000:,}.{whole % 1_000_000:06d}"


def signed(micro: int) -> str:
    """`+$1.20`, `-$3.50`: how much one amount is more or less than another."""
    return ("+" if micro > 0 else "") + dollars(micro)


def whole_dollars(micro: int) -> str:
    """`$209`, rounded half up; what is less than half a dollar is `under $1`."""
    whole = to_whole_dollars(micro) // 1_000_000
    return "under $1" if not whole and micro > 0 else f"{'-' if whole < 0 else ''}${abs(whole):,}"


def to_cents(micro: int) -> int:
    """Micro-dollars, rounded half up to whole cents."""
    return (micro + 5000) // 10_000 * 10_000


def to_whole_dollars(micro: int) -> int:
    """Micro-dollars, rounded half up to whole dollars."""
    return (micro + 500_000) // 1_000_000 * 1_000_000


_GROUPED = r"[0-9]{1,3}(?:%s[0-9]{3})+"
_WHOLES = (r"[0-9]*", _GROUPED % ",", _GROUPED % r"\.")
_AMOUNTS = tuple(
    re.compile(rf"(?P<whole>{whole})(?:{point}(?P<part>[0-9]*))?")
    for whole, point in ((_WHOLES[0], r"[.,]"), (_WHOLES[1], r"\."), (_WHOLES[2], ","))
)
_TWO_WAYS = re.compile(r"[0-9]{1,3},[0-9]{3}")
"""A thousand and more to some, one and a part to others."""


def amount_typed(text: str) -> int | None:
    """Millionths of `12.50`, `12,50`, `1,234.50` or `1.234,50`; None where it is none, or can be read in two ways (`1,234`)."""
    found = None if two_ways(text) else next(filter(None, (one.fullmatch(text) for one in _AMOUNTS)), None)
    whole, part = (found["whole"], found["part"] or "") if found else ("", "")
    whole = re.sub(r"[.,]", "", whole)
    if not whole + part or len(whole) > 9:
        return None
    return int(whole or "0") * 10**6 + int((part + "000000")[:6])


def two_ways(text: str) -> str:
    """What a text can be read as that is no amount for that; empty for any other."""
    if not _TWO_WAYS.fullmatch(text):
        return ""
    return f"{text} can be read in two ways: write {text.replace(',', '')} or {text.replace(',', '.')}"


def day_typed(text: str) -> date | None:
    """`2026-11-22` and nothing else, of the years 1970 to 9998."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.isoformat() == text.strip() and 1970 <= day.year < 9999 else None
