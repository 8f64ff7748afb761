"""Damage, by chance and by a seed: what disks, half-finished writes, other versions and other programs do to a log.

A specimen is a small home folder: its files by path. `mutated` returns it with something changed, and whether that is rubbish
which a reader has to tell of.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from copy import deepcopy
from random import Random
from typing import Any

Specimen = dict[str, bytes]

SQLITE = b"SQLite format 3\0"
ZSTD = b"\x28\xb5\x2f\xfd"
RUBBISH = (b"rubbish", b'{"type":"assist', b"\xff\xfe\x00{", b"}{", b'{"a":nul}', b"'single'")
"""Lines and documents that are no JSON at all, whatever stands around them."""
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, -5, 1, 0.5, -0.0, 1e300, -1e300, 10**9, 10**9 + 1, 10**13, 2**31, 2**53, 2**63 - 1, 2**63,
    -(2**63), 2**64, 10**400, "", " ", "12", "-7", "1e9", "1e400", "nan", "inf", "0x10", "many", "\ud800", "\udfff\ud800",
    "\0", "\x1b[2J", "٣", "a" * 5000, "2026-13-45T99:99:99Z", "2026-11-20T08:00:00.000Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999-23:59", 1e11, 1.7e12, 9.9e13, [], {}, [[]], [None], [1, 2], {"input": -1},
    {"read": 2**70, "write": "x"}, {"input_tokens": {}}, [{"type": "step-finish", "tokens": 3}],
)  # fmt: skip
RAW = "\x01raw\x01"
"""Stands for a text that no writer of JSON would write."""
RAWS = (
    "NaN",
    "-Infinity",
    "1e999",
    "-1e999",
    "1" * 4400,
    "-0",
    "0.0000000001",
    "01",
    "tru",
    '"\\x"',
    '"\\ud800"',
    '{"a":1,"a":-1}',
    "",
)
TEXTS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig")


def mutated(specimen: Specimen, dice: Random) -> tuple[Specimen, bool]:
    """The specimen with one to four things changed in its files."""
    found = dict(specimen)
    if dice.random() < 0.05 and (name := _of_records(found, dice)):
        found[name] = _with_rubbish(name, found[name], dice)
        return found, True
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        if not found:
            break
        name = dice.choice(sorted(found))
        if dice.random() < 0.03 and len(found) > 1:
            _whole(found, name, dice)
        else:
            found[name] = changed(name, found[name], dice)
    return found, False


def changed(name: str, data: bytes, dice: Random) -> bytes:
    if data.startswith(SQLITE) and dice.random() < 0.8:
        return changed_database(data, dice)
    if data.startswith(ZSTD) and dice.random() < 0.7:
        return _packed(changed_lines(_plain(data), dice))
    if dice.random() < 0.25 or data.startswith((SQLITE, ZSTD)):
        return changed_bytes(data, dice)
    return changed_lines(data, dice) if b"\n{" in data or name.endswith("l") else changed_json(data, dice)


def _of_records(specimen: Specimen, dice: Random) -> str | None:
    """A file in which rubbish has to be noticed: a log of lines, or a message."""
    names = [name for name in sorted(specimen) if name.endswith(".jsonl") or "/message/" in name]
    return dice.choice(names) if names else None


def _with_rubbish(name: str, data: bytes, dice: Random) -> bytes:
    if not name.endswith(".jsonl"):
        return dice.choice(RUBBISH)
    lines = data.split(b"\n")
    lines.insert(dice.randrange(len(lines)), dice.choice(RUBBISH))
    return b"\n".join(lines)


def _whole(specimen: Specimen, name: str, dice: Random) -> None:
    """A file that is gone, empty, or has what belongs into another one."""
    match dice.randrange(3):
        case 0:
            del specimen[name]
        case 1:
            specimen[name] = b""
        case _:
            specimen[name] = specimen[dice.choice(sorted(specimen))]


# ---- bytes -----------------------------------------------------------------------------------------------------------


def changed_bytes(data: bytes, dice: Random) -> bytes:
    found = bytearray(data)
    at, other = (dice.randrange(len(found) + 1) for _ in range(2))
    match dice.randrange(7):
        case 0 | 1 if found:
            for _ in range(dice.choice((1, 1, 3, 20, 300))):
                found[dice.randrange(len(found))] ^= 1 << dice.randrange(8)
        case 2:
            found[at:at] = dice.choice(
                (b"\0" * 9, b"\n", b"\r\n", b"\xff", b'"', b"}", b"{", b"\xed\xa0\x80", b"\0" * 5000)
            )
        case 3:
            del found[at:]
        case 4:
            del found[min(at, other) : max(at, other)]
        case 5:
            found[at:at] = found[min(at, other) : max(at, other)][:4000]
        case _:
            found[at : at + 16] = dice.randbytes(16)
    return bytes(found)


# ---- lines -----------------------------------------------------------------------------------------------------------


def changed_lines(data: bytes, dice: Random) -> bytes:
    lines = data.split(b"\n")
    at, other = (dice.randrange(len(lines)) for _ in range(2))
    match dice.choice(("cut", "drop", "twice", "swap", "glue", "text", "rubbish", "carriage", *["record"] * 8)):
        case "cut":
            lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
        case "drop":
            del lines[at : at + dice.choice((1, 1, 5))]
        case "twice":
            lines.insert(other, lines[at])
        case "swap":
            lines[at], lines[other] = lines[other], lines[at]
        case "glue":
            lines[at : at + 2] = [dice.choice((b"", b",", b"\0", b" ")).join(lines[at : at + 2])]
        case "text":
            lines[at] = _in_another_text(lines[at], dice)
        case "rubbish":
            lines[at] = dice.choice((*RUBBISH, b"\0" * 4096, b"[]", b"3", b'"x"', b"[" * 100_000, b'{"a":' * 40_000))
        case "carriage":
            lines = [line + b"\r" for line in lines]
        case _:
            for _ in range(dice.choice((1, 1, 2, 5))):
                at = dice.randrange(len(lines))
                lines[at] = changed_json(lines[at], dice)
    return b"\n".join(lines)


def _in_another_text(data: bytes, dice: Random) -> bytes:
    return data.decode("utf-8", "replace").encode(dice.choice(TEXTS), "replace")


# ---- records ---------------------------------------------------------------------------------------------------------


def changed_json(data: bytes, dice: Random) -> bytes:
    """A document with some of its fields gone, renamed, doubled, or of another type, size or depth."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return changed_bytes(data, dice)
    raw = "null"
    for _ in range(dice.choice((1, 1, 1, 2, 6))):
        found = list(_places(record))
        if not found:
            return dice.choice((b"{}", b"[]", b"null", b"[[[]]]", b""))
        raw = _change(*_place(found, dice), dice) or raw
    text = json.dumps(record, ensure_ascii=dice.random() < 0.8).replace(json.dumps(RAW), raw)
    found_text = text.encode("utf-8", "surrogatepass")
    return _in_another_text(found_text, dice) if dice.random() < 0.03 else found_text


