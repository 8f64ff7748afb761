"""Tasks, what came of them and what was expected of them. Outcomes and estimates are only ever added to.

Writers are called inside `transaction` and `journal.change`; a task's name for the person is made of what it is, so the same
import into two stores, or twice into one, gives the same tasks.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from tokentrack.model.tasks import Estimate, OutcomeEvent, Task
from tokentrack.model.usage import Total
from tokentrack.store import StoreError
from tokentrack.store.links import number_of
from tokentrack.store.read import CUT, KEPT_SUMS, Where, setting
from tokentrack.store.rows import R_SUMS, total_of
from tokentrack.store.write import set_setting

FIELDS = ("title", "key", "url", "project", "size", "anyway", "note", "private", "alias", "follow_up_of")
"""What `edit` changes."""


class TaskThere(StoreError):
    """A task with this key and project, or this very task, is there; the message is one sentence for the person."""


LONGEST_KEY = 40
LONGEST_URL = 2000


class Unfit(StoreError):
    """A task cannot have this key or this address; the message is one sentence for the person."""


def unfit(key: str | None, url: str | None) -> str | None:
    """Why a task cannot have this key or address, without a full stop; None: it can. Windows open addresses: web pages alone."""
    if key and (len(key) > LONGEST_KEY or " " in key or not key.isprintable()):
        return f"a key has at most {LONGEST_KEY} characters and no spaces, such as PAY-12"
    if url and (len(url) > LONGEST_URL or " " in url or not url.isprintable() or not _PAGE.match(url)):
        return "an address begins with https:// or http:// and has no spaces"
    return None


_PAGE = re.compile(r"https?://[^/]", re.IGNORECASE)


def _refuse(key: str | None, url: str | None) -> None:
    if reason := unfit(key, url):
        raise Unfit(f"{reason[0].upper()}{reason[1:]}.")


_TASK = """select t.*, p.path as project, f.uid as follow_up from tasks t left join projects p on p.id = t.project_id
  left join tasks f on f.id = t.follow_up_of"""


def _task_of(row: sqlite3.Row) -> Task:
    return Task(
        row["uid"], row["title"], row["key"], row["url"], row["project"], row["created_at"], row["outcome"],
        row["finished_at"], row["size"], row["anyway"], row["note"], bool(row["private"]), row["alias"], row["follow_up"],
    )  # fmt: skip


def tasks(db: sqlite3.Connection, until: int | None = None) -> list[Task]:
    """Every task, the oldest first; `until`: those made by then (UTC milliseconds)."""
    rows = db.execute(f"{_TASK} where ?1 is null or t.created_at <= ?1 order by t.created_at, t.id", [until])
    return [_task_of(row) for row in rows]


def finished_since(db: sqlite3.Connection, at: int) -> list[Task]:
    """Finished tasks whose outcome began then or later."""
    return [_task_of(row) for row in db.execute(f"{_TASK} where t.finished_at >= ? order by t.finished_at, t.id", [at])]


def task(db: sqlite3.Connection, uid: str) -> Task | None:
    row = db.execute(f"{_TASK} where t.uid = ?", [uid]).fetchone()
    return None if row is None else _task_of(row)


def tasks_like(db: sqlite3.Connection, name: str) -> list[Task]:
    """Tasks that a name may mean: an id, a key (`PAY-12`, `#12`, `shop#12`), or else the beginning of an id."""
    exact = db.execute(
        f"{_TASK} where t.uid = ?1 or upper(t.key) = upper(?1) or (t.key like '#%' and p.name || t.key = ?1) order by t.id",
        [name],
    ).fetchall()
    rows = exact or db.execute(f"{_TASK} where substr(t.uid, 1, length(?1)) = ?1 and ?1 <> '' order by t.id", [name])
    return [_task_of(row) for row in rows]


def projects(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """(path, name) of every project met, by name."""
    return [(row[0], row[1]) for row in db.execute("select path, name from projects order by name, path")]


def project_number(db: sqlite3.Connection, path: str | None) -> int | None:
    """The row number of a project, which is made where it is not there yet: a task may come before its first session."""
    if path is None:
        return None
    row = db.execute("select id from projects where path = ?", [path]).fetchone()
    if row is None:
        name = PurePath(path).name or path
        row = db.execute("insert into projects (path, name) values (?, ?) returning id", [path, name]).fetchone()
    return int(row[0])


def uid_of(task: Task) -> str:
    text = "\0".join((task.project or "", task.key or "", task.title, str(task.created_at)))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=5).hexdigest()


# ---- writing ---------------------------------------------------------------------------------------------------------


def add(db: sqlite3.Connection, task: Task) -> Task:
    """Adds an open task, and returns it with the id that it was given. Raises TaskThere and Unfit."""
    _refuse(task.key, task.url)
    made = replace(task, id=uid_of(task), outcome=None, finished_at=None)
    if db.execute("select 1 from tasks where uid = ?", [made.id]).fetchone():
        raise TaskThere(f"There is this task already: {made.id} {made.name}.")
    with _one_of_its_key(db, made):
        db.execute(
            """insert into tasks (uid, title, key, url, project_id, size, anyway, note, private, alias, follow_up_of, created_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [made.id, made.title, made.key, made.url, *_stored(db, made), made.created_at],
        )
    return made


