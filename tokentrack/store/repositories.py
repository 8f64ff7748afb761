"""What was read of repositories: their commits as far as linking and evidence need them, and their branches.

Commits that a repository no longer has stay: the store is the archive. Whose address an own one is, is asked anew each time.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokentrack.model import Branch, Commit, RecordedCommit, Repository

NUMBERED_FROM = 3
"""Commits that name or close a `#number` before a project counts as one that numbers its tasks."""
EMAILS = "emails"
"""The setting that holds more own addresses, a JSON list."""
FOREVER = 1 << 62
_SHA = re.compile(r"[0-9a-f]{7,64}")


class State(NamedTuple):
    """How far a repository has been read. `looked` and `refs` are digests, `tips` ref ▶ sha of the default branch."""

    project_id: int
    looked: str = ""
    refs: str | None = None
    default: str | None = None
    tips: Mapping[str, bytes] = {}  # never changed
    error: str | None = None


# ---- reading ---------------------------------------------------------------------------------------------------------


def projects(db: sqlite3.Connection) -> list[str]:
    """Paths of all projects, the last used first."""
    rows = db.execute(
        """select p.path from projects p left join sessions s on s.project_id = p.id
        group by p.id order by max(s.ended_at) desc, p.path"""
    )
    return [row[0] for row in rows]


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
        own = [_digest(text) for text in own_addresses(db, json.loads(row["addresses"]))]
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
        own = [_digest(text) for text in own_addresses(db, json.loads(repo["addresses"])) if text]
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


# ---- what sessions tell of a repository ------------------------------------------------------------------------------


def session_commits(db: sqlite3.Connection, project_id: int) -> list[str]:
    """Shas, mostly abbreviated, of commits that sessions of the project made and that are not stored."""
    rows = db.execute(
        """select distinct m.value from sessions s join marks m on m.session_id = s.id and m.kind = 'commit'
        where s.project_id = ? order by 1""",
        [project_id],
    )
    return [row[0] for row in rows if commit_like(db, project_id, row[0]) is None]


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
    addresses = db.execute("select addresses from repositories where project_id = ?", [project_id]).fetchone()
    own = {_digest(text) for text in own_addresses(db, json.loads(addresses[0]) if addresses else ())}
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


# ---- what came of a task ---------------------------------------------------------------------------------------------


class Landed(NamedTuple):
    """A commit that bears on a task. `landed_at` and `landed_by` tell of the commit that brought it into the default branch.

    `pull` is the request that it, or what brought it, merges. `made`: a linked session made it.
    """

    project: str
    sha: bytes
    committed_at: int
    landed_by: bytes | None
    landed_at: int | None
    pull: str | None
    made: bool


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
    return [_landed(row, made=False) for row in rows]


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
    return [_landed(row, made=True) for row in rows]


def _landed(row: sqlite3.Row, *, made: bool) -> Landed:
    return Landed(row["path"], row["sha"], row["committed_at"], row["landed_by"], row["landed_at"], row["pull"], made)


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
    return [_landed(row, made=False) for row in rows]


def by_sha(db: sqlite3.Connection, project: str, sha: bytes) -> Landed | None:
    row = db.execute(f"{_LANDED} where p.path = ? and c.sha = ?", [project, sha]).fetchone()
    return None if row is None else _landed(row, made=False)


def reverted(db: sqlite3.Connection, projects: Iterable[str], until: int) -> dict[str, list[tuple[bytes, str, int]]]:
    """Project ▶ (sha of the revert, sha that it names, when) of the reverts on its default branch, the oldest first."""
    found: dict[str, list[tuple[bytes, str, int]]] = {}
    for project in projects:
        rows = db.execute(
            """select c.sha, m.value, c.committed_at from projects p join commits c on c.project_id = p.id
            join commit_marks m on m.commit_id = c.id and m.kind = 'reverts'
            where p.path = ? and c.landed is not null and c.committed_at <= ? order by c.committed_at, c.sha""",
            [project, until],
        )
        found[project] = [(row[0], row[1], row[2]) for row in rows]
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
    own = [_digest(text) for text in own_addresses(db, json.loads(repo["addresses"]))] if repo else []
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


# ---- writing, inside a transaction -----------------------------------------------------------------------------------


def _digest(address: str) -> bytes:
    """What is kept of an address: the person's own are found again by it, those of others cannot be read."""
    return hashlib.blake2b(address.strip().lower().encode("utf-8", "replace"), digest_size=8).digest()


def unknown(db: sqlite3.Connection, project_id: int, shas: Iterable[bytes]) -> list[bytes]:
    """Those that are not stored, in their order."""
    ask = "select 1 from commits where project_id = ? and sha = ?"
    return [sha for sha in shas if db.execute(ask, [project_id, sha]).fetchone() is None]


def add_commits(db: sqlite3.Connection, project_id: int, found: Sequence[RecordedCommit]) -> int:
    """Stores those commits that are not there yet. Returns how many those were."""
    fresh = set(unknown(db, project_id, dict.fromkeys(commit.sha for commit in found)))
    new = [commit for commit in found if commit.sha in fresh]
    digests = {who: _digest(who) for who in {who for commit in new for who in (commit.author, commit.committer)}}
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
