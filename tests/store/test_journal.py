"""The way back: one change at a time, over restarts, for 30 days (AC 16); exactly what was changed, or nothing and a sentence."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sessions_read import Sessions, passing, request, told

from tokentrack.model.tasks import Span, Task
from tokentrack.store import journal, links, open_store, read, rules, tasks, transaction
from tokentrack.store.journal import KEPT_MS, NoWayBack

DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def path(empty_store: Path, tmp_path: Path) -> Path:
    return shutil.copy(empty_store, tmp_path / "store.db")


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """A store with the sessions S and Q, each of four turns."""
    with closing(open_store(path)) as db:
        for name in "SQ":
            Sessions(db).grow(
                name,
                [(f"{name}{n}", 10 * n) for n in range(4)],
                [request(f"{name}r{n}", 10 * n + 1, 10) for n in range(4)],
            )
        yield db


def uid(db: sqlite3.Connection, name: str = "S") -> str:
    return read.sessions_like(db, name)[0].id


class Doing:
    """`with doing("Linked") as now:` one change of the person's, a second after the one before."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.now = db, 0

    def __call__(self, what: str) -> Any:
        self.now += 1000
        stack = ExitStack()
        stack.enter_context(transaction(self.db))
        stack.enter_context(journal.change(self.db, what, self.now))
        return stack


@pytest.fixture
def doing(db: sqlite3.Connection) -> Doing:
    return Doing(db)


