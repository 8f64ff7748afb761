"""`task`, `link`, `unlink`, `accept`, `reject`, `undo`, `rule`: sessions belong to tasks, from the command line alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claude_logs import HAIKU, Machine, answer, prompt, usage
from command_line import Result, Run
from waiting import PAYMENTS, session

TOTAL = (
    "requests input output reasoning cache_read cache_write_5m cache_write_1h tokens web_search_requests recorded_cost "
    "list_value unpriced_requests"
).split()
TASK = ["id", "key", "title", "url", "project", "status", "outcome", "created_at"]
SUGGESTION = ["session", "native_id", "turns", "task", "tier", "preselected", "reasons"]


@pytest.fixture
def filled(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Two sessions in /w/shop of three turns and of one, and one in /w/api of a model without a price."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    turns = [
        record
        for n in range(3)
        for record in (
            prompt(f"Step {n}", 60 * n, gitBranch="feat/PAY-12-refunds"),
            answer(
                f"msg_{n}", t=60 * n + 1, model=HAIKU, figures=usage(1000 * (n + 1), 0), gitBranch="feat/PAY-12-refunds"
            ),
        )
    ]
    machine.log("P/aaa1.jsonl", *turns)
    tidy = {"gitBranch": "tidy-cart"}
    machine.log(
        "P/bbb1.jsonl",
        prompt("Look around", 500, **tidy),
        answer("msg_b", t=501, model=HAIKU, figures=usage(7000, 0), **tidy),
    )
    machine.log("P/ccc1.jsonl", prompt("Try", 900, cwd="/w/api"), answer("msg_c", t=901, model="mystery", cwd="/w/api"))
    machine.scan()
    return machine


@pytest.fixture
def add(run: Run) -> Callable[..., str]:
    def made(title: str = "Refunds", *more: str, key: str | None = "PAY-12", project: str = "shop") -> str:
        result = run("task", "add", title, *(("--key", key) if key else ()), "--project", project, *more, "--json")
        assert result.code == 0, result.err
        return result.json["task"]["id"]

    return made


def spans(result: Result) -> list[tuple[int, int | None, str | None]]:
    assert result.code == 0, result.err
    return [(*link["turns"], link["task"]) for link in result.json["links"]]


def unlinked(run: Run) -> dict[str, Any]:
    return run("today", "--json").json["unlinked"]


# ---- tasks -----------------------------------------------------------------------------------------------------------


def test_a_task_has_the_documented_fields_and_the_total_of_its_links(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    task = add("Refunds", "--url", "https://example.test/PAY-12", "--size", "M")
    told = run("task", "show", "PAY-12", "--json").json["task"]
    assert list(told)[: len(TASK)] == TASK
    assert list(told)[-len(TOTAL) :] == TOTAL
    assert {name: told[name] for name in TASK} == {
        "id": task, "key": "PAY-12", "title": "Refunds", "url": "https://example.test/PAY-12", "project": "/w/shop",
        "status": "open", "outcome": None, "created_at": "2026-11-20T12:00:00.000Z",
    }  # fmt: skip
    assert (told["requests"], told["list_value"]) == (0, 0)
    run("link", "aaa1", "PAY-12", "--turns", "1..")
    run("link", "ccc1", "PAY-12")
    listed = run("task", "list", "--json").json
    assert list(listed) == ["tasks"]
    told = listed["tasks"][0]
    assert (told["requests"], told["input"], told["list_value"], told["unpriced_requests"]) == (3, 5100, 5000, 1)
    assert "+ unknown" in run("task", "list").out  # AC 5
    assert "+ unknown" in run("task", "show", task).out


def test_a_task_is_edited_finished_reopened(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    task, other = add(), add("Later", key=None)
    told = run(
        "task",
        "edit",
        other,
        "--title",
        " Much  later ",
        "--key",
        "PAY-13",
        "--follow-up-of",
        task,
        "--private",
        "--json",
    )
    assert (told.json["task"]["title"], told.json["task"]["key"], told.json["task"]["follow_up_of"]) == (
        "Much later",
        "PAY-13",
        task,
    )
    assert run("task", "edit", other, "--key", "", "--json").json["task"]["key"] is None
    assert (
        run("task", "finish", task, "decided-not-to", "--note", "Too dear", "--json").json["task"]["outcome"]
        == "decided not to"
    )
    assert [one["key"] for one in run("task", "list", "--status", "finished", "--json").json["tasks"]] == ["PAY-12"]
    assert run("task", "reopen", "pay-12", "--json").json["task"]["status"] == "open"
    history = run("task", "show", task, "--json").json["outcomes"]
    assert [(one["outcome"], one["note"]) for one in history] == [("decided not to", "Too dear"), (None, "")]
    assert run("task", "finish", task, "glorious").code == 2
    assert run("task", "edit", task).code == 2
    assert run("task", "edit", task, "--follow-up-of", task).code == 1


@pytest.mark.parametrize(
    ("typed", "what", "low", "high"),
    [("20..60", "spend", 20_000_000, 60_000_000), ("$0.50..$2", "spend", 500_000, 2_000_000), ("4h..8h", "with_ai", 240, 480),
     ("4..8h", "with_ai", 240, 480), ("30m..1.5h", "with_ai", 30, 90), ("5..5", "spend", 5_000_000, 5_000_000)],
)  # fmt: skip
def test_an_estimate_is_a_range_of_list_value_or_of_time_with_the_agent(
    run: Run, filled: Machine, add: Callable[..., str], typed: str, what: str, low: int, high: int
) -> None:
    task = add("Refunds", "--estimate", typed)
    told = run("task", "show", task, "--json").json["estimates"]
    assert [(one["what"], one["low"], one["high"], one["spent"]) for one in told] == [(what, low, high, 0)]
    assert "list value" in run("task", "add", "--help").out


@pytest.mark.parametrize("typed", ["20", "8..4", "4h..8", "a..b", "-1..4", "1..2d", ""])
def test_what_is_no_estimate_is_wrong_usage(run: Run, filled: Machine, typed: str) -> None:
    assert run("task", "add", "x", "--estimate", typed).code == 2


def test_two_tasks_with_one_key_in_one_project_are_refused_in_a_sentence(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    task = add()
    result = run("task", "add", "Again", "--key", "PAY-12", "--project", "/w/shop", "--json")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"PAY-12 is the key of another task in shop: {task} Refunds.\n"
    assert add("There", project="api") != task
    result = run("task", "show", "PAY-12")
    assert result.code == 1
    assert task in result.err  # the candidates
    assert run("link", "aaa1", "PAY-12", "--json").json["links"][0]["task"] == task  # that of the session's project


def test_what_is_no_text_is_refused_in_a_sentence(run: Run, filled: Machine) -> None:
    for command in (("task", "show"), ("session",), ("task", "add", "x", "--url")):
        result = run(*command, "\udcff")
        assert (result.code, result.err.count("\n")) == (1, 1)
        assert "Something went wrong" not in result.err
    assert run("task", "add", " a\x00 \n b ", "--json").json["task"]["title"] == "a b"
    assert run("task", "add", " \t ").code == 2


def test_a_task_and_a_rule_are_named_by_any_unique_beginning(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    ids = [add(f"Task {n}", key=None) for n in range(40)]
    first = next(name for name in ids if sum(other[:2] == name[:2] for other in ids) == 1)
    assert run("task", "show", first[:2], "--json").json["task"]["id"] == first
    several = next(name[0] for name in ids if sum(other[0] == name[0] for other in ids) > 1)
    result = run("task", "show", several)
    assert (result.code, result.out) == (1, "")
    assert all(name in result.err for name in ids if name[0] == several)
    rule = run("rule", "add", "branch", "feat/y", first, "--json").json["rule"]["id"]
    assert run("rule", "pause", rule[:1]).code == 0
    assert run("rule", "pause", "zz").err == "No rule is called zz.\n"


def test_a_deleted_task_makes_its_turns_wait_and_undo_brings_it_back(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    task = add()
    run("link", "aaa1", task)
    before = run("task", "list", "--json").json
    waiting = unlinked(run)
    assert waiting["sessions"] == 2
    assert run("task", "delete", task).code == 0
    assert unlinked(run)["sessions"] == 3
    told = run("undo", "--json").json
    assert (told["undone"], [link["task"] for link in told["links"]]) == ("Deleted PAY-12 Refunds", [task])
    assert run("task", "list", "--json").json == before
    assert unlinked(run) == waiting
    assert run("redo").out == "Done again: Deleted PAY-12 Refunds.\n"


def test_a_merge_is_one_step(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    one, other = add(), add("Refund retries", key="PAY-13")
    run("link", "aaa1", one, "--turns", "0..1")
    run("link", "aaa1", other, "--turns", "2..")
    merged = run("task", "merge", one, other, "--json").json["task"]
    assert (merged["id"], merged["key"], merged["input"]) == (one, "PAY-12", 6000)
    assert run("task", "show", other).code == 1
    run("undo")
    assert [task["input"] for task in run("task", "list", "--json").json["tasks"]] == [3000, 3000]


def test_start_declares_and_links_nothing(
    run: Run, filled: Machine, add: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = add()
    monkeypatch.chdir(tmp_path)
    assert run("task", "start", "PAY-12", "--json").json["task"]["id"] == task
    assert unlinked(run)["sessions"] == 3
    assert filled.rows("select folder from declarations") == [(str(tmp_path),)]
    assert run("task", "start", "OPS-7").code == 1


# ---- import ----------------------------------------------------------------------------------------------------------


def test_a_csv_of_tasks_is_taken_once_and_bad_rows_are_named(run: Run, filled: Machine, tmp_path: Path) -> None:
    file = tmp_path / "tasks.csv"
    file.write_text(
        "Title,key,project,created_at,colour\n"
        "Refunds,PAY-12,shop,2026-11-01T10:00:00Z,red\n"
        "Webhooks,PAY-13,/w/shop,2026-11-02,\n"
        ",PAY-14,shop,,\n"
        "Nowhere,PAY-15,nowhere,,\n"
        "Later,PAY-16,shop,soon,\n"
        "Refunds again,pay-12,shop,,\n"
        "\n"
        "No key,,,,\n"
        "No key,,,2026-11-03,\n",
        encoding="utf-8",
    )
    told = run("task", "import", str(file), "--json").json
    assert [(task["key"], task["created_at"]) for task in told["tasks"]] == [
        ("PAY-12", "2026-11-01T10:00:00.000Z"), ("PAY-13", "2026-11-02T00:00:00.000Z"), (None, "2026-11-20T12:00:00.000Z"),
        (None, "2026-11-03T00:00:00.000Z"),
    ]  # fmt: skip
    assert (told["new"], told["known"]) == (4, 1)
    assert told["rejected"] == [
        {"line": 4, "reason": "it has no title"},
        {"line": 5, "reason": "no project is called nowhere; give its path, or scan first"},
        {"line": 6, "reason": "soon is no time like 2026-11-22T18:00:00Z"},
    ]
    again = run("task", "import", str(file))
    assert again.out == "0 new, 5 known, 3 not taken.\n"
    assert again.err.startswith("line 4: it has no title\n")
    assert len(run("task", "list", "--json").json["tasks"]) == 4
    assert run("undo", "--json").json["undone"] == "Imported tasks from tasks.csv"
    assert run("task", "list", "--json").json["tasks"] == []


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"key\nPAY-12\n", "has no column title"), (b"", "has no column title"), (b"title\n\xff\n", "is no UTF-8 text"),
     (b'title\n"open\n' + b"x" * 200_000, "is no CSV")],
)  # fmt: skip
def test_what_is_no_csv_of_tasks_is_told_in_one_sentence(
    run: Run, filled: Machine, tmp_path: Path, data: bytes, told: str
) -> None:
    file = tmp_path / "tasks.csv"
    file.write_bytes(data)
    result = run("task", "import", str(file))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert told in result.err
    assert run("task", "import", str(tmp_path / "no.csv")).code == 1
    assert run("task", "import").code == 2


def test_tasks_are_imported_from_the_local_history_and_again_changes_nothing(
    run: Run, filled: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From branches that carry keys; nothing newer than the clock is used, so the commits are made before it."""
    for whose in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{whose}_DATE", "2026-11-19T12:00:00Z")
    shop = home / "shop"

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(shop), *arguments], check=True, capture_output=True)

    shop.mkdir()
    git("init", "-b", "main")
    git("config", "user.email", "test@example.invalid")
    git("commit", "--allow-empty", "-m", "Begin")
    for branch in ("feat/PAY-31-refund-idempotency", "feat/PAY-32-webhooks", "chore/tidy"):
        git("switch", "-c", branch, "main")
        git("commit", "--allow-empty", "-m", f"On {branch}")
    told = run("task", "import", "--git", str(shop), "--json")
    assert told.code == 0, told.err
    assert sorted(task["key"] for task in told.json["tasks"]) == ["PAY-31", "PAY-32"]
    assert {task["project"] for task in told.json["tasks"]} == {str(shop)}
    assert run("task", "import", "--git", str(shop), "--json").json["tasks"] == []
    result = run("task", "import", "--git", str(home / "nothing"))
    assert (result.code, result.err.count("\n")) == (1, 1)


