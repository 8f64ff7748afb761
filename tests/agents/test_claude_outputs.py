"""A tool's output is not parsed where nothing waits for it: every log is read as if it had been."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from claude_logs import Machine, Record, answer, prompt, stamp, tool_result, tool_use
from hypothesis import given
from hypothesis import strategies as st
from worlds import few

from tokentrack.agents import claude_code, claude_reading
from tokentrack.agents.claude_records import LONG, is_only_output
from tokentrack.model.logs import Chunk, Log

OUTPUT = "x" * LONG
SNAPSHOT = {"type": "file-history-snapshot", "messageId": "m"}
"""A record of a kind that tells nothing, and no time."""


def line(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def chunks(log: Log, monkeypatch: pytest.MonkeyPatch) -> tuple[Chunk, Chunk]:
    """What is told of a log, and what is told of it when every line is parsed."""
    usual = claude_code.read(log, None)
    with monkeypatch.context() as patched:
        patched.setattr(claude_reading, "LONG", 1 << 40)
        return usual, claude_code.read(log, None)


@pytest.mark.parametrize(
    ("record", "only"),
    [
        (tool_result("toolu_1", OUTPUT), True),
        (tool_result("toolu_1", 'say "}{" and \\"type\\":\\"text\\", 5 _tokens' + OUTPUT), True),
        (prompt(OUTPUT), False),
        (prompt([{"type": "tool_result", "tool_use_id": "t", "content": OUTPUT}, {"type": "text", "text": "Go on"}]), False),
        (answer(content=[{"type": "text", "text": OUTPUT}]), False),
        ({"type": "progress", "data": {"message": tool_result("toolu_1", OUTPUT)}}, False),
        (tool_result("toolu_1", OUTPUT, result={"stdout": OUTPUT}), True),
        (tool_result("toolu_1", OUTPUT, result={"type": "create"}), False),
    ],
)  # fmt: skip
def test_which_lines_are_only_output(record: Record, only: bool) -> None:
    assert is_only_output(line(record)) is only


def test_what_is_glued_to_an_output_is_read() -> None:
    for more in (answer(), prompt("And SHOP-7?"), {"type": "custom-title", "customTitle": "Cart"}):
        for between in (b"", b" ", b" , "):
            assert not is_only_output(line(tool_result("toolu_1", OUTPUT))[:-1] + between + line(more))
        spaced = json.dumps(more).encode() + b"\n"
        assert not is_only_output(line(tool_result("toolu_1", OUTPUT))[:-1] + spaced)


def test_an_unfinished_or_broken_output_is_not_passed_over() -> None:
    whole = line(tool_result("toolu_1", OUTPUT))
    assert not is_only_output(whole[:-1])
    assert not is_only_output(whole[: len(whole) // 2] + b"\n")


def test_a_record_without_a_time_takes_that_of_the_output_before_it(machine: Machine) -> None:
    later = tool_result("toolu_1", OUTPUT, 7)
    late = {key: value for key, value in answer("msg_2").items() if key != "timestamp"}
    machine.log("P/S.jsonl", prompt(), answer(t=1), later, late)
    machine.scan()
    assert dict(machine.rows("select key, at from requests"))["msg_2"] == claude_time(7)


def test_records_that_need_no_time_leave_the_output_s_to_the_one_that_does(machine: Machine) -> None:
    late = {key: value for key, value in answer("msg_2").items() if key != "timestamp"}
    machine.log("P/S.jsonl", prompt(), answer(t=1), tool_result("toolu_1", OUTPUT, 7), SNAPSHOT, late)
    machine.scan()
    assert dict(machine.rows("select key, at from requests"))["msg_2"] == claude_time(7)


def test_a_version_told_after_an_output_is_the_later_one(machine: Machine) -> None:
    output = tool_result("toolu_1", OUTPUT, 7) | {"version": "2.9.9"}
    machine.log("P/S.jsonl", prompt(), answer(), output, SNAPSHOT | {"version": "2.9.10"})
    machine.scan()
    assert machine.rows("select version from logs") == [("2.9.10",)]


def test_a_version_told_only_by_an_output_is_known(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer(), tool_result("toolu_1", OUTPUT, 7) | {"version": "2.9.9"})
    machine.scan()
    assert machine.rows("select version from logs") == [("2.9.9",)]


def claude_time(seconds: float) -> int:
    from tokentrack.agents.values import parse_time

    at = parse_time(stamp(seconds))
    assert at
    return at


ODDITIES = st.lists(
    st.sampled_from([
        tool_result("toolu_1", OUTPUT, 2),
        tool_result("toolu_2", f"[main 0123abc] SHOP-9 cart\n{OUTPUT}", 3),
        tool_use("toolu_2", "Bash", command="git commit -m cart"),
        tool_result("toolu_3", OUTPUT, 4, isSidechain=True),
        prompt([{"type": "tool_result", "tool_use_id": "t", "content": OUTPUT}, {"type": "text", "text": "SHOP-1"}], 5),
        prompt("Go on with SHOP-2", 6),
        answer("msg_1", t=7),
        SNAPSHOT,
        SNAPSHOT | {"version": "2.9.10"},
        answer("same", request=None, t=8),
        answer("same", request=None, t=9),
        {key: value for key, value in answer("msg_3").items() if key != "timestamp"},
    ]),
    max_size=12,
)  # fmt: skip


@few
@given(ODDITIES, st.sets(st.integers(0, 12)))
def test_any_log_tells_the_same(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], glued: set[int]
) -> None:
    path = tmp_path_factory.mktemp("p") / "projects" / "P" / "S.jsonl"
    path.parent.mkdir(parents=True)
    parts = [line(record) for record in records]
    path.write_bytes(b"".join(part[:-1] if place in glued else part for place, part in enumerate(parts)))
    log = claude_code.log_at(path.parent.parent, path)
    assert log
    with pytest.MonkeyPatch.context() as monkeypatch:
        usual, parsed = chunks(log, monkeypatch)
    assert usual == parsed


def test_real_logs_tell_the_same(corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 0
    for root in ("claude", "claude-dup"):
        for log in claude_code.logs(claude_code.projects_of(corpus(root))):
            usual, parsed = chunks(log, monkeypatch)
            assert usual == parsed, log.name
            passed += sum(map(is_only_output, log.path.read_bytes().splitlines(keepends=True)))
    assert passed > 100, "the corpus has outputs to pass over"
