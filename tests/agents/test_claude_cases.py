"""The counting cases K1 to K32, one test each: small logs as Claude Code writes them, through the whole pipeline.

Figures are (input, output, cache write, cache read), as the cases give them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from claude_logs import (
    BEGIN,
    HAIKU,
    OPUS,
    Machine,
    answer,
    compact,
    echo,
    lines,
    prompt,
    stamp,
    tool_result,
    tool_use,
    usage,
)

from tokentrack import clock
from tokentrack.pricing import published
from tokentrack.review.usage import totals
from tokentrack.store import read
from tokentrack.store.read import Where


def test_k01_two_records_of_one_answer_are_one_request(machine: Machine) -> None:
    machine.log("P/S.jsonl", *(answer(figures=usage(100, out, 10, 5)) for out in (25, 250)))
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (100, 250, 10, 5)


def test_k02_the_largest_output_counts_and_not_the_last(machine: Machine) -> None:
    machine.log("P/S.jsonl", *(answer(figures=usage(100, out, 10, 5)) for out in (250, 1)))
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (100, 250, 10, 5)


@pytest.mark.parametrize("name", ["msg_1", "gen-1"])
def test_k03_without_a_request_id_it_is_still_one_request(machine: Machine, name: str) -> None:
    machine.log("P/S.jsonl", *(answer(name, None, figures=usage(100, out, 10, 5)) for out in (25, 250)))
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (100, 250, 10, 5)


def test_k04_without_a_message_id_other_requests_are_two(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(None, "req_1", 1), answer(None, "req_2", 2))
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (200, 20, 0, 0)


@pytest.mark.parametrize(("name", "requests", "output"), [("msg_1", 1, 30), ("chatcmpl-1", 2, 50)])
def test_k05_an_id_of_the_api_names_one_answer_whatever_the_request_id(
    machine: Machine, name: str, requests: int, output: int
) -> None:
    machine.log("P/S.jsonl", *(answer(name, f"req_{out}", figures=usage(5, out)) for out in (20, 30)))
    machine.scan()
    assert machine.requests == requests
    assert machine.total().output == output


def side_question(name: str, request: str, cached: int, out: int) -> dict[str, object]:
    return answer(name, request, 5, figures=usage(0, out, 0, cached), isSidechain=True)


def test_k06_the_main_record_beats_its_replay_in_a_side_question(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1", "req_1", figures=usage(0, 10, 0, 20)))
    machine.log(
        "P/S/subagents/agent-aside_question-1.jsonl",
        side_question("msg_1", "req_9", 50_000, 10),
        side_question("msg_2", "req_2", 700, 30),
    )
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (0, 40, 0, 720)


def test_k07_a_main_record_read_later_replaces_the_replay_and_a_smaller_one_does_not(machine: Machine) -> None:
    machine.log("P/S/subagents/agent-aside_question-1.jsonl", side_question("msg_1", "req_9", 50_000, 10))
    machine.scan()
    assert machine.figures() == (0, 10, 0, 50_000)

    machine.log("P/S.jsonl", answer("msg_1", "req_1", figures=usage(0, 10, 0, 20)))
    machine.scan()
    assert machine.figures() == (0, 10, 0, 20)

    machine.log("P/S.jsonl", answer("msg_1", "req_3", figures=usage(0, 4, 0, 60_000)), append=True)
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (0, 10, 0, 20)


def test_k08_synthetic_answers_are_no_requests(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl", answer("msg_1", figures=usage(100, 25)), answer("x", model="<synthetic>", figures=usage(7, 3))
    )
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (100, 25, 0, 0)
    assert read.models(machine.db) == [OPUS]


def test_k09_an_answer_of_zeros_lists_the_session_and_counts_nothing(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(figures=usage(0, 0)))
    machine.scan()
    assert machine.sessions["S"].total.requests == machine.requests == 0


def test_k10_an_answer_without_usage_is_no_error(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(figures=False), answer("msg_2", figures=[]), answer("msg_3", figures=None))
    report = machine.scan()
    assert not report.problems
    assert machine.requests == 1


@pytest.mark.parametrize("first", ["A", "B"])
def test_k11_a_fork_adds_only_its_own(machine: Machine, first: str) -> None:
    own = [prompt(t=0), answer("msg_1", t=1), answer("msg_2", t=90)]
    copies = [record | {"sessionId": "B"} for record in own]
    both = {"A": own, "B": [*copies, answer("msg_3", t=100_000, figures=usage(7, 7), sessionId="B")]}
    for session in (first, "B" if first == "A" else "A"):
        machine.log(f"P/{session}.jsonl", *both[session])
        machine.scan()
    assert machine.figures() == (207, 27, 0, 0)
    assert machine.sessions["A"].total.requests == 2
    assert machine.sessions["B"].total.requests == 1
    days = dict(totals(machine.db, "day", Where()))
    assert {day: total.requests for day, total in days.items()} == {"2026-11-20": 2, "2026-11-21": 1}


@pytest.mark.parametrize("first", ["parent", "child"])
def test_k12_the_fullest_copy_counts_and_the_earlier_session_owns_it(machine: Machine, first: str) -> None:
    logs = {
        "parent": [prompt(t=0), answer("msg_1", t=1, figures=usage(100, 5))],
        "child": [prompt(t=0.5), answer("msg_1", t=1, figures=usage(100, 631))],
    }
    for name in (first, "child" if first == "parent" else "parent"):
        machine.log(f"P/{name}.jsonl", *logs[name])
        machine.scan()
    assert machine.requests == 1
    assert machine.sessions["parent"].total.output == 631
    assert machine.sessions["child"].total.requests == 0


def test_k13_a_subagents_requests_belong_to_the_parents_session_and_project(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1"))
    machine.log("P/S/subagents/agent-x.jsonl", answer("msg_2", isSidechain=True, cwd="/w/shop-worktree"))
    machine.scan()
    assert list(machine.sessions) == ["S"]
    session = machine.sessions["S"]
    assert session.total.requests == 2
    assert session.project == "/w/shop"
    assert machine.total(project="/w/shop").requests == 2


@pytest.mark.parametrize("path", ["P/S.jsonl", "P/S/chat.jsonl", "P/S/subagents/w.jsonl"])
def test_k14_every_shape_of_path_names_session_and_project(machine: Machine, path: str) -> None:
    machine.log(path, answer())
    machine.scan()
    assert list(machine.sessions) == ["S"]
    assert machine.total(project="shop").requests == 1


def nested(out: int) -> dict[str, object]:
    inner = answer("msg_s", "req_s", 3, model=HAIKU, figures=usage(20, out))
    return {name: inner[name] for name in ("type", "timestamp", "requestId", "message")}


@pytest.mark.parametrize("first", ["parent", "subagent"])
def test_k15_an_echo_of_a_subagents_answer_gives_way_to_its_own_file(machine: Machine, first: str) -> None:
    logs = {
        "parent": ("P/S.jsonl", [prompt(), echo(nested(2), 3)]),
        "subagent": (
            "P/S/subagents/agent-ab12.jsonl",
            [answer("msg_s", "req_s", 3, figures=usage(20, 40), isSidechain=True)],
        ),
    }
    for name in (first, "subagent" if first == "parent" else "parent"):
        path, records = logs[name]
        machine.log(path, *records)
        machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (20, 40, 0, 0)
    assert machine.sessions["S"].tokens_from == "recorded"


def test_k16_an_echo_that_no_file_holds_counts_once_as_partial(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1", t=1), echo(nested(2), 3), echo(nested(2), 4))
    machine.scan()
    assert machine.requests == 2
    assert machine.total(model=HAIKU).input == 20
    assert machine.sessions["S"].tokens_from == "partial"


def test_k17_two_records_glued_on_one_line_are_both_read(machine: Machine) -> None:
    glued = compact(answer("msg_1")) + compact({"type": "summary", "summary": "Cart total", "leafUuid": "a1"})
    machine.log("P/S.jsonl", prompt("Something else"), glued, answer("msg_2", t=2))
    report = machine.scan()
    assert machine.requests == 2
    assert machine.sessions["S"].title == "Cart total"
    assert not report.problems


def test_k18_a_half_written_line_counts_once_it_is_whole(machine: Machine) -> None:
    whole, half = lines([answer("msg_1")]), compact(answer("msg_2", t=2))
    path = machine.write(machine.projects / "P/S.jsonl", whole + half[:100])
    report = machine.scan()
    assert machine.requests == 1
    assert not report.problems

    machine.write(path, half[100:] + b"\n", append=True)
    machine.scan()
    assert machine.figures() == (200, 20, 0, 0)


def test_k19_blank_and_broken_lines_are_skipped(machine: Machine) -> None:
    machine.log("P/S.jsonl", b"", answer("msg_1"), b"   \t", b'{"type":"assis', b"", answer("msg_2", t=2), b"")
    report = machine.scan()
    assert machine.requests == 2
    assert [reason.partition(" at byte")[0] for _, reason in report.problems] == ["not JSON 8 characters into the line"]


def test_k20_json_with_spaces_reads_like_compact_json(machine: Machine) -> None:
    spaced = json.dumps(answer(figures=usage(100, 25, 10, 5)), separators=(" , ", " : ")).encode()
    machine.log("P/S.jsonl", spaced)
    machine.scan()
    assert machine.figures() == (100, 25, 10, 5)


def test_k21_iterations_that_repeat_the_figures_are_not_added(machine: Machine) -> None:
    once = usage(100, 25, 10, 5)
    machine.log("P/S.jsonl", answer(figures=once | {"iterations": [once | {"type": "message"}, once]}))
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (100, 25, 10, 5)


def split(five: object, hour: object) -> dict[str, object]:
    return {"cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}}


@pytest.mark.parametrize(("flat", "five", "hour"), [(300, 100, 200), (None, 100, 200), (300, 0, 200), (300, None, 200)])
def test_k22_a_cache_write_is_counted_once_and_split_by_its_time_to_live(
    machine: Machine, flat: object, five: object, hour: object
) -> None:
    machine.log("P/S.jsonl", answer(figures=usage(1, 1, flat) | split(five, hour)))
    machine.scan()
    assert (machine.total().cache_write_5m, machine.total().cache_write_1h) == (100, 200)


def test_k23_where_split_and_flat_figure_disagree_the_rest_is_five_minutes(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(figures=usage(1, 1, 999) | split(10, 20)))
    machine.scan()
    assert (machine.total().cache_write_5m, machine.total().cache_write_1h) == (979, 20)


def test_k24_cache_writes_of_an_hour_cost_twice_the_input(machine: Machine) -> None:
    price = published.find(HAIKU, "", clock.to_ms(BEGIN))
    assert price is not None
    assert price.rates.input == 1_000_000  # $1: so the case's own figures, a thousandfold
    figures = usage(0, 0, 30_000, 30_000) | split(10_000, 20_000)
    machine.log("P/S.jsonl", answer(model=HAIKU, figures=figures))
    machine.scan()
    assert machine.total().list_value == 55_500


def test_k25_cache_writes_of_unknown_kind_cost_as_five_minutes(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model=HAIKU, figures=usage(0, 0, 10_000)))
    machine.scan()
    assert machine.total().list_value == 12_500


def test_k26_fast_answers_have_the_same_tokens_and_a_price_of_their_own(machine: Machine) -> None:
    figures = usage(1000, 1000, 0, 0)
    for speed in ("standard", "fast"):
        name, model = f"msg_{speed}", "claude-opus-4-6"
        machine.log(f"P/{speed}.jsonl", answer(name, model=model, figures=figures | {"speed": speed}))
    machine.scan()
    fast, standard = (machine.sessions[name].total for name in ("fast", "standard"))
    assert (fast.input, fast.output) == (standard.input, standard.output) == (1000, 1000)
    assert standard.list_value == 30_000
    assert fast.list_value == 6 * standard.list_value
    assert {row[0] for row in machine.rows("select variant from prices")} == {"", "fast"}


@pytest.mark.parametrize("field", ["model", "sessionId", "speed", "content"])
def test_k27_a_field_that_is_null_loses_no_request(machine: Machine, field: str) -> None:
    record = answer(figures=usage(100, 25))
    owner = record if field == "sessionId" else record["message"]["usage"] if field == "speed" else record["message"]
    owner[field] = None
    machine.log("P/S.jsonl", record)
    machine.scan()
    assert machine.sessions["S"].total.requests == 1
    assert machine.figures() == (100, 25, 0, 0)
    assert read.unpriced(machine.db) == ([("unknown", 1)] if field == "model" else [])


def test_k28_a_request_without_a_model_counts_as_unknown(machine: Machine) -> None:
    record = answer(figures=usage(100, 25))
    del record["message"]["model"]
    machine.log("P/S.jsonl", record)
    machine.scan()
    assert machine.figures() == (100, 25, 0, 0)
    assert [key for key, _ in totals(machine.db, "model", Where())] == ["unknown"]
    assert machine.total().list_value is None


def test_k29_the_variable_may_name_the_projects_folder_itself(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "elsewhere/projects"))
    machine.write(home / "elsewhere/projects/P/S.jsonl", lines([answer()]))
    machine.scan()
    assert machine.requests == 1


@pytest.mark.parametrize(("counter", "found", "right"), [(3, None, 3), (0, 4, 4), (3, 4, 3), (0, None, 0)])
def test_k30_web_searches_come_from_the_counter_or_else_from_the_result(
    machine: Machine, counter: int, found: int | None, right: int
) -> None:
    figures = usage() | {"server_tool_use": {"web_search_requests": counter}}
    asked = answer(figures=figures, content=[tool_use("toolu_1", "WebSearch", query="x")])
    machine.log("P/S.jsonl", asked, tool_result("toolu_1", t=2, result={"query": "x", "searchCount": found}))
    machine.scan()
    assert machine.total().web_search_requests == right
    price = machine.total().list_value
    assert price is not None
    assert price % 10_000 == (100 * 5 + 10 * 25)
    assert price // 10_000 == right  # a cent each


def test_k31_a_session_of_a_usage_probe_has_no_tokens(machine: Machine) -> None:
    command = (
        "<command-name>/usage</command-name>\n<command-message>usage</command-message>\n<command-args></command-args>"
    )
    machine.log("P/S.jsonl", prompt(command))
    machine.scan()
    assert machine.requests == 0
    assert all(session.total.tokens == session.turns == 0 for session in machine.sessions.values())


def test_k32_a_request_late_in_the_evening_belongs_to_the_next_local_day(
    machine: Machine, timezone: Callable[[str], None]
) -> None:
    late = answer(t=0)
    late["timestamp"] = "2026-07-20T23:30:00.000Z"
    machine.log("P/S.jsonl", late)
    machine.scan()
    for zone, day in {"UTC": "2026-07-20", "Europe/Berlin": "2026-07-21"}.items():
        timezone(zone)
        assert [key for key, _ in totals(machine.db, "day", Where())] == [day]
        assert machine.total(since=clock.start_of(date.fromisoformat(day))).requests == 1
    assert os.environ["TZ"] == "Europe/Berlin"
    assert stamp() == "2026-11-20T08:00:00.000Z"
