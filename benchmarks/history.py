"""A repository of 100,000 commits, and how long it takes to read it once, to read what is new, and to answer."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

COMMITS = 100_000
BRANCHES = 2000
BEGIN = 1_500_000_000


def made(folder: Path, commits: int = COMMITS, branches: int = BRANCHES) -> Path:
    """A main branch with merged branches, one in ten commits by the person, every fourth naming a task. Made once."""
    if (folder / ".git/packed-refs").exists():
        return folder
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    settings = {"user.email": "me@example.com", "user.name": "Me", "gc.auto": "0"}
    for name, value in settings.items():
        subprocess.run(["git", "-C", str(folder), "config", name, value], check=True)
    lines: list[bytes] = []
    side = commits // branches // 2
    number = main = 0
    while number < commits:
        for _ in range(side):
            number += 1
            lines.append(_commit("main", number, main and f"from :{main}"))
            main = number
        tip = main
        for _ in range(side - 1):
            number += 1
            lines.append(_commit(f"feat/PAY-{number // side}", number, f"from :{tip}"))
            tip = number
        number += 1
        lines.append(_commit("main", number, f"from :{main}\nmerge :{tip}"))
        main = number
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=b"".join(lines), check=True)
    subprocess.run(["git", "-C", str(folder), "pack-refs", "--all"], check=True)
    return folder


def _commit(branch: str, number: int, parents: str | int) -> bytes:
    who = "Me <me@example.com>" if number % 10 == 0 else f"Dev <dev{number % 40}@example.com>"
    when = f"{BEGIN + number * 600} +0000"
    message = (
        f"PAY-{number // 25}: " if number % 4 == 0 else ""
    ) + f"Change {number}\n\nWhy it was made, in a line or two.\n"
    file = f"change {number}\n"
    return (
        f"commit refs/heads/{branch}\nmark :{number}\nauthor {who} {when}\ncommitter {who} {when}\n"
        f"data {len(message)}\n{message}" + (f"{parents}\n" if parents else "")
        + f"M 100644 inline src/{number % 97}/{number % 1009}.txt\ndata {len(file)}\n{file}\n"
    ).encode()  # fmt: skip


def measured(work: Path) -> dict[str, Any]:
    from tokentrack import clock, repositories
    from tokentrack.store import open_store, tasks, transaction
    from tokentrack.store import repositories as stored

    folder = made(work / "history")
    store = work / "history.db"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
    os.environ["HOME"] = str(work)  # the person's own configuration tells of other addresses
    with closing(open_store(store)) as db:
        with transaction(db):
            tasks.project_number(db, str(folder))
        steps = 0
        first = time.perf_counter()
        while not _whole(db, folder):
            repositories.refresh(db, str(folder), clock.now_ms(), seconds=5)
            steps += 1
        found = {"commits": COMMITS, "first_read": round(time.perf_counter() - first, 2), "steps_of_5_seconds": steps}
        answers: dict[str, Callable[[], object]] = {
            "nothing_new": lambda: repositories.refresh(db, str(folder), clock.now_ms()),
            "own_and_marked_commits": lambda: stored.commits(db, str(folder), marked=True, mine=True),
            "all_commits": lambda: stored.commits(db, str(folder)),
            "repository": lambda: stored.repository(db, str(folder)),
        }
        found |= {name: _middle(ask) for name, ask in answers.items()}
        new = []
        for number in range(5):
            _commit_now(folder, number)
            new.append(_timed(lambda: repositories.refresh(db, str(folder), clock.now_ms())))
        return found | {
            "one_new_commit": round(median(new), 3),
            "store_megabytes": round(store.stat().st_size / 1e6, 1),
        }


def _whole(db: sqlite3.Connection, folder: Path) -> bool:
    from tokentrack.store import repositories as stored

    found = stored.repository(db, str(folder))
    return found is not None and found.whole


def _commit_now(folder: Path, number: int) -> None:
    tree = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "main^{tree}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    made = subprocess.run(
        ["git", "-C", str(folder), "commit-tree", tree, "-p", "main", "-m", f"PAY-{number}: one more {time.time_ns()}"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    subprocess.run(["git", "-C", str(folder), "update-ref", "refs/heads/main", made], check=True)


def _middle(ask: Callable[[], object]) -> float:
    return round(median(_timed(ask) for _ in range(5)), 3)


def _timed(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started
