"""How the figures of a page were made, and what is missing from them (AC 51)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from tokentrack import __version__, clock
from tokentrack.agents import AGENTS
from tokentrack.export import rows, wording
from tokentrack.export.edits import Edits
from tokentrack.export.page import Facts
from tokentrack.export.sums import Sums, Work
from tokentrack.review.week import Week
from tokentrack.store import exports


def facts(db: sqlite3.Connection, weeks: Sequence[Week], sums: Sums, kept_back: Sequence[Work], edits: Edits) -> Facts:
    mondays = [one.monday for one in weeks]
    between = (mondays[0] + n * 7 * clock.DAY for n in range((mondays[-1] - mondays[0]).days // 7))
    labels = {agent.NAME: agent.LABEL for agent in AGENTS}
    first = exports.first_use(db)
    return Facts(
        agents=_each(labels.get(name, name) for one in weeks for name in (*one.told.agents, *one.told.partly)),
        partly=_each(labels.get(name, name) for one in weeks for name in one.told.partly),
        prices=_each(one.told.prices for one in weeks),
        zones=_each(one.told.zone for one in weeks),
        closed=tuple(one.told.week for one in weeks if one.closed),
        open=tuple(one.told.week for one in weeks if not one.closed),
        missing=tuple(clock.week_name(monday) for monday in between if monday not in mondays),
        silent=tuple(one.told.week for one in weeks if not one.told.requests and not one.told.unrecorded_sessions),
        unconfirmed=tuple(one.told.week for one in weeks if one.told.paid is not None and not one.told.paid_complete),
        changed=sum(one.changed is not None and one.changed.differs for one in weeks),
        unknown=any(one.told.unpriced_requests or one.told.unrecorded_sessions for one in weeks),
        unreadable=any(one.told.problems for one in weeks),
        since=None if first is None else clock.day_of(first),
        withheld=len(kept_back),
        withheld_share=rows.share_of(kept_back, sums) if kept_back else None,
        edited=edits.edited,
        removed=edits.removed,
        version=__version__,
    )


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def footer(facts: Facts) -> Iterator[str]:
    agents = ", ".join(facts.agents) or "none"
    unknown = "; what has no known price or was not recorded appears as unknown, never as 0" if facts.unknown else ""
    unread = " Some logs could not be read." if facts.unreadable else ""
    partly = f"; tokens of {wording.listing(facts.partly)} are recorded in part or not at all" if facts.partly else ""
    yield f"Measured from local agent logs ({agents}) on one machine{partly}{unknown}.{unread}"
    yield "Shares are list-price value of tokens, rounded to 5%, so rows may not add up to 100."
    more = f" More charges may belong to {wording.in_weeks(facts.unconfirmed)}." if facts.unconfirmed else ""
    yield (
        "Paid money: plan fee by calendar day plus charges I entered (self-reported), rounded to whole dollars, so parts may "
        f"not add up.{more}"
    )
    yield "Evidence: read from local git, nothing fetched."
    yield "Self-reported: work, outcomes and their sentences, links, notes, estimates and how sure I am."
    before = f", anything before {wording.day(facts.since)}" if facts.since else ""
    gaps = f" Weeks not on this page: {wording.weeks(facts.missing)}." if facts.missing else ""
    silent = f" No use was recorded in {wording.in_weeks(facts.silent)}." if facts.silent else ""
    yield f"Missing: work without agents, review and meeting time, other machines{before}.{gaps}{silent}"
    share = facts.withheld_share
    part = "" if share is None else ", no use" if share.text == "none" else f", {share.text} of use"
    trimmed = (
        f" Texts edited by me: {facts.edited}; taken out: {facts.removed}." if facts.edited or facts.removed else ""
    )
    yield f"Withheld: {wording.items(facts.withheld)}{part}.{trimmed}"
    yield _weeks_line(facts)


def _weeks_line(facts: Facts) -> str:
    every = sorted((*facts.closed, *facts.open))
    if not facts.open:
        state = "all closed" if len(every) > 1 else "closed"
    elif not facts.closed:
        state = "open" if len(every) == 1 else "all open"
    else:
        state = f"closed: {wording.weeks(facts.closed)}, open: {wording.weeks(facts.open)}"
    changed = f"; changed since closing: {facts.changed}" if facts.closed else ""
    return f"{'Weeks' if len(every) > 1 else 'Week'} {wording.weeks(every)}, {state}{changed}."
