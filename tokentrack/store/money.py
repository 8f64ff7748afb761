"""Plans, charges and which months' charges are all entered: what the person types in, since no log tells it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from tokentrack.model.costs import Budget, Charge, Plan
from tokentrack.store import write

_PLANS = """
select p.*, (select min(date(l.since, '-1 day')) from plan_ends e join plans l on l.id = e.by_plan where e.plan = p.id) as ended
from plans p order by p.since, p.id
"""


def plans(db: sqlite3.Connection) -> list[Plan]:
    """Every plan ever in force, the oldest first. Its last day is its own, or the one before the first plan that ended it."""
    found = []
    for row in db.execute(_PLANS):
        until = min((day for day in (row["until"], row["ended"]) if day), default=None)
        found.append(
            Plan(
                row["id"], row["name"], row["fee"], row["period"], tuple(json.loads(row["agents"])),
                date.fromisoformat(row["since"]), date.fromisoformat(until) if until else None,
            )
        )  # fmt: skip
    return found


def add_plan(db: sqlite3.Connection, plan: Plan, now: int, *, beside: bool = False) -> int:
    """Adds a plan with its own last day; returns its number. Plans of the same agents end each other, unless it runs `beside`."""
    row = db.execute(
        "insert into plans (name, fee, period, agents, since, until, made_at) values (?, ?, ?, ?, ?, ?, ?) returning id",
        [
            plan.name, plan.fee, plan.period, json.dumps(plan.agents), plan.since.isoformat(),
            plan.until and plan.until.isoformat(), now,
        ],
    ).fetchone()  # fmt: skip
    number = int(row[0])
    if not beside:
        db.execute(_ENDS, {"new": number})
    return number


_ENDS = """
insert into plan_ends select a.id, b.id from plans a join plans b on a.since < b.since and (a.until is null or a.until >= b.since)
where :new in (a.id, b.id)
and not exists (select 1 from json_each(a.agents) where value not in (select value from json_each(b.agents)))
"""
"""What a plan ends or is ended by: a later one that covers all its agents. Also where another one ended it before, since that
one may be taken out."""


def end_plan(db: sqlite3.Connection, number: int, until: date | None) -> None:
    """Sets the last day of a plan, None for no end: that is what holds now, whichever plans ended it."""
    db.execute("update plans set until = ? where id = ?", [until and until.isoformat(), number])
    db.execute("delete from plan_ends where plan = ?", [number])


TakenOut = tuple[str, dict[str, Any]]
"""A row that was taken out, and its table."""


def remove_plan(db: sqlite3.Connection, number: int) -> TakenOut | None:
    """Takes a plan out: those that it ended have the ends that they have without it."""
    return _take_out(db, "plans", number)


def _take_out(db: sqlite3.Connection, table: str, number: int) -> TakenOut | None:
    """None where there is no such row."""
    row = db.execute(f"delete from {table} where id = ? returning *", [number]).fetchone()
    return None if row is None else (table, dict(row))


def put_back(db: sqlite3.Connection, taken: TakenOut | None) -> None:
    """All of a row as it was, its number too: what was done to it before is taken back by its number."""
    if taken is not None:
        table, row = taken
        db.execute(f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


def charges(db: sqlite3.Connection, first: date | None = None, last: date | None = None) -> list[Charge]:
    """Those of the days [first, last], the oldest first."""
    rows = db.execute(
        "select * from charges where day between ? and ? order by day, id",
        [(first or date.min).isoformat(), (last or date.max).isoformat()],
    )
    return [_charge(row) for row in rows]


def _charge(row: sqlite3.Row) -> Charge:
    return Charge(row["id"], date.fromisoformat(row["day"]), row["amount"], row["note"], row["agent"])


def add_charge(db: sqlite3.Connection, charge: Charge, now: int) -> int:
    row = db.execute(
        "insert into charges (day, amount, note, agent, made_at) values (?, ?, ?, ?, ?) returning id",
        [charge.day.isoformat(), charge.amount, charge.note, charge.agent, now],
    ).fetchone()
    return int(row[0])


def import_charges(db: sqlite3.Connection, rows: Iterable[Charge], now: int) -> int:
    """Adds rows of a file; those that an earlier import brought stay as they are. Returns how many were new."""
    before = db.total_changes
    seen: Counter[str] = Counter()
    for row in rows:
        text = json.dumps([row.day.isoformat(), row.amount, row.note, row.agent])
        fingerprint = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
        db.execute(
            "insert or ignore into charges (day, amount, note, agent, fingerprint, copy, made_at) values (?, ?, ?, ?, ?, ?, ?)",
            [row.day.isoformat(), row.amount, row.note, row.agent, fingerprint, seen[fingerprint], now],
        )
        seen[fingerprint] += 1
    return db.total_changes - before


def remove_charge(db: sqlite3.Connection, number: int) -> TakenOut | None:
    return _take_out(db, "charges", number)


def confirmed(db: sqlite3.Connection) -> dict[str, date]:
    """Month ▶ the day up to which all its charges are entered."""
    return {row[0]: date.fromisoformat(row[1]) for row in db.execute("select month, through from confirmed_months")}


def confirm(db: sqlite3.Connection, month: str, through: date | None) -> None:
    """All charges of a month are entered up to a day; None: they are not."""
    if through is None:
        db.execute("delete from confirmed_months where month = ?", [month])
        return
    db.execute(
        "insert into confirmed_months values (?, ?) on conflict (month) do update set through = excluded.through",
        [month, through.isoformat()],
    )


def end_budget(db: sqlite3.Connection, budget: Budget, day: date, now: int) -> Callable[[sqlite3.Connection], object]:
    """From this day on nothing is planned in the budget's place; one that has not begun by then is taken out.

    Returns what takes that back.
    """
    if budget.since > day:
        taken = _take_out(db, "budgets", budget.id)
        return lambda db: put_back(db, taken)
    none = write.add_budget(db, budget.measure, 0, budget.period, budget.project, day, now)
    return lambda db: _take_out(db, "budgets", none)
