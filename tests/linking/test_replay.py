"""AC 11: suggestions against the truth, on sessions simulated around real histories, confirmed evening by evening.

The sets are small, so that this is quick; benchmarks/ measures the large ones. Thresholds are those of the product.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import Machine
from linkset import Linkset, Replay, build, scripts_in


@pytest.fixture(scope="session")
def small(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Linkset:
    return build(scripts_in(shared), tmp_path_factory.mktemp("linkset"), ["ccusage", "vorta"], seed=5, sessions=180)


def test_ac11_suggestions_on_a_labelled_set(small: Linkset, machine: Machine) -> None:
    told = small.score(Replay(small, machine).suggested())
    assert told["decisions"] >= 80
    assert told["right"] >= 0.98 * told["decisions"], told["wrong"]
    assert told["cost_right"] >= 0.98 * told["cost"]
    assert told["none_selected"] <= max(1, 0.02 * told["none_sessions"])
    assert told["top3"] >= 0.85 * told["segments"]
    (keyed, with_key), (plain, without) = told["keyed"], told["unkeyed"]
    assert with_key >= 0.9 * keyed
    assert without >= 0.4 * plain


def test_ac11_rules_on_a_labelled_set(small: Linkset, machine: Machine) -> None:
    right, count = Replay(small, machine).ruled()
    assert count >= 30
    assert count - right <= 1
