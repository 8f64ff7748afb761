"""Copies of the store, and putting one in its place."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from tokentrack.store import BUSY_MS, StoreError, migrations, one_at_a_time, sentence

MAGIC = b"SQLite format 3\0"
LEFT = r"(?:\.before-restore(?:-\d+)?)?\.[a-z0-9_]{8}\.part"
"""How names go on of what is written beside a file, or beside what is kept of a store."""


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """A consistent copy of the store, also while others write. Of what is there, an earlier copy is replaced, nothing else.

    Raises StoreError.
    """
    place = connection.execute("pragma database_list").fetchone()[2]
    if target.exists() and Path(place).samefile(target):
        raise StoreError(f"{target} is the store itself; name another file for the copy.")
    try:
        if target.exists() and not _is_copy(target):
            raise StoreError(
                f"{target} is there already and is nothing that “tokentrack backup” wrote; name another file."
            )
        with _written_beside(target) as fresh:
            _copy(connection, fresh)
            fresh.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(sentence(target, error)) from error


def restore_from(source: Path, path: Path) -> Path | None:
    """Puts a copy in the store's place. Returns where the store as it was is kept: under a name that nothing had.

    The copy is read whole and checked before anything is changed. Whenever the process ends meanwhile, one whole store is there.
    """
    if not source.is_file():
        raise StoreError(f"{source} is not there; nothing was changed.")
    if path.exists() and path.samefile(source):
        raise StoreError(f"{source} is the store itself; nothing was changed.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with one_at_a_time(path), _written_beside(path) as fresh:
            if wrong := _read_whole(source, fresh):
                raise StoreError(f"{source} {wrong}; nothing was changed.")
            return _put_in_place(fresh, path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(sentence(path, error)) from error


def restores(connection: sqlite3.Connection) -> int:
    """A number that every restore into the file changes: whoever has it open then knows another store."""
    return int(connection.execute("pragma user_version").fetchone()[0])


def left_over(target: Path) -> list[Path]:
    """What copies to this place, or restores, left when their process was ended; nothing that one is writing still."""
    named = re.compile(re.escape(target.name) + LEFT)
    return sorted(part for part in target.parent.iterdir() if named.fullmatch(part.name) and _is_left(part))


def _is_left(part: Path) -> bool:
    try:
        with part.open("rb") as file:
            return _locked(file.fileno()) and file.read(len(MAGIC)) in (b"", MAGIC)
    except OSError:
        return False


def _locked(handle: int) -> bool:
    """Whether it is nobody else's: where a file in use cannot be removed anyway, nobody asks."""
    if os.name == "posix":
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """An empty file beside another that is to be put in its place; a file of the person's is never taken for it."""
    for part in left_over(target):
        for left in (part, part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                left.unlink()
    handle, name = tempfile.mkstemp(".part", f"{target.name}.", target.parent)
    if os.name != "posix":
        os.close(handle)  # what is open there cannot be put in another's place
    try:
        _locked(handle)
        yield Path(name)
    finally:
        if os.name == "posix":
            os.close(handle)
        Path(name).unlink(missing_ok=True)


def _copy(connection: sqlite3.Connection, fresh: Path) -> None:
    with closing(sqlite3.connect(fresh)) as other:
        connection.backup(other)
        other.execute("pragma journal_mode = delete")


def _is_copy(target: Path) -> bool:
    """Whether a file may be written over: an empty one, or a copy of a store. Of a store in use (WAL) nobody wants that."""
    if not target.is_file():
        return False
    with target.open("rb") as file:
        head = file.read(20)
    if not head:
        return True
    return head.startswith(MAGIC) and head[18] == 1 and bool(_steps(target))


def _steps(path: Path) -> list[str]:
    """The migrations that a store has taken; none where it is no store."""
    try:
        with closing(_reading(path)) as other:
            return migrations.applied(other)
    except sqlite3.DatabaseError:
        return []


def _reading(path: Path) -> sqlite3.Connection:
    """For reading alone. Where nobody is writing nothing is made beside the file, so that its folder may be read-only too."""
    written = any(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-journal"))
    return sqlite3.connect(f"{path.resolve().as_uri()}?{'mode=ro' if written else 'immutable=1'}", uri=True)


def _read_whole(source: Path, fresh: Path) -> str | None:
    """Copies a file that is to take the store's place. Returns why it cannot, None where it can."""
    try:
        with closing(_reading(source)) as other:
            _copy(other, fresh)
        with closing(sqlite3.connect(fresh)) as copy:
            taken, sound = migrations.applied(copy), _sound(copy)
    except sqlite3.DatabaseError as error:
        told = str(error)
        if "full" in told:
            raise
        if "not a database" in told:
            return "is not a store of tokentrack"
        return f"is damaged ({told})" if "malformed" in told else f"cannot be read ({told})"
    if not taken:
        return "is not a store of tokentrack"
    if not sound:
        return "is damaged"
    unknown = [name for name in taken if name not in migrations.NAMES]
    return f"was written by a newer tokentrack (it knows {unknown[-1]})" if unknown else None


def _sound(connection: sqlite3.Connection) -> bool:
    """Not `quick_check`: SQLite up to 3.40 finds NULLs in tables without rowid that hold none."""
    return bool(connection.execute("pragma integrity_check(1)").fetchone()[0] == "ok")


def _put_in_place(fresh: Path, path: Path) -> Path | None:
    """Into a sound store, which others may be using, in one transaction; else as the file itself."""
    kept = _unused(path) if path.exists() else None
    if kept and _kept_sound(path, kept):
        with (
            closing(sqlite3.connect(fresh)) as other,
            closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as mine,
        ):
            other.execute(f"pragma user_version = {(restores(mine) + 1) % 2**31}")
            other.backup(mine, progress=_refuse_to_wait)
        return kept
    for suffix in ("", "-wal"):
        if kept and (part := Path(f"{path}{suffix}")).exists():
            shutil.copy2(part, f"{kept}{suffix}")
    for suffix in ("-wal", "-shm"):  # of what was there; SQLite would take it for that of the new file
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    fresh.replace(path)
    return kept


def _refuse_to_wait(status: int, *_: int) -> None:
    """SQLite waited as long as it was told to; Python would go on asking for ever."""
    if status == sqlite3.SQLITE_BUSY:
        raise sqlite3.OperationalError("database is locked")


def _kept_sound(path: Path, kept: Path) -> bool:
    """Keeps the store as it is in another file; False where it is damaged."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as old:
            if not _sound(old):
                return False
            with _written_beside(kept) as whole:
                _copy(old, whole)
                whole.replace(kept)
    except sqlite3.OperationalError:  # in use, no room, no right: not for us to move
        raise
    except sqlite3.DatabaseError:
        return False
    return True


def _unused(path: Path) -> Path:
    """A name beside the store for the store as it was: each that was ever kept stays."""
    first = path.with_name(f"{path.name}.before-restore")
    names = chain([first], (Path(f"{first}-{number}") for number in count(2)))
    return next(name for name in names if not os.path.lexists(name))
