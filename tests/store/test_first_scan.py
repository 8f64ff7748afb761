"""What a first scan may leave out because nothing is in the store yet, and what keeps that safe."""

from __future__ import annotations

import pytest
from claude_logs import Machine, answer, prompt

from tokentrack import ingest, readers
from tokentrack.store import write


def test_what_requests_are_priced_with_is_noted_before_the_first_one(machine: Machine) -> None:
    noted = "select value from settings where key = 'priced_with'"
    write.begin_setting(machine.db, ingest.PRICED_WITH, "a list")
    write.begin_setting(machine.db, ingest.PRICED_WITH, "a newer list")
    assert machine.rows(noted) == [("a list",)]


def test_requests_of_an_earlier_program_are_looked_up_although_nothing_was_noted(machine: Machine) -> None:
    """A store with requests says nothing of the prices that they were looked up with."""
    machine.log("P/S.jsonl", prompt(), answer())
    machine.scan()
    right = machine.rows("select list_value from requests")
    machine.db.execute("update requests set list_value = null, price_id = null")
    machine.db.execute("delete from settings where key = 'priced_with'")
    machine.scan()
    assert machine.rows("select list_value from requests") == right != [(None,)]


def test_transactions_are_short_while_a_reading_ends(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside another process that reads, whoever writes has little left when it ends."""
    monkeypatch.setattr(ingest, "BATCH_REQUESTS", 80)
    monkeypatch.setattr(readers, "SENT_BYTES", 1)
    monkeypatch.setattr(readers, "WORTH_WORKERS", 0)
    for number in range(60):
        machine.log(f"P/S{number}.jsonl", prompt(), *(answer(f"msg_{number}_{n}", t=n) for n in range(10)))
    shares: list[float] = []
    machine.scan(workers=1, on_progress=lambda progress: shares.append(progress.share))
    parts = [later - before for before, later in zip([0.0, *shares], shares, strict=False)]
    assert parts[0] == pytest.approx(80 / 600, rel=0.2)
    late = [(part, share) for part, share in zip(parts, shares, strict=True) if share > 7 / 8]
    assert len(late) > 3
    assert all(part <= (1 - share) * 1.1 + 2 / 60 for part, share in late), "more than what was left to read"
    assert machine.requests == 600
