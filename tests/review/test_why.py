"""From a figure down to the log: the offsets point at the record, the rows add up to the figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from claude_logs import HAIKU, OPUS, Machine, answer, compact, echo, prompt, usage

from tokentrack.pricing import value
from tokentrack.review.names import BackwardDays, UnknownName
from tokentrack.review.usage import totals
from tokentrack.review.why import RULES, fault_of, made_of, price_of, raw_of, rule_of, traced, why
from tokentrack.store.read import Where


@pytest.mark.parametrize("root", ["demo", "claude"])
def test_each_offset_points_at_the_record_with_these_counters(
    machine: Machine, sample_logs: Path, lay_out: Callable[[Path], Path], request: pytest.FixtureRequest, root: str
) -> None:
    lay_out(sample_logs if root == "demo" else request.getfixturevalue("corpus")(root))
    machine.scan()
    seen = 0
    for session in machine.sessions.values():
        for source in why(machine.db, session.id).sources:
            with Path(source.log).open("rb") as file:
                file.seek(source.request.offset - 1 if source.request.offset else 0)
                assert source.request.offset == 0 or file.read(1) == b"\n"
                record = json.loads(file.readline())
            message = record["message"] if record["type"] == "assistant" else record["data"]["message"]["message"]
            written = message["usage"]
            assert raw_of(source) == written
            found = source.request
            assert found.key == message["id"]
            assert found.model == message["model"]
            assert (found.input, found.output) == (written["input_tokens"], written["output_tokens"])
            assert found.cache_read == (written.get("cache_read_input_tokens") or 0)
            assert found.cache_write_5m + found.cache_write_1h == (written.get("cache_creation_input_tokens") or 0)
            if source.price:
                assert source.list_value == value(source.price, found)
            assert rule_of(source) in RULES.values()
            seen += 1
    assert seen == machine.requests > 100


def test_the_rows_add_up_to_the_figure(machine: Machine, sample_logs: Path, lay_out: Callable[[Path], Path]) -> None:
    lay_out(sample_logs)
    machine.scan()
    session = max(machine.sessions.values(), key=lambda session: session.total.requests)
    for name in (
        session.id,
        session.native_id,
        session.native_id[:8],
        f"model:{HAIKU}",
        "month:2026-01",
        "week:2026-W04",
    ):
        found = why(machine.db, name)
        assert found.total.requests == len(found.sources)
        assert found.total.output == sum(source.request.output for source in found.sources)
        assert (found.total.list_value or 0) == sum(source.list_value or 0 for source in found.sources)
    assert why(machine.db, session.id).total == session.total


def test_one_request_is_named_by_its_id_or_a_beginning_of_it(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_abc", figures=usage(3, 4)), answer("msg_abd", t=2))
    machine.scan()
    assert why(machine.db, "msg_abc").total.tokens == 7
    assert why(machine.db, "msg_abc").figure == "request msg_abc"
    with pytest.raises(UnknownName, match="may be msg_abc, msg_abd"):
        why(machine.db, "msg_ab")


@pytest.mark.parametrize(
    "name",
    ["nothing", "day:soon", "day:", "week:2026", "week:2026-W99", "month:2026-13", "day:9999-12-31", "day:0001-01-01",
     "week:9999-W52", "month:9999-12", "week:", "model:", ":", "%", "*"],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_name_that_means_nothing_is_one_sentence_or_nothing(
    machine: Machine, timezone: Callable[[str], None], zone: str, name: str
) -> None:
    timezone(zone)
    machine.log("P/S.jsonl", answer())
    machine.scan()
    with pytest.raises(UnknownName, match=r"^[^\n]+$"):
        why(machine.db, name)


def test_what_is_unknown_is_found_under_that_name(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer("msg_1", model=None), answer("msg_2"))
    machine.scan()
    found = why(machine.db, "model:unknown")
    assert [source.request.key for source in found.sources] == ["msg_1"]
    assert found.total.requests == 1
    assert price_of(found.sources[0]) is None


def test_the_record_of_a_glued_line_and_of_an_echo_is_found(machine: Machine) -> None:
    inner = answer("msg_s", model=HAIKU, figures=usage(5, 6))
    glued = compact({"type": "ai-title", "aiTitle": "x"}) + compact(answer("msg_1", figures=usage(3, 4)))
    machine.log("P/S.jsonl", b"\xef\xbb\xbf" + compact(prompt()), glued, echo(inner))
    machine.scan()
    raws = {source.request.key: raw_of(source) for source in why(machine.db, "day:2026-11-20").sources}
    assert raws == {"msg_1": usage(3, 4), "msg_s": usage(5, 6)}
    assert [rule_of(source) for source in why(machine.db, "msg_s").sources] == [RULES[0]]


@pytest.mark.parametrize("bad", [-5, 10**12, "lots"])
def test_ac5_a_counter_that_cannot_be_one_is_told_of_that_request_alone(machine: Machine, bad: object) -> None:
    """AC 5: it adds nothing to the sum, and `why` says that the figure is not the whole."""
    machine.log("P/S.jsonl", answer("msg_1", figures=usage(3, 4) | {"input_tokens": bad}), answer("msg_2", t=2))
    machine.scan()
    odd, whole = why(machine.db, "all").sources
    assert (odd.request.input, odd.request.output) == (0, 4)
    assert (fault_of(odd) or "").endswith("; the figure holds what could be read, the rest of it is unknown")
    assert traced(odd).fault == fault_of(odd)
    assert fault_of(whole) is None


def test_ac5_a_fault_is_told_of_the_very_record_or_not_at_all(machine: Machine) -> None:
    """AC 5: neither a torn half before a whole record, nor which of two records on one line it was, is a fault of a figure."""
    torn = compact(answer("msg_0"))[:40] + compact(answer("msg_1", figures=usage(3, 4)))
    bad = compact(answer("msg_2", figures=usage(3, 4) | {"input_tokens": -5}))
    machine.log("P/S.jsonl", torn, bad + compact(answer("msg_3", t=2)), answer("msg_4", t=3))
    machine.scan()
    found = {source.request.key: fault_of(source) for source in why(machine.db, "all").sources}
    assert found == dict.fromkeys(("msg_1", "msg_2", "msg_3", "msg_4"))
    assert machine.rows("select count(*) from problems")[0][0] == 2


def test_ac5_a_fault_is_told_still_when_its_log_is_gone(machine: Machine) -> None:
    path = machine.log("P/S.jsonl", answer(figures=usage(3, 4) | {"input_tokens": -5}))
    machine.scan()
    path.unlink()
    machine.scan(full=True)
    (gone,) = why(machine.db, "msg_1").sources
    assert traced(gone).fault == "impossible token count, maybe of another record on its line: the log is gone"


def test_where_the_log_is_gone_the_figure_stays_and_the_record_is_unknown(machine: Machine) -> None:
    path = machine.log("P/S.jsonl", answer())
    machine.scan()
    path.unlink()
    machine.scan()
    (source,) = why(machine.db, "msg_1").sources
    assert (raw_of(source), source.gone, source.list_value) == (None, True, 750)


def test_the_price_shown_is_the_one_multiplied(machine: Machine) -> None:
    machine.log("P/S.jsonl", answer(model="claude-sonnet-4-5-20250929", figures=usage(200_001, 0)))
    machine.scan()
    (source,) = why(machine.db, "msg_1").sources
    price = price_of(source)
    assert price is not None
    assert price["per_mtok"]["input"] * 200_001 // 1_000_000 == source.list_value
    assert price["model"] == "anthropic/claude-sonnet-4-5"


def test_days_models_projects_and_sessions_narrow_a_figure(machine: Machine) -> None:
    """What the Spend page's rows are called."""
    machine.log("P/S.jsonl", prompt(cwd="/w/my shop"), answer("a", cwd="/w/my shop"), answer("b", model=HAIKU, t=86400))
    machine.scan()
    session = machine.sessions["S"].id

    def keys(name: str) -> int:
        return len(why(machine.db, name).sources)

    assert (keys("days:2026-11-20..2026-11-21"), keys("days:2026-11-20..2026-11-20")) == (2, 1)
    assert (
        keys(f"days:2026-11-20..2026-11-21 model:{HAIKU}")
        == keys(f"day:2026-11-21 session:{session} model:{HAIKU}")
        == 1
    )
    (project,) = machine.rows("select path from projects") or [("unknown",)]
    assert keys(f"week:2026-W47 project:{project[0]}") == keys(f"project:{project[0]} agent:claude-code") == 2
    assert keys(f"week:2026-W40 project:{project[0]}") == 0  # it is known, and has nothing in that week
    for unknown in (
        "project:/elsewhere",
        "week:2026-W47 project:/elsewhere",
        "agent:zzz",
        "model:zzz",
        "session:zzz",
        "",
        " ",
    ):
        with pytest.raises(UnknownName) as said:
            why(machine.db, unknown)
        assert "\n" not in str(said.value)
    for nonsense in ("days:2026-11-20", "days:..", "days:x..y"):
        with pytest.raises(UnknownName, match="no span of days"):
            why(machine.db, nonsense)
    with pytest.raises(BackwardDays, match="ends before it begins"):
        why(machine.db, "days:2026-11-22..2026-11-20")