def edit(db: sqlite3.Connection, uid: str, **fields: Any) -> Task:
    """Sets some of `FIELDS`. Raises TaskThere where another task has that key in that project, Unfit, and Unknown."""
    number = number_of(db, "tasks", uid)
    before = task(db, uid)
    assert before is not None
    after = replace(before, **{name: fields[name] for name in FIELDS if name in fields})
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"a task has no {', '.join(sorted(unknown))} to edit")
    if after != before:
        _refuse(after.key if after.key != before.key else None, after.url if after.url != before.url else None)
        with _one_of_its_key(db, after):
            db.execute(
                """update tasks set title = ?, key = ?, url = ?, project_id = ?, size = ?, anyway = ?, note = ?, private = ?,
                     alias = ?, follow_up_of = ? where id = ?""",
                [after.title, after.key, after.url, *_stored(db, after), number],
            )
    return after


def _stored(db: sqlite3.Connection, task: Task) -> list[object]:
    follows = None if task.follow_up_of is None else number_of(db, "tasks", task.follow_up_of)
    project = project_number(db, task.project)
    return [project, task.size, task.anyway, task.note, int(task.private), task.alias, follows]


@contextmanager
def _one_of_its_key(db: sqlite3.Connection, task: Task) -> Iterator[None]:
    """Of the tasks of a project one has a key; the database's own rule becomes a sentence."""
    try:
        yield
    except sqlite3.IntegrityError:
        other = next((one for one in tasks_like(db, task.key or "") if one.project == task.project), None)
        if other is None:
            raise
        where = f" in {PurePath(task.project).name}" if task.project else ""
        raise TaskThere(f"{task.key} is the key of another task{where}: {other.id} {other.title}.") from None


def finish(db: sqlite3.Connection, uid: str, outcome: str, note: str, now: int) -> None:
    """Something came of the task: one of `OUTCOMES`. Of a finished one it may change.

    `finished_at` is when the outcome that stands began: the same again, with another sentence, moves nothing.
    """
    number = number_of(db, "tasks", uid)
    _say(db, number, now, outcome, note)
    db.execute(
        """update tasks set status = 'finished', outcome = ?1, finished_at = iif(outcome is ?1, finished_at, ?2)
           where id = ?3""",
        [outcome, now, number],
    )


def reopen(db: sqlite3.Connection, uid: str, now: int) -> None:
    """The task goes on; what came of it so far stays in its history. An open one stays as it is."""
    number = number_of(db, "tasks", uid)
    stopped = (
        "update tasks set status = 'open', outcome = null, finished_at = null where id = ? and status = 'finished'"
    )
    if db.execute(stopped, [number]).rowcount:
        _say(db, number, now, None, "")


def _say(db: sqlite3.Connection, number: int, at: int, outcome: str | None, note: str) -> None:
    db.execute("insert into outcomes (task_id, at, outcome, note) values (?, ?, ?, ?)", [number, at, outcome, note])


def outcomes(db: sqlite3.Connection, uid: str) -> list[OutcomeEvent]:
    """What came of a task, the oldest first."""
    rows = db.execute(
        "select o.at, o.outcome, o.note from outcomes o join tasks t on t.id = o.task_id where t.uid = ? order by o.at, o.id",
        [uid],
    )
    return [OutcomeEvent(*row) for row in rows]


