"""How a figure adds up, and whether its logs still tell the same when they are read again (issue 3, `why`; AC 24)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import HAIKU, OPUS, Machine, answer, prompt, usage
from codex_logs import PARENT, context, count, meta, rollout
from codex_logs import usage as codex_usage

from tokentrack.ingest import Ingest
from tokentrack.review.again import Again, read_again
from tokentrack.review.names import UnknownName, find
from tokentrack.review.why import made_of, record_of, traced
from tokentrack.store import open_store, read, sources, transaction, write
from tokentrack.store.read import Where

SONNET_TIERED = "claude-sonnet-4-5-20250929"


def again(machine: Machine) -> dict[str, Again]:
    found = sources.behind(machine.db, Where())
    return {one.request.key: told for one, told in read_again(found, machine.db, machine.home, os.environ)}


@pytest.fixture
def one(machine: Machine) -> Path:
    """A log of two answers, counted."""
    log = machine.log("P/S.jsonl", prompt(), answer("msg_1", figures=usage(3, 4)), answer("msg_2", t=2))
    machine.scan()
    return log


# ---- reading again ---------------------------------------------------------------------------------------------------


def test_a_log_that_did_not_change_tells_the_same(machine: Machine, one: Path) -> None:
    assert again(machine) == {key: Again("same", "Read again: the same.") for key in ("msg_1", "msg_2")}


def test_another_figure_is_named_with_both_amounts(machine: Machine, one: Path) -> None:
    one.write_bytes(one.read_bytes().replace(b'"output_tokens":4', b'"output_tokens":9'))
    told = again(machine)
    assert told["msg_1"] == Again("different", "Read again: different: output 4 counted, 9 now.")
    assert told["msg_2"].state == "same"


def test_a_shorter_log_says_where_it_ends(machine: Machine, one: Path) -> None:
    lines = one.read_bytes().splitlines(keepends=True)
    one.write_bytes(b"".join(lines[:2]))
    told = again(machine)
    assert told["msg_1"].state == "same"
    assert told["msg_2"].state == "shorter"
    assert f"it ends at byte {one.stat().st_size:,}" in told["msg_2"].text


def test_a_record_that_was_taken_out_of_a_log_is_missing(machine: Machine, one: Path) -> None:
    lines = one.read_bytes().splitlines(keepends=True)
    one.write_bytes(lines[0] + lines[2] + lines[2] * 3)
    told = again(machine)
    assert told["msg_1"].state == "missing"
    assert told["msg_2"].state == "moved"
    assert "byte" in told["msg_2"].text


def test_a_deleted_log_is_gone_and_so_is_its_record(machine: Machine, one: Path) -> None:
    one.unlink()
    assert {told.state for told in again(machine).values()} == {"gone"}
    (first, _) = sources.behind(machine.db, Where())
    assert record_of(traced(first)).raw is None
    assert record_of(traced(first)).note.startswith("The log is gone")


def test_a_log_in_another_folder_is_found_and_proves_the_figure(machine: Machine, one: Path) -> None:
    """Agents archive sessions, people rename folders: nothing was scanned since."""
    moved = machine.projects / "Q" / one.name
    moved.parent.mkdir()
    one.rename(moved)
    told = again(machine)
    assert {state.state for state in told.values()} == {"moved"}
    assert str(moved) in told["msg_1"].text


def test_a_log_that_cannot_be_opened_says_so_and_others_are_read(machine: Machine, one: Path) -> None:
    machine.log("P/T.jsonl", answer("msg_3", sessionId="T"))
    machine.scan()
    one.unlink()
    one.mkdir()  # stands for a file that cannot be opened, also where root runs the tests
    told = again(machine)
    assert told["msg_3"].state == "same"
    assert not told["msg_1"].proved


def test_codex_is_counted_again_from_the_start_as_its_totals_demand(machine: Machine) -> None:
    """A log that has only running totals: the figure of one record needs all before it."""
    log = rollout(
        machine, PARENT, meta(), context(), count(codex_usage(100, 0, 10)), count(codex_usage(250, 50, 30), t=2)
    )
    machine.scan()
    states = {told.state for told in again(machine).values()}
    assert states == {"same"}
    log.write_bytes(log.read_bytes().replace(b'"output_tokens":10', b'"output_tokens":11'))
    assert not any(told.proved for told in again(machine).values())


def test_nobody_waits_for_what_nobody_wants_to_know(machine: Machine, one: Path) -> None:
    found = sources.behind(machine.db, Where())
    assert list(read_again(found, machine.db, machine.home, os.environ, lambda: False)) == []


@pytest.mark.parametrize(
    "root",
    ["dev/claude", "dev/claude-dup", "dev/codex", "dev/codex-fork", "dev/opencode", "dev/opencode-migrated",
     "dev/opencode-sqlite", "real-agents/claude", "real-agents/codex", "real-agents/codex-zst", "real-agents/opencode"],
)  # fmt: skip
def test_every_request_of_real_logs_is_proved(shared: Path, empty_store: Path, tmp_path: Path, root: str) -> None:
    """Each record is found where the store says, and a reading from the start gives the same figures."""
    place = shared / "corpus" / root
    if not place.is_dir():
        pytest.skip(f"no logs at ../shared/corpus/{root}")
    agent = "claude-code" if "claude" in root else "codex" if "codex" in root else "opencode"
    inner = {"claude-code": ".claude", "codex": ".codex", "opencode": ".local/share/opencode"}[agent]
    folders = [str(folder) for folder in (place, place / "home" / inner) if folder.is_dir()]
    with closing(open_store(Path(shutil.copy(empty_store, tmp_path / "store.db")))) as db:
        with transaction(db):
            write.set_setting(db, f"roots.{agent}", json.dumps(folders))
        Ingest(db, tmp_path, {}).scan()
        found = sources.behind(db, Where())
        assert found
        assert {told.state for _, told in read_again(found, db, tmp_path, {})} == {"same"}
        assert all(record_of(traced(one)).raw is not None for one in found)


# ---- how it adds up --------------------------------------------------------------------------------------------------


def test_ac24_kinds_and_requests_add_up_to_the_figure(
    machine: Machine, sample_logs: Path, lay_out: Callable[[Path], Path]
) -> None:
    """AC 24."""
    lay_out(sample_logs)
    machine.scan()
    made = made_of(machine.db, "all")
    found = [traced(source) for source in sources.of(machine.db, made.requests)]
    assert made.total == machine.total()
    assert made.sessions == len([s for s in machine.sessions.values() if s.total.requests])
    assert sum(kind.count for kind in made.kinds) == made.total.tokens
    assert sum(one.list_value or 0 for one in found) == made.total.list_value
    # each request is rounded to a micro-dollar by itself, each kind once
    assert abs(sum(kind.value or 0 for kind in made.kinds) - (made.total.list_value or 0)) <= len(found)
    times = [one.request.at for one in found]
    assert times == sorted(times, reverse=True)


def test_dearest_first_and_the_unpriced_last(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl", answer("cheap", figures=usage(1, 1)), answer("dear", t=2), answer("none", t=3, model="x-1")
    )
    machine.scan()
    ids = made_of(machine.db, "all", dearest=True).requests
    assert [source.list_value for source in sources.of(machine.db, ids)] == [750, 30, None]


def test_a_tier_is_told_apart_from_the_usual_price(machine: Machine) -> None:
    """The whole request falls in the tier that its prompt exceeds, so both prices stand behind the input."""
    long, short = usage(200_001, 0), usage(1000, 0)
    machine.log(
        "P/S.jsonl",
        answer("l", model=SONNET_TIERED, figures=long),
        answer("s", t=2, model=SONNET_TIERED, figures=short),
    )
    machine.scan()
    made = made_of(machine.db, "all")
    (kind,) = made.kinds
    assert (kind.name, kind.count, len(kind.rates)) == ("input", 201_001, 2)
    assert kind.value == made.total.list_value
    assert kind.value == (200_001 * kind.rates[1] + 1000 * kind.rates[0]) // 1_000_000


def test_ac5_what_has_no_price_is_counted_and_never_0(machine: Machine) -> None:
    """AC 5."""
    machine.log(
        "P/S.jsonl", answer("known", figures=usage(100, 10)), answer("x", t=2, model="x-1", figures=usage(7, 0))
    )
    machine.scan()
    made = made_of(machine.db, "all")
    inputs = made.kinds[0]
    assert (inputs.count, inputs.unpriced, inputs.value) == (107, 7, 500)
    (only, *_) = made_of(machine.db, "x").kinds
    assert (only.count, only.value, only.rates) == (7, None, ())


# ---- names -----------------------------------------------------------------------------------------------------------


def test_a_figure_can_be_narrowed_to_an_agent_or_a_turn(machine: Machine) -> None:
    machine.log("P/S.jsonl", prompt(t=0), answer("msg_1", t=1), prompt(t=2), answer("msg_2", t=3), answer("msg_3", t=4))
    rollout(machine, PARENT, meta(), context(), count(codex_usage(100, 0, 10)))
    machine.scan()
    assert made_of(machine.db, "all").total.requests == 4
    assert made_of(machine.db, "agent:codex").total.requests == 1
    assert made_of(machine.db, "day:2026-11-20 agent:claude-code").total.requests == 3
    assert made_of(machine.db, "day:2026-11-20 agent:codex").total.requests == 0
    sessions = machine.sessions
    turns = {turn.seq: turn.total for turn in read.turns(machine.db, sessions["S"].id)}
    assert {seq: made_of(machine.db, f"S turn:{seq}").total for seq in turns} == turns
    names = ",".join(session.id for session in sessions.values())
    assert made_of(machine.db, f"sessions:{names}").total == machine.total()
    for name in ("today turn:1", "S turn:x", "turn:1", "agent:"):
        with pytest.raises(UnknownName, match=r"^[^\n]+$"):
            find(machine.db, name)


def test_a_key_with_blanks_in_it_is_a_name_as_before(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(None, None, model=HAIKU, uuid="u-7"), answer("msg_2", t=2, model=OPUS))
    machine.scan()
    keys = [source.request.key for source in sources.behind(machine.db, Where())]
    assert any(" " in key for key in keys)
    assert {find(machine.db, key)[0] for key in keys} == {f"request {key}" for key in keys}
