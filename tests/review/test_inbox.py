"""What waits, in groups that one decision empties (product 3.3): from plain values, and from a real store."""

from __future__ import annotations

import random
import time

import pytest
from claude_logs import Machine
from ui.samples import session as plain_session
from waiting import OPS, PAYMENTS, a_week, add_tasks, session

from tokentrack import clock
from tokentrack.model.tasks import Span, Suggestion, Task
from tokentrack.review.glance import glance
from tokentrack.review.inbox import Group, Inbox, Part, groups_of
from tokentrack.review.names import UnknownName
from tokentrack.review.waiting import inbox, segments, suggest
from tokentrack.review.why import why
from tokentrack.store import journal, links, read, transaction
from tokentrack.ui.inbox_rows import Line, figure

WHOLE = Span()
TASKS = {
    uid: Task(uid, title, key, None, PAYMENTS, 0)
    for uid, key, title in (("a", "PAY-12", "Refunds"), ("b", "PAY-19", "Ledger"), ("c", "PAY-22", "Export"))
}


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-21T20:00:00Z")


def suggestion(
    task: str, signal: str = "A4", ready: bool = False, turns: Span = WHOLE, reason: str = "branch x"
) -> Suggestion:
    return Suggestion("s1", "n1", turns, task, signal, ready, (reason,))


def part(number: int, *suggestions: Suggestion, dollars: float = 1, new: Task | None = None) -> Part:
    one = plain_session(number * 3, dollars=dollars)  # of one project
    return Part(one, Span(), one.total, one.turns, one.ended_at, ("main",), suggestions, (), new)


def shown(found: Inbox) -> list[tuple[bool, tuple[str | None, ...], int]]:
    return [(group.ready, tuple(task.key for task in group.offers), group.sessions) for group in found.groups]


def waiting(machine: Machine, **cuts: set[int]) -> Inbox:
    ids = {one.native_id: one.id for one in machine.sessions.values()}
    return inbox(machine.db, clock.now_ms(), {ids[name]: at for name, at in cuts.items()})


# ---- groups ----------------------------------------------------------------------------------------------------------


def test_what_is_ready_comes_first_then_choices_then_guesses_the_dearest_first() -> None:
    ready, other = suggestion("a", ready=True), suggestion("b", ready=True)
    tie = suggestion("b", "C1"), suggestion("c", "C1")
    made = groups_of(
        [part(1, suggestion("c", "D4")), part(2, *tie), part(3, ready), part(4, other, dollars=9), part(5, ready)],
        TASKS,
    )
    assert [(group.ready, group.weak, [task.key for task in group.offers]) for group in made] == [
        (True, False, ["PAY-19"]),
        (True, False, ["PAY-12"]),
        (False, False, ["PAY-19", "PAY-22"]),
        (False, True, ["PAY-22"]),
    ]
    assert made[1].sessions == 2
    assert made[1].total.list_value == 2_000_000


def test_ac14_a_tie_is_no_choice_of_ours() -> None:
    group = groups_of([part(1, suggestion("b", reason="one"), suggestion("c", reason="two"))], TASKS)[0]
    assert not group.ready
    assert [task.key for task in group.offers] == ["PAY-19", "PAY-22"]
    assert group.why == "one · two"


def test_guesses_give_way_to_what_is_named() -> None:
    """Three weak suggestions beside one that a title names would look like four that are as good."""
    group = groups_of([part(1, suggestion("b", "C1"), suggestion("a", "D1"), suggestion("c", "D4"))], TASKS)[0]
    assert [task.key for task in group.offers] == ["PAY-19"]


def test_what_is_guessed_parts_no_group() -> None:
    made = groups_of([part(n, suggestion("abc"[n % 3], "D4"), suggestion("a", "D3")) for n in range(6)], TASKS)
    assert [(group.sessions, group.weak) for group in made] == [(6, True)]
    assert made[0].why == ""


