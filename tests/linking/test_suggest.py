"""Tiers, ties, the trunk rule and what speaks against: product 3.2, AC 12, 14, 15, 17."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linking_facts import (
    DAY,
    HOUR,
    MINUTE,
    SHOP,
    START,
    chosen,
    commit,
    facts,
    link,
    mark,
    offered,
    rule,
    session,
    suggested,
    task,
    turns,
)
from linking_facts import WHOLE as ALL
from worlds import few

from tokentrack.linking.facts import Declaration, Facts, Former, RepositoryFacts, SessionFacts, TurnFacts
from tokentrack.linking.suggest import suggest
from tokentrack.model.tasks import Span

PAY, OPS = task("PAY-12", "Refund idempotency"), task("OPS-7", "Drift report")
BOTH = [PAY, OPS]
ISSUE = "https://example.test/me/shop/issues/31"
PULL = "https://github.com/me/shop/pull/45"


# ---- A, recorded -----------------------------------------------------------------------------------------------------


def test_a1_a_commit_that_bears_the_sessions_id_names_the_task() -> None:
    for value in ("native-s", "https://agent.example/code/native-s"):
        found = suggested([session("s")], BOTH, commits=[commit("abc1234", ("session", value), ("key", "PAY-12"))])
        assert chosen(found) == [("A1", "PAY-12", ALL)]


def test_a2_the_pull_request_that_the_session_opened_is_the_task() -> None:
    pull = task(None, "Refunds", url=PULL)
    opened = session("s", turns("refunds"), mark("url", PULL, "output"), mark("url", PULL, "pr-link"))
    assert chosen(suggested([opened], [pull, OPS])) == [("A2", "Refunds", ALL)]
    met = session("s", turns("refunds"), mark("url", PULL, "pr-link"), mark("url", PULL, "pr-link"))
    assert not chosen(suggested([met], [pull, OPS]))
    assert offered(suggested([met], [pull, OPS]))[0] == ("C3", "Refunds")
    merged = commit("abc1234", ("pull", "45"), ("branch", "refunds"), at=START + HOUR)
    assert chosen(suggested([met], [pull, OPS], commits=[merged])) == [("A2", "Refunds", ALL)]


def test_a2_the_pull_request_that_the_session_opened_closes_the_task() -> None:
    opened = session("s", turns("refunds"), mark("url", PULL, "output"))
    landed = commit("abc1234", ("pull", "45"), ("closes", "PAY-12"), at=START + HOUR)
    assert chosen(suggested([opened], BOTH, commits=[landed])) == [("A2", "PAY-12", ALL)]


def test_a3_the_tasks_address_in_a_prompt() -> None:
    named = task("#31", "Refunds", url=ISSUE)
    assert chosen(suggested([session("s", turns("main"), mark("url", ISSUE))], [named])) == [("A3", "#31", ALL)]
    longer = session("s", turns("main"), mark("url", f"{ISSUE}7"))
    assert not chosen(suggested([longer], [named, task("#317")]))


def test_a4_a_known_key_in_branch_or_worktree() -> None:
    assert chosen(suggested([session("s", turns("feat/PAY-12-x"))], BOTH)) == [("A4", "PAY-12", ALL)]
    assert chosen(suggested([session("s", turns(None), worktree=("PAY-12",))], BOTH)) == [("A4", "PAY-12", ALL)]


@pytest.mark.parametrize(
    ("branch", "bears"),
    [
        ("refund-idempotency", True),
        ("fix/refund-idempotency", True),
        ("claude/refund-idempotency-ab12cd", True),
        ("refund", False),
        ("refund-rounding", False),
        ("idempotency", False),
        ("other-refund-idempotency", False),
    ],
)
def test_a4_a_branch_that_bears_the_tasks_whole_title(branch: str, bears: bool) -> None:
    assert bool(chosen(suggested([session("s", turns(branch))], BOTH))) is bears


def test_a4_three_first_words_of_a_title_do_where_no_other_title_begins_so() -> None:
    long = task(None, "Add refund export to the ledger page")
    asked = [session("s", turns("feat/add-refund-export"))]
    assert chosen(suggested(asked, [long, OPS])) == [("A4", long.id, ALL)]
    other = task(None, "Add refund export tests")
    assert not chosen(suggested(asked, [long, other]))


def test_a5_a_commit_made_inside_the_session_names_or_closes_the_task() -> None:
    made = session("s", turns("main"), mark("commit", "abc1234", "output"))
    assert chosen(suggested([made], BOTH, commits=[commit("abc1234", ("key", "PAY-12"))])) == [("A5", "PAY-12", ALL)]
    both = commit("abc1234", ("key", "OPS-7"), ("closes", "PAY-12"))
    assert chosen(suggested([made], BOTH, commits=[both])) == [("A5", "PAY-12", ALL)]
    assert not chosen(suggested([made], BOTH, commits=[commit("abc1234", ("mentions", "PAY-12"))]))


def test_a5_a_number_that_a_commit_on_a_trunk_quotes_is_no_task() -> None:
    """Change logs and releases quote many."""
    tasks, quotes = [task("#12"), task("#7")], commit("abc1234", ("number", "12"))
    made = mark("commit", "abc1234", "output")
    assert not chosen(suggested([session("s", turns("main"), made)], tasks, commits=[quotes]))
    assert chosen(suggested([session("s", turns("wip"), made)], tasks, commits=[quotes])) == [("A5", "#12", ALL)]
    closes = commit("abc1234", ("closes", "12"))
    assert chosen(suggested([session("s", turns("main"), made)], tasks, commits=[closes])) == [("A5", "#12", ALL)]


def test_a5_a_commit_that_another_session_made_on_the_branch_names_the_task() -> None:
    other = session("o", turns("wip", at=START - DAY), mark("commit", "abc1234", "output"))
    made = commit("abc1234", ("closes", "PAY-12"), at=START - DAY)
    assert chosen(suggested([session("s", turns("wip"))], BOTH, linked=[other], commits=[made])) == [
        ("A5", "PAY-12", ALL)
    ]
    assert not chosen(suggested([session("s", turns("main"))], BOTH, linked=[other], commits=[made]))


def test_what_is_declared_is_recorded() -> None:
    """`task start`, a trailer, and the name that the person gave the session."""
    said = [Declaration("PAY-12", START + 5, ("s",))]
    assert chosen(suggested([session("s")], BOTH, declarations=said)) == [("A6", "PAY-12", ALL)]
    others = [Declaration("PAY-12", START + 5, ("o",)), Declaration("PAY-12", START + DAY, ("s",))]
    assert not chosen(suggested([session("s")], BOTH, declarations=others))
    again = [Declaration("OPS-7", START - 9, ("s",)), Declaration("PAY-12", START + 5, ("s",))]
    assert chosen(suggested([session("s")], BOTH, declarations=again)) == [("A6", "PAY-12", ALL)]
    both = [Declaration("OPS-7", START + 3, ("s",)), Declaration("PAY-12", START + 5, ("s",))]
    assert not chosen(suggested([session("s")], BOTH, declarations=both))
    made = session("s", turns("main"), mark("commit", "abc1234", "output"))
    assert chosen(suggested([made], BOTH, commits=[commit("abc1234", ("task", "pay-12"))])) == [("A6", "PAY-12", ALL)]
    assert chosen(suggested([session("s", named="PAY-12 refunds")], BOTH)) == [("A6", "PAY-12", ALL)]


def test_a_merged_tasks_key_and_address_mean_the_one_that_it_is_now() -> None:
    """Issue 5, merge of two tasks: branches and prompts go on naming the other one."""
    was = [Former(SHOP, "PAY-4", ISSUE, "PAY-12"), Former(SHOP, "OPS-7", None, "PAY-12")]
    assert chosen(suggested([session("s", turns("feat/PAY-4-x"))], BOTH, former=was)) == [("A4", "PAY-12", ALL)]
    assert chosen(suggested([session("s", turns("main"), mark("url", ISSUE))], BOTH, former=was)) == [
        ("A3", "PAY-12", ALL)
    ]
    there = suggested([session("s", turns("feat/OPS-7-x"))], BOTH, former=was)  # the merge was taken back
    assert chosen(there) == [("A4", "OPS-7", ALL)]


def test_what_is_declared_where_several_sessions_run_is_offered_and_not_chosen() -> None:
    found = suggested([session("s")], BOTH, declarations=[Declaration("PAY-12", START + 5, ("o", "s"))])
    assert not chosen(found)
    assert offered(found)[0] == ("C6", "PAY-12")


def test_what_is_declared_on_one_branch_says_nothing_of_the_next() -> None:
    asked = session("s", turns("wip", "wip", "other"))
    said = [Declaration("PAY-12", START + MINUTE, ("s",))]
    assert chosen(suggested([asked], BOTH, declarations=said)) == [("A6", "PAY-12", Span(0, 1))]


def test_the_persons_name_for_a_session_is_of_the_part_whose_branch_says_so_too() -> None:
    """A6: of a session on several branches, a branch of another name is about something else."""
    asked = session("s", turns("wip", "wip", "feat/PAY-12-x"), named="PAY-12 refunds")
    found = suggested([asked], BOTH)
    assert chosen(found) == [("A4", "PAY-12", Span(2, None))]
    assert ("C6", "PAY-12") in offered(found)
    trunk = session("s", turns("wip", "main"), named="PAY-12 refunds")
    assert chosen(suggested([trunk], BOTH)) == [("A6", "PAY-12", Span(1, None))]


def test_a3_an_address_that_is_all_of_the_prompt_counts_whatever_the_agent_calls_the_session() -> None:
    called = session("s", turns("main"), mark("url", ISSUE))
    called = replace(called, texts=("Rounding of amounts in three currencies", f"{ISSUE} please"))
    assert chosen(suggested([called], [task("DRF-1", "Drift report", url=ISSUE)])) == [("A3", "DRF-1", ALL)]


@pytest.mark.parametrize(
    ("text", "branch", "meant"),
    [
        (f"{ISSUE} please", "main", True),
        (f"see {ISSUE} - drift of the ledger", "main", True),
        (f"the drift report is wrong for warehouses with no stock {ISSUE}", "main", True),
        (f"the drift report does not work {ISSUE}", "main", True),
        (f"as we said on the phone, {ISSUE}", "drift-report", True),
        (f"do not touch {ISSUE} , that is for next month. Write the changelog", "main", False),
        (f"not {ISSUE}, that one is done. Now: round refunds", "wip", False),
        (f"unsupported currencies, same cause as {ISSUE}", "wip-currencies", False),
        (f"skip {ISSUE}", "main", False),
        (f"go on with the drift report, but please don't touch {ISSUE}", "main", False),
    ],
)
def test_a3_an_address_among_words_of_something_else_is_a_quotation(text: str, branch: str, meant: bool) -> None:
    """Product 3.1: a wrong link is worse than none, so what speaks of something else chooses nothing; it is offered."""
    named = [task("DRF-1", "Drift report of the ledger", url=ISSUE), task("PAY-3", "Round refunds")]
    found = suggested([session("s", turns(branch), mark("url", ISSUE), text=text)], named)
    assert [one.task for one in found if one.preselected] == (["DRF-1"] if meant else [])
    assert "DRF-1" in {one.task for one in found if one.tier < "D"}


# ---- B, confirmed ----------------------------------------------------------------------------------------------------


def before(branch: str, *, at: int = START - DAY, name: str = "o") -> SessionFacts:
    return session(name, turns(branch, at=at), waiting=())


def test_b2_the_branch_was_linked_to_one_task_within_two_weeks() -> None:
    asked = [session("s", turns("wip"))]
    assert chosen(suggested(asked, BOTH, linked=[before("wip")], links=[link("o", "PAY-12")])) == [
        ("B2", "PAY-12", ALL)
    ]
    old = before("wip", at=START - 15 * DAY)
    assert not chosen(suggested(asked, BOTH, linked=[old], links=[link("o", "PAY-12")]))
    assert not chosen(suggested(asked, BOTH, linked=[before("other")], links=[link("o", "PAY-12")]))
    two = [before("wip"), before("wip", name="p")]
    assert not chosen(suggested(asked, BOTH, linked=two, links=[link("o", "PAY-12"), link("p", "OPS-7")]))
    assert not chosen(suggested(asked, BOTH, linked=two, links=[link("o", "PAY-12"), link("p", None)]))


def test_b2_ends_where_the_branch_was_merged() -> None:
    """What bears the name afterwards may be another piece of work."""
    merged = commit("abc1234", ("branch", "wip"), at=START - HOUR)
    given = {"linked": [before("wip")], "links": [link("o", "PAY-12")]}
    assert not chosen(suggested([session("s", turns("wip"))], BOTH, commits=[merged], **given))
    told = RepositoryFacts("main", merged={"wip": START - HOUR})
    assert not chosen(suggested([session("s", turns("wip"))], BOTH, repository=told, **given))


def test_b3_a_resumed_session_goes_on_with_its_task_unless_it_went_to_another_branch() -> None:
    parent = before("wip")
    given = {"linked": [parent], "links": [link("o", "PAY-12")]}
    told = session("s", turns(None), parent="o")
    assert chosen(suggested([told], BOTH, **given)) == [("B3", "PAY-12", ALL)]
    assert not chosen(suggested([session("s", turns("other"), parent="o")], BOTH, **given))


# ---- C and D: offered, never chosen ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "asked", "more"),
    [
        ("C1", session("s", turns("main"), text="PAY-12: refunds"), {}),
        ("C1", session("s", turns("main"), mark("key", "PAY-12")), {}),
        ("C2", session("s", turns("wip")), {"commits": [commit("abc1234", ("key", "PAY-12"))]}),
        ("C4", session("s", turns("main", "main"), mark("key", "PAY-12", turn=1)), {}),
        ("D1", session("s"), {"linked": [before("main", at=START - 20 * MINUTE)], "links": [link("o", "PAY-12")]}),
        ("D3", session("s", text="refund the idempotency"), {}),
        ("D4", session("s"), {}),
    ],
)
def test_what_is_plausible_or_weak_is_offered_and_never_chosen(signal: str, asked: SessionFacts, more: dict) -> None:
    found = suggested([asked], BOTH, **more)
    assert (signal, "PAY-12") in offered(found)
    assert not chosen(found)


def test_d2_the_one_open_task_of_the_project() -> None:
    done = replace(OPS, outcome="shipped", finished_at=START - DAY)
    assert offered(suggested([session("s")], [PAY, done]))[0] == ("D2", "PAY-12")


def test_c2_takes_own_commits() -> None:
    other = [commit("abc1234", ("key", "PAY-12"), mine=False)]
    assert ("C2", "PAY-12") not in offered(suggested([session("s", turns("wip"))], BOTH, commits=other))


# ---- ties, and what speaks against -----------------------------------------------------------------------------------


def test_ac14_a_tie_in_the_best_tier_chooses_nothing_and_offers_both() -> None:
    found = suggested([session("s", turns("feat/PAY-12-and-OPS-7"))], BOTH)
    assert not chosen(found)
    assert offered(found) == [("A4", "OPS-7"), ("A4", "PAY-12")]
    assert all(one.reasons for one in found)


def test_ac14_what_is_recorded_and_what_was_confirmed_must_not_disagree() -> None:
    asked = session("s", turns("feat/PAY-12-x"))
    given = {"linked": [before("feat/PAY-12-x")], "links": [link("o", "OPS-7")]}
    assert not chosen(suggested([asked], BOTH, **given))


def test_a_quoted_key_puts_the_branchs_past_in_doubt() -> None:
    asked = session("s", turns("wip"), mark("key", "OPS-7"))
    found = suggested([asked], BOTH, linked=[before("wip")], links=[link("o", "PAY-12")])
    assert not chosen(found)
    assert "but OPS-7 stands in the prompt" in found[0].reasons


def test_words_of_another_task_put_the_branchs_past_in_doubt_but_choose_nothing() -> None:
    asked = session("s", turns("wip"), text="Drift report for the warehouse")
    found = suggested([asked], BOTH, linked=[before("wip")], links=[link("o", "PAY-12")])
    assert not chosen(found)
    assert "but its words are those of OPS-7" in found[0].reasons
    assert not chosen(suggested([session("s", turns("main"), text="Drift report")], BOTH))


def test_an_address_on_a_branch_that_names_an_unknown_task_chooses_nothing() -> None:
    named = [replace(PAY, url=ISSUE), OPS]
    asked = [session("s", turns("feat/PAY-31-x"), mark("url", ISSUE))]
    found = suggested(asked, named)
    assert not chosen(found)
    assert "the branch names PAY-31, which is no task yet" in found[0].reasons
    confirmed = {"linked": [before("feat/PAY-31-x")], "links": [link("o", "PAY-12")]}
    assert chosen(suggested([session("s", turns("feat/PAY-31-x"))], named, **confirmed)) == [("B2", "PAY-12", ALL)]


def test_a_finished_task_is_not_chosen_and_it_is_said_when_it_was_finished() -> None:
    done = replace(PAY, outcome="shipped", finished_at=START - DAY)
    found = suggested([session("s", turns("feat/PAY-12-x"))], [done, OPS])
    assert not chosen(found)
    assert "task finished 13 Nov: reopen, follow-up, or other?" in found[0].reasons


def test_a_tier_that_was_often_wrong_does_not_choose() -> None:
    asked = [session("s", turns("feat/PAY-12-x"))]
    assert not chosen(suggested(asked, BOTH, stopped=frozenset("A")))
    assert chosen(suggested(asked, BOTH, stopped=frozenset("B")))


@pytest.mark.parametrize("branch", ["main", "master", "trunk", "develop", "release/2.1", "HEAD", None])
def test_ac12_nothing_is_chosen_from_the_history_of_a_trunk(branch: str | None) -> None:
    other = session("o", turns(branch, at=START - HOUR), waiting=())
    given = {"linked": [other], "links": [link("o", "PAY-12")], "rules": [rule("branch", str(branch), "PAY-12")]}
    made = [commit("abc1234", ("key", "PAY-12"))]
    found = suggested([session("s", turns(branch))], BOTH, commits=made, **given)
    assert not [one for one in found if one.signal in ("B1", "B2", "C2")]
    assert not chosen(found)


@pytest.mark.parametrize("passing", [True, False])
def test_ac12_nothing_is_chosen_from_what_was_done_at_home_or_in_a_temporary_folder(
    passing: bool,
) -> None:
    """On a branch that is no trunk, with a link, a commit, a rule: there they count for nothing, elsewhere they do."""
    other = session("o", turns("tweaks", at=START - HOUR), mark("commit", "abc1234", "output"), waiting=())
    made = [commit("abc1234", ("key", "PAY-12"), at=START - HOUR), commit("abc1235", ("key", "PAY-12"))]
    found = suggested(
        [session("s", turns("tweaks"))], BOTH, linked=[other], links=[link("o", "PAY-12")], commits=made,
        rules=[rule("branch", "tweaks", "PAY-12")], repository=RepositoryFacts("main", passing=passing),
    )  # fmt: skip
    assert bool(chosen(found)) is not passing
    alone = suggested(
        [session("s", turns("tweaks"))], BOTH, commits=made, repository=RepositoryFacts("main", passing=passing)
    )
    assert bool({one.signal for one in (*found, *alone)} & {"A5", "B1", "B2", "C2"}) is not passing


def test_ac17_a_rejected_pair_does_not_come_back() -> None:
    asked = session("s", turns("feat/PAY-12-x"), mark("url", ISSUE), mark("key", "PAY-12"), text="Refund idempotency")
    tasks = [replace(PAY, url=ISSUE), OPS]
    assert offered(suggested([asked], tasks))[0] == ("A3", "PAY-12")
    found = suggested([asked], tasks, rejected=frozenset({("s", "PAY-12")}))
    assert "PAY-12" not in {one.task for one in found}


# ---- turns -----------------------------------------------------------------------------------------------------------


def test_a_session_on_two_branches_gets_two_suggestions_with_a_cut() -> None:
    found = suggested([session("s", turns("feat/PAY-12-x", "feat/PAY-12-x", "feat/OPS-7-y"))], BOTH)
    assert chosen(found) == [("A4", "PAY-12", Span(0, 1)), ("A4", "OPS-7", Span(2, None))]


def test_work_that_begins_on_the_trunk_goes_with_the_branch_it_makes() -> None:
    found = suggested([session("s", turns("main", "feat/PAY-12-x", "feat/PAY-12-x"))], BOTH)
    assert chosen(found) == [("A4", "PAY-12", ALL)]
    later = (*turns("main"), *turns("feat/PAY-12-x", at=START + 5 * HOUR))
    assert chosen(suggested([session("s", later)], BOTH)) == [("A4", "PAY-12", Span(1, None))]


def test_turns_that_are_linked_already_are_not_suggested_for() -> None:
    asked = session("s", turns(*["feat/PAY-12-x"] * 4), waiting=[Span(1, 2)])
    assert chosen(suggested([asked], BOTH)) == [("A4", "PAY-12", Span(1, 2))]


# ---- AC 15, and properties -------------------------------------------------------------------------------------------

some = settings(few, max_examples=25)
BRANCHES = st.sampled_from(["main", "HEAD", "wip", "feat/PAY-1-x", "feat/PAY-2-y", "fix/7-z", "drift-report", None])
MARKS = st.sampled_from([
    mark("key", "PAY-1"), mark("key", "UTF-8"), mark("number", "7"), mark("url", ISSUE), mark("commit", "abc1234", "output"),
])  # fmt: skip
TASKS = [
    task("PAY-1", "Refunds"),
    task("PAY-2", "Drift report"),
    task("#7", "Ledger page", url=ISSUE),
    task(None, "Odds"),
]
TEXTS = st.sampled_from(["", "Refunds again", "the drift of PAY-2", "continue"])


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    def drawn(name: str, waiting: tuple[Span, ...]) -> SessionFacts:
        at = START + draw(st.integers(-20, 20)) * 6 * HOUR
        on = turns(
            *draw(st.lists(BRANCHES, min_size=1, max_size=4)), at=at, step=draw(st.sampled_from([MINUTE, 5 * HOUR]))
        )
        found = draw(st.lists(MARKS, max_size=2))
        return session(name, on, *found, text=draw(TEXTS), parent=draw(st.sampled_from([None, "l0"])), waiting=waiting)

    asked = [drawn(f"s{n}", (ALL,)) for n in range(draw(st.integers(1, 3)))]
    linked = [drawn(f"l{n}", ()) for n in range(draw(st.integers(1, 3)))]
    names = [*(one.id for one in TASKS), None]
    links = [link(one.id, draw(st.sampled_from(names))) for one in linked]
    return facts(
        asked, TASKS, linked=linked, links=links,
        commits=[commit("abc1234", draw(st.sampled_from([("key", "PAY-2"), ("closes", "7"), ("mentions", "PAY-1")])))],
        rules=[rule("branch", "wip", "PAY-2"), rule("key", "PAY-1", "PAY-1", name="k")],
    )  # fmt: skip


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_ac15_the_order_in_which_facts_are_given_changes_nothing(world: Facts, chance: random.Random) -> None:
    def mixed(rows: list) -> list:
        return chance.sample(rows, len(rows))

    other = replace(
        world,
        tasks=mixed(list(world.tasks)),
        links=mixed(list(world.links)),
        rules=mixed(list(world.rules)),
        sessions=dict(mixed(list(world.sessions.items()))),
    )
    assert suggest(other) == suggest(world)


@some
@given(worlds())
def test_ac15_every_suggestion_says_why(world: Facts) -> None:
    assert all(one.reasons and all(one.reasons) for one in suggest(world))


@some
@given(worlds())
def test_sessions_elsewhere_change_nothing(world: Facts) -> None:
    other = session("z", turns("feat/PAY-1-x", "wip"), mark("url", ISSUE), project="/w/api")
    more = replace(world, sessions={**world.sessions, "z": other}, links=[*world.links, link("z", None)])
    assert suggest(more) == suggest(world)


@some
@given(worlds())
def test_no_two_tasks_are_chosen_for_one_turn(world: Facts) -> None:
    for name in world.asked:
        spans = [span for _, _, span in chosen(one for one in suggest(world) if one.session == name)]
        assert not any(a.meets(b) for n, a in enumerate(spans) for b in spans[:n])


@some
@given(worlds())
def test_what_is_newer_than_now_is_not_used(world: Facts) -> None:
    early = replace(world, now=START - 30 * DAY)
    assert suggest(early) == suggest(replace(early, tasks=[], links=[], commits={}, rules=[]))


def test_turns_without_a_time_or_a_branch_are_no_obstacle() -> None:
    bare = session("s", [TurnFacts(None, None, None)])
    assert not chosen(suggested([bare], BOTH, linked=[before("wip")], links=[link("o", "PAY-12")]))
