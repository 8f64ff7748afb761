"""Links over the life of real logs: growth, a full scan, a log written anew, forks, sub-agents (AC 21)."""

from __future__ import annotations

import shutil
from pathlib import Path

import codex_logs as codex
import pytest
from claude_logs import HAIKU, Machine, answer, prompt, usage

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Total
from tokentrack.store import links, read, tasks, transaction
from tokentrack.store.read import Where


def turn(session: str, number: int, tokens: int) -> list[dict[str, object]]:
    name, at = f"{session}{number}", 60 * number
    return [
        prompt(f"Step {number}", at, uuid=f"u{name}", sessionId=session),
        answer(
            f"msg_{name}",
            f"req_{name}",
            at + 1,
            uuid=f"a{name}",
            sessionId=session,
            model=HAIKU,
            figures=usage(tokens, 0),
        ),
    ]


def side(number: int, tokens: int, at: float) -> dict[str, object]:
    figures = usage(tokens, 0)
    return answer(f"msg_side{number}", f"req_side{number}", at, isSidechain=True, model=HAIKU, figures=figures)


@pytest.fixture
def cut(machine: Machine) -> tuple[Machine, str, str]:
    """A session of four turns with a sub-agent in its second, cut before its third: two tasks."""
    machine.log("P/S.jsonl", *(record for n in range(4) for record in turn("S", n, 1000)))
    machine.log("P/S/subagents/agent-1.jsonl", side(1, 50_000, 70))
    machine.scan()
    uid = machine.sessions["S"].id
    with transaction(machine.db):
        found = [tasks.add(machine.db, Task("", title, None, None, "/w/shop", 1)).id for title in ("One", "Other")]
        links.put(machine.db, uid, found[0], Span(0, 1), "manual", 1)
        links.put(machine.db, uid, found[1], Span(2), "manual", 1)
    return machine, found[0], found[1]


def inputs(machine: Machine) -> dict[str | None, int]:
    found = tasks.totals(machine.db)
    assert sum(found.values(), Total()) == read.total(machine.db, Where())
    return {key: total.input for key, total in found.items()}


def spans(machine: Machine, session: str) -> list[tuple[int, int | None]]:
    return [tuple(link.turns) for link in links.links(machine.db, [machine.sessions[session].id])]


def test_ac21_a_cut_session_grows_on_its_own_side(cut: tuple[Machine, str, str]) -> None:
    machine, one, other = cut
    assert inputs(machine) == {one: 52_000, other: 2000}
    machine.log("P/S.jsonl", *turn("S", 4, 7000), append=True)
    machine.log("P/S/subagents/agent-1.jsonl", side(2, 100, 75), append=True)  # the turn in which it ran
    machine.log("P/S/subagents/agent-2.jsonl", side(3, 20_000, 245))
    machine.scan()
    assert inputs(machine) == {one: 52_100, other: 29_000}


def test_ac21_a_full_scan_and_a_log_written_anew_leave_links_as_they_are(cut: tuple[Machine, str, str]) -> None:
    machine, one, other = cut
    before = links.links(machine.db)
    machine.scan(full=True)
    assert links.links(machine.db) == before
    machine.log("P/S.jsonl", *(record for n in range(1, 6) for record in turn("S", n, 1000)))  # without its beginning
    machine.scan()
    assert links.links(machine.db) == before
    assert inputs(machine) == {one: 52_000, other: 4000}


def test_ac9_deleting_the_logs_changes_no_tasks_total(cut: tuple[Machine, str, str]) -> None:
    machine, _, _ = cut
    before = tasks.totals(machine.db)
    shutil.rmtree(machine.home / ".claude")
    machine.scan(full=True)
    assert tasks.totals(machine.db) == before


def test_ac21_an_older_prompt_that_appears_moves_the_cut_with_its_prompt(cut: tuple[Machine, str, str]) -> None:
    machine, one, other = cut
    machine.log("Q/S.jsonl", *turn("S", -1, 300))  # an older part of the session, in a file of its own
    machine.scan()
    assert spans(machine, "S") == [(0, 2), (3, None)]
    assert inputs(machine) == {one: 52_300, other: 2000}


def test_ac21_a_fork_takes_no_linked_request_along(cut: tuple[Machine, str, str]) -> None:
    machine, one, other = cut
    copies = [record | {"sessionId": "F"} for n in range(4) for record in turn("S", n, 1000)]
    machine.log("P/F.jsonl", *copies, *(record | {"sessionId": "F"} for record in turn("F", 9, 11)))
    machine.scan()
    assert inputs(machine) == {one: 52_000, other: 2000, "": 11}


def test_ac21_what_turns_out_to_be_a_sub_agents_session_keeps_its_task(machine: Machine, home: Path) -> None:
    """A log names only its parent, which is a sub-agent itself: as long as that one's log is not read, it is a session."""
    del home
    codex.rollout(
        machine, codex.THIRD, codex.meta(codex.THIRD, 60, source=codex.spawned(codex.CHILD)), codex.context(t=60),
        codex.count(codex.usage(9), codex.usage(9), 64),
    )  # fmt: skip
    machine.scan()
    session = machine.sessions[codex.THIRD]  # an orphan is called by what is known of it
    with transaction(machine.db):
        task = tasks.add(machine.db, Task("", "One", None, None, None, 1)).id
        links.put(machine.db, session.id, task, Span(), "manual", 1)
    first = codex.usage(100)
    codex.rollout(
        machine, codex.PARENT, codex.meta(), codex.prompt("Begin", 1), codex.context(t=1), codex.count(first, first, 2),
        codex.prompt("Go on", 50), codex.context(t=50), codex.count(codex.usage(300), codex.usage(200), 51),
    )  # fmt: skip
    codex.rollout(machine, codex.CHILD, codex.meta(codex.CHILD, 55, source=codex.spawned(codex.PARENT)))
    machine.scan()
    assert set(machine.sessions) == {codex.PARENT}
    assert spans(machine, codex.PARENT) == [(1, 1)]
    assert inputs(machine) == {task: 209, "": 100}
