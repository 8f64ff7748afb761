"""The counting cases O1 to O15, one test each, and what else decides how opencode's messages count.

Figures are (input, output, cache write, cache read), as the cases give them.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine
from opencode_logs import NEW_TABLES, TABLES, Data, Database, Place, answer, at, bash, id_of, step, text, tokens, user

from tokentrack.agents import foreign, opencode, opencode_changes, opencode_rows
from tokentrack.agents.reading import cursor_of
from tokentrack.cli.why import _show_proof
from tokentrack.review.health import examine
from tokentrack.review.why import price_of, raw_of, record_of, rule_of, told_at, traced, why
from tokentrack.store import read


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


OLD = tokens(100, 50, 20, 10, reasoning=7)


def test_o01_a_message_file_of_an_old_version_holds_reasoning_in_its_output(machine: Machine, place: Place) -> None:
    place.file("msg_1", answer(figures=OLD))
    place.scan()
    assert machine.figures() == (100, 50, 20, 10)
    assert machine.total().reasoning == 7


def test_o02_the_same_as_a_row(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", answer(figures=OLD))
    place.scan()
    assert machine.figures() == (100, 50, 20, 10)
    assert machine.total().reasoning == 7


@pytest.mark.parametrize("name", ["opencode-beta.db", "opencode-next.db", "opencode-my.branch_1.db"])
def test_o03_the_databases_of_all_channels_are_read(machine: Machine, place: Place, name: str) -> None:
    place.database("opencode.db").message("msg_0", answer(0))
    place.database(name).message("msg_1", answer(1))
    for other in ("opencode.db.backup", "other.db", "opencode.db-copy", "auth.json"):
        (place.folder / other).write_bytes(b"no database")
    report = place.scan()
    assert not report.problems
    assert machine.requests == 2


@pytest.mark.parametrize("first", ["file", "row"])
def test_o04_of_a_file_and_a_row_the_row_counts(machine: Machine, place: Place, first: str) -> None:
    def write(what: str) -> None:
        if what == "file":
            place.file("msg_1", answer(figures=tokens(900, 900, 9, 9)))
        else:
            place.database().message("msg_1", answer(figures=tokens(100, 50, 20, 10)))
        place.scan()

    write(first)
    write("row" if first == "file" else "file")
    assert machine.requests == 1
    assert machine.figures() == (100, 50, 20, 10)


def test_o05_a_prompt_with_tokens_is_no_request(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", user(tokens=tokens()))
    place.file("msg_2", user(tokens=tokens()), session="ses_2")
    place.scan()
    assert machine.requests == 0


@pytest.mark.parametrize("storage", ["file", "row"])
def test_o06_an_answer_of_zeros_lists_the_session_and_counts_nothing(
    machine: Machine, place: Place, storage: str
) -> None:
    failed = answer(figures=tokens(0, 0, reasoning=0), error={"name": "APIError"})
    if storage == "file":
        place.session_file("ses_1")
        place.file("msg_1", failed)
    else:
        database = place.database()
        database.session("ses_1")
        database.session("ses_2", 9)
        database.message("msg_1", failed)
        database.message("msg_2", answer(10), session="ses_2")
    assert not place.scan().problems
    assert machine.sessions["ses_1"].total.requests == 0
    assert machine.sessions["ses_1"].started_at == at()
    assert machine.sessions["ses_1"].tokens_from == "recorded"


@pytest.mark.parametrize("figures", [False, {"tokens": 7}, [], 12, None])
def test_o07_tokens_of_an_unknown_shape_are_not_known_and_no_error(
    machine: Machine, place: Place, figures: object
) -> None:
    place.database().session()
    place.databases[0].message("msg_0", user())
    data = answer(figures=figures) if figures is not None else answer() | {"tokens": None}
    place.databases[0].message("msg_1", data)
    assert not place.scan().problems
    assert machine.requests == 0
    assert machine.sessions["ses_1"].tokens_from == "none"


def test_o08_only_a_total_counts_as_output(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", answer(figures={"total": 123}))
    place.scan()
    assert machine.figures() == (0, 123, 0, 0)
    assert machine.sessions["ses_1"].tokens_from == "derived"


def test_o09_a_total_beside_the_kinds_is_not_added(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", answer(figures=tokens(100, 50, 20, 10, total=180, reasoning=0)))
    place.scan()
    assert machine.figures() == (100, 50, 20, 10)


@pytest.mark.parametrize("storage", ["file", "row"])
@pytest.mark.parametrize("whole", [False, tokens(11, 7, 2, 3)])
def test_o10_steps_count_where_the_message_has_no_tokens_and_never_beside_them(
    machine: Machine, place: Place, storage: str, whole: object
) -> None:
    parts = step(tokens(11, 7, 2, 3), cost=0.25)
    if storage == "file":
        place.file("msg_1", answer(figures=whole), parts)
    else:
        place.database().message("msg_1", answer(figures=whole), parts)
    place.scan()
    assert machine.requests == 1
    assert machine.figures() == (11, 7, 2, 3)


def test_o1_what_a_crash_or_an_editor_puts_around_a_file_is_no_part_of_it(machine: Machine, place: Place) -> None:
    for number, (before, after) in enumerate(((b"\xef\xbb\xbf", b""), (b"", b"\n" + b"\0" * 99))):
        path = place.file(f"msg_{number}", answer(figures=tokens(11, 7, 2, 3)))
        path.write_bytes(before + path.read_bytes() + after)
    assert place.scan().problems == []
    assert (machine.requests, machine.figures()) == (2, (22, 14, 4, 6))


def test_o11_a_message_without_provider_counts(machine: Machine, place: Place) -> None:
    data = answer()
    del data["providerID"]
    place.database().message("msg_1", data)
    place.scan()
    assert machine.figures() == (100, 10, 0, 0)


def test_o12_a_compaction_counts_like_any_other(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", answer(summary=True, mode="compaction"))
    place.scan()
    assert machine.figures() == (100, 10, 0, 0)


def test_o13_a_recorded_cost_stands_beside_the_list_value(machine: Machine, place: Place) -> None:
    database = place.database()
    for number, cost in enumerate([0, 0.0123, None]):
        database.session(f"ses_{number}")
        database.message(f"msg_{number}", answer(number, cost=cost), session=f"ses_{number}")
    place.scan()
    costs = {name: session.total.recorded_cost for name, session in machine.sessions.items()}
    assert costs == {"ses_0": 0, "ses_1": 12_300, "ses_2": None}
    assert {session.total.list_value for session in machine.sessions.values()} == {450}


def test_o14_a_message_without_a_session_row_counts(machine: Machine, place: Place) -> None:
    place.database().message("msg_1", answer(), session="ses_lost")
    place.scan()
    assert machine.sessions["ses_lost"].total.requests == 1


@pytest.mark.parametrize("storage", ["file", "row"])
def test_o15_what_another_session_began_is_its_spend(machine: Machine, place: Place, storage: str) -> None:
    parents = {"ses_root": None, "ses_child": "ses_root", "ses_grandchild": "ses_child"}
    database = place.database() if storage == "row" else None
    for number, (name, parent) in enumerate(parents.items()):
        if database:
            database.session(name, number, parent_id=parent, title=f"Title of {name}")
            database.message(f"msg_u{number}", user(number), text("Look"), session=name)
            database.message(f"msg_{number}", answer(number + 1), session=name)
        else:
            place.session_file(name, number, title=f"Title of {name}", **({"parentID": parent} if parent else {}))
            place.file(f"msg_u{number}", user(number), text("Look"), session=name)
            place.file(f"msg_{number}", answer(number + 1), session=name)
    place.scan()
    assert set(machine.sessions) == {"ses_root"}
    root = machine.sessions["ses_root"]
    assert (root.total.requests, root.turns, root.title) == (3, 1, "Title of ses_root")
    assert [session.native_id for session in read.sessions_like(machine.db, "ses_grandchild")] == ["ses_root"]


# ---- reasoning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "total", "output"),
    [
        ("1.3.15", None, 50),
        ("1.3.16", None, 57),
        ("1.18.33", None, 57),
        ("0.0.0-dev-202611", None, 50),
        ("1.0.1", 187, 57),
        ("1.18.33", 180, 50),
        ("1.18.33", 5, 57),
        ("1.0.1", 5, 50),
    ],
)
def test_reasoning_is_in_the_output_by_the_sum_else_by_version(
    machine: Machine, place: Place, version: str, total: int | None, output: int
) -> None:
    place.database().session(version=version)
    figures = OLD if total is None else OLD | {"total": total}
    place.databases[0].message("msg_1", answer(figures=figures))
    place.scan()
    assert machine.figures() == (100, output, 20, 10)
    assert machine.total().reasoning == 7


def test_reasoning_that_is_larger_than_the_output_cannot_be_in_it(machine: Machine, place: Place) -> None:
    place.file("msg_1", answer(figures=tokens(100, 5, reasoning=7)))
    place.scan()
    assert machine.total().output == 12


# ---- steps, events, forks --------------------------------------------------------------------------------------------


def test_a_message_of_several_steps_is_their_sum(machine: Machine, place: Place) -> None:
    last = tokens(30, 3, 1, 2)
    place.database().message("msg_1", answer(figures=last, cost=0.75), step(tokens(10, 5)), text("x"), step(last))
    place.scan()
    assert machine.requests == 1
    assert machine.figures() == (40, 8, 1, 2)
    assert machine.total().recorded_cost == 750_000


@pytest.mark.parametrize("seen_before", [True, False])
def test_what_was_undone_was_spent(machine: Machine, place: Place, seen_before: bool) -> None:
    database = place.database()
    database.session()
    for number in range(3):
        data = answer(number, figures=tokens(100, 10 + number))
        steps = [step(tokens(100, 10 + number)), *[step(tokens(1, 1))] * (number == 2)]
        database.message(f"msg_{number}", data, *steps)
        database.told(f"msg_{number}", answer(number, tokens(0, 0), done=False))
        database.told(f"msg_{number}", data, *steps)
    if seen_before:
        place.scan()
    database.undo("msg_1")
    database.undo("msg_2")
    database.message("msg_3", answer(9, figures=tokens(7, 7)))  # under the row numbers of those undone
    database.message("msg_4", answer(10, figures=tokens(7, 7)))
    place.scan()
    for full in (False, True):
        place.scan(full=full)
        assert machine.requests == 5
        assert machine.figures() == (315, 48, 0, 0)


def fork(place: Place, names: tuple[str, str] = ("ses_1", "ses_2")) -> dict[str, Data]:
    """What a fork of a session with two answers looks like: the same under new ids, and one answer of its own."""
    own = {"msg_a": answer(1), "msg_b": answer(2)}
    database = place.databases[0] if place.databases else place.database()
    database.session(names[0], 0)
    for name, data in own.items():
        database.message(name, data, step(), session=names[0])
    database.session(names[1], 60, title="Fix the cart (fork #1)")
    database.message("msg_f_u", user(1), text("Fix it"), session=names[1])
    for name, data in own.items():
        database.message(f"{name}_copy", data, step(), session=names[1])
    database.message("msg_f", answer(70), step(), session=names[1])
    return own


def test_a_fork_counts_only_its_own(machine: Machine, place: Place) -> None:
    """Nor does a scan call a fork's copies new requests."""
    fork(place)
    assert place.scan().requests_new == 3
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"ses_1": 2, "ses_2": 1}
    assert machine.requests == 3
    assert machine.sessions["ses_2"].turns == 1  # its prompt was copied as well; what was spent without one is turn 0


