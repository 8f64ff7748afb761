"""Cursor beside its database: transcripts of agent conversations, and the chats of its command line. None tells tokens.

    projects/<slug>/agent-transcripts/<id>/<id>.jsonl        prompts and answers, without ids and mostly without times
    projects/<slug>/agent-transcripts/<id>/subagents/<id>.jsonl
    projects/<slug>/agent-transcripts/<id>.jsonl or .txt      older
    chats/<digest of the folder>/<id>/meta.json, store.db     folder, title and times; the model used last
    acp-sessions/<id>/meta.json, store.db                     the same

A transcript is read as a whole each time it changed: resuming rewrites it, and nothing in it has an id. Beside them lie a
key (in `store.db`) and a login (`cli-config.json`): of the one three named values are asked for, the other is never opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign
from tokentrack.agents.cursor_pieces import LONGEST_PROMPT, add_prompt, named_piece
from tokentrack.agents.reading import LONGEST_FOLDER, Problems, objects
from tokentrack.model.logs import Chunk, Log, Mark, Piece

LARGEST_META = 1 << 20
LONGEST_LINE = 8 << 20
"""A longer line is no prompt."""


class Meta(msgspec.Struct):
    createdAtMs: Any = None
    updatedAtMs: Any = None
    hasConversation: Any = None
    cwd: Any = None
    title: Any = None


Told = tuple[list[Piece], Problems, int]
"""Pieces, what could not be read, and the bytes read."""


def read(log: Log, cursor: str | None) -> Chunk:
    """The whole of a transcript or of a chat's description, if it changed since the cursor. Raises OSError."""
    state = f"{log.size} {log.mtime_ns}"
    pieces, problems, bytes_read = ([], Problems(), 0) if cursor == state else _read(log)
    return Chunk(
        cursor=state,
        pieces=pieces,
        problems=problems,
        version=None,
        bytes_read=bytes_read,
        more=False,
        restarted=cursor not in (None, state),
    )


def _read(log: Log) -> Told:
    readers = {"meta.json": read_meta, "store.db": read_store}
    return readers.get(log.path.name, read_transcript)(log)


# ------------------------------------------------------------------------------------------------------------- transcripts


