"""Which commits of a repository are read, in every shape that repositories have; and that nothing is read twice."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, ms
from git_repositories import DAY, ME, OTHER, Repo, commits, known, look, worked

from tokentrack import git, repositories
from tokentrack.store import repositories as stored
from tokentrack.store import transaction, write

NOW = 20 * DAY


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "w/shop")
    made.commit("Begin", "README")
    return made


def test_every_ref_counts_and_each_commit_once(machine: Machine, repo: Repo) -> None:
    """Branches, remotes, tags, a detached HEAD, another worktree's HEAD; notes and stashes are no work."""
    shas = {repo.tip()}
    for ref in ("refs/heads/a", "refs/remotes/origin/b", "refs/tags/c", "refs/notes/commits", "refs/stash"):
        repo.git("checkout", "-q", "--detach", "main")
        sha = repo.commit(ref, f"{ref}.txt")
        repo.git("update-ref", ref, sha)
        shas |= {sha} if "notes" not in ref and "stash" not in ref else set()
    repo.git("tag", "-a", "annotated", "-m", "A tag of its own", "refs/heads/a")
    repo.git("tag", "of-a-tree", "main^{tree}")
    repo.git("worktree", "add", "-q", "--detach", "../wt", "main")
    other = Repo.__new__(Repo)
    other.path, other.t = repo.path.parent / "wt", 0.0
    shas.add(other.commit("In the worktree", "wt.txt"))
    repo.git("checkout", "-q", "--detach", "main")
    shas.add(repo.commit("Detached", "detached.txt"))
    assert set(commits(machine, repo)) == shas
    assert git.project_of(str(other.path)) == (str(repo.path), "shop")


def test_only_what_is_new_is_read_and_what_is_gone_stays(machine: Machine, repo: Repo) -> None:
    first = repo.commit("PAY-1: one", "a.txt")
    assert first in commits(machine, repo)
    project = str(repo.path)
    assert not repositories.refresh(machine.db, project, ms(NOW))
    before = machine.db.total_changes
    assert not repositories.refresh(machine.db, project, ms(NOW))
    assert machine.db.total_changes == before
    second = repo.commit("PAY-1: two", "b.txt")
    assert repositories.refresh(machine.db, project, ms(NOW))
    repo.git("reset", "-q", "--hard", "HEAD~2")
    assert {first, second} <= set(commits(machine, repo))


def test_a_first_read_that_is_stopped_goes_on_where_it_was(machine: Machine, repo: Repo) -> None:
    """Bounded steps: what is read stays read, the newest first."""
    lines = [b"reset refs/heads/long\nfrom refs/heads/main^0\n"]
    for number in range(2500):
        text = f"PAY-{number + 1}: step"
        lines.append(
            f"commit refs/heads/long\ncommitter Me <{ME}> {1_700_000_000 + number} +0000\ndata {len(text)}\n{text}\n".encode()
        )
    repo.git("fast-import", "--quiet", given=b"".join(lines))
    project = known(machine, repo)

    def read() -> int:
        with closing(sqlite3.connect(machine.store)) as db:  # whether to stop is asked on several threads
            return int(db.execute("select count(*) from commits").fetchone()[0])

    def once() -> int:
        """As many as are stored when somebody stops it at the first commits that are."""
        before = read()
        repositories.refresh(machine.db, project, ms(NOW), stop=lambda: read() > before)
        return read()

    some = once()
    assert 0 < some < 2501
    found = stored.repository(machine.db, project)
    assert found is not None
    assert not found.whole
    assert found.error is None
    assert ("key", "PAY-2500") in stored.commits(machine.db, project)[-2].marks
    while read() < 2501:
        assert once() > some
        some = read()
    assert look(machine, repo).whole
    assert len(commits(machine, repo)) == 2501


def test_commits_that_a_session_made_are_read_though_no_ref_leads_to_them(machine: Machine, repo: Repo) -> None:
    """Of the branch that was deleted, and of those before them on it; what is no commit here is left alone."""
    first, second = repo.branch("gone", "a.txt", "b.txt")
    repo.git("branch", "-q", "-D", "gone")
    worked(machine, repo, "gone", second, "0" * 40)
    found = commits(machine, repo)
    assert {first, second} <= set(found)
    assert "0" * 40 not in found


def test_own_commits_are_those_by_the_persons_addresses(machine: Machine, repo: Repo) -> None:
    """Of the configuration, any case, and of the setting `emails`; asked anew each time (product 3.6)."""
    mine = repo.commit("Mine", "a.txt", email=ME.upper())
    theirs = repo.commit("Theirs", "b.txt", email=OTHER)
    found = commits(machine, repo)
    assert (found[mine].mine, found[theirs].mine) == (True, False)
    assert [one.sha for one in stored.commits(machine.db, str(repo.path), mine=True, since=ms(repo.t - 7200))] == [
        repo.tip("main~2"),
        mine,
    ]
    with transaction(machine.db):
        write.set_setting(machine.db, "emails", json.dumps([OTHER]))
    assert commits(machine, repo)[theirs].mine
    stores = [bytes(cell) for row in machine.db.execute("select author, committer from commits") for cell in row]
    assert all(OTHER.encode() not in cell for cell in stores)


