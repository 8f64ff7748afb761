"""Which rule speaks, why one sleeps, and what rules do to the store: product 3.4, AC 18, 19."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from linking_facts import (
    DAY,
    NOW,
    SHOP,
    START,
    WHOLE,
    chosen,
    commit,
    link,
    offered,
    rule,
    session,
    suggested,
    task,
    turns,
)
from linking_facts import facts as made_facts
from sessions_read import Sessions, request

from tokentrack import rules
from tokentrack.linking.facts import RepositoryFacts
from tokentrack.linking.rules import refusal
from tokentrack.linking.suggest import suggest
from tokentrack.model.tasks import Rule, Span, Task
from tokentrack.review import suggesting
from tokentrack.store import links, open_store, tasks, transaction
from tokentrack.store import rules as stored

PAY, OPS, UPKEEP = task("PAY-12"), task("OPS-7"), task(None, "Maintenance")
ALL = [PAY, OPS, UPKEEP]


# ---- which one speaks ------------------------------------------------------------------------------------------------


def test_the_more_specific_rule_speaks_then_the_newest() -> None:
    asked = [session("s", turns("drift-PAY-31"), folder=f"{SHOP}/docs")]
    path, key = rule("path", "docs", UPKEEP.id, name="p", at=START + 2), rule("key", "PAY-31", "OPS-7", name="k")
    branch = rule("branch", "drift-PAY-31", "PAY-12", name="b")
    assert [one.rule for one in suggested(asked, ALL, rules=[path, key, branch]) if one.preselected] == ["b"]
    assert [one.rule for one in suggested(asked, ALL, rules=[path, key]) if one.preselected] == ["k"]
    assert [one.rule for one in suggested(asked, ALL, rules=[path]) if one.preselected] == ["p"]
    newer = rule("path", ".", "OPS-7", name="q", at=START + 3)
    assert [one.rule for one in suggested(asked, ALL, rules=[newer, path]) if one.preselected] == ["q"]


def test_a_branch_rule_is_about_its_branch_in_its_project() -> None:
    mine = [rule("branch", "drift", "OPS-7")]
    assert chosen(suggested([session("s", turns("drift"))], ALL, rules=mine)) == [("B1", "OPS-7", WHOLE)]
    assert not chosen(suggested([session("s", turns("drift-2"))], ALL, rules=mine))
    assert not chosen(suggested([session("s", turns("drift"), project="/w/api")], ALL, rules=mine))


def test_what_the_person_said_of_a_branch_outweighs_what_its_name_says() -> None:
    mine = [rule("branch", "feat/PAY-12-x", "OPS-7")]
    assert chosen(suggested([session("s", turns("feat/PAY-12-x"))], ALL, rules=mine)) == [("B1", "OPS-7", WHOLE)]


def test_ac17_a_rule_whose_task_was_rejected_here_leaves_the_word_to_what_it_outweighed() -> None:
    """AC 17: the branch's name speaks again, or the next rule."""
    asked, out = [session("s", turns("feat/PAY-12-x"), folder=f"{SHOP}/docs")], frozenset({("s", "OPS-7")})
    branch, path = rule("branch", "feat/PAY-12-x", "OPS-7", name="b"), rule("path", "docs", UPKEEP.id, name="p")
    assert chosen(suggested(asked, ALL, rules=[branch])) == [("B1", "OPS-7", WHOLE)]
    assert chosen(suggested(asked, ALL, rules=[branch], rejected=out)) == [("A4", "PAY-12", WHOLE)]
    drift = [session("s", turns("drift"), folder=f"{SHOP}/docs")]
    said = replace(branch, pattern="drift")
    assert [one.rule for one in suggested(drift, ALL, rules=[said, path], rejected=out) if one.preselected] == ["p"]


def test_b1_what_the_person_said_of_a_branch_outweighs_what_was_linked_on_it_before() -> None:
    """Product 3.2: a rule that matches is applied, not merely suggested; the usual moment to make one is a change of mind."""
    past = {"linked": [session("o", turns("drift", at=START - DAY))], "links": [link("o", "PAY-12")]}
    asked = [session("s", turns("drift"))]
    assert chosen(suggested(asked, ALL, rules=[rule("branch", "drift", "OPS-7")], **past)) == [("B1", "OPS-7", WHOLE)]
    assert not chosen(suggested(asked, ALL, rules=[rule("path", ".", "OPS-7")], **past))


