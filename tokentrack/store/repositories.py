"""What is known of repositories: their commits as far as linking and evidence need them, and their branches.

Commits that a repository no longer has stay: the store is the archive. Whose address an own one is, is asked anew each time.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokentrack.model.repositories import Branch, Commit, Repository

NUMBERED_FROM = 3
"""Commits that name or close a `#number` before a project counts as one that numbers its tasks."""
EMAILS = "emails"
"""The setting that holds more own addresses, a JSON list."""
FOREVER = 1 << 62
_SHA = re.compile(r"[0-9a-f]{7,64}")


def projects(db: sqlite3.Connection) -> list[str]:
    """Paths of all projects, the last used first."""
    rows = db.execute(
        """select p.path from projects p left join sessions s on s.project_id = p.id
        group by p.id order by max(s.ended_at) desc, p.path"""
    )
    return [row[0] for row in rows]


def repository(db: sqlite3.Connection, project: str, until: int | None = None) -> Repository | None:
    """None: not asked yet, or no such project. `until`: what commits up to then tell."""
    row = db.execute(
        "select r.* from repositories r join projects p on p.id = r.project_id where p.path = ?", [project]
    ).fetchone()
    if row is None:
        return None
    at_most = FOREVER if until is None else until
    return Repository(
        project, row["default_branch"], tuple(json.loads(row["hosts"])),
        own_addresses(db, json.loads(row["addresses"])), tuple(_branches(db, row["project_id"], at_most)),
        row["refs"] is not None, row["error"], row["read_at"],
    )  # fmt: skip


def bearing(db: sqlite3.Connection, project: str | None, prefix: str, most: int) -> int:
    """How many commits of a project name or close a key with this prefix; no more than `most` are looked for."""
    return len(
        db.execute(
            """select distinct c.id from commit_marks m indexed by commit_marks_by_value
            cross join commits c on c.id = m.commit_id cross join projects p on p.id = c.project_id
            where m.value >= ?1 || '-' and m.value < ?1 || '.' and m.kind in ('key', 'closes') and p.path = ?2 limit ?3""",
            [prefix, project, most],
        ).fetchall()
    )


def numbered(db: sqlite3.Connection, project: str | None) -> bool:
    """Whether a project numbers its tasks: several commits name or close `#numbers`, or merge pull requests."""
    found = db.execute(
        """select 1 from projects p join commits c on c.project_id = p.id where p.path = ? and exists (
          select 1 from commit_marks m where m.commit_id = c.id and (m.kind in ('number', 'pull')
          or (m.kind = 'closes' and m.value not like '%-%' and m.value not like '%/%'))) limit ?""",
        [project, NUMBERED_FROM],
    )
    return len(found.fetchall()) >= NUMBERED_FROM


def project_at(db: sqlite3.Connection, host: str) -> str | None:
    """The path of the one project whose remote is at a host and path such as `github.com/me/shop`; None: none, or several."""
    rows = db.execute(
        """select distinct p.path from repositories r join projects p on p.id = r.project_id, json_each(r.hosts) h
           where lower(h.value) = lower(?) limit 2""",
        [host],
    ).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


class Health(NamedTuple):
    """How reading a repository went. `own_commits` is None where no own address is known."""

    project: str
    commits: int
    own_commits: int | None
    whole: bool
    error: str | None


def health(db: sqlite3.Connection) -> list[Health]:
    """Every repository that was asked, and each that is missing."""
    found = []
    for row in db.execute(
        "select r.*, p.path from repositories r join projects p on p.id = r.project_id order by p.path"
    ).fetchall():
        own = own_digests(db, row["addresses"])
        places = ", ".join("?" * len(own)) or "null"
        commits, mine = db.execute(
            f"select count(*), total(author in ({places}) or committer in ({places})) from commits where project_id = ?",
            [*own, *own, row["project_id"]],
        ).fetchone()
        found.append(Health(row["path"], commits, int(mine) if own else None, row["refs"] is not None, row["error"]))
    return found


def repository_error(db: sqlite3.Connection, project: str) -> str | None:
    """Why the repository of a project cannot be read; None: it can, or there is none."""
    row = db.execute(
        "select r.error from repositories r join projects p on p.id = r.project_id where p.path = ?", [project]
    ).fetchone()
    return None if row is None else row[0]


def _branches(db: sqlite3.Connection, project_id: int, until: int) -> list[Branch]:
    rows = db.execute(
        """select b.*, c.committed_at as merged_at from branches b
        left join commits c on c.project_id = b.project_id and c.sha = b.merged_by
        where b.project_id = ? order by b.ref""",
        [project_id],
    )
    return [_branch(row, until) for row in rows]


def _branch(row: sqlite3.Row, until: int) -> Branch:
    """A branch as it stood: what happened to it later is not told."""
    gone = row["gone_at"] if row["gone_at"] is not None and row["gone_at"] <= until else None
    merged = row["merged"] if row["merged_at"] is not None and row["merged_at"] <= until else None
    return Branch(
        name_of(row["ref"]), row["ref"], row["tip"].hex(), gone, merged,
        row["merged_by"].hex() if merged else None, row["merged_at"] if merged else None,
    )  # fmt: skip


def name_of(ref: str) -> str:
    """`feat/x` of `refs/heads/feat/x` and of `refs/remotes/origin/feat/x`."""
    if ref.startswith("refs/remotes/"):
        return ref.split("/", 3)[3]
    return ref.removeprefix("refs/heads/")


def own_addresses(db: sqlite3.Connection, told: Iterable[str] = ()) -> tuple[str, ...]:
    """Addresses that the configuration told, and those of the settings."""
    row = db.execute("select value from settings where key = ?", [EMAILS]).fetchone()
    try:
        more = json.loads(row[0]) if row else []
    except ValueError:
        more = []
    return tuple(dict.fromkeys([*told, *(text for text in more if isinstance(text, str))]))


def own_digests(db: sqlite3.Connection, told: str) -> list[bytes]:
    """What is kept of own addresses; `told` is a repository's `addresses`."""
    return [digest(text) for text in own_addresses(db, json.loads(told)) if text]


