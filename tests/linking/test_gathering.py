"""Logs and repositories ▶ the facts that suggestions are made of, through the real store."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import codex_logs as codex
import pytest
from claude_logs import BEGIN, Machine, Record, answer, ms, prompt, tool_result, tool_use
from codex_logs import CHILD, PARENT

from tokentrack import repositories
from tokentrack.linking.facts import SessionFacts
from tokentrack.model import Span, Task
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
