"""List value: published prices at the request's own date, multiplied in whole micro-dollars; what has none is unknown."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import genai_prices
import pytest
from claude_logs import Machine, answer, ms, usage
from genai_prices.types import Usage

from tokentrack.model.costs import Rates
from tokentrack.model.logs import Request
from tokentrack.pricing import Prices, published, value

SONNET, HAIKU, OPUS = "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001", "claude-opus-4-6"
AT = ms()


def request(model: str | None = SONNET, at: int | None = AT, variant: str = "", **figures: int) -> Request:
    plain = (
        dict.fromkeys(("input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "web_searches"), 0)
        | figures
    )
    return Request(
        key="k", at=at, model=model, reasoning=None, variant=variant, recorded_cost=None, tokens_from="recorded", standing=2,
        claim=1, cwd=None, branch=None, offset=0, **plain,
    )  # fmt: skip


def worth(*arguments: object, **figures: object) -> int | None:
    return Prices([]).list_value(request(*arguments, **figures))[0]


def test_a_tier_prices_the_whole_request_from_the_first_token_beyond_it() -> None:
    assert worth(input=200_000) == 600_000
    assert worth(input=200_001) == 1_200_006
    assert worth(input=1, cache_read=200_000, output=100) == round(6 + 200_000 * 0.6 + 100 * 22.5)
    assert worth(input=1, cache_write_5m=199_999, output=100) == round(3 + 199_999 * 3.75 + 100 * 15)
    assert worth(cache_write_1h=200_001) == 200_001 * 12
    assert worth(output=500_000) == 7_500_000  # the prompt decides, not the answer


def test_a_price_that_changed_applies_from_its_day_on() -> None:
    prices, tokens = Prices([]), {"input": 300_000}
    change = round(datetime(2026, 3, 13, tzinfo=UTC).timestamp() * 1000)
    assert prices.list_value(request(OPUS, change - 1, **tokens))[0] == 3_000_000
    assert prices.list_value(request(OPUS, change, **tokens))[0] == 1_500_000
    old, new = (price for _, _, price in prices.take_fresh())
    assert old.until == new.since == change
    assert (old.since, new.until) == (None, None)


def test_cache_writes_of_an_hour_cost_twice_and_of_five_minutes_five_quarters_of_the_input() -> None:
    assert worth(HAIKU, input=1000) == 1000
    assert worth(HAIKU, cache_write_5m=1000) == 1250
    assert worth(HAIKU, cache_write_1h=1000) == 2000
    assert worth(HAIKU, cache_read=1000) == 100


@pytest.mark.parametrize(
    ("model", "variant", "at", "factor"),
    [
        (OPUS, "fast", AT, 6),
        (HAIKU, "us", AT, 1.1),
        (HAIKU, "batch", AT, 0.5),
        (OPUS, "fast us", AT, 6.6),
        (HAIKU, "", AT, 1),
    ],
)
def test_variants_have_prices_of_their_own(model: str, variant: str, at: int, factor: float) -> None:
    figures = {"input": 1000, "output": 1000, "cache_write_1h": 1000, "cache_write_5m": 800, "cache_read": 1000}
    plain = worth(model, at, "", **figures)
    assert plain is not None
    assert worth(model, at, variant, **figures) == round(plain * factor)


OLD = round(datetime(2026, 7, 1, tzinfo=UTC).timestamp() * 1000)
"""Before 12 October 2026, the day on which the list took up service tiers, and 14 October, that of batches."""


@pytest.mark.parametrize(
    ("model", "variant", "factor"),
    [("gpt-5.5", "priority", 2.5), ("gpt-5.5", "flex", 0.5), ("gpt-5-codex", "priority", 2), (HAIKU, "batch", 0.5),
     (SONNET, "batch", 0.5), (HAIKU, "batch us", 0.55)],
)  # fmt: skip
def test_a_way_of_calling_has_its_ratio_before_the_day_on_which_the_list_took_it_up(
    model: str, variant: str, factor: float
) -> None:
    """The list dates tiers of models that are years apart with one day: that is its own day, not that of the price."""
    figures = {"input": 1000, "output": 1000, "cache_read": 1000}
    for at in (OLD, AT):
        plain = worth(model, at, "", **figures)
        assert plain is not None
        assert worth(model, at, variant, **figures) == pytest.approx(plain * factor, abs=1)
    early, late = (published.find(model, variant, at) for at in (OLD, AT))
    assert early is not None
    assert late is not None
    assert early.matched == f"{late.matched} (assumed)"


def test_the_ratio_is_taken_of_the_standard_price_of_the_day() -> None:
    """GPT 5.6 Terra cost a quarter more in July than when the list took its tiers up."""
    figures = {"input": 300_000, "output": 1000}
    plain = [worth("gpt-5.6-terra", at, "", **figures) for at in (OLD, AT)]
    assert plain[0] != plain[1]
    assert [worth("gpt-5.6-terra", at, "priority", **figures) for at in (OLD, AT)] == [
        2 * (value or 0) for value in plain
    ]


@pytest.mark.parametrize(
    ("model", "variant"),
    [("gpt-5.1-codex-mini", "priority"), ("gpt-5.3-codex", "flex"), (HAIKU, "fast"), (SONNET, "fast us")],
)
def test_ac5_a_way_of_calling_that_no_list_has_a_price_for_is_unknown(model: str, variant: str) -> None:
    assert worth(model, AT, "", input=1000) is not None
    assert worth(model, AT, variant, input=1000) is None


def test_searches_cost_a_cent_and_are_no_tokens() -> None:
    assert worth(HAIKU, web_searches=3) == 30_000
    assert worth(HAIKU, variant="us", web_searches=3) == 30_000


@pytest.mark.parametrize("model", ["mystery-1", "", "<synthetic>", None])
def test_ac5_an_unknown_model_is_unknown_and_never_nothing(model: str | None) -> None:
    assert worth(model, input=1000) is None


def test_ac5_a_request_without_a_time_has_no_price() -> None:
    assert worth(SONNET, None, input=1000) is None


def test_ac5_what_is_unknown_is_counted_beside_what_is_known(machine: Machine) -> None:
    machine.log(
        "P/S.jsonl", answer("msg_1", model=HAIKU, figures=usage(1000, 0)), answer("msg_2", t=2, model="mystery")
    )
    machine.log("P/T.jsonl", answer("msg_3", t=3, model="mystery"), answer("msg_4", t=4, model=None))
    machine.scan()
    assert (machine.total().list_value, machine.total().unpriced_requests) == (1000, 3)
    assert (machine.sessions["T"].total.list_value, machine.sessions["T"].total.unpriced_requests) == (None, 2)
    assert machine.rows("select list_value, price_id from requests where key = 'msg_3'") == [(None, None)]


def test_half_a_micro_dollar_is_rounded_up_once_over_the_whole_request() -> None:
    price = published.find(HAIKU, "", AT)
    assert price is not None
    assert value(price, request(HAIKU, cache_read=4)) == 0
    assert value(price, request(HAIKU, cache_read=5)) == 1
    assert value(price, request(HAIKU, cache_read=5, cache_write_5m=2)) == 3  # 0.5 + 2.5, not 1 + 3


MODELS = [SONNET, HAIKU, OPUS, "claude-opus-4-5-20251101", "claude-3-5-haiku-20241022", "gpt-5.5", "gemini-2.5-pro"]


def test_values_are_those_of_the_price_package_itself() -> None:
    """Two hundred random usages, exact to the rounding."""
    chance, prices = random.Random(12), Prices([])
    priced = set()
    for _ in range(200):
        model, at = chance.choice(MODELS), ms(-chance.randrange(400 * 86400))
        sizes = [chance.choice([0, chance.randrange(900), chance.randrange(150_000)]) for _ in range(5)]
        figures = dict(zip(("input", "output", "cache_read", "cache_write_5m", "cache_write_1h"), sizes, strict=True))
        if not model.startswith("claude"):  # they sell no cache writes
            figures["cache_write_5m"] = figures["cache_write_1h"] = 0
        if "3-5" in model:  # its entry names no price for an hour: the published ratio applies
            figures["cache_write_1h"] = 0
        mine, number = prices.list_value(request(model, at, **figures))
        priced.add(number)
        write = figures["cache_write_5m"] + figures["cache_write_1h"]
        whole = Usage(
            input_tokens=figures["input"] + figures["cache_read"] + write, output_tokens=figures["output"],
            cache_read_tokens=figures["cache_read"], cache_write_tokens=write, cache_write_1h_tokens=figures["cache_write_1h"],
        )  # fmt: skip
        moment = datetime.fromtimestamp(at / 1000, UTC)
        theirs = genai_prices.calc_price(whole, model, genai_request_timestamp=moment).total_price
        assert mine == int((theirs * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP)), (model, figures, moment)
    assert len(priced) > len(MODELS)


def test_everything_about_money_is_whole_numbers(machine: Machine) -> None:
    for model in MODELS:
        price = published.find(model, "", AT)
        assert price is not None, model
        for rates in (price.rates, *(tier for _, tier in price.tiers)):
            assert all(type(getattr(rates, name)) is int for name in Rates.__slots__)
    machine.log(
        "P/S.jsonl",
        *(answer(f"msg_{n}", t=n, model=model, figures=usage(7, 7, 7, 7)) for n, model in enumerate(MODELS)),
    )
    machine.scan()
    assert {kind for (kind,) in machine.rows("select distinct typeof(list_value) from requests")} == {"integer"}
    assert type(machine.total().list_value) is int


def test_a_price_is_kept_once_and_found_again_by_the_next_process(machine: Machine) -> None:
    for name in ("S", "T", "U"):
        machine.log(f"P/{name}.jsonl", answer(f"msg_{name}"))
        machine.scan()
    assert machine.rows("select count(*) from prices") == [(1,)]
    assert machine.rows("select count(distinct price_id) from requests") == [(1,)]


def test_a_request_is_priced_again_when_a_fuller_copy_is_met(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model=HAIKU, figures=usage(0, 1000)))
    machine.scan()
    assert machine.total().list_value == 5000
    machine.log("P/S.jsonl", answer(model=HAIKU, figures=usage(0, 3000)), append=True)
    machine.scan()
    assert machine.total().list_value == machine.sessions["S"].total.list_value == 15000
