"""What the Spend page and `reprice` ask of the requests beside their sums."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentrack.clock import BUCKET_MS
from tokentrack.model.logs import Request
from tokentrack.store import closed, write
from tokentrack.store.read import FROM, KEYS, PROMPT, Where
from tokentrack.store.rows import request_of


class Value(NamedTuple):
    """The list value of a quarter of an hour (UTC milliseconds), of one agent and one key; None: nothing of it is priced.

    `unpriced` requests are not in it.
    """

    quarter: int
    agent: str
    key: str
    value: int | None
    unpriced: int


def values(db: sqlite3.Connection, key: str, where: Where) -> list[Value]:
    """For each value of one of `KEYS`; requests whose time is not known have no day and are left out."""
    condition, given = where.sql()
    rows = db.execute(
        f"select r.at / {BUCKET_MS}, r.agent, {KEYS[key]}, sum(r.list_value), sum(r.list_value is null) {FROM} "
        f"where {condition} and r.at is not null group by 1, 2, 3 order by 1, 2, 3",
        given,
    )
    return [Value(row[0] * BUCKET_MS, *row[1:]) for row in map(tuple, rows)]


def titles(db: sqlite3.Connection, sessions: Iterable[str]) -> dict[str, str]:
    """Session's uid ▶ its title, of those that have one."""
    rows = db.execute(
        "select uid, title from sessions where title is not null and uid in (select value from json_each(?))",
        [json.dumps(list(sessions))],
    )
    return {row[0]: row[1] for row in rows}


class Sent(NamedTuple):
    """How much context a request carried, and its list value (None: unpriced)."""

    session: str
    prompt: int
    value: int | None


def sent(db: sqlite3.Connection, where: Where) -> list[Sent]:
    """Every request of a figure, those of one session together and in their order."""
    condition, given = where.sql()
    rows = db.execute(
        f"select s.uid, {PROMPT}, r.list_value {FROM} where {condition} order by s.uid, r.at, r.id", given
    )
    rows.row_factory = None
    return [Sent(*row) for row in rows]


class Unattended(NamedTuple):
    """What ran inside sub-agents, and what else came long after the person's last prompt, or before any is known.

    Each is (requests, list value).
    """

    subagents: tuple[int, int]
    late: tuple[int, int]
    unprompted: tuple[int, int]


def unattended(db: sqlite3.Connection, where: Where, late_ms: int, common: Iterable[str]) -> Unattended:
    """`common`: agents whose requests tell by their standing whether they are a sub-agent's."""
    condition, given = where.sql()
    rows = db.execute(
        f"""select case when by_subagent then 'subagent' when since is null then 'unprompted' else 'late' end,
              count(*), coalesce(sum(list_value), 0) from (
              select r.list_value,
                (l.subagent or (r.standing < 2 and r.agent in (select value from json_each(?)))) as by_subagent,
                r.at - (select t.at from turns t where t.session_id = r.session_id and t.seq = r.turn) as since
              {FROM} join logs l on l.id = r.log_id where {condition})
            where by_subagent or since > ? or since is null group by 1""",
        [json.dumps(list(common)), *given, late_ms],
    )
    found = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    return Unattended(*(found.get(kind, (0, 0)) for kind in ("subagent", "late", "unprompted")))


class Sums(NamedTuple):
    """Tokens of requests whose prompt exceeds so many of some thresholds."""

    passed: int
    requests: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_searches: int


def by_prompt(db: sqlite3.Connection, where: Where, thresholds: Iterable[int]) -> list[Sums]:
    condition, given = where.sql()
    step = " + ".join(f"({PROMPT} > {threshold:d})" for threshold in thresholds) or "0"
    rows = db.execute(
        f"""select {step}, count(*), sum(r.input), sum(r.output), sum(r.cache_read), sum(r.cache_write_5m),
              sum(r.cache_write_1h), sum(case when r.web_searches > 0 then r.web_searches else r.web_searches_found end)
            {FROM} where {condition} group by 1""",
        given,
    )
    return [Sums(*row) for row in map(tuple, rows)]


def priced_by(db: sqlite3.Connection, where: Where, prices: Iterable[tuple[int, int, int | None]]) -> int:
    """Requests of open weeks that have one of these prices, (its number, since, until): sent in [since, until)."""
    condition, given = where.sql()
    row = db.execute(
        f"""with given(price, since, until) as materialized (
              select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') from json_each(?))
            select count(*) {FROM} where {condition} and {closed.lies_open(db)} and exists (select 1 from given g
              where g.price = r.price_id and r.at >= g.since and (g.until is null or r.at < g.until))""",
        [json.dumps(list(prices)), *given],
    ).fetchone()
    return int(row[0])


# ------------------------------------------------------------------------------------------------------------ repricing


class Valued(NamedTuple):
    """A request as it is priced now. `price` is the price's number, None: unpriced."""

    id: int
    request: Request
    value: int | None
    price: int | None


def valued(db: sqlite3.Connection) -> Iterator[Valued]:
    """Every request that counts."""
    rows = db.execute(
        "select r.*, m.name as model from requests r left join models m on m.id = r.model_id where r.session_id > 0 order by r.id"
    )
    for row in rows:
        yield Valued(row["id"], request_of(row), row["list_value"], row["price_id"])


def set_values(db: sqlite3.Connection, rows: Sequence[tuple[int | None, int | None, int]]) -> None:
    """(list value, number of its price, row number) of requests; the sums kept with their sessions follow."""
    db.execute(write._TOUCHED)
    db.execute("delete from touched")
    db.executemany("insert into touched select session_id from requests where id = ?", [(row[2],) for row in rows])
    db.executemany("update requests set list_value = ?, price_id = ? where id = ?", rows)
    write.refresh_touched(db)
