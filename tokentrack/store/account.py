"""Account spend from usage exports: its own table, which no sum of requests holds. Plain values in, plain values out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentrack.store.rows import LACKING

_COLUMNS = (
    "agent, fingerprint, copy, at, day, model, kind, max_mode, input, cache_read, cache_write, output, cost, cost_text, "
    "charged, cloud_agent, imported_at"
)
_MARKS = ", ".join("?" * 17)


class AccountRow(NamedTuple):
    """A row of an export as it was imported. Money is micro-dollars, None: a word that is no amount."""

    at: int | None
    model: str | None
    input: int
    cache_read: int
    cache_write: int
    output: int
    cost: int | None

    @property
    def tokens(self) -> int:
        return self.input + self.cache_read + self.cache_write + self.output


class AccountTotal(NamedTuple):
    """Sums of what was charged or included; rows that failed and are not charged are counted apart."""

    rows: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    cost: int | None
    not_charged: int

    @property
    def tokens(self) -> int:
        return self.input + self.cache_read + self.cache_write + self.output


class Turn(NamedTuple):
    """A turn in which a session may have used the account: until the next one of it begins."""

    session: int
    at: int
    until: int | None
    requests: int


def add(db: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> int:
    """Adds rows of `_COLUMNS`; of those that are there the later import tells the cost. Returns how many were new."""
    count = "select count(*) from account_usage"
    before: int = db.execute(count).fetchone()[0]
    db.executemany(
        f"""insert into account_usage ({_COLUMNS}) values ({_MARKS})
            on conflict (agent, fingerprint, copy) do update set kind = excluded.kind, cost = excluded.cost,
              cost_text = excluded.cost_text, charged = excluded.charged, imported_at = excluded.imported_at,
              cloud_agent = coalesce(excluded.cloud_agent, cloud_agent)
            where (excluded.kind, excluded.cost_text, excluded.charged) <> (kind, cost_text, charged)
              or coalesce(excluded.cloud_agent, cloud_agent) is not cloud_agent""",
        rows,
    )
    after: int = db.execute(count).fetchone()[0]
    return after - before


def total(
    db: sqlite3.Connection, agent: str, since: int | None, until: int | None, days: tuple[str, str]
) -> AccountTotal:
    """Of rows in [since, until), and of those that name only a day in [first, last]."""
    row = db.execute(
        """select coalesce(sum(charged), 0), coalesce(sum(charged * input), 0), coalesce(sum(charged * cache_read), 0),
             coalesce(sum(charged * cache_write), 0), coalesce(sum(charged * output), 0), sum(charged * cost),
             count(*) - coalesce(sum(charged), 0)
           from account_usage where agent = ?
             and ((at is not null and at >= coalesce(?, at) and at < coalesce(?, at + 1)) or day between ? and ?)""",
        [agent, since, until, *days],
    ).fetchone()
    return AccountTotal(*row)


def rows_between(db: sqlite3.Connection, agent: str, since: int, until: int) -> list[AccountRow]:
    """Charged rows whose moment is known, in [since, until], without those of sessions in the agent's cloud."""
    found = db.execute(
        """select at, model, input, cache_read, cache_write, output, cost from account_usage
           where agent = ? and at between ? and ? and charged and cloud_agent is null order by at, id""",
        [agent, since, until],
    )
    return [AccountRow(*row) for row in map(tuple, found)]


def turns_between(db: sqlite3.Connection, agent: str, since: int, until: int) -> list[Turn]:
    """Turns of all sessions of an agent that began in [since, until]; a session without any is one turn as a whole."""
    rows = db.execute(
        """select t.session_id, t.at,
             (select min(n.at) from turns n where n.session_id = t.session_id and n.at > t.at),
             (select count(*) from requests r where r.session_id = t.session_id and r.turn = t.seq)
           from turns t join sessions s on s.id = t.session_id
           where s.agent = ?1 and t.at between ?2 and ?3
           union all
           select s.id, s.started_at, null, s.requests from sessions s
           where s.agent = ?1 and s.started_at between ?2 and ?3
             and not exists (select 1 from turns t where t.session_id = s.id and t.at is not null)""",
        [agent, since, until],
    )
    return [Turn(*row) for row in map(tuple, rows)]


def span(db: sqlite3.Connection, session_uid: str) -> tuple[int, str, int, int] | None:
    """(number, agent, beginning, end) of a session whose times are known."""
    row = db.execute(
        """select id, agent, started_at, max(coalesce(ended_at, started_at), coalesce(
             (select max(at) from turns where session_id = sessions.id), 0))
           from sessions where uid = ? and started_at is not null""",
        [session_uid],
    ).fetchone()
    return tuple(row) if row else None


def models_of(db: sqlite3.Connection, session: int) -> list[str]:
    """Every model that a session's log names, whether or not tokens are recorded."""
    rows = db.execute(
        """select model from session_models where session_id = ?1
           union select m.name from requests r join models m on m.id = r.model_id where r.session_id = ?1 order by 1""",
        [session],
    )
    return [row[0] for row in rows]


def models_named(db: sqlite3.Connection, session_uid: str) -> list[str]:
    """The models of a session whose requests do not tell all of them."""
    row = db.execute(
        "select id from sessions where uid = ? and id in (select session_id from by_turn)", [session_uid]
    ).fetchone()
    return models_of(db, row[0]) if row else []


def unrecorded(db: sqlite3.Connection, since: int, until: int) -> list[tuple[str, int]]:
    """(agent, sessions) that were active in [since, until) and of whose tokens some or all are recorded nowhere."""
    rows = db.execute(
        f"""select agent, count(*) from sessions where ended_at >= ? and started_at < ?
            and (tokens_from = {LACKING} or (requests = 0 or requests < turns) and id in (select session_id from by_turn))
            group by 1 order by 1""",
        [since, until],
    )
    return [(row[0], row[1]) for row in rows]
