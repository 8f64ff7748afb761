"""Cursor's `state.vscdb`: the global database, which holds all conversations, and the older one of each workspace.

    cursorDiskKV      composerData:<conversation>              one row a conversation
                      bubbleId:<conversation>:<bubble>         one row a piece of a message
                      agentKv:… and others                     never looked into: they may be gigabytes
    composerHeaders   from about 3.9 on: folder and name of each conversation
    ItemTable         lists of a workspace's conversations; beside them the account's secrets, so single keys are asked for

Rows are found by ranges of keys, which the index of the table holds, and afterwards by row number: a write replaces a row and
gives it a new number. The cursor keeps some numbers with the keys they had, because deleting the newest rows or compacting
the file gives their numbers to others; reading goes on after the newest one that still holds. A change that keeps its number
is noticed in the conversations that were written last.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tokentrack.agents import cursor_pieces as pieces
from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign
from tokentrack.agents.cursor_database import BUBBLE, COMPOSER, HEADERS, ITEMS, KV, LARGEST, Database, after
from tokentrack.agents.cursor_lists import Lists, named_by_headers
from tokentrack.agents.cursor_pieces import Conversation, named_piece, piece_of
from tokentrack.agents.cursor_records import Composer
from tokentrack.agents.reading import Problems, cursor_of, text_of
from tokentrack.model.logs import Chunk, Log, Piece

MOST_BYTES = 24 << 20
"""Read for one chunk: bounds memory, and how long the agent's `-wal` cannot be used again."""
MOST_CONVERSATIONS = 300
MOST_ROWS = 5000
LAST_ACTIVE = 64
"""Conversations looked at again although no row of theirs has a new number."""
ANCHORS = (0, 16, 256, 4096, 65536)

OWN = "((+key > ? and +key < ?) or (+key > ? and +key < ?))"
"""`+key`: rows are taken by their numbers, and not by the index of all keys. No other row's key leaves the database."""
OWN_KEYS = (COMPOSER, after(COMPOSER), BUBBLE, after(BUBBLE))


class Cursor(msgspec.Struct, omit_defaults=True):
    rows: list[tuple[int, str]] = []
    """Row numbers with the keys they had, the newest last: everything up to it is known."""
    phase: str = COMPOSER
    """What the first pass goes through: conversations, then bubbles without one; empty once it is done."""
    at: str = ""
    """The last key that the first pass has read."""
    upto: list[tuple[int, str]] = []
    """The row numbers there were when the first pass began."""
    parents: dict[str, str] = {}
    """By sub-agent's conversation, the one that began it."""
    headers: int = 0
    """The newest change of a row of `composerHeaders`."""
    active: dict[str, tuple[int, str]] = {}
    """The conversations written last: the row number of each, and a digest of its end."""
    lists: str = ""
    """A digest of the workspace's lists."""


def read(log: Log, cursor: str | None) -> Chunk:
    """What is new in a database since the cursor. Raises OSError."""
    state = cursor_of(cursor, Cursor)
    with foreign.opened(log.path) as db:
        return _Reading(db, state, log).chunk()


