"""The counting cases X1 to X23, one test each: small logs as Codex writes them, through the whole pipeline.

Figures are (input, output, cache write, cache read), as the cases give them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, by_session
from codex_logs import (
    CHILD,
    OTHER,
    PARENT,
    THIRD,
    compressed,
    context,
    count,
    meta,
    ms,
    named,
    new_id,
    prompt,
    response,
    rollout,
    spaced,
    spawned,
    stamp,
    usage,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import few

from tokentrack.agents import codex_counting
from tokentrack.ingest import Ingest
from tokentrack.store import read, sources


def test_x01_one_event(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context(), count(usage(100, 10, 50), usage(100, 10, 50)))
    machine.scan()
    assert machine.figures() == (90, 50, 0, 10)
    assert machine.total().tokens == 150


def test_x02_without_last_usage_the_change_of_the_total_counts(machine: Machine) -> None:
    rollout(
        machine, PARENT, meta(), context(), count(usage(1000, 100, 200), t=1), count(usage(1600, 300, 450), t=2)
    )  # fmt: skip
    machine.scan()
    assert machine.figures() == (1300, 450, 0, 300)
    assert machine.rows("select input, output, cache_read from requests order by at") == [
        (900, 200, 100), (400, 250, 200)
    ]  # fmt: skip
    assert [session.tokens_from for session in machine.sessions.values()] == ["derived"]


def test_x03_only_last_usage(machine: Machine) -> None:
    rollout(
        machine, PARENT, meta(), context(), count(None, usage(1000, 100, 200), 1), count(None, usage(600, 200, 250), 2)
    )  # fmt: skip
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (1300, 450, 0, 300)


def test_x04_an_event_told_again_counts_once(machine: Machine) -> None:
    first, second = usage(100, 10, 50), usage(300, 30, 70)
    told = [count(first, first, 1), count(first, first, 2), count(second, usage(200, 20, 20), 3)]
    rollout(machine, PARENT, meta(), context(), *told, count(second, usage(200, 20, 20), 4))
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (270, 70, 0, 30)


def test_x05_an_unchanged_total_tells_nothing_more(machine: Machine) -> None:
    first = usage(100, 10, 50)
    rollout(machine, PARENT, meta(), context(), count(first, first, 1), count(first, usage(70, 0, 5), 2))
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (90, 50, 0, 10)


def test_x06_an_event_without_info_tells_limits_only(machine: Machine) -> None:
    limits = {"primary": {"used_percent": 11.0, "window_minutes": 299, "resets_in_seconds": 60}, "secondary": None}
    rollout(machine, PARENT, meta(), context(), prompt("Hello"), count(None, None, 1, rate_limits=limits))
    machine.scan()
    assert machine.requests == 0
    assert [(limit.window, limit.used_percent, limit.resets_at) for limit in read.limits(machine.db, "codex")] == [
        (300, 11.0, ms(61))
    ]  # fmt: skip


def test_x07_a_total_that_falls_is_a_restart(machine: Machine) -> None:
    first, again = usage(1000, 0, 10), usage(300, 0, 5)
    rollout(machine, PARENT, meta(), context(), count(first, first, 1), count(again, again, 2))
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (1300, 15, 0, 0)


def test_x07_after_a_fall_the_same_totals_are_met_again_and_count(machine: Machine) -> None:
    one, two = usage(100, 0, 10), usage(200, 0, 20)
    told = [count(one, one, 1), count(two, one, 2), count(one, one, 3), count(two, one, 4)]
    rollout(machine, PARENT, meta(), context(), *told)
    machine.scan()
    assert machine.requests == 4


def test_x07_a_total_that_begins_anew_and_is_larger_at_once_counts_whole(machine: Machine) -> None:
    """Formats 1c.3: a resumed thread's first prompt is mostly more than a session of one answer ever counted."""
    first, again = usage(10_000, 0, 500), usage(11_000, 9_000, 600)
    more = count(usage(11_500, 9_000, 650), usage(500, 0, 50), 3)
    rollout(machine, PARENT, meta(), context(), count(first, first, 1), count(again, again, 2), more)
    machine.scan()
    assert machine.rows("select input, cache_read, output from requests order by at") == [
        (10_000, 0, 500), (2_000, 9_000, 600), (500, 0, 50)
    ]  # fmt: skip
    assert [session.tokens_from for session in machine.sessions.values()] == ["recorded"]


