"""Whatever is read when, in whatever order, however often: the store holds the same. And no damage ends a scan."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, dump
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from opencode_logs import NEW_TABLES, TABLES, Data, Place, answer, bash, step, text, tokens, user

few = settings(
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)


@pytest.fixture
def fresh(empty_store: Path) -> Callable[[], Any]:
    """`with fresh() as place`: a home folder and a store of its own for one example."""

    @contextmanager
    def made() -> Iterator[Place]:
        with tempfile.TemporaryDirectory(prefix="tt-") as folder:
            store = Path(folder, "store.db")
            shutil.copyfile(empty_store, store)
            with closing(Machine(Path(folder), store)) as machine, closing(Place(machine)) as place:
                yield place

    return made


# ---- a program at work -----------------------------------------------------------------------------------------------

Act = Callable[[Place], None]
"""One write of opencode, which a scan may come before or after."""


def database(place: Place) -> Any:
    return place.databases[0] if place.databases else place.database(shape=f"{TABLES};\n{NEW_TABLES}")


def rows(native_id: str, data: Data, *parts: Data, session: str, told: bool = True) -> Act:
    def act(place: Place) -> None:
        database(place).message(native_id, data, *parts, session=session)
        if told:
            database(place).told(native_id, data, *parts, session=session)

    return act


def new_row(native_id: str, data: Data, session: str) -> Act:
    return lambda place: database(place).new_message(native_id, dict(data), session, database(place).db.total_changes)


def file(native_id: str, data: Data, *parts: Data, session: str) -> Act:
    return lambda place: (place.file(native_id, data, *parts, session=session), None)[1]


def undone(native_id: str) -> Act:
    return lambda place: database(place).undo(native_id)


@st.composite
def works(draw: Any) -> list[Act]:
    """Sessions with answers that grow, are undone, converted, forked, or begun by other sessions; files beside rows."""
    acts: list[Act] = []
    number = 0
    for index in range(draw(st.integers(1, 3))):
        session, begin = f"ses_{index}", index * 1000
        parent = draw(st.sampled_from([None, "ses_0"])) if index else None
        columns = {"parent_id": parent, "title": draw(st.sampled_from(["Carts", "Bills ✓"]))}
        acts.append(lambda place, s=session, b=begin, c=columns: database(place).session(s, b, **c))
        for turn in range(draw(st.integers(0, 3))):
            number += 1
            t = begin + turn * 10
            acts.append(
                rows(
                    f"msg_{number:03}u",
                    user(t),
                    text(draw(st.sampled_from(["Fix SHOP-1", "", "#41"]))),
                    session=session,
                )
            )
            figures = [tokens(draw(st.integers(0, 500)), draw(st.integers(0, 500)), 1, 2, total=None) for _ in range(2)]
            name, begun = f"msg_{number:03}x", answer(t + 1, tokens(0, 0), done=False)
            ends = [step(one) for one in figures[: draw(st.integers(1, 2))]]
            command = bash("git commit -m x", "[main 1a2b3c4] SHOP-13")
            ended = answer(t + 1, figures[len(ends) - 1], cost=0.5)
            acts += [rows(name, begun, session=session), rows(name, ended, command, *ends, session=session)]
            match draw(st.sampled_from(["stays", "stays", "undone", "converted", "file"])):
                case "undone":
                    acts.append(undone(name))
                case "converted":
                    acts.append(
                        new_row(name, {key: ended[key] for key in ("time", "tokens", "cost", "agent")}, session)
                    )
                case "file":
                    acts.append(file(name, ended | {"tokens": tokens(1, 1)}, session=session))
            if index and draw(st.booleans()):
                acts.append(rows(f"{name}c", answer(1, tokens(7, 7)), step(tokens(7, 7)), session=session))
    if draw(st.booleans()):
        acts.insert(1, rows("msg_000x", answer(1, tokens(7, 7)), step(tokens(7, 7)), session="ses_0"))
    return acts


def found(place: Place) -> dict[str, Any]:
    """Without the positions of titles and turns of sessions that came and went between two scans."""
    return dump(place.machine.db)


@given(works(), st.data())
@settings(few, max_examples=60)
def test_a_growing_store_gives_what_it_gives_at_once(
    fresh: Callable[[], Any], acts: list[Act], data: st.DataObject
) -> None:
    with fresh() as place:
        for act in acts:
            act(place)
        place.scan()
        right = found(place)
    looks = data.draw(st.sets(st.integers(0, len(acts) - 1), max_size=6))
    event(f"{len(looks)} looks")
    with fresh() as place:
        for number, act in enumerate(acts):
            act(place)
            if number in looks:
                assert not place.scan().problems
        place.scan()
        for table, rows_ in right.items():
            assert found(place)[table] == rows_, table
        place.scan(full=True)
        for table, rows_ in right.items():
            assert found(place)[table] == rows_, f"{table} read again"


@given(works())
@settings(few, max_examples=30)
def test_databases_and_files_may_be_read_in_any_order(fresh: Callable[[], Any], acts: list[Act]) -> None:
    with fresh() as place, fresh() as other:
        for act in acts:
            act(place)
        shutil.copytree(place.folder, other.folder / "all")
        place.scan()
        right = found(place)
        parts = [other.folder / "all/storage", *sorted((other.folder / "all").glob("opencode.db*"))]
        for part in parts:
            if part.exists() and not part.name.endswith("-shm"):
                shutil.move(part, other.folder / part.name)
                if not part.name.endswith("-wal"):
                    other.scan()
        other.scan()
        for table in ("requests", "sessions", "turns", "marks"):
            assert found(other)[table] == right[table], table


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


# ---- damage ----------------------------------------------------------------------------------------------------------

ODD: list[Any] = [None, -5, 10**13, 2**70, 1e300, "12", "many", "", "\ud800", [], {}, [1], {"read": -1}, True, 3.5]


def damaged(value: Any, chance: random.Random) -> Any:
    """The same with one thing lost, or of another kind."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.3:
            return {name: inner for name, inner in value.items() if name != key}
        return value | {key: damaged(value[key], chance)}
    return chance.choice(ODD)