def test_a_task_that_is_not_there_is_offered_to_be_made() -> None:
    new = Task("", "Bulk refund", "PAY-31", None, PAYMENTS, 0)
    group = groups_of([part(1, suggestion("a", "D2"), new=new)], TASKS)[0]
    assert group.offers == (new,)
    assert not group.ready
    assert group.why == "PAY-31 is no task yet"


def test_the_same_parts_in_any_order_give_the_same_groups() -> None:
    """AC 15: the order is the same across runs and machines."""
    parts = [part(n, suggestion("abc"[n % 3], ready=n % 2 == 0), dollars=n % 4) for n in range(20)]
    first = groups_of(parts, TASKS)
    for seed in range(5):
        random.Random(seed).shuffle(parts)
        assert groups_of(parts, TASKS) == first


# ---- segments --------------------------------------------------------------------------------------------------------


def test_a_part_begins_where_another_task_is_suggested() -> None:
    two = [suggestion("a", ready=True, turns=Span(0, 4)), suggestion("b", ready=True, turns=Span(5, None))]
    assert segments(Span(), two) == [Span(0, 4), Span(5, None)]
    assert segments(Span(3, 7), two) == [Span(3, 4), Span(5, 7)]


def test_turns_with_the_same_suggestions_stay_together() -> None:
    same = [suggestion("a", turns=Span(0, 4)), suggestion("a", turns=Span(5, None))]
    assert segments(Span(), same) == [Span()]
    assert segments(Span(), same, {5}) == [Span(0, 4), Span(5, None)], "but not where the person cut"


# ---- deciding --------------------------------------------------------------------------------------------------------


def test_what_was_decided_is_gone_and_the_rest_adds_up() -> None:
    found = Inbox(groups_of([part(n, suggestion("ab"[n % 2], ready=True)) for n in range(1, 5)], TASKS), TASKS)
    gone = {one.key for one in found.groups[0].parts[:1]}
    kept = found.without(gone)
    assert kept.sessions == 3
    assert kept.total.list_value == 3_000_000
    assert kept.groups[1] is found.groups[1]
    assert found.without({one.key for group in found.groups for one in group.parts}).groups == ()


def test_ac17_what_was_rejected_is_offered_no_more() -> None:
    one = part(1, suggestion("b", "C1"), suggestion("c", "C1"))
    one = Part(one.session, one.turns, one.total, 1, one.at, one.branches,
               tuple(s._replace(session=one.session.id) for s in one.suggestions))  # fmt: skip
    left = Inbox(groups_of([one], TASKS), TASKS).rejected({(one.session.id, "b")})
    assert [task.key for task in left.groups[0].offers] == ["PAY-22"]


# ---- from the store --------------------------------------------------------------------------------------------------


def test_a_week_waits_in_nine_groups_that_hold_all_that_is_unlinked(machine: Machine) -> None:
    """Product 3.3: thirty sessions become about nine groups; AC 3 and AC 30: their sum is the unlinked sum."""
    a_week(machine)
    found = waiting(machine)
    assert len(found.groups) == 9
    assert found.sessions == 30
    assert sum(group.ready for group in found.groups) == 6
    assert found.total.list_value == read.unlinked(machine.db)[1].list_value == machine.total().list_value
    assert found.week == found.total
    assert found.share == 1.0


def test_ac15_each_suggestion_has_a_reason_in_words(machine: Machine) -> None:
    a_week(machine)
    for group in waiting(machine).groups:
        for task in group.offers:
            assert group.reasons(task), group.offers


def test_a_session_of_two_branches_waits_in_two_rows(machine: Machine) -> None:
    """Cuts where the branch changes are shown as rows with their turns; nothing is linked by it."""
    add_tasks(machine, "PAY-12 Refunds", "PAY-25 Retries")
    session(
        machine, "two", "Webhooks", "feat/PAY-25-x", 0, turns=8, branches=dict.fromkeys(range(5, 8), "feat/PAY-12-y")
    )
    machine.scan()
    found = waiting(machine)
    rows = {group.offers[0].key: [one.turns for one in group.parts] for group in found.groups}
    assert rows == {"PAY-25": [Span(0, 4)], "PAY-12": [Span(5, None)]}
    assert found.sessions == 1
    assert found.total == machine.total()
    assert not links.links(machine.db)


