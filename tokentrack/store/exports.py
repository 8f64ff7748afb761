"""What was handed over and when; the bytes of the page are not kept. And what the store tells of names that must not leave."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentrack.store.repositories import name_of


class Handed(NamedTuple):
    """A page that left: `at` UTC milliseconds, `created` and the weeks' names as on the page, `sha256` of what it says.

    `withheld` rows were kept back, `accepted` findings let through; `options` is JSON by which it can be made again.
    """

    at: int
    format: str
    weeks: tuple[str, ...]
    created: str
    sha256: str
    withheld: int
    accepted: int
    options: str


_COLUMNS = "at, format, weeks, created, sha256, withheld, accepted, options"


def add(db: sqlite3.Connection, one: Handed) -> None:
    """Call inside a transaction."""
    db.execute(
        f"insert into exports ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [one.at, one.format, json.dumps(one.weeks), *one[3:]],
    )


def exports(db: sqlite3.Connection, since: int | None = None, until: int | None = None) -> list[Handed]:
    """Those made in [since, until), UTC milliseconds, the newest first."""
    rows = db.execute(
        f"""select {_COLUMNS} from exports where (?1 is null or at >= ?1) and (?2 is null or at < ?2)
            order by at desc, id desc""",
        [since, until],
    )
    return [_handed(row) for row in rows]


def saying(db: sqlite3.Connection, sha256: str) -> list[Handed]:
    """The pages that said what this digest is of, the newest first: the same may leave on several days."""
    rows = db.execute(f"select {_COLUMNS} from exports where sha256 = ? order by at desc, id desc", [sha256])
    return [_handed(row) for row in rows]


def _handed(row: sqlite3.Row) -> Handed:
    at, format_, weeks, *rest = row
    return Handed(at, format_, tuple(json.loads(weeks)), *rest)


# ---- what the store knows --------------------------------------------------------------------------------------------


def first_use(db: sqlite3.Connection) -> int | None:
    """When the first request was made that is known of; None: none is, or it has no time."""
    at = db.execute("select min(at) from requests").fetchone()[0]
    return None if at is None else int(at)


def sessions_named(db: sqlite3.Connection, words: Iterable[str]) -> list[str]:
    """Those of the words that are ids of sessions, ours or their agent's."""
    rows = db.execute(
        """select value from json_each(?) where value in (select uid from sessions)
           or value in (select native_id from sessions)""",
        [json.dumps(sorted(set(words)))],
    )
    return [str(row[0]) for row in rows]


def branches(db: sqlite3.Connection) -> set[str]:
    """Names of branches, as git has them and as agents logged them."""
    rows = db.execute("select ref from branches union select branch from places where branch is not null")
    return {name_of(row[0]) for row in rows}


def worked_on_in(db: sqlite3.Connection, projects: Iterable[str]) -> set[str]:
    """Ids of the tasks without a project that are linked to a session in one of these projects (paths)."""
    wanted = sorted(projects)
    if not wanted:
        return set()
    rows = db.execute(
        """select distinct t.uid from tasks t join links l on l.task_id = t.id join sessions s on s.id = l.session_id
           join projects p on p.id = s.project_id
           where t.project_id is null and p.path in (select value from json_each(?))""",
        [json.dumps(wanted)],
    )
    return {str(row[0]) for row in rows}


def hosts(db: sqlite3.Connection) -> list[str]:
    """Host and path of every remote that a repository has, such as `github.com/me/shop`."""
    return [str(row[0]) for row in db.execute("select distinct h.value from repositories r, json_each(r.hosts) h")]