def test_what_the_configuration_tells(machine: Machine, repo: Repo) -> None:
    repo.git("config", "url.https://github.com/.insteadOf", "gh:")
    repo.git("config", "remote.origin.url", "gh:me/shop.git")
    repo.git("config", "remote.upstream.url", "https://user:secret@github.com/them/shop")
    found = look(machine, repo)
    assert found.hosts == ("github.com/them/shop", "github.com/me/shop")
    assert found.addresses == (ME,)
    text = " ".join(str(tuple(row)) for row in machine.db.execute("select * from repositories"))
    assert "secret" not in text


@pytest.mark.parametrize(
    ("refs", "default"),
    [
        (["refs/heads/main", "refs/heads/develop"], "main"),
        (["refs/heads/master", "refs/heads/x"], "master"),
        (["refs/remotes/origin/trunk"], "trunk"),
        (["refs/heads/alone"], "alone"),
        (["refs/heads/a", "refs/heads/b"], None),
    ],
)
def test_the_default_branch_is_told_by_its_name_where_no_remote_tells(
    machine: Machine, repo: Repo, refs: list[str], default: str | None
) -> None:
    sha = repo.tip()
    repo.git("checkout", "-q", "--detach")
    repo.git("branch", "-q", "-D", "main")
    for ref in refs:
        repo.git("update-ref", ref, sha)
    assert look(machine, repo).default == default


# ---- odd ones --------------------------------------------------------------------------------------------------------


def test_an_empty_repository_has_nothing_and_no_error(machine: Machine, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "w/empty")
    assert commits(machine, repo) == {}
    assert look(machine, repo).error is None


def test_a_bare_repository_with_worktrees_is_one_project(machine: Machine, repo: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "w/bare.git"
    repo.git("clone", "-q", "--bare", str(repo.path), str(bare))
    repo.git("worktree", "add", "-q", str(tmp_path / "w/tree"), "main", cwd=bare)
    project, name = git.project_of(str(tmp_path / "w/tree/src"))
    assert (project, name) == (str(bare), "bare.git")
    told = Repo.__new__(Repo)
    told.path = Path(project)
    assert set(commits(machine, told)) == {repo.tip()}


def test_a_submodule_is_a_project_of_its_own(machine: Machine, repo: Repo, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "w/outer")
    outer.commit("Outer", "README")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.path), "lib")
    outer.git("commit", "-q", "-m", "With a library")
    inner = Repo.__new__(Repo)
    inner.path = Path(git.project_of(str(outer.path / "lib/src"))[0])
    assert inner.path == outer.path / "lib"
    assert set(commits(machine, inner)) == {repo.tip()}
    assert repo.tip() not in commits(machine, outer)


def test_a_shallow_clone_tells_what_it_has(machine: Machine, repo: Repo, tmp_path: Path) -> None:
    for number in range(4):
        repo.commit(f"Step {number}", "a.txt")
    clone = tmp_path / "w/clone"
    subprocess.run(["git", "clone", "-q", "--depth", "2", f"file://{repo.path}", str(clone)], check=True)
    told = Repo.__new__(Repo)
    told.path = clone
    assert set(commits(machine, told)) == {repo.tip(), repo.tip("main~1")}
    assert look(machine, told).error is None


def test_a_graft_and_a_replaced_commit_stop_nothing(machine: Machine, repo: Repo) -> None:
    first = repo.commit("One", "a.txt")
    second = repo.commit("Two", "b.txt")
    repo.git("replace", "--graft", second)
    (repo.path / ".git/info/grafts").write_text(f"{first}\n")
    assert second in commits(machine, repo)
    assert look(machine, repo).error is None


def test_messages_in_any_encoding_and_times_of_any_year(machine: Machine, repo: Repo) -> None:
    head = repo.tip()
    tree = repo.tip("main^{tree}")
    made = {}
    for name, stamp, encoding, message in [
        ("latin", 1_700_000_000, b"encoding ISO-8859-1\n", "PAY-1: Grüße".encode("latin-1")),
        ("lying", 1_700_000_001, b"", b"PAY-2: \xff\xfe\xfa"),
        ("unknown", 1_700_000_002, b"encoding klingon\n", b"PAY-3: x"),
        ("epoch", 0, b"", b"PAY-4: 1970"),
        ("later", 4_102_444_800, b"", b"PAY-5: 2100"),
        ("never", 99_999_999_999_999, b"", b"PAY-6: beyond"),
    ]:
        who = f"Me <{ME}> {stamp} +0000".encode()
        raw = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n%b\n%b\n" % (
            tree.encode(), head.encode(), who, who, encoding, message
        )  # fmt: skip
        made[name] = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=raw)
        repo.git("update-ref", f"refs/heads/{name}", made[name])
    found = commits(machine, repo)
    assert {name: found[sha].marks for name, sha in made.items()} == {
        name: (("key", f"PAY-{number}"),) for number, name in enumerate(made, 1)
    }
    assert found[made["epoch"]].committed_at == 0
    assert found[made["later"]].committed_at == 4_102_444_800_000
    assert made["never"] in found
    assert made["later"] not in {one.sha for one in stored.commits(machine.db, str(repo.path), until=ms(NOW))}


