"""Whatever order logs are read in, wherever they were cut, however often they are read again: the store holds the same (AC 1).

Logs are generated as Claude Code writes them, oddities included, and the sample logs are taken as they are.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from claude_logs import (
    Machine,
    Record,
    answer,
    dump,
    lines,
    prompt,
    tool_result,
    usage,
)
from worlds import fresh_place

from tokentrack.agents import agent_named

# ---- reading them ----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(empty_store: Path) -> Callable[[], Any]:
    """`with fresh() as machine`: a home folder and a store of its own for one example."""

    @contextmanager
    def made() -> Iterator[Machine]:
        with fresh_place(empty_store) as place:
            yield place.machine

    return made


def at_once(fresh: Callable[[], Any], world: dict[str, bytes]) -> dict[str, Any]:
    with fresh() as machine:
        for name, data in world.items():
            machine.write(machine.projects / name, data)
        machine.scan()
        return dump(machine.db)


Step = tuple[str, int]
"""A log grows up to this byte, then everything is scanned."""


def step_by_step(fresh: Callable[[], Any], world: dict[str, bytes], steps: list[Step]) -> dict[str, Any]:
    with fresh() as machine:
        for name, size in steps:
            path = machine.projects / name
            if not path.exists() or path.stat().st_size < size:
                machine.write(path, world[name][:size])
            machine.scan()
        return dump(machine.db)


def check(world: dict[str, bytes], found: dict[str, Any], right: dict[str, Any]) -> None:
    for table, rows in right.items():
        assert found[table] == rows, table


def sample_world(sample_logs: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(sample_logs / "projects")): path.read_bytes()
        for path in sorted(sample_logs.rglob("*.jsonl"))
    }


@pytest.mark.parametrize("seed", range(2))
def test_the_sample_logs_cut_and_shuffled_give_the_same_store(
    fresh: Callable[[], Any], sample_logs: Path, seed: int
) -> None:
    world, chance = sample_world(sample_logs), random.Random(seed)
    steps = [(name, chance.randint(0, len(data))) for name, data in world.items() for _ in range(2)]
    chance.shuffle(steps)
    whole = [(name, len(data)) for name, data in world.items()]
    chance.shuffle(whole)
    right = at_once(fresh, world)
    assert len(right["requests"]) > 100
    check(world, step_by_step(fresh, world, steps + whole), right)


def test_a_log_cut_at_every_byte_gives_what_it_gives_at_once(fresh: Callable[[], Any]) -> None:
    """Every place in one short log of several bytes a letter, glued lines and growing answers."""
    tool = [{"type": "tool_use", "id": "t1", "input": {"command": "git commit"}}]
    records: list[Record] = [
        prompt("Prüfe A-12 ✓", 0, cwd=None),
        answer("msg_1", None, 1, figures={"output_tokens": 1}, content=tool, cwd="/ü"),
        answer("msg_1", None, 2, figures={"output_tokens": 20}),
        tool_result("t1", "[main 1a2b3c4] A-13", 3) | {"glued": True},
        {"type": "ai-title", "aiTitle": "Größe 🛒"},
        answer("gen", None, 4, figures={"input_tokens": 7}),
    ]
    short = [
        {name: value for name, value in record.items() if name not in ("gitBranch", "sessionId")} for record in records
    ]
    data = lines(short).replace(b'"glued":true}\n', b'"glued":true}')
    right = at_once(fresh, {"P/S.jsonl": data})
    with fresh() as machine:
        path = machine.projects / "P/S.jsonl"
        for cut in range(len(data)):
            machine.write(path, data[:cut])
            machine.scan(agents=(agent_named("claude-code"),))
        machine.write(path, data)
        machine.scan()
        check({}, dump(machine.db), right)


# ---- whose a request is ----------------------------------------------------------------------------------------------


def ways(logs: dict[str, list[Record]]) -> list[list[str]]:
    names = sorted(logs)
    return [names, names[::-1]]


OWNERSHIP: dict[str, tuple[dict[str, list[Record]], str]] = {
    "the file that asked for it": (
        {
            "A": [prompt(t=0), answer("msg_1", t=1, requestRef="call-1")],
            "Z": [{"type": "api-request", "id": "call-1"}, answer("msg_1", t=1, requestRef="call-1"), prompt(t=2)],
        },
        "Z",
    ),
    "not a background copy": (
        {
            "A": [prompt(t=0, sessionKind="bg"), answer("msg_1", t=1, sessionKind="bg")],
            "Z": [prompt(t=0), answer("msg_1", t=1)],
        },
        "Z",
    ),
    "the oldest file": ({"A": [prompt(t=0.5), answer("msg_1", t=1)], "Z": [prompt(t=0), answer("msg_1", t=1)]}, "Z"),
    "the smaller session id": ({"A": [answer("msg_1", t=1)], "Z": [answer("msg_1", t=1, figures=usage(9, 99))]}, "A"),
    "asking for it before age": (
        {
            "A": [prompt(t=0), answer("msg_1", t=1, requestRef="call-1", sessionKind="bg")],
            "Z": [prompt(t=1), {"type": "api-request", "id": "call-1"}, answer("msg_1", t=1, requestRef="call-1")],
        },
        "Z",
    ),
}


@pytest.mark.parametrize("rule", OWNERSHIP)
def test_a_request_belongs_to(fresh: Callable[[], Any], rule: str) -> None:
    logs, owner = OWNERSHIP[rule]
    found = []
    for order in ways(logs):
        with fresh() as machine:
            for name in order:
                machine.log(f"P/{name}.jsonl", *logs[name])
                machine.scan()
            assert {name for name, session in machine.sessions.items() if session.total.requests} == {owner}
            found.append(dump(machine.db))
    assert found[0] == found[1]


def test_a_session_that_lost_its_requests_to_an_older_one_has_no_sums_left(fresh: Callable[[], Any]) -> None:
    with fresh() as machine:
        machine.log("P/Z.jsonl", prompt(t=9), answer("msg_1", t=1))
        machine.scan()
        assert machine.sessions["Z"].total.requests == 1
        machine.log("P/A.jsonl", prompt(t=0), answer("msg_1", t=1))
        machine.scan()
        assert machine.sessions["Z"].total.tokens == 0
        assert machine.sessions["A"].total.tokens == 110
