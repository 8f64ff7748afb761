"""AC 11: suggestions against the truth, on sessions simulated around real histories, confirmed week by week.

Of a week less is known than of a day, by which benchmarks/ measures larger sets; rules are replayed every sixth day on
which something was done. As many sessions as the product's numbers of decisions take. Thresholds are the product's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from linkset import Replay, build, read_once, scripts_in


@pytest.fixture(scope="module")
def read(shared: Path, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """A set of which nothing is confirmed yet: four repositories, so that nothing holds for one alone."""
    folder = tmp_path_factory.mktemp("linkset")
    histories = ["TokenTracker", "ccusage", "sqlite-utils", "vorta"]
    made = build(scripts_in(shared), folder, histories, seed=1, sessions=440)
    with read_once(made, empty_store) as replay:
        yield replay


@pytest.fixture
def replay(read: Replay, tmp_path: Path) -> Iterator[Replay]:
    with read.copied(tmp_path / "store.db") as one:
        yield one


def test_ac11_suggestions_on_a_labelled_set(replay: Replay) -> None:
    told = replay.set.score(replay.suggested("week"))
    assert told["decisions"] >= 250
    assert told["right"] >= 0.98 * told["decisions"], told["wrong"]
    assert told["cost_right"] >= 0.98 * told["cost"]
    assert told["none_selected"] <= max(1, 0.02 * told["none_sessions"])
    assert told["top3"] >= 0.85 * told["segments"]
    (keyed, with_key), (plain, without) = told["keyed"], told["unkeyed"]
    assert with_key >= 0.9 * keyed
    assert without >= 0.4 * plain


def test_ac11_rules_on_a_labelled_set(replay: Replay) -> None:
    right, count = replay.ruled(days=6)
    assert count >= 200
    assert right >= 0.99 * count