def test_a_commit_without_an_author_and_one_of_a_megabyte(machine: Machine, repo: Repo) -> None:
    tree, head = repo.tip("main^{tree}"), repo.tip()
    bare = repo.git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=f"tree {tree}\n\nNo one".encode()
    )
    who = f"Me <{ME}> 1700000000 +0000"
    raw = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\nPAY-1: x\n" + "y" * (3 << 20)
    long = repo.git("hash-object", "-t", "commit", "-w", "--stdin", given=raw.encode())
    for number, sha in enumerate((bare, long)):
        repo.git("update-ref", f"refs/heads/odd{number}", sha)
    found = commits(machine, repo)
    assert (found[bare].committed_at, found[bare].mine) == (0, False)
    assert found[long].marks == (("key", "PAY-1"),)
    assert head in found


def test_thousands_of_branches(machine: Machine, repo: Repo) -> None:
    head = repo.tip()
    names = sorted(f"refs/heads/b/{number % 100}/{number}" for number in range(3000))
    lines = ["# pack-refs with: peeled fully-peeled sorted", *(f"{head} {name}" for name in names)]
    (repo.path / ".git/packed-refs").write_text("\n".join([*lines, ""]))
    assert len(look(machine, repo).branches) == 3001
    assert not repositories.refresh(machine.db, str(repo.path), ms(NOW))
    repo.git("branch", "-q", "-D", "b/1/1")
    gone = [branch.name for branch in look(machine, repo).branches if branch.gone_at is not None]
    assert gone == ["b/1/1"]


def test_a_missing_object_is_one_sentence_and_keeps_what_was_read(machine: Machine, repo: Repo) -> None:
    first = repo.commit("One", "a.txt")
    before = set(commits(machine, repo))
    second = repo.commit("Two", "b.txt")
    repo.commit("Three", "c.txt")
    (repo.path / ".git/objects" / second[:2] / second[2:]).unlink()
    found = look(machine, repo)
    assert found.error is not None
    assert "\n" not in found.error
    assert first in before
    assert before <= set(commits(machine, repo))


def test_what_lies_before_a_missing_object_is_read(machine: Machine, repo: Repo) -> None:
    middle = repo.commit("One", "a.txt")
    repo.commit("Two", "b.txt")  # git does not list a commit whose parent it misses
    last = repo.commit("Three", "c.txt")
    (repo.path / ".git/objects" / middle[:2] / middle[2:]).unlink()
    assert [(one.sha, one.mine) for one in commits(machine, repo).values()] == [(last, True)]
    assert look(machine, repo).error is not None


def test_who_stops_a_look_does_not_blame_the_repository(
    machine: Machine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "SECONDS", 0.5)  # the same with shorter waits
    os.mkfifo(repo.path / ".git/endless")
    repo.git("config", "include.path", str(repo.path / ".git/endless"))
    project = known(machine, repo)
    asked: list[None] = []
    for limits in ({"stop": lambda: asked.append(None) or len(asked) > 3}, {"seconds": 0.2}):
        assert not repositories.refresh(machine.db, project, ms(NOW), **limits)
        assert stored.repository(machine.db, project) is None
    assert repositories.refresh(machine.db, project, ms(NOW), seconds=0.5)
    found = stored.repository(machine.db, project)
    assert found is not None
    assert found.error == f"{repo.path}: git gave no answer within 0.5 seconds."


def test_a_worktree_that_was_removed_belongs_to_the_repository_it_lay_beside(repo: Repo) -> None:
    place = repo.path.parent / "shop-wt"
    repo.git("worktree", "add", "-q", "-b", "x", str(place / "fix-1"))
    assert git.project_of(str(place / "fix-1/src")) == (str(repo.path), "shop")
    shutil.rmtree(place)
    assert git.project_of(str(place / "fix-1/src")) == (str(repo.path), "shop")
    assert git.project_of(str(repo.path.parent / "other-wt/x"))[1] == "x"


def test_sha256_repositories_are_read_like_any_other(machine: Machine, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "w/modern", "--object-format=sha256")
    repo.commit("Begin", "README")
    (sha,) = repo.branch("feat/PAY-1", "a.txt")
    merge = repo.merge("feat/PAY-1", "--no-ff")
    worked(machine, repo, "feat/PAY-1", sha)
    found = look(machine, repo)
    assert {branch.merged_by for branch in found.branches if branch.name == "feat/PAY-1"} == {merge}