Place = tuple[Any, Any]
"""What holds a value, and under which name or number."""
COUNTING = (
    "token",
    "usage",
    "input",
    "output",
    "cache",
    "reason",
    "cost",
    "time",
    "total",
    "id",
    "model",
    "seq",
    "ordinal",
)


def _places(value: Any) -> Iterator[Place]:
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        names = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for name in names:
            yield holder, name
            waiting.append(holder[name])


def _place(found: list[Place], dice: Random) -> Place:
    """Mostly one that has to do with counting, among all the text around it."""
    if dice.random() < 0.6:
        telling = [
            place for place in found if isinstance(place[1], str) and any(word in place[1].lower() for word in COUNTING)
        ]
        found = telling or found
    return dice.choice(found)


def _change(holder: Any, name: Any, dice: Random) -> str | None:
    """Changes one value in place. Returns what `RAW` stands for, if it was put there."""
    value = holder[name]
    match dice.choice(("gone", "odd", "odd", "odd", "raw", "near", "near", "type", "deep", "long", "renamed", "moved")):
        case "gone":
            del holder[name]
        case "raw":
            holder[name] = RAW
            return dice.choice(RAWS)
        case "near" if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**100:
            holder[name] = dice.choice(
                (-value, value + 1, value * 10**6, value / 7, -value - 1, float(value), str(value), value * 10**12)
            )
        case "type":
            holder[name] = dice.choice((str(value)[:3000], [value], {"value": value}, json.dumps(value)[:3000]))
        case "deep":
            opening, closing_ = dice.choice((("[", "]"), ('{"a":', "}")))
            depth = dice.choice((10, 200, 990, 1100, 20_000))
            holder[name] = RAW
            return opening * depth + "1" + closing_ * depth
        case "long":
            holder[name] = dice.choice(("x", "ü", "\n", "\u2028", " ", "9")) * dice.choice((300, 9000, 200_000))
        case "renamed" if isinstance(holder, dict):
            holder[dice.choice(("", "id", "type", "usage", "tokens", f"{name}s"))] = holder.pop(name)
        case "moved" if isinstance(holder, dict):
            other = dice.choice(sorted(holder))
            holder[name], holder[other] = holder[other], value
        case _:
            holder[name] = deepcopy(dice.choice(ODD))  # what is put in may be changed again
    return None


