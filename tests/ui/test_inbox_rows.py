"""What the inbox says, in words: names of tasks and turns, how much waits, what is counted. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from ui.samples import session, total

from tokentrack import clock
from tokentrack.linking.cuts import Cut
from tokentrack.model.tasks import Span, Suggestion, Task
from tokentrack.model.usage import Total
from tokentrack.review.inbox import Group, Inbox, Key, Part, after_the_end, groups_of
from tokentrack.ui import inbox_rows
from tokentrack.ui.inbox_rows import Line
from tokentrack.ui.inbox_rules import rule_for
from tokentrack.ui.inbox_split import around

REFUND = Task("a", "Refund idempotency", "PAY-12", None, "/w/pay", 0)
LEDGER = Task("b", "Ledger export", "PAY-19", None, "/w/pay", 0)
PLAIN = Task("c", "Tidy up", None, None, "/w/pay", 0)
NEW = Task("", "Bulk refund", "PAY-31", None, "/w/pay", 0)
DONE = replace(REFUND, outcome="shipped", finished_at=5)
TASKS = {task.id: task for task in (REFUND, LEDGER, PLAIN)}


def group(*parts: Part) -> Group:
    (made,) = groups_of(parts, TASKS)
    return made


def part(number: int = 1, dollars: float | None = 1, turns: Span = Span(), **more: object) -> Part:  # noqa: B008
    one = session(number, dollars=dollars)
    said = Suggestion(one.id, one.native_id, turns, "a", "A4", True, ("branch x",))
    made = Part(one, turns, one.total, 12, one.ended_at, ("feat/x",), (said,))
    return replace(made, **more)


def inbox(*parts: Part) -> Inbox:
    return Inbox(groups_of(parts, TASKS), TASKS)


@pytest.mark.parametrize(
    ("offers", "ready", "text"),
    [
        ((), False, "no suggestion"),
        ((REFUND,), True, "PAY-12 Refund idempotency"),
        ((REFUND,), False, "PAY-12 Refund idempotency?"),
        ((REFUND, LEDGER), False, "PAY-12 or PAY-19?"),
        ((REFUND, LEDGER, PLAIN), False, "PAY-12, PAY-19 or Tidy up?"),
        ((NEW,), False, "create PAY-31?"),
        ((LEDGER, NEW), False, "PAY-19 or create PAY-31?"),
        (tuple(after_the_end(DONE)), False, "reopen PAY-12, a follow-up or PAY-12 as it is?"),
    ],
)
def test_offers_in_words(offers: tuple[Task, ...], ready: bool, text: str) -> None:
    assert inbox_rows.tasks_text(offers, ready) == text


def test_keys_stand_out_and_guesses_do_not() -> None:
    named = [text for text, strong in inbox_rows.task_pieces((REFUND, LEDGER), ready=False) if strong]
    assert named == ["PAY-12", "PAY-19"]
    weak = Suggestion("s1", "n", Span(), "a", "D4", False, ("lately",))
    assert not any(strong for _, strong in inbox_rows.bold_parts(group(part(suggestions=(weak,)))))


@pytest.mark.parametrize(
    ("turns", "text"),
    [(Span(), ""), (Span(6, None), "turns 6 on"), (Span(0, 5), "turns 0 to 5"), (Span(3, 3), "turn 3")],
)
def test_turns_in_words(turns: Span, text: str) -> None:
    assert inbox_rows.turns_text(turns) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([Key("a", Span())], "1 session"),
        ([Key("a", Span()), Key("b", Span())], "2 sessions"),
        ([Key("a", Span(2, 3))], "part of a session"),
        ([Key("a", Span(2, 3)), Key("a", Span(5, None))], "part of a session"),
        ([Key("a", Span(2, 3)), Key("b", Span(0, 1))], "parts of 2 sessions"),
        ([Key("a", Span()), Key("b", Span(0, 1))], "1 session and part of another"),
        ([Key("a", Span()), Key("b", Span(0, 1)), Key("c", Span(0, 1))], "1 session and parts of 2"),
    ],
)
def test_what_was_decided_is_counted(keys: list[Key], text: str) -> None:
    assert inbox_rows.counted(keys) == text


@pytest.mark.parametrize(
    ("dollars", "value"), [((1, 2.5), "$3.50"), ((1, None), "$1 + unknown"), ((None,), "unknown"), ((12.2, 9), "$21")]
)
def test_ac5_the_header_names_what_is_not_known(dollars: tuple[float | None, ...], value: str) -> None:
    found = inbox(*(part(n * 3, amount) for n, amount in enumerate(dollars, start=1)))
    assert inbox_rows.head(found)[1] == value


def test_ac5_what_no_agent_recorded_is_unknown() -> None:
    silent = replace(session(3), tokens_from="none", total=Total())
    found = inbox(part(6), replace(part(3), session=silent, total=Total()))
    assert inbox_rows.head(found) == ("2 sessions wait", "$1 + unknown")
    line = Line(found.groups[0], next(one for one in found.groups[0].parts if one.session == silent))
    assert inbox_rows.value_text(line) == "unknown"


def test_how_much_of_this_week_waits() -> None:
    found = inbox(part(1, 21))
    assert inbox_rows.of_week(found) == ""
    assert inbox_rows.of_week(replace(found, week=total(21), of_week=total(153))) == "14% of this week"
    assert inbox_rows.of_week(replace(found, week=total(9), of_week=total(150))) == "$9 of it this week, 6% of the week"
    assert inbox_rows.of_week(replace(found, week=total(0), of_week=total(0))) == ""
    assert inbox_rows.of_week(Inbox((), TASKS, total(0), total(9))) == ""


def test_a_session_says_when_how_long_and_where_it_may_be_cut() -> None:
    one = group(part(cuts=(Cut(5, "branch feat/y"),)))
    now = clock.local(one.parts[0].at) + timedelta(minutes=1)
    assert inbox_rows.why_text(Line(one, one.parts[0]), now).endswith(
        "12 turns · cut suggested before turn 5: branch feat/y"
    )
    assert inbox_rows.why_text(Line(one), datetime.now().astimezone()) == "branch x"


def test_a_long_project_leaves_room_for_the_reason() -> None:
    """AC 15: of a project with a long name nothing else stood in the row."""
    one = group(part())
    numbered = replace(one, project="/w/Kraftfahrzeughaftpflichtversicherung", offers=(replace(REFUND, key="#12"),))
    now = clock.now()
    assert inbox_rows.why_text(Line(numbered), now) == "Kraftfahrzeughaftpflichtversicherung · branch x"
    assert inbox_rows.below(Line(numbered), now) == "1 session · Kraftfahrzeugha… · branch x"


def test_what_is_sought_keeps_what_holds_every_word() -> None:
    groups = groups_of([part(3), part(6), part(9, suggestions=())], TASKS)
    assert inbox_rows.matching(groups, "") == groups
    assert [one.offers for one in inbox_rows.matching(groups, "pay-12 REFUND")] == [(REFUND,)]
    assert inbox_rows.matching(groups, "pay-12 nothing") == ()
    native = groups[0].parts[0].session.native_id
    assert [one.key for held in inbox_rows.matching(groups, native) for one in held.parts] == [groups[0].parts[0].key]


def test_ac24_every_value_can_be_asked() -> None:
    two = group(part(3), part(6))
    assert inbox_rows.figure(Line(two)).name == "sessions:" + ",".join(one.session.id for one in two.parts)
    assert inbox_rows.figure(Line(two, two.parts[0])).name == two.parts[0].session.id
    assert inbox_rows.figure(Line(group(part(3, turns=Span(2, 4))))).name == "sessions:s3@2..4"
    assert inbox_rows.figure(Line(group(part(3, turns=Span(6, None)), part(6)))).name == "sessions:s3@6..,s6"


@pytest.mark.parametrize(
    ("turns", "waiting", "whole"),
    [
        (Span(), [Span()], Span()),
        (Span(3, 4), [Span(0, 0), Span(1, 2), Span(3, 4), Span(5, None)], Span()),
        (Span(3, 4), [Span(0, 1), Span(3, 4), Span(5, 6), Span(9, None)], Span(3, 6)),
        (Span(9, None), [Span(0, 1), Span(3, 8), Span(9, None)], Span(3, None)),
    ],
)
def test_what_is_split_is_all_that_waits_around_a_part(turns: Span, waiting: list[Span], whole: Span) -> None:
    assert around(turns, waiting) == whole


@pytest.mark.parametrize(
    ("branches", "task", "cwd", "rule"),
    [
        (("feat/x",), REFUND, "/w/pay", ("branch", "feat/x")),
        (("main",), REFUND, "/w/pay", ("key", "PAY-12")),
        (("a", "b"), REFUND, "/w/pay", ("key", "PAY-12")),
        (("main",), PLAIN, "/w/pay/docs/de", ("path", "docs/de")),
        ((), None, "/elsewhere", ("path", "")),
    ],
)
def test_always_begins_with_the_rule_that_fits(
    branches: tuple[str, ...], task: Task | None, cwd: str, rule: tuple[str, str]
) -> None:
    """Product 3.4: a branch before a key before a folder, and never a trunk."""
    one = replace(session(3), project="/w/pay", cwd=cwd)
    kind, project, pattern = rule_for(Line(group(part(3, session=one, branches=branches))), task)
    assert (kind, pattern) == rule
    assert project == "/w/pay"


def test_a_name_read_from_the_right_moves_nothing_beside_it() -> None:
    """The sign behind it and the branch would stand on its other side."""
    one = replace(session(1, title="مراجعة 3"), project="/w/مشروع 7")
    made = Part(one, Span(), one.total, 12, one.ended_at, ("2-main",), (), ())
    assert inbox_rows.guess_text(group(made)) == "\u2068مشروع 7\u2069 · 2-main · \u2068مراجعة 3\u2069"
