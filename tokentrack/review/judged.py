"""How the figures of a week's review were computed, by their names: the kind, then a week, a task, or `all`."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.money import dollars
from tokentrack.review import (
    as_closed,
    attended,
    calibration,
    drift,
    effect,
    evidence,
    followups,
    insights,
    since,
    snapshot,
    usual,
    worth,
)
from tokentrack.review.budgets import Spent, all_spent
from tokentrack.review.closer import percent
from tokentrack.review.ledger import LABELS
from tokentrack.review.paid import MICRO, How, Line
from tokentrack.review.week import take
from tokentrack.store import ledger, reviews, tasks
from tokentrack.store.read import UNLINKED, Where

OF_A_WEEK = ("accounted", "outcomes", "list", "rework", "drift", "pace", "insight", "attended", "changed")
OF_A_TASK = ("rework", "attended", "usual", "break-even", "effect")
CLOSED = "closed"
KINDS = (*OF_A_WEEK, *(kind for kind in OF_A_TASK if kind not in OF_A_WEEK), "calibration")
"""What such a figure's name begins with."""
PARTS = ("insight", "list", "changed")
"""Those of a week of which a part may be named after it."""
PAID = "paid"
"""Of a closed week it is what was kept: `paid week:2026-W47 closed`."""


class NoSuchName(Exception):
    """No figure is called so."""


class NameOne(NoSuchName):
    """It is one of several; the message names them in one sentence."""


def how(db: sqlite3.Connection, kind: str, of: str, now: int) -> How | None:
    """`of`: `week:2026-W47`, `task:` and an id or key, `all`. None: there is nothing to compute it from. Raises NoSuchName.

    A sentence of a week is named by what it is about, too; else it is told how its sentences are called (NameOne).
    """
    named, _, rest = of.partition(" ")
    sort, _, name = named.partition(":")
    if (kind, of) == ("calibration", "all"):
        return calibration.how(db, now)
    if sort == "week" and (kind, rest) == (PAID, CLOSED):
        return _paid(db, _monday(name))
    if sort == "week" and kind in OF_A_WEEK and (not rest or kind in PARTS):
        return _of_week(db, kind, _monday(name), rest, now)
    if sort == "task" and kind in OF_A_TASK and not rest:
        return _of_task(db, kind, _task(db, name), now)
    raise NoSuchName(of)


def _monday(name: str) -> date:
    try:
        monday = clock.parse_week(name)
    except ValueError:
        raise NoSuchName(name) from None
    if not 1970 < monday.year < 9999:
        raise NoSuchName(name)
    return monday


def _task(db: sqlite3.Connection, name: str) -> Task:
    found = tasks.tasks_like(db, name)
    if len(found) != 1:
        raise NoSuchName(name)
    return found[0]


# ---- of a week -------------------------------------------------------------------------------------------------------


def _of_week(db: sqlite3.Connection, kind: str, monday: date, rest: str, now: int) -> How | None:
    begin, until = clock.week_span(monday)
    if kind in ("accounted", "outcomes", "list"):
        return _of_snapshot(db, kind, monday, rest, now)
    if kind == "rework":
        names = {task.id: task.name for task in tasks.tasks(db)}
        parts = ledger.booked(db, Where(begin, until))
        return insights.rework_how(names, parts, f"week:{clock.week_name(monday)} ")
    if kind == "drift":
        return drift.how(db, monday)
    if kind == "pace":
        return pace(all_spent(db, min(monday + 6 * clock.DAY, clock.day_of(now))))
    if kind == "attended":
        return attended.how(db, None, begin, until)
    if kind == "changed":
        return since.changed(db, monday, rest.removeprefix("session:"), now)
    found = since.sentence(db, monday, rest, now)
    if found is None and (said := since.sentences(db, monday, now)):
        raise NameOne(f"Name one: {', '.join(f'insight week:{clock.week_name(monday)} {name}' for name in said)}.")
    return found


def _of_snapshot(db: sqlite3.Connection, kind: str, monday: date, rest: str, now: int) -> How | None:
    """As it was closed, else as it is now."""
    closed = reviews.standing(db, clock.week_name(monday))
    told = snapshot.read(closed.snapshot) if closed is not None else take(db, monday, now)
    stamp = _stamp(closed) if closed is not None else ()
    if kind == "list":
        return as_closed.list_value(db, told, stamp, rest)
    found = accounted(told) if kind == "accounted" else outcomes(told)
    if closed is None:
        return found
    rows = tuple(replace(line, why=f"list {line.why}") for line in found.rows)
    return replace(found, inputs=(*stamp, *found.inputs), rows=rows)