# ---- links -----------------------------------------------------------------------------------------------------------


def test_a_session_is_linked_cut_and_linked_anew(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    task, other = add(), add("Webhooks", key="PAY-13")
    assert run("link", "aaa1", "PAY-12", "--json").json == {
        "links": [{"session": filled.sessions["aaa1"].id, "task": task, "turns": [0, None], "source": "manual"}]
    }
    assert spans(run("link", "aaa1", task, "--json")) == [(0, None, task)]  # the very same changes nothing
    result = run("link", "aaa1", other, "--turns", "1..")
    assert (result.code, result.out) == (1, "")
    assert "linked to PAY-12 Refunds" in result.err
    assert "`tokentrack unlink" in result.err
    assert spans(run("unlink", "aaa1", "--turns", "1..", "--json")) == [(0, 0, task)]
    assert spans(run("link", "aaa1", other, "--turns", "1", "--json")) == [(1, 1, other)]
    assert spans(run("link", "aaa1", "none", "--turns", "2..2", "--json")) == [(2, 2, None)]
    told = run("session", "aaa1", "--json").json
    assert (told["session"]["tasks"], told["session"]["unlinked_turns"]) == ([task, other], 0)
    assert [turn["task"] for turn in told["turns"]] == [task, other, None]
    assert [link["turns"] for link in told["links"]] == [[0, 0], [1, 1], [2, 2]]
    assert "no task" in run("session", "aaa1").out
    assert run("unlink", "aaa1", "--json").json == {"links": []}
    assert run("session", "aaa1", "--json").json["session"]["unlinked_turns"] == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["aaa1", "PAY-12", "--turns", "3.."], 1), (["aaa1", "PAY-12", "--turns", "2..1"], 2),
     (["aaa1", "PAY-12", "--turns", "x"], 2), (["aaa1", "PAY-99"], 1),
     (["zzz", "PAY-12"], 1), (["aaa1"], 2), ([], 2), (["aaa1", "PAY-12", "--file", "x.csv"], 2),
     (["--file", "no.csv"], 1)],
)  # fmt: skip
def test_what_cannot_be_linked_is_told_and_changes_nothing(
    run: Run, filled: Machine, add: Callable[..., str], arguments: list[str], code: int
) -> None:
    add()
    result = run("link", *arguments)
    assert (result.code, result.out) == (code, "")
    assert unlinked(run)["sessions"] == 3


