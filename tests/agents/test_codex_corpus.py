"""Real Codex logs give the totals known for them; cut, mixed, read again or damaged they give no others and no harm (AC 2).

The properties run over the real logs and over small ones written here, which a clone on its own has too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, Record, by_session
from codex_logs import (
    CHILD,
    OTHER,
    PARENT,
    compressed,
    context,
    count,
    event,
    line,
    meta,
    ms,
    new_id,
    prompt,
    response,
    rollout,
    spaced,
    spawned,
    usage,
)
from hypothesis import settings
from worlds import codex_world

from tokentrack.agents import codex, jsonl
from tokentrack.model.logs import Chunk, Log
from tokentrack.model.usage import Total
from tokentrack.review.health import examine
from tokentrack.store import read, sources

KINDS = ("requests", "input", "output", "reasoning", "cache_read")
FULL = (*KINDS, "cache_write_5m", "cache_write_1h")
examples = settings(deadline=None, derandomize=True, database=None, max_examples=40)


def counted(total: Total, kinds: tuple[str, ...]) -> dict[str, int]:
    return {kind: getattr(total, kind) or 0 for kind in kinds}


def check(machine: Machine, right: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert {name: counted(total, kinds) for name, total in by_session(machine).items()} == {
        name: {kind: entry[kind] for kind in kinds} for name, entry in right["sessions"].items()
    }
    assert counted(machine.total(), kinds) == {kind: right["total"][kind] for kind in kinds}


# ---- real logs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["codex", "codex-fork"])
def test_the_development_logs(
    machine: Machine,
    corpus: Callable[[str], Path],
    expected: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    root: str,
) -> None:
    monkeypatch.setenv("CODEX_HOME", str(corpus(root)))
    report = machine.scan()
    assert report.logs_read == report.logs > 0
    assert not report.problems
    check(machine, expected(root), KINDS)


@pytest.mark.parametrize("root", ["codex", "codex-zst"])
def test_logs_of_the_newest_program(machine: Machine, shared: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    place = shared / "corpus/real-agents" / root
    monkeypatch.setenv("CODEX_HOME", str(place / "home/.codex"))
    report = machine.scan()
    assert not report.problems
    check(machine, json.loads((place / "expected.json").read_text()), FULL)
    assert all(session.title for session in machine.sessions.values())


def test_running_totals_tell_what_usage_records_tell(
    machine: Machine, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its records the newest program's logs are counted by their totals, which leave out remote compaction only."""
    place = shared / "corpus/real-agents/codex"
    for path in place.glob("home/.codex/*sessions/**/*.jsonl"):
        told = [text for text in path.read_bytes().splitlines() if b'"token_usage_record"' not in text[:200]]
        machine.write(machine.home / ".codex/sessions" / path.name, b"\n".join(told) + b"\n")
    machine.scan()
    right = json.loads((place / "expected.json").read_text())["sessions"]
    found = {name: counted(total, FULL) for name, total in by_session(machine).items()}
    assert set(found) == set(right)
    assert {name for name in right if found[name] != right[name]} == {"01a200c1-9c6f-7ef2-91e7-df501692cf58"}


# ---- what else logs tell ---------------------------------------------------------------------------------------------


