"""What a log of Claude Code tells beside its counts, where its logs lie, and what no fault in it may stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from claude_logs import (
    BEGIN,
    HAIKU,
    OPUS,
    Machine,
    Record,
    answer,
    compact,
    echo,
    lines,
    ms,
    prompt,
    stamp,
    tool_result,
    tool_use,
    usage,
)

from tokentrack import clock
from tokentrack.agents import claude_code, jsonl
from tokentrack.agents.values import parse_time
from tokentrack.store import logs, read, transaction, write

# ---- titles ----------------------------------------------------------------------------------------------------------

RENAME = (
    "<command-name>/rename</command-name>\n<command-message>rename</command-message>\n<command-args>{}</command-args>"
)


def renamed(text: str) -> Record:
    return {"type": "system", "subtype": "local_command", "timestamp": stamp(3), "content": RENAME.format(text)}


CUSTOM = {"type": "custom-title", "customTitle": "By hand", "sessionId": "S"}
AI = {"type": "ai-title", "aiTitle": "By the model", "sessionId": "S"}
SUMMARY = {"type": "summary", "summary": "A summary", "leafUuid": "a1"}


@pytest.mark.parametrize(
    ("records", "title"),
    [
        ([CUSTOM, renamed("Renamed"), AI, SUMMARY], "By hand"),
        ([SUMMARY, AI, renamed("Renamed")], "Renamed"),
        ([AI, SUMMARY], "By the model"),
        ([SUMMARY], "A summary"),
        ([], "Fix the cart"),
        ([renamed("Renamed"), renamed("")], "Fix the cart"),
        ([renamed("Renamed"), AI, renamed("")], "By the model"),
        ([AI, AI | {"aiTitle": "By the model, again"}], "By the model, again"),
        ([CUSTOM, CUSTOM | {"customTitle": ""}, AI], "By the model"),
        ([renamed("Old"), renamed("New")], "New"),
    ],
)
def test_the_title_is_the_last_of_the_best_kind(machine: Machine, records: list[Record], title: str) -> None:
    machine.log("P/S.jsonl", prompt(), answer(t=1), prompt("And then?", 2), *records)
    machine.scan()
    assert machine.sessions["S"].title == title


def test_other_local_commands_rename_nothing(machine: Machine) -> None:
    other = renamed("x") | {"content": "<command-name>/clear</command-name><command-args>y</command-args>"}
    machine.log("P/S.jsonl", prompt(), other)
    machine.scan()
    assert machine.sessions["S"].title == "Fix the cart"


@pytest.mark.parametrize("order", ["AB", "BA"])
@pytest.mark.parametrize("first", ["summary", "prompt"])
def test_a_summary_names_the_session_of_its_last_answer_and_never_its_own(
    machine: Machine, order: str, first: str
) -> None:
    summary, words = SUMMARY | {"leafUuid": "leaf", "summary": "What A did"}, prompt("B's words", 100)
    logs: dict[str, list[Record | bytes]] = {
        "A": [
            prompt("First words", 0, uuid="u0"),
            answer("msg_1", t=1, uuid="leaf"),
            prompt("More", 2),
            answer("msg_2", t=3),
        ],
        "B": [*((summary, words) if first == "summary" else (words, summary)), answer("msg_3", t=101)],
    }
    for name in order:
        machine.log(f"P/{name}.jsonl", *logs[name])
        machine.scan()
    assert machine.sessions["A"].title == "What A did"
    assert machine.sessions["B"].title == "B's words"


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_a_file_of_nothing_but_summaries_names_others_and_is_no_session_in_the_list(
    machine: Machine, order: str
) -> None:
    logs: dict[str, list[Record | bytes]] = {
        "A": [prompt("First words", 0), answer("msg_1", t=1, uuid="leaf")],
        "B": [SUMMARY | {"leafUuid": "leaf", "summary": "What A did"}],
    }
    for name in order:
        machine.log(f"P/{name}.jsonl", *logs[name])
        machine.scan()
    assert {name: session.title for name, session in machine.sessions.items()} == {"A": "What A did"}


def test_what_stands_before_the_first_time_stamp_is_kept_when_the_log_goes_on(machine: Machine) -> None:
    machine.log("P/S.jsonl", CUSTOM, {"type": "mode", "mode": "plan"})
    machine.scan()
    assert machine.sessions == {}
    machine.log("P/S.jsonl", prompt(), answer(), append=True)
    machine.scan()
    assert machine.sessions["S"].title == "By hand"


def test_a_first_prompt_becomes_at_most_120_characters_and_no_other_text_is_kept(machine: Machine) -> None:
    secret = "word " * 100
    machine.log(
        "P/S.jsonl", prompt(secret + "END", 0), answer(content=[{"type": "text", "text": "the answer's words"}]),
        prompt("the second prompt", 2), tool_result("toolu_1", "the output", 3, {"stdout": "the output"}),
    )  # fmt: skip
    machine.scan()
    title = machine.sessions["S"].title
    assert title
    assert len(title) == 120
    assert title.startswith("word word")
    assert title.endswith("…")
    kept = "\n".join(machine.db.iterdump())
    for text in ("END", "the answer", "the second prompt", "the output"):
        assert text not in kept


# ---- prompts and turns -----------------------------------------------------------------------------------------------

PROMPTS: list[tuple[object, str]] = [
    ("Fix it", "Fix it"),
    ([{"type": "text", "text": "Fix it"}, {"type": "image", "source": {}}], "Fix it"),
    ("<ide_opened_file>The user opened cart.py</ide_opened_file>\nFix it", "Fix it"),
    ("<ide_selection>lines 1 to 3\nx</ide_selection>Fix it", "Fix it"),
    ([{"type": "text", "text": "<ide_opened_file>x</ide_opened_file>"}, {"type": "text", "text": "Fix it"}], "Fix it"),
    ("<system-reminder>Be nice</system-reminder>\nFix it", "Fix it"),
    ("<command-message>review</command-message>\n<command-name>/review</command-name>\n<command-args>PR 4</command-args>",
     "/review PR 4"),
    ("<command-name>/review</command-name>", "/review"),
    ("< 5 is less than", "< 5 is less than"),
]  # fmt: skip

NO_PROMPTS: list[tuple[object, dict[str, object]]] = [
    ("Fix it", {"isMeta": True}),
    ("Fix it", {"isSidechain": True}),
    ("Fix it", {"isCompactSummary": True}),
    ("Fix it", {"promptSource": "system"}),
    ([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}], {}),
    ([], {}),
    (None, {}),
    ("<local-command-stdout>done</local-command-stdout>", {}),
    ("<local-command-caveat>x</local-command-caveat>", {}),
    ("<system-reminder>no end", {}),
    ("<task-notification>x</task-notification>", {}),
    ("<bash-input>ls</bash-input>", {}),
    ("<bash-stdout>x</bash-stdout>", {}),
    ("<bash-stderr>x</bash-stderr>", {}),
    ("Caveat: The messages below were generated", {}),
    ("Stop hook feedback: no", {}),
    ("[Request interrupted by user]", {}),
    ([{"type": "text", "text": "[Request interrupted by user for tool use]"}], {}),
    ("This session is being continued from a previous conversation", {}),
    ("<command-name>/clear</command-name>\n<command-args></command-args>", {}),
    ("<command-name>/compact</command-name>", {}),
    ("<command-name>/model</command-name><command-args>opus</command-args>", {}),
    ("<command-message>usage</command-message><command-name>/usage</command-name>", {}),
]


@pytest.mark.parametrize(("content", "text"), PROMPTS)
def test_a_real_prompt_begins_a_turn(machine: Machine, content: object, text: str) -> None:
    machine.log("P/S.jsonl", prompt(content), answer())
    machine.scan()
    assert machine.rows("select count(*) from turns") == [(1,)]
    assert machine.sessions["S"].title == text


@pytest.mark.parametrize(("content", "fields"), NO_PROMPTS)
def test_what_the_program_wrote_is_no_prompt(machine: Machine, content: object, fields: dict[str, object]) -> None:
    machine.log("P/S.jsonl", prompt(content, 0, **fields), answer())
    machine.scan()
    assert machine.rows("select count(*) from turns") == [(0,)]
    assert machine.sessions["S"].title is None
    assert machine.sessions["S"].turns == 1  # a session with usage has at least turn 0


def test_a_prompt_without_words_is_a_turn_without_a_title(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt([{"type": "image", "source": {}}], 0), prompt("Then this", 5))
    machine.scan()
    assert machine.sessions["S"].title == "Then this"
    assert machine.sessions["S"].turns == 2


def test_requests_belong_to_the_turn_whose_prompt_they_follow_subagents_included(machine: Machine) -> None:
    first, second = [prompt("One", 0), answer("msg_1", t=1)], [prompt("Two", 10), answer("msg_2", t=11)]
    machine.log("P/S.jsonl", answer("msg_0", t=-5), *first, *second)
    machine.log(
        "P/S/subagents/agent-1.jsonl", answer("msg_3", t=12, isSidechain=True), answer("msg_4", t=3, isSidechain=True)
    )
    machine.scan()
    uid = machine.sessions["S"].id
    assert [(turn.seq, turn.at, turn.total.requests) for turn in read.turns(machine.db, uid)] == [
        (0, ms(0), 3),
        (1, ms(10), 2),
    ]


def test_branch_and_folder_are_each_requests_own(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl", prompt(cwd="/w/shop"), answer("msg_1", t=1), answer("msg_2", t=2, gitBranch="feat/x"),
        answer("msg_3", t=3, gitBranch="feat/x", cwd="/w/shop/sub"), answer("msg_4", t=4, gitBranch=""),
    )  # fmt: skip
    machine.scan()
    session = machine.sessions["S"]
    assert session.cwd == session.project == "/w/shop"
    assert session.branches == ("feat/x", "main")
    assert {key: total.requests for key, total in read.totals_by(machine.db, "branch", read.Where())} == {
        "feat/x": 2, "main": 1, "unknown": 1
    }  # fmt: skip
    assert machine.rows("select cwd, count(*) from requests join places on places.id = place_id group by 1") == [
        ("/w/shop", 3), ("/w/shop/sub", 1)
    ]  # fmt: skip


def test_an_agents_worktree_belongs_to_its_repository(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "shop/.git").mkdir(parents=True)
    machine.log("P/S.jsonl", answer(cwd=str(tmp_path / "shop/.claude/worktrees/busy-fox")))
    machine.scan()
    assert machine.sessions["S"].project == str(tmp_path / "shop")


# ---- marks -----------------------------------------------------------------------------------------------------------


def test_marks_of_prompts_commits_and_pull_requests_are_kept(machine: Machine) -> None:
    done = "[main 1a2b3c4] SHOP-14: carts (#8)\n 1 file changed\nremote: https://github.com/acme/shop/pull/9\n"
    machine.log(
        "P/S.jsonl",
        prompt("shop-12 and #41: see https://github.com/acme/shop/issues/7, not UTF-8.1", 0),
        answer(content=[tool_use("toolu_1", "Bash", command="git add . && git commit -m 'x' && git push")]),
        tool_result("toolu_1", "…", 2, {"stdout": done}),
        {"type": "attachment", "timestamp": stamp(3), "attachment": {"type": "queued_command", "prompt": "and WEB-3"}},
        {"type": "pr-link", "prNumber": 9, "prUrl": "https://github.com/acme/shop/pull/9", "timestamp": stamp(4)},
    )
    machine.scan()
    assert machine.marks() == {
        ("key", "SHOP-12", "prompt"), ("number", "41", "prompt"), ("key", "WEB-3", "prompt"),
        ("url", "https://github.com/acme/shop/issues/7", "prompt"),
        ("commit", "1a2b3c4", "output"), ("key", "SHOP-14", "commit"), ("number", "8", "commit"),
        ("url", "https://github.com/acme/shop/pull/9", "output"), ("url", "https://github.com/acme/shop/pull/9", "pr-link"),
    }  # fmt: skip
    assert machine.rows("select distinct at from marks where kind = 'commit'") == [(ms(2),)]


def test_a_commit_is_found_where_its_result_comes_in_a_later_read(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer(content=[tool_use("toolu_1", "Bash", command="git commit -am x")]))
    machine.scan()
    machine.log("P/S.jsonl", tool_result("toolu_1", "[feat/x 1a2b3c4] Carts"), append=True)
    machine.scan()
    assert ("commit", "1a2b3c4", "output") in machine.marks()


def test_only_commands_that_commit_are_looked_at(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl", answer(content=[tool_use("toolu_1", "Bash", command="git log -3")]),
        tool_result("toolu_1", "[main 1a2b3c4] SHOP-99"), tool_result("toolu_2", "[main 1a2b3c4] SHOP-98", 3),
    )  # fmt: skip
    machine.scan()
    assert machine.marks() == set()


# ---- counters --------------------------------------------------------------------------------------------------------


def test_web_searches_of_a_result_in_a_later_read_count_for_their_request(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(content=[tool_use("toolu_1", "WebSearch", query="x")]))
    machine.scan()
    before = machine.total().list_value
    machine.log("P/S.jsonl", tool_result("toolu_1", "…", 2, {"query": "x", "searchCount": 2}), append=True)
    machine.scan()
    machine.log("P/S.jsonl", tool_result("toolu_1", "…", 2, {"query": "x", "searchCount": 2}), append=True)  # copied
    machine.scan()
    assert machine.total().web_search_requests == 2
    assert (machine.total().list_value or 0) - (before or 0) == 20_000


def test_an_advisors_pass_is_a_request_of_its_own(machine: Machine) -> None:
    passes = [
        usage(type="message"),
        usage(7, 3, type="advisor_message", model=HAIKU),
        usage(1, 1, type="fallback_message"),
    ]
    for out in (5, 10):
        machine.log("P/S.jsonl", answer(figures=usage(100, out) | {"iterations": passes}, costUSD=0.25), append=True)
    machine.scan()
    assert machine.requests == 2
    assert machine.figures(model=OPUS) == (100, 10, 0, 0)
    assert machine.figures(model=HAIKU) == (7, 3, 0, 0)
    assert machine.total().recorded_cost == 250_000  # the record's cost is told once


def test_thinking_is_part_of_the_output_and_told_apart_where_the_log_does(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_1", figures=usage(1, 30) | {"output_tokens_details": {"thinking_tokens": 12}}))
    machine.log("P/T.jsonl", answer("msg_2", figures=usage(1, 30)))
    machine.scan()
    assert (machine.sessions["S"].total.reasoning, machine.sessions["T"].total.reasoning) == (12, None)
    assert machine.total().tokens == 62


@pytest.mark.parametrize(
    ("written", "count", "told"),
    [
        (None, 0, False), ("12", 12, False), (" 12.0 ", 12, False), (12.0, 12, False), (True, 0, False), ({}, 0, False),
        ([1], 0, False), (-1, 0, True), ("-7", 0, True), (10**9, 10**9, False), (10**9 + 1, 0, True), (10**30, 0, True),
        ("lots", 0, True), ("", 0, True), (float("inf"), 0, True), (float("nan"), 0, True), ("1e999", 0, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["input_tokens", "cache_creation_input_tokens", "output_tokens"])
def test_an_odd_counter_costs_only_itself(machine: Machine, kind: str, written: object, count: int, told: bool) -> None:
    figures = usage(0, 0, 0, 77) | {kind: written}
    machine.log("P/S.jsonl", answer(figures=figures), answer("msg_2", t=2, figures=usage(0, 0, 0, 1)))
    report = machine.scan()
    total = machine.total()
    assert total.input + total.cache_write_5m + total.output == count
    assert total.cache_read == 78
    reasons = [reason.partition(" at ")[0] for _, reason in report.problems]
    assert [reason in ("impossible token count", "a counter is no number") for reason in reasons] == [True] * told


@pytest.mark.parametrize("cost", [1e30, -1, "lots", float("inf")])
def test_an_odd_cost_is_none(machine: Machine, cost: object) -> None:
    machine.log("P/S.jsonl", answer(), answer("msg_2", t=2) | {"costUSD": cost})
    assert machine.scan().problems == []
    assert machine.rows("select recorded_cost from requests") == [(None,), (None,)]


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("2026-11-20T08:00:00.000Z", ms()), ("2026-11-20T10:00:00+02:00", ms()), ("2026-11-20T08:00:00", ms()),
        (BEGIN.timestamp(), ms()), (ms(), ms()), ("soon", None), ("", None), (0, None), (-5, None), (1e300, None),
        ("9999-12-31T23:59:59Z", None), ("0001-01-01T00:00:00Z", None), (None, None), (float("nan"), None),
    ],
)  # fmt: skip
def test_a_time_is_read_or_unknown(stamp: object, at: int | None) -> None:
    assert parse_time(stamp) == at


def test_a_record_without_a_time_has_that_of_the_one_before(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(t=5), answer("msg_1", timestamp=None), answer("msg_2", timestamp="soon"))
    machine.scan()
    assert machine.rows("select key, at from requests order by 1") == [("msg_1", ms(5)), ("msg_2", None)]


def test_a_request_of_no_known_time_counts_in_all_totals_but_those_of_a_day(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(timestamp=None))
    machine.scan()
    assert machine.requests == 1
    assert machine.total(since=0).requests == 0
    assert machine.total().list_value is None  # a price has a date


# ---- bad input -------------------------------------------------------------------------------------------------------

GOOD = compact(answer("msg_good", t=9))

BAD: dict[str, bytes] = {
    "not JSON": b'{"type":"assistant","message":{"usage"',
    "a list": b'[{"type":"assistant"}]',
    "a number": b"17",
    "NUL bytes": b"\0" * 5000,
    "invalid UTF-8": b'{"type":"user","message":{"content":"\xff\xfe"}',
    "deeply nested": b'{"type":"user","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a message that is none": b'{"type":"assistant","message":"hello"}',
    "usage that is a list": b'{"type":"assistant","message":{"id":"msg_x","usage":[1]}}',
    "usage that is a text": b'{"type":"assistant","message":{"id":"msg_x","usage":"much"}}',
    "a content of numbers": b'{"type":"user","message":{"content":[1,2,{"type":7}]}}',
    "a type that is none": b'{"type":{"a":1},"message":{}}',
    "an odd attachment": b'{"type":"attachment","attachment":["queued_command"]}',
    "an odd progress": b'{"type":"progress","data":{"message":{"message":{"usage":[]}},"usage":1}}',
    "an odd result": b'{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":5}]},"toolUseResult":7}',
    "an odd title": b'{"type":"custom-title","customTitle":{"a":1}}',
    "an odd system record": b'{"type":"system","subtype":"local_command","content":[1]}',
    "a huge number": b'{"type":"assistant","timestamp":1e999,"message":{"usage":{"input_tokens":'
    + b"9" * 6000
    + b"}}}",
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_line_costs_only_itself(machine: Machine, fault: str) -> None:
    path = machine.log("P/S.jsonl", prompt(), BAD[fault], GOOD)
    machine.log("P/T.jsonl", answer("msg_other"))
    report = machine.scan()
    assert machine.requests == 2
    assert {log for log, _ in report.problems} <= {str(path)}
    assert len(report.problems) <= 1
    assert machine.scan().logs_read == 0


@pytest.mark.parametrize("fault", ["not JSON", "invalid UTF-8", "deeply nested", "a number"])
def test_a_line_that_cannot_be_read_is_told_with_its_place(machine: Machine, fault: str) -> None:
    first = prompt()
    path = machine.log("P/S.jsonl", first, BAD[fault], GOOD)
    report = machine.scan()
    place = len(compact(first)) + 1
    assert [(log, reason.rpartition(" ")[2]) for log, reason in report.problems] == [(str(path), str(place))]
    assert [(one.log, one.problem.offset) for one in logs.faults(machine.db, "claude-code")] == [(str(path), place)]


def test_invalid_utf8_inside_a_text_loses_no_figures(machine: Machine) -> None:
    broken = compact(answer(content=[{"type": "text", "text": "GAP"}])).replace(b"GAP", b"\xff\xc3")
    machine.log("P/S.jsonl", compact(prompt("GAP")).replace(b"GAP", b"a\xffb"), broken)
    machine.scan()
    assert machine.requests == 1
    assert machine.sessions["S"].title == "a�b"


def test_half_a_surrogate_loses_neither_figures_nor_title(machine: Machine) -> None:
    machine.log("P/S.jsonl", compact(prompt("GAP")).replace(b"GAP", rb"cart \ud83d here"), answer(gitBranch="x\ud83d"))
    machine.scan()
    assert machine.requests == 1
    assert machine.sessions["S"].title == "cart ? here"


def test_a_byte_order_mark_is_no_fault(machine: Machine) -> None:
    machine.log("P/S.jsonl", b"\xef\xbb\xbf" + compact(answer()))
    report = machine.scan()
    assert machine.requests == 1
    assert not report.problems


def test_nul_bytes_before_a_record_lose_nothing(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_1"), b"\0" * 4096 + compact(answer("msg_2", t=2)))
    machine.scan()
    assert machine.requests == 2


def test_a_line_of_five_megabytes_is_read(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl",
        tool_result("toolu_1", "x" * (5 << 20)),
        answer(content=[{"type": "text", "text": "y" * (5 << 20)}]),
    )
    machine.scan()
    assert machine.requests == 1


def test_a_line_longer_than_any_is_skipped_and_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "BLOCK", 1 << 10)
    monkeypatch.setattr(jsonl, "LONGEST", 4 << 10)
    first = answer("msg_1")
    path = machine.log("P/S.jsonl", first, prompt("x" * 9000), answer("msg_2", t=2))
    report = machine.scan()
    assert machine.requests == 2
    assert [(log, "longer" in reason) for log, reason in report.problems] == [(str(path), True)]
    assert report.bytes_read == path.stat().st_size


def test_a_log_larger_than_one_part_is_read_in_parts(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "BLOCK", 1 << 10)
    monkeypatch.setattr(jsonl, "PART", 4 << 10)
    machine.log("P/S.jsonl", prompt(), *(answer(f"msg_{n}", t=n) for n in range(200)))
    report = machine.scan()
    assert machine.requests == 200
    assert report.logs_read == 1
    assert machine.scan().logs_read == 0


def test_an_empty_file_is_no_session(machine: Machine) -> None:
    machine.log("P/S.jsonl")
    report = machine.scan()
    assert not machine.sessions
    assert not report.problems


# ---- where logs lie --------------------------------------------------------------------------------------------------

IGNORED = [
    "S.jsonl", "P/S/subagents/workflows/w/journal.jsonl", "P/S/journal.jsonl", "P/memory/notes.jsonl", "P/S/tool-results/x.jsonl",
    "P/S/workflows/wf_1.jsonl", "P/S.jsonl.backup", "P/sessions-index.json", "P/S/subagents/agent-1.meta.json",
]  # fmt: skip


@pytest.mark.parametrize("name", IGNORED)
def test_other_files_are_no_logs(machine: Machine, name: str) -> None:
    path = machine.log(name, answer("msg_no"))
    machine.log("P/T.jsonl", answer("msg_yes"))
    report = machine.scan()
    assert (report.logs, machine.requests) == (1, 1)
    assert claude_code.log_at(machine.projects, path) is None


def test_a_folder_or_a_pipe_named_like_a_log_is_none(machine: Machine) -> None:
    (machine.projects / "P/x.jsonl").mkdir(parents=True)
    os.mkfifo(machine.projects / "P/pipe.jsonl")
    machine.log("P/S.jsonl", answer())
    report = machine.scan()
    assert (report.logs, machine.requests, report.problems) == (1, 1, [])


def test_a_flat_file_of_a_subagent_belongs_to_the_session_on_its_lines(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1"))
    machine.log("P/agent-1f.jsonl", answer("msg_2", isSidechain=True), answer("msg_3", isSidechain=True, t=2))
    machine.scan()
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"S": 3}


def test_the_session_of_a_flat_file_may_be_told_late(machine: Machine) -> None:
    record = answer("msg_2", isSidechain=True)
    del record["sessionId"]
    machine.log("P/agent-1f.jsonl", record)
    machine.scan()
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"agent-1f": 1}
    machine.log("P/agent-1f.jsonl", answer("msg_3", isSidechain=True, t=2), append=True)
    machine.scan()
    counts = {name: session.total.requests for name, session in machine.sessions.items()}
    assert counts["S"] == machine.requests == 2


def test_every_place_where_the_agent_may_keep_logs_is_read(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{home}/one, ~/two ,{home}/three/projects,, {home}/projects, ")
    monkeypatch.chdir(home)
    desktop = "local-agent-mode-sessions/app/workspace/local_1/.claude/projects"
    places = [
        ".claude/projects", ".config/claude/projects", "one/projects", "two/projects", "three/projects", "projects/projects",
        f".config/Claude/{desktop}", f"Library/Application Support/Claude/{desktop}", f"AppData/Roaming/Claude/{desktop}",
    ]  # fmt: skip
    for number, place in enumerate(places):
        machine.write(home / place / "P/S.jsonl", lines([answer(f"msg_{number}")]))
    report = machine.scan()
    assert {key for (key,) in machine.rows("select key from requests")} == {f"msg_{n}" for n in range(len(places))}
    assert report.logs == len(places)


def test_roots_of_the_settings_are_read_too(machine: Machine, tmp_path: Path) -> None:
    machine.write(tmp_path / "old/projects/P/S.jsonl", lines([answer()]))
    with transaction(machine.db):
        write.set_setting(machine.db, "roots.claude-code", f'["{tmp_path}/old/projects"]')
    machine.scan()
    assert machine.requests == 1


def test_a_root_that_two_links_lead_to_is_read_once(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.log("P/S.jsonl", answer())
    (home / "link").symlink_to(home / ".claude")
    (home / ".config/claude").parent.mkdir(exist_ok=True)
    (home / ".config/claude").symlink_to(home / ".claude")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "link"))
    assert machine.scan().logs == 1


def test_no_root_at_all_is_no_error(machine: Machine) -> None:
    report = machine.scan()
    assert (report.logs, report.problems) == (0, [])


# ---- sub-agents' echoes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"type": "user"}, {"isApiErrorMessage": True}])
def test_an_echo_of_anything_but_an_answer_counts_nothing(machine: Machine, change: dict[str, Any]) -> None:
    inner = answer("msg_s", model=HAIKU)
    machine.log("P/S.jsonl", prompt(), echo(inner | change))
    machine.scan()
    assert machine.requests == 0


def test_gateways_that_answer_with_one_constant_id_are_told_apart_by_the_prompts_figures(machine: Machine) -> None:
    records: list[Record | bytes] = []
    for turn in range(3):
        records += [
            prompt(t=10 * turn),
            *(answer("gen", None, 10 * turn + n, figures=usage(5, n, 0, turn)) for n in (1, 9)),
        ]
    machine.log("P/S.jsonl", *records)
    machine.scan()
    assert machine.requests == 3
    assert machine.figures() == (15, 27, 0, 3)


def test_errors_of_the_api_are_no_requests(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("x", isApiErrorMessage=True), answer("y", model="<synthetic>"))
    machine.scan()
    assert machine.requests == 0


def test_local_days_hold_at_both_ends(machine: Machine) -> None:
    day = clock.day_of(ms())
    machine.log("P/S.jsonl", *(answer(f"msg_{n}", timestamp=t) for n, t in enumerate(
        ["2026-11-19T23:59:59.999Z", "2026-11-20T00:00:00.000Z", "2026-11-20T23:59:59.999Z", "2026-11-21T00:00:00.000Z"]
    )))  # fmt: skip
    machine.scan()
    assert machine.total(since=clock.start_of(day), until=clock.start_of(day + clock.DAY)).requests == 2


def test_searches_that_only_a_fork_tells_of_count_for_the_session_that_owns_the_request(machine: Machine) -> None:
    asked = answer(content=[tool_use("toolu_1", "WebSearch", query="x")])
    machine.log("P/A.jsonl", prompt(t=0), asked)
    machine.scan()
    machine.log("P/B.jsonl", prompt(t=0.5), asked, tool_result("toolu_1", "…", 2, {"searchCount": 2}))
    machine.scan()
    assert machine.sessions["A"].total == machine.total()
    assert machine.total().web_search_requests == 2


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_a_fork_behind_a_gateway_counts_its_copied_search_once(machine: Machine, order: str) -> None:
    """Its requests have a key for each session, its tool uses have not."""
    for name in order:
        asked = answer("gen", None, content=[tool_use("toolu_1", "WebSearch", query="x")])
        machine.log(f"P/{name}.jsonl", prompt(), asked, tool_result("toolu_1", "…", 2, {"searchCount": 2}))
        machine.scan()
    machine.scan(full=True)
    assert machine.sessions["A"].total.web_search_requests == machine.total().web_search_requests == 2


def test_links_in_a_circle_and_into_nothing_stop_nothing(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer())
    for place in ("loop", "P/loop", "P/loop.jsonl"):
        (machine.projects / place).symlink_to(machine.projects / place)
    (machine.projects / "nowhere").symlink_to("nothing")
    for place, target in {"all": machine.projects, "above": machine.home, "P/back": machine.projects / "P"}.items():
        (machine.projects / place).symlink_to(target)
    report = machine.scan()
    assert (report.logs, machine.requests, report.problems) == (1, 1, [])
    assert set(machine.sessions) == {"S"}


@pytest.mark.parametrize("linked", ["P", "P/S", "P/S/subagents", "P/S/subagents/workflows"])
def test_a_linked_folder_is_read_wherever_it_stands(machine: Machine, tmp_path: Path, linked: str) -> None:
    """AC 37: folders are read the same way for all agents."""
    machine.log("P/S/subagents/workflows/w/agent-1f.jsonl", answer("msg_2", isSidechain=True))
    (machine.projects / linked).rename(tmp_path / "elsewhere")
    (machine.projects / linked).symlink_to(tmp_path / "elsewhere")
    assert machine.scan().logs == 1
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"S": 1}
