"""The store: one SQLite file, the archive of everything read. All SQL of the product lives in this folder.

Logs vanish; rows stay. Several processes may use the store at once (the tray app, the command line): WAL, and one kind of
transaction that takes the write lock at its beginning.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokentrack.store import migrations

BUSY_MS = 10_000


class StoreError(Exception):
    """The store cannot be used; the message is one sentence for the person."""


def open_store(path: Path, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """A connection to the store, made or brought up to date where needed. Raises StoreError."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None)
        try:
            _bring_up_to_date(connection, path)
            _set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection
    except (OSError, sqlite3.Error) as error:
        raise StoreError(sentence(path, error)) from error


def _set_up(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma temp_store = memory")
    connection.execute("pragma cache_size = -16000")
    connection.execute("pragma wal_autocheckpoint = 2000")  # at 1000 most are written twice, at 4000 most at the end


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    taken = migrations.applied(connection)
    if unknown := [name for name in taken if name not in migrations.NAMES]:
        raise StoreError(
            f"{path} was written by a newer tokentrack (it knows {unknown[-1]}); install that version, nothing was changed."
        )
    if len(taken) == len(migrations.NAMES):
        return
    with _one_at_a_time(path):
        taken = migrations.applied(connection)  # another process may have been here first
        if not taken and not migrations.empty(connection):
            raise StoreError(f"{path} is a database of another program; nothing was changed.")
        connection.execute("pragma journal_mode = wal")
        (migrations.apply if taken else migrations.make)(connection)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Two processes that start together must not both migrate: the second waits, then finds nothing to do."""
    with Path(f"{path}.migrating").open("w") as guard:
        if os.name == "posix":
            import fcntl

            fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            yield
        finally:
            Path(f"{path}.migrating").unlink(missing_ok=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing. Takes the write lock at once: a lock taken late fails although both sides would have waited."""
    connection.execute("begin immediate")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    connection.execute("commit")


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """A consistent copy of the store, also while others write. Raises StoreError."""
    place = connection.execute("pragma database_list").fetchone()[2]
    if target.exists() and Path(place).samefile(target):
        raise StoreError(f"{target} is the store itself; name another file for the copy.")
    try:
        fresh = target.with_name(f"{target.name}.part")
        os.close(os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        with _closing(sqlite3.connect(fresh)) as other:
            connection.backup(other)
            other.execute("pragma journal_mode = delete")
        fresh.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(sentence(target, error)) from error


def restore_from(source: Path, path: Path) -> Path | None:
    """Puts a copy in the store's place, after checking that it is one. Returns where the old store was kept."""
    if not source.is_file():
        raise StoreError(f"{source} is not there; nothing was changed.")
    if path.exists() and path.samefile(source):
        raise StoreError(f"{source} is the store itself; nothing was changed.")
    if wrong := _wrong_with(source):
        raise StoreError(f"{source} {wrong}; nothing was changed.")
    try:
        kept = _set_aside(path) if path.exists() else None
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(0o600)
        with (
            _closing(sqlite3.connect(source)) as other,
            _closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as mine,
        ):
            other.backup(mine)
        path.chmod(0o600)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(sentence(path, error)) from error
    return kept


def _wrong_with(source: Path) -> str | None:
    """Why a file cannot take the store's place, None where it can."""
    try:
        with _closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as other:
            taken = migrations.applied(other)
            sound = _sound(other)
    except sqlite3.DatabaseError as error:
        told = str(error)
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


def _set_aside(path: Path) -> Path:
    """Keeps the store as it is beside itself: a copy of a sound one, which others may be using, else the file itself."""
    kept = path.with_name(f"{path.name}.before-restore")
    try:
        with _closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as old:
            sound = _sound(old)
            if sound:
                copy_to(old, kept)
    except sqlite3.OperationalError:  # in use, no room, no right: not for us to move
        raise
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        for suffix in ("", "-wal", "-shm"):
            if (part := Path(f"{path}{suffix}")).exists():
                part.replace(f"{kept}{suffix}")
    return kept


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def asking(path: Path) -> Iterator[None]:
    """Whatever SQLite says meanwhile is raised as a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(sentence(path, error)) from error


def sentence(path: Path, error: Exception) -> str:
    """What happened to the store, what it means and what to do, in one sentence."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is in use by another program; nothing was changed, try again in a moment."
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return (
            f"{path} is damaged ({text}); restore a backup with `tokentrack restore FILE`, "
            "or move it away and scan again: what the agents' logs still hold is read anew."
        )
    if "full" in text or "No space left" in text:
        return f"The disk is full: {path} could not be written; nothing is lost, free some space and it goes on."
    if "readonly" in text or "unable to open" in text or isinstance(error, PermissionError):
        return f"{path} cannot be opened for writing; check the permissions of the file and its folder."
    if isinstance(error, OSError):
        text = error.strerror or type(error).__name__
    return f"{path} cannot be used: {text}."