def test_a_rule_and_something_recorded_must_not_disagree() -> None:
    made = [commit("abc1234", ("session", "native-s"), ("key", "PAY-12"))]
    asked = [session("s", turns("drift"))]
    assert not chosen(suggested(asked, ALL, rules=[rule("branch", "drift", "OPS-7")], commits=made))


@pytest.mark.parametrize(
    ("kind", "pattern", "refused"),
    [
        ("branch", "main", True),
        ("branch", "release/2", True),
        ("branch", "production", True),
        ("branch", "", True),
        ("branch", "drift", False),
        ("key", "drift", True),
        ("key", "PAY-12", False),
        ("key", "#12", False),
        ("key", "UTF-8", True),
        ("key", "feat/PAY-12", True),
        ("path", "docs", False),
        ("path", ".", False),
        ("path", "/w/shop/docs", False),
        ("path", "../..", True),
        ("path", "docs/../..", True),
        ("path", "/nowhere", True),
        ("path", "", True),
    ],
)
def test_there_is_no_rule_for_a_trunk_for_what_is_no_key_and_for_what_lies_outside(
    kind: str, pattern: str, refused: bool
) -> None:
    assert (refusal(kind, pattern, RepositoryFacts("production"), "/w/shop") is not None) is refused


def test_ac12_there_is_no_branch_rule_at_home_or_in_a_temporary_folder() -> None:
    home = RepositoryFacts("main", passing=True)
    assert "home folder or a temporary one" in str(refusal("branch", "tweaks", home, "/home/me"))
    assert refusal("key", "PAY-12", home, "/home/me") is None


def test_a_key_rule_is_for_keys_that_the_projects_tasks_have() -> None:
    """Product 3.2: `ES-5` is a key where tasks are called so."""
    assert refusal("key", "es-5", RepositoryFacts("main"), "/w/shop", {"ES"}) is None
    assert (
        refusal("key", "ES-5", RepositoryFacts("main"), "/w/shop")
        == "ES-5 is no task's key: no task here begins with ES-."
    )


def test_a_path_rule_means_the_same_folder_in_every_worktree() -> None:
    """Product 3.4: a folder of the repository; worktrees are one project."""
    mine = [rule("path", "docs", "OPS-7")]
    for root in (SHOP, f"{SHOP}/.claude/worktrees/y", "/w/shop-wt/x", "/elsewhere/three"):
        for inside, told in (("docs", ["OPS-7"]), ("docs/deep", ["OPS-7"]), ("src", []), ("docs-old", [])):
            asked = session("s", turns("main"), folder=f"{root}/{inside}", root=root)
            assert [one.task for one in suggested([asked], ALL, rules=mine) if one.preselected] == told


# ---- sleep -----------------------------------------------------------------------------------------------------------


def test_ac19_a_rule_whose_task_is_finished_links_nothing_and_the_next_match_says_why() -> None:
    done = replace(OPS, outcome="shipped", finished_at=START - DAY)
    found = suggested([session("s", turns("drift"))], [PAY, done], rules=[rule("branch", "drift", "OPS-7")])
    assert not chosen(found)
    assert offered(found)[0] == ("C5", "OPS-7")
    assert found[0].reasons[0] == "rule branch drift → OPS-7: task finished 13 Nov: reopen, follow-up, or other?"


def test_ac19_the_branchs_past_does_not_answer_what_a_rule_asks_since_its_task_is_finished() -> None:
    """Product 3.4: later matches return with a question, so accepting all that is chosen must not say yes to it."""
    done = replace(OPS, outcome="shipped", finished_at=START + DAY)
    past = {"linked": [session("o", turns("drift", at=START - DAY))], "links": [link("o", "OPS-7")]}
    asked = [session("s", turns("drift"))]
    found = suggested(asked, [PAY, done], rules=[rule("branch", "drift", "OPS-7")], **past)
    assert (found[0].signal, found[0].preselected) == ("B2", False)
    assert found[0].reasons[1] == "rule branch drift → OPS-7: task finished 15 Nov: reopen, follow-up, or other?"
    assert chosen(suggested(asked, [PAY, done], **past))  # it ran before the task was finished


