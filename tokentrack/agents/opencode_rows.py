"""opencode's two storages in SQLite: `opencode.db` from version 1.2 on, new tables in it from version 2 on, and its events.

    session(_v2)      one row a session, `parent_id` for what another session began
    message, part     one row a message and part; the tokens of each step are in its `step-finish` part
    session_message   the same from version 2 on, parts inside
    event             appended only: keeps the last state of a message that `/undo` deleted, which was spent all the same

Which tables and columns there are is asked first. New rows are found by row number: a cursor keeps some numbers with the
ids they had, because deleting the newest rows (`/undo`) or compacting the file gives their numbers to others; reading goes
on after the newest one that still holds. A message that may still change is remembered by its id and looked at again; of
the others those that changed all the same, or got a further part, are looked for among the newest (`opencode_changes`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import stringzilla

from tokentrack.agents import foreign, marks
from tokentrack.agents import opencode_changes as changes
from tokentrack.agents import opencode_records as records
from tokentrack.agents.opencode_pieces import NEW_ROW, ROW, Gathering, Message
from tokentrack.agents.opencode_records import Info, Part, SessionFile
from tokentrack.agents.reading import LONGEST_NAME, cursor_of, text_of
from tokentrack.model.logs import Chunk

MOST_ROWS = 4000
"""Rows of a table read for one chunk: bounds memory, and how long the agent's `-wal` cannot be used again."""
MOST_EVENTS = 20_000
MOST_OPEN = 500
"""Messages looked at again: those of killed runs never end."""
ANCHORS = 24
LARGEST_PART = 8 << 10
"""A larger part is a tool's output or a text: neither a step's end nor a commit's message."""
LARGEST_PROMPT = 4 << 20
OVERLAP_MS = 60_000
"""What changed so long before the newest change is looked at again: several processes write."""

SESSION_COLUMNS = ("parent_id", "directory", "title", "version", "time_created", "time_updated", "fork_boundary")
SESSIONS = ("session_v2", "session")
TABLES = {"session_message": "seq", "message": None, "event": None}
"""The tables whose rows are read by their numbers, in the order of their standing."""

Anchor = tuple[int, str]


class Cursor(msgspec.Struct, omit_defaults=True):
    rows: dict[str, list[Anchor]] = {}
    """By table: row numbers with the ids they had."""
    open: dict[str, list[str]] = {}
    """By table: ids of messages that may still change."""
    sessions: int = 0
    """The newest change of a session."""
    updated: dict[str, int] = {}
    """By table: the newest change of a row."""
    parts: int | None = None
    """The number of the newest part."""


def read(path: Path, cursor: str | None) -> Chunk:
    """What is new in a database since the cursor. Raises OSError."""
    state = cursor_of(cursor, Cursor)
    with foreign.opened(path) as db:
        return _Reading(db, state).chunk()


