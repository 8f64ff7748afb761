"""The ledger always balances: every turn belongs to one task, to none on purpose, or is not linked yet; nothing counts twice."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sessions_read import AGENT, UNPRICED, Sessions, passing, request, told

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Total
from tokentrack.store import StoreError, journal, links, open_store, read, tasks, transaction
from tokentrack.store.read import Where
from tokentrack.store.write import session_uid

CASES, MOMENTS = 1000, 8
"""AC 3: so many random states of a store, each life of one looked at so many times."""
BY_KEY = {None: read.NO_TASK, "": read.UNLINKED}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(open_store(tmp_path_factory.mktemp("ledger") / "store.db")) as db:
        with transaction(db), journal.change(db, "", 0):
            pass  # the journal's triggers last as long as the connection, unless they are rolled back
        yield db


class Life:
    """A person and their agents, by chance: sessions grow at both ends and in between, links come, are cut and go."""

    def __init__(self, sessions: Sessions, chance: random.Random) -> None:
        self.db, self.sessions, self.chance = sessions.db, sessions, chance
        self.names = [f"S{n}" for n in range(chance.randint(1, 4))]
        self.uids = [sessions.grow(name) for name in self.names]
        self.tasks: list[str] = []
        self.now = self.number = 0
        for _ in range(2):
            self.add_task()

    def act(self) -> None:
        self.now += 1
        actions = [self.read, self.read, self.link, self.link, self.link, self.cut, self.change_tasks, self.way_back]
        self.chance.choice(actions)()

    def read(self) -> None:
        """More of a log: prompts and requests of any time, copies of a fork, a sub-agent's session found to be one."""
        name = self.chance.choice(self.names)
        prompts = [(self.next("p"), self.time()) for _ in range(self.chance.randint(0, 3))]
        requests = [
            request(
                self.next("r"), self.chance.choice([self.time(), self.time(), None]), self.chance.randint(0, 9),
                model=self.chance.choice(["known", "known", UNPRICED]),
            )
            for _ in range(self.chance.randint(0, 4))
        ]  # fmt: skip
        if self.chance.random() < 0.2:  # a prompt that is known, told at another time: they may change places
            prompts.append((f"p{self.chance.randint(0, self.number)}", self.time()))
        if self.number and self.chance.random() < 0.3:
            requests.append(
                request(f"r{self.chance.randint(0, self.number)}", self.time(), 5, claim=self.chance.randint(0, 2))
            )
        children: tuple[str, ...] = ()
        if self.chance.random() < 0.1 and len(self.names) > 1:
            child = self.names.pop(self.chance.choice([n for n, other in enumerate(self.names) if other != name]))
            self.uids.remove(session_uid(AGENT, child))
            children = (child,)
        self.sessions.grow(name, prompts, requests, subagents=children)

    def link(self) -> None:
        first = self.chance.choice([0, 0, self.chance.randint(0, 6)])
        last = self.chance.choice([None, first + self.chance.randint(0, 4)])
        task = self.chance.choice([*self.tasks, None])
        with journal.change(self.db, "link", self.now), suppress(links.Overlap):
            links.put(self.db, self.chance.choice(self.uids), task, Span(first, last), "manual", self.now)

    def cut(self) -> None:
        first = self.chance.randint(0, 5)
        with journal.change(self.db, "cut", self.now):
            links.cut_out(
                self.db, self.chance.choice(self.uids), Span(first, self.chance.choice([None, first, first + 2]))
            )

    def change_tasks(self) -> None:
        with journal.change(self.db, "tasks", self.now):
            self.chance.choice([self.add_task, self.delete_task, self.merge_tasks])()
        self.tasks = [task.id for task in tasks.tasks(self.db)]

    def way_back(self) -> None:
        with suppress(journal.NoWayBack):
            self.chance.choice([journal.undo, journal.redo])(self.db, self.now)
        self.tasks = [task.id for task in tasks.tasks(self.db)]

    def add_task(self) -> None:
        self.tasks.append(tasks.add(self.db, Task("", self.next("T"), None, None, None, self.now)).id)

    def delete_task(self) -> None:
        if self.tasks:
            tasks.delete(self.db, self.chance.choice(self.tasks))

    def merge_tasks(self) -> None:
        if len(self.tasks) > 1:
            tasks.merge(self.db, *self.chance.sample(self.tasks, 2), self.now)

    def next(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def time(self) -> int:
        return self.chance.randint(0, 50)


def by_hand(db: sqlite3.Connection, until: int | None = None) -> dict[str | None, list[int]]:
    """Task ▶ [requests, known micro-dollars, unpriced requests], added up request by request without the store's own sums."""
    sessions = dict(db.execute("select id, uid from sessions").fetchall())
    linked = links.by_session(db)
    found: dict[str | None, list[int]] = {}
    for row in db.execute("select session_id, turn, at, list_value from requests where session_id > 0"):
        if until is not None and (row["at"] is None or row["at"] >= until):
            continue
        of = [link.task for link in linked.get(sessions[row["session_id"]], []) if link.turns.holds(row["turn"])]
        assert len(of) < 2
        sums = found.setdefault(of[0] if of else "", [0, 0, 0])
        for place, one in enumerate((1, row["list_value"] or 0, int(row["list_value"] is None))):
            sums[place] += one
    return found


def figures(total: Total) -> list[int]:
    return [total.requests, total.list_value or 0, total.unpriced_requests]


def test_ac3_tasks_and_no_task_and_unlinked_add_up_to_the_total(db: sqlite3.Connection) -> None:
    """Exactly, for any set of sessions and links, at any moment of their life; AC 4: no two links of a session overlap."""
    for seed in range(CASES // MOMENTS):
        chance = random.Random(seed)
        with passing(db) as sessions, told(seed):
            life = Life(sessions, chance)
            for _ in range(MOMENTS):
                for _ in range(chance.randint(1, 4)):
                    life.act()
                check_sums(db, life, chance.randint(0, 50))


def check_sums(db: sqlite3.Connection, life: Life, cut: int) -> None:
    """Of everything, and of what was before and after `cut`."""
    everything = read.total(db, Where())
    found = tasks.totals(db)
    assert sum(found.values(), Total()) == everything
    assert {key: figures(total) for key, total in found.items()} == by_hand(db)
    assert dict(read.totals_by(db, "task", Where())) == {BY_KEY.get(key, key): total for key, total in found.items()}
    assert sum(dict(read.totals_by(db, "outcome", Where())).values(), Total()) == everything
    count, unlinked = read.unlinked(db)
    waiting = links.waiting(db)
    parts = links.totals_of(db, waiting)
    assert sum(parts, Total()) == unlinked == found.get("", Total())
    assert all(part.requests for part in parts)
    assert len({session for session, _ in waiting}) == count
    for task in life.tasks:
        assert sum((total for _, total in links.linked_totals(db, task)), Total()) == found.get(task, Total())
    before, after = tasks.totals(db, until=cut), dict(read.totals_by(db, "task", Where(cut)))
    assert {key: figures(total) for key, total in before.items()} == by_hand(db, cut)
    assert sum((*before.values(), *after.values()), Total()) == read.total(db, Where(0))
    for of_session in links.by_session(db).values():
        for one, other in pairwise(of_session):
            assert not one.turns.meets(other.turns)
            assert one.turns.last is not None
            assert one.turns.last < other.turns.first


def owners(db: sqlite3.Connection, uid: str) -> dict[str, str | None]:
    """Prompt ▶ the task that its turn is linked to, "" where to none."""
    rows = db.execute(
        "select t.native_id, t.seq from turns t join sessions s on s.id = t.session_id where s.uid = ?", [uid]
    )
    linked = links.links(db, [uid])
    return {name: next((link.task for link in linked if link.turns.holds(seq)), "") for name, seq in rows}


def test_ac21_links_keep_their_prompts_whatever_the_session_comes_to_hold(db: sqlite3.Connection) -> None:
    """Prompts may be found before, between and after those that were known, and the log may be read anew."""
    for seed in range(60):
        with passing(db) as sessions, told(seed):
            check_prompts_kept(db, sessions, random.Random(seed))


def check_prompts_kept(db: sqlite3.Connection, sessions: Sessions, chance: random.Random) -> None:
    times = chance.sample(range(1000), 12)
    known = [(f"p{at}", at) for at in times[: chance.randint(2, 8)]]
    uid = sessions.grow("S", known)
    cuts = sorted(chance.sample(range(len(known) + 1), min(len(known), chance.randint(2, 4))))
    keys = [tasks.add(db, Task("", f"T{n}", None, None, None, 0)).id for n in range(len(cuts))]
    for key, (first, after) in zip(keys, pairwise(cuts), strict=False):
        if chance.random() < 0.8:
            open_end = after == cuts[-1] and chance.random() < 0.5
            links.put(db, uid, key, Span(first, None if open_end else after - 1), "manual", 0)
    before = owners(db, uid)
    sessions.grow("S", [(f"p{at}", at) for at in times[8:10]], [request("r1", 5)])
    sessions.grow("S", [*known, *((f"p{at}", at) for at in times[10:])])
    after_all = owners(db, uid)
    assert {name: after_all[name] for name in before} == before
    ordered = sorted(after_all, key=lambda name: int(name[1:]))
    for place, name in enumerate(ordered):  # what is new belongs to what it follows, or to nothing
        known_before = [other for other in ordered[:place] if other in before]
        if name not in before and known_before:
            assert after_all[name] in (before[known_before[-1]], "")


# ---- cases -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(empty_store: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    shutil.copy(empty_store, tmp_path / "store.db")
    with closing(open_store(tmp_path / "store.db")) as db:
        yield db


def session(db: sqlite3.Connection, turns: int = 4, name: str = "S") -> str:
    """A session with a request of 10 tokens in each of its turns."""
    return Sessions(db).grow(
        name,
        [(f"{name}p{n}", 10 * n) for n in range(turns)],
        [request(f"{name}r{n}", 10 * n + 1, 10) for n in range(turns)],
    )


def add(db: sqlite3.Connection, title: str = "Refunds", key: str | None = "PAY-12", **more: object) -> str:
    return tasks.add(db, Task("", title, key, None, "/w/shop", 5, **more)).id


def spans(db: sqlite3.Connection, uid: str) -> list[tuple[int, int | None, str | None]]:
    return [(*link.turns, link.task) for link in links.links(db, [uid])]


def test_ac4_the_database_itself_refuses_overlapping_ranges(fresh: sqlite3.Connection) -> None:
    uid, task = session(fresh), add(fresh)
    links.put(fresh, uid, task, Span(1, 2), "manual", 0)
    plain = "insert into links (session_id, task_id, turn_from, turn_to, source, created_at) values (1, 1, ?, ?, 'manual', 0)"
    for first, last in ((2, 3), (0, None), (1, 1), (0, 1), (2, None)):
        with pytest.raises(sqlite3.IntegrityError, match="a turn belongs to one task"):
            fresh.execute(plain, [first, last])
    fresh.execute(plain, [3, None])
    with pytest.raises(sqlite3.IntegrityError, match="a turn belongs to one task"):
        fresh.execute("update links set turn_from = 2 where turn_from = 3")
    assert spans(fresh, uid) == [(1, 2, task), (3, None, task)]


def test_a_turn_that_is_linked_is_not_linked_again_and_the_sentence_says_to_what(fresh: sqlite3.Connection) -> None:
    uid, task, other = session(fresh), add(fresh), add(fresh, "Other", None)
    made = links.put(fresh, uid, task, Span(1, 2), "manual", 0)
    assert links.put(fresh, uid, task, Span(1, 2), "manual", 9) == made  # the very same changes nothing
    said = r"^Turns 1\.\.2 of “.+” are already linked to PAY-12 Refunds; unlink them first\.$"
    with pytest.raises(links.Overlap, match=said) as refused:
        links.put(fresh, uid, other, Span(2, None), "manual", 9)
    assert refused.value.command == f"`tokentrack unlink {uid} --turns 1..2`"
    with pytest.raises(links.Overlap):
        links.put(fresh, uid, task, Span(1, 3), "manual", 9)
    links.put(fresh, uid, None, Span(3, None), "manual", 9)
    with pytest.raises(links.Overlap, match="no task, on purpose"):
        links.put(fresh, uid, task, Span(4, 4), "manual", 9)
    assert spans(fresh, uid) == [(1, 2, task), (3, None, None)]


def test_ac21_a_cut_before_a_prompt_moves_exactly_the_turns_from_there_on_and_stays_right(
    fresh: sqlite3.Connection,
) -> None:
    """Sub-agents' usage lies in the turn in which it ran, and moves with it."""
    uid, one, other = session(fresh), add(fresh), add(fresh, "Webhooks", "PAY-13")
    writer = Sessions(fresh)
    writer.grow("S", (), [request("sub", 25, 1000)], log="/logs/S/subagents/agent-1.jsonl")
    links.put(fresh, uid, one, Span(), "manual", 0)
    assert links.cut_out(fresh, uid, Span(2)) == 1
    links.put(fresh, uid, other, Span(2), "manual", 0)
    assert {key: total.input for key, total in tasks.totals(fresh).items()} == {one: 20, other: 1020}
    writer.grow("S", [("Sp9", 90)], [request("Sr9", 91, 500), request("sub2", 15, 3)])
    assert {key: total.input for key, total in tasks.totals(fresh).items()} == {one: 23, other: 1520}
    writer.grow("S", [("Sp-1", 5)])  # an older prompt is found: every number moves
    assert spans(fresh, uid) == [(0, 2, one), (3, None, other)]
    assert {key: total.input for key, total in tasks.totals(fresh).items()} == {one: 23, other: 1520}


def test_a_link_that_ended_with_its_session_does_not_grow_with_it(fresh: sqlite3.Connection) -> None:
    uid, task = session(fresh), add(fresh)
    links.put(fresh, uid, task, Span(2, 3), "manual", 0)
    Sessions(fresh).grow("S", [("later", 99), ("earlier", 5)], [request("r", 100)])
    assert spans(fresh, uid) == [(3, 4, task)]
    assert links.waiting(fresh) == [(uid, Span(0, 2)), (uid, Span(5))]


def test_links_to_turns_that_are_not_there_yet_wait_for_them(fresh: sqlite3.Connection) -> None:
    uid, task = session(fresh, 2), add(fresh)
    links.put(fresh, uid, task, Span(3, 9), "manual", 0)
    Sessions(fresh).grow("S", [(f"Sp{n}", 10 * n) for n in range(2, 12)])
    assert spans(fresh, uid) == [(3, 9, task)]
    Sessions(fresh).grow("S", [("first", -5)])
    assert spans(fresh, uid) == [(4, 10, task)]


def test_a_session_taken_up_as_a_sub_agents_brings_its_links_to_the_turns_in_which_it_ran(
    fresh: sqlite3.Connection,
) -> None:
    parent, task, other = session(fresh), add(fresh), add(fresh, "Other", None)
    writer = Sessions(fresh)
    child = writer.grow("C", (), [request("c1", 13, 100), request("c2", 22, 100), request("c3", 31, 100)])
    links.put(fresh, child, task, Span(), "suggested", 7)
    links.put(fresh, parent, other, Span(2, 2), "manual", 8)
    links.reject(fresh, child, other, 9)
    writer.grow("S", subagents=("C",))
    assert spans(fresh, parent) == [(1, 1, task), (2, 2, other), (3, 3, task)]
    assert {link.source for link in links.links(fresh, task=task)} == {"suggested"}
    assert links.rejections(fresh) == {(parent, other)}
    assert [(uid, *turns) for uid, turns in links.waiting(fresh)] == [(parent, 0, 0)]
    assert sum(tasks.totals(fresh).values(), Total()) == read.total(fresh, Where())


def test_a_forks_copies_stay_with_the_session_that_made_the_calls(fresh: sqlite3.Connection) -> None:
    """AC 21: both sessions have the prompt, one of them its requests; the link follows the session, and the sum balances."""
    first, one = session(fresh), add(fresh)
    fork = Sessions(fresh).grow(
        "F", [("Sp0", 0), ("own", 500)], [request("Sr0", 1, 10, claim=1), request("f", 501, 3)], began=400
    )
    links.put(fresh, first, one, Span(), "manual", 0)
    links.put(fresh, fork, None, Span(), "manual", 0)
    assert {key: total.input for key, total in tasks.totals(fresh).items()} == {one: 40, None: 3}


def test_what_waits_is_told_without_a_look_at_whole_sessions(fresh: sqlite3.Connection) -> None:
    """The newest first; a part without usage waits for nothing."""
    old, new = session(fresh, name="A"), session(fresh, 6, name="B")
    quiet = Sessions(fresh).grow("Q", [("q", 3)])
    assert links.waiting(fresh) == [(new, Span()), (old, Span())]
    assert quiet not in dict(links.waiting(fresh))
    task = add(fresh)
    links.put(fresh, new, task, Span(2, 3), "manual", 0)
    links.put(fresh, old, task, Span(), "manual", 0)
    Sessions(fresh).grow("B", [("silent", 99)])
    assert links.waiting(fresh) == [(new, Span(0, 1)), (new, Span(4))]
    assert links.waiting(fresh, until=-1) == []
    assert links.unlinked_turns(7, links.links(fresh, [new])) == 5
    assert read.unlinked(fresh)[0] == 1


def test_ac8_use_elsewhere_changes_no_task(fresh: sqlite3.Connection) -> None:
    task = add(fresh)
    links.put(fresh, session(fresh), task, Span(0, 2), "manual", 0)
    before = tasks.totals(fresh)[task]
    session(fresh, 9, "X")
    assert tasks.totals(fresh)[task] == before
    assert Counter(map(bool, tasks.totals(fresh))) == {True: 1, False: 1}


def test_names_of_what_is_gone_end_in_a_sentence(fresh: sqlite3.Connection) -> None:
    with pytest.raises(StoreError, match=r"There is no session nobody any more; nothing was changed\."):
        links.put(fresh, "nobody", None, Span(), "manual", 0)
    with pytest.raises(StoreError, match="There is no task nobody"):
        links.put(fresh, session(fresh), "nobody", Span(), "manual", 0)