def test_a_fork_counts_once_when_its_source_is_deleted(machine: Machine, place: Place) -> None:
    fork(place)
    place.scan()
    place.databases[0].db.execute("delete from message where session_id = 'ses_1'")
    place.databases[0].db.execute("delete from session where id = 'ses_1'")
    for full in (False, True):
        place.scan(full=full)
        assert machine.requests == 3
        assert machine.sessions["ses_1"].total.requests == 2


def test_a_fork_whose_source_was_never_seen_counts_whole(machine: Machine, place: Place) -> None:
    fork(place)
    place.databases[0].db.execute("delete from message where session_id = 'ses_1'")
    place.scan()
    assert machine.requests == 3
    assert machine.sessions["ses_2"].total.requests == 3


@pytest.mark.parametrize("source_first", [True, False])
def test_a_fork_and_its_source_may_be_read_in_any_order(machine: Machine, place: Place, source_first: bool) -> None:
    own = {"msg_a": answer(1), "msg_b": answer(2)}

    def write(session: str) -> None:
        copy = "_copy" if session == "ses_2" else ""
        place.session_file(session, 60 if copy else 0)
        for name, data in own.items():
            place.file(name + copy, data, session=session)
        place.scan()

    for session in ("ses_1", "ses_2") if source_first else ("ses_2", "ses_1"):
        write(session)
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"ses_1": 2, "ses_2": 0}
    place.scan(full=True)
    assert machine.requests == 2


