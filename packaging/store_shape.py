"""Writes tokentrack/store/shape.sql: the shape of a store that has taken all steps of tokentrack/store/migrations.py."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tokentrack.store import migrations


def main() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrations.apply(db)
        migrations.SHAPE.write_text(migrations.shape_of(db), encoding="utf-8")


if __name__ == "__main__":
    main()