class _Reading:
    """One pass over a database: new rows, then the messages that were not finished, then the sessions that changed."""

    def __init__(self, db: sqlite3.Connection, state: Cursor) -> None:
        self.db = db
        self.tables = foreign.tables(db, (*TABLES, *SESSIONS, "part"))
        self.state = state
        self.next = Cursor(updated=dict(state.updated))
        self.gathering = Gathering(self.told, self.begun)
        self.more = False
        self.bytes_read = 0
        self.lost = False
        self._there: dict[str, bool] = {}
        self._rows: dict[str, SessionFile | None] = {}

    def chunk(self) -> Chunk:
        for table in TABLES:
            if {"id", "data"} <= self.tables.get(table, set()):
                self.new_rows(table)
        self.changed_sessions()
        version = self.gathering.version
        return Chunk(
            cursor=text_of(self.next),
            pieces=self.gathering.pieces(),
            problems=self.gathering.problems,
            version=version[1] if version else None,
            bytes_read=self.bytes_read,
            more=self.more,
            restarted=self.lost,
        )

    # ------------------------------------------------------------------------------------------ rows

    def new_rows(self, table: str) -> None:
        anchors = self.still_there(table)
        start = anchors[-1][0] if anchors else 0
        again = self.state.open.get(table, [])
        if table == "event":
            last = self.events(start)
        else:
            last = self.messages(table, start, list(dict.fromkeys([*self.changed(table, start, again), *again])))
        self.next.rows[table] = thinned([*anchors, last] if last else anchors)

    def changed(self, table: str, start: int, again: list[str]) -> list[str]:
        """Messages before row `start` that are settled and changed all the same."""
        known = set(again)  # these stay in their order, which tells the last of a session
        found: list[str] = []
        try:
            found.extend(
                told for one in self.changes(table, start) if (told := records.name(one)) and told not in known
            )
        except sqlite3.OperationalError:
            raise
        except foreign.FAULTS:
            pass  # what is new may stand in pages that are whole
        return found

    def changes(self, table: str, start: int) -> Iterator[object]:
        since = self.state.updated.get(table, 0) - OVERLAP_MS
        sessions = [native_id for native_id, _ in self.sessions_since()] if start else []
        yield from changes.messages(self.db, table, self.tables[table], start, since, sessions)
        parts = self.tables.get("part", set())
        if table == "message" and {"message_id", "data"} <= parts:
            self.next.parts = changes.newest(self.db, "part")
            if self.state.parts is not None:
                yield from changes.steps(self.db, parts, self.state.parts, start, since)

    def still_there(self, table: str) -> list[Anchor]:
        """The anchors up to the newest one whose row is still the one it was."""
        anchors = list(self.state.rows.get(table, []))
        had = bool(anchors)
        while anchors:
            number, native_id = anchors[-1]
            row = self.db.execute(f"select id from {table} where rowid = ?", [number]).fetchone()
            if row is not None and _id(row[0]) == native_id:
                break
            anchors.pop()
        self.lost = self.lost or (had and not anchors)
        return anchors

    def messages(self, table: str, start: int, again: list[str]) -> Anchor | None:
        """Reads the rows after `start`, and of those before it the ones to look at again. Returns the last row's anchor."""
        number, last = start, None
        found: dict[str, Message] = {}
        columns = self.columns(table)
        count = 0
        for native_id in again:
            known = self.db.execute(f"select {columns} from {table} where id = ?", [native_id]).fetchone()
            if known is not None:
                self.take(found, table, known)
        for row in self.db.execute(
            f"select {columns}, rowid from {table} where rowid > ? order by rowid limit ?", [start, MOST_ROWS]
        ):
            if row[-1] > number:  # a damaged database has them in any order
                number, last = row[-1], row[0]
            count += 1
            self.take(found, table, row)
        self.more = self.more or count == MOST_ROWS
        if table == "message":
            self.add_parts(found, start, number)
        latest = {message.session: message.id for message in found.values()}  # the rows looked at again come first
        for message in found.values():
            self.gathering.add(message)
        self.next.open[table] = [message.id for message in found.values() if not self.settled(table, message, latest)][
            -MOST_OPEN:
        ]
        return (number, _id(last)) if number > start else None

    def columns(self, table: str) -> str:
        """id, session, type, data, time, sequence, time of the last change: what of it there is."""
        there = self.tables[table]
        wanted = ("session_id", "type", "cast(data as blob)", "time_created", TABLES[table] or "", "time_updated")
        return ", ".join(["id", *(name if name in there or "data" in name else "null" for name in wanted)])

    def take(self, found: dict[str, Message], table: str, row: Sequence[Any]) -> None:
        told, session, kind, data, at, seq, updated, *_ = row
        if (changed := records.moment(updated)) is not None and changed > self.next.updated.get(table, 0):
            self.next.updated[table] = changed
        if not isinstance(data, bytes):
            return None
        self.bytes_read += len(data)
        native_id, session = records.name(told), records.name(session)
        try:
            info = records.info(data)
        except records.NOT_A_RECORD:
            return self.gathering.problem(_id(told), "not a message")
        if native_id is None or session is None:
            return self.gathering.problem(_id(told), "its id, or that of its session, is none")
        if kind is not None:
            info.role = kind
        found[native_id] = Message(
            id=native_id,
            session=session,
            info=info,
            standing=NEW_ROW if table == "session_message" else ROW,
            at=records.created(info) or records.moment(at),
            seq=seq if isinstance(seq, int) else None,
        )
        return None

    def settled(self, table: str, message: Message, latest: dict[str, str]) -> bool:
        """Whether nothing more will be written to a message. A prompt's text comes after it, so the next message tells."""
        if message.info.role == "assistant":
            return records.completed(message.info) is not None
        return table != "message" or message.info.role != "user" or latest[message.session] != message.id

    # ------------------------------------------------------------------------------------------ parts

    def add_parts(self, found: dict[str, Message], start: int, end: int) -> None:
        """The parts that count or tell something: of all new messages at once, of prompts and old messages one by one."""
        if not {"message_id", "data"} <= self.tables.get("part", set()):
            return
        seen = set()
        for message, data in self.db.execute(_PARTS, [start, end, LARGEST_PART]):
            if _tells(data):
                seen.add(message)
                if message in found:
                    self.add_part(found[message], data)
        for message in found.values():
            if message.id not in seen or message.info.role != "assistant":
                self.all_parts(message)

    def all_parts(self, message: Message) -> None:
        largest = LARGEST_PART if message.info.role == "assistant" else LARGEST_PROMPT
        message.parts.clear()
        for (data,) in self.db.execute(
            """select cast(data as blob) from part where message_id = ? and length(cast(data as blob)) <= ?
               order by rowid""",
            [message.id, largest],
        ):
            self.add_part(message, data)

    def add_part(self, message: Message, data: object) -> None:
        if not isinstance(data, bytes):
            return
        self.bytes_read += len(data)
        try:
            message.parts.append(records.part(data))
        except records.NOT_A_RECORD:
            self.gathering.problem(message.id, "not a part of a message")

    # ------------------------------------------------------------------------------------------ events

    def events(self, start: int) -> Anchor | None:
        """The last state of each message that is in no table any more."""
        if not {"aggregate_id", "seq", "type"} <= self.tables["event"]:
            return None
        end = self.db.execute(
            """select * from (select rowid, id from event where rowid > ? order by rowid limit 1 offset ?)
               union all select * from (select rowid, id from event order by rowid desc limit 1)""",
            [start, MOST_EVENTS],
        ).fetchall()
        if not end or end[0][0] <= start or self.more:  # passed only together with the messages that they tell of
            return None
        self.more = len(end) > 1
        vanished: dict[str, tuple[str, Info]] = {}
        for session, data in self.db.execute(
            """select aggregate_id, cast(data as blob) from event
               where rowid > ? and rowid <= ? and type = 'message.updated.1' order by rowid""",
            [start, end[0][0]],
        ):
            self.bytes_read += len(data)
            try:
                info = records.event(data).info
            except records.NOT_A_RECORD:
                self.gathering.problem(str(session), "not an event")
                continue
            native_id, told = records.name(info.id) if info else None, records.name(session)
            if info is not None and native_id is not None and told is not None and not self.has(native_id):
                vanished[native_id] = (told, info)
        for native_id, (session, info) in vanished.items():
            parts = self.told_parts(session, native_id)
            self.gathering.add(Message(native_id, session, info, ROW, parts, records.created(info)))
        return end[0][0], _id(end[0][1])

    def has(self, message: str) -> bool:
        if message not in self._there:
            self._there[message] = any(
                self.db.execute(f"select 1 from {table} where id = ?", [message]).fetchone()
                for table in ("message", "session_message")
                if table in self.tables
            )
        return self._there[message]

    def told_parts(self, session: str, message: str) -> list[Part]:
        parts: dict[str, Part] = {}
        for (data,) in self.db.execute(
            """select cast(data as blob) from event where aggregate_id = ? and type = 'message.part.updated.1'
               and instr(data, ?) order by seq""",
            [session, message],
        ):
            try:
                part = records.event(data).part
            except records.NOT_A_RECORD:
                continue
            if part is not None and part.messageID == message and isinstance(part.id, str):
                parts[part.id] = part
        return [parts[native_id] for native_id in sorted(parts)]

    # ------------------------------------------------------------------------------------------ sessions

    def session_tables(self) -> Iterator[str]:
        return (table for table in SESSIONS if "id" in self.tables.get(table, set()))

    def changed_sessions(self) -> None:
        newest = self.state.sessions
        for native_id, updated in self.sessions_since():
            newest = max(newest, records.moment(updated) or 0)
            if (told := records.name(native_id)) is not None:
                self.gathering.told(told)
        self.next.sessions = newest

    def sessions_since(self) -> Iterator[tuple[object, object]]:
        """Sessions that are new or changed, and when."""
        for table in self.session_tables():
            if "time_updated" in self.tables[table]:
                yield from self.db.execute(
                    f"select id, time_updated from {table} where time_updated >= ? order by time_updated",
                    [self.state.sessions - OVERLAP_MS],
                )

    def told(self, native_id: str) -> SessionFile | None:
        if native_id not in self._rows:
            self._rows[native_id] = self.session_row(native_id)
        return self._rows[native_id]

    def session_row(self, native_id: str) -> SessionFile | None:
        for table in self.session_tables():
            there = self.tables[table]
            wanted = ", ".join(name if name in there else "null" for name in SESSION_COLUMNS)
            row = self.db.execute(f"select {wanted} from {table} where id = ?", [native_id]).fetchone()
            if row is not None:
                parent, directory, title, version, created, updated, boundary = row
                times = {"created": created, "updated": updated}
                fork = {"boundary": boundary}
                return SessionFile(native_id, parent, directory, title, version, times, fork)
        return None

    def begun(self, native_id: str) -> int | None:
        """When a session without a row of its own began: its first message."""
        found = [
            records.moment(self.db.execute(query, [native_id]).fetchone()[0])
            for table in ("session_message", "message")
            if {"session_id", "time_created"} <= self.tables.get(table, set())
            for query in [f"select min(time_created) from {table} where session_id = ?"]
        ]
        return min((at for at in found if at is not None), default=None)


