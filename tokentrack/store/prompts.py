"""When the person prompted: what time spent at the keyboard is estimated from."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Prompt(NamedTuple):
    """The beginning of a turn, UTC milliseconds."""

    session: str
    turn: int
    at: int


def prompts(
    db: sqlite3.Connection, task: str | None = None, since: int | None = None, until: int | None = None
) -> list[Prompt]:
    """Those in [since, until), of all sessions or of the turns that are linked to one task: by session, in their order."""
    linked = """exists (select 1 from links l join tasks t on t.id = l.task_id where t.uid = ?1 and l.session_id = n.session_id
      and l.turn_from <= n.seq and (l.turn_to is null or n.seq <= l.turn_to))"""
    rows = db.execute(
        f"""select s.uid, n.seq, n.at from turns n join sessions s on s.id = n.session_id
            where n.at is not null and (?1 is null or {linked}) and n.at >= coalesce(?2, n.at) and (?3 is null or n.at < ?3)
            order by s.uid, n.seq""",
        [task, since, until],
    )
    return [Prompt(*row) for row in rows]