def test_x07_two_threads_in_one_file_of_which_the_later_is_larger_at_once(machine: Machine) -> None:
    told = [(1000, 1000), (1100, 1100), (1200, 200), (1400, 200)]
    rollout(machine, PARENT, meta(), *(count(usage(total), usage(last), t) for t, (total, last) in enumerate(told)))
    machine.scan()
    assert machine.total().input == 1400 + 1100


_COUNTERS = st.builds(codex_counting.Figures, *[st.integers(0, 3)] * 3, st.integers(1, 3), st.integers(0, 1))


@given(st.lists(st.tuples(st.sampled_from(["goes on", "anew", "again"]), _COUNTERS), max_size=12))
@settings(few, max_examples=40)
def test_x04_x07_each_response_counts_once_whatever_repeats_and_begins_anew(events: list[Any]) -> None:
    """AC 2: the sum of a thread's responses, each under a key of its own."""
    totals, total, right, found, names, told = codex_counting.Totals(), None, [], [], [], []
    for kind, last in events:
        if kind != "again" or total is None:
            total = last if kind == "anew" or total is None else total.plus(last)
            if total in told:
                return  # nobody can tell it from one that is told again
            told.append(total)
            right.append(last)
        if (taken := totals.take(total, right[-1])) is not None:
            found.append(taken[0])
            names.append(totals.name)
    assert found == right
    assert len(set(names)) == len(names)


def test_x08_the_first_event_of_a_thread_resumed_here_counts_its_own_request(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context(), count(usage(5000, 0, 500), usage(1000, 0, 50)))
    machine.scan()
    assert machine.figures() == (1000, 50, 0, 0)


def test_x09_a_copied_head_is_the_parents_and_stays_the_baseline(machine: Machine) -> None:
    rollout(
        machine, CHILD,
        meta(CHILD, 60, source=spawned(PARENT), forked_from_id=PARENT),
        meta(PARENT, 60),
        count(usage(1000, 100, 200), t=60.1), count(usage(1500, 150, 300), t=60.2),
        count(usage(1600, 160, 320), t=75),
    )  # fmt: skip
    machine.scan()
    assert machine.requests == 1
    assert machine.figures() == (90, 20, 0, 10)


def test_x09_a_child_without_a_copied_head_counts_from_its_first_second(machine: Machine) -> None:
    rollout(
        machine, CHILD,
        meta(CHILD, 60, source=spawned(PARENT), forked_from_id=PARENT), context(t=60.3),
        count(usage(500, 0, 50), usage(500, 0, 50), 60.9), count(usage(900, 100, 90), usage(400, 100, 40), 65),
    )  # fmt: skip
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (800, 90, 0, 100)


def test_x09_a_childs_total_that_begins_anew_counts_its_own_figures(machine: Machine) -> None:
    rollout(
        machine, CHILD,
        meta(CHILD, 60, source=spawned(PARENT)), meta(PARENT, 60),
        count(usage(1000), usage(1000), 60), count(usage(1500), usage(500), 60),
        count(usage(2000, 0, 7), usage(2000, 0, 7), 75),
    )  # fmt: skip
    machine.scan()
    assert machine.figures() == (2000, 7, 0, 0)


def test_x10_several_forked_children_count_their_own_events(machine: Machine) -> None:
    head = [usage(700, 70, 140), usage(1000, 100, 200)]
    rollout(
        machine, PARENT, meta(), context(),
        count(head[0], head[0], 1), count(head[1], usage(300, 30, 60), 2),
    )  # fmt: skip
    for child, t in ((CHILD, 60), (OTHER, 120), (THIRD, 180)):
        copied = [count(total, None, t + 0.01 * n) for n, total in enumerate(head, 1)]
        own = usage(50, 0, 10)
        rollout(
            machine, child, meta(child, t, source=spawned(PARENT)), meta(PARENT, t), context(t=t), *copied,
            count(own, own, t + 5),
        )  # fmt: skip
    machine.scan()
    assert machine.requests == 5
    assert machine.figures() == (1050, 230, 0, 100)
    assert list(machine.sessions) == [PARENT]


def test_the_first_prompt_of_a_scripted_fork_is_its_own(machine: Machine) -> None:
    """cli.md: turns are the real prompts of the session's own log. Nothing was copied, though all came within 20 ms."""
    rollout(
        machine, CHILD, meta(CHILD, 60, forked_from_id=PARENT), context(t=60, turn="t1"),
        prompt("Go on with PAY-3", 60.02), count(usage(100, 0, 10), usage(100, 0, 10), 75),
        context(t=90, turn="t2"), prompt("And then", 90.02), count(usage(300, 0, 20), usage(200, 0, 10), 95),
    )  # fmt: skip
    machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (300, 20, 0, 0)
    assert machine.sessions[CHILD].turns == 2


