"""Amounts, times and the tooltip: AC 5 (unknown is never 0), AC 6 (money is labelled), AC 35 (127 characters)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.samples import NOON, USD, empty, glance, huge, spent, total
from worlds import few

from tokentrack.clock import local
from tokentrack.review.glance import Health
from tokentrack.ui import words
from tokentrack.ui.source import Status
from tokentrack.ui.states import state_of


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (None, "?"),
        (0, "0"),
        (4_000, "<.01"),
        (5_000, ".01"),
        (94_999, ".09"),
        (95_000, "0.1"),
        (400_000, "0.4"),
        (3_000_000, "3"),
        (3_440_000, "3.4"),
        (9_949_999, "9.9"),
        (9_950_000, "10"),
        (18_499_999, "18"),
        (999_499_999, "999"),
        (999_500_000, "1k"),
        (1_234_000_000, "1.2k"),
        (123_456_000_000, "123k"),
        (1_234_567_000_000, "1.2M"),
    ],
)
def test_ac5_short_money_rounds_at_its_borders(micro: int | None, text: str) -> None:
    assert words.short_money(micro) == text


@given(st.integers(0, 10**22))
@few
def test_the_icon_never_carries_more_than_four_characters(amount: int) -> None:
    assert 1 <= len(words.short_money(amount)) <= 4
    assert 1 <= len(words.short_tokens(amount)) <= 4


@given(st.integers(1, 10**15))
@few
def test_something_never_looks_like_nothing(amount: int) -> None:
    """AC 5: a cost that is not 0 never shows as 0."""
    assert words.short_money(amount) != "0"
    assert words.money(amount) not in ("$0", "$0.00")
    assert words.money(amount, exact=True) not in ("$0", "$0.00")


@pytest.mark.parametrize(
    ("micro", "exact", "unpriced", "text"),
    [
        (None, False, 0, "unknown"),
        (None, True, 3, "unknown"),
        (0, False, 0, "$0"),
        (0, True, 0, "$0"),
        (3_420_000, False, 0, "$3.42"),
        (3_000_000, False, 0, "$3"),
        (3_000_000, True, 0, "$3.00"),
        (9_994_999, False, 0, "$9.99"),
        (9_995_000, False, 0, "$10"),
        (18_490_000, False, 0, "$18"),
        (18_490_000, True, 0, "$18.49"),
        (18_000_000, False, 1, "$18 + unknown"),
        (1_234_567_890_000, True, 0, "$1,234,567.89"),
        (1_000, True, 0, "<$0.01"),
    ],
)
def test_money_names_what_it_does_not_know(micro: int | None, exact: bool, unpriced: int, text: str) -> None:
    assert words.money(micro, exact, unpriced) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "1 token"),
        (548, "548 tokens"),
        (492_400, "492,400 tokens"),
        (1_900_000, "1.9 M tokens"),
        (999_949_999, "999.9 M tokens"),
        (999_950_000, "1.0 B tokens"),
        (1_234_000_000_000, "1,234.0 B tokens"),
    ],
)
def test_tokens(n: int, text: str) -> None:
    assert words.tokens(n) == text


def test_times_are_relative_up_to_a_week() -> None:
    now = local(NOON)

    def ago(**back: int) -> str:
        return words.when(NOON - round(timedelta(**back).total_seconds() * 1000), now)

    assert ago() == "today 14:02"
    assert ago(days=1) == "yesterday 14:02"
    assert ago(days=6) == "Thu 14:02"
    assert ago(days=7) == "11 Nov"
    assert ago(days=365) == "18 Nov 2025"
    assert words.when(None, now) == "unknown"


def test_what_happened_on_one_day_is_told_apart_however_old_it_is() -> None:
    now = local(NOON)
    day = 86_400_000
    assert [words.moment(NOON - back * day, now) for back in (0, 6, 7)] == ["today 14:02", "Thu 14:02", "11 Nov 14:02"]
    assert words.moment(NOON - 365 * day, now) == "18 Nov 2025 14:02"
    assert words.moment(None, now) == "unknown"


def test_what_was_cut_has_no_full_stop_behind_its_dots() -> None:
    assert words.ended("PAY-12 Refunds") == "PAY-12 Refunds."
    assert words.ended(words.cut("PAY-12 Refunds", 8)) == "PAY-12…"


# the tooltip ----------------------------------------------------------------------------------------------------------


def said(at: object = None, status: Status | None = None, quiet: bool = False) -> str:
    shown = at or glance()
    status = status or Status()
    return words.tooltip(shown, status, state_of(shown, status), quiet)


def test_the_tooltip_of_the_design() -> None:
    assert said() == "This week $18 of $40 planned (list) · today $3 · 4 to link · read 14:02"


@pytest.mark.parametrize(
    ("changes", "status", "tail"),
    [
        ({"spent": spent(33)}, Status(), "near plan"),
        ({"spent": spent(46)}, Status(), "$6 over plan"),
        ({}, Status(reading=0.62), "reading logs 62%"),
        ({}, Status(stale=True), "last read 14:02"),
        ({}, Status(error="Cursor: cannot read (details)"), "Cursor: cannot read (details)"),
        ({}, Status(paused=True), "paused"),
    ],
)
def test_each_state_has_its_tail(changes: dict[str, object], status: Status, tail: str) -> None:
    assert said(glance(**changes), status).split(" · ")[-1] == tail


def test_without_a_budget_the_week_is_labelled_list() -> None:
    assert said(glance(spent=None)).startswith("$18 this week (list) · today $3")


def test_nothing_used_is_said() -> None:
    assert "nothing read today" in said(empty())


def test_quiet_shows_no_money() -> None:
    for status in (Status(), Status(paused=True), Status(stale=True)):
        assert "$" not in said(glance(spent=spent(46)), status, quiet=True)
    assert said(quiet=True) == "4 to link · read 14:02"


def test_ac5_an_unpriced_part_is_named() -> None:
    """AC 5."""
    assert "today unknown" in said(glance(today=total(None, 500)))
    assert "today $3 + unknown" in said(glance(today=total(3, 500, unpriced=1)))


AMOUNTS = st.integers(0, 9_999_999)


@given(
    used=AMOUNTS,
    plan=AMOUNTS,
    today=AMOUNTS,
    linkable=AMOUNTS,
    unpriced=st.booleans(),
    period=st.sampled_from(["day", "week", "month"]),
    measure=st.sampled_from(["list_value", "tokens", "paid"]),
    error=st.one_of(st.none(), st.text(max_size=25).map(lambda text: text * 16)),  # long ones take long to draw
    reading=st.one_of(st.none(), st.floats(0, 1)),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
@few
def test_ac35_the_tooltip_has_at_most_127_characters(
    used: int,
    plan: int,
    today: int,
    linkable: int,
    unpriced: bool,
    period: str,
    measure: str,
    error: str | None,
    reading: float | None,
    flags: tuple[bool, bool, bool],
) -> None:
    """AC 35, with 7-digit amounts everywhere at once."""
    paused, stale, quiet = flags
    shown = replace(
        huge(),
        today=total(today, 10**10, unpriced=unpriced),
        week=total(used, 10**10, unpriced=unpriced),
        spent=replace(spent(used, plan, period, measure), unpriced_requests=int(unpriced)),
        unlinked_sessions=linkable,
        health=Health(NOON, ("claude-code",), ()),
    )
    status = Status(reading, paused, stale, error)
    text = said(shown, status, quiet)
    assert 0 < len(text) <= words.TOOLTIP_MAX
    assert not quiet or error or "$" not in text


def test_the_health_line_says_what_is_wrong() -> None:
    assert words.health(glance(), Status()) == "Read 14:02 · Claude Code · all well"
    closed = "claude-code: /logs/s1.jsonl: it cannot be read (Permission denied)"
    one = glance(health=Health(NOON, (), (closed,)))
    told = "Claude Code: /logs/s1.jsonl: it cannot be read (Permission denied)"
    assert words.health(one, Status()) == f"Read 14:02 · {told}"
    two = glance(health=Health(NOON, (), (f"{closed}.", "b")))
    assert words.health(two, Status(paused=True)) == f"Read 14:02 · {told}, and 1 more problem"
    assert words.health(one, Status(error="The store is locked.")) == "Read 14:02 · The store is locked."
    assert words.health(empty(), Status(paused=True)) == "Nothing read yet · paused"


def test_the_last_reading_is_the_later_of_a_pass_and_a_single_log() -> None:
    later = Status(read_at=NOON + 5 * 60_000)
    assert words.health(glance(), later).startswith("Read 14:07 · ")
    assert said(status=later).endswith("read 14:07")
    assert said(status=replace(later, stale=True)).endswith("last read 14:07")
    assert words.health(glance(), Status(read_at=NOON - 60_000)).startswith("Read 14:02 · ")
    assert words.health(empty(), later).startswith("Read 14:07 · ")


def test_a_source_that_cannot_be_read_is_the_tooltips_tail() -> None:
    closed = glance(health=Health(NOON, (), ("codex: /logs/s1.jsonl: it cannot be read (Permission denied)",)))
    assert said(closed).endswith("Codex: /logs/s1.jsonl: it cannot be read (Permission denied)")


def test_over_plan_is_exact_in_the_budgets_measure() -> None:
    assert words.over(spent(46, 40)) == "$6 over plan"
    assert words.over(spent(46, 40, measure="tokens")) == "6.0 M tokens over plan"
    assert spent(46, 40).used == 46 * USD


def test_foreign_words_from_right_to_left_take_nothing_along() -> None:
    """`3` and `sessions` changed places behind an Arabic project's name. Marks that nobody sees keep them; others need none."""
    assert words.isolated("مشروع") == "\u2068مشروع\u2069"
    assert words.isolated("projet été 数据") == "projet été 数据"
    assert words.project_name("/w/مشروع") == "\u2068مشروع\u2069"
