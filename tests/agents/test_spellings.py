"""The same record in another spelling is the same record: JSON leaves blanks, the order of names and escapes open (AC 1).

The readers pass over what they need not parse by the bytes it begins with. Here real logs are written anew, compact, with blanks,
with escaped letters and in other orders, and must give the same requests, turns, titles and marks.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, Record, answer, compact, echo, prompt, usage
from codex_logs import CHILD, PARENT, context, count, event, line, meta, named, new_id, rollout, spawned
from codex_logs import usage as codex_usage

from tokentrack.agents import agent_named

ENDINGS = {".jsonl", ".json", ".db", ".vscdb"}
LARGEST = 100_000
LONG = "y" * 3000


def escaped(text: str) -> str:
    """Its first letter as an escape, as no known program writes it and any may."""
    return (
        f"\\u{ord(text[0]):04x}{json.dumps(text[1:])[1:-1]}" if text[:1].isascii() and text else json.dumps(text)[1:-1]
    )


def spelled(value: Any, how: str, chance: random.Random, name: str = "") -> str:
    """JSON; `how` is compact, spaced, escaped (names, and what `type` says) or mixed (names in any order)."""
    before, between, colon, after = (" ", " , ", " : ", " ") if how == "spaced" else ("", ",", ":", "")
    if isinstance(value, dict):
        items = list(value.items())
        if how == "mixed":
            chance.shuffle(items)
        names = {key: escaped(key) if how == "escaped" else json.dumps(key)[1:-1] for key in value}
        told = (f'"{names[key]}"{colon}{spelled(part, how, chance, key)}' for key, part in items)
        return f"{{{before}{between.join(told)}{after}}}"
    if isinstance(value, list):
        return f"[{before}{between.join(spelled(part, how, chance) for part in value)}{after}]"
    if isinstance(value, str) and how == "escaped" and name == "type":
        return f'"{escaped(value)}"'
    return json.dumps(value, ensure_ascii=how == "escaped")


def anew(text: str, how: str) -> str:
    """A text that holds an object, in another spelling; any other as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return spelled(value, how, random.Random(1)) if isinstance(value, dict) else text


def write_anew(root: Path, how: str) -> None:
    for path in root.rglob("*"):
        times = path.stat()
        if path.suffix in (".jsonl", ".json"):
            parts = path.read_text().split("\n") if path.suffix == ".jsonl" else [path.read_text()]
            path.write_text("\n".join(anew(part, how) for part in parts))
        elif path.suffix in (".db", ".vscdb"):
            with closing(sqlite3.connect(path)) as db, db:
                db.create_function("anew", 1, lambda held: anew(held, how))
                for table, column in db.execute(
                    """select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c
                       where t.type = 'table' and t.sql not like '%virtual%'"""
                ).fetchall():
                    db.execute(
                        f"""update "{table}" set "{column}" = anew("{column}")
                            where typeof("{column}") = 'text' and "{column}" like '{{%'"""
                    )
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # a transcript has no other time


def told(name: str, root: Path) -> dict[str, list[str]]:
    """What a reader finds in all logs of a root, places in the files left out."""
    agent = agent_named(name)
    found: dict[str, list[str]] = {"requests": [], "turns": [], "titles": [], "marks": [], "rest": []}
    for log in [log for place in agent.roots_of(root) for log in agent.logs(place)]:
        cursor, more = None, True
        while more:
            chunk = agent.read(log, cursor)
            cursor, more = chunk.cursor, chunk.more
            assert not chunk.problems
            for piece in chunk.pieces:
                own = f"{Path(log.name).name} {piece.session}"
                found["requests"] += [f"{own} {request._replace(offset=0)}" for request in piece.requests]
                found["turns"] += [f"{own} {turn._replace(offset=0)}" for turn in piece.turns]
                found["titles"] += [f"{own} {title._replace(offset=0)}" for title in piece.titles]
                found["marks"] += [f"{own} {mark}" for mark in piece.marks]
                found["rest"] += [f"{own} {piece.searches} {piece.first_at} {piece.cwd} {piece.aliases} {chunk.limits}"]
    return {kind: sorted(rows) for kind, rows in found.items()}


# ---- real logs -------------------------------------------------------------------------------------------------------

ROOTS = {
    "claude-code": ("real-agents/claude/home/.claude", "dev/claude"),
    "codex": ("real-agents/codex/home/.codex", "dev/codex-fork"),
    "opencode": ("dev/opencode-sqlite", "dev/opencode-migrated"),
    "cursor": ("dev/cursor/User", "dev/cursor/dot-cursor"),
}


def not_needed(folder: str, names: list[str]) -> set[str]:
    """What is not copied: an agent's other files, and long logs, which have nothing that short ones do not have."""
    files = [path for name in names if not (path := Path(folder, name)).is_dir()]
    return {
        path.name
        for path in files
        if path.suffix not in ENDINGS or (path.suffix == ".jsonl" and path.stat().st_size > LARGEST)
    }


