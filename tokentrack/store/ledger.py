"""Which task each request's list value belongs to: the sums of the ledger, which leave nothing out and count nothing twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tokentrack.model.usage import Total
from tokentrack.store.read import CUT, KEPT_SUMS, NO_TASK, REWORK_OF, UNLINKED, Where
from tokentrack.store.rows import LACKING, PARTIAL, R_SUMS, total_of

_FROM = "from requests_by_task r join sessions s on s.id = r.session_id left join tasks t on t.id = r.task_id"
_SPLIT = f"""select s.id from sessions s where s.id in ({CUT}) or exists (select 1 from links l join tasks t on t.id = l.task_id
  join outcomes o on o.task_id in (t.id, t.follow_up_of) and o.outcome = 'shipped' where l.session_id = s.id)"""
"""Sessions that may have several parts: cut, or linked to a task whose spend may be rework. Of others their own sums tell."""
_WHOLE = f"""select case when l.id is null then '{UNLINKED}' when t.id is null then '{NO_TASK}' else t.uid end, s.uid, null,
    s.ended_at, {KEPT_SUMS} from sessions s left join links l on l.session_id = s.id left join tasks t on t.id = l.task_id
  where s.requests > 0 and s.id not in ({_SPLIT}) group by s.id"""


NOTHING = Total()


class Booked(NamedTuple):
    """What one session used for one task. `task` is its id, `NO_TASK` or `UNLINKED`; `rework` is not in `plain`.

    `last_at` is None where the time of no request is known. `after` tells of each task whose shipping made rework of it how much
    that is; they add up to `rework`.
    """

    task: str
    session: str
    plain: Total
    rework: Total
    last_at: int | None
    after: tuple[tuple[str, Total], ...] = ()

    @property
    def total(self) -> Total:
        return self.plain + self.rework if self.rework.requests else self.plain


def booked(db: sqlite3.Connection, where: Where) -> list[Booked]:
    """Every session with use, once for each task that it was used for; in the order of their ids.

    Without a condition, sessions that are linked as a whole, or not at all, are not looked into.
    """
    everything = where == Where()
    found = _gathered(db.execute(_WHOLE)) if everything else {}
    condition, values = (f"s.id in ({_SPLIT})", list[object]()) if everything else where.sql()
    names = dict(db.execute("select id, uid from tasks").fetchall())
    rows = db.execute(
        f"""select r.link_id, r.task_id, s.uid, {REWORK_OF}, max(r.at), {R_SUMS} {_FROM}
            where {condition} group by r.session_id, 1, 4""",
        values,
    )
    rows.row_factory = None
    named = (
        (UNLINKED if link is None else NO_TASK if task is None else names[task], session, names.get(shipped), *rest)
        for link, task, session, shipped, *rest in rows
    )
    found |= _gathered(named)
    return [found[key] for key in sorted(found)]


def _gathered(rows: Iterable[Sequence[Any]]) -> dict[tuple[str, str], Booked]:
    found: dict[tuple[str, str], Booked] = {}
    for task, session, shipped, last_at, *sums in rows:
        total = total_of(sums)
        if shipped is None:
            one = Booked(task, session, total, NOTHING, last_at)
        else:
            one = Booked(task, session, NOTHING, total, last_at, ((shipped, total),))
        other = found.get((task, session))
        found[task, session] = one if other is None else _both(other, one)
    return found


def _both(a: Booked, b: Booked) -> Booked:
    last = max((at for at in (a.last_at, b.last_at) if at is not None), default=None)
    after = dict(a.after)
    for task, total in b.after:
        after[task] = after.get(task, NOTHING) + total
    return Booked(a.task, a.session, a.plain + b.plain, a.rework + b.rework, last, tuple(sorted(after.items())))


def unrecorded(db: sqlite3.Connection, since: int | None = None, until: int | None = None) -> list[tuple[str, str]]:
    """(task, session) of sessions active in [since, until) of which some tokens are recorded nowhere: they are in no sum.

    A session counts for every task that it is linked to, and as unlinked where a turn of it, or all of it, has no link.
    """
    active = f"s.ended_at >= ? and s.started_at < ? and s.tokens_from = {LACKING}"
    given = [0 if since is None else since, 1 << 62 if until is None else until]
    rows = db.execute(
        f"""select distinct coalesce(t.uid, '{NO_TASK}'), s.uid from sessions s join links l on l.session_id = s.id
            left join tasks t on t.id = l.task_id where {active}
            union select '{UNLINKED}', s.uid from sessions s where {active} and (
              not exists (select 1 from links l where l.session_id = s.id)
              or exists (select 1 from turns n where n.session_id = s.id and not exists (
                select 1 from links l where l.session_id = s.id and l.turn_from <= n.seq
                and (l.turn_to is null or n.seq <= l.turn_to))))
            order by 1, 2""",
        given * 2,
    )
    rows.row_factory = None
    return list(rows)


def unrecorded_by_task(db: sqlite3.Connection) -> Counter[str]:
    """How many sessions `unrecorded` tells for each task, ever."""
    return Counter(task for task, _ in unrecorded(db))


def partly_recorded(db: sqlite3.Connection, since: int, until: int) -> list[tuple[str, str | None]]:
    """(agent, project's path) with a session active in [since, until) of which tokens are recorded in part, or not at all."""
    rows = db.execute(
        f"""select distinct s.agent, p.path from sessions s left join projects p on p.id = s.project_id
            where s.ended_at >= ? and s.started_at < ? and s.tokens_from in ({PARTIAL}, {LACKING}) order by 1, 2""",
        [since, until],
    )
    rows.row_factory = None
    return list(rows)
