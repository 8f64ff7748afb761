"""What the person changed of tasks, links and rules, row by row: the way back, also tomorrow (product 3.4: for 30 days).

Rows are noted by triggers, so that no writer has to know of it and none can forget it. What no change of the person's is, such as
a link that a rule made while logs were read, is written outside of `change` and is no step on the way back. Nor does it stand in
the way: what rules did meanwhile goes with the step that it hangs on or is in the way of, and comes again with it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tokentrack.model.tasks import Span
from tokentrack.store import StoreError, anchors, transaction

_OWN = ("id",)
PLACES = {
    "tasks": _OWN, "outcomes": _OWN, "estimates": _OWN, "rules": _OWN, "links": _OWN, "rule_hits": ("rule_id", "session_id"),
    "rejections": ("session_id", "task_id"), "declarations": _OWN, "verdicts": _OWN, "follow_ups": ("task_id", "days"),
    "insights": ("week", "kind", "subject"), "budgets": _OWN,
}  # fmt: skip
"""Tables whose rows are noted ▶ the columns that tell which row it is."""
KEPT_MS = 30 * 24 * 60 * 60 * 1000
NEWER = "Changed elsewhere since: nothing was {}."
"""Of one step that was asked for by its number."""
_WENT = "create temp table if not exists went (one integer primary key, change_id integer not null)"
_OF_TASKS = ("outcomes", "estimates", "rules", "links", "rejections", "declarations", "verdicts", "follow_ups")
"""Tables whose rows would go with a task's."""

Row = dict[str, Any]
Of = tuple[str, tuple[Any, ...]]
"""Which row it is: its table and its key."""
Noted = tuple[int, str, Row | None, Row | None]
"""(seq, table, row before, row after)"""