_PARTS = """
select p.message_id, cast(p.data as blob) from message m cross join part p on p.message_id = m.id
where m.rowid > ? and m.rowid <= ? and length(cast(p.data as blob)) <= ?
  and not p.data glob '{"type":"text",*' and not p.data glob '{"type":"reasoning",*'
  and not p.data glob '{"type":"step-start"*'
"""
"""The small parts of new messages, but for those whose beginning says that nothing of an answer's is read from them."""


def _tells(part: bytes) -> bool:
    """Whether a part of an answer may count or name a commit; most need not be decoded. SQLite's own search is far slower."""
    return stringzilla.find(part, b'"step-finish"') >= 0 or marks.makes_commits(part)


def _id(value: object) -> str:
    """An id as a cursor keeps it, whatever a damaged row has in its place."""
    return str(value)[:LONGEST_NAME]


def thinned(anchors: list[Anchor]) -> list[Anchor]:
    """Few anchors, the denser the newer: what an undo takes away is mostly new."""
    kept: list[Anchor] = []
    for anchor in reversed(anchors):
        if not kept or kept[0][0] - anchor[0] >= 2 * (kept[0][0] - kept[-1][0]):
            kept.append(anchor)
    return kept[:ANCHORS][::-1]


# ----------------------------------------------------------------------------------------------------------------- why


