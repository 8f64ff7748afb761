"""Weeks and options ▶ the page. What closed weeks say is read from their snapshots; open ones are taken as they are now.

Rows and mix go by what came of the work by the end of the period, so they agree. All shares are of the whole, whatever is
withheld.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from tokentrack import clock
from tokentrack.export import appendix, cost, made, payload, rows, sure, wording
from tokentrack.export.edits import Edits, Refused
from tokentrack.export.names import Names
from tokentrack.export.options import REQUEST, AsItWas, Options
from tokentrack.export.page import NOT_COMPARABLE, REQUESTED, Page
from tokentrack.export.sums import sums_of
from tokentrack.review import worth
from tokentrack.review.week import Week, week

MOST_WEEKS = 53


def page(db: sqlite3.Connection, options: Options, now: int) -> Page:
    """Raises Refused for no week, too many, a day or week to come, or an edit that would make a computed text stronger."""
    if options.created > clock.day_of(now):
        raise Refused(f"A page cannot be of a day to come, {options.created}.")
    until = min(now, clock.start_of(options.created + clock.DAY) - 1)
    weeks = _weeks(db, options, now, until)
    sums = sums_of(weeks)
    shown = [work for work in sums.works.values() if work.task not in options.without]
    kept_back = [work for work in sums.works.values() if work.task in options.without]
    names = Names(db, options, until)
    names.name(shown)
    rate = options.kept.rate if options.kept else worth.rate(db)
    kept = AsItWas(aliases=tuple(sorted(names.aliases.items())), called=names.called, rate=rate)
    edits = Edits(dict(options.edits), names.own)
    first, last = weeks[0].monday, weeks[-1].monday + 6 * clock.DAY
    table = (*rows.rows(names, shown, sums, edits), *rows.rest(sums), *rows.withheld(kept_back, sums))
    lines = edits.applied(cost.cost(db, weeks, sums, options))
    certain = edits.applied(sure.sure(names, shown, until))
    changes = edits.applied(sure.change(names, weeks))
    more = tuple(replace(one, lines=edits.applied(one.lines)) for one in appendix.appendices(names, weeks, shown, rate))
    facts = made.facts(db, weeks, sums, kept_back, edits)
    whose = f"me, {names.own(options.name)}," if options.name else "me"
    told = Page(
        title=f"AI-assisted work, {wording.period(first, last)}",
        first=first,
        last=last,
        intro=f"Prepared by {whose} for our one-on-one, with a tool that runs on my machine alone. {NOT_COMPARABLE}",
        rows=table,
        cost=lines,
        sure=certain,
        change=changes,
        appendix=more,
        facts=facts,
        footer=tuple(made.footer(facts)),
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