def test_ac19_why_it_is_offered_nevertheless_is_said_once() -> None:
    done = replace(OPS, outcome="shipped", finished_at=START - DAY)
    found = suggested([session("s", turns("drift"))], [PAY, done], rules=[rule("branch", "drift", "OPS-7")])
    assert sum("task finished" in reason for reason in found[0].reasons) == 1
    assert sum(reason.count("task finished") for reason in found[0].reasons) == 1


def test_a_branch_rule_sleeps_once_its_branch_is_gone_or_at_rest_for_two_weeks_or_merged() -> None:
    mine = [rule("branch", "drift", "OPS-7", at=START - 20 * DAY)]
    asked = [session("s", turns("drift"))]

    def reason(**more: object) -> str:
        return suggested(asked, ALL, rules=mine, **more)[0].reasons[0].partition(": ")[2]

    assert reason(repository=RepositoryFacts("main", {"drift": NOW - 15 * DAY})) == "branch drift is gone since 9 Dec"
    assert reason() == "branch drift rested since 25 Oct, so its name may be used anew"
    awake = {"linked": [session("o", turns("drift", at=START - 9 * DAY))], "links": [link("o", "OPS-7")]}
    assert chosen(suggested(asked, ALL, rules=mine, **awake))
    merged = [commit("abc1234", ("branch", "drift"), at=START - 5 * DAY)]
    assert not chosen(suggested(asked, ALL, rules=mine, commits=merged, **awake))


def test_a_paused_rule_says_why_and_one_that_is_awake_goes_first() -> None:
    paused = rule("branch", "drift", "OPS-7", name="b", paused="paused by you")
    key = rule("path", ".", "PAY-12", name="p")
    found = suggested([session("s", turns("drift"))], ALL, rules=[paused])
    assert found[0].reasons[0] == "rule branch drift → OPS-7: paused by you"
    assert [
        one.rule for one in suggested([session("s", turns("drift"))], ALL, rules=[paused, key]) if one.preselected
    ] == ["p"]


def test_rules_made_later_are_not_known_yet() -> None:
    later = [rule("branch", "drift", "OPS-7", at=NOW + 1)]
    assert not chosen(suggest(made_facts([session("s", turns("drift"))], ALL, rules=later)))


# ---- in the store ----------------------------------------------------------------------------------------------------


@pytest.fixture
def db(empty_store: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_store(Path(shutil.copy(empty_store, tmp_path / "store.db")))) as opened:
        yield opened


@pytest.fixture
def shop(db: sqlite3.Connection) -> Sessions:
    return Sessions(db)


def worked(shop: Sessions, name: str, branch: str, at: int = START, count: int = 1, first: int = 0) -> str:
    """A session of some turns on a branch."""
    with transaction(shop.db):
        return shop.grow(
            name,
            [(f"{name}{n}", at + n * 1000) for n in range(first, first + count)],
            [request(f"{name}{n}", at + n * 1000 + 1, branch=branch) for n in range(first, first + count)],
            title=f"Session {name}",
        )


def made(db: sqlite3.Connection, key: str, title: str = "Something") -> str:
    with transaction(db):
        return tasks.add(db, Task("", title, key, None, "/w/shop", START - DAY)).id


def add(db: sqlite3.Connection, pattern: str, to: str, at: int = START, kind: str = "branch") -> Rule:
    with transaction(db):
        return stored.add(db, kind, "/w/shop", pattern, to, at)


def apply(db: sqlite3.Connection, now: int = START + DAY) -> int:
    with transaction(db):
        return rules.apply(db, now)


def linked(db: sqlite3.Connection, session: str) -> list[tuple[str | None, Span, str]]:
    return [(one.task, one.turns, one.source) for one in links.links(db, [session])]


def test_a_rule_links_what_waits_and_what_comes(db: sqlite3.Connection, shop: Sessions) -> None:
    ops = made(db, "OPS-7")
    old, other = worked(shop, "a", "drift"), worked(shop, "b", "elsewhere")
    drift = add(db, "drift", ops)
    assert apply(db) == 1
    assert linked(db, old) == [(ops, Span(), "rule")]
    assert linked(db, other) == []
    assert [hit.session for hit in stored.hits(db, drift.id)] == [old]
    new = worked(shop, "c", "drift", START + 3_600_000)
    assert apply(db) == 1
    assert linked(db, new) == [(ops, Span(), "rule")]
    assert apply(db) == 0


