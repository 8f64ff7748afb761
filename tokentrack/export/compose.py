"""Weeks and options ▶ the page. What closed weeks say is read from their snapshots; open ones are taken as they are now.

Rows and mix go by what came of the work by the end of the period, so they agree. All shares are of the whole, whatever is
withheld.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import msgspec

from tokentrack import clock
from tokentrack.export import appendix, cost, made, payload, rows, sure, wording
from tokentrack.export.edits import Edits, Refused
from tokentrack.export.names import Names
from tokentrack.export.options import BESIDE, BESIDE_PAID, INTENTS, NOTES, PAID, REQUEST, AsItWas, Options
from tokentrack.export.page import FOR_WHOM, NOT_COMPARABLE, PAID_LINE, REQUESTED, Page
from tokentrack.export.sums import sums_of
from tokentrack.review import worth
from tokentrack.review.week import Week, week

MOST_WEEKS = 53


def page(db: sqlite3.Connection, options: Options, now: int) -> Page:
    """Raises Refused for no week, too many, a day or week to come, or an edit that would make a computed text stronger."""
    if options.created > clock.day_of(now):
        raise Refused(f"A page cannot be of a day to come, {options.created}.")
    until = (options.kept and options.kept.until) or min(now, clock.start_of(options.created + clock.DAY) - 1)
    weeks = _weeks(db, options, now, until)
    sums = sums_of(weeks)
    every = sums.works.values()
    names = Names(db, options, until)
    shown = names.placed(work for work in every if work.task not in options.without)
    kept_back = [work for work in every if work.task in options.without]
    rate = options.kept.rate if options.kept else worth.rate(db)
    kept = AsItWas(aliases=tuple(sorted(names.aliases.items())), called=names.called, rate=rate, until=until)
    edits = Edits(dict(options.edits), names.own)
    first, last = weeks[0].monday, weeks[-1].monday + 6 * clock.DAY
    table = (*rows.rows(names, shown, sums, edits), *rows.rest(sums), *rows.withheld(kept_back, sums))
    lines = edits.applied(cost.cost(db, weeks, sums, options))
    fields = options.fields.difference(*(beside for field, beside in BESIDE.items() if field in options.out))
    if not any(one.key == PAID_LINE for one in lines):
        fields, lines = fields - BESIDE_PAID, tuple(one for one in lines if one.key != "cost.list")
        options = msgspec.structs.replace(options, out=options.out | {PAID})  # also where it went as a text
    certain = edits.applied(sure.sure(names, shown, until))
    noted = tuple(sure.change(names, weeks))
    changes = edits.applied(noted)
    more = tuple(
        replace(one, lines=edits.applied(one.lines)) for one in appendix.appendices(names, weeks, shown, rate, fields)
    )
    facts = made.facts(db, weeks, sums, kept_back, edits, options)
    whose = f"me, {names.own(options.name)}," if options.name else "me"
    told = Page(
        title=f"AI-assisted work, {wording.period(first, last)}",
        first=first,
        last=last,
        intro=f"Prepared by {whose} {FOR_WHOM} {NOT_COMPARABLE}",
        rows=table,
        columns=rows.columns(options.out),
        cost=lines,
        sure=certain,
        change=changes,
        nothing_noted=not noted and not {NOTES, INTENTS} & options.out,
        appendix=more,
        facts=facts,
        footer=tuple(made.footer(facts, options.out)),
        request=REQUESTED if REQUEST in options.fields else "",
        created=options.created,
        kept=kept,
    )
    return replace(told, sha256=payload.digest(told))


def _weeks(db: sqlite3.Connection, options: Options, now: int, until: int) -> list[Week]:
    mondays = sorted(set(options.weeks))
    if not mondays:
        raise Refused("No week was chosen.")
    if len(mondays) > MOST_WEEKS:
        raise Refused(f"A page holds at most {MOST_WEEKS} weeks.")
    if clock.start_of(mondays[-1]) > until:
        raise Refused(f"Week {clock.week_name(mondays[-1])} has not begun on {options.created}.")
    return [week(db, monday, now) for monday in mondays]
