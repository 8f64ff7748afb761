"""Which state the counter is in: the precedence of product.md 5.2, and what each mode counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ui.samples import empty, glance, spent, total

from tokentrack.review.glance import Health
from tokentrack.ui.lines import headline, lines, menu_lines
from tokentrack.ui.source import Status
from tokentrack.ui.states import IconLook, look_of, state_of
from tokentrack.ui.words import over, tooltip


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status(0.5, True, True, "broken"), "error"),
        (Status(0.5, True, True), "paused"),
        (Status(0.5, False, True), "reading"),
        (Status(None, False, True), "stale"),
        (Status(), "over"),
    ],
)
def test_the_worse_state_stands_before_the_others(status: Status, state: str) -> None:
    assert state_of(glance(spent=spent(46)), status) == state


@pytest.mark.parametrize(
    ("used", "state"),
    [(0, "within"), (0.01, "within"), (31.99, "within"), (32, "near"), (40, "near"), (40.01, "over")],
)
def test_the_plans_borders(used: float, state: str) -> None:
    """Within below 80 %, near from there to the plan itself, over only above it."""
    assert state_of(glance(spent=spent(used)), Status()) == state


@pytest.mark.parametrize("used", [0, -3])
def test_a_day_with_use_is_not_idle_though_its_budget_counts_none_of_it(used: float) -> None:
    """Product 5.2: a budget of one project, use that costs nothing, a refund of what was paid."""
    assert look_of(glance(spent=spent(used)), Status()).text == "3"
    assert state_of(glance(today=total(0, requests=0), spent=spent(used)), Status()) == "idle"


def test_ac5_a_share_of_what_is_unknown_is_not_0() -> None:
    """Neither in figures nor as a ring."""
    unknown = replace(spent(0), unpriced_requests=1, unknown=True)
    assert look_of(glance(spent=unknown), Status(), "percent") == IconLook("within", "?")
    nothing_paid = replace(spent(0, measure="paid"), unknown=True)
    assert look_of(glance(spent=nothing_paid), Status(), "percent") == IconLook("no_plan", "?")


def test_ac6_list_value_says_so_below_a_headline_of_another_kind() -> None:
    """AC 6."""
    assert not any("(list)" in text for text in menu_lines(glance(), Status()))
    for measure in ("paid", "tokens"):
        shown = glance(spent=spent(18, measure=measure))
        for line in lines(shown):
            if "$" in line.text:
                assert "(list)" in line.text or line.name == "Paid so far", line.text
        assert "today $3 (list)" in tooltip(shown, Status(), "within")


def test_ac5_what_is_over_the_plan_is_as_open_as_what_was_used() -> None:
    """AC 5."""
    assert over(replace(spent(46), unpriced_requests=2)) == "$6 + unknown over plan"
    assert over(replace(spent(46, measure="paid"), at_least=True)) == "at least $6 over plan"


def test_ac5_use_that_nobody_can_price_is_not_idle() -> None:
    assert state_of(glance(spent=replace(spent(0), unpriced_requests=1, unknown=True)), Status()) == "within"


def test_a_source_that_cannot_be_read_is_an_error() -> None:
    """Product 5.2, also while paused; the reader's own error needs no figures."""
    closed = glance(health=Health(None, ("codex",), ("codex: /logs: it cannot be read (Permission denied)",)))
    assert state_of(closed, Status(paused=True)) == "error"
    assert look_of(closed, Status(), "quiet") == IconLook("error")
    assert state_of(None, Status(error="broken")) == "error"


def test_without_a_budget_and_without_use() -> None:
    assert state_of(glance(spent=None), Status()) == "no_plan"
    assert state_of(glance(spent=spent(18, 0)), Status()) == "no_plan"
    assert state_of(empty(), Status()) == "idle"
    assert state_of(None, Status()) == "reading"


@pytest.mark.parametrize(
    ("mode", "text"), [("money", "3"), ("tokens", "1.9M"), ("percent", "45%"), ("ring", ""), ("nonsense", "3")]
)
def test_each_mode_counts_its_own(mode: str, text: str) -> None:
    assert look_of(glance(), Status(), mode) == IconLook("within", text, 0.45)


def test_quiet_is_a_dot_until_something_is_wrong() -> None:
    for used in (18, 33, 46):
        assert look_of(glance(spent=spent(used)), Status(), "quiet") == IconLook("no_plan")
    assert look_of(glance(), Status(error="broken"), "quiet").state == "error"
    assert look_of(glance(), Status(stale=True), "quiet").text == ""


@pytest.mark.parametrize("status", [Status(error="broken"), Status(paused=True), Status(reading=0.1)])
def test_error_pause_and_reading_replace_the_number(status: Status) -> None:
    assert look_of(glance(), status).text == ""
    assert look_of(glance(), Status(stale=True)).text == "3"


def test_ac5_an_unknown_value_is_no_zero() -> None:
    """AC 5."""
    assert look_of(glance(today=total(None, 900)), Status()).text == "?"


def test_ac38_menu_and_popover_say_the_same() -> None:
    """AC 38."""
    assert menu_lines(glance(), Status()) == [
        "This week, list value: $18 of $40 planned",
        "Today: $3 · 1.9 M tokens",
        "Now: PAY-25 Webhook retries $1.20",
        "To link: 4 sessions · $2",
        "Read 14:02 · Claude Code · all well",
    ]


@pytest.mark.parametrize(
    ("value", "unpriced", "told"),
    [(0, 3, "unknown"), (2_000_000, 3, "$2 + unknown"), (2_000_000, 0, "$2"), (0, 0, "$0")],
)
def test_ac5_what_waits_to_be_linked_without_a_price_is_unknown(value: int, unpriced: int, told: str) -> None:
    """AC 5."""
    shown = glance(unlinked_sessions=1, unlinked_value=value, unlinked_unpriced=unpriced)
    assert f"To link: 1 session · {told}" in menu_lines(shown, Status())


def test_quiet_lines_show_no_money() -> None:
    for text in menu_lines(glance(), Status(), quiet=True):
        assert "$" not in text


def test_a_month_stands_over_the_week_and_keeps_it() -> None:
    monthly = glance(spent=spent(120, 200, "month"))
    assert headline(monthly).caption == "This month, list value"
    assert headline(monthly).scale == ("1 Nov", "18 Nov", "30 Nov")
    assert [line.name for line in lines(monthly)] == ["This week", "Today", "Now", "To link"]


def test_todays_place_in_the_week() -> None:
    assert headline(glance()).position == pytest.approx(2.5 / 7)