def _paid(db: sqlite3.Connection, monday: date) -> How | None:
    closed = reviews.standing(db, clock.week_name(monday))
    return None if closed is None else as_closed.paid(snapshot.read(closed.snapshot), _stamp(closed))


def _stamp(closed: reviews.Revision) -> as_closed.Inputs:
    return (("as closed on", clock.day_of(closed.closed_at).isoformat()),)


def accounted(told: snapshot.Snapshot) -> How:
    """M2: all that belongs to a task or was set aside on purpose, and what it is a part of."""
    unlinked = next((row.list_value for row in told.outcomes if row.outcome == UNLINKED), 0)
    return How(
        "accounted for = list value of what is linked to a task or set aside as no task / list value of the week",
        told.requests,
        "requests",
        (
            ("accounted for", percent(told.accounted, told.list_value or 0)),
            ("list value of the week", dollars(told.list_value)),
            ("not linked, list value", dollars(unlinked)),
            ("without a known price", f"{told.unpriced_requests:,} requests, not counted as 0"),
            ("not claimed", "that what is linked was worth it"),
        ),
        tuple(line for line in outcomes(told).rows if line.what != UNLINKED),
    )


def outcomes(told: snapshot.Snapshot) -> How:
    """M3: the list value by what came of it; percents by largest remainder."""
    return How(
        "list value of the week by what came of its task, rework before it; percents are rounded so that they add up to 100",
        len(told.outcomes),
        "outcomes",
        tuple((LABELS.get(row.outcome, row.outcome), f"{row.percent}%") for row in told.outcomes),
        tuple(
            Line(
                LABELS.get(row.outcome, row.outcome),
                row.list_value,
                "list value",
                f"week:{told.week} outcome:{row.outcome}",
            )
            for row in told.outcomes
        ),
    )


def pace(found: list[Spent]) -> How | None:
    """M14: each budget in force, and what its period used so far, in the same measure."""
    if not found:
        return None
    lines = []
    for spent in found:
        one = spent.budget
        unit = "tokens" if one.measure == "tokens" else MICRO
        kind = {"paid": "paid", "list_value": "list value", "tokens": "measured"}[one.measure]
        name = f"{one.project or 'everything'}, {spent.first} to {spent.last}"
        lines += [
            Line(f"{name}: planned", one.amount, "planned", unit=unit),
            Line(f"{name}: used", spent.known, kind, unit=unit),
        ]
    return How(
        "used / planned of the running period, in the same measure", len(found), "budgets", (), tuple(lines), False
    )


# ---- of a task -------------------------------------------------------------------------------------------------------


def _of_task(db: sqlite3.Connection, kind: str, task: Task, now: int) -> How | None:
    if kind == "usual":
        return usual.how(db, task.id, now)
    if kind == "break-even":
        return worth.how(db, task.id)
    if kind == "effect":
        return effect.how(db, task.id)
    if kind == "attended":
        return attended.how(db, task.id, None, None)
    together = [task, *(one for one in tasks.tasks(db) if one.follow_up_of == task.id)]
    parts = ledger.booked(db, Where(tasks=tuple(one.id for one in together)))
    found = insights.rework_how({one.id: one.name for one in together}, parts, shipped=task.id)
    return replace(found, inputs=(*_since_shipped(task, now), *_git(db, task, now), *found.inputs))


def _since_shipped(task: Task, now: int) -> tuple[tuple[str, str], ...]:
    """`day 4 of 14` until the window ends (AC 32)."""
    passed = followups.rework_window(task, now) or f"{followups.REWORK_DAYS} days have passed"
    return (("since it was shipped", passed),) if task.outcome == "shipped" else ()


def _git(db: sqlite3.Connection, task: Task, now: int) -> tuple[tuple[str, str], ...]:
    told = evidence.evidence(db, task.id, now)
    missing = evidence.unread(told)
    return ((("git cannot be asked", missing),) if missing else ()) + (
        () if missing and not evidence.found(told)
        else (("found in git", evidence.summary(evidence.found(told), now, task.outcome != "shipped")),)
    )  # fmt: skip