def first_finished(db: sqlite3.Connection) -> dict[str, int]:
    """Finished task's uid ▶ when something came of it first since it was last opened: delivered then, maybe shipped later."""
    rows = db.execute(
        """select t.uid, min(o.at) from outcomes o join tasks t on t.id = o.task_id
           where t.outcome is not null and o.outcome is not null and not exists (select 1 from outcomes n
             where n.task_id = o.task_id and n.outcome is null and (n.at, n.id) > (o.at, o.id)) group by o.task_id"""
    )
    return {row[0]: row[1] for row in rows}


def add_estimate(db: sqlite3.Connection, uid: str, what: str, low: int, high: int, now: int) -> None:
    """What a task may take: `spend` in micro-dollars of list value, `with_ai` or `without_ai` in minutes."""
    db.execute(
        "insert into estimates (task_id, made_at, what, low, high, spent) values (?, ?, ?, ?, ?, 0)",
        [number_of(db, "tasks", uid), now, what, low, high],
    )


_ESTIMATE = """select t.uid, e.made_at, e.what, e.low, e.high, coalesce(sum(r.list_value), 0), coalesce(sum(
    r.input + r.output + r.cache_read + r.cache_write_5m + r.cache_write_1h), 0)
  from estimates e join tasks t on t.id = e.task_id left join links l on l.task_id = t.id
  left join requests r on r.session_id = l.session_id and r.turn >= l.turn_from
    and (l.turn_to is null or r.turn <= l.turn_to) and r.at <= e.made_at"""
"""What was spent by then is asked of what is linked now: work may be linked after its task was estimated (AC 28). What the
column `spent` holds in older stores is not read."""


def estimates(db: sqlite3.Connection, uid: str) -> list[Estimate]:
    """What was expected of a task, the oldest first."""
    rows = db.execute(f"{_ESTIMATE} where t.uid = ? group by e.id order by e.made_at, e.id", [uid])
    return [Estimate(*told) for _, *told in map(tuple, rows)]


def every_estimate(db: sqlite3.Connection) -> dict[str, list[Estimate]]:
    """Task's uid ▶ what was expected of it, the oldest first; tasks without an estimate are not there."""
    found: dict[str, list[Estimate]] = {}
    for uid, *told in map(tuple, db.execute(f"{_ESTIMATE} group by e.id order by e.made_at, e.id")):
        found.setdefault(uid, []).append(Estimate(*told))
    return found


_PARTS = ("links", "rules", "estimates", "outcomes", "rejections", "declarations", "verdicts", "follow_ups")
"""Tables of what belongs to a task."""


def delete(db: sqlite3.Connection, uid: str) -> None:
    """Takes a task out with everything that belongs to it; its turns are unlinked again. Raises Unknown."""
    number = number_of(db, "tasks", uid)
    db.execute("update tasks set follow_up_of = null where follow_up_of = ?", [number])
    rules_of_it = "rule_id in (select id from rules where task_id = ?)"
    db.execute(f"update links set rule_id = null where {rules_of_it} and task_id is not ?", [number, number])
    db.execute(f"delete from rule_hits where {rules_of_it}", [number])
    for table in _PARTS:  # before the task, so that the way back goes the other way round
        db.execute(f"delete from {table} where task_id = ?", [number])
    db.execute("delete from tasks where id = ?", [number])


def merge(db: sqlite3.Connection, kept: str, gone: str, now: int) -> Task:
    """Makes two tasks one: everything of `gone` becomes `kept`'s, which also takes over what it does not say itself.

    What came of `kept` is what came of both; where the histories together would end otherwise, that is noted now. Its sentence
    about that stands also where the other's came later.
    """
    if kept == gone:
        raise TaskThere("A task cannot be merged with itself.")
    one, other = number_of(db, "tasks", kept), number_of(db, "tasks", gone)
    said, more = task(db, kept), task(db, gone)
    assert said is not None
    assert more is not None
    sentence = next((one.note for one in reversed(outcomes(db, kept)) if one.outcome == said.outcome), "")
    _hand_over(db, other, one)
    _remember(db, more, kept)
    merged = edit(db, kept, **_lacking(said, more), private=said.private or more.private)
    history = outcomes(db, kept)
    if history and history[-1].outcome != merged.outcome:
        _say(db, one, now, merged.outcome, sentence)
    elif history and sentence not in ("", history[-1].note):
        _say(db, one, history[-1].at, merged.outcome, sentence)
    return merged