def test_ac24_the_rows_behind_a_value_add_up_to_it(machine: Machine) -> None:
    """Of groups and of parts, whole sessions and turns."""
    add_tasks(machine, "PAY-12 Refunds", "PAY-25 Retries")
    session(
        machine, "two", "Webhooks", "feat/PAY-25-x", 0, turns=8, branches=dict.fromkeys(range(5, 8), "feat/PAY-12-y")
    )
    session(machine, "one", "More", "feat/PAY-12-y", 9000, turns=2)
    machine.scan()
    for group in waiting(machine).groups:
        for line in (Line(group), *(Line(group, one) for one in group.parts)):
            found = why(machine.db, figure(line).name)
            assert found.total == line.total
            assert sum(source.list_value for source in found.sources) == line.total.list_value


@pytest.mark.parametrize("name", ["sessions:a@2", "sessions:a@x..3", "sessions:a@..", "sessions:a,b@1.."])
def test_turns_that_cannot_be_read_are_said(machine: Machine, name: str) -> None:
    if name.endswith("@1.."):
        assert why(machine.db, name).sources == []
    else:
        with pytest.raises(UnknownName, match="names no turns"):
            why(machine.db, name)


def test_the_persons_cut_makes_rows_and_a_pause_suggests_one(machine: Machine) -> None:
    add_tasks(machine, "PAY-12 Refunds", "PAY-25 Retries")
    session(machine, "one", "Webhooks", "main", 0, turns=3)
    machine.log("P/one.jsonl", *_later("one", 5 * 3600), append=True)
    machine.scan()
    whole = waiting(machine).groups[0].parts[0]
    assert [(cut.turn, cut.reason) for cut in whole.cuts] == [(3, "a pause of more than four hours")]
    cut = waiting(machine, one={1})
    assert [one.turns for one in cut.groups[0].parts] == [Span(0, 0), Span(1, None)]
    assert cut.total == machine.total()


def _later(name: str, t: float) -> list[dict[str, object]]:
    from claude_logs import answer, prompt, usage

    told = {"sessionId": name, "cwd": PAYMENTS, "gitBranch": "main"}
    return [
        prompt("Something else", t, uuid=f"u-{name}-later", **told),
        answer("m-later", "r-later", t + 5, figures=usage(500, 9), uuid=f"a-{name}-later", **told),
    ]


def test_linked_turns_wait_no_more(machine: Machine) -> None:
    made = add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "Webhooks", "main", 0, turns=4)
    machine.scan()
    uid = machine.sessions["one"].id
    with transaction(machine.db), journal.change(machine.db, "Linked", clock.now_ms()):
        links.put(machine.db, uid, made["PAY-12"].id, Span(1, 2), "manual", clock.now_ms())
    found = waiting(machine)
    assert sorted(one.turns for group in found.groups for one in group.parts) == [Span(0, 0), Span(3, None)]
    assert found.total.list_value == machine.total().list_value // 2
    counted, total = read.unlinked(machine.db)
    assert (counted, total.list_value) == (found.sessions, found.total.list_value), (
        "the rail, the tray and the header agree"
    )


@pytest.mark.parametrize("branch", ["feat/PAY-31-bulk-refund", "feat/pay-31-bulk-refund"])
def test_ac13_a_key_of_the_projects_form_offers_to_make_its_task(machine: Machine, branch: str) -> None:
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "Import", branch, 0)
    machine.scan()
    offers = waiting(machine).groups[0].offers
    assert [(task.id, task.key, task.title, task.project) for task in offers] == [
        ("", "PAY-31", "Bulk refund", PAYMENTS)
    ]


def test_ac45_a_task_that_is_offered_takes_no_prompt_as_its_title(machine: Machine) -> None:
    """A branch that is named by its key alone: the session's title is its first prompt, and titles of work leave."""
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "Bob is leaving, redo his part", "feat/PAY-31", 0)
    machine.scan()
    (offer,) = waiting(machine).groups[0].offers
    assert (offer.key, offer.title, offer.name) == ("PAY-31", "PAY-31", "PAY-31")


