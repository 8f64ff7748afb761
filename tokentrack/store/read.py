"""Everything that is asked of the store. Plain values in, plain values out."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tokentrack.clock import BUCKET_MS
from tokentrack.model import Budget, Limit, Price, Request, Session, Total
from tokentrack.store.rows import SUMS, price_of, request_of, session_of, total_of

READ_AT = "read_at"
UNKNOWN = "unknown"
"""The key of what has none."""


class LogState(NamedTuple):
    """What is known of a log since it was last read."""

    id: int
    cursor: str | None
    stat: tuple[int, int, int]
    gone: bool


def log_states(db: sqlite3.Connection, agent: str) -> dict[str, LogState]:
    rows = db.execute("select path, id, cursor, size, mtime_ns, inode, gone_at from logs where agent = ?", [agent])
    rows.row_factory = None  # thousands of rows: plain tuples
    return {
        path: LogState(number, cursor, (size, mtime, inode), gone is not None)
        for path, number, cursor, size, mtime, inode, gone in rows
    }


def log_state(db: sqlite3.Connection, agent: str, path: str) -> LogState | None:
    row = db.execute("select * from logs where agent = ? and path = ?", [agent, path]).fetchone()
    if row is None:
        return None
    return LogState(row["id"], row["cursor"], (row["size"], row["mtime_ns"], row["inode"]), row["gone_at"] is not None)


# ------------------------------------------------------------------------------------------------------------ totals


NO_TASK, UNLINKED = "no task", "unlinked"
"""The keys of what belongs to no task: on purpose, and not yet."""
REWORK_MS = 14 * 24 * 60 * 60 * 1000
"""So long after a task was shipped, spend on it or on its follow-ups is rework (product section 4, M8): a convention."""

_LINK = "l.session_id = r.session_id and l.turn_from <= r.turn and (l.turn_to is null or r.turn <= l.turn_to)"
_MADE_IT = f"o.at < r.at and r.at <= o.at + {REWORK_MS}"
IS_REWORK = f"exists (select 1 from shippings o where o.task_id in (t.id, t.follow_up_of) and {_MADE_IT})"
REWORK_OF = f"""case when not {IS_REWORK} then null when t.follow_up_of is null or exists (
    select 1 from shippings o where o.task_id = t.id and {_MADE_IT} and not exists (
      select 1 from shippings p where p.task_id = t.follow_up_of and p.at > o.at and p.at < r.at)) then t.id
  else t.follow_up_of end"""
"""Of a request `r` linked to a task `t`: the task whose shipping makes it rework, that task or the one it follows up; NULL: it is
none. Within 14 days of both it is put down to the later shipping, so that rework adds up over shippings. (Sorted instead, the
view would be gone through whole for each request.)"""
_TASK = f"""coalesce((select case when l.task_id is null then '{NO_TASK}' else (select uid from tasks where id = l.task_id) end
  from links l where {_LINK}), '{UNLINKED}')"""
_OUTCOME = f"""coalesce((select case when l.task_id is null then '{NO_TASK}' when {IS_REWORK} then 'rework'
  else coalesce(t.outcome, 'open') end from links l left join tasks t on t.id = l.task_id where {_LINK}), '{UNLINKED}')"""
_SHIPPED = f"""(select (select uid from tasks where id = ({REWORK_OF})) from links l join tasks t on t.id = l.task_id
  where {_LINK})"""
_OF_TASKS = f"""r.session_id in (select l.session_id from links l left join tasks t on t.id = l.task_id
  where coalesce(t.uid, '{NO_TASK}') in (select value from json_each(?)))"""


_MODEL = "coalesce((select name from models where id = r.model_id), 'unknown')"
_BRANCH = "coalesce((select nullif(branch, '') from places where id = r.place_id), 'unknown')"
_IN_PARTS = """exists (select 1 from json_each(?) p where json_extract(p.value, '$[0]') = s.uid
  and r.turn >= json_extract(p.value, '$[1]') and r.turn <= coalesce(json_extract(p.value, '$[2]'), r.turn))"""


class Where(NamedTuple):
    """Which requests: UTC milliseconds [since, until), an agent, a project's path or name, a session's uid, a model, several
    sessions' uids, a turn's number, a request's key, tasks' uids (or `NO_TASK`, `UNLINKED`), what came of the task, parts of
    sessions (uid, first turn, last turn or None), the uid of the task whose shipping makes it rework, a branch of whatever
    project.
    """

    since: int | None = None
    until: int | None = None
    agent: str | None = None
    project: str | None = None
    session: str | None = None
    model: str | None = None
    sessions: tuple[str, ...] | None = None
    turn: int | None = None
    key: str | None = None
    tasks: tuple[str, ...] | None = None
    outcome: str | None = None
    parts: tuple[tuple[str, int, int | None], ...] | None = None
    rework_of: str | None = None
    branch: str | None = None

    def sql(self) -> tuple[str, list[object]]:
        parts, values = ["1"], list[object]()
        for part, value in (
            ("r.at >= ?", self.since),
            ("r.at < ?", self.until),
            ("r.agent = ?", self.agent),
            ("s.uid = ?", self.session),
            (f"{_MODEL} = ?", self.model),
            (f"{_BRANCH} = ?", self.branch),
            ("s.uid in (select value from json_each(?))", None if self.sessions is None else json.dumps(self.sessions)),
            ("r.turn = ?", self.turn),
            ("r.key = ?", self.key),
            (f"{_OUTCOME} = ?", self.outcome),
            (f"{_SHIPPED} = ?", self.rework_of),
            (_IN_PARTS, None if self.parts is None else json.dumps(self.parts)),
        ):
            if value is not None:
                parts.append(part)
                values.append(value)
        if self.tasks is not None:
            named = json.dumps(self.tasks)
            if UNLINKED not in self.tasks:  # a task has few sessions
                parts.append(_OF_TASKS)
                values.append(named)
            parts.append(f"{_TASK} in (select value from json_each(?))")
            values.append(named)
        if self.project == UNKNOWN:
            parts.append("s.project_id is null")
        elif self.project is not None:
            parts.append("s.project_id in (select id from projects where path = ? or name = ?)")
            values += [self.project, self.project]
        return " and ".join(parts), values


KEYS = {
    "agent": "r.agent",
    "model": _MODEL,
    "project": "coalesce((select path from projects where id = s.project_id), 'unknown')",
    "branch": _BRANCH,
    "session": "s.uid",
    "task": _TASK,
    "outcome": _OUTCOME,
}
"""What totals can be grouped by, beside times."""

_FROM = "from requests r join sessions s on s.id = r.session_id"
R_SUMS = (
    SUMS.replace("(input)", "(r.input)")
    .replace("(output)", "(r.output)")
    .replace("(reasoning)", "(r.reasoning)")
    .replace("(cache_", "(r.cache_")
    .replace("web_searches", "r.web_searches")
    .replace("recorded_cost", "r.recorded_cost")
    .replace("list_value", "r.list_value")
)


def total(db: sqlite3.Connection, where: Where) -> Total:
    condition, values = where.sql()
    return total_of(db.execute(f"select {R_SUMS} {_FROM} where {condition}", values).fetchone())


def totals_by(db: sqlite3.Connection, key: str, where: Where) -> list[tuple[str, Total]]:
    """(key, total) for each value of one of `KEYS`."""
    condition, values = where.sql()
    rows = db.execute(f"select {KEYS[key]} as key, {R_SUMS} {_FROM} where {condition} group by 1 order by 1", values)
    return [(row[0], total_of(row[1:])) for row in map(tuple, rows)]


def totals_by_quarter(db: sqlite3.Connection, where: Where) -> list[tuple[int | None, str, Total]]:
    """(start of the quarter of an hour in UTC milliseconds, agent, total); None: requests whose time is not known."""
    condition, values = where.sql()
    rows = db.execute(
        f"select r.at / {BUCKET_MS} as quarter, r.agent, {R_SUMS} {_FROM} where {condition} group by 1, 2 order by 1, 2",
        values,
    )
    return [(None if row[0] is None else row[0] * BUCKET_MS, row[1], total_of(row[2:])) for row in map(tuple, rows)]


# ------------------------------------------------------------------------------------------------------------ sessions


_SESSION = """select s.*, p.path as project,
  case when exists (select 1 from logs l where l.session_id = s.id and l.subagent)
        and not exists (select 1 from logs l where l.session_id = s.id and not l.subagent)
       then (select min(native_id) from aliases a where a.session_id = s.id) end as orphan,
  (select group_concat(branch, char(10)) from (select distinct pl.branch as branch from requests r
     join places pl on pl.id = r.place_id where r.session_id = s.id and pl.branch <> '' order by 1)) as branches
  from sessions s left join projects p on p.id = s.project_id"""


def sessions(
    db: sqlite3.Connection,
    since: int | None = None,
    until: int | None = None,
    agent: str | None = None,
    limit: int | None = None,
) -> list[Session]:
    """Sessions that were active in [since, until), the newest first."""
    parts, values = ["(s.ended_at is not null or s.requests > 0)"], list[object]()  # not one that is only named
    for part, value in (("s.ended_at >= ?", since), ("s.started_at < ?", until), ("s.agent = ?", agent)):
        if value is not None:
            parts.append(part)
            values.append(value)
    rows = db.execute(
        f"{_SESSION} where {' and '.join(parts)} order by s.ended_at desc, s.uid limit ?",
        [*values, -1 if limit is None else limit],
    )
    return [session_of(row) for row in rows]


def sessions_like(db: sqlite3.Connection, name: str) -> list[Session]:
    """Sessions whose id or native id is, or else begins with, a name."""
    exact = db.execute(
        f"{_SESSION} where s.uid = ? or s.native_id = ? or s.id in (select session_id from aliases where native_id = ?)",
        [name, name, name],
    ).fetchall()
    rows = exact or db.execute(
        f"{_SESSION} where substr(s.uid, 1, ?) = ? or substr(s.native_id, 1, ?) = ? order by s.ended_at desc limit 20",
        [len(name), name, len(name), name],
    )
    return [session_of(row) for row in rows]


def sessions_of(db: sqlite3.Connection, uids: Iterable[str]) -> list[Session]:
    """The sessions with these ids, the one that ended last first."""
    named = json.dumps(list(uids))
    rows = db.execute(
        f"{_SESSION} where s.uid in (select value from json_each(?)) order by s.ended_at desc, s.uid", [named]
    )
    return [session_of(row) for row in rows]


class TurnTotal(NamedTuple):
    seq: int
    at: int | None
    branch: str | None
    total: Total


def turns_begun(db: sqlite3.Connection, since: int, until: int) -> int:
    """How many prompts an agent was given in [since, until), UTC milliseconds, whenever it answered them.

    One that a fork or a resumed session copied counts once: some agents name the copy anew, but it keeps its time.
    """
    row = db.execute(
        """select count(*) from (select distinct s.agent, t.at from turns t join sessions s on s.id = t.session_id
           where t.at >= ? and t.at < ?)""",
        [since, until],
    ).fetchone()
    return int(row[0])


def turns(db: sqlite3.Connection, session_uid: str) -> list[TurnTotal]:
    """The session's turns with what each used; a session with usage has at least turn 0.

    Turns that were copied into it used nothing here, and have their branch from where they were copied.
    """
    sums = {
        row[0]: (row[1], row[2], total_of(row[3:]))
        for row in map(
            tuple,
            db.execute(
                f"""select r.turn, min(r.at), max((select nullif(branch, '') from places where id = r.place_id)), {R_SUMS}
                    {_FROM} where s.uid = ? group by r.turn""",
                [session_uid],
            ),
        )
    }
    prompts = dict(
        db.execute(
            "select t.seq, t.at from turns t join sessions s on s.id = t.session_id where s.uid = ?", [session_uid]
        ).fetchall()
    )
    copied = _branches_of_copies(db, session_uid) if prompts.keys() - sums.keys() else {}
    found = []
    for seq in sorted({*prompts, *sums}):
        first, branch, used = sums.get(seq, (None, copied.get(seq), Total()))
        found.append(TurnTotal(seq, prompts.get(seq, first), branch, used))
    return found


def _branches_of_copies(db: sqlite3.Connection, session_uid: str) -> dict[int, str]:
    rows = db.execute(
        """with mine as materialized (select t.session_id, t.native_id, t.seq from sessions s
             join turns t on t.session_id = s.id where s.uid = ?)
           select mine.seq, max(p.branch) from turns o
           cross join mine on mine.native_id = o.native_id and mine.session_id <> o.session_id
           cross join requests r on r.session_id = o.session_id and r.turn = o.seq
           cross join places p on p.id = r.place_id and p.branch <> ''
           where o.native_id in (select native_id from mine) group by mine.seq""",
        [session_uid],
    )
    return {row[0]: row[1] for row in rows}


CUT = "select session_id from links where turn_from > 0 or turn_to is not null"
"""Numbers of sessions of which a link holds a part: their requests tell what it used. Of all others their own sums do."""
KEPT_SUMS = """sum(s.requests), sum(s.input), sum(s.output), sum(s.reasoning), sum(s.cache_read), sum(s.cache_write_5m),
  sum(s.cache_write_1h), sum(s.web_searches), sum(s.recorded_cost), sum(s.list_value), sum(s.unpriced)"""
"""The columns of `SUMS`, of the sums kept with sessions."""


def unlinked(db: sqlite3.Connection) -> tuple[int, Total]:
    """(sessions, what they used) that belong to no task yet; a session of which a part does counts with the rest."""
    sessions, found = 0, Total()
    for query in (_UNLINKED_WHOLE, _UNLINKED_PARTS):
        count, *sums = db.execute(query).fetchone()
        if count:
            sessions, found = sessions + count, found + total_of(sums)
    return sessions, found


_UNLINKED_WHOLE = f"""select count(*), {KEPT_SUMS} from sessions s
  where s.requests > 0 and not exists (select 1 from links l where l.session_id = s.id)"""
_UNLINKED_PARTS = f"""select count(distinct r.session_id), {R_SUMS} from requests r
  where r.session_id in ({CUT}) and not exists (select 1 from links l where {_LINK})"""


# ------------------------------------------------------------------------------------------------------------ why


class Source(NamedTuple):
    """A request with the place its figures were read from and the price they were multiplied by."""

    request: Request
    agent: str
    session: str
    log: str
    root: str
    log_session: str | None
    subagent: bool
    gone: bool
    copies_possible: int
    list_value: int | None
    price: Price | None
    id: int


_SOURCE = f"""select r.*, m.name as model, s.uid as session, l.path as log, l.root as root, l.subagent as log_subagent,
    l.gone_at as gone, o.native_id as log_session, p.model as price_model, p.since as price_since,
    p.until as price_until, p.rates, p.tiers, p.source, p.matched
  {_FROM} left join models m on m.id = r.model_id join logs l on l.id = r.log_id
  left join sessions o on o.id = l.session_id left join prices p on p.id = r.price_id"""


def _source_of(row: sqlite3.Row) -> Source:
    return Source(
        request_of(row), row["agent"], row["session"], row["log"], row["root"], row["log_session"],
        bool(row["log_subagent"]), row["gone"] is not None, row["standing"], row["list_value"],
        price_of(row) if row["rates"] else None, row["id"],
    )  # fmt: skip


def sources(db: sqlite3.Connection, where: Where) -> list[Source]:
    """The requests behind a figure, oldest first."""
    condition, values = where.sql()
    return [_source_of(row) for row in db.execute(f"{_SOURCE} where {condition} order by r.at, r.id", values)]


def sources_of(db: sqlite3.Connection, ids: Iterable[int]) -> list[Source]:
    """The requests with these row numbers, in their order; one that is no longer there is left out."""
    wanted = list(ids)
    rows = db.execute(f"{_SOURCE} where r.id in (select value from json_each(?))", [json.dumps(wanted)])
    found = {row["id"]: _source_of(row) for row in rows}
    return [found[number] for number in wanted if number in found]


def request_ids(db: sqlite3.Connection, where: Where, dearest: bool = False) -> array[int]:
    """Row numbers of the requests behind a figure, the newest first or the dearest; what is not known stands last."""
    condition, values = where.sql()
    order = "r.list_value desc, r.at desc, r.id desc" if dearest else "r.at desc, r.id desc"
    rows = db.execute(f"select r.id {_FROM} where {condition} order by {order}", values)
    rows.row_factory = None
    return array("q", (number for (number,) in rows))


_KNOWN = {
    "model": "select 1 from models where name = :name",
    "project": "select 1 from projects where path = :name or name = :name",
    "branch": "select 1 from places where branch = :name",
}


def known(db: sqlite3.Connection, kind: str, name: str) -> bool:
    """Whether a model, a project or a branch of exactly this name was ever met."""
    return db.execute(_KNOWN[kind], {"name": name}).fetchone() is not None


def in_order_of_logs(db: sqlite3.Connection, ids: Iterable[int]) -> array[int]:
    """The same row numbers, those of one log together."""
    rows = db.execute(
        "select id from requests where id in (select value from json_each(?)) order by agent, log_id, id",
        [json.dumps(list(ids))],
    )
    rows.row_factory = None
    return array("q", (number for (number,) in rows))


def session_count(db: sqlite3.Connection, where: Where) -> int:
    condition, values = where.sql()
    return int(db.execute(f"select count(distinct r.session_id) {_FROM} where {condition}", values).fetchone()[0])


class Priced(NamedTuple):
    """What was multiplied by one price, or by none. The prompt of each of these requests exceeds `over`, no higher threshold."""

    price: Price | None
    over: int
    total: Total


def by_price(db: sqlite3.Connection, where: Where) -> list[Priced]:
    """The total of a figure, split by what its tokens were multiplied by."""
    known = {number: price for number, _, price in prices(db)}
    thresholds = sorted({threshold for price in known.values() for threshold, _ in price.tiers})
    step = " + ".join(f"({_PROMPT} > {threshold:d})" for threshold in thresholds) or "0"
    condition, values = where.sql()
    rows = db.execute(f"select r.price_id, {step}, {R_SUMS} {_FROM} where {condition} group by 1, 2", values)
    return [
        Priced(known.get(number), thresholds[passed - 1] if passed else 0, total_of(sums))
        for number, passed, *sums in map(tuple, rows)
    ]


_PROMPT = "r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h"


def roots_met(db: sqlite3.Connection, agent: str) -> list[str]:
    """Every root in which a log of this agent was ever found."""
    return [row[0] for row in db.execute("select distinct root from logs where agent = ? order by 1", [agent])]


def request_keys_like(db: sqlite3.Connection, name: str) -> list[str]:
    """Keys of requests that are, or begin with, a name; at most 20."""
    rows = db.execute("select key from requests where key = ? limit 1", [name]).fetchall() or db.execute(
        "select key from requests where substr(key, 1, ?) = ? order by key limit 20", [len(name), name]
    )
    return [row[0] for row in rows]


# ------------------------------------------------------------------------------------------------------------ prices


def prices(db: sqlite3.Connection, after: int = 0) -> list[tuple[int, str, Price]]:
    """(number, variant, price) of every price that requests refer to, from a number on."""
    rows = db.execute(
        "select id, variant, model as price_model, since as price_since, until as price_until, rates, tiers, source, matched "
        "from prices where id > ? order by id",
        [after],
    )
    return [(row["id"], row["variant"], price_of(row)) for row in rows]


def models(db: sqlite3.Connection) -> list[str]:
    """Every model name met, as logged."""
    return [row[0] for row in db.execute("select name from models order by 1")]


def unpriced(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """(model, requests) without a price, most first."""
    rows = db.execute(
        "select coalesce(m.name, 'unknown'), count(*) from requests r left join models m on m.id = r.model_id "
        "where r.list_value is null and r.session_id > 0 group by 1 order by 2 desc, 1"
    )
    return [(row[0], row[1]) for row in rows]


# ------------------------------------------------------------------------------------------------------------ health


class LogHealth(NamedTuple):
    path: str
    root: str
    error: str | None
    unreadable: int
    gone: bool
    version: str | None


def log_health(db: sqlite3.Connection, agent: str) -> list[LogHealth]:
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


def limits(db: sqlite3.Connection, agent: str) -> list[Limit]:
    """What logs told last of each limit of the person's plans."""
    rows = db.execute(
        "select name, window, used_percent, resets_at, seen_at from limits where agent = ? order by name, window",
        [agent],
    )
    return [Limit(*row) for row in rows]