def digest(address: str) -> bytes:
    """What is kept of an address: the person's own are found again by it, those of others cannot be read."""
    return hashlib.blake2b(address.strip().lower().encode("utf-8", "replace"), digest_size=8).digest()


def commits(
    db: sqlite3.Connection,
    project: str | None = None,
    until: int | None = None,
    since: int | None = None,
    *,
    marked: bool = False,
    mine: bool = False,
) -> list[Commit]:
    """Commits committed in [since, until], the oldest first; of one project, or of all.

    `marked`: those that have a mark; `mine`: those by one of the person's own addresses; both: that are either.
    """
    found: list[Commit] = []
    where, values = ("and p.path = ?", [project]) if project is not None else ("", [])
    for repo in db.execute(
        f"select p.id, p.path, r.addresses from repositories r join projects p on p.id = r.project_id where 1 {where}",
        values,
    ).fetchall():
        own = own_digests(db, repo["addresses"])
        found += _commits(db, repo["id"], repo["path"], own, (since, until), marked, mine)
    return found


def _commits(
    db: sqlite3.Connection,
    project_id: int,
    path: str,
    own: Sequence[bytes],
    span: tuple[int | None, int | None],
    marked: bool,
    mine: bool,
) -> list[Commit]:
    places = ", ".join("?" * len(own)) or "null"
    is_mine = f"coalesce(c.author in ({places}) or c.committer in ({places}), 0)"
    has_marks = "exists (select 1 from commit_marks m where m.commit_id = c.id)"
    asked = [text for text, wanted in ((has_marks, marked), (is_mine, mine)) if wanted]
    where = f"and ({' or '.join(asked)})" if asked else ""
    rows = db.execute(
        f"""select c.id, c.sha, c.authored_at, c.committed_at, {is_mine} as mine, length(c.parents) > length(c.sha) as merge
        from commits c where c.project_id = ? and c.committed_at between ? and ? {where} order by c.committed_at, c.sha""",
        [*own, *own, project_id, *_bounds(span), *([*own, *own] if mine else ())],
    ).fetchall()
    marks: dict[int, list[tuple[str, str]]] = {}
    for row in db.execute(
        """select m.* from commits c join commit_marks m on m.commit_id = c.id
        where c.project_id = ? and c.committed_at between ? and ?""",
        [project_id, *_bounds(span)],
    ):
        marks.setdefault(row[0], []).append((row[1], row[2]))
    return [
        Commit(path, sha.hex(), authored, committed, bool(by_own), bool(merge), tuple(marks.get(number, ())))
        for number, sha, authored, committed, by_own, merge in rows
    ]


def _bounds(span: tuple[int | None, int | None]) -> tuple[int, int]:
    since, until = span
    return (-FOREVER if since is None else since, FOREVER if until is None else until)


def commit_like(db: sqlite3.Connection, project_id: int, name: str) -> int | None:
    """The number of the one stored commit whose sha begins so; None: none or several."""
    if not _SHA.fullmatch(name):
        return None
    half = len(name) % 2 == 1
    low, high = bytes.fromhex(name + "0" * half), bytes.fromhex(name + "f" * half) + b"\xff" * 32
    rows = db.execute(
        "select id from commits where project_id = ? and sha between ? and ? limit 2", [project_id, low, high]
    ).fetchall()
    return rows[0][0] if len(rows) == 1 else None
