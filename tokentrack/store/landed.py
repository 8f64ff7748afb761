"""What came of a task in its repositories: the commits that name it or were made for it, and what brought them in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentrack.store.repositories import commit_like, own_digests


class Landed(NamedTuple):
    """A commit that bears on a task. `landed_at` and `landed_by` tell of the commit that brought it into the default branch.

    `pull` is the request that it, or what brought it, merges.
    """

    project: str
    sha: bytes
    committed_at: int
    landed_by: bytes | None
    landed_at: int | None
    pull: str | None


_LANDED = """select p.path, c.sha, c.committed_at, l.sha as landed_by, l.committed_at as landed_at,
    coalesce((select min(m.value) from commit_marks m where m.commit_id = l.id and m.kind = 'pull'),
             (select min(m.value) from commit_marks m where m.commit_id = c.id and m.kind = 'pull')) as pull
  from commits c join projects p on p.id = c.project_id
  left join commits l on l.id = coalesce(c.landed, c.copied)"""


def naming(db: sqlite3.Connection, marks: Iterable[tuple[str, str]], project: str | None, until: int) -> list[Landed]:
    """Commits of a project, or of any, that bear one of the marks (kind, value)."""
    wanted = json.dumps([list(mark) for mark in marks])
    rows = db.execute(
        f"""{_LANDED} where c.committed_at <= ?1 and (?2 is null or p.path = ?2) and c.id in (select m.commit_id
        from json_each(?3) w join commit_marks m on m.value = w.value ->> 1 and m.kind = w.value ->> 0)
        order by c.committed_at, c.sha""",
        [until, project, wanted],
    )
    return [_landed(row) for row in rows]


def made_for(db: sqlite3.Connection, task: str, until: int) -> list[Landed]:
    """Commits that sessions made in turns linked to a task."""
    told = db.execute(
        """select s.project_id, m.value from tasks t join links l on l.task_id = t.id join sessions s on s.id = l.session_id
        join marks m on m.session_id = s.id and m.kind = 'commit' and m.at <= ?2
        where t.uid = ?1 and coalesce((select max(n.seq) from turns n where n.session_id = s.id and n.at <= m.at), 0)
          between l.turn_from and coalesce(l.turn_to, 9e18) order by m.at, m.value""",
        [task, until],
    ).fetchall()
    numbers = [number for project, name in told if project and (number := commit_like(db, project, name)) is not None]
    rows = db.execute(
        f"""{_LANDED} where c.committed_at <= ? and c.id in (select value from json_each(?)) order by c.committed_at, c.sha""",
        [until, json.dumps(numbers)],
    )
    return [_landed(row) for row in rows]


def _landed(row: sqlite3.Row) -> Landed:
    return Landed(row["path"], row["sha"], row["committed_at"], row["landed_by"], row["landed_at"], row["pull"])


def branches_of(db: sqlite3.Connection, task: str, until: int) -> list[tuple[str, str, int | None]]:
    """(project, branch, first used) of the turns linked to a task, with the branches' names as the agents wrote them."""
    rows = db.execute(
        """select p.path, pl.branch, min(r.at) from tasks t join requests_by_task r on r.task_id = t.id
        join sessions s on s.id = r.session_id join projects p on p.id = s.project_id join places pl on pl.id = r.place_id
        where t.uid = ? and pl.branch <> '' and (r.at is null or r.at <= ?) group by 1, 2 order by 3, 1, 2""",
        [task, until],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def projects_of(db: sqlite3.Connection, task: str) -> list[str]:
    """The project of a task, and those of the sessions linked to it."""
    rows = db.execute(
        """select p.path from tasks t join projects p on p.id = t.project_id where t.uid = ?1
        union select p.path from tasks t join links l on l.task_id = t.id join sessions s on s.id = l.session_id
        join projects p on p.id = s.project_id where t.uid = ?1 order by 1""",
        [task],
    )
    return [row[0] for row in rows]


def merges_named(db: sqlite3.Connection, project: str, branch: str, since: int, until: int) -> list[Landed]:
    """Merges into the default branch that name a branch, in [since, until], the oldest first."""
    rows = db.execute(
        f"""{_LANDED} where p.path = ? and c.landed = c.id and c.committed_at between ? and ? and exists (select 1
        from commit_marks m where m.commit_id = c.id and m.kind = 'branch' and m.value = ?) order by c.committed_at, c.sha""",
        [project, since, until, branch],
    )
    return [_landed(row) for row in rows]


def by_sha(db: sqlite3.Connection, project: str, sha: bytes) -> Landed | None:
    row = db.execute(f"{_LANDED} where p.path = ? and c.sha = ?", [project, sha]).fetchone()
    return None if row is None else _landed(row)


class Revert(NamedTuple):
    """A commit on the default branch that takes back what `of` names, and the commit that brought it there."""

    sha: bytes
    landed_by: bytes
    of: str
    at: int

    def takes_back(self, *shas: bytes | None) -> bool:
        return any(sha.hex().startswith(self.of) for sha in shas if sha is not None)


def reverted(db: sqlite3.Connection, projects: Iterable[str], until: int) -> dict[str, list[Revert]]:
    """The reverts of each project, the oldest first."""
    found: dict[str, list[Revert]] = {}
    for project in projects:
        rows = db.execute(
            """select c.sha, l.sha, m.value, c.committed_at from projects p join commits c on c.project_id = p.id
            join commits l on l.id = c.landed join commit_marks m on m.commit_id = c.id and m.kind = 'reverts'
            where p.path = ? and c.committed_at <= ? order by c.committed_at, c.sha""",
            [project, until],
        )
        found[project] = [Revert(*row) for row in rows]
    return found


class Pull(NamedTuple):
    """A pull request on the default branch: the commit that merged or squashed it, and the person's first commit in it."""

    number: str
    sha: bytes
    began_at: int
    marks: tuple[tuple[str, str], ...]


def own_pulls(db: sqlite3.Connection, project: str, until: int) -> list[Pull]:
    """Pull requests that brought commits by the person's own addresses, the oldest first."""
    repo = db.execute(
        "select r.project_id, r.addresses from repositories r join projects p on p.id = r.project_id where p.path = ?",
        [project],
    ).fetchone()
    own = own_digests(db, repo["addresses"]) if repo else []
    if not own:
        return []
    rows = db.execute(
        f"""select l.id, l.sha, min(m.value) as number, (select min(c.authored_at) from commits c where c.landed = l.id
          and c.author in ({", ".join("?" * len(own))})) as began_at
        from commits l join commit_marks m on m.commit_id = l.id and m.kind = 'pull'
        where l.project_id = ? and l.landed = l.id and l.committed_at <= ? group by l.id order by l.committed_at, l.sha""",
        [*own, repo["project_id"], until],
    ).fetchall()
    return [
        Pull(row["number"], row["sha"], row["began_at"], _marks_of(db, row["id"]))
        for row in rows
        if row["began_at"] is not None
    ]


def _marks_of(db: sqlite3.Connection, number: int) -> tuple[tuple[str, str], ...]:
    return tuple(
        (row[0], row[1]) for row in db.execute("select kind, value from commit_marks where commit_id = ?", [number])
    )
