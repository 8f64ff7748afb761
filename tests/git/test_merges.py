"""AC 23: a branch merged by fast-forward, merge commit or unedited squash is found; an edited squash is "merge not detected"."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import Machine, ms
from git_repositories import DAY, Repo, a_task, look, worked

from tokentrack.model.repositories import Branch
from tokentrack.model.tasks import Span
from tokentrack.review.evidence import evidence, in_words, summary
from tokentrack.store import links, transaction

NOW = 20 * DAY


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "w/shop")
    made.commit("Begin", "README")
    made.commit("More", "README", at=-5 * DAY)
    return made


def merged(machine: Machine, repo: Repo, name: str = "feat/PAY-12", t: float = NOW) -> Branch:
    """What is told of a branch, the tips here and at remotes alike."""
    (one,) = [branch for branch in look(machine, repo, t).branches if branch.name == name]
    return one


def begun(machine: Machine, repo: Repo, *files: str, made: bool = True) -> list[str]:
    """A branch, and the session that worked on it."""
    shas = repo.branch("feat/PAY-12", *files)
    worked(machine, repo, "feat/PAY-12", *(shas if made else ()), t=-5 * DAY + 3000)
    return shas


def test_a_fast_forward_is_found(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt", "b.txt")
    assert merged(machine, repo).merged is None
    tip = repo.merge("feat/PAY-12", "--ff-only")
    found = merged(machine, repo)
    assert (found.merged, found.merged_by) == ("fast-forward", tip)


def test_a_merge_commit_is_found_with_its_time(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt")
    merge = repo.merge("feat/PAY-12", "--no-ff", message="Merge pull request #7 from me/feat/PAY-12")
    found = merged(machine, repo)
    assert (found.merged, found.merged_by, found.merged_at) == ("merge", merge, ms(repo.t))


@pytest.mark.parametrize("files", [("a.txt",), ("a.txt", "deep/b.txt", "README")])
def test_an_unedited_squash_is_found_also_after_other_work(
    machine: Machine, repo: Repo, files: tuple[str, ...]
) -> None:
    begun(machine, repo, *files)
    repo.commit("Others", "other.txt")
    squash = repo.squash("feat/PAY-12", "Refunds (#8)")
    repo.commit("Later", files[0], "more\n")
    found = merged(machine, repo)
    assert (found.merged, found.merged_by) == ("squash", squash)


def test_an_edited_squash_reads_merge_not_detected(machine: Machine, repo: Repo) -> None:
    """And never "not merged" (product 3.6)."""
    begun(machine, repo, "a.txt", "b.txt")
    repo.squash("feat/PAY-12", "Refunds (#8)", edit="b.txt")
    assert merged(machine, repo).merged is None
    task = a_task(machine, repo, "PAY-12")
    with transaction(machine.db):
        links.put(machine.db, _session(machine), task.id, Span(), "manual", ms())
    words = [in_words(one) for one in evidence(machine.db, task.id, ms(NOW))]
    assert words[0] == "branch feat/PAY-12: merge not detected"
    assert summary(evidence(machine.db, task.id, ms(NOW)), ms(NOW)) == "merge not detected"
    assert "not merged" not in " ".join(words)


def _session(machine: Machine) -> str:
    return str(machine.db.execute("select uid from sessions").fetchone()[0])


def test_a_rebase_is_found(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt", "b.txt")
    repo.commit("Others", "other.txt")
    repo.git("cherry-pick", "main..feat/PAY-12")
    found = merged(machine, repo)
    assert (found.merged, found.merged_by) == ("rebase", repo.tip())


def test_half_a_rebase_is_none(machine: Machine, repo: Repo) -> None:
    first, _ = begun(machine, repo, "a.txt", "b.txt")
    repo.commit("Others", "other.txt")
    repo.git("cherry-pick", first)
    assert merged(machine, repo).merged is None


def test_a_squash_of_another_picture_is_none(machine: Machine, repo: Repo) -> None:
    """A patch id knows of a binary file only that it changed."""
    repo.git("checkout", "-q", "-b", "feat/PAY-12")
    (repo.path / "logo.png").write_bytes(b"\0\1one")
    repo.git("add", "logo.png")
    repo.git("commit", "-q", "-m", "Logo")
    repo.git("checkout", "-q", "main")
    worked(machine, repo, "feat/PAY-12")
    (repo.path / "logo.png").write_bytes(b"\0\1two")
    repo.git("add", "logo.png")
    repo.git("commit", "-q", "-m", "Another logo")
    assert merged(machine, repo).merged is None
    repo.git("rm", "-q", "logo.png")
    repo.git("commit", "-q", "-m", "No logo")
    repo.squash("feat/PAY-12", "Logo (#3)")
    assert merged(machine, repo).merged == "squash"


def test_a_branch_without_work_of_its_own_is_not_called_merged(machine: Machine, repo: Repo) -> None:
    """It lies in the default branch from its first moment."""
    repo.git("branch", "feat/PAY-12")
    worked(machine, repo, "feat/PAY-12")
    assert merged(machine, repo).merged is None
    repo.commit("Others", "other.txt")
    repo.git("checkout", "-q", "feat/PAY-12")
    repo.git("merge", "-q", "--ff-only", "main")
    repo.git("checkout", "-q", "main")
    assert merged(machine, repo).merged is None


def test_without_a_reflog_the_commits_of_the_session_tell_of_work(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt")
    repo.merge("feat/PAY-12", "--ff-only")
    (repo.path / ".git/logs/refs/heads/feat/PAY-12").unlink()
    assert merged(machine, repo).merged == "fast-forward"


def test_a_branch_deleted_before_anybody_looked_is_known_by_the_sessions_commits(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt", "b.txt")
    squash = repo.squash("feat/PAY-12", "Refunds (#8)")
    repo.git("branch", "-D", "feat/PAY-12")
    found = merged(machine, repo)
    assert (found.merged, found.merged_by, found.gone_at) == ("squash", squash, None)  # nobody saw when it went


def test_a_branch_keeps_its_merge_when_it_is_deleted(machine: Machine, repo: Repo) -> None:
    begun(machine, repo, "a.txt", "b.txt")
    repo.squash("feat/PAY-12", "Refunds (#8)")
    assert merged(machine, repo, t=15 * DAY).gone_at is None
    repo.git("branch", "-D", "feat/PAY-12")
    found = merged(machine, repo)
    assert (found.merged, found.gone_at) == ("squash", ms(NOW))
    repo.git("branch", "feat/PAY-12", found.tip)
    assert merged(machine, repo).gone_at is None


def test_the_remotes_default_branch_counts_as_well(machine: Machine, repo: Repo, tmp_path: Path) -> None:
    """A pull request is merged at the host, and the branch here follows late or never."""
    (tip,) = begun(machine, repo, "a.txt")
    repo.git("checkout", "-q", "-b", "elsewhere")
    merge = repo.merge("feat/PAY-12", "--no-ff", message="Merge pull request #7 from me/feat/PAY-12")
    repo.git("update-ref", "refs/remotes/origin/trunky", merge)
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunky")
    repo.git("update-ref", "refs/remotes/origin/feat/PAY-12", tip)
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-q", "-D", "elsewhere")
    found = look(machine, repo)
    assert found.default == "trunky"
    assert {branch.ref: branch.merged for branch in found.branches} == {
        "refs/heads/main": None,
        "refs/heads/feat/PAY-12": "merge",
        "refs/remotes/origin/feat/PAY-12": "merge",
        "refs/remotes/origin/trunky": None,
    }


def test_a_default_branch_that_was_rewritten_is_looked_at_anew(machine: Machine, repo: Repo) -> None:
    before = repo.tip()
    begun(machine, repo, "a.txt")
    repo.merge("feat/PAY-12", "--no-ff")
    assert merged(machine, repo).merged == "merge"
    repo.git("reset", "-q", "--hard", before)
    repo.commit("Instead", "b.txt")
    assert merged(machine, repo).merged is None


def test_what_came_later_is_not_told(machine: Machine, repo: Repo) -> None:
    """With another time for now, evidence uses nothing newer (cli.md)."""
    from tokentrack.store import repositories as stored

    begun(machine, repo, "a.txt")
    repo.merge("feat/PAY-12", "--no-ff")
    assert merged(machine, repo).merged == "merge"
    earlier = stored.repository(machine.db, str(repo.path), ms(repo.t - 1))
    assert earlier is not None
    assert {branch.merged for branch in earlier.branches} == {None}
    assert all(
        commit.committed_at < ms(repo.t) for commit in stored.commits(machine.db, str(repo.path), ms(repo.t - 1))
    )
