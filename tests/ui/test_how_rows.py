"""How rows of a computed figure are written: money to the micro-dollar where needed, and what is no money in its own unit."""

from __future__ import annotations

import pytest

from tokentrack.review.paid import How, Line
from tokentrack.ui.why_how import how_rows


def shown(*lines: Line, adds: bool = True) -> list[tuple[str, str]]:
    return [(row.what, row.amount) for row in how_rows(How("formula", 1, "things", (), lines, adds))]


def test_ac24_rows_of_one_kind_and_unit_are_followed_by_their_sum() -> None:
    assert shown(Line("a", 60, "measured", unit="min"), Line("b", 1_200, "measured", unit="min")) == [
        ("a", "60 min"), ("b", "1,200 min"), ("sum", "1,260 min")
    ]  # fmt: skip
    assert shown(Line("a", 10_000, "list value"), Line("b", None, "list value"))[-1] == ("sum", "$0.01 + unknown")
    assert shown(Line("a", 1, "self-reported", unit=""), Line("b", 0, "self-reported", unit=""))[-1] == ("sum", "1")


@pytest.mark.parametrize(
    ("lines", "adds"),
    [
        ((Line("a", 60, "measured", unit="min"), Line("b", 1, "list value")), True),
        ((Line("a", 60, "measured", unit="min"), Line("b", 1, "measured", unit="tokens")), True),
        ((Line("a", 10_000, "list value"), Line("b", 20_000, "list value")), False),
    ],
)
def test_what_differs_in_kind_or_is_no_sum_is_not_added(lines: tuple[Line, ...], adds: bool) -> None:
    assert "sum" not in [what for what, _ in shown(*lines, adds=adds)]
