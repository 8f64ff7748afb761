"""What is known of logs: how far each was read, what is wrong with them, where they were found."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentrack.model.logs import Problem
from tokentrack.store.read import setting

READ_AT = "read_at"
MOST_TOLD = 100
"""Faults told of an agent's logs; beyond them their number is."""


class LogState(NamedTuple):
    """What is known of a log since it was last read."""

    id: int
    cursor: str | None
    stat: tuple[int, int, int]
    gone: bool


def states(db: sqlite3.Connection, agent: str) -> dict[str, LogState]:
    rows = db.execute("select path, id, cursor, size, mtime_ns, inode, gone_at from logs where agent = ?", [agent])
    rows.row_factory = None  # thousands of rows: plain tuples
    return {
        path: LogState(number, cursor, (size, mtime, inode), gone is not None)
        for path, number, cursor, size, mtime, inode, gone in rows
    }


def state(db: sqlite3.Connection, agent: str, path: str) -> LogState | None:
    row = db.execute("select * from logs where agent = ? and path = ?", [agent, path]).fetchone()
    if row is None:
        return None
    return LogState(row["id"], row["cursor"], (row["size"], row["mtime_ns"], row["inode"]), row["gone_at"] is not None)


class LogHealth(NamedTuple):
    path: str
    root: str
    error: str | None
    gone: bool
    version: str | None


def health(db: sqlite3.Connection, agent: str) -> list[LogHealth]:
    rows = db.execute(
        "select path, root, error, gone_at is not null, version from logs where agent = ? order by path",
        [agent],
    )
    return [LogHealth(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


class Fault(NamedTuple):
    """A record that could not be used. `gone`: its log is there no more."""

    log: str
    problem: Problem
    gone: bool


_FAULTS = """select l.path, p.position, p.reason, min(l.gone_at is not null) as gone
  from problems p join logs l on l.id = p.log_id
  where l.agent = ?1 and (l.gone_at is null or l.first_at is null
    or l.first_at not in (select first_at from logs where agent = ?1 and gone_at is null and first_at is not null))
  group by coalesce(l.first_at, l.path), p.position"""
"""Each once: a log that moved is read again where it is now."""


def faults(db: sqlite3.Connection, agent: str) -> list[Fault]:
    """The first ones, those of logs that are gone at the end."""
    rows = db.execute(f"{_FAULTS} order by gone, l.path, p.position limit ?", [agent, MOST_TOLD])
    return [Fault(row[0], Problem(row[1], row[2]), bool(row[3])) for row in rows]


def unreadable(db: sqlite3.Connection, agent: str) -> int:
    """How many records could not be used, with those that are told by their number alone (see `Problems`)."""
    each = "iif(reason glob '[1-9]* more faults*', cast(reason as integer), 1)"
    return int(db.execute(f"select coalesce(sum({each}), 0) from ({_FAULTS})", [agent]).fetchone()[0])


def agents_seen(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("select distinct agent from logs order by 1")]


def last_read(db: sqlite3.Connection) -> int | None:
    """When a pass over all logs last ended, UTC milliseconds."""
    at = setting(db, READ_AT)
    return int(at) if at.isdigit() else None


def failing(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """(agent, path, reason) of logs that could not be read last time."""
    rows = db.execute(
        "select agent, path, error from logs where error is not null and gone_at is null order by path limit 50"
    )
    return [tuple(row) for row in rows]


def roots_met(db: sqlite3.Connection, agent: str) -> list[str]:
    """Every root in which a log of this agent was ever found."""
    return [row[0] for row in db.execute("select distinct root from logs where agent = ? order by 1", [agent])]
