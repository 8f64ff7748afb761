"""How far a repository's history has been read, what is asked of it next, and what is written of the answer.

Commits that a repository no longer has stay: the store is the archive.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokentrack.model.repositories import RecordedCommit
from tokentrack.store.repositories import commit_like, digest, name_of, own_digests


class State(NamedTuple):
    """How far a repository has been read. `looked` and `refs` are digests, `tips` ref ▶ sha of the default branch."""

    project_id: int
    looked: str = ""
    refs: str | None = None
    default: str | None = None
    tips: Mapping[str, bytes] = {}  # never changed
    error: str | None = None


def state(db: sqlite3.Connection, project: str) -> State | None:
    """None: no such project. A repository that was never asked has an empty state."""
    row = db.execute(
        "select p.id, r.* from projects p left join repositories r on r.project_id = p.id where p.path = ?", [project]
    ).fetchone()
    if row is None:
        return None
    if row["project_id"] is None:
        return State(row["id"])
    tips = {ref: bytes.fromhex(sha) for ref, sha in json.loads(row["tips"]).items()}
    return State(row["id"], row["looked"], row["refs"], row["default_branch"], tips, row["error"])


def session_commits(db: sqlite3.Connection, project_id: int) -> list[str]:
    """Shas, mostly abbreviated, of commits that sessions of the project made and that are not stored."""
    rows = db.execute(
        """select distinct m.value from sessions s join marks m on m.session_id = s.id and m.kind = 'commit'
        where s.project_id = ? order by 1""",
        [project_id],
    )
    return [row[0] for row in rows if commit_like(db, project_id, row[0]) is None]


def sessions_known(db: sqlite3.Connection, project_id: int) -> str:
    """Changes when sessions of the project tell of another commit or branch."""
    row = db.execute(
        """select count(*), max(s.requests), sum(s.requests), (select count(*) from marks m join sessions o
        on o.id = m.session_id where o.project_id = ?1 and m.kind = 'commit') from sessions s where s.project_id = ?1""",
        [project_id],
    ).fetchone()
    return "/".join(str(value) for value in row)


class Worked(NamedTuple):
    """A branch that sessions of the project worked on, first at `since`, and the commits they made in those turns."""

    name: str
    since: int | None
    commits: tuple[bytes, ...]


def worked_on(db: sqlite3.Connection, project_id: int) -> list[Worked]:
    """The branches of a project's sessions, by name."""
    branches = db.execute(
        """select pl.branch, min(r.at) from sessions s join requests r on r.session_id = s.id
        join places pl on pl.id = r.place_id where s.project_id = ? and pl.branch <> '' group by 1 order by 1""",
        [project_id],
    ).fetchall()
    made: dict[str, dict[bytes, None]] = {}
    for branch, value in db.execute(
        """select (select pl.branch from requests r join places pl on pl.id = r.place_id
          where r.session_id = m.session_id and (r.at <= m.at or r.at is null) order by r.at desc limit 1), m.value
        from sessions s join marks m on m.session_id = s.id and m.kind = 'commit' where s.project_id = ?
        order by m.at, m.value""",
        [project_id],
    ).fetchall():
        if branch and (number := commit_like(db, project_id, value)) is not None:
            sha = db.execute("select sha from commits where id = ?", [number]).fetchone()[0]
            made.setdefault(branch, {})[sha] = None
    return [Worked(name, since, tuple(made.get(name, ()))) for name, since in branches]


class Asked(NamedTuple):
    """A branch whose merge may be looked for. `landed` is what brought its tip in, None: nothing did.

    `stands`: the commit that was found to have merged it is still on the default branch.
    """

    ref: str
    tip: bytes
    authored_at: int
    mine: bool
    landed: bytes | None
    stands: bool
    gone: bool
    checked: str | None


def asked(db: sqlite3.Connection, project_id: int, names: Iterable[str]) -> list[Asked]:
    """The branches of these names whose tips are known, wherever they are or were."""
    row = db.execute("select addresses from repositories where project_id = ?", [project_id]).fetchone()
    own = set(own_digests(db, row[0] if row else "[]"))
    wanted = set(names)
    rows = db.execute(
        """select b.ref, b.tip, b.gone_at, b.checked, c.authored_at, c.author, c.committer, l.sha as landed,
          m.landed is not null as stands
        from branches b join commits c on c.project_id = b.project_id and c.sha = b.tip left join commits l on l.id = c.landed
        left join commits m on m.project_id = b.project_id and m.sha = b.merged_by
        where b.project_id = ? order by b.ref""",
        [project_id],
    )
    return [
        Asked(
            row["ref"], row["tip"], row["authored_at"], bool(own & {row["author"], row["committer"]}), row["landed"],
            bool(row["stands"]), row["gone_at"] is not None, row["checked"],
        )
        for row in rows
        if name_of(row["ref"]) in wanted
    ]  # fmt: skip


# ---- writing, inside a transaction -----------------------------------------------------------------------------------


def unknown(db: sqlite3.Connection, project_id: int, shas: Iterable[bytes]) -> list[bytes]:
    """Those that are not stored, in their order."""
    ask = "select 1 from commits where project_id = ? and sha = ?"
    return [sha for sha in shas if db.execute(ask, [project_id, sha]).fetchone() is None]


