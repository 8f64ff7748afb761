"""Links keep their turns when turns are numbered anew: a link knows the prompts between which it lies.

A prompt found later, older than those known, moves the numbers of all that follow; a range lies before the same prompt as before.
Requests that come to belong to another session stay linked to what they were.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tokentrack.model.tasks import Span

COLUMNS = "id session_id task_id turn_from turn_to from_prompt to_prompt source rule_id created_at".split()
"""Of the table `links`."""


def prompts(db: sqlite3.Connection, session: int, turns: Span) -> tuple[str | None, str | None]:
    """(prompt with which these turns begin, prompt after them); None: the session's beginning, open, or not there yet."""
    first = _prompt(db, session, turns.first) if turns.first else None
    return first, None if turns.last is None else _prompt(db, session, turns.last + 1)


def numbers(db: sqlite3.Connection, link: Mapping[str, Any]) -> Span:
    """The turns between the prompts of a link, as they are numbered now; one that no prompt ends keeps its length."""
    first = _turn(db, link["session_id"], link["from_prompt"])
    after = _turn(db, link["session_id"], link["to_prompt"])
    first, last = link["turn_from"] if first is None else first, link["turn_to"]
    if last is not None:
        last = last + first - link["turn_from"] if after is None else after - 1
    return Span(first, last)


def _prompt(db: sqlite3.Connection, session: int, turn: int) -> str | None:
    row = db.execute("select native_id from turns where session_id = ? and seq = ?", [session, turn]).fetchone()
    return None if row is None else str(row[0])


def _turn(db: sqlite3.Connection, session: int, prompt: str | None) -> int | None:
    found = "select seq from turns where session_id = ? and native_id = ?"
    row = db.execute(found, [session, prompt]).fetchone()
    return None if row is None else int(row[0])


# ---- numbered anew ---------------------------------------------------------------------------------------------------


def held(db: sqlite3.Connection) -> dict[int, str] | None:
    """Before the turns of the touched sessions are numbered: link ▶ its last prompt, of links that end where their session does.

    None: these sessions have no links, and nothing is to be done.
    """
    if db.execute(f"select 1 from links where {_TOUCHED} limit 1").fetchone() is None:
        return None
    rows = db.execute(
        f"""select l.id, t.native_id from links l join turns t on t.session_id = l.session_id and t.seq = l.turn_to
            where l.to_prompt is null and l.{_TOUCHED}"""
    )
    return {row[0]: row[1] for row in rows}


def settle(db: sqlite3.Connection, last_prompts: Mapping[int, str]) -> None:
    """After they were numbered: gives each link of theirs the numbers of its turns, and the prompts that are there now."""
    rows = db.execute(f"select * from links where {_TOUCHED} order by session_id, turn_from").fetchall()
    moved: list[dict[str, Any]] = []
    gone: list[int] = []
    end: dict[int, int | None] = {}
    for row in sorted(
        (_numbered(db, row, last_prompts) for row in rows), key=lambda link: (link["turn_from"], link["id"])
    ):
        session, before = row["session_id"], end.get(row["session_id"], -1)
        if before is not None and row["turn_from"] <= before:  # prompts changed places
            row |= {"turn_from": before + 1, "from_prompt": None}
        if before is None or (row["turn_to"] is not None and row["turn_to"] < row["turn_from"]):
            gone.append(row["id"])
            continue
        end[session] = row["turn_to"]
        first, after = prompts(db, session, Span(row["turn_from"], row["turn_to"]))
        moved.append(row | {"from_prompt": row["from_prompt"] or first, "to_prompt": row["to_prompt"] or after})
    known = {row["id"]: dict(row) for row in rows}
    moved = [link for link in moved if link != known[link["id"]]]
    # Taken out together and put back: on the way from old numbers to new ones they would overlap.
    db.executemany("delete from links where id = ?", [(number,) for number in (*gone, *(row["id"] for row in moved))])
    for link in moved:
        insert(db, link)


def _numbered(db: sqlite3.Connection, row: sqlite3.Row, last_prompts: Mapping[int, str]) -> dict[str, Any]:
    turns = numbers(db, dict(row))
    if row["id"] in last_prompts:
        turns = turns._replace(last=_turn(db, row["session_id"], last_prompts[row["id"]]))
    return dict(row) | {"turn_from": turns.first, "turn_to": turns.last}


