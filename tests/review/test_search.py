"""Search: what was written is found wherever it stands, and what was changed or taken back is no longer found as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing as leaving
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions_read import Sessions, request
from worlds import few

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.review.search import expression_of, search
from tokentrack.store import journal, migrations, open_store, reviews, tasks
from tokentrack.store.reviews import Draft

SINCE = clock.start_of(date(2026, 11, 16))
HOUR = 3_600_000
NOW = SINCE


@pytest.fixture(scope="module")
def db(store: sqlite3.Connection) -> sqlite3.Connection:
    """Of the whole file: one test asks it for many examples."""
    return store


def task(db: sqlite3.Connection, title: str, key: str | None = None, **more: object) -> str:
    return tasks.add(db, Task("", title, key, None, None, SINCE, **more)).id


def session(sessions: Sessions, name: str, title: str | None) -> str:
    return sessions.grow(name, [(name, SINCE)], [request(name, SINCE + 1)], title=title)


def found(db: sqlite3.Connection, words: str) -> list[tuple[str, str]]:
    return [(hit.kind, hit.id) for hit in search(db, words)]


def test_a_name_is_found_however_its_umlauts_are_typed(db: sqlite3.Connection, sessions: Sessions) -> None:
    """What is there as it was typed comes first; only else it may be meant otherwise."""
    one = task(db, "Refunds for Müller, Hauptstraße")
    other = task(db, "Invoices for Goethe and Strasser")
    for words in ("mueller", "Muller", "müller refunds", "MUELLER hauptstrasse", "Müller Hauptstraße"):
        assert found(db, words) == [("task", one)], words
    for words in ("goethe", "göthe", "Straßer"):
        assert found(db, words) == [("task", other)], words
    assert found(db, "strasse") == [("task", other)]


def test_everything_the_person_wrote_is_found(sessions: Sessions, db: sqlite3.Connection) -> None:
    """What did I learn about X has an answer."""
    one = task(db, "Bulk refund import", "PAY-12", note="finance uploads a month")
    spike = task(db, "Spike")
    tasks.finish(db, spike, "learned", "Kafka keeps the order by key alone.", SINCE + HOUR)
    tasks.finish(db, one, "shipped", "refunds of a month in one file", SINCE + 2 * HOUR)
    talked = session(sessions, "S", "Refund importer, part two")
    reviews.keep(db, Draft("2026-W47", note="Split the refund sooner", intent="Ask for logs first"), SINCE)
    assert set(found(db, "refund")) == {("task", one), ("outcome", one), ("session", talked), ("week", "2026-W47")}
    assert found(db, "kafka order") == [("learned", spike)]
    assert found(db, "pay-12") == [("task", one)]
    assert found(db, "logs FIRST") == [("week", "2026-W47")]
    assert found(db, "import refund bulk") == [("task", one)]  # in any order, beginnings too
    assert found(db, "refund kafka") == []
    (hit,) = search(db, "kafka")
    assert hit == ("learned", spike, "Spike", "Kafka keeps the order by key alone.", SINCE + HOUR)
    assert len(search(db, "refund", 2)) == 2
    assert found(db, "refund")[0][0] in ("task", "session")  # a title weighs more


def test_accents_and_case_do_not_matter_and_other_scripts_are_found(sessions: Sessions, db: sqlite3.Connection) -> None:
    one = task(db, "Über Größe naïve Ελληνικά проверка 注文")
    for words in ("uber", "größe", "NAIVE", "ελλην", "Провер", "注文"):
        assert found(db, words) == [("task", one)], words


def test_the_words_follow_every_change_and_its_undoing(sessions: Sessions, db: sqlite3.Connection) -> None:
    one = task(db, "Carts")
    tasks.edit(db, one, title="Baskets", key="SHOP-1")
    assert (found(db, "carts"), found(db, "shop-1 baskets")) == ([], [("task", one)])
    with journal.change(db, "Learned", SINCE):
        tasks.finish(db, one, "learned", "Unobtainium", SINCE)
    assert found(db, "unobtainium") == [("learned", one)]
    journal.undo(db, SINCE)
    assert found(db, "unobtainium") == []
    journal.redo(db, SINCE)
    other = task(db, "Other")
    tasks.merge(db, other, one, SINCE)
    assert found(db, "unobtainium") == [("learned", other)]
    with journal.change(db, "Deleted", SINCE):
        tasks.delete(db, other)
    assert found(db, "other") == found(db, "unobtainium") == []
    journal.undo(db, SINCE)
    assert found(db, "other") == [("task", other)]
    name = session(sessions, "S", "first name")
    db.execute("update sessions set title = 'second name' where uid = ?", [name])
    assert (found(db, "first"), found(db, "second")) == ([], [("session", name)])
    sessions.grow("named", title="quiet thing", began=None)  # named, never used: in no list, so not found
    assert found(db, "quiet") == []
    reviews.keep(db, Draft("2026-W46", note="draft"), SINCE)
    reviews.keep(db, Draft("2026-W46", note="again"), SINCE)
    assert (found(db, "draft"), found(db, "again")) == ([], [("week", "2026-W46")])


@pytest.mark.parametrize("words", ["", "  ", '"', "* - ( )", "\0", "'", "^", "…"])
def test_nothing_to_look_for_finds_nothing(db: sqlite3.Connection, words: str) -> None:
    assert search(db, words) == []


@pytest.mark.parametrize(
    "words", ['pay" OR "x', "NEAR(a b)", "title:pay", "a AND NOT b", "pay*", "{title}: x", "-pay", "a\0b"]
)
def test_nothing_typed_is_an_operator(sessions: Sessions, db: sqlite3.Connection, words: str) -> None:
    task(db, "Pay")
    assert found(db, words) in ([], [("task", found(db, "pay")[0][1])])


@given(st.text("aÀé注🛒 NEARND\0\n\"'*-+^:;(){}…", max_size=40))
@few
def test_any_text_can_be_searched(db: sqlite3.Connection, words: str) -> None:
    assert search(db, words) == []
    assert expression_of(words).count('"') % 2 == 0


def test_a_store_that_had_words_before_the_search_came_has_them_in_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("before") / "store.db"
    with leaving(sqlite3.connect(path, isolation_level=None)) as old:
        migrations.apply(old, until="m013_search")
        old.row_factory = sqlite3.Row
        one = task(old, "Old task", "PAY-1", note="told")
        tasks.finish(old, one, "learned", "old lesson", SINCE)
        name = session(Sessions(old), "S", "old talk")
        reviews.keep(old, Draft("2026-W46", note="old note"), SINCE)
    with leaving(open_store(path)) as db:
        assert set(found(db, "old")) == {("task", one), ("learned", one), ("session", name), ("week", "2026-W46")}