def add_commits(db: sqlite3.Connection, project_id: int, found: Sequence[RecordedCommit]) -> int:
    """Stores those commits that are not there yet. Returns how many those were."""
    fresh = set(unknown(db, project_id, dict.fromkeys(commit.sha for commit in found)))
    new = [commit for commit in found if commit.sha in fresh]
    digests = {who: digest(who) for who in {who for commit in new for who in (commit.author, commit.committer)}}
    number = db.execute("select coalesce(max(id), 0) + 1 from commits").fetchone()[0]
    db.executemany(
        """insert into commits (id, project_id, sha, parents, authored_at, committed_at, author, committer)
        values (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            (
                place, project_id, commit.sha, b"".join(commit.parents), commit.authored_at, commit.committed_at,
                digests[commit.author], digests[commit.committer],
            )
            for place, commit in enumerate(new, number)
        ],
    )  # fmt: skip
    db.executemany(
        "insert into commit_marks values (?, ?, ?)",
        [(place, kind, value) for place, commit in enumerate(new, number) for kind, value in commit.marks],
    )
    return len(new)


def put_state(
    db: sqlite3.Connection, state: State, now: int, *, hosts: Sequence[str], addresses: Sequence[str]
) -> None:
    """How far a repository has been read, and what its configuration tells."""
    tips = json.dumps({ref: sha.hex() for ref, sha in state.tips.items()})
    db.execute(
        """insert into repositories (project_id, looked, refs, default_branch, tips, hosts, addresses, error, read_at)
        values (?, ?, ?, ?, ?, ?, ?, null, ?) on conflict (project_id) do update set looked = excluded.looked,
        refs = excluded.refs, default_branch = excluded.default_branch, tips = excluded.tips, hosts = excluded.hosts,
        addresses = excluded.addresses, error = null, read_at = excluded.read_at""",
        [
            state.project_id,
            state.looked,
            state.refs,
            state.default,
            tips,
            json.dumps(hosts),
            json.dumps(addresses),
            now,
        ],
    )


def put_error(db: sqlite3.Connection, project_id: int, error: str, now: int) -> None:
    """Why a repository cannot be read now; what was read of it before stays."""
    db.execute(
        """insert into repositories (project_id, error, read_at) values (?, ?, ?)
        on conflict (project_id) do update set error = excluded.error, read_at = excluded.read_at""",
        [project_id, error, now],
    )


def parents(db: sqlite3.Connection, project_id: int, *, all_of_them: bool) -> dict[bytes, tuple[bytes, ...]]:
    """Commit ▶ its parents, of those that have not landed, or of all."""
    where = "" if all_of_them else "and landed is null"
    return {
        sha: tuple(above[start : start + len(sha)] for start in range(0, len(above), len(sha)))
        for sha, above in db.execute(f"select sha, parents from commits where project_id = ? {where}", [project_id])
    }


def put_landings(db: sqlite3.Connection, project_id: int, landed: Mapping[bytes, bytes], *, anew: bool) -> None:
    """Which commit brought each into the default branch; `anew`: what was known of that is wrong."""
    if anew:
        db.execute("update commits set landed = null where project_id = ? and landed is not null", [project_id])
    db.executemany(
        """update commits set landed = (select c.id from commits c where c.project_id = ?1 and c.sha = ?3)
        where project_id = ?1 and sha = ?2""",
        [(project_id, sha, by) for sha, by in landed.items()],
    )


def tips(db: sqlite3.Connection, project_id: int) -> dict[str, bytes]:
    """Ref ▶ sha of the branches that were there when last read."""
    rows = db.execute(
        "select ref, tip from branches where project_id = ? and gone_at is null and ref like 'refs/%'", [project_id]
    )
    return {row[0]: row[1] for row in rows}


def put_branches(db: sqlite3.Connection, project_id: int, found: Mapping[str, bytes], now: int) -> None:
    """The branches there are; those that are there no longer keep their last tip."""
    before = tips(db, project_id)
    db.executemany(
        """insert into branches (project_id, ref, tip) values (?, ?, ?) on conflict (project_id, ref) do update set
        tip = excluded.tip, gone_at = null""",
        [(project_id, ref, sha) for ref, sha in found.items() if before.get(ref) != sha],
    )
    db.executemany(
        "update branches set gone_at = ? where project_id = ? and ref = ?",
        [(now, project_id, ref) for ref in before if ref not in found],
    )


def names_seen(db: sqlite3.Connection, project_id: int) -> set[str]:
    """The branches that a ref was ever seen of."""
    rows = db.execute("select ref from branches where project_id = ? and ref like 'refs/%'", [project_id])
    return {name_of(row[0]) for row in rows}


def put_lost(db: sqlite3.Connection, project_id: int, found: Mapping[str, bytes]) -> None:
    """Branches that sessions alone tell of, with the last commit known of each; whether they are gone is not known."""
    db.executemany(
        """insert into branches (project_id, ref, tip) values (?, ?, ?) on conflict (project_id, ref) do update set
        tip = excluded.tip where tip <> excluded.tip""",
        [(project_id, name, tip) for name, tip in found.items()],
    )


def put_merge(
    db: sqlite3.Connection, project_id: int, branch: Asked, merged: tuple[str, bytes] | None, checked: str
) -> None:
    """How a branch came into the default branch, and by which commit; None: no merge was detected."""
    how, by = merged or (None, None)
    db.execute(
        "update branches set merged = ?, merged_by = ?, checked = ? where project_id = ? and ref = ?",
        [how, by, checked, project_id, branch.ref],
    )


def put_copies(db: sqlite3.Connection, project_id: int, commits: Iterable[bytes], by: bytes) -> None:
    """These commits' changes came into the default branch by another commit."""
    db.executemany(
        """update commits set copied = (select c.id from commits c where c.project_id = ?1 and c.sha = ?3)
        where project_id = ?1 and sha = ?2""",
        [(project_id, sha, by) for sha in commits],
    )
