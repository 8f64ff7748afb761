"""What fresh eyes found wrong on the command line, each held by a test."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, answer, prompt, usage
from command_line import Run

from tokentrack.store import open_store, read, sources
from tokentrack.store.copies import copy_to, restore_from


def test_a_restored_store_gets_its_own_numbers_for_models_places_and_prices(machine: Machine, tmp_path: Path) -> None:
    """The ingest thread lives longer than the file: numbers it remembers may mean something else after a restore."""
    machine.log("P/S.jsonl", prompt(), answer("msg_1", model="claude-opus-4-5", gitBranch="b1"))
    empty = tmp_path / "empty.db"
    with closing(open_store(empty)) as db:
        copy_to(db, tmp_path / "backup.db")
    machine.scan()
    restore_from(tmp_path / "backup.db", machine.store)
    machine.log("P/T.jsonl", prompt(), answer("msg_2", model="claude-haiku-4-5", gitBranch="b2"))
    machine.scan()
    assert [row["name"] for row in machine.db.execute("select name from models")] == [
        "claude-haiku-4-5",
        "claude-opus-4-5",
    ]
    for source in sources.behind(machine.db, read.Where()):
        assert source.request.model in ("claude-opus-4-5", "claude-haiku-4-5")
        assert source.price is not None
        assert source.request.model in source.price.matched


def test_a_price_given_later_values_what_was_read_before(machine: Machine, run: Run) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1", model="my-model-9"))
    machine.scan()
    assert read.unpriced(machine.db) == [("my-model-9", 1)]
    machine.store.with_name("prices.toml").write_text('[[price]]\nmodel = "my-model-9"\ninput = 1\noutput = 2\n')
    assert run("scan").code == 0
    assert read.unpriced(machine.db) == []
    assert read.unlinked(machine.db)[1].list_value


def test_a_budget_of_what_was_paid_says_so_while_nothing_tells_it(machine: Machine, run: Run) -> None:
    done = run("budget", "set", "40", "usd", "week", "--measure", "paid")
    assert done.code == 0
    assert "paid is not known: no plan or charge is entered" in done.out
    assert "tokentrack plan add" in done.err


@pytest.mark.parametrize("by", ["task", "outcome"])
def test_everything_is_unlinked_until_there_are_tasks(machine: Machine, run: Run, by: str) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1"))
    machine.scan()
    assert '"key": "unlinked", "requests": 1' in run("usage", "--by", by, "--json").out


def test_a_clock_that_is_none_and_an_agent_that_is_none_are_wrong_usage(
    machine: Machine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("usage", "--agent", "foo").code == 2
    assert run("sessions", "--agent", "foo").code == 2
    for none in ("nonsense", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        monkeypatch.setenv("TOKENTRACK_NOW", none)
        told = run("today")
        assert (told.code, "TOKENTRACK_NOW is no time like" in told.err) == (2, True)
    for end in ("1971-01-01T00:00:00Z", "9997-12-31T23:59:59Z"):
        monkeypatch.setenv("TOKENTRACK_NOW", end)
        assert [run(command).code for command in ("today", "review", "usage")] == [0, 0, 0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_a_plain_failure(machine: Machine) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tokentrack", "--store", str(machine.store), "usage", "--json"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


def test_why_shows_the_proof_of_one_request(machine: Machine, run: Run) -> None:
    machine.log("P/S.jsonl", prompt(), answer("msg_1", model="claude-opus-4-5"))
    machine.scan()
    told = run("why", "msg_1").out
    for word in ("log ", "raw ", '"output_tokens"', "rule ", "price ", "claude-opus-4-5"):
        assert word in told


def test_an_amount_is_the_same_wherever_it_stands(machine: Machine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC 24: half a cent goes up everywhere; what is less than half a cent is not nothing."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T12:00:00Z")
    price = "claude-haiku-4-5"  # a dollar a million
    machine.log("P/S.jsonl", prompt(), answer("msg_1", model=price, figures=usage(46_305_000, 0)))
    machine.log("P/T.jsonl", prompt(cwd="/w/t"), answer("msg_2", t=2, model=price, figures=usage(700, 0), cwd="/w/t"))
    machine.scan()
    assert run("budget", "set", "60", "usd", "week").code == 0
    shown = [run(*words).out for words in (["today"], ["usage", "--by", "week"], ["review"])]
    assert {amount for text in shown for amount in re.findall(r"\$46\.\d+", text)} == {"$46.31"}
    assert "<$0.01" in run("sessions").out
    assert "$0.000700" in run("why", "session:T").out
