"""What suggestions are made of, as the store has it: sessions, their turns and marks, and which goes on from which.

Nothing newer than `until` (UTC milliseconds) is told.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class SessionRow(NamedTuple):
    """A session's uid, what it is called by its agent and where it ran. `prompt` is the beginning of its first prompt, `named`
    what the person called it.
    """

    session: str
    native_id: str
    title: str | None
    prompt: str | None
    named: str | None
    project: str | None
    folder: str | None


class TurnRow(NamedTuple):
    """A turn, from its prompt to its last request. `branch` is the last one told in it; None: not told."""

    session: str
    seq: int
    native_id: str | None
    at: int | None
    ended_at: int | None
    branch: str | None


class MarkRow(NamedTuple):
    session: str
    at: int | None
    kind: str
    value: str
    source: str


_GIVEN = "s.uid in (select value from json_each(?1))"


def linked_since(db: sqlite3.Connection, since: int, until: int) -> list[str]:
    """Sessions that were linked by `until` and were active in [since, until]."""
    rows = db.execute(
        """select s.uid from sessions s where s.ended_at >= ?1 and s.started_at <= ?2
             and exists (select 1 from links l where l.session_id = s.id and l.created_at <= ?2) order by s.uid""",
        [since, until],
    )
    return [row[0] for row in rows]


def read_so_far(db: sqlite3.Connection) -> tuple[object, ...]:
    """Which store this is, and how much of repositories and tasks it knows: something else, once it knows more."""
    file = db.execute("select file from pragma_database_list where name = 'main'").fetchone()[0]
    known = db.execute(
        """select (select max(id) from commits), (select max(id) from tasks), (select count(*) from tasks),
             (select count(*) from branches where merged is not null)"""
    ).fetchone()
    return file, *known


class Ran(NamedTuple):
    """A session with usage, where it ran and its first and last moment."""

    session: str
    project: str | None
    folder: str
    began: int
    ended: int


def ran(db: sqlite3.Connection, since: int, until: int) -> list[Ran]:
    """Sessions that ran at any time of [since, until] in a folder, those that began first, first."""
    rows = db.execute(
        """select s.uid, p.path, s.cwd, s.started_at, s.ended_at from sessions s left join projects p on p.id = s.project_id
           where s.requests > 0 and s.cwd is not null and s.ended_at >= ? and s.started_at <= ? order by s.started_at, s.uid""",
        [since, until],
    )
    return [Ran(*row) for row in rows]


def decided(db: sqlite3.Connection, until: int, last: int) -> dict[str, int]:
    """The sessions that the person linked last, and when; not those that a rule linked."""
    rows = db.execute(
        """select s.uid, max(l.created_at) from links l join sessions s on s.id = l.session_id
           where l.source <> 'rule' and l.created_at <= ? group by l.session_id order by 2 desc, 1 limit ?""",
        [until, last],
    )
    return {row[0]: row[1] for row in rows}


def began(db: sqlite3.Connection, sessions: Iterable[str]) -> int | None:
    """When the first of some sessions began."""
    row = db.execute(
        f"select min(s.started_at) from sessions s where {_GIVEN}", [json.dumps(list(sessions))]
    ).fetchone()
    return None if row[0] is None else int(row[0])


def sessions(db: sqlite3.Connection, named: Iterable[str]) -> list[SessionRow]:
    rows = db.execute(
        f"""select s.uid, s.native_id, s.title, t.text,
              (select n.text from titles n where n.session_id = s.id and n.kind in ('custom', 'rename') and n.leaf = ''
               order by n.kind limit 1), p.path, s.cwd from sessions s
            left join projects p on p.id = s.project_id
            left join titles t on t.session_id = s.id and t.kind = 'prompt' and t.leaf = '' where {_GIVEN}""",
        [json.dumps(list(named))],
    )
    rows.row_factory = None
    return [SessionRow(*row) for row in rows]


def turns(db: sqlite3.Connection, named: Iterable[str], until: int) -> list[TurnRow]:
    """The turns of some sessions in their order, by session. A session with usage before its first prompt has a turn 0."""
    given = json.dumps(list(named))
    asked = db.execute(
        f"""select s.uid, r.turn, max(r.at), nullif(p.branch, '') from sessions s join requests r on r.session_id = s.id
            left join places p on p.id = r.place_id
            where {_GIVEN} and coalesce(r.at, 0) <= ?2 group by s.id, r.turn, p.branch order by 3""",
        [given, until],
    )
    asked.row_factory = None
    ended: dict[tuple[str, int], tuple[int | None, str | None]] = {}
    for session, turn, at, branch in asked:
        ended[session, turn] = (at, branch or ended.get((session, turn), (None, None))[1])
    prompts = db.execute(
        f"""select s.uid, t.seq, t.native_id, t.at from sessions s join turns t on t.session_id = s.id
            where {_GIVEN} and coalesce(t.at, 0) <= ?2""",
        [given, until],
    )
    prompts.row_factory = None
    found = {(session, seq): TurnRow(session, seq, native, at, None, None) for session, seq, native, at in prompts}
    for place, (at, branch) in ended.items():
        row = found.get(place) or TurnRow(*place, None, at, None, None)
        found[place] = row._replace(ended_at=at, branch=branch)
    return [found[place] for place in sorted(found)]


def marks(db: sqlite3.Connection, named: Iterable[str], until: int) -> list[MarkRow]:
    """The marks of some sessions by time; those whose time is not known first."""
    rows = db.execute(
        f"""select s.uid, nullif(m.at, 0), m.kind, m.value, m.source from sessions s join marks m on m.session_id = s.id
            where {_GIVEN} and m.at <= ?2 order by s.uid, m.at, m.kind, m.value, m.source""",
        [json.dumps(list(named)), until],
    )
    rows.row_factory = None
    return [MarkRow(*row) for row in rows]


def told_parents(db: sqlite3.Connection, named: Iterable[str]) -> dict[str, str]:
    """Session ▶ the one that its own log says it goes on from."""
    rows = db.execute(
        f"""select s.uid, p.uid from sessions s join marks m on m.session_id = s.id and m.kind = 'session' and m.source = 'fork'
            join sessions p on p.agent = s.agent and p.native_id = m.value and p.id <> s.id where {_GIVEN}""",
        [json.dumps(list(named))],
    )
    return {row[0]: row[1] for row in rows}


def shared(db: sqlite3.Connection) -> dict[tuple[str, str], list[str]]:
    """(agent, prompt) ▶ the sessions that have it, of prompts that stand in several: resumed or forked into a new log."""
    rows = db.execute(
        """select s.agent, t.native_id, s.uid from turns t join sessions s on s.id = t.session_id
           where t.native_id in (select native_id from turns group by native_id having count(*) > 1) order by 1, 2, 3"""
    )
    found: dict[tuple[str, str], list[str]] = {}
    for agent, prompt, session in rows:
        found.setdefault((agent, prompt), []).append(session)
    return {prompt: sessions for prompt, sessions in found.items() if len(sessions) > 1}
