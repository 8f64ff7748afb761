"""Everything that is asked of the store. Plain values in, plain values out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tokentrack.clock import BUCKET_MS
from tokentrack.model.costs import Budget, Price
from tokentrack.model.logs import Limit
from tokentrack.model.usage import Session, Total
from tokentrack.store.rows import R_SUMS, price_of, session_of, total_of

UNKNOWN = "unknown"
"""The key of what has none."""


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

FROM = "from requests r join sessions s on s.id = r.session_id"
PROMPT = "r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h"


def total(db: sqlite3.Connection, where: Where) -> Total:
    condition, values = where.sql()
    return total_of(db.execute(f"select {R_SUMS} {FROM} where {condition}", values).fetchone())


def session_count(db: sqlite3.Connection, where: Where) -> int:
    condition, values = where.sql()
    return int(db.execute(f"select count(distinct r.session_id) {FROM} where {condition}", values).fetchone()[0])


def totals_by(db: sqlite3.Connection, key: str, where: Where) -> list[tuple[str, Total]]:
    """(key, total) for each value of one of `KEYS`."""
    condition, values = where.sql()
    rows = db.execute(f"select {KEYS[key]} as key, {R_SUMS} {FROM} where {condition} group by 1 order by 1", values)
    return [(row[0], total_of(row[1:])) for row in map(tuple, rows)]


def totals_by_quarter(db: sqlite3.Connection, where: Where) -> list[tuple[int | None, str, Total]]:
    """(start of the quarter of an hour in UTC milliseconds, agent, total); None: requests whose time is not known."""
    condition, values = where.sql()
    rows = db.execute(
        f"select r.at / {BUCKET_MS} as quarter, r.agent, {R_SUMS} {FROM} where {condition} group by 1, 2 order by 1, 2",
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
                    {FROM} where s.uid = ? group by r.turn""",
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


# ------------------------------------------------------------------------------------------------------------ names


_KNOWN = {
    "model": "select 1 from models where name = :name",
    "project": "select 1 from projects where path = :name or name = :name",
    "branch": "select 1 from places where branch = :name",
}


def known(db: sqlite3.Connection, kind: str, name: str) -> bool:
    """Whether a model, a project or a branch of exactly this name was ever met."""
    return db.execute(_KNOWN[kind], {"name": name}).fetchone() is not None


def request_keys_like(db: sqlite3.Connection, name: str) -> list[str]:
    """Keys of requests that are, or begin with, a name; at most 20."""
    rows = db.execute("select key from requests where key = ? limit 1", [name]).fetchall() or db.execute(
        "select key from requests where substr(key, 1, ?) = ? order by key limit 20", [len(name), name]
    )
    return [row[0] for row in rows]


# ------------------------------------------------------------------------------------------------------------ prices


def prices(db: sqlite3.Connection) -> list[tuple[int, str, Price]]:
    """(number, variant, price) of every price that requests refer to."""
    rows = db.execute(
        "select id, variant, model as price_model, since as price_since, until as price_until, rates, tiers, source, matched "
        "from prices order by id"
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


# ------------------------------------------------------------------------------------------------------------ agents


def limits(db: sqlite3.Connection, agent: str) -> list[Limit]:
    """What logs told last of each limit of the person's plans."""
    rows = db.execute(
        "select name, window, used_percent, resets_at, seen_at from limits where agent = ? order by name, window",
        [agent],
    )
    return [Limit(*row) for row in rows]


def request_count(db: sqlite3.Connection, agent: str) -> int:
    return int(db.execute("select coalesce(sum(requests), 0) from sessions where agent = ?", [agent]).fetchone()[0])


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
