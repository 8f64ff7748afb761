"""Tasks, rules and what they leave behind, as the store keeps them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sessions_read import Sessions, request

from tokentrack.model.tasks import Estimate, OutcomeEvent, Rule, Span, Task
from tokentrack.store import links, open_store, read, rules, tasks
from tokentrack.store.rules import Hit


@pytest.fixture
def db(empty_store: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A store with the sessions S and Q, each of four turns of 10 tokens."""
    with closing(open_store(shutil.copy(empty_store, tmp_path / "store.db"))) as db:
        for name in "SQ":
            prompts = [(f"{name}{n}", 10 * n) for n in range(4)]
            Sessions(db).grow(name, prompts, [request(f"{name}r{at}", at + 1, 10) for _, at in prompts])
        yield db


def uid(db: sqlite3.Connection, name: str) -> str:
    return read.sessions_like(db, name)[0].id


def add(db: sqlite3.Connection, title: str = "Refunds", key: str | None = "PAY-12", **more: object) -> Task:
    return tasks.add(db, Task("", title, key, None, more.pop("project", "/w/shop"), 5, **more))


# ---- tasks -----------------------------------------------------------------------------------------------------------


def test_a_task_is_told_as_it_was_given_and_has_the_same_id_in_every_store(db: sqlite3.Connection) -> None:
    made = add(db, size="M", private=True, alias="Payments")
    assert tasks.tasks(db) == [made]
    assert tasks.task(db, made.id) == made
    assert made.id == tasks.uid_of(made) == tasks.uid_of(Task("x", "Refunds", "PAY-12", "http://x", "/w/shop", 5))
    assert (
        len({tasks.uid_of(made), tasks.uid_of(add(db, "Refunds", None)), tasks.uid_of(add(db, project="/w/api"))}) == 3
    )
    assert tasks.tasks(db, until=4) == []
    assert tasks.projects(db) == [("/w/api", "api"), ("/w/shop", "shop")]


def test_two_tasks_of_a_project_do_not_share_a_key(db: sqlite3.Connection) -> None:
    """Whatever its case; in another project the key is another one, and so it is where there is none."""
    made = add(db)
    with pytest.raises(tasks.TaskThere, match=rf"^pay-12 is the key of another task in shop: {made.id} Refunds\.$"):
        add(db, "Other", "pay-12")
    with pytest.raises(tasks.TaskThere, match="There is this task already"):
        add(db)
    other, free = add(db, "Other", project="/w/api"), add(db, "Free", None)
    with pytest.raises(tasks.TaskThere):
        tasks.edit(db, free.id, key="PAY-12")
    with pytest.raises(tasks.TaskThere):
        tasks.edit(db, other.id, project="/w/shop")
    add(db, "Nowhere", project=None)
    with pytest.raises(tasks.TaskThere, match=r"^PAY-12 is the key of another task: "):
        add(db, "Nowhere again", project=None)
    assert [task.title for task in tasks.tasks(db)] == ["Refunds", "Other", "Free", "Nowhere"]


def test_a_task_is_found_by_its_id_its_key_or_a_beginning(db: sqlite3.Connection) -> None:
    pay, twelve, other = add(db), add(db, "Twelve", "#12"), add(db, "Twelve there", "#12", project="/w/api")
    assert tasks.tasks_like(db, pay.id) == tasks.tasks_like(db, "pay-12") == tasks.tasks_like(db, pay.id[:6]) == [pay]
    assert tasks.tasks_like(db, "#12") == [twelve, other]
    assert tasks.tasks_like(db, "api#12") == [other]
    assert tasks.tasks_like(db, "PAY") == tasks.tasks_like(db, "") == tasks.tasks_like(db, "%") == []


def test_an_edit_changes_what_it_names(db: sqlite3.Connection) -> None:
    made, before = add(db, note="So"), add(db, "Before", None)
    after = tasks.edit(db, made.id, title="Refunds again", url="http://x", follow_up_of=before.id, anyway="no")
    assert after == tasks.task(db, made.id)
    assert (after.title, after.key, after.note, after.follow_up_of, after.id) == (
        "Refunds again", "PAY-12", "So", before.id, made.id
    )  # fmt: skip
    assert tasks.edit(db, made.id, follow_up_of=None).follow_up_of is None
    with pytest.raises(TypeError, match="outcome"):
        tasks.edit(db, made.id, outcome="shipped")
    with pytest.raises(links.Unknown):
        tasks.edit(db, "nobody", title="x")