def image(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that can be changed. Numbers of prompts may be filled in later and do not count."""
    return {place: sorted(map(tuple, db.execute(f"select * from {place}")), key=str) for place in journal.PLACES}


def undo(db: sqlite3.Connection, now: int = 10**6) -> str | None:
    with transaction(db):
        return journal.undo(db, now)


def redo(db: sqlite3.Connection, now: int = 10**6) -> str | None:
    with transaction(db):
        return journal.redo(db, now)


def add(db: sqlite3.Connection, title: str = "Refunds", key: str | None = "PAY-12") -> str:
    return tasks.add(db, Task("", title, key, None, "/w/shop", 5)).id


def test_ac16_one_step_back_reverts_exactly_the_newest_change_also_after_a_restart(
    path: Path, db: sqlite3.Connection, doing: Doing
) -> None:
    with doing("Added PAY-12"):
        task = add(db)
    before = image(db)
    with doing("Linked 2 sessions to PAY-12"):
        links.put(db, uid(db), task, Span(), "suggested", 7)
        links.put(db, uid(db, "Q"), task, Span(1, 2), "suggested", 7)
    after = image(db)
    db.close()
    with closing(open_store(path)) as again:
        assert journal.latest(again, 10**6) == (2, "Linked 2 sessions to PAY-12")
        assert undo(again) == "Linked 2 sessions to PAY-12"
        assert image(again) == before
    with closing(open_store(path)) as again:
        assert redo(again) == "Linked 2 sessions to PAY-12"
        assert image(again) == after
        assert [undo(again), undo(again), undo(again)] == ["Linked 2 sessions to PAY-12", "Added PAY-12", None]
        assert tasks.tasks(again) == []


def test_ac16_a_connection_knows_which_step_was_its_own(path: Path, db: sqlite3.Connection, doing: Doing) -> None:
    """The newest may be another's; what wrote nothing is no step."""
    assert journal.went(db) is None
    with doing("Added PAY-12"):
        task = add(db)
    with closing(open_store(path)) as other, transaction(other), journal.change(other, "Edited", 6):
        tasks.edit(other, task, title="Webhooks")
    assert (journal.went(db), journal.went(db)) == (1, None)
    with doing("Nothing"):
        tasks.edit(db, task, title="Webhooks")
    assert journal.went(db) is None
    assert (undo(db), journal.went(db), redo(db), journal.went(db)) == ("Edited", 2, "Edited", 2)


def test_ac16_a_change_can_be_taken_back_for_30_days(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("Added PAY-12"):
        add(db)
    assert journal.latest(db, 1000 + KEPT_MS + 1) is None
    assert undo(db, 1000 + KEPT_MS + 1) is None
    assert undo(db, 1000 + KEPT_MS) == "Added PAY-12"
    assert redo(db, 1000 + KEPT_MS) == "Added PAY-12"
    doing.now = 40 * DAY
    with doing("Added OPS-7"):
        add(db, "Drift", "OPS-7")
    assert db.execute("select count(*) from changes").fetchone()[0] == 1  # the old one is forgotten


def test_a_new_change_drops_what_could_be_done_again(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("Added PAY-12"):
        add(db)
    undo(db)
    with doing("Added OPS-7"):
        add(db, "Drift", "OPS-7")
    assert redo(db) is None
    assert [task.key for task in tasks.tasks(db)] == ["OPS-7"]


def test_several_steps_go_back_and_forth_in_their_order(db: sqlite3.Connection, doing: Doing) -> None:
    images = [image(db)]
    with doing("one"):
        task = add(db)
    images.append(image(db))
    with doing("two"):
        links.put(db, uid(db), task, Span(), "manual", 1)
    images.append(image(db))
    with doing("three"):
        links.cut_out(db, uid(db), Span(1, 2))
    images.append(image(db))
    assert [undo(db, 9000), undo(db, 9000)] == ["three", "two"]  # within one millisecond
    assert image(db) == images[1]
    assert [redo(db), redo(db), redo(db)] == ["two", "three", None]
    assert image(db) == images[3]


def test_deleting_a_task_makes_its_turns_unlinked_and_comes_back_with_all_that_belonged_to_it(
    db: sqlite3.Connection, doing: Doing
) -> None:
    with doing("made"):
        task, other = add(db), add(db, "Later", None)
        tasks.edit(db, other, follow_up_of=task)
        rule = rules.add(db, "branch", "/w/shop", "feat/refunds", task, 1)
        links.put(db, uid(db), task, Span(0, 1), "rule", 1, rule.id)
        rules.hit(db, rule.id, uid(db), 1)
        links.reject(db, uid(db, "Q"), task, 2)
        links.declare(db, task, "/w/shop", 3)
        tasks.add_estimate(db, task, "spend", 10, 20, 4)
        tasks.finish(db, task, "shipped", "", 5)
    before, totals = image(db), tasks.totals(db)
    with doing("Deleted PAY-12"):
        tasks.delete(db, task)
    assert (links.links(db), rules.rules(db), links.rejections(db)) == ([], [], set())
    assert [found.follow_up_of for found in tasks.tasks(db)] == [None]
    assert undo(db) == "Deleted PAY-12"
    assert image(db) == before
    assert tasks.totals(db) == totals
    assert redo(db) == "Deleted PAY-12"
    assert undo(db) == "Deleted PAY-12"
    assert image(db) == before


def test_a_merge_goes_back_in_one_step(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("made"):
        one, other = add(db), add(db, "Refund retries", "PAY-13")
        links.put(db, uid(db), other, Span(2), "manual", 1)
        links.put(db, uid(db, "Q"), one, Span(), "manual", 1)
        rules.add(db, "key", "/w/shop", "PAY-13", other, 1)
        tasks.add_estimate(db, other, "with_ai", 60, 120, 1)
        tasks.finish(db, other, "shipped", "", 2)
    before = image(db)
    with doing("Merged"):
        tasks.merge(db, one, other, 3)
    assert {link.task for link in links.links(db)} == {one}
    assert undo(db) == "Merged"
    assert image(db) == before


def test_ac16_what_cannot_be_taken_back_is_said_once_and_the_next_step_is_the_one_before_it(
    path: Path, db: sqlite3.Connection, doing: Doing
) -> None:
    """Another link came there that is no step of the journal and no rule's."""
    with doing("Added"):
        task, other = add(db), add(db, "Other", "OPS-7")
    with doing("Linked"):
        links.put(db, uid(db), task, Span(1, 2), "manual", 1)
        links.put(db, uid(db, "Q"), task, Span(), "manual", 1)
    with doing("Unlinked S"):
        links.cut_out(db, uid(db, "Q"), Span())
        links.cut_out(db, uid(db), Span())
    with transaction(db):
        links.put(db, uid(db), other, Span(2), "manual", 9)
    before = image(db)
    with pytest.raises(NoWayBack, match=r"^“Unlinked S” cannot be taken back, because .*; undo goes on with .*\.$"):
        journal.step(db, journal.undo, 10**6)
    assert image(db) == before
    db.close()
    with closing(open_store(path)) as again:
        with pytest.raises(NoWayBack, match="“Linked”"):  # its links are gone for good
            journal.step(again, journal.undo, 10**6)
        with pytest.raises(NoWayBack, match="“Added”"):  # and one of its tasks has a link
            journal.step(again, journal.undo, 10**6)
        assert journal.step(again, journal.undo, 10**6) is None
        assert image(again) == before


def test_ac16_what_cannot_be_done_again_is_said_once_and_left_out(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("Added"):
        task = add(db)
    with doing("Linked S"):
        links.put(db, uid(db), task, Span(), "manual", 1)
    with doing("Linked Q"):
        links.put(db, uid(db, "Q"), task, Span(), "manual", 1)
    undo(db)
    undo(db)
    with transaction(db):
        links.put(db, uid(db), None, Span(), "manual", 9)
    with pytest.raises(NoWayBack, match=r"^“Linked S” cannot be done again, because .*; it is left out\.$"):
        journal.step(db, journal.redo, 10**6)
    assert journal.step(db, journal.redo, 10**6) == "Linked Q"


def by_rule(db: sqlite3.Connection, session: str, turns: Span, rule: str, now: int = 9) -> None:
    """As rules do while logs are read: no step of the person's."""
    with transaction(db):
        task = next(one.task for one in rules.rules(db) if one.id == rule)
        links.put(db, session, task, turns, "rule", now, rule)
        rules.hit(db, rule, session, now)


@pytest.mark.parametrize("together", [True, False])
def test_ac16_taking_a_rule_or_its_task_back_takes_along_what_the_rule_linked_since(
    db: sqlite3.Connection, doing: Doing, together: bool
) -> None:
    """AC 16, 20: the links come again with the rule, and are the rule's again."""
    empty = image(db)
    with doing("Linked Q"):
        links.put(db, uid(db, "Q"), None, Span(0, 1), "manual", 1)
    with doing("Added"):
        task = add(db)
        rule = rules.add(db, "branch", None, "drift", task, 1).id if together else ""
    if not together:
        with doing("Kept the rule"):
            rule = rules.add(db, "branch", None, "drift", task, 1).id
    by_rule(db, uid(db), Span(), rule)
    by_rule(db, uid(db, "Q"), Span(2), rule)
    after = image(db)
    for _ in range(3 - together):
        assert undo(db)
    assert image(db) == empty
    for _ in range(3 - together):
        assert redo(db)
    assert image(db) == after
    with doing("Removed the rule"):
        assert rules.remove(db, rule, with_links=True) == 2
    assert undo(db) == "Removed the rule"
    assert image(db) == after


def test_ac16_a_link_that_comes_back_replaces_what_a_rule_linked_there_since(
    db: sqlite3.Connection, doing: Doing
) -> None:
    with doing("Added"):
        task, other = add(db), add(db, "Other", "OPS-7")
    with doing("Linked"):
        links.put(db, uid(db), task, Span(0, 1), "manual", 1)
    with doing("Kept the rule"):
        rule = rules.add(db, "branch", None, "drift", other, 1).id
    before = image(db)
    with doing("Unlinked"):
        links.cut_out(db, uid(db), Span())
    by_rule(db, uid(db), Span(), rule)
    after = image(db)
    assert undo(db) == "Unlinked"
    assert image(db)["links"] == before["links"]
    assert redo(db) == "Unlinked"
    assert image(db) == after
    assert [undo(db), undo(db), undo(db), undo(db)] == ["Unlinked", "Kept the rule", "Linked", "Added"]
    assert (links.links(db), rules.rules(db), tasks.tasks(db)) == ([], [], [])


def test_ac16_a_rule_that_paused_itself_or_ended_its_link_is_taken_back_all_the_same(
    db: sqlite3.Connection, doing: Doing
) -> None:
    empty = image(db)
    with doing("Kept the rule, linked 1 session"):
        rule = rules.add(db, "branch", None, "drift", add(db), 1).id
        made = links.put(db, uid(db), tasks.tasks(db)[0].id, Span(), "rule", 1, rule)
        rules.hit(db, rule, uid(db), 1)
    with transaction(db):
        links.end(db, made.id, 1)
        rules.pause(db, rule, "it was overridden twice")
    after = image(db)
    assert undo(db)
    assert image(db) == empty
    assert redo(db)
    assert image(db) == after


def test_the_way_back_holds_while_the_session_grows_and_is_numbered_anew(db: sqlite3.Connection, doing: Doing) -> None:
    """AC 16 and 21: what comes back lies before the prompts that it lay before."""
    with doing("Added"):
        task = add(db)
        links.put(db, uid(db), task, Span(1, 3), "manual", 1)
    with doing("Cut"):
        links.cut_out(db, uid(db), Span(2, 2))
    Sessions(db).grow("S", [("older", 5), ("newer", 99)], [request("new", 100)])
    assert [link.turns for link in links.links(db)] == [Span(2, 2), Span(4, 4)]
    assert undo(db) == "Cut"
    assert [link.turns for link in links.links(db)] == [Span(2, 4)]
    Sessions(db).grow("S", [("oldest", 1)])
    assert [link.turns for link in links.links(db)] == [Span(3, 5)]
    assert redo(db) == "Cut"
    assert [link.turns for link in links.links(db)] == [Span(3, 3), Span(5, 5)]


def test_a_row_is_found_again_by_the_key_of_its_table(db: sqlite3.Connection) -> None:
    for place, names in journal.PLACES.items():
        columns = db.execute(f"select name from pragma_table_info('{place}') where pk order by pk")
        assert tuple(row[0] for row in columns) == names, place


def test_nothing_written_is_no_step(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("Added"):
        task = add(db)
        links.put(db, uid(db), task, Span(), "manual", 1)
    undo(db)
    with doing("Nothing"):
        tasks.tasks(db)
    assert redo(db) == "Added"  # it did not drop what could be done again
    with doing("The same again"):
        links.put(db, uid(db), task, Span(), "manual", 1)
        tasks.edit(db, task, title="Refunds")
        rules_before = rules.rules(db)
    assert rules_before == []
    assert journal.latest(db, 10**6) == (1, "Added")


def test_a_change_that_fails_is_no_step(db: sqlite3.Connection, doing: Doing) -> None:
    with doing("Added"):
        task = add(db)
        links.put(db, uid(db), task, Span(), "manual", 1)
    before = image(db)

    def fail() -> None:
        with doing("Linked"):
            add(db, "Another", "OPS-7")
            links.put(db, uid(db), None, Span(1), "manual", 2)

    with pytest.raises(links.Overlap):
        fail()
    assert image(db) == before
    with transaction(db):
        links.put(db, uid(db, "Q"), task, Span(), "rule", 2)  # and what follows is not noted for it
    assert journal.latest(db, 10**6) == (1, "Added")


@pytest.fixture(scope="module")
def shared_db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(open_store(tmp_path_factory.mktemp("journal") / "store.db")) as db:
        with transaction(db), journal.change(db, "", 0):
            pass
        yield db


def test_any_number_of_steps_back_and_forth_ends_where_it_was(shared_db: sqlite3.Connection) -> None:
    """Each state between two changes comes back exactly, and so does the last one."""
    for seed in range(50):
        with passing(shared_db) as sessions, told(seed):
            check_steps(shared_db, sessions, random.Random(seed))


def check_steps(db: sqlite3.Connection, sessions: Sessions, chance: random.Random) -> None:
    uids = [sessions.grow(name, [(f"{name}{n}", n) for n in range(6)], [request(f"r{name}", 3)]) for name in "AB"]
    images, step = [image(db)], None
    for now in range(chance.randint(1, 8)):
        known = [task.id for task in tasks.tasks(db)]
        with journal.change(db, f"change {now}", now):
            for _ in range(chance.randint(1, 3)):
                _change(db, chance, uids, known, now)
        if journal.latest(db, 100) == step:
            assert image(db) == images[-1]
        else:  # also where a change took back itself what it had done
            images.append(image(db))
            step = journal.latest(db, 100)
    for before in reversed(images[:-1]):
        assert journal.undo(db, 100) is not None
        assert image(db) == before
    assert journal.undo(db, 100) is None
    for after in images[1:]:
        assert journal.redo(db, 100) is not None
        assert image(db) == after


def _change(db: sqlite3.Connection, chance: random.Random, uids: list[str], known: list[str], now: int) -> None:
    there = [task.id for task in tasks.tasks(db) if task.id in known]
    first = chance.randint(0, 4)
    kind = chance.randint(0, 7)
    try:
        if kind < 2 or not there:
            tasks.add(
                db, Task("", f"T{chance.random()}", chance.choice([None, f"K-{chance.randint(1, 4)}"]), None, None, now)
            )
        elif kind == 2:
            links.cut_out(db, chance.choice(uids), Span(first, chance.choice([None, first + 1])))
        elif kind == 3:
            tasks.delete(db, chance.choice(there))
        elif kind == 4 and len(there) > 1:
            tasks.merge(db, *chance.sample(there, 2), now)
        elif kind == 5:
            tasks.finish(db, chance.choice(there), chance.choice(["shipped", "learned"]), "", now)
        elif kind == 6:
            rule = rules.add(db, "key", None, f"K-{chance.randint(1, 3)}", chance.choice(there), now)
            rules.hit(db, rule.id, chance.choice(uids), now)
        else:
            links.put(
                db,
                chance.choice(uids),
                chance.choice(there),
                Span(first, chance.choice([None, first + 2])),
                "manual",
                now,
            )
    except (links.Overlap, tasks.TaskThere, rules.RuleThere):
        pass


def test_ac16_everything_is_taken_back_though_rules_link_in_between_and_never_blocks(
    shared_db: sqlite3.Connection,
) -> None:
    """A life of the person's changes, rules applied between them and between the steps back: it ends where it began."""
    for seed in range(40):
        with passing(shared_db) as sessions, told(seed):
            check_way_back(shared_db, sessions, random.Random(seed))


def check_way_back(db: sqlite3.Connection, sessions: Sessions, chance: random.Random) -> None:
    uids = [sessions.grow(name, [(f"{name}{n}", n) for n in range(6)], [request(f"r{name}", 3)]) for name in "AB"]
    empty = image(db)
    for now in range(chance.randint(2, 10)):
        if not chance.randint(0, 4):
            chance.choice([journal.undo, journal.redo])(db, 100)
        known = [task.id for task in tasks.tasks(db)]
        with journal.change(db, f"change {now}", now):
            for _ in range(chance.randint(1, 2)):
                _change(db, chance, uids, known, now)
        _rules_work(db, chance, uids, now)
    after, steps, calm = image(db), 0, chance.randint(0, 1)
    while journal.undo(db, 100) is not None:
        steps += 1
        if not calm:
            _rules_work(db, chance, uids, 50)
    assert image(db) == empty
    for _ in range(steps if calm else 0):
        assert journal.redo(db, 100) is not None
    assert image(db) == (after if calm else empty)


def _rules_work(db: sqlite3.Connection, chance: random.Random, uids: list[str], now: int) -> None:
    """What `rules.do` does to the store, with whatever rules there are."""
    for rule in rules.rules(db):
        session, first = chance.choice(uids), chance.randint(0, 5)
        if rule.paused is not None or (rule.id, session) in rules.overridden(db):
            continue
        for link in links.links(db, [session]):
            if link.source == "rule" and link.turns.last is None and not chance.randint(0, 2):
                links.end(db, link.id, link.turns.first + chance.randint(0, 1))
        try:
            links.put(db, session, rule.task, Span(first, chance.choice([None, first + 1])), "rule", now, rule.id)
        except links.Overlap:
            continue
        rules.hit(db, rule.id, session, now)
        if not chance.randint(0, 9):
            rules.pause(db, rule.id, "often overridden")
