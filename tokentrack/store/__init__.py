"""The store: one SQLite file, the archive of everything read. All SQL of the product lives in this folder.

Logs vanish; rows stay. Several processes may use the store at once (the tray app, the command line): WAL, and one kind of
transaction that takes the write lock at its beginning.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tokentrack.store import migrations

BUSY_MS = 10_000
_NO_ROOM = "SQLITE_IOERR_SHMSIZE"
"""Whoever opens the store first needs room for a small file beside it, also to read."""
NO_MORE_FILES = "This process may open no more files; raise that limit (“ulimit -n”) and try again."
_FILES = 6
"""A store that is open, written to and copied has so many files at most."""


class StoreError(Exception):
    """The store cannot be used; the message is one sentence for the person.

    `command` is what the command line has for the way out that it names; a window has something to click.
    """

    def __init__(self, sentence: str = "", command: str = "") -> None:
        super().__init__(sentence)
        self.command = command


def open_store(path: Path, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """A connection to the store, made or brought up to date where needed. Raises StoreError."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None)
        try:
            connection.execute("pragma synchronous = normal")  # a loss of power takes the last moments, never the store
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
    with one_at_a_time(path):
        taken = migrations.applied(connection)  # another process may have been here first
        if not taken and not migrations.empty(connection):
            raise StoreError(f"{path} is a database of another program; nothing was changed.")
        connection.execute("pragma journal_mode = wal")
        (migrations.apply if taken else migrations.make)(connection)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
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
    if out_of_files(error):
        return NO_MORE_FILES
    if "locked" in text or "busy" in text:
        return f"{path} is in use by another program; nothing was changed, try again in a moment."
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return (
            f"{path} is damaged ({text}); restore a backup with “tokentrack restore FILE”, "
            "or move it away and scan again: what the agents' logs still hold is read anew."
        )
    if "full" in text or "No space left" in text or getattr(error, "sqlite_errorname", "") == _NO_ROOM:
        return (
            f"The disk is full: {path} could not be written, what it holds is unharmed; free some space and try again."
        )
    if "readonly" in text or "unable to open" in text or isinstance(error, PermissionError):
        return f"{path} cannot be opened for writing; check the permissions of the file and its folder."
    if isinstance(error, OSError):
        text = error.strerror or type(error).__name__
    return f"{path} cannot be used: {text}."


def out_of_files(error: Exception) -> bool:
    """Whether one more open file was refused. An import tells so in its words alone, and SQLite not at all: then it is tried."""
    if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE) or os.strerror(errno.EMFILE) in str(error):
        return True
    if "unable to open" not in str(error):
        return False
    try:
        with ExitStack() as opened:
            for _ in range(_FILES):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
    except OSError as refused:
        return refused.errno in (errno.EMFILE, errno.ENFILE)
    return False
