"""The ledger: tasks, no task and what is not linked add up to everything, whole, by period, by outcome (AC 3, 30, 32)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from claude_logs import HAIKU, OPUS, Machine, answer, ms, prompt, usage
from cursor_logs import Place, iso

from tokentrack.model.tasks import OUTCOMES, Span, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review import usage as sums
from tokentrack.review.ledger import Row, Used, by_outcome, ledger
from tokentrack.review.names import UnknownName
from tokentrack.review.task_page import late, moving, page
from tokentrack.review.usual import Usual, usual
from tokentrack.review.why import made_of, why
from tokentrack.store import links, read, tasks, transaction
from tokentrack.store.read import NO_TASK, UNLINKED, Where

DAY_S, DAY_MS = 86_400, 86_400_000
TURNS = 5


@pytest.fixture
def shop(machine: Machine) -> Machine:
    """Six sessions of five turns, a day apart, in two projects; one model has no price."""
    for n in range(6):
        told = {"sessionId": f"S{n}", "cwd": f"/w/{'shop' if n % 2 else 'ops'}"}
        records = []
        for turn in range(TURNS):
            t = n * DAY_S + turn * 600
            records.append(prompt(f"Turn {turn}", t, uuid=f"u{n}-{turn}", **told))
            model = ("mystery-9" if n == 4 else HAIKU) if turn == 3 else OPUS
            figures = usage(1000 * (n + 1), 100 + turn, 7, 11)
            records.append(
                answer(f"m{n}-{turn}", f"r{n}-{turn}", t + 5, uuid=f"a{n}-{turn}", model=model, figures=figures, **told)
            )
        machine.log(f"P/S{n}.jsonl", *records)
    machine.scan()
    return machine


def of(machine: Machine, native_id: str) -> Session:
    return next(session for session in machine.sessions.values() if session.native_id == native_id)


def task(machine: Machine, title: str, **fields: object) -> Task:
    with transaction(machine.db):
        return tasks.add(machine.db, replace(Task("", title, None, None, None, ms()), **fields))


def link(machine: Machine, native_id: str, to: Task | None, first: int = 0, last: int | None = None) -> None:
    with transaction(machine.db):
        links.put(machine.db, of(machine, native_id).id, to.id if to else None, Span(first, last), "manual", ms())


def finish(machine: Machine, done: Task, outcome: str, at: int) -> None:
    with transaction(machine.db):
        tasks.finish(machine.db, done.id, outcome, "", at)


def relink(machine: Machine, made: list[Task], chance: Random) -> None:
    """Every session anew, cut by chance into ranges of which each belongs to a task, to none, or waits."""
    with transaction(machine.db):
        machine.db.execute("delete from links")
        for session in machine.sessions.values():
            cuts = sorted(chance.sample(range(TURNS + 1), chance.randint(1, 3)))
            for first, after in zip(cuts, [*cuts[1:], None], strict=True):
                to = chance.choice([*made, None, "wait"])
                if to != "wait":
                    span = Span(first, None if after is None else after - 1)
                    links.put(machine.db, session.id, to.id if to else None, span, "manual", ms())


def test_ac3_the_ledger_adds_up_for_any_links_any_period_and_any_project(shop: Machine) -> None:
    made = [task(shop, f"Task {n}") for n in range(3)]
    finish(shop, made[0], "shipped", ms(DAY_S * 1.5))
    with transaction(shop.db):
        tasks.edit(shop.db, made[1].id, follow_up_of=made[0].id)
    chance = Random(5)
    for _ in range(60):
        relink(shop, made, chance)
        since, until = sorted(chance.sample(range(-DAY_S, 7 * DAY_S, 3600), 2))
        where = chance.choice([
            Where(), Where(ms(since), ms(until)), Where(project="shop"), Where(since=ms(since)), Where(model=HAIKU),
        ])  # fmt: skip
        found, whole = ledger(shop.db, where), read.total(shop.db, where)
        parts = [*(row.used for row in found.rows), found.no_task, found.unlinked]
        assert sum((used.total for used in parts), Total()) == whole == found.all.total
        assert sum((total for _, total in sums.totals(shop.db, "task", where)), Total()) == whole
        outcomes = dict(sums.totals(shop.db, "outcome", where))
        assert [(key, used.total) for key, used in found.outcomes] == by_outcome(shop.db, where)
        assert dict(by_outcome(shop.db, where)) == outcomes
        assert sum(outcomes.values(), Total()) == whole
        assert outcomes.get("rework", Total()) == sum((used.rework for used in parts), Total())
        for row in found.rows:
            assert by_name(shop, f"task:{row.task.id}", where) == row.used.total
        assert by_name(shop, NO_TASK, where) == found.no_task.total
        assert by_name(shop, UNLINKED, where) == found.unlinked.total


def by_name(machine: Machine, name: str, where: Where) -> Total:
    named = name.removeprefix("task:")
    return read.total(machine.db, where._replace(tasks=(named,)))


def test_ac30_what_waits_and_what_is_set_aside_stand_in_it_whatever_is_asked(shop: Machine) -> None:
    work = task(shop, "Work")
    link(shop, "S0", work)
    link(shop, "S1", None)
    found = ledger(shop.db)
    assert [row.used.sessions for row in found.rows] == [1]
    assert (found.no_task.sessions, found.unlinked.sessions, found.all.sessions) == (1, 4, 6)
    assert found.unlinked.unknown == 1  # the price of one request: "+ unknown", never 0
    one_day = ledger(shop.db, Where(ms(DAY_S), ms(2 * DAY_S)))
    assert (one_day.rows[0].used, one_day.no_task.sessions, one_day.unlinked.sessions) == (Used(), 1, 0)


def test_a_session_of_several_tasks_counts_once_in_all(shop: Machine) -> None:
    one, other = task(shop, "One"), task(shop, "Other")
    link(shop, "S0", one, 0, 1)
    link(shop, "S0", other, 3)
    found = ledger(shop.db)
    assert [row.used.sessions for row in found.rows] == [1, 1]
    assert found.unlinked.sessions == 6
    assert found.all.sessions == 6
    assert found.rows[1].used.last_at == ms(4 * 600 + 5)


def test_ac32_what_is_used_within_14_days_after_shipping_is_rework(shop: Machine) -> None:
    """Also on a follow-up of it; what was used before, on another task, or after day 14 is not."""
    shipped, follow_up, other = (task(shop, name) for name in ("Shipped", "Follow-up", "Other"))
    with transaction(shop.db):
        tasks.edit(shop.db, follow_up.id, follow_up_of=shipped.id)
    for n, to in ((0, shipped), (1, shipped), (2, follow_up), (3, other)):
        link(shop, f"S{n}", to)
    finish(shop, shipped, "shipped", ms(DAY_S + 2 * 600))
    used = {row.task.title: row.used for row in ledger(shop.db).rows}
    assert used["Shipped"].rework.requests == 3  # of the session that ran then, what came after
    assert used["Follow-up"].rework == used["Follow-up"].total
    assert used["Other"].rework == Total()
    assert [(key, used.total.requests) for key, used in ledger(shop.db).outcomes] == [
        ("shipped", 7), ("rework", 8), ("open", 5), (UNLINKED, 10)
    ]  # fmt: skip
    assert dict(sums.totals(shop.db, "outcome", Where()))["rework"].requests == 8
    finish(shop, other, "shipped", ms(3 * DAY_S) - 14 * DAY_MS)  # it began on day 14, its later requests on day 15
    assert {row.task.title: row.used.rework.requests for row in ledger(shop.db).rows}["Other"] == 0


def test_tokens_recorded_nowhere_are_unknown_in_a_task_too(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC 5: the task of such a session has an unknown list value, not 0."""
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    place = Place(machine)
    place.database().conversation("c-1", turns=[(0, 0)], name="Nothing known")
    machine.scan()
    place.close()
    (session,) = machine.sessions.values()
    assert ledger(machine.db).unlinked.unknown == 1
    work = task(machine, "Work")
    with transaction(machine.db):
        links.put(machine.db, session.id, work.id, Span(), "manual", 1)
    found = ledger(machine.db)
    (row,) = found.rows
    assert (row.used.sessions, row.used.unknown, row.used.list_value) == (1, 1, None)
    assert found.unlinked == Used()
    assert found.all == row.used
    told = page(machine.db, work.id)
    assert told is not None
    assert told.used == row.used
    assert [part.used for part in told.parts] == [row.used]
    assert [one.id for one in why(machine.db, f"task:{work.id}").unrecorded] == [session.id]
    assert why(machine.db, "task:" + work.id[:4]).unrecorded
    with pytest.raises(UnknownName):
        why(machine.db, f"task:{work.id} agent:codex turn:9")


