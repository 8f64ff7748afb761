"""The requests behind a figure: where each was read, and what its tokens were multiplied by."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable
from typing import NamedTuple

from tokentrack.model.costs import Price
from tokentrack.model.logs import Request
from tokentrack.model.usage import Total
from tokentrack.store.read import FROM, PROMPT, Where, prices
from tokentrack.store.rows import R_SUMS, price_of, request_of, total_of


class Source(NamedTuple):
    """A request with the place its figures were read from and the price they were multiplied by.

    `gone`: its log is there no more. `id` is its row number. `fault`: which counter could be none where its figures were read;
    in a file that is a line, on which several records may stand.
    """

    request: Request
    agent: str
    session: str
    log: str
    gone: bool
    list_value: int | None
    price: Price | None
    id: int
    fault: str | None


_OF_A_COUNTER = """(told in ('impossible token count', 'a counter is no number', 'its counters cannot be read')
      or told like '% is no count of tokens')"""
_FAULT = f"""case when l.unreadable = 0 then null
    when r.position >= 0 then (select told from (
      select reason as told from problems where log_id = r.log_id and position = r.position) where {_OF_A_COUNTER})
    else (select told from (
      select substr(reason, length(r.key) + 3) as told from problems
      where log_id = r.log_id and substr(reason, 1, length(r.key) + 2) = r.key || ': ') where {_OF_A_COUNTER}) end"""
"""Records of a file are told by their place, those of a database by their name, which is the key of the request.

What else was wrong there, such as a torn half before a whole record, is no fault of the figure.
"""
_SOURCE = f"""select r.*, m.name as model, s.uid as session, l.path as log, l.gone_at as gone, p.model as price_model,
    p.since as price_since, p.until as price_until, p.rates, p.tiers, p.source, p.matched, {_FAULT} as fault
  {FROM} left join models m on m.id = r.model_id join logs l on l.id = r.log_id
  left join prices p on p.id = r.price_id"""


def _source_of(row: sqlite3.Row) -> Source:
    return Source(
        request_of(row), row["agent"], row["session"], row["log"], row["gone"] is not None, row["list_value"],
        price_of(row) if row["rates"] else None, row["id"], row["fault"],
    )  # fmt: skip


def behind(db: sqlite3.Connection, where: Where) -> list[Source]:
    """The requests behind a figure, oldest first."""
    condition, values = where.sql()
    return [_source_of(row) for row in db.execute(f"{_SOURCE} where {condition} order by r.at, r.id", values)]


def of(db: sqlite3.Connection, ids: Iterable[int]) -> list[Source]:
    """The requests with these row numbers, in their order; one that is no longer there is left out."""
    wanted = list(ids)
    rows = db.execute(f"{_SOURCE} where r.id in (select value from json_each(?))", [json.dumps(wanted)])
    found = {row["id"]: _source_of(row) for row in rows}
    return [found[number] for number in wanted if number in found]


def ids_behind(db: sqlite3.Connection, where: Where, dearest: bool = False) -> array[int]:
    """Row numbers of the requests behind a figure, the newest first or the dearest; what is not known stands last."""
    condition, values = where.sql()
    order = "r.list_value desc, r.at desc, r.id desc" if dearest else "r.at desc, r.id desc"
    rows = db.execute(f"select r.id {FROM} where {condition} order by {order}", values)
    rows.row_factory = None
    return array("q", (number for (number,) in rows))


def in_order_of_logs(db: sqlite3.Connection, ids: Iterable[int]) -> array[int]:
    """The same row numbers, those of one log together."""
    rows = db.execute(
        "select id from requests where id in (select value from json_each(?)) order by agent, log_id, id",
        [json.dumps(list(ids))],
    )
    rows.row_factory = None
    return array("q", (number for (number,) in rows))


class Priced(NamedTuple):
    """What was multiplied by one price, or by none. The prompt of each of these requests exceeds `over`, no higher threshold."""

    price: Price | None
    over: int
    total: Total


def by_price(db: sqlite3.Connection, where: Where) -> list[Priced]:
    """The total of a figure, split by what its tokens were multiplied by."""
    known = {number: price for number, _, price in prices(db)}
    thresholds = sorted({threshold for price in known.values() for threshold, _ in price.tiers})
    step = " + ".join(f"({PROMPT} > {threshold:d})" for threshold in thresholds) or "0"
    condition, values = where.sql()
    rows = db.execute(f"select r.price_id, {step}, {R_SUMS} {FROM} where {condition} group by 1, 2", values)
    return [
        Priced(known.get(number), thresholds[passed - 1] if passed else 0, total_of(sums))
        for number, passed, *sums in map(tuple, rows)
    ]
