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

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tokentrack.agents import cursor_pieces as pieces
from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign, marks
from tokentrack.agents.cursor_pieces import Conversation, named_piece, piece_of
from tokentrack.agents.cursor_records import Bubble, Composer
from tokentrack.agents.reading import LONGEST_NAME, Problems, cursor_of, fit, text_of
from tokentrack.model import Chunk, Log, Piece

MOST_BYTES = 24 << 20
"""Read for one chunk: bounds memory, and how long the agent's `-wal` cannot be used again."""
MOST_CONVERSATIONS = 300
MOST_ROWS = 5000
LARGEST = 32 << 20
"""A larger value is no message."""
MOST_BUBBLES = 50_000
LAST_ACTIVE = 64
"""Conversations looked at again although no row of theirs has a new number."""
LAST_BUBBLES = 8
"""Of each of them; of its others only the lengths are compared."""
LENGTH = "octet_length(value)" if sqlite3.sqlite_version_info >= (3, 43) else "length(value)"
"""The newer function needs no look at the value itself."""
ANCHORS = (0, 16, 256, 4096, 65536)
OVERLAP_MS = 24 * 3_600_000

KV, HEADERS, ITEMS = "cursorDiskKV", "composerHeaders", "ItemTable"
COMPOSER, BUBBLE = "composerData:", "bubbleId:"
LISTS = ("composer.composerData", "composer.composerHeaders")
CHATS = "workbench.panel.aichat.view.aichat.chatdata"
"""Where 2024's versions kept the chats of a workspace."""


OWN = "((+key > ? and +key < ?) or (+key > ? and +key < ?))"
"""`+key`: rows are taken by their numbers, and not by the index of all keys. No other row's key leaves the database."""


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


def _after(prefix: str) -> str:
    """The first key after all that begin with `prefix`, which ends in a colon."""
    return prefix[:-1] + ";"


OWN_KEYS = (COMPOSER, _after(COMPOSER), BUBBLE, _after(BUBBLE))


