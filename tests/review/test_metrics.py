"""M4 to M7 and M13 as they are defined: borders, floors, small numbers, and the rows behind each (AC 24, 27, 28, 31, 33)."""

from __future__ import annotations

import random
import sqlite3
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions_read import UNPRICED, Sessions, request
from worlds import few

from tokentrack import clock
from tokentrack.model.tasks import Estimate, Task
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import attended, calibration, closing, drift, effect, usual, worth
from tokentrack.review.how import NoSuchFigure, how
from tokentrack.review.paid import How
from tokentrack.review.task_page import late, page
from tokentrack.store import links, reviews, tasks, write
from tokentrack.store.prompts import Prompt

MONDAY = date(2026, 11, 16)
SINCE = clock.start_of(MONDAY)
MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
NOW = SINCE + 6 * DAY


def task(db: sqlite3.Connection, title: str, **more: object) -> str:
    return tasks.add(db, Task("", title, more.pop("key", None), None, None, SINCE - 100 * DAY, **more)).id


def used(
    sessions: Sessions, to: str | None, name: str, value: int, at: int = SINCE + HOUR, model: str = "known"
) -> str:
    """A session of one turn with about this list value, linked to a task unless that is None."""
    session = sessions.grow(name, [(f"{name}-p", at)], [request(f"{name}-r", at + 1, value // 7, model=model)])
    if to is not None:
        links.put(sessions.db, session, to, links.Span(), "manual", NOW)
    return session


def done(sessions: Sessions, title: str, dollars: float, size: str = "M", at: int = SINCE + 2 * DAY) -> str:
    one = task(sessions.db, title, size=size)
    used(sessions, one, title, round(dollars * 1e6 / 7) * 7, at - HOUR)
    tasks.finish(sessions.db, one, "shipped", "", at)
    return one


def asked(db: sqlite3.Connection, name: str) -> How:
    return how(db, name, OwnPrices())


def amounts(found: How) -> int:
    return sum(line.amount or 0 for line in found.rows)


# ---- M4 usual range --------------------------------------------------------------------------------------------------


def chip(db: sqlite3.Connection, task: str) -> usual.Chip | None:
    rows = usual.in_all(db)
    return usual.chip_of(rows, next(row for row in rows if row.task.id == task), NOW)


def test_ac27_a_chip_needs_five_tasks_of_the_size_and_says_how_many(sessions: Sessions, db: sqlite3.Connection) -> None:
    mine = task(db, "mine", size="M")
    used(sessions, mine, "mine", 70_000_000)
    for n in range(4):
        done(sessions, f"M{n}", 20 + 10 * n)
    done(sessions, "large", 500, "L")
    assert chip(db, mine) is None
    done(sessions, "M4", 60)
    found = chip(db, mine)
    assert found is not None
    assert (found.usual.n, found.size, found.place, found.past) == (5, "M", "above", True)
    assert found.text == "above your usual range for M tasks (n = 5: $30.00 to $50.00 list value)"
    told = asked(db, f"usual task:{mine}")
    assert (told.n, len(told.rows), told.adds) == (5, 5, False)
    assert all(line.amount == amounts_of(db, line.why) for line in told.rows)
    tasks.finish(db, mine, "shipped", "", NOW)
    assert chip(db, mine).past is False  # what is done needs no decision


def amounts_of(db: sqlite3.Connection, name: str) -> int | None:
    from tokentrack.review.why import made_of

    return made_of(db, name).total.list_value


def test_a_task_within_its_range_or_of_unknown_value_is_not_past_it(sessions: Sessions, db: sqlite3.Connection) -> None:
    for n in range(10):
        done(sessions, f"M{n}", 20 + 10 * n)
    for value, place, past in (
        (10, "below", False),
        (60, "within", False),
        (100, "above", False),
        (111, "above", True),
    ):
        one = task(db, f"one {value}", size="M")
        used(sessions, one, f"one {value}", value * 1_000_000)
        found = chip(db, one)
        assert (found.place, found.past) == (place, past)
    unknown = task(db, "unknown", size="M")
    used(sessions, unknown, "unknown", 7, model=UNPRICED)
    assert chip(db, unknown) is None


# ---- M5 break-even ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "rate", "minutes"),
    [(110_000_000, 90_000_000, 73), (90_000_000, 60_000_000, 90), (0, 1, 0), (1, 90_000_000, 1), (750_000, 90_000_000, 1),
     (2_250_000, 90_000_000, 2), (2_249_999, 90_000_000, 1)],
)  # fmt: skip
def test_m5_minutes_are_rounded_half_up_and_something_is_never_nothing(value: int, rate: int, minutes: int) -> None:
    assert worth.minutes_of(value, rate) == minutes


def test_m5_breaks_even_by_the_persons_own_rate_and_by_no_other(sessions: Sessions, db: sqlite3.Connection) -> None:
    one = task(db, "Bulk import", key="PAY-12")
    used(sessions, one, "S", 110_000_002)
    assert worth.break_even(db, one) is None  # no rate is given, and none is made up
    write.set_setting(db, worth.RATE, "90000000")
    found = worth.break_even(db, one)
    assert (found.minutes, found.list_value, found.rate, found.at_least) == (73, 110_000_002, 90_000_000, False)
    told = asked(db, f"break-even task:{one}")
    assert amounts(told) == found.list_value
    worth.answer(db, one, "yes", NOW)
    assert reviews.verdict(db, one) == reviews.Verdict(NOW, "yes", found.list_value, 90_000_000)
    used(sessions, one, "T", 7, model=UNPRICED)
    more = worth.break_even(db, one)
    assert (more.minutes, more.at_least) == (73, True)
    assert worth.break_even(db, task(db, "unused")) is None
    with pytest.raises(NoSuchFigure, match="nothing to compute it from"):
        asked(db, f"break-even task:{task(db, 'another')}")


# ---- M6 stated time effect -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "with_", "cut", "result"),
    [
        ((181, 300), (60, 120), Fraction(1, 3), "holds"),  # 120.67 > 120
        ((180, 300), (60, 120), Fraction(1, 3), "cannot tell"),  # 120 is not more than 120
        ((60, 89), (60, 120), Fraction(1, 3), "does not hold"),  # 59.33 < 60
        ((60, 90), (60, 120), Fraction(1, 3), "cannot tell"),  # 60 is not less than 60
        ((121, 300), (60, 120), Fraction(0), "holds"),
        ((120, 300), (60, 120), Fraction(0), "cannot tell"),
        ((60, 119), (60, 120), Fraction(1, 2), "does not hold"),
        ((60, 120), (60, 120), Fraction(1, 2), "cannot tell"),
        ((241, 300), (60, 120), Fraction(1, 2), "holds"),
        ((0, 0), (0, 0), Fraction(1, 3), "cannot tell"),
    ],
)
def test_ac31_the_stress_test_and_its_borders(
    without: tuple[int, int], with_: tuple[int, int], cut: Fraction, result: str
) -> None:
    assert effect.stress(effect.Effect(without, with_), cut) == result


def test_ac31_without_an_estimate_nothing_can_be_told_and_no_cut_is_wider_than_half() -> None:
    assert effect.stress(None) == "cannot tell"
    for cut in (Fraction(51, 100), Fraction(-1, 100)):
        with pytest.raises(ValueError, match="0 to 50"):
            effect.stress(None, cut)


def test_m6_is_the_difference_of_what_was_said_last() -> None:
    said = [
        Estimate(1, "without_ai", 60, 90, 0),
        Estimate(3, "without_ai", 480, 840, 0),
        Estimate(2, "with_ai", 60, 120, 0),
    ]
    found = effect.stated(said)
    assert (found.low, found.high, found.measured) == (360, 780, False)
    assert effect.stated(said[:2]) is None
    floor = effect.stated(said[:2], 100)
    assert (floor.low, floor.high, floor.measured) == (380, 740, True)
    assert effect.told(found, "yes") == (
        "Stated time effect 6 to 13 h (self-reported)",
        "stress test (self-reported): holds",
    )
    assert effect.told(floor, "yes")[2] == "your time with an agent measured, a floor"
    assert effect.told(found, "no") == (
        "1 to 2 h (self-reported)",
        "time on something you would not otherwise have done",
    )
    assert effect.told(None, None) == ("Time effect (self-reported): cannot tell, an estimate is missing",)


def test_ac24_the_time_effect_opens_to_both_of_its_ends(sessions: Sessions, db: sqlite3.Connection) -> None:
    """AC 31: the cut is the person's to choose, and alters the result alone."""
    one = task(db, "one")
    for what, low, high in (("without_ai", 300, 600), ("with_ai", 60, 170)):
        tasks.add_estimate(db, one, what, low, high, NOW)
    found = effect.of_task(db, one)
    told = asked(db, f"effect task:{one}")
    ends = [told.rows[n].amount + told.rows[n + 1].amount for n in (0, 2)]
    assert ends == [found.low, found.high] == [130, 540]
    assert dict(told.inputs)["stress test"].startswith("holds: ")
    write.set_setting(db, effect.CUT, "50")
    again = asked(db, f"effect task:{one}")
    assert dict(again.inputs)["stress test"] == "cannot tell: the time without an agent cut by 50%"
    assert again.rows == told.rows


# ---- attended time ---------------------------------------------------------------------------------------------------


def at(*minutes: float, session: str = "S") -> list[Prompt]:
    return [Prompt(session, turn, round(minute * MINUTE)) for turn, minute in enumerate(minutes)]


def attended_minutes(*prompts: Prompt) -> float:
    return sum(until - since for since, until in attended.union(attended.stretches(prompts))) / MINUTE


@pytest.mark.parametrize(
    ("prompts", "minutes"),
    [
        ((), 0),
        ((0,), 2),
        ((0, 10), 10),
        ((0, 10.01), 4),
        ((0, 5, 30, 33), 8),
        ((0, 5, 30), 7),
        ((0, 1), 1),
    ],
)
def test_gaps_of_ten_minutes_count_and_a_prompt_alone_counts_two(prompts: tuple[float, ...], minutes: float) -> None:
    assert attended_minutes(*at(*prompts)) == minutes


def test_ac33_parallel_sessions_do_not_add_attended_time_twice() -> None:
    both = [*at(0, 8, 16), *at(1, 9, 17, session="T"), *at(5, session="U")]
    assert attended_minutes(*both) == 17
    apart = [*at(0, 8), *at(100, 108, session="T")]
    assert attended_minutes(*apart) == 16


@given(st.integers(0, 10**9))
@few
def test_ac33_it_is_a_union(seed: int) -> None:
    """Never more than the sum of the sessions, never less than any of them; a session told of twice changes nothing."""
    chance = random.Random(seed)
    each = [at(*sorted(chance.uniform(0, 90) for _ in range(chance.randint(0, 6))), session=f"S{n}") for n in range(3)]
    alone = [attended_minutes(*one) for one in each]
    together = attended_minutes(*(prompt for one in each for prompt in one))
    assert max(alone) - 1e-6 <= together <= sum(alone) + 1e-6
    twice = [*each[0], *(prompt._replace(session="copy") for prompt in each[0])]
    assert attended_minutes(*twice) == alone[0]


def test_it_is_off_until_asked_for_and_adds_up_day_by_day(sessions: Sessions, db: sqlite3.Connection) -> None:
    midnight = SINCE + DAY
    prompts = [(f"p{n}", midnight + n * MINUTE) for n in (-5, -1, 4, 8)]
    session = sessions.grow("S", prompts, [request(f"r{n}", time + 1) for n, (_, time) in enumerate(prompts)])
    assert attended.attended(db) is None
    with pytest.raises(NoSuchFigure):
        asked(db, "attended week:2026-W47")
    write.set_setting(db, attended.SETTING, "on")
    found = attended.attended(db, since=SINCE, until=SINCE + 7 * DAY)
    assert (found.minutes, found.days) == (13, ((MONDAY, 5), (MONDAY + clock.DAY, 8)))
    told = asked(db, "attended week:2026-W47")
    assert (amounts(told), {line.unit for line in told.rows}) == (13, {"min"})
    one = task(db, "one")
    links.put(db, session, one, links.Span(0, 1), "manual", NOW)
    assert attended.attended(db, one).minutes == amounts(asked(db, f"attended task:{one}")) == 4


# ---- M7 calibration --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(8, 10, 0.49, 0.94), (0, 10, 0.0, 0.28), (10, 10, 0.72, 1.0), (6, 11, 0.28, 0.79)]
)
def test_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    """Product 4.2: 8 of 10 is compatible with anything from 49 % to 94 %."""
    assert tuple(round(end, 2) for end in calibration.wilson(hits, n)) == (low, high)