def test_two_answers_alike_are_two_in_one_session_and_one_in_two(machine: Machine, place: Place) -> None:
    """Formats 3.4: what is alike to the millisecond in another session was copied there, whatever the clock said."""
    database = place.database()
    database.session("ses_1")
    database.session("ses_2")
    for name, session in (("msg_a", "ses_1"), ("msg_b", "ses_1"), ("msg_c", "ses_2")):
        database.message(name, answer(1), session=session)
    place.scan()
    assert machine.requests == 2


@pytest.mark.parametrize("storage", ["rows", "files"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_fork_made_after_the_clock_was_set_back_counts_only_its_own(
    machine: Machine, place: Place, storage: str, order: int
) -> None:
    """Formats 3.4: the session is older than what it copied. What was spent stays with the one that spent it."""
    database = place.database() if storage == "rows" else None
    put_session = database.session if database else place.session_file
    put = database.message if database else place.file
    source = [(id_of(t, 1), answer(t), "ses_1") for t in (1, 60)]
    copies = [(id_of(-7200, number), data, "ses_2") for number, (_, data, _) in enumerate(source, 2)]
    own = (id_of(-7100, 1), answer(-7100), "ses_2")
    for native_id, t in [("ses_1", 0), ("ses_2", -7200)][::order]:
        put_session(native_id, t)
        for name, data, session in [*source, *copies, own]:
            if session == native_id:
                put(name, data, step(), session=session)
        place.scan()
    for full in (False, True):
        place.scan(full=full)
        assert {name: session.total.requests for name, session in machine.sessions.items()} == {"ses_1": 2, "ses_2": 1}


@pytest.mark.timeout(5)
@pytest.mark.skipif(os.name != "posix", reason="needs named pipes")
@pytest.mark.parametrize(
    "name", ["message/ses_1/msg_2.json", "part/msg_1/prt_1.json", "session/p1/ses_2.json", "session/p1/ses_1.json"]
)
def test_a_pipe_among_the_files_stops_nothing(machine: Machine, place: Place, name: str) -> None:
    """Opening one waits for ever."""
    place.file("msg_1", answer(), step(tokens(7)))
    place.file("msg_9", answer(2), step(tokens(7)), session="ses_2")
    pipe = place.folder / "storage" / name
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    report = place.scan()
    assert (report.logs, machine.requests, report.problems) == (2, 2, [])
    assert opencode.raw(pipe.parent, 0, pipe.stem) is None


# ---- the second SQLite storage ---------------------------------------------------------------------------------------


def new_answer(t: float = 1, figures: Data | None = None, **fields: Any) -> Data:
    data = answer(t, figures)
    del data["modelID"], data["providerID"], data["mode"], data["path"]
    return data | {"model": {"id": "claude-sonnet-4-5", "providerID": "anthropic"}} | fields


def test_a_row_of_the_new_tables_counts_before_one_of_the_old(machine: Machine, place: Place) -> None:
    database = place.database(shape=f"{TABLES};\n{NEW_TABLES}")
    database.session()
    database.message("msg_1", answer(figures=tokens(900, 900)))
    database.message("msg_2", answer(2))
    database.new_message("msg_1", new_answer(figures=tokens(100, 50, reasoning=7)))
    place.scan()
    assert machine.requests == 2
    assert machine.figures() == (200, 67, 0, 0)


def test_new_tables_alone(machine: Machine, place: Place) -> None:
    database = place.database(shape=NEW_TABLES)
    database._put("session_v2", {"id": "ses_1", "directory": "/w/shop", "title": "Carts", "version": "2.0.1",
                                 "time_created": at(), "time_updated": at()})  # fmt: skip
    database.new_message("msg_0", {"role": "user", "text": "Fix SHOP-12", "time": {"created": at()}})
    state = {"status": "completed", "input": {"command": "git commit -m x"}}
    state["content"] = [{"type": "text", "text": "[main 1a2b3c4] SHOP-13 carts"}]
    content = [{"type": "tool", "name": "bash", "state": state}]
    database.new_message("msg_1", new_answer(figures=tokens(100, 50, 20, 10, reasoning=7), content=content), seq=1)
    database.new_message("msg_2", new_answer(3) | {"tokens": None, "time": {"created": at(3)}}, seq=2)
    place.scan()
    session = machine.sessions["ses_1"]
    assert (session.title, session.cwd, session.turns, session.tokens_from) == ("Carts", "/w/shop", 1, "recorded")
    assert machine.figures() == (100, 57, 20, 10)
    assert machine.marks() == {
        ("key", "SHOP-12", "prompt"), ("commit", "1a2b3c4", "output"), ("key", "SHOP-13", "commit")
    }  # fmt: skip
    database.new_message("msg_2", new_answer(3, tokens(1, 1)), seq=2)
    place.scan()
    assert machine.requests == 2


def test_a_compaction_of_which_no_message_tells_the_tokens_is_told_as_in_part(machine: Machine, place: Place) -> None:
    """Formats 3.4: version 2 adds its spend to the session alone. A fork's copy of it was spent by the source."""
    database = place.database(shape=NEW_TABLES)
    for name, t, boundary in (("ses_1", 0, None), ("ses_2", 9, 2)):
        database._put("session_v2", {"id": name, "directory": "/w", "time_created": at(t), "time_updated": at(t),
                                     "fork_boundary": boundary})  # fmt: skip
        database.new_message(f"{name}_1", new_answer(1), name, 1)
        database.new_message(f"{name}_2", {"role": "compaction", "time": {"created": at(2)}}, name, 2)
        database.new_message(f"{name}_3", new_answer(t + 10), name, 3)
    place.scan()
    assert {name: session.tokens_from for name, session in machine.sessions.items()} == {
        "ses_1": "partial", "ses_2": "recorded"
    }  # fmt: skip


def test_a_fork_in_the_new_tables(machine: Machine, place: Place) -> None:
    database = place.database(shape=NEW_TABLES)
    for name, t, boundary in (("ses_1", 0, None), ("ses_2", 0, 1)):
        database._put("session_v2", {"id": name, "directory": "/w", "time_created": at(t), "time_updated": at(t),
                                     "fork_session_id": "ses_1" if boundary else None, "fork_boundary": boundary})  # fmt: skip
        database.new_message(f"{name}_1", new_answer(1), name, 1)
    database.new_message("own", new_answer(5), "ses_2", 2)
    place.scan()
    assert {name: session.total.requests for name, session in machine.sessions.items()} == {"ses_1": 1, "ses_2": 1}


# ---- files of the first layout, sessions, titles, marks --------------------------------------------------------------


def test_the_oldest_files(machine: Machine, place: Place) -> None:
    base = "project/w-shop/storage/session"
    place.write(
        f"{base}/info/ses_1.json", {"id": "ses_1", "title": "Carts", "version": "0.3.2", "time": {"created": at()}}
    )
    place.write(f"{base}/message/ses_1/msg_0.json", user())
    place.write(f"{base}/part/ses_1/msg_0/prt_1.json", text("Fix SHOP-12"))
    place.write(f"{base}/message/ses_1/msg_1.json", answer(figures=OLD))
    place.write(f"{base}/message/ses_1/msg_2.json", answer(2, False))
    place.write(f"{base}/part/ses_1/msg_2/prt_1.json", step(tokens(5, 6)))
    place.scan()
    assert machine.figures() == (105, 56, 20, 10)
    assert machine.sessions["ses_1"].title == "Carts"
    assert machine.marks() == {("key", "SHOP-12", "prompt")}


def test_archived_and_reverted_sessions_and_answers_without_text_count(machine: Machine, place: Place) -> None:
    database = place.database(shape=TABLES.replace("time_archived", "revert text, time_archived"))
    database.session(time_archived=at(9), revert='{"messageID":"msg_1"}')
    database.message("msg_1", answer())
    place.scan()
    assert machine.requests == 1


def test_titles_turns_folders_and_marks(machine: Machine, place: Place) -> None:
    database = place.database()
    database.session(title=f"New session - 2026-08-06T12:00:00.000Z {at()}")
    database.message("msg_0", user(), text("Fix SHOP-12 please"), text("file", synthetic=True))
    output = "[main 1a2b3c4] SHOP-13: carts\n https://example.test/acme/shop/pull/9"
    database.message("msg_1", answer(), bash("git commit -m x", output), step())
    database.message("msg_2", user(5), {"type": "compaction", "auto": True})
    database.message("msg_3", user(6), text("Continue if you have next steps", synthetic=True))
    place.scan()
    session = machine.sessions["ses_1"]
    assert (session.title, session.cwd, session.turns) == ("Fix SHOP-12 please", "/w/shop", 1)
    assert machine.marks() == {
        ("key", "SHOP-12", "prompt"), ("commit", "1a2b3c4", "output"), ("key", "SHOP-13", "commit"),
        ("url", "https://example.test/acme/shop/pull/9", "output"),
    }  # fmt: skip
    database.session(title="Shopping carts", updated=at(60))
    place.scan()
    assert machine.sessions["ses_1"].title == "Shopping carts"


# ---- rows that change in place ---------------------------------------------------------------------------------------


def change(database: Database, table: str, native_id: str, data: Data, seconds: float) -> None:
    query = f"update {table} set data = ?, time_updated = ? where id = ?"
    database.db.execute(query, [json.dumps(data), at(seconds), native_id])


@pytest.mark.parametrize("new", [False, True])
def test_a_finished_answer_that_changes_is_read_again(machine: Machine, place: Place, new: bool) -> None:
    database = place.database(shape=f"{TABLES};\n{NEW_TABLES}")
    write = database.new_message if new else database.message
    for number in range(3):
        write(f"msg_{number}", answer(number, tokens(100, 50)), **({"seq": number} if new else {}))
    place.scan()
    data = answer(1, tokens(300, 180))
    change(database, "session_message" if new else "message", "msg_1", data, 99)
    write("msg_3", answer(100, tokens(1, 1)), **({"seq": 3} if new else {}))
    for full in (False, True):
        place.scan(full=full)
        assert (machine.requests, machine.figures()) == (4, (501, 281, 0, 0))


@pytest.mark.parametrize("index", ["(session_id)", "(time_updated)"])
def test_an_old_answer_that_changes_is_found_by_an_index(
    machine: Machine, place: Place, monkeypatch: pytest.MonkeyPatch, index: str
) -> None:
    monkeypatch.setattr(opencode_changes, "RECENT", 2)
    database = place.database()
    database.db.execute(f"create index by_it on message {index}")
    database.session()
    for number in range(9):
        database.message(f"msg_{number}", answer(number, tokens(1, 1)))
    place.scan()
    change(database, "message", "msg_0", answer(0, tokens(5, 5)), 99)
    database.session(updated=at(99))
    place.scan()
    assert machine.figures() == (13, 13, 0, 0)


@pytest.mark.parametrize("before", [0, 1])
def test_a_step_that_is_told_after_the_answer_was_finished_counts(machine: Machine, place: Place, before: int) -> None:
    database = place.database()
    database.message("msg_0", answer(0, tokens(1, 1)), *[step(tokens(1, 1))] * before)
    database.message("msg_1", answer(1, tokens(100, 50)))
    place.scan()
    assert machine.figures() == (101, 51, 0, 0)
    row = {"id": "prt_late", "message_id": "msg_1", "session_id": "ses_1", "time_created": at(), "time_updated": at()}
    database._put("part", row | {"data": json.dumps(step(tokens(300, 180)))})
    place.scan()
    assert machine.figures() == (301, 181, 0, 0)


def test_a_damaged_page_behind_what_was_read_does_not_stop_the_reading(machine: Machine, place: Place) -> None:
    database = place.database()
    database.message("msg_0", answer(0), *(text(f"part {number} " + "x" * 900) for number in range(40)))
    database.message("msg_1", answer(1))
    database.db.execute("update message set time_updated = ? where id = 'msg_1'", [at(5000)])
    place.scan()
    database.message("msg_2", answer(2))
    database.db.execute("pragma wal_checkpoint(truncate)")
    (size,) = database.db.execute("pragma page_size").fetchone()
    database.close()
    data = database.path.read_bytes()
    page = data.index(b"part 20 ") // size
    database.path.write_bytes(data[: page * size] + b"\xff" * size + data[(page + 1) * size :])
    with closing(sqlite3.connect(database.path)) as db, pytest.raises(sqlite3.DatabaseError, match="malformed"):
        db.execute("select count(*) from part not indexed where data > ''").fetchone()
    assert not place.scan().problems
    assert machine.requests == 3


def test_what_is_new_is_found_without_going_through_what_is_known(machine: Machine, place: Place) -> None:
    """A step told late is looked for by row numbers and ids: in a database of gigabytes as fast as in a small one."""
    database = place.database()
    database.message("msg_1", answer(1), step(tokens()))
    cursor = opencode_rows.read(database.path, None).cursor
    database.message("msg_2", answer(2), step(tokens()))
    asked: list[str] = []
    with foreign.opened(database.path) as db:
        db.set_trace_callback(asked.append)
        opencode_rows._Reading(db, cursor_of(cursor, opencode_rows.Cursor)).chunk()
        db.set_trace_callback(None)
        plans = [
            row[3] for text in asked if text.startswith("select") for row in db.execute(f"explain query plan {text}")
        ]
    assert any("SEARCH p " in plan for plan in plans)
    assert not [plan for plan in plans if re.match(r"SCAN (p|m|part|message)\b", plan)]


@pytest.mark.parametrize("bad", ['"x"', "-5", "1e999", "[[1]]"])
def test_a_counter_that_cannot_be_read_is_told_and_the_steps_count(machine: Machine, place: Place, bad: str) -> None:
    """O7: what of a record fits is used, and what does not is listed."""
    data = json.dumps(answer(figures=tokens(9, 9, 9, 9))).replace('"input": 9', f'"input": {bad}')
    place.database().message("msg_1", data, step(tokens(100, 50, 20, 10)))
    report = place.scan()
    assert machine.figures() == (100, 50, 20, 10)
    assert [reason for _, reason in report.problems if "counter" in reason]


@pytest.mark.parametrize("field", ["time", "path", "model"])
def test_a_field_of_another_type_does_not_hide_the_message(machine: Machine, place: Place, field: str) -> None:
    """O7: such a field is not known; all others are."""
    place.database().message("msg_1", answer() | {field: "odd"}, step(tokens()))
    assert not place.scan().problems
    assert machine.requests == 1


def test_what_did_not_change_is_not_read_again(machine: Machine, place: Place) -> None:
    """A live database is read every second: only what the last minute brought is looked at again."""
    database = place.database()
    for number in range(9):
        database.message(f"msg_{number}", answer(number), step())
        database.db.execute("update message set time_updated = ? where id = ?", [at(100 * number), f"msg_{number}"])
    log = next(iter(opencode.logs(place.folder)))
    first = opencode.read(log, None)
    second = opencode.read(log, first.cursor)
    assert [request.key for request in second.requests] == ["msg_8"]


# ---- why -------------------------------------------------------------------------------------------------------------


def test_why_shows_the_row_and_what_stands_in_it(machine: Machine, place: Place) -> None:
    database = place.database()
    database.session()
    database.message(
        "msg_1", answer(figures=tokens(30, 3), cost=0.5), step(tokens(10, 5), 0.25), step(tokens(30, 3), 0.25)
    )
    database.told("msg_2", answer(2, tokens(8, 8)), step(tokens(8, 8)))
    place.file("msg_3", answer(3, tokens(9, 9)), session="ses_3")
    place.scan()
    sources = {source.request.key: source for key in ("ses_1", "ses_3") for source in why(machine.db, key).sources}
    assert {source.request.offset for source in sources.values()} == {-1}
    assert Path(sources["msg_1"].log).name == "opencode.db"
    raw = raw_of(sources["msg_1"])
    assert raw is not None
    assert raw["tokens"] == tokens(30, 3)
    assert [entry["tokens"] for entry in raw["steps"]] == [tokens(10, 5), tokens(30, 3)]
    assert raw_of(sources["msg_2"])["tokens"] == tokens(8, 8)
    assert raw_of(sources["msg_3"])["tokens"] == tokens(9, 9)
    assert [rule_of(sources[key])[:7] for key in ("msg_1", "msg_3")] == ["the row", "the mes"]
    assert {key: told_at(source) for key, source in sources.items()} == {
        "msg_1": ("table message, id msg_1", "the row in the tables of version 1; the sum of its steps"),
        "msg_2": (
            "table event, message msg_2",
            "what the events keep of a message that was undone; the sum of its steps",
        ),
        "msg_3": (
            "file msg_3.json",
            "the message's file: no database has this message; its own tokens, no step tells any",
        ),
    }
    record = record_of(traced(sources["msg_2"]))
    assert (record.place, record.rule) == told_at(sources["msg_2"])
    assert price_of(sources["msg_1"]) is not None
    (place.folder / "storage/message/ses_3/msg_3.json").unlink()
    assert raw_of(sources["msg_3"]) is None
    assert told_at(sources["msg_3"]) is None


def test_why_tells_that_a_message_holds_more_than_its_steps(machine: Machine, place: Place) -> None:
    place.database(shape=NEW_TABLES).new_message("msg_1", answer())
    place.databases[0].db.executescript(TABLES)
    place.databases[0].message("msg_2", answer(figures=tokens(30, 3)), step(tokens(10, 1)), step(tokens(1, 1)))
    place.scan()
    rules = {source.request.key: (told_at(source) or ("", ""))[1] for source in why(machine.db, "all").sources}
    assert rules["msg_1"] == "the row in the tables of version 2; its own tokens, no step tells any"
    assert rules["msg_2"].endswith("; its own tokens, which are more than its steps tell")


def test_a_row_that_cannot_be_read_is_told_by_its_name_alone(machine: Machine, place: Place) -> None:
    place.database().message("msg_bad", "{bad")
    place.scan()
    (agent,) = [
        one for one in examine(machine.db, machine.store, machine.home, {})["agents"] if one["agent"] == "opencode"
    ]
    assert [problem["reason"] for problem in agent["problems"]] == ["msg_bad: not a message"]


def test_why_tells_a_counter_that_cannot_be_one(machine: Machine, place: Place) -> None:
    """AC 5, of a row: its problem is told under its own id."""
    place.database().message("msg_1", answer(figures=tokens(-5, 3)))
    place.databases[0].message("msg_12", answer())
    place.scan()
    odd, whole = why(machine.db, "all").sources
    assert (odd.fault, whole.fault) == ("a counter is no number", None)


def test_why_prints_the_table_and_the_rule(machine: Machine, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.database().message("msg_1", answer())
    place.scan()
    _show_proof(why(machine.db, "all").sources[0])
    shown = capsys.readouterr().out
    assert "place  table message, id msg_1\n" in shown
    assert "rule   the row in the tables of version 1; its own tokens, no step tells any\n" in shown