@pytest.mark.parametrize(("branches", "offered"), [
    (("feat/PAY-12-x", "feat/PAY-31-z"), {"PAY-12", "PAY-31"}),
    (("feat/pay-12-x", "feat/pay-31-z"), {"PAY-12", "PAY-31"}),
    (("feat/pay-12-x", "feat/retries"), set()),
])  # fmt: skip
def test_where_there_is_no_task_yet_keys_of_branches_are_offered(
    machine: Machine, branches: tuple[str, str], offered: set[str]
) -> None:
    """Issue 5: created from a suggestion ("create PAY-31?"), of an upper-case key or a prefix that several branches bear."""
    for name, branch in zip("ab", branches, strict=True):
        session(machine, name, "Import", branch, 0)
    machine.scan()
    found = waiting(machine)
    assert {task.key for group in found.groups for task in group.offers} == offered
    assert not any(group.ready for group in found.groups)
    told, new = suggest(machine.db, clock.now_ms())
    assert told == []
    assert {one.task.key for one in new} == offered


@pytest.mark.parametrize("name", ["UTF-8", "SHA-256", "CVE-2024", "GPT-4", "release-12", "ops-9"])
def test_ac13_other_things_with_a_dash_and_a_number_offer_nothing(machine: Machine, name: str) -> None:
    """`OPS` is a prefix of another project, and in lower case a word like others."""
    add_tasks(machine, "PAY-12 Refunds")
    add_tasks(machine, "OPS-7 Drift", project=OPS)
    session(machine, "one", f"Read {name} again", f"fix/{name}-text", 0)
    machine.scan()
    assert all(task.id for group in waiting(machine).groups for task in group.offers)


def test_what_has_no_price_is_named_and_never_0(machine: Machine) -> None:
    """AC 5."""
    session(machine, "one", "Something", "main", 0, model="nobody-knows-1")
    machine.scan()
    total = waiting(machine).total
    assert (total.list_value, total.unpriced_requests) == (None, 1)


def test_five_thousand_sessions_are_grouped_well_under_a_second() -> None:
    suggestions = [suggestion("abc"[n % 3], "A4" if n % 2 else "D4", ready=bool(n % 2)) for n in range(12)]
    parts = [part(n, suggestions[n % 12], dollars=n % 7) for n in range(5_000)]
    began = time.thread_time()
    found = Inbox(groups_of(parts, TASKS), TASKS)
    assert found.sessions == 5_000
    assert found.total.requests == 60_000
    found.without({one.key for one in found.groups[0].parts})
    assert time.thread_time() - began < 0.5


def test_a_group_tells_what_most_of_its_sessions_say() -> None:
    group: Group = groups_of(
        [part(n, suggestion("a", ready=True, reason="branch x" if n else "commit y")) for n in range(3)], TASKS
    )[0]
    assert group.why == "branch x"
    assert set(group.reasons(TASKS["a"])) == {"branch x", "commit y"}


def test_now_is_the_task_of_the_live_sessions_last_turn(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Product 5.1; what is linked to no task on purpose, or not at all, has none."""
    made = add_tasks(machine, "PAY-12 Refunds", "PAY-25 Retries")
    session(machine, "one", "Webhooks", "main", 0, turns=3)
    machine.scan()
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T08:22:00Z")
    uid, seen = machine.sessions["one"].id, []
    for turns, task in ((Span(0, 1), "PAY-12"), (Span(2, None), "PAY-25")):
        links.put(machine.db, uid, made[task].id, turns, "manual", 0)
        seen.append(glance(machine.db).live_task)
    links.cut_out(machine.db, uid, Span(2, None))
    links.put(machine.db, uid, None, Span(2, None), "manual", 0)
    assert [task and task.name for task in (*seen, glance(machine.db).live_task)] == [None, "PAY-25 Retries", None]