def estimated(sessions: Sessions, name: str, low: int, high: int, dollars: int) -> str:
    one = task(sessions.db, name)
    tasks.add_estimate(sessions.db, one, "spend", low * 1_000_000, high * 1_000_000, SINCE - DAY)
    used(sessions, one, name, round(dollars * 1e6 / 7) * 7)
    tasks.finish(sessions.db, one, "shipped", "", NOW - HOUR)
    return one


def test_ac27_nothing_is_stated_of_fewer_than_ten(sessions: Sessions, db: sqlite3.Connection) -> None:
    for n in range(9):
        estimated(sessions, f"T{n}", 10, 20, 12 if n < 6 else 30)
    few_of_them = calibration.calibration(db, NOW).spend
    assert (few_of_them.n, few_of_them.interval, few_of_them.bias) == (9, None, None)
    assert few_of_them.text == "List value: too few to say (n = 9)."
    estimated(sessions, "T9", 10, 20, 30)
    found = calibration.calibration(db, NOW)
    assert (found.spend.n, found.spend.inside, round(found.spend.bias, 1)) == (10, 6, 0.8)
    assert found.spend.text == (
        "List value: 6 of 10 actuals fell in your 80% range, 31% to 83% (95% interval): 80% is not ruled out. "
        "The middle of your range times 0.8 was the actual (median)."
    )
    told = asked(db, "calibration all")
    assert (told.n, amounts(told)) == (10, 6)


