"""What agents write, as the properties and the fuzzer need it: logs with every oddity, made by chance, in any number of steps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import cursor_logs
from claude_logs import (
    HAIKU,
    OPUS,
    Machine,
    Record,
    answer,
    compact,
    echo,
    lines,
    prompt,
    tool_result,
    tool_use,
    usage,
)
from codex_logs import compressed as codex_compressed
from codex_logs import context, count, event, meta, new_id, response, spawned
from codex_logs import prompt as codex_prompt
from codex_logs import usage as codex_usage
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from opencode_logs import NEW_TABLES, TABLES, Data, Place, bash, step, text, tokens, user
from opencode_logs import answer as opencode_answer

Act = Callable[[Place], None]
"""One write of an agent, which a scan may come before or after."""
Specimen = dict[str, bytes]
"""A small home folder: its files by path."""


few = settings(
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)


@contextmanager
def fresh_place(empty_store: Path) -> Iterator[Place]:
    """A home folder and a store of its own for one example."""
    with tempfile.TemporaryDirectory(prefix="tt-") as folder:
        store = Path(folder, "store.db")
        shutil.copyfile(empty_store, store)
        with closing(Machine(Path(folder), store)) as machine, closing(Place(machine)) as place:
            yield place


@dataclass
class Append:
    """What an agent appends to a log; it may have been written in any parts."""

    name: str
    data: bytes

    def __call__(self, place: Place) -> None:
        place.machine.write(place.machine.home / self.name, self.data, append=True)

    def cut(self, at: list[int]) -> list[Append]:
        places = [0, *sorted(at), len(self.data)]
        return [Append(self.name, self.data[start:end]) for start, end in pairwise(places)]


# ---- Claude Code -----------------------------------------------------------------------------------------------------

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
def claude_worlds(draw: Any) -> dict[str, bytes]:
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


# ---- Codex -----------------------------------------------------------------------------------------------------------


def codex_world() -> dict[str, bytes]:
    """A thread, its archived copy, a fork, a sub-agent that copied it, one that began anew, one of old totals."""
    turns = [new_id(n) for n in range(6)]
    limits = {"primary": {"used_percent": 3, "window_minutes": 300}}
    parent = [
        meta(new_id(0, 1)), event("task_started", 0, turn_id=turns[0]), context(t=0, turn=turns[0]),
        codex_prompt("Fix SHOP-12", 1), count(codex_usage(100, 10, 5), codex_usage(100, 10, 5), 2, rate_limits=limits),
        count(codex_usage(100, 10, 5), codex_usage(100, 10, 5), 3), context("gpt-5.4", 4, turns[1]), codex_prompt("go on", 4),
        count(codex_usage(300, 20, 9), codex_usage(200, 10, 4), 5), count(codex_usage(30, 0, 1), codex_usage(30, 0, 1), 6),
        response("resp_a", codex_usage(40, 4, 4), 7, thread=new_id(0, 1), turn=turns[1]),
        count(codex_usage(70, 4, 5), codex_usage(40, 4, 4), 7),
        b"not a record", response("resp_b", codex_usage("9", 0, -1), 8, thread=new_id(0, 1)),
    ]  # fmt: skip
    head = [record | {"timestamp": meta(t=50)["timestamp"]} for record in parent[:9] if isinstance(record, dict)]
    copied = [meta(new_id(50, 2), 50, source=spawned(new_id(0, 1)), forked_from_id=new_id(0, 1)), *head]
    own = [context(t=52, turn=new_id(52)), count(codex_usage(390, 20, 19), codex_usage(90, 0, 10), 53)]
    fresh = [
        meta(new_id(60, 3), 60, source=spawned(new_id(50, 2))),
        context(t=60),
        count(codex_usage(9), codex_usage(9), 64),
    ]
    fork = [meta("fork", 70, forked_from_id="old"), *(count(codex_usage(n), None, 71 + n) for n in (5, 9))]
    old = [meta("old", 1), *(count(codex_usage(n), None, 2 + n) for n in (5, 9, 14))]
    return {
        "sessions/a.jsonl": lines(parent), "archived_sessions/a.jsonl": lines(parent[:9]),
        "sessions/b.jsonl": lines([*copied, *own]), "sessions/c.jsonl": lines(fresh),
        "sessions/fork.jsonl": lines(fork), "sessions/old.jsonl": lines(old),
    }  # fmt: skip


# ---- opencode --------------------------------------------------------------------------------------------------------


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
            name, begun = f"msg_{number:03}x", opencode_answer(t + 1, tokens(0, 0), done=False)
            ends = [step(one) for one in figures[: draw(st.integers(1, 2))]]
            command = bash("git commit -m x", "[main 1a2b3c4] SHOP-13")
            ended = opencode_answer(t + 1, figures[len(ends) - 1], cost=0.5)
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
                acts.append(rows(f"{name}c", opencode_answer(1, tokens(7, 7)), step(tokens(7, 7)), session=session))
    if draw(st.booleans()):
        acts.insert(1, rows("msg_000x", opencode_answer(1, tokens(7, 7)), step(tokens(7, 7)), session="ses_0"))
    return acts


# ---- streams: what is written in its order, while streams go on beside each other ---------------------------------------

Streams = list[list[Act]]


def claude_streams() -> st.SearchStrategy[Streams]:
    return claude_worlds().map(
        lambda world: [[Append(f".claude/projects/{name}", data)] for name, data in world.items()]
    )


@st.composite
def codex_streams(draw: Any) -> Streams:
    world = codex_world()
    names = draw(st.lists(st.sampled_from(sorted(world)), min_size=1, unique=True))
    return [[Append(f".codex/{name}", world[name])] for name in names]


def opencode_streams() -> st.SearchStrategy[Streams]:
    return works().map(lambda acts: [acts])


STREAMS = {
    "claude-code": claude_streams,
    "codex": codex_streams,
    "opencode": opencode_streams,
    "cursor": cursor_logs.streams,
}
"""A new agent gives its own here: the properties that hold for every reader are then tried on it."""


# ---- home folders, for the fuzzer ------------------------------------------------------------------------------------


def written(write: Callable[[Place], None]) -> Specimen:
    """The files that something writes below an empty home folder."""
    with tempfile.TemporaryDirectory(prefix="tt-") as folder:
        home = Path(folder, "home")
        with closing(Machine(home, Path(folder, "store.db"))) as machine, closing(Place(machine)) as place:
            write(place)
        return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def claude_home() -> Specimen:
    records = [
        prompt("Fix SHOP-12 ✓", 0),
        answer(
            "msg_1", t=1, figures=usage(3, 1, 20, 400), content=[tool_use("toolu_1", "Bash", command="git commit -m x")]
        ),
        answer("msg_1", t=2, figures=usage(3, 50, 20, 400)),
        tool_result("toolu_1", "ok", 3, {"stdout": "[main 1a2b3c4] SHOP-13: carts"}),
        {"type": "api-request", "id": "call-1", "timestamp": None},
        answer("gen-1", None, 4, figures=usage(7, 8), requestRef="call-1", costUSD=0.25),
        answer("msg_2", t=5, figures=usage(1, 2, 3, 4, iterations=[usage(9, 9, type="advisor_message", model=HAIKU)])),
        echo(
            {"type": "assistant", "timestamp": "2026-11-20T08:00:06.000Z", "message": answer("msg_3", t=6)["message"]},
            6,
        ),
        {"type": "ai-title", "aiTitle": "Carts", "sessionId": "S"},
        {"type": "summary", "summary": "Bills", "leafUuid": "a1"},
    ]
    agent = [answer("msg_3", t=6, figures=usage(20, 41), isSidechain=True)]
    return {
        ".claude/projects/P/S.jsonl": lines(records),
        ".claude/projects/P/S/subagents/agent-1.jsonl": lines(agent),
    }


def codex_home(*, packed: bool = False) -> Specimen:
    def write(place: Place) -> None:
        for name, data in codex_world().items():
            path = place.machine.write(place.machine.home / ".codex" / name, data)
            if packed:
                codex_compressed(path)

    return written(write)


def opencode_home() -> Specimen:
    def write(place: Place) -> None:
        for number in range(4):
            place.file(f"msg_{number}u", user(number * 10), text("Fix SHOP-12"))
            figures = tokens(5, 6, 7, 8, reasoning=2, total=26)
            place.file(
                f"msg_{number}x",
                opencode_answer(number * 10 + 1, figures, cost=0.5),
                bash("git commit -m x", "[main 1a2b3c4] SHOP-13"),
                step(figures),
            )
        place.session_file()

    return written(write)


def cursor_home() -> Specimen:
    def write(place: Place) -> None:
        with closing(cursor_logs.Place(place.machine)) as own:
            cursor_logs.fill(own)

    return written(write)


def opencode_database_home() -> Specimen:
    def write(place: Place) -> None:
        own = place.database(shape=f"{TABLES};\n{NEW_TABLES}", mode="delete")
        own.db.execute("begin")
        for number in range(12):
            session = f"ses_{number % 3}"
            figures = tokens(5, 6, 7, 8, reasoning=2, total=26)
            data = opencode_answer(number, figures, cost=0.5)
            own.session(session, parent_id="ses_0" if number % 3 == 2 else None)
            own.message(f"msg_{number}x", data, step(figures), bash("git commit", "[main 1a2b3c4] x"), session=session)
            own.told(f"msg_{number}y", data, step(figures), session=session)
            own.new_message(f"msg_{number}n", data, session, number)
        own.db.execute("commit")

    return written(write)
