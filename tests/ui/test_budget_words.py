"""What a budget's line and the icon say where its figure is no ordinary one."""

from __future__ import annotations

from dataclasses import replace

from ui.samples import glance, spent

from tokentrack.ui import words
from tokentrack.ui.lines import lines


def test_a_budget_of_tokens_below_the_headline_names_its_unit() -> None:
    shown, made = spent(), spent()
    tokens = replace(made, used=8_700_000, budget=replace(made.budget, id=2, measure="tokens", amount=40_000_000))
    told = [line.text for line in lines(glance(spent=shown, budgets=(shown, tokens)))]
    assert "Everything: 8.7 M of 40.0 M tokens a week" in told


def test_more_refunds_than_spend_are_no_part_of_a_plan() -> None:
    assert [words.percent(share) for share in (-0.12, 0, 0.999, 1)] == ["0%", "0%", "99%", "100%"]