def test_ac28_late_estimates_are_left_out_and_counted_as_late(sessions: Sessions, db: sqlite3.Connection) -> None:
    one = task(db, "one")
    used(sessions, one, "S", 70)
    tasks.add_estimate(db, one, "spend", 1, 100, NOW - 2 * HOUR)
    two = task(db, "two")
    tasks.add_estimate(db, two, "spend", 1, 2, SINCE - DAY)
    tasks.add_estimate(db, two, "spend", 1, 100, SINCE)  # knows more: the first counts
    used(sessions, two, "T", 70)
    for done_one in (one, two):
        tasks.finish(db, done_one, "shipped", "", NOW - HOUR)
    tasks.add_estimate(db, two, "spend", 1, 100, NOW)  # after the end: no estimate
    found = calibration.calibration(db, NOW).spend
    assert ([row.task.title for row in found.checked], found.inside, found.late) == (["two"], 0, 1)


def test_ac28_an_estimate_after_use_without_a_known_price_is_late(sessions: Sessions, db: sqlite3.Connection) -> None:
    """What nobody knows the price of is not 0: its tokens tell how much was used by then (AC 5)."""
    one = task(db, "one")
    tasks.add_estimate(db, one, "with_ai", 1, 60, SINCE - DAY)
    used(sessions, one, "S", 10**6, model=UNPRICED)
    tasks.add_estimate(db, one, "with_ai", 1, 60, NOW)
    told = page(db, one)
    assert told is not None
    assert [late(made, told.used) for made in told.estimates] == [False, True]


