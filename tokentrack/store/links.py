"""Which turns belong to which task: links, what waits for one, and what was rejected.

Writers are called inside `transaction` and, where the person acts, `journal.change`. That no two links of a session overlap is
the database's own rule; here it becomes a sentence.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence

from tokentrack.model.tasks import Link, Span
from tokentrack.model.usage import Total
from tokentrack.store import StoreError, anchors
from tokentrack.store.read import CUT, KEPT_SUMS
from tokentrack.store.rows import R_SUMS, total_of


class Overlap(StoreError):
    """These turns are linked already; the message names to what, and the way out."""


class Unknown(StoreError):
    """There is no such session, task or rule (any more)."""


def number_of(db: sqlite3.Connection, place: str, uid: str) -> int:
    """The row number of a session, task or rule. Raises Unknown."""
    row = db.execute(f"select id from {place} where uid = ?", [uid]).fetchone()
    if row is None:
        raise Unknown(f"There is no {place[:-1]} {uid} any more; nothing was changed.")
    return int(row[0])


# ---- links -----------------------------------------------------------------------------------------------------------

_LINK = """select l.id, s.uid as session, t.uid as task, l.turn_from, l.turn_to, l.source, r.uid as rule, l.created_at
  from links l join sessions s on s.id = l.session_id left join tasks t on t.id = l.task_id
  left join rules r on r.id = l.rule_id"""


def _link_of(row: sqlite3.Row) -> Link:
    return Link(
        row["id"], row["session"], row["task"], Span(row["turn_from"], row["turn_to"]), row["source"], row["rule"],
        row["created_at"],
    )  # fmt: skip


def links(db: sqlite3.Connection, sessions: Iterable[str] | None = None, task: str | None = None) -> list[Link]:
    """All links, those of some sessions, or those to one task: by session, in the order of their turns."""
    parts, values = ["1"], list[object]()
    if sessions is not None:
        parts.append("s.uid in (select value from json_each(?))")
        values.append(json.dumps(list(sessions)))
    if task is not None:
        parts.append("t.uid = ?")
        values.append(task)
    rows = db.execute(f"{_LINK} where {' and '.join(parts)} order by s.uid, l.turn_from", values)
    return [_link_of(row) for row in rows]


def by_session(db: sqlite3.Connection, sessions: Iterable[str] | None = None) -> dict[str, list[Link]]:
    """Session's uid ▶ its links in the order of their turns; sessions without one are not in it."""
    found: dict[str, list[Link]] = {}
    for link in links(db, sessions):
        found.setdefault(link.session, []).append(link)
    return found


def put(
    db: sqlite3.Connection, session: str, task: str | None, turns: Span, source: str, now: int, rule: str | None = None
) -> Link:
    """Links turns of a session to a task, None: to no task, on purpose. The very same link again changes nothing.

    Raises Overlap where a turn of them is linked already, Unknown for a session, task or rule that is not there.
    """
    session_id = number_of(db, "sessions", session)
    there = [link for link in links(db, [session]) if turns.meets(link.turns)]
    if [(link.task, link.turns) for link in there] == [(task, turns)]:
        return there[0]
    if there:
        raise _overlap(db, there[0])
    task_id = None if task is None else number_of(db, "tasks", task)
    rule_id = None if rule is None else number_of(db, "rules", rule)
    first, after = anchors.prompts(db, session_id, turns)
    row = db.execute(
        """insert into links (session_id, task_id, turn_from, turn_to, from_prompt, to_prompt, source, rule_id, created_at)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id""",
        [session_id, task_id, turns.first, turns.last, first, after, source, rule_id, now],
    ).fetchone()
    if rule is None and task is not None:
        _agree(db, session_id, task_id)
    return Link(int(row[0]), session, task, turns, source, rule, now)


def _overlap(db: sqlite3.Connection, link: Link) -> Overlap:
    row = db.execute("select key, title from tasks where uid = ?", [link.task]).fetchone()
    name = "no task, on purpose" if row is None else f"{row['key']} {row['title']}" if row["key"] else row["title"]
    called = "select coalesce(title, native_id) from sessions where uid = ?"
    title = " ".join(db.execute(called, [link.session]).fetchone()[0].split())
    title = title if len(title) <= 60 else f"{title[:59]}…"
    verb, they = ("is", "it") if link.turns.first == link.turns.last else ("are", "them")
    return Overlap(
        f"{said(link.turns)} of “{title}” {verb} already linked to {name}; unlink {they} first.",
        f"`tokentrack unlink {link.session} --turns {typed(link.turns)}`",
    )


