"""The command line in this process."""

from __future__ import annotations

import sys

import pytest
from command_line import Result, Run

from tokentrack import cli


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("today", "--json")`: the command line from its arguments to its exit code."""

    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["tokentrack", *arguments])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        return Result(code, *capsys.readouterr())

    return call