def test_a_branch_is_named_as_usage_names_it(machine: Machine) -> None:
    """AC 24: in whatever project it was, in one of them, and what had none."""
    on = {"a": ("/w/shop", "main"), "b": ("/w/site", "main"), "c": ("/w/site", "feat/x"), "d": ("/w/site", "")}
    for number, (key, (cwd, branch)) in enumerate(on.items()):
        machine.log(
            f"P/S{key}.jsonl", answer(f"msg_{key}", key, t=number, cwd=cwd, gitBranch=branch, sessionId=f"S{key}")
        )
    machine.scan()

    def keys(name: str) -> list[str]:
        return [source.request.key.removeprefix("msg_") for source in why(machine.db, name).sources]

    assert [(key, total.requests) for key, total in totals(machine.db, "branch", Where())] == [
        ("feat/x", 1), ("main", 2), ("unknown", 1)
    ]  # fmt: skip
    assert (keys("branch:main"), keys("branch:feat/x"), keys("branch:unknown")) == (["a", "b"], ["c"], ["d"])
    assert keys("day:2026-11-20 project:/w/site branch:main") == keys("branch:main project:site") == ["b"]
    assert keys("branch:main agent:claude-code") == ["a", "b"]
    assert list(made_of(machine.db, "branch:main").requests)
    assert keys("week:2026-W40 branch:main") == []
    with pytest.raises(UnknownName, match="no branch is called feat: “tokentrack usage --by branch” lists them"):
        why(machine.db, "branch:feat")