def said(turns: Span) -> str:
    """`All turns`, `Turn 2`, `Turns 2..4`, `Turns 2 and later`, for the beginning of a sentence."""
    if turns.last is None:
        return f"Turns {turns.first} and later" if turns.first else "All turns"
    return f"Turn {turns.first}" if turns.first == turns.last else f"Turns {typed(turns)}"


def typed(turns: Span) -> str:
    """As the command line takes it: `2..4`, `2..`."""
    return f"{turns.first}..{'' if turns.last is None else turns.last}"


_TURNS = re.compile(r"(?P<first>\d{1,9})(?P<range>\.\.(?P<last>\d{1,9})?)?")


def turns_of(text: str) -> Span:
    """What a person typed: `2..4`, `2..`, `3`; nothing: all turns. Raises ValueError."""
    if not text.strip():
        return Span()
    found = _TURNS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text} is no range of turns like 2.. or 2..4")
    first = int(found["first"])
    last = first if not found["range"] else int(found["last"]) if found["last"] else None
    if last is not None and last < first:
        raise ValueError(f"{text} ends before it begins")
    return Span(first, last)


def cut_out(db: sqlite3.Connection, session: str, turns: Span) -> int:
    """Takes a range of turns out of what is linked, splitting links; returns how many links it changed.

    What is left of a link that a rule made is the person's own from now on, and the rule has been overridden.
    """
    session_id = number_of(db, "sessions", session)
    there = db.execute("select * from links where session_id = ? order by turn_from", [session_id]).fetchall()
    there = [row for row in there if turns.meets(Span(row["turn_from"], row["turn_to"]))]
    for row in there:
        if row["rule_id"] is not None:
            override(db, row["rule_id"], session_id)
        parts = [*anchors.gaps(Span(row["turn_from"], row["turn_to"]), [turns])]
        left = dict(row) | {"source": "manual" if row["source"] == "rule" else row["source"], "rule_id": None}
        if not parts:
            db.execute("delete from links where id = ?", [row["id"]])
        for place, part in enumerate(parts):
            first, after = anchors.prompts(db, session_id, part)
            left |= {"turn_from": part.first, "turn_to": part.last, "from_prompt": first, "to_prompt": after}
            if place:
                anchors.insert(db, left | {"id": None})
            else:
                db.execute(
                    """update links set turn_from = ?, turn_to = ?, from_prompt = ?, to_prompt = ?, source = ?, rule_id = null
                       where id = ?""",
                    [part.first, part.last, first, after, left["source"], row["id"]],
                )
    return len(there)


def end(db: sqlite3.Connection, number: int, last: int) -> None:
    """Ends an open link after a turn: what came later in its session is another matter."""
    row = db.execute("select session_id, turn_from from links where id = ?", [number]).fetchone()
    if row is not None and row["turn_from"] <= last:
        _, after = anchors.prompts(db, row["session_id"], Span(row["turn_from"], last))
        db.execute("update links set turn_to = ?, to_prompt = ? where id = ?", [last, after, number])


def override(db: sqlite3.Connection, rule_id: int, session_id: int) -> None:
    """Notes that the person changed what a rule linked in a session."""
    db.execute("update rule_hits set overridden = 1 where rule_id = ? and session_id = ?", [rule_id, session_id])


def _agree(db: sqlite3.Connection, session_id: int, task_id: int | None) -> None:
    """A rule that was overridden in a session was right all the same where the person links it to the rule's task and no other.

    It still keeps out of that session.
    """
    db.execute(
        """update rule_hits set overridden = 2 where session_id = ?1 and overridden = 1
             and rule_id in (select id from rules where task_id = ?2)
             and not exists (select 1 from links where session_id = ?1 and task_id is not ?2)""",
        [session_id, task_id],
    )


# ---- rejections and declarations -------------------------------------------------------------------------------------


def reject(db: sqlite3.Connection, session: str, task: str, now: int) -> list[Link]:
    """This session does not belong to this task: it is never suggested again (AC 17).

    What a rule linked of the one to the other is taken out and returned; what the person linked stays as it is.
    """
    db.execute(
        "insert into rejections values (?, ?, ?) on conflict (session_id, task_id) do nothing",
        [number_of(db, "sessions", session), number_of(db, "tasks", task), now],
    )
    made = [link for link in links(db, [session], task) if link.source == "rule"]
    for link in made:
        cut_out(db, session, link.turns)
    return made