def raw_of(value: Any, chance: random.Random) -> bytes:
    data = bytearray(json.dumps(value).encode())
    for _ in range(chance.choice([0, 0, 1, 3])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.choice([len(data)] * 3 + [len(data) // 2, 0])])


def sound(place: Place) -> None:
    columns = "input, output, cache_read, cache_write_5m, coalesce(reasoning, 0), coalesce(recorded_cost, 0)"
    for row in place.machine.rows(f"select {columns} from requests"):
        assert min(row) >= 0
    assert place.machine.rows("select count(*) from requests where output < coalesce(reasoning, 0)") == [(0,)]


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_and_rows_end_nothing(fresh: Callable[[], Any], seed: int) -> None:
    chance = random.Random(seed)
    with fresh() as place:
        own = place.database(shape=f"{TABLES};\n{NEW_TABLES}", mode="delete")
        own.db.execute("begin")
        for number in range(60):
            session = f"ses_{number % 7}"
            data = damaged(answer(number, tokens(5, 6, 7, 8, reasoning=2, total=26)), chance)
            part = damaged(step(tokens(5, 6, 7, 8)), chance)
            name = f"msg_{number:03}"
            place.write(f"storage/message/{session}/{name}.json", "").write_bytes(raw_of(data, chance))
            place.write(f"storage/part/{name}/prt_1.json", "").write_bytes(raw_of(part, chance))
            place.write(f"storage/session/p/{session}.json", "").write_bytes(
                raw_of(damaged({"id": 1, "time": {}}, chance), chance)
            )
            own.session(session, directory=chance.choice(["/w", "", 7]), title=chance.choice(["x", b"\xff", 3]))
            row = raw_of(data, chance).decode("utf-8", "replace")
            own.message(f"{name}r", row, session=chance.choice([session, "ses_none"]))
            own._put("part", {"id": f"p{number}", "message_id": f"{name}r", "session_id": session, "time_created": 1,
                              "time_updated": "x", "data": raw_of(part, chance)})  # fmt: skip
            own._put("session_message", {"id": f"{name}n", "session_id": session, "type": "assistant", "seq": number,
                                         "time_created": -1, "time_updated": 1, "data": row})  # fmt: skip
            own._put("event", {"id": f"e{number}", "aggregate_id": session, "seq": number, "type": "message.updated.1",
                               "data": raw_of({"info": data}, chance)})  # fmt: skip
        own.db.execute("commit")
        place.file("msg_good", answer(), session="ses_good")
        report = place.scan()
        assert report.problems
        assert all("it cannot be read (" not in reason or "Errno" in reason for _, reason in report.problems), (
            report.problems
        )
        assert place.machine.sessions["ses_good"].total.requests == 1
        sound(place)
        once = place.machine.total()
        place.scan(full=True)
        assert place.machine.total() == once


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_in_a_database_end_nothing(fresh: Callable[[], Any], tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with fresh() as place:
        own = place.database(mode="delete")
        own.db.execute("begin")
        own.session()
        for number in range(40):
            own.message(f"msg_{number:03}", answer(number), step(), text("x" * 900))
        own.db.execute("commit")
        own.close()
        data = bytearray(own.path.read_bytes())
        for _ in range(chance.choice([1, 5, 200])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        own.path.write_bytes(data[: chance.choice([len(data), len(data), chance.randrange(len(data))])])
        place.scan()
        place.scan()
        sound(place)


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
