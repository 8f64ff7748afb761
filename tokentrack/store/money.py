"""Plans, charges and which months' charges are all entered: what the person types in, since no log tells it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tokentrack.model import Budget, Charge, Plan
from tokentrack.store import write


def plans(db: sqlite3.Connection) -> list[Plan]:
    """Every plan ever in force, the oldest first."""
    return [
        Plan(
            row["id"], row["name"], row["fee"], row["period"], tuple(json.loads(row["agents"])),
            date.fromisoformat(row["since"]), date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in db.execute("select * from plans order by since, id")
    ]  # fmt: skip


def add_plan(db: sqlite3.Connection, plan: Plan, now: int) -> int:
    row = db.execute(
        "insert into plans (name, fee, period, agents, since, until, made_at) values (?, ?, ?, ?, ?, ?, ?) returning id",
        [
            plan.name, plan.fee, plan.period, json.dumps(plan.agents), plan.since.isoformat(),
            plan.until and plan.until.isoformat(), now,
        ],
    ).fetchone()  # fmt: skip
    return int(row[0])


def put_plan(db: sqlite3.Connection, plan: Plan, ended: Iterable[Plan], now: int) -> int:
    """Adds a plan and ends those that it takes over from; returns its number."""
    for earlier in ended:
        end_plan(db, earlier.id, earlier.until)
    return add_plan(db, plan, now)


def end_plan(db: sqlite3.Connection, number: int, until: date | None) -> None:
    """Sets the last day of a plan; None: it is in force until further notice."""
    db.execute("update plans set until = ? where id = ?", [until and until.isoformat(), number])


def remove_plan(db: sqlite3.Connection, number: int) -> None:
    db.execute("delete from plans where id = ?", [number])


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


def remove_charge(db: sqlite3.Connection, number: int) -> bool:
    return db.execute("delete from charges where id = ?", [number]).rowcount > 0


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


def end_budget(db: sqlite3.Connection, budget: Budget, day: date, now: int) -> int | None:
    """From this day on nothing is planned in the budget's place; one that has not begun by then is taken out.

    Returns the number of the row that says so, with which `remove_budget` takes it back; None where it was taken out.
    """
    if budget.since > day:
        remove_budget(db, budget.id)
        return None
    return put_budget(db, replace(budget, amount=0, since=day), now)


def put_budget(db: sqlite3.Connection, budget: Budget, now: int) -> int:
    return write.add_budget(db, budget.measure, budget.amount, budget.period, budget.project, budget.since, now)


def remove_budget(db: sqlite3.Connection, number: int) -> None:
    db.execute("delete from budgets where id = ?", [number])


def projects(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """(path, name) of every project that was met, by path."""
    return [(row[0], row[1]) for row in db.execute("select path, name from projects order by path")]
