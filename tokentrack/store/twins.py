"""Copies of a request under other keys: a fork that renames what it copies, or a second record of one turn.

Such copies have their times and figures in common, told as a `twin`. They count only in the session that has the strongest
claim on a request of this twin: the rest belong to no session, so that no sum holds them, and come back should it turn out
that they are no copies. A session that calls them its own (claim 0) may be wrong: a fork made after the clock was set back
seems older than what it copied.

A record of a turn may be told again by a better one under a key of its own, of which it only knows some names: they follow
the twin, each after a `NAMED`, the conversation first. The lesser record is then counted nowhere. It is the same turn where
the better one's key is one of the names, or where both have equal figures and stand close together; each better record
without a name in common stands for one lesser record at most. What there is decides, not what came first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from tokentrack.model.logs import NAMED
from tokentrack.store.aliases import session_named

NO_SESSION = 0
OWNER_SESSION = 17
"""Where the session's native id begins in `requests.owner`, after the claim and the age."""
AFTER = "\x20"
"""The character after `NAMED`."""
LATER_MS, EARLIER_MS = 30_000, 5_000
"""How long after its last message a turn's end is told; and before it, for two clocks."""

TOUCHED = """
create temp table if not exists twinned (agent text not null, twin text not null, primary key (agent, twin)) without rowid
"""
"""The groups of copies that a transaction changed."""

_LEFT = "insert or ignore into twinned select agent, twin from twins where agent = ? and key = ?"
"""The group that a request stood in so far: of the others there one may be no copy any more."""

_UPSERT = """
insert into twins (agent, key, twin) values (?, ?, ?)
on conflict (agent, key) do update set twin = excluded.twin where excluded.twin > twin
"""

_GROUPS = """
select t.agent, t.twin, r.owner, r.id, r.session_id, r.key
from (select d.agent, d.twin from twinned d cross join twins t on t.agent = d.agent and t.twin = d.twin
        cross join requests r on r.agent = t.agent and r.key = t.key
      group by 1, 2 having count(*) > 1 or min(r.session_id) = 0) g
  cross join twins t on t.agent = g.agent and t.twin = g.twin
  cross join requests r on r.agent = t.agent and r.key = t.key
order by 1, 2, 3
"""
"""`cross join` keeps this order: SQLite would rather go through all twins there are."""


def settle(db: sqlite3.Connection, found: Sequence[tuple[object, ...]]) -> None:
    """Notes (agent, key, twin) of requests just written, and decides which of the copies count."""
    db.execute("delete from twinned")
    told = [(agent, key, *str(twin).split(NAMED)) for agent, key, twin in found]
    copies = [(agent, key, twin) for agent, key, twin, *_ in told if twin]
    db.executemany(_LEFT, [(agent, key) for agent, key, _ in copies])
    db.executemany(_UPSERT, copies)
    db.executemany("insert or ignore into twinned values (?, ?)", {(agent, twin) for agent, _, twin in copies})
    rows = [tuple(row) for row in db.execute(_GROUPS)]
    for _, group in groupby(rows, key=itemgetter(0, 1)):
        _settle(db, list(group))
    named = [entry for entry in told if len(entry) > 3]
    for agent, key, _, _, *names in named:
        if names:  # what it tells now, not what it once told
            db.execute(f"delete from twins where {_NAMES}", [agent, f"{key}{NAMED}", f"{key}{AFTER}"])
            db.executemany(
                "insert into twins values (?, ?, ?)", [(agent, f"{key}{NAMED}{name}", name) for name in names]
            )
    by_turn = {agent for agent, *_ in named}
    met = [(agent, str(conversation)) for agent, _, _, conversation, *_ in named]
    met += [(agent, key.rpartition(":")[0]) for agent, *_, key in rows if agent in by_turn]
    for agent, conversation in dict.fromkeys(met):
        _settle_turns(db, str(agent), conversation)


