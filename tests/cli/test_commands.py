"""Every command: its JSON has exactly the documented fields, its words go where they belong, its exit code says what happened."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import HAIKU, Machine, answer, prompt, usage
from command_line import Result, Run

from tokentrack import cli
from tokentrack.store import open_store, transaction

TOTAL = (
    "requests input output reasoning cache_read cache_write_5m cache_write_1h tokens web_search_requests recorded_cost "
    "list_value unpriced_requests"
).split()
SESSION = [
    *"id agent native_id title project cwd branches started_at ended_at turns tokens_from tasks unlinked_turns".split(), *TOTAL
]  # fmt: skip
COMMANDS = (
    "tray scan today usage sessions session why task suggest link unlink accept reject undo redo rule prices reprice doctor "
    "import hook demo budget plan charge backup restore"
).split()


def process(*arguments: str, options: tuple[str, ...] = (), without: tuple[str, ...] = (), **more: str) -> Result:
    """The same as a process of its own."""
    env = {name: value for name, value in os.environ.items() if name not in without} | more
    done = subprocess.run(
        [sys.executable, *options, "-m", "tokentrack", *arguments],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def filled(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Two sessions, of which one used a model that has no price, on one Friday."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    first = [
        prompt("Fix SHOP-12", 0),
        answer("msg_1", t=1, model=HAIKU, figures=usage(1000, 100, 0, 50), gitBranch="feat/x"),
    ]
    machine.log("P/aaa1.jsonl", *first, prompt("And?", 60), answer("msg_2", t=61, model=HAIKU))
    machine.log("P/aaa2.jsonl", answer("msg_3", t=90, model="mystery", cwd="/w/other"))
    machine.scan()
    return machine


# ---- JSON ------------------------------------------------------------------------------------------------------------


def test_scan_tells_what_it_read(run: Run, machine: Machine) -> None:
    path = machine.log("P/S.jsonl", answer(), b"not JSON")
    result = run("scan", "--json")
    assert list(result.json) == "logs logs_read bytes_read requests_new requests_changed problems seconds".split()
    size = path.stat().st_size
    assert result.json | {"seconds": 0} == {
        "logs": 1, "logs_read": 1, "bytes_read": size, "requests_new": 1, "requests_changed": 0, "seconds": 0,
        "problems": [{"log": str(path), "reason": f"not JSON at byte {size - 9}"}],
    }  # fmt: skip
    assert (result.code, result.err) == (0, "")
    assert run("scan", "--json").json["logs_read"] == 0
    again = run("scan", "--json", "--full").json
    assert (again["logs_read"], again["requests_new"], again["bytes_read"]) == (1, 0, size)
    assert run("scan", "--agent", "claude-code", "--json").code == 0


def test_today_has_the_documented_fields(run: Run, filled: Machine) -> None:
    told = run("today", "--json").json
    assert list(told) == ["today", "week", "budget", "paid_this_week", "unlinked", "repriced_requests"]
    assert list(told["today"]) == list(told["week"]) == TOTAL
    assert told["today"] == told["week"]
    assert told["today"] == {
        "requests": 3, "input": 1200, "output": 120, "reasoning": None, "cache_read": 50, "cache_write_5m": 0,
        "cache_write_1h": 0, "tokens": 1370, "web_search_requests": 0, "recorded_cost": None,
        "list_value": 1000 + 500 + 5 + 100 + 50, "unpriced_requests": 1,
    }  # fmt: skip
    assert told["budget"] is None
    assert told["unlinked"] == {"sessions": 2, "list_value": 1655, "unpriced_requests": 1}


def test_the_clock_can_be_replaced(run: Run, filled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-21T00:00:00Z")
    told = run("today", "--json").json
    assert (told["today"]["requests"], told["week"]["requests"]) == (0, 3)
    assert (told["today"]["list_value"], told["today"]["tokens"]) == (0, 0)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-23T00:00:00+00:00")
    assert run("today", "--json").json["week"]["requests"] == 0


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("day", ["2026-11-20"]), ("week", ["2026-W47"]), ("month", ["2026-11"]), ("agent", ["claude-code"]),
        ("model", [HAIKU, "mystery"]), ("project", ["/w/other", "/w/shop"]), ("branch", ["feat/x", "main"]), ("session", None),
    ],
)  # fmt: skip
def test_usage_by_every_key_adds_up_to_its_total(run: Run, filled: Machine, by: str, keys: list[str] | None) -> None:
    told = run("usage", "--by", by, "--json").json
    assert list(told) == ["by", "rows", "total"]
    assert told["by"] == by
    assert all(list(row) == ["key", *TOTAL] for row in told["rows"])
    assert list(told["total"]) == TOTAL
    found = [row["key"] for row in told["rows"]]
    assert found == (keys or sorted(session.id for session in filled.sessions.values()))
    for kind in TOTAL:
        assert sum(row[kind] or 0 for row in told["rows"]) == (told["total"][kind] or 0)
    assert [row["list_value"] for row in told["rows"] if row["requests"] == row["unpriced_requests"]] in ([], [None])
    for row in told["rows"]:  # AC 24
        figure = run("why", f"{by}:{row['key']}", "--json").json["figure"]
        assert [figure[kind] for kind in TOTAL] == [row[kind] for kind in TOTAL]


def test_usage_by_day_is_what_it_is_without_a_key(run: Run, filled: Machine) -> None:
    assert run("usage", "--json").json == run("usage", "--by", "day", "--json").json


@pytest.mark.parametrize(
    ("options", "requests"),
    [
        (["--since", "2026-11-20"], 3), (["--since", "2026-11-21"], 0), (["--until", "2026-11-20"], 3),
        (["--until", "2026-11-19"], 0),
        (["--since", "2026-11-20", "--until", "2026-11-20"], 3), (["--agent", "claude-code"], 3), (["--agent", "codex"], 0),
        (["--project", "shop"], 2), (["--project", "/w/other"], 1), (["--project", "/w/other/"], 1),
        (["--project", "unknown"], 0),
    ],
)  # fmt: skip
def test_usage_of_some_days_agents_and_projects(run: Run, filled: Machine, options: list[str], requests: int) -> None:
    told = run("usage", "--json", *options).json
    assert told["total"]["requests"] == sum(row["requests"] for row in told["rows"]) == requests


def test_sessions_and_one_session_have_the_documented_fields(run: Run, filled: Machine) -> None:
    told = run("sessions", "--json").json
    assert list(told) == ["sessions"]
    assert [session["native_id"] for session in told["sessions"]] == ["aaa2", "aaa1"]  # the newest first
    assert all(list(session) == SESSION for session in told["sessions"])
    other, first = told["sessions"]
    assert (other["list_value"], other["unpriced_requests"], other["turns"], other["project"]) == (
        None,
        1,
        1,
        "/w/other",
    )
    assert first | dict.fromkeys(TOTAL) | {"id": ""} == dict.fromkeys(TOTAL) | {
        "id": "", "agent": "claude-code", "native_id": "aaa1", "title": "Fix SHOP-12", "project": "/w/shop", "cwd": "/w/shop",
        "branches": ["feat/x", "main"], "started_at": "2026-11-20T08:00:00.000Z", "ended_at": "2026-11-20T08:01:01.000Z",
        "turns": 2, "tokens_from": "recorded", "tasks": [], "unlinked_turns": 2,
    }  # fmt: skip

    for name in (first["id"], first["id"][:6], "aaa1"):
        one = run("session", name, "--json").json
        assert list(one) == ["session", "turns", "suggestions", "links"]
        assert one["session"] == first
        assert all(list(turn) == ["seq", "at", "branch", "task", *TOTAL] for turn in one["turns"])
        assert [(turn["seq"], turn["branch"], turn["requests"]) for turn in one["turns"]] == [
            (0, "feat/x", 1),
            (1, "main", 1),
        ]
        assert sum(turn["tokens"] for turn in one["turns"]) == first["tokens"]


@pytest.mark.parametrize(
    ("options", "found"),
    [([], 2), (["--since", "2026-11-20"], 2), (["--since", "2026-11-21"], 0), (["--until", "2026-11-19"], 0), (["--unlinked"], 2),
     (["--agent", "codex"], 0)],
)  # fmt: skip
def test_sessions_of_some_days(run: Run, filled: Machine, options: list[str], found: int) -> None:
    assert len(run("sessions", "--json", *options).json["sessions"]) == found


def test_why_has_the_documented_fields(run: Run, filled: Machine) -> None:
    told = run("why", "today", "--json").json
    assert list(told) == ["figure", "requests"]
    wanted = {"id", "log", "offset", "row", "raw", "rule", "usage", "price", "list_value"}
    assert all(wanted <= set(row) for row in told["requests"])
    row = told["requests"][0]
    assert (row["id"], row["row"], row["list_value"]) == ("msg_1", None, 1505)
    assert set(row["price"]) >= {"model", "from", "per_mtok"}
    assert row["usage"] == {"input": 1000, "output": 100, "cache_read": 50, "cache_write_5m": 0, "cache_write_1h": 0}
    assert row["raw"] == usage(1000, 100, 0, 50)
    assert told["requests"][2]["price"] is None
    assert sum(row["list_value"] or 0 for row in told["requests"]) == told["figure"]["list_value"]
    for name in ("day:2026-11-20", "week:2026-W47", "aaa1", "msg_3", f"model:{HAIKU}"):
        assert run("why", name, "--json").json["requests"]


def test_why_reads_again_when_asked(run: Run, filled: Machine) -> None:
    told = run("why", "today", "--again", "--json").json["requests"]
    assert {row["again"]["state"] for row in told} == {"same"}
    assert "Read again: 3 of 3 the same." in run("why", "today", "--again").out
    for log in filled.projects.rglob("*.jsonl"):
        log.unlink()
    out = run("why", "today", "--again").out
    assert "Read again: 0 of 3 the same." in out
    assert "msg_1: The log is gone" in out
    assert "again" not in run("why", "today", "--json").json["requests"][0]


def test_doctor_has_the_documented_fields(run: Run, filled: Machine) -> None:
    told = run("doctor", "--json").json
    assert {"agents", "unpriced", "store"} <= set(told)
    agent = next(entry for entry in told["agents"] if entry["agent"] == "claude-code")
    assert {"agent", "roots", "logs", "requests", "problems"} <= set(agent)
    assert (agent["agent"], agent["logs"], agent["requests"], agent["problems"]) == ("claude-code", 2, 3, [])
    assert {"path": str(filled.projects), "found": True} in agent["roots"]
    assert all(list(root) == ["path", "found"] for root in agent["roots"])
    assert told["unpriced"] == [{"model": "mystery", "requests": 1}]
    assert told["store"]["bytes"] > 0


def test_doctor_tells_where_it_looked_when_the_store_is_what_ails(
    run: Run, filled: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("no database" * 100, encoding="utf-8")
    monkeypatch.setenv("TOKENTRACK_STORE", str(broken))
    told = run("doctor", "--json")
    assert told.code == 1
    agent = told.json["agents"][0]
    assert agent["roots"][0]["found"]
    assert agent["logs"] is agent["requests"] is None  # unknown is never 0
    assert told.json["problems"] == [told.err.strip()]
    assert agent["roots"][0]["path"] in run("doctor").out


def test_ac10_a_week_that_is_open_says_that_its_prices_are_of_another_list(run: Run, filled: Machine) -> None:
    def told() -> list[int]:
        week, today = run("review", "--json").json["week"], run("today", "--json").json
        return [run("doctor", "--json").json["repriced"], week["repriced_requests"], today["repriced_requests"]]

    def told_of_own() -> int:
        return run("doctor", "--json").json["repriced_by_own"]

    assert told() == [0, 0, 0]
    assert "another list" not in run("doctor").out + run("review").out + run("today").out
    with transaction(filled.db):
        filled.db.execute("update prices set rates = json_replace(rates, '$.input', 1), source = 'an older list'")
    assert told() == [2, 2, 2]
    said = "2 requests at prices of another list than today's; `tokentrack reprice` tells what would change\n"
    assert told_of_own() == 0
    assert said in run("doctor").out
    assert said in run("review").out
    assert f"This week: {said}" in run("today").out
    run("prices", "set", "claude-haiku-4-5", "--input", "3", "--output", "15")
    assert told() == [2, 2, 2]
    assert told_of_own() == 2
    own = "2 requests at a price that your own prices changed since; `tokentrack reprice` tells what would change\n"
    for command in ("doctor", "review", "today"):
        assert own in run(command).out
        assert "another list" not in run(command).out
    run("review", "close")
    assert told() == [0, 0, 0]
    assert "reprice" not in run("today").out


def test_doctor_names_what_a_restore_that_was_killed_left(run: Run, filled: Machine) -> None:
    left = filled.store.with_name(f"{filled.store.name}.abcd_123.part")
    left.touch()
    (problem,) = run("doctor", "--json").json["problems"]
    assert problem.startswith(f"{left} is of a restore that was ended halfway;")


def test_prices_in_force(run: Run, filled: Machine) -> None:
    told = run("prices", "--json").json
    assert [price["model"] for price in told["prices"]] == [HAIKU]
    assert told["unpriced"] == ["mystery"]
    assert told["prices"][0]["per_mtok"]["input"] == 1_000_000
    assert run("prices", "claude-sonnet-4-5", "--json").json["prices"][0]["tiers"][0]["above"] == 200_000
    result = run("prices", "mystery")
    assert result.code == 0
    assert "unknown" in result.out
    assert "free" in result.out


def test_a_budget_is_set_shown_and_met_by_today(run: Run, filled: Machine) -> None:
    assert run("budget", "show", "--json").json == {"budgets": []}
    told = run("budget", "set", "0.002", "usd", "week", "--from", "2026-11-02", "--json").json
    entry = {"measure": "list_value", "amount": 2000, "period": "week", "project": None, "from": "2026-11-02"}
    more = {"unpriced_requests": 1, "at_least": False}  # `mystery` is in it
    assert told == {"budgets": [entry | {"id": 1, "in_force": True, "in_tray": True, "used": 1655, **more}]}
    assert run("today", "--json").json["budget"] == {
        "measure": "list_value", "amount": 2000, "used": 1655, "period": "week", **more
    }  # fmt: skip
    run("budget", "set", "5000", "tokens", "day")
    more["unpriced_requests"] = 0
    assert run("today", "--json").json["budget"] == {
        "measure": "tokens", "amount": 5000, "used": 1370, "period": "day", **more
    }  # fmt: skip
    shown = run("budget", "show", "--json").json["budgets"]
    assert [(entry["measure"], entry["from"]) for entry in shown] == [
        ("list_value", "2026-11-02"),
        ("tokens", "2026-11-20"),
    ]
    run("budget", "set", "9", "usd", "month", "--from", "2026-12-01")
    assert run("today", "--json").json["budget"]["measure"] == "tokens"  # not in force yet
    assert "\nToday 1.4 k of 5.0 k tokens planned" in run("today").out


def test_a_copy_is_written_and_put_back(run: Run, filled: Machine, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "copy.db")).code == 0
    filled.log("P/T.jsonl", answer("msg_9"))
    assert run("scan", "--json").json["requests_new"] == 1
    filled.close()
    result = run("restore", str(tmp_path / "copy.db"))
    assert result.code == 0
    kept = f"{filled.store}.before-restore"
    assert kept in result.out
    assert run("usage", "--json").json["total"]["requests"] == 3
    assert run("scan", "--json").json["requests_new"] == 1
    again = run("restore", kept, "--json")
    assert again.json == {"restored": str(filled.store), "kept": f"{kept}-2"}
    assert run("usage", "--json").json["total"]["requests"] == 4
    assert "is nothing that “tokentrack backup” wrote" in run("backup", str(filled.projects / "P/T.jsonl")).err
    filled.db = open_store(filled.store)


def test_a_damaged_store_is_restored_on_the_command_line(run: Run, filled: Machine, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "copy.db"))
    filled.close()
    filled.store.write_bytes(b"damage" * 9000)
    refused = run("today")
    assert (refused.code, refused.out) == (1, "")
    assert run("restore", str(tmp_path / "copy.db")).code == 0
    assert run("usage", "--json").json["total"]["requests"] == 3
    filled.db = open_store(filled.store)


def test_the_store_may_be_named(run: Run, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.log("P/S.jsonl", answer())
    store = tmp_path / "other/my.db"
    assert run("--store", str(store), "scan", "--json").json["requests_new"] == 1
    assert store.exists()
    assert machine.requests == 0
    monkeypatch.setenv("TOKENTRACK_STORE", str(store))
    assert run("usage", "--json").json["total"]["requests"] == 1


# ---- words for people ------------------------------------------------------------------------------------------------


def test_what_people_read_goes_to_standard_output_and_warnings_beside_it(run: Run, filled: Machine) -> None:
    path = filled.log("P/T.jsonl", b"not JSON")
    result = run("scan")
    assert "3 logs" in result.out
    assert "not JSON" not in result.out
    assert str(path) in result.err
    for arguments in (
        ["today"],
        ["usage"],
        ["sessions"],
        ["session", "aaa1"],
        ["why", "today"],
        ["doctor"],
        ["prices"],
    ):
        result = run(*arguments)
        assert result.code == 0
        assert result.out.strip()
        assert result.err == ""


def test_ac5_people_read_unknown_and_never_nothing(run: Run, filled: Machine) -> None:
    for arguments in (["today"], ["usage"], ["sessions"], ["why", "today"]):
        assert "unknown" in run(*arguments).out
    for arguments, name in (
        (["usage", "--by", "model"], "mystery"),
        (["sessions"], "other"),
        (["why", "today"], "msg_3"),
    ):
        (line,) = [line for line in run(*arguments).out.splitlines() if name in line]
        assert "unknown" in line
        assert "$" not in line


def test_a_fresh_store_says_what_to_do(run: Run, home: Path) -> None:
    result = run("today")
    assert (result.code, "tokentrack scan" in result.out) == (0, True)
    assert run("today", "--json").json["today"]["requests"] == 0
    assert run("sessions", "--json").json == {"sessions": []}
    assert run("why", "today", "--json").json["requests"] == []


def test_without_any_log_people_are_told_where_to_look(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC 5: nothing found is not $0. Scripts read the documented fields as ever."""
    for name in NO_DISPLAY:
        monkeypatch.delenv(name, raising=False)
    sentence = "No logs were found; `tokentrack doctor` tells where it looked.\n"
    assert run("scan") == run("today") == (0, sentence, "")
    assert run("tray").out == sentence
    assert run("scan", "--json").json["logs"] == run("today", "--json").json["today"]["requests"] == 0
    assert "not there" in run("doctor").out
    run("budget", "set", "40", "usd", "week")
    assert run("today").out == f"{sentence}This week $0.00 of $40.00 (list value) planned\n"