def test_what_is_not_known_is_not_checked(sessions: Sessions, db: sqlite3.Connection) -> None:
    """Unpriced spend is no actual; time with an agent is told by the person afterwards, or by prompts if they asked for it."""
    one = estimated(sessions, "one", 1, 2, 1)
    used(sessions, one, "more", 7, model=UNPRICED)
    two = task(db, "two")
    tasks.add_estimate(db, two, "with_ai", 1, 60, SINCE - DAY)
    tasks.add_estimate(db, two, "without_ai", 60, 90, SINCE - DAY)
    used(sessions, two, "S", 70)
    tasks.finish(db, two, "shipped", "", NOW - HOUR)
    found = calibration.calibration(db, NOW)
    assert (found.spend.n, found.with_ai.n, found.without_ai.n) == (0, 0, 0)
    write.set_setting(db, attended.SETTING, "on")
    assert [row.actual for row in calibration.calibration(db, NOW).with_ai.checked] == [2]
    tasks.add_estimate(db, two, "with_ai", 100, 120, NOW)
    assert [row.actual for row in calibration.calibration(db, NOW).with_ai.checked] == [110]


def test_time_without_an_agent_is_checked_by_tasks_that_had_none(sessions: Sessions, db: sqlite3.Connection) -> None:
    """Q24: nothing else can tell it."""
    for n in range(10):
        one = task(db, f"by hand {n}")
        tasks.add_estimate(db, one, "without_ai", 60, 100, SINCE)
        tasks.finish(db, one, "shipped", "", NOW - HOUR)
        tasks.add_estimate(db, one, "with_ai", 104, 104, NOW)
    found = calibration.calibration(db, NOW).without_ai
    assert (found.n, found.inside, found.bias) == (10, 0, 1.3)
    assert "0 of 10 actuals fell in your 80% range, 0% to 28%" in found.text
    assert "too narrow so far" in found.text