def test_the_copied_prompts_of_an_older_fork_are_the_parents(machine: Machine) -> None:
    """The parent's own first record heads the copy; prompts after the first copied total are copied too."""
    first, second = usage(100, 0, 10), usage(200, 0, 20)
    for child, head in ((CHILD, [meta(PARENT, 60), prompt("Begin", 60.01)]), (OTHER, [])):
        rollout(
            machine, child, meta(child, 60, forked_from_id=PARENT), *head, context(t=60.01),
            count(first, None, 60.02), prompt("Again", 60.03), count(second, None, 60.04),
            prompt("Now here", 75), count(usage(250, 0, 25), t=80),
        )  # fmt: skip
    machine.scan()
    assert {name: session.turns for name, session in machine.sessions.items()} == {CHILD: 1, OTHER: 1}
    assert machine.requests == 2


def test_x11_siblings_of_a_lost_parent_share_their_head_once(machine: Machine) -> None:
    head = [(usage(100 * n, 0, n), usage(100, 0, 1)) for n in range(1, 136)]
    for child, t in ((CHILD, 1000), (OTHER, 9000)):
        shared = [count(total, last, t + 1 + 2 * n) for n, (total, last) in enumerate(head)]
        own = count(usage(13_500 + t, 0, 135 + t), usage(t, 0, t), t + 900)
        rollout(machine, child, meta(child, t, forked_from_id=PARENT), context(t=t), *shared, own)
    machine.scan()
    assert machine.requests == 137
    assert machine.figures() == (13_500 + 10_000, 135 + 10_000, 0, 0)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("told", ["by name", "by nothing but equal lines"])
def test_x12_a_branch_adds_only_its_own_events(machine: Machine, order: int, told: str) -> None:
    history = [context(t=0), count(usage(1000, 100, 200), t=60)]
    own = count(usage(1600, 300, 450), t=120)
    heads = ([meta("p")], [meta("b", 100, forked_from_id="p")]) if told == "by name" else ([], [])
    files = {"08-00-00-parent.jsonl": [*heads[0], *history], "08-02-00-branch.jsonl": [*heads[1], *history, own]}
    for name in list(files)[::order]:
        named(machine, name, *files[name])
        machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (1300, 450, 0, 300)
    names = ("p", "b") if told == "by name" else ("08-00-00-parent", "08-02-00-branch")
    assert [by_session(machine)[name].input for name in names] == [900, 400]


@pytest.mark.parametrize("order", [1, -1])
def test_x12_what_a_fork_copied_after_the_clock_was_set_back_stays_the_parents(machine: Machine, order: int) -> None:
    """Its session and its time: the copy was stamped earlier than the turn it tells of began."""
    parent, fork = new_id(0, 1), new_id(-7200, 2)
    spent = context(t=100, turn=new_id(100)), count(usage(100), usage(100), 101)
    copied = context(t=-7200, turn=new_id(100)), count(usage(100), usage(100), -7200)
    own = context(t=-7100, turn=new_id(-7100)), count(usage(150), usage(50), -7090)
    logs = {parent: (meta(parent), *spent), fork: (meta(fork, -7200, forked_from_id=parent), *copied, *own)}
    for name in [*logs][::order]:
        rollout(machine, name, *logs[name])
        machine.scan()
    told = "select s.native_id, r.at, r.input from requests r join sessions s on s.id = r.session_id order by r.at desc"
    assert machine.rows(told) == [(parent, ms(101), 100), (fork, ms(-7090), 50)]


@pytest.mark.parametrize("order", [1, -1])
def test_x13_one_rollout_in_two_places_counts_once(machine: Machine, order: int) -> None:
    told = [meta(), context(), count(usage(100, 10, 20), t=1), count(usage(300, 30, 50), t=2)]
    for archived in (False, True)[::order]:
        rollout(machine, PARENT, *told[: 4 if archived else 3], archived=archived)
        machine.scan()
    assert machine.requests == 2
    assert machine.figures() == (270, 50, 0, 30)


