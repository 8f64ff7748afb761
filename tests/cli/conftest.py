"""The command line in this process."""

from __future__ import annotations

from functools import partial

import pytest
from command_line import Run, run_in


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("today", "--json")`: the command line from its arguments to its exit code."""
    return partial(run_in, capsys, monkeypatch)
