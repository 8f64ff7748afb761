"""Databases of other programs, read without leaving a trace beside them.

A connection that may write would move the agent's newest rows out of its `-wal` and delete that file when it closes. So:
read only where a `-wal` is there; `immutable` only where none is, and then nothing that was read counts if one appeared
meanwhile; a private copy where the folder cannot be written to (reading a `-wal` needs a `-shm` beside it) or lies on
another machine (whose locks cannot be trusted). Busy or changing means: later.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from stat import S_ISREG

PATIENCE_SECONDS = 1.0
"""How long a reader waits for another program's lock; after that it reads later."""
ATTEMPTS = 3
"""To copy a database that is being written to."""
IN_WAL_MODE = 2
"""The file format version, byte 18 of the header, of a database that uses a `-wal`."""
REMOTE = frozenset("9p afs ceph cifs davfs drvfs fuse.rclone fuse.sshfs glusterfs nfs nfs4 smb3 smbfs vboxsf".split())
MOUNTS = Path("/proc/self/mountinfo")

FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged database leads to: SQLite quotes its bytes in messages that Python then cannot read."""

State = tuple[tuple[int, int, int] | None, ...]


def status(path: Path) -> tuple[int, int, int] | None:
    """(size, mtime in ns, inode) by which a change shows, its `-wal` included; None where there is no such file.

    Most writes leave the sizes as they were, because the `-wal` is used again from its start: its time tells.
    """
    main, wal = _state(os.path.realpath(path))[:2]
    if main is None or wal is None:
        return main
    return main[0] + wal[0], max(main[1], wal[1]), main[2]


def main_file(path: Path) -> Path:
    """The database that a file beside it belongs to: `x.db` for `x.db-wal`, itself for any other."""
    for ending in ("-wal", "-shm", "-journal"):
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, inside one transaction: everything in it is of one moment. Raises OSError."""
    real = os.path.realpath(path)
    try:
        with _connected(real) as db:
            yield db
    except FAULTS as error:
        raise _told(error) from error


def tables(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, set[str]]:
    """The columns of those of these tables that there are. Versions differ; no other table is looked at, some hold secrets."""
    found: dict[str, set[str]] = {}
    for name in names:
        columns = {column for (column,) in db.execute("select name from pragma_table_info(?)", [name])}
        if columns:
            found[name] = columns
    return found


def _told(error: Exception) -> OSError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return OSError(errno.EAGAIN, "another program is writing to the database: it is read again later")
    if isinstance(error, sqlite3.OperationalError):
        return OSError(errno.EIO, f"SQLite says: {text}")
    return OSError(errno.EIO, f"the database is damaged: {text}")


# ------------------------------------------------------------------------------------------------------------- ways in


@contextmanager
def _connected(real: str) -> Iterator[sqlite3.Connection]:
    if is_remote(real):
        with _copied(real) as db:
            yield db
    elif not os.path.exists(real + "-wal") and _in_wal_mode(real):  # noqa: PTH110  # a text all along
        with _unchanging(real) as db:
            yield db
    elif (connection := _read_only(real)) is not None:
        with closing(connection) as db:
            yield db
    else:
        with _copied(real) as db:
            yield db


def _read_only(real: str) -> sqlite3.Connection | None:
    """A reading connection; None where one cannot be had without writing beside the database."""
    db = sqlite3.connect(f"{Path(real).as_uri()}?mode=ro", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)
    try:
        return _begun(db)
    except sqlite3.OperationalError as error:
        db.close()
        if "readonly" in str(error) or "unable to open" in str(error):
            return None
        raise
    except FAULTS:
        db.close()
        raise


def _begun(db: sqlite3.Connection) -> sqlite3.Connection:
    db.text_factory = _TEXT
    db.execute("pragma query_only = 1")
    db.execute("begin")
    db.execute("select count(*) from sqlite_master").fetchone()
    return db


_TEXT = partial(str, encoding="utf-8", errors="replace")


@contextmanager
def _unchanging(real: str) -> Iterator[sqlite3.Connection]:
    """Where no program has the database open there is no `-wal`, and none is made for our sake."""
    before = _state(real)
    uri = f"{Path(real).as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
            yield _begun(db)
    finally:
        if _state(real) != before:  # whatever was read, or went wrong, may be half of one state and half of another
            raise OSError(errno.EAGAIN, "the database changed while it was read: it is read again later")


@contextmanager
def _copied(real: str) -> Iterator[sqlite3.Connection]:
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tokentrack-") as folder:
        copy = Path(folder, "copy.db")
        for _ in range(ATTEMPTS):
            before = _state(real)
            for ending in ("", "-wal", "-journal"):
                if os.path.exists(real + ending):  # noqa: PTH110
                    shutil.copyfile(real + ending, f"{copy}{ending}")
            if _state(real) == before:
                break
        else:
            raise OSError(errno.EAGAIN, "the database changes faster than it can be copied: it is read again later")
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            yield _begun(db)


def _in_wal_mode(real: str) -> bool:
    with open(real, "rb") as file:  # noqa: PTH123
        return file.read(20)[18:19] == bytes([IN_WAL_MODE])


def _state(real: str) -> State:
    return tuple(_status(real + ending) for ending in ("", "-wal", "-journal"))


def _status(name: str) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(name)  # noqa: PTH116
    except OSError:
        return None
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino) if S_ISREG(stat.st_mode) else None


def is_remote(real: str) -> bool:
    """Whether a file lies on another machine, as far as the system tells."""
    if real.startswith(("\\\\", "//")):
        return True
    if sys.platform != "linux":
        return False
    try:
        device = os.stat(real).st_dev  # noqa: PTH116
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    place = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        fields, _, kind = line.partition(" - ")
        if fields.split(" ", 3)[2] == place:
            return kind.partition(" ")[0] in REMOTE
    return False
