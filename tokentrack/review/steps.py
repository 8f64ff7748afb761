"""What the steps of a week's review ask: what was said the week before, which tasks look finished, what to plan next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tokentrack import clock
from tokentrack.model.costs import Budget
from tokentrack.model.tasks import Evidence, Task
from tokentrack.model.usage import Session, Total
from tokentrack.pricing import own
from tokentrack.review import (
    budgets,
    calibration,
    closing,
    drift,
    evidence,
    followups,
    insights,
    ledger,
    repriced,
    snapshot,
    usual,
    week,
    worth,
)
from tokentrack.review.calibration import Ranges
from tokentrack.review.drift import Band, Column
from tokentrack.review.finished import finished
from tokentrack.review.followups import Question
from tokentrack.review.insights import Insight
from tokentrack.review.ledger import NOTHING, Ledger, Used
from tokentrack.review.paid import Paid, paid
from tokentrack.review.usual import Chip
from tokentrack.review.week import JudgedRow, Week
from tokentrack.review.worth import BreakEven
from tokentrack.store import exports, links, reviews, tasks
from tokentrack.store.read import Where
from tokentrack.store.reviews import Draft, Shown

QUIET_DAYS = 7
"""Days without use after which an open task looks finished (product 6.1)."""
ASKED_MS = 28 * 24 * 60 * 60 * 1000
"""An open task that was last used so long before the week is asked about no more: the question came up in weeks before."""


class Recall(NamedTuple):
    """What the person told themselves when they looked back last, and in which week's review; and what they kept of it."""

    week: str
    note: str
    intent: str
    kept: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A task that looks finished. `found` is what git tells, `because` why it is asked about; `said` is the person's sentence.

    `window` is `day 4 of 14` while use of a shipped task counts as rework, `unread` why git could not be asked, each may be "".
    `rework` is what its shipping made rework, on it and on what follows it up.
    `worth` is `yes`, `no`, `unsure` or None. Evidence and verdict stand beside each other; neither is made of the other.
    """

    task: Task
    because: str
    found: str
    evidence: tuple[str, ...]
    this_week: Used
    in_all: Used
    chip: Chip | None
    break_even: BreakEven | None
    worth: str | None
    said: str
    follows: str | None
    window: str = ""
    unread: str = ""
    rework: Total = NOTHING


class ChangeRow(NamedTuple):
    """A session that says otherwise than when the week was closed: list value then and now; None: nothing of it is known."""

    session: Session
    then: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Steps:
    """A week and everything its review asks. `planned` is the weekly budget over everything, in list value, of the week after.

    `usual` is None below five closed weeks (R6). `earlier` are the Mondays of open weeks before it; `first` is that of the first
    week in which anything was used. `alone` is how many tasks were finished in the week that no session is linked to (Q24);
    `ranges` are the sorts of estimates of which any was made for a task that is finished; `repriced` are the week's requests,
    while it is open, whose price is another one today.
    """

    week: Week
    draft: Draft
    recall: Recall | None
    judged: tuple[ToJudge, ...]
    questions: tuple[Question, ...]
    insights: tuple[Insight, ...]
    columns: tuple[Column, ...]
    usual: Band | None
    planned: Budget | None
    otherwise_planned: bool
    earlier: tuple[date, ...]
    first: date
    changes: tuple[ChangeRow, ...]
    judged_since: tuple[JudgedRow, ...]
    paid: Paid
    alone: int
    ranges: tuple[Ranges, ...]
    repriced: repriced.Repriced


def steps(db: sqlite3.Connection, monday: date | None, now: int, prices: own.OwnPrices | None = None) -> Steps:
    """None: the week to look back on now. Of a closed week nothing is asked. `prices` as in `spend`."""
    monday = monday or closing.due(db, clock.today())
    found = week.week(db, monday, now)
    closed = found.closed
    band = drift.band(drift.values(drift.past(db, monday)))
    ahead = max(monday + 7 * clock.DAY, clock.today())
    plan = budgets.in_force(db, ahead)
    weekly = plan if plan and (plan.measure, plan.period) == ("list_value", "week") else None
    return Steps(
        found,
        reviews.draft(db, clock.week_name(monday)),
        recall(db, monday),
        () if closed else to_judge(db, monday, now),
        () if closed else tuple(followups.due(db, now)),
        () if closed else tuple(insights.insights(db, monday, now)),
        tuple(drift.eight_weeks(db, monday, now)),
        band,
        weekly,
        bool(plan and not weekly),
        tuple(closing.earlier(db, monday)),
        _first(db, monday),
        tuple(_changes(db, found)),
        tuple(week.tasks_changed(db, found)),
        paid(db, monday, monday + 6 * clock.DAY),
        0 if closed else _alone(db, monday, now),
        () if closed else tuple(one for one in calibration.calibration(db, now).all if one.n or one.late),
        repriced.in_week(db, monday, prices) if prices else repriced.NONE,
    )


def _alone(db: sqlite3.Connection, monday: date, now: int) -> int:
    return sum(not links.links(db, task=task) for task in finished(db, monday, now))


def _first(db: sqlite3.Connection, monday: date) -> date:
    at = exports.first_use(db)
    return monday if at is None else min(monday, clock.monday_of(clock.day_of(at)))


# ---- recall ----------------------------------------------------------------------------------------------------------


def recall(db: sqlite3.Connection, monday: date) -> Recall | None:
    """Of the week before, as it was closed or as it stands; else of the last week that was closed with a word.

    An experiment is asked about once: what a review since then was told of is not asked again.
    """
    return next((one for one in _recalled(db, monday) if one.note or one.intent or one.kept), None)


def _recalled(db: sqlite3.Connection, monday: date) -> Iterator[Recall]:
    """Of each week that may tell something, the latest first."""
    name = clock.week_name(monday)
    before = reviews.draft(db, clock.week_name(monday - 7 * clock.DAY))
    yield Recall(before.week, before.note, before.intent, _kept(db, before.week))
    for one in reversed(reviews.latest(db, name, drift.PAST_WEEKS)):
        told = snapshot.read(one.snapshot)
        intent = "" if reviews.answered(db, one.week, name) else told.intent
        yield Recall(one.week, told.note, intent, _kept(db, one.week))


def _kept(db: sqlite3.Connection, week: str) -> tuple[Shown, ...]:
    return tuple(one for one in reviews.shown(db, week, week) if one.answer == insights.KEPT)


# ---- tasks that look finished ----------------------------------------------------------------------------------------


def to_judge(db: sqlite3.Connection, monday: date, now: int) -> tuple[ToJudge, ...]:
    """Those whose outcome this week's review tells, and open ones that were merged or quiet for 7 days; the dearest first."""
    since, until = clock.week_span(monday)
    every = ledger.ledger(db)
    this = {row.task.id: row.used for row in ledger.ledger(db, Where(since, until)).rows}
    known = {row.task.id: row.task for row in every.rows}
    done = finished(db, monday, now)
    found = []
    for row in every.rows:
        task, used = row.task, row.used
        if task.created_at >= until and not this[task.id].sessions:
            continue
        if task.outcome is None and (used.last_at is None or used.last_at < since - ASKED_MS):
            continue
        if task.outcome is not None and task.id not in done:
            continue
        told = evidence.evidence(db, task.id, now)
        because = _because(task, used.last_at, told, now)
        if because:
            found.append(_asked(db, every, row, this[task.id], told, because, known, now))
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -(one.this_week.list_value or 0),
                -(one.in_all.list_value or 0),
                one.task.name,
                one.task.id,
            ),
        )
    )


