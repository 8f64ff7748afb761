"""What is private in a pasted address is not kept, and a repository that is gone is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from claude_logs import Machine
from command_line import Run
from git_repositories import Repo, look, worked
from waiting import add_tasks

from tokentrack.linking.urls import bare

SECRET = "https://user:pw@gitlab.com/a/b/-/issues/4?token=abc#x"
ISSUE = "https://gitlab.com/a/b/-/issues/4"


@pytest.mark.parametrize(("given", "kept"), [
    (SECRET, ISSUE),
    ("https://user:pw@bugs.test/show_bug.cgi?id=12&token=abc#c3", "https://bugs.test/show_bug.cgi?id=12"),
    ("https://t.test/x?key=PAY-12&sig=0a1b", "https://t.test/x?key=PAY-12"),
    ("Refund twice? See #12", "Refund twice? See #12"),
    ("https://t.test:bad/x is down", "https://t.test:bad/x is down"),
])  # fmt: skip
def test_of_an_address_what_names_the_work_is_kept(given: str, kept: str) -> None:
    """Product 3.1: name, password, query and fragment are no part of a task's address."""
    assert bare(given) == kept


def test_no_password_and_no_token_of_an_address_is_kept(run: Run, machine: Machine, tmp_path: Path) -> None:
    run("task", "add", "Sec", "--url", SECRET)
    assert run("task", "add", "https://jira.test/browse/PAY-31?token=secret").out.split()[1] == "PAY-31"
    run("task", "add", "Other", "--key", "PAY-9")
    run("task", "edit", "PAY-9", "--url", SECRET)
    file = tmp_path / "tasks.csv"
    file.write_text(f"title,key,url\nFrom a file,PAY-7,{SECRET}\n")
    run("task", "import", str(file))
    told = {task["key"]: (task["title"], task["url"]) for task in run("task", "list", "--json").json["tasks"]}
    assert told == {
        None: ("Sec", ISSUE),
        "PAY-31": ("Issue 31 of PAY", "https://jira.test/browse/PAY-31"),
        "PAY-9": ("Other", ISSUE),
        "PAY-7": ("From a file", ISSUE),
    }
    noted = [text for row in machine.rows("select before, after from change_rows") for text in row if text]
    assert not any("pw@" in text or "token=" in text for text in noted)


def test_task_show_says_that_the_repository_is_missing(run: Run, machine: Machine, tmp_path: Path) -> None:
    """Issue 5: missing repositories say so; what git told before still stands."""
    repo = Repo(tmp_path / "shop")
    repo.commit("Begin", "README")
    repo.branch("feat/PAY-12-x", "a")
    repo.merge("feat/PAY-12-x", "--no-ff", message="Merge branch 'feat/PAY-12-x'")
    add_tasks(machine, "PAY-12 Refunds", project=str(repo.path))
    worked(machine, repo, "feat/PAY-12-x")
    machine.scan()
    look(machine, repo)
    run("link", machine_session(machine), "PAY-12")
    before = [line for line in run("task", "show", "PAY-12").out.splitlines() if line.startswith("Git")]
    shutil.rmtree(repo.path)
    after = [line for line in run("task", "show", "PAY-12").out.splitlines() if line.startswith("Git")]
    assert after == [*before, f"Git cannot be asked: {repo.path}: repository not found"]


def machine_session(machine: Machine) -> str:
    (one,) = machine.sessions.values()
    return one.id


def test_start_says_what_it_did_and_claims_no_session(
    run: Run, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M: a sentence says what is so. Nothing runs in this folder."""
    add_tasks(machine, "PAY-12 Refunds", project=None)
    monkeypatch.chdir(tmp_path)
    said = run("task", "start", "PAY-12").out
    assert said == f"Declared: a session that runs in {tmp_path} now is suggested for PAY-12 Refunds.\n"
