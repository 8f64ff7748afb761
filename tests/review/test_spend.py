"""What a period cost: paid, plan share and list value, each by itself and each re-adding (issue 4; AC 5, 6, 8, 24, 25, 29)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from claude_logs import HAIKU, SONNET, Machine, Record, answer, prompt, usage

from tokentrack import clock, paths
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.logs import NOT_RECORDED, TOKENS_FROM
from tokentrack.model.usage import Total
from tokentrack.pricing import own
from tokentrack.pricing.own import OwnPrices
from tokentrack.reprice import reprice
from tokentrack.review import closer, how, spend, why
from tokentrack.review import ledger as ledger_of
from tokentrack.review import usage as usage_of
from tokentrack.review import week as review_of
from tokentrack.review.drift import band
from tokentrack.review.glance import glance
from tokentrack.review.paid import How, Line
from tokentrack.review.paid import paid as paid_in
from tokentrack.review.repriced import priced_otherwise
from tokentrack.store import closed, read, transaction
from tokentrack.store import money as ledger
from tokentrack.store.read import Where

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)
FEE = 30_000_000
"""A month of 30 days: a dollar a day."""


@pytest.fixture(autouse=True)
def sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-22T20:00:00Z")


def at(day: int, name: str, tokens: int = 1000, model: str = HAIKU, hour: int = 12, **more: Any) -> Record:
    """A thousand tokens of Haiku are $0.001."""
    stamp = f"2026-11-{day:02d}T{hour:02d}:00:00Z"
    return answer(name, request=name, model=model, timestamp=stamp, figures=usage(tokens, 0), **more)


def plan(machine: Machine, fee: int = FEE, since: str = "2026-11-01", agents: Iterable[str] = ("claude-code",)) -> None:
    with transaction(machine.db):
        ledger.add_plan(machine.db, Plan(0, "Pro", fee, "month", tuple(agents), date.fromisoformat(since)), 0)


def charge(machine: Machine, amount: int, day: str) -> None:
    with transaction(machine.db):
        ledger.add_charge(machine.db, Charge(0, date.fromisoformat(day), amount, "credits"), 0)


def confirm(machine: Machine, through: str) -> None:
    with transaction(machine.db):
        ledger.confirm(machine.db, through[:7], date.fromisoformat(through))


@pytest.fixture
def week(machine: Machine) -> Machine:
    """Monday and Tuesday used, each in its project, Wednesday by a model that nobody prices; the other days idle."""
    machine.log("A/S1.jsonl", prompt(timestamp="2026-11-16T11:59:00Z", cwd="/w/shop"), at(16, "m1"), at(16, "m2", 3000))
    machine.log("B/S2.jsonl", at(17, "m3", 1000, SONNET, sessionId="S2", cwd="/w/docs"), at(17, "m4", sessionId="S2"))
    machine.log("C/S3.jsonl", at(18, "m5", model="mystery", sessionId="S3"))
    machine.scan()
    return machine


def test_ac5_whatever_sums_a_session_that_is_not_recorded_says_that_there_is_more(week: Machine) -> None:
    """AC 5: each place says so, also of a session whose agent usually records all of its requests."""
    with transaction(week.db):
        week.db.execute("update sessions set tokens_from = ? where native_id = 'S2'", [TOKENS_FROM.index(NOT_RECORDED)])
    span = Where(clock.start_of(MONDAY), clock.start_of(SUNDAY + clock.DAY))
    found = [session.native_id for session in usage_of.unrecorded(week.db, span)]
    assert (found, glance(week.db).unrecorded) == (["S2"], (("claude-code", 1),))
    assert ledger_of.ledger(week.db, span).all.unrecorded == 1
    assert review_of.week(week.db, MONDAY, clock.now_ms()).told.unrecorded_sessions == 1
    (session,) = read.sessions_of(week.db, {next(s.id for s in read.sessions(week.db) if s.native_id == "S2")})
    assert session.unrecorded


# ---- paid ------------------------------------------------------------------------------------------------------------


def test_ac5_where_nothing_is_declared_paid_is_unknown_and_says_what_would_tell_it(week: Machine) -> None:
    """AC 5: neither $0 nor the list value."""
    found = spend.spend(week.db, MONDAY, SUNDAY)
    assert (found.paid.amount, found.paid.text, found.share.amount) == (None, "unknown", None)
    assert "Enter your plan" in found.paid.sentence
    assert found.nothing_declared
    assert all(row.share is None for row in spend.rows(week.db, "day", MONDAY, SUNDAY))


def test_paid_is_at_least_so_much_until_the_month_is_confirmed(week: Machine) -> None:
    plan(week)
    charge(week, 6_000_000, "2026-11-18")
    found = spend.spend(week.db, MONDAY, SUNDAY).paid
    assert (found.amount, found.fees, found.charges) == (13_000_000, 7_000_000, 6_000_000)
    assert (found.text, found.at_least, found.unconfirmed) == ("at least $13.00", True, ("2026-11",))
    confirm(week, "2026-11-21")
    assert spend.spend(week.db, MONDAY, SUNDAY).paid.at_least
    confirm(week, "2026-11-22")
    found = spend.spend(week.db, MONDAY, SUNDAY).paid
    assert (found.text, found.at_least) == ("$13.00", False)


def test_days_that_have_not_come_are_not_paid_yet(week: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(week)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-18T08:00:00Z")
    found = spend.spend(week.db, MONDAY, SUNDAY)
    assert (found.last, found.paid.amount) == (date(2026, 11, 18), 3_000_000)


def test_what_a_log_dates_later_than_now_counts_at_once_wherever_the_week_is_told(
    week: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Product 4: one week, one list value. What is paid for those days is still to come, and is spread over none of them."""
    plan(week)
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-16T20:00:00Z")
    found = spend.spend(week.db, MONDAY, SUNDAY)
    assert found.listed.total == glance(week.db).week
    assert found.listed.total.requests == 5
    assert why.made_of(week.db, found.listed.why).total == found.listed.total
    for by in ("day", "agent", "model", "project", "session"):
        rows = spend.rows(week.db, by, MONDAY, SUNDAY)
        assert sum((row.total for row in rows), Total()) == found.listed.total
        assert sum(row.share or 0 for row in rows) == found.paid.amount == 1_000_000