class _Reading:
    """One pass over a database: the conversations that are new or changed, then what lists and headers tell."""

    def __init__(self, db: sqlite3.Connection, state: Cursor, log: Log) -> None:
        self.db = db
        self.tables = foreign.tables(db, (KV, HEADERS, ITEMS))
        self.state = state
        self.next = Cursor(parents=dict(state.parents), headers=state.headers)
        self.pieces: dict[str, Piece] = {}
        self.told: list[Piece] = []
        self.problems = Problems()
        self.bytes_read = 0
        self.more = False
        self.restarted = False
        self.otherwise = log.mtime_ns // 1_000_000
        self.folder = _workspace(log.path)
        self.heads: dict[str, tuple[str | None, str | None]] = {}

    def chunk(self) -> Chunk:
        if {"key", "value"} <= self.tables.get(KV, set()):
            self.conversations()
        if {"composerId", "value"} <= self.tables.get(HEADERS, set()):
            self.headers()
        if {"key", "value"} <= self.tables.get(ITEMS, set()):
            self.lists()
        return Chunk(
            cursor=text_of(self.next),
            pieces=[*self.pieces.values(), *self.told],
            problems=self.problems,
            version=None,
            bytes_read=self.bytes_read,
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
                        [prefix, _after(prefix), last],
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
            [at, _after(COMPOSER), MOST_CONVERSATIONS],
        ).fetchall()
        self.more = len(rows) == MOST_CONVERSATIONS
        for number, (key,) in enumerate(rows):
            at = key
            self.conversation(key.removeprefix(COMPOSER))
            if self.bytes_read > MOST_BYTES and number + 1 < len(rows):
                self.more = True
                break
        return at

    def left_over(self, at: str) -> str:
        """Bubbles of conversations that were deleted: what has tokens was spent. One step for each conversation."""
        for _ in range(MOST_ROWS):
            row = self.db.execute(
                f"select key from {KV} where key > ? and key < ? order by key limit 1", [at, _after(BUBBLE)]
            ).fetchone()
            if row is None:
                return at
            conversation = _conversation_of(row[0])
            at = _after(f"{BUBBLE}{conversation}:") if conversation is not None else row[0]
            if conversation is not None and not self.has(f"{COMPOSER}{conversation}"):
                self.conversation(conversation)
            if self.bytes_read > MOST_BYTES:
                break
        self.more = True
        return at

    def has(self, key: str) -> bool:
        return self.db.execute(f"select 1 from {KV} where key = ?", [key]).fetchone() is not None

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
        found |= {name: None for name, (_, digest) in self.next.active.items() if self.end_of(name) != digest}
        self.children([*found])
        for name in found:
            self.conversation(name)
        self.keep_active()

    def keep_active(self) -> None:
        """The conversations whose rows are the newest."""
        newest = sorted(self.next.active.items(), key=lambda entry: entry[1][0])[-LAST_ACTIVE:]
        self.next.active = {name: (number, digest or self.end_of(name)) for name, (number, digest) in newest}

    def children(self, among: Iterable[str] | None = None) -> None:
        """Notes which conversations are sub-agents' before any of them is told as one of the person's."""
        if among is None:
            rows: Iterable[tuple[str, bytes]] = self.db.execute(
                f"""select key, cast(value as blob) from {KV} where key > ? and key < ?
                    and (instr(value, ?) or instr(value, ?)) order by key""",
                [COMPOSER, _after(COMPOSER), '"subagentComposerIds":["', '"subagentComposerIds": ["'],
            )
        else:
            rows = ((name, data) for name in among if (data := self.value(f"{COMPOSER}{name}")) is not None)
        for key, data in rows:
            composer = records.record(data, Composer) if len(data) <= LARGEST else None
            listed = composer.subagentComposerIds if composer else None
            for child in listed if isinstance(listed, list) else []:
                if (native_id := records.name(child)) is not None:
                    self.next.parents[native_id] = key.removeprefix(COMPOSER)

    # ------------------------------------------------------------------------------------------ one conversation

    def value(self, key: str) -> bytes | None:
        row = self.db.execute(f"select cast(value as blob) from {KV} where key = ?", [key]).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def conversation(self, native_id: str) -> None:
        if "\n" in native_id or not records.name(native_id):  # a tool's row, no conversation
            return
        told = self.whole(native_id)
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

    def whole(self, native_id: str) -> Conversation | None:
        """A conversation with all its bubbles; None where it cannot be read. Of one that is gone only the bubbles."""
        row = self.db.execute(
            f"select rowid, cast(value as blob) from {KV} where key = ?", [f"{COMPOSER}{native_id}"]
        ).fetchone()
        composer: Composer | None = Composer()
        if row is not None and isinstance(row[1], bytes):
            self.bytes_read += len(row[1])
            composer = records.record(row[1], Composer) if len(row[1]) <= LARGEST else None
            if composer is None:
                self.problem(f"{COMPOSER}{native_id}", "not a conversation")
                return None
        assert composer is not None
        told = Conversation(native_id, composer, position=row[0] if row is not None else 0)
        told.parent = self.parent_of(native_id, composer)
        _, told.folder = self.head(native_id)
        told.bubbles = list(self.bubbles(native_id)) or records.inline(composer)
        if len(told.bubbles) == MOST_BUBBLES:
            self.problem(
                f"{COMPOSER}{native_id}", f"the first {MOST_BUBBLES:,} of its messages are read, the rest is not"
            )
        return told

    def parent_of(self, native_id: str, composer: Composer) -> str | None:
        """The conversation that started it all, through all levels."""
        parent = self.next.parents.get(native_id) or pieces.parent_of(composer)
        seen = {native_id}
        while parent is not None and parent not in seen and parent in self.next.parents:
            seen.add(parent)
            parent = self.next.parents[parent]
        return parent if parent != native_id else None

    def bubbles(self, native_id: str) -> Iterator[Bubble]:
        prefix = f"{BUBBLE}{native_id}:"
        for key, data in self.db.execute(
            f"select key, cast(value as blob) from {KV} where key > ? and key < ? order by key limit ?",
            [prefix, _after(prefix), MOST_BUBBLES],
        ):
            if not isinstance(data, bytes):
                continue
            self.bytes_read += len(data)
            bubble = records.record(data, Bubble) if len(data) <= LARGEST else None
            if bubble is None:
                self.problem(key, "not a message")
                continue
            bubble.bubbleId = key.removeprefix(prefix)
            person = bubble.type == records.PERSON and isinstance(bubble.text, str)
            bubble.text = bubble.text[: pieces.LONGEST_PROMPT] if person else None
            ran = bytes(bubble.toolFormerData)
            bubble.toolFormerData = msgspec.Raw(ran if marks.makes_commits(ran) else b"")  # frees the record's bytes
            yield bubble

    def end_of(self, native_id: str) -> str:
        """A digest of a conversation's row, its last bubbles and all lengths: bubbles may be filled in place, after a stream."""
        digest = hashlib.blake2b(digest_size=6)
        data = self.value(f"{COMPOSER}{native_id}") or b""
        digest.update(data)
        composer = records.record(data, Composer) if 0 < len(data) <= LARGEST else None
        for bubble in records.headers(composer)[-LAST_BUBBLES:] if composer else []:
            digest.update(self.value(f"{BUBBLE}{native_id}:{bubble}") or b"-")
        prefix = f"{BUBBLE}{native_id}:"
        for row in self.db.execute(
            f"""select count(key), sum({LENGTH}), sum({LENGTH} % 1009) from {KV} where key > ? and key < ?""",
            [prefix, _after(prefix)],
        ):
            digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()

    def problem(self, place: str, reason: str) -> None:
        self.problems.tell(pieces.position(place), f"{place[:LONGEST_NAME]}: {reason}")

    # ------------------------------------------------------------------------------------------ headers and lists

    def head(self, native_id: str) -> tuple[str | None, str | None]:
        """(name, folder) of a conversation's row in `composerHeaders`."""
        if not {"composerId", "value"} <= self.tables.get(HEADERS, set()):
            return None, None
        row = self.db.execute(f"select cast(value as blob) from {HEADERS} where composerId = ?", [native_id]).fetchone()
        return _told_by(row[0]) if row is not None and isinstance(row[0], bytes) else (None, None)

    def headers(self) -> None:
        """Rows that changed: they name the folder of newer conversations, and some conversations are nowhere else."""
        there = self.tables[HEADERS]
        times = [name for name in ("createdAt", "lastUpdatedAt", "recency", "checkpointAt") if name in there]
        newest = f"max({', '.join(f'coalesce({name}, 0)' for name in times)}, 0)" if times else "0"
        child = "isSubagent" if "isSubagent" in there else "0"
        created = "createdAt" if "createdAt" in there else "null"
        since = max(0, self.state.headers - OVERLAP_MS) if times else 0
        for native_id, data, made, is_child, at in self.db.execute(
            f"""select composerId, cast(value as blob), {created}, {child}, {newest} from {HEADERS}
                where {newest} >= ? order by composerId""",
            [since],
        ):
            self.next.headers = max(self.next.headers, records.moment(at) or 0)
            if not records.name(native_id) or is_child or native_id in self.next.parents:
                continue
            title, folder = _told_by(data) if isinstance(data, bytes) else (None, None)
            if title or folder:
                begun = records.moment(made) if title else None  # a draft has no name
                self.told.append(named_piece(native_id, title=title, first_at=begun, folder=folder))

    def lists(self) -> None:
        """The lists of a workspace's conversations, from times when each workspace kept its own."""
        values = {key: data for key in (*LISTS, CHATS) if (data := self.item(key)) is not None}
        digest = hashlib.blake2b(repr(sorted(values.items())).encode() + bytes(str(self.folder), "utf-8", "replace"))
        self.next.lists = digest.hexdigest()[:12] if values else ""
        if self.next.lists == self.state.lists:
            return
        for key, data in values.items():
            self.bytes_read += len(data)
            told = records.record(data, _List)
            if told is None:
                self.problem(key, "not a list of conversations")
            elif key == CHATS:
                self.chats(told)
            else:
                for entry in records.entries({"allComposers": told.allComposers}):
                    self.listed(entry)

    def item(self, key: str) -> bytes | None:
        row = self.db.execute(f"select cast(value as blob) from {ITEMS} where key = ?", [key]).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) and len(row[0]) <= LARGEST else None

    def listed(self, entry: dict[str, object]) -> None:
        composer = fit(entry, Composer)
        native_id = records.name(composer.composerId)
        if native_id is None or native_id in self.next.parents:
            return
        folder = self.folder or records.workspace_folder(composer.workspaceIdentifier)
        told = Conversation(native_id, composer, records.inline(composer), folder=folder)
        if pieces.is_conversation(told):  # the oldest versions kept the whole of it here
            self.told.append(piece_of(told, self.problems, self.otherwise))
            return
        title, updated = records.text(composer.name), records.moment(composer.lastUpdatedAt)
        begun = records.moment(composer.createdAt) or updated
        real = title is not None or updated is not None or records.text(composer.subtitle) is not None
        if real or folder:  # else a draft: only where it stood may be worth knowing
            models = (records.model(composer.modelConfig),)
            first_at = (begun or self.otherwise) if real else None
            self.told.append(named_piece(native_id, title=title, first_at=first_at, folder=folder, models=models))

    def chats(self, told: _List) -> None:
        for tab in told.tabs if isinstance(told.tabs, list) else []:
            native_id = records.name(records.item(tab, "tabId"))
            if native_id is None or not records.item(tab, "bubbles"):
                continue
            begun = records.moment(records.item(tab, "lastSendTime")) or self.otherwise
            title = records.text(records.item(tab, "chatTitle"))
            self.told.append(named_piece(native_id, title=title, first_at=begun, folder=self.folder))


