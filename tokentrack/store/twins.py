"""Copies of a request under other keys: a fork that renames what it copies.

Such copies have their times and figures in common, told as a `twin`. A request that its log proves to be its own (claim 0)
always counts. Any other counts only in the session that has the strongest claim on a request of this twin: the rest belong
to no session, so that no sum holds them, and come back should it turn out that they are no copies.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from tokentrack.store.aliases import session_named

NO_SESSION = 0
OWNER_SESSION = 17
"""Where the session's native id begins in `requests.owner`, after the claim and the age."""

TOUCHED = """
create temp table if not exists twinned (agent text not null, twin text not null, primary key (agent, twin));
create temp trigger if not exists twin_changed after update of twin on main.twins
begin
  insert or ignore into twinned values (old.agent, old.twin);
end
"""
"""The groups of copies that a transaction changed."""

_UPSERT = """
insert into twins (agent, key, twin) values (?, ?, ?)
on conflict (agent, key) do update set twin = excluded.twin where excluded.twin > twin
"""

_GROUPS = """
select t.agent, t.twin, r.owner, r.id, r.session_id
from (select t.agent, t.twin from twinned d join twins t on t.agent = d.agent and t.twin = d.twin
        join requests r on r.agent = t.agent and r.key = t.key
      group by 1, 2 having count(*) > 1 or min(r.session_id) = 0) g
  join twins t on t.agent = g.agent and t.twin = g.twin join requests r on r.agent = t.agent and r.key = t.key
order by 1, 2, 3
"""


def settle(db: sqlite3.Connection, found: Sequence[tuple[object, ...]]) -> None:
    """Notes (agent, key, twin) of requests just written, and decides which of the copies count."""
    db.execute("delete from twinned")
    db.executemany(_UPSERT, found)
    db.executemany("insert or ignore into twinned values (?, ?)", {(agent, twin) for agent, _, twin in found})
    rows = [tuple(row) for row in db.execute(_GROUPS)]
    for _, group in groupby(rows, key=itemgetter(0, 1)):
        _settle(db, list(group))


def _settle(db: sqlite3.Connection, group: list[tuple[str, str, str, int, int]]) -> None:
    sessions = [session_named(db, agent, owner[OWNER_SESSION:]) or NO_SESSION for agent, _, owner, _, _ in group]
    for (_, _, owner, number, held), session in zip(group, sessions, strict=True):
        belongs = session if owner.startswith("0") or session == sessions[0] else NO_SESSION
        if belongs != held:
            db.execute("update requests set session_id = ? where id = ?", [belongs, number])
            db.executemany("insert into touched values (?)", [(held,), (belongs,)])
