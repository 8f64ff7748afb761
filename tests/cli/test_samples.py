"""The demo's sample logs, moved to the last eight days."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from tokentrack import clock
from tokentrack.cli.samples import lay_out
from tokentrack.ingest import Ingest
from tokentrack.store import open_store, read


@pytest.mark.usefixtures("noon")
def test_the_newest_sample_ended_just_now_and_none_lies_ahead(home: Path) -> None:
    lay_out(home)
    with closing(open_store(home / "demo.db")) as db:
        Ingest(db, home, os.environ).scan()
        ends = sorted((session.ended_at or 0 for session in read.sessions(db)), reverse=True)
    assert clock.now_ms() - 5 * 60_000 < ends[0] <= clock.now_ms()
    assert [clock.today() - clock.day_of(end) for end in ends[1:]] == [n * clock.DAY for n in range(1, len(ends))]