def request_count(db: sqlite3.Connection, agent: str) -> int:
    return int(db.execute("select coalesce(sum(requests), 0) from sessions where agent = ?", [agent]).fetchone()[0])


def agents_seen(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("select distinct agent from logs order by 1")]


def last_read(db: sqlite3.Connection) -> int | None:
    """When a pass over all logs last ended, UTC milliseconds."""
    at = setting(db, READ_AT)
    return int(at) if at.isdigit() else None


def failing_logs(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """(agent, path, reason) of logs that could not be read last time."""
    rows = db.execute(
        "select agent, path, error from logs where error is not null and gone_at is null order by path limit 50"
    )
    return [tuple(row) for row in rows]


def quarters_with_usage(db: sqlite3.Connection, agent: str) -> list[int]:
    """Quarters of an hour (UTC milliseconds) in which the agent used anything."""
    rows = db.execute(
        f"select distinct at / {BUCKET_MS} from requests where agent = ? and at is not null order by 1", [agent]
    )
    return [row[0] * BUCKET_MS for row in rows]


# ------------------------------------------------------------------------------------------------------------ settings


def settings(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("select key, value from settings").fetchall())


def setting(db: sqlite3.Connection, key: str, default: str = "") -> str:
    row = db.execute("select value from settings where key = ?", [key]).fetchone()
    return default if row is None else str(row[0])


def extra_roots(db: sqlite3.Connection, agent: str) -> list[str]:
    """Folders that the person added for an agent: the setting `roots.<agent>`, a JSON list."""
    try:
        roots = json.loads(setting(db, f"roots.{agent}", "[]"))
    except ValueError:
        return []
    named = roots if isinstance(roots, list) else []
    return [root for root in named if isinstance(root, str) and root.strip() and "\0" not in root]


def budgets(db: sqlite3.Connection) -> list[Budget]:
    """Every budget ever set, the oldest first."""
    rows = db.execute("select * from budgets order by since, id")
    return [
        Budget(
            row["id"], row["measure"], row["amount"], row["period"], row["project"], date.fromisoformat(row["since"])
        )
        for row in rows
    ]
