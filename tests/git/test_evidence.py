"""What git tells of a task: commits, branches, pull requests, what was taken back (product 3.6, M8, Q9; AC 32)."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from claude_logs import Machine, ms
from git_repositories import DAY, OTHER, Repo, a_task, look, worked

from tokentrack.model.tasks import Evidence, Span, Task
from tokentrack.review.evidence import _standing, evidence, in_words, summary
from tokentrack.store import links, transaction
from tokentrack.store.landed import Revert

NOW = 20 * DAY
ALL = Span()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "w/shop")
    made.commit("Begin", "README")
    made.t = 0
    return made


def linked(machine: Machine, repo: Repo, key: str | None = "PAY-12", turns: Span = ALL) -> Task:
    """A task to which the one session is linked."""
    task = a_task(machine, repo, key)
    session = machine.db.execute("select uid from sessions").fetchone()[0]
    with transaction(machine.db):
        links.put(machine.db, session, task.id, turns, "manual", ms())
    return task


def told(machine: Machine, repo: Repo, task: Task, t: float = NOW, *, looked: bool = True) -> list[str]:
    if looked:
        look(machine, repo, t)
    return [in_words(one) for one in evidence(machine.db, task.id, ms(t))]


def test_a_merged_pull_request_its_branch_and_its_commits(machine: Machine, repo: Repo) -> None:
    (sha,) = repo.branch("feat/refunds", "a.txt")
    worked(machine, repo, "feat/refunds", sha)
    task = linked(machine, repo)
    assert told(machine, repo, task) == [
        "branch feat/refunds: merge not detected",
        f"commit {sha[:8]}: merge not detected",
    ]
    repo.merge("feat/refunds", "--no-ff", message="Merge pull request #318 from me/feat/refunds")
    merged_at = ms(repo.t)
    assert told(machine, repo, task) == ["PR #318 merged", "branch feat/refunds merged", f"commit {sha[:8]} merged"]
    assert {one.at for one in evidence(machine.db, task.id, ms(NOW))} == {merged_at}


def test_a_squash_tells_of_the_commits_that_went_into_it(machine: Machine, repo: Repo) -> None:
    made = repo.branch("feat/refunds", "a.txt", "b.txt")
    worked(machine, repo, "feat/refunds", *made)
    task = linked(machine, repo)
    repo.squash("feat/refunds", "Refunds (#319)")
    assert told(machine, repo, task) == [
        "PR #319 merged", "branch feat/refunds merged", *(f"commit {sha[:8]} merged" for sha in made)
    ]  # fmt: skip


def test_commits_that_are_for_the_task_count_and_those_that_mention_it_do_not(machine: Machine, repo: Repo) -> None:
    named = repo.commit("PAY-12: retries", "a.txt", email=OTHER)
    repo.commit("Other\n\nAs in PAY-12, other words", "b.txt")
    repo.commit("PAY-120: else", "c.txt")
    closed = repo.commit("Last\n\nCloses PAY-12", "d.txt")
    trailer = repo.commit("Again\n\nTokentrack-Task: pay-12", "e.txt")
    task = a_task(machine, repo, "PAY-12")
    assert told(machine, repo, task) == [f"commit {sha[:8]} merged" for sha in (named, closed, trailer)]


def test_a_number_counts_inside_its_own_project_alone(machine: Machine, repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "w/other")
    other.commit("Fixes #12", "a.txt")
    mine = repo.commit("Fix it\n\nFixes #12", "a.txt")
    look(machine, other)
    task = a_task(machine, repo, "#12")
    assert told(machine, repo, task) == [f"commit {mine[:8]} merged"]


def test_a_task_by_its_address_is_found_by_the_pull_request(machine: Machine, repo: Repo) -> None:
    sha = repo.commit("Refunds (#318)", "a.txt")
    task = a_task(machine, repo, None, url="https://github.com/me/shop/pull/318")
    assert told(machine, repo, task) == ["PR #318 merged", f"commit {sha[:8]} merged"]


def test_turns_that_are_linked_elsewhere_give_no_evidence(machine: Machine, repo: Repo) -> None:
    """A commit belongs to the turn in which it was made."""
    first, second = repo.branch("feat/refunds", "a.txt", "b.txt")
    worked(machine, repo, "feat/refunds", first)
    worked(machine, repo, "feat/refunds", second, t=100)
    task = linked(machine, repo, turns=Span(1, 1))
    assert told(machine, repo, task) == [
        "branch feat/refunds: merge not detected",
        f"commit {second[:8]}: merge not detected",
    ]


def test_work_on_the_default_branch_is_told_by_its_commits_alone(machine: Machine, repo: Repo) -> None:
    sha = repo.commit("Refunds", "a.txt")
    worked(machine, repo, "main", sha)
    assert told(machine, repo, linked(machine, repo)) == [f"commit {sha[:8]} merged"]


# ---- taken back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["merge", "squash", "commit"])
def test_ac_32_a_revert_flags_the_task_at_the_next_look(machine: Machine, repo: Repo, how: str) -> None:
    made = repo.branch("feat/refunds", "a.txt", "b.txt")
    worked(machine, repo, "feat/refunds", *made)
    task = linked(machine, repo)
    if how == "merge":
        sha = repo.merge("feat/refunds", "--no-ff", message="Merge pull request #7 from me/feat/refunds")
    else:
        sha = (
            repo.squash("feat/refunds", "Refunds (#7)") if how == "squash" else repo.merge("feat/refunds", "--ff-only")
        )
    assert "reverted" not in " ".join(told(machine, repo, task))
    repo.t += DAY
    repo.git("revert", "--no-edit", *(["-m", "1"] if how == "merge" else []), sha)
    found = told(machine, repo, task)
    assert [text for text in found if text.endswith("reverted")]
    assert found[0].endswith(("PR #7 reverted", "branch feat/refunds reverted"))
    assert summary(evidence(machine.db, task.id, ms(NOW)), ms(NOW)) == f"reverted {_day(repo.t)}"
    assert "reverted" not in " ".join(told(machine, repo, task, repo.t - 1, looked=False))


def _day(t: float) -> str:
    from tokentrack import clock

    day = clock.day_of(ms(t))
    return f"{day.day} {day:%b}"


@pytest.mark.parametrize("apart", [DAY, 0, -60], ids=["a day", "the same second", "a clock set back"])
def test_a_revert_that_was_reverted_stands_no_more(machine: Machine, repo: Repo, apart: int) -> None:
    """Which came first is told by what names which."""
    sha = repo.commit("PAY-12: refunds", "a.txt")
    task = a_task(machine, repo, "PAY-12")
    for stands in (True, False, True, False):
        repo.t += apart
        repo.git("revert", "--no-edit", "HEAD")
        text = next(text for text in told(machine, repo, task) if sha[:8] in text)
        assert text.endswith("reverted" if stands else "merged")


@pytest.mark.parametrize("by_request", [False, True])
def test_ac_32_what_takes_work_back_names_it_and_is_no_work_on_it(
    machine: Machine, repo: Repo, by_request: bool
) -> None:
    """Reverts quote the branch, with its key; a revert that was taken back leaves the merge as it was."""
    repo.branch("feat/PAY-12-refunds", "a.txt")
    sha = repo.merge("feat/PAY-12-refunds", "--no-ff", message="Merge pull request #7 from me/feat/PAY-12-refunds")
    task = a_task(machine, repo, "PAY-12")
    stood = told(machine, repo, task)
    assert f"commit {sha[:8]} merged" in stood
    for number, back in ((8, "reverted"), (9, "merged")):
        repo.t += DAY
        branch = f"revert-{number - 1}-feat/PAY-12-refunds"
        if by_request:
            repo.git("checkout", "-q", "-b", branch)
        repo.git("revert", "--no-edit", *(["-m", "1"] if by_request or number == 8 else []), sha)
        sha = repo.tip()
        if by_request:
            repo.git("checkout", "-q", "main")
            sha = repo.merge(branch, "--no-ff", message=f"Merge pull request #{number} from me/{branch}")
        found = told(machine, repo, task)
        assert found == [text.replace("merged", back) for text in stood]


def test_a_revert_on_a_branch_that_is_not_merged_takes_nothing_back(machine: Machine, repo: Repo) -> None:
    sha = repo.commit("PAY-12: refunds", "a.txt")
    repo.git("checkout", "-q", "-b", "undo")
    repo.git("revert", "--no-edit", sha)
    repo.git("checkout", "-q", "main")
    assert f"commit {sha[:8]} merged" in told(machine, repo, a_task(machine, repo, "PAY-12"))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "day 0 of 14"),
        (4, "day 4 of 14"),
        (13, "day 13 of 14"),
        (14, "no revert in 14 days"),
        (40, "no revert in 14 days"),
    ],
)
def test_ac_32_no_revert_is_never_said_before_day_14(days: int, words: str) -> None:
    found = [Evidence("pull", "#3", ms(), "merged"), Evidence("commit", "1a2b3c4d", ms(-30 * DAY), "merged")]
    assert summary(found, ms(days * DAY)) == f"merged 20 Nov, {words}"


def test_another_year_is_named() -> None:
    assert (
        summary([Evidence("pull", "#3", ms(), "merged")], ms(400 * DAY)) == "merged 20 Nov 2026, no revert in 14 days"
    )


def test_nothing_to_tell_is_no_judgement() -> None:
    assert summary([], ms()) == "no git evidence"


# ---- where it cannot be asked ------------------------------------------------------------------------------------------


def test_a_missing_repository_says_so_beside_what_was_read(machine: Machine, repo: Repo) -> None:
    """Never zero (product 3.6)."""
    sha = repo.commit("PAY-12: refunds", "a.txt")
    task = a_task(machine, repo, "PAY-12")
    assert told(machine, repo, task) == [f"commit {sha[:8]} merged"]
    shutil.rmtree(repo.path)
    assert told(machine, repo, task) == [f"commit {sha[:8]} merged", f"{repo.path}: repository not found"]


def test_a_project_whose_folder_was_never_seen_says_so_too(machine: Machine, repo: Repo) -> None:
    shutil.rmtree(repo.path)
    worked(machine, repo, "feat/refunds", "1a2b3c4d")
    task = linked(machine, repo)
    assert told(machine, repo, task) == [f"{repo.path}: repository not found"]
    assert summary(evidence(machine.db, task.id, ms(NOW)), ms(NOW)) == "repository not found"


def test_a_merge_that_names_a_deleted_branch_is_its_merge(machine: Machine, repo: Repo) -> None:
    """Nothing else tells of a branch that was gone before anybody looked, in a session that named no commit."""
    repo.branch("feat/refunds", "a.txt")
    worked(machine, repo, "feat/refunds", t=3600)
    task = linked(machine, repo)
    repo.t = 2 * DAY
    repo.merge("feat/refunds", "--no-ff", message="Merge branch 'feat/refunds'")
    repo.git("branch", "-D", "feat/refunds")
    assert told(machine, repo, task) == ["branch feat/refunds merged"]


def test_a_reused_name_is_not_the_earlier_branch(machine: Machine, repo: Repo) -> None:
    repo.branch("feat/refunds", "a.txt")
    repo.merge("feat/refunds", "--no-ff", message="Merge branch 'feat/refunds'")
    repo.git("branch", "-D", "feat/refunds")
    worked(machine, repo, "feat/refunds", t=10 * DAY)
    assert told(machine, repo, linked(machine, repo)) == []


def test_ac_29_of_a_branch_that_git_never_had_nothing_is_found_in_git(machine: Machine, repo: Repo) -> None:
    """The agent's log alone names it; once there, it is told of also when it is gone."""
    worked(machine, repo, "feat/refunds")
    task = linked(machine, repo)
    assert told(machine, repo, task) == []
    repo.branch("feat/refunds", "a.txt")
    there = told(machine, repo, task)
    assert there == ["branch feat/refunds: merge not detected"]
    repo.git("branch", "-D", "feat/refunds")
    assert told(machine, repo, task) == there


def test_ac32_thousands_of_reverts_of_reverts_are_settled_at_once() -> None:
    """Every other one stands, from the last; those that take back the same one all stand."""
    shas = [number.to_bytes(20) for number in range(4001)]
    chain = [Revert(sha, sha, before.hex()[:40], 0) for before, sha in pairwise(shas)]
    began = process_time()
    assert set(_standing(chain)) == set(chain[1::2])
    same = [Revert(sha, sha, "ff", 0) for sha in shas]
    assert _standing(same) == same
    assert process_time() - began < 2  # one after the other took ten times as long