@pytest.fixture(scope="module", params=[(name, root) for name, roots in ROOTS.items() for root in roots], ids=str)
def real(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, dict[str, list[str]]]]:
    """(agent, a copy of real logs, what they tell as they are)."""
    name, root = request.param
    source = shared / "corpus" / root
    place = tmp_path_factory.mktemp("real") / source.name
    shutil.copytree(source, place, copy_function=shutil.copyfile, ignore=not_needed)
    yield name, place, told(name, place)
    shutil.rmtree(place)


@pytest.mark.parametrize("how", ["compact", "spaced", "escaped", "mixed"])
def test_real_logs_tell_the_same_in_any_spelling(real: tuple[str, Path, dict[str, list[str]]], how: str) -> None:
    name, place, right = real
    assert sum(map(len, right.values()))
    write_anew(place, how)
    found = told(name, place)
    for kind, rows in right.items():
        assert found[kind] == rows, f"{kind}: {sorted(set(rows) ^ set(found[kind]))[:4]}"


# ---- what was passed over and must not be ----------------------------------------------------------------------------


WORDS = {"type": "text", "text": "now fix SHOP-77 and #8"}
OUTPUT = {"tool_use_id": "x", "type": "tool_result", "content": LONG}
PICTURE = {"type": "image", "source": {"type": "base64", "data": "A"}}


@pytest.mark.parametrize("blocks", [[WORDS, OUTPUT], [PICTURE, OUTPUT], [WORDS, dict(reversed(OUTPUT.items()))]])
def test_words_before_a_tools_output_are_a_prompt(machine: Machine, blocks: list[Record]) -> None:
    """M2: such a record is no output alone; whole, cut or with blanks it is a turn, and its marks are there."""
    asked = prompt(blocks, 1)
    machine.log("P/S.jsonl", prompt(), asked)
    machine.log("P/T.jsonl", prompt(sessionId="T"), json.dumps(asked | {"sessionId": "T"}).encode())
    machine.scan()
    assert {name: session.turns for name, session in machine.sessions.items()} == {"S": 2, "T": 2}
    if WORDS in blocks:
        assert machine.rows("select count(*) from marks where value = 'SHOP-77'") == [(2,)]


def test_an_echo_with_escaped_names_counts(machine: Machine) -> None:
    told = compact(echo(answer("msg_9"))).replace(b'"usage"', b'"\\u0075sage"')
    machine.log("P/S.jsonl", prompt(), told)
    machine.scan()
    assert machine.requests == 1


@pytest.mark.parametrize("kind", ["first", "last"])
def test_a_prompt_typed_while_the_agent_works_may_name_its_kind_last(machine: Machine, kind: str) -> None:
    queued = {"type": "queued_command", "prompt": f"and SHOP-5 {LONG}"}
    told = queued if kind == "first" else dict(reversed(queued.items()))
    machine.log("P/S.jsonl", prompt(), {"type": "attachment", "attachment": told, "timestamp": prompt()["timestamp"]})
    machine.scan()
    assert ("key", "SHOP-5", "prompt") in machine.marks()


HUGE = b"1" + b"0" * 5000
"""More digits than Python makes a number of."""


def test_a_counter_of_thousands_of_digits_costs_that_counter_alone(machine: Machine) -> None:
    told = compact(answer(figures=usage(7, 3, cached=11))).replace(b":11", b":" + HUGE)
    machine.log("P/S.jsonl", prompt(), told)
    total = compact(count(codex_usage(100, 11, 5), codex_usage(100, 11, 5), ordinal=3))
    rollout(machine, PARENT, meta(), context(), total.replace(b'"ordinal":3', b'"ordinal":%b' % HUGE))
    report = machine.scan()
    assert [reason.partition(" at ")[0] for _, reason in report.problems] == ["impossible token count"]
    assert machine.rows("select agent, input, output, cache_read from requests order by agent") == [
        ("claude-code", 7, 3, 0),
        ("codex", 89, 5, 11),
    ]


def test_a_queued_command_with_an_endless_number_stops_nothing(machine: Machine) -> None:
    queued = {"type": "queued_command", "prompt": "and SHOP-5", "at": 11}
    told = compact({"type": "attachment", "attachment": queued}).replace(b":11", b":" + HUGE)
    machine.log("P/S.jsonl", prompt(), told, answer())
    assert machine.scan().problems == []
    assert (machine.requests, ("key", "SHOP-5", "prompt") in machine.marks()) == (1, True)


# ---- Codex -----------------------------------------------------------------------------------------------------------

ITEM = line("response_item", {"type": "message", "content": [{"type": "output_text", "text": LONG}]}, 3)
TOTALS = count(codex_usage(100), codex_usage(100), 1), count(codex_usage(300), codex_usage(200), 4)
STRANGER = new_id(-9000, 9)