def test_ac3_usage_by_task_and_by_outcome_add_up(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    task, other = add(), add("Webhooks", key="PAY-13")
    run("link", "aaa1", task, "--turns", "0..0")
    run("link", "aaa1", other, "--turns", "1..1")
    run("link", "bbb1", "none")
    run("task", "finish", other, "learned")
    for by, keys in (
        ("task", {task, other, "no task", "unlinked"}),
        ("outcome", {"open", "learned", "no task", "unlinked"}),
    ):
        told = run("usage", "--by", by, "--json").json
        assert {row["key"] for row in told["rows"]} == keys
        for field in ("requests", "input", "tokens", "unpriced_requests"):
            assert sum(row[field] for row in told["rows"]) == told["total"][field]
        assert sum(row["list_value"] or 0 for row in told["rows"]) == told["total"]["list_value"] == 13_000
    waits = unlinked(run)
    assert waits == {"sessions": 2, "list_value": 3000, "unpriced_requests": 1}
    assert {row["key"]: row["list_value"] for row in told["rows"]}["unlinked"] == waits["list_value"]
    assert "PAY-12 Refunds" in run("usage", "--by", "task").out
    assert [session["native_id"] for session in run("sessions", "--unlinked", "--json").json["sessions"]] == [
        "ccc1",
        "aaa1",
    ]


def test_a_file_of_links_is_taken_and_bad_rows_are_named(
    run: Run, filled: Machine, add: Callable[..., str], tmp_path: Path
) -> None:
    task = add()
    file = tmp_path / "links.csv"
    file.write_text(
        f"session,task,turns\naaa1,PAY-12,0..1\naaa1,none,2..\nbbb1,{task},\nbbb1,PAY-12,0..0\nccc1,OPS-7,\nzzz,PAY-12,\n"
        "ccc1,none,9..4\n",
        encoding="utf-8",
    )
    told = run("link", "--file", str(file), "--json")
    assert spans(told) == [(0, 1, task), (2, None, None), (0, None, task)]
    assert [row["line"] for row in told.json["rejected"]] == [5, 6, 7, 8]
    assert "No task is called OPS-7" in told.err
    again = run("link", "--file", str(file))
    assert "3 linked, 4 not taken." in again.out  # the very same again changes nothing
    assert run("undo").out == "Taken back: Linked by links.csv.\n"
    assert unlinked(run)["sessions"] == 3


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (["link", "--file"], "session,task\nzzz,none\n"),
        (["task", "import"], "title,created_at\nRefunds,soon\n"),
        (["charge", "import"], "date,amount\nsoon,5\n"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_a_file_of_which_no_row_was_taken_is_a_failure_that_names_the_rows(
    run: Run, filled: Machine, tmp_path: Path, command: list[str], rows: str
) -> None:
    """cli.md, exit codes: 0 is done. Nothing was."""
    file = tmp_path / "rows.csv"
    file.write_text(rows, encoding="utf-8")
    told = run(*command, str(file), "--json")
    assert (told.code, [row["line"] for row in told.json["rejected"]]) == (1, [2])
    assert told.err.startswith("line 2: ")
    assert told.err.endswith("No row was taken.\n")
    file.write_text(rows.partition("\n")[0] + "\n", encoding="utf-8")
    assert run(*command, str(file)).code == 0  # a file without rows asks for nothing


def test_ac16_every_command_is_one_step_back(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    task = add()
    run("link", "aaa1", task)
    run("unlink", "aaa1", "--turns", "1..1")
    run("reject", "bbb1", task)
    run("task", "finish", task, "shipped")
    steps = [run("undo", "--json").json["undone"] for _ in range(6)]
    assert steps == [
        "Finished PAY-12 Refunds: shipped", "Rejected PAY-12 Refunds", "Unlinked Step 0", "Linked Step 0 to PAY-12 Refunds",
        "Added PAY-12 Refunds", None,
    ]  # fmt: skip
    assert run("task", "list", "--json").json["tasks"] == []
    assert run("undo").out == "There is nothing to take back.\n"


# ---- suggestions and rules -------------------------------------------------------------------------------------------


def test_a_key_of_a_branch_that_is_no_task_yet_is_offered_to_be_made(run: Run, machine: Machine) -> None:
    """Issue 5: "from a suggestion ("create PAY-31?")", also where there is no task at all; `accept` takes none of it."""
    session(machine, "one", "Import", "feat/PAY-31-bulk-refund", 0)
    session(machine, "two", "Read it", "fix/UTF-8-names", 9_000)
    machine.scan()
    uid = machine.sessions["one"].id
    assert run("suggest").out == f"○ {uid}: create PAY-31? (PAY-31 is no task yet)\n"
    told = run("suggest", "--unlinked", "--json").json
    assert told["suggestions"] == []
    assert told["new_tasks"] == [
        {
            "session": uid,
            "native_id": "one",
            "turns": [0, None],
            "key": "PAY-31",
            "title": "Bulk refund",
            "project": PAYMENTS,
        }
    ]
    assert run("accept", "--all", "--json").json == {"links": []}
    run("task", "add", "Bulk refund", "--key", "PAY-31", "--project", PAYMENTS)
    told = run("suggest", "--json").json
    assert told["new_tasks"] == []
    assert [one["native_id"] for one in told["suggestions"] if one["preselected"]] == ["one"]


def test_what_is_suggested_has_the_documented_fields_and_is_accepted_at_once(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    task = add()
    told = run("suggest", "--unlinked", "--json").json
    assert list(told) == ["suggestions", "new_tasks"]
    best = next(one for one in told["suggestions"] if one["native_id"] == "aaa1")
    assert set(SUGGESTION) <= set(best)
    assert (best["task"], best["tier"], best["preselected"], best["turns"]) == (task, "A", True, [0, None])
    assert best["reasons"]
    assert run("suggest", "aaa1", "--json").json["suggestions"][0] == best
    assert run("session", "aaa1", "--json").json["suggestions"][0] == best
    assert "●" in run("suggest").out
    assert run("suggest", "aaa1", "--unlinked", "--json").json["suggestions"][0] == best
    assert run("accept").code == run("accept", "aaa1", "--all").code == 2
    made = run("accept", "--all", "--json").json["links"]
    assert [(link["session"], link["task"], link["source"]) for link in made] == [(best["session"], task, "suggested")]
    assert run("suggest", "aaa1", "--unlinked", "--json").json["suggestions"] == []
    assert run("undo", "--json").json["undone"] == "Accepted 1 session"
    run("reject", "aaa1", task)
    assert [one["task"] for one in run("suggest", "aaa1", "--json").json["suggestions"]] == []


def test_a_rule_is_previewed_added_paused_and_removed(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    """AC 18: what waits and matches is listed before anything is linked, and a link of the person's stays."""
    task, other = add(), add("Webhooks", key="PAY-13")
    given = ("branch", "tidy-cart", task)
    for command in ("preview", "add"):
        assert run("rule", "list", "--json").json == {"rules": []}
        told = run("rule", command, *given, "--json").json
        assert [(move["session"], move["turns"]) for move in told["moves"]] == [(filled.sessions["bbb1"].id, [0, None])]
        assert told["total"]["list_value"] == 7000
        assert unlinked(run)["sessions"] == 3
    made = told["rule"]
    assert (made["kind"], made["project"], made["pattern"], made["task"], made["paused"]) == (
        "branch", "/w/shop", "tidy-cart", task, None
    )  # fmt: skip
    assert run("rule", "pause", made["id"][:5], "--json").json["rules"][0]["paused"]
    run("scan")
    assert unlinked(run)["sessions"] == 3
    assert run("rule", "resume", made["id"], "--json").json["rules"][0]["paused"] is None
    run("scan")
    links = run("session", "bbb1", "--json").json["links"]
    assert [(link["task"], link["turns"], link["source"]) for link in links] == [(task, [0, None], "rule")]
    assert run("undo", "--json").json["undone"] == "Resumed the rule branch tidy-cart"  # what a rule links is no step
    run("redo")
    goes_on = (
        "The rule branch tidy-cart goes on in other sessions; changed twice in its last ten links, it pauses itself.\n"
    )
    assert run("unlink", "bbb1").out.endswith(goes_on)
    assert goes_on not in run("unlink", "bbb1").out
    run("scan")
    assert unlinked(run)["sessions"] == 3  # the rule does not link again what the person took out
    run("undo")
    assert run("rule", "remove", made["id"], "--with-links", "--json").json == {"rules": [], "links_removed": 1}
    assert unlinked(run)["sessions"] == 3
    run("link", "bbb1", other)
    run("rule", "add", *given)
    run("scan")
    assert run("session", "bbb1", "--json").json["session"]["tasks"] == [other]


def test_ac18_what_a_rule_matches_and_does_not_link_is_told_with_the_reason(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    add()
    other = add("Webhooks", key="PAY-13")
    reason = "PAY-12 Refunds is as likely: branch feat/PAY-12-refunds"
    for command in ("preview", "add"):
        told = run("rule", command, "path", ".", other, "--json").json
        assert [(one["session"], one["turns"], one["reason"]) for one in told["held"]] == [
            (filled.sessions["aaa1"].id, [0, None], reason)
        ]
        assert (
            f"For you to decide: {filled.sessions['aaa1'].id} Step 0, all turns: {reason}\n"
            in run("rule", "preview", "path", ".", other).out
        )


@pytest.mark.parametrize(
    "arguments",
    [["branch", "main", "PAY-12"], ["key", "UTF", "PAY-12"], ["branch", "x", "PAY-99"],
     ["path", "x", "PAY-12", "--project", "no"]],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(
    run: Run, filled: Machine, add: Callable[..., str], arguments: list[str]
) -> None:
    add()
    result = run("rule", "add", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert run("rule", "list", "--json").json == {"rules": []}


def test_ac19_a_rule_whose_task_is_finished_says_so_wherever_rules_are_listed(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    task = add()
    made = run("rule", "add", "branch", "tidy-cart", task, "--json").json["rule"]
    assert (made["paused"], made["asleep"]) == (None, None)
    run("task", "finish", task, "shipped")
    found = run("rule", "list", "--json").json["rules"][0]
    assert (found["paused"], found["asleep"]) == (None, "task finished 20 Nov")
    assert run("rule", "list").out.endswith("; it sleeps: task finished 20 Nov\n")
    run("task", "reopen", task)
    assert run("rule", "list", "--json").json["rules"][0]["asleep"] is None
    assert run("rule", "pause", made["id"], "--json").json["rules"][0]["asleep"] == "paused by you"


def test_ac16_ac20_a_rule_taken_back_takes_its_links_along_and_brings_them_again_as_its_own(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    """Also with the task that it links to, and where a link of the person's comes back in between."""
    task, other = add(), add("Webhooks", key="PAY-13")
    made = run("rule", "add", "branch", "tidy-cart", task, "--json").json["rule"]["id"]
    run("scan")
    assert unlinked(run)["sessions"] == 2
    assert run("undo", "--json").json["undone"] == "Added the rule branch tidy-cart"
    assert unlinked(run)["sessions"] == 3
    run("redo")
    run("task", "delete", task)
    run("undo")
    assert run("rule", "remove", made, "--with-links", "--json").json["links_removed"] == 1
    for what in ("Removed the rule branch tidy-cart", "Added the rule branch tidy-cart"):
        assert run("undo", "--json").json["undone"] == what
    run("link", "bbb1", other)
    run("rule", "add", "branch", "tidy-cart", task)
    run("unlink", "bbb1")
    run("scan")
    assert run("session", "bbb1", "--json").json["session"]["tasks"] == [task]
    assert run("undo", "--json").json["undone"].startswith("Unlinked")
    assert run("session", "bbb1", "--json").json["session"]["tasks"] == [other]
    undone = [run("undo", "--json").json["undone"].split()[0] for _ in range(4)]
    assert undone == ["Added", "Linked", "Added", "Added"]
    assert run("undo", "--json").json["undone"] is None
    assert unlinked(run)["sessions"] == 3
    assert run("task", "list", "--json").json == {"tasks": []}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--url", "javascript:alert(1)"), "An address begins with https:// or http:// and has no spaces."),
        (("--url", "file:///etc/passwd"), "An address begins with https:// or http:// and has no spaces."),
        (("--key", "K" * 41), "A key has at most 40 characters and no spaces, such as PAY-12."),
        (("--key", "PAY 12"), "A key has at most 40 characters and no spaces, such as PAY-12."),
    ],
)
def test_a_key_or_an_address_that_is_none_is_refused_in_a_sentence(
    run: Run, filled: Machine, add: Callable[..., str], tmp_path: Path, arguments: tuple[str, str], told: str
) -> None:
    """By hand and, with its line, from a CSV."""
    task = add()
    for command in (("add", "Another"), ("edit", task)):
        result = run("task", *command, *arguments)
        assert (result.code, result.out, result.err) == (1, "", f"{told}\n")
    file = tmp_path / "tasks.csv"
    file.write_text(f"title,{arguments[0][2:]}\nAnother,{arguments[1]}\nThird,\n", encoding="utf-8")
    result = run("task", "import", str(file), "--json").json
    assert [one["title"] for one in result["tasks"]] == ["Third"]
    assert result["rejected"] == [{"line": 2, "reason": f"{told[0].lower()}{told[1:-1]}"}]


def test_an_empty_name_and_a_name_of_several_are_told_in_one_sentence(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    add()
    add(project="/w/api")
    assert run("task", "show", "").err == "Name a task: its id, or the beginning of it.\n"
    assert run("link", " ", "none").err == "Name a session: its id, or the beginning of it.\n"
    several = run("task", "show", "PAY-12").err
    assert several.startswith("PAY-12 may be ")
    assert several.endswith(".\n")


def test_what_is_linked_already_is_not_accepted_again(run: Run, filled: Machine, add: Callable[..., str]) -> None:
    add()
    assert run("accept", "aaa1").out.endswith("1 linked.\n")
    again = run("accept", "aaa1")
    assert (again.code, again.out, again.err) == (0, "Nothing waits.\n", "")
    assert run("accept", "--all").out == "Nothing is suggested with ●.\n"


def test_ac17_who_rejects_what_is_linked_is_told_what_became_of_it(
    run: Run, filled: Machine, add: Callable[..., str]
) -> None:
    """AC 17: one step takes a rule's link out, and one step back brings it again; a link by hand stays."""
    task, uid = add(), filled.sessions["bbb1"].id
    run("rule", "add", "branch", "tidy-cart", task)
    run("scan")
    goes_on = "goes on in other sessions; changed twice in its last ten links, it pauses itself."
    told = run("reject", "bbb1", task).out
    assert f"\nAll turns of {uid}: no longer linked to it by a rule.\nThe rule branch tidy-cart {goes_on}\n" in told
    assert run("session", "bbb1", "--json").json["links"] == []
    run("undo")
    assert [link["source"] for link in run("session", "bbb1", "--json").json["links"]] == ["rule"]
    run("unlink", "bbb1")
    run("link", "bbb1", task)
    told = run("reject", "bbb1", task).out
    way_out = f"tokentrack unlink {uid} --turns 0.."
    assert told.endswith(f"\nAll turns of {uid}: still linked to it, as you chose; `{way_out}` takes that out.\n")
    assert [link["source"] for link in run("session", "bbb1", "--json").json["links"]] == ["manual"]