# ---- M13 drift -------------------------------------------------------------------------------------------------------


def test_the_band_is_the_median_and_one_and_a_half_median_deviations() -> None:
    """M13, AC 27: from five closed weeks on."""
    assert drift.band([1, 2, 3, 4]) is None
    assert drift.band([100, 140, 120, 110, 130]) == drift.Band(105, 120, 135, 5)
    assert drift.band([10, 20, 30, 40, 50, 60, 70, 80]) == drift.Band(15, 45, 75, 8)
    assert drift.band([0, 0, 0, 0, 9]) == drift.Band(0, 0, 0, 5)
    found = drift.Band(105, 120, 135, 5)
    assert [found.place(value) for value in (104, 105, 135, 136)] == ["below", "within", "within", "above"]


def test_own_past_is_the_last_eight_closed_weeks_as_they_were_closed(
    sessions: Sessions, db: sqlite3.Connection
) -> None:
    for back in range(11):
        used(sessions, None, f"W{back}", 70 * (back + 1), SINCE - back * 7 * DAY + HOUR)
        if back not in (0, 2):
            closing.close(db, MONDAY - back * 7 * clock.DAY, NOW)
    used(sessions, None, "late", 7_000, SINCE - 7 * DAY + 2 * HOUR)
    past = drift.past(db, MONDAY)
    assert [one.list_value for one in past] == [70 * (back + 1) for back in (9, 8, 7, 6, 5, 4, 3, 1)]
    columns = drift.eight_weeks(db, MONDAY, NOW)
    assert [(one.list_value, one.closed) for one in columns] == [
        (70 * (back + 1), back not in (0, 2)) for back in range(7, -1, -1)
    ]
    assert len(drift.eight_weeks(db, MONDAY + 7 * clock.DAY, NOW)) == 7  # next week has not begun
    told = asked(db, "drift week:2026-W47")
    assert (told.n, [line.amount for line in told.rows]) == (8, [one.list_value for one in past])


# ---- M8 rework -------------------------------------------------------------------------------------------------------


def test_ac32_rework_says_which_day_of_fourteen_it_is_and_what_git_tells(
    sessions: Sessions, db: sqlite3.Connection
) -> None:
    one = done(sessions, "one", 10, at=NOW - 4 * DAY)
    used(sessions, one, "S", 70, NOW - 3 * DAY)
    after = task(db, "after", follow_up_of=one)
    used(sessions, after, "T", 14, NOW - 2 * DAY)
    told = asked(db, f"rework task:{one}")
    assert (amounts(told), dict(told.inputs)["since it was shipped"]) == (84, "day 4 of 14")
    assert dict(told.inputs)["found in git"] == "no git evidence"
    assert [amounts_of(db, line.why) for line in told.rows] == [line.amount for line in told.rows]
    assert amounts(asked(db, "rework week:2026-W47")) == 84
    older = done(sessions, "older", 10, at=NOW - 14 * DAY)
    assert dict(asked(db, f"rework task:{older}").inputs)["since it was shipped"] == "14 days have passed"


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["drift", "drift week:1", "drift week:2026-W47 more", "drift task:x", "usual", "usual week:2026-W47", "usual task:nobody",
     "calibration", "calibration week:2026-W47", "insight all", "effect task:", "drift week:9999-W01"],
)  # fmt: skip
def test_what_is_no_figure_is_said(db: sqlite3.Connection, name: str) -> None:
    with pytest.raises(NoSuchFigure, match=r"^Nothing here is called "):
        asked(db, name)
