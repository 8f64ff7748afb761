"""What it cost: what was paid in whole dollars, and where the use went in whole percents.

Exact amounts stand in figures alone, so in JSON; a page says whole dollars whatever was asked for (product 7.6).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date

from tokentrack import clock, money
from tokentrack.export import wording
from tokentrack.export.options import ASSIGNED, EXACT, KEYS, LIST_VALUE, MIX, PAID, PARTS, TITLES, Options
from tokentrack.export.page import HYPOTHETICAL, MEASURED, PAID_LINE, SELF_REPORTED, Figure, Tag, Text
from tokentrack.export.sums import Sums
from tokentrack.phrases import listing, plural
from tokentrack.review.week import Week
from tokentrack.store import money as ledger

LIST_IS = "what these tokens would cost at published prices (hypothetical). It is not what was paid."
"""Part of whatever tells a list value (product 7.4)."""


def paid(weeks: Sequence[Week]) -> tuple[int | None, bool]:
    """Micro-dollars, and whether it may be more; None where some week tells nothing of it."""
    parts = [one.told.paid for one in weeks]
    known = [part for part in parts if part is not None]
    return (sum(known) if len(known) == len(parts) else None), not all(one.told.paid_complete for one in weeks)


def amount(what: str, micro: int | None, tag: Tag, options: Options, *, at_least: bool = False) -> Figure:
    if micro is not None and EXACT not in options.fields:
        micro = money.to_whole_dollars(micro)
    return Figure(what=what, value=micro, unit="micro-dollars", tag=tag, at_least=at_least)


def cost(db: sqlite3.Connection, weeks: Sequence[Week], sums: Sums, options: Options) -> Iterator[Text]:
    out, unknown = options.out, any(one.told.unknown for one in weeks)
    if PAID not in out:
        yield _paid_line(db, weeks, options)
    if LIST_VALUE in options.fields:
        yield _list_line(sums, options, unknown=unknown)
    parts = mix(sums)
    if not parts and not {MIX, ASSIGNED} <= out:
        yield Text("", "No use with a known price was recorded, so there are no shares.", MEASURED)
    if not parts:
        return
    by_outcome, open_ended = sums.by_outcome(), sums.unknown_outcomes()
    used = {label: any(by_outcome.get(key) for key in keys) for label, _, keys in wording.PARTS}
    more = [label for label, _, keys in wording.PARTS if open_ended.intersection(keys)]
    if MIX not in out:
        told = [(label, percent, used[label]) for label, percent in parts.items()]
        figures = (
            Figure(what=label, value=part, unit="percent", tag=MEASURED, at_least=label in more)
            for label, part in parts.items()
        )
        yield Text("cost.mix", wording.mix(told, more, unknown=unknown), MEASURED, (), figures=tuple(figures))
    if ASSIGNED not in out:
        named = "some piece of work" if {TITLES, KEYS} <= out else "named work"
        rest = parts["not assigned"]
        part = "over 99%" if used["not assigned"] and not rest else f"{100 - rest}%"
        assigned = f"{part} of {wording.use(unknown=unknown)} belongs to {named} or was set aside on purpose."
        yield Text("cost.assigned", assigned, MEASURED, ())


def _paid_line(db: sqlite3.Connection, weeks: Sequence[Week], options: Options) -> Text:
    whole, at_least = paid(weeks)
    figures = [amount("paid", whole, SELF_REPORTED, options, at_least=at_least)]
    if whole is None:
        told = "What I paid is unknown: neither a plan nor a charge is entered for all of these weeks."
    else:
        parts = [] if PARTS in options.out else list(_parts(db, weeks, whole))
        told = f"{'At least' if at_least else 'About'} {money.whole_dollars(whole)} paid"
        told += f": {listing(words for words, _, _ in parts)}." if parts else "."
        figures += [amount(what, part, SELF_REPORTED, options) for _, what, part in parts]
    return Text(PAID_LINE, told, SELF_REPORTED, (), figures=tuple(figures))


def _parts(db: sqlite3.Connection, weeks: Sequence[Week], whole: int) -> Iterator[tuple[str, str, int]]:
    """(words, what it is, micro-dollars) of each part; none where plans and charges have changed since the weeks were closed."""
    days = [
        one.monday + n * clock.DAY for one in weeks for n in range(7) if one.monday + n * clock.DAY <= _through(one)
    ]
    told = []
    for plan in ledger.plans(db):
        fees = [money.fee_on(plan, day) for day in days if money.in_force(plan, day)]
        if any(fees):
            span = plural(len(fees), "day")
            price = f"{money.whole_dollars(plan.fee)}/{plan.period}"
            told.append(
                (f"{money.whole_dollars(sum(fees))} for {span} of a plan at {price}", f"plan, {span}", sum(fees))
            )
    charged = sum(one.amount for one in ledger.charges(db, days[0], days[-1]) if one.day in set(days))
    if charged:
        billed = f"{money.whole_dollars(charged)} billed{' on top' if told else ''}"
        told.append((billed if charged > 0 else f"{money.whole_dollars(-charged)} given back", "charges", charged))
    if sum(part for _, _, part in told) == whole:
        yield from told


def _through(one: Week) -> date:
    """The last day whose fees the week tells of: a week that was closed while it ran tells of no later one."""
    return date.fromisoformat(one.told.paid_through or one.told.until)


def _list_line(sums: Sums, options: Options, *, unknown: bool) -> Text:
    known = money.whole_dollars(sums.total) + (" + unknown" if unknown else "")
    told = f"List value about {known}: {LIST_IS}"
    figure = amount("list value", sums.total, HYPOTHETICAL, options, at_least=unknown)
    return Text("cost.list", told, HYPOTHETICAL, (), figures=(figure,))


def mix(sums: Sums) -> dict[str, int]:
    """Whole percents of all use by what came of it, by largest remainder; empty where nothing has a known value."""
    found = sums.by_outcome()
    values = {label: sum(found.get(key, 0) for key in keys) for label, _, keys in wording.PARTS}
    if not any(values.values()):
        return {}
    percents = money.spread(100, values)
    return {label: percents[label] for label, value in values.items() if value or label == "not assigned"}