def read_transcript(log: Log) -> Told:
    """Prompts in their order. A sub-agent's transcript only tells whose it is."""
    session = conversation_of(log.path)
    if log.path.parent.name == "subagents":
        note = named_piece(session, aliases=(log.path.stem,), first_at=None)
        return [note], Problems(), 0
    problems = Problems()
    found = named_piece(session, first_at=log.mtime_ns // 1_000_000)  # it tells no time: not later than this
    noted: dict[Mark, None] = {}
    with log.path.open("rb") as file:
        prompts = list(_prompts(file, problems, plain=log.path.suffix == ".txt"))
        bytes_read = file.tell()
    dated = all(at is not None for at, _ in prompts)  # some times alone would put the prompts out of their order
    for number, (at, words) in enumerate(prompts):
        add_prompt(found, noted, number, at if dated else None, words)
    found.marks.extend(noted)
    return [found] if found.turns or bytes_read else [], problems, bytes_read


def conversation_of(path: Path) -> str:
    """A transcript's conversation: the folder's name, or of an older flat file its own; of a sub-agent's its parent's."""
    if path.parent.name == "subagents":
        return path.parent.parent.name
    return path.stem


def _prompts(file: BinaryIO, problems: Problems, plain: bool) -> Iterator[tuple[int | None, str]]:
    if plain:
        yield from _plain_prompts(file)
        return
    for offset, line in _lines(file):
        if line is None:
            problems.tell(offset, "a line too long to be a message")
            continue
        told, wrong = objects(line) if line.strip() else ([], None)
        if wrong is not None and line.endswith(b"\n"):  # else it is being written
            problems.tell(offset, wrong)
        for record in told:
            if record.get("role") == "user" and (words := "\n".join(_texts(record))):
                yield records.stamped_at(words), words[:LONGEST_PROMPT]


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    while True:
        offset = file.tell()
        line = file.readline(LONGEST_LINE)
        if not line:
            return
        whole = line.endswith(b"\n") or len(line) < LONGEST_LINE
        yield offset, line if whole else None
        while not whole:
            rest = file.readline(LONGEST_LINE)
            whole = rest.endswith(b"\n") or len(rest) < LONGEST_LINE


def _texts(record: dict[str, Any]) -> Iterator[str]:
    message = record.get("message")
    content = records.item(message, "content") if isinstance(message, dict) else message
    if (whole := records.text(content)) is not None:
        yield whole
    for block in content if isinstance(content, list) else []:
        if records.item(block, "type") == "text" and (found := records.text(records.item(block, "text"))):
            yield found


def _plain_prompts(file: BinaryIO) -> Iterator[tuple[int | None, str]]:
    """Older transcripts are text, in which `user:` stands alone before each prompt."""
    words: list[str] | None = None
    for _, line in _lines(file):
        text = line.decode("utf-8", "replace").rstrip("\r\n") if line is not None else ""
        if text.strip().lower() in ("user:", "assistant:"):
            if words:
                yield None, "\n".join(words)
            words = [] if text.strip().lower() == "user:" else None
        elif words is not None:
            words.append(text)
    if words:
        yield None, "\n".join(words)


# ------------------------------------------------------------------------------------------------------------------- chats


def read_meta(log: Log) -> Told:
    """What a chat's `meta.json` tells: it is listed once something was said."""
    problems = Problems()
    if log.size > LARGEST_META:
        problems.tell(0, "too large to be a chat's description")
        return [], problems, 0
    data = log.path.read_bytes()
    meta = records.record(data, Meta)
    if meta is None:
        problems.tell(0, "not a chat's description")
        return [], problems, len(data)
    updated = records.moment(meta.updatedAtMs)
    begun = records.moment(meta.createdAtMs) or updated or log.mtime_ns // 1_000_000
    said = meta.hasConversation is not False
    found = named_piece(
        log.path.parent.name,
        title=records.text(meta.title) if said else None,
        position=updated or begun,
        first_at=begun if said else None,
        folder=records.name(meta.cwd, LONGEST_FOLDER),
    )
    return [found], problems, len(data)


def read_store(log: Log) -> Told:
    """The one row of a chat's database that describes it. Whether anything was said its blobs tell: there are some."""
    problems = Problems()
    with foreign.opened(log.path) as db:
        tables = foreign.tables(db, ("meta", "blobs"))
        known = {"key", "value"} <= tables.get("meta", set())
        begins = db.execute(_BEGINS).fetchone() if known else None
        name, model = (
            (_field(db, named, quoted=True) for named in ("name", "lastUsedModel")) if begins else (None, None)
        )
        created = _field(db, "createdAt", quoted=False) if begins else None
        said = "blobs" in tables and db.execute("select 1 from blobs limit 1").fetchone() is not None
    if begins is not None and not begins[0]:
        problems.tell(-2, "its description cannot be read")
    if begins is None or not begins[0] or not said:
        return [], problems, 0
    found = named_piece(
        log.path.parent.name,
        title=records.text(name),
        first_at=records.moment(created) or log.mtime_ns // 1_000_000,
        models=(records.name(model),),
    )
    return [found], problems, 0


_TOLD = """
with recursive
  told (text) as (select trim(cast(value as text)) from meta where key = '0' and length(value) <= 8192),
  pairs (rest, done) as (
    select lower(case when substr(text, 1, 1) = '{' then hex(text) else text end), '' from told
    union all select substr(rest, 3), done || ' ' || substr(rest, 1, 2) from pairs where rest <> ''),
  line (at) as (select done from pairs where rest = '')
"""
"""Row `0` of `meta` as spaced hexadecimal digits, which most versions write: it may hold the chat's key beside its name, so
SQLite cuts out what is asked for, and nothing else of the row is ever handed over."""

_BEGINS = (
    "select exists (select 1 from (" + _TOLD + "select at from line where substr(at, 1, 6) = ' 7b 22'))"
    " from meta where key = '0'"
)

_VALUE = (
    _TOLD
    + """, found (rest) as (select substr(at, instr(at, ?1) + length(?1)) from line where instr(at, ?1)),
  ends (rest, at) as (select rest, case when ?2 then instr(rest, ' 22') when instr(rest, ' 2c') then instr(rest, ' 2c')
    else instr(rest, ' 7d') end from found)
select substr(rest, 1, at - 1) from ends where at between 2 and 3000
"""
)


def _field(db: sqlite3.Connection, named: str, *, quoted: bool) -> str | None:
    """A text, or a number, of the chat's description. A name that holds a quotation mark ends before it."""
    for between in ("", " "):
        mark = f'"{named}":{between}{chr(34) if quoted else ""}'.encode().hex(" ")
        row = db.execute(_VALUE, [f" {mark}", quoted]).fetchone()
        if row is not None:
            with suppress(ValueError):
                text = bytes.fromhex(row[0]).decode("utf-8", "replace").strip().rstrip("\\")
                return str(msgspec.json.decode(f'"{text}"'))
    return None
