"""Where words stand: tasks, sessions' titles, what came of tasks in one sentence, what was noted in reviews."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Hit(NamedTuple):
    """`kind` is `task`, `session`, `learned` (also what was decided against), `outcome` (any other sentence about one) or `week`.

    `id` is a task's, a session's, or a week such as 2026-W47. `snippet` is the place in what was written, "" where the title has
    it. `at` is UTC milliseconds, None: not known.
    """

    kind: str
    id: str
    title: str
    snippet: str
    at: int | None


def search(db: sqlite3.Connection, expression: str, limit: int) -> list[Hit]:
    """What an expression of FTS5 finds, the best first: words in a title weigh more, and of equals the newest comes first.

    Of what came of a task, a sentence that was put in another's place is not found any more.
    """
    rows = db.execute(
        """select case w.rowid & 3 when 0 then 'task' when 1 then 'session' when 3 then 'week'
               else case when o.outcome in ('learned', 'decided not to') then 'learned' else 'outcome' end end as kind,
             coalesce(t.uid, s.uid, d.week) as id, coalesce(ifnull(t.key || ' ', '') || t.title, s.title, d.week) as title,
             snippet(words, 1, '', '', '…', 24) as snippet,
             coalesce(o.at, t.finished_at, t.created_at, s.ended_at, d.changed_at) as at
           from words w
           left join outcomes o on w.rowid & 3 = 2 and o.id = w.rowid >> 2
           left join tasks t on t.id = case w.rowid & 3 when 0 then w.rowid >> 2 when 2 then o.task_id end
           left join sessions s on w.rowid & 3 = 1 and s.id = w.rowid >> 2 and (s.ended_at is not null or s.requests > 0)
           left join drafts d on w.rowid & 3 = 3 and d.week = substr(w.rowid >> 2, 1, 4) || '-W' || substr(w.rowid >> 2, 5)
           where words match ? and coalesce(t.uid, s.uid, d.week) is not null and not exists (
             select 1 from outcomes n where n.task_id = o.task_id and (n.at, n.id) > (o.at, o.id) and n.note <> ''
             and not exists (select 1 from outcomes b where b.task_id = o.task_id and b.outcome is null
               and (b.at, b.id) > (o.at, o.id) and (b.at, b.id) <= (n.at, n.id)))
           order by round(bm25(words, 3.0, 1.0), 3), at desc, w.rowid limit ?""",
        [expression, limit],
    )
    return [Hit(row["kind"], row["id"], row["title"], " ".join(row["snippet"].split()), row["at"]) for row in rows]