class _List(msgspec.Struct):
    allComposers: list[object] | None = None
    tabs: list[object] | None = None


def _told_by(data: bytes) -> tuple[str | None, str | None]:
    """(name, folder) in the value of a row of `composerHeaders`."""
    told = records.record(data, Composer) if len(data) <= LARGEST else None
    if told is None:
        return None, None
    folder = records.workspace_folder(told.workspaceIdentifier)
    if folder is None and isinstance(told.trackedGitRepos, list) and len(told.trackedGitRepos) == 1:
        repository = told.trackedGitRepos[0]
        folder = records.folder_of(repository) or records.folder_of(records.item(repository, "repoPath"))
    return records.text(told.name), folder


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


# ----------------------------------------------------------------------------------------------------------------- why


def raw(path: Path, key: str) -> dict[str, object] | None:
    """The counters of a turn's bubble as logged; `key` is the conversation and the turn's or the bubble's id."""
    told = found(path, key)
    return as_logged(told[1]) if told else None


def found(path: Path, key: str) -> tuple[str, Bubble] | None:
    """(table and key of its row, bubble) of a request. Raises OSError."""
    conversation, _, native_id = key.rpartition(":")
    with foreign.opened(path) as db:
        reading = _Reading(db, Cursor(), Log("cursor", str(path), path, None, False, 0, 0, 0))
        if KV not in reading.tables:
            return _found_listed(reading, conversation, native_id)
        row = f"{BUBBLE}{conversation}:{native_id}"
        data = reading.value(row)
        bubble = records.record(data, Bubble) if data else None
        if bubble is None and (told := reading.whole(conversation)) is not None:
            bubble = _counted(pieces.in_order(told), native_id)
            inline = bubble is not None and reading.value(f"{BUBBLE}{conversation}:{bubble.bubbleId}") is None
            row = f"{COMPOSER}{conversation}" if inline else f"{BUBBLE}{conversation}:{bubble and bubble.bubbleId}"
        return (f"table {KV}, key {row}", bubble) if bubble is not None else None


def _found_listed(reading: _Reading, conversation: str, native_id: str) -> tuple[str, Bubble] | None:
    for key in LISTS:
        data = reading.item(key)
        told = records.record(data, _List) if data else None
        for entry in records.entries({"allComposers": told.allComposers}) if told else ():
            if entry.get("composerId") == conversation:
                bubble = _counted(records.inline(fit(entry, Composer)), native_id)
                return (f"table {ITEMS}, key {key}", bubble) if bubble is not None else None
    return None


def _counted(bubbles: Iterable[Bubble], native_id: str) -> Bubble | None:
    for bubble in bubbles:
        if native_id in (records.generation(bubble), bubble.bubbleId) and records.counts(bubble, records.Faults()):
            return bubble
    return None


def as_logged(bubble: Bubble) -> dict[str, object]:
    told = {name: getattr(bubble, name) for name in ("bubbleId", "tokenCount", "modelInfo", "usageUuid", "requestId")}
    return {name: value for name, value in told.items() if value not in (None, "")}