def test_any_project_and_model_can_be_named(machine: Machine) -> None:
    """AC 24: also one that reads like another part of a name."""
    models = [
        "weird model:x turn:3",
        "today",
        "all",
        "m agent:codex",
        "week:2026-W47",
        "a b",
        "x no task",
        "two\nlines",
    ]
    for number, cwd in enumerate(("/w/shop", "/w/my project", "/q turn:1", "/q rework", "/q")):
        machine.log(f"P/S{number}.jsonl", answer(f"c{number}", f"c{number}", cwd=cwd, sessionId=f"S{number}"))
    machine.log("P/S.jsonl", *(answer(f"m{n}", f"m{n}", t=n, model=model) for n, model in enumerate(models)))
    machine.scan()
    for by in ("project", "model"):
        rows = totals(machine.db, by, Where())
        assert len(rows) == {"project": 5, "model": 9}[by]
        for key, total in rows:
            assert why(machine.db, f"{by}:{key}").total == total
            assert why(machine.db, f"day:2026-11-20 {by}:{key} agent:claude-code").total == total
    assert why(machine.db, f"project:/q turn:1 model:{OPUS}").total.requests == 1
    with pytest.raises(UnknownName, match="turn:2 is no turn"):
        why(machine.db, "project:/q turn:2")
