"""Whatever order logs are read in, wherever they were cut, however often, by however many scans: the store holds the same (AC 1).

The same properties for every reader; `worlds` makes the logs of each agent, oddities included.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import dump
from hypothesis import event, given, settings
from hypothesis import strategies as st
from opencode_logs import Place
from worlds import STREAMS, Act, Append, Streams, few, fresh_place

from tokentrack import ingest, paths
from tokentrack.agents import AGENTS, Agent, agent_named, cursor_rows, jsonl
from tokentrack.ingest import Ingest
from tokentrack.store import open_store

LOGS = "select path, unreadable, version from logs order by 1"
agents = pytest.mark.parametrize("name", sorted(STREAMS))


def test_every_agent_has_properties() -> None:
    assert set(STREAMS) == {agent.NAME for agent in AGENTS}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of a few kilobytes come in several chunks, each in a transaction of its own."""
    monkeypatch.setattr(jsonl, "PART", 1500)
    monkeypatch.setattr(jsonl, "BLOCK", 500)
    monkeypatch.setattr(cursor_rows, "MOST_CONVERSATIONS", 2)
    monkeypatch.setattr(cursor_rows, "MOST_ROWS", 3)
    monkeypatch.setattr(ingest, "BATCH_SECONDS", 0.0)


def environment(place: Place) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(place.folder.parent)}


def scan(place: Place, agent: Agent, **options: Any) -> Any:
    machine = place.machine
    return Ingest(machine.db, machine.home, environment(place), paths.own_prices(machine.store)).scan(
        (agent,), **options
    )


def held(place: Place) -> dict[str, Any]:
    """What the store holds, limits and problems included."""
    machine = place.machine
    return dump(machine.db) | {
        "limits": machine.rows("select * from limits order by 1, 2, 3"),
        "problems": machine.rows(
            "select substr(l.path, ?), p.position, p.reason from problems p join logs l on l.id = p.log_id order by 1, 2, 3",
            len(str(machine.home)) + 2,
        ),
    }


def cut_and_mixed(data: st.DataObject, streams: Streams) -> list[Act]:
    """Each stream in its order, its logs cut anywhere; streams beside each other in any order."""
    waiting: Streams = []
    for stream in streams:
        acts: list[Act] = []
        for act in stream:
            if isinstance(act, Append):
                acts += act.cut(data.draw(st.lists(st.integers(0, len(act.data)), max_size=3), label="cuts"))
            else:
                acts.append(act)
        waiting.append(acts)
    mixed: list[Act] = []
    while waiting := [acts for acts in waiting if acts]:
        mixed.append(data.draw(st.sampled_from(waiting), label="next").pop(0))
    return mixed


def at_once(empty_store: Path, agent: Agent, streams: Streams) -> dict[str, Any]:
    with fresh_place(empty_store) as place:
        for stream in streams:
            for act in stream:
                act(place)
        scan(place, agent)
        return held(place)


def check(found: dict[str, Any], right: dict[str, Any], what: str = "") -> None:
    for table, rows in right.items():
        odd = sorted(set(found[table]) ^ set(rows), key=repr)
        assert found[table] == rows, f"{table} {what}: {odd}"


def drawn(data: st.DataObject, name: str) -> Streams:
    return data.draw(STREAMS[name](), label="logs")


@agents
@given(data=st.data())
@settings(few, max_examples=14)
def test_any_cut_any_order_and_any_number_of_looks_give_the_same(
    empty_store: Path, name: str, data: st.DataObject
) -> None:
    """Nor does reading again, from the beginning too, change anything."""
    agent, streams = agent_named(name), drawn(data, name)
    acts = cut_and_mixed(data, streams)
    looks = data.draw(st.sets(st.integers(0, len(acts) - 1), max_size=6), label="looks") if acts else set()
    event(f"{len(looks)} looks")
    with fresh_place(empty_store) as place:
        for number, act in enumerate(acts):
            act(place)
            if number in looks:
                scan(place, agent, full=data.draw(st.booleans(), label="full"))
        scan(place, agent)
        once, logs = held(place), place.machine.rows(LOGS)
        check(once, at_once(empty_store, agent, streams))
        for full in (False, True):
            assert scan(place, agent, full=full).requests_new == 0
            check(held(place), once, "read again")
        assert place.machine.rows(LOGS) == logs


# ---- two scans at once -----------------------------------------------------------------------------------------------


class Turns:
    """Lets threads run one at a time, and whoever runs give way to another where it asks whether it should."""

    def __init__(self, names: list[str], next_of: Callable[[list[str]], str]) -> None:
        self._names, self._next_of = names, next_of
        self._ready = threading.Condition()
        self._now = next_of(names)
        self.errors: list[BaseException] = []

    def begin(self, name: str) -> None:
        with self._ready:
            assert self._ready.wait_for(lambda: self._now == name, 30)

    def give_way(self, name: str) -> bool:
        with self._ready:
            self._now = self._next_of(self._names)
            self._ready.notify_all()
            assert self._ready.wait_for(lambda: self._now == name, 30)
        return False

    def leave(self, name: str) -> None:
        with self._ready:
            self._names.remove(name)
            if self._names:
                self._now = self._next_of(self._names)
            self._ready.notify_all()


def two_scans(place: Place, agent: Agent, acts: list[Act], choices: Iterator[int]) -> None:
    """The agent writes while two scans read: each step of each of the three may come between any two of the others."""
    left = list(acts)
    turns = Turns(["first", "second"], lambda names: names[next(choices) % len(names)])

    def step(name: str) -> bool:
        """Between two chunks: the agent may write, and the other scan may go on."""
        if left and next(choices) % 2:
            left.pop(0)(place)
        return turns.give_way(name)

    def read(name: str) -> None:
        turns.begin(name)
        try:
            with closing(open_store(place.machine.store)) as db:
                reader = Ingest(db, place.machine.home, environment(place), paths.own_prices(place.machine.store))
                for _ in range(40):
                    all_written = not left
                    reader.scan((agent,), stop=lambda: step(name))
                    if all_written:
                        break
                    step(name)
        except BaseException as error:  # noqa: BLE001  # told by the thread that waits
            turns.errors.append(error)
        finally:
            turns.leave(name)

    threads = [threading.Thread(target=read, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not turns.errors, turns.errors
    assert not left


@agents
@given(data=st.data())
@settings(few, max_examples=7)
def test_two_scans_at_once_give_what_one_gives(empty_store: Path, name: str, data: st.DataObject) -> None:
    agent, streams = agent_named(name), drawn(data, name)
    acts = cut_and_mixed(data, streams)
    chosen = data.draw(st.lists(st.integers(0, 5), min_size=8, max_size=40), label="turns")
    with fresh_place(empty_store) as place:
        two_scans(place, agent, acts, (chosen[number % len(chosen)] + number // len(chosen) for number in range(10**6)))
        check(held(place), at_once(empty_store, agent, streams))


def test_the_scans_really_alternate(empty_store: Path) -> None:
    """Else the property above would hold of one scan after the other."""
    with fresh_place(empty_store) as place:
        seen: list[str] = []
        turns = Turns(["first", "second"], lambda names: names[len(seen) % len(names)])

        def run(name: str) -> None:
            turns.begin(name)
            for _ in range(3):
                seen.append(name)
                turns.give_way(name)
            turns.leave(name)

        threads = [threading.Thread(target=run, args=(name,)) for name in ("first", "second")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert seen == ["first", "second"] * 3
        assert place.machine.requests == 0
        assert os.path.isdir(place.machine.home)  # noqa: PTH112
