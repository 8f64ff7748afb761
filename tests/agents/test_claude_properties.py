"""Whatever order logs are read in, wherever they were cut, however often they are read again: the store holds the same (AC 1).

Logs are generated as Claude Code writes them, oddities included, and the sample logs are taken as they are.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from claude_logs import (
    HAIKU,
    OPUS,
    Machine,
    Record,
    answer,
    compact,
    dump,
    echo,
    lines,
    prompt,
    tool_result,
    tool_use,
    usage,
)
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

few = settings(
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)

# ---- generated logs --------------------------------------------------------------------------------------------------

Line = list[Record] | bytes
"""The records of one line (glued, if several), or what is no record at all."""

counts = st.one_of(st.integers(0, 9), st.sampled_from([0, 250, 999_999, None, "17", 3.0, -4, 10**12, "many"]))
plain_counts = st.integers(0, 500)
PROMPTS = (
    "Fix SHOP-12",
    "und jetzt #41 bitte ✓",
    "see https://example.test/acme/shop/pull/41",
    "",
    "weiter 🛒",
    "Fix SHOP-12",
)


@dataclass
class Draft:
    """A log being written, and the clock of its session."""

    session: str
    lines: list[Line] = field(default_factory=list)
    time: float = 0
    number: int = 0

    def tick(self, draw: Any) -> float:
        self.time += draw(st.sampled_from([0, 0.4, 7, 4000]))
        return self.time

    def next(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.session}{self.number}"

    def add(self, *records: Record) -> None:
        self.lines += [[record | {"sessionId": self.session}] for record in records]


def a_prompt(draw: Any, log: Draft) -> None:
    log.add(prompt(draw(st.sampled_from(PROMPTS)), log.tick(draw), uuid=log.next("u")))


def an_answer(draw: Any, log: Draft) -> None:
    """One answer in one to four records, as it was streamed; sometimes with figures that no honest program writes."""
    kind = draw(st.sampled_from(["msg", "msg", "msg", "constant", "gateway", "none"]))
    number = log.next("")
    name = {"msg": f"msg_{number}", "constant": "gen", "gateway": f"gen-{number}", "none": None}[kind]
    request = None if kind == "constant" else f"req_{number}"
    figure = draw(st.sampled_from([plain_counts, plain_counts, counts]))
    figures = usage(draw(figure), 0, draw(figure), draw(figure))
    if draw(st.booleans()):
        figures["cache_creation"] = {
            "ephemeral_5m_input_tokens": draw(figure), "ephemeral_1h_input_tokens": draw(figure)
        }  # fmt: skip
    if draw(st.integers(0, 5)) == 0:
        adviser = usage(draw(plain_counts), draw(plain_counts), type="advisor_message", model=HAIKU)
        figures["iterations"] = [usage(type="message"), adviser]
    call = log.next("call-")
    if own := draw(st.booleans()):
        log.lines.append([{"type": "api-request", "id": call, "timestamp": None}])
    branch = draw(st.sampled_from(["main", "feat/SHOP-12"]))
    for _ in range(draw(st.integers(1, 4))):
        record = answer(
            name, request, log.tick(draw), uuid=log.next("a"), gitBranch=branch,
            model=draw(st.sampled_from([OPUS, OPUS, HAIKU, None])), figures=figures | {"output_tokens": draw(figure)},
            content=draw(st.sampled_from([[], [tool_use("toolu_" + number, "Bash", command="git commit -m x")],
                                          [tool_use("toolu_" + number, "WebSearch", query="x")]])),
        )  # fmt: skip
        if draw(st.integers(0, 3)) == 0:
            record["message"]["usage"]["output_tokens_details"] = {"thinking_tokens": draw(plain_counts)}
        if draw(st.integers(0, 5)) == 0:
            record["costUSD"] = draw(st.sampled_from([0.25, 0.5]))
        if own:
            record["requestRef"] = call
        if draw(st.integers(0, 7)) == 0:
            record["timestamp"] = None
        log.add(record)
    if draw(st.booleans()):
        output = "[main 1a2b3c4] SHOP-13: carts\n https://example.test/acme/shop/pull/9"
        result = draw(st.sampled_from([{"stdout": output}, {"searchCount": 2}, "failed"]))
        log.add(tool_result("toolu_" + number, "ok", log.tick(draw), result, uuid=log.next("u")))


def a_title(draw: Any, log: Draft) -> None:
    text = draw(st.sampled_from(["Carts", "Bills ✓", ""]))
    kind = draw(st.sampled_from(["custom", "ai", "summary", "rename"]))
    leaf = draw(st.sampled_from(["aA2", "aA3", "aA5", "aB9", "nobody"]))
    log.lines.append([{
        "custom": {"type": "custom-title", "customTitle": text, "sessionId": log.session},
        "ai": {"type": "ai-title", "aiTitle": text, "sessionId": log.session},
        "summary": {"type": "summary", "summary": text, "leafUuid": leaf},
        "rename": {"type": "system", "subtype": "local_command",
                   "content": f"<command-name>/rename</command-name><command-args>{text}</command-args>"},
    }[kind]])  # fmt: skip


def an_echo(draw: Any, log: Draft) -> None:
    inner = answer(f"msg_sub{draw(st.integers(1, 3))}", "req_s", log.tick(draw), model=HAIKU, figures=usage(20, 2))
    log.add(echo({name: inner[name] for name in ("type", "timestamp", "requestId", "message")}, log.time))


def a_fault(draw: Any, log: Draft) -> None:
    surrogate = b'{"type":"user","message":"\\ud800"}'
    log.lines.append(
        draw(st.sampled_from([b"", b"  ", b"\0\0\0", b'{"type":"assist', b"[]", b"\xff\xfe{}", surrogate]))
    )


def copies(draw: Any, log: Draft) -> None:
    """A second compaction in one process appends everything again, under its old ids and times."""
    again = [line for line in log.lines if not isinstance(line, bytes) and all("uuid" in record for record in line)]
    log.lines += again[: draw(st.integers(0, len(again)))]
    log.lines.append(
        [{"type": "user", "isCompactSummary": True, "message": {"role": "user", "content": "This session"}}]
    )


def glue(draw: Any, log: Draft) -> None:
    records = [line for line in log.lines if not isinstance(line, bytes)]
    if len(records) > 1 and not isinstance(log.lines[-1], bytes) and not isinstance(log.lines[-2], bytes):
        last = log.lines.pop()
        log.lines[-1] = [*log.lines[-1], *last]


EVENTS = [a_prompt, an_answer, an_answer, an_answer, a_title, an_echo, a_fault, copies, glue]


def told(line: Line) -> bytes:
    return line if isinstance(line, bytes) else b"".join(map(compact, line))


@st.composite
def worlds(draw: Any) -> dict[str, bytes]:
    """Logs by their names: a session, and by chance its sub-agents, forks, a background copy, the session in two folders."""
    main = Draft("A")
    for add in draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=8)):
        add(draw, main)
    logs = {"P/A.jsonl": main}
    chain = [line for line in main.lines if not isinstance(line, bytes) and all("uuid" in record for record in line)]
    for session, kind in draw(
        st.sampled_from([(), [("B", {})], [("0", {"sessionKind": "bg"})], [("B", {}), ("C", {})]])
    ):
        fork = Draft(session, time=main.time + 60, number=50)
        fork.lines = [[record | {"sessionId": session} | kind for record in line] for line in chain]
        for add in draw(st.lists(st.sampled_from(EVENTS[:6]), max_size=3)):
            add(draw, fork)
        logs[f"P/{session}.jsonl"] = fork
    if draw(st.booleans()):
        agent = Draft("A", number=80)
        for number in draw(st.lists(st.integers(1, 3), max_size=3)):
            agent.add(
                answer(f"msg_sub{number}", "req_s", agent.tick(draw), figures=usage(20, 40 + number), isSidechain=True)
            )
        for line in chain[: draw(st.integers(0, 2))]:  # `/btw`: the parent's answers again
            agent.lines.append([record | {"isSidechain": True, "requestId": "req_btw"} for record in line])
        place = draw(st.sampled_from(["P/A/subagents", "P", "P/A/subagents/workflows/w"]))
        logs[f"{place}/agent-1.jsonl"] = agent
    world = {name: b"\n".join(map(told, log.lines)) + b"\n" for name, log in logs.items()}
    if draw(st.integers(0, 3)) == 0:
        world["backup/A.jsonl"] = world["P/A.jsonl"]
    return world


# ---- reading them ----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(empty_store: Path) -> Callable[[], Any]:
    """`with fresh() as machine`: a home folder and a store of its own for one example."""

    @contextmanager
    def place() -> Iterator[Machine]:
        with tempfile.TemporaryDirectory(prefix="tt-") as folder:
            store = Path(folder, "store.db")
            shutil.copyfile(empty_store, store)
            machine = Machine(Path(folder), store)
            try:
                yield machine
            finally:
                machine.close()

    return place


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


@given(worlds(), st.data())
@settings(few, max_examples=60)
def test_a_log_cut_anywhere_gives_what_it_gives_at_once(
    fresh: Callable[[], Any], world: dict[str, bytes], data: st.DataObject
) -> None:
    log = {"P/A.jsonl": world["P/A.jsonl"]}
    size = len(log["P/A.jsonl"])
    cuts = sorted(data.draw(st.lists(st.integers(0, size), min_size=1, max_size=4)))
    event(f"{len(cuts)} cuts")
    found = step_by_step(fresh, log, [("P/A.jsonl", cut) for cut in [*cuts, size]])
    check(log, found, at_once(fresh, log))


@given(worlds(), st.data())
@settings(few, max_examples=60)
def test_logs_in_any_order_cut_and_interleaved_give_the_same_store(
    fresh: Callable[[], Any], world: dict[str, bytes], data: st.DataObject
) -> None:
    steps = [
        (name, data.draw(st.integers(0, len(world[name]))))
        for name in data.draw(st.lists(st.sampled_from(sorted(world)), max_size=5))
    ]
    steps += [(name, len(world[name])) for name in data.draw(st.permutations(sorted(world)))]
    check(world, step_by_step(fresh, world, steps), at_once(fresh, world))


@given(worlds())
@settings(few, max_examples=25)
def test_reading_again_changes_nothing(fresh: Callable[[], Any], world: dict[str, bytes]) -> None:
    with fresh() as machine:
        for name, data in world.items():
            machine.write(machine.projects / name, data)
        machine.scan()
        once = dump(machine.db)
        problems = machine.rows("select path, unreadable, version from logs order by 1")
        for full in (False, True, True):
            report = machine.scan(full=full)
            assert report.requests_new == 0
            assert dump(machine.db) == once
        assert machine.rows("select path, unreadable, version from logs order by 1") == problems


def sample_world(sample_logs: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(sample_logs / "projects")): path.read_bytes()
        for path in sorted(sample_logs.rglob("*.jsonl"))
    }


@pytest.mark.parametrize("seed", range(4))
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
            machine.scan()
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
