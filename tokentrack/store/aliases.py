"""Sub-agents' own sessions ▶ the session whose spend they are.

A sub-agent's log may be read before its parent's, and older logs name only the parent, which may be a sub-agent itself. So an
id is followed to the session it stands for, and a session that turns out to be a sub-agent's is taken up into its parent's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentrack.store import anchors


def session_named(db: sqlite3.Connection, agent: str, native_id: str) -> int | None:
    """The session of this id, or the one that an alias of this id leads to."""
    row = db.execute(
        """select coalesce((select session_id from aliases where agent = ?1 and native_id = ?2),
                           (select id from sessions where agent = ?1 and native_id = ?2))""",
        [agent, native_id],
    ).fetchone()
    return None if row[0] is None else int(row[0])


def roll_up(db: sqlite3.Connection, agent: str, aliases: Iterable[str], session: int) -> dict[int, int]:
    """Notes that these ids are sub-agents' of a session. Returns what it took up: sessions of these ids, into that one."""
    taken_up = {}
    for alias in aliases:
        db.execute("insert or replace into aliases values (?, ?, ?)", [agent, alias, session])
        row = db.execute("select id from sessions where agent = ? and native_id = ?", [agent, alias]).fetchone()
        if row is not None and row[0] != session:
            _take_up(db, int(row[0]), session)
            taken_up[int(row[0])] = session
    return taken_up


def _take_up(db: sqlite3.Connection, child: int, session: int) -> None:
    db.execute("insert into touched values (?)", [session])
    db.execute("update turns set seq = -1 where session_id = ?", [child])
    for table in ("requests", "logs", "aliases"):
        db.execute(f"update {table} set session_id = ? where session_id = ?", [session, child])
    for table in ("turns", "titles", "marks", "session_models"):
        db.execute(f"update or ignore {table} set session_id = ? where session_id = ?", [session, child])
        db.execute(f"delete from {table} where session_id = ?", [child])
    for table in ("beginnings", "by_turn"):
        db.execute(f"delete from {table} where session_id = ?", [child])
    anchors.taken_up(db, child, session)
    db.execute("delete from touched where id = ?", [child])
    db.execute("delete from sessions where id = ?", [child])
