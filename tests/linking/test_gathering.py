"""Logs and repositories ▶ the facts that suggestions are made of, through the real store."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import codex_logs as codex
import pytest
from claude_logs import BEGIN, Machine, Record, answer, ms, prompt, tool_result, tool_use
from codex_logs import CHILD, PARENT

from tokentrack import paths, repositories
from tokentrack.linking.facts import SessionFacts
from tokentrack.model.tasks import Rule, Span, Task
from tokentrack.review import suggesting
from tokentrack.store import links, tasks, transaction

LATE = ms(400 * 86_400)


def told(machine: Machine, native: str, now: int = LATE) -> SessionFacts:
    machine.scan()
    found = suggesting.facts(machine.db, now).sessions
    return next(one for one in found.values() if one.native_id == native)


def branches(session: SessionFacts) -> list[str | None]:
    return [turn.branch for turn in session.turns]


def on(branch: str, t: float, **more: Any) -> list[Record]:
    """A turn on a branch."""
    return [prompt("Go on", t, gitBranch=branch, **more), answer(f"m{t}", f"r{t}", t + 1, gitBranch=branch, **more)]


def test_each_turn_has_the_branch_that_it_ended_on(machine: Machine) -> None:
    switched = [*on("main", 10), answer("late", "late", 12, gitBranch="feat/PAY-12")]
    machine.log("P/S.jsonl", *on("main", 0), *switched, *on("feat/PAY-12", 20))
    assert branches(told(machine, "S")) == ["main", "feat/PAY-12", "feat/PAY-12"]


def test_codex_tells_a_new_branch_in_what_git_says(machine: Machine) -> None:
    call = {"type": "function_call", "call_id": "c1", "name": "shell", "arguments": '{"command":"git switch -c drift"}'}
    done = {"type": "function_call_output", "call_id": "c1", "output": "Switched to a new branch 'drift'\n"}
    codex.rollout(
        machine, PARENT, codex.meta(),
        codex.prompt("Look", 1), codex.count(codex.usage(10), codex.usage(10), 2),
        codex.line("response_item", call, 3), codex.line("response_item", done, 4),
        codex.event("task_started", 5, turn_id="two"), codex.prompt("Go on", 5, turn_id="two"),
        codex.count(codex.usage(30), codex.usage(20), 6),
    )  # fmt: skip
    assert branches(told(machine, PARENT)) == ["main", "drift"]


def test_codex_tells_of_what_a_session_is_a_fork(machine: Machine) -> None:
    for name, t, more in ((PARENT, 0, {}), (CHILD, 100, {"forked_from_id": PARENT})):
        figures = codex.usage(10 + t)
        codex.rollout(
            machine, name, codex.meta(name, t, **more), codex.prompt("Go", t + 1), codex.count(figures, figures, t + 2)
        )
    child = told(machine, CHILD)
    assert child.parent == machine.sessions[PARENT].id


def test_a_log_with_copies_of_anothers_turns_goes_on_from_it(machine: Machine) -> None:
    machine.log("P/S.jsonl", *on("wip", 0), *on("wip", 10), *on("wip", 50))
    machine.log(
        "P/F.jsonl", *on("wip", 0, sessionId="F"), *on("wip", 10, sessionId="F"), *on("wip", 100, sessionId="F")
    )
    fork = told(machine, "F")
    assert fork.parent == machine.sessions["S"].id
    assert told(machine, "S").parent is None
    assert branches(fork) == ["wip", "wip", "wip"]


def test_what_ran_beside_the_project_has_the_names_of_its_folders(machine: Machine, home: Path) -> None:
    shop = home / "shop"
    subprocess.run(["git", "init", "-q", str(shop)], check=True)
    for number, folder in enumerate(("shop-wt/PAY-12/src", "shop/.claude/worktrees/OPS-7", "shop/docs")):
        machine.log(f"P{number}/S{number}.jsonl", *on("main", number, cwd=str(home / folder), sessionId=f"S{number}"))
    assert [told(machine, f"S{n}").worktree for n in range(3)] == [("shop-wt", "PAY-12", "src"), ("OPS-7",), ()]
    assert {told(machine, f"S{n}").project for n in range(3)} == {str(shop)}


def test_the_persons_name_for_a_session_is_told_apart(machine: Machine) -> None:
    title = {"type": "custom-title", "customTitle": "PAY-12 refunds", "sessionId": "S"}
    machine.log("P/S.jsonl", *on("main", 0), title)
    machine.log("P/T.jsonl", *on("main", 50, sessionId="T"))
    assert (told(machine, "S").named, told(machine, "T").named) == ("PAY-12 refunds", None)
    assert set(told(machine, "S").texts) == {"PAY-12 refunds", "Go on"}


def test_nothing_newer_than_now_is_used(machine: Machine) -> None:
    """Commits, turns, links and tasks: a replay is what the person saw that day."""
    machine.log("P/S.jsonl", *on("wip", 0), *on("feat/PAY-12", 3600))
    machine.log("P/O.jsonl", *on("wip", 100, sessionId="O"))
    machine.scan()
    with transaction(machine.db):
        early = tasks.add(machine.db, Task("", "Wip", None, None, "/w/shop", ms(-10)))
        tasks.add(machine.db, Task("", "Refunds", "PAY-12", None, "/w/shop", ms(50)))
        links.put(machine.db, machine.sessions["O"].id, early.id, Span(), "manual", ms(200))
    assert branches(told(machine, "S", ms(60))) == ["wip"]
    assert not [one for one in suggesting.suggest(machine.db, ms(150)) if one.preselected]
    assert [one.task for one in suggesting.suggest(machine.db, ms(250)) if one.preselected] == [early.id]
    assert len([one for one in suggesting.suggest(machine.db, ms(7200)) if one.preselected]) == 2


@pytest.fixture
def shop(home: Path) -> Path:
    """A repository in which the person is known."""
    folder = home / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "test@example.invalid")
    return folder


def git(folder: Path, *arguments: str, t: float = 0) -> str:
    when = f"{int(BEGIN.timestamp() + t)} +0000"
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True, capture_output=True, text=True, env={**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
    )  # fmt: skip
    return done.stdout.strip()


def test_a_commit_that_the_session_made_names_its_task_also_after_its_branch_is_gone(
    machine: Machine, shop: Path
) -> None:
    git(shop, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(shop, "switch", "-q", "-c", "wip")
    git(shop, "commit", "-q", "--allow-empty", "-m", "Refunds\n\nCloses PAY-12", t=5)
    sha = git(shop, "rev-parse", "--short", "HEAD")
    git(shop, "switch", "-q", "main")
    git(shop, "branch", "-q", "-D", "wip")
    command = tool_use("t1", "Bash", command="git commit -m x")
    records = [
        prompt("Commit", 0, cwd=str(shop), gitBranch="wip"),
        answer("m1", "r1", 1, content=[command], cwd=str(shop), gitBranch="wip"),
        tool_result("t1", t=6, result={"stdout": f"[wip {sha}] Refunds\n"}, cwd=str(shop)),
        answer("m2", "r2", 7, cwd=str(shop), gitBranch="wip"),
    ]
    machine.log("P/S.jsonl", *records)
    machine.scan()
    with transaction(machine.db):
        pay = tasks.add(machine.db, Task("", "Something", "PAY-12", None, str(shop), ms(-10)))
    assert repositories.refresh(machine.db, str(shop), LATE, seconds=60)
    first = suggesting.suggest(machine.db, LATE)[0]
    assert (first.task, first.signal, first.preselected) == (pay.id, "A5", True)
    assert first.reasons[0] == f"commit {sha} made here closes PAY-12"


# ---- where work is done ----------------------------------------------------------------------------------------------


@pytest.fixture
def trees(shop: Path) -> dict[str, Path]:
    """The shop, two worktrees inside of it and one beside it."""
    git(shop, "commit", "-q", "--allow-empty", "-m", "Begin")
    found = {name: shop / f".claude/worktrees/{name}" for name in ("one", "two")} | {"three": shop.parent / "wt/three"}
    for name, folder in found.items():
        git(shop, "worktree", "add", "-q", "-b", name, str(folder))
    (found["three"] / "sub").mkdir()
    return found | {"shop": shop}


def declare(machine: Machine, folder: Path, name: str, t: float) -> str:
    with transaction(machine.db):
        uid = tasks.add(machine.db, Task("", name, None, None, None, ms(-10))).id
        links.declare(machine.db, uid, str(folder), ms(t))
    return uid


def ran(machine: Machine, name: str, folder: Path, branch: str, *times: float) -> None:
    records = [record for t in times for record in on(branch, t, cwd=str(folder), sessionId=name)]
    machine.log(f"{name}/{name}.jsonl", *records)


def test_a6_what_is_declared_is_about_the_session_that_ran_in_that_working_tree(
    machine: Machine, trees: dict[str, Path]
) -> None:
    """`task start` in one worktree is not said of another, nor of the main one; a folder inside of it is the same worktree."""
    for number, (name, folder) in enumerate(trees.items()):
        ran(machine, name, folder, name, number, 600 + number)
    machine.scan()
    said = {"one": trees["one"], "three": trees["three"] / "sub", "shop": trees["shop"]}
    declared = {name: declare(machine, folder, name, 300) for name, folder in said.items()}
    native = {session.id: name for name, session in machine.sessions.items()}
    found = suggesting.suggest(machine.db, LATE)
    chosen = {native[one.session]: one.task for one in found if one.preselected}
    assert chosen == declared


def test_a6_what_is_declared_while_a_session_runs_is_not_said_of_the_next(machine: Machine, shop: Path) -> None:
    ran(machine, "first", shop, "wip", 0, 600)
    ran(machine, "next", shop, "other", 900)
    machine.scan()
    uid = declare(machine, shop, "Refunds", 60)
    assert [(one.native_id, one.task) for one in suggesting.suggest(machine.db, LATE) if one.preselected] == [
        ("first", uid)
    ]


def test_a6_what_is_declared_before_any_session_is_said_of_the_next_alone(machine: Machine, shop: Path) -> None:
    for name, t in (("first", 0), ("next", 900), ("third", 1000)):
        ran(machine, name, shop, name, t)
    machine.scan()
    uid = declare(machine, shop, "Refunds", 600)
    assert [(one.native_id, one.task) for one in suggesting.suggest(machine.db, LATE) if one.preselected] == [
        ("next", uid)
    ]


def test_a6_what_is_declared_where_two_sessions_run_is_offered_for_both(machine: Machine, shop: Path) -> None:
    for number, name in enumerate(("first", "second")):
        ran(machine, name, shop, name, number, 600 + number)
    machine.scan()
    uid = declare(machine, shop, "Refunds", 60)
    found = suggesting.suggest(machine.db, LATE)
    assert not any(one.preselected for one in found)
    assert [(one.signal, one.task) for one in found if one.tier < "D"] == [("C6", uid)] * 2


def test_a_session_knows_its_working_tree_also_when_it_is_gone(machine: Machine, trees: dict[str, Path]) -> None:
    shop = trees["shop"]
    gone = {"x": shop.parent / "shop-wt/x", "y": shop / ".claude/worktrees/y"}
    for number, (name, folder) in enumerate({"docs": shop, "three": trees["three"], **gone}.items()):
        ran(machine, name, folder / "docs", "wip", number)
    roots = {name: told(machine, name).root for name in ("docs", "three", "x", "y")}
    assert roots == {
        "docs": str(shop),
        "three": str(trees["three"]),
        **{name: str(path) for name, path in gone.items()},
    }


def test_ac12_the_home_folder_and_temporary_folders_are_of_all_kinds_of_work(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(home.parent))  # home lies in a temporary folder, what lies below it does not
    assert [paths.passing(str(place)) for place in (home, home.parent, home.parent / "try")] == [True, True, True]
    assert not paths.passing(str(home / "shop"))
    assert not paths.passing("/w/shop")
    assert all(map(paths.passing, ("/tmp", "/tmp/try/shop", "/var/tmp/x", "/var/folders/ab/T/x")))
    monkeypatch.setenv("TMPDIR", str(home / "scratch"))
    assert paths.passing(str(home / "scratch/x"))


def test_ac12_a_branch_at_home_tells_nothing_of_the_next_session_on_it(machine: Machine, home: Path) -> None:
    git(home, "init", "-q", "-b", "tweaks")
    (home / "Downloads").mkdir()
    for name, folder, t in (("first", home, 0), ("next", home, 900), ("other", home / "Downloads", 1800)):
        ran(machine, name, folder, "tweaks", t)
    machine.scan()
    with transaction(machine.db):
        uid = tasks.add(machine.db, Task("", "Dotfiles", None, None, str(home), ms(-10))).id
        links.put(machine.db, machine.sessions["first"].id, uid, Span(), "manual", ms(60))
    found = suggesting.suggest(machine.db, LATE)
    assert {one.native_id for one in found} == {"next", "other"}
    assert {one.tier for one in found} == {"D"}
    rule = Rule("", "branch", str(home), "tweaks", uid, ms(0))
    assert "home folder or a temporary one" in str(suggesting.refused(machine.db, rule, LATE))
    assert suggesting.refused(machine.db, replace(rule, kind="path", pattern="Downloads"), LATE) is None


# ---- tiers that were often wrong -------------------------------------------------------------------------------------


def test_what_was_suggested_for_a_decided_session_is_worked_out_once(machine: Machine) -> None:
    """Product 3.5: accepted and shown are those of the past; with each decision one more is looked at."""
    with transaction(machine.db):
        uid = tasks.add(machine.db, Task("", "Refunds", "PAY-12", None, "/w/shop", ms(-10))).id
    for number in range(3):
        ran(machine, f"S{number}", Path("/w/shop"), "feat/PAY-12-x", number * 100)
    machine.scan()
    for number in range(3):
        with transaction(machine.db):
            links.put(machine.db, machine.sessions[f"S{number}"].id, uid, Span(), "manual", ms(1000 + number))
        asked = suggesting.accuracy(machine.db, LATE)["A"]
        traced: list[str] = []
        machine.db.set_trace_callback(traced.append)
        again = suggesting.accuracy(machine.db, LATE)["A"]
        machine.db.set_trace_callback(None)
        assert (asked, again) == (suggesting.Accuracy(number + 1, number + 1),) * 2
        assert not any("join turns" in text for text in traced)