def prompted(machine: Machine) -> int:
    machine.scan()
    return machine.total().input


@pytest.mark.parametrize("between", [b"", b" ", b"\0\0", b","], ids=["glued", "blank", "zeros", "comma"])
@pytest.mark.parametrize(
    "behind",
    [
        compact(TOTALS[1]),
        compact(TOTALS[1]).replace(b"{", b"{ ", 1),
        compact(dict(reversed(TOTALS[1].items()))),
        json.dumps(TOTALS[1]).encode(),
    ],
    ids=["compact", "blank inside", "kind first", "spaced"],
)
def test_a_record_glued_behind_what_is_passed_over_counts(machine: Machine, between: bytes, behind: bytes) -> None:
    """M3: programs that write at once put two records on one line, with or without something between them."""
    rollout(machine, PARENT, meta(), context(), TOTALS[0], compact(ITEM) + between + behind)
    assert prompted(machine) == 300


@pytest.mark.parametrize("name", [b"token_count", b"event_msg", b"info"])
def test_codex_names_may_be_escaped(machine: Machine, name: bytes) -> None:
    told = compact(TOTALS[1]).replace(b'"' + name, b'"\\u%04x' % name[0] + name[1:])
    rollout(machine, PARENT, meta(), context(), TOTALS[0], told)
    assert prompted(machine) == 300


def test_an_item_may_be_a_prompt_with_an_escaped_kind(machine: Machine) -> None:
    item = {"type": "UserMessage", "content": [{"type": "text", "text": "see SHOP-3"}]}
    told = compact(event("item_completed", 2, turn_id="t", item=item)).replace(b'"User', b'"\\u0055ser')
    rollout(machine, PARENT, meta(), context(), told, TOTALS[0])
    machine.scan()
    assert ("key", "SHOP-3", "prompt") in machine.marks()


def test_a_sub_agent_is_known_by_escaped_names_too(machine: Machine) -> None:
    own = compact(meta(CHILD, source=spawned(PARENT)))
    rollout(machine, PARENT, meta(), context(), TOTALS[0])
    for name in (b"subagent", b"parent_thread_id"):
        own = own.replace(b'"' + name, b'"\\u%04x' % name[0] + name[1:])
    rollout(machine, CHILD, own, context(), TOTALS[0])
    machine.scan()
    assert list(machine.sessions) == [PARENT]


def test_the_output_of_a_commit_may_name_its_kind_last(machine: Machine) -> None:
    call = {"type": "function_call", "call_id": "c1", "name": "shell", "arguments": '{"command":"git commit -m x"}'}
    done = {
        "call_id": "c1",
        "output": f"Output:\n[main 1a2b3c4] SHOP-13: carts\n{LONG}",
        "type": "function_call_output",
    }
    rollout(
        machine, PARENT, meta(), context(), line("response_item", call, 2), line("response_item", done, 3), TOTALS[0]
    )
    machine.scan()
    assert ("commit", "1a2b3c4", "output") in machine.marks()


OWN = [
    event("item_completed", 0.02, thread_id=CHILD, turn_id="q", item={"type": "AgentMessage", "content": []}),
    event("turn_aborted", 0.02, thread_id=CHILD),
    event("exec_command_end", 0.02, thread_id=CHILD, command=["ls"]),
]


@pytest.mark.parametrize("own", OWN, ids=lambda record: record["payload"]["type"])
@pytest.mark.parametrize("write", [compact, lambda record: json.dumps(record).encode()], ids=["compact", "spaced"])
def test_any_event_of_its_own_ends_a_forks_copy(
    machine: Machine, own: Record, write: Callable[[Record], bytes]
) -> None:
    """M3: X5. What names the fork itself is no copy, also where nothing of it is read; what follows at once is its own."""
    fork = meta(CHILD, forked_from_id=PARENT)
    records = [fork, meta(PARENT, 0.005), count(codex_usage(100), codex_usage(100), 0.01), own]
    records += [count(codex_usage(300), codex_usage(200), 0.03)]
    rollout(machine, CHILD, *map(write, records))
    assert prompted(machine) == 200


def test_silence_within_a_copy_is_measured_by_every_event(machine: Machine) -> None:
    """M3: a copy's own events keep its burst alive, those of which nothing is read too."""
    beats = [event("agent_message", 0.9 * number, message="x") for number in range(1, 4)]
    late = count(codex_usage(100), codex_usage(100), 3.3)
    found = []
    for place, write in enumerate((compact, lambda record: json.dumps(record).encode())):
        name = new_id(-500, place)
        records = [meta(name, forked_from_id=STRANGER), *beats, late]
        named(machine, f"{name}.jsonl", *map(write, records))
        found.append(prompted(machine))
    assert found == [0, 0]