def insert(db: sqlite3.Connection, link: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(COLUMNS))
    db.execute(f"insert into links ({', '.join(COLUMNS)}) values ({marks})", [link[name] for name in COLUMNS])


_TOUCHED = "session_id in (select id from touched)"


# ---- requests that come to belong to another session -----------------------------------------------------------------

MOVED = """
create temp table if not exists moved (request_id integer not null, task_id integer, open integer not null,
  source text not null, rule_id integer, created_at integer not null);
create temp trigger if not exists request_moved after update of session_id on main.requests
  when old.session_id <> new.session_id
begin
  insert into moved select new.id, l.task_id, l.turn_to is null, l.source, l.rule_id, l.created_at from links l
  where l.session_id = old.session_id and l.turn_from <= old.turn and (l.turn_to is null or old.turn <= l.turn_to);
end
"""
"""Notes which link held a request that a fork turns out to own, or a session of which this one turns out to be a sub-agent's."""


def taken_up(db: sqlite3.Connection, child: int, session: int) -> None:
    """What else is told of a session goes with its requests, which were moved before."""
    for table in ("rejections", "rule_hits"):
        db.execute(f"update or ignore {table} set session_id = ? where session_id = ?", [session, child])
        db.execute(f"delete from {table} where session_id = ?", [child])
    db.execute("delete from links where session_id = ?", [child])


def bring_along(db: sqlite3.Connection, last_known: int) -> None:
    """After the requests have their turns: links the turns in which moved ones lie now as they were linked before, if nothing is.

    `last_known` is the number of the last request that had a turn before. As long as no prompt of a session is known it has
    one turn, of which nobody knows where it ends.
    """
    if db.execute("select 1 from moved limit 1").fetchone() is None:
        return
    rows = db.execute(
        """select m.task_id, m.open, m.source, m.rule_id, min(m.created_at) as created_at, r.session_id, r.turn,
             exists (select 1 from turns t where t.session_id = r.session_id) as prompted
           from moved m join requests r on r.id = m.request_id where r.session_id > 0 and m.request_id <= ?
           group by r.session_id, r.turn, m.task_id, m.open, m.source, m.rule_id order by r.session_id, r.turn, m.created_at""",
        [last_known],
    ).fetchall()
    for row in rows:
        taken = spans(db, row["session_id"])
        before = next((one for one in taken if one.last == row["turn"] - 1), None)
        turns = Span(row["turn"], None if row["open"] and not row["prompted"] else row["turn"])
        if any(turns.meets(one) for one in taken) or (before is not None and _lengthened(db, row)):
            continue
        first, after = prompts(db, row["session_id"], turns)
        place = {"id": None, "turn_from": turns.first, "turn_to": turns.last, "from_prompt": first, "to_prompt": after}
        insert(db, {name: row[name] for name in row.keys() if name in COLUMNS} | place)  # noqa: SIM118  # of a row
    db.execute("delete from moved")


def _lengthened(db: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether a link just made for the turn before is the same, and so takes this turn in."""
    _, after = prompts(db, row["session_id"], Span(0, row["turn"]))
    found = db.execute(
        """update links set turn_to = ?, to_prompt = ? where session_id = ? and turn_to = ? and task_id is ? and source = ?
             and rule_id is ? and created_at = ?""",
        [
            row["turn"], after, row["session_id"], row["turn"] - 1, row["task_id"], row["source"], row["rule_id"],
            row["created_at"],
        ],
    )  # fmt: skip
    return found.rowcount > 0


def spans(db: sqlite3.Connection, session: int) -> list[Span]:
    """The turns of a session that are linked, in their order."""
    rows = db.execute("select turn_from, turn_to from links where session_id = ? order by turn_from", [session])
    return [Span(*row) for row in rows]


def gaps(turns: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What is left of a range of turns without others, which come in their order."""
    first = turns.first
    for other in taken:
        if not turns.meets(other):
            continue
        if first < other.first:
            yield Span(first, other.first - 1)
        if other.last is None:
            return
        first = max(first, other.last + 1)
    if turns.last is None or first <= turns.last:
        yield Span(first, turns.last)