def test_what_came_of_a_task_is_only_ever_added_to(db: sqlite3.Connection) -> None:
    made = add(db)
    tasks.reopen(db, made.id, 1)  # it is open
    tasks.finish(db, made.id, "delivered", "to the shop", 10)
    tasks.finish(db, made.id, "shipped", "", 20)
    task = tasks.task(db, made.id)
    assert (task.status, task.outcome, task.finished_at) == ("finished", "shipped", 20)
    tasks.finish(db, made.id, "shipped", "in one file", 25)  # a sentence moves nothing
    assert tasks.task(db, made.id) == task
    tasks.reopen(db, made.id, 30)
    assert tasks.task(db, made.id) == made
    assert tasks.outcomes(db, made.id) == [
        OutcomeEvent(10, "delivered", "to the shop"), OutcomeEvent(20, "shipped", ""), OutcomeEvent(25, "shipped", "in one file"),
        OutcomeEvent(30, None, ""),
    ]  # fmt: skip
    with pytest.raises(sqlite3.IntegrityError):
        tasks.finish(db, made.id, "glorious", "", 40)


def test_an_estimate_tells_what_was_used_by_then_whenever_it_was_linked(db: sqlite3.Connection) -> None:
    """AC 28: work may be linked after its task was estimated."""
    made = add(db)
    times = [row[0] for row in db.execute("select at from requests where turn in (1, 2) order by at")]
    for at, low in ((times[-1] + 1, 20), (times[0] - 1, 10)):
        tasks.add_estimate(db, made.id, "spend", low, 60, at)
    links.put(db, uid(db, "S"), made.id, Span(1, 2), "manual", times[-1] + 2)
    told = [
        Estimate(times[0] - 1, "spend", 10, 60, 0, 0), Estimate(times[-1] + 1, "spend", 20, 60, 140, 22)
    ]  # fmt: skip
    assert tasks.estimates(db, made.id) == told
    assert tasks.every_estimate(db) == {made.id: told}


def test_a_merge_keeps_what_the_kept_task_says_and_takes_over_the_rest(db: sqlite3.Connection) -> None:
    kept = add(db, "Refunds", None, project=None, size="S")
    gone = add(db, "Refunds of orders", "PAY-12", note="Half", size="L", private=True)
    third = add(db, "Third", None, follow_up_of=gone.id)
    links.put(db, uid(db, "S"), kept.id, Span(0, 1), "manual", 1)
    links.put(db, uid(db, "S"), gone.id, Span(2), "manual", 1)
    links.reject(db, uid(db, "S"), gone.id, 1)
    links.reject(db, uid(db, "Q"), gone.id, 1)
    links.reject(db, uid(db, "Q"), kept.id, 1)
    rule = rules.add(db, "branch", "/w/shop", "feat/x", gone.id, 1)
    tasks.add_estimate(db, gone.id, "spend", 1, 2, 1)
    tasks.finish(db, gone.id, "shipped", "", 9)
    merged = tasks.merge(db, kept.id, gone.id, 50)
    assert (merged.title, merged.key, merged.project, merged.size, merged.note, merged.private, merged.status) == (
        "Refunds", "PAY-12", "/w/shop", "S", "Half", True, "open"
    )  # fmt: skip
    assert tasks.task(db, gone.id) is None
    assert tasks.task(db, third.id).follow_up_of == kept.id
    assert [(*link.turns, link.task) for link in links.links(db)] == [(0, 1, kept.id), (2, None, kept.id)]
    assert links.rejections(db) == {(uid(db, "Q"), kept.id)}  # what is linked to the kept task is not rejected for it
    assert [one.task for one in rules.rules(db)] == [kept.id] == [rules.rules_like(db, rule.id[:4])[0].task]
    assert len(tasks.estimates(db, kept.id)) == 1
    assert tasks.outcomes(db, kept.id) == [OutcomeEvent(9, "shipped", ""), OutcomeEvent(50, None, "")]
    with pytest.raises(tasks.TaskThere):
        tasks.merge(db, kept.id, kept.id, 60)


def test_what_a_merged_task_was_called_leads_to_what_it_became(db: sqlite3.Connection) -> None:
    """Along several merges; not while the task is there itself, such as after the merge was taken back."""
    a, b, c = (
        tasks.add(db, Task("", key, key, f"https://t.test/{key}", None, 1)).id for key in ("PAY-1", "PAY-2", "PAY-3")
    )
    tasks.merge(db, b, a, 2)
    assert tasks.former(db) == [(None, "PAY-1", "https://t.test/PAY-1", b)]
    tasks.merge(db, c, b, 3)
    assert [(key, task) for _, key, _, task in tasks.former(db)] == [("PAY-2", c), ("PAY-1", c)]
    assert tasks.add(db, Task("", "PAY-2", "PAY-2", None, None, 1)).id == b
    assert [(key, task) for _, key, _, task in tasks.former(db)] == [("PAY-1", b)]


