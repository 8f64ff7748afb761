"""What is known of logs: how far each was read, what is wrong with them, where they were found."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentrack.store.read import setting

READ_AT = "read_at"


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
    unreadable: int
    gone: bool
    version: str | None


def health(db: sqlite3.Connection, agent: str) -> list[LogHealth]:
    rows = db.execute(
        "select path, root, error, unreadable, gone_at is not null, version from logs where agent = ? order by path",
        [agent],
    )
    return [LogHealth(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows]


def problems(db: sqlite3.Connection, agent: str, limit: int = 100) -> list[tuple[str, int, str]]:
    """(log, position, reason) of records that could not be used, in logs that are there: one that moved is read again there."""
    rows = db.execute(
        "select l.path, p.position, p.reason from problems p join logs l on l.id = p.log_id "
        "where l.agent = ? and l.gone_at is null order by l.path, p.position limit ?",
        [agent, limit],
    )
    return [tuple(row) for row in rows]


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