# ---- the page of a task ----------------------------------------------------------------------------------------------


def test_ac24_sessions_models_and_weeks_each_add_up_to_the_task_and_so_do_its_requests(shop: Machine) -> None:
    """Q6: what a task cost in all, false starts included."""
    work, other = task(shop, "Work", key="PAY-12"), task(shop, "Other")
    link(shop, "S0", work, 0, 2)
    link(shop, "S0", other, 3)
    link(shop, "S4", work)
    link(shop, "S5", work, 1, 1)
    link(shop, "S5", work, 3, 3)
    told = page(shop.db, work.id)
    assert told is not None
    whole = told.used.total
    assert whole.requests == 3 + 5 + 2
    assert whole.unpriced_requests == 1
    for totals in (told.by_model, told.by_week):
        assert sum((total for _, total in totals), Total()) == whole
    assert sum((part.used.total for part in told.parts), Total()) == whole
    assert [(part.session.native_id, part.turns) for part in told.parts] == [
        ("S5", (Span(1, 1), Span(3, 3))), ("S4", (Span(),)), ("S0", (Span(0, 2),)),
    ]  # fmt: skip
    for name in (work.id, "PAY-12", "pay-12", f"task:{work.id}", "task:PAY-12", f"tasks:{work.id}"):
        made = made_of(shop.db, name)
        assert made.total == whole
        assert len(made.requests) == whole.requests
        found = why(shop.db, name)
        assert sum(source.list_value or 0 for source in found.sources) == whole.list_value
    for part in told.parts:
        assert made_of(shop.db, f"task:{work.id} session:{part.session.id}").total == part.used.total
    for week, total in told.by_week:
        assert made_of(shop.db, f"week:{week} task:{work.id}").total == total
    for model, total in told.by_model:
        assert made_of(shop.db, f"task:{work.id} model:{model}").total == total
    everything = made_of(shop.db, f"tasks:{work.id},{other.id}").total + made_of(shop.db, UNLINKED).total
    assert everything == made_of(shop.db, "all").total
    with pytest.raises(UnknownName, match="no task is called PAY-13"):
        made_of(shop.db, "task:PAY-13")


