"""The prices looked up when the app was built: where their file is damaged the price package is asked, and tokens are counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trespass
from claude_logs import HAIKU, Machine, answer, usage

from tokentrack import paths
from tokentrack.pricing import published, ready

SOURCE = published.source()
WHOLE = paths.resource(ready.RESOURCE).read_text(encoding="utf-8")


def with_rates(change: Callable[[int], object]) -> str:
    model, variant, since, until, matched, rates, tiers = json.loads(WHOLE)["rows"][0]
    return with_row([model, variant, since, until, matched, [change(rate) for rate in rates], tiers])


def with_row(row: Any) -> str:
    return json.dumps({"source": SOURCE, "rows": [*json.loads(WHOLE)["rows"], row]})


RATES = [1, 1, 1, 1, 1, 1]
DAMAGED = {
    "garbage": "\0{{{", "empty": "", "half": WHOLE[: len(WHOLE) // 2], "no object": "[]", "no source": '{"rows": []}',
    "no rows": json.dumps({"source": SOURCE}), "nested": "[" * 100_000, "a number for a row": with_row(1),
    "a short row": with_row(["m", ""]), "negative": with_rates(lambda rate: -rate), "texts": with_rates(str),
    "huge": with_rates(lambda _: 10**30), "halves": with_rates(lambda _: 0.5), "nothing": with_rates(lambda _: None),
    "true": with_rates(bool), "five rates": with_row(["m", "", None, None, "m", RATES[:5], []]),
    "seven rates": with_row(["m", "", None, None, "m", [*RATES, 1], []]), "a negative tier": with_row(
        ["m", "", None, None, "m", RATES, [[200_000, [-1, 1, 1, 1, 1, 1]]]]
    ), "a moment that is none": with_row(["m", "", "soon", None, "m", RATES, []]), "no name": with_row(
        [None, "", None, None, "m", RATES, []]
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_named_in_one_sentence_and_nothing_of_it_is_used(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(DAMAGED[kind], encoding="utf-8")
    found = ready.read(file, SOURCE)
    assert found.rows == {}
    assert [told.startswith(f"{file}: not used") and "\n" not in told for told in found.problems] == [True]


def test_a_file_that_is_missing_or_no_text_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("missing", "bytes", "."):
        found = ready.read(tmp_path / name, SOURCE)
        assert (found.rows, len(found.problems)) == ({}, 1)


def test_a_whole_file_is_used_with_the_version_it_was_made_from_alone(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(WHOLE, encoding="utf-8")
    assert sum(map(len, ready.read(file, SOURCE).rows.values())) == len(json.loads(WHOLE)["rows"])
    assert ready.read(file, SOURCE).problems == []
    assert ready.read(file, "genai-prices 0.0.0") == ({}, [])


def test_tokens_are_counted_and_priced_whatever_the_file_holds(machine: Machine, tmp_path: Path) -> None:
    """A copy of the app with a file of its own, as an installed one has."""
    app = tmp_path / "app/tokentrack"
    (app / "resources").mkdir(parents=True)
    for part in (Path(trespass.CHECKOUT) / "tokentrack").iterdir():
        if part.name != "__pycache__":
            (app / part.name).symlink_to(part)
    file = app / "resources/prices.json"
    file.write_text(with_rates(lambda rate: -rate), encoding="utf-8")
    machine.log("P/S.jsonl", answer("msg_1", model=HAIKU, figures=usage(1000, 0)))
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(app.parent), os.environ["PYTHONPATH"]])}
    done = subprocess.run(
        [sys.executable, "-m", "tokentrack", "scan"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stderr.startswith(f"{file}: not used")
    assert done.stderr.count("\n") == 1
    assert machine.rows("select input, list_value from requests") == [(1000, 1000)]
