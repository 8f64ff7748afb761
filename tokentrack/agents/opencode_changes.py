"""Which of opencode's rows changed after they were read, found without looking through a database of gigabytes.

opencode tells the time of a row's last change, but keeps no index of it. What changes was mostly written just before: so the
newest rows are looked through, and of the sessions that changed since, their messages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

RECENT = 1000
"""Rows before the newest ones that are looked through."""
MOST_CHANGED = 4000
LARGEST_STEP = 8 << 10


def messages(
    db: sqlite3.Connection, table: str, columns: set[str], start: int, since: int, sessions: Iterable[object]
) -> Iterator[object]:
    """The ids of messages, of those up to row `start`, that changed since then."""
    if "time_updated" not in columns or start == 0:
        return
    where: list[tuple[str, list[object]]]
    if _has_index(db, table, "time_updated"):
        where = [("time_updated >= ? and rowid <= ?", [since, start])]
    else:
        where = [("rowid > ? and rowid <= ? and time_updated >= ?", [start - RECENT, start, since])]
        if "session_id" in columns and _has_index(db, table, "session_id"):
            where += [("session_id = ? and rowid <= ? and time_updated >= ?", [one, start, since]) for one in sessions]
    for condition, values in where:
        query = f"select id from {table} where {condition} limit ?"
        yield from (native_id for (native_id,) in db.execute(query, [*values, MOST_CHANGED]))


def steps(db: sqlite3.Connection, columns: set[str], after: int, start: int, since: int) -> Iterator[object]:
    """The ids of messages, of those up to row `start`, of which a step ended in a part behind `after`, or changed before it.

    An id may come twice: asked for `distinct` ones, SQLite goes through the whole index instead of the newest rows.
    """
    changed = "p.time_updated >= ?" if "time_updated" in columns else "? is null"
    query = f"""select p.message_id from part p cross join message m on m.id = p.message_id
                where p.rowid > ? and (p.rowid > ? or {changed}) and m.rowid <= ?
                  and length(cast(p.data as blob)) <= ? and instr(p.data, '"step-finish"')"""
    values = [after - RECENT, after, since, start, LARGEST_STEP]
    yield from (message for (message,) in db.execute(query, values))


def newest(db: sqlite3.Connection, table: str) -> int:
    (number,) = db.execute(f"select max(rowid) from {table}").fetchone()
    return number or 0


def _has_index(db: sqlite3.Connection, table: str, column: str) -> bool:
    """Whether rows can be found by this column."""
    query = "select 1 from pragma_index_list(?) l, pragma_index_info(l.name) i where i.seqno = 0 and i.name = ?"
    return db.execute(query, [table, column]).fetchone() is not None