def test_ac24_rework_and_what_is_set_aside_can_be_asked(shop: Machine) -> None:
    work = task(shop, "Work")
    link(shop, "S1", work)
    link(shop, "S2", None)
    finish(shop, work, "shipped", ms(DAY_S + 600))
    assert made_of(shop.db, f"task:{work.id} rework").total.requests == 4
    assert made_of(shop.db, "rework").total == made_of(shop.db, f"task:{work.id} rework").total
    assert made_of(shop.db, NO_TASK).total.requests == TURNS
    assert made_of(shop.db, f"{NO_TASK} session:{of(shop, 'S2').id}").total.requests == TURNS
    assert made_of(shop.db, "outcome:shipped").total.requests == 1


def test_an_estimate_made_after_a_tenth_was_spent_is_late(shop: Machine) -> None:
    """AC 28's mark: the first was made before any spend, the second after all of it; both before the work was linked."""
    work = task(shop, "Work")
    with transaction(shop.db):
        tasks.add_estimate(shop.db, work.id, "spend", 1, 2, ms(-1))
        tasks.add_estimate(shop.db, work.id, "spend", 1, 2, ms(DAY_S))
    link(shop, "S0", work)
    told = page(shop.db, work.id)
    assert told is not None
    assert [late(one, told.used) for one in told.estimates] == [False, True]
    tenth = replace(told.used, total=Total(1, list_value=1000))
    assert [late(told.estimates[0]._replace(spent=spent), tenth) for spent in (100, 101)] == [False, True]