def test_a_month_without_charges_that_is_confirmed_is_known_to_have_cost_nothing(week: Machine) -> None:
    confirm(week, "2026-11-22")
    assert paid_in(week.db, MONDAY, SUNDAY).text == "$0.00"


# ---- plan share ------------------------------------------------------------------------------------------------------


def test_the_share_is_spread_day_by_day_and_idle_days_stand_apart(week: Machine) -> None:
    plan(week)
    share = spend.spend(week.db, MONDAY, SUNDAY).share
    assert (share.amount, share.idle, share.idle_days, share.unspread) == (7_000_000, 4_000_000, 4, 1_000_000)
    assert [(day.day.day, day.spread, day.idle, day.unspread) for day in share.days[:4]] == [
        (16, 1_000_000, 0, 0), (17, 1_000_000, 0, 0), (18, 0, 0, 1_000_000), (19, 0, 1_000_000, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["day", "agent", "model", "project", "session"])
def test_rows_and_idle_days_add_up_to_what_is_paid_and_to_the_list_value(week: Machine, by: str) -> None:
    plan(week)
    found = spend.spend(week.db, MONDAY, SUNDAY)
    rows = spend.rows(week.db, by, MONDAY, SUNDAY)
    assert sum(row.share or 0 for row in rows) + found.share.idle + found.share.unspread == found.paid.amount
    assert sum(row.total.list_value or 0 for row in rows) == found.listed.total.list_value == 8000
    assert sum(row.total.unpriced_requests for row in rows) == found.listed.total.unpriced_requests == 1


def test_ac5_unpriced_requests_that_share_a_day_have_an_unknown_part_of_what_it_cost(week: Machine) -> None:
    """Their model's share is unknown, what the others have is at most so much; what was paid is known all the same."""
    plan(week)

    def bounds(by: str) -> list[str]:
        return [spend.bound_of(row.more, row.less) for row in spend.rows(week.db, by, MONDAY, SUNDAY)]

    assert not any(bounds("model") + bounds("session"))
    assert not spend.spend(week.db, MONDAY, SUNDAY).share.inexact
    week.log("B/S2.jsonl", at(17, "m9", model="mystery", hour=13, sessionId="S2"), append=True)
    week.log("D/S4.jsonl", at(17, "m10", sessionId="S4", cwd="/w/ops"))
    week.scan()
    rows = {row.key: (row.share is None, row.more, row.less) for row in spend.rows(week.db, "model", MONDAY, SUNDAY)}
    assert rows == {HAIKU: (False, False, True), SONNET: (False, False, True), "mystery": (True, True, False)}
    assert sorted(bounds("session")) == ["", "", ", + unknown", ", at most"]
    assert not any(bounds("agent") + bounds("day"))  # one agent has all of a day, and a day has what was paid for it
    whole = spend.spend(week.db, MONDAY, SUNDAY).share
    assert whole.inexact
    assert [line.what for line in whole.how.rows] == [
        "Claude Code", "idle, on 4 days", "used, no list value to spread it by, on 1 day",
    ]  # fmt: skip
    assert sum(line.amount for line in whole.how.rows) == whole.amount
    told = how.how(week.db, f"share {spend.name_of(MONDAY, SUNDAY)} model:{HAIKU}", OwnPrices())
    assert [line.what for line in told.rows] == ["2026-11-16", "2026-11-17, at most"]


def test_ac24_a_shares_days_are_counted_without_those_that_are_unknown(week: Machine) -> None:
    """AC 24: `n` are the days that the rows add up from."""
    plan(week)
    week.log("E/S5.jsonl", *(at(day, f"n{day}", model="mystery", sessionId="S5", cwd="/w/mixed") for day in (16, 17)))
    week.log("E/S5.jsonl", at(18, "n18", sessionId="S5", cwd="/w/mixed"), append=True)
    week.scan()
    told = how.how(week.db, f"share {spend.name_of(MONDAY, SUNDAY)} project:/w/mixed", OwnPrices())
    assert [(line.what, line.amount) for line in told.rows] == [
        (f"2026-11-16, {spend.UNPRICED}", None), (f"2026-11-17, {spend.UNPRICED}", None), ("2026-11-18, at most", 1_000_000),
    ]  # fmt: skip
    assert told.n == 1


KEYS = ("agent", "model", "project", "session", "day")


@pytest.mark.parametrize("seed", range(4))
def test_ac24_whatever_is_opened_adds_up_to_the_row_it_was_opened_from(machine: Machine, seed: int) -> None:
    """Property: any row's sessions, and any row's days, add up to its plan share, to the micro-dollar; so do all rows."""
    chance = random.Random(seed)
    for number in range(12):
        machine.log(f"P{number}/S{number}.jsonl", *(
            at(chance.randrange(16, 20), f"m{number}-{n}", chance.randrange(1, 5000), chance.choice([HAIKU, SONNET, "mystery"]),
               sessionId=f"S{number}", cwd=f"/w/{number % 5}")
            for n in range(chance.randrange(1, 5))
        ))  # fmt: skip
    machine.scan()
    plan(machine, 29_999_993)
    charge(machine, -1_000_003, "2026-11-17")
    whole = spend.spend(machine.db, MONDAY, SUNDAY)
    opened_rows = 0
    for by in KEYS:
        found = spend.rows(machine.db, by, MONDAY, SUNDAY)
        shared = sum(row.share or 0 for row in found)
        assert shared + whole.share.idle + whole.share.unspread == whole.paid.amount, by
        for row in found:
            if row.share is None:
                continue
            told = how.how(machine.db, f"share {row.why}", OwnPrices())
            assert sum(line.amount or 0 for line in told.rows) == row.share, row.why
            assert any(line.amount is None or "known" in line.what for line in told.rows) == row.more, row.why
            assert any("at most" in line.what or "±" in line.what for line in told.rows) == row.less, row.why
            if by in ("model", "project"):
                opened = spend.rows(machine.db, "session", MONDAY, SUNDAY, row.why)
                assert not row.more or any(one.more for one in opened), row.why
                assert not row.less or any(one.less for one in opened), row.why
                assert sum(one.share or 0 for one in opened) == row.share, row.why
                for one in opened:
                    told = how.how(machine.db, f"share {one.why}", OwnPrices())
                    assert sum(line.amount or 0 for line in told.rows) == (one.share or 0), one.why
                opened_rows += 1
    assert opened_rows > 3


def test_ac8_use_of_one_day_moves_no_other_days_share_and_no_other_sessions_value(week: Machine) -> None:
    plan(week)

    def others() -> dict[str, tuple[int | None, int | None]]:
        rows = [*spend.rows(week.db, "day", MONDAY, SUNDAY), *spend.rows(week.db, "session", MONDAY, SUNDAY)]
        return {row.key: (row.share, row.total.list_value) for row in rows}

    before = others()
    week.log("D/S4.jsonl", at(16, "junk", 9_000_000, sessionId="S4"))
    week.scan()
    after = others()
    sessions = week.sessions
    assert after["2026-11-17"] == before["2026-11-17"]
    assert after[sessions["S2"].id] == before[sessions["S2"].id]
    assert after[sessions["S1"].id][1] == before[sessions["S1"].id][1]
    assert after["2026-11-16"] == (before["2026-11-16"][0], 4000 + 9_000_000)


def test_a_session_is_drilled_down_to_within_its_row(week: Machine) -> None:
    plan(week)
    day = next(row for row in spend.rows(week.db, "day", MONDAY, SUNDAY) if row.key == "2026-11-17")
    (session,) = spend.rows(week.db, "session", MONDAY, SUNDAY, within=day.why)
    assert (session.key, session.share) == (week.sessions["S2"].id, day.share)
    models = spend.rows(week.db, "model", MONDAY, SUNDAY, within=day.why)
    assert sum(row.share or 0 for row in models) == day.share
    assert [(row.key, row.share) for row in models] == [(HAIKU, 250_000), (SONNET, 750_000)]


# ---- AC 24 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["day", "agent", "model", "project", "session"])
def test_ac24_every_row_opens_to_the_requests_that_re_add_to_it(week: Machine, by: str) -> None:
    for row in spend.rows(week.db, by, MONDAY, SUNDAY):
        behind = why.why(week.db, row.why)
        assert behind.total == row.total, row.why
        assert sum(source.list_value or 0 for source in behind.sources) == (row.total.list_value or 0)


def test_ac24_every_figure_says_how_it_was_computed_and_its_rows_re_add(week: Machine) -> None:
    plan(week)
    charge(week, 6_000_000, "2026-11-18")
    found = spend.spend(week.db, MONDAY, SUNDAY)
    for told, amount in (
        (found.paid.how, found.paid.amount),
        (found.share.how, found.share.amount),
        (found.listed.how, found.listed.total.list_value),
    ):
        assert told.formula
        assert told.n > 0
        assert sum(line.amount or 0 for line in told.rows) == amount
    (one,) = found.listed.how.rows
    assert why.why(week.db, one.why).total.list_value == one.amount


def test_ac24_what_a_closer_look_finds_re_adds_to_the_list_value(week: Machine) -> None:
    listed = spend.spend(week.db, MONDAY, SUNDAY).listed.total.list_value
    looks = {look.id: look for look in closer.diagnostics(week.db, MONDAY, SUNDAY)}
    assert set(looks) == {"cache", "context", "unattended"}
    for name in ("context", "unattended"):
        assert sum(line.amount or 0 for line in looks[name].how.rows) == listed
    assert looks["cache"].how.rows[0].amount == listed
    assert all(look.how.formula and look.how.n == 5 and look.how.inputs for look in looks.values())


# ---- AC 6, AC 29: every amount says its kind -------------------------------------------------------------------------


def lines_of(machine: Machine) -> list[Line]:
    found = spend.spend(machine.db, MONDAY, SUNDAY)
    hows: list[How] = [found.paid.how, found.share.how, found.listed.how]
    hows += [look.how for look in closer.diagnostics(machine.db, MONDAY, SUNDAY)]
    hows.append(closer.what_if(machine.db, SONNET, MONDAY, SUNDAY, OwnPrices()).how)
    return [line for how in hows for line in how.rows]


def test_ac6_every_line_of_every_figure_declares_its_kind_of_money(week: Machine) -> None:
    plan(week)
    kinds = {line.kind for line in lines_of(week)}
    assert kinds == {"paid", "plan share", "list value", "hypothetical"}


def test_ac6_each_of_the_three_says_what_it_is_and_what_it_is_not(week: Machine) -> None:
    plan(week)
    found = spend.spend(week.db, MONDAY, SUNDAY)
    assert "not what one task cost" in found.paid.sentence
    assert "no measure of a task" in found.share.sentence
    assert "did not pay" in found.listed.sentence


def test_ac29_prices_of_another_model_always_say_hypothetical(week: Machine) -> None:
    for model in (SONNET, "mystery"):
        found = closer.what_if(week.db, model, MONDAY, SUNDAY, OwnPrices())
        assert "hypothetical" in found.text.lower()
    assert all(look.label == "measured" for look in closer.diagnostics(week.db, MONDAY, SUNDAY))


def test_ac29_only_what_is_not_measured_is_called_hypothetical(week: Machine) -> None:
    plan(week)
    assert [line.what for line in lines_of(week) if line.kind == "hypothetical"] == [
        "the same without caching, priced part", f"at {SONNET} prices",
    ]  # fmt: skip


# ---- AC 25 -----------------------------------------------------------------------------------------------------------


def test_ac25_twice_the_use_makes_nothing_look_better(week: Machine) -> None:
    """No praise, and no comparative word: text may only tell larger figures."""
    plan(week)

    def said() -> str:
        found = spend.spend(week.db, MONDAY, SUNDAY)
        texts = [found.paid.text, found.paid.sentence, found.share.sentence, found.listed.sentence]
        for look in closer.diagnostics(week.db, MONDAY, SUNDAY):
            texts += [look.title, look.text, look.not_claimed]
        return re.sub(", nine in ten at most [0-9,]+", "", "\n".join(texts))  # told of ten requests or more

    before = said()
    for name in ("A/S1.jsonl", "B/S2.jsonl", "C/S3.jsonl"):
        path = week.projects / name
        text = path.read_text(encoding="utf-8")
        twice = re.sub(r'"m(\d)"', r'"again\1"', text).replace('"sessionId":"S', '"sessionId":"T')
        week.write(path.with_name("T" + path.name), twice.encode())
    week.scan()
    after = said()
    digits = str.maketrans(dict.fromkeys("0123456789,.", ""))
    assert spend.spend(week.db, MONDAY, SUNDAY).listed.total.list_value == 16_000
    assert before.translate(digits) == after.translate(digits)
    assert spend.spend(week.db, MONDAY, SUNDAY).paid.amount == 7_000_000


def test_ac27_nothing_is_compared_with_fewer_than_five_weeks_and_n_is_always_told() -> None:
    assert band([1, 2, 3, 4]) is None
    found = band([100, 140, 120, 110, 130])
    assert found is not None
    assert (found.low, found.middle, found.high, found.n) == (105, 120, 135, 5)


# ---- the closer look -------------------------------------------------------------------------------------------------


def test_cache_cover_is_the_part_of_input_that_was_read_and_its_effect_at_plain_prices(machine: Machine) -> None:
    """M9, computed by hand: Haiku $1, reads a tenth, writes for five minutes a quarter more."""
    figures = usage(1_000_000, 0, 1_000_000, 8_000_000)
    machine.log("P/S.jsonl", answer("a", model=HAIKU, timestamp="2026-11-16T12:00:00Z", figures=figures))
    machine.scan()
    (cache, *_) = closer.diagnostics(machine.db, MONDAY, SUNDAY)
    assert cache.text == (
        "Cache reads covered 80% of input. Without caching these requests would list at $10.00 instead of $3.05 (hypothetical)."
    )


def test_context_weight_tells_median_one_in_ten_and_the_heavy_sessions(machine: Machine) -> None:
    weights = [10_000] * 8 + [20_000, 200_000]
    machine.log("P/S.jsonl", *(at(16, f"r{n}", weight, hour=n) for n, weight in enumerate(weights)))
    machine.scan()
    look = next(one for one in closer.diagnostics(machine.db, MONDAY, SUNDAY) if one.id == "context")
    assert look.text == (
        "Requests carried 10,000 tokens of context (median), nine in ten at most 20,000. "
        "In 1 session it passed 150,000; those requests are 67% of the period's list value."
    )


@pytest.mark.parametrize(("many", "same"), [(6, False), (40, True)])
def test_m10_no_tenth_is_told_where_there_is_none(machine: Machine, many: int, same: bool) -> None:
    """M10: of six requests none is a tenth; of equal ones none is above the others."""
    machine.log("P/S.jsonl", *(at(16, f"r{n}", 1000 if same else 1000 + n, hour=n % 24) for n in range(many)))
    machine.scan()
    look = next(one for one in closer.diagnostics(machine.db, MONDAY, SUNDAY) if one.id == "context")
    middle = "1,000" if same else "1,002"
    tail = ", nine in ten at most 1,000." if same else "."
    assert look.text == f"Requests carried {middle} tokens of context (median){tail}"
    told = dict(look.how.inputs)
    assert told.get("requests above that") == ("0, 0% of list value" if same else None)
    assert (
        sum(line.amount or 0 for line in look.how.rows)
        == spend.spend(machine.db, MONDAY, SUNDAY).listed.total.list_value
    )


def test_ac5_a_closer_look_compares_only_what_is_priced_and_says_so(machine: Machine) -> None:
    """Ten light requests have a price, the heavy one has none: it is not 0% of anything."""
    machine.log(
        "P/S.jsonl",
        *(at(16, f"r{n}", 10_000, hour=n) for n in range(10)),
        answer("h", "h", model="mystery", timestamp="2026-11-16T12:00:00Z", figures=usage(200_000, 0)),
    )
    machine.scan()
    looks = {one.id: one for one in closer.diagnostics(machine.db, MONDAY, SUNDAY)}
    assert "0%" not in looks["context"].text
    assert looks["context"].text.endswith("those requests are an unknown part of the period's list value.")
    assert looks["cache"].text.count(" + unknown") == 2
    assert "of the priced part of list value" in looks["unattended"].text
    for look in looks.values():
        assert all(line.what.endswith(", priced part") for line in look.how.rows)


def test_unattended_is_what_sub_agents_used_and_what_came_late_after_a_prompt(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl",
        prompt(timestamp="2026-11-16T12:00:00Z"),
        answer("soon", request="1", model=HAIKU, timestamp="2026-11-16T12:10:00Z", figures=usage(2000, 0)),
        answer("late", request="2", model=HAIKU, timestamp="2026-11-16T12:10:01Z", figures=usage(3000, 0)),
    )
    machine.log(
        "P/S/subagents/agent-ab.jsonl",
        answer(
            "sub", request="3", model=HAIKU, timestamp="2026-11-16T12:01:00Z", figures=usage(5000, 0), isSidechain=True
        ),
    )
    machine.scan()
    look = next(one for one in closer.diagnostics(machine.db, MONDAY, SUNDAY) if one.id == "unattended")
    assert [line.amount for line in look.how.rows] == [5000, 3000, 0, 2000]
    assert look.text.startswith("80% of list value")
    assert "not known" not in look.text


def test_m12_what_came_after_no_known_prompt_is_not_called_attended(machine: Machine) -> None:
    machine.log("P/S.jsonl", at(16, "a"))
    machine.scan()
    look = next(one for one in closer.diagnostics(machine.db, MONDAY, SUNDAY) if one.id == "unattended")
    assert look.text.endswith("Of 100% of list value it is not known: no prompt is recorded before it.")
    assert [line.amount for line in look.how.rows] == [0, 0, 1000, 0]


def test_what_if_multiplies_the_same_tokens_by_the_other_models_prices(week: Machine) -> None:
    found = closer.what_if(week.db, SONNET, MONDAY, SUNDAY, OwnPrices())
    assert found.value == 7000 * 3  # the request of no known price has tokens, too
    assert closer.what_if_models(week.db, SUNDAY, OwnPrices()) == (HAIKU, SONNET)


def test_what_if_takes_the_other_models_tier_for_each_request(machine: Machine) -> None:
    machine.log("P/S.jsonl", at(16, "a", 200_000), at(16, "b", 200_001))
    machine.scan()
    found = closer.what_if(machine.db, SONNET, MONDAY, SUNDAY, OwnPrices())
    assert found.value == 200_000 * 3 + 200_001 * 6


def test_ac5_what_if_is_unknown_where_the_other_model_has_no_price_for_searches(machine: Machine) -> None:
    own.put(paths.own_prices(machine.store), "composer-1", None, {"input": 1, "output": 5})
    searched = usage(1000, 0) | {"server_tool_use": {"web_search_requests": 1}}
    machine.log("A/S1.jsonl", at(16, "m1"), at(17, "m2") | answer("m2", request="m2", model=HAIKU, figures=searched))
    machine.scan()
    mine = own.read(paths.own_prices(machine.store))
    found = closer.what_if(machine.db, "composer-1", date(2026, 11, 1), SUNDAY, mine)
    assert (found.value, found.how.rows) == (None, ())
    assert found.text == "composer-1: no price of its web searches is known, so there is no hypothetical value."


def test_a_period_without_use_has_nothing_to_look_at(machine: Machine) -> None:
    assert closer.diagnostics(machine.db, MONDAY, SUNDAY) == ()


def test_a_session_that_records_no_tokens_makes_no_day_idle(week: Machine) -> None:
    """What is not recorded is not nothing: its day was used."""
    plan(week)
    with transaction(week.db):
        week.db.execute(
            "insert into sessions (uid, agent, native_id, started_at, ended_at, turns) values ('x', 'claude-code', 'x', ?, ?, 1)",
            [1_795_082_400_000, 1_795_082_460_000],  # 19 November, 10 o'clock
        )
        week.db.execute("insert into by_turn select id from sessions where uid = 'x'")
    share = spend.spend(week.db, MONDAY, SUNDAY).share
    assert (share.idle_days, share.unspread) == (3, 2_000_000)


def test_ac10_prices_of_another_list_than_those_in_force_are_marked(week: Machine) -> None:
    """AC 10."""
    mine = OwnPrices()
    assert spend.spend(week.db, MONDAY, SUNDAY, mine).listed.repriced == (0, 0)
    with transaction(week.db):
        week.db.execute("update prices set source = 'an older list'")
    assert spend.spend(week.db, MONDAY, SUNDAY, mine).listed.repriced == (0, 0)  # it says the same
    with transaction(week.db):
        week.db.execute("update prices set rates = json_replace(rates, '$.input', 1), source = 'an older list'")
    assert spend.spend(week.db, MONDAY, SUNDAY, mine).listed.repriced == (4, 0)
    assert read.total(week.db, read.Where()).requests == 5


def test_ac10_what_an_own_price_would_change_is_marked_and_told_alike_by_reprice(week: Machine) -> None:
    """AC 10: a row of the list in force is overridden from the day on which the person's price begins, and none before."""
    path = paths.own_prices(week.store)

    def told() -> tuple[int, int]:
        mine = own.read(path)
        by_list, by_own = priced_otherwise(week.db, Where(), mine)
        assert by_list == 0
        return by_own, reprice(week.db, mine).changed

    assert told() == (0, 0)
    own.put(path, HAIKU, date(2026, 11, 17), {"input": 3, "output": 3})
    assert told() == (1, 1)  # Tuesday's, not the two of Monday
    own.put(path, HAIKU, None, {"input": 2, "output": 2})
    assert told() == (3, 3)
    reprice(week.db, own.read(path), apply=True)
    assert told() == (0, 0)
    path.unlink()
    assert told() == (3, 3)
    with transaction(week.db):
        closed.close(week.db, MONDAY, 0)
    assert told() == (0, 0)


def test_ac10_an_own_price_that_says_what_the_list_says_marks_nothing(week: Machine) -> None:
    path = paths.own_prices(week.store)
    own.put(path, HAIKU, None, {"input": 1, "output": 5})
    assert sum(priced_otherwise(week.db, Where(), own.read(path))) == reprice(week.db, own.read(path)).changed == 0