class _Reading:
    """One pass over a database: the conversations that are new or changed, then what lists and headers tell."""

    def __init__(self, db: sqlite3.Connection, state: Cursor, log: Log) -> None:
        self.problems = Problems()
        self.database = Database(db, self.problems)
        self.db = db
        self.state = state
        self.next = Cursor(parents=dict(state.parents), headers=state.headers)
        self.pieces: dict[str, Piece] = {}
        self.told: list[Piece] = []
        self.more = False
        self.restarted = False
        self.otherwise = log.mtime_ns // 1_000_000
        self.folder = _workspace(log.path)

    def chunk(self) -> Chunk:
        if self.database.tells(KV, "key", "value"):
            self.conversations()
        if self.database.tells(HEADERS, "composerId", "value"):
            named, self.next.headers = named_by_headers(self.database, self.next.headers, self.next.parents)
            self.told += named
        if self.database.tells(ITEMS, "key", "value"):
            lists = Lists(self.database, self.folder, self.otherwise)
            self.next.lists = lists.digest
            if self.next.lists != self.state.lists:
                self.told += lists.pieces(self.next.parents)
        return Chunk(
            cursor=text_of(self.next),
            pieces=[*self.pieces.values(), *self.told],
            problems=self.problems,
            version=None,
            bytes_read=self.database.bytes_read,
            more=self.more,
            restarted=self.restarted,
        )

    # ------------------------------------------------------------------------------------------ which conversations

    def conversations(self) -> None:
        state = self.state
        known = self.still_there()
        if state.rows and known is None:  # compacted or restored: everything is read again
            self.restarted = True
            state = self.state = Cursor(parents=state.parents, headers=state.headers)
        if state.phase and not state.rows:
            self.first_pass(state)
        else:
            self.changed(known or 0)

    def still_there(self) -> int | None:
        """The newest of the known row numbers whose row is still the one it was."""
        for number, key in reversed(self.state.rows):
            if self.db.execute(f"select 1 from {KV} where rowid = ? and +key = ?", [number, key]).fetchone():
                return number
        return None

    def anchors(self, last: int) -> list[tuple[int, str]]:
        """Row numbers to find this place by again, the denser the newer: the newest rows are replaced most."""
        found: dict[int, str] = {}
        for distance in ANCHORS:
            row = self.db.execute(
                f"select rowid, key from {KV} where rowid <= ? and rowid > ? and {OWN} order by rowid desc limit 1",
                [last - distance, last - distance - MOST_ROWS, *OWN_KEYS],
            ).fetchone()
            if row is not None:
                found[row[0]] = row[1]
        if not found:  # only other rows for a long way back: the index of the keys knows
            for prefix in (COMPOSER, BUBBLE):
                found |= dict(
                    self.db.execute(
                        f"select rowid, key from {KV} where key > ? and key < ? and rowid <= ? order by rowid desc limit 1",
                        [prefix, after(prefix), last],
                    ).fetchall()
                )
        return sorted(found.items())

    def first_pass(self, state: Cursor) -> None:
        """All conversations by their keys, as many as fit into a chunk; then bubbles whose conversation is gone."""
        if not state.at:
            last = self.db.execute(f"select max(rowid) from {KV}").fetchone()[0]
            state.upto = self.anchors(last) if last is not None else []
            self.children()
        phase, at = state.phase, state.at
        if phase == COMPOSER:
            at = self.by_key(at or COMPOSER)
            if not self.more:
                phase, at = BUBBLE, BUBBLE
        if phase == BUBBLE and not self.more:
            at = self.left_over(at)
        self.next.active = state.active | self.next.active
        self.keep_active()
        if self.more:
            self.next.phase, self.next.at, self.next.upto = phase, at, state.upto
        else:
            self.next.phase, self.next.rows = "" if state.upto else COMPOSER, state.upto

    def by_key(self, at: str) -> str:
        rows = self.db.execute(
            f"select key from {KV} where key > ? and key < ? order by key limit ?",
            [at, after(COMPOSER), MOST_CONVERSATIONS],
        ).fetchall()
        self.more = len(rows) == MOST_CONVERSATIONS
        for number, (key,) in enumerate(rows):
            at = key
            self.conversation(key.removeprefix(COMPOSER))
            if self.database.bytes_read > MOST_BYTES and number + 1 < len(rows):
                self.more = True
                break
        return at

    def left_over(self, at: str) -> str:
        """Bubbles of conversations that were deleted: what has tokens was spent. One step for each conversation."""
        for _ in range(MOST_ROWS):
            row = self.db.execute(
                f"select key from {KV} where key > ? and key < ? order by key limit 1", [at, after(BUBBLE)]
            ).fetchone()
            if row is None:
                return at
            conversation = _conversation_of(row[0])
            at = after(f"{BUBBLE}{conversation}:") if conversation is not None else row[0]
            if conversation is not None and not self.database.has(f"{COMPOSER}{conversation}"):
                self.conversation(conversation)
            if self.database.bytes_read > MOST_BYTES:
                break
        self.more = True
        return at

    def changed(self, since: int) -> None:
        """The conversations any of whose rows has a new number, and of the last ones those whose end changed."""
        last = since
        found: dict[str, None] = {}
        count = 0
        for number, key in self.db.execute(
            f"""select rowid, key from {KV} where rowid > ?
                and {OWN} order by rowid limit ?""",
            [since, *OWN_KEYS, MOST_ROWS],
        ):
            last = number
            count += 1
            conversation = key.removeprefix(COMPOSER) if key.startswith(COMPOSER) else _conversation_of(key)
            if conversation:
                found[conversation] = None
        self.more = count == MOST_ROWS
        if not self.more:
            last = self.db.execute(f"select max(rowid) from {KV}").fetchone()[0] or last
        self.next.rows = self.anchors(last)
        self.next.phase = "" if self.next.rows else COMPOSER
        self.next.active = {name: known for name, known in self.state.active.items() if name not in found}
        found |= {name: None for name, (_, digest) in self.next.active.items() if self.database.end_of(name) != digest}
        self.children([*found])
        for name in found:
            self.conversation(name)
        self.keep_active()

    def keep_active(self) -> None:
        """The conversations whose rows are the newest."""
        newest = sorted(self.next.active.items(), key=lambda entry: entry[1][0])[-LAST_ACTIVE:]
        self.next.active = {name: (number, digest or self.database.end_of(name)) for name, (number, digest) in newest}

    def children(self, among: Iterable[str] | None = None) -> None:
        """Notes which conversations are sub-agents' before any of them is told as one of the person's."""
        if among is None:
            rows: Iterable[tuple[str, bytes]] = self.db.execute(
                f"""select key, cast(value as blob) from {KV} where key > ? and key < ?
                    and (instr(value, ?) or instr(value, ?)) order by key""",
                [COMPOSER, after(COMPOSER), '"subagentComposerIds":["', '"subagentComposerIds": ["'],
            )
        else:
            rows = ((name, data) for name in among if (data := self.database.value(f"{COMPOSER}{name}")) is not None)
        for key, data in rows:
            composer = records.record(data, Composer) if len(data) <= LARGEST else None
            listed = composer.subagentComposerIds if composer else None
            for child in listed if isinstance(listed, list) else []:
                if (native_id := records.name(child)) is not None:
                    self.next.parents[native_id] = key.removeprefix(COMPOSER)

    # ------------------------------------------------------------------------------------------ one conversation

    def conversation(self, native_id: str) -> None:
        if "\n" in native_id or not records.name(native_id):  # a tool's row, no conversation
            return
        told = self.database.whole(native_id, self.next.parents)
        if told is None:
            return
        if not pieces.is_conversation(told):
            self.note_folder(told)
            return
        self.next.active[native_id] = (told.position, "")
        found = piece_of(told, self.problems, self.otherwise)
        if told.position or found.requests:
            self.pieces[native_id] = found

    def note_folder(self, told: Conversation) -> None:
        folder = records.workspace_folder(told.composer.workspaceIdentifier)
        if folder and told.parent is None:
            self.told.append(named_piece(told.id, folder=folder))


def _conversation_of(key: object) -> str | None:
    """The conversation in a bubble's key."""
    if not isinstance(key, str):
        return None
    return key.removeprefix(BUBBLE).rpartition(":")[0] or None


def _workspace(path: Path) -> str | None:
    """The folder that a workspace's database belongs to; its neighbour tells."""
    try:
        if os.path.getsize(path.with_name("workspace.json")) > 1 << 16:  # noqa: PTH202  # beside what was just listed
            return None
        return records.folder_in(path.with_name("workspace.json").read_bytes())
    except OSError:
        return None
