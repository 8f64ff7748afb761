"""The sum at the foot of the tasks: what is shown of its parts is what is shown of the sum."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tokentrack.model.tasks import Task
from tokentrack.model.usage import Total
from tokentrack.review.ledger import BY_OUTCOME, Ledger, Row, Used
from tokentrack.ui.task_rows import Addend, foot, foot_by_outcome

VALUES = st.lists(st.one_of(st.integers(0, 30_000), st.integers(0, 10**12)), min_size=5, max_size=5)


def used(value: int) -> Used:
    return Used(Total(requests=1, list_value=value), sessions=1)


def cents(part: Addend) -> int:
    return 0 if part.text == "<$0.01" else int(part.text.lstrip("$").replace(",", "").replace(".", ""))


@given(VALUES)
@example([4_000, 4_000, 4_000, 0, 0])
@example([5_000, 5_000, 0, 0, 0])
@example([0, 19_534, 30_000, 1_766, 3_700])
def test_ac30_the_parts_shown_add_up_to_the_sum_shown(values: list[int]) -> None:
    """AC 30, and a rounded amount is less than a cent beside what it stands for; something is never shown as nothing."""
    rows = tuple(Row(Task(str(at), str(at), None, None, None, 0), used(value)) for at, value in enumerate(values[:3]))
    outcomes = tuple((key, used(value)) for key, value in zip(BY_OUTCOME, values, strict=False))
    ledger = Ledger(rows, used(values[3]), used(values[4]), used(sum(values)), outcomes)
    for shown in (foot(ledger, rows[:2]), foot(ledger, rows), foot_by_outcome(ledger)):
        *parts, whole = shown
        assert sum(map(cents, parts)) == cents(whole)
        for part in parts:
            assert abs(cents(part) * 10_000 - part.used.list_value) < 10_001
            assert (part.text == "$0") is (part.used.list_value == 0)
