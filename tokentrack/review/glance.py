"""One look at today and this week: what the tray, the popover, the Today page and `tokentrack today` show."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.model.usage import Session, Total
from tokentrack.review import budgets, usage
from tokentrack.review.budgets import Spent
from tokentrack.review.paid import Paid, paid
from tokentrack.store import account, links, logs, read, tasks

LIVE_MS = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Health:
    """How far the figures can be trusted right now."""

    read_at: int | None
    agents: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    day: date
    today: Total
    week: Total
    days: tuple[tuple[date, dict[str, Total]], ...]
    """Monday to Sunday of this week, each with its totals by agent."""
    by_agent: tuple[tuple[str, Total], ...]
    spent: Spent | None
    """Of the budgets in force, the one that the counter shows."""
    unlinked_sessions: int
    unlinked_value: int
    live: Session | None
    """The session that used tokens within the last ten minutes, newest first, if any."""
    health: Health
    unlinked_unpriced: int = 0
    """Requests among the unlinked whose price is not known: their value comes on top."""
    paid: Paid | None = None
    """What this week cost so far; None where the person declared neither a plan nor a charge."""
    unrecorded: tuple[tuple[str, int], ...] = ()
    """(agent, sessions) of this week of whose tokens some or all are recorded nowhere: they are in no sum."""
    unrecorded_today: tuple[tuple[str, int], ...] = ()
    live_task: Task | None = None
    """What the live session's present turn is linked to; None: to nothing, or to no task on purpose."""
    budgets: tuple[Spent, ...] = ()
    """Every budget in force, that over everything first."""


def glance(db: sqlite3.Connection, problems: tuple[str, ...] = ()) -> Glance:
    """The present state. `problems` are sentences about sources that the caller knows of."""
    day = clock.today()
    monday = clock.monday_of(day)
    days = usage.days_by_agent(db, [monday + n * clock.DAY for n in range(7)])
    by_agent: dict[str, Total] = {}
    for _, agents in days:
        for agent, total in agents.items():
            by_agent[agent] = by_agent.get(agent, Total()) + total
    waiting, waiting_total = read.unlinked(db)
    live = _live(db)
    planned = budgets.all_spent(db, day)
    return Glance(
        day=day,
        today=_sum(dict(days)[day]),
        week=_sum(by_agent),
        days=tuple(days),
        by_agent=tuple(sorted(by_agent.items())),
        spent=budgets.followed(planned, read.setting(db, budgets.FOLLOWED)),
        unlinked_sessions=waiting,
        unlinked_value=waiting_total.list_value or 0,
        unlinked_unpriced=waiting_total.unpriced_requests,
        live=live,
        live_task=_task_of(db, live),
        paid=_paid(db, monday, day),
        budgets=tuple(planned),
        unrecorded=tuple(account.unrecorded(db, *clock.week_span(monday))),
        unrecorded_today=tuple(account.unrecorded(db, *clock.span(day, day))),
        health=Health(logs.last_read(db), tuple(logs.agents_seen(db)), (*problems, *log_problems(db))),
    )


def log_problems(db: sqlite3.Connection) -> tuple[str, ...]:
    """One sentence for each agent some of whose logs could not be read."""
    failing: dict[str, list[tuple[str, str]]] = {}
    for agent, path, reason in logs.failing(db):
        failing.setdefault(agent, []).append((path, reason))
    return tuple(
        f"{agent}: {paths[0][0]}: {paths[0][1]}" + (f", and {len(paths) - 1} more" if len(paths) > 1 else "")
        for agent, paths in failing.items()
    )


def _sum(totals: Mapping[str, Total]) -> Total:
    return sum(totals.values(), Total())


def _paid(db: sqlite3.Connection, monday: date, day: date) -> Paid | None:
    known = paid(db, monday, day)
    return None if known.amount is None else known


def _task_of(db: sqlite3.Connection, live: Session | None) -> Task | None:
    """The task of a session's last turn."""
    if live is None:
        return None
    turn = max(live.turns - 1, 0)
    linked = next((link.task for link in links.links(db, [live.id]) if link.turns.holds(turn)), None)
    return tasks.task(db, linked) if linked else None


def _live(db: sqlite3.Connection) -> Session | None:
    now = clock.now_ms()
    newest = read.sessions(db, since=now - LIVE_MS, limit=1)
    return next((session for session in newest if session.total.requests), None)
