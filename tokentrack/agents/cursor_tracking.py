"""Cursor's `ai-code-tracking.db`: which conversation wrote code when, and which commits were made of it. No tokens.

No row names both a commit and a conversation. A commit is told of a conversation where only that one wrote code since the
commit before: anything less sure is not told.
"""

from __future__ import annotations

import hashlib
import sqlite3

import msgspec

from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign, marks
from tokentrack.agents.cursor_pieces import named_piece
from tokentrack.agents.reading import Problems, cursor_of, text_of
from tokentrack.model.logs import Chunk, Log, Mark, Piece

MOST_ROWS = 500_000
MOST_COMMITS = 20_000
TABLES = ("ai_code_hashes", "scored_commits", "conversation_summaries")


class Cursor(msgspec.Struct, omit_defaults=True):
    told: dict[str, str] = {}
    """By conversation, a digest of what was told of it."""


def read(log: Log, cursor: str | None) -> Chunk:
    """What is new of commits and names since the cursor. Raises OSError."""
    state = cursor_of(cursor, Cursor)
    with foreign.opened(log.path) as db:
        tables = foreign.tables(db, TABLES)
        found = {native_id: named_piece(native_id, title=title, position=-1) for native_id, title in _names(db, tables)}
        for native_id, at, sha, message in _commits(db, tables):
            piece = found.setdefault(native_id, named_piece(native_id))
            piece.marks.append(Mark(at, "commit", sha, "commit"))
            piece.marks.extend(Mark(at, kind, value, "commit") for kind, value in marks.find(message))
    digests = {native_id: _digest(piece) for native_id, piece in found.items()}
    fresh = [piece for native_id, piece in found.items() if state.told.get(native_id) != digests[native_id]]
    return Chunk(
        cursor=text_of(Cursor(digests)),
        pieces=fresh,
        problems=Problems(),
        version=None,
        bytes_read=0,
        more=False,
        restarted=False,
    )


def _digest(piece: Piece) -> str:
    told = repr((piece.titles, piece.marks)).encode("utf-8", "replace")
    return hashlib.blake2b(told, digest_size=6).hexdigest()


def _names(db: sqlite3.Connection, tables: dict[str, set[str]]) -> list[tuple[str, str]]:
    if not {"conversationId", "title"} <= tables.get("conversation_summaries", set()):
        return []
    rows = db.execute(
        "select conversationId, title from conversation_summaries order by 1 limit ?", [MOST_COMMITS]
    ).fetchall()
    named = [(records.name(native_id), records.text(title)) for native_id, title in rows]
    return [(native_id, title) for native_id, title in named if native_id and title]


def _commits(db: sqlite3.Connection, tables: dict[str, set[str]]) -> list[tuple[str, int, str, str]]:
    """(conversation, when, commit, message) of each commit that only one conversation can have led to."""
    there = tables.get("ai_code_hashes", set())
    stamp = next((name for name in ("timestamp", "createdAt", "created_at") if name in there), None)
    if stamp is None or "conversationId" not in there:
        return []
    if not {"commitHash", "scoredAt"} <= tables.get("scored_commits", set()):
        return []
    message = "commitMessage" if "commitMessage" in tables["scored_commits"] else "null"
    commits = [
        (at, sha, records.text(words) or "")
        for when, name, words in db.execute(
            f"select scoredAt, commitHash, {message} from scored_commits order by 1, 2 limit ?", [MOST_COMMITS]
        )
        if (at := records.moment(when)) is not None and (sha := records.name(name)) is not None
    ]
    written = sorted(
        (at, native_id)
        for when, name in db.execute(
            f"select {stamp}, conversationId from ai_code_hashes where conversationId is not null limit ?", [MOST_ROWS]
        )
        if (at := records.moment(when)) is not None and (native_id := records.name(name)) is not None
    )
    found, position = [], 0
    for at, sha, words in sorted(commits):
        writers = set()
        while position < len(written) and written[position][0] <= at:
            writers.add(written[position][1])
            position += 1
        if len(writers) == 1:
            found.append((writers.pop(), at, sha, words))
    return found