def test_x13_archiving_and_compressing_change_nothing(machine: Machine) -> None:
    path = rollout(machine, PARENT, meta(), context(), prompt("Hello"), count(usage(100, 10, 20)), append=False)
    machine.scan()
    before = machine.figures(), [session.turns for session in machine.sessions.values()]
    moved = Path(path.parents[4], "archived_sessions", path.name)
    moved.parent.mkdir()
    path.rename(moved)
    machine.scan()
    compressed(moved)
    machine.scan()
    assert before == (machine.figures(), [session.turns for session in machine.sessions.values()])
    assert before[0] == (90, 20, 0, 10)
    assert machine.requests == 1
    assert [source.gone for source in sources.behind(machine.db, read.Where())] == [False]


def test_x13_a_log_that_is_moved_while_it_is_watched_is_told_from_its_new_place(machine: Machine) -> None:
    path = rollout(machine, PARENT, meta(), context(), count(usage(100, 10, 20)))
    machine.scan()
    moved = path.with_name("archived.jsonl")
    path.rename(moved)
    Ingest(machine.db, machine.home, os.environ).read_paths([path, moved])
    assert [(source.log, source.gone) for source in sources.behind(machine.db, read.Where())] == [(str(moved), False)]


def test_x13_a_compressed_log_met_while_it_was_written_is_whole_in_the_end(machine: Machine) -> None:
    """What `doctor` says of it must not outlive it."""
    path = compressed(rollout(machine, PARENT, meta(), context(), count(usage(100, 10, 20))))
    packed = path.read_bytes()
    for written in (0, 10, len(packed) // 2, len(packed)):
        path.write_bytes(packed[:written])
        machine.scan()
    assert machine.rows("select reason from problems") == machine.rows("select path from logs where unreadable") == []
    assert machine.requests == 1


def test_a_linked_folder_is_read_and_a_circle_of_links_ends(machine: Machine, tmp_path: Path) -> None:
    """AC 37: folders are read the same way for all agents."""
    path = rollout(machine, PARENT, meta(), context(), count(usage(100, 10, 20)))
    year, sessions = path.parents[2], path.parents[3]
    outside = tmp_path / "elsewhere"
    year.rename(outside)
    year.symlink_to(outside)
    for place, target in {"loop": sessions, "above": machine.home, "other": year, "2026/back": year}.items():
        (sessions / place).symlink_to(target)
    (sessions / "nowhere").symlink_to("nothing")
    report = machine.scan()
    assert (report.logs, machine.requests, report.problems) == (1, 1, [])


def test_a_log_is_met_where_it_lies_before_any_link_to_it(machine: Machine) -> None:
    path = rollout(machine, PARENT, meta(), context(), count(usage(100, 10, 20)))
    sessions = path.parents[3]
    (sessions / "1999").mkdir()
    (sessions / "1999/link").symlink_to(sessions / "2026")
    (sessions / "link").symlink_to(sessions / "2026/09")
    machine.scan()
    assert machine.rows("select path from logs") == [(str(path),)]


def test_x14_unrelated_sessions_with_equal_times_and_figures_both_count(machine: Machine) -> None:
    for name in (PARENT, OTHER):
        rollout(machine, name, meta(name), context(turn="t1"), count(usage(100, 10, 50), usage(100, 10, 50)))
    machine.scan()
    assert machine.requests == 2
    assert {total.input for total in by_session(machine).values()} == {90}


def test_x14_fresh_subagents_with_equal_first_figures_both_count(machine: Machine) -> None:
    for child, t in ((CHILD, 60), (OTHER, 61)):
        own = usage(100, 10, 50)
        told = meta(child, t, source=spawned(PARENT), parent_thread_id=PARENT, forked_from_id=PARENT)
        rollout(machine, child, told, context(t=t), count(own, own, t + 4))
    machine.scan()
    assert machine.requests == 2


def test_x15_without_a_turn_context_it_counts_with_an_unknown_model(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), count(usage(100, 10, 50)))
    machine.scan()
    assert machine.figures() == (90, 50, 0, 10)
    assert read.models(machine.db) == []
    assert machine.total().list_value is None


def test_x16_each_event_has_the_model_in_force(machine: Machine) -> None:
    rollout(
        machine, PARENT, meta(), context("gpt-5.5"), count(usage(100), t=1), context("gpt-5.4"), count(usage(300), t=2)
    )  # fmt: skip
    machine.scan()
    assert machine.rows("select m.name, r.input from requests r join models m on m.id = r.model_id order by at") == [
        ("gpt-5.5", 100), ("gpt-5.4", 200)
    ]  # fmt: skip