def test_what_moves_in_a_merge_is_told_before_it_does(shop: Machine) -> None:
    one, other = task(shop, "One"), task(shop, "Other")
    link(shop, "S0", one)
    link(shop, "S1", other, 0, 1)
    link(shop, "S1", other, 3)
    with transaction(shop.db):
        tasks.add_estimate(shop.db, other.id, "spend", 1, 2, ms())
    told = moving(shop.db, [other.id])
    assert (told.sessions, told.used.total.requests, told.estimates, told.rules) == (1, 4, 1, 0)


# ---- the usual range -------------------------------------------------------------------------------------------------


def finished(n: int, dollars: int, **fields: object) -> Row:
    done = replace(Task(f"t{n}", f"Task {n}", None, None, None, 0, "shipped", ms(), "M"), **fields)
    return Row(done, Used(Total(1, list_value=dollars * 1_000_000), 1))


def test_ac27_the_usual_range_needs_five_finished_tasks_of_the_size() -> None:
    """M4: quartiles over own finished tasks of one size; n is always told."""
    mine = Task("mine", "Mine", None, None, None, 0, size="M")
    rows = [finished(n, dollars) for n, dollars in enumerate((20, 30, 40, 50))]
    assert usual(rows, mine, ms()) is None
    rows.append(finished(5, 60))
    found = usual(rows, mine, ms())
    assert found == Usual(30_000_000, 50_000_000, 5)
    assert [found.place(value * 1_000_000) for value in (29, 30, 50, 51)] == ["below", "within", "within", "above"]
    assert usual(rows, replace(mine, size=None), ms()) is None
    assert usual(rows, replace(mine, size="S"), ms()) is None
    assert usual(rows, rows[0].task, ms()) is None  # itself is not among the others


@pytest.mark.parametrize(
    "left_out",
    [finished(9, 1000, outcome=None, finished_at=None), finished(9, 1000, finished_at=ms() - 27 * 7 * DAY_MS),
     Row(finished(9, 1).task, Used()), Row(finished(9, 1).task, Used(Total(2, list_value=1, unpriced_requests=1), 1))],
)  # fmt: skip
def test_tasks_that_cannot_be_compared_are_not_among_them(left_out: Row) -> None:
    rows = [finished(n, dollars) for n, dollars in enumerate((20, 30, 40, 50, 60))]
    mine = Task("mine", "Mine", None, None, None, 0, size="M")
    assert usual([*rows, left_out], mine, ms()) == usual(rows, mine, ms())


def test_ac8_unrelated_usage_changes_no_task(shop: Machine) -> None:
    work = task(shop, "Work")
    link(shop, "S0", work)
    before = ledger(shop.db).rows[0]
    shop.log(
        "P/T.jsonl", prompt("More", 0, sessionId="T"), answer("m", "r", 5, figures=usage(9_000_000, 1), sessionId="T")
    )
    shop.scan()
    assert ledger(shop.db).rows[0] == before


def test_outcomes_are_told_in_one_order(shop: Machine) -> None:
    for n, outcome in enumerate(reversed(OUTCOMES)):
        done = task(shop, f"Task {n}")
        if n < 6:
            link(shop, f"S{n}", done)
        finish(shop, done, outcome, ms(30 * DAY_S))
    assert [key for key, _ in ledger(shop.db).outcomes] == list(OUTCOMES)
