"""Rules as the person made them, and what came of them. What they match is decided in `linking/`, not here."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from typing import NamedTuple

from tokentrack.model.tasks import Rule
from tokentrack.store import StoreError
from tokentrack.store.links import number_of
from tokentrack.store.tasks import project_number


class RuleThere(StoreError):
    """A rule with this pattern links to another task; the message is one sentence for the person."""


class Hit(NamedTuple):
    """A session (its uid) that a rule linked, and when; `overridden`: the person changed that link since the rule was woken,
    and not to the rule's own task.
    """

    session: str
    at: int
    overridden: bool


_RULE = """select r.uid, r.kind, p.path, r.pattern, t.uid, r.created_at, r.paused from rules r join tasks t on t.id = r.task_id
  left join projects p on p.id = r.project_id"""


def rules(db: sqlite3.Connection) -> list[Rule]:
    """Every rule, the oldest first."""
    return [Rule(*row) for row in db.execute(f"{_RULE} order by r.created_at, r.id")]


def rules_like(db: sqlite3.Connection, name: str) -> list[Rule]:
    """Rules whose id is, or else begins with, a name."""
    rows = db.execute(
        f"{_RULE} where r.uid = ?1 or substr(r.uid, 1, length(?1)) = ?1 order by r.uid <> ?1, r.id", [name]
    )
    found = [Rule(*row) for row in rows]
    return found[:1] if found and found[0].id == name else found


def add(db: sqlite3.Connection, kind: str, project: str | None, pattern: str, task: str, now: int) -> Rule:
    """A rule that links what matches to a task from now on. One that is there already is woken up and otherwise left as it is.

    `project` is a project's path, None: any. Raises RuleThere, and Unknown for a task that is not there.
    """
    row = db.execute(f"{_RULE} where r.kind = ? and p.path is ? and r.pattern = ?", [kind, project, pattern]).fetchone()
    if row is not None:
        there = Rule(*row)
        if there.task != task:
            raise RuleThere(
                f"A rule links the {kind} {pattern} to another task already; take that rule out first.",
                f"`tokentrack rule remove {there.id}`",
            )
        pause(db, there.id, None)
        return replace(there, paused=None)
    text = "\0".join((kind, project or "", pattern))
    uid = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=5).hexdigest()
    db.execute(
        "insert into rules (uid, kind, project_id, pattern, task_id, created_at) values (?, ?, ?, ?, ?, ?)",
        [uid, kind, project_number(db, project), pattern, number_of(db, "tasks", task), now],
    )
    return Rule(uid, kind, project, pattern, task, now)


def remove(db: sqlite3.Connection, uid: str, with_links: bool = False) -> int:
    """Takes a rule out, on request with everything it linked; returns how many links went. Links that the person edited since
    are the person's own and stay (AC 20).
    """
    number = number_of(db, "rules", uid)
    gone = db.execute("delete from links where rule_id = ?", [number]).rowcount if with_links else 0
    db.execute("update links set rule_id = null where rule_id = ?", [number])
    db.execute("delete from rule_hits where rule_id = ?", [number])
    db.execute("delete from rules where id = ?", [number])
    return gone


def pause(db: sqlite3.Connection, uid: str, why: str | None) -> None:
    """Puts a rule to sleep and keeps why, in words. None wakes it up: what was overridden before does not pause it again."""
    if why is None:
        db.execute(
            "update rule_hits set overridden = 2 where overridden = 1 and rule_id = ?", [number_of(db, "rules", uid)]
        )
    db.execute("update rules set paused = ? where uid = ? and paused is not ?", [why, uid, why])


def hit(db: sqlite3.Connection, uid: str, session: str, now: int) -> None:
    """A rule linked turns of a session; a session that grows counts once, as often as it matches."""
    db.execute(
        "insert into rule_hits (rule_id, session_id, at) values (?, ?, ?) on conflict (rule_id, session_id) do nothing",
        [number_of(db, "rules", uid), number_of(db, "sessions", session), now],
    )


def overridden(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """(rule, session) pairs, by their uids, of which the person changed what the rule linked: it keeps out of that session."""
    rows = db.execute(
        """select r.uid, s.uid from rule_hits h join rules r on r.id = h.rule_id join sessions s on s.id = h.session_id
           where h.overridden"""
    )
    return {(row[0], row[1]) for row in rows}


def hits(db: sqlite3.Connection, uid: str, last: int | None = None) -> list[Hit]:
    """The sessions that a rule linked, the newest hit first."""
    rows = db.execute(
        """select s.uid, h.at, h.overridden from rule_hits h join rules r on r.id = h.rule_id
           join sessions s on s.id = h.session_id where r.uid = ? order by h.at desc, s.uid limit ?""",
        [uid, -1 if last is None else last],
    )
    return [Hit(row[0], row[1], row[2] == 1) for row in rows]
