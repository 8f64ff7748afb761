"""How the figures of a page were made, and what is missing from them (AC 51)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence

from tokentrack import __version__, clock
from tokentrack.agents import label_of
from tokentrack.export import rows, wording
from tokentrack.export.edits import Edits
from tokentrack.export.options import (
    AGENT_NAMES,
    CALIBRATION,
    ESTIMATES,
    EVIDENCE,
    FIRST_USE,
    INTENTS,
    KEYS,
    NOTES,
    OUTCOMES,
    PAID,
    PRICES,
    SENTENCES,
    TITLES,
    ZONE,
    Options,
    taken_out,
)
from tokentrack.export.page import Facts
from tokentrack.export.sums import Sums, Work
from tokentrack.phrases import day, listing, plural
from tokentrack.review.week import Week
from tokentrack.store import exports

SOME = "some agents"
"""What stands for agents whose names were taken out, where they are recorded in part."""
REPORTED = (
    ("work", {TITLES, KEYS}), ("outcomes", {OUTCOMES}), ("sentences about outcomes", {SENTENCES}), ("links", {EVIDENCE}),
    ("notes", {NOTES, INTENTS}), ("estimates", {ESTIMATES, CALIBRATION}), ("how sure I am", {ESTIMATES, CALIBRATION}),
)  # fmt: skip
"""What the person said, and in which fields: while one of them is on the page, the footer tells of it."""


def facts(
    db: sqlite3.Connection, weeks: Sequence[Week], sums: Sums, kept_back: Sequence[Work], edits: Edits, options: Options
) -> Facts:
    mondays = [one.monday for one in weeks]
    between = (mondays[0] + n * 7 * clock.DAY for n in range((mondays[-1] - mondays[0]).days // 7))
    first = None if FIRST_USE in options.out else exports.first_use(db)
    partly = _each(label_of(name) for one in weeks for name in one.told.partly)
    named = AGENT_NAMES not in options.out
    return Facts(
        agents=_each(label_of(name) for one in weeks for name in (*one.told.agents, *one.told.partly) if named),
        partly=partly if named or not partly else (SOME,),
        prices=() if PRICES in options.out else _each(one.told.prices for one in weeks),
        zones=() if ZONE in options.out else _each(one.told.zone for one in weeks),
        closed=tuple(one.told.week for one in weeks if one.closed),
        open=tuple(one.told.week for one in weeks if not one.closed),
        missing=tuple(clock.week_name(monday) for monday in between if monday not in mondays),
        silent=tuple(one.told.week for one in weeks if not one.told.requests and not one.told.unrecorded_sessions),
        unconfirmed=() if PAID in options.out else _unconfirmed(weeks),
        changed=sum(one.changed is not None and one.changed.differs for one in weeks),
        unknown=any(one.told.unknown for one in weeks),
        unreadable=any(one.told.problems for one in weeks),
        since=None if first is None else clock.day_of(first),
        withheld=len(kept_back),
        withheld_share=rows.share_of(kept_back, sums) if kept_back else None,
        edited=edits.edited,
        removed=edits.removed,
        taken_out=taken_out(options),
        version=__version__,
    )


def _unconfirmed(weeks: Sequence[Week]) -> tuple[str, ...]:
    return tuple(one.told.week for one in weeks if one.told.paid is not None and not one.told.paid_complete)


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def footer(facts: Facts, out: Collection[str]) -> Iterator[str]:
    """In sentences; nothing of what was taken `out`."""
    every = (*facts.closed, *facts.open)
    agents = f" ({', '.join(facts.agents)})" if facts.agents else ""
    unknown = "; what has no known price or was not recorded appears as unknown, never as 0" if facts.unknown else ""
    unread = " Some logs could not be read." if facts.unreadable else ""
    partly = f"; tokens of {listing(facts.partly)} are recorded in part or not at all" if facts.partly else ""
    yield f"Measured from local agent logs{agents} on one machine{partly}{unknown}.{unread}"
    yield "Shares are list-price value of tokens, rounded to 5%, so rows may not add up to 100."
    more = f" More charges may belong to {wording.in_weeks(facts.unconfirmed, every)}." if facts.unconfirmed else ""
    if PAID not in out:
        yield (
            "Paid money: plan fee by calendar day plus charges I entered (self-reported), rounded to whole dollars, so parts may "
            f"not add up.{more}"
        )
    if EVIDENCE not in out:
        yield "Evidence: read from local git, nothing fetched."
    reported = [words for words, fields in REPORTED if fields - set(out)]
    if reported:
        yield f"Self-reported: {listing(reported)}."
    before = f", anything before {day(facts.since)}" if facts.since else ""
    gaps = f" Weeks not on this page: {wording.weeks(facts.missing, every)}." if facts.missing else ""
    silent = f" No use was recorded in {wording.in_weeks(facts.silent, every)}." if facts.silent else ""
    yield f"Missing: work without agents, review and meeting time, other machines{before}.{gaps}{silent}"
    share = facts.withheld_share
    part = "" if share is None else ", no use" if share.text == "none" else f", {share.text} of use"
    trimmed = (
        f" Texts edited by me: {facts.edited}; taken out: {facts.removed}." if facts.edited or facts.removed else ""
    )
    fields = f" Not on this page, as I chose: {listing(facts.taken_out)}." if facts.taken_out else ""
    yield f"Withheld: {plural(facts.withheld, 'item')}{part}.{trimmed}{fields}"
    yield _weeks_line(facts)


def _weeks_line(facts: Facts) -> str:
    every = sorted((*facts.closed, *facts.open))
    if not facts.open:
        state = "all closed" if len(every) > 1 else "closed"
    elif not facts.closed:
        state = "open" if len(every) == 1 else "all open"
    else:
        state = f"closed: {wording.weeks(facts.closed, every)}, open: {wording.weeks(facts.open, every)}"
    changed = f"; changed since closing: {facts.changed}" if facts.closed else ""
    return f"{'Weeks' if len(every) > 1 else 'Week'} {wording.weeks(every)}, {state}{changed}."