def test_x16_a_record_has_the_model_of_its_turn(machine: Machine) -> None:
    rollout(
        machine, PARENT, meta(), context("gpt-5.5", turn="a"), context("gpt-5.4", turn="b"),
        response("resp_1", usage(100), turn="a"), response("resp_2", usage(300), turn="b"),
    )  # fmt: skip
    machine.scan()
    assert machine.rows("select m.name, r.input from requests r join models m on m.id = r.model_id order by input") == [
        ("gpt-5.5", 100), ("gpt-5.4", 300)
    ]  # fmt: skip


def test_x17_a_review_is_priced_as_the_model_of_its_day_and_says_so(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context("codex-auto-review"), count(usage(1_000_000)))
    machine.scan()
    assert read.models(machine.db) == ["codex-auto-review"]
    source = sources.behind(machine.db, read.Where())[0]
    assert source.list_value
    assert source.price is not None
    assert source.price.matched == "openai/gpt-5.6-luna (assumed)"


def test_x18_more_cached_than_sent_is_capped(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context(), count(usage(100, 150, 50)))
    machine.scan()
    assert machine.figures() == (0, 50, 0, 100)


def test_x19_saved_output_of_codex_exec(machine: Machine) -> None:
    named(
        machine, "run.jsonl",
        {"type": "turn.completed", "timestamp": stamp(1), "model": "gpt-5.2-codex",
         "usage": {"input_tokens": 120, "cached_input_tokens": 20, "output_tokens": 30, "total_tokens": 150}},
        {"type": "result", "data": {"timestamp": stamp(2), "model_name": "gpt-5.2-codex",
                                    "usage": {"prompt_tokens": 50, "cached_tokens": 5, "completion_tokens": 12}}},
        {"type": "turn.completed", "timestamp": stamp(3), "model": "gpt-5.2-codex",
         "usage": {"input_tokens": 9, "output_tokens": 4, "reasoning_output_tokens": 1, "total_tokens": 0}},
    )  # fmt: skip
    machine.scan()
    sums = machine.rows("select at, input + cache_read + output from requests order by at")
    assert sums == [(ms(1), 150), (ms(2), 62), (ms(3), 14)]
    assert machine.figures() == (100 + 45 + 9, 30 + 12 + 5, 0, 25)
    assert list(machine.sessions) == ["run"]


def test_x20_odd_times_and_spaces(machine: Machine) -> None:
    told = [meta(), context(), count(usage(100, 10, 50)) | {"timestamp": ms(1)}, count(usage(200, 20, 75), t=2)]
    rollout(machine, PARENT, *map(spaced, told), count(usage(300, 30, 90)) | {"timestamp": "yesterday"})
    machine.scan()
    assert machine.figures() == (270, 90, 0, 30)
    assert machine.rows("select at from requests order by at") == [(None,), (ms(1),), (ms(2),)]


def test_x21_an_event_before_the_items_of_its_turn_counts(machine: Machine) -> None:
    first = usage(3037, 2048, 73)
    rollout(machine, PARENT, meta(), count(first, first, 1), context(t=2), prompt("Hello", 3), count(first, first, 4))
    machine.scan()
    assert machine.figures() == (989, 73, 0, 2048)


def test_x22_an_event_told_later_is_added_once(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context(), prompt("Hello", 0), count(usage(100, 0, 10), t=1))
    machine.scan()
    rollout(machine, PARENT, count(usage(100, 0, 10), t=2), count(usage(250, 0, 30), t=3), append=True)
    machine.scan()
    machine.scan(full=True)
    assert machine.requests == 2
    assert machine.figures() == (250, 30, 0, 0)
    assert machine.sessions[PARENT].turns == 1


def test_x23_reasoning_is_part_of_the_output(machine: Machine) -> None:
    rollout(machine, PARENT, meta(), context(), count(usage(100, 0, 200, 20)))
    machine.scan()
    assert machine.figures() == (100, 200, 0, 0)
    assert machine.total().reasoning == 20


def test_only_the_folders_of_codex_home_are_read(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollout(machine, PARENT, meta(), count(usage(100)))
    (machine.home / ".codex/history.jsonl").write_text("{}\n")
    other = Machine(tmp_path, tmp_path / "store.db")
    rollout(other, OTHER, meta(OTHER), count(usage(70)))
    other.close()
    assert machine.scan().logs == 1
    monkeypatch.setenv("CODEX_HOME", f"~/.codex, {tmp_path / '.codex'}{os.sep}")
    assert machine.scan().logs == 2
    assert machine.total().input == 170