# ---- databases -------------------------------------------------------------------------------------------------------


def changed_database(data: bytes, dice: Random) -> bytes:
    """A database with values, rows, columns or tables changed; as a file it stays sound."""
    header = data[18:20]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.text_factory = bytes
        with suppress(sqlite3.Error):
            db.deserialize(data[:18] + b"\1\1" + data[20:])  # one in WAL mode is not opened from memory
            for _ in range(dice.choice((1, 1, 2, 6))):
                with suppress(sqlite3.Error, OverflowError, TypeError, UnicodeDecodeError):  # a row may not be there
                    _change_table(db, dice)
            found = db.serialize()
            return found[:18] + header + found[20:]
    return changed_bytes(data, dice)


def _change_table(db: sqlite3.Connection, dice: Random) -> None:
    tables = [
        bytes(name).decode() for (name,) in db.execute("select name from sqlite_master where type = 'table' order by 1")
    ]
    filled = [table for table in tables if db.execute(f'select 1 from "{table}" limit 1').fetchone()]
    if not filled:
        return
    table = dice.choice(filled)
    columns = [(bytes(name).decode(), bytes(kind)) for _, name, kind, *_ in db.execute(f'pragma table_info("{table}")')]
    column, kind = dice.choice(columns)
    told = [name for name, _ in columns if name in ("data", "value")]
    if told and dice.random() < 0.6:
        column, kind = told[0], b"record"
    (count,) = db.execute(f'select count(*) from "{table}"').fetchone()
    (row,) = db.execute(f'select rowid from "{table}" limit 1 offset ?', [dice.randrange(count)]).fetchone()
    match dice.choice(
        (
            *["value"] * 16,
            "delete",
            "delete many",
            "again",
            "drop column",
            "rename column",
            "drop table",
            "rename table",
        )
    ):
        case "value":
            _change_value(db, table, column, kind, row, dice)
        case "delete":
            db.execute(f'delete from "{table}" where rowid = ?', [row])
        case "delete many":
            db.execute(f'delete from "{table}" where rowid % ? = 0', [dice.choice((1, 2, 3))])
        case "again":
            db.execute(f'update "{table}" set rowid = ? where rowid = ?', [dice.choice((-5, 0, 2**40, 2**63 - 1)), row])
        case "drop column":
            db.execute(f'alter table "{table}" drop column "{column}"')
        case "rename column":
            db.execute(f'alter table "{table}" rename column "{column}" to "other"')
        case "drop table":
            db.execute(f'drop table "{table}"')
        case _:
            db.execute(f'alter table "{table}" rename to "other_{table}"')


def _change_value(db: sqlite3.Connection, table: str, column: str, kind: bytes, row: int, dice: Random) -> None:
    told = db.execute(f'select cast("{column}" as blob) from "{table}" where rowid = ?', [row]).fetchone()
    value = told[0] if told else None
    made: Callable[[], Any] = lambda: _fits(dice.choice(ODD))  # noqa: E731
    how = "?"
    if kind == b"record" and isinstance(value, bytes):
        data = changed_json(value, dice) if dice.random() < 0.85 else dice.choice(RUBBISH)
        made, how = (lambda: data), dice.choice(("?", "cast(? as text)", "cast(? as text)"))
    db.execute(f'update "{table}" set "{column}" = {how} where rowid = ?', [made(), row])


def _fits(value: Any) -> Any:
    """The value as SQLite may hold it."""
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float("inf") if value > 10**300 else float(value)
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) and not value.isascii() else value


# ---- compressed ------------------------------------------------------------------------------------------------------


def _plain(data: bytes) -> bytes:
    import zstandard

    with (
        zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader,
        suppress(zstandard.ZstdError),
    ):
        return bytes(reader.read())
    return b""


def _packed(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(data)