def test_nonsense_in_the_persons_prices_is_a_warning_beside_the_figures(run: Run, filled: Machine) -> None:
    filled.store.with_name("prices.toml").write_text("[[price]]\nmodel = 'x'\n")
    for arguments in (["scan"], ["scan", "--json"], ["prices"]):
        result = run(*arguments)
        assert result.code == 0
        assert result.err.count("\n") == 1
        assert "input is missing" in result.err
    assert run("doctor", "--json").json["problems"]


# ---- wrong usage -----------------------------------------------------------------------------------------------------

WRONG = [
    ["nothing"], ["--nothing"], ["today", "extra"], ["usage", "--by", "mood"], ["usage", "--since", "soon"],
    ["usage", "--since", "2026-13-01"], ["usage", "--until", "9999-12-31"], ["usage", "--since", "0001-01-01"],
    ["session"], ["why"], ["why", "paid month:2026-11", "--again"],
    ["scan", "--agent", "nobody"], ["budget"], ["budget", "set"], ["budget", "set", "much", "usd", "week"],
    ["budget", "set", "0", "usd", "week"], ["budget", "set", "nan", "usd", "week"], ["budget", "set", "inf", "usd", "week"],
    ["budget", "set", "--", "-5", "usd", "week"], ["budget", "set", "1", "eur", "week"], ["budget", "set", "1", "usd", "year"],
    ["budget", "set", "1e300", "usd", "week"], ["budget", "set", "1", "usd", "week", "--from", "soon"], ["backup"], ["restore"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_is_two_with_a_reason(run: Run, machine: Machine, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.strip()
    assert "Traceback" not in result.err


FAILING = [
    ["session", "zzz"],
    ["why", "zzz"],
    ["why", "day:soon"],
    ["why", ""],
    ["why", "session:zzz"],
    ["why", "model:zzz"],
    ["why", "agent:zzz"],
    ["why", "project:zzz"],
    ["why", "paid soon"],
    ["why", "what-if week:2026-W47 model:zzz"],
    ["why", "share week:2026-W47 agent:zzz"],
    ["usage", "--project", "zzz"],
    ["usage", "--project", "/w/zzz"],
    ["session", "zzz", "--json"],
    ["why", "zzz", "--json"],
    ["restore", "/nowhere/copy.db"],
    ["backup", "/nowhere/copy.db"],
]


@pytest.mark.parametrize("arguments", FAILING, ids=" ".join)
def test_a_plain_failure_is_one_with_one_line(run: Run, filled: Machine, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert "Something went wrong" not in result.err


def test_a_beginning_that_means_several_sessions_lists_them(run: Run, filled: Machine) -> None:
    for command in ("session", "why"):
        result = run(command, "aaa", "--json")
        assert (result.code, result.out) == (1, "")
        assert all(session.id in result.err for session in filled.sessions.values())


def test_a_name_that_is_one_sessions_whole_id_is_that_session(run: Run, filled: Machine) -> None:
    filled.log("P/aaa.jsonl", answer("msg_8", t=99))
    filled.scan()
    assert run("session", "aaa", "--json").json["session"]["native_id"] == "aaa"


def test_any_arguments_end_in_an_exit_code_and_no_traceback(
    run: Run, filled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred calls of words and nonsense."""
    monkeypatch.chdir(filled.home)
    chance = random.Random(7)
    words = [
        "--json", "--full", "--agent", "claude-code", "--since", "--until", "2026-11-20", "--by", "session", "aaa", "aaa1", "",
        "%",
        "day:2026-11-20", "model:", "week:2026-W00", "-1", "x" * 300, "\x00", "ünï", "'; drop table requests; --", "--project",
        "msg_1", "set", "show", "1e9", "usd", "tokens", "week", "--help", "--unlinked", "2026-02-30", "--measure", "paid",
        "add", "list", "edit", "merge", "import", "start", "remove", "none", "branch", "--turns", "2..4", "4..2", "--file",
        "--all", "--git", "--estimate", "PAY-12",
    ]  # fmt: skip
    for _ in range(100):
        command = chance.choice([name for name in COMMANDS if name not in ("tray", "demo", "backup", "restore")])
        result = run(command, *chance.choices(words, k=chance.randrange(5)))
        told = (command, result)
        assert result.code in (0, 1, 2), told
        assert "Traceback" not in result.err + result.out, told
        assert "Something went wrong" not in result.err, told
        assert result.code == 0 or result.err, told
    assert filled.requests == 3


def test_help_names_every_command(run: Run) -> None:
    """In the words its own help begins with: they stand beside the names, so that no command is imported for them."""
    told = run("--help")
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= 80
    assert run("--version").code == 0
    for command, (_, said) in cli.COMMANDS.items():
        assert f"\n  {command} " in told.out
        own = run(command, "--help")
        assert own.code == 0
        assert f" {said}" in " ".join(own.out.split())


# ---- as processes ----------------------------------------------------------------------------------------------------

NO_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def test_the_tray_without_a_display_prints_today_and_says_so(run: Run, filled: Machine) -> None:
    """Also where one is named that cannot be reached: Qt would abort the process."""
    filled.log("P/T.jsonl", answer("msg_9", t=100))
    for arguments, named in ((["tray"], {}), ([], {"DISPLAY": "unix:4077", "WAYLAND_DISPLAY": "wayland-9"})):
        result = process(*arguments, without=NO_DISPLAY, **named)
        assert result.code == 0
        assert "No display" in result.err
        assert len(result.err.splitlines()) == 1
        assert result.out == run("today").out
    assert filled.requests == 4  # it reads what is new first


def test_the_demo_is_filled_and_leaves_the_home_untouched(home: Path, tmp_path: Path) -> None:
    own = home / ".claude/projects/P/S.jsonl"
    desktop = home / "AppData/Roaming/Claude/local-agent-mode-sessions/a/b/local_1/.claude/projects/P/T.jsonl"
    for path in (own, desktop):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(answer(f"msg_{path.stem}", figures=usage(10**9, 0))) + "\n")
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    result = process("demo", without=NO_DISPLAY, TMPDIR=str(tmp_path))
    assert result.code == 0, result.err
    assert "Today" in result.out
    assert " B " not in result.out.split("To link")[0], "counted the person's own logs"
    assert "8 sessions" in result.out
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    assert not list(tmp_path.iterdir())


def test_the_zone_is_that_of_the_environment(run: Run, filled: Machine) -> None:
    late = answer("msg_late", timestamp="2026-11-20T23:30:00Z")
    filled.log("P/L.jsonl", late)
    filled.scan()
    here, there = run("usage", "--json"), process("usage", "--json", TZ="Asia/Tokyo")
    assert [row["key"] for row in here.json["rows"]] == ["2026-11-20"]
    assert [row["key"] for row in there.json["rows"]] == ["2026-11-20", "2026-11-21"]


def test_today_opens_no_socket_and_imports_only_what_it_needs(filled: Machine) -> None:
    """The guard in every child process stops internet sockets and notes them, which fails this test afterwards."""
    result = process("today", "--json", options=("-X", "importtime"))
    assert result.code == 0
    assert result.json["today"]["requests"] == 3
    loaded = {line.rpartition("|")[2].strip() for line in result.err.splitlines()}
    assert "tokentrack.store" in loaded
    for heavy in (
        "sqlite_utils",
        "genai_prices",
        "PySide6",
        "rich",
        "watchdog",
        "hypothesis",
        "platformdirs",
        "ssl",
        "asyncio",
    ):
        assert not {name for name in loaded if name == heavy or name.startswith(heavy + ".")}, heavy


def test_a_reader_that_stops_listening_is_no_trouble(filled: Machine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "tokentrack", "sessions", "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr


def test_a_log_that_is_unreadable_stops_no_command(run: Run, filled: Machine) -> None:
    link = filled.projects / "P/broken.jsonl"
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs Linux")
    link.symlink_to("/proc/self/mem")
    assert run("scan").code == 0
    result = run("today")
    assert result.code == 0
    assert str(link) in result.err
    with closing(open_store(filled.store)) as db:
        assert db.execute("select count(*) from requests").fetchone()[0] == 3


def test_every_command_prints_one_document(run: Run, filled: Machine, tmp_path: Path) -> None:
    """cli.md, Everywhere: `COMMAND [--json]`."""
    copy = str(tmp_path / "copy.db")
    assert run("backup", copy, "--json").json == {"backup": copy, "bytes": Path(copy).stat().st_size}
    told = run("restore", copy, "--json").json
    assert told["restored"] == str(filled.store)
    assert Path(told["kept"]).exists()
    assert run("tray", "--json").json == run("today", "--json").json
    done = subprocess.run([sys.executable, "-m", "tokentrack", "demo", "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["today"]["requests"] > 0


def test_ac5_the_first_faults_of_a_figure_are_told_and_how_many_more(run: Run, machine: Machine) -> None:
    bad = usage(1, 1) | {"input_tokens": -5}
    machine.log("P/S.jsonl", *(answer(f"msg_{n}", f"r{n}", t=n, figures=bad) for n in range(25)))
    machine.scan()
    told = run("why", "all").out
    assert told.count("impossible token count") == 20
    assert told.endswith("… and 5 more with such a fault; --json has each.\n")
    assert sum(one["fault"] == "impossible token count" for one in run("why", "all", "--json").json["requests"]) == 25
