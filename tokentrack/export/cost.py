"""What it cost: what was paid in whole dollars, and where the use went in whole percents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from tokentrack import clock, money
from tokentrack.export import wording
from tokentrack.export.options import EXACT, LIST_VALUE, Options
from tokentrack.export.page import MEASURED, SELF_REPORTED, Part, Text
from tokentrack.export.sums import Sums
from tokentrack.review.week import Week
from tokentrack.store import money as ledger


def paid(weeks: Sequence[Week]) -> tuple[int | None, bool]:
    """Micro-dollars, and whether it may be more; None where some week tells nothing of it."""
    parts = [one.told.paid for one in weeks]
    known = [part for part in parts if part is not None]
    return (sum(known) if len(known) == len(parts) else None), not all(one.told.paid_complete for one in weeks)


def cost(db: sqlite3.Connection, weeks: Sequence[Week], sums: Sums, options: Options) -> Iterator[Text]:
    yield Text("cost.paid", _paid_line(db, weeks, exact=EXACT in options.fields), SELF_REPORTED, ())
    if LIST_VALUE in options.fields:
        yield Text("cost.list", _list_line(weeks, sums), MEASURED, ())
    by_outcome = sums.by_outcome()
    if not sums.total:
        yield Text("", "No use with a known price was recorded, so there are no shares.", MEASURED)
        return
    parts = {part.label: part.percent for part in mix(sums)}
    used = {label: any(by_outcome.get(key) for key in keys) for label, _, keys in wording.PARTS}
    told = [(label, percent, used[label]) for label, percent in parts.items()]
    yield Text("cost.mix", wording.mix(told), MEASURED, ())
    assigned = 100 - parts["not assigned"]
    yield Text("", f"{assigned}% of my AI use belongs to named work or was set aside on purpose.", MEASURED)


def _paid_line(db: sqlite3.Connection, weeks: Sequence[Week], *, exact: bool) -> str:
    amount, at_least = paid(weeks)
    if amount is None:
        return "What I paid is unknown: neither a plan nor a charge is entered for all of these weeks."
    about = "At least" if at_least else "" if exact else "About"
    headline = f"{about} {_amount(amount, exact=exact)} paid".strip()
    parts = _parts(db, weeks, amount, exact=exact)
    return f"{headline}: {parts}." if parts else f"{headline}."


def _amount(micro: int, *, exact: bool) -> str:
    return money.dollars(micro) if exact else money.whole_dollars(micro)


def _parts(db: sqlite3.Connection, weeks: Sequence[Week], amount: int, *, exact: bool) -> str:
    """What it is made of; "" where plans and charges have changed since the weeks were closed."""
    every = (one.monday + n * clock.DAY for one in weeks for n in range(7))
    days = [day for day in every if day <= clock.today()]
    told, found = [], 0
    for plan in ledger.plans(db):
        fees = [money.fee_on(plan, day) for day in days if money.in_force(plan, day)]
        if fees:
            found += sum(fees)
            span = f"{len(fees)} {'day' if len(fees) == 1 else 'days'}"
            price = f"{_amount(plan.fee, exact=exact)}/{plan.period}"
            told.append(f"{_amount(sum(fees), exact=exact)} for {span} of a plan at {price}")
    charged = sum(one.amount for one in ledger.charges(db, days[0], days[-1]) if one.day in set(days))
    if charged:
        told.append(f"{_amount(charged, exact=exact)} billed{' on top' if told else ''}")
    return wording.listing(told) if told and found + charged == amount else ""


def _list_line(weeks: Sequence[Week], sums: Sums) -> str:
    unknown = any(one.told.unpriced_requests or one.told.unrecorded_sessions for one in weeks)
    known = money.dollars(sums.total) + (" + unknown" if unknown else "")
    return f"List value {known}: what these tokens would cost at published prices. It is not what was paid."


def mix(sums: Sums) -> tuple[Part, ...]:
    """Whole percents of all use by what came of it, by largest remainder; empty where nothing has a known value."""
    found = sums.by_outcome()
    values = {label: sum(found.get(key, 0) for key in keys) for label, _, keys in wording.PARTS}
    if not any(values.values()):
        return ()
    percents = money.spread(100, values)
    return tuple(Part(label, percents[label]) for label, value in values.items() if value or label == "not assigned")