def test_ac18_a_rule_lists_what_it_would_move_and_alters_no_confirmed_link(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    ops, pay = made(db, "OPS-7"), made(db, "PAY-12")
    confirmed, aside, cut, free = (worked(shop, name, "drift", START + n * 10_000, 3) for n, name in enumerate("abcd"))
    with transaction(db):
        links.put(db, confirmed, pay, Span(), "manual", START)
        links.put(db, aside, None, Span(), "manual", START)
        links.put(db, cut, pay, Span(0, 1), "suggested", START)
    before = {name: linked(db, name) for name in (confirmed, aside, cut)}
    listed = suggesting.preview(db, Rule("", "branch", "/w/shop", "drift", ops, START), START + DAY).moved
    assert {(name, turns): total.requests for name, turns, total in listed} == {(free, Span()): 3, (cut, Span(2)): 1}
    assert linked(db, free) == []

    add(db, "drift", ops)
    assert apply(db) == 2
    for name, links_then in before.items():
        assert linked(db, name)[: len(links_then)] == links_then
    assert linked(db, cut)[1:] == [(ops, Span(2), "rule")]


def test_ac18_what_a_rule_matches_and_leaves_to_the_person_is_listed_with_the_reason(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    ops, pay = made(db, "OPS-7"), made(db, "PAY-12")
    linked_by_hand, free = worked(shop, "a", "drift"), worked(shop, "b", "drift", START + 10_000)
    with transaction(db):
        links.put(db, linked_by_hand, pay, Span(), "manual", START)
        shop.db.execute("update sessions set title = 'As in PAY-12' where uid = ?", [free])
    told = suggesting.preview(db, Rule("", "branch", "/w/shop", "drift", ops, START), START + DAY)
    assert told == ([], [(free, Span(), "but PAY-12 stands in the prompt")])


def test_ac19_a_rule_stops_once_its_task_is_finished_and_goes_on_once_it_is_open_again(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    ops = made(db, "OPS-7")
    add(db, "drift", ops)
    with transaction(db):
        tasks.finish(db, ops, "shipped", "", START)
    found = worked(shop, "a", "drift", START + 3_600_000)
    assert apply(db) == 0
    first = suggesting.suggest(db, START + DAY)[0]
    assert (first.task, first.preselected) == (ops, False)
    assert "task finished 14 Nov: reopen, follow-up, or other?" in first.reasons[0]
    with transaction(db):
        tasks.reopen(db, ops, START + DAY)
    assert apply(db) == 1
    assert linked(db, found) == [(ops, Span(), "rule")]


def test_a_rule_overridden_twice_in_its_last_ten_hits_pauses_and_says_so(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    ops = made(db, "OPS-7")
    drift = add(db, "drift", ops)
    three = [worked(shop, name, "drift", START + n * 10_000) for n, name in enumerate("abc")]
    assert apply(db) == 3
    for name in three[:2]:
        with transaction(db):
            links.cut_out(db, name, Span())
            links.put(db, name, None, Span(), "manual", START + DAY)
    with transaction(db):
        links.cut_out(db, three[1], Span())
    late = worked(shop, "d", "drift", START + 90_000)
    assert apply(db) == 0
    assert [one.paused for one in stored.rules(db)] == [rules.OFTEN]
    assert rules.OFTEN in suggesting.suggest(db, START + DAY, [late])[0].reasons[0]
    with transaction(db):
        stored.pause(db, drift.id, None)
    assert apply(db) == 1
    assert linked(db, late) == [(ops, Span(), "rule")]
    assert linked(db, three[1]) == []  # what the person took out of a rule's hands stays out
    assert not [one for one in suggesting.suggest(db, START + DAY, three[1:2]) if one.rule]


def test_product_3_4_it_is_not_said_of_a_rule_that_stops_that_it_goes_on(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    """Neither of one that sleeps, nor of one that pauses itself for this very change."""
    ops, pay = made(db, "OPS-7"), made(db, "PAY-12")
    add(db, "drift", ops)
    add(db, "cart", pay)
    first, second = (worked(shop, name, "drift", START + n * 10_000) for n, name in enumerate("ab"))
    sleeps = worked(shop, "c", "cart", START + 20_000)
    assert apply(db) == 3
    with transaction(db):
        tasks.finish(db, pay, "shipped", "", START)
        assert rules.goes_on(db, sleeps, Span(), START + DAY) == ""
        assert rules.goes_on(db, first, Span(), START + DAY).startswith("The rule branch drift goes on")
        assert rules.goes_on(db, first, Span(), START + DAY, ops) == ""
        links.cut_out(db, first, Span())
        assert rules.goes_on(db, second, Span(), START + DAY) == ""
        links.cut_out(db, second, Span())
    apply(db)
    assert [one.paused for one in stored.rules(db) if one.task == ops] == [rules.OFTEN]


def test_ac17_what_a_rule_linked_is_taken_out_where_it_is_rejected(db: sqlite3.Connection, shop: Sessions) -> None:
    """AC 17: what the person linked stays, and the rule has been overridden."""
    ops, pay = made(db, "OPS-7"), made(db, "PAY-12")
    drift = add(db, "drift", ops)
    by_rule, by_hand = (worked(shop, name, "drift", START + n * 10_000) for n, name in enumerate("ab"))
    with transaction(db):
        links.put(db, by_hand, ops, Span(), "manual", START)
    assert apply(db) == 1
    with transaction(db):
        assert links.reject(db, by_rule, pay, START + DAY) == []
        assert linked(db, by_rule) == [(ops, Span(), "rule")]
        assert [link.session for link in links.reject(db, by_rule, ops, START + DAY)] == [by_rule]
        assert links.reject(db, by_hand, ops, START + DAY) == []
    assert (linked(db, by_rule), linked(db, by_hand)) == ([], [(ops, Span(), "manual")])
    assert (drift.id, by_rule) in stored.overridden(db)
    assert apply(db) == 0


def test_product_3_4_a_link_by_hand_to_the_rules_own_task_is_no_override(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    ops, pay = made(db, "OPS-7"), made(db, "PAY-12")
    drift = add(db, "drift", ops)
    three = [worked(shop, name, "drift", START + n * 10_000, 2) for n, name in enumerate("abc")]
    assert apply(db) == 3
    with transaction(db):
        for name in three:
            links.cut_out(db, name, Span())
        links.put(db, three[0], ops, Span(), "manual", START + DAY)
        links.put(db, three[1], pay, Span(0, 0), "manual", START + DAY)
        links.put(db, three[1], ops, Span(1), "manual", START + DAY)
    assert {hit.session: hit.overridden for hit in stored.hits(db, drift.id)} == dict(
        zip(three, (False, True, True), strict=True)
    )
    assert (drift.id, three[0]) in stored.overridden(db)  # what the person took out of a rule's hands stays out


def test_a_session_that_goes_on_to_another_branch_keeps_the_rules_link_to_its_own_turns(
    db: sqlite3.Connection, shop: Sessions
) -> None:
    """AC 21: a link stays right when the session grows."""
    ops = made(db, "OPS-7")
    add(db, "drift", ops)
    name = worked(shop, "a", "drift", count=2)
    assert apply(db) == 1
    worked(shop, "a", "drift", count=1, first=2)
    apply(db)
    assert linked(db, name) == [(ops, Span(), "rule")]
    worked(shop, "a", "elsewhere", count=2, first=3)
    apply(db)
    assert linked(db, name) == [(ops, Span(0, 2), "rule")]
    assert links.waiting(db) == [(name, Span(3))]


def test_a_tier_that_is_often_overruled_stops_choosing(db: sqlite3.Connection, shop: Sessions) -> None:
    """Product 3.5: under 90 % of those it showed."""
    pay, ops = made(db, "PAY-12"), made(db, "OPS-7")
    for n in range(suggesting.FEWEST):
        name = worked(shop, f"s{n}", f"feat/PAY-12-x{n}", START - 60 * DAY + n * 100_000)
        with transaction(db):
            links.put(db, name, pay if n % 5 else ops, Span(), "manual", START - 50 * DAY + n)
    told = suggesting.accuracy(db, START + DAY)["A"]
    assert told == (16, 20)
    assert not told.enough
    new = worked(shop, "new", "feat/PAY-12-x")
    first = suggesting.suggest(db, START + DAY)[0]
    assert (first.session, first.task, first.preselected) == (new, pay, False)
    assert first.reasons[-1] == "tier A was often wrong lately, so it is not pre-selected"
