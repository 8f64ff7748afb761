"""What only opencode's storages do: databases beside files, in any order; databases that shrink; files with old times."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claude_logs import by_session, dump
from hypothesis import given, settings
from hypothesis import strategies as st
from opencode_logs import answer, id_of, tokens
from worlds import Act, few, fresh_place, works


@pytest.fixture
def fresh(empty_store: Path) -> Callable[[], Any]:
    return lambda: fresh_place(empty_store)


@given(works())
@settings(few, max_examples=15)
def test_databases_and_files_may_be_read_in_any_order(fresh: Callable[[], Any], acts: list[Act]) -> None:
    with fresh() as place, fresh() as other:
        for act in acts:
            act(place)
        shutil.copytree(place.folder, other.folder / "all")
        place.scan()
        right = dump(place.machine.db)
        parts = [other.folder / "all/storage", *sorted((other.folder / "all").glob("opencode.db*"))]
        for part in parts:
            if part.exists() and not part.name.endswith("-shm"):
                shutil.move(part, other.folder / part.name)
                if not part.name.endswith("-wal"):
                    other.scan()
        other.scan()
        for table in ("requests", "sessions", "turns", "marks"):
            assert dump(other.machine.db)[table] == right[table], table


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 0, -2]), st.none() | st.integers(0, 3), st.integers(1, 2), st.booleans()),
        min_size=2,
        max_size=5,
    )
)
@settings(few, max_examples=8)
def test_forks_of_forks_count_only_their_own_whatever_the_clock_says(fresh: Callable[[], Any], told: list[Any]) -> None:
    """AC 2: each session has what was spent in it. Sessions are (hours that the clock moves, source, own answers, look)."""
    held: list[list[Any]] = []
    right: dict[str, int] = {}
    clock = number = 0
    with fresh() as place:
        database = place.database()
        for hours, source, own, look in told:
            clock += hours * 3600 + 100
            copied = [] if source is None or not held else held[source % len(held)]
            times = [clock] * len(copied) + [clock + 5 * n for n in range(1, own + 1)]
            answers = copied + [answer(t, tokens(number + t)) for t in times[len(copied) :]]
            session = f"ses_{len(held)}"
            database.session(session, clock)
            for t, data in zip(times, answers, strict=True):
                number += 1
                database.message(id_of(t, number), data, session=session)
            held.append(answers)
            right[session] = own
            if look:
                place.scan()
        for full in (False, True):
            place.scan(full=full)
            assert {name: total.requests for name, total in by_session(place.machine).items()} == right


def test_compacting_a_database_gives_nothing_twice_and_loses_nothing(fresh: Callable[[], Any]) -> None:
    with fresh() as place:
        own = place.database(mode="delete")
        for number in range(50):
            own.message(f"msg_{number:03}", answer(number))
        place.scan()
        own.db.execute("delete from message where rowid % 3 = 0")
        own.db.execute("vacuum")
        own.message("msg_new", answer(99))
        place.scan()
        assert place.machine.requests == 51


def test_a_half_written_file_counts_when_it_is_whole(fresh: Callable[[], Any]) -> None:
    with fresh() as place:
        path = place.file("msg_1", answer())
        whole = path.read_bytes()
        path.write_bytes(whole[:90])
        assert place.scan().problems
        path.write_bytes(whole)
        assert not place.scan().problems
        assert place.machine.requests == 1


def test_a_file_that_comes_with_an_old_time_is_read(fresh: Callable[[], Any]) -> None:
    import os

    with fresh() as place:
        place.file("msg_1", answer())
        place.scan()
        path = place.file("msg_2", answer(2))
        os.utime(path, (1, 1))
        place.scan()
        assert place.machine.requests == 2
    assert sqlite3.sqlite_version