def rejections(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """(session, task) pairs that were rejected, by their uids."""
    rows = db.execute(
        "select s.uid, t.uid from rejections r join sessions s on s.id = r.session_id join tasks t on t.id = r.task_id"
    )
    return {(row[0], row[1]) for row in rows}


def declare(db: sqlite3.Connection, task: str, folder: str, now: int) -> None:
    """The session that runs in this folder now is about this task, an agent or a script says."""
    db.execute(
        "insert into declarations (task_id, folder, at) values (?, ?, ?)", [number_of(db, "tasks", task), folder, now]
    )


def declarations(
    db: sqlite3.Connection, until: int | None = None, since: int | None = None
) -> list[tuple[str, str, int]]:
    """(task, folder, UTC milliseconds) of what was declared in [since, until], the oldest first."""
    rows = db.execute(
        """select t.uid, d.folder, d.at from declarations d join tasks t on t.id = d.task_id
           where (?1 is null or d.at <= ?1) and (?2 is null or d.at >= ?2) order by d.at, d.id""",
        [until, since],
    )
    return [tuple(row) for row in rows]


# ---- what waits, and what it comes to --------------------------------------------------------------------------------


def waiting(db: sqlite3.Connection, until: int | None = None) -> list[tuple[str, Span]]:
    """Parts of sessions with usage that belong to no task yet, those used last first. A session that nobody linked is one part.

    `until`: sessions that began by then. No request is looked at but those of sessions that are linked in part.
    """
    used: dict[int, set[int]] = {}
    for session, turn in db.execute(f"select distinct session_id, turn from requests where session_id in ({CUT})"):
        used.setdefault(session, set()).add(turn)
    taken: dict[int, list[Span]] = {}
    for session, *turns in db.execute(
        f"select session_id, turn_from, turn_to from links where session_id in ({CUT}) order by session_id, turn_from"
    ):
        taken.setdefault(session, []).append(Span(*turns))
    rows = db.execute(
        """select s.id, s.uid from sessions s
           where s.requests > 0 and (?1 is null or s.started_at is null or s.started_at <= ?1)
             and not exists (select 1 from links l where l.session_id = s.id and l.turn_from = 0 and l.turn_to is null)
           order by s.ended_at desc, s.uid""",
        [until],
    )
    found = []
    for number, uid in rows:
        free = anchors.gaps(Span(), taken.get(number, ()))
        found += [(uid, part) for part in free if number not in taken or any(map(part.holds, used[number]))]
    return found


def unlinked_turns(turns: int, linked: Iterable[Link]) -> int:
    """How many of a session's first `turns` turns no link holds."""
    taken = [link.turns for link in linked]
    return sum(not any(span.holds(turn) for span in taken) for turn in range(turns))


def totals_of(db: sqlite3.Connection, parts: Sequence[tuple[str, Span]]) -> list[Total]:
    """What each of these parts of sessions used, in their order; of whole sessions the sums kept with them are taken."""
    given = json.dumps([[place, uid, turns.first, turns.last] for place, (uid, turns) in enumerate(parts)])
    found = [Total()] * len(parts)
    for query in (_WHOLE, _PARTS):
        for row in map(tuple, db.execute(query, [given])):
            found[row[0]] = total_of(row[1:])
    return found


_GIVEN = """with given(place, uid, first, last) as materialized (
  select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')
  from json_each(?))"""
_WHOLE = f"""{_GIVEN}
select g.place, {KEPT_SUMS} from given g join sessions s on s.uid = g.uid
where g.first = 0 and g.last is null group by g.place"""
_PARTS = f"""{_GIVEN}
select g.place, {R_SUMS} from given g join sessions s on s.uid = g.uid join requests r on r.session_id = s.id
  and r.turn >= g.first and (g.last is null or r.turn <= g.last)
where g.first > 0 or g.last is not null group by g.place"""


def linked_totals(db: sqlite3.Connection, task: str) -> list[tuple[Link, Total]]:
    """The links to a task and what each holds: they add up to the task's total."""
    found = links(db, task=task)
    return list(zip(found, totals_of(db, [(link.session, link.turns) for link in found]), strict=True))