def test_a_task_that_follows_the_one_it_is_merged_with_follows_nothing(db: sqlite3.Connection) -> None:
    first = add(db)
    second = add(db, "Again", None, follow_up_of=first.id)
    assert tasks.merge(db, second.id, first.id, 1).follow_up_of is None


def test_declarations_say_who_and_where_and_when(db: sqlite3.Connection) -> None:
    made = add(db)
    links.declare(db, made.id, "/w/shop", 10)
    links.declare(db, made.id, "/w/api", 20)
    assert links.declarations(db) == [(made.id, "/w/shop", 10), (made.id, "/w/api", 20)]
    assert links.declarations(db, until=19) == [(made.id, "/w/shop", 10)]


# ---- rules -----------------------------------------------------------------------------------------------------------


def test_a_rule_is_there_once_and_the_same_again_wakes_it_up(db: sqlite3.Connection) -> None:
    made, other = add(db), add(db, "Other", None)
    rule = rules.add(db, "branch", "/w/shop", "feat/x", made.id, 7)
    assert rule == Rule(rule.id, "branch", "/w/shop", "feat/x", made.id, 7)
    rules.pause(db, rule.id, "paused by you")
    assert rules.rules(db)[0].paused == "paused by you"
    assert rules.add(db, "branch", "/w/shop", "feat/x", made.id, 9) == rule
    assert rules.rules(db) == [rule]
    with pytest.raises(rules.RuleThere, match=r"^A rule links the branch feat/x to another task already") as refused:
        rules.add(db, "branch", "/w/shop", "feat/x", other.id, 9)
    assert refused.value.command == f"`tokentrack rule remove {rule.id}`"
    assert rules.add(db, "branch", None, "feat/x", other.id, 9) != rule  # of any project
    assert rules.add(db, "branch", "/w/new", "feat/x", other.id, 9).project == "/w/new"  # of one without sessions yet


def test_ac20_removing_all_that_a_rule_linked_leaves_links_that_were_edited(db: sqlite3.Connection) -> None:
    made = add(db)
    rule = rules.add(db, "branch", "/w/shop", "feat/x", made.id, 1)
    for name in "SQ":
        links.put(db, uid(db, name), made.id, Span(0, 3), "rule", 2, rule.id)
        rules.hit(db, rule.id, uid(db, name), 2)
    assert links.cut_out(db, uid(db, "S"), Span(1, 1)) == 1
    assert rules.hits(db, rule.id) == [Hit(*one) for one in sorted([(uid(db, "Q"), 2, False), (uid(db, "S"), 2, True)])]
    assert rules.remove(db, rule.id, with_links=True) == 1
    assert [(link.session, *link.turns, link.source, link.rule) for link in links.links(db)] == [
        (uid(db, "S"), 0, 0, "manual", None), (uid(db, "S"), 2, 3, "manual", None)
    ]  # fmt: skip
    assert rules.rules(db) == []


def test_a_rule_removed_alone_leaves_what_it_linked(db: sqlite3.Connection) -> None:
    made = add(db)
    rule = rules.add(db, "key", None, "PAY-12", made.id, 1)
    links.put(db, uid(db, "S"), made.id, Span(), "rule", 2, rule.id)
    assert rules.remove(db, rule.id) == 0
    assert [(link.source, link.rule) for link in links.links(db)] == [("rule", None)]


def test_what_a_rule_linked_and_the_person_took_out_is_an_override(db: sqlite3.Connection) -> None:
    made = add(db)
    rule = rules.add(db, "key", None, "PAY-12", made.id, 1)
    for at, name in enumerate("SQ"):
        links.put(db, uid(db, name), made.id, Span(), "rule", at, rule.id)
        rules.hit(db, rule.id, uid(db, name), at)
    rules.hit(db, rule.id, uid(db, "S"), 99)  # it matched again, and counts once
    links.cut_out(db, uid(db, "S"), Span())
    assert rules.hits(db, rule.id) == [Hit(uid(db, "Q"), 1, False), Hit(uid(db, "S"), 0, True)]
    assert rules.hits(db, rule.id, last=1) == [Hit(uid(db, "Q"), 1, False)]
