"""Real repositories, as a person and others would make them, with times of the test's choice."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from claude_logs import BEGIN, Machine, answer, ms, prompt, tool_result, tool_use

from tokentrack import repositories
from tokentrack.model.repositories import Commit, Repository
from tokentrack.model.tasks import Task
from tokentrack.store import repositories as stored
from tokentrack.store import tasks, transaction

ME = "test@example.invalid"
OTHER = "other@example.invalid"
DAY = 86_400.0


class Repo:
    """A repository whose configuration says that its owner is `ME`. Times are seconds after the logs begin."""

    def __init__(self, path: Path, *words: str) -> None:
        self.path = path
        self.t = -10 * DAY
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *words)
        with (path / ".git/config").open("a", encoding="utf-8") as config:
            config.write(f"[user]\n\temail = {ME}\n\tname = Me\n")

    def git(self, *words: str, given: bytes = b"", email: str = ME, cwd: Path | None = None) -> str:
        stamp = f"{int(BEGIN.timestamp() + self.t)} +0000"
        env = {
            **os.environ, "GIT_AUTHOR_EMAIL": email, "GIT_COMMITTER_EMAIL": email,
            "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp,
        }  # fmt: skip
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.path, env=env, input=given, capture_output=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.decode().strip()

    def commit(self, message: str, file: str = "", text: str = "", *, email: str = ME, at: float | None = None) -> str:
        """A commit of one file on the branch that is checked out, an hour after the one before; returns its sha."""
        self.t = self.t + 3600 if at is None else at
        file = file or f"{len(message)}-{abs(hash(message)) % 10_000}.txt"
        place = self.path / file
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8") as out:
            out.write(text or f"{message}\n")
        self.git("add", file)
        self.git("commit", "-q", "-m", message, email=email)
        return self.tip()

    def tip(self, ref: str = "HEAD") -> str:
        return self.git("rev-parse", ref)

    def merged(self, name: str, message: str, file: str, later: float) -> None:
        """A commit of one file at `t` on a new branch, merged into `main` so many seconds later; by one process, in no folder."""

        def told(ref: str, words: str, seconds: float) -> str:
            by = f"Me <{ME}> {int(BEGIN.timestamp() + self.t + seconds)} +0000"
            words = f"data {len(words.encode())}\n{words}\n"
            return f"commit refs/heads/{ref}\nauthor {by}\ncommitter {by}\n{words}from refs/heads/main^0\n"

        made = f"M 100644 inline {file}\ndata {len(message.encode()) + 1}\n{message}\n\n"
        merge = told("main", f"Merge branch '{name}'", later) + f"merge refs/heads/{name}\n"
        self.git("fast-import", "--quiet", given=(told(name, message, 0) + made + merge + made).encode())

    def branch(self, name: str, *files: str, start: str = "main") -> list[str]:
        """A branch with a commit of each file; `main` is checked out afterwards."""
        self.git("checkout", "-q", "-b", name, start)
        made = [self.commit(f"Work on {file}", file, f"{name} {file}\n") for file in files]
        self.git("checkout", "-q", "main")
        return made

    def merge(self, name: str, *words: str, message: str = "") -> str:
        self.t += 3600
        self.git("merge", "-q", *words, *(["-m", message] if message else []), name)
        return self.tip()

    def squash(self, name: str, message: str, *, edit: str = "") -> str:
        """The branch as one commit, as a host makes it; `edit` is appended to a file of it on the way in."""
        self.t += 3600
        self.git("merge", "-q", "--squash", name)
        if edit:
            with (self.path / edit).open("a", encoding="utf-8") as file:
                file.write("edited on the way in\n")
            self.git("add", edit)
        self.git("commit", "-q", "-m", message)
        return self.tip()


def everything(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Each file and folder below a folder: its mode, when it was changed, and a digest of its bytes."""
    found = {}
    for place in sorted([folder, *folder.rglob("*")]):
        status = place.lstat()
        data = place.read_bytes() if place.is_file() and not place.is_symlink() else b""
        found[str(place.relative_to(folder))] = status.st_mode, status.st_mtime_ns, hashlib.sha256(data).hexdigest()
    return found


# ---- sessions in them ------------------------------------------------------------------------------------------------


def worked(machine: Machine, repo: Repo, branch: str, *made: str, session: str = "S", t: float = 0) -> None:
    """A session of two answers on a branch, in which the commits `made` were made, all in its turn 0."""
    where = {"cwd": str(repo.path), "gitBranch": branch, "sessionId": session}
    records = [prompt("Go on", t, uuid=f"{session}u{t}", **where)]
    for number, sha in enumerate(made):
        call = f"toolu_{session}{number}"
        content = [tool_use(call, "Bash", command="git commit -m x")]
        at = t + 1 + number
        records.append(
            answer(f"{session}{number}{t}", f"r{number}", at, uuid=f"{session}a{at}", content=content, **where)
        )
        output = {"stdout": f"[{branch} {sha[:8]}] Work\n 1 file changed"}
        records.append(tool_result(call, "ok", at + 0.5, output, uuid=f"{session}t{at}", **where))
    records.append(answer(f"{session}end{t}", "end", t + 50, uuid=f"{session}e{t}", **where))
    machine.log(f"P/{session}.jsonl", *records, append=True)
    machine.scan()


def known(machine: Machine, repo: Repo) -> str:
    """The repository as a project, which a task may make of it before any session does."""
    with transaction(machine.db):
        tasks.project_number(machine.db, str(repo.path))
    return str(repo.path)


def look(machine: Machine, repo: Repo, t: float = 20 * DAY) -> Repository:
    """What is told of the repository after a look at it at that time."""
    project = known(machine, repo)
    repositories.refresh(machine.db, project, ms(t), seconds=30)
    found = stored.repository(machine.db, project)
    assert found is not None
    return found


def commits(machine: Machine, repo: Repo) -> dict[str, Commit]:
    look(machine, repo)
    return {commit.sha: commit for commit in stored.commits(machine.db, str(repo.path))}


def a_task(
    machine: Machine, repo: Repo | None, key: str | None, title: str = "Refunds", url: str | None = None
) -> Task:
    with transaction(machine.db):
        return tasks.add(machine.db, Task("", title, key, url, str(repo.path) if repo else None, ms(-20 * DAY)))
