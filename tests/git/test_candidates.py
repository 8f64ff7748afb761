"""`task import --git`: tasks from the person's own branches and merged pull requests, by the local history alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import Machine, ms
from git_repositories import DAY, OTHER, Repo, a_task

from tokentrack import repositories
from tokentrack.model.tasks import Task
from tokentrack.store import StoreError, tasks, transaction

NOW = ms(20 * DAY)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "w/shop")
    made.git("config", "remote.origin.url", "git@github.com:me/shop.git")
    made.commit("Begin", "README")
    return made


def found(machine: Machine, repo: Repo) -> dict[str, tuple[str, str | None]]:
    told = repositories.candidates(machine.db, str(repo.path / "src"), NOW)
    assert {task.project for task in told} <= {str(repo.path)}
    return {task.key or "": (task.title, task.url) for task in told}


def test_branches_with_keys_and_merged_pull_requests_that_are_mine(machine: Machine, repo: Repo) -> None:
    repo.branch("feat/PAY-12-refund-retries", "a.txt")
    repo.branch("feat/other", "b.txt")
    repo.merge("feat/other", "--no-ff", message="Merge pull request #7 from me/feat/other\n\nCarry refunds over")
    repo.commit("Round amounts (#8)", "c.txt")
    repo.commit("PAY-20: Tidy up (#9)", "d.txt")
    repo.commit("Not mine (#10)", "e.txt", email=OTHER)
    assert found(machine, repo) == {
        "PAY-12": ("Refund retries", None),
        "#7": ("Carry refunds over", "https://github.com/me/shop/pull/7"),
        "#8": ("Round amounts", "https://github.com/me/shop/pull/8"),
        "PAY-20": ("Tidy up", "https://github.com/me/shop/pull/9"),
    }


def test_what_only_looks_like_a_key_is_none(machine: Machine, repo: Repo) -> None:
    """AC 15's traps, in branch names."""
    for name in ("fix/UTF-8-names", "release-12", "sha-256", "py-312", "v2-3", "fix-12", "dependabot/npm-10"):
        repo.branch(name, f"{name}.txt")
    repo.git("checkout", "-q", "-b", "feat/pay-13", "main")
    repo.commit("Theirs", "t.txt", email=OTHER)
    repo.git("checkout", "-q", "main")
    assert found(machine, repo) == {}


def test_a_plain_number_counts_where_the_project_numbers_its_tasks(machine: Machine, repo: Repo) -> None:
    repo.branch("fix/123-rounding", "a.txt")
    assert "#123" not in found(machine, repo)
    for number in range(3):
        repo.commit(f"Step {number}\n\nCloses #{number + 1}", "b.txt", email=OTHER)
    assert found(machine, repo) == {"#123": ("Rounding", None)}


def test_the_same_again_adds_nothing(machine: Machine, repo: Repo) -> None:
    repo.branch("feat/PAY-12-refund-retries", "a.txt")
    merged = repo.merge(
        "feat/PAY-12-refund-retries", "--no-ff", message="Merge pull request #7 from me/feat/PAY-12-x\n\nRetry"
    )
    assert merged
    a_task(machine, repo, "#99")
    first = repositories.candidates(machine.db, str(repo.path), NOW)
    assert [(task.key, task.title, task.created_at) for task in first] == [("PAY-12", "Retry", ms(-10 * DAY + 7200))]
    with transaction(machine.db):
        added = repositories.add_candidates(machine.db, first)
        assert repositories.add_candidates(machine.db, first) == []
    assert [task.key for task in tasks.tasks(machine.db)] == ["#99", "PAY-12"]
    assert added[0].id
    assert repositories.candidates(machine.db, str(repo.path), NOW) == []


def test_nothing_newer_than_now_is_offered(machine: Machine, repo: Repo) -> None:
    repo.commit("Later (#8)", "c.txt", at=30 * DAY)
    assert found(machine, repo) == {}


def test_a_folder_without_a_repository_is_one_sentence(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(StoreError, match=r"notes: repository not found\.$"):
        repositories.candidates(machine.db, str(tmp_path / "notes"), NOW)


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://gitlab.com/group/shop.git", "https://gitlab.com/group/shop/-/merge_requests/8"),
        ("git@bitbucket.org:me/shop.git", "https://bitbucket.org/me/shop/pull-requests/8"),
        ("ssh://git@host.example/me/shop", None),
        ("/srv/shop.git", None),
    ],
)
def test_the_address_is_that_of_the_host(machine: Machine, repo: Repo, remote: str, url: str | None) -> None:
    repo.git("config", "remote.origin.url", remote)
    repo.commit("Round amounts (#8)", "c.txt")
    assert found(machine, repo) == {"#8": ("Round amounts", url)}


def test_candidates_have_no_id_until_they_are_added(machine: Machine, repo: Repo) -> None:
    repo.commit("Round amounts (#8)", "c.txt")
    (task,) = repositories.candidates(machine.db, str(repo.path), NOW)
    assert task == Task("", "Round amounts", "#8", "https://github.com/me/shop/pull/8", str(repo.path), task.created_at)