EVENT = "event"


def raw(path: Path, key: str) -> dict[str, object] | None:
    """The tokens of a message and of its steps, as logged in the table of the best standing that has it."""
    with foreign.opened(path) as db:
        found = _found(db, key)
    return records.as_logged(found[1].info, found[1].parts) if found else None


def found(path: Path, key: str) -> tuple[str, Message] | None:
    """A message with its parts, and the table that has it."""
    with foreign.opened(path) as db:
        return _found(db, key)


def _found(db: sqlite3.Connection, key: str) -> tuple[str, Message] | None:
    reading = _Reading(db, Cursor())
    for table in ("session_message", "message"):
        if "data" in reading.tables.get(table, set()):
            found: dict[str, Message] = {}
            row = db.execute(f"select {reading.columns(table)} from {table} where id = ?", [key]).fetchone()
            if row is not None:
                reading.take(found, table, row)
            for message in found.values():
                if table == "message" and "part" in reading.tables:
                    reading.all_parts(message)
                return table, message
    message_told = _in_events(reading, key) if EVENT in reading.tables else None
    return (EVENT, message_told) if message_told else None


def _in_events(reading: _Reading, key: str) -> Message | None:
    rows = reading.db.execute(
        """select aggregate_id, cast(data as blob) from event where type = 'message.updated.1' and instr(data, ?)
           order by seq desc""",
        [key],
    )
    for session, data in rows:
        try:
            info = records.event(data).info
        except records.NOT_A_RECORD:
            continue
        if info is not None and info.id == key:
            return Message(key, session, info, ROW, reading.told_parts(session, key), records.created(info))
    return None
