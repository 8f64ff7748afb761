"""What `tokentrack doctor` tells of repositories: read, refused, missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from claude_logs import Machine, answer, ms, prompt
from command_line import Run
from git_repositories import DAY, Repo, look, worked

from tokentrack import clock


def test_doctor_tells_of_each_repository(run: Run, machine: Machine, tmp_path: Path) -> None:
    shop, gone, nobody = (Repo(tmp_path / name) for name in ("shop", "gone", "nobody"))
    for repo in (shop, gone, nobody):
        repo.commit("Begin", "README")
        repo.commit("More", "README", email="other@example.invalid")
    nobody.git("config", "--unset", "user.email")
    for repo in (shop, gone, nobody):
        look(machine, repo)
    shutil.rmtree(gone.path)
    look(machine, gone)
    machine.log("P/S.jsonl", prompt(cwd=str(tmp_path / "never")), answer(cwd=str(tmp_path / "never")))
    machine.scan()
    never = Repo.__new__(Repo)
    never.path = tmp_path / "never"
    look(machine, never)
    lines = run("doctor").out.splitlines()
    assert [line for line in lines if line.startswith(("repository", "projects"))] == [
        f"repository {gone.path}: 2 commits, 1 own, repository not found",
        f"repository {nobody.path}: 2 commits, own commits are not known: git has no user.email here",
        f"repository {shop.path}: 2 commits, 1 own",
        f"projects whose folder is gone: 1, such as {never.path}",
    ]
    told = {row["project"]: row for row in run("doctor", "--json").json["repositories"]}
    assert told[str(shop.path)] == {
        "project": str(shop.path), "commits": 2, "own_commits": 1, "whole": True, "error": None
    }  # fmt: skip
    assert told[str(never.path)]["error"] == "repository not found"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal there")
def test_a_terminal_is_told_which_repository_is_read_and_nobody_else_is(machine: Machine, tmp_path: Path) -> None:
    """cli.md: progress goes to standard error; what was read before is not read again."""
    repo = Repo(tmp_path / "shop")
    repo.commit("Begin", "README")
    worked(machine, repo, "feat/PAY-31-x")
    machine.scan()
    command = [sys.executable, "-m", "tokentrack", "suggest", "--json"]
    told = []
    for _ in range(2):
        terminal, end = os.openpty()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=end, check=True)
        os.write(end, b".")
        told.append(os.read(terminal, 1000).decode())
        os.close(end)
        os.close(terminal)
        assert [one["key"] for one in json.loads(done.stdout)["new_tasks"]] == ["PAY-31"]
    assert ["Reading repository shop" in text for text in told] == [True, False]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""


def test_ac_23_the_command_line_tells_merged_from_not_detected(
    run: Run, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And uses nothing newer than `TOKENTRACK_NOW`."""
    repo = Repo(tmp_path / "shop")
    repo.commit("Begin", "README")
    repo.t = 0
    states = {}
    for number, name in enumerate(("squashed", "edited")):
        made = repo.branch(f"feat/{name}", f"{name}/a.txt", f"{name}/b.txt")
        worked(machine, repo, f"feat/{name}", *made, session=f"S{number}", t=number * 100)
        repo.squash(f"feat/{name}", f"In one (#{number})", edit=f"{name}/b.txt" if name == "edited" else "")
        task = run("task", "add", name, "--project", str(repo.path), "--json").json["task"]["id"]
        assert run("link", f"S{number}", task).code == 0
        for now in (ms(300), ms(20 * DAY)):
            monkeypatch.setenv("TOKENTRACK_NOW", str(clock.iso(now)))
            told = run("task", "show", task, "--json").json["evidence"]
            states[name, now == ms(300)] = [one["state"] for one in told if one["kind"] == "branch"]
        monkeypatch.delenv("TOKENTRACK_NOW")
    assert states == {
        ("squashed", True): ["merge not detected"],
        ("squashed", False): ["merged"],
        ("edited", True): ["merge not detected"],
        ("edited", False): ["merge not detected"],
    }
