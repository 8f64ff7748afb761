"""Sessions that wait for a task, written as Claude Code writes them, and tasks that they may belong to."""

from __future__ import annotations

from collections.abc import Mapping

from claude_logs import OPUS, Machine, answer, ms, prompt, usage

from tokentrack.model.tasks import Task
from tokentrack.store import journal, tasks, transaction

HOUR = 3600
PAYMENTS, OPS = "/w/payments", "/w/ops"
BEFORE = ms(-86_400)
"""A day before the logs begin."""


def session(
    machine: Machine,
    name: str,
    title: str,
    branch: str,
    start: float,
    *,
    turns: int = 1,
    cwd: str = PAYMENTS,
    size: int = 60_000,
    model: str = OPUS,
    branches: Mapping[int, str] | None = None,
) -> None:
    """Turns of ten minutes with one request each; `branches` are those of single turns."""
    records = []
    for turn in range(turns):
        t = start + turn * 600
        told = {"sessionId": name, "cwd": cwd, "gitBranch": (branches or {}).get(turn, branch)}
        said = title if turn == 0 else f"go on, {name} {turn}"
        figures = usage(size, 900, 0, size * 3)
        records.append(prompt(said, t, uuid=f"u-{name}-{turn}", **told))
        records.append(
            answer(f"m-{name}-{turn}", f"r-{name}-{turn}", t + 30, model=model, figures=figures,
                   uuid=f"a-{name}-{turn}", **told)
        )  # fmt: skip
    machine.log(f"P/{name}.jsonl", *records)


def add_tasks(machine: Machine, *named: str, project: str | None = PAYMENTS) -> dict[str, Task]:
    """`add_tasks(machine, "PAY-12 Refunds")`: tasks that were there before the logs began, by their keys."""
    made = {}
    with transaction(machine.db), journal.change(machine.db, "Added tasks", BEFORE):
        for name in named:
            key, _, title = name.partition(" ")
            made[key] = tasks.add(machine.db, Task("", title, key, None, project, BEFORE))
    return made


def a_week(machine: Machine) -> dict[str, Task]:
    """Thirty sessions in nine groups: six whose branch names a task, two with two keys in the title, one that names none."""
    made = add_tasks(machine, *(f"PAY-{n} Piece of work {n}" for n in range(11, 19)))
    made |= add_tasks(machine, "OPS-7 Drift report", "OPS-8 Alerts", project=OPS)
    at = 0.0
    for n, many in ((11, 5), (12, 4), (13, 4), (14, 3), (15, 3)):
        for one in range(many):
            session(machine, f"s{n}{one}", f"Work on {one}", f"feat/PAY-{n}-piece", at, turns=2)
            at += 1300
    for one in range(3):
        session(machine, f"ops{one}", f"Nightly {one}", "feat/OPS-7-drift", at, cwd=OPS)
        at += 700
    session(machine, "tie0", "PAY-16 and PAY-17 look alike", "main", at)
    session(machine, "tie1", "PAY-16 or PAY-17, which first?", "main", at + 700)
    session(machine, "tie2", "PAY-17 before PAY-18?", "main", at + 1400)
    for one in range(5):
        session(
            machine, f"odd{one}", f"What does this do? {one}", "main", at + 2200 + one * 700, cwd="/w/notes", size=9_000
        )
    machine.scan()
    return made
