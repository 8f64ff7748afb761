"""A database that an agent holds open while it is read."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class AgentDatabase:
    """Nothing is moved out of its `-wal` but by who asks for it: a reader must find the newest rows there."""

    def __init__(self, path: Path, shape: str, mode: str = "wal") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute(f"pragma journal_mode = {mode}")
        self.db.execute("pragma wal_autocheckpoint = 0")
        self.db.execute("pragma synchronous = off")
        if not self.db.execute("select 1 from sqlite_master").fetchone():
            self.db.executescript(shape)

    def close(self) -> None:
        self.db.close()