def aside(db: sqlite3.Connection) -> int:
    """How many requests belong to no session."""
    return int(db.execute("select count(*) from requests where session_id = ?", [NO_SESSION]).fetchone()[0])


_NAMES = "agent = ? and key > ? and key < ?"

_TURNS = f"""
select id, key, at, standing, claim, session_id, owner, input, prompt, output from (
  select *, cast(substr(owner, 1, 1) as integer) as claim, input + cache_read + cache_write_5m as prompt from requests)
where {_NAMES} order by at, key
"""


class _Record(NamedTuple):
    """A record of a turn."""

    id: int
    key: str
    at: int | None
    standing: int
    claim: int
    session: int
    owner: str
    input: int
    prompt: int
    output: int


def _settle_turns(db: sqlite3.Connection, agent: str, conversation: str) -> None:
    """Of a conversation's turns that are told twice, under keys of their own, the better record counts."""
    records = [_Record(*row) for row in db.execute(_TURNS, [agent, f"{conversation}:", f"{conversation};"])]
    best = max((record.standing for record in records), default=0)
    better = {record.key: record for record in records if record.standing == best}
    lesser = [record for record in records if record.standing < best]
    names = {record.key: _names_of(db, agent, record.key) & better.keys() for record in lesser}
    met = set().union(*names.values()) | {
        record.key
        for record in better.values()
        if _names_of(db, agent, record.key)  # told by both under one key
    }
    free = [record for record in better.values() if record.key not in met]
    for record in lesser:
        told = bool(names[record.key])
        if not told and (pair := next((other for other in free if _same_turn(record, other)), None)) is not None:
            free.remove(pair)
            told = True
        if told:
            _file(db, record, NO_SESSION)
        elif record.session == NO_SESSION and not _is_copy(db, agent, record):
            _file(db, record, _session_of(db, agent, record.owner))


def _names_of(db: sqlite3.Connection, agent: str, key: str) -> set[str]:
    rows = db.execute(f"select twin from twins where {_NAMES}", [agent, f"{key}{NAMED}", f"{key}{AFTER}"])
    return {row[0] for row in rows}


def _is_copy(db: sqlite3.Connection, agent: str, record: _Record) -> bool:
    """Whether its twin is why it counts nowhere: also where that one is told by a better record."""
    owners = db.execute(
        """select r.owner from twins t join twins o on o.agent = t.agent and o.twin = t.twin
             join requests r on r.agent = o.agent and r.key = o.key
           where t.agent = ? and t.key = ? order by r.owner limit 1""",
        [agent, record.key],
    ).fetchall()
    session = _session_of(db, agent, record.owner)
    return any(session != _session_of(db, agent, strongest) for (strongest,) in owners)


def _session_of(db: sqlite3.Connection, agent: str, owner: str) -> int:
    return session_named(db, agent, owner[OWNER_SESSION:]) or NO_SESSION


def _same_turn(lesser: _Record, better: _Record) -> bool:
    """Whether two records without a name in common tell one turn. Where one tells no time, its figures do."""
    if lesser.output != better.output or lesser.input not in (better.prompt, better.input):
        return False
    if lesser.claim == 1 or lesser.at is None or better.at is None:
        return True
    return -EARLIER_MS <= better.at - lesser.at <= LATER_MS


def _file(db: sqlite3.Connection, record: _Record, session: int) -> None:
    if record.session != session:
        db.execute("update requests set session_id = ? where id = ?", [session, record.id])
        db.executemany("insert into touched values (?)", [(record.session,), (session,)])


def _settle(db: sqlite3.Connection, group: list[tuple[str, str, str, int, int, str]]) -> None:
    sessions = [_session_of(db, agent, owner) for agent, _, owner, *_ in group]
    for (_, _, _, number, held, _), session in zip(group, sessions, strict=True):
        belongs = session if session == sessions[0] else NO_SESSION
        if belongs != held:
            db.execute("update requests set session_id = ? where id = ?", [belongs, number])
            db.executemany("insert into touched values (?)", [(held,), (belongs,)])