def test_a_session_has_its_turns_title_place_and_marks(machine: Machine) -> None:
    turns = [new_id(1), new_id(100)]
    call = {"type": "function_call", "call_id": "c1", "name": "shell", "arguments": '{"command":"git commit -m x"}'}
    done = {"type": "function_call_output", "call_id": "c1", "output": "Output:\n[main 1a2b3c4] SHOP-13: carts\n"}
    ran = {"command": ["bash", "-lc", "git commit -m x"], "aggregated_output": "[main 1a2b3c4] SHOP-13: carts\n"}
    rollout(
        machine, PARENT, meta(),
        event("task_started", 1, turn_id=turns[0]), context(t=1, turn=turns[0]),
        prompt("<environment_context>\n</environment_context>", 1),
        prompt("# Context from my IDE setup:\n\n## My request for Codex:\nFix  SHOP-12\n", 2),
        prompt("and #41 too", 3),
        line("response_item", call, 4), line("response_item", done, 5), event("exec_command_end", 5.1, **ran),
        event("task_started", 100, turn_id=turns[1]), context(t=100, turn=turns[1]),
        event("item_completed", 101, turn_id=turns[1], item={
            "type": "UserMessage", "content": [{"type": "text", "text": "see https://example.test/shop/pull/9"}]
        }),
        response("resp_1", usage(100), 102, turn=turns[1]),
    )  # fmt: skip
    machine.scan()
    session = machine.sessions[PARENT]
    assert (session.title, session.cwd, session.branches, session.turns) == ("Fix SHOP-12", "/w/shop", ("main",), 2)
    assert (session.started_at, session.ended_at) == (ms(101), ms(102))
    assert machine.marks() == {
        ("key", "SHOP-12", "prompt"), ("number", "41", "prompt"), ("commit", "1a2b3c4", "output"),
        ("key", "SHOP-13", "commit"), ("url", "https://example.test/shop/pull/9", "prompt"),
    }  # fmt: skip
    assert len(machine.rows("select 1 from marks where kind = 'commit'")) == 1

    rollout(machine, PARENT, event("thread_name_updated", 200, thread_id=PARENT, thread_name="Carts"), append=True)
    machine.scan()
    assert machine.sessions[PARENT].title == "Carts"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_subagents_of_subagents_are_found_under_their_root(machine: Machine, order: tuple[int, ...]) -> None:
    family = [
        (PARENT, [meta(), context(), prompt("Hello"), count(usage(100))]),
        (CHILD, [meta(CHILD, 10, source=spawned(PARENT)), context(t=10), prompt("Look", 11), count(usage(10), t=15)]),
        (OTHER, [meta(OTHER, 20, source=spawned(CHILD)), context(t=20), prompt("Dig", 21), count(usage(1), t=25)]),
    ]
    for index in order:
        rollout(machine, family[index][0], *family[index][1])
        machine.scan()
    assert {name: session.total.input for name, session in machine.sessions.items()} == {PARENT: 111}
    assert machine.sessions[PARENT].turns == 1
    assert [read.sessions_like(machine.db, name)[0].native_id for name in (CHILD, OTHER)] == [PARENT, PARENT]
    assert machine.rows("select count(*) from sessions") == [(1,)]


def test_a_subagent_whose_parents_log_is_gone_stands_alone(machine: Machine) -> None:
    rollout(machine, CHILD, meta(CHILD, source=spawned(PARENT)), context(), count(usage(10), t=5))
    machine.scan()
    assert list(machine.sessions) == [CHILD]
    rollout(machine, PARENT, meta(), context(), count(usage(100)))
    machine.scan()
    assert list(machine.sessions) == [PARENT]


def test_only_lines_from_the_named_ordinal_on_are_a_subagents_own(machine: Machine) -> None:
    own = meta(CHILD, 60, 0, source=spawned(PARENT), forked_from_id=PARENT, subagent_history_start_ordinal="3")
    rollout(
        machine, CHILD, own, meta(PARENT, 60, 1),
        count(usage(5000), usage(5000), 60, ordinal=2),
        response("resp_2", usage(70, 0, 7), 60.001, thread=CHILD, ordinal=3),
        count(usage(70, 0, 7), usage(70, 0, 7), 60.002, ordinal=4),
    )  # fmt: skip
    machine.scan()
    assert machine.figures() == (70, 7, 0, 0)


def test_totals_count_until_the_files_first_record(machine: Machine) -> None:
    rollout(
        machine, PARENT, meta(), context(), count(usage(100, 0, 10), usage(100, 0, 10), 1),
        response("resp_1", usage(50, 0, 5, cache_write_input_tokens=20), 2), response("resp_1", usage(50, 0, 5), 2),
        count(usage(150, 0, 15), usage(50, 0, 5), 3), count(usage(900, 0, 90), usage(750, 0, 75), 4),
        line("compacted", {"latest_token_usage_record": {"response_id": "resp_0", "usage": usage(5)}}, 5),
    )  # fmt: skip
    machine.scan()
    assert machine.requests == 2
    assert machine.total().tokens == 165


