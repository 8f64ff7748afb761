"""A `state.vscdb` as rows by key: one conversation with its messages, what its header tells, single lists.

Deciding what of it is new is the matter of `cursor_rows.py`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping

import msgspec

from tokentrack.agents import cursor_pieces as pieces
from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign, marks
from tokentrack.agents.cursor_pieces import Conversation
from tokentrack.agents.cursor_records import Bubble, Composer
from tokentrack.agents.reading import LONGEST_NAME, Problems

LARGEST = 32 << 20
"""A larger value is no message."""
MOST_BUBBLES = 50_000
LAST_BUBBLES = 8
"""Of a conversation that may have changed in place; of its others only the lengths are compared."""
LENGTH = "octet_length(value)" if sqlite3.sqlite_version_info >= (3, 43) else "length(value)"
"""The newer function needs no look at the value itself."""

KV, HEADERS, ITEMS = "cursorDiskKV", "composerHeaders", "ItemTable"
COMPOSER, BUBBLE = "composerData:", "bubbleId:"


def after(prefix: str) -> str:
    """The first key after all that begin with `prefix`, which ends in a colon."""
    return prefix[:-1] + ";"


class Database:
    """One that is open. What of it cannot be read is told in `problems`; `bytes_read` counts what was."""

    def __init__(self, db: sqlite3.Connection, problems: Problems) -> None:
        self.db, self.problems = db, problems
        self.tables = foreign.tables(db, (KV, HEADERS, ITEMS))
        self.bytes_read = 0

    def tells(self, table: str, *columns: str) -> bool:
        """Whether there is such a table with all of these columns."""
        return {*columns} <= self.tables.get(table, set())

    def value(self, key: str) -> bytes | None:
        row = self.db.execute(f"select cast(value as blob) from {KV} where key = ?", [key]).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def has(self, key: str) -> bool:
        return self.db.execute(f"select 1 from {KV} where key = ?", [key]).fetchone() is not None

    def item(self, key: str) -> bytes | None:
        row = self.db.execute(f"select cast(value as blob) from {ITEMS} where key = ?", [key]).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) and len(row[0]) <= LARGEST else None

    def whole(self, native_id: str, parents: Mapping[str, str]) -> Conversation | None:
        """A conversation with all its bubbles; None where it cannot be read. Of one that is gone only the bubbles.

        `parents` are, by sub-agent's conversation, the one that began it.
        """
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
        told.parent = _begun_by(native_id, composer, parents)
        _, told.folder = self.head(native_id)
        told.bubbles = list(self.bubbles(native_id)) or records.inline(composer)
        if len(told.bubbles) == MOST_BUBBLES:
            self.problem(
                f"{COMPOSER}{native_id}", f"the first {MOST_BUBBLES:,} of its messages are read, the rest is not"
            )
        return told

    def bubbles(self, native_id: str) -> Iterator[Bubble]:
        prefix = f"{BUBBLE}{native_id}:"
        for key, data in self.db.execute(
            f"select key, cast(value as blob) from {KV} where key > ? and key < ? order by key limit ?",
            [prefix, after(prefix), MOST_BUBBLES],
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
            [prefix, after(prefix)],
        ):
            digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()

    def head(self, native_id: str) -> tuple[str | None, str | None]:
        """(name, folder) of a conversation's row in `composerHeaders`."""
        if not self.tells(HEADERS, "composerId", "value"):
            return None, None
        row = self.db.execute(f"select cast(value as blob) from {HEADERS} where composerId = ?", [native_id]).fetchone()
        return told_by(row[0]) if row is not None and isinstance(row[0], bytes) else (None, None)

    def problem(self, place: str, reason: str) -> None:
        self.problems.tell(pieces.position(place), f"{place[:LONGEST_NAME]}: {reason}")


def told_by(data: bytes) -> tuple[str | None, str | None]:
    """(name, folder) in the value of a row of `composerHeaders`."""
    told = records.record(data, Composer) if len(data) <= LARGEST else None
    if told is None:
        return None, None
    folder = records.workspace_folder(told.workspaceIdentifier)
    if folder is None and isinstance(told.trackedGitRepos, list) and len(told.trackedGitRepos) == 1:
        repository = told.trackedGitRepos[0]
        folder = records.folder_of(repository) or records.folder_of(records.item(repository, "repoPath"))
    return records.text(told.name), folder


def _begun_by(native_id: str, composer: Composer, parents: Mapping[str, str]) -> str | None:
    """The conversation that started it all, through all levels."""
    parent = parents.get(native_id) or pieces.parent_of(composer)
    seen = {native_id}
    while parent is not None and parent not in seen and parent in parents:
        seen.add(parent)
        parent = parents[parent]
    return parent if parent != native_id else None