class NoWayBack(StoreError):
    """The world has moved on; the message is one sentence for the person, and nothing was changed. `number` is the change's."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


@contextmanager
def change(db: sqlite3.Connection, what: str, now: int) -> Iterator[int]:
    """Notes what is written inside as one step that can be taken back, and yields its number. Call inside a transaction.

    `what` says it in words (`Linked 4 sessions to PAY-12`). What could be done again until then cannot any more. Where nothing
    was written there is no step. There is one at a time, and an exception inside must end the transaction.
    """
    if db.execute("select 1 from temp.sqlite_master where name = 'noting'").fetchone() is None:
        db.execute("create temp table noting (seq integer primary key, place text, before text, after text)")
        db.execute(_WENT)
        for place in PLACES:
            for trigger in _triggers(db, place):
                db.execute(trigger)
    number = int(db.execute("insert into changes (at, what) values (?, ?) returning id", [now, what]).fetchone()[0])
    db.execute("insert into noting (seq) values (0)")
    try:
        yield number
        noted = "insert into change_rows select ?, seq, place, before, after from noting where before is not after"
        wrote = db.execute(noted, [number]).rowcount
    finally:
        if db.in_transaction:
            db.execute("delete from noting")
    if wrote:
        db.execute("delete from changes where undone_at is not null or at < ?", [now - KEPT_MS])
        _went(db, number)
    else:
        db.execute("delete from changes where id = ?", [number])


def _triggers(db: sqlite3.Connection, place: str) -> Iterator[str]:
    """They last as long as the connection, and note nothing while there is no change to note it for, which row 0 tells.

    They are short, because each connection makes all of them with its first change: whether a row differs is asked at the end.
    """
    columns = [row["name"] for row in db.execute(f"pragma table_info({place})")]
    old, new = (f"json_object({', '.join(f'{name!r}, {side}.{name}' for name in columns)})" for side in ("old", "new"))
    for event, before, after in (("insert", "null", new), ("update", old, new), ("delete", old, "null")):
        yield f"""create temp trigger noted_{place}_{event} after {event} on main.{place} begin
            insert into noting select null, '{place}', {before}, {after} from noting where seq = 0; end"""


# ---- the way back ----------------------------------------------------------------------------------------------------


def latest(db: sqlite3.Connection, now: int) -> tuple[int, str] | None:
    """(number, what it was) of the change that `undo` would take back."""
    row = db.execute(
        "select id, what from changes where undone_at is null and at >= ? order by id desc limit 1", [now - KEPT_MS]
    ).fetchone()
    return None if row is None else (row["id"], row["what"])


def went(db: sqlite3.Connection) -> int | None:
    """Number of the step that was made, taken back or done again last over this connection; None: none since it was asked last.

    Other processes make steps as well: the newest need not be the one that was made here.
    """
    if db.execute("select 1 from temp.sqlite_master where name = 'went'").fetchone() is None:
        return None
    row = db.execute("delete from temp.went returning change_id").fetchone()
    return None if row is None else int(row[0])


def _went(db: sqlite3.Connection, number: int) -> None:
    db.execute(_WENT)
    db.execute("insert or replace into temp.went values (1, ?)", [number])


def step(db: sqlite3.Connection, way: Callable[[sqlite3.Connection, int], str | None], now: int) -> str | None:
    """One step of `undo` or `redo` in a transaction of its own. Raises NoWayBack for one that cannot be gone; it is said once and
    set aside, so that the next step goes on beyond it (AC 16).
    """
    try:
        with transaction(db):
            return way(db, now)
    except NoWayBack as stuck:
        with transaction(db):
            set_aside(db, stuck.number)
        raise


def undo(db: sqlite3.Connection, now: int, number: int | None = None) -> str | None:
    """Takes back the newest change that stands, at most 30 days old, and says what it was; with a `number` that one alone, and
    raises StoreError where the newest is another. Raises NoWayBack.
    """
    found = latest(db, now)
    if found is None:
        return None
    if number not in (None, found[0]):
        raise StoreError(NEWER.format("undone"))
    _go(db, *found, back=True)
    db.execute("update changes set undone_at = ? where id = ?", [now, found[0]])
    _went(db, found[0])
    return found[1]


def redo(db: sqlite3.Connection, now: int, number: int | None = None) -> str | None:
    """Does again what was taken back last, and says what it was; `number` as for `undo`. Raises NoWayBack and StoreError."""
    row = db.execute(
        "select id, what from changes where undone_at is not null and at >= ? order by id limit 1", [now - KEPT_MS]
    ).fetchone()
    if row is None:
        return None
    if number not in (None, row["id"]):
        raise StoreError(NEWER.format("done again"))
    _go(db, row["id"], row["what"], back=False)
    db.execute("update changes set undone_at = null where id = ?", [row["id"]])
    _went(db, row["id"])
    return str(row["what"])


def set_aside(db: sqlite3.Connection, number: int) -> None:
    """A change that cannot be taken back or done again is no step any more; what it did stays as it is."""
    db.execute("delete from changes where id = ?", [number])


def _go(db: sqlite3.Connection, number: int, what: str, *, back: bool) -> None:
    db.execute("pragma defer_foreign_keys = on")  # a deleted task's rows come back before the task itself
    db.execute("savepoint way_back")
    try:
        _take_in(db, number, back=back)
        steps = [(place, before, after) for _, place, before, after in _noted(db, number)]
        if back:
            steps = [(place, after, before) for place, before, after in reversed(steps)]
        for place, was, becomes in steps:
            _step(db, place, was, becomes)
        if any(db.execute(f"pragma foreign_key_check({place})").fetchone() for place in {step[0] for step in steps}):
            raise _Moved
    except (_Moved, sqlite3.IntegrityError):
        db.execute("rollback to way_back")
        db.execute("release way_back")
        verb, on = (
            ("taken back", "undo goes on with the change before it") if back else ("done again", "it is left out")
        )
        raise NoWayBack(
            number, f"“{what}” cannot be {verb}, because what it changed has changed since; {on}."
        ) from None
    db.execute("release way_back")


class _Moved(Exception):
    """A row is not as this change left it."""


def _noted(db: sqlite3.Connection, number: int) -> list[Noted]:
    """What a change wrote, in the order in which it was written."""
    rows = db.execute("select * from change_rows where change_id = ? order by seq", [number])
    return [(row["seq"], row["place"], _row(row["before"]), _row(row["after"])) for row in rows]


def _row(text: str | None) -> Row | None:
    row: Row | None = None if text is None else json.loads(text)
    return row


def _of(place: str, row: Row) -> Of:
    return place, tuple(row[name] for name in PLACES[place])


def _there(db: sqlite3.Connection, of: Of) -> sqlite3.Row | None:
    """The row as it is now."""
    place, key = of
    row: sqlite3.Row | None = db.execute(f"select * from {place} where {_where(place)}", key).fetchone()
    return row


def _where(place: str) -> str:
    return " and ".join(f"{name} = ?" for name in PLACES[place])


# ---- what rules did meanwhile ----------------------------------------------------------------------------------------

Known = dict[Of, tuple[Row | None, Row | None]]
"""Row ▶ as the change left it, as it becomes; each None where there is none."""


def _take_in(db: sqlite3.Connection, number: int, *, back: bool) -> None:
    """Makes what rules did since a part of the change: it goes now, and comes again with the way in the other direction."""
    _follow(db, number, back=back)
    noted = _noted(db, number)
    known = _ends(noted, back=back)
    passing = {of for of, ends in known.items() if ends == (None, None)}  # on the way they could meet what is there now
    for seq, place, before, after in noted:
        if _of(place, before or after or {}) in passing:
            _forget(db, number, seq)
    met: dict[Of, Row] = {}
    for of, (left, becomes) in known.items():
        for table, row in _hanging(db, of, left, becomes):
            other = _of(table, dict(row))
            if other not in known or known[other][0] is None:
                met[other] = dict(row)
    first, last = (noted[0][0], noted[-1][0]) if noted else (0, 0)
    for count, ((place, _), image) in enumerate(met.items(), 1):
        text = json.dumps(image)
        seq, images = (last + count, (None, text)) if back else (first - count, (text, None))
        db.execute("insert into change_rows values (?, ?, ?, ?, ?)", [number, seq, place, *images])


def _hanging(
    db: sqlite3.Connection, of: Of, left: Row | None, becomes: Row | None
) -> Iterator[tuple[str, sqlite3.Row]]:
    """(table, row) of what rules made that hangs on a row which goes, or is in the way of one which comes back."""
    place, key = of
    if left is not None and becomes is None and place == "rules":
        yield from (
            ("rule_hits", row) for row in db.execute("select * from rule_hits where rule_id = ?", key).fetchall()
        )
        yield from (("links", row) for row in db.execute("select * from links where rule_id = ?", key).fetchall())
    elif left is not None and becomes is None and place == "tasks":
        linked = db.execute("select * from links where task_id = ? and source = 'rule'", key).fetchall()
        yield from (("links", row) for row in linked)
    elif left is None and becomes is not None and place == "rule_hits" and (row := _there(db, of)):
        yield place, row
    elif becomes is not None and place == "links":
        yield from (("links", row) for row in _in_the_way(db, becomes))


def _in_the_way(db: sqlite3.Connection, link: Row) -> list[sqlite3.Row]:
    """Links of rules where a link comes back. Of one that reaches beyond it, the rest is linked again when rules are applied."""
    turns = anchors.numbers(db, link)
    rows = db.execute("select * from links where session_id = ? and source = 'rule'", [link["session_id"]])
    return [row for row in rows if turns.meets(Span(row["turn_from"], row["turn_to"]))]


def _ends(noted: Iterable[Noted], *, back: bool) -> Known:
    found: Known = {}
    for _, place, before, after in noted:
        of = _of(place, before or after or {})
        first, last = found.get(of, (before, after) if not back else (after, before))
        found[of] = (after, last) if back else (first, after)
    return found


_OF_RULES = {"links": ("turn_to", "to_prompt"), "rules": ("paused",), "rule_hits": ()}
"""What rules change by themselves: they end their links, and pause. Links and hits of a session that turns out to be a part of
another go with it."""


def _follow(db: sqlite3.Connection, number: int, *, back: bool) -> None:
    """Where what the change left is otherwise now because of rules, the change remembers it as it is now."""
    noted = _noted(db, number)
    otherwise: dict[Of, tuple[Row, Row | None]] = {}
    for of, (left, _) in _ends(noted, back=back).items():
        place = of[0]
        if left is None or place not in _OF_RULES or (place == "links" and left["source"] != "rule"):
            continue
        there = _there(db, of)
        was = (_as_numbered_now(db, left) if place == "links" else left) or left
        if there is None and place == "rules":
            continue
        now = None if there is None else {name: there[name] for name in _OF_RULES[place] if there[name] != was[name]}
        if now != {}:
            otherwise[of] = left, now
    for seq, place, before, after in noted:
        of = _of(place, before or after or {})
        if of in otherwise:
            _remember(db, number, seq, [before, after], *otherwise[of])


def _remember(
    db: sqlite3.Connection, number: int, seq: int, images: list[Row | None], left: Row, now: Row | None
) -> None:
    """`now`: the columns that are otherwise; None: the row is gone."""
    if now is None:
        _forget(db, number, seq)
        return
    anew = [
        None if image is None else json.dumps(image | {name: now[name] for name in now if image[name] == left[name]})
        for image in images
    ]
    db.execute("update change_rows set before = ?, after = ? where change_id = ? and seq = ?", [*anew, number, seq])


def _forget(db: sqlite3.Connection, number: int, seq: int) -> None:
    db.execute("delete from change_rows where change_id = ? and seq = ?", [number, seq])


# ---- row by row ------------------------------------------------------------------------------------------------------


def _step(db: sqlite3.Connection, place: str, was: Row | None, becomes: Row | None) -> None:
    """Makes a row from what it must be now into what it becomes; None: it is not there."""
    if place == "links":
        was, becomes = _as_numbered_now(db, was), _as_numbered_now(db, becomes)
    of = _of(place, was or becomes or {})
    there = _there(db, of)
    if was is None and becomes is not None:
        if there is not None:
            raise _Moved
        names = ", ".join(becomes)
        db.execute(f"insert into {place} ({names}) values ({', '.join('?' * len(becomes))})", list(becomes.values()))
        return
    if was is None or there is None or any(there[name] != was[name] for name in was if name not in _FOUND_LATER):
        raise _Moved
    if becomes is None:
        if place == "tasks" and any(_refers(db, table, was["id"]) for table in _OF_TASKS):
            raise _Moved
        db.execute(f"delete from {place} where {_where(place)}", of[1])
        return
    changed = [name for name in becomes if becomes[name] != was[name]]
    if not changed:  # rules have done so by themselves
        return
    db.execute(
        f"update {place} set {', '.join(f'{name} = ?' for name in changed)} where {_where(place)}",
        [*(becomes[name] for name in changed), *of[1]],
    )


_FOUND_LATER = ("from_prompt", "to_prompt")
"""A session that grows tells a link's last prompt, by which its turns are the same as before."""


def _refers(db: sqlite3.Connection, table: str, task: int) -> bool:
    return db.execute(f"select 1 from {table} where task_id = ? limit 1", [task]).fetchone() is not None


def _as_numbered_now(db: sqlite3.Connection, link: Row | None) -> Row | None:
    if link is None:
        return None
    turns: Span = anchors.numbers(db, link)
    return link | {"turn_from": turns.first, "turn_to": turns.last}