def numbered(record: Record, number: int) -> Record:
    return {"timestamp": record["timestamp"], "ordinal": number, **record}


SPELLINGS: dict[str, Callable[[Record, int], Record | bytes]] = {
    "as old versions": lambda record, _: record,
    "as new versions": numbered,
    "number behind": lambda record, number: record | {"ordinal": number},
    "other order": lambda record, _: dict(reversed(record.items())),
    "with blanks": lambda record, _: spaced(record),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_line_tells_the_same_however_it_is_spelled(machine: Machine, spelling: str) -> None:
    """What a line is of is seen in its first bytes where it begins as usual, and any other is read as a whole (X20)."""
    turn = new_id(1)
    window = {"primary": {"used_percent": 7.0, "window_minutes": 300}}
    call = {"type": "function_call", "name": "shell", "arguments": '{"command":"git commit -m x"}', "call_id": "c1"}
    other = {"type": "function_call_output", "call_id": "c0", "output": "[main 9999999] not waited for\n"}
    done = {"type": "function_call_output", "call_id": "c1", "output": "[main 1a2b3c4] carts\n"}
    records = [
        meta(), event("task_started", 1, turn_id=turn), context(t=1, turn=turn), prompt("Fix SHOP-12", 2),
        line("response_item", {"type": "message", "role": "user", "content": [{"text": "no SHOP-99"}]}, 2),
        line("response_item", call, 3), line("response_item", other, 3), line("response_item", done, 4),
        count(usage(100, 10, 5), usage(100, 10, 5), 5, rate_limits=window),
        count(usage(100, 10, 5), usage(100, 10, 5), 6, rate_limits=window),
        event("agent_message", 7, message="done"), count(usage(130, 10, 9), usage(30, 0, 4), 8),
        event("turn_aborted", 9, turn_id=turn),
    ]  # fmt: skip
    rollout(machine, PARENT, *(SPELLINGS[spelling](record, number) for number, record in enumerate(records)))
    assert not machine.scan().problems
    assert machine.rows("select at, input, output, cache_read from requests order by at") == [
        (ms(5), 90, 5, 10), (ms(8), 30, 4, 0)
    ]  # fmt: skip
    assert {("key", "SHOP-12", "prompt"), ("commit", "1a2b3c4", "output")} <= machine.marks()
    assert not {value for _, value, _ in machine.marks()} & {"9999999", "SHOP-99"}
    assert [limit.seen_at for limit in read.limits(machine.db, "codex")] == [ms(6)]


def test_a_record_glued_to_one_of_which_nothing_is_read_counts(machine: Machine) -> None:
    """A killed program leaves half a record, and two that write at once glue theirs together."""
    words = json.dumps(
        line("response_item", {"type": "message", "content": "no end"}, 1), separators=(",", ":")
    ).encode()
    told = [json.dumps(count(usage(total), t=total), separators=(",", ":")).encode() for total in (10, 30)]
    rollout(machine, PARENT, meta(), context(), words + told[0], words[:-7] + told[1])
    machine.scan()
    assert machine.total().input == 30


def test_a_record_behind_a_line_of_two_is_named_after_its_own_place(machine: Machine) -> None:
    """A response without an id is named after its place: the same name when only its own line is read (AC 2)."""
    two = b"".join(json.dumps(prompt("Hello", t), separators=(",", ":")).encode() for t in (1, 2))
    path = rollout(machine, PARENT, meta(), two)
    place = path.stat().st_size
    rollout(machine, PARENT, response(None, usage(10), 3), append=True)
    machine.scan()
    assert [key.rpartition(" ")[2] for (key,) in machine.rows("select key from requests")] == [f"@{place}"]


def test_threads_that_write_into_one_file_in_turn_are_told_apart(machine: Machine) -> None:
    told = [(1000, 1000), (50, 50), (1100, 100), (80, 30), (1100, 100), (1300, 200)]
    rollout(machine, PARENT, meta(), *(count(usage(total), usage(last), t) for t, (total, last) in enumerate(told)))
    machine.scan()
    assert machine.total().input == 1300 + 80


DAY = 40 * 86_400
"""Seconds after which the tier has a published price."""


def test_service_tiers_have_prices_of_their_own(machine: Machine) -> None:
    priority = event(
        "thread_settings_applied", 2, thread_settings={"model": "gpt-5.6-terra", "service_tier": "priority"}
    )
    rollout(
        machine,
        PARENT,
        meta(),
        context("gpt-5.6-terra"),
        count(usage(1000), t=DAY),
        priority,
        count(usage(2000), t=DAY),
    )
    machine.scan()
    assert len(set(machine.rows("select list_value from requests where list_value > 0"))) == 2


def test_the_newest_word_on_each_limit_is_kept(machine: Machine) -> None:
    def limits(used: float, t: float, **more: Any) -> Record:
        window = {"used_percent": used, "window_minutes": 300, "resets_at": 1789000000}
        return count(None, None, t, rate_limits={"limit_id": "codex", "primary": window} | more)

    weekly = {"used_percent": 4, "window_minutes": 10080}
    rollout(machine, OTHER, meta(OTHER), limits(20.5, 50))
    rollout(machine, PARENT, meta(), limits(1.0, 10, secondary=weekly), limits(9.0, 40))
    machine.scan()
    assert read.limits(machine.db, "codex") == [
        ("codex", 300, 20.5, 1789000000000, ms(50)), ("codex", 10080, 4.0, None, ms(10))
    ]  # fmt: skip
    agents = {entry["agent"]: entry for entry in examine(machine.db, machine.store, machine.home, {})["agents"]}
    assert [limit["window_minutes"] for limit in agents["codex"]["limits"]] == [300, 10080]


@pytest.mark.parametrize("packed", [False, True])
def test_why_shows_the_counters_as_logged(machine: Machine, packed: bool) -> None:
    total = usage(100, 10, 50)
    path = rollout(machine, PARENT, meta(), context(), count(total, total, 1), response("resp_1", usage(70), 2))
    path = compressed(path) if packed else path
    machine.scan()
    (first, second) = sources.behind(machine.db, read.Where())
    assert codex.raw(path, first.request.offset, "") == {"total_token_usage": total, "last_token_usage": total}
    told = codex.raw(path, second.request.offset, "")
    assert told is not None
    assert told["usage"] == usage(70)
    assert told["response_id"] == "resp_1"
    assert codex.raw(path.with_name("gone"), 0, "") is None


# ---- parts and compression -------------------------------------------------------------------------------------------


def log_of(path: Path) -> Log:
    found = codex.log_at(path.parent, path)
    assert found is not None
    return found


def read_in_parts(path: Path) -> Iterator[Chunk]:
    cursor, more = None, True
    while more:
        chunk = codex.read(log_of(path), cursor)
        cursor, more = chunk.cursor, chunk.more
        yield chunk


@pytest.mark.parametrize("packed", [False, True])
def test_a_log_larger_than_one_part_is_the_same_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(codex_world()["sessions/a.jsonl"])
    path = compressed(path) if packed else path
    once = codex.read(log_of(path), None)
    monkeypatch.setattr(jsonl, "PART", 700)
    monkeypatch.setattr(jsonl, "BLOCK", 300)
    parts = list(read_in_parts(path))
    assert len(parts) > 3
    assert [request for part in parts for request in part.requests] == once.requests
    assert parts[-1].cursor == once.cursor


def test_a_compressed_log_that_changed_is_read_again_and_one_cut_short_tells_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(codex_world()["sessions/old.jsonl"])
    path = compressed(path)
    first = codex.read(log_of(path), None)
    again = codex.read(log_of(path), first.cursor)
    assert (len(first.requests), again.requests, again.restarted) == (3, [], False)
    path.with_suffix("").write_bytes(codex_world()["sessions/a.jsonl"])
    compressed(path.with_suffix(""))
    changed = codex.read(log_of(path), first.cursor)
    assert changed.restarted
    assert len(changed.requests) == 4
    packed = path.read_bytes()
    for damaged in (packed[:12], packed[:-30], packed[:40] + b"rubbish" * 30):
        path.write_bytes(damaged)
        assert codex.read(log_of(path), None).problems