def _hand_over(db: sqlite3.Connection, other: int, one: int) -> None:
    """Everything that belongs to the task `other` becomes that of `one`, whose own answers stand, and `other` is gone."""
    db.execute(
        """delete from rejections where task_id = ?1 and session_id in (select session_id from rejections where task_id = ?2
             union select session_id from links where task_id = ?2)""",
        [other, one],
    )
    db.execute(
        "delete from verdicts where task_id = ?1 and exists (select 1 from verdicts where task_id = ?2)", [other, one]
    )
    db.execute(
        "delete from follow_ups where task_id = ?1 and days in (select days from follow_ups where task_id = ?2)",
        [other, one],
    )
    for table in _PARTS:
        db.execute(f"update {table} set task_id = ? where task_id = ?", [one, other])
    db.execute("update tasks set follow_up_of = null where id = ? and follow_up_of = ?", [one, other])
    db.execute("update tasks set follow_up_of = ? where follow_up_of = ?", [one, other])
    db.execute("delete from tasks where id = ?", [other])


def _lacking(said: Task, more: Task) -> dict[str, object]:
    """What `more` says and `said` does not."""
    taken = {
        name: getattr(more, name)
        for name in ("key", "url", "project", "size", "anyway", "note", "alias")
        if not getattr(said, name) and getattr(more, name)
    }
    if said.key:  # a key means what it means in its project
        taken.pop("project", None)
    return taken


MERGED = "tasks.merged"
"""The setting that holds what merged tasks were called, a JSON list of [id, project, key, url, id of what they became]."""


def _remember(db: sqlite3.Connection, gone: Task, kept: str) -> None:
    """Its key and address go on meaning the work, whichever of the two the tracker, a branch or a prompt names.

    This stays when the merge is taken back: then the task is there again, and its name is its own (see `former`).
    """
    if gone.key or gone.url:
        told = [one for one in _merged(db) if one[0] != gone.id]
        told.append([gone.id, gone.project, gone.key, gone.url, kept])
        set_setting(db, MERGED, json.dumps(told))


def _merged(db: sqlite3.Connection) -> list[list[Any]]:
    return list(json.loads(setting(db, MERGED, "[]")))


def former(db: sqlite3.Connection) -> list[tuple[str | None, str | None, str | None, str]]:
    """(project, key, address, task) of what was merged into tasks that are there, the latest first."""
    told = _merged(db)
    became = {one[0]: one[4] for one in told}
    there = {row[0] for row in db.execute("select uid from tasks")} if told else set()
    found = []
    for uid, project, key, url, _ in reversed(told):
        now, steps = uid, 0
        while now not in there and now in became and steps < len(told):
            now, steps = became[now], steps + 1
        if now != uid and now in there:
            found.append((project, key, url, now))
    return found


# ---- sums ------------------------------------------------------------------------------------------------------------


def totals(
    db: sqlite3.Connection, until: int | None = None, of: tuple[str, ...] | None = None
) -> dict[str | None, Total]:
    """Task's uid ▶ what its turns used before `until`, UTC milliseconds; None: no task, on purpose; "": not linked.

    `of`: these tasks alone, which is a small part of the work.

    They add up to the total of all requests, always (AC 3). Of all there is, sessions that are linked as a whole are not
    looked into.
    """
    if until is None and of is None:
        queries: list[tuple[str, list[object]]] = [
            (_WHOLE, []),
            (f"{_REQUESTS} where r.session_id in ({CUT}) group by 1", []),
        ]
    else:
        condition, values = Where(until=until, tasks=of).sql()
        queries = [(f"{_REQUESTS} where {condition} group by 1", values)]
    found: dict[str | None, Total] = {}
    for query, values in queries:
        for key, *sums in map(tuple, db.execute(query, values)):
            found[key] = found.get(key, Total()) + total_of(sums)
    return found


_KEY = "case when l.id is null then '' else t.uid end"
_WHOLE = f"""select {_KEY}, {KEPT_SUMS} from sessions s left join links l on l.session_id = s.id
  left join tasks t on t.id = l.task_id where s.id not in ({CUT}) and s.requests > 0 group by 1"""
_REQUESTS = f"""select {_KEY}, {R_SUMS} from requests r join sessions s on s.id = r.session_id left join links l
  on l.session_id = r.session_id and r.turn >= l.turn_from and (l.turn_to is null or r.turn <= l.turn_to)
  left join tasks t on t.id = l.task_id"""
