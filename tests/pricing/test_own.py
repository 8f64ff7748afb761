"""The person's own prices: on top of the published ones from their day on; nonsense costs only its own entry."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from claude_logs import HAIKU, Machine, answer, ms, usage

from tokentrack import paths
from tokentrack.model.logs import Request
from tokentrack.pricing import Prices, own, published

DAY = 86400


def write(machine: Machine, text: str) -> None:
    paths.own_prices(machine.store).write_text(text, encoding="utf-8")


def entry(model: str = "mystery", **fields: object) -> str:
    fields = {"input": 2, "output": 10} | fields
    body = "\n".join(f"{key} = {value}" for key, value in fields.items() if value is not None)
    return f'[[price]]\nmodel = "{model}"\n{body}\n'


def values(machine: Machine) -> dict[str, int | None]:
    return dict(machine.rows("select key, list_value from requests"))


def a_thousand(name: str, t: float, model: str = "mystery") -> dict[str, object]:
    return answer(name, t=t, model=model, figures=usage(1000, 0))


def test_a_model_without_a_published_price_gets_the_persons(machine: Machine) -> None:
    write(machine, entry(cache_read=0.25, cache_write_5m=2.5, cache_write_1h=4))
    split = {"cache_creation": {"ephemeral_1h_input_tokens": 1000}}
    machine.log("P/S.jsonl", answer(model="mystery", figures=usage(1000, 1000, 2000, 1000) | split))
    machine.scan()
    assert machine.total().list_value == 2000 + 10_000 + 2500 + 4000 + 250
    assert machine.rows("select matched, model from prices") == [("your price", "mystery")]


@pytest.mark.parametrize("order", ["old first", "new first"])
def test_a_price_from_a_day_on_leaves_earlier_requests_unknown(machine: Machine, order: str) -> None:
    write(machine, entry(**{"from": "2026-11-21"}))
    records = [a_thousand("msg_old", 0), a_thousand("msg_new", DAY)]
    for record in records if order == "old first" else records[::-1]:
        machine.log("P/S.jsonl", record, append=True)
        machine.scan()
    assert values(machine) == {"msg_old": None, "msg_new": 2000}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("scans", ["one", "two"])
def test_a_persons_price_replaces_the_published_one_from_its_day_on(machine: Machine, order: int, scans: str) -> None:
    write(machine, entry(HAIKU, **{"from": "2026-11-21"}))
    for record in [a_thousand("msg_old", 0, HAIKU), a_thousand("msg_new", DAY, HAIKU)][::order]:
        machine.log("P/S.jsonl", record, append=True)
        if scans == "two":
            machine.scan()
    machine.scan()
    assert values(machine) == {"msg_old": 1000, "msg_new": 2000}


def test_a_price_given_after_the_first_scan_holds_for_what_comes(machine: Machine) -> None:
    machine.log("P/S.jsonl", a_thousand("msg_1", 0, HAIKU))
    machine.scan()
    write(machine, entry(HAIKU))
    machine.log("P/S.jsonl", a_thousand("msg_2", 1, HAIKU), append=True)
    machine.scan()
    paths.own_prices(machine.store).unlink()
    machine.log("P/S.jsonl", a_thousand("msg_3", 2, HAIKU), append=True)
    machine.scan()
    assert values(machine) == {"msg_1": 1000, "msg_2": 2000, "msg_3": 1000}


def test_of_several_entries_the_one_in_force_holds(machine: Machine) -> None:
    write(machine, entry() + entry(input=3, **{"from": "2026-11-21"}) + entry(input=5, **{"from": '"2026-11-22"'}))
    machine.log("P/S.jsonl", *(a_thousand(f"msg_{n}", n * DAY) for n in (2, 0, 1)))
    machine.scan()
    assert values(machine) == {"msg_0": 2000, "msg_1": 3000, "msg_2": 5000}


NONSENSE = {
    "not TOML": ("[[price\n", "cannot be read"),
    "brackets without end": ("a = " + "[" * 5000, "nested too deeply"),
    "a number without end": (f"a = {'1' * 5000}", "cannot be read"),
    "no model": ("[[price]]\ninput = 1\noutput = 2\n", "model is missing"),
    "an empty model": (entry(""), "model is not a name"),
    "no output": ('[[price]]\nmodel = "x"\ninput = 1\n', "output is missing"),
    "a negative amount": (entry(input=-1), "input is not an amount"),
    "a huge amount": (entry(input=1e9), "input is not an amount"),
    "more than any float": (entry(input="1" + "0" * 400), "input is not an amount"),
    "infinity": (entry(output="inf"), "output is not an amount"),
    "nan": (entry(output="nan"), "output is not an amount"),
    "a text": (entry(input='"cheap"'), "input is not an amount"),
    "true": (entry(input="true"), "input is not an amount"),
    "a day that is none": (entry(**{"from": '"soon"'}), "from is not a date"),
    "a number for a day": (entry(**{"from": 7}), "from is not a date"),
    "a search for nothing": (entry(web_search=-1), "web_search is not an amount of dollars for a thousand searches"),
    "a misspelt kind": (entry(cache_raed=1), "cache_raed is no field"),
    "prices that are none": ('price = ["x"]\n', "not a [[price]] table"),
    "a price that is a text": ('price = "x"\n', "not a [[price]] table"),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_told_in_one_sentence_and_the_other_entries_hold(tmp_path: Path, kind: str) -> None:
    text, reason = NONSENSE[kind]
    file = tmp_path / "prices.toml"
    whole = any(told in reason for told in ("cannot be read", "nested", "[[price]]"))
    good = "" if whole else entry("good")
    file.write_text(text + good, encoding="utf-8")
    prices = own.read(file)
    assert len(prices.problems) == 1
    assert reason in prices.problems[0]
    assert prices.problems[0].startswith("prices.toml")
    assert "\n" not in prices.problems[0]
    assert (prices.in_force("good", ms()) is not None) == bool(good)


def test_a_file_that_is_no_text_or_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.toml").mkdir()
    for name in ("a.toml", "b.toml"):
        assert ["published prices are used" in problem for problem in own.read(tmp_path / name).problems] == [True]
    assert own.read(tmp_path / "c.toml").problems == []


def test_a_file_with_the_mark_that_editors_put_before_text_is_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(entry("good"), encoding="utf-8-sig")
    assert (own.read(file).problems, own.read(file).in_force("good", ms()) is not None) == ([], True)
    own.put(file, "better", None, {"input": 1, "output": 1})
    assert [price.model for price in own.read(file).prices] == ["good", "better"]


def test_a_scan_goes_on_with_published_prices_where_the_file_is_nonsense(machine: Machine) -> None:
    write(machine, "nonsense")
    machine.log("P/S.jsonl", a_thousand("msg_1", 0, HAIKU))
    machine.scan()
    assert machine.total().list_value == 1000


# ---- what an entry leaves out ----------------------------------------------------------------------------------------

CALLS = [
    ("claude-opus-4-6", "fast"), ("claude-opus-4-6", "fast us"), ("claude-opus-4-8", "fast"), (HAIKU, "us"), (HAIKU, "batch"),
    ("claude-sonnet-4-5", ""), ("gpt-5.5", ""), ("gpt-5.5", "priority"), ("gpt-5.5", "flex"), ("gpt-5.6-sol", "priority"),
]  # fmt: skip
"""(model, variant): every way of calling that lists price, and models with dearer long prompts."""


def called(model: str, variant: str, prompt: int = 1000, at: int | None = None) -> Request:
    return Request(
        key="k", at=ms() if at is None else at, model=model, input=prompt, output=700, cache_read=900, cache_write_5m=80,
        cache_write_1h=30, web_searches=2, reasoning=None, variant=variant, recorded_cost=None, tokens_from="recorded",
        standing=2, claim=1, cwd=None, branch=None, offset=0,
    )  # fmt: skip


def mine(tmp_path: Path, text: str) -> Prices:
    (tmp_path / "prices.toml").write_text(text, encoding="utf-8")
    return Prices([], own.read(tmp_path / "prices.toml"))


def dollars_of(model: str, kind: str) -> float:
    price = published.find(model, "", ms())
    assert price is not None
    return getattr(price.rates, kind) / 1e6


@pytest.mark.parametrize(("model", "variant"), CALLS)
@pytest.mark.parametrize("prompt", [1000, 250_000, 300_000])
def test_an_entry_that_repeats_the_published_price_changes_no_value(
    tmp_path: Path, model: str, variant: str, prompt: int
) -> None:
    same = mine(tmp_path, entry(model, **{kind: dollars_of(model, kind) for kind in ("input", "output")}))
    request = called(model, variant, prompt)
    wanted = Prices([]).list_value(request)[0]
    assert wanted is not None
    assert same.list_value(request)[0] == wanted


@pytest.mark.parametrize(("model", "variant"), CALLS)
def test_half_the_published_price_halves_all_tokens_and_no_search(tmp_path: Path, model: str, variant: str) -> None:
    half = mine(tmp_path, entry(model, **{kind: dollars_of(model, kind) / 2 for kind in ("input", "output")}))
    request = called(model, variant, 300_000)
    wanted, found = Prices([]).list_value(request)[0], half.list_value(request)[0]
    assert wanted is not None
    assert found is not None
    assert abs(2 * (found - 20_000) - (wanted - 20_000)) <= 2


def test_a_price_of_searches_holds_for_every_way_of_calling(tmp_path: Path) -> None:
    dearer = mine(tmp_path, entry(HAIKU, input=1, output=5, web_search=25))
    for variant in ("", "us", "batch"):
        request = called(HAIKU, variant)
        assert dearer.list_value(request)[0] == (Prices([]).list_value(request)[0] or 0) + 30_000


def test_what_an_entry_leaves_out_is_that_of_the_requests_day(tmp_path: Path) -> None:
    """Opus 4.6 had a dearer tier for long prompts until 13 March 2026."""
    prices = mine(tmp_path, entry("claude-opus-4-6", input=5, output=25))
    for day in ("2026-03-12", "2026-03-13"):
        request = called(
            "claude-opus-4-6", "", 300_000, round(datetime.fromisoformat(f"{day}T12:00:00Z").timestamp() * 1000)
        )
        assert prices.list_value(request)[0] == Prices([]).list_value(request)[0]
    old, new = (price for _, _, price in prices.take_fresh())
    assert (bool(old.tiers), bool(new.tiers), old.until) == (True, False, new.since)


def test_ac5_of_a_model_that_no_list_knows_searches_and_ways_of_calling_are_unknown_and_never_nothing(
    tmp_path: Path,
) -> None:
    plain = mine(tmp_path, entry())
    assert plain.list_value(called("mystery", "")._replace(web_searches=0)) == (2010 * 2 + 7000, 1)
    assert plain.list_value(called("mystery", "")) == (None, None)
    for variant in ("fast", "batch", "priority", "fast us"):
        assert plain.list_value(called("mystery", variant)._replace(web_searches=0)) == (None, None)
    searching = mine(tmp_path, entry(web_search=10))
    assert searching.list_value(called("mystery", ""))[0] == 2010 * 2 + 7000 + 20_000
    assert searching.list_value(called("mystery", "us"))[0] == round((2010 * 2 + 7000) * 1.1) + 20_000


def test_ac5_a_search_without_a_price_is_counted_as_unknown_in_the_store(machine: Machine) -> None:
    write(machine, entry())
    searched = usage(1000, 0) | {"server_tool_use": {"web_search_requests": 1}}
    machine.log("P/S.jsonl", a_thousand("msg_1", 0), answer("msg_2", t=1, model="mystery", figures=searched))
    machine.scan()
    assert (machine.total().list_value, machine.total().unpriced_requests) == (2000, 1)
    write(machine, entry(web_search=10))
    machine.scan()
    assert (machine.total().list_value, machine.total().unpriced_requests) == (2000 + 2000 + 10_000, 0)


# ---- `prices set` ----------------------------------------------------------------------------------------------------


def test_a_price_is_put_into_the_file_and_all_else_in_it_stays(machine: Machine) -> None:
    path = paths.own_prices(machine.store)
    write(machine, f"# mine\n{entry('other')}\n[[price]] # of a friend\nmodel = 'x'\ninput = 1\noutput = 1")
    own.put(path, "Composer-1", date(2026, 1, 1), {"input": 1.25, "output": 10, "cache_read": 0.125})
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# mine\n{entry('other')}\n[[price]] # of a friend\nmodel = 'x'\ninput = 1\noutput = 1\n")
    found = own.read(path)
    assert (found.problems, [price.model for price in found.prices]) == ([], ["composer-1", "other", "x"])
    assert found.prices[0].rates["cache_read"] == 125_000


def test_a_price_of_the_same_model_and_day_takes_the_others_place(machine: Machine) -> None:
    path = paths.own_prices(machine.store)
    for day, dollars in ((None, 1), (date(2026, 1, 1), 2), (None, 3), (date(2026, 1, 1), 4)):
        own.put(path, "composer-1", day, {"input": dollars, "output": dollars})
    found = own.read(path)
    assert [(price.since is None, price.rates["input"]) for price in found.prices] == [
        (False, 4_000_000),
        (True, 3_000_000),
    ]
    write(machine, "before = 1\n" + path.read_text(encoding="utf-8"))
    own.put(path, "composer-1", None, {"input": 5, "output": 5})
    assert path.read_text(encoding="utf-8").startswith("before = 1\n")


@pytest.mark.parametrize(("model", "rates"), [("", {"input": 1, "output": 1}), ("x", {"input": -1, "output": 1}),
                                              ("x", {"input": float("nan"), "output": 1})])  # fmt: skip
def test_what_is_no_price_is_refused_and_nothing_is_written(
    machine: Machine, model: str, rates: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="not"):
        own.put(paths.own_prices(machine.store), model, None, rates)
    assert not paths.own_prices(machine.store).exists()


def test_a_file_that_cannot_be_understood_is_left_alone(machine: Machine) -> None:
    for text in ("[[price]\n", "a = " + "[" * 5000):
        write(machine, text)
        with pytest.raises(ValueError, match="cannot be read"):
            own.put(paths.own_prices(machine.store), "x", None, {"input": 1, "output": 1})
        assert paths.own_prices(machine.store).read_text(encoding="utf-8") == text


def test_names_with_quotes_and_backslashes_survive_the_file(machine: Machine) -> None:
    path = paths.own_prices(machine.store)
    own.put(path, 'a"b\\c/ü', None, {"input": 1, "output": 2})
    assert [price.model for price in own.read(path).prices] == ['a"b\\c/ü']


@pytest.mark.parametrize(
    ("name", "logged", "same"),
    [
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929[1m]", True),
        ("claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("claude-sonnet-4-5", "openrouter/anthropic/claude-sonnet-4.5", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5@20250929", True),
        ("claude-sonnet-4-5", "claude-4.5-sonnet-thinking", True),
        ("gpt-5-codex", "gpt-5-codex-high", True),
        ("gpt-5", "gpt-5-2025-08-07", True),
        ("claude-sonnet-4", "claude-sonnet-4-5-20250929", False),
        ("claude-opus-4-6", "claude-opus-4-6-fast", False),
        ("kimi-k2.5", "kimi-k2.5-free", False),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", False),
    ],
)
def test_a_plain_name_means_what_logs_write(name: str, logged: str, same: bool) -> None:
    mine = own.OwnPrices([own.Given(name, None, {"input": 7, "output": 8})])
    assert (mine.in_force(logged, ms()) is not None) == same
    assert (mine.since(logged) is not None) == same


def test_the_most_exact_name_in_force_decides() -> None:
    day = ms() - DAY * 1000
    mine = own.OwnPrices([
        own.Given("gpt-5", None, {"input": 1, "output": 1}),
        own.Given("gpt-5-high", day, {"input": 2, "output": 2}),
    ])  # fmt: skip
    early, late = mine.in_force("gpt-5-high", day - 1), mine.in_force("gpt-5-high", day)
    assert early
    assert late
    assert (early.rates["input"], early.until, late.rates["input"], late.until) == (1, day, 2, None)
