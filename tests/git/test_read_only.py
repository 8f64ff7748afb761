"""AC 22: reading git changes no byte, time or object, asks no network, runs no program of the repository's; within a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from claude_logs import Machine, ms
from git_repositories import Repo, commits, everything, known, look, worked

from tokentrack import repositories
from tokentrack.git.running import Git, GitError, OutOfTime
from tokentrack.store import repositories as stored


def full(path: Path) -> Repo:
    """A repository that gives every command something to do: merges of each kind, a dirty index, packs, tags, worktrees."""
    repo = Repo(path)
    repo.commit("Begin", "README")
    for name in ("ff", "merged", "squashed", "rebased", "open"):
        repo.branch(f"feat/{name}", f"{name}/a.txt", f"{name}/b.txt")
        if name == "ff":
            repo.merge("feat/ff", "--ff-only")
    repo.merge("feat/merged", "--no-ff", message="Merge pull request #4 from me/feat/merged")
    repo.squash("feat/squashed", "Squashed (#5)")
    repo.git("cherry-pick", "main..feat/rebased")
    repo.git("tag", "-a", "v1", "-m", "one")
    repo.git("worktree", "add", "-q", "../wt", "feat/open")
    repo.git("gc", "-q")
    repo.commit("After the pack", "late.txt")
    (repo.path / "README").write_text("changed and staged")
    repo.git("add", "README")
    (repo.path / "README").write_text("changed again, so that a status would write the index")
    os.utime(repo.path / "late.txt", (1, 1))
    return repo


def test_ac_22_a_repository_stays_as_it_is_to_the_byte(machine: Machine, tmp_path: Path) -> None:
    repo = full(tmp_path / "w/shop")
    for number, name in enumerate(("ff", "merged", "squashed", "rebased", "open")):
        worked(machine, repo, f"feat/{name}", session=f"S{number}", t=number * 100)
    before, objects = everything(tmp_path / "w"), repo.git("count-objects", "-v")
    found = look(machine, repo)
    assert {branch.name: branch.merged for branch in found.branches} == {
        "main": None, "feat/ff": "fast-forward", "feat/merged": "merge", "feat/squashed": "squash", "feat/rebased": "rebase",
        "feat/open": None,
    }  # fmt: skip
    repositories.candidates(machine.db, str(repo.path), ms(20 * 86400))
    assert everything(tmp_path / "w") == before
    assert repo.git("count-objects", "-v") == objects
    (repo.path / "README").write_text("the comparison sees this")
    assert everything(tmp_path / "w") != before


READ = """
import sys
from pathlib import Path
from tokentrack import repositories
from tokentrack.store import open_store, repositories as stored
db = open_store(Path(sys.argv[1]))
repositories.refresh(db, sys.argv[2], 1_800_000_000_000, seconds=30)
print(len(stored.commits(db, sys.argv[2])), stored.repository(db, sys.argv[2]).error)
"""


def test_ac_22_it_reads_where_there_is_no_network(machine: Machine, tmp_path: Path) -> None:
    command = ["unshare", "-rn"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no `unshare -rn`")
    repo = full(tmp_path / "w/shop")
    project = known(machine, repo)
    done = subprocess.run(
        [*command, sys.executable, "-c", READ, str(machine.store), project], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["16", "None"], done


def test_a_partial_clone_fetches_nothing(machine: Machine, tmp_path: Path) -> None:
    """AC 22. Objects that a partial clone has not are left missing; the remote is a server that notes who calls."""
    origin = full(tmp_path / "origin/shop")
    origin.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "w/shop"
    subprocess.run(
        ["git", "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{origin.path}", str(clone)],
        check=True, capture_output=True,
    )  # fmt: skip
    called = tmp_path / "called"
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\ntouch {called}\nexit 1\n")
    program.chmod(0o755)
    repo = Repo.__new__(Repo)
    repo.path, repo.t = clone, 0.0
    for name, value in {
        "user.email": "test@example.invalid", "core.sshCommand": str(program), "remote.origin.url": "ssh://git@host.invalid/me/shop",
        "protocol.ssh.allow": "always", "protocol.allow": "always", "remote.origin.uploadpack": str(program),
    }.items():  # fmt: skip
        repo.git("config", name, value)
    worked(machine, repo, "feat/squashed")
    before = everything(clone)
    found = look(machine, repo)
    assert found.error is None
    assert found.hosts == ("host.invalid/me/shop",)
    assert everything(clone) == before
    assert not called.exists()
    subprocess.run(["git", "-C", str(clone), "show", "HEAD:README"], capture_output=True, check=False)
    assert called.exists(), "git itself would have fetched"


def test_no_program_that_the_configuration_names_is_run(machine: Machine, tmp_path: Path) -> None:
    """AC 22 in a hostile repository: whoever wrote its configuration must not run anything on this machine."""
    repo = full(tmp_path / "w/shop")
    (repo.path / ".gitattributes").write_text("* diff=evil filter=evil merge=evil\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-q", "-m", "Attributes")
    ran = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\ncat\n')
    program.chmod(0o755)
    names = (
        "core.fsmonitor core.pager pager.log pager.rev-list pager.diff-tree diff.external diff.evil.command diff.evil.textconv "
        "filter.evil.clean filter.evil.smudge filter.evil.process core.editor core.sshCommand core.askPass credential.helper "
        "core.gitProxy gpg.program merge.evil.driver core.alternateRefsCommand interactive.diffFilter sequence.editor"
    )
    hooks = repo.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(program, hooks / hook)
    with (repo.path / ".git/config").open("a") as config:
        for name in names.split():
            section, _, key = name.rpartition(".")
            head, _, part = section.partition(".")
            title = head + (f' "{part}"' if part else "")
            config.write(f"[{title}]\n\t{key} = {program}\n")
        for word in ("rev-list", "cat-file", "for-each-ref", "diff-tree", "config", "worktree"):
            config.write(f'[alias]\n\t{word} = "!{program}"\n')
        config.write(
            "[log]\n\tshowSignature = true\n[core]\n\tuseBuiltinFSMonitor = true\n[submodule]\n\trecurse = true\n"
        )
    worked(machine, repo, "feat/squashed")
    before = everything(tmp_path / "w")
    found = look(machine, repo)
    assert found.error is None
    assert {branch.name: branch.merged for branch in found.branches}["feat/squashed"] == "squash"
    assert not ran.exists(), ran.read_text()
    assert everything(tmp_path / "w") == before
    subprocess.run(["git", "-C", str(repo.path), "status"], capture_output=True, check=False)
    assert ran.exists(), "git itself would have run it"


def test_names_that_look_like_options_are_names(machine: Machine, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "w/shop")
    repo.commit("Begin", "README")
    wrote = tmp_path / "written"
    repo.git("checkout", "-q", "-b", "side")
    place = repo.path / f"--output={wrote.name}"
    place.write_text("x\n")
    repo.git("add", "--", place.name)
    repo.git("commit", "-q", "-m", "--all")
    repo.git("update-ref", "refs/heads/--exec=evil", "HEAD")
    repo.git("checkout", "-q", "main")
    repo.squash("refs/heads/side", "In one (#3)")
    worked(machine, repo, "side")
    worked(machine, repo, "--exec=evil", session="T", t=100)
    found = look(machine, repo)
    assert {branch.name: branch.merged for branch in found.branches} == {
        "main": None,
        "side": "squash",
        "--exec=evil": "squash",
    }
    assert not wrote.exists()
    assert not (repo.path / wrote.name).exists()


# ---- what goes wrong is a sentence -------------------------------------------------------------------------------------


def test_a_repository_of_another_user_is_refused_in_one_sentence(machine: Machine, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    repo = full(tmp_path / "w/shop")
    for place in [repo.path, *repo.path.rglob("*")]:
        os.lchown(place, 12345, 12345)
    found = look(machine, repo)
    assert found.error is not None
    assert found.error.startswith(f"{repo.path} belongs to another user")
    assert not stored.commits(machine.db, str(repo.path))


def test_a_broken_repository_is_told_in_one_sentence_and_never_as_its_parents(machine: Machine, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "w")
    outer.commit("Outside", "README")
    inner = tmp_path / "w/shop"
    (inner / ".git").mkdir(parents=True)
    repo = Repo.__new__(Repo)
    repo.path, repo.t = inner, 0.0
    found = look(machine, repo)
    assert found.error is not None
    assert found.error.count("\n") == 0
    assert str(inner) in found.error
    assert not stored.commits(machine.db)


def test_without_git_one_sentence_says_so(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = full(tmp_path / "w/shop")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look(machine, repo).error == "git is not installed, so repositories cannot be asked."
    monkeypatch.undo()
    assert commits(machine, repo)
    assert look(machine, repo).error is None


def test_a_repository_that_is_gone_keeps_what_was_read_and_says_so(machine: Machine, tmp_path: Path) -> None:
    repo = full(tmp_path / "w/shop")
    before = commits(machine, repo)
    shutil.rmtree(repo.path)
    found = look(machine, repo)
    assert found.error == "repository not found"
    assert commits(machine, repo) == before


def test_a_folder_without_a_repository_is_a_project_like_any_other(machine: Machine, tmp_path: Path) -> None:
    repo = Repo.__new__(Repo)
    repo.path = tmp_path / "notes"
    repo.path.mkdir()
    project = known(machine, repo)
    assert not repositories.refresh(machine.db, project, ms())
    assert stored.repository(machine.db, project) is None


def test_git_is_ended_when_the_time_is_over_or_somebody_says_so(tmp_path: Path) -> None:
    repo = full(tmp_path / "w/shop")
    os.mkfifo(repo.path / ".git/endless")  # a configuration that never ends
    repo.git("config", "include.path", str(repo.path / ".git/endless"))
    begin = time.monotonic()
    with pytest.raises(OutOfTime, match=r"no answer within 0\.3 seconds"):
        Git(repo.path, 0.3).ask("rev-list", "--all")
    stop = begin + 0.6
    with pytest.raises(OutOfTime):
        Git(repo.path, 60, lambda: time.monotonic() > stop).piped(("rev-list", "--all"), ("patch-id", "--stable"))
    assert time.monotonic() - begin < 3


def test_an_error_of_git_is_one_sentence_with_its_last_line(tmp_path: Path) -> None:
    repo = full(tmp_path / "w/shop")
    with pytest.raises(GitError, match=r"shop: git cannot read it \(bad revision 'nothing'\)\.$"):
        Git(repo.path, 10).ask("rev-list", "nothing", "--")