def _because(task: Task, last_at: int | None, told: list[Evidence], now: int) -> str:
    """Why it looks finished; empty: it does not. A commit on the default branch alone ends no task."""
    if task.outcome is not None:
        return "finished"
    if any(one.state == evidence.MERGED and one.kind in ("pull", "branch") for one in told):
        return evidence.MERGED
    days = 0 if last_at is None else (clock.day_of(now) - clock.day_of(last_at)) // clock.DAY
    return f"quiet for {days} days" if days >= QUIET_DAYS else ""


def _asked(
    db: sqlite3.Connection,
    every: Ledger,
    row: ledger.Row,
    this_week: Used,
    told: list[Evidence],
    because: str,
    known: dict[str, Task],
    now: int,
) -> ToJudge:
    task, verdict = row.task, reviews.verdict(db, row.task.id)
    events = tasks.outcomes(db, task.id)
    git, unread = evidence.found(told), evidence.unread(told)
    follows = known.get(task.follow_up_of or "")
    return ToJudge(
        task,
        because,
        "" if unread and not git else evidence.summary(git, now, task.outcome != "shipped"),
        tuple(map(evidence.in_words, git)),
        this_week,
        row.used,
        usual.chip_of(every.rows, row, now),
        worth.break_even(db, task.id),
        verdict.worth if verdict else None,
        events[-1].note if events and task.outcome is not None else task.note,
        follows.name if follows else None,
        followups.rework_window(task, now),
        unread,
        every.after.get(task.id, NOTHING),
    )


# ---- a closed week ---------------------------------------------------------------------------------------------------


def _changes(db: sqlite3.Connection, found: Week) -> Iterator[ChangeRow]:
    if found.changed is None:
        return
    then, now = found.told.sessions, week.session_rows(db, week.closed_where(found.monday, found.told))
    for session in week.sessions_changed(db, found.changed):
        yield ChangeRow(session, week.value_of(then, session.id), week.value_of(now, session.id))
